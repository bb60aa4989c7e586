//! The shapes that plots are made of, one row each, and the kinds of plots that scripts name.
//!
//! A new shape is a variant of [`Shape`], a row of `SHAPES`, a kind of plot, and its header in `kernels/shape`.

use super::Geometry;
use super::body::Body;
use super::channel::Channel;

/// The shapes that the kernels intersect: `PLOT_SHAPES` in `kernels/shape/shapes.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Shape {
    Sphere,
    Parallelogram,
    Parallelepiped,
}

/// What the host knows of a shape.
pub struct ShapeRow {
    pub shape: Shape,
    /// The channels that primitives are made of, besides their positions.
    pub channels: &'static [Channel],
    /// How many of the edge vectors `u`, `v`, `w` it has. Those that are not given are chosen: see `scene/edges.rs`.
    pub edges: usize,
    /// Primitive `i` of a plot as a body, in the plot's coordinates.
    pub body: fn(&Geometry, usize) -> Body,
}

/// All shapes, in the order of [`Shape`].
pub static SHAPES: [ShapeRow; 3] = [
    ShapeRow {
        shape: Shape::Sphere,
        channels: &[Channel::R],
        edges: 0,
        body: |plot, i| Body::Ball { center: plot.pos.at(i), radius: plot[Channel::R].scalar(i) },
    },
    ShapeRow {
        shape: Shape::Parallelogram,
        channels: &[Channel::U, Channel::V],
        edges: 2,
        body: |plot, i| Body::Span { corner: plot.pos.at(i), edges: plot.edges_of(i), count: 2 },
    },
    ShapeRow {
        shape: Shape::Parallelepiped,
        channels: &[Channel::U, Channel::V, Channel::W],
        edges: 3,
        body: |plot, i| Body::Span { corner: plot.pos.at(i), edges: plot.edges_of(i), count: 3 },
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

/// A kind of plot.
pub struct KindRow {
    pub kind: GeometryKind,
    /// The value of `geom` in `set_data`: PlotOptiX's name.
    pub name: &'static str,
    pub shape: Shape,
    /// All primitives share one size: one radius, or one set of edges.
    pub const_size: bool,
}

/// Makes the enum of the kinds and their table from one list.
macro_rules! kinds {
    ($($kind:ident: $shape:ident, $const_size:literal;)*) => {
        /// The values of `geom` in `set_data`, with PlotOptiX's names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum GeometryKind {
            $($kind),*
        }

        impl GeometryKind {
            /// All kinds, in the order of their values.
            pub const ALL: &[KindRow] = &[$(KindRow {
                kind: GeometryKind::$kind,
                name: stringify!($kind),
                shape: Shape::$shape,
                const_size: $const_size,
            }),*];
        }
    };
}

kinds! {
    // name: shape, whether all primitives share one size
    ParticleSet: Sphere, false;
    ParticleSetConstSize: Sphere, true;
    Parallelograms: Parallelogram, false;
    ParallelogramsConstSize: Parallelogram, true;
    Parallelepipeds: Parallelepiped, false;
    ParallelepipedsConstSize: Parallelepiped, true;
}

impl GeometryKind {
    fn row(self) -> &'static KindRow {
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
}
