//! Lights with a position and a shape.

use super::check::{check_color, check_point, check_range, check_vector};
use crate::{Error, Result};
use glam::{DVec3, Vec3};

/// The values of `light_type` in `setup_light`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum LightKind {
    Spherical,
    Parallelogram,
}

/// A row of the table of kinds.
#[derive(Debug, Clone, Copy)]
pub struct LightRow {
    pub kind: LightKind,
    /// The name in scripts, and PlotOptiX's.
    pub name: &'static str,
    /// The shape of a new light.
    pub shape: LightShape,
}

/// One row for each [`LightKind`], in its order.
pub const LIGHTS: [LightRow; 2] = [
    LightRow { kind: LightKind::Spherical, name: "Spherical", shape: LightShape::Spherical { radius: 1.0 } },
    LightRow {
        kind: LightKind::Parallelogram,
        name: "Parallelogram",
        shape: LightShape::Parallelogram { u: Vec3::Y, v: Vec3::NEG_X },
    },
];

// A kind is the index of its row.
const _: () = {
    let mut i = 0;
    while i < LIGHTS.len() {
        assert!(LIGHTS[i].kind as usize == i);
        i += 1;
    }
};

impl LightKind {
    pub fn row(self) -> &'static LightRow {
        const ROWS: &[LightRow] = &LIGHTS;
        &ROWS[self as usize]
    }

    /// The name in scripts.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn from_name(name: &str) -> Option<LightKind> {
        LIGHTS.iter().find(|row| row.name == name).map(|row| row.kind)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LightShape {
    /// A sphere with `radius` in scene units, above 0. Default 1.
    Spherical { radius: f32 },
    /// A parallelogram with its corner at `pos`; emits to the side of `u` x `v`, black behind. Defaults (0, 1, 0), (-1,
    /// 0, 0).
    Parallelogram { u: Vec3, v: Vec3 },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Light {
    pub shape: LightShape,
    /// Centre of a sphere, corner of a parallelogram.
    pub pos: DVec3,
    /// Emitted radiance, linear RGB, at least 0. Default (10, 10, 10).
    pub color: Vec3,
    /// Whether camera rays see the light's own surface. Default true.
    pub in_geometry: bool,
}

/// The values that `setup_light` and `update_light` change: `None` keeps a value (or its default).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LightUpdate {
    pub kind: Option<LightKind>,
    /// The position; a new light without one is placed to fit the current camera.
    pub pos: Option<DVec3>,
    /// Place the light to fit this camera.
    pub autofit_camera: Option<String>,
    pub color: Option<Vec3>,
    pub radius: Option<f32>,
    pub u: Option<Vec3>,
    pub v: Option<Vec3>,
    pub in_geometry: Option<bool>,
}

/// A sphere of radius 1 at the origin.
impl Default for Light {
    fn default() -> Self {
        Light { shape: LightKind::Spherical.row().shape, pos: DVec3::ZERO, color: Vec3::splat(10.0), in_geometry: true }
    }
}

impl Light {
    pub fn kind(&self) -> LightKind {
        match self.shape {
            LightShape::Spherical { .. } => LightKind::Spherical,
            LightShape::Parallelogram { .. } => LightKind::Parallelogram,
        }
    }

    /// Points of it, for a coarse answer to where it is: its middle, and some of its outline.
    pub(super) fn samples(&self) -> Vec<DVec3> {
        match self.shape {
            LightShape::Spherical { radius } => {
                let axes = [DVec3::X, DVec3::Y, DVec3::Z, DVec3::NEG_X, DVec3::NEG_Y, DVec3::NEG_Z];
                let outline = axes.map(|axis| self.pos + axis * f64::from(radius));
                outline.into_iter().chain([self.pos]).collect()
            }
            LightShape::Parallelogram { u, v } => {
                let (u, v) = (u.as_dvec3(), v.as_dvec3());
                // In front of the side that shines, for one that is flush with a wall.
                let ahead = u.cross(v).normalize_or_zero() * (1e-3 * (u.length() + v.length()));
                let corners = [(0.01, 0.01), (0.99, 0.01), (0.01, 0.99), (0.99, 0.99), (0.5, 0.5)];
                corners.map(|(a, b)| self.pos + u * a + v * b + ahead).to_vec()
            }
        }
    }

    /// This light with the given values; a value that belongs to the other shape is an error.
    pub(super) fn updated(&self, update: &LightUpdate) -> Result<Light> {
        let mut light = self.clone();
        match update.kind {
            Some(kind) if kind != self.kind() => light.shape = kind.row().shape,
            _ => {}
        }
        match &mut light.shape {
            LightShape::Spherical { radius } => {
                if update.u.is_some() || update.v.is_some() {
                    return Err(Error::script("`u` and `v` do not fit a spherical light")
                        .hint("give `radius`, or `light_type: \"Parallelogram\"`"));
                }
                *radius = update.radius.unwrap_or(*radius);
                check_range("radius", *radius, *radius > 0.0, "above 0")?;
            }
            LightShape::Parallelogram { u, v } => {
                if update.radius.is_some() {
                    return Err(Error::script("`radius` does not fit a parallelogram light")
                        .hint("give `u` and `v`, or `light_type: \"Spherical\"`"));
                }
                *u = update.u.unwrap_or(*u);
                *v = update.v.unwrap_or(*v);
                check_vector("u", *u)?;
                check_vector("v", *v)?;
                let area = u.normalize_or_zero().cross(v.normalize_or_zero()).length();
                if area <= 1e-6 {
                    return Err(Error::script("`u` and `v` span no area")
                        .hint("give two edges that are neither zero nor parallel"));
                }
            }
        }
        light.pos = update.pos.unwrap_or(light.pos);
        light.color = update.color.unwrap_or(light.color);
        light.in_geometry = update.in_geometry.unwrap_or(light.in_geometry);
        check_point("pos", light.pos)?;
        check_color("color", light.color)?;
        Ok(light)
    }
}
