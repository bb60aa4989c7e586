//! `plotrt api`: what scripts can call, from the table that registers it.

use super::args::ApiArgs;
use super::{Outcome, report};
use crate::output::AtomicFile;
use crate::script::api;
use crate::{Error, Result};
use std::io::Write;
use std::path::Path;

/// The file that `--definitions` writes.
const DEFINITIONS: &str = "plotrt.d.rhai";

pub fn run(args: &ApiArgs) -> Outcome {
    if let Some(folder) = &args.definitions {
        return Ok(write_definitions(folder)?);
    }
    let text = match (&args.name, args.markdown) {
        (Some(name), _) => api::look_up(name)?,
        (None, true) => api::reference(),
        (None, false) => api::list(),
    };
    Ok(report::result(&text)?)
}

fn write_definitions(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|e| {
        Error::file(format!("cannot make the folder `{}`: {e}", folder.display())).hint("choose another folder")
    })?;
    let path = folder.join(DEFINITIONS);
    let mut file = AtomicFile::create(&path)?;
    file.write_all(api::definitions().as_bytes()).map_err(|e| {
        Error::file(format!("cannot write `{}`: {e}", path.display())).hint("check the path and the disk")
    })?;
    file.commit()?;
    report::note(&format!("wrote {}", path.display()));
    Ok(())
}
