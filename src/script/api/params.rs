//! `set_param` and `get_param`: numbers that steer accumulation and time limits.

use super::call::unknown_choice;
use super::table::{Code, Function, METHOD, Param, Range, Type, optional, required};
use crate::Error;
use crate::choice::Choice;
use crate::scene::{DenoiserKind, Edit, LightShading, Scene, Variables};
use rhai::Dynamic;

const LATER: &[&str] = &["noise_threshold", "save_albedo", "save_normals", "work_distribution"];
const AT_LEAST_1: Range = Range::From(1.0);

const OPTIONS: &[Param] = &[
    optional("min_accumulation_step", Type::Count, "1", "Passes per displayed frame, and `delta` of `compute`.")
        .unit("passes")
        .range(AT_LEAST_1),
    optional("max_accumulation_frames", Type::Count, "4", "Passes until the image is complete.")
        .unit("passes")
        .range(AT_LEAST_1),
    optional("compute_timeout", Type::Count, "30000", "Longest that a callback may run.")
        .unit("milliseconds")
        .range(AT_LEAST_1),
    optional("rt_timeout", Type::Count, "30000", "Longest that the passes of one frame may take.")
        .unit("milliseconds")
        .range(AT_LEAST_1),
    optional(
        "light_shading",
        Type::Choice(LightShading::NAMES, &[]),
        "\"Soft\"",
        "`Soft` converges quickly with balanced light, `Hard` is for better caustics. No material of this version casts \
         any, so both give the same image. It cannot change once there are lights.",
    ),
    optional(
        "denoiser_kind",
        Type::Choice(DenoiserKind::NAMES, &[]),
        "\"RgbAlbedoNormal\"",
        "Auxiliary buffers of OptiX's denoiser and of Open Image Denoise: the albedo of what the camera sees, its \
         normals. plotrt's own denoiser always uses both.",
    ),
];

/// The error of an unknown parameter.
pub fn unknown(name: &str) -> Option<Error> {
    let names: Vec<&str> = OPTIONS.iter().map(|p| p.name).collect();
    (!names.contains(&name)).then(|| unknown_choice("parameter", name, &names, LATER))
}

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "set_param",
        options: OPTIONS,
        later: LATER,
        doc: "Changes the given parameters; the others stay. The defaults are their initial values.",
        example: r#"fn init(rt) {
    rt.set_param(#{ min_accumulation_step: 4, max_accumulation_frames: 100 });
}"#,
        code: Code::Method(|call| {
            let mut params = call.cx().scene.params.clone();
            for (name, field) in [
                ("min_accumulation_step", &mut params.min_accumulation_step),
                ("max_accumulation_frames", &mut params.max_accumulation_frames),
                ("compute_timeout", &mut params.compute_timeout),
                ("rt_timeout", &mut params.rt_timeout),
            ] {
                *field = call.count(name)?.unwrap_or(*field);
            }
            params.light_shading = call.kind("light_shading")?.unwrap_or(params.light_shading);
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
        params: &[required("name", Type::Text, "Name of the parameter: an option of `set_param`.")],
        returns: "an integer; for `light_shading` and `denoiser_kind` a string",
        doc: "The value of a parameter.",
        example: r#"fn init(rt) {
    print(rt.get_param("max_accumulation_frames"));
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let Scene { params, variables, .. } = &call.cx().scene;
            Ok(match name.as_str() {
                "min_accumulation_step" => i64::from(params.min_accumulation_step).into(),
                "max_accumulation_frames" => i64::from(params.max_accumulation_frames).into(),
                "compute_timeout" => i64::from(params.compute_timeout).into(),
                "rt_timeout" => i64::from(params.rt_timeout).into(),
                "light_shading" => Dynamic::from(params.light_shading.name()),
                "denoiser_kind" => Dynamic::from(variables.denoiser_kind.name()),
                _ => return Err(unknown(&name).unwrap_or_else(|| Error::script("this parameter cannot be read"))),
            })
        }),
        ..METHOD
    },
];
