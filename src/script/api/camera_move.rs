//! Moving and turning cameras, and fitting them to the scene.

use super::call::Call;
use super::camera::name_or_current;
use super::table::{Code, Function, METHOD, Param, Range, Type, optional, required};
use crate::scene::{Camera, CameraUpdate, DEFAULT_FIT_SCALE, Edit, rotation_yxz};
use crate::{Error, Result};
use glam::{DVec3, Mat3};
use rhai::Dynamic;

const ROT: Param = required("rot", Type::Vector, "Angles: about Y (yaw), then X (pitch), then Z (roll), of [x, y, z].")
    .unit("radians");
const CENTER: Param =
    optional("center", Type::Vector, "the target", "The point that stays in place.").unit("scene units");
const SHIFT: Param = required("shift", Type::Vector, "The shift.").unit("scene units");

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "camera_fit",
        options: &[
            optional("camera", Type::Text, "current camera", "Name of the camera."),
            optional("geometry", Type::Text, "all plots", "Name of the plot to show."),
            optional("scale", Type::Number, "2.5", "Distance: proportional to it, and at 2.5 everything just fits.")
                .range(Range::Above(0.0)),
        ],
        doc: "Moves eye and target so that one plot or all are in view, in the middle of the image and as large as fits \
              in nine tenths of its width and height; the direction of the view stays. Where there is nothing to see \
              yet, the camera is fitted when there is. Of one plot that is much larger than the others, such as a \
              floor, all would be small: name the plot that the image is about, with `geometry`.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0], [4, 0, 0]], r: 0.3 });
    rt.setup_camera("cam", #{ eye: [0, 10, 10], target: [0, 0, 0] });
    rt.camera_fit();
    rt.camera_fit(#{ geometry: "points", scale: 4 });
}"#,
        code: Code::Method(camera_fit),
        ..METHOD
    },
    Function {
        name: "camera_move_by",
        params: &[SHIFT],
        doc: "Shifts eye and target of the current camera along the axes of the world.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    rt.camera_move_by([1, 0, 0]);
}"#,
        code: Code::Method(|call| {
            let shift = call.required_point("shift")?;
            moved(call, |_| shift)
        }),
        ..METHOD
    },
    Function {
        name: "camera_move_by_local",
        params: &[SHIFT],
        doc: "Shifts eye and target of the current camera along its own axes: X right, Y up, Z towards the viewer.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    rt.camera_move_by_local([0, 0, -1]);
}"#,
        code: Code::Method(|call| {
            let shift = call.required_vector("shift")?;
            moved(call, |camera| (axes(camera) * shift).as_dvec3())
        }),
        ..METHOD
    },
    Function {
        name: "camera_rotate_by",
        params: &[ROT, CENTER],
        doc: "Turns eye, target and up of the current camera about a point, by angles about the axes of the world.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 1] });
    rt.camera_rotate_by([0, PI() / 4, 0], [0, 0, 0]);
}"#,
        code: Code::Method(|call| turned(call, Axes::World, Pivot::Center)),
        ..METHOD
    },
    Function {
        name: "camera_rotate_by_local",
        params: &[ROT, CENTER],
        doc: "Turns eye, target and up of the current camera about a point, by angles about the camera's own axes.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 1] });
    rt.camera_rotate_by_local([0, PI() / 4, 0], [0, 0, 0]);
}"#,
        code: Code::Method(|call| turned(call, Axes::Camera, Pivot::Center)),
        ..METHOD
    },
    Function {
        name: "camera_rotate_eye",
        params: &[ROT],
        doc: "Turns the eye of the current camera about its target, by angles about the axes of the world.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
}
fn update_data(rt) {
    rt.camera_rotate_eye([0, 0.02, 0]);
}"#,
        code: Code::Method(|call| turned(call, Axes::World, Pivot::Target)),
        ..METHOD
    },
    Function {
        name: "camera_rotate_eye_local",
        params: &[ROT],
        doc: "Turns the eye of the current camera about its target, by angles about the camera's own axes.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    rt.camera_rotate_eye_local([0.1, 0, 0]);
}"#,
        code: Code::Method(|call| turned(call, Axes::Camera, Pivot::Target)),
        ..METHOD
    },
    Function {
        name: "camera_rotate_target",
        params: &[ROT],
        doc: "Turns the target of the current camera about its eye, by angles about the axes of the world.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    rt.camera_rotate_target([0, 0.1, 0]);
}"#,
        code: Code::Method(|call| turned(call, Axes::World, Pivot::Eye)),
        ..METHOD
    },
    Function {
        name: "camera_rotate_target_local",
        params: &[ROT],
        doc: "Turns the target of the current camera about its eye, by angles about the camera's own axes.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    rt.camera_rotate_target_local([0.1, 0, 0]);
}"#,
        code: Code::Method(|call| turned(call, Axes::Camera, Pivot::Eye)),
        ..METHOD
    },
];

fn camera_fit(call: &mut Call) -> Result<Dynamic> {
    let name = name_or_current(call, "camera")?;
    let geometry = call.text("geometry")?;
    let scale = call.number("scale")?.unwrap_or(DEFAULT_FIT_SCALE);
    let all = geometry.is_none();
    let done = call.stage(Edit::FitCamera { name, geometry, scale })?;
    if all {
        call.warn_of_dominating_plot();
    }
    Ok(done)
}

/// The axes that the angles are about.
enum Axes {
    World,
    Camera,
}

/// The point about which a camera turns.
enum Pivot {
    Center,
    Target,
    Eye,
}

fn axes(camera: &Camera) -> Mat3 {
    let (right, up, forward) = camera.basis();
    Mat3::from_cols(right, up, -forward)
}

fn moved(call: &mut Call, shift: impl FnOnce(&Camera) -> DVec3) -> Result<Dynamic> {
    let (name, mut camera) = current(call)?;
    let shift = shift(&camera);
    camera.eye += shift;
    camera.target += shift;
    stage(call, name, camera)
}

fn turned(call: &mut Call, about: Axes, pivot: Pivot) -> Result<Dynamic> {
    let (name, mut camera) = current(call)?;
    let rotation = rotation_yxz(call.required_point("rot")?);
    let rotation = match about {
        Axes::World => rotation,
        Axes::Camera => {
            let axes = axes(&camera).as_dmat3();
            axes * rotation * axes.transpose()
        }
    };
    let center = match pivot {
        Pivot::Center => call.point("center")?.unwrap_or(camera.target),
        Pivot::Target => camera.target,
        Pivot::Eye => camera.eye,
    };
    camera.up = rotation.as_mat3() * camera.up;
    camera.eye = center + rotation * (camera.eye - center);
    camera.target = center + rotation * (camera.target - center);
    stage(call, name, camera)
}

fn current(call: &mut Call) -> Result<(String, Camera)> {
    let scene = &call.cx().scene;
    match scene.current_camera.as_ref().and_then(|name| Some((name, scene.camera(name)?))) {
        Some((name, camera)) => Ok((name.clone(), camera)),
        None => Err(Error::script("there is no camera yet").hint("make one: `rt.setup_camera(\"cam\")`")),
    }
}

fn stage(call: &mut Call, name: String, camera: Camera) -> Result<Dynamic> {
    let update = CameraUpdate {
        eye: Some(camera.eye),
        target: Some(camera.target),
        up: Some(camera.up),
        ..CameraUpdate::default()
    };
    call.stage(Edit::UpdateCamera { name, camera: update })
}
