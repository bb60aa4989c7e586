//! The shapes that plots are made of, one row each, and the kinds of plots that scripts name.
//!
//! A new shape is a variant of [`Shape`], a row of `SHAPES`, a kind of plot, and its header in `kernels/shape`.

use super::body::Body;
use super::channel::{Channel, Channels, Values};
use super::positions::Positions;
use crate::choice::Choice;
use glam::{DVec3, Vec3};

/// The shapes that the kernels intersect: `PLOT_SHAPES` in `kernels/shape/shapes.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Shape {
    Sphere,
    Parallelogram,
    Parallelepiped,
    Tetrahedron,
    Segment,
}

/// What the host knows of a shape.
pub struct ShapeRow {
    pub shape: Shape,
    /// The channels that primitives are made of, besides their positions.
    pub channels: &'static [Channel],
    /// Positions of a primitive: 1, or the nodes that it connects.
    pub nodes: usize,
    /// How many of the edge vectors `u`, `v`, `w` it has.
    pub edges: usize,
    /// The shape to which edge vectors that are not given are chosen: see `scene/edges.rs`.
    pub regular: Regular,
    /// A primitive as a body, in the plot's coordinates.
    pub body: fn(Primitive) -> Body,
}

/// The data of one primitive.
#[derive(Clone, Copy)]
pub struct Primitive<'a> {
    pub positions: &'a Positions,
    pub data: &'a Channels<Values>,
    /// Its first element.
    pub first: usize,
}

impl Primitive<'_> {
    fn pos(&self, node: usize) -> DVec3 {
        self.positions.at(self.first + node)
    }

    fn scalar(&self, channel: Channel, node: usize) -> f32 {
        self.data[channel].scalar(self.first + node)
    }

    fn edges(&self) -> [Vec3; 3] {
        [Channel::U, Channel::V, Channel::W].map(|edge| self.data[edge].vector(self.first).into())
    }
}

/// All shapes, in the order of [`Shape`].
pub static SHAPES: [ShapeRow; 5] = [
    ShapeRow {
        shape: Shape::Sphere,
        channels: &[Channel::R],
        nodes: 1,
        edges: 0,
        regular: Regular::Cube,
        body: |primitive| Body::Ball { center: primitive.pos(0), radius: primitive.scalar(Channel::R, 0) },
    },
    ShapeRow {
        shape: Shape::Parallelogram,
        channels: &[Channel::U, Channel::V],
        nodes: 1,
        edges: 2,
        regular: Regular::Cube,
        body: |primitive| Body::Span { corner: primitive.pos(0), edges: primitive.edges(), count: 2 },
    },
    ShapeRow {
        shape: Shape::Parallelepiped,
        channels: &[Channel::U, Channel::V, Channel::W],
        nodes: 1,
        edges: 3,
        regular: Regular::Cube,
        body: |primitive| Body::Span { corner: primitive.pos(0), edges: primitive.edges(), count: 3 },
    },
    ShapeRow {
        shape: Shape::Tetrahedron,
        channels: &[Channel::U, Channel::V, Channel::W],
        nodes: 1,
        edges: 3,
        regular: Regular::Tetrahedron,
        body: |primitive| Body::Tetrahedron { corner: primitive.pos(0), edges: primitive.edges() },
    },
    ShapeRow {
        shape: Shape::Segment,
        channels: &[Channel::R],
        nodes: 2,
        edges: 0,
        regular: Regular::Cube,
        body: |primitive| Body::Capsule {
            ends: [0, 1].map(|node| primitive.pos(node)),
            radii: [0, 1].map(|node| primitive.scalar(Channel::R, node)),
        },
    },
];
const _: () = {
    let mut i = 0;
    while i < SHAPES.len() {
        assert!(SHAPES[i].shape as usize == i, "the table is in the order of the enum");
        i += 1;
    }
};

impl Shape {
    pub fn row(self) -> &'static ShapeRow {
        &SHAPES[self as usize]
    }

    /// The name of its type in the kernels.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// Whether a channel decides where its primitives are.
    pub fn uses(self, channel: Channel) -> bool {
        channel == Channel::Pos || self.row().channels.contains(&channel)
    }

    /// The edge vectors that it has.
    pub fn edges(self) -> &'static [Channel] {
        &[Channel::U, Channel::V, Channel::W][..self.row().edges]
    }
}

