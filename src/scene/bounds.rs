//! Boxes around things.

use glam::{Affine3A, Vec3};

/// An axis-aligned box; empty while `lo` is above `hi`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub lo: Vec3,
    pub hi: Vec3,
}

impl Bounds {
    pub const EMPTY: Bounds = Bounds { lo: Vec3::INFINITY, hi: Vec3::NEG_INFINITY };

    pub fn is_empty(&self) -> bool {
        self.lo.x > self.hi.x
    }
    pub fn add(&mut self, point: Vec3) {
        self.lo = self.lo.min(point);
        self.hi = self.hi.max(point);
    }
    pub fn union(self, other: Bounds) -> Bounds {
        Bounds { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }
    /// The origin where the box is empty.
    pub fn center(&self) -> Vec3 {
        if self.is_empty() {
            return Vec3::ZERO;
        }
        self.lo + (self.hi - self.lo) * 0.5
    }
    pub fn corners(&self) -> [Vec3; 8] {
        std::array::from_fn(|i| {
            Vec3::new(
                if i & 1 == 0 { self.lo.x } else { self.hi.x },
                if i & 2 == 0 { self.lo.y } else { self.hi.y },
                if i & 4 == 0 { self.lo.z } else { self.hi.z },
            )
        })
    }
    /// The box around the transformed box.
    pub fn transformed(&self, transform: &Affine3A) -> Bounds {
        if self.is_empty() || *transform == Affine3A::IDENTITY {
            return *self;
        }
        let mut bounds = Bounds::EMPTY;
        for corner in self.corners() {
            bounds.add(transform.transform_point3(corner));
        }
        bounds
    }
}
