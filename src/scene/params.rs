//! Parameters of the tracer and of post-processing, under PlotOptiX's names.

use super::check_range;
use crate::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LightShading {
    /// Balanced light, which converges quickly.
    Soft,
    /// Slower, with better caustics; the same as soft for materials that cast none.
    Hard,
}

impl LightShading {
    /// The name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            LightShading::Soft => "Soft",
            LightShading::Hard => "Hard",
        }
    }
}

/// The parameters of `set_param`.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Passes per displayed image, at least 1. Default 1.
    pub min_accumulation_step: u32,
    /// Passes until the image is complete, at least 1. Default 4.
    pub max_accumulation_frames: u32,
    /// Longest run time of a callback, milliseconds. Default 30000.
    pub compute_timeout: u32,
    /// Longest time of a block of passes, milliseconds. Default 30000.
    pub rt_timeout: u32,
    /// How light is sampled. Default soft.
    pub light_shading: LightShading,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            min_accumulation_step: 1,
            max_accumulation_frames: 4,
            compute_timeout: 30_000,
            rt_timeout: 30_000,
            light_shading: LightShading::Soft,
        }
    }
}

/// Most segments of a path: a path that was begun is followed to its end, and cancelling must not wait long for it.
pub const MAX_PATH_SEGMENTS: u32 = 1024;

/// The variables of `set_float`, `set_uint`, `set_int`.
#[derive(Debug, Clone, PartialEq)]
pub struct Variables {
    /// Fewest and most path segments, 1 to [`MAX_PATH_SEGMENTS`]: between the two, Russian roulette may end a path.
    /// Default (2, 6).
    pub path_seg_range: (u32, u32),
    /// Least distance from a surface at which the next ray starts, scene units, at least 0. Default 0: as near as
    /// rounding allows.
    pub scene_epsilon: f32,
    /// Brightness factor of tone mapping. Default 1.
    pub tonemap_exposure: f32,
    /// Gamma of tone mapping. Default 2.2.
    pub tonemap_gamma: f32,
    /// 0: only the denoised image, 1: only the raw one. Default 0.
    pub denoiser_blend: f32,
    /// Auxiliary buffers that denoisers use. Default all.
    pub denoiser_kind: DenoiserKind,
    /// Passes before the denoiser is applied. Default 4.
    pub denoiser_start: u32,
}

impl Default for Variables {
    fn default() -> Self {
        Variables {
            path_seg_range: (2, 6),
            scene_epsilon: 0.0,
            tonemap_exposure: 1.0,
            tonemap_gamma: 2.2,
            denoiser_blend: 0.0,
            denoiser_kind: DenoiserKind::RgbAlbedoNormal,
            denoiser_start: 4,
        }
    }
}

/// Auxiliary buffers that denoisers use beside the colours. plotrt's own denoiser always uses all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DenoiserKind {
    /// No auxiliary buffers.
    Rgb,
    RgbAlbedo,
    /// Albedo and camera-space normals.
    RgbAlbedoNormal,
}

impl DenoiserKind {
    pub const ALL: [DenoiserKind; 3] = [DenoiserKind::Rgb, DenoiserKind::RgbAlbedo, DenoiserKind::RgbAlbedoNormal];

    /// The name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            DenoiserKind::Rgb => "Rgb",
            DenoiserKind::RgbAlbedo => "RgbAlbedo",
            DenoiserKind::RgbAlbedoNormal => "RgbAlbedoNormal",
        }
    }

    /// PlotOptiX's number: a sum of 1 for colours, 2 for albedo and 4 for normals.
    pub fn number(self) -> u32 {
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

impl Params {
    /// These parameters with the changes between `base` and `changed`.
    pub fn with_changes(&self, base: &Params, changed: &Params) -> Params {
        Params {
            min_accumulation_step: newer(
                self.min_accumulation_step,
                base.min_accumulation_step,
                changed.min_accumulation_step,
            ),
            max_accumulation_frames: newer(
                self.max_accumulation_frames,
                base.max_accumulation_frames,
                changed.max_accumulation_frames,
            ),
            compute_timeout: newer(self.compute_timeout, base.compute_timeout, changed.compute_timeout),
            rt_timeout: newer(self.rt_timeout, base.rt_timeout, changed.rt_timeout),
            light_shading: newer(self.light_shading, base.light_shading, changed.light_shading),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let counts = [
            ("min_accumulation_step", self.min_accumulation_step),
            ("max_accumulation_frames", self.max_accumulation_frames),
            ("compute_timeout", self.compute_timeout),
            ("rt_timeout", self.rt_timeout),
        ];
        match counts.into_iter().find(|(_, n)| *n == 0) {
            Some((name, _)) => Err(Error::script(format!("`{name}` is 0, it wants at least 1"))),
            None => Ok(()),
        }
    }
}

/// `changed` where it differs from `base`.
fn newer<T: PartialEq>(present: T, base: T, changed: T) -> T {
    if changed == base { present } else { changed }
}

impl Variables {
    /// These variables with the changes between `base` and `changed`.
    pub fn with_changes(&self, base: &Variables, changed: &Variables) -> Variables {
        Variables {
            path_seg_range: newer(self.path_seg_range, base.path_seg_range, changed.path_seg_range),
            scene_epsilon: newer(self.scene_epsilon, base.scene_epsilon, changed.scene_epsilon),
            tonemap_exposure: newer(self.tonemap_exposure, base.tonemap_exposure, changed.tonemap_exposure),
            tonemap_gamma: newer(self.tonemap_gamma, base.tonemap_gamma, changed.tonemap_gamma),
            denoiser_blend: newer(self.denoiser_blend, base.denoiser_blend, changed.denoiser_blend),
            denoiser_kind: newer(self.denoiser_kind, base.denoiser_kind, changed.denoiser_kind),
            denoiser_start: newer(self.denoiser_start, base.denoiser_start, changed.denoiser_start),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let (min, max) = self.path_seg_range;
        if min == 0 || max < min || max > MAX_PATH_SEGMENTS {
            let wanted = format!("it wants 1 <= min <= max <= {MAX_PATH_SEGMENTS}");
            return Err(Error::script(format!("`path_seg_range` is ({min}, {max}), {wanted}")));
        }
        check_range("scene_epsilon", self.scene_epsilon, self.scene_epsilon >= 0.0, "at least 0")?;
        check_range("tonemap_exposure", self.tonemap_exposure, self.tonemap_exposure >= 0.0, "at least 0")?;
        check_range("tonemap_gamma", self.tonemap_gamma, self.tonemap_gamma > 0.0, "above 0")?;
        let blend = self.denoiser_blend;
        check_range("denoiser_blend", blend, (0.0..=1.0).contains(&blend), "0 to 1")
    }

    /// Whether the film develops to the same image.
    pub(super) fn develops_like(&self, other: &Variables) -> bool {
        let develop_only =
            Variables { path_seg_range: other.path_seg_range, scene_epsilon: other.scene_epsilon, ..*self };
        develop_only == *other
    }

    /// Whether the same light is accumulated in the film.
    pub(super) fn traces_like(&self, other: &Variables) -> bool {
        self.path_seg_range == other.path_seg_range && self.scene_epsilon == other.scene_epsilon
    }
}