/// Where the edges of a regular primitive are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regular {
    /// At right angles.
    Cube,
    /// At 60 degrees.
    Tetrahedron,
}

/// A kind of plot.
pub struct KindRow {
    pub kind: GeometryKind,
    /// The value of `geom` in `set_data`: PlotOptiX's name, where it has one.
    pub name: &'static str,
    pub shape: Shape,
    /// All primitives share one size: one radius, or one set of edges.
    pub const_size: bool,
    /// Positions from the first of a primitive to the first of the next.
    pub step: usize,
    /// What it shows, for the documentation.
    pub doc: &'static str,
}

/// Makes the enum of the kinds and their table from one list.
macro_rules! kinds {
    ($($kind:ident: $shape:ident, $const_size:literal, $step:literal, $doc:literal;)*) => {
        /// The values of `geom` in `set_data`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum GeometryKind {
            $(#[doc = $doc] $kind),*
        }

        impl GeometryKind {
            /// All kinds, in the order of their values.
            pub const ALL: &[KindRow] = &[$(KindRow {
                kind: GeometryKind::$kind,
                name: stringify!($kind),
                shape: Shape::$shape,
                const_size: $const_size,
                step: $step,
                doc: $doc,
            }),*];
            /// The kinds and what they are, in the words of scripts.
            pub const DOC: &'static str = concat!($("`", stringify!($kind), "`: ", $doc, " "),*).trim_ascii_end();
        }

        impl Choice for GeometryKind {
            const CHOICES: &'static [(&'static str, Self)] = &[$((stringify!($kind), GeometryKind::$kind)),*];
            const NAMES: &'static [&'static str] = &[$(stringify!($kind)),*];
        }
    };
}

kinds! {
    // name: shape, whether all primitives share one size, positions from one to the next, documentation
    ParticleSet: Sphere, false, 1, "spheres.";
    ParticleSetConstSize: Sphere, true, 1, "spheres of one radius.";
    Parallelograms: Parallelogram, false, 1, "parallelograms with a corner and the edges `u`, `v`.";
    ParallelogramsConstSize: Parallelogram, true, 1, "parallelograms with the same edges.";
    Parallelepipeds: Parallelepiped, false, 1, "boxes with a corner and the edges `u`, `v`, `w`.";
    ParallelepipedsConstSize: Parallelepiped, true, 1, "boxes with the same edges.";
    Tetrahedrons: Tetrahedron, false, 1, "tetrahedrons with a corner and the edges `u`, `v`, `w`; not drawn where these have no volume.";
    SegmentChain: Segment, false, 1, "a chain of cylinders, or cones, with round ends through all positions, of which each has its radius and colour; in between the colours are blended.";
    Segments: Segment, false, 2, "the same, but each between two positions of its own: the first and second, the third and fourth, and so on.";
}

/// Kinds of PlotOptiX that are not there yet.
pub const LATER_KINDS: &[&str] = &[
    "ParticleSetTextured",
    "BezierChain",
    "Mesh",
    "BSplineQuad",
    "BSplineCubic",
    "Graph",
    "CatmullRom",
    "Beziers",
    "Ribbon",
    "BSplineQuadRocaps",
    "BSplineCubicRocaps",
    "CatmullRomRocaps",
    "BezierRocaps",
];

impl GeometryKind {
    pub fn row(self) -> &'static KindRow {
        &GeometryKind::ALL[self as usize]
    }

    /// The name in scripts.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn shape(self) -> Shape {
        self.row().shape
    }

    /// True when all primitives share one size: one radius, or one set of edges.
    pub fn is_const_size(self) -> bool {
        self.row().const_size
    }

    /// Number of primitives of so many positions.
    pub fn primitives(self, positions: usize) -> usize {
        match positions.checked_sub(self.shape().row().nodes) {
            Some(rest) => rest / self.row().step + 1,
            None => 0,
        }
    }
}
