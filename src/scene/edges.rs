//! Edge vectors that the script does not give: regular primitives, aligned with the axes or randomly rotated.

use super::channel::{Channel, Channels, Values};
use super::shape::{GeometryKind, Regular};
use crate::random::{STEP, SplitMix64};
use glam::{Mat3, Quat, Vec3};

const EDGES: [Channel; 3] = [Channel::U, Channel::V, Channel::W];

/// Which of the edge vectors a channel holds, if any.
pub(super) fn index(channel: Channel) -> Option<usize> {
    EDGES.iter().position(|edge| *edge == channel)
}

/// Where the edge vectors `u`, `v`, `w` of a plot come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edges {
    /// True for the edges that were given; the others are chosen.
    pub given: [bool; 3],
    /// Each primitive has its own random rotation; otherwise chosen edges follow the axes.
    pub random: bool,
}

impl Default for Edges {
    fn default() -> Self {
        Edges { given: [false; 3], random: true }
    }
}

/// Fills in the edges that were not given, so that primitives are regular: of length `r` where no edge is given,
/// otherwise as long as the given ones, and at the angles of the regular shape to them.
pub(super) fn complete(data: &mut Channels<Values>, edges: &Edges, kind: GeometryKind, count: usize, name: &str) {
    let shape = kind.shape().row();
    let given = edges.given;
    if given[..shape.edges].iter().all(|g| *g) {
        return;
    }
    let seed = hash_name(name);
    let choose = |i: usize| {
        let known = std::array::from_fn(|k| given[k].then(|| Vec3::from(data[EDGES[k]].vector(i))));
        let rotation = if edges.random { random_rotation(seed, i as u64) } else { Mat3::IDENTITY };
        regular(shape.regular, known, data[Channel::R].scalar(i), rotation)
    };
    let one_for_all = {
        let same_size = !data[Channel::R].is_each()
            && EDGES.iter().zip(given).all(|(&edge, given)| !given || !data[edge].is_each());
        same_size && (!edges.random || kind.is_const_size())
    };
    let chosen: [Values; 3] = if one_for_all {
        choose(0).map(Values::one)
    } else {
        let all: Vec<[[f32; 3]; 3]> = (0..count).map(choose).collect();
        std::array::from_fn(|k| Values::each(all.iter().map(|edges| edges[k]).collect::<Vec<_>>()))
    };
    for (k, (edge, values)) in EDGES.into_iter().zip(chosen).enumerate() {
        if !given[k] {
            data[edge] = values;
        }
    }
}

/// The edges of a regular primitive of which those in `known` are kept.
fn regular(shape: Regular, known: [Option<Vec3>; 3], r: f32, rotation: Mat3) -> [[f32; 3]; 3] {
    match shape {
        Regular::Cube => right_angled(known, r, rotation),
        Regular::Tetrahedron => tetrahedral(known, r, rotation),
    }
}

/// Three edges at 60 degrees.
fn tetrahedral(known: [Option<Vec3>; 3], r: f32, rotation: Mat3) -> [[f32; 3]; 3] {
    // Above the middle of the triangle of two unit edges, and of the length 1 as well.
    const HEIGHT: f32 = 0.816_496_6;
    // The edge that completes a and b, on the side of a x b.
    let third = |a: Vec3, b: Vec3| {
        let length = (a.length() * b.length()).sqrt();
        (a + b) / 3.0 + a.cross(b).normalize_or(Vec3::Z) * (HEIGHT * length)
    };
    let present: Vec<usize> = (0..3).filter(|k| known[*k].is_some()).collect();
    let mut edges = known.map(|edge| edge.unwrap_or(Vec3::ZERO));
    if present.is_empty() {
        edges[0] = rotation.x_axis * r;
    }
    let first = present.first().copied().unwrap_or(0);
    if present.len() < 2 {
        let axis = edges[first].normalize_or(Vec3::X);
        let [y, z] = [rotation.y_axis, rotation.z_axis].map(|side| side.reject_from_normalized(axis));
        let side = if y.length_squared() > 0.01 { y } else { z }.normalize_or(axis.any_orthonormal_vector());
        edges[(first + 1) % 3] = (axis * 0.5 + side * (0.5 * 3f32.sqrt())) * edges[first].length();
    }
    match present[..] {
        [_, _, _] => {}
        [a, b] => {
            let c = 3 - a - b;
            edges[c] = third(edges[(c + 1) % 3], edges[(c + 2) % 3]);
        }
        _ => edges[(first + 2) % 3] = third(edges[first], edges[(first + 1) % 3]),
    }
    edges.map(|edge| edge.to_array())
}

