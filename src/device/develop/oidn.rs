//! Open Image Denoise in the chain: from linear means and auxiliary buffers to an image, on the processor, whichever
//! device has traced them.

use super::chain::{Denoise, Tonemap};
use super::{clamp, display, tonemap};
use crate::Result;
use crate::cancel::CancelToken;
use crate::device::denoise::oidn::{Image, Oidn, Settings};
use crate::device::layout::DevelopTable;
use crate::frame::Frame;
use crate::scene::DenoiserKind;

/// A gamma above this limit counts as 2.2, one below as 1: the library knows these two, and the limit lies between
/// them.
const SRGB_FROM: f32 = 1.5;

/// Means over the samples of each pixel, as the denoiser takes them: three floats a pixel, 0 where nothing is hit.
#[derive(Default)]
pub struct Guides {
    pub albedo: Option<Vec<f32>>,
    pub normal: Option<Vec<f32>>,
}

impl Guides {
    /// The buffers that `kind` asks for, from the functions that compute albedo and normals.
    pub fn of(
        kind: DenoiserKind,
        albedo: impl FnOnce() -> Result<Vec<f32>>,
        normal: impl FnOnce() -> Result<Vec<f32>>,
    ) -> Result<Guides> {
        Ok(Guides {
            albedo: kind.sees_albedo().then(albedo).transpose()?,
            normal: kind.sees_normals().then(normal).transpose()?,
        })
    }
}

/// Fills the 8-bit image of `frame`, and returns the linear one: denoised, unless the library works on display values.
#[allow(clippy::too_many_arguments)] // the arguments have nothing in common that would make a struct
pub fn develop(
    table: &DevelopTable,
    oidn: &Oidn,
    hdr: bool,
    denoise: &Denoise,
    shown_by: Tonemap,
    linear: Vec<f32>,
    guides: Guides,
    frame: &mut Frame,
    cancel: &CancelToken,
) -> Result<Vec<f32>> {
    let settings = Settings {
        width: frame.width,
        height: frame.height,
        hdr,
        srgb: 1.0 / shown_by.inverse_gamma > SRGB_FROM,
        fast: !frame.complete,
    };
    let Guides { albedo, normal } = guides;
    let denoised = |color| oidn.denoise(settings, Image { color, albedo, normal }, denoise.blend, cancel);
    if hdr {
        let linear = denoised(linear)?;
        tonemap(table, &linear, frame, shown_by, cancel)?;
        Ok(linear)
    } else {
        let shown = denoised(display(table, &linear, frame.width, shown_by, cancel)?)?;
        clamp(table, &shown, frame, cancel)?;
        Ok(linear)
    }
}
