//! `set_float`, `set_uint`, `set_int` and their getters: variables of the tracer by name.

use super::call::{Call, unknown_choice};
use super::convert::{to_array, to_float};
use super::table::{Code, Function, METHOD, Param, Type, optional, required};
use crate::scene::{DenoiserKind, Edit, Scene, Variables};
use crate::{Error, Result};
use glam::Vec3;
use rhai::{Array, Dynamic};

/// Number and type of a variable's components.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Float,
    Float3,
    Uint,
    Uint2,
    Int,
}

impl Kind {
    fn count(self) -> usize {
        match self {
            Kind::Float | Kind::Uint | Kind::Int => 1,
            Kind::Uint2 => 2,
            Kind::Float3 => 3,
        }
    }
    fn setter(self) -> &'static str {
        match self {
            Kind::Float | Kind::Float3 => "set_float",
            Kind::Uint | Kind::Uint2 => "set_uint",
            Kind::Int => "set_int",
        }
    }
    fn getter(self) -> &'static str {
        match self {
            Kind::Float => "get_float",
            Kind::Float3 => "get_float3",
            Kind::Uint => "get_uint",
            Kind::Uint2 => "get_uint2",
            Kind::Int => "get_int",
        }
    }
}

const NAMES: &[&str] = &[
    "path_seg_range",
    "scene_epsilon",
    "tonemap_exposure",
    "tonemap_gamma",
    "denoiser_blend",
    "denoiser_start",
    "denoiser_kind",
    "bg_color",
    "ambient_color",
];
const LATER: &[&str] = &["levels_low_range", "levels_high_range"];

fn kind_of(name: &str) -> Result<Kind> {
    match name {
        "path_seg_range" => Ok(Kind::Uint2),
        "denoiser_start" => Ok(Kind::Uint),
        "scene_epsilon" | "tonemap_exposure" | "tonemap_gamma" | "denoiser_blend" => Ok(Kind::Float),
        "bg_color" | "ambient_color" => Ok(Kind::Float3),
        "denoiser_kind" => Ok(Kind::Int),
        _ => Err(unknown_choice("variable", name, NAMES, LATER)),
    }
}

/// The error of an unknown variable.
pub fn unknown(name: &str) -> Option<Error> {
    kind_of(name).err()
}

/// The functions that set and read a variable.
pub fn accessors(name: &str) -> Option<(&'static str, &'static str)> {
    let kind = kind_of(name).ok()?;
    Some((kind.setter(), kind.getter()))
}

const X: Param = required("x", Type::Number, "The value, or its first component.");
const Y: Param = optional("y", Type::Number, "none", "The second component.");
const FLOAT_NAME: Param = required(
    "name",
    Type::Text,
    "`scene_epsilon`: the least distance from a surface at which the next ray starts, scene units, at least 0, starts \
     as 0: rays start as near as the rounding of numbers allows, whatever the unit of length. `tonemap_exposure`: \
     brightness, at least 0, starts as 1. `tonemap_gamma`: above 0, starts as 2.2. `denoiser_blend`: 0 is the \
     denoised image, 1 the raw one, starts as 0. `bg_color`, `ambient_color`: three components, as \
     `set_background` and `set_ambient` set them.",
);
const UINT_NAME: Param = required(
    "name",
    Type::Text,
    "`path_seg_range`: fewest and most segments of a light path, 1 to 1024, starts as (2, 6); between the two a \
     path may end by chance, and (1, 1) shows only what the camera sees directly. `denoiser_start`: passes before \
     the denoiser is applied, starts as 4; the complete image is denoised anyway.",
);
const INT_NAME: Param = required(
    "name",
    Type::Text,
    "`denoiser_kind`: auxiliary buffers of OptiX's denoiser and of Open Image Denoise: 1 none, 3 the albedo of \
     what the camera sees, 7 its normals, too; starts as 7. `set_param` takes it by name.",
);
const READ_NAME: Param = required("name", Type::Text, "Name of the variable.");

