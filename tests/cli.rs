//! The `plotrt` command as its users see it: files, names, messages, exit codes, interruptions.

use image::AnimationDecoder;
use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Two balls that drift apart in front of a bright background, quick to trace.
const BALLS: &str = r#"
let t = 0.0;

fn init(rt) {
    rt.set_data("balls", #{ pos: [[-0.5, 0, 0], [0.5, 0, 0]], r: 0.4, c: [0.9, 0.5, 0.2] });
    rt.set_param(#{ min_accumulation_step: 1, max_accumulation_frames: 2 });
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    rt.set_ambient(0.5);
    rt.set_background([2.5, 0.25, 0]);
    rt.add_postproc("Gamma");
}

fn compute(rt, delta) {
    t += 0.1 * delta;
}

fn update_data(rt) {
    rt.update_data("balls", #{ pos: [[-0.5 - t, 0, 0], [0.5 + t, 0, 0]] });
}
"#;

/// A folder with a script in it, in which the command runs.
struct Workplace {
    folder: tempfile::TempDir,
}

impl Workplace {
    fn new(script: &str) -> Workplace {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("script.rhai"), script).unwrap();
        Workplace { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plotrt"));
        command.args(args.split_whitespace()).current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }

    /// Renders in a small size; panics with the messages if that fails.
    fn render(&self, args: &str) -> Output {
        let output = self.run(&format!("render script.rhai --size 16x12 --device cpu {args}"));
        assert!(output.status.success(), "{args}: {}", stderr(&output));
        output
    }

    /// Names of the files beside the script, sorted, hidden ones included.
    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "script.rhai")
            .collect();
        names.sort();
        names
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Asserts the exit code and parts of the messages.
fn assert_fails(output: &Output, code: i32, parts: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

fn animation(path: &Path) -> Vec<(u32, u32)> {
    let reader = BufReader::new(std::fs::File::open(path).unwrap());
    let frames = match path.extension().unwrap().to_str().unwrap() {
        "gif" => GifDecoder::new(reader).unwrap().into_frames(),
        "apng" => PngDecoder::new(reader).unwrap().apng().unwrap().into_frames(),
        "webp" => WebPDecoder::new(reader).unwrap().into_frames(),
        other => panic!("no animation: {other}"),
    };
    frames.map(|frame| frame.unwrap().buffer().dimensions()).collect()
}

#[test]
fn numbered_pictures_are_written_in_every_format() {
    let place = Workplace::new(BALLS);
    for ending in ["png", "jpg", "tif", "exr"] {
        place.render(&format!("--frames 0-2 --out a{{:03}}.{ending}"));
        for index in 0..3 {
            let picture = image::open(place.path(&format!("a{index:03}.{ending}"))).unwrap();
            assert_eq!((picture.width(), picture.height()), (16, 12), "{ending}");
        }
    }
    assert_eq!(place.files().len(), 12, "{:?}", place.files());
}

#[test]
fn exr_holds_linear_values_that_are_not_clamped() {
    let place = Workplace::new(BALLS);
    place.render("--frames 0 --out a.exr");
    place.render("--frames 0 --out a.png");
    let exr = image::open(place.path("a.exr")).unwrap();
    assert_eq!(exr.color(), image::ColorType::Rgb32F);
    assert_eq!(exr.to_rgb32f().get_pixel(0, 0).0, [2.5, 0.25, 0.0]);
    // The developed image: clamped, and 0.25^(1 / 2.2).
    assert_eq!(image::open(place.path("a.png")).unwrap().to_rgb8().get_pixel(0, 0).0, [255, 136, 0]);
}

#[test]
fn animations_hold_every_frame() {
    let place = Workplace::new(BALLS);
    for ending in ["gif", "apng", "webp"] {
        place.render(&format!("--frames 1-9:2 --out a.{ending}"));
        assert_eq!(animation(&place.path(&format!("a.{ending}"))), [(16, 12); 5], "{ending}");
    }
    assert_eq!(place.files(), ["a.apng", "a.gif", "a.webp"]);
}

#[test]
fn names_follow_the_pattern() {
    let place = Workplace::new(BALLS);
    place.render("--frames 8-10:2 --out %d.png");
    place.render("--frames 8-10:2 --out b{{}}{:02}.png");
    place.render("--frames 3");
    std::fs::create_dir(place.path("sub")).unwrap();
    place.render("--frames 3 --out sub");
    assert_eq!(place.files(), ["10.png", "8.png", "b{}08.png", "b{}10.png", "script-0003.png", "sub"]);
    assert!(place.path("sub/script-0003.png").exists());
}

#[test]
fn without_a_range_a_file_gets_frame_zero() {
    let place = Workplace::new(BALLS);
    place.render("--out still.png");
    place.render("--frames 0-1 --out f{}.png");
    assert_eq!(place.read("still.png"), place.read("f0.png"));
    assert_ne!(place.read("f0.png"), place.read("f1.png"), "the animation moves");
}

#[test]
fn one_name_for_many_frames_is_a_usage_error_that_proposes_a_pattern() {
    let place = Workplace::new(BALLS);
    let output = place.run("render script.rhai --frames 0-3 --out a.png");
    assert_fails(&output, 2, &["error: all frames would go to `a.png`", "hint: ", "`--out 'a{:04}.png'`"]);
    assert!(place.files().is_empty());
}

#[test]
fn existing_files_are_left_alone_when_asked() {
    let place = Workplace::new(BALLS);
    place.render("--frames 0-3 --out whole{}.png");
    std::fs::write(place.path("a1.png"), "mine").unwrap();
    let output = place.render("--frames 0-3 --out a{}.png --skip-existing --json");
    assert_eq!(place.read("a1.png"), b"mine");
    for index in [0, 2, 3] {
        assert_eq!(place.read(&format!("a{index}.png")), place.read(&format!("whole{index}.png")));
    }
    let rendered: Vec<_> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["frame"].as_u64().unwrap())
        .collect();
    assert_eq!(rendered, [0, 2, 3]);
    let output = place.render("--frames 0-3 --out a{}.png --skip-existing");
    assert!(stderr(&output).contains("nothing to do: all files exist"), "{}", stderr(&output));
    // Without the flag, they are replaced.
    place.render("--frames 1 --out a{}.png");
    assert_eq!(place.read("a1.png"), place.read("whole1.png"));
}

#[test]
fn files_do_not_depend_on_threads_or_on_the_range() {
    let place = Workplace::new(BALLS);
    for ending in ["png", "exr"] {
        place.render(&format!("--frames 0-5 --threads 1 --out whole{{}}.{ending}"));
        place.render(&format!("--frames 0-5 --threads 7 --out many{{}}.{ending}"));
        place.render(&format!("--frames 3-4 --threads 2 --out part{{}}.{ending}"));
        for index in 0..6 {
            let whole = place.read(&format!("whole{index}.{ending}"));
            assert_eq!(place.read(&format!("many{index}.{ending}")), whole, "frame {index}, {ending}");
            if (3..5).contains(&index) {
                assert_eq!(place.read(&format!("part{index}.{ending}")), whole, "frame {index}, {ending}");
            }
        }
    }
    for ending in ["gif", "apng", "webp"] {
        place.render(&format!("--frames 0-5 --threads 1 --out one.{ending}"));
        place.render(&format!("--frames 0-5 --threads 7 --out many.{ending}"));
        assert_eq!(place.read(&format!("one.{ending}")), place.read(&format!("many.{ending}")), "{ending}");
    }
}

#[test]
fn the_seed_decides_the_noise_and_can_hold_it_still() {
    // The same scene in every frame: only the noise differs.
    let place = Workplace::new(&BALLS.replace("t += 0.1 * delta;", ""));
    let args = "--frames 0-1 --passes 1";
    place.render(&format!("{args} --out a{{}}.exr"));
    place.render(&format!("{args} --out b{{}}.exr --seed 1"));
    place.render(&format!("{args} --out c{{}}.exr --lock-noise"));
    assert_ne!(place.read("a0.exr"), place.read("a1.exr"));
    assert_ne!(place.read("a0.exr"), place.read("b0.exr"));
    assert_eq!(place.read("c0.exr"), place.read("c1.exr"));
}

#[test]
fn json_has_one_line_per_frame_on_stdout_and_nothing_else() {
    let place = Workplace::new(BALLS);
    let output = place.render("--frames 2-3 --passes 3 --out a{}.png --json");
    let lines: Vec<serde_json::Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    for (line, frame) in lines.iter().zip(2..) {
        assert_eq!(line["frame"], frame);
        assert_eq!(line["file"], format!("a{frame}.png"));
        assert_eq!(line["passes"], 3);
        assert!(line["time"].as_f64().unwrap() > 0.0);
        assert!(line["noise"].as_f64().unwrap() > 0.0);
        assert_eq!(line.as_object().unwrap().len(), 5);
    }
}

#[test]
fn progress_goes_to_stderr_in_plain_lines_and_quiet_means_quiet() {
    let place = Workplace::new(BALLS);
    let output = place.run("render script.rhai --size 16x12 --frames 0-1 --out a{}.png");
    let text = stderr(&output);
    assert!(text.starts_with("device: "), "{text}");
    assert!(text.contains("frame 0 (1 of 2): a0.png, ") && text.contains("frame 1 (2 of 2): a1.png, "), "{text}");
    assert!(text.contains("\n2 frames in "), "{text}");
    assert!(!text.contains('\x1b'), "no escape sequences where there is no terminal: {text}");
    let output = place.render("--frames 0-1 --out a{}.png --quiet");
    assert_eq!((stdout(&output), stderr(&output)), (String::new(), String::new()));
}

#[test]
fn auto_says_which_device_it_took_and_why_not_a_better_one() {
    let place = Workplace::new(BALLS);
    let output = place.run("render script.rhai --size 8x8 --out a.png");
    let text = stderr(&output);
    let line = text.lines().next().unwrap();
    let on_gpu = line.starts_with("device: optix:0 (");
    // The missing part depends on the machine; the report does not.
    let on_cpu =
        line.starts_with("device: cpu (") && ["NVIDIA", "OptiX", "optix"].iter().any(|cause| line.contains(cause));
    assert!(on_gpu || on_cpu, "{line}");
}

#[test]
fn what_a_script_prints_is_shown_with_its_place() {
    let place = Workplace::new("fn init(rt) {\n    print(\"hello\");\n}");
    let output = place.run("render script.rhai --device null --size 8x8 --out a.png");
    assert!(stderr(&output).contains("script.rhai:2: hello"), "{}", stderr(&output));
    let output = place.run("render script.rhai --device null --size 8x8 --out a.png --quiet");
    assert_eq!(stderr(&output), "");
}

#[test]
fn each_kind_of_failure_has_its_exit_code_and_says_what_to_do() {
    let place = Workplace::new(BALLS);
    let null = "--device null --size 8x8";
    assert_fails(
        &place.run("render missing.rhai --out a.png"),
        4,
        &["error: ", "missing.rhai", "no such file", "holds `"],
    );
    assert_fails(&place.run("render scirpt.rhai --out a.png"), 4, &["did you mean `script.rhai`?"]);
    assert_fails(&place.run("check script"), 4, &["did you mean `script.rhai`?"]);
    assert_fails(&place.run("check nowhere/script.rhai"), 4, &["there is no folder `nowhere`"]);
    assert_fails(&place.run("render script.rhai --frames 5-3 --out a.png"), 2, &["5 comes after 3"]);
    assert_fails(&place.run("render script.rhai --frames 0-3 --out a.mp4"), 2, &["`.mp4`", "known endings: .png"]);
    assert_fails(
        &place.run("render script.rhai --size 0x9 --out a.png"),
        2,
        &["an image of 0x9 has no pixels", "at least 1"],
    );
    assert_fails(&place.run("render script.rhai --frames 0-3 --out a.gif --fps 60"), 2, &["60 frames", "up to 50"]);
    assert_fails(&place.run("render script.rhai --device optix:99 --out a.png"), 3, &["hint: "]);
    #[cfg(feature = "optix")]
    if let Err(error) = cuda_lazy::load() {
        let output = place.run("render script.rhai --device optix --out a.png");
        assert_fails(&output, 3, &[cuda_lazy::LIBRARY, &error.reason, "hint: install NVIDIA's driver"]);
    }
    assert_fails(
        &place.run(&format!("render script.rhai {null} --out none/a.png")),
        4,
        &["error: cannot write `none/a.png`: there is no folder `none`", "hint: make it first: mkdir -p 'none'"],
    );
    assert_fails(
        &place.run(&format!("render script.rhai {null} --out a.png --allow-read none")),
        2,
        &["`--allow-read none`: there is no such folder"],
    );
    assert_fails(&place.run(&format!("render script.rhai {null} --set q=1 --out a.png")), 2, &["`--set q`"]);
    assert_fails(&place.run("bench boxes --bare"), 2, &["compares spheres only", "plotrt bench spheres --bare"]);
    assert_fails(&place.run("bench spheres --bare --device cpu"), 2, &["of a GPU", "--device optix"]);
    assert_fails(&place.run("bench spheres --bare --device optix:99"), 3, &["hint: "]);
    assert_fails(&place.run(&format!("render script.rhai {null}")), 2, &["renders nothing by itself", "--frames 0-47"]);
    assert!(place.files().is_empty(), "{:?}", place.files());
}

#[test]
fn a_script_error_shows_file_line_column_source_and_hint() {
    let place = Workplace::new("fn init(rt) {\n    rt.set_dat(\"a\", #{});\n}\n");
    let output = place.run("render script.rhai --device null --out a.png");
    assert_fails(&output, 1, &["error: ", "script.rhai:2:", "rt.set_dat(\"a\", #{});", "set_data"]);
    let place = Workplace::new("let x = 0;\nfn compute(rt, delta) { loop { x += 1; } }\n");
    let output = place.run("render script.rhai --device null --frames 0-1 --out {}.png --max-operations 100000");
    assert_fails(&output, 5, &["script.rhai:2:"]);
}

#[test]
fn a_failing_animation_keeps_its_frames_under_another_name() {
    let place = Workplace::new(&BALLS.replace("t += 0.1 * delta;", "t += 0.1; if t > 0.25 { throw \"enough\"; }"));
    let output = place.run("render script.rhai --size 16x12 --device cpu --frames 0-9 --out a.gif");
    assert_fails(&output, 1, &["enough", "the finished frames are in `a.partial.gif`"]);
    assert_eq!(place.files(), ["a.partial.gif"]);
    assert_eq!(animation(&place.path("a.partial.gif")), [(16, 12); 3]);
}

#[test]
fn a_denoiser_that_is_named_and_missing_ends_the_command() {
    let place = Workplace::new("");
    for (stage, message) in [
        ("OIDenoiser", "error: `OIDenoiser` is not available: Open Image Denoise is turned off by PLOTRT_OIDN=none"),
        (
            "OIDenoiserHDR",
            "error: `OIDenoiserHDR` is not available: Open Image Denoise is turned off by PLOTRT_OIDN=none",
        ),
        ("DenoiserHDR", "error: `DenoiserHDR` is not available: OptiX's denoiser works on an OptiX device only"),
    ] {
        std::fs::write(place.path("script.rhai"), BALLS.replace("\"Gamma\"", &format!("\"{stage}\""))).unwrap();
        let run = |args: &str| place.command(args).env("PLOTRT_OIDN", "none").output().unwrap();
        let output = run("render script.rhai --size 16x12 --device cpu --out a.png");
        assert_fails(&output, 3, &[message, "hint: ", "or use `Denoiser`, which takes what there is"]);
        assert!(place.files().is_empty(), "{:?}", place.files());
        assert!(run("check script.rhai").status.success(), "the script is right");
    }
}

#[test]
fn the_log_and_the_list_of_devices_say_which_denoiser_is_used() {
    let place = Workplace::new(&BALLS.replace("\"Gamma\"", "\"Denoiser\""));
    let run = |args: &str, oidn: Option<&str>| {
        let mut command = place.command(args);
        // Otherwise as this test was started.
        oidn.map(|oidn| command.env("PLOTRT_OIDN", oidn));
        command.output().unwrap()
    };
    let render = "render script.rhai --size 16x12 --passes 4 --device cpu --log info --out a.png";
    let own = "denoiser: plotrt's own; Open Image Denoise is turned off by PLOTRT_OIDN=none";
    let output = run(render, Some("none"));
    assert!(output.status.success() && stderr(&output).contains(own), "{}", stderr(&output));
    let cpu = |output: &Output| stdout(output).lines().find(|line| line.starts_with("cpu ")).unwrap().to_string();
    assert!(cpu(&run("devices", Some("none"))).contains(own));
    let json = |oidn| -> serde_json::Value {
        let all: serde_json::Value = serde_json::from_str(&stdout(&run("devices --json", oidn))).unwrap();
        all["devices"].as_array().unwrap().last().unwrap()["denoiser"].clone()
    };
    let expected = serde_json::json!({
        "id": "builtin",
        "name": "plotrt's own",
        "passed_over": ["Open Image Denoise is turned off by PLOTRT_OIDN=none"],
    });
    assert_eq!(json(Some("none")), expected);

    match json(None)["id"].as_str() {
        Some("oidn") => {
            let says = "denoiser: Open Image Denoise 2.";
            assert!(cpu(&run("devices", None)).contains(says));
            assert!(stderr(&run(render, None)).contains(says));
        }
        found => {
            assert_eq!(found, Some("builtin"));
            eprintln!("skipped in part: Open Image Denoise cannot be found");
        }
    }
}

#[test]
fn commands_beside_rendering_print_what_they_promise() {
    let place = Workplace::new(BALLS);
    let devices: serde_json::Value = serde_json::from_str(&stdout(&place.run("devices --json"))).unwrap();
    let all = devices["devices"].as_array().unwrap();
    assert_eq!(all.last().unwrap()["id"], "cpu");
    assert!(stdout(&place.run("devices")).lines().any(|line| line.starts_with("cpu ")));
    if all.len() == 1 {
        assert_eq!(devices["missing"][0]["id"], "optix");
        assert!(stdout(&place.run("devices")).contains("not available: "));
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&place.run(&format!("completions {shell}"))).contains("skip-existing"), "{shell}");
    }
    for args in ["--help", "run --help", "render --help", "check --help", "api --help"] {
        let text = stdout(&place.run(args));
        assert!(text.contains("Examples:\n  plotrt "), "{args}: {text}");
    }
    assert!(stdout(&place.run("--version")).starts_with("plotrt "));
    assert_fails(&place.run("rendr script.rhai"), 2, &["render"]);
}

#[test]
fn check_reports_all_problems_at_once() {
    let place = Workplace::new(BALLS);
    let output = place.run("check script.rhai");
    assert!(output.status.success(), "{}", stderr(&output));
    let place =
        Workplace::new("fn init(rt) {\n    rt.set_dat(\"a\", #{});\n}\nfn compute(rt, delta) {\n    x += 1;\n}\n");
    assert_fails(&place.run("check script.rhai"), 1, &["script.rhai:2:", "script.rhai:5:"]);
    assert!(place.files().is_empty());
}

#[test]
fn api_shows_a_function_and_proposes_the_nearest_for_a_misspelt_one() {
    let place = Workplace::new(BALLS);
    let text = stdout(&place.run("api set_data"));
    assert!(text.contains("set_data") && text.contains("pos"), "{text}");
    assert!(stdout(&place.run("api")).contains("setup_camera"));
    assert_fails(&place.run("api set_dat"), 2, &["set_data"]);
    assert!(place.run("api --definitions defs").status.success());
    assert!(std::fs::read_dir(place.path("defs")).unwrap().count() > 0);
}

#[test]
fn api_looks_for_words_in_names_options_and_texts() {
    let place = Workplace::new(BALLS);
    let found = |word: &str| -> Vec<String> {
        let text = stdout(&place.run(&format!("api {word}")));
        text.lines().filter(|l| !l.is_empty()).map(|l| l.split_whitespace().next().unwrap().to_string()).collect()
    };
    let cameras = found("camera");
    assert!(cameras.iter().position(|n| n == "rt.setup_camera") < cameras.iter().position(|n| n == "rt.light_fit"));
    assert!(cameras.iter().all(|name| name.contains('.') || name.starts_with('`') || name.len() > 2), "{cameras:?}");
    // Both spellings, singular and plural find the same.
    let colours = found("colour");
    assert_eq!(colours, found("color"));
    assert_eq!(colours, found("colors"));
    for name in ["map_to_colors", "rt.set_data", "rt.setup_light"] {
        assert!(colours.iter().any(|n| n == name), "{colours:?}");
    }
    // A value of an option, and only words as wholes in texts.
    assert!(found("Pinhole").contains(&"rt.setup_camera".to_string()));
    assert!(!found("line").iter().any(|name| name == "linspace"));
    assert_fails(&place.run("api xyzzy"), 2, &["nothing is called `xyzzy`", "`plotrt api` lists all functions"]);
    // Names that are not available yet have the message of `check`.
    assert_fails(&place.run("api set_mesh"), 2, &["`set_mesh` is not available in this version"]);
    assert_fails(&place.run("api get_light_pos"), 2, &["hint: use `rt.get_light(name).pos`"]);
    assert!(stdout(&place.run("api python")).contains("np.sin"));
}

#[test]
fn pictures_that_cannot_be_saved_are_refused_before_they_are_traced() {
    // So many passes that tracing them would never end.
    let script = |save: &str| {
        format!(
            "fn init(rt) {{\n    rt.set_data(\"p\", #{{ pos: [[0, 0, 0]], r: 1 }});\n    {save}\n}}\n\
             fn update_image(rt) {{ }}\n"
        )
    };
    let render = "rt.render(#{ passes: 100000000, size: [800, 600] })";
    for (save, code, parts) in [
        (format!("{render}.save(\"a.bmp\");"), 1, &["`.bmp` is no image format", "known endings: .png"][..]),
        (format!("{render}.save(\"a\");"), 1, &["`a` has no ending"]),
        (format!("{render}.save(`a${{1}}.bmp`);"), 1, &["`.bmp` is no image format"]),
        (format!("let img = {render}; img.save(\"a.bmp\");"), 1, &["`.bmp` is no image format"]),
        (format!("let name = \"a.bmp\"; {render}.save(name);"), 1, &["`.bmp` is no image format"]),
        (format!("{render}.save(\"../a.png\");"), 1, &["outside of the folders", "--allow-write"]),
        (format!("{render}.save(\"\");"), 1, &["the file name is empty"]),
        (format!("{render}.save(\"a{{:04}}.png\");"), 1, &["only `--out` fills in", "a${rt.frame}.png"]),
        (format!("{render}.save(\"a%04d.png\");"), 1, &["only `--out` fills in", "a${rt.frame}.png"]),
        (format!("{render}.save(\"none/a.png\");"), 4, &["there is no folder", "mkdir -p"]),
        (format!("{render}.save(5);"), 1, &["`path` is 5, it wants a string"]),
    ] {
        let place = Workplace::new(&script(&save));
        let mut parts = parts.to_vec();
        parts.push("script.rhai:3:");
        assert_fails(&place.run("check script.rhai"), code, &parts);
        if !save.contains("save(5)") {
            assert_fails(&place.run("render script.rhai --device cpu"), code, &parts);
        }
        assert!(place.files().is_empty());
    }
    // Inside `try`, calls may fail.
    let place = Workplace::new(&script("try { rt.render(#{ passes: 1, size: [4, 4] }).save(\"a.bmp\"); } catch { }"));
    assert!(place.run("render script.rhai --device cpu").status.success());
}

#[test]
fn check_names_all_missing_values_at_once_and_the_same_one_three_times() {
    let repeated: String =
        (0..12).map(|i| format!("    rt.set_data(\"p{i}\", #{{ pos: [[0, 0, 0]], colour: 1 }});\n")).collect();
    let script = format!(
        "fn init(rt) {{
    rt.set_data(\"p\", #{{
        pos: [[0, 0, 0]],
        geom: \"Spheres\",
        r: \"big\",
    }});
    rt.setup_material(\"m\", #{{ shader: \"Difuse\" }});
    rt.add_postproc(\"Gama\");
    rt.set_float(\"tonemap_gama\", 2.2);
    rt.setup_camera(\"c\", #{{ fov: 200, cam_type: \"Pinhol\" }});
    let z = zeros(3, \"int\");
    rt.get_param(\"fps\");
{repeated}}}
"
    );
    let place = Workplace::new(&script);
    let output = place.run("check script.rhai");
    assert_fails(
        &output,
        1,
        &[
            "unknown `geom` `Spheres`",
            "`r` is \"big\", it wants a number",
            "unknown `shader` `Difuse`",
            "unknown `stage` `Gama`",
            "unknown variable `tonemap_gama`",
            "`fov` is 200",
            "unknown `cam_type` `Pinhol`",
            "unknown `dtype` `int`",
            "unknown parameter `fps`",
            "the same 9 more times, in lines 16, 17, 18",
        ],
    );
    let text = stderr(&output);
    assert_eq!(text.matches("unknown option `colour`").count(), 3, "{text}");
    assert_eq!(text.matches("unknown `geom`").count(), 1, "{text}");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let place = Workplace::new(BALLS);
    let mut child = place.command("api --markdown").stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_window_without_a_display_names_the_alternative() {
    let place = Workplace::new(BALLS);
    let output = place.command("run script.rhai").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output().unwrap();
    if cfg!(all(unix, not(target_os = "macos"))) {
        assert_fails(&output, 3, &["error: no window can be opened", "hint: ", "plotrt render"]);
    }
}

/// Starts a long animation and waits until two frames are safe.
fn start_long_render(place: &Workplace, out: &str) -> Child {
    let args = format!("render script.rhai --size 64x48 --device cpu --frames 0-100000 --out {out}");
    let mut child = place.command(&args).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    lines.find(|line| line.as_ref().unwrap().starts_with("frame 1 ")).expect("a second frame").unwrap();
    // Read on, so that the process never waits for its messages to be taken.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_in_order_and_leaves_no_partial_file() {
    for out in ["a.gif", "a{}.png"] {
        let place = Workplace::new(BALLS);
        let mut child = start_long_render(&place, out);
        signal(&child, "-INT");
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let files = place.files();
        if out == "a.gif" {
            assert_eq!(files, ["a.partial.gif"]);
            assert!(animation(&place.path("a.partial.gif")).len() >= 2);
        } else {
            assert!(files.len() >= 2);
            for file in files {
                assert!(file.starts_with('a') && image::open(place.path(&file)).is_ok(), "{file}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_killed_process_leaves_no_half_written_file_under_its_name() {
    let place = Workplace::new(BALLS);
    let mut child = start_long_render(&place, "a{}.png");
    signal(&child, "-KILL");
    child.wait().unwrap();
    let complete: Vec<_> = place.files().into_iter().filter(|file| !file.starts_with('.')).collect();
    assert!(complete.len() >= 2);
    for file in complete {
        assert!(image::open(place.path(&file)).is_ok(), "{file}");
    }

    let place = Workplace::new(BALLS);
    let mut child = start_long_render(&place, "a.webp");
    signal(&child, "-KILL");
    child.wait().unwrap();
    assert!(!place.path("a.webp").exists());

    // Its remains are hidden, and removed when the folder is next rendered into.
    let left: Vec<_> = place.files().into_iter().filter(|file| file.starts_with('.')).collect();
    assert!(!left.is_empty());
    for file in left {
        let file = std::fs::File::options().write(true).open(place.path(&file)).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    }
    place.render("--passes 1 --frames 0 --out b.png");
    assert_eq!(place.files(), ["b.png"]);
}

/// Runs the command in a shell that prepares its surroundings first.
#[cfg(unix)]
fn run_prepared(place: &Workplace, prepare: &str, args: &str) -> Output {
    let script = format!("{prepare} && exec \"$0\" {args}");
    Command::new("bash")
        .args(["-c", &script, env!("CARGO_BIN_EXE_plotrt")])
        .current_dir(&place.folder)
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn files_that_grow_too_large_are_an_error_that_leaves_nothing() {
    let place = Workplace::new(BALLS);
    // Blocks of 1024 bytes; the signal would end the process before it could report why.
    let output = run_prepared(
        &place,
        "trap '' XFSZ && ulimit -f 4",
        "render script.rhai --size 200x200 --device cpu --frames 0-3 --out {}.tif",
    );
    assert_fails(&output, 4, &["error: cannot write `0.tif`: the file is too large", "hint: "]);
    assert!(place.files().is_empty(), "{:?}", place.files());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_leaves_nothing() {
    let place = Workplace::new(BALLS);
    std::fs::create_dir(place.path("disk")).unwrap();
    let mount = "mount -t tmpfs -o size=64k tmpfs disk";
    let may_mount = Command::new("unshare").args(["-rm", "sh", "-c", mount]).current_dir(&place.folder).output();
    if !may_mount.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: a small disk cannot be mounted here");
        return;
    }
    let run = format!(
        "{mount} && \"$0\" render script.rhai --size 200x200 --device cpu --frames 0-3 --out disk/{{}}.tif; code=$?; ls -A disk; exit $code"
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &run, env!("CARGO_BIN_EXE_plotrt")])
        .current_dir(&place.folder)
        .output()
        .unwrap();
    assert_fails(&output, 4, &["error: cannot write `disk/0.tif`: the disk is full", "--skip-existing"]);
    assert_eq!(stdout(&output), "", "nothing is left on the disk");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_an_error_before_anything_is_traced() {
    let place = Workplace::new(BALLS);
    // Not even root can make files there.
    let output = place.run("render script.rhai --device cpu --frames 0-3 --out /sys/{}.png");
    assert_fails(&output, 4, &["error: cannot write `/sys/0.png`: ", "hint: choose another folder"]);
}

#[test]
fn check_tells_what_functions_over_elements_cost() {
    let place = Workplace::new(
        "fn init(rt) {
             let a = arange(30000).map(|x| x % 7);
             rt.set_data(\"balls\", #{ pos: [[0, 0, 0]], r: a.max() });
         }",
    );
    let output = place.run("check script.rhai");
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stderr(&output);
    assert!(text.contains("script.rhai:2: `map` calls a function for each of 30000 elements"), "{text}");
}

#[test]
fn arrays_are_kept_within_the_memory_that_is_given() {
    let place =
        Workplace::new("fn init(rt) { let a = zeros(1000000); rt.set_data(\"balls\", #{ pos: [[0, 0, 0]] }); }");
    assert!(place.run("check script.rhai").status.success());
    assert_fails(&place.run("check script.rhai --max-memory 1M"), 5, &["script.rhai:1:", "limit of 1.0 MiB"]);
    assert_fails(&place.run("check script.rhai --max-memory much"), 2, &["a size is a number of bytes"]);
}

#[test]
fn new_scripts_run_at_once_and_have_no_mistakes() {
    let place = Workplace::new("");
    for template in ["scatter", "animation", "surface", "batch"] {
        let output = place.run(&format!("new {template} --template {template}"));
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains(&format!("{template}.rhai")), "{}", stderr(&output));
        let output = place.run(&format!("check {template}.rhai --timeout 60"));
        assert!(output.status.success(), "{template}: {}", stderr(&output));
        assert!(!stderr(&output).contains("warning"), "{template}: {}", stderr(&output));
        let (what, picture) = match template {
            "batch" => ("--set passes=1 --set width=32", "spiral-2.png".to_string()),
            _ => ("--frames 0-1 --size 32x24 --passes 1", format!("{template}-0001.png")),
        };
        let output = place.run(&format!("render {template}.rhai --device cpu {what}"));
        assert!(output.status.success(), "{template}: {}", stderr(&output));
        let pixels = image::open(place.path(&picture)).unwrap().to_rgb8();
        assert!(pixels.pixels().any(|pixel| pixel.0.iter().any(|c| *c > 80)), "{template} shows something");
    }
    let output = place.run("new wave.rhai");
    assert!(place.path("wave.rhai").exists(), "{}", stderr(&output));
    assert!(stderr(&output).contains("plotrt run wave.rhai"), "{}", stderr(&output));
    assert_fails(&place.run("new wave"), 4, &["`wave.rhai` exists already"]);
    assert_fails(&place.run("new none/wave"), 4, &["none"]);
    assert_fails(&place.run("new .."), 2, &["is no name of a file"]);
}

#[test]
fn check_watches_the_script_and_its_modules() {
    let place = Workplace::new("import \"util\" as u;\nfn init(rt) { u::f(rt); }\n");
    std::fs::write(place.path("util.rhai"), "fn f(rt) { }\n").unwrap();
    let mut process = place.command("check script.rhai --watch").stderr(Stdio::piped()).spawn().unwrap();
    let (told, lines) = std::sync::mpsc::channel();
    let stderr = BufReader::new(process.stderr.take().unwrap());
    std::thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| told.send(line).is_ok()));
    // Nothing here depends on speed: this only ends a test that would wait for ever.
    let patience = std::time::Duration::from_secs(60);
    let until = |part: &str| {
        while !lines.recv_timeout(patience).unwrap_or_else(|e| panic!("no {part}: {e}")).contains(part) {}
    };
    until("no problems found");
    until("watching");
    std::fs::write(place.path("util.rhai"), "fn f(rt) { rt.nonsense(); }\n").unwrap();
    until("nonsense");
    until("watching");
    std::fs::write(place.path("script.rhai"), "fn init(rt) { }\n").unwrap();
    until("no problems found");
    let id = process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(process.wait().unwrap().code(), Some(130));
}

#[test]
fn the_script_of_the_readme_is_right_and_moves() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let script = readme.split("```js\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let place = Workplace::new(script);
    let checked = place.run("check script.rhai");
    assert!(checked.status.success(), "{}", stderr(&checked));
    place.render("--frames 0-1 --passes 1 --out {}.png");
    let [first, second] = ["0.png", "1.png"].map(|name| image::open(place.path(name)).unwrap().to_rgb8());
    assert!(first.pixels().any(|p| p.0.iter().any(|&c| c > 30)), "the image is black");
    assert_ne!(first, second, "nothing moves");
}

#[test]
fn warnings_are_shown_with_their_place_once_and_not_to_who_wants_quiet() {
    let place = Workplace::new(
        "fn init(rt) {\n    rt.set_data(\"b\", #{ pos: [[0, 0, 0]], r: 1, c: [255, 128, 0] });\n}\n\
         fn compute(rt, delta) {}\nfn update_data(rt) { rt.update_data(\"b\", #{ c: [255, 128, 0] }); }\n",
    );
    let expected = "warning: `c` goes up to 255, a surface reflects at most 1\n --> script.rhai:2:8\n";
    let told = stderr(&place.render("--frames 0-3 --out a{}.png"));
    assert!(told.contains(expected), "{told}");
    assert_eq!(told.matches("warning:").count(), 2, "one for each place: {told}");
    assert!(told.contains("hint: divide colours of bytes by 255"), "{told}");
    assert!(!stderr(&place.render("--out a.png --quiet")).contains("warning"));
    let checked = place.run("check script.rhai");
    assert!(checked.status.success() && stderr(&checked).contains(expected), "{}", stderr(&checked));
}
