//! Named plots: many primitives of one shape, their data, their material, their place in the world.

use glam::Affine3A;
use std::sync::Arc;

/// The kernel's shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    Sphere,
    Parallelogram,
    Parallelepiped,
}

/// `geom` of `set_data`, with PlotOptiX's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GeometryKind {
    ParticleSet,
    ParticleSetConstSize,
    Parallelograms,
    ParallelogramsConstSize,
    Parallelepipeds,
    ParallelepipedsConstSize,
}

impl GeometryKind {
    pub const ALL: [GeometryKind; 6] = [
        GeometryKind::ParticleSet,
        GeometryKind::ParticleSetConstSize,
        GeometryKind::Parallelograms,
        GeometryKind::ParallelogramsConstSize,
        GeometryKind::Parallelepipeds,
        GeometryKind::ParallelepipedsConstSize,
    ];
    pub fn name(self) -> &'static str {
        match self {
            GeometryKind::ParticleSet => "ParticleSet",
            GeometryKind::ParticleSetConstSize => "ParticleSetConstSize",
            GeometryKind::Parallelograms => "Parallelograms",
            GeometryKind::ParallelogramsConstSize => "ParallelogramsConstSize",
            GeometryKind::Parallelepipeds => "Parallelepipeds",
            GeometryKind::ParallelepipedsConstSize => "ParallelepipedsConstSize",
        }
    }
    pub fn shape(self) -> Shape {
        match self {
            GeometryKind::ParticleSet | GeometryKind::ParticleSetConstSize => Shape::Sphere,
            GeometryKind::Parallelograms | GeometryKind::ParallelogramsConstSize => Shape::Parallelogram,
            GeometryKind::Parallelepipeds | GeometryKind::ParallelepipedsConstSize => Shape::Parallelepiped,
        }
    }
}

/// One value for all primitives of a plot, or one for each.
#[derive(Debug, Clone)]
pub enum PerPrimitive<T> {
    All(T),
    /// As long as the plot has primitives.
    Each(Arc<[T]>),
}

/// Equal when the same buffer or the same single value; buffers are compared by identity, not by content,
/// because this decides what is uploaded, and comparing a million values costs as much as uploading them.
impl<T: PartialEq> PartialEq for PerPrimitive<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (PerPrimitive::All(a), PerPrimitive::All(b)) => a == b,
            (PerPrimitive::Each(a), PerPrimitive::Each(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// A plot. All values are finite; radii are positive or zero.
///
/// Positions and vectors are in the plot's own coordinates; `transform` places the plot in the world.
#[derive(Debug, Clone)]
pub struct Geometry {
    pub kind: GeometryKind,
    /// Centres of spheres, corners of parallelograms and parallelepipeds.
    pub pos: Arc<[[f32; 3]]>,
    /// Radii of spheres (unused by other shapes).
    pub r: PerPrimitive<f32>,
    /// Edge vectors: `u`, `v` of parallelograms, `u`, `v`, `w` of parallelepipeds.
    pub u: PerPrimitive<[f32; 3]>,
    pub v: PerPrimitive<[f32; 3]>,
    pub w: PerPrimitive<[f32; 3]>,
    /// Linear RGB.
    pub color: PerPrimitive<[f32; 3]>,
    /// Name of the material.
    pub material: String,
    /// World from plot coordinates.
    pub transform: Affine3A,
}

impl PartialEq for Geometry {
    fn eq(&self, o: &Self) -> bool {
        self.kind == o.kind
            && Arc::ptr_eq(&self.pos, &o.pos)
            && self.r == o.r
            && self.u == o.u
            && self.v == o.v
            && self.w == o.w
            && self.color == o.color
            && self.material == o.material
            && self.transform == o.transform
    }
}

/// What a script gives to `set_data` and `update_data`: whatever is `None` keeps its value or its default.
#[derive(Debug, Clone, Default)]
pub struct GeometryData {
    pub kind: Option<GeometryKind>,
    pub pos: Option<Arc<[[f32; 3]]>>,
    pub r: Option<PerPrimitive<f32>>,
    pub u: Option<PerPrimitive<[f32; 3]>>,
    pub v: Option<PerPrimitive<[f32; 3]>>,
    pub w: Option<PerPrimitive<[f32; 3]>>,
    pub color: Option<PerPrimitive<[f32; 3]>>,
    pub material: Option<String>,
    /// Missing edge vectors: true (default) gives each primitive a random rotation, false aligns them with the axes.
    pub rnd: Option<bool>,
}
