//! The post-processing chain.

use super::table::{Code, Function, METHOD, Type, required};
use crate::choice::Choice;
use crate::scene::{Edit, Postproc};
use rhai::Dynamic;

pub const FUNCTIONS: &[Function] = &[Function {
    name: "add_postproc",
    params: &[required("stage", Type::Choice(Postproc::NAMES, Postproc::LATER), Postproc::DOC)],
    doc: "Adds a stage to the post-processing chain. Without any, the image is linear and clamped. The denoisers apply \
          exposure and gamma themselves; one that is named makes images that are the same wherever it is the same, and \
          fails where it is missing. A denoiser runs first. It starts after `denoiser_start` passes, or when the image is \
          complete, and uses the auxiliary buffers of `denoiser_kind`; `denoiser_blend` mixes the raw image in.",
    example: r#"fn init(rt) {
    rt.set_float("tonemap_gamma", 2.2);
    rt.add_postproc("Denoiser");
}"#,
    code: Code::Method(|call| {
        let stage = call.kind("stage")?;
        // The parameter is required, so there is one.
        stage.map_or(Ok(Dynamic::UNIT), |stage| call.stage(Edit::AddPostproc(stage)))
    }),
    ..METHOD
}];
