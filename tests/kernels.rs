//! Light transport on the CPU: what must come out is known without tracing.

mod support;

use glam::Vec3;
use plotrt::cancel::CancelToken;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::{Develop, Device};
use plotrt::scene::{CameraKind, Material, MaterialKind, Scene};
use support::*;

/// Linear RGB of every pixel.
fn render(scene: &Scene, passes: u32) -> Vec<f32> {
    render_with(scene, passes, 0, "")
}

fn render_with(scene: &Scene, passes: u32, threads: usize, variant: &str) -> Vec<f32> {
    let mut device = CpuDevice::with_variant(threads, variant).unwrap();
    device.apply(scene, &everything(scene)).unwrap();
    device.restart(7);
    assert_eq!(device.trace(passes, &CancelToken::new()).unwrap(), passes);
    device.develop(true, Develop { linear: true }).unwrap().linear
}

/// White surfaces of every shape in white light from everywhere.
fn furnace(camera_kind: CameraKind, material: Material) -> Scene {
    let mut scene = world((24, 24), camera(camera_kind, [3.0, 2.5, 6.0], [0.0; 3], 40.0));
    scene.ambient = Vec3::ONE;
    scene.background = Vec3::ONE;
    scene.materials.insert("diffuse".into(), material);
    add(&mut scene, "ball", sphere([0.0, 0.5, 0.0], 1.0));
    add(&mut scene, "floor", parallelogram([-4.0, -1.0, -4.0], [0.0, 0.0, 8.0], [8.0, 0.0, 0.0]));
    let block = parallelepiped([0.7, -1.0, 0.7], [0.9, 0.0, 0.2], [0.0, 0.8, 0.0], [-0.2, 0.1, 0.9]);
    add(&mut scene, "block", block);
    scene
}

#[test]
fn white_furnace_is_white_for_every_material_and_camera() {
    for kind in [CameraKind::Pinhole, CameraKind::ThinLens, CameraKind::Ortho] {
        for roughness in [0.0, 0.3, 3.0] {
            // Roulette must not change the mean either; many segments, because paths cut short are dark.
            let mut scene = furnace(kind, Material { roughness, ..Material::default() });
            scene.variables.path_seg_range = (2, 64);
            let image = render(&scene, 256);
            let mean = image.iter().sum::<f32>() / image.len() as f32;
            assert!((mean - 1.0).abs() < 3e-3, "{kind:?}, roughness {roughness}: mean {mean}");
        }
        let flat = furnace(kind, Material { kind: MaterialKind::Flat, ..Material::default() });
        let wrong: Vec<f32> = render(&flat, 4).into_iter().filter(|&c| c != 1.0).collect();
        assert!(wrong.is_empty(), "{kind:?}, flat: {wrong:?}");
        let cosine = furnace(kind, Material { kind: MaterialKind::Cosine, ..Material::default() });
        assert!(render(&cosine, 4).iter().all(|&c| (0.0..=1.000001).contains(&c)), "{kind:?}, cosine");
    }
}
