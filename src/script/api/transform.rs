//! Moving, rotating and scaling a plot as a whole: its data stays, its place in the world changes.

use super::call::Call;
use super::table::{Code, Function, METHOD, Param, Type, optional, required};
use crate::Result;
use crate::scene::{Edit, about_center, rotation_xyz, unknown_name};
use glam::{DAffine3, DMat3, DVec3};
use rhai::Dynamic;

const NAME: Param = required("name", Type::Text, "Name of the plot.");
const CENTER: Param =
    optional("center", Type::Vector, "centre of the plot", "The point that stays in place.").unit("scene units");

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "move_geometry",
        params: &[NAME, required("v", Type::Vector, "The shift.").unit("scene units")],
        doc: "Shifts a plot. Its data stays as it was given: this changes the place of the plot.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]], r: 0.5 });
    rt.move_geometry("points", [1, 0, 0]);
}"#,
        code: Code::Method(|call| {
            let shift = call.required_point("v")?;
            stage(call, |_| DAffine3::from_translation(shift))
        }),
        ..METHOD
    },
    Function {
        name: "rotate_geometry",
        params: &[
            NAME,
            required("rot", Type::Vector, "Angles about the X, Y and Z axes, applied in that order.").unit("radians"),
        ],
        options: &[CENTER],
        later: &["update"],
        doc: "Turns a plot.",
        example: r#"fn init(rt) {
    rt.set_data("boxes", #{ pos: [[0, 0, 0], [2, 0, 0]], r: 1, geom: "Parallelepipeds", rnd: false });
}
fn update_data(rt) {
    rt.rotate_geometry("boxes", [0, 0.05, 0], #{ center: [0, 0, 0] });
}"#,
        code: Code::Method(|call| {
            let rotation = rotation_xyz(call.required_point("rot")?);
            stage_about(call, rotation)
        }),
        ..METHOD
    },
    Function {
        name: "scale_geometry",
        params: &[NAME, required("s", Type::Factor, "The factor, or one for each axis; not 0.")],
        options: &[CENTER],
        later: &["update"],
        doc: "Scales a plot: positions and sizes.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0], [1, 0, 0]], r: 0.3 });
    rt.scale_geometry("points", 2);
    rt.scale_geometry("points", [1, 0.5, 1], #{ center: [0, 0, 0] });
}"#,
        code: Code::Method(|call| {
            let scale = DMat3::from_diagonal(call.required_factor("s")?);
            stage_about(call, scale)
        }),
        ..METHOD
    },
];

fn stage_about(call: &mut Call, linear: DMat3) -> Result<Dynamic> {
    let center = call.point("center")?;
    stage(call, |default| about_center(linear, center.unwrap_or_else(default)))
}

/// `transform` gets a function that finds the centre of the plot, since that takes a pass over its primitives.
fn stage(call: &mut Call, transform: impl FnOnce(&dyn Fn() -> DVec3) -> DAffine3) -> Result<Dynamic> {
    let name = call.required_text("name")?;
    let geometries = &call.cx().scene.geometries;
    let Some(geometry) = geometries.get(&name) else {
        return Err(unknown_name("geometry", &name, geometries.keys()));
    };
    let transform = transform(&|| geometry.transform.transform_point3(geometry.local_bounds().center()));
    call.stage(Edit::TransformGeometry { name, transform })
}
