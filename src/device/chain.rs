//! What the post-processing chain of a scene comes to, decided once for all devices.

use super::Develop;
use crate::frame::Frame;
use crate::scene::{Postproc, Scene};

/// How the means of a film become a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chain {
    /// The share of the means that stays in the denoised picture, in [0, 1); `None`: they stay as they are.
    pub denoise: Option<f32>,
    /// `None`: the picture is linear, clamped.
    pub tonemap: Option<Tonemap>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tonemap {
    pub exposure: f32,
    pub inverse_gamma: f32,
}

impl Chain {
    /// For a film of that many passes.
    pub fn of(scene: &Scene, passes: u32) -> Chain {
        let variables = &scene.variables;
        let denoiser = scene.postproc.contains(&Postproc::Denoiser);
        let denoise = denoiser && passes >= variables.denoiser_start && variables.denoiser_blend < 1.0;
        let tonemap = denoiser || scene.postproc.contains(&Postproc::Gamma);
        Chain {
            denoise: denoise.then(|| variables.denoiser_blend.max(0.0)),
            tonemap: tonemap.then(|| Tonemap {
                exposure: variables.tonemap_exposure,
                inverse_gamma: 1.0 / variables.tonemap_gamma,
            }),
        }
    }
}

/// The black picture of a film without a pass.
pub fn without_a_pass((width, height): (u32, u32), complete: bool, what: Develop) -> Frame {
    let pixels = width as usize * height as usize;
    Frame {
        width,
        height,
        rgba8: [0, 0, 0, 255].repeat(pixels),
        linear: if what.linear { vec![0.0; 3 * pixels] } else { Vec::new() },
        passes: 0,
        complete,
        noise: f32::INFINITY,
    }
}
