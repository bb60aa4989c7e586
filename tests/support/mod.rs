//! Scenes and comparisons that several test programs share.
#![allow(dead_code)] // each test program uses a part

pub mod statistics;

use glam::Vec3;
use plotrt::scene::{Camera, CameraKind, Geometry, GeometryKind, Light, LightShape, PerPrimitive, Postproc, Scene};
use std::sync::Arc;

/// Whether Open Image Denoise can be had; says so if not. Whoever names it by `PLOTRT_OIDN` wants it tested.
pub fn oidn_is_there() -> bool {
    match plotrt::device::denoise::Denoisers::new(0).oidn() {
        Ok(_) => true,
        Err(error) => {
            let named = std::env::var("PLOTRT_OIDN").is_ok_and(|said| !said.is_empty() && said != "none");
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

pub fn camera(kind: CameraKind, eye: [f32; 3], target: [f32; 3], fov: f32) -> Camera {
    Camera { kind, eye: eye.into(), target: target.into(), up: Vec3::Y, fov, aperture_radius: 0.1, focal_scale: 1.0 }
}

/// A plot of one white primitive with the material "diffuse".
pub fn primitive(kind: GeometryKind, pos: [f32; 3], r: f32, edges: [[f32; 3]; 3]) -> Geometry {
    Geometry {
        r: PerPrimitive::All(r),
        u: PerPrimitive::All(edges[0]),
        v: PerPrimitive::All(edges[1]),
        w: PerPrimitive::All(edges[2]),
        color: PerPrimitive::All([1.0; 3]),
        ..Geometry::new(kind, Arc::new([pos]))
    }
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
    Light { shape: LightShape::Spherical { radius }, pos: pos.into(), color: Vec3::splat(color), in_geometry: true }
}

pub fn parallelogram_light(pos: [f32; 3], u: [f32; 3], v: [f32; 3], color: f32) -> Light {
    Light {
        shape: LightShape::Parallelogram { u: u.into(), v: v.into() },
        pos: pos.into(),
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
