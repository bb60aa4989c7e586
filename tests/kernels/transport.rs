//! Images of scenes whose light can be computed analytically.

use crate::render;
use crate::support::statistics::{Estimate, estimate, same_image};
use crate::support::*;
use glam::{DVec3, Vec3};
use plotrt::device::cpu::{CpuDevice, LightStrategy};
use plotrt::scene::{CAMERAS, CameraKind, Light, Material, MaterialKind, MaterialSlot, Scene};
use std::f32::consts::PI;

fn rough(roughness: f32) -> Material {
    Material::default().with(MaterialSlot::Roughness, Vec3::splat(roughness))
}

/// White surfaces of every shape in uniform white light.
fn furnace(camera_kind: CameraKind, material: Material) -> Scene {
    let mut scene = world((24, 24), camera(camera_kind, [3.0, 2.5, 6.0], [0.0; 3], 40.0));
    scene.ambient = Vec3::ONE;
    scene.background = Vec3::ONE;
    scene.materials.insert("diffuse".into(), material);
    add(&mut scene, "ball", sphere([0.0, 0.5, 0.0], 1.0));
    add(&mut scene, "floor", parallelogram([-4.0, -1.0, -4.0], [0.0, 0.0, 8.0], [8.0, 0.0, 0.0]));
    let block = parallelepiped([0.9, -0.5, 0.9], [0.9, 0.0, 0.2], [0.0, 0.8, 0.0], [-0.2, 0.1, 0.9]);
    add(&mut scene, "block", block);
    scene
}

#[test]
fn white_furnace_is_white_for_every_material_and_camera() {
    for kind in CAMERAS.map(|row| row.kind) {
        // Lambert's weights are exactly 1, and paths cut short would be dark: every sample must be white.
        let mut lambert = furnace(kind, Material::default());
        lambert.variables.path_seg_range = (64, 64);
        let image = render(&lambert, 16, 0, "");
        assert!(image.iter().all(|&c| (c - 1.0).abs() < 1e-5), "{kind:?}, Lambert");
        for roughness in [0.3, 3.0] {
            let mut scene = furnace(kind, rough(roughness));
            scene.variables.path_seg_range = (2, 64);
            let image = render(&scene, 256, 0, "");
            let mean = image.iter().sum::<f32>() / image.len() as f32;
            assert!((mean - 1.0).abs() < 3e-3, "{kind:?}, roughness {roughness}: mean {mean}");
        }
        let flat = furnace(kind, Material::new(MaterialKind::Flat));
        assert!(render(&flat, 4, 0, "").iter().all(|&c| c == 1.0), "{kind:?}, flat");
        let cosine = furnace(kind, Material::new(MaterialKind::Cosine));
        assert!(render(&cosine, 4, 0, "").iter().all(|&c| (0.0..=1.00001).contains(&c)), "{kind:?}, cosine");
    }
}

#[test]
fn a_furnace_with_lights_and_roulette_keeps_its_mean() {
    // A white sphere in a luminous white box: radiance 1 everywhere.
    for roughness in [0.0, 0.5] {
        let mut scene = furnace(CameraKind::Pinhole, rough(roughness));
        scene.variables.path_seg_range = (2, 64);
        // Lights as bright as the sky, and so indistinguishable from it.
        let mut lamp = sphere_light([0.5, 3.0, 2.0], 1.2, 1.0);
        scene.lights.insert("lamp".into(), lamp.clone());
        lamp.pos = DVec3::new(-3.0, 1.0, 1.0);
        scene.lights.insert("other".into(), lamp);
        let image = render(&scene, 256, 0, "");
        let mean = image.iter().sum::<f32>() / image.len() as f32;
        assert!((mean - 1.0).abs() < 3e-3, "roughness {roughness}: mean {mean}");
    }
}

