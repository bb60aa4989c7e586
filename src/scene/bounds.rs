//! Axis-aligned boxes, and the origin relative to which what they hold is stored.

use glam::{DAffine3, DVec3};

/// Positions further from the origin than this many times their own extent are stored relative to an origin of their
/// own. Up to there, single precision resolves the extent into 2^24 / 64, more than a quarter of a million steps.
const FAR: f64 = 64.0;

/// The point relative to which positions of the given extent around `center` keep their digits: the scene's origin
/// where that is sufficient, otherwise a point near `center` with few binary digits, which stays the same while
/// `center` moves a little.
pub fn origin_near(center: DVec3, size: f64) -> DVec3 {
    if center.abs().max_element() <= FAR * size {
        return DVec3::ZERO;
    }
    // The power of two above four times the size. A point without an extent is its own origin.
    let step = 4.0 * f64::from_bits(size.to_bits() & !((1 << 52) - 1)) * 2.0;
    if step.is_normal() { (center / step).round() * step } else { center }
}

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
