//! How surfaces scatter light.

use super::{check_color, check_range};
use crate::Result;
use glam::Vec3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MaterialKind {
    /// Its colour, whatever the light.
    Flat,
    /// Its colour times the cosine between view and normal, no secondary rays.
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

#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    pub kind: MaterialKind,
    /// Multiplied by the colour of the primitive. Default (1, 1, 1).
    pub color: Vec3,
    /// Oren-Nayar roughness, radians, at least 0. Default 0 (Lambert).
    pub roughness: f32,
}

impl Default for Material {
    fn default() -> Self {
        Material { kind: MaterialKind::Diffuse, color: Vec3::ONE, roughness: 0.0 }
    }
}

/// What `setup_material` changes: `None` leaves a value as it is (or at its default).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MaterialUpdate {
    pub kind: Option<MaterialKind>,
    pub color: Option<Vec3>,
    pub roughness: Option<f32>,
}

impl Material {
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
