//! Primitives as solid bodies, for questions of the host: how far they reach, and what is inside of them.

use glam::{DVec3, Vec3};

/// A primitive in its plot's coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Body {
    Ball {
        center: DVec3,
        radius: f32,
    },
    /// A parallelogram or parallelepiped: the first `count` edges from its corner.
    Span {
        corner: DVec3,
        edges: [Vec3; 3],
        count: usize,
    },
    /// The convex hull of a corner and the ends of its edges.
    Tetrahedron {
        corner: DVec3,
        edges: [Vec3; 3],
    },
    /// The convex hull of two balls.
    Capsule {
        ends: [DVec3; 2],
        radii: [f32; 2],
    },
}

impl Body {
    /// The opposite corners of the box around it.
    pub fn bounds(&self) -> [DVec3; 2] {
        match *self {
            Body::Ball { center, radius } => {
                let r = DVec3::splat(radius.into());
                [center - r, center + r]
            }
            Body::Span { corner, edges, count } => {
                let (lo, hi) = edges[..count].iter().fold((Vec3::ZERO, Vec3::ZERO), |(lo, hi), edge| {
                    (lo + edge.min(Vec3::ZERO), hi + edge.max(Vec3::ZERO))
                });
                [corner + lo.as_dvec3(), corner + hi.as_dvec3()]
            }
            Body::Tetrahedron { corner, edges } => {
                let (lo, hi) =
                    edges.iter().fold((Vec3::ZERO, Vec3::ZERO), |(lo, hi), edge| (lo.min(*edge), hi.max(*edge)));
                [corner + lo.as_dvec3(), corner + hi.as_dvec3()]
            }
            Body::Capsule { ends, radii } => {
                let [a, b] = radii.map(|radius| DVec3::splat(radius.into()));
                [(ends[0] - a).min(ends[1] - b), (ends[0] + a).max(ends[1] + b)]
            }
        }
    }

    /// The largest dot product of one of its points with each direction, of which the lengths are known. Exact: a ball
    /// extends beyond its centre by its radius times the length of the direction, a box beyond its corner by all edges
    /// that point along the direction.
    pub fn reach<const N: usize>(&self, directions: &[DVec3; N], lengths: &[f64; N]) -> [f64; N] {
        match self {
            Body::Ball { center, radius } => {
                std::array::from_fn(|k| center.dot(directions[k]) + f64::from(*radius) * lengths[k])
            }
            Body::Span { corner, edges, count } => {
                let mut reach = directions.map(|direction| corner.dot(direction));
                for edge in &edges[..*count] {
                    for (reach, direction) in reach.iter_mut().zip(directions) {
                        *reach += edge.as_dvec3().dot(*direction).max(0.0);
                    }
                }
                reach
            }
            Body::Tetrahedron { corner, edges } => std::array::from_fn(|k| {
                let along = edges.iter().map(|edge| edge.as_dvec3().dot(directions[k]));
                corner.dot(directions[k]) + along.fold(0.0, f64::max)
            }),
            Body::Capsule { ends, radii } => std::array::from_fn(|k| {
                let of = |end: usize| ends[end].dot(directions[k]) + f64::from(radii[end]) * lengths[k];
                of(0).max(of(1))
            }),
        }
    }

    /// Whether a point is inside of it.
    pub fn encloses(&self, point: DVec3) -> bool {
        match *self {
            Body::Ball { center, radius } => (point - center).length_squared() < f64::from(radius).powi(2),
            Body::Span { corner, edges, count: 3 } => {
                coordinates(point - corner, edges).iter().all(|&at| at > 0.0 && at < 1.0)
            }
            // It has no inside.
            Body::Span { .. } => false,
            Body::Tetrahedron { corner, edges } => {
                let at = coordinates(point - corner, edges);
                at.iter().all(|&at| at > 0.0) && at.iter().sum::<f64>() < 1.0
            }
            Body::Capsule { ends: [a, b], radii } => {
                let [ra, rb] = radii.map(f64::from);
                let (axis, from, taper) = (b - a, point - a, rb - ra);
                // The ball whose surface is nearest to the point: along the axis, and further by the slope of the cone.
                let (length2, along) = (axis.length_squared(), from.dot(axis));
                let across = (from.length_squared() - along * along / length2).max(0.0).sqrt();
                let slope = taper / (length2 - taper * taper).max(0.0).sqrt();
                let at = along / length2 + across * slope / length2.sqrt();
                let at = if at.is_finite() { at.clamp(0.0, 1.0) } else { f64::from(u8::from(rb > ra)) };
                (from - axis * at).length() < ra + at * taper
            }
        }
    }

