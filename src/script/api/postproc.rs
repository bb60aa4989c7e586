//! The post-processing chain.

use super::table::{Code, Function, METHOD, Type, required};
use crate::scene::{Edit, Postproc};

const LATER: &[&str] = &[
    "Levels",
    "GrayCurve",
    "RgbCurve",
    "Mask",
    "Overlay",
    "DenoiserHDR",
    "DenoiserUp2x",
    "OIDenoiser",
    "OIDenoiserHDR",
];

pub const FUNCTIONS: &[Function] = &[Function {
    name: "add_postproc",
    params: &[required(
        "stage",
        Type::Choice(&["Gamma", "Denoiser"], LATER),
        "`Gamma`: exposure and gamma. `Denoiser`: removes noise, guided by colours, normals and depth, and applies \
         exposure and gamma itself.",
    )],
    doc: "Adds a stage to the post-processing chain. Without any, the picture is linear and clamped.",
    example: r#"fn init(rt) {
    rt.set_float("tonemap_gamma", 2.2);
    rt.add_postproc("Gamma");
}"#,
    code: Code::Method(|call| {
        let stage = match call.choice("stage")? {
            Some("Denoiser") => Postproc::Denoiser,
            _ => Postproc::Gamma,
        };
        call.stage(Edit::AddPostproc(stage))
    }),
    ..METHOD
}];
