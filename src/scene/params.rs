//! Parameters of the accumulation and of its time limits, under PlotOptiX's names.

use super::variables::newer;
use crate::choice::choices;
use crate::{Error, Result};

choices! {
    /// How light is sampled.
    pub enum LightShading {
        /// Balanced light, which converges quickly.
        Soft = "Soft",
        /// Slower, with better caustics; the same as soft for materials that cast none.
        Hard = "Hard",
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
