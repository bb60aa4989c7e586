//! `plotrt new`: a script to begin with.

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
    if path.exists() {
        return Err(Error::file(format!("`{}` exists already", path.display())).hint("choose another name").into());
    }
    let name = path.display().to_string();
    let text = args.template.text().replace("NAME", &name);
    let mut file = AtomicFile::create(&path)?;
    file.write_all(text.as_bytes())
        .map_err(|e| Error::file(format!("cannot write `{name}`: {e}")).hint("check the path and the disk"))?;
    file.commit()?;
    let next = match args.template {
        Template::Batch => format!("plotrt render {name} --out ."),
        _ => format!("plotrt run {name}"),
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
