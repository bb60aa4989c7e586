//! How well an acceleration structure still fits after its primitives moved.
//!
//! OptiX does not expose its structures. So a small tree over a sample of the primitives represents the large one:
//! sorted along a Morton curve when the structure is built, and never sorted again. Its surface-area cost grows with
//! that of the structure that is refitted.

use crate::device::kernels::best;
use crate::device::layout::GeometryData;
use glam::Vec3;

/// Primitives of a sample: computing a cost takes some 0.1 ms.
const SAMPLE: u32 = 4096;

/// The sample of a plot, and its cost when its structure was built.
#[derive(Debug, Clone)]
pub struct Fit {
    /// Indices of primitives in the order of the small tree's leaves.
    sample: Vec<u32>,
    built_cost: f64,
}

impl Fit {
    /// # Safety
    /// All arrays of `plot`, on the host, are valid.
    pub unsafe fn new(plot: &GeometryData) -> Fit {
        let step = plot.count.div_ceil(SAMPLE).max(1) as usize;
        let mut sample: Vec<u32> = (0..plot.count).step_by(step).collect();
        // SAFETY: as required of the caller.
        let boxes = unsafe { bounds(plot, &sample) };
        let all = boxes.iter().fold(Bounds::EMPTY, |all, b| all.union(b));
        let size = (all.high - all.low).max(Vec3::splat(f32::MIN_POSITIVE));
        let code = |i: u32| morton((boxes[i as usize / step].center() - all.low) / size);
        sample.sort_by_cached_key(|&i| code(i));
        let mut fit = Fit { sample, built_cost: 0.0 };
        // SAFETY: as required of the caller.
        fit.built_cost = unsafe { fit.cost(plot) };
        fit
    }

    /// The present cost divided by the cost at the build.
    ///
    /// # Safety
    /// The same as for [`Fit::new`]; the plot has as many primitives as at the build.
    pub unsafe fn worsening(&self, plot: &GeometryData) -> f64 {
        // SAFETY: as required of the caller.
        let cost = unsafe { self.cost(plot) };
        if self.built_cost > 0.0 { cost / self.built_cost } else { 1.0 }
    }

    /// Sum of the surface areas of all boxes of a balanced tree, divided by that of the largest.
    unsafe fn cost(&self, plot: &GeometryData) -> f64 {
        // SAFETY: as required of the caller.
        let mut level = unsafe { bounds(plot, &self.sample) };
        let mut sum = 0.0;
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| pair.iter().fold(Bounds::EMPTY, |all, b| all.union(b))).collect();
            sum += level.iter().map(Bounds::area).sum::<f64>();
        }
        match level.first().map(Bounds::area) {
            Some(largest) if largest > 0.0 => sum / largest,
            _ => 0.0,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    low: Vec3,
    high: Vec3,
}

impl Bounds {
    const EMPTY: Bounds = Bounds { low: Vec3::INFINITY, high: Vec3::NEG_INFINITY };

    fn union(&self, other: &Bounds) -> Bounds {
        Bounds { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    fn center(&self) -> Vec3 {
        (self.low + self.high) * 0.5
    }

    fn area(&self) -> f64 {
        let size = (self.high - self.low).max(Vec3::ZERO).as_dvec3();
        size.x * size.y + size.y * size.z + size.z * size.x
    }
}

/// The boxes around some primitives; those that cannot be hit are empty.
unsafe fn bounds(plot: &GeometryData, primitives: &[u32]) -> Vec<Bounds> {
    let mut corners = vec![[Vec3::ZERO; 2]; primitives.len()];
    let count = primitives.len() as u32;
    // SAFETY: as required of the caller; there are two corners for each primitive.
    unsafe { (best().bvh.bounds)(plot, primitives.as_ptr(), 0, count, corners.as_mut_ptr().cast()) };
    let bounds = |[low, high]: [Vec3; 2]| if low.is_finite() { Bounds { low, high } } else { Bounds::EMPTY };
    corners.into_iter().map(bounds).collect()
}

/// Position along a Morton curve of a point in the unit cube.
fn morton(p: Vec3) -> u32 {
    let spread = |x: f32| {
        let x = (x.clamp(0.0, 1.0) * 1023.0) as u32;
        (0..10).fold(0, |code, bit| code | ((x >> bit) & 1) << (3 * bit))
    };
    spread(p.x) | spread(p.y) << 1 | spread(p.z) << 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::layout::{Attribute, CHANNELS};
    use crate::scene::{Channel, Shape};

    fn plot(points: &[[f32; 3]], radius: &f32) -> GeometryData {
        let mut attribute = [Attribute::default(); CHANNELS];
        attribute[Channel::Pos as usize] = Attribute { data: points.as_ptr().cast(), stride: 3, pad: 0 };
        attribute[Channel::R as usize] = Attribute { data: radius, stride: 0, pad: 0 };
        let count = points.len() as u32;
        GeometryData {
            attribute,
            shape: Shape::Sphere as u32,
            count,
            elements: count,
            step: 1,
            accel: std::ptr::null(),
        }
    }

    /// Points in random order.
    fn points(count: u32, seed: u64) -> Vec<[f32; 3]> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1u64 << 24) as f32
        };
        (0..count).map(|_| std::array::from_fn(|_| next())).collect()
    }

    #[test]
    fn a_move_of_all_leaves_the_fit_and_a_shuffle_spoils_it() {
        for count in [2, 1000, 50_000] {
            let before = points(count, 0);
            let shifted: Vec<[f32; 3]> = before.iter().map(|p| [p[0] + 5.0, p[1] - 2.0, p[2]]).collect();
            let shuffled = points(count, 1);
            // SAFETY: the points live.
            unsafe {
                let fit = Fit::new(&plot(&before, &0.001));
                let same = fit.worsening(&plot(&shifted, &0.001));
                assert!((same - 1.0).abs() < 0.01, "{count}: {same}");
                let worse = fit.worsening(&plot(&shuffled, &0.001));
                assert!(count < 10 || worse > 2.0, "{count}: {worse}");
            }
        }
    }

    #[test]
    fn one_primitive_without_an_extent_fits() {
        // SAFETY: the points live.
        unsafe {
            let fit = Fit::new(&plot(&[[1.0; 3]], &0.0));
            assert_eq!(fit.worsening(&plot(&[[2.0; 3]], &0.0)), 1.0);
        }
    }
}
