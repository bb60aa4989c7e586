//! `set_float`, `set_uint`, `set_int` and their getters: the rows of [`Variables`], and the colours that surround the scene.

use super::call::{Call, unknown_choice};
use super::convert;
use super::table::{Code, Function, METHOD, Param, Type, optional, required};
use crate::scene::{Edit, Scene, Setting, SettingType, SettingValue, Variables};
use crate::{Error, Result};
use glam::Vec3;
use rhai::Dynamic;

/// A variable of scripts.
enum Variable {
    Row(&'static Setting<Variables>),
    Color(&'static Color),
}

/// A colour of the scene that is also a variable.
struct Color {
    name: &'static str,
    get: fn(&Scene) -> Vec3,
    edit: fn(Vec3) -> Edit,
    /// Whether the image shows the colour itself.
    is_seen: bool,
}

const COLORS: &[Color] = &[
    Color { name: "bg_color", get: |scene| scene.background, edit: Edit::SetBackground, is_seen: true },
    Color { name: "ambient_color", get: |scene| scene.ambient, edit: Edit::SetAmbient, is_seen: false },
];
const COLORS_DOC: &str =
    "`bg_color`, `ambient_color`: three components, as `set_background` and `set_ambient` set them.";

fn find(name: &str) -> Result<Variable> {
    let row = Variables::ROWS.iter().find(|row| row.name == name).map(Variable::Row);
    let color = || COLORS.iter().find(|color| color.name == name).map(Variable::Color);
    row.or_else(color).ok_or_else(|| {
        let names: Vec<&str> =
            Variables::ROWS.iter().map(|row| row.name).chain(COLORS.iter().map(|color| color.name)).collect();
        unknown_choice("variable", name, &names, Variables::LATER)
    })
}

impl Variable {
    fn ty(&self) -> SettingType {
        match self {
            Variable::Row(row) => row.ty,
            Variable::Color(_) => SettingType::Float3,
        }
    }
    fn get(&self, scene: &Scene) -> SettingValue {
        match self {
            Variable::Row(row) => (row.get)(&scene.variables),
            Variable::Color(color) => SettingValue::Float3((color.get)(scene)),
        }
    }
}

/// How many components a variable of this type has.
fn components(ty: SettingType) -> usize {
    match ty {
        SettingType::Float | SettingType::Uint | SettingType::Name(_) | SettingType::Number(_) => 1,
        SettingType::Uint2 => 2,
        SettingType::Float3 => 3,
    }
}

fn setter(ty: SettingType) -> &'static str {
    match ty {
        SettingType::Float | SettingType::Float3 => "set_float",
        SettingType::Uint | SettingType::Uint2 => "set_uint",
        SettingType::Number(_) => "set_int",
        SettingType::Name(_) => "set_param",
    }
}

fn getter(ty: SettingType) -> &'static str {
    match ty {
        SettingType::Float => "get_float",
        SettingType::Float3 => "get_float3",
        SettingType::Uint => "get_uint",
        SettingType::Uint2 => "get_uint2",
        SettingType::Number(_) => "get_int",
        SettingType::Name(_) => "get_param",
    }
}

/// The error of an unknown variable.
pub fn unknown(name: &str) -> Option<Error> {
    find(name).err()
}

/// The functions that set and read a variable.
pub fn accessors(name: &str) -> Option<(&'static str, &'static str)> {
    let ty = find(name).ok()?.ty();
    Some((setter(ty), getter(ty)))
}

/// The variables that a function sets, and what they are.
pub fn doc(function: &str) -> String {
    let rows = Variables::ROWS.iter().filter(|row| setter(row.ty) == function);
    let mut docs: Vec<String> = rows.map(|row| format!("`{}`: {}", row.name, uncapitalized(row.doc))).collect();
    if setter(SettingType::Float3) == function {
        docs.push(COLORS_DOC.into());
    }
    docs.join(" ")
}

fn uncapitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

const X: Param = required("x", Type::Number, "The value, or its first component.");
const Y: Param = optional("y", Type::Number, "none", "The second component.");
/// Its documentation lists the variables.
const SET_NAME: Param = required("name", Type::Variable, "");
const READ_NAME: Param = required("name", Type::Variable, "Name of the variable.");

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
        params: &[SET_NAME, X, Y, optional("z", Type::Number, "none", "The third component.")],
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
        params: &[SET_NAME, X, Y],
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
        params: &[SET_NAME, X],
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
        code: Code::Method(|call| get(call, "get_float")),
        ..METHOD
    },
    Function {
        name: "get_float3",
        params: &[READ_NAME],
        returns: "an array of three numbers",
        doc: "Reads a variable that is three floats.",
        example: GET_FLOAT3,
        code: Code::Method(|call| get(call, "get_float3")),
        ..METHOD
    },
    Function {
        name: "get_uint",
        params: &[READ_NAME],
        returns: "an integer",
        doc: "Reads a variable that is one whole number.",
        example: GET_UINT,
        code: Code::Method(|call| get(call, "get_uint")),
        ..METHOD
    },
    Function {
        name: "get_uint2",
        params: &[READ_NAME],
        returns: "an array of two integers",
        doc: "Reads a variable that is two whole numbers.",
        example: GET_UINT2,
        code: Code::Method(|call| get(call, "get_uint2")),
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
        code: Code::Method(|call| get(call, "get_int")),
        ..METHOD
    },
];

fn set(call: &mut Call, function: &str, arguments: &[&'static str]) -> Result<Dynamic> {
    let name = call.required_text("name")?;
    let variable = find(&name)?;
    let ty = variable.ty();
    let given = arguments.iter().filter(|argument| call.value(argument).is_some()).count();
    if setter(ty) != function || given != components(ty) {
        let arguments = ["x", "y", "z"][..components(ty)].join(", ");
        let right = format!("rt.{}(\"{name}\", {arguments})", setter(ty));
        return Err(Error::script(format!("wrong kind or number of values for variable `{name}`"))
            .hint(format!("set it with `{right}`")));
    }
    let float = |component| call.number(component).map(Option::unwrap_or_default);
    let count = |component| call.count(component).map(Option::unwrap_or_default);
    match variable {
        Variable::Color(color) => {
            let rgb = Vec3::new(float("x")?, float("y")?, float("z")?);
            let done = call.stage((color.edit)(rgb))?;
            if color.is_seen {
                call.warn_of_bright(color.name, &[rgb.into()], true);
            }
            Ok(done)
        }
        Variable::Row(row) => {
            let value = match ty {
                SettingType::Float => SettingValue::Float(float("x")?),
                SettingType::Float3 => SettingValue::Float3(Vec3::new(float("x")?, float("y")?, float("z")?)),
                SettingType::Uint => SettingValue::Uint(count("x")?),
                SettingType::Uint2 => SettingValue::Uint2((count("x")?, count("y")?)),
                SettingType::Number(_) => SettingValue::Number(count("x")?),
                SettingType::Name(_) => return Err(Error::script(format!("`{name}` is set by `rt.set_param`"))),
            };
            let mut variables = call.cx().scene.variables.clone();
            (row.set)(&mut variables, value)?;
            call.stage(Edit::SetVariables(variables))
        }
    }
}

fn get(call: &mut Call, function: &str) -> Result<Dynamic> {
    let name = call.required_text("name")?;
    let variable = find(&name)?;
    let right = getter(variable.ty());
    if right != function {
        return Err(Error::script(format!("variable `{name}` is not read with `rt.{function}`"))
            .hint(format!("use `rt.{right}(\"{name}\")`")));
    }
    Ok(convert::setting(variable.get(&call.cx().scene)))
}
