use super::*;
use crate::device::Ray;
use crate::scene::{CAMERAS, CameraKind, Scene};

const SIZE: Vec2 = Vec2::new(800.0, 600.0);

/// Pseudo-random numbers in 0 .. 1, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }
    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.next()
    }
    fn vec3(&mut self) -> Vec3 {
        Vec3::from_array([(); 3].map(|()| self.between(-1.0, 1.0)))
    }
    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[(self.next() * items.len() as f32) as usize]
    }
    fn camera(&mut self) -> Camera {
        Camera {
            kind: self.one_of(&CAMERAS).kind,
            eye: short(self.vec3() * 10.0),
            target: short(self.vec3() * 3.0),
            up: self.one_of(&[Vec3::Y, Vec3::Z, Vec3::new(0.3, -1.0, 0.2)]),
            fov: self.between(5.0, 120.0),
            ..Camera::default()
        }
    }
    fn pixel(&mut self) -> Vec2 {
        Vec2::new(self.next(), self.next()) * SIZE
    }
}

fn distance(camera: &Camera) -> f32 {
    camera.distance()
}

/// A position with the precision that gestures leave.
fn short(p: Vec3) -> DVec3 {
    p.to_array().map(decimal).into()
}

/// The pixel at which a point is seen.
fn seen_at(camera: &Camera, point: DVec3) -> Vec2 {
    let (x, y) = camera.project(point, SIZE.x / SIZE.y).expect("it is in front of the eye");
    Vec2::new(x + 1.0, 1.0 - y) * 0.5 * SIZE
}

/// The point under a pixel, at the target's depth.
fn under(camera: &Camera, at: Vec2) -> DVec3 {
    let (x, y) = (2.0 * at.x / SIZE.x - 1.0, 1.0 - 2.0 * at.y / SIZE.y);
    let Ray { origin, dir: direction } = camera_ray(camera, x, y, SIZE.x / SIZE.y);
    let depth = camera.depth(origin + direction.as_dvec3());
    origin + (direction * (distance(camera) / depth)).as_dvec3()
}

fn assert_seen_at(camera: &Camera, point: DVec3, at: Vec2) {
    let seen = seen_at(camera, point);
    let off = match camera.view() {
        View::Perspective | View::Parallel => seen - at,
        // The left edge is the right one, and near the poles a pixel is narrow.
        View::Around => {
            let (right, down) = ((seen.x - at.x) / SIZE.x, seen.y - at.y);
            Vec2::new((right - right.round()) * SIZE.x * (PI * at.y / SIZE.y).sin(), down)
        }
    };
    assert!(off.length() < 0.05, "{:?}: {seen} is not {at}", camera.kind);
}

#[test]
fn a_point_is_seen_where_its_ray_begins() {
    let mut random = Random(1);
    for _ in 0..2000 {
        let (camera, at) = (random.camera(), random.pixel());
        assert_seen_at(&camera, under(&camera, at), at);
    }
    let camera = Camera::default();
    assert_eq!(camera.project(camera.eye + DVec3::Z, 1.0), None, "behind the eye");
    // The upper right corner of a view of 35 degrees from 10 away.
    let half = 10.0 * 17.5f64.to_radians().tan();
    assert!(under(&camera, Vec2::new(800.0, 0.0)).abs_diff_eq(DVec3::new(half * 4.0 / 3.0, half, 0.0), 1e-4));
}

#[test]
fn an_orbit_keeps_the_distance_and_comes_back() {
    let mut random = Random(2);
    for _ in 0..500 {
        let camera = random.camera();
        let turned = orbit(&camera, random.pixel() - SIZE * 0.5, SIZE);
        assert!((distance(&turned) / distance(&camera) - 1.0).abs() < 1e-5);
        assert_eq!(turned.target, camera.target);
        let mut round = orbit(&camera, Vec2::ZERO, SIZE);
        for _ in 0..24 {
            round = orbit(&round, Vec2::new(2.0 * SIZE.y / 24.0, 0.0), SIZE);
        }
        assert!(round.eye.distance(camera.eye) < 1e-2 * f64::from(distance(&camera)), "{camera:?}\n{round:?}");
    }
    // Closed form: a quarter of a turn to the right brings the eye to the left of the target.
    let left = orbit(&Camera::default(), Vec2::new(SIZE.y / 2.0, 0.0), SIZE);
    assert!(left.eye.abs_diff_eq(DVec3::new(-10.0, 0.0, 0.0), 1e-4), "{}", left.eye);
    // A drag down by an eighth: the eye rises by 22.5 degrees.
    let above = orbit(&Camera::default(), Vec2::new(0.0, SIZE.y / 8.0), SIZE);
    let (sin, cos) = 22.5f64.to_radians().sin_cos();
    assert!(above.eye.abs_diff_eq(10.0 * DVec3::new(0.0, sin, cos), 1e-4), "{}", above.eye);
}

