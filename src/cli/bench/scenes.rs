//! The scenes that are measured: kept as they are, so that figures of different versions can be compared.
//!
//! | scene | what | size |
//! | --- | --- | --- |
//! | `seed` | the animation of 10x10x10 parallelepipeds at t = 0.7 | 500x500 |
//! | `spheres` | 1 M spheres, centres uniform in [-1.5, 1.5]^3, radii in [0.0025, 0.009] | 960x540 |
//! | `boxes` | 1 M axis-aligned boxes, corners uniform in [-1.5, 1.5]^3, edges in [0.003, 0.01] | 960x540 |
//! | `cloud` | 1 M spheres, centres as above, radii in [0.00168, 0.0084], seen from close by | 1920x1080 |
//! | `cubes` | 1 M axis-aligned cubes with the centres and volumes of those spheres | 1920x1080 |
//!
//! Everything is diffuse with albedo 0.8, under a spherical lamp and a bluish sky. In the first three the lamp is above
//! and beside the camera and the background is the sky; in the last two the background is black, and `scene_epsilon` is 1e-4. The
//! random numbers are those of SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast Splittable
//! Pseudorandom Number Generators", OOPSLA 2014) with seed 1: all positions first, then all sizes.

use super::super::args::Case;
use crate::Result;
use crate::random::SplitMix64;
use crate::scene::{CameraUpdate, Channel, Channels, Edit, GeometryKind, GeometryUpdate, LightUpdate, Scene, Values};
use glam::{DVec3, Vec3};
use std::f32::consts::PI;
use std::sync::Arc;

impl Case {
    pub fn size(self) -> (u32, u32) {
        match self {
            Case::Seed => (500, 500),
            Case::Spheres | Case::Boxes => (960, 540),
            Case::Cloud | Case::Cubes => (1920, 1080),
        }
    }

    /// Default number of primitives; the seed scene always has 1000.
    pub fn default_count(self) -> usize {
        match self {
            Case::Seed => 1000,
            _ => 1_000_000,
        }
    }

    /// The caller's arrays: packed, ready to be passed to the library.
    pub fn data(self, count: usize) -> GeometryUpdate {
        match self {
            Case::Seed => seed_boxes(0.7),
            Case::Spheres => spheres(count, 0.0025, 0.009),
            Case::Boxes => boxes(count),
            Case::Cloud => spheres(count, 0.2 * 0.0084, 0.0084),
            Case::Cubes => cubes(count),
        }
    }

    /// The same plot a little later: nothing but what moves.
    pub fn moved(self, data: &GeometryUpdate) -> GeometryUpdate {
        match self {
            Case::Seed => {
                let mut values = seed_boxes(0.72).values;
                values[Channel::Color] = None;
                GeometryUpdate { values, ..GeometryUpdate::default() }
            }
            _ => {
                let mut random = SplitMix64(2);
                let mut step = || uniform(&mut random, -0.002, 0.002);
                let pos = data.pos.iter().flat_map(|pos| pos.relative().iter());
                let pos = pos.map(|p| p.map(|x| x + step())).collect();
                GeometryUpdate { pos: Some(pos), ..GeometryUpdate::default() }
            }
        }
    }

    /// Camera, lamp and sky around `data`, which becomes the plot `"data"`.
    pub fn scene(self, data: GeometryUpdate) -> Result<Scene> {
        let setting = self.setting();
        let mut scene = Scene::default();
        let (width, height) = self.size();
        for edit in [
            Edit::Resize(width, height),
            Edit::SetData { name: "data".into(), data },
            Edit::SetupCamera {
                name: "camera".into(),
                camera: CameraUpdate {
                    eye: Some(setting.eye),
                    target: Some(setting.target),
                    up: Some(Vec3::Y),
                    fov: Some(40.0),
                    ..CameraUpdate::default()
                },
                make_current: true,
            },
            Edit::SetupLight {
                name: "lamp".into(),
                light: LightUpdate {
                    pos: Some(setting.lamp),
                    radius: Some(setting.lamp_radius),
                    color: Some(Vec3::new(9.9, 9.5, 9.1)),
                    ..LightUpdate::default()
                },
            },
            Edit::SetAmbient(setting.ambient),
            Edit::SetBackground(setting.background),
        ] {
            scene.apply(&edit)?;
        }
        if let Some(epsilon) = setting.scene_epsilon {
            scene.variables.scene_epsilon = epsilon;
        }
        Ok(scene)
    }

    fn setting(self) -> Surroundings {
        let sky = Vec3::new(0.1, 0.2, 0.3);
        let (eye, target) = match self {
            Case::Seed => (DVec3::splat(10.0), DVec3::splat(2.5)),
            Case::Spheres | Case::Boxes => (DVec3::new(0.0, 0.0, -5.0), DVec3::ZERO),
            Case::Cloud | Case::Cubes => {
                return Surroundings {
                    eye: DVec3::new(2.0, 1.5, 3.5),
                    target: DVec3::ZERO,
                    lamp: DVec3::new(4.0, 6.0, 5.0),
                    lamp_radius: 1.5,
                    ambient: Vec3::new(0.3, 0.35, 0.4),
                    background: Vec3::ZERO,
                    scene_epsilon: Some(1e-4),
                };
            }
        };
        let lamp = eye * 1.5 + DVec3::new(3.0, 6.0, 0.0);
        Surroundings { eye, target, lamp, lamp_radius: 4.0, ambient: sky, background: sky, scene_epsilon: None }
    }
}

