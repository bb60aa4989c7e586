//! Variables of the tracer and of post-processing, under PlotOptiX's names.

use super::check::check_range;
use super::postproc::DenoiserKind;
use crate::{Error, Result};

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

/// `changed` where it differs from `base`.
pub(super) fn newer<T: PartialEq>(present: T, base: T, changed: T) -> T {
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