#[test]
fn an_orbit_does_not_turn_over_at_the_poles() {
    for way in [-1.0, 1.0] {
        let mut camera = Camera::default();
        let side = camera.basis().0;
        for _ in 0..200 {
            camera = orbit(&camera, Vec2::new(0.0, way * 7.0), SIZE);
            assert!(camera.basis().0.dot(side) > 0.999, "the right of the image stays");
        }
        assert!((camera.eye - DVec3::Y * 10.0 * f64::from(way)).length() < 0.02);
        // And a drag back down.
        for _ in 0..43 {
            camera = orbit(&camera, Vec2::new(0.0, -way * 7.0), SIZE);
        }
        assert!(camera.eye.z > 9.9, "{}", camera.eye);
    }
    // A view from the pole itself, where the top of the image is not `up`.
    let map = Camera { eye: DVec3::Y * 5.0, ..Camera::default() };
    let (right, top, _) = map.basis();
    let moved = orbit(&map, Vec2::new(0.0, -3.0), SIZE);
    let (now_right, now_top, _) = moved.basis();
    assert!(right.dot(now_right) > 0.999 && top.dot(now_top) > 0.999, "{now_right} {now_top}");
}

#[test]
fn looking_around_keeps_the_eye_and_follows_the_pointer() {
    let mut random = Random(3);
    for _ in 0..500 {
        let camera = random.camera();
        let next = look_around(&camera, random.pixel() - SIZE * 0.5, SIZE);
        assert_eq!(next.eye, camera.eye);
        assert!((distance(&next) / distance(&camera) - 1.0).abs() < 1e-4);
    }
    for kind in CAMERAS.map(|row| row.kind) {
        let ways: &[Vec2] = match kind.row().view {
            View::Perspective | View::Parallel => &[],
            View::Around => &[Vec2::new(300.0, 0.0), Vec2::new(0.0, -200.0)],
        };
        for way in [Vec2::new(5.0, 0.0), Vec2::new(0.0, 5.0), Vec2::new(-5.0, -5.0)].iter().chain(ways) {
            let camera = Camera { kind, ..Camera::default() };
            let moved = seen_at(&look_around(&camera, *way, SIZE), camera.target) - SIZE * 0.5;
            assert!((moved - way).length() < 0.3, "{kind:?} {way}: {moved}");
        }
    }
}

#[test]
fn what_is_panned_follows_the_pointer() {
    let mut random = Random(4);
    for _ in 0..2000 {
        let (camera, from, to) = (random.camera(), random.pixel(), random.pixel());
        let from = match camera.view() {
            View::Perspective | View::Parallel => from,
            // Only the target: an eye that moves has no plane in which all points move alike.
            View::Around => SIZE * 0.5,
        };
        let point = under(&camera, from);
        assert_seen_at(&pan(&camera, to - from, SIZE), point, to);
    }
}

#[test]
fn the_wheel_keeps_what_is_under_the_pointer() {
    let mut random = Random(5);
    for _ in 0..2000 {
        let (camera, at) = (random.camera(), random.pixel());
        let steps = random.between(-5.0, 5.0);
        let point = under(&camera, at);
        let next = wheel(&camera, steps, at, SIZE);
        assert_ne!(next, camera);
        assert_seen_at(&next, point, at);
    }
    let near = wheel(&Camera::default(), 1.0, SIZE * 0.5, SIZE);
    assert!(near.eye.abs_diff_eq(DVec3::Z * 9.0, 1e-4) && near.target.length() < 1e-5);
    let ortho = Camera { kind: CameraKind::Ortho, ..Camera::default() };
    let near = wheel(&ortho, 1.0, Vec2::ZERO, SIZE);
    assert!((near.half_height() / ortho.half_height() - 0.9).abs() < 1e-4 && near.eye.z == 10.0);
}

#[test]
fn the_other_gestures_have_their_rates() {
    let camera = Camera::default();
    assert!((zoom(&camera, 10.0).fov - 35.0 * 1.05).abs() < 1e-4);
    let panorama = Camera { kind: CameraKind::Panoramic, ..camera.clone() };
    let farther = zoom(&panorama, 10.0);
    assert!((farther.eye.z - 10.5).abs() < 1e-5 && farther.fov == panorama.fov, "it has no field of view");
    assert!((dolly(&camera, 10.0).eye.z - 9.0).abs() < 1e-5);
    assert!((dolly(&camera, -10.0).eye.z - 11.0).abs() < 1e-5);
    assert!((focus(&camera, 10.0).focal_scale - 1.1).abs() < 1e-6);
    assert!((aperture(&camera, -10.0).aperture_radius - 0.09).abs() < 1e-6);
    let closed = Camera { aperture_radius: 0.0, ..camera.clone() };
    assert_eq!(aperture(&closed, -5.0), closed);
    assert!((aperture(&closed, 5.0).aperture_radius - 0.01).abs() < 1e-6);
    // Never through the target, and never past the limits.
    let (mut near, mut wide) = (camera.clone(), camera.clone());
    for _ in 0..100 {
        (near, wide) = (dolly(&near, 500.0), zoom(&wide, 500.0));
    }
    assert!(near.eye.z > 0.0 && wide.fov == FOV.1);
    assert_eq!(zoom(&camera, -1e9).fov, 3.5);
}

