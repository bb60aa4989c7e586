//! Parameters of the accumulation and of its time limits, under PlotOptiX's names.

use super::setting::{Affects, Setting, SettingFacts, SettingField, SettingType, SettingValue, settings, wrong_type};
use crate::Result;
use crate::choice::{Choice, choices};
use crate::range::Range;

choices! {
    /// How light is sampled.
    pub enum LightShading {
        /// Balanced light, which converges quickly.
        Soft = "Soft",
        /// Slower, with better caustics; the same as soft for materials that cast none.
        Hard = "Hard",
    }
}

const PASSES: SettingFacts = SettingFacts::new(Affects::Timing).unit("passes").range(Range::From(1.0));
const LIMIT: SettingFacts = SettingFacts::new(Affects::Timing).unit("milliseconds").range(Range::From(1.0));

settings! {
    /// The parameters of `set_param`.
    pub struct Params {
        /// Passes per displayed frame, and `delta` of `compute`.
        min_accumulation_step: u32 = 1, PASSES;
        /// Passes until the image is complete.
        max_accumulation_frames: u32 = 4, PASSES;
        /// Longest that a callback may run.
        compute_timeout: u32 = 30000, LIMIT;
        /// Longest that the passes of one frame may take.
        rt_timeout: u32 = 30000, LIMIT;
        /// `Soft` converges quickly with balanced light, `Hard` is for better caustics. No material of this version casts
        /// any, so both give the same image. It cannot change once there are lights.
        light_shading: LightShading = LightShading::Soft => "\"Soft\"", SettingFacts::new(Affects::Tracing);
    }
}

impl SettingField for LightShading {
    const TYPE: SettingType = SettingType::Name(LightShading::NAMES);
    fn value(self) -> SettingValue {
        SettingValue::Name(self.name())
    }
    fn from_value(name: &str, value: SettingValue) -> Result<Self> {
        match value {
            SettingValue::Name(kind) => LightShading::from_name(kind).map_or_else(|| wrong_type(name, value), Ok),
            other => wrong_type(name, other),
        }
    }
}
