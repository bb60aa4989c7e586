//! Moving the camera with the mouse: from a camera and a gesture to the next camera.
//!
//! Positions and drag distances (`way`) are in pixels of the image area, x to the right and y down. Every result is a
//! valid camera ([`Camera::check`]), whatever the gesture: one whose result is not finite or without direction
//! returns the camera unchanged.

use crate::device::camera_ray;
use crate::scene::{Bounds, Camera, DEFAULT_FIT_SCALE, View, origin_near};
use glam::{DVec3, Quat, Vec2, Vec3};
use std::f32::consts::PI;

/// Limits of the field of view for zooming, degrees.
pub const FOV: (f32, f32) = (0.1, 179.0);
/// Smallest angle between the view direction and the poles when orbiting, radians: at a pole the image would turn
/// over.
const FROM_POLE: f32 = 1e-3;
/// The highest place in a view all around to which a gesture moves a point, where 1 is the pole: there, right and left
/// have no meaning.
const HIGHEST: f32 = 1.0 - 1e-5;
/// Largest factor, up or down, by which one gesture changes a size.
const MOST_AT_ONCE: f32 = 10.0;
/// Smallest distance of eye and target, relative to their coordinates: below it, single precision cannot represent
/// the direction.
const LEAST_DISTANCE: f32 = 1e-5;
/// Factor of one step of the wheel on the distance.
const WHEEL: f32 = 0.9;

/// The direction of an axis view: `PosX` has its eye on the positive X axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    PosX,
    NegX,
    PosY,
    NegY,
    PosZ,
    NegZ,
}

impl Axis {
    pub const ALL: [Axis; 6] = [Axis::PosX, Axis::NegX, Axis::PosY, Axis::NegY, Axis::PosZ, Axis::NegZ];

    /// The direction from the target to the eye.
    pub fn direction(self) -> Vec3 {
        match self {
            Axis::PosX => Vec3::X,
            Axis::NegX => Vec3::NEG_X,
            Axis::PosY => Vec3::Y,
            Axis::NegY => Vec3::NEG_Y,
            Axis::PosZ => Vec3::Z,
            Axis::NegZ => Vec3::NEG_Z,
        }
    }

    /// The name of the axis, such as `"+X"`.
    pub fn name(self) -> &'static str {
        match self {
            Axis::PosX => "+X",
            Axis::NegX => "-X",
            Axis::PosY => "+Y",
            Axis::NegY => "-Y",
            Axis::PosZ => "+Z",
            Axis::NegZ => "-Z",
        }
    }
}

/// Orbits the eye about the target, like a turntable whose axis is the camera's `up`; a drag over the height of the
/// image is half a turn. The scene follows the pointer. It stops short of the poles.
pub fn orbit(camera: &Camera, way: Vec2, size: Vec2) -> Camera {
    let turn = way * (PI / size.y);
    let back = turned(camera, -turn.x, turn.y);
    checked(camera, Camera { eye: camera.target + back.as_dvec3(), ..camera.clone() })
}

/// Rotates the target about the eye, with `up` as the axis: the centre of the image follows the pointer.
pub fn look_around(camera: &Camera, way: Vec2, size: Vec2) -> Camera {
    let turn = match camera.view() {
        View::Perspective | View::Parallel => way * (camera.fov.to_radians() / size.y),
        View::Around => way * Vec2::new(2.0 * PI, PI) / size,
    };
    let back = turned(camera, turn.x, -turn.y);
    checked(camera, Camera { target: camera.eye - back.as_dvec3(), ..camera.clone() })
}

/// The direction from the target to the eye after a rotation about `up` (yaw) and one away from its plane (pitch),
/// radians.
fn turned(camera: &Camera, yaw: f32, pitch: f32) -> Vec3 {
    let (right, _, forward) = camera.basis();
    let axis = camera.up.normalize_or(Vec3::Y);
    // The eye lies in the plane of `axis` and `level`, at `height` above the target's level. At a pole, `level` is
    // the up direction of the image.
    let level = right.cross(axis).normalize_or(-forward);
    let height = libm::atan2f(-forward.dot(axis), -forward.dot(level));
    let limit = PI / 2.0 - FROM_POLE;
    let height = (height + pitch).clamp(-limit, limit);
    let level = Quat::from_axis_angle(axis, yaw % (2.0 * PI)) * level;
    let direction = level * libm::cosf(height) + axis * libm::sinf(height);
    direction.normalize_or(-forward) * camera.distance()
}

