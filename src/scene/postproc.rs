//! Post-processing stages, under PlotOptiX's names.

use super::Variables;
use crate::choice::choices;

choices! {
    /// A post-processing stage.
    pub enum Postproc {
        /// exposure and gamma.
        Gamma = "Gamma",
        /// colours of each channel from `levels_low_range` to `levels_high_range` become 0 to 1; before exposure and gamma
        /// if it is added before `Gamma`, and without them if there is neither that nor a denoiser.
        Levels = "Levels",
        /// the best denoiser of the machine: OptiX's, else Open Image Denoise, else plotrt's own; `plotrt devices` lists
        /// which.
        Denoiser = "Denoiser",
        /// plotrt's own denoiser, which is always available, and the same on all devices.
        DenoiserBuiltin = "DenoiserBuiltin",
        /// OptiX's denoiser; on an OptiX device only.
        DenoiserHdr = "DenoiserHDR",
        /// Open Image Denoise on the image after exposure and gamma, which should be about 2.2; leaves linear images as
        /// they are.
        OiDenoiser = "OIDenoiser",
        /// Open Image Denoise on the linear image.
        OiDenoiserHdr = "OIDenoiserHDR",
    }
}

/// What a stage does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Pixels(StageKind),
    Denoise(Denoising),
}

/// Which denoiser a stage asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denoising {
    /// The best that the device has.
    Best,
    Builtin,
    Optix,
    /// Open Image Denoise, on the linear image or on display values.
    Oidn {
        hdr: bool,
    },
}

/// The stages that work on single pixels: their code is in `kernels/film/post.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum StageKind {
    Gamma,
    Levels,
}

impl StageKind {
    /// The values that the code of the stage reads, in the order of its header; the rest is 0.
    pub fn values(self, variables: &Variables) -> Vec<f32> {
        match self {
            StageKind::Gamma => vec![variables.tonemap_exposure, 1.0 / variables.tonemap_gamma],
            StageKind::Levels => {
                [variables.levels_low_range, variables.levels_high_range].map(|rgb| rgb.to_array()).concat()
            }
        }
    }
}

impl Postproc {
    /// PlotOptiX's stages that are not there yet.
    pub const LATER: &[&str] = &["GrayCurve", "RgbCurve", "Mask", "Overlay", "DenoiserUp2x"];

    pub fn work(self) -> Work {
        match self {
            Postproc::Gamma => Work::Pixels(StageKind::Gamma),
            Postproc::Levels => Work::Pixels(StageKind::Levels),
            Postproc::Denoiser => Work::Denoise(Denoising::Best),
            Postproc::DenoiserBuiltin => Work::Denoise(Denoising::Builtin),
            Postproc::DenoiserHdr => Work::Denoise(Denoising::Optix),
            Postproc::OiDenoiser => Work::Denoise(Denoising::Oidn { hdr: false }),
            Postproc::OiDenoiserHdr => Work::Denoise(Denoising::Oidn { hdr: true }),
        }
    }

    /// What the stage does to single pixels; `None` for a denoiser.
    pub fn on_pixels(self) -> Option<StageKind> {
        match self.work() {
            Work::Pixels(kind) => Some(kind),
            Work::Denoise(_) => None,
        }
    }

    pub fn is_denoiser(self) -> bool {
        self.on_pixels().is_none()
    }

    /// Whether a chain with this stage has exposure and gamma. Denoisers imply them.
    fn tone_maps(self) -> bool {
        self == Postproc::Gamma || self.is_denoiser()
    }
}

/// Whether an image that is developed with these stages has exposure and gamma. Otherwise it is linear, and clamped.
pub fn is_tone_mapped(stages: &[Postproc]) -> bool {
    stages.iter().any(|stage| stage.tone_maps())
}

/// What is done to single pixels, in order. A denoiser, which comes before, implies exposure and gamma, which follow it
/// where the chain does not place them.
pub fn on_pixels(stages: &[Postproc]) -> Vec<StageKind> {
    let implied = is_tone_mapped(stages) && !stages.contains(&Postproc::Gamma);
    let implied = implied.then_some(StageKind::Gamma);
    implied.into_iter().chain(stages.iter().filter_map(|stage| stage.on_pixels())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_where_the_chain_places_them() {
        use StageKind::{Gamma, Levels};
        assert!(!is_tone_mapped(&[Postproc::Levels]));
        assert_eq!(on_pixels(&[Postproc::Levels]), [Levels]);
        assert_eq!(on_pixels(&[Postproc::Levels, Postproc::Gamma]), [Levels, Gamma]);
        assert_eq!(on_pixels(&[Postproc::Levels, Postproc::Denoiser]), [Gamma, Levels]);
    }

    #[test]
    fn a_denoiser_implies_exposure_and_gamma() {
        assert!(!is_tone_mapped(&[]) && on_pixels(&[]).is_empty());
        for stages in [&[Postproc::Gamma][..], &[Postproc::Denoiser], &[Postproc::Gamma, Postproc::Denoiser]] {
            assert!(is_tone_mapped(stages));
            assert_eq!(on_pixels(stages), [StageKind::Gamma], "{stages:?}");
        }
    }
}