#[test]
fn focus_goes_to_a_point() {
    let camera = Camera { target: DVec3::new(0.0, 0.0, 4.0), ..Camera::default() };
    // A point beside the axis: its plane counts.
    assert!((focus_on(&camera, DVec3::new(3.0, -2.0, 1.0)).focal_scale - 1.5).abs() < 1e-6);
    assert_eq!(focus_on(&camera, DVec3::new(0.0, 0.0, 11.0)), camera, "behind the eye");
}

#[test]
fn a_roll_turns_the_image_and_comes_back() {
    let camera = Camera::default();
    let quarter = roll(&camera, PI / 2.0);
    // Clockwise: the top moves to the right.
    let at = seen_at(&quarter, DVec3::Y);
    assert!(at.x > 480.0 && (at.y - 300.0).abs() < 0.1, "{at}");
    let map = Camera { eye: DVec3::Y * 5.0, ..Camera::default() };
    for camera in [camera, map] {
        let top = camera.basis().1;
        let mut round = camera.clone();
        for _ in 0..12 {
            round = roll(&round, PI / 6.0);
        }
        assert!(round.basis().1.dot(top) > 0.999_99);
    }
}

#[test]
fn axis_views_look_along_the_axes() {
    let mut random = Random(6);
    for axis in Axis::ALL {
        let camera = random.camera();
        let view = look_along(&camera, axis);
        assert!(view.basis().2.abs_diff_eq(-axis.direction(), 1e-5), "{}", axis.name());
        assert_eq!(view.target, camera.target);
        assert!((distance(&view) / distance(&camera) - 1.0).abs() < 1e-5);
    }
    let rolled = roll(&Camera::default(), 0.3);
    assert_eq!(look_along(&rolled, Axis::PosX).up, Vec3::Y);
}

#[test]
fn an_empty_scene_is_not_fitted() {
    let camera = Camera::default();
    assert_eq!(fit(&camera, Scene::default().bounds(None), 1.0), camera);
    let bounds = Bounds { lo: DVec3::ONE, hi: DVec3::splat(3.0) };
    assert_eq!(fit(&camera, bounds, 1.0).target, DVec3::splat(2.0));
}

/// Any gesture, with numbers of any size.
fn any_gesture(camera: &Camera, random: &mut Random) -> Camera {
    let extremes = [0.0, -0.0, 1e-30, 1e30, -1e30, 1e38, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e4, -1e4];
    let any = |random: &mut Random| {
        if random.next() < 0.1 { random.one_of(&extremes) } else { random.between(-300.0, 300.0) }
    };
    let way = Vec2::new(any(random), any(random));
    let n = any(random);
    let size = if random.next() < 0.05 { Vec2::new(any(random), any(random)) } else { SIZE };
    match (random.next() * 13.0) as u32 {
        0 => orbit(camera, way, size),
        1 => look_around(camera, way, size),
        2 => pan(camera, way, size),
        3 => zoom(camera, n),
        4 => dolly(camera, n),
        5 => roll(camera, n),
        6 => focus(camera, n),
        7 => focus_on(camera, Vec3::new(n, way.x, way.y).as_dvec3()),
        8 => aperture(camera, n),
        9 => wheel(camera, n, way, size),
        10 => look_along(camera, random.one_of(&Axis::ALL)),
        11 => {
            let mut bounds = Bounds::EMPTY;
            bounds.add(Vec3::new(n, way.x, way.y).as_dvec3());
            bounds.add(random.vec3().as_dvec3());
            fit(camera, bounds, size.x / size.y)
        }
        _ => Camera { kind: random.one_of(&CAMERAS).kind, ..camera.clone() },
    }
}

#[test]
fn no_gesture_loses_the_camera() {
    let mut random = Random(7);
    let mut changed = 0;
    for _ in 0..200 {
        let mut camera = random.camera();
        for _ in 0..100 {
            let next = any_gesture(&camera, &mut random);
            next.check().unwrap_or_else(|error| panic!("{error}: {next:?} after {camera:?}"));
            assert!(next.fov >= FOV.0 && next.fov <= FOV.1 && distance(&next).is_normal(), "{next:?}");
            let (right, up, forward) = next.basis();
            assert!((right.cross(up) + forward).length() < 1e-3, "{next:?}");
            changed += u32::from(next != camera);
            camera = next;
        }
    }
    assert!(changed > 10_000, "{changed} of 20000 gestures did something");
}
