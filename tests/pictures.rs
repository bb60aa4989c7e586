//! Scripts whose pictures would be wrong without a word: what is mended, and what is told with its place.

use plotrt::device::Device;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::null::NullDevice;
use plotrt::engine::{Engine, EngineConfig, Event, FrameEvent, Frames, Mode, dry_run};
use plotrt::scene::{Camera, Plots, Reach};
use plotrt::script::{Script, ScriptOptions};
use plotrt::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn script(text: &str) -> Arc<Script> {
    Script::from_source("test.rhai", text, Path::new("."), ScriptOptions::default()).expect("the script compiles")
}

struct Told {
    frames: Vec<FrameEvent>,
    warnings: Vec<Error>,
    outcome: Result<()>,
}

impl Told {
    /// Line, message and hint of each warning.
    fn warned(&self) -> Vec<(usize, &str, &str)> {
        shown(&self.warnings)
    }
}

fn shown(warnings: &[Error]) -> Vec<(usize, &str, &str)> {
    let mut shown = Vec::new();
    for warning in warnings {
        let line = warning.place.as_ref().expect("a warning has a place").line;
        shown.push((line, warning.message.as_str(), warning.hint.as_deref().expect("a warning has a hint")));
    }
    shown
}

fn run_on(device: Box<dyn Device>, text: &str, mode: Mode) -> Told {
    let config = EngineConfig { size: Some((40, 30)), passes: Some(4), linear: true, ..EngineConfig::new(mode) };
    let engine = Engine::start(script(text), device, config).expect("the run starts");
    let mut told = Told { frames: Vec::new(), warnings: Vec::new(), outcome: Ok(()) };
    while let Some(event) = engine.events().next() {
        match event {
            Event::Frame(frame) => told.frames.push(frame),
            Event::Warning(warning) => told.warnings.push(warning),
            Event::Error(error) => panic!("{error}"),
            Event::Finished(outcome) => told.outcome = outcome.map(drop),
            _ => {}
        }
    }
    told
}

/// The first frames, traced.
fn traced(text: &str, last: u64) -> Told {
    run_on(Box::new(CpuDevice::new(2).unwrap()), text, Mode::Batch(Frames::range(0, last)))
}

fn dry(text: &str, last: u64) -> Told {
    run_on(Box::new(NullDevice::new()), text, Mode::Batch(Frames::range(0, last)))
}

/// Share of the pixels that are not black.
fn lit(frame: &FrameEvent) -> f64 {
    let pixels = frame.frame.linear.chunks(3);
    let count = pixels.len() as f64;
    pixels.filter(|pixel| pixel.iter().any(|x| *x > 0.0)).count() as f64 / count
}

fn camera(frame: &FrameEvent) -> Camera {
    frame.scene.view()
}

/// Fitting a camera twice rounds twice.
fn assert_near(a: &Camera, b: &Camera, what: &str) {
    assert!(a.eye.abs_diff_eq(b.eye, 1e-3) && a.target.abs_diff_eq(b.target, 1e-3), "{what}: {a:?} {b:?}");
}

const BALLS: &str = "pos: [[100, 100, 100], [101, 100, 100]], r: 0.5";

