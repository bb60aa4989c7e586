//! The post-processing chain.

use super::table::{Code, Function, METHOD, Type, required};
use crate::scene::{Edit, Postproc};

const LATER: &[&str] = &["Levels", "GrayCurve", "RgbCurve", "Mask", "Overlay", "DenoiserUp2x"];

const NAMES: [&str; Postproc::ALL.len()] = {
    let mut names = [""; Postproc::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = Postproc::ALL[i].name();
        i += 1;
    }
    names
};

pub const FUNCTIONS: &[Function] = &[Function {
    name: "add_postproc",
    params: &[required(
        "stage",
        Type::Choice(&NAMES, LATER),
        "`Gamma`: exposure and gamma. The others remove noise, and apply exposure and gamma themselves. `Denoiser`: \
         the best one of the machine: OptiX's, else Open Image Denoise, else plotrt's own; `plotrt devices` lists \
         which. The others name one denoiser, so that images are the same wherever it is the same, and fail \
         where it is missing: `DenoiserBuiltin` is plotrt's own, which is always available; `DenoiserHDR` is OptiX's; \
         `OIDenoiserHDR` is Open Image Denoise; `OIDenoiser` is the same, but works on the image after exposure and \
         gamma, which should be about 2.2, and leaves linear images as they are.",
    )],
    doc: "Adds a stage to the post-processing chain. Without any, the image is linear and clamped. A denoiser starts \
          after `denoiser_start` passes, or when the image is complete, and uses the auxiliary buffers of \
          `denoiser_kind`; `denoiser_blend` mixes the raw image in.",
    example: r#"fn init(rt) {
    rt.set_float("tonemap_gamma", 2.2);
    rt.add_postproc("Denoiser");
}"#,
    code: Code::Method(|call| {
        let name = call.choice("stage")?;
        let stage = Postproc::ALL.into_iter().find(|stage| Some(stage.name()) == name).unwrap_or(Postproc::Gamma);
        call.stage(Edit::AddPostproc(stage))
    }),
    ..METHOD
}];
