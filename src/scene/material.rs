//! How surfaces scatter light.

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