#[test]
fn cameras_and_lights_that_come_before_the_data_show_it() {
    let data = format!("rt.set_data(\"b\", #{{ {BALLS} }});");
    for set_up in [
        "rt.setup_camera(\"c\", #{ fov: 40 });",
        "rt.setup_camera(\"c\"); rt.setup_light(\"l\"); rt.set_ambient(0);",
        "rt.setup_light(\"l\"); rt.set_ambient(0);",
        "rt.setup_camera(\"c\"); rt.camera_fit();",
        "rt.setup_camera(\"c\"); rt.setup_light(\"l\", #{ pos: [0, 0, 0] }); rt.light_fit(\"l\"); rt.set_ambient(0);",
        "rt.setup_camera(\"c\", #{ eye: [98, 99, 103] });",
        "rt.setup_camera(\"c\", #{ target: [100, 100, 100] });",
    ] {
        let before = traced(&format!("fn init(rt) {{ {set_up} {data} }}"), 0);
        before.outcome.as_ref().unwrap();
        let after = traced(&format!("fn init(rt) {{ {data} {set_up} }}"), 0);
        assert_eq!((before.warned(), after.warned()), (vec![], vec![]), "{set_up}");
        assert!(lit(&before.frames[0]) > 0.02, "{set_up}");
        assert_near(&camera(&before.frames[0]), &camera(&after.frames[0]), set_up);
        for (name, light) in &before.frames[0].scene.lights {
            assert!(light.pos.abs_diff_eq(after.frames[0].scene.lights[name].pos, 1e-3), "{set_up}");
        }
        // In a later round, too.
        let later = format!(
            "fn init(rt) {{ {set_up} }} fn update_data(rt) {{ if rt.frame == 1 {{ {data} }} }}
             fn compute(rt, delta) {{}}"
        );
        let later = traced(&later, 2);
        assert_eq!(later.frames.iter().map(|f| lit(f) > 0.02).collect::<Vec<_>>(), [false, false, true], "{set_up}");
        assert_near(&camera(&later.frames[2]), &camera(&after.frames[0]), set_up);
        // Whichever frames are traced.
        let dry = run_on(
            Box::new(NullDevice::new()),
            &format!("fn init(rt) {{ {set_up} }} fn update_data(rt) {{ if rt.frame == 1 {{ {data} }} }}"),
            Mode::Batch(Frames::range(2, 2)),
        );
        assert_eq!(camera(&dry.frames[0]), camera(&later.frames[2]));
    }
}

