//! Which denoiser is chosen, and the messages where one is missing.

use super::*;
use crate::ErrorKind;

fn scene(stage: Postproc) -> Scene {
    Scene { postproc: vec![stage], ..Scene::default() }
}

/// Denoisers of a machine without Open Image Denoise.
fn without_oidn() -> Denoisers {
    Denoisers { oidn: Some(Err(Error::device("no library").hint("install it"))), ..Denoisers::new(1) }
}

fn chosen(denoisers: &mut Denoisers, stage: Postproc, optix: bool) -> Result<&'static str> {
    let optix = || Some(if optix { Ok(()) } else { Err(Error::device("no weights")) });
    denoisers.choose(&scene(stage), optix).map(|chosen| chosen.map_or("none", |denoiser| denoiser.id()))
}

#[test]
fn the_best_available_denoiser_is_chosen() {
    let mut denoisers = without_oidn();
    assert_eq!(chosen(&mut denoisers, Postproc::Denoiser, true).unwrap(), "optix");
    assert_eq!(chosen(&mut denoisers, Postproc::Denoiser, false).unwrap(), "builtin");
    assert_eq!(denoisers.logged, "denoiser: plotrt's own; no weights; no library");
    assert_eq!(chosen(&mut denoisers, Postproc::DenoiserBuiltin, true).unwrap(), "builtin");
    assert_eq!(chosen(&mut denoisers, Postproc::DenoiserHdr, true).unwrap(), "optix");
    assert_eq!(chosen(&mut denoisers, Postproc::Gamma, true).unwrap(), "none");
    assert!(denoisers.choose(&Scene::default(), || Some(Ok(()))).unwrap().is_none());
}

#[test]
fn a_processor_has_no_denoiser_of_optix() {
    let error = Denoisers::new(1).choose(&scene(Postproc::DenoiserHdr), || None).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Device);
    let expected = "`DenoiserHDR` is not available: OptiX's denoiser works on an OptiX device only";
    assert_eq!(error.message, expected);
    assert_eq!(error.hint.as_deref(), Some("run with `--device optix`; or use `Denoiser`, which takes what there is"));
    let mut denoisers = without_oidn();
    let best = denoisers.choose(&scene(Postproc::Denoiser), || None).unwrap().unwrap();
    assert_eq!((best.id(), denoisers.logged.as_str()), ("builtin", "denoiser: plotrt's own; no library"));
}

#[test]
fn a_denoiser_that_is_named_and_missing_is_an_error() {
    for (stage, message, hint) in [
        (
            Postproc::DenoiserHdr,
            "`DenoiserHDR` is not available: no weights",
            "use `Denoiser`, which takes what there is",
        ),
        (
            Postproc::OiDenoiser,
            "`OIDenoiser` is not available: no library",
            "install it; or use `Denoiser`, which takes what there is",
        ),
        (
            Postproc::OiDenoiserHdr,
            "`OIDenoiserHDR` is not available: no library",
            "install it; or use `Denoiser`, which takes what there is",
        ),
    ] {
        let error = chosen(&mut without_oidn(), stage, false).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Device, message));
        assert_eq!(error.hint.as_deref(), Some(hint));
    }
}