/// The surroundings of the data.
struct Surroundings {
    eye: DVec3,
    target: DVec3,
    lamp: DVec3,
    lamp_radius: f32,
    ambient: Vec3,
    background: Vec3,
    /// `None`: what scenes have by default.
    scene_epsilon: Option<f32>,
}

const ALBEDO: [f32; 3] = [0.8; 3];

fn seed_boxes(t: f32) -> GeometryUpdate {
    const SIDE: usize = 10;
    const EXTENT: f32 = 5.0;
    let step = EXTENT / SIDE as f32;
    let pia = PI / EXTENT;
    let index = 0..SIDE * SIDE * SIDE;
    let grid = index.map(|i| [i / (SIDE * SIDE), i / SIDE % SIDE, i % SIDE].map(|k| k as f32 * step));
    let pos: Arc<[[f32; 3]]> = grid.collect();
    let (sin, cos) = (libm::sinf(t), libm::cosf(t));
    let wave = |x: f32| 0.5 * step * (1.0 + libm::sinf(x));
    let each = |edge: &dyn Fn(&[f32; 3]) -> [f32; 3]| Values::each(pos.iter().map(edge).collect::<Vec<_>>());
    let u = each(&|p| [cos, sin, 0.0].map(|c| c * wave(pia * p[0] + 1.7 * t)));
    let v = each(&|p| [-sin, cos, 0.0].map(|c| c * wave(pia * p[1] + 1.3 * t)));
    let w = each(&|p| [0.0, 0.0, wave(2.0 * pia * p[2] + t)]);
    let kind = Some(GeometryKind::Parallelepipeds);
    GeometryUpdate { kind, pos: Some(pos.into()), values: edged([u, v, w]), ..GeometryUpdate::default() }
}

fn spheres(count: usize, least: f32, most: f32) -> GeometryUpdate {
    let mut random = SplitMix64(1);
    let pos = points(&mut random, count);
    let r: Vec<f32> = (0..count).map(|_| uniform(&mut random, least, most)).collect();
    GeometryUpdate {
        kind: Some(GeometryKind::ParticleSet),
        pos: Some(pos.into()),
        values: [(Channel::R, Values::each(r)), (Channel::Color, Values::one(ALBEDO))].into(),
        ..GeometryUpdate::default()
    }
}

fn boxes(count: usize) -> GeometryUpdate {
    let mut random = SplitMix64(1);
    let pos = points(&mut random, count);
    let edges: Vec<[f32; 3]> = (0..count).map(|_| [0; 3].map(|_| uniform(&mut random, 0.003, 0.01))).collect();
    let along = |axis: usize| {
        let edge = |e: &[f32; 3]| std::array::from_fn(|i| if i == axis { e[i] } else { 0.0 });
        Values::each(edges.iter().map(edge).collect::<Vec<_>>())
    };
    GeometryUpdate {
        kind: Some(GeometryKind::Parallelepipeds),
        pos: Some(pos.into()),
        values: edged([along(0), along(1), along(2)]),
        ..GeometryUpdate::default()
    }
}

fn cubes(count: usize) -> GeometryUpdate {
    let GeometryUpdate { pos: Some(centers), values, .. } = Case::Cloud.data(count) else {
        return GeometryUpdate::default();
    };
    let Some(r) = &values[Channel::R] else { return GeometryUpdate::default() };
    // A cube with the volume of a sphere.
    let side = libm::cbrtf(4.0 / 3.0 * PI);
    let pos = centers.relative().iter().zip(r.numbers()).map(|(c, r)| c.map(|x| x - 0.5 * side * r)).collect();
    let along = |axis: usize| {
        let edge = |r: &f32| std::array::from_fn(|i| if i == axis { side * r } else { 0.0 });
        Values::each(r.numbers().iter().map(edge).collect::<Vec<_>>())
    };
    GeometryUpdate {
        kind: Some(GeometryKind::Parallelepipeds),
        pos: Some(pos),
        values: edged([along(0), along(1), along(2)]),
        ..GeometryUpdate::default()
    }
}

fn edged([u, v, w]: [Values; 3]) -> Channels<Option<Values>> {
    [(Channel::U, u), (Channel::V, v), (Channel::W, w), (Channel::Color, Values::one(ALBEDO))].into()
}

fn uniform(random: &mut SplitMix64, low: f32, high: f32) -> f32 {
    low + (high - low) * random.uniform()
}

fn points(random: &mut SplitMix64, count: usize) -> Arc<[[f32; 3]]> {
    (0..count).map(|_| [0; 3].map(|_| uniform(random, -1.5, 1.5))).collect()
}
