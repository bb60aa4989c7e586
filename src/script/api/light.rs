//! Lights with a position and a shape.

use super::call::Call;
use super::convert::{to_array, to_float, to_point};
use super::geometry::names;
use super::rows::column;
use super::table::{Code, Function, METHOD, Param, Range, Type, optional, required};
use crate::scene::{Edit, LIGHTS, Light, LightFit, LightKind, LightShape, LightUpdate, unknown_name};
use crate::{Error, Result};
use rhai::{Dynamic, Map};

const NAME: Param = required("name", Type::Text, "Name of the light.");
const KINDS: [&str; LIGHTS.len()] = column!(LIGHTS, name);
const LIGHT_TYPE: Param = optional("light_type", Type::Choice(&KINDS, &[]), "\"Spherical\"", "Its shape.");
const POS: Param = optional(
    "pos",
    Type::Vector,
    "fitted to the current camera, as by `light_fit`",
    "Centre of a sphere, corner of a parallelogram.",
)
.unit("scene units");
const AUTOFIT: Param =
    optional("autofit_camera", Type::Text, "none", "Place the light to fit the camera of this name.");
const COLOR: Param = optional("color", Type::Color, "10", "Emitted radiance, linear: grey or RGB.")
    .range(Range::From(0.0))
    .unit("radiance");
const U: Param = optional("u", Type::Vector, "[0, 1, 0]", "First edge of a parallelogram.").unit("scene units");
const V: Param =
    optional("v", Type::Vector, "[-1, 0, 0]", "Second edge; light leaves on the side of u x v.").unit("scene units");
const RADIUS: Param =
    optional("radius", Type::Number, "1", "Radius of a sphere.").unit("scene units").range(Range::Above(0.0));
const IN_GEOMETRY: Param =
    optional("in_geometry", Type::Bool, "true", "Whether the light itself is visible and casts a shadow.");

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "setup_light",
        params: &[NAME],
        options: &[LIGHT_TYPE, POS, AUTOFIT, COLOR, RADIUS, U, V, IN_GEOMETRY],
        doc: "Makes a light, or updates the light of that name. A new light without a position is placed to fit the \
              current camera, or the camera that would be fitted to the plots if there is none; where that camera \
              waits for something to see, so does the light. A parallelogram without edges is turned towards what the \
              camera looks at.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]], r: 1 });
    rt.setup_camera("cam", #{ eye: [0, 2, 8] });
    rt.setup_light("lamp", #{ color: [10, 9.5, 9], radius: 2 });
    rt.setup_light("panel", #{ light_type: "Parallelogram", pos: [-3, 4, 0], u: [0, 0, 2], v: [2, 0, 0], color: 4 });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let light = update(call)?;
            call.stage(Edit::SetupLight { name, light })
        }),
        ..METHOD
    },
    Function {
        name: "update_light",
        params: &[NAME],
        options: &[LIGHT_TYPE, POS, AUTOFIT, COLOR, RADIUS, U, V, IN_GEOMETRY],
        keeps: true,
        doc: "Changes the given values of a light and leaves all others as they are.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]], r: 1 });
    rt.setup_light("lamp");
}
fn update_data(rt) {
    rt.update_light("lamp", #{ color: 5 + rt.frame });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let light = update(call)?;
            call.stage(Edit::UpdateLight { name, light })
        }),
        ..METHOD
    },
    Function {
        name: "get_light_names",
        returns: "an array of strings",
        doc: "Names of all lights.",
        example: r#"fn init(rt) {
    rt.setup_light("lamp", #{ pos: [0, 5, 0] });
    print(rt.get_light_names());
}"#,
        code: Code::Method(|call| Ok(names(call.cx().scene.lights.keys()))),
        ..METHOD
    },
    Function {
        name: "get_light",
        params: &[optional("name", Type::Text, "light that was added last", "Name of the light.")],
        returns: "a map with the options of `setup_light`",
        doc: "All values of a light.",
        example: r#"fn init(rt) {
    rt.setup_light("lamp", #{ pos: [0, 5, 0] });
    print(rt.get_light("lamp").pos);
}"#,
        code: Code::Method(|call| {
            let name = call.text("name")?;
            let lights = &call.cx().scene.lights;
            let light = match &name {
                Some(name) => lights.get(name).ok_or_else(|| unknown_name("light", name, lights.keys()))?,
                None => lights.values().last().ok_or_else(|| Error::script("there is no light yet"))?,
            };
            Ok(map(light).into())
        }),
        ..METHOD
    },
    Function {
        name: "light_fit",
        params: &[required("light", Type::Text, "Name of the light.")],
        options: &[
            optional("camera", Type::Text, "current camera", "Name of the camera to fit to."),
            optional("horizontal_rot", Type::Number, "45", "Angle to the right of the eye, as seen from the target.")
                .unit("degrees"),
            optional("vertical_rot", Type::Number, "25", "Angle above the eye, as seen from the target.")
                .unit("degrees"),
            optional("dist_scale", Type::Number, "1.5", "Distance from the target, relative to the eye's.")
                .range(Range::Above(0.0)),
        ],
        doc: "Places a light relative to a camera; a parallelogram is turned towards the camera's target.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]], r: 1 });
    rt.setup_light("lamp");
    rt.light_fit("lamp", #{ horizontal_rot: -30, dist_scale: 2 });
}"#,
        code: Code::Method(light_fit),
        ..METHOD
    },
];

fn update(call: &Call) -> Result<LightUpdate> {
    let kind = call.choice("light_type")?.and_then(LightKind::from_name);
    Ok(LightUpdate {
        kind,
        pos: call.point("pos")?,
        autofit_camera: call.text("autofit_camera")?,
        color: call.color("color")?,
        radius: call.number("radius")?,
        u: call.vector("u")?,
        v: call.vector("v")?,
        in_geometry: call.bool("in_geometry")?,
    })
}

fn light_fit(call: &mut Call) -> Result<Dynamic> {
    let name = call.required_text("light")?;
    let camera = call.text("camera")?;
    let default = LightFit::default();
    let fit = LightFit {
        horizontal_rot: call.number("horizontal_rot")?.unwrap_or(default.horizontal_rot),
        vertical_rot: call.number("vertical_rot")?.unwrap_or(default.vertical_rot),
        dist_scale: call.number("dist_scale")?.unwrap_or(default.dist_scale),
    };
    call.stage(Edit::FitLight { name, camera, fit })
}

fn map(light: &Light) -> Map {
    let mut map = Map::from_iter([
        ("light_type".into(), light.kind().name().into()),
        ("pos".into(), to_point(light.pos)),
        ("color".into(), to_array(light.color)),
        ("in_geometry".into(), light.in_geometry.into()),
    ]);
    match light.shape {
        LightShape::Spherical { radius } => {
            map.insert("radius".into(), to_float(radius));
        }
        LightShape::Parallelogram { u, v } => {
            map.insert("u".into(), to_array(u));
            map.insert("v".into(), to_array(v));
        }
    }
    map
}
