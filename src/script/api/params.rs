//! `set_param` and `get_param`: the rows of [`Params`], and the kind of the denoiser by its name.

use super::call::{Call, unknown_choice};
use super::convert::setting;
use super::table::{Code, Function, METHOD, Param, Type, optional, required};
use crate::choice::Choice;
use crate::scene::{DenoiserKind, Edit, LightShading, Params, Scene, Setting, SettingType, SettingValue, Variables};
use crate::{Error, Result};
use rhai::Dynamic;

const LATER: &[&str] = &["noise_threshold", "save_albedo", "save_normals", "work_distribution"];

const DENOISER_KIND: Param = optional(
    "denoiser_kind",
    Type::Choice(DenoiserKind::NAMES, &[]),
    "\"RgbAlbedoNormal\"",
    "Auxiliary buffers of OptiX's denoiser and of Open Image Denoise: the albedo of what the camera sees, its \
     normals. plotrt's own denoiser always uses both.",
);

/// One option for each row of [`Params`], and [`DENOISER_KIND`].
const OPTIONS: [Param; Params::ROWS.len() + 1] = {
    let mut options = [DENOISER_KIND; Params::ROWS.len() + 1];
    let mut i = 0;
    while i < Params::ROWS.len() {
        options[i] = option(&Params::ROWS[i]);
        i += 1;
    }
    options
};

const fn option(row: &Setting<Params>) -> Param {
    let ty = match row.ty {
        SettingType::Float => Type::Number,
        SettingType::Float3 => Type::Vector,
        SettingType::Uint | SettingType::Number(_) => Type::Count,
        SettingType::Uint2 => Type::Size,
        SettingType::Name(names) => Type::Choice(names, &[]),
    };
    optional(row.name, ty, row.default, row.doc).unit(row.facts.unit).range(row.facts.range)
}

/// The value that a call gives to a parameter.
fn given(call: &Call, row: &Setting<Params>) -> Result<Option<SettingValue>> {
    Ok(match row.ty {
        SettingType::Float => call.number(row.name)?.map(SettingValue::Float),
        SettingType::Float3 => call.vector(row.name)?.map(SettingValue::Float3),
        SettingType::Uint => call.count(row.name)?.map(SettingValue::Uint),
        SettingType::Uint2 => call.size(row.name)?.map(SettingValue::Uint2),
        SettingType::Name(_) => call.choice(row.name)?.map(SettingValue::Name),
        SettingType::Number(_) => call.count(row.name)?.map(SettingValue::Number),
    })
}

/// The error of an unknown parameter.
pub fn unknown(name: &str) -> Option<Error> {
    let names = OPTIONS.map(|p| p.name);
    (!names.contains(&name)).then(|| unknown_choice("parameter", name, &names, LATER))
}

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "set_param",
        options: &OPTIONS,
        later: LATER,
        doc: "Changes the given parameters; the others stay. The defaults are their initial values.",
        example: r#"fn init(rt) {
    rt.set_param(#{ min_accumulation_step: 4, max_accumulation_frames: 100 });
}"#,
        code: Code::Method(|call| {
            let mut params = call.cx().scene.params.clone();
            for row in Params::ROWS {
                if let Some(value) = given(call, row)? {
                    (row.set)(&mut params, value)?;
                }
            }
            let hard = params.light_shading == LightShading::Hard;
            let denoiser_kind = call.kind("denoiser_kind")?;
            let done = call.stage(Edit::SetParams(params))?;
            if hard && call.value("light_shading").is_some() {
                let error = Error::script("`light_shading: \"Hard\"` changes nothing yet").hint(
                    "it differs from `\"Soft\"` only for materials that cast caustics, of which there is none so far",
                );
                call.warn("light_shading", error);
            }
            match denoiser_kind {
                Some(denoiser_kind) => {
                    let variables = call.cx().scene.variables.clone();
                    call.stage(Edit::SetVariables(Variables { denoiser_kind, ..variables }))
                }
                None => Ok(done),
            }
        }),
        ..METHOD
    },
    Function {
        name: "get_param",
        params: &[required("name", Type::Parameter, "Name of the parameter: an option of `set_param`.")],
        returns: "an integer; for `light_shading` and `denoiser_kind` a string",
        doc: "The value of a parameter.",
        example: r#"fn init(rt) {
    print(rt.get_param("max_accumulation_frames"));
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let Scene { params, variables, .. } = &call.cx().scene;
            if name == DENOISER_KIND.name {
                return Ok(Dynamic::from(variables.denoiser_kind.name()));
            }
            match Params::ROWS.iter().find(|row| row.name == name) {
                Some(row) => Ok(setting((row.get)(params))),
                None => Err(unknown(&name).unwrap_or_else(|| Error::script("this parameter cannot be read"))),
            }
        }),
        ..METHOD
    },
];