/// Three edges at right angles.
fn right_angled(known: [Option<Vec3>; 3], r: f32, rotation: Mat3) -> [[f32; 3]; 3] {
    let mut edges = known.map(|edge| edge.unwrap_or(Vec3::ZERO));
    let present: Vec<usize> = (0..3).filter(|k| known[*k].is_some()).collect();
    match present[..] {
        [] => edges = [rotation.x_axis * r, rotation.y_axis * r, rotation.z_axis * r],
        [a] => {
            let (b, c) = ((a + 1) % 3, (a + 2) % 3);
            let length = edges[a].length();
            let axis = edges[a].normalize_or(Vec3::X);
            // The next axis of the rotated frame, unless it is nearly parallel to the edge.
            let towards = rotation.col(b).reject_from_normalized(axis);
            let other = rotation.col(c).reject_from_normalized(axis);
            let towards = if towards.length_squared() > 0.01 { towards } else { other };
            edges[b] = towards.normalize_or(axis.any_orthonormal_vector()) * length;
            edges[c] = axis.cross(edges[b]);
        }
        [a, b] => {
            let c = 3 - a - b;
            let (next, after) = ((c + 1) % 3, (c + 2) % 3);
            let length = (edges[a].length() * edges[b].length()).sqrt();
            edges[c] = edges[next].cross(edges[after]).normalize_or(Vec3::ZERO) * length;
        }
        _ => {}
    }
    edges.map(|edge| edge.to_array())
}

/// A rotation that is a pure function of the plot's name and the primitive's index, uniform over all rotations.
fn random_rotation(seed: u64, index: u64) -> Mat3 {
    let mut random = SplitMix64(seed ^ index.wrapping_mul(STEP));
    let mut uniform = || random.uniform();
    let (a, b, c) = (uniform(), uniform() * std::f32::consts::TAU, uniform() * std::f32::consts::TAU);
    let (near, far) = ((1.0 - a).sqrt(), a.sqrt());
    let quat = Quat::from_xyzw(near * libm::sinf(b), near * libm::cosf(b), far * libm::sinf(c), far * libm::cosf(c));
    Mat3::from_quat(quat.normalize())
}

fn hash_name(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: usize = 50;

    fn cubes(random: bool) -> Channels<Values> {
        let mut data = Channels::default();
        data[Channel::R] = Values::one(0.5);
        let edges = Edges { random, ..Edges::default() };
        complete(&mut data, &edges, GeometryKind::Parallelepipeds, COUNT, "plot");
        data
    }

    #[test]
    fn random_edges_are_cubes_that_differ_and_repeat() {
        let g = cubes(true);
        for i in 0..COUNT {
            let [u, v, w] = EDGES.map(|edge| Vec3::from(g[edge].vector(i)));
            for e in [u, v, w] {
                assert!((e.length() - 0.5).abs() < 1e-5);
            }
            assert!(u.dot(v).abs() < 1e-5 && v.dot(w).abs() < 1e-5 && w.dot(u).abs() < 1e-5);
            assert!(u.cross(v).dot(w) > 0.0, "right-handed");
        }
        assert_ne!(g[Channel::U].vector(0), g[Channel::U].vector(1));
        assert_eq!(g[Channel::U].vector(7), cubes(true)[Channel::U].vector(7));
    }

    #[test]
    fn aligned_edges_are_one_value() {
        assert_eq!(cubes(false)[Channel::W], Values::one([0.0, 0.0, 0.5]));
    }

    #[test]
    fn given_edges_are_kept_and_the_others_perpendicular() {
        for present in 1..7u32 {
            let known: [Option<Vec3>; 3] =
                std::array::from_fn(|k| (present >> k & 1 == 1).then(|| [Vec3::X, Vec3::Y, Vec3::Z][k] * 2.0));
            let edges = regular(Regular::Cube, known, 1.0, random_rotation(1, 2)).map(Vec3::from);
            for k in 0..3 {
                if let Some(edge) = known[k] {
                    assert_eq!(edges[k], edge);
                }
                assert!((edges[k].length() - 2.0).abs() < 1e-5);
                assert!(edges[k].dot(edges[(k + 1) % 3]).abs() < 1e-4);
            }
            assert!(edges[0].cross(edges[1]).dot(edges[2]) > 0.0);
        }
    }

    #[test]
    fn regular_tetrahedrons_keep_given_edges_and_have_edges_of_one_length() {
        let whole = regular(Regular::Tetrahedron, [None; 3], 2.0, random_rotation(1, 2)).map(Vec3::from);
        for present in 0..8u32 {
            let known: [Option<Vec3>; 3] = std::array::from_fn(|k| (present >> k & 1 == 1).then_some(whole[k]));
            let edges = regular(Regular::Tetrahedron, known, 2.0, random_rotation(1, 2)).map(Vec3::from);
            for k in 0..3 {
                if let Some(edge) = known[k] {
                    assert_eq!(edges[k], edge);
                }
                assert!((edges[k].length() - 2.0).abs() < 1e-5, "{present}: {edges:?}");
                assert!((edges[k].distance(edges[(k + 1) % 3]) - 2.0).abs() < 1e-5, "{present}: {edges:?}");
            }
            assert!(edges[0].cross(edges[1]).dot(edges[2]) > 0.0);
        }
    }
}
