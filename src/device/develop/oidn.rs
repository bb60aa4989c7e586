//! Open Image Denoise in the chain: what it is given, whichever device has traced the image.

use super::chain::Denoise;
use crate::Result;
use crate::cancel::CancelToken;
use crate::device::denoise::oidn::{Image, Oidn, Settings};
use crate::scene::DenoiserKind;

/// A gamma above this limit counts as 2.2, one below as 1: the library knows these two, and the limit lies between
/// them.
const SRGB_FROM: f32 = 1.5;

/// Means over the samples of each pixel, as the denoiser takes them: three floats a pixel, 0 where nothing is hit.
pub struct Auxiliary {
    albedo: Option<Vec<f32>>,
    normal: Option<Vec<f32>>,
}

impl Auxiliary {
    /// The buffers that `kind` asks for, from the functions that compute albedo and normals.
    pub fn of(
        kind: DenoiserKind,
        albedo: impl FnOnce() -> Result<Vec<f32>>,
        normal: impl FnOnce() -> Result<Vec<f32>>,
    ) -> Result<Auxiliary> {
        Ok(Auxiliary {
            albedo: kind.sees_albedo().then(albedo).transpose()?,
            normal: kind.sees_normals().then(normal).transpose()?,
        })
    }
}

/// How the image of a device is denoised.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    pub oidn: &'a Oidn,
    /// Colours are linear; otherwise they are display values.
    pub hdr: bool,
    pub size: (u32, u32),
    pub complete: bool,
    pub cancel: &'a CancelToken,
}

/// The denoised image.
pub fn denoise(job: Job, denoise: &Denoise, color: Vec<f32>, auxiliary: Auxiliary) -> Result<Vec<f32>> {
    let (width, height) = job.size;
    let settings = Settings { width, height, hdr: job.hdr, srgb: denoise.gamma > SRGB_FROM, fast: !job.complete };
    let Auxiliary { albedo, normal } = auxiliary;
    job.oidn.denoise(settings, Image { color, albedo, normal }, denoise.blend, job.cancel)
}