/// Colours above 1 would make light grow from bounce to bounce.
#[test]
fn surfaces_reflect_no_more_light_than_arrives() {
    // The inside of a box, with a lamp in it.
    let inside = |color: f32, roughness: f32| {
        let mut scene = world((16, 12), camera(CameraKind::Pinhole, [0.5, 0.5, 0.9], [0.5, 0.4, 0.0], 60.0));
        scene.materials.insert("diffuse".into(), rough(roughness).with(MaterialSlot::Color, Vec3::splat(color)));
        scene.variables.path_seg_range = (64, 64);
        let walls = parallelepiped([0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]);
        add(&mut scene, "walls", walls);
        scene.lights.insert("lamp".into(), sphere_light([0.5, 0.8, 0.5], 0.1, 1.0));
        scene
    };
    for roughness in [0.0, 0.5] {
        let white = render(&inside(1.0 / 0.95, roughness), 8, 0, "");
        assert_eq!(render(&inside(2.0, roughness), 8, 0, ""), white);
        assert_ne!(render(&inside(0.9, roughness), 8, 0, ""), white);
        // After 64 bounces that doubled it there would be 2^64 times as much light.
        assert!(white.iter().all(|x| x.is_finite() && *x < 100.0));
    }
    let mut flat = inside(2.0, 0.0);
    flat.materials["diffuse"].kind = MaterialKind::Flat;
    assert!(render(&flat, 1, 0, "").iter().any(|x| *x > 1.5), "what shines may be brighter than white");
}

/// A tiny white patch at the origin that faces up, seen by an orthographic camera that sees nothing else, in direct
/// light.
fn patch(light: Light) -> Scene {
    let mut scene = world((4, 4), camera(CameraKind::Ortho, [0.2, 0.2, 0.06], [0.0; 3], 0.1));
    scene.variables.path_seg_range = (2, 2);
    scene.variables.scene_epsilon = 1e-6;
    add(&mut scene, "patch", parallelogram([-1e-3, 0.0, -1e-3], [0.0, 0.0, 2e-3], [2e-3, 0.0, 0.0]));
    scene.lights.insert("light".into(), light);
    scene
}

fn assert_mean(scene: &Scene, expected: f32, tolerance: f32, what: &str) {
    let image = render(scene, 1024, 0, "");
    let mean = image.iter().sum::<f32>() / image.len() as f32;
    assert!((mean / expected - 1.0).abs() < tolerance, "{what}: {mean}, expected {expected}");
}

#[test]
fn a_sphere_light_gives_the_irradiance_of_the_closed_form() {
    // Wholly above the horizon: E = pi L (R / d)^2 cos, and a white patch shows E / pi.
    for (pos, radius) in [([0.0, 4.0, 0.0], 1.0f32), ([3.0, 4.0, -1.0], 2.0), ([0.0, 1.5, 0.0], 1.0)] {
        let p = Vec3::from(pos);
        let expected = 5.0 * (radius / p.length()).powi(2) * p.normalize().y;
        assert_mean(&patch(sphere_light(pos, radius, 5.0)), expected, 2e-3, &format!("light at {pos:?}"));
    }
    // Half below the horizon, straight ahead in the plane: a hemisphere's edge, E = L (alpha - sin alpha cos alpha)
    // with sin alpha = R / d.
    let alpha = (1.0f32 / 3.0).asin();
    let expected = 5.0 * (alpha - alpha.sin() * alpha.cos()) / PI;
    assert_mean(&patch(sphere_light([3.0, 0.0, 0.0], 1.0, 5.0)), expected, 4e-3, "light on the horizon");
}

#[test]
fn a_parallelogram_light_gives_the_irradiance_of_the_closed_form() {
    // Rectangle a x b at height h, one corner above the patch.
    let (a, b, h) = (2.0f32, 1.5f32, 1.0f32);
    let (x, y) = (a / h, b / h);
    let (p, q) = ((1.0 + x * x).sqrt(), (1.0 + y * y).sqrt());
    let form_factor = (x / p * (y / p).atan() + y / q * (x / q).atan()) / (2.0 * PI);
    let down = parallelogram_light([0.0, h, 0.0], [a, 0.0, 0.0], [0.0, 0.0, b], 5.0);
    assert_mean(&patch(down), 5.0 * form_factor, 2e-3, "rectangle above");
    let up = parallelogram_light([0.0, h, 0.0], [0.0, 0.0, b], [a, 0.0, 0.0], 5.0);
    let image = render(&patch(up), 16, 0, "");
    assert!(image.iter().all(|&c| c == 0.0), "nothing shines from the back");
}

#[test]
fn segments_are_counted_from_the_camera() {
    let mut scene = patch(sphere_light([0.0, 4.0, 0.0], 1.0, 5.0));
    scene.ambient = Vec3::ONE;
    scene.variables.path_seg_range = (1, 1);
    assert!(render(&scene, 4, 0, "").iter().all(|&c| c == 0.0), "camera rays only");
    scene.variables.path_seg_range = (2, 2);
    // The lamp hides as much of the sky as it covers.
    let covered = 1.0 / 16.0;
    assert_mean(&scene, 1.0 - covered + 5.0 * covered, 2e-3, "direct light");
}

