//! What denoisers see beside the colours, under PlotOptiX's names.

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
