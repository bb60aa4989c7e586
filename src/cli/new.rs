//! `plotrt new`: writes a script to begin with.

use super::args::{NewArgs, Template};
use super::{Outcome, report};
use crate::output::AtomicFile;
use crate::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};

impl Template {
    fn text(self) -> &'static str {
        match self {
            Template::Animation => include_str!("templates/animation.rhai"),
            Template::Scatter => include_str!("templates/scatter.rhai"),
            Template::Surface => include_str!("templates/surface.rhai"),
            Template::Batch => include_str!("templates/batch.rhai"),
        }
    }
}

pub fn run(args: &NewArgs) -> Outcome {
    let path = script_path(&args.name)?;
    let name = path.display().to_string();
    // The path as typed: the comments and the last line are for pasting.
    let typed = if name.contains(' ') { format!("'{name}'") } else { name.clone() };
    let text = args.template.text().replace("NAME", &typed);
    let mut file = AtomicFile::create(&path)?;
    file.write_all(text.as_bytes())
        .map_err(|e| Error::file(format!("cannot write `{name}`: {e}")).hint("check the path and the disk"))?;
    if !file.commit_new()? {
        return Err(Error::file(format!("`{name}` exists already")).hint("choose another name").into());
    }
    let next = match args.template {
        Template::Batch => format!("plotrt render {typed} --out ."),
        _ => format!("plotrt run {typed}"),
    };
    report::note(&format!("wrote {name}; next: {next}"));
    Ok(())
}

/// The file for a name with or without its ending.
fn script_path(name: &Path) -> Result<PathBuf> {
    let Some(file) = name.file_name().map(|file| file.to_string_lossy().into_owned()) else {
        return Err(Error::usage(format!("`{}` is no name of a file", name.display())).hint("write `plotrt new wave`"));
    };
    Ok(if file.ends_with(".rhai") { name.to_path_buf() } else { name.with_file_name(format!("{file}.rhai")) })
}
