//! Chooses the denoiser of a chain on a device, and holds the one that both devices share.
//!
//! plotrt's own denoiser is in `kernels/film/denoise.h`, and OptiX's is part of the OptiX device.

mod library;
pub mod oidn;

use super::film::Planes;
use super::layout::Plane;
use crate::scene::{Denoising, Postproc, Scene, Work};
use crate::{Error, Result};
use oidn::Oidn;
use std::sync::Arc;

/// A denoiser that a device can run.
#[derive(Clone)]
pub enum Denoiser {
    Builtin,
    Optix,
    /// Open Image Denoise, before tone mapping or after.
    Oidn {
        oidn: Arc<Oidn>,
        hdr: bool,
    },
}

impl Denoiser {
    /// The name in machine-readable output.
    pub fn id(&self) -> &'static str {
        match self {
            Denoiser::Builtin => "builtin",
            Denoiser::Optix => "optix",
            Denoiser::Oidn { .. } => "oidn",
        }
    }

    /// The name in messages.
    pub fn name(&self) -> &str {
        match self {
            Denoiser::Builtin => "plotrt's own",
            Denoiser::Optix => "OptiX's",
            Denoiser::Oidn { oidn, .. } => &oidn.name,
        }
    }
}

/// The planes of the film that developing the scene with that denoiser reads.
pub fn planes_read(denoiser: Option<&Denoiser>, scene: &Scene) -> Planes {
    let kind = scene.variables.denoiser_kind;
    let by_denoiser = match denoiser {
        None => Planes::NONE,
        Some(Denoiser::Builtin) => Planes::ALL,
        Some(Denoiser::Optix | Denoiser::Oidn { .. }) => {
            let seen = |seen: bool, plane| if seen { Planes::of(plane) } else { Planes::NONE };
            seen(kind.sees_albedo(), Plane::Albedo).with(seen(kind.sees_normals(), Plane::Normal))
        }
    };
    Planes::of(Plane::Radiance).with(by_denoiser)
}

/// The denoisers of a device, opened at the first use.
pub struct Denoisers {
    /// Threads for Open Image Denoise; 0 means all cores.
    threads: usize,
    oidn: Option<Result<Arc<Oidn>>>,
    /// The choice that was last written to the log.
    logged: String,
}

impl Denoisers {
    /// `threads` is the number of threads for Open Image Denoise; 0 means all cores.
    pub fn new(threads: usize) -> Denoisers {
        Denoisers { threads, oidn: None, logged: String::new() }
    }

    /// Open Image Denoise, or why it cannot be used.
    pub fn oidn(&mut self) -> Result<Arc<Oidn>> {
        self.oidn.get_or_insert_with(|| Oidn::new(self.threads).map(Arc::new)).clone()
    }

    /// The denoiser of the scene's chain, `None` without one. `optix` opens OptiX's denoiser, or fails with the reason,
    /// and returns `None` on a device other than OptiX. A denoiser that the script names and that is missing is an
    /// error.
    pub fn choose(&mut self, scene: &Scene, optix: impl FnOnce() -> Option<Result<()>>) -> Result<Option<Denoiser>> {
        let chosen = scene.postproc.iter().find_map(|&stage| match stage.work() {
            Work::Pixels(_) => None,
            Work::Denoise(denoising) => Some((stage, denoising)),
        });
        let Some((stage, denoising)) = chosen else { return Ok(None) };
        let mut passed_over = Vec::new();
        let chosen = match denoising {
            Denoising::Builtin => Denoiser::Builtin,
            Denoising::Optix => {
                optix().unwrap_or_else(|| Err(no_optix_here())).map_err(|error| missing(stage, error))?;
                Denoiser::Optix
            }
            Denoising::Oidn { hdr } => {
                let oidn = self.oidn().map_err(|error| missing(stage, error))?;
                Denoiser::Oidn { oidn, hdr }
            }
            Denoising::Best => {
                let (best, reasons) = self.best(optix);
                passed_over = reasons;
                best
            }
        };
        let passed_over: String = passed_over.iter().map(|error| format!("; {}", error.message)).collect();
        let text = format!("denoiser: {}{passed_over}", chosen.name());
        if text != self.logged {
            tracing::info!("{text}");
            self.logged = text;
        }
        Ok(Some(chosen))
    }

    /// The denoiser for the stage `Denoiser`, and why no better one is used; `optix` as for [`Denoisers::choose`].
    pub fn best(&mut self, optix: impl FnOnce() -> Option<Result<()>>) -> (Denoiser, Vec<Error>) {
        let mut passed_over = Vec::new();
        match optix() {
            Some(Ok(())) => return (Denoiser::Optix, passed_over),
            Some(Err(error)) => passed_over.push(error),
            None => {}
        }
        match self.oidn() {
            Ok(oidn) => (Denoiser::Oidn { oidn, hdr: true }, passed_over),
            Err(error) => {
                passed_over.push(error);
                (Denoiser::Builtin, passed_over)
            }
        }
    }
}

fn no_optix_here() -> Error {
    Error::device("OptiX's denoiser works on an OptiX device only").hint("run with `--device optix`")
}

fn missing(stage: Postproc, error: Error) -> Error {
    let hint = match error.hint {
        Some(hint) => format!("{hint}; or use `Denoiser`, which takes what there is"),
        None => "use `Denoiser`, which takes what there is".into(),
    };
    Error { message: format!("`{}` is not available: {}", stage.name(), error.message), hint: Some(hint), ..error }
}

#[cfg(test)]
mod tests;