/// Shifts eye and target by the same vector, so that the target, and in a plane view all points at its depth, follow the
/// pointer.
pub fn pan(camera: &Camera, way: Vec2, size: Vec2) -> Camera {
    let shift = -following(camera, camera.target, way, size);
    checked(camera, shifted(camera, shift.as_dvec3()))
}

/// The displacement in world space of a point that follows the pointer, and keeps its [`Camera::depth`]. A point that is
/// at the eye, or behind it and out of view, moves as the target does.
pub fn following(camera: &Camera, point: DVec3, way: Vec2, size: Vec2) -> Vec3 {
    let point = if camera.depth(point) > 0.0 { point } else { camera.target };
    let depth = camera.depth(point);
    match camera.view() {
        View::Perspective | View::Parallel => {
            let (right, up, _) = camera.basis();
            let pixel = 2.0 * camera.half_height_at(depth) / size.y;
            (right * way.x - up * way.y) * pixel
        }
        View::Around => {
            let aspect = size.x / size.y;
            let Some((x, y)) = camera.project(point, aspect) else { return Vec3::ZERO };
            // Across the left and right edges, and not across the poles.
            let next_x = (x + 2.0 * way.x / size.x + 1.0).rem_euclid(2.0) - 1.0;
            let next_y = (y - 2.0 * way.y / size.y).clamp(-HIGHEST, HIGHEST);
            if !(next_x.is_finite() && next_y.is_finite()) {
                return Vec3::NAN;
            }
            (camera_ray(camera, next_x, next_y, aspect).dir - camera_ray(camera, x, y, aspect).dir) * depth
        }
    }
}

/// Changes the field of view by the factor 1 + 0.005 `dy`, within [`FOV`]. A view all around has none: there, the
/// distance from the target changes by that factor.
pub fn zoom(camera: &Camera, dy: f32) -> Camera {
    let factor = factor(0.005 * dy);
    match camera.view() {
        View::Perspective | View::Parallel => {
            checked(camera, Camera { fov: (camera.fov * factor).clamp(FOV.0, FOV.1), ..camera.clone() })
        }
        View::Around => away(camera, factor),
    }
}

/// Moves the eye by 0.01 `dy` of the distance towards the target, and never through it.
pub fn dolly(camera: &Camera, dy: f32) -> Camera {
    away(camera, factor(-0.01 * dy))
}

/// Multiplies the distance of the eye from the target.
fn away(camera: &Camera, factor: f32) -> Camera {
    let back = (camera.eye - camera.target) * f64::from(factor);
    checked(camera, Camera { eye: camera.target + back, ..camera.clone() })
}

/// Rotates the image about its centre, clockwise, by an angle in radians.
pub fn roll(camera: &Camera, angle: f32) -> Camera {
    let (_, top, forward) = camera.basis();
    let along_view = camera.up.normalize_or(Vec3::Y).cross(forward).length_squared() <= 1e-10;
    let up = if along_view { top } else { camera.up };
    // A camera that leans to the left produces an image that leans to the right.
    let up = Quat::from_axis_angle(forward, -(angle % (2.0 * PI))) * up;
    checked(camera, Camera { up, ..camera.clone() })
}

/// Changes the focus distance by the factor 1 + 0.01 `dy`.
pub fn focus(camera: &Camera, dy: f32) -> Camera {
    let focal_scale = camera.focal_scale * factor(0.01 * dy);
    checked(camera, Camera { focal_scale, ..camera.clone() })
}

/// Focuses on the plane through `point` that is perpendicular to the camera's axis; a point behind the eye changes
/// nothing.
pub fn focus_on(camera: &Camera, point: DVec3) -> Camera {
    let focal_scale = camera.depth(point) / camera.distance();
    checked(camera, Camera { focal_scale, ..camera.clone() })
}

