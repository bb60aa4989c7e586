//! What the post-processing chain of a scene comes to, decided once for all devices.

use super::Develop;
use super::denoise::Denoiser;
use crate::frame::{Frame, Guides};
use crate::scene::{DenoiserKind, Scene};

/// How the means of a film become a picture.
#[derive(Clone)]
pub struct Chain {
    /// `None`: the means stay as they are.
    pub denoise: Option<Denoise>,
    /// `None`: the picture is linear, clamped.
    pub tonemap: Option<Tonemap>,
}

#[derive(Clone)]
pub struct Denoise {
    pub by: Denoiser,
    /// What it sees; plotrt's own sees everything.
    pub kind: DenoiserKind,
    /// The share of the means that stays in the denoised picture, in [0, 1).
    pub blend: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tonemap {
    pub exposure: f32,
    pub inverse_gamma: f32,
}

impl Tonemap {
    /// Shows linear values as they are.
    pub const NONE: Tonemap = Tonemap { exposure: 1.0, inverse_gamma: 1.0 };
}

impl Chain {
    /// For a film of that many passes; `denoiser` is what the device has for this scene. A picture that is `complete` is
    /// denoised however few they are: it would stay as it is.
    pub fn of(scene: &Scene, passes: u32, complete: bool, denoiser: Option<&Denoiser>) -> Chain {
        let variables = &scene.variables;
        let begun = (complete || passes >= variables.denoiser_start) && variables.denoiser_blend < 1.0;
        Chain {
            denoise: denoiser.filter(|_| begun).map(|by| Denoise {
                by: by.clone(),
                kind: variables.denoiser_kind,
                blend: variables.denoiser_blend.max(0.0),
            }),
            // Each stage that there is applies exposure and gamma.
            tonemap: (!scene.postproc.is_empty()).then(|| Tonemap {
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
        guides: what.guides.then(|| Guides::of_nothing(width, height)),
    }
}