const GET_FLOAT: &str = r#"fn init(rt) {
    print(rt.get_float("scene_epsilon"));
}"#;
const GET_FLOAT3: &str = r#"fn init(rt) {
    print(rt.get_float3("ambient_color"));
}"#;
const GET_UINT: &str = r#"fn init(rt) {
    print(rt.get_uint("denoiser_start"));
}"#;
const GET_UINT2: &str = r#"fn init(rt) {
    print(rt.get_uint2("path_seg_range"));
}"#;

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "set_float",
        params: &[FLOAT_NAME, X, Y, optional("z", Type::Number, "none", "The third component.")],
        doc: "Sets a variable that is a float.",
        example: r#"fn init(rt) {
    rt.set_float("tonemap_exposure", 0.8);
    rt.set_float("tonemap_gamma", 2.2);
}"#,
        code: Code::Method(|call| set(call, "set_float", &["x", "y", "z"])),
        ..METHOD
    },
    Function {
        name: "set_uint",
        params: &[UINT_NAME, X, Y],
        doc: "Sets a variable that is a whole number, or two.",
        example: r#"fn init(rt) {
    rt.set_uint("path_seg_range", 4, 12);
    rt.set_uint("denoiser_start", 8);
}"#,
        code: Code::Method(|call| set(call, "set_uint", &["x", "y"])),
        ..METHOD
    },
    Function {
        name: "set_int",
        params: &[INT_NAME, X],
        doc: "Sets a variable that is one of several numbers with a meaning.",
        example: r#"fn init(rt) {
    rt.set_int("denoiser_kind", 3);
}"#,
        code: Code::Method(|call| set(call, "set_int", &["x"])),
        ..METHOD
    },
    Function {
        name: "get_float",
        params: &[READ_NAME],
        returns: "a number",
        doc: "Reads a variable that is one float.",
        example: GET_FLOAT,
        code: Code::Method(|call| get(call, Kind::Float)),
        ..METHOD
    },
    Function {
        name: "get_float3",
        params: &[READ_NAME],
        returns: "an array of three numbers",
        doc: "Reads a variable that is three floats.",
        example: GET_FLOAT3,
        code: Code::Method(|call| get(call, Kind::Float3)),
        ..METHOD
    },
    Function {
        name: "get_uint",
        params: &[READ_NAME],
        returns: "an integer",
        doc: "Reads a variable that is one whole number.",
        example: GET_UINT,
        code: Code::Method(|call| get(call, Kind::Uint)),
        ..METHOD
    },
    Function {
        name: "get_uint2",
        params: &[READ_NAME],
        returns: "an array of two integers",
        doc: "Reads a variable that is two whole numbers.",
        example: GET_UINT2,
        code: Code::Method(|call| get(call, Kind::Uint2)),
        ..METHOD
    },
    Function {
        name: "get_int",
        params: &[READ_NAME],
        returns: "an integer",
        doc: "Reads a variable that is one of several numbers with a meaning.",
        example: r#"fn init(rt) {
    print(rt.get_int("denoiser_kind"));
}"#,
        code: Code::Method(|call| get(call, Kind::Int)),
        ..METHOD
    },
];

fn set(call: &mut Call, setter: &str, components: &[&'static str]) -> Result<Dynamic> {
    let name = call.required_text("name")?;
    let kind = kind_of(&name)?;
    let given: Vec<_> = components.iter().filter(|c| call.value(c).is_some()).copied().collect();
    if kind.setter() != setter || given.len() != kind.count() {
        let arguments = ["x", "y", "z"][..kind.count()].join(", ");
        let right = format!("rt.{}(\"{name}\", {arguments})", kind.setter());
        return Err(Error::script(format!("wrong kind or number of values for variable `{name}`"))
            .hint(format!("set it with `{right}`")));
    }
    let mut variables = call.cx().scene.variables.clone();
    match name.as_str() {
        "path_seg_range" => variables.path_seg_range = (count(call, "x")?, count(call, "y")?),
        "denoiser_start" => variables.denoiser_start = count(call, "x")?,
        "scene_epsilon" => variables.scene_epsilon = float(call, "x")?,
        "tonemap_exposure" => variables.tonemap_exposure = float(call, "x")?,
        "tonemap_gamma" => variables.tonemap_gamma = float(call, "x")?,
        "denoiser_blend" => variables.denoiser_blend = float(call, "x")?,
        "denoiser_kind" => variables.denoiser_kind = denoiser_kind(count(call, "x")?)?,
        color => {
            let rgb = Vec3::new(float(call, "x")?, float(call, "y")?, float(call, "z")?);
            if color != "bg_color" {
                return call.stage(Edit::SetAmbient(rgb));
            }
            let done = call.stage(Edit::SetBackground(rgb))?;
            call.warn_of_bright("bg_color", &[rgb.into()], true);
            return Ok(done);
        }
    }
    call.stage(Edit::SetVariables(variables))
}

fn float(call: &Call, component: &str) -> Result<f32> {
    Ok(call.number(component)?.unwrap_or_default())
}

fn count(call: &Call, component: &str) -> Result<u32> {
    Ok(call.count(component)?.unwrap_or_default())
}

fn denoiser_kind(number: u32) -> Result<DenoiserKind> {
    DenoiserKind::ALL.into_iter().find(|kind| kind.number() == number).ok_or_else(|| {
        let all = DenoiserKind::ALL.map(|kind| format!("{} ({})", kind.number(), kind.name())).join(", ");
        Error::script(format!("`denoiser_kind` is {number}, which is no kind")).hint(format!("the kinds are {all}"))
    })
}

fn get(call: &mut Call, wanted: Kind) -> Result<Dynamic> {
    let name = call.required_text("name")?;
    let kind = kind_of(&name)?;
    if kind != wanted {
        return Err(Error::script(format!("variable `{name}` is not read with `rt.{}`", wanted.getter()))
            .hint(format!("use `rt.{}(\"{name}\")`", kind.getter())));
    }
    Ok(value(&call.cx().scene, &name))
}

fn value(scene: &Scene, name: &str) -> Dynamic {
    let variables: &Variables = &scene.variables;
    match name {
        "path_seg_range" => {
            let (min, max) = variables.path_seg_range;
            Array::from_iter([i64::from(min).into(), i64::from(max).into()]).into()
        }
        "denoiser_start" => i64::from(variables.denoiser_start).into(),
        "scene_epsilon" => to_float(variables.scene_epsilon),
        "tonemap_exposure" => to_float(variables.tonemap_exposure),
        "tonemap_gamma" => to_float(variables.tonemap_gamma),
        "denoiser_blend" => to_float(variables.denoiser_blend),
        "denoiser_kind" => i64::from(variables.denoiser_kind.number()).into(),
        "bg_color" => to_array(scene.background),
        _ => to_array(scene.ambient),
    }
}
