//! The post-processing chain of a scene, decided once for all devices.

use crate::device::Develop;
use crate::device::denoise::Denoiser;
use crate::device::layout::{STAGE_VALUES, StageData};
use crate::frame::{Frame, Guides};
use crate::scene::{DenoiserKind, Scene, StageKind, Variables, on_pixels};

/// How the means of a film become the image that is shown: passes over the whole image, one after the other. The result
/// is clamped to [0, 1].
#[derive(Clone)]
pub struct Chain {
    pub passes: Vec<Pass>,
}

#[derive(Clone)]
pub enum Pass {
    Denoise(Denoise),
    /// Stages that work on single pixels.
    Pixels(Vec<StageData>),
}

#[derive(Clone)]
pub struct Denoise {
    pub by: Denoiser,
    /// The auxiliary buffers that it reads; plotrt's own denoiser always reads all of them.
    pub kind: DenoiserKind,
    /// The share of the means that is blended into the denoised image, in [0, 1).
    pub blend: f32,
    /// The gamma of display values.
    pub gamma: f32,
}

impl Chain {
    /// The chain for a film of `passes` passes; `denoiser` is the one that the device has for this scene. A `complete`
    /// image is denoised however few its passes are, because no better one follows.
    pub fn of(scene: &Scene, passes: u32, complete: bool, denoiser: Option<&Denoiser>) -> Chain {
        let variables = &scene.variables;
        let begun = (complete || passes >= variables.denoiser_start) && variables.denoiser_blend < 1.0;
        let denoise = denoiser.filter(|_| begun).map(|by| Denoise {
            by: by.clone(),
            kind: variables.denoiser_kind,
            blend: variables.denoiser_blend.max(0.0),
            gamma: variables.tonemap_gamma,
        });
        let mut stages = on_pixels(&scene.postproc);
        // A denoiser of display values follows tone mapping.
        let before = match &denoise {
            Some(Denoise { by: Denoiser::Oidn { hdr: false, .. }, .. }) => {
                stages.iter().position(|&stage| stage == StageKind::Gamma).map_or(0, |gamma| gamma + 1)
            }
            None | Some(_) => 0,
        };
        let after = stages.split_off(before);
        let pixels = |stages: &[StageKind]| {
            let data: Vec<_> = stages.iter().map(|stage| stage_data(*stage, variables)).collect();
            (!data.is_empty()).then_some(Pass::Pixels(data))
        };
        Chain { passes: [pixels(&stages), denoise.map(Pass::Denoise), pixels(&after)].into_iter().flatten().collect() }
    }
}

/// A stage with its values, for the kernels.
pub fn stage_data(kind: StageKind, variables: &Variables) -> StageData {
    let mut value = [0.0; STAGE_VALUES];
    let given = kind.values(variables);
    debug_assert!(given.len() <= STAGE_VALUES, "{kind:?} has {} values", given.len());
    value.iter_mut().zip(given).for_each(|(slot, given)| *slot = given);
    StageData { kind: kind as u32, value }
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
