//! The table as a whole: names, examples, generated files, and how calls fail.

use super::docs::doc_of;
use super::{Access, Code, Function, definitions, functions, reference, register, register_files};
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::{
    AddressMode, Channel, DenoiserKind, Edit, FilterMode, MaterialSlot, Params, Postproc, Scene, SettingType,
    SettingValue, TexelFormat, Texels, Texture, Variables,
};
use crate::script::{CallContext, Callback, Command, HostServices, Permissions, Rt};
use crate::{Error, Result};
use rhai::{Dynamic, Engine, EvalAltResult, Scope};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

struct Blank;

impl HostServices for Blank {
    fn render(&self, scene: &Scene, passes: u32, _: &CancelToken) -> Result<Frame> {
        Ok(frame(scene.size, passes))
    }
}

fn frame((width, height): (u32, u32), passes: u32) -> Frame {
    let pixels = width as usize * height as usize;
    let linear = (0..pixels * 3).map(|i| i as f32).collect();
    Frame { width, height, rgba8: vec![255; pixels * 4], linear, passes, complete: true, ..Frame::default() }
}

fn context(callback: Callback, scene: &Scene, out: &Path) -> CallContext {
    let image = matches!(callback, Callback::UpdateImage | Callback::AccumDone);
    CallContext {
        frame: 3,
        image: image.then(|| Arc::new(frame((40, 30), 8))),
        permissions: Arc::new(Permissions { out_dir: out.to_path_buf(), ..Permissions::default() }),
        files: Some(access(out)),
        services: Some(Arc::new(Blank)),
        ..CallContext::new(callback, scene.clone())
    }
}

/// The name of the script.
const NAME: &str = "example";

/// Permissions of scripts in the folder of the gallery, with the output folder `out`.
fn access(out: &Path) -> Arc<Access> {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let permissions = Permissions { out_dir: out.to_path_buf(), read: vec![gallery.clone()], ..Permissions::default() };
    Arc::new(Access::new(&Arc::new(permissions), std::iter::once((NAME.to_string(), gallery)), &Arc::default()))
}

fn engine(out: &Path) -> Engine {
    let access = access(out);
    let mut engine = Engine::new();
    engine.on_print(|_| {}).set_max_expr_depths(64, 64);
    register(&mut engine);
    register_files(&mut engine, move |function, args, _| access.call(function, args, Some(NAME)));
    engine
}

/// Calls every callback of the script once, in the order of a round; the scene goes from each to the next.
fn run(script: &str, out: &Path) -> Result<CallContext> {
    let engine = engine(out);
    let mut ast = engine.compile(script).map_err(|e| Error::script(e.to_string()))?;
    ast.set_source(NAME);
    let mut last = context(Callback::Init, &Scene::default(), out);
    for callback in Callback::ALL {
        if !ast.iter_functions().any(|f| f.name == callback.name()) {
            continue;
        }
        let lent = Arc::new(Mutex::new(Some(context(callback, &last.scene, out))));
        let rt = Rt(lent.clone());
        let result = match callback.arity() {
            2 => engine.call_fn::<Dynamic>(&mut Scope::new(), &ast, callback.name(), (rt, 4i64)),
            _ => engine.call_fn::<Dynamic>(&mut Scope::new(), &ast, callback.name(), (rt,)),
        };
        last = lent.lock().unwrap().take().unwrap();
        result.map_err(|e| ours(*e)).map(drop)?;
    }
    Ok(last)
}

fn ours(error: EvalAltResult) -> Error {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => ours(*inner),
        EvalAltResult::ErrorRuntime(value, position) => {
            assert!(!position.is_none(), "an error has the place of the call");
            value.try_cast::<Error>().unwrap_or_else(|| Error::script("thrown by the script"))
        }
        other => Error::script(other.to_string()),
    }
}

fn init(body: &str) -> Result<CallContext> {
    let out = tempfile::tempdir().unwrap();
    run(&format!("fn init(rt) {{ {body} }}"), out.path())
}

fn in_callback(name: &str, body: &str) -> Result<CallContext> {
    let out = tempfile::tempdir().unwrap();
    run(&format!("fn {name}(rt) {{ {body} }}"), out.path())
}

#[test]
fn names_are_unique_and_entries_complete() {
    let mut seen = HashSet::new();
    for f in functions() {
        assert!(seen.insert((f.object.prefix(), f.name)), "`{}` is there twice", f.name);
        assert!(f.doc.ends_with('.') && !f.example.is_empty(), "`{}` wants a doc and an example", f.name);
        assert!(f.example.contains(f.name), "the example of `{}` does not use it", f.name);
        let mut names = HashSet::new();
        for p in f.params.iter().chain(f.options) {
            assert!(names.insert(p.name), "`{}` has `{}` twice", f.name, p.name);
            assert!(!doc_of(f, p).is_empty(), "`{}` of `{}` wants a doc", p.name, f.name);
        }
        assert!(f.options.iter().all(|p| p.default.is_some()), "options of `{}` can be left out", f.name);
        assert!(f.later.iter().all(|l| !f.options.iter().any(|p| p.name == *l)), "`{}`: later or now", f.name);
    }
}

