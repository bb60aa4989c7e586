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
        }
    }

    /// Whether a point is inside of it.
    pub fn encloses(&self, point: DVec3) -> bool {
        match *self {
            Body::Ball { center, radius } => (point - center).length_squared() < f64::from(radius).powi(2),
            Body::Span { corner, edges, count: 3 } => {
                let [u, v, w] = edges.map(|edge| edge.as_dvec3());
                let from = point - corner;
                let (volume, at) =
                    (u.dot(v.cross(w)), [from.dot(v.cross(w)), from.dot(w.cross(u)), from.dot(u.cross(v))]);
                at.iter().all(|&at| (at / volume) > 0.0 && (at / volume) < 1.0)
            }
            // It has no inside.
            Body::Span { .. } => false,
        }
    }

    /// Its middle.
    pub fn middle(&self) -> DVec3 {
        match *self {
            Body::Ball { center, .. } => center,
            Body::Span { corner, edges, count } => corner + (edges[..count].iter().sum::<Vec3>() * 0.5).as_dvec3(),
        }
    }
}