#[test]
fn a_script_that_renders_by_itself_fits_what_waits_for_each_picture() {
    let text = format!(
        "fn init(rt) {{
            rt.setup_camera(\"c\");
            rt.set_data(\"b\", #{{ {BALLS} }});
            let img = rt.render(#{{ passes: 1 }});
            if img.max()[0] == 0 {{ throw \"nothing to see\"; }}
            rt.setup_camera(\"away\", #{{ eye: [0, 0, 0], target: [0, 0, -1] }});
            for i in 0..2 {{ rt.render(#{{ passes: 1 }}); }}
        }}"
    );
    let told = run_on(Box::new(CpuDevice::new(2).unwrap()), &text, Mode::Once);
    told.outcome.as_ref().unwrap();
    let hint =
        "`rt.camera_fit()` moves it to where it sees all plots, and so does `setup_camera` without `eye` and `target`";
    assert_eq!(told.warned(), [(7, "the camera sees no plot: all of them lie outside of the image", hint)]);
}

#[test]
fn a_camera_is_fitted_with_the_aspect_of_the_picture() {
    let text = "fn init(rt) { rt.set_data(\"b\", #{ pos: [[-5, 0, 0], [5, 1, 3]], r: 0.5 }); rt.setup_camera(\"c\");
                    rt.camera_fit(); rt.set_ambient(1); }";
    let told = traced(text, 0);
    let scene = &told.frames[0].scene;
    let camera = scene.view();
    let (right, _, forward) = camera.basis();
    let slope = f64::from(camera.half_height() * scene.aspect()) * plotrt::scene::FIT_FILL;
    let (right, forward, eye) = (right.as_dvec3(), forward.as_dvec3(), camera.eye);
    let sides = [right - slope * forward, -right - slope * forward];
    for (reach, side) in Plots::of(scene, None).reach(&sides).into_iter().zip(sides) {
        assert!((reach - side.dot(eye)).abs() < 1e-4, "{reach} {}", side.dot(eye));
    }
}

#[test]
fn bright_colours_are_told_once_for_each_place() {
    let text = "fn init(rt) {
        for i in 0..3 { rt.set_data(`b${i}`, #{ pos: [[i, 0, 0]], r: 0.5, c: [255, 128, 0] }); }
        rt.set_data(\"over\", #{ pos: [[0, 2, 0]], c: [[1, 1, 1.5]] });
        rt.set_data(\"bytes\", #{ pos: [[0, 2, 0], [0, 3, 0]], c: array([[20, 30, 40], [250, 0, 0]]) });
        rt.set_background([255, 255, 255]);
        rt.set_float(\"bg_color\", 100, 100, 200);
        rt.setup_material(\"m\", #{ color: [200, 100, 50] });
        rt.update_material(\"m\", #{ color: 1.25 });
        rt.setup_material(\"glow\", #{ shader: \"Flat\", color: 30 });
        rt.set_data(\"glowing\", #{ pos: [[0, 4, 0]], c: [5, 4, 3.5], mat: \"glow\" });
        rt.set_data(\"white\", #{ pos: [[0, 4, 0]], c: 1 });
        rt.set_background([2.5, 0.25, 0]);
        rt.setup_light(\"l\", #{ color: [255, 240, 230] });
        rt.set_ambient([2, 2, 2]);
    }
    fn compute(rt, delta) {}
    fn update_data(rt) {
        rt.update_data(\"b0\", #{ c: 2 + rt.frame });
    }";
    let told = dry(text, 5);
    told.outcome.as_ref().unwrap();
    let bytes =
        |name: &str| format!("divide colours of bytes by 255, or use `make_color({name}, #{{ input_range: 255 }})`");
    let (c, bg, bg_color, color) = (bytes("c"), bytes("bg"), bytes("bg_color"), bytes("color"));
    let shine = "what is above 1 counts as 1; what is to shine wants a material with `shader: \"Flat\"`, or a light";
    let expected = [
        (2, "`c` goes up to 255, a surface reflects at most 1", c.as_str()),
        (3, "`c` goes up to 1.5, a surface reflects at most 1", shine),
        (4, "`c` goes up to 250, a surface reflects at most 1", c.as_str()),
        (5, "`bg` goes up to 255, where 1 is white", bg.as_str()),
        (6, "`bg_color` goes up to 200, where 1 is white", bg_color.as_str()),
        (7, "`color` goes up to 200, a surface reflects at most 1", color.as_str()),
        (8, "`color` goes up to 1.25, a surface reflects at most 1", shine),
        (9, "`color` goes up to 30, where 1 is white", color.as_str()),
        (18, "`c` goes up to 2, a surface reflects at most 1", shine),
    ];
    assert_eq!(told.warned(), expected);
    let place = told.warnings[0].place.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.column), ("test.rhai", 28));
    // `check` tells the same.
    let found = dry_run(script(text), 3, Duration::from_secs(20), Vec::new());
    assert_eq!((shown(&found.warnings), found.errors), (expected.to_vec(), vec![]));
}

#[test]
fn hard_shading_is_said_to_change_nothing() {
    let text =
        "fn init(rt) {\n rt.set_param(#{ light_shading: \"Soft\" });\n rt.set_param(#{ light_shading: \"Hard\" });\n
                 rt.set_param(#{ rt_timeout: 1000 });\n rt.set_data(\"b\", #{ pos: [[0, 0, 0]] }); }";
    let hint = "it differs from `\"Soft\"` only for materials that cast caustics, of which there is none so far";
    assert_eq!(dry(text, 0).warned(), [(3, "`light_shading: \"Hard\"` changes nothing yet", hint)]);
}

#[test]
fn pictures_of_nothing_are_told_with_the_place_that_made_them_so() {
    let ball = "rt.set_data(\"b\", #{ pos: [[0, 0, 0]], r: 1 });";
    let past = "the camera sees no plot: all of them lie outside of the image";
    let cases = [
        (
            format!("{ball}\nrt.setup_camera(\"c\", #{{ eye: [0, 0, 9], target: [0, 0, 20] }});\nrt.set_ambient(1);"),
            2,
            past,
        ),
        (
            format!("{ball}\nrt.set_ambient(0);"),
            2,
            "all plots are black: there is no light, and the ambient light is 0",
        ),
        (
            format!("{ball}\nrt.setup_camera(\"c\", #{{ eye: [0, 0, 0.5], target: [0, 0, 0] }});"),
            2,
            "the camera is inside of primitive 0 of `b`, where no light is",
        ),
        ("rt.set_background(1);".to_string(), 1, "no image shows anything: the scene has no plot"),
        (
            format!("{ball}\nrt.set_data(\"floor\", #{{ pos: [[0, 0, 0]], r: 500 }});\nrt.setup_camera(\"c\");"),
            3,
            "`floor` is 500 times as large as everything else, which is small in a view of all plots",
        ),
        (
            format!("{ball}\nrt.set_data(\"floor\", #{{ pos: [[0, 0, 0]], r: 500 }});"),
            1,
            "`floor` is 500 times as large as everything else, which is small in a view of all plots",
        ),
    ];
    for (code, line, message) in &cases {
        let text = format!("fn init(rt) {{ {code} }}\nfn compute(rt, delta) {{}}");
        for told in [dry(&text, 3), run_on(Box::new(NullDevice::new()), &text, Mode::Check { rounds: 3 })] {
            let warned: Vec<_> = told.warned().into_iter().map(|(line, message, _)| (line, message)).collect();
            assert_eq!(warned, [(*line, *message)], "{code}");
        }
    }
    // Nothing of that is wrong while there is nothing yet.
    let later = format!("fn init(rt) {{}} fn update_data(rt) {{ {ball} }} fn compute(rt, delta) {{}}");
    assert_eq!(dry(&later, 3).warned(), []);
}

#[test]
fn plots_become_empty_and_are_filled_again() {
    for kind in ["ParticleSet", "Parallelograms", "Parallelepipeds"] {
        for empty in ["zeros([0, 3])", "zeros([0])", "[]", "array([])"] {
            let text = format!(
                "fn init(rt) {{
                    rt.set_data(\"p\", #{{ pos: [[0, 0, 0]], r: 1, geom: \"{kind}\", c: [1, 0.5, 0.25] }});
                    rt.set_data(\"never\", #{{ pos: {empty}, c: {empty}, r: [], geom: \"{kind}\" }});
                    rt.setup_camera(\"c\", #{{ eye: [1, 2, 5], target: [0, 0, 0] }});
                    rt.scale_geometry(\"never\", 2);
                    rt.rotate_geometry(\"never\", [0, 1, 0]);
                }}
                fn compute(rt, delta) {{}}
                fn update_data(rt) {{
                    if rt.frame == 0 {{ rt.update_data(\"p\", #{{ pos: {empty} }}); }}
                    if rt.frame == 1 {{
                        if rt.get_data(\"p\", \"pos\") != [] || rt.get_data(\"p\", \"u\") != [] {{ throw 1; }}
                        rt.camera_fit(#{{ geometry: \"p\" }});
                    }}
                    if rt.frame == 2 {{ rt.set_data(\"p\", #{{ pos: [[0, 0, 0], [2, 0, 0]] }}); }}
                }}"
            );
            let told = traced(&text, 3);
            told.outcome.as_ref().unwrap_or_else(|error| panic!("{kind} {empty}: {error}"));
            let seen: Vec<bool> = told.frames.iter().map(|frame| lit(frame) > 0.0).collect();
            assert_eq!(seen, [true, false, false, true], "{kind} {empty}");
            let Some(brightest) = told.frames[3].frame.linear.chunks(3).max_by(|a, b| a[0].total_cmp(&b[0])) else {
                panic!("no pixels");
            };
            assert!((brightest[1] / brightest[0] - 0.5 * 0.89 / 0.86).abs() < 0.02, "the colour stays: {brightest:?}");
            assert_eq!(told.warned(), []);
        }
    }
}

#[test]
fn a_complete_picture_is_denoised_however_few_its_passes_are() {
    let text = |stage: &str, start: u32| {
        format!(
            "fn init(rt) {{ rt.set_data(\"b\", #{{ pos: [[0, 0, 0], [0, 1, 1]], r: 1 }}); rt.add_postproc(\"{stage}\");
                rt.set_uint(\"denoiser_start\", {start}); }}"
        )
    };
    let picture = |stage, start| traced(&text(stage, start), 0).frames[0].frame.linear.clone();
    assert_eq!(picture("DenoiserBuiltin", 100), picture("DenoiserBuiltin", 1));
    assert_ne!(picture("DenoiserBuiltin", 100), picture("Gamma", 100));
}

#[test]
fn pixels_are_read_as_an_array() {
    let text = "fn init(rt) { rt.set_data(\"b\", #{ pos: [[0, 0, 0]], r: 1 }); rt.set_background([0.5, 0.25, 1]); }
        fn update_image(rt) {
            let img = rt.image;
            let a = img.array();
            if a.shape != [img.height, img.width, 3] || a.dtype != \"float32\" { throw `${a.shape} ${a.dtype}`; }
            for x in 0..img.width { for y in [0, 11, 29] {
                let p = img.pixel(x, y);
                for k in 0..3 { if (a.at(y, x, k) - p[k]).abs() > 1e-6 { throw `${x} ${y} ${p}`; } }
            } }
        }";
    traced(text, 0).outcome.unwrap();
}
