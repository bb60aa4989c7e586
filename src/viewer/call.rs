//! The viewer's changes as script calls that do the same, ready to paste.

use crate::scene::{Camera, CameraUpdate, Edit, GeometryUpdate, LightUpdate, Positions, Values};
use glam::{DAffine3, DVec3, EulerRot, Mat3, Vec3};
use std::fmt::{Display, Write};

/// Largest number of rows for which a plot's arrays are printed; longer calls are no use to paste.
const MOST_ROWS: usize = 100;
/// Largest difference of matrices that count as equal: gestures leave some rounding errors.
const SAME: f32 = 1e-4;

/// The call that sets the camera `name` to this one. Lens options are printed only if the lens is open.
pub fn camera_call(name: &str, camera: &Camera) -> String {
    let lens = camera.kind.row().lens;
    let update = CameraUpdate {
        kind: Some(camera.kind),
        eye: Some(camera.eye),
        target: Some(camera.target),
        up: Some(camera.up),
        fov: Some(camera.fov),
        aperture_radius: lens.then_some(camera.aperture_radius),
        focal_scale: lens.then_some(camera.focal_scale),
    };
    call("update_camera", name, camera_options(&update))
}

/// The calls that make an edit, one on each line; `None` for edits that no gesture makes, for large arrays, and for
/// transformations that do not consist of a rotation, a scaling and a translation.
pub fn edit_call(edit: &Edit) -> Option<String> {
    match edit {
        Edit::TransformGeometry { name, transform } => transform_calls(name, transform),
        Edit::UpdateLight { name, light } => Some(call("update_light", name, light_options(light))),
        Edit::UpdateCamera { name, camera } => Some(call("update_camera", name, camera_options(camera))),
        Edit::UpdateData { name, data } => Some(call("update_data", name, data_options(data)?)),
        _ => None,
    }
}

/// Keys and values of an option map; `None` for options that are not set.
type CallOptions = Vec<(&'static str, Option<String>)>;

fn call(function: &str, name: &str, options: CallOptions) -> String {
    let given = options.into_iter().filter_map(|(key, value)| value.map(|value| format!("{key}: {value}")));
    format!("rt.{function}({}, #{{ {} }});", quoted(name), given.collect::<Vec<_>>().join(", "))
}

fn camera_options(camera: &CameraUpdate) -> CallOptions {
    vec![
        ("cam_type", camera.kind.map(|kind| quoted(kind.name()))),
        ("eye", camera.eye.map(point)),
        ("target", camera.target.map(point)),
        ("up", camera.up.map(vector)),
        ("fov", camera.fov.map(number)),
        ("aperture_radius", camera.aperture_radius.map(number)),
        ("focal_scale", camera.focal_scale.map(number)),
    ]
}

fn light_options(light: &LightUpdate) -> CallOptions {
    vec![
        ("light_type", light.kind.map(|kind| quoted(kind.name()))),
        ("pos", light.pos.map(point)),
        ("autofit_camera", light.autofit_camera.as_deref().map(quoted)),
        ("color", light.color.map(vector)),
        ("radius", light.radius.map(number)),
        ("u", light.u.map(vector)),
        ("v", light.v.map(vector)),
        ("in_geometry", light.in_geometry.map(|seen| seen.to_string())),
    ]
}

fn data_options(data: &GeometryUpdate) -> Option<CallOptions> {
    let given = data.values.iter().filter_map(|(_, values)| values.as_ref());
    let lengths = given.map(Values::len).chain(data.pos.as_ref().map(Positions::len));
    if lengths.into_iter().any(|rows| rows > MOST_ROWS) {
        return None;
    }
    let element = |values: &Values, i: usize| match values.width() {
        1 => number(values.scalar(i)),
        _ => vector(values.vector(i).into()),
    };
    let shown = |values: &Values| match values.is_each() {
        true => list((0..values.len()).map(|i| element(values, i))),
        false => element(values, 0),
    };
    let mut options = vec![("pos", data.pos.as_ref().map(|pos| list(pos.iter().map(point))))];
    options.extend(data.values.iter().map(|(channel, values)| (channel.name(), values.as_ref().map(shown))));
    options.extend([("mat", data.material.as_deref().map(quoted)), ("rnd", data.rnd.map(|rnd| rnd.to_string()))]);
    Some(options)
}

/// The calls for a rotation about the origin, a scaling about it and a translation, without those that change
/// nothing.
fn transform_calls(name: &str, transform: &DAffine3) -> Option<String> {
    let linear = transform.matrix3.as_mat3();
    let size = linear.determinant();
    let scale = libm::cbrtf(size);
    let rotation = linear * (1.0 / scale);
    let off = (rotation.transpose() * rotation).to_cols_array().into_iter().zip(Mat3::IDENTITY.to_cols_array());
    // The comparison is also false for values that are not finite.
    if !(size > 0.0 && off.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) < SAME) {
        return None;
    }
    const ORIGIN: &str = "#{ center: [0, 0, 0] }";
    let name = quoted(name);
    let mut calls = Vec::new();
    if !rotation.abs_diff_eq(Mat3::IDENTITY, 1e-6) {
        let (z, y, x) = rotation.to_euler(EulerRot::ZYX);
        calls.push(format!("rt.rotate_geometry({name}, {}, {ORIGIN});", vector(Vec3::new(x, y, z))));
    }
    if (scale - 1.0).abs() > 1e-6 {
        calls.push(format!("rt.scale_geometry({name}, {}, {ORIGIN});", number(scale)));
    }
    let shift = transform.translation;
    if shift != DVec3::ZERO || calls.is_empty() {
        calls.push(format!("rt.move_geometry({name}, {});", point(shift)));
    }
    Some(calls.join("\n"))
}

