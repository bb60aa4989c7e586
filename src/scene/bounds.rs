//! Axis-aligned boxes.

use super::positions::origin_near;
use glam::{DAffine3, DVec3};

/// An axis-aligned box; empty while `lo` is above `hi`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub lo: DVec3,
    pub hi: DVec3,
}

impl Bounds {
    pub const EMPTY: Bounds = Bounds { lo: DVec3::INFINITY, hi: DVec3::NEG_INFINITY };

    pub fn is_empty(&self) -> bool {
        self.lo.x > self.hi.x
    }
    pub fn add(&mut self, point: DVec3) {
        self.lo = self.lo.min(point);
        self.hi = self.hi.max(point);
    }
    pub fn union(self, other: Bounds) -> Bounds {
        Bounds { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }
    /// The centre; the origin where the box is empty.
    pub fn center(&self) -> DVec3 {
        if self.is_empty() {
            return DVec3::ZERO;
        }
        self.lo + (self.hi - self.lo) * 0.5
    }
    /// The point relative to which to store the points of this box, with parts that are at least `size` large; see
    /// [`origin_near`].
    pub fn origin(&self, size: f64) -> DVec3 {
        origin_near(self.center(), (self.hi - self.lo).max_element().max(size))
    }
    pub fn corners(&self) -> [DVec3; 8] {
        std::array::from_fn(|i| {
            DVec3::new(
                if i & 1 == 0 { self.lo.x } else { self.hi.x },
                if i & 2 == 0 { self.lo.y } else { self.hi.y },
                if i & 4 == 0 { self.lo.z } else { self.hi.z },
            )
        })
    }
    /// The box around the transformed box.
    pub fn transformed(&self, transform: &DAffine3) -> Bounds {
        if self.is_empty() || *transform == DAffine3::IDENTITY {
            return *self;
        }
        let mut bounds = Bounds::EMPTY;
        for corner in self.corners() {
            bounds.add(transform.transform_point3(corner));
        }
        bounds
    }
}
