//! Points that lights are sampled from, and how far rounding moves the samples.

use crate::inputs::*;
use crate::specs::{Item, Nudges};
use crate::support::statistics::Random;
use glam::Vec3;
use plotrt::scene::*;

pub fn places(scene: &Scene, random: &mut Random, i: usize) -> (usize, Vec3) {
    let index = i % scene.lights.len();
    let light = &scene.lights[index];
    let place = match i % 5 {
        // Near the light, and far away.
        0 => light.pos.as_vec3() + direction(random, 7) * 1.01 * reach(light),
        1 => vector(random, 300.0),
        _ => vector(random, 3.0),
    };
    (index, place)
}

fn reach(light: &Light) -> f32 {
    match light.shape {
        LightShape::Spherical { radius } => radius,
        LightShape::Parallelogram { u, v } => u.length() + v.length(),
    }
}

/// Relative error of the density, by solid angle, of a point of a light.
fn density_error(light: &Light, from: Vec3, dir: Vec3) -> f64 {
    match light.shape {
        LightShape::Spherical { radius } => {
            let ratio = f64::from(radius) / long(light.pos.as_vec3() - from);
            // Error of the cosine of the cone, which is near 0 where the point is near the light.
            16.0 * EPS + root((1.0 - ratio * ratio).max(0.0).sqrt(), 8.0 * EPS)
        }
        LightShape::Parallelogram { u, v } => {
            let cosine = f64::from(u.cross(v).normalize().dot(dir).abs());
            16.0 * EPS + 8.0 * EPS / cosine.max(1e-9)
        }
    }
}

pub fn light_blur(light: &Light, from: Vec3) -> f64 {
    8.0 * EPS * (long(from) + long(light.pos.as_vec3()) + f64::from(reach(light)))
}

/// Error of the distance to a point of a light: at the rim of a sphere the square root of nearly 0 is taken.
fn light_distance_error(light: &Light, from: Vec3, dir: Vec3, distance: f64) -> f64 {
    let blur = light_blur(light, from);
    match light.shape {
        LightShape::Spherical { radius } => {
            let along = f64::from((light.pos.as_vec3() - from).dot(dir));
            blur + root((along - distance).abs(), 4.0 * blur * f64::from(radius))
        }
        LightShape::Parallelogram { u, v } => {
            blur * (1.0 + 1.0 / f64::from(u.cross(v).normalize().dot(dir).abs()).max(1e-9))
        }
    }
}

pub fn light_bounds(item: &Item) -> Vec<f64> {
    let light = &item.scene.lights[item.input[0] as usize];
    let (from, dir, distance) = (at(item.input, 1), at(item.output, 0), f64::from(item.output[3]));
    let turned = 16.0 * EPS + light_blur(light, from) / long(light.pos.as_vec3() - from).max(1e-3);
    let off = light_distance_error(light, from, dir, distance);
    let density = f64::from(item.output[4]) * density_error(light, from, dir);
    vec![turned, turned, turned, off, density, density, 2.0 * off]
}

pub fn light_ray_bounds(item: &Item) -> Vec<f64> {
    let light = &item.scene.lights[item.input[0] as usize];
    let (from, dir, distance) = (at(item.input, 1), at(item.input, 4), f64::from(item.output[0]));
    let off = light_distance_error(light, from, dir, distance);
    let density = density_error(light, from, dir) + 2.0 * off / distance.max(1e-9);
    vec![off, 0.0, f64::from(item.output[2]) * density]
}

pub fn place_nudge(item: &Item, _: &[f32]) -> Option<Nudges> {
    let light = &item.scene.lights[item.input[0] as usize];
    let by = light_blur(light, at(item.input, 1)) as f32;
    Some((1..4).map(|column| (column, by)).collect())
}