/// No option key needs quotes in a map literal.
#[test]
fn option_keys_are_not_reserved_words() {
    for key in functions().flat_map(|f| f.options).map(|p| p.name) {
        assert!(Engine::new().compile_expression(format!("#{{ {key}: 1 }}")).is_ok(), "`{key}`");
    }
}

#[test]
fn every_example_runs() {
    for f in functions().filter(|f| !matches!(f.code, Code::Host)) {
        let out = tempfile::tempdir().unwrap();
        if let Err(error) = run(f.example, out.path()) {
            panic!("example of `{}`: {error}: {:?}", f.name, error.hint);
        }
    }
}

fn current(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("PLOTRT_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "{} is out of date: run `PLOTRT_UPDATE=1 cargo test`", path.display());
}

/// A row is all that a variable or parameter needs: it is set, read and documented.
#[test]
fn every_setting_is_set_read_and_documented() {
    let text = |value: SettingValue| match value {
        SettingValue::Float3(v) => format!("{}, {}, {}", v.x, v.y, v.z),
        SettingValue::Uint2((min, max)) => format!("{min}, {max}"),
        other => other.to_string(),
    };
    let reference = reference();
    let scene = Scene::default();
    for row in Variables::ROWS {
        let value = text((row.get)(&scene.variables));
        let (setter, getter) = super::variables::accessors(row.name).unwrap();
        let (name, list) = (row.name, matches!(row.ty, SettingType::Uint2 | SettingType::Float3));
        let read = if list { format!("[{value}]") } else { value.clone() };
        let body = format!(
            "rt.{setter}(\"{name}\", {value}); if rt.{getter}(\"{name}\") != {read} {{ throw \"another value\"; }}"
        );
        let edits = init(&body).unwrap_or_else(|error| panic!("{body}: {error}")).edits;
        assert!(matches!(&edits[..], [Edit::SetVariables(variables)] if *variables == scene.variables), "{body}");
        let section = super::variables::doc(setter);
        assert!(section.contains(&format!("`{name}`: ")) && reference.contains(&section), "`{name}` of `{setter}`");
        assert!(section.contains(&format!("starts as {}", row.default)), "the default of `{name}`: {}", row.default);
    }
    let params: Vec<&Function> = functions().filter(|f| f.name == "set_param").collect();
    for row in Params::ROWS {
        let (name, value) = (row.name, text((row.get)(&scene.params)));
        let body = format!(
            "rt.set_param(#{{ {name}: {value} }}); if rt.get_param(\"{name}\") != {value} {{ throw \"another value\"; }}"
        );
        let edits = init(&body).unwrap_or_else(|error| panic!("{body}: {error}")).edits;
        assert!(matches!(&edits[..], [Edit::SetParams(params)] if *params == scene.params), "{body}");
        assert!(params[0].options.iter().any(|p| p.name == name && p.doc == row.doc), "`{name}` wants an option");
    }
}

#[test]
fn written_reference_is_current() {
    current("docs/api.md", &reference());
}

#[test]
fn written_definitions_are_current() {
    current("docs/plotrt.d.rhai", &definitions());
}

#[test]
fn wrong_calls_say_what_and_what_to_do() {
    let boxes = "rt.set_data(\"plot\", #{ pos: [[0, 0, 0], [1, 1, 1]], geom: \"Parallelepipeds\" });";
    let cases = [
        ("rt.set_data(\"p\", #{ posi: [] })", "unknown option `posi` of `rt.set_data`", "did you mean `pos`?"),
        (
            "rt.set_data(\"p\", #{ positions: [] })",
            "unknown option `positions` of `rt.set_data`",
            "did you mean `pos`?",
        ),
        ("rt.set_data(\"p\", #{ colour: 1 })", "unknown option `colour` of `rt.set_data`", "did you mean `c`?"),
        ("rt.set_data(\"p\", #{ Radius: 1 })", "unknown option `Radius` of `rt.set_data`", "did you mean `r`?"),
        ("rt.set_data(\"p\", #{ size: 1 })", "unknown option `size` of `rt.set_data`", "did you mean `r`?"),
        ("rt.set_data(\"p\", #{ kind: 1 })", "unknown option `kind` of `rt.set_data`", "did you mean `geom`?"),
        ("rt.setup_light(\"l\", #{ r: 1 })", "unknown option `r` of `rt.setup_light`", "did you mean `radius`?"),
        (
            "rt.setup_light(\"l\", #{ colour: 1 })",
            "unknown option `colour` of `rt.setup_light`",
            "did you mean `color`?",
        ),
        ("rt.setup_camera(\"c\", #{ pos: 1 })", "unknown option `pos` of `rt.setup_camera`", "did you mean `eye`?"),
        (
            "rt.setup_camera(\"c\", #{ look_at: 1 })",
            "unknown option `look_at` of `rt.setup_camera`",
            "did you mean `target`?",
        ),
        (
            "rt.set_param(#{ min_acc: 3 })",
            "unknown option `min_acc` of `rt.set_param`",
            "did you mean `min_accumulation_step`?",
        ),
        (
            "rt.set_data(\"p\", #{ pos: [[0, 0, 0]], geom: \"ParticleSets\" })",
            "unknown `geom` `ParticleSets`",
            "did you mean `ParticleSet`?",
        ),
        (
            "rt.set_data(\"p\", #{ pos: [[0, 0, 0]], geom: \"Mesh\" })",
            "`geom` `Mesh` is not available in this version",
            "this version has",
        ),
        (
            "rt.set_data(\"p\", #{ pos: [[0, 0, 0]], mat: \"difuse\" })",
            "there is no material `difuse`",
            "did you mean `diffuse`?",
        ),
        ("rt.set_data(\"p\")", "`pos` is missing, and there is no geometry `p` yet", "a new geometry wants positions"),
        (
            "rt.set_data(\"p\", #{ pos: [[0, 0, 0], [1, 2, 3, 4]] })",
            "`pos` is an array of 4 in row 1, it wants one to three numbers",
            "a row is one point",
        ),
        ("rt.set_data(\"p\", #{ pos: [[0, 0, 0], [1, 0.0 / 0.0, 3]] })", "`pos` is NaN in row 1", "divisions by zero"),
        (
            "rt.update_data(\"plot\", #{ u: [[1, 0, 0], [1, 0, 0], [1, 0, 0]] })",
            "`u` has 3 rows, `pos` has 2",
            "one for each position",
        ),
        ("rt.set_data(\"p\", #{ pos: () })", "`pos` is given, but it has no value", "does a function return nothing?"),
        ("rt.move_geometry(\"plot\", ())", "`v` is given, but it has no value", "does a function return nothing?"),
        ("rt.update_data(\"plit\", #{ r: 1 })", "there is no geometry `plit`", "did you mean `plot`?"),
        ("rt.get_data(\"plot\", \"x\")", "unknown buffer `x`", "`pos`"),
        ("rt.setup_camera(\"c\", #{ fov: 190 })", "`fov` is 190, it wants between 0 and 180, in degrees", ""),
        ("rt.setup_camera(\"c\", #{ eye: 3 })", "`eye` is 3, it wants [x, y, z]", ""),
        (
            "rt.setup_camera(\"c\", #{ cam_type: \"Fisheye\" })",
            "`cam_type` `Fisheye` is not available in this version",
            "this version has",
        ),
        (
            "rt.setup_camera(\"c\", #{ glock: true })",
            "option `glock` of `rt.setup_camera` is not available in this version",
            "leave it out",
        ),
        ("rt.update_camera(#{ fov: 20 })", "there is no camera yet", "rt.setup_camera"),
        ("rt.setup_light(\"l\", #{ radius: -1 })", "`radius` is -1, it wants above 0, in scene units", ""),
        (
            "rt.setup_light(\"l\", #{ light_type: \"Parallelogram\", radius: 1 })",
            "`radius` does not fit a parallelogram light",
            "`u` and `v`",
        ),
        (
            "rt.setup_light(\"l\"); rt.set_param(#{ light_shading: \"Hard\" })",
            "`light_shading` cannot change once there are lights",
            "before",
        ),
        (
            "rt.setup_material(\"m\", #{ shader: \"Transmissive\" })",
            "`shader` `Transmissive` is not available in this version",
            "`Diffuse`",
        ),
        (
            "rt.setup_material(\"m\", #{ metalness: 1 })",
            "option `metalness` of `rt.setup_material` is not available in this version",
            "",
        ),
        (
            "rt.set_texture_2d(\"wood\", [[0.5]]); rt.setup_material(\"m\", #{ color_tex: \"wodo\" })",
            "there is no texture `wodo`",
            "did you mean `wood`?",
        ),
        (
            "rt.setup_material(\"m\", #{ color_tex: \"wood\" })",
            "there is no texture `wood`",
            "none has been made so far",
        ),
        (
            "rt.setup_material(\"m\", #{ color_tex: [\"a\", \"b\"] })",
            "`color_tex` is an array of 2, it wants a string",
            "",
        ),
        (
            "rt.set_texture_2d(\"t\", [1, 2])",
            "`data` is an array of shape (2,), it wants (height, width) or (height, width, channels)",
            "",
        ),
        ("rt.set_texture_2d(\"t\", zeros([2, 2, 5]))", "a texture of 5 channels, it wants 1 to 4", "1 is grey"),
        ("rt.set_texture_2d(\"t\", zeros([0, 2]))", "a texture of 2x0 has no pixels", ""),
        ("rt.set_texture_2d(\"t\", zeros([1, 40000]))", "a texture of 40000x1 is too large", "32768 pixels a side"),
        ("rt.set_texture_2d(\"t\", [[1, 2], [3, 0.0 / 0.0]])", "`data` is NaN in row 1, column 1", "finite numbers"),
        ("rt.set_texture_2d(\"\", [[1]])", "the name of a texture is empty", ""),
        (
            "rt.set_texture_2d(\"t\", [[-1]]); rt.setup_material(\"m\", #{ roughness_tex: \"t\" })",
            "texture `t` goes down to -1, as `roughness_tex` it wants at least 0",
            "",
        ),
        (
            "rt.set_texture_2d(\"t\", [[1]], #{ addr_mode: \"Repeat\" })",
            "unknown `addr_mode` `Repeat`",
            "it is one of `Wrap`, `Clamp`, `Mirror`, `Border`",
        ),
        (
            "rt.load_texture(\"t\", \"x.png\", #{ gamma: 2.2 })",
            "option `gamma` of `rt.load_texture` is not available in this version",
            "",
        ),
        (
            "rt.load_texture(\"t\", \"/x.png\")",
            "`/x.png` is outside of the folders that the script may read",
            "--allow-read",
        ),
        ("rt.load_texture(\"t\", \"\")", "the file name is empty", ""),
        ("rt.update_material(\"m\", #{ roughness: 1 })", "there is no material `m`", ""),
        (
            "rt.set_param(#{ min_accumulation_step: 0 })",
            "`min_accumulation_step` is 0, it wants at least 1, in passes",
            "",
        ),
        (
            "rt.set_param(#{ min_accumulation_step: 2.5 })",
            "`min_accumulation_step` is 2.5, it wants a whole number",
            "",
        ),
        (
            "rt.get_param(\"max_acumulation_frames\")",
            "unknown parameter `max_acumulation_frames`",
            "did you mean `max_accumulation_frames`?",
        ),
        (
            "rt.set_float(\"path_seg_range\", 1)",
            "wrong kind or number of values for variable `path_seg_range`",
            "rt.set_uint(\"path_seg_range\", x, y)",
        ),
        ("rt.set_uint(\"path_seg_range\", 4, 2)", "`path_seg_range` is (4, 2), it wants 1 <= min <= max <= 1024", ""),
        (
            "rt.get_float(\"denoiser_start\")",
            "variable `denoiser_start` is not read with `rt.get_float`",
            "rt.get_uint",
        ),
        ("rt.add_postproc(\"DenoiserUp2x\")", "`stage` `DenoiserUp2x` is not available in this version", "`Denoiser`"),
        ("rt.set_int(\"denoiser_kind\", 5)", "`denoiser_kind` is 5, which is no kind", "3 (RgbAlbedo)"),
        (
            "rt.set_param(#{ denoiser_kind: \"RgbNormal\" })",
            "unknown `denoiser_kind` `RgbNormal`",
            "it is one of `Rgb`, `RgbAlbedo`, `RgbAlbedoNormal`",
        ),
        (
            "rt.add_postproc(\"OIDenoiser\"); rt.add_postproc(\"DenoiserHDR\")",
            "the post-processing chain has a denoiser already, `OIDenoiser`: `DenoiserHDR` would be a second one",
            "",
        ),
        (
            "rt.add_postproc(\"Gamma\"); rt.add_postproc(\"Denoiser\")",
            "`Denoiser` and `Gamma` do not go together: gamma would be applied twice",
            "",
        ),
        ("rt.resize(0, 100)", "`width` is 0, it wants 1 to 32768, in pixels", ""),
        ("rt.resize(-5, 100)", "`width` is -5, it wants 1 to 32768, in pixels", ""),
        ("rt.render(#{ passes: 0 })", "`passes` is 0, it wants at least 1, in passes", ""),
        ("rt.render(#{ size: [10] })", "`size` is an array of 1, it wants [width, height]", ""),
        (
            "rt.save_image(\"a.png\")",
            "`rt.save_image` works in `update_image` and `accum_done`, not in `init`",
            "rt.render",
        ),
        ("rt.image", "`rt.image` works in `update_image` and `accum_done`, not in `init`", "rt.render"),
        (
            "rt.render(#{ passes: 1, size: [4, 4] }).save(\"../a.png\")",
            "`../a.png` is outside of the folders that the script may write to",
            "--allow-write",
        ),
        ("rt.render(#{ passes: 1, size: [4, 4] }).pixel(4, 0)", "`x` is 4, outside of the image of 4x4", "0 to 3"),
        ("rt.imge", "`rt` has no property `imge`", "did you mean `rt.image`?"),
        ("rt.resize", "`rt` has no property `resize`", "it is a function: `rt.resize(width, height)`"),
        ("rt.set_background(\"sky.png\")", "images as background are not available in this version", "give a colour"),
        ("rt.scale_geometry(\"plot\", 0)", "the transformation makes geometry `plot` infinite or flat", ""),
        ("rt.light_fit(\"l\")", "there is no light `l`", ""),
        ("rt.camera_rotate_eye([0, 1, 0])", "there is no camera yet", ""),
    ];
    for (code, message, hint) in cases {
        let error = init(&format!("{boxes} {code};")).err().unwrap_or_else(|| panic!("`{code}` passes"));
        assert_eq!(error.message, message, "{code}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{code}: {:?}", error.hint);
    }
    let error = in_callback("compute_", "").err();
    assert!(error.is_none());
    let error = in_callback("update_data", "rt.render()").err().unwrap();
    assert_eq!(error.message, "`rt.render` works in `init`, not in `update_data`");
}

#[test]
fn names_that_are_not_there_are_explained() {
    let text = |signature| super::not_found(signature).map(|e| (e.message, e.hint.unwrap_or_default()));
    let cases = [
        ("set_mesh (Rt, map)", "`set_mesh` is not available in this version", ""),
        ("setdata (Rt, map)", "unknown function `rt.setdata`", "did you mean `rt.set_data`?"),
        ("set_data (Rt)", "wrong arguments for `rt.set_data`", "rt.set_data(name, #{ pos"),
        (
            "set_data (&str | ImmutableString | String, map)",
            "unknown function `set_data`",
            "it is a method: `rt.set_data",
        ),
        ("frame (Rt)", "`rt.frame` is not a function", "without brackets"),
        ("gibberish (Rt)", "unknown function `rt.gibberish`", "plotrt api"),
        ("saev (Image, &str | ImmutableString | String)", "unknown function `img.saev`", "did you mean `img.save`?"),
    ];
    for (signature, message, hint) in cases {
        let (said, hinted) = text(signature).unwrap();
        assert_eq!(said, message);
        assert!(hinted.contains(hint), "{hinted}");
    }
    assert!(text("min (i64, map)").is_none());
    assert!(text("completely_other (i64)").is_none());
}

#[test]
fn rt_is_dead_outside_of_its_callback() {
    let rt = Rt(Arc::new(Mutex::new(None)));
    let mut scope = Scope::new();
    scope.push("rt", rt);
    let error = ours(*engine(Path::new("")).run_with_scope(&mut scope, "rt.set_ambient(1)").unwrap_err());
    assert_eq!(error.message, "`rt` is used outside of the callback that received it");
}

#[test]
fn the_seed_scene_is_staged_as_written() {
    let cx = init(
        "rt.resize(500, 500);
         rt.set_data(\"plot\", #{ pos: [[0, 0, 0], [4.5, 4.5, 4.5]], u: [[0.5, 0, 0], [0.5, 0, 0]],
             v: [[0, 0.5, 0], [0, 0.5, 0]], w: [[0, 0, 0.5], [0, 0, 0.5]], geom: \"Parallelepipeds\" });
         rt.set_param(#{ min_accumulation_step: 4, max_accumulation_frames: 100 });
         rt.setup_camera(\"cam1\", #{ eye: [10, 10, 10], fov: 40 });
         rt.setup_light(\"light1\", #{ color: [9.9, 9.5, 9.1], radius: 4 });
         rt.set_ambient([0.1, 0.2, 0.3]); rt.set_background(0); rt.add_postproc(\"Denoiser\");",
    )
    .unwrap();
    assert_eq!(cx.edits.len(), 8);
    let view = cx.scene.view();
    assert_eq!(view.target, glam::DVec3::splat(2.5));
    assert_eq!((view.eye, view.fov), (glam::DVec3::splat(10.0), 40.0));
    let light = &cx.scene.lights["light1"];
    assert!((light.pos.distance(view.target) / view.eye.distance(view.target) - 1.5).abs() < 1e-4);
    assert_eq!(cx.scene.params.max_accumulation_frames, 100);
    assert_eq!(cx.scene.size, (500, 500));
}

#[test]
fn every_stage_and_every_kind_of_denoiser_has_its_name() {
    for stage in Postproc::ALL {
        let cx = init(&format!("rt.add_postproc(\"{}\");", stage.name())).unwrap();
        assert_eq!(cx.scene.postproc, [stage]);
    }
    for kind in DenoiserKind::ALL {
        let (name, number) = (kind.name(), kind.number());
        for set in
            [format!("set_int(\"denoiser_kind\", {number})"), format!("set_param(#{{ denoiser_kind: \"{name}\" }})")]
        {
            let check = format!(
                "rt.{set};
                 if rt.get_int(\"denoiser_kind\") != {number} || rt.get_param(\"denoiser_kind\") != \"{name}\" {{ throw 1; }}"
            );
            assert_eq!(init(&check).unwrap().scene.variables.denoiser_kind, kind, "{set}");
        }
    }
}

#[test]
fn getters_see_what_was_staged_and_maps_go_back_in() {
    init(
        "rt.set_data(\"p\", #{ pos: [[1, 2, 3]], r: 0.1, c: 0.5 });
         if rt.get_data(\"p\", \"pos\").to_array() != [[1.0, 2.0, 3.0]] { throw 1; }
         if rt.get_data(\"p\", \"r\").to_array() != [0.1] { throw 2; }
         if rt.get_data(\"p\", \"c\").shape != [1, 3] || rt.get_data(\"p\", \"r\").dtype != \"float64\" { throw 8; }
         rt.setup_camera(\"a\", #{ eye: [1, 2, 8], fov: 20, cam_type: \"DoF\" });
         rt.setup_camera(\"b\", rt.get_camera(\"a\"));
         if rt.get_camera(\"a\") != rt.get_camera(\"b\") { throw 3; }
         rt.setup_light(\"l\", #{ light_type: \"Parallelogram\" });
         rt.setup_light(\"m\", rt.get_light(\"l\"));
         if rt.get_light() != rt.get_light(\"l\") { throw 4; }
         rt.setup_material(\"n\", rt.get_material(\"diffuse\"));
         rt.set_uint(\"path_seg_range\", 3, 9);
         if rt.get_uint2(\"path_seg_range\") != [3, 9] { throw 5; }
         if rt.get_light_names() != [\"l\", \"m\"] { throw 6; }
         if rt.frame != 3 { throw 7; }",
    )
    .unwrap();
}

#[test]
fn geometry_turns_about_its_own_centre() {
    let cx = init(
        "rt.set_data(\"p\", #{ pos: [[4, 0, 0], [6, 0, 0]], r: 0.5 });
         rt.rotate_geometry(\"p\", [0, 0, PI() / 2]);
         rt.move_geometry(\"p\", [0, 0, 3]);
         rt.scale_geometry(\"p\", 2);",
    )
    .unwrap();
    let bounds = cx.scene.geometries["p"].world_bounds();
    assert!(bounds.center().abs_diff_eq(glam::DVec3::new(5.0, 0.0, 3.0), 1e-5), "{bounds:?}");
    assert!((bounds.hi - bounds.lo).abs_diff_eq(glam::DVec3::new(2.0, 6.0, 2.0), 1e-4), "{bounds:?}");
}

/// The size that decides is that of the shape, not that of what it does not use.
#[test]
fn small_plots_keep_their_digits_when_made_and_when_updated() {
    let rows = "[[1.000000001, 0.0, 0.0], [1.000000002, 0.0, 0.0]]";
    for (data, update) in [
        ("r: 2e-7", ""),
        ("u: [3e-7, 0, 0], v: [0, 3e-7, 0], geom: \"Parallelograms\"", ""),
        ("u: [3e-7, 0, 0], v: [0, 3e-7, 0], w: [0, 0, 3e-7], geom: \"Parallelepipeds\"", ""),
        ("r: 2e-7", "rt.update_data(\"p\", #{ pos: [[5, 5, 5], [6, 6, 6]] });"),
    ] {
        let cx = init(&format!(
            "rt.set_data(\"p\", #{{ pos: {rows}, {data} }}); {update} rt.update_data(\"p\", #{{ pos: {rows} }});"
        ));
        let pos = cx.unwrap().scene.geometries["p"].pos.clone();
        assert!((pos.get(1).unwrap().x - pos.get(0).unwrap().x - 1e-9).abs() < 1e-12, "{data}: {pos:?}");
    }
}

#[test]
fn a_plot_is_turned_about_a_distant_centre_without_losing_digits() {
    let cx = init(
        "rt.set_data(\"p\", #{ pos: [[6.4e6, 0.0, 0.0]], r: 0.1 });
         rt.rotate_geometry(\"p\", [0, 0, 0.5], #{ center: [0, 0, 0] });
         rt.scale_geometry(\"p\", 0.001, #{ center: [0, 0, 0] });",
    );
    let center = cx.unwrap().scene.geometries["p"].world_bounds().center();
    let expected = glam::DVec3::new(0.5f64.cos(), 0.5f64.sin(), 0.0) * 6.4e3;
    assert!(center.abs_diff_eq(expected, 1e-9), "{center} {expected}");
}

#[test]
fn an_option_without_a_value_is_refused() {
    let error = init("let d = #{}; rt.set_data(\"p\", #{ pos: [[0, 0, 0]], c: d.col });").err().unwrap();
    assert_eq!(error.message, "`c` is given, but it has no value");
}

#[test]
fn arrays_without_axes_are_numbers() {
    let cx = init(
        "rt.set_background(make_color(0.5)); rt.set_data(\"p\", #{ pos: [[0, 0, 0]], r: array(0.25), c: make_color(0.5) });",
    )
    .unwrap();
    assert_eq!(cx.scene.geometries["p"][Channel::R].scalar(0), 0.25);
    assert!(cx.scene.background.x > 0.0 && cx.scene.background.x == cx.scene.background.z);
}

#[test]
fn cameras_move_along_world_and_own_axes() {
    let eye = |code: &str| {
        let scene = "rt.setup_camera(\"c\", #{ eye: [5, 0, 0], target: [0, 0, 0] });";
        init(&format!("{scene} {code};")).unwrap().scene.view().eye
    };
    let near = |a: glam::DVec3, b: [f64; 3]| assert!(a.abs_diff_eq(b.into(), 1e-4), "{a} {b:?}");
    near(eye("rt.camera_move_by([0, 0, 1])"), [5.0, 0.0, 1.0]);
    near(eye("rt.camera_move_by_local([0, 0, 1])"), [6.0, 0.0, 0.0]);
    near(eye("rt.camera_move_by_local([1, 0, 0])"), [5.0, 0.0, -1.0]);
    near(eye("rt.camera_rotate_eye([0, PI() / 2, 0])"), [0.0, 0.0, -5.0]);
    near(eye("rt.camera_rotate_eye_local([-PI() / 2, 0, 0])"), [0.0, 5.0, 0.0]);
    near(eye("rt.camera_rotate_target([0, 1, 0])"), [5.0, 0.0, 0.0]);
    near(eye("rt.camera_rotate_by([0, PI(), 0], [4, 0, 0])"), [3.0, 0.0, 0.0]);
}

#[test]
fn pictures_are_read_and_saved() {
    let out = tempfile::tempdir().unwrap();
    let script = "fn accum_done(rt) {
        let img = rt.image;
        if img.size != [40, 30] || img.width != 40 || img.passes != 8 { throw 1; }
        if img.pixel(1, 1) != [123.0, 124.0, 125.0] { throw 2; }
        let a = img.array();
        if a.shape != [30, 40, 3] || a.at(1, 2, 0) != 126.0 || a.at(29, 39, 2) != 3599.0 { throw 5; }
        if img.min() != [0.0, 1.0, 2.0] || img.max() != [3597.0, 3598.0, 3599.0] { throw 3; }
        if img.mean() != [1798.5, 1799.5, 1800.5] { throw 4; }
        rt.save_image(\"a.png\");
        img.save(\"b.png\");
        rt.close();
    }";
    let cx = run(script, out.path()).unwrap();
    assert!(out.path().join("a.png").exists() && out.path().join("b.png").exists());
    assert_eq!(cx.commands, [Command::Close]);
}

#[test]
fn images_become_textures_as_they_are_stored() {
    let out = tempfile::tempdir().unwrap();
    let file = |name: &str| out.path().join(name).display().to_string();
    image::RgbImage::from_fn(3, 2, |x, y| image::Rgb([x as u8, y as u8, 7])).save(file("bytes.png")).unwrap();
    image::ImageBuffer::<image::Luma<u16>, _>::from_raw(1, 2, vec![0u16, 65535])
        .unwrap()
        .save(file("words.png"))
        .unwrap();
    image::Rgb32FImage::from_fn(1, 1, |_, _| image::Rgb([0.5, 1.5, 2.5])).save(file("floats.exr")).unwrap();
    std::fs::write(file("text.png"), "no image").unwrap();
    let load = |name: &str, options: &str| {
        let script = format!("fn init(rt) {{ rt.load_texture(\"t\", \"{}\", #{{ {options} }}); }}", file(name));
        run(&script, out.path()).map(|cx| cx.scene.textures["t"].clone())
    };
    let bytes = load("bytes.png", "addr_mode: \"Clamp\", filter_mode: \"Nearest\"").unwrap();
    assert_eq!((bytes.size(), bytes.channels(), bytes.format()), ((3, 2), 4, TexelFormat::Srgb));
    assert_eq!(bytes.texels().bytes()[..8], [0, 0, 7, 255, 1, 0, 7, 255]);
    assert_eq!(bytes.texels().bytes()[12..16], [0, 1, 7, 255]);
    assert_eq!((bytes.address, bytes.filter), (AddressMode::Clamp, FilterMode::Nearest));
    assert_eq!(load("bytes.png", "srgb: false").unwrap().format(), TexelFormat::Byte);
    let floats = |texture: &Texture| match texture.texels() {
        Texels::Floats(floats) => floats.to_vec(),
        Texels::Bytes(_) => panic!("{texture:?}"),
    };
    assert_eq!(floats(&load("words.png", "").unwrap()), [0.0, 1.0]);
    assert_eq!(floats(&load("floats.exr", "").unwrap()), [0.5, 1.5, 2.5, 1.0]);
    for (name, message) in [("none.png", "none.png"), ("text.png", "expected an image")] {
        let error = load(name, "").unwrap_err();
        assert!(error.message.contains(message), "{error}");
    }
}

#[test]
fn a_replaced_texture_keeps_its_modes_and_its_users() {
    let script = "fn init(rt) {
        rt.set_texture_2d(\"t\", [[0.1, 0.2]], #{ addr_mode: \"Mirror\", filter_mode: \"Nearest\" });
        rt.setup_material(\"m\", #{ color_tex: \"t\", color: 0.5 });
        rt.set_texture_2d(\"t\", [[[0.1, 0.2, 0.3]]]);
        let m = rt.get_material(\"m\");
        if m.color_tex != \"t\" || \"roughness_tex\" in m { throw 1; }
        rt.setup_material(\"copy\", m);
        rt.update_material(\"m\", #{ color_tex: \"\" });
        if \"color_tex\" in rt.get_material(\"m\") { throw 2; }
    }";
    let out = tempfile::tempdir().unwrap();
    let scene = run(script, out.path()).unwrap().scene;
    let texture = &scene.textures["t"];
    assert_eq!((texture.address, texture.filter), (AddressMode::Mirror, FilterMode::Nearest));
    assert_eq!((texture.size(), texture.channels()), ((1, 1), 4));
    assert_eq!(scene.materials["copy"].texture(MaterialSlot::Color).unwrap(), "t");
}

#[test]
fn a_size_on_the_command_line_wins() {
    let engine = engine(Path::new(""));
    let mut cx = context(Callback::Init, &Scene::default(), Path::new("."));
    cx.fixed_size = true;
    let lent = Arc::new(Mutex::new(Some(cx)));
    let mut scope = Scope::new();
    scope.push("rt", Rt(lent.clone()));
    let size =
        engine.eval_with_scope::<Dynamic>(&mut scope, "rt.resize(10, 10); rt.render(#{ size: [5, 5] }).size").unwrap();
    assert_eq!(size.to_string(), "[800, 600]");
    assert!(lent.lock().unwrap().as_ref().unwrap().edits.is_empty());
}

#[test]
fn a_refused_call_stages_nothing() {
    let engine = engine(Path::new(""));
    let lent = Arc::new(Mutex::new(Some(context(Callback::Init, &Scene::default(), Path::new(".")))));
    let mut scope = Scope::new();
    scope.push("rt", Rt(lent.clone()));
    let script = "try { rt.set_data(\"p\", #{ pos: [[0, 0, 0]], r: -1 }); } catch {} rt.set_ambient(1);";
    engine.run_with_scope(&mut scope, script).unwrap();
    let guard = lent.lock().unwrap();
    assert!(matches!(guard.as_ref().unwrap().edits[..], [Edit::SetAmbient(_)]));
}

/// Optional arguments before the map: `update_camera(#{...})` and `update_camera(name, #{...})`.
#[test]
fn arities_are_what_the_signature_says() {
    let arity = |name: &str| super::find(name).next().map(Function::arity).unwrap();
    assert_eq!(arity("set_data"), (1, 2));
    assert_eq!(arity("update_camera"), (0, 2));
    assert_eq!(arity("resize"), (2, 2));
    assert_eq!(arity("set_float"), (2, 4));
    let signature = super::find("light_fit").next().unwrap().signature();
    assert_eq!(signature, "rt.light_fit(light, #{ camera, horizontal_rot, vertical_rot, dist_scale })");
}
