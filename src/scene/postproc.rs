//! Post-processing stages, and what denoisers see, under PlotOptiX's names.

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

/// A post-processing stage. Denoisers imply exposure and gamma, and run first wherever they are in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Postproc {
    /// `(exposure * x)^(1 / gamma)`.
    Gamma,
    /// The best denoiser that the device has: OptiX's, Open Image Denoise, or plotrt's own.
    Denoiser,
    /// plotrt's own denoiser: the same on all devices.
    DenoiserBuiltin,
    /// OptiX's denoiser, before tone mapping; on an OptiX device only.
    DenoiserHdr,
    /// Open Image Denoise, after tone mapping.
    OiDenoiser,
    /// Open Image Denoise, before tone mapping.
    OiDenoiserHdr,
}

impl Postproc {
    pub const ALL: [Postproc; 6] = [
        Postproc::Gamma,
        Postproc::Denoiser,
        Postproc::DenoiserBuiltin,
        Postproc::DenoiserHdr,
        Postproc::OiDenoiser,
        Postproc::OiDenoiserHdr,
    ];

    /// The name in scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Postproc::Gamma => "Gamma",
            Postproc::Denoiser => "Denoiser",
            Postproc::DenoiserBuiltin => "DenoiserBuiltin",
            Postproc::DenoiserHdr => "DenoiserHDR",
            Postproc::OiDenoiser => "OIDenoiser",
            Postproc::OiDenoiserHdr => "OIDenoiserHDR",
        }
    }

    pub fn is_denoiser(self) -> bool {
        self != Postproc::Gamma
    }
}