/// Two lights, one of which does not occlude, between surfaces.
fn two_lights() -> Scene {
    let mut scene = furnace(CameraKind::Pinhole, Material::default());
    scene.size = (12, 12);
    scene.ambient = Vec3::splat(0.1);
    scene.background = Vec3::ZERO;
    scene.variables.path_seg_range = (2, 5);
    scene.lights.insert("lamp".into(), sphere_light([1.0, 3.0, 2.0], 1.0, 4.0));
    let panel = parallelogram_light([-2.5, 0.5, -1.0], [0.0, 0.0, 2.0], [0.0, -2.0, 0.0], 3.0);
    scene.lights.insert("panel".into(), Light { in_geometry: false, ..panel });
    scene
}

fn by(strategy: Option<LightStrategy>, scene: &Scene) -> Estimate {
    let mut device = CpuDevice::new(0).unwrap();
    device.use_reference(strategy);
    estimate(&mut device, scene, 16, 128)
}

#[test]
fn sampling_lights_sampling_surfaces_and_both_give_one_image() {
    let scene = two_lights();
    let fast = by(None, &scene);
    for strategy in [LightStrategy::Both, LightStrategy::LightsOnly, LightStrategy::ScatterOnly] {
        same_image(&fast, &by(Some(strategy), &scene)).unwrap_or_else(|e| panic!("{strategy:?}: {e}"));
    }
}

#[test]
fn the_image_comparison_rejects_wrong_images() {
    let right = by(None, &two_lights());
    same_image(&right, &right).unwrap();
    let wrong = |change: &dyn Fn(&mut Vec<f32>)| {
        let mut image = right.clone();
        image.images.iter_mut().for_each(change);
        same_image(&right, &image).is_err()
    };
    assert!(wrong(&|image| image.iter_mut().skip(1).step_by(3).for_each(|c| *c *= 1.05)), "one channel");
    assert!(wrong(&|image| image[300] += 1.0), "one pixel");
    assert!(wrong(&|image| image.rotate_left(12 * 3)), "shifted rows");
    assert!(wrong(&|image| image.fill(f32::NAN)), "nothing but NaN");
    assert!(wrong(&|image| image[7] = f32::NAN), "one NaN");
    assert!(wrong(&|image| image[7] = f32::INFINITY), "one that is infinite");
    assert!(wrong(&|image| image.truncate(30)), "another size");
    let mut darker = two_lights();
    darker.lights["lamp"].color *= 0.95;
    assert!(same_image(&right, &by(None, &darker)).is_err(), "a light that is 5 % darker");
}

#[test]
fn lights_block_each_other_and_are_seen() {
    // A dark sphere light between the lamp and the patch.
    let mut scene = patch(sphere_light([0.0, 8.0, 0.0], 0.5, 5.0));
    scene.lights.insert("dark".into(), sphere_light([0.0, 4.0, 0.0], 1.0, 0.0));
    assert!(render(&scene, 16, 0, "").iter().all(|&c| c == 0.0), "in the way");
    scene.lights["dark"].in_geometry = false;
    assert!(render(&scene, 16, 0, "").iter().all(|&c| c > 0.0), "not in the way");
    let mut looking = world((3, 3), camera(CameraKind::Pinhole, [0.0, 0.0, 5.0], [0.0; 3], 10.0));
    looking.lights.insert("lamp".into(), sphere_light([0.0; 3], 1.0, 5.0));
    assert!(render(&looking, 2, 0, "").iter().all(|&c| c == 5.0), "seen by the camera");
    looking.lights["lamp"].in_geometry = false;
    assert!(render(&looking, 2, 0, "").iter().all(|&c| c == 0.0), "not seen by the camera");
}

#[test]
fn extreme_light_invalidates_no_pixel() {
    let mut scene = patch(sphere_light([0.0, 4.0, 0.0], 1.0, f32::MAX));
    scene.variables.path_seg_range = (2, 6);
    let lamp = sphere_light([0.0, 4.0, 0.0], 1.0, f32::MAX);
    scene.lights.insert("more".into(), Light { color: Vec3::splat(f32::INFINITY), ..lamp });
    assert!(render(&scene, 8, 0, "").iter().all(|c| !c.is_nan()));
}