    /// Its middle.
    pub fn middle(&self) -> DVec3 {
        match *self {
            Body::Ball { center, .. } => center,
            Body::Span { corner, edges, count } => corner + (edges[..count].iter().sum::<Vec3>() * 0.5).as_dvec3(),
            Body::Tetrahedron { corner, edges } => corner + (edges.iter().sum::<Vec3>() * 0.25).as_dvec3(),
            Body::Capsule { ends: [a, b], .. } => (a + b) * 0.5,
        }
    }
}

/// Coordinates of a vector along three edges.
fn coordinates(from: DVec3, edges: [Vec3; 3]) -> [f64; 3] {
    let [u, v, w] = edges.map(|edge| edge.as_dvec3());
    let volume = u.dot(v.cross(w));
    [v.cross(w), w.cross(u), u.cross(v)].map(|area| from.dot(area) / volume)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    fn bodies() -> [Body; 5] {
        let edges = [Vec3::new(2.0, 0.1, 0.0), Vec3::new(-0.3, 1.5, 0.2), Vec3::new(0.1, 0.2, 1.0)];
        let corner = DVec3::new(0.3, -0.2, 0.1);
        [
            Body::Ball { center: corner, radius: 0.8 },
            Body::Span { corner, edges, count: 3 },
            Body::Tetrahedron { corner, edges },
            Body::Capsule { ends: [corner, DVec3::new(2.0, 1.0, -0.5)], radii: [0.7, 0.2] },
            Body::Capsule { ends: [corner, corner + DVec3::X * 0.1], radii: [0.2, 0.9] },
        ]
    }

    /// A point is inside exactly if no direction separates it from the body: seen along many directions.
    #[test]
    fn a_body_encloses_what_lies_below_its_reach_in_all_directions() {
        let mut random = SplitMix64(5);
        let mut vector = |size: f64| DVec3::from([0; 3].map(|_| (f64::from(random.uniform()) * 2.0 - 1.0) * size));
        let directions: Vec<DVec3> = (0..4000).map(|_| vector(1.0).normalize_or(DVec3::X)).collect();
        for body in bodies() {
            let (mut inside, mut wrong) = (0, 0);
            for _ in 0..400 {
                let point = body.middle() + vector(1.5);
                let beyond = |d: &DVec3| point.dot(*d) - body.reach(&[*d], &[d.length()])[0];
                let furthest = directions.iter().map(beyond).fold(f64::NEG_INFINITY, f64::max);
                inside += usize::from(body.encloses(point));
                // Near the surface, the directions are too few to decide.
                wrong += usize::from(furthest.abs() > 0.05 && body.encloses(point) != (furthest < 0.0));
            }
            assert!(inside > 5 && wrong == 0, "{body:?}: {inside} inside, {wrong} wrong");
        }
    }

    #[test]
    fn bounds_are_the_reach_along_the_axes() {
        for body in bodies() {
            let axes = [DVec3::X, DVec3::Y, DVec3::Z, DVec3::NEG_X, DVec3::NEG_Y, DVec3::NEG_Z];
            let reach = body.reach(&axes, &[1.0; 6]);
            let [lo, hi] = body.bounds().map(|corner| corner.to_array());
            for k in 0..3 {
                assert!((hi[k] - reach[k]).abs() < 1e-6 && (lo[k] + reach[k + 3]).abs() < 1e-6, "{body:?}");
            }
        }
    }
}
