//! `plotrt run`: the window.

use super::args::RunArgs;
use super::config::{Setup, set_up};
use super::{Outcome, interrupt, report};
use crate::engine::{Engine, Mode};
use crate::output::{Screen, WindowStyle, check_display, open_window};
use crate::viewer::{Terminal, Viewer, ViewerOptions};
use crate::{Error, Result};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub fn run(args: &RunArgs) -> Outcome {
    check_display()?;
    let shared = &args.shared;
    let Setup { script, device, config } = set_up(shared, Mode::Interactive, Path::new("."), false)?;
    let stats = args.stats.as_deref().map(stats_file).transpose()?;
    let stem = shared.script.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let params_file = match &shared.params {
        Some(path) => path.clone(),
        None => shared.script.with_file_name(format!("{stem}.params.json")),
    };
    let info = device.info();
    let options = ViewerOptions {
        name: shared.script.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        size: shared.size.map(|size| (size.0, size.1)),
        still: args.still.map(|size| (size.0, size.1)),
        still_passes: args.still_passes,
        params_file,
        call_file: shared.script.with_file_name(format!("{stem}.camera.rhai")),
        stats,
        folder: PathBuf::new(),
        device: format!("{} ({})", info.id, info.name),
        stem,
    };
    let engine = Engine::start(script.clone(), device, config)?;
    let stop = engine.stop_handle();
    interrupt::on_interrupt(move || stop.interrupt());
    let style = WindowStyle { scale: args.scale, aspect: args.aspect.into() };
    let open = |name: &str, size| Ok(Box::new(open_window(name, size, style)?) as Box<dyn Screen>);
    Ok(Viewer::new(engine, script, options, Box::new(open), &CommandLine).run()?)
}

/// Messages of the viewer, on the terminal.
struct CommandLine;

impl Terminal for CommandLine {
    fn note(&self, text: &str) {
        report::note(text);
    }
    fn error(&self, error: &Error) {
        report::error(error);
    }
    fn warning(&self, warning: &Error) {
        report::warning(warning);
    }
    fn result(&self, text: &str) {
        // A lost terminal is reported at the end, where it matters.
        let _ = report::result(&format!("{text}\n"));
    }
}

/// Opens the file of `--stats`, which grows line by line.
fn stats_file(path: &Path) -> Result<(Box<dyn Write>, String)> {
    let name = path.display().to_string();
    let file = File::create(path)
        .map_err(|e| Error::file(format!("cannot write `{name}`: {e}")).hint("choose another file for `--stats`"))?;
    Ok((Box::new(BufWriter::new(file)), name))
}