/// Which pixels of a row are lit: rows run from the top, columns from the left.
#[test]
fn images_are_the_right_way_round() {
    for kind in [CameraKind::Pinhole, CameraKind::ThinLens, CameraKind::Ortho] {
        let mut scene = world((8, 4), camera(kind, [0.0, 0.0, 10.0], [0.0; 3], 40.0));
        scene.materials.insert("diffuse".into(), Material::new(MaterialKind::Flat));
        // Up and to the right of the centre.
        let ball = sphere([6.4, 2.7, 0.0], 0.7);
        add(&mut scene, "ball", ball);
        let image = render(&scene, 8, 0, "");
        let lit: Vec<usize> = (0..32).filter(|&i| image[3 * i] > 0.0).collect();
        assert_eq!(lit, [7], "{kind:?}");
    }
}

/// Which columns and rows of an image of a flat white square at depth `z` are wholly white, and how many are grey.
fn frame_of_square(kind: CameraKind, side: f32, z: f32, focal_scale: f32) -> (std::ops::Range<usize>, usize, usize) {
    let view = camera(kind, [0.0, 0.0, 10.0], [0.0; 3], 40.0);
    let mut scene = world((32, 16), plotrt::scene::Camera { focal_scale, aperture_radius: 0.5, ..view });
    scene.materials.insert("diffuse".into(), Material::new(MaterialKind::Flat));
    let half = 0.5 * side;
    add(&mut scene, "square", parallelogram([-half, -half, z], [side, 0.0, 0.0], [0.0, side, 0.0]));
    let image = render(&scene, 16, 0, "");
    let value = |x: usize, y: usize| image[3 * (32 * y + x)];
    let rows: Vec<usize> = (0..16).filter(|&y| value(15, y) == 1.0).collect();
    let columns = (0..32).filter(|&x| value(x, 7) == 1.0).count();
    let grey = image.iter().filter(|&&c| c > 0.0 && c < 1.0).count();
    (rows.first().copied().unwrap_or(0)..rows.last().map_or(0, |y| y + 1), columns, grey)
}

#[test]
fn cameras_see_as_much_as_their_field_of_view_says() {
    // As high as the view is at the target.
    let height = 2.0 * 10.0 * 20.0f32.to_radians().tan();
    for kind in [CameraKind::Pinhole, CameraKind::ThinLens, CameraKind::Ortho] {
        assert_eq!(frame_of_square(kind, 0.5 * height, 0.0, 1.0), (4..12, 8, 0), "{kind:?} at the target");
    }
    // Twice as far: half as high, but not in orthographic projection.
    assert_eq!(frame_of_square(CameraKind::Pinhole, 0.5 * height, -10.0, 1.0), (6..10, 4, 0));
    assert_eq!(frame_of_square(CameraKind::Ortho, 0.5 * height, -10.0, 1.0), (4..12, 8, 0));
}

#[test]
fn a_lens_is_sharp_at_the_focus_and_nowhere_else() {
    let height = 2.0 * 10.0 * 20.0f32.to_radians().tan();
    let (_, _, blurred) = frame_of_square(CameraKind::ThinLens, 0.5 * height, 0.0, 0.5);
    assert!(blurred > 60, "in front of the square: {blurred}");
    // Half way to the target, where half the view is half as large.
    assert_eq!(frame_of_square(CameraKind::ThinLens, 0.25 * height, 5.0, 0.5), (4..12, 8, 0), "at the focus");
    let (_, _, blurred) = frame_of_square(CameraKind::ThinLens, 0.25 * height, 5.0, 1.0);
    assert!(blurred > 60, "behind the square: {blurred}");
}

/// Squares of its radius vanish, and so does its surface: it must not be a hole in the image, nor invalidate the
/// auxiliary buffers.
#[test]
fn a_sphere_that_is_hit_in_its_centre_has_a_normal() {
    let mut scene = world((2, 2), camera(CameraKind::Ortho, [0.0, 0.0, 5.0], [0.0; 3], 1e-25));
    scene.materials.insert("diffuse".into(), Material::new(MaterialKind::Cosine));
    add(&mut scene, "dust", sphere([0.0; 3], 1e-21));
    assert_eq!(render(&scene, 2, 1, ""), [1.0; 12]);
}
