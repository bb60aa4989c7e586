//! Scenes and comparisons that several test programs share.
#![allow(dead_code)] // each test program uses a part

pub mod statistics;

use glam::{DVec3, Vec3};
use plotrt::scene::{
    Camera, CameraKind, Channel, Geometry, GeometryKind, Light, LightShape, Positions, Postproc, Scene,
};
use std::sync::Arc;

/// Whether Open Image Denoise is available; prints why not. If `PLOTRT_OIDN` names it, it must be.
pub fn oidn_is_there() -> bool {
    match plotrt::device::denoise::Denoisers::new(0).oidn() {
        Ok(_) => true,
        Err(error) => {
            let named = std::env::var("PLOTRT_OIDN").is_ok_and(|path| !path.is_empty() && path != "none");
            assert!(!named, "{error}");
            eprintln!("skipped: {error}");
            false
        }
    }
}

/// The denoisers that work here on any device.
pub fn denoisers() -> Vec<Postproc> {
    let mut all = vec![Postproc::DenoiserBuiltin];
    if oidn_is_there() {
        all.extend([Postproc::OiDenoiser, Postproc::OiDenoiserHdr]);
    }
    all
}

/// A transform in double precision.
pub fn double(p: [f32; 3]) -> DVec3 {
    p.map(f64::from).into()
}

pub fn camera(kind: CameraKind, eye: [f32; 3], target: [f32; 3], fov: f32) -> Camera {
    let (eye, target) = (double(eye), double(target));
    Camera { kind, eye, target, up: Vec3::Y, fov, aperture_radius: 0.1, focal_scale: 1.0 }
}

/// A plot of one white primitive with the material "diffuse".
pub fn primitive(kind: GeometryKind, pos: [f32; 3], r: f32, edges: [[f32; 3]; 3]) -> Geometry {
    let [u, v, w] = edges;
    let plot = Geometry::new(kind, [pos]).with(Channel::R, r).with(Channel::Color, [1.0; 3]);
    plot.with(Channel::U, u).with(Channel::V, v).with(Channel::W, w)
}

pub fn sphere(pos: [f32; 3], r: f32) -> Geometry {
    primitive(GeometryKind::ParticleSet, pos, r, [[0.0; 3]; 3])
}

pub fn parallelogram(pos: [f32; 3], u: [f32; 3], v: [f32; 3]) -> Geometry {
    primitive(GeometryKind::Parallelograms, pos, 0.0, [u, v, [0.0; 3]])
}

pub fn parallelepiped(pos: [f32; 3], u: [f32; 3], v: [f32; 3], w: [f32; 3]) -> Geometry {
    primitive(GeometryKind::Parallelepipeds, pos, 0.0, [u, v, w])
}

pub fn sphere_light(pos: [f32; 3], radius: f32, color: f32) -> Light {
    let shape = LightShape::Spherical { radius };
    Light { shape, pos: double(pos), color: Vec3::splat(color), in_geometry: true }
}

pub fn parallelogram_light(pos: [f32; 3], u: [f32; 3], v: [f32; 3], color: f32) -> Light {
    Light {
        shape: LightShape::Parallelogram { u: u.into(), v: v.into() },
        pos: double(pos),
        color: Vec3::splat(color),
        in_geometry: true,
    }
}

/// A black world of the given size with one camera and no roulette.
pub fn world(size: (u32, u32), view: Camera) -> Scene {
    let mut scene = Scene { size, ambient: Vec3::ZERO, background: Vec3::ZERO, ..Scene::default() };
    scene.cameras.insert("camera".into(), view);
    scene.current_camera = Some("camera".into());
    scene.variables.path_seg_range = (6, 6);
    scene.variables.scene_epsilon = 1e-4;
    scene
}

pub fn add(scene: &mut Scene, name: &str, plot: Geometry) {
    scene.geometries.insert(name.into(), Arc::new(plot));
}

/// Spheres, a block and a floor under a lamp, with a given unit of length and offset: always the same image.
pub fn elsewhere(scale: f64, offset: [f64; 3]) -> Scene {
    let offset = DVec3::from(offset);
    let place = |p: [f64; 3]| offset + DVec3::from(p) * scale;
    let (single, edge) = (scale as f32, |e: [f32; 3]| e.map(|x| x * scale as f32));
    let positions = |p: [f64; 3], size: f64| Positions::new(&[place(p).to_array()], size * scale);
    let view = Camera { eye: place([2.0, 2.5, 5.0]), target: place([0.0, -0.2, 0.0]), fov: 40.0, ..Camera::default() };
    let mut scene = world((64, 48), view);
    scene.variables.scene_epsilon = 0.0;
    scene.ambient = Vec3::new(0.2, 0.25, 0.3);
    let floor = parallelogram([0.0; 3], edge([10.0, 0.0, 0.0]), edge([0.0, 0.0, 10.0]));
    add(&mut scene, "floor", Geometry { pos: positions([-5.0, -1.0, -5.0], 10.0), ..floor });
    for (i, (pos, r)) in [([0.0, 0.0, 0.0], 1.0), ([1.5, -0.5, 0.5], 0.5), ([-1.4, -0.4, 0.8], 0.6)].iter().enumerate()
    {
        let ball = Geometry { pos: positions(*pos, 2.0 * r), ..sphere([0.0; 3], *r as f32 * single) };
        add(&mut scene, &format!("ball {i}"), ball);
    }
    let block = parallelepiped([0.0; 3], edge([0.6, 0.0, 0.2]), edge([0.0, 0.5, 0.0]), edge([-0.2, 0.0, 0.6]));
    add(&mut scene, "block", Geometry { pos: positions([0.2, -1.0, 1.3], 0.6), ..block });
    let lamp = sphere_light([0.0; 3], single, 12.0);
    scene.lights.insert("lamp".into(), Light { pos: place([3.0, 5.0, 2.0]), ..lamp });
    let panel = parallelogram_light([0.0; 3], edge([0.0, 1.0, 0.0]), edge([-1.0, 0.0, 1.0]), 4.0);
    scene.lights.insert("panel".into(), Light { pos: place([-3.0, 0.0, 1.0]), ..panel });
    scene
}

/// Units and offsets at which [`elsewhere`] looks as at the origin: as far as double precision resolves its points.
pub const ELSEWHERE: [(f64, [f64; 3]); 9] = [
    (1e-6, [0.0; 3]),
    (1e-3, [0.0; 3]),
    (1e3, [0.0; 3]),
    (1e6, [0.0; 3]),
    (1.0, [5e5, 4.5e6, 120.0]),
    (1.0, [-1e7, 1e7, 1e7]),
    (1e-3, [1e5, 0.0, -1e7]),
    (1e-6, [0.0, 1e3, 0.0]),
    (1e6, [1e7, -1e7, 1e7]),
];
