//! An image depends neither on the unit of length nor on the place in the world.

use crate::support::statistics::{Estimate, estimate_by, same_image};
use crate::support::*;
use glam::DVec3;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::{Develop, Device};
use plotrt::scene::Scene;
use plotrt::viewer::inspect::ray_at;

fn images(scene: &Scene, first_seed: u64) -> Estimate {
    let linear =
        |device: &mut dyn Device| device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap().linear;
    estimate_by(&mut CpuDevice::new(0).unwrap(), scene, 16, 8, first_seed, linear)
}

#[test]
fn an_image_does_not_depend_on_the_unit_or_the_origin() {
    let reference = images(&elsewhere(1.0, [0.0; 3]), 1000);
    for (scale, offset) in ELSEWHERE {
        let found = images(&elsewhere(scale, offset), 2000);
        same_image(&reference, &found).unwrap_or_else(|error| panic!("scale {scale}, offset {offset:?}: {error}"));
    }
}

/// A fault that the comparison above must detect: rays that start too far from the surface.
#[test]
fn an_epsilon_that_is_too_large_for_the_scene_is_detected() {
    let reference = images(&elsewhere(1.0, [0.0; 3]), 1000);
    let mut small = elsewhere(0.01, [0.0; 3]);
    small.variables.scene_epsilon = 0.002;
    assert!(same_image(&reference, &images(&small, 2000)).is_err());
    // It is a lower bound in scene units: one that is small enough changes nothing.
    small.variables.scene_epsilon = 1e-6;
    same_image(&reference, &images(&small, 2000)).unwrap();
}

#[test]
fn rays_meet_what_is_seen_wherever_it_is() {
    let mut device = CpuDevice::new(1).unwrap();
    for (scale, offset) in [(1.0, [0.0; 3])].into_iter().chain(ELSEWHERE) {
        let scene = elsewhere(scale, offset);
        device.apply(&scene).unwrap();
        let ball = DVec3::from(offset);
        let (x, y) = scene.view().project(ball, 4.0 / 3.0).unwrap();
        let at = glam::Vec2::new(x + 1.0, 1.0 - y) * 0.5 * glam::Vec2::new(64.0, 48.0);
        let ray = ray_at(&scene.view(), at, glam::Vec2::new(64.0, 48.0));
        let hit = device.closest(&[ray]).unwrap()[0].expect("the ball is in the middle");
        assert_eq!(scene.geometries.get_index(hit.plot as usize).unwrap().0, "ball 0");
        let expected = scene.view().eye.distance(ball) - scale;
        assert!((f64::from(hit.t) / expected - 1.0).abs() < 1e-4, "scale {scale}, offset {offset:?}: {hit:?}");
    }
}

/// Planets in metres: the square of the area of such a light is beyond single precision.
#[test]
fn a_light_of_any_size_sheds_the_same_light() {
    let lit = |scale: f32| {
        let mut scene = elsewhere(f64::from(scale), [0.0; 3]);
        scene.lights.shift_remove("lamp");
        images(&scene, 1000)
    };
    let reference = lit(1.0);
    for scale in [1e-12, 1e-10, 1e10, 1e12] {
        same_image(&reference, &lit(scale)).unwrap_or_else(|error| panic!("scale {scale}: {error}"));
    }
}
