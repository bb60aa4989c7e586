//! Materials: how surfaces scatter light.

use super::check::{check_color, check_range};
use crate::Result;
use glam::Vec3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum MaterialKind {
    /// Shows the surface's colour, whatever the light.
    Flat,
    /// Shows the surface's colour times the cosine between view and normal, without secondary rays.
    Cosine,
    /// Lambert, or Oren-Nayar where `roughness` is above 0.
    Diffuse,
}

impl MaterialKind {
    /// The name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            MaterialKind::Flat => "Flat",
            MaterialKind::Cosine => "Cosine",
            MaterialKind::Diffuse => "Diffuse",
        }
    }
}

/// Colours that are brighter than white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bright {
    /// The largest channel, above 1.
    pub most: f32,
    /// They look like bytes, from 0 to 255: all are whole numbers, and too bright for anything else.
    pub bytes: bool,
}

impl Bright {
    /// What resampling and rounding may make of white.
    const WHITE: f32 = 1.01;
    /// Byte colours that are not nearly black have channels above this.
    const DARK: f32 = 16.0;

    pub fn of(colors: &[[f32; 3]]) -> Option<Bright> {
        let channels = colors.as_flattened();
        // Several at once: most colours are not brighter than white.
        let above = |channels: &[f32]| channels.iter().fold(false, |any, &x| any | (x > Self::WHITE));
        if !channels.chunks(4096).any(above) {
            return None;
        }
        let most = channels.iter().copied().fold(0.0, f32::max);
        let bytes = (Self::DARK..=255.0).contains(&most) && channels.iter().all(|x| x.fract() == 0.0);
        Some(Bright { most, bytes })
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    pub kind: MaterialKind,
    /// Multiplied by the colour of the primitive; for materials that are not luminous ([`Material::shines`]), a product
    /// above 1 counts as 1. Default (1, 1, 1).
    pub color: Vec3,
    /// Oren-Nayar roughness, radians, at least 0. Default 0 (Lambert).
    pub roughness: f32,
}

impl Default for Material {
    fn default() -> Self {
        Material { kind: MaterialKind::Diffuse, color: Vec3::ONE, roughness: 0.0 }
    }
}

/// The values that `setup_material` changes: `None` keeps a value (or its default).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MaterialUpdate {
    pub kind: Option<MaterialKind>,
    pub color: Option<Vec3>,
    pub roughness: Option<f32>,
}

impl Material {
    /// Whether its colour is emitted light, which has no bound. Other materials scatter at most the light that arrives.
    pub fn shines(&self) -> bool {
        match self.kind {
            MaterialKind::Flat | MaterialKind::Cosine => true,
            MaterialKind::Diffuse => false,
        }
    }

    /// This material with the given values.
    pub(super) fn updated(&self, update: &MaterialUpdate) -> Result<Material> {
        let material = Material {
            kind: update.kind.unwrap_or(self.kind),
            color: update.color.unwrap_or(self.color),
            roughness: update.roughness.unwrap_or(self.roughness),
        };
        check_color("color", material.color)?;
        check_range("roughness", material.roughness, material.roughness >= 0.0, "at least 0")?;
        Ok(material)
    }
}
