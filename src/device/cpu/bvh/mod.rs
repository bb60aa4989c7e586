//! Acceleration structures of the CPU: one 8-wide tree per plot, and one over the instances.
//!
//! The crate obvhs does the clustering; this module prepares its input and converts its output to the trees that
//! `kernels/cpu/traverse.h` traverses. Primitives are sorted along a Morton curve and cut into pieces of a few thousand
//! ([`pieces`]), each piece becomes a binary tree ([`tree2`]) and then an 8-wide one ([`collapse`]), a small tree over
//! the pieces joins them ([`plot`]), and the kernels compute bounds and leaves from the data, in the same sweep that
//! refits a moved plot. Pieces use all cores, and only a few thousand primitives at a time need a builder's memory.

mod buffer;
mod collapse;
pub mod ffi;
mod pieces;
mod plot;
mod scene;
mod top;
mod tree2;

pub use plot::{Bvh, Updated};
pub use scene::{SceneTrees, Uploaded};
pub use top::TopBvh;

/// An axis-aligned box.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bounds {
    lo: [f32; 3],
    hi: [f32; 3],
}

impl Bounds {
    const EMPTY: Bounds = Bounds { lo: [f32::INFINITY; 3], hi: [f32::NEG_INFINITY; 3] };

    fn union(&self, o: &Bounds) -> Bounds {
        Bounds {
            lo: std::array::from_fn(|a| self.lo[a].min(o.lo[a])),
            hi: std::array::from_fn(|a| self.hi[a].max(o.hi[a])),
        }
    }

    /// The centre, computed without overflow even for coordinates near the largest float.
    fn center(&self) -> [f64; 3] {
        std::array::from_fn(|a| 0.5 * (f64::from(self.lo[a]) + f64::from(self.hi[a])))
    }

    fn is_finite(&self) -> bool {
        self.lo.iter().chain(&self.hi).all(|x| x.is_finite())
    }
}
