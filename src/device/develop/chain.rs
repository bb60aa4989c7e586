//! The post-processing chain of a scene, decided once for all devices.

use crate::device::Develop;
use crate::device::denoise::Denoiser;
use crate::frame::{Frame, Guides};
use crate::scene::{DenoiserKind, Scene};

/// How the means of a film are developed into an image.
#[derive(Clone)]
pub struct Chain {
    /// `None`: the means are not denoised.
    pub denoise: Option<Denoise>,
    /// `None`: the image is linear, clamped.
    pub tonemap: Option<Tonemap>,
}

#[derive(Clone)]
pub struct Denoise {
    pub by: Denoiser,
    /// The auxiliary buffers that it reads; plotrt's own denoiser always reads all of them.
    pub kind: DenoiserKind,
    /// The share of the means that is blended into the denoised image, in [0, 1).
    pub blend: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tonemap {
    pub exposure: f32,
    pub inverse_gamma: f32,
}

impl Tonemap {
    /// Linear values, clamped, without exposure and gamma.
    pub const NONE: Tonemap = Tonemap { exposure: 1.0, inverse_gamma: 1.0 };
}

impl Chain {
    /// The chain for a film of `passes` passes; `denoiser` is the one that the device has for this scene. A `complete`
    /// image is denoised however few its passes are, because no better one follows.
    pub fn of(scene: &Scene, passes: u32, complete: bool, denoiser: Option<&Denoiser>) -> Chain {
        let variables = &scene.variables;
        let begun = (complete || passes >= variables.denoiser_start) && variables.denoiser_blend < 1.0;
        Chain {
            denoise: denoiser.filter(|_| begun).map(|by| Denoise {
                by: by.clone(),
                kind: variables.denoiser_kind,
                blend: variables.denoiser_blend.max(0.0),
            }),
            // Every stage implies exposure and gamma.
            tonemap: (!scene.postproc.is_empty()).then(|| Tonemap {
                exposure: variables.tonemap_exposure,
                inverse_gamma: 1.0 / variables.tonemap_gamma,
            }),
        }
    }
}

/// The black image of a film without a pass.
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
