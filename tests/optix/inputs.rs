//! Building blocks of the inputs and bounds of probes.

use crate::support::statistics::Random;
use glam::Vec3;

/// One unit in the last place of numbers from 1 to 2.
pub const EPS: f64 = f32::EPSILON as f64;
/// Items of a probe in each scene.
pub const MANY: usize = 4000;

pub fn collect(count: usize, mut item: impl FnMut(usize) -> Vec<f32>) -> Vec<f32> {
    (0..count).flat_map(&mut item).collect()
}

pub fn vector(random: &mut Random, size: f32) -> Vec3 {
    Vec3::from_array(std::array::from_fn(|_| random.range(-size, size)))
}

/// Some along the axes, with zeros of either sign.
pub fn direction(random: &mut Random, i: usize) -> Vec3 {
    let any = vector(random, 1.0);
    match i % 8 {
        0 => [Vec3::X, Vec3::Y, Vec3::Z][i / 8 % 3] * [1.0, -1.0][i / 24 % 2],
        1 => Vec3::new(-0.0, any.y, any.z).normalize(),
        2 => Vec3::new(any.x, 0.0, any.z).normalize(),
        _ if any.length() > 0.01 => any.normalize(),
        _ => Vec3::Z,
    }
}

/// Points of the unit square, corners and the middle among them.
pub fn square(random: &mut Random, i: usize) -> [f32; 2] {
    const LAST: f32 = 1.0 - f32::EPSILON / 2.0;
    match i {
        0 => [0.0, 0.0],
        1 => [LAST, LAST],
        2 => [0.5, 0.5],
        3 => [0.0, 0.5],
        4 => [LAST, 0.0],
        _ => [random.next(), random.next()],
    }
}

pub fn at(values: &[f32], i: usize) -> Vec3 {
    Vec3::from_slice(&values[i..i + 3])
}

pub fn long(v: Vec3) -> f64 {
    f64::from(v.length())
}

/// The error of a square root whose argument is off by `error`.
pub fn root(value: f64, error: f64) -> f64 {
    (error / value.max(1e-30)).min(error.sqrt())
}
