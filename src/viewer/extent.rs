//! Which data of a plot give a primitive its size and direction: the only place of the viewer that distinguishes shapes.

use crate::scene::{Geometry, Shape};
use glam::Vec3;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Extent {
    /// The radius: the primitive has no direction.
    Radius(f32),
    /// Edge vectors from the position, each with its name in `set_data`. The middle is half their sum away.
    Edges(Vec<(&'static str, Vec3)>),
}

impl Extent {
    /// The extent of a primitive, in the plot's coordinates.
    pub fn of(plot: &Geometry, index: usize) -> Extent {
        let edges = |count: usize| {
            let all = [("u", &plot.u), ("v", &plot.v), ("w", &plot.w)];
            Extent::Edges(all[..count].iter().map(|(name, edge)| (*name, edge.get(index).into())).collect())
        };
        match plot.kind.shape() {
            Shape::Sphere => Extent::Radius(plot.r.get(index)),
            Shape::Parallelogram => edges(2),
            Shape::Parallelepiped => edges(3),
        }
    }

    /// The vector from the position to the middle.
    pub fn to_middle(&self) -> Vec3 {
        match self {
            Extent::Radius(_) => Vec3::ZERO,
            Extent::Edges(edges) => edges.iter().map(|(_, edge)| edge).sum::<Vec3>() * 0.5,
        }
    }
}
