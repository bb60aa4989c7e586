//! Converts arguments as typed into the configuration of engine, script and device.

use super::args::{LimitArgs, SharedArgs};
use super::{log, report};
use crate::device::{self, Device, DeviceChoice};
use crate::engine::{EngineConfig, Mode};
use crate::script::{Limits, Permissions, Script, ScriptOptions, load_params};
use crate::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that a run needs.
pub struct Setup {
    pub script: Arc<Script>,
    pub device: Box<dyn Device>,
    pub config: EngineConfig,
}

/// Reads the script and opens the device. The script's own files go into `out_dir`; `linear` requests linear values.
pub fn set_up(args: &SharedArgs, mode: Mode, out_dir: &Path, linear: bool) -> Result<Setup> {
    log::start(&args.output);
    let permissions = permissions(&args.script, out_dir, &args.allow_read, &args.allow_write)?;
    // The last one wins, so that what was typed comes last.
    let mut sets = args.params.as_deref().map(load_params).transpose()?.unwrap_or_default();
    sets.extend_from_slice(&args.sets);
    let options =
        ScriptOptions { seed: args.seed, threads: args.threads, ..options(&sets, &args.limits, &permissions) };
    let script = Script::load(&args.script, options)?;
    let device = open_device(&args.device, args.threads, args.output.quiet)?;
    let config = EngineConfig {
        passes: args.passes,
        size: args.size.map(|size| (size.0, size.1)),
        seed: args.seed,
        lock_noise: args.lock_noise,
        linear,
        permissions,
        ..EngineConfig::new(mode)
    };
    let config = EngineConfig { most_rounds: args.fps.unwrap_or(config.most_rounds), ..config };
    Ok(Setup { script, device, config })
}

/// The options of the script.
pub fn options(sets: &[(String, String)], limits: &LimitArgs, permissions: &Arc<Permissions>) -> ScriptOptions {
    let defaults = Limits::default();
    let limits = Limits {
        max_operations: limits.max_operations,
        arrays: limits.max_memory.unwrap_or(defaults.arrays),
        ..defaults
    };
    ScriptOptions { sets: sets.to_vec(), limits, permissions: Arc::clone(permissions), ..ScriptOptions::default() }
}

/// Folders that a script may access: its own, the output folder, and those of the flags.
pub fn permissions(
    script: &Path,
    out_dir: &Path,
    allow_read: &[PathBuf],
    allow_write: &[PathBuf],
) -> Result<Arc<Permissions>> {
    let own = match script.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut read = vec![own.to_path_buf()];
    for folder in allow_read {
        read.push(existing("--allow-read", folder)?);
    }
    let mut write = vec![out_dir.to_path_buf()];
    for folder in allow_write {
        write.push(existing("--allow-write", folder)?);
    }
    Ok(Arc::new(Permissions { out_dir: out_dir.to_path_buf(), read, write, dry_run: false }))
}

fn existing(flag: &str, folder: &Path) -> Result<PathBuf> {
    if folder.is_dir() {
        return Ok(folder.to_path_buf());
    }
    Err(Error::usage(format!("`{flag} {}`: there is no such folder", folder.display()))
        .hint("name a folder that exists"))
}

/// Opens the device, and reports which one `auto` took and why no better one.
fn open_device(choice: &DeviceChoice, threads: usize, quiet: bool) -> Result<Box<dyn Device>> {
    if *choice != DeviceChoice::Auto {
        return device::open(choice, threads);
    }
    let (device, passed_over) = device::open_best(threads)?;
    let info = device.info();
    let mut line = format!("device: {} ({})", info.id, info.name);
    if let Some(error) = passed_over {
        line += &format!("; {}", error.message);
    }
    if !quiet {
        report::note(&line);
    }
    Ok(device)
}