/// The shortest text that parses to the same number.
pub fn number(x: f32) -> String {
    digits(x.abs().into(), &x, format!("{x:e}"))
}

/// The shortest text that parses to the same coordinate.
pub fn coordinate(x: f64) -> String {
    digits(x.abs(), &x, format!("{x:e}"))
}

fn digits(magnitude: f64, plain: &dyn Display, scientific: String) -> String {
    // Negative zero is printed as 0, too.
    if magnitude == 0.0 {
        return "0".into();
    }
    if (1e-4..1e18).contains(&magnitude) {
        return plain.to_string();
    }
    // A script needs the decimal point in such a number.
    match scientific.split_once('e') {
        Some((digits, power)) if !digits.contains('.') => format!("{digits}.0e{power}"),
        _ => scientific,
    }
}

/// `[x, y, z]`.
pub fn point(p: DVec3) -> String {
    list(p.to_array().into_iter().map(coordinate))
}

/// `[x, y, z]`.
pub fn vector(v: Vec3) -> String {
    list(v.to_array().into_iter().map(number))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A string literal of a script.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::CancelToken;
    use crate::scene::{
        CameraKind, Channel, Geometry, GeometryKind, Light, LightShape, Scene, about_center, rotation_xyz,
    };
    use crate::script::{CallContext, Callback, Host, Script, ScriptOptions};
    use glam::DMat3;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    /// The scene after a callback with these calls.
    fn run(calls: &str, scene: &Scene) -> Scene {
        let text = format!("fn init(rt) {{ {calls} }}");
        let script = Script::from_source("main.rhai", &text, Path::new(""), ScriptOptions::default()).expect(calls);
        let mut host = Host::new(&script).unwrap();
        let context = CallContext::new(Callback::Init, scene.clone());
        host.run_top_level(&CancelToken::new(), Duration::from_secs(20)).unwrap();
        let (context, result) = host.call(context, 4, Duration::from_secs(20));
        result.unwrap_or_else(|error| panic!("{error}: {calls}"));
        context.scene
    }

    fn odd_number(i: u32) -> f32 {
        f32::from_bits(i.wrapping_mul(2_654_435_761) & 0x3fff_ffff | 0x2000_0000)
            * if i.is_multiple_of(2) { 1.0 } else { -1.0 }
    }

    #[test]
    fn the_call_makes_the_same_camera() {
        let name = "a \"camera\" \\ of\nmine";
        for (i, kind) in [CameraKind::Pinhole, CameraKind::ThinLens, CameraKind::Ortho].into_iter().enumerate() {
            let mut scene = Scene::default();
            scene.cameras.insert(name.into(), Camera::default());
            let lens = kind == CameraKind::ThinLens;
            let default = Camera::default();
            let camera = Camera {
                kind,
                eye: DVec3::new(1.0 / 3.0, -1e17, 4e-12),
                target: DVec3::new(-0.0, 1e-38, 16_777_216.0 + i as f64),
                up: Vec3::new(0.0, 0.6, -0.8),
                fov: 34.999_996,
                aperture_radius: if lens { 0.012_345_678 } else { default.aperture_radius },
                focal_scale: if lens { 1.1 } else { default.focal_scale },
            };
            let call = camera_call(name, &camera);
            assert_eq!(run(&call, &scene).cameras[name], camera, "{call}");
        }
        let plain = Camera { eye: DVec3::new(0.0, 1.5, -4.0), ..Camera::default() };
        assert_eq!(
            camera_call("cam", &plain),
            "rt.update_camera(\"cam\", #{ cam_type: \"Pinhole\", eye: [0, 1.5, -4], target: [0, 0, 0], up: [0, 1, 0], \
             fov: 35 });"
        );
    }

    #[test]
    fn numbers_come_back_to_the_bit() {
        let mut scene = Scene::default();
        scene.cameras.insert("c".into(), Camera::default());
        for i in 1..200u32 {
            let eye = DVec3::from([0, 1, 2].map(|k| f64::from(odd_number(3 * i + k))));
            let camera = Camera { eye, ..Camera::default() };
            let call = camera_call("c", &camera);
            assert_eq!(
                run(&call, &scene).cameras["c"].eye.to_array().map(f64::to_bits),
                eye.to_array().map(f64::to_bits)
            );
        }
    }

    #[test]
    fn a_light_is_updated_as_by_the_edit() {
        let mut scene = Scene::default();
        let shape = LightShape::Parallelogram { u: Vec3::Y, v: Vec3::X };
        scene.lights.insert("panel".into(), Light { shape, ..Light::default() });
        let light = LightUpdate {
            pos: Some(DVec3::new(0.1, 2.0, -3.5)),
            u: Some(Vec3::Z),
            color: Some(Vec3::new(1.0, 0.25, 0.0)),
            in_geometry: Some(false),
            ..LightUpdate::default()
        };
        let edit = Edit::UpdateLight { name: "panel".into(), light };
        let mut expected = scene.clone();
        expected.apply(&edit).unwrap();
        assert_ne!(expected, scene);
        assert_eq!(run(&edit_call(&edit).unwrap(), &scene), expected);
    }

    fn with_plot() -> Scene {
        let mut scene = Scene::default();
        let plot = Geometry::new(GeometryKind::Parallelepipeds, [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]);
        scene.geometries.insert("plot".into(), Arc::new(plot));
        scene
    }

    #[test]
    fn a_plot_is_moved_as_by_the_edit() {
        let turn = about_center(rotation_xyz(DVec3::new(0.3, -0.4, 2.5)), DVec3::new(1.0, 2.0, 3.0));
        let scale = about_center(DMat3::from_diagonal(DVec3::splat(0.7)), DVec3::new(0.0, 1.0, 0.0));
        let shift = DAffine3::from_translation(DVec3::new(0.5, 0.0, -2.0));
        for (transform, calls) in
            [(turn, 2), (scale, 2), (shift, 1), (shift * scale * turn, 3), (DAffine3::IDENTITY, 1)]
        {
            let edit = Edit::TransformGeometry { name: "plot".into(), transform };
            let text = edit_call(&edit).unwrap();
            assert_eq!(text.lines().count(), calls, "{text}");
            let made = run(&text, &with_plot()).geometries["plot"].transform;
            assert!(made.abs_diff_eq(transform, 1e-5), "{text}: {made} is not {transform}");
        }
        for no in [DVec3::new(1.0, 2.0, 1.0), DVec3::new(-1.0, 1.0, 1.0), DVec3::new(f64::NAN, 1.0, 1.0)] {
            let transform = DAffine3::from_scale(no);
            assert_eq!(edit_call(&Edit::TransformGeometry { name: "plot".into(), transform }), None, "{no}");
        }
    }

    #[test]
    fn short_data_are_printed() {
        let data = GeometryUpdate {
            pos: Some([[0.0, 1.5, 0.0], [1.0, 0.0, 0.0]].into()),
            values: [(Channel::U, Values::one([2.0, 0.0, 0.0])), (Channel::R, Values::each([0.5, 1.0]))].into(),
            ..GeometryUpdate::default()
        };
        let edit = Edit::UpdateData { name: "plot".into(), data };
        let text = edit_call(&edit).unwrap();
        assert_eq!(text, "rt.update_data(\"plot\", #{ pos: [[0, 1.5, 0], [1, 0, 0]], r: [0.5, 1], u: [2, 0, 0] });");
        let made = run(&text, &with_plot());
        assert_eq!(made.geometries["plot"].pos.get(0), Some(DVec3::new(0.0, 1.5, 0.0)));
        assert_eq!(made.geometries["plot"][Channel::R].scalar(1), 1.0);
        let pos = Some(vec![[0.0; 3]; MOST_ROWS + 1].into());
        let data = GeometryUpdate { pos, ..GeometryUpdate::default() };
        assert_eq!(edit_call(&Edit::UpdateData { name: "plot".into(), data }), None);
    }
}
