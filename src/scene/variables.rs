//! Variables of the tracer and of post-processing, under PlotOptiX's names.

use super::denoiser_kind::DenoiserKind;
use super::setting::{Affects, Setting, SettingFacts, SettingField, SettingType, SettingValue, settings, wrong_type};
use crate::range::Range;
use crate::{Error, Result};
use glam::Vec3;

/// Most segments of a path: a path that was begun is followed to its end, and cancelling must not wait long for it.
pub const MAX_PATH_SEGMENTS: u32 = 1024;

const TRACING: SettingFacts = SettingFacts::new(Affects::Tracing);
const DEVELOPING: SettingFacts = SettingFacts::new(Affects::Developing);

settings! {
    /// The variables of `set_float`, `set_uint`, `set_int`.
    pub struct Variables {
        /// Fewest and most segments of a light path, 1 to 1024, starts as (2, 6); between the two a path may end by
        /// chance, and (1, 1) shows only what the camera sees directly.
        path_seg_range: (u32, u32) = (2, 6), TRACING.range(Range::Within(1.0, MAX_PATH_SEGMENTS as f64));
        /// The least distance from a surface at which the next ray starts, scene units, at least 0, starts as 0: rays
        /// start as near as the rounding of numbers allows, whatever the unit of length.
        scene_epsilon: f32 = 0.0 => "0", TRACING.unit("scene units").range(Range::From(0.0));
        /// Brightness, at least 0, starts as 1.
        tonemap_exposure: f32 = 1.0 => "1", DEVELOPING.range(Range::From(0.0));
        /// Above 0, starts as 2.2.
        tonemap_gamma: f32 = 2.2, DEVELOPING.range(Range::Above(0.0));
        /// Red, green and blue that `Levels` makes 0, starts as [0, 0, 0].
        levels_low_range: Vec3 = Vec3::ZERO => "[0, 0, 0]", DEVELOPING;
        /// Red, green and blue that `Levels` makes 1, starts as [1, 1, 1].
        levels_high_range: Vec3 = Vec3::ONE => "[1, 1, 1]", DEVELOPING;
        /// 0 is the denoised image, 1 the raw one, starts as 0.
        denoiser_blend: f32 = 0.0 => "0", DEVELOPING.range(Range::Within(0.0, 1.0));
        /// Passes before the denoiser is applied, starts as 4; the complete image is denoised anyway.
        denoiser_start: u32 = 4, DEVELOPING.unit("passes");
        /// Auxiliary buffers of OptiX's denoiser and of Open Image Denoise: 1 none, 3 the albedo of what the camera sees,
        /// 7 its normals, too; starts as 7. `set_param` takes it by name.
        denoiser_kind: DenoiserKind = DenoiserKind::RgbAlbedoNormal => "7", DEVELOPING;
    }
}

impl Variables {
    /// PlotOptiX's variables that are not there yet.
    pub const LATER: &[&str] = &[];
}

impl SettingField for DenoiserKind {
    const TYPE: SettingType = SettingType::Number(&{
        let mut kinds = [(0, ""); DenoiserKind::ALL.len()];
        let mut i = 0;
        while i < kinds.len() {
            kinds[i] = (DenoiserKind::ALL[i].number(), DenoiserKind::ALL[i].name());
            i += 1;
        }
        kinds
    });
    fn value(self) -> SettingValue {
        SettingValue::Number(self.number())
    }
    fn from_value(name: &str, value: SettingValue) -> Result<Self> {
        let SettingValue::Number(number) = value else { return wrong_type(name, value) };
        DenoiserKind::ALL.into_iter().find(|kind| kind.number() == number).ok_or_else(|| {
            let all = DenoiserKind::ALL.map(|kind| format!("{} ({})", kind.number(), kind.name())).join(", ");
            Error::script(format!("`{name}` is {number}, which is no kind")).hint(format!("the kinds are {all}"))
        })
    }
}
