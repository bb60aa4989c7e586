//! Post-processing stages, and what denoisers see, under PlotOptiX's names.

use super::Variables;
use crate::choice::choices;

choices! {
    /// Auxiliary buffers that denoisers use beside the colours. plotrt's own denoiser always uses all of them.
    pub enum DenoiserKind {
        /// No auxiliary buffers.
        Rgb = "Rgb",
        /// Albedo.
        RgbAlbedo = "RgbAlbedo",
        /// Albedo and camera-space normals.
        RgbAlbedoNormal = "RgbAlbedoNormal",
    }
}

impl DenoiserKind {
    /// PlotOptiX's number: a sum of 1 for colours, 2 for albedo and 4 for normals.
    pub const fn number(self) -> u32 {
        match self {
            DenoiserKind::Rgb => 1,
            DenoiserKind::RgbAlbedo => 3,
            DenoiserKind::RgbAlbedoNormal => 7,
        }
    }

    pub fn sees_albedo(self) -> bool {
        self.number() & 2 != 0
    }

    pub fn sees_normals(self) -> bool {
        self.number() & 4 != 0
    }
}

choices! {
    /// A post-processing stage.
    pub enum Postproc {
        /// exposure and gamma.
        Gamma = "Gamma",
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

/// The stages that work on single pixels: their code is in `kernels/film/post.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum StageKind {
    Gamma,
}

impl StageKind {
    pub const ALL: [StageKind; 1] = [StageKind::Gamma];

    /// The values that the code of the stage reads, in the order of its header; the rest is 0.
    pub fn values(self, variables: &Variables) -> Vec<f32> {
        match self {
            StageKind::Gamma => vec![variables.tonemap_exposure, 1.0 / variables.tonemap_gamma],
        }
    }
}

impl Postproc {
    /// What the stage does to single pixels; `None` for a denoiser.
    pub fn on_pixels(self) -> Option<StageKind> {
        match self {
            Postproc::Gamma => Some(StageKind::Gamma),
            Postproc::Denoiser
            | Postproc::DenoiserBuiltin
            | Postproc::DenoiserHdr
            | Postproc::OiDenoiser
            | Postproc::OiDenoiserHdr => None,
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
    fn a_denoiser_implies_exposure_and_gamma() {
        assert!(!is_tone_mapped(&[]) && on_pixels(&[]).is_empty());
        for stages in [&[Postproc::Gamma][..], &[Postproc::Denoiser], &[Postproc::Gamma, Postproc::Denoiser]] {
            assert!(is_tone_mapped(stages));
            assert_eq!(on_pixels(stages), [StageKind::Gamma], "{stages:?}");
        }
    }
}