/// Changes the radius of the lens by the factor 1 + 0.01 `dy`. A closed lens opens to a thousandth of the distance
/// between eye and target.
pub fn aperture(camera: &Camera, dy: f32) -> Camera {
    let aperture_radius = match camera.aperture_radius {
        0.0 if dy > 0.0 => 1e-3 * camera.distance(),
        radius => radius * factor(0.01 * dy),
    };
    checked(camera, Camera { aperture_radius, ..camera.clone() })
}

/// Moves the eye by steps of the wheel; each positive step reduces the distance by a tenth. The point under the
/// pointer `at`, at the target's depth, stays in place. An orthographic view is scaled instead: an eye that came
/// nearer would leave objects behind.
pub fn wheel(camera: &Camera, steps: f32, at: Vec2, size: Vec2) -> Camera {
    let point = camera.target + following(camera, camera.target, at - size * 0.5, size).as_dvec3();
    let wanted = libm::powf(WHEEL, steps).clamp(1.0 / MOST_AT_ONCE, MOST_AT_ONCE);
    if camera.view() == View::Parallel {
        let slope = |fov: f32| libm::tanf(fov.to_radians() * 0.5);
        let fov = 2.0 * libm::atanf(slope(camera.fov) * wanted).to_degrees();
        let fov = fov.clamp(FOV.0, FOV.1);
        // The part of the zoom that the limits have left.
        let shift = (point - camera.target) * f64::from(1.0 - slope(fov) / slope(camera.fov));
        return checked(camera, Camera { fov, ..shifted(camera, shift) });
    }
    let toward = |from: DVec3| point + (from - point) * f64::from(wanted);
    checked(camera, Camera { eye: toward(camera.eye), target: toward(camera.target), ..camera.clone() })
}

/// Looks along an axis of the world, at the same target from the same distance. The up direction becomes the axis
/// nearest to the previous one.
pub fn look_along(camera: &Camera, axis: Axis) -> Camera {
    let most = camera.up.abs().max_element();
    let nearest = Axis::ALL.map(Axis::direction).into_iter().find(|axis| camera.up.dot(*axis) == most);
    let eye = camera.target + (axis.direction() * camera.distance()).as_dvec3();
    checked(camera, Camera { eye, up: nearest.unwrap_or(camera.up), ..camera.clone() })
}

/// Looks at the centre of `bounds` from a distance at which all of it is visible; an empty box changes nothing.
/// `aspect`: width divided by height.
pub fn fit(camera: &Camera, bounds: Bounds, aspect: f32) -> Camera {
    let mut next = camera.clone();
    if !bounds.is_empty() {
        next.fit(&bounds, aspect, DEFAULT_FIT_SCALE);
    }
    checked(camera, next)
}

fn shifted(camera: &Camera, shift: DVec3) -> Camera {
    Camera { eye: camera.eye + shift, target: camera.target + shift, ..camera.clone() }
}

/// 1 + `change`, clamped to a factor that a gesture can reasonably mean.
fn factor(change: f32) -> f32 {
    (1.0 + change).clamp(1.0 / MOST_AT_ONCE, MOST_AT_ONCE)
}

/// The shortest decimal number that rounds to this single-precision value.
fn decimal(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(x.into())
}

/// The next camera, or the previous one if the next is invalid. Positions are rounded to what a pixel can resolve, so
/// that a printed call is short.
fn checked(before: &Camera, next: Camera) -> Camera {
    let origin = origin_near(next.target, f64::from(next.distance()));
    let short = |p: DVec3| origin + DVec3::from((p - origin).as_vec3().to_array().map(decimal));
    let next = Camera { eye: short(next.eye), target: short(next.target), ..next };
    let distance = next.distance();
    let reach = (next.eye - origin).abs().max((next.target - origin).abs()).max_element() as f32;
    // An eye that was already this near may continue to move.
    let apart = distance > LEAST_DISTANCE * reach || distance >= before.distance();
    if next.check().is_ok() && apart && distance.is_normal() { next } else { before.clone() }
}

#[cfg(test)]
mod tests;
