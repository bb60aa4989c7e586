//! The real window, on a display that is started for the test (Xvfb), driven by keys and the mouse through `xdotool`.
//!
//! If the tools are missing, the tests print `SKIPPED`; with `PLOTRT_TEST_WINDOW=1` they fail instead.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A red wall that fills the image, and a counter that prints when it is called.
const SCRIPT: &str = r#"
let round = 0;

fn init(rt) {
    rt.resize(320, 240);
    rt.set_background([1, 0, 0]);
    rt.set_data("ball", #{ pos: [[0, 0, 0]], r: 0.1 });
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    rt.set_param(#{ min_accumulation_step: 1, max_accumulation_frames: 8 });
}

fn compute(rt, delta) {
    round += 1;
    if round == 3 { print("third round"); }
}
"#;

const RED: [u8; 3] = [255, 0, 0];

/// No assertion depends on speed: this only ends a test that would wait forever.
const PATIENCE: Duration = Duration::from_secs(60);

/// A display for one test, which ends with it.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts a display; `None` if the tools are missing and need not be there.
    fn start() -> Option<Display> {
        for tool in ["Xvfb", "xdotool", "import"] {
            let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).stdout(Stdio::null()).status();
            if !found.is_ok_and(|status| status.success()) {
                assert!(std::env::var_os("PLOTRT_TEST_WINDOW").is_none(), "{tool} is missing");
                println!("SKIPPED: {tool} is missing; with PLOTRT_TEST_WINDOW=1 this is a failure");
                return None;
            }
        }
        // The server chooses a free display number and prints it when it is ready.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1000x800x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "the display does not start");
        Some(Display { server, name: format!(":{}", number.trim()) })
    }

    fn xdotool(&self, args: &str) -> String {
        let output =
            Command::new("xdotool").args(args.split(' ')).env("DISPLAY", &self.name).output().expect("xdotool runs");
        String::from_utf8_lossy(&output.stdout).trim().to_string()
    }

    /// An image of the screen.
    fn screenshot(&self) -> image::RgbImage {
        let output = Command::new("import").args(["-window", "root", "png:-"]).env("DISPLAY", &self.name).output();
        image::load_from_memory(&output.unwrap().stdout).unwrap().to_rgb8()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A running `plotrt run` with its window.
struct Session {
    display: Display,
    folder: tempfile::TempDir,
    process: Child,
    window: String,
    said: Arc<Mutex<String>>,
}

impl Session {
    fn start(script: &str) -> Option<Session> {
        Session::with(script, &[])
    }

    fn with(script: &str, args: &[&str]) -> Option<Session> {
        let display = Display::start()?;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("wall.rhai"), script).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_plotrt"))
            .args(["run", "wall.rhai", "--device", "cpu"])
            .args(args)
            .current_dir(&folder)
            .env("DISPLAY", &display.name)
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::from(std::fs::File::create(folder.path().join("stdout")).unwrap()))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (mut stderr, heard) = (process.stderr.take().unwrap(), said.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = stderr.read(&mut buffer) {
                heard.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        let mut session = Session { display, folder, process, window: String::new(), said };
        session.wait_for("a window", |session| {
            session.window = session.display.xdotool("search --name wall.rhai").lines().last().unwrap_or("").into();
            !session.window.is_empty()
        });
        // There is no window manager that places the window or gives it the focus.
        session.act("windowmove {} 0 0");
        session.act("windowfocus --sync {}");
        Some(session)
    }

    /// Performs an action of `xdotool` on the window.
    fn act(&self, action: &str) -> String {
        self.display.xdotool(&action.replace("{}", &self.window))
    }

    fn title(&self) -> String {
        self.act("getwindowname {}")
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    fn wait_for(&mut self, what: &str, mut happened: impl FnMut(&mut Session) -> bool) {
        let started = Instant::now();
        while !happened(self) {
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("waiting for {what}: plotrt ended ({status}): {}", self.said());
            }
            assert!(started.elapsed() < PATIENCE, "waiting for {what}; title: {}; said: {}", self.title(), self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn wait_for_pixel(&mut self, x: u32, y: u32, color: [u8; 3]) {
        self.wait_for("the image", |session| session.display.screenshot().get_pixel(x, y).0 == color);
    }

    fn wait_for_title(&mut self, part: &str) {
        self.wait_for(part, |session| session.title().contains(part));
    }

    /// Replaces the script file.
    fn edit(&self, script: &str) {
        std::fs::write(self.folder.path().join("wall.rhai"), script).unwrap();
    }

    /// The printed results on standard output.
    fn printed(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stdout")).unwrap()
    }

    /// Presses a button at the first position, moves to the others, and releases it.
    fn drag(&self, button: u32, places: &[(u32, u32)]) {
        let go = |(x, y): (u32, u32)| drop(self.act(&format!("mousemove --window {{}} {x} {y}")));
        go(places[0]);
        std::thread::sleep(Duration::from_millis(60));
        self.act(&format!("mousedown {button}"));
        std::thread::sleep(Duration::from_millis(60));
        for place in places {
            go(*place);
            std::thread::sleep(Duration::from_millis(40));
        }
        self.act(&format!("mouseup {button}"));
    }

    fn click(&self, at: (u32, u32), times: u32) {
        self.act(&format!("mousemove --window {{}} {} {}", at.0, at.1));
        for _ in 0..times {
            // A click shorter than the time between two polls of the mouse would be lost.
            self.act("mousedown 1");
            std::thread::sleep(Duration::from_millis(60));
            self.act("mouseup 1");
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    /// The camera call that C prints, once it differs from `before`.
    fn camera(&mut self, before: &str) -> String {
        let mut last = String::new();
        self.wait_for("another camera", |session| {
            session.act("key c");
            std::thread::sleep(Duration::from_millis(100));
            last = session.printed().lines().last().unwrap_or_default().to_string();
            !last.is_empty() && last != before
        });
        last
    }

    /// The exit status of the process.
    fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "plotrt does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// CPU time of the process so far, in clock ticks.
    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // The name, in parentheses, may contain spaces; user and system time are fields 14 and 15.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn images(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".png")).collect();
    names.sort();
    names
}

#[test]
fn shows_the_image_pauses_saves_and_closes() {
    let Some(mut session) = Session::start(SCRIPT) else { return };
    session.wait_for_pixel(20, 20, RED);
    session.wait_for_title("running");
    assert!(session.title().contains("ms per pass"), "{}", session.title());

    session.act("key space");
    session.wait_for_title("paused, complete");
    assert!(session.title().contains(" 8 passes"), "the image continues to refine: {}", session.title());
    // Paused and complete: only the window's own polling remains.
    let before = session.ticks();
    std::thread::sleep(Duration::from_secs(2));
    let used = session.ticks() - before;
    assert!(used <= 20, "an idle window used {used} of 200 ticks");

    session.act("key s");
    session.act("key s");
    session.wait_for("two images", |session| session.said().matches("saved wall-").count() == 2);
    assert_eq!(images(session.folder.path()), ["wall-0001.png", "wall-0002.png"]);
    let saved = image::open(session.folder.path().join("wall-0001.png")).unwrap().to_rgb8();
    assert_eq!((saved.dimensions(), saved.get_pixel(20, 20).0), ((320, 240), RED));

    session.act("key space");
    session.wait_for_title("running");
    session.act("key Escape");
    assert_eq!(session.ended().code(), Some(0), "{}", session.said());
}

#[test]
fn traces_in_the_new_size_after_a_resize() {
    let Some(mut session) = Session::start(SCRIPT) else { return };
    session.wait_for_pixel(20, 20, RED);
    session.act("windowsize {} 600 300");
    // The image is stretched at once, with borders, and then traced again to fill the window.
    session.wait_for_pixel(590, 10, RED);
    session.act("key s");
    session.wait_for("a image", |session| session.said().contains("saved wall-0001.png"));
    let saved = image::open(session.folder.path().join("wall-0001.png")).unwrap();
    assert_eq!((saved.width(), saved.height()), (600, 300));
    // The close button, as a window manager sends it.
    session.act("windowclose {}");
    session.ended();
}

#[test]
fn the_close_button_and_ctrl_c_end_the_program() {
    let Some(mut session) = Session::start(SCRIPT) else { return };
    session.wait_for_title("running");
    let id = session.process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(session.ended().code(), Some(130), "{}", session.said());
}

#[test]
fn a_failing_callback_shows_its_message_and_keeps_the_image() {
    let script = SCRIPT.replace("round += 1;", "round += 1; if rt.frame == 2 { rt.update_data(\"bal\", #{ r: 1 }); }");
    let Some(mut session) = Session::start(&script) else { return };
    session.wait_for_title("paused");
    session.wait_for("a message", |session| session.said().contains("wall.rhai:13:"));
    let said = session.said();
    assert!(said.contains("error: ") && said.contains("ball"), "{said}");
    // The image is still there, and the panel of the message covers its lower part.
    session.wait_for_pixel(20, 20, RED);
    session.wait_for("the panel", |session| {
        let [red, green, blue] = session.display.screenshot().get_pixel(4, 236).0;
        red < 100 && green == 0 && blue == 0
    });
    // The message is not repeated while the animation is paused.
    assert_eq!(said.matches("wall.rhai:13:").count(), 1, "{said}");
    // Resuming removes the message.
    session.act("key space");
    session.wait_for("the third round", |session| session.said().contains("third round"));
    session.wait_for_pixel(4, 236, RED);
    session.act("key Escape");
    assert_eq!(session.ended().code(), Some(0));
}

#[test]
fn a_script_that_fails_at_the_start_ends_the_program_with_its_error() {
    let Some(display) = Display::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.rhai"), "fn init(rt) { rt.nonsense(); }").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_plotrt"))
        .args(["run", "bad.rhai"])
        .current_dir(&folder)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("bad.rhai:1:"));
}

#[test]
fn a_display_that_does_not_answer_is_an_error_that_names_render() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wall.rhai"), SCRIPT).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_plotrt"))
        .args(["run", "wall.rhai", "--device", "cpu"])
        .current_dir(&folder)
        .env("DISPLAY", ":54321")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("XDG_RUNTIME_DIR")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("no window can be opened") && said.contains("plotrt render"), "{said}");
}

/// A white ball that does not move, on black, and a counter that the rounds print.
const BALL: &str = r#"
let speed = param("speed", 1.0, #{ min: 0.0, max: 10.0 });
let size = param("size", 1.0, #{ min: 0.5, max: 2.0, step: 0.5, doc: "radius of the ball" });
let round = 0;
let way = 0.0;

fn init(rt) {
    rt.resize(320, 240);
    rt.set_background(0);
    rt.set_ambient(1);
    rt.set_data("ball", #{ pos: [[0, 0, 0]], r: size, c: 1.0 });
    rt.setup_camera("cam", #{ eye: [0, 0, 10], target: [0, 0, 0], fov: 35 });
    rt.set_param(#{ min_accumulation_step: 1, max_accumulation_frames: 4 });
    print("set up");
}

fn compute(rt, delta) {
    round += 1;
    way += speed;
    if round % 10 == 0 { print(`round ${round} of old, speed ${speed}`); }
}
"#;

const BLACK: [u8; 3] = [0, 0, 0];

/// The largest number after `word` in the session's output.
fn last_number(said: &str, word: &str) -> u64 {
    let numbers = said.split(word).skip(1).filter_map(|rest| rest.split_whitespace().next()?.parse().ok());
    numbers.max().unwrap_or(0)
}

#[test]
fn a_saved_script_takes_over_and_only_a_new_setup_begins_anew() {
    let Some(mut session) = Session::with(BALL, &["--log", "info"]) else { return };
    session.wait_for("rounds", |session| session.said().contains("round 20 of old"));
    // An edited function: the counter continues, and the setup does not run again.
    session.edit(&BALL.replace("of old", "of new"));
    session.wait_for("the new function", |session| session.said().contains("of new"));
    assert!(last_number(&session.said(), "round ") > 20);
    assert_eq!(session.said().matches("set up").count(), 1, "{}", session.said());

    // A half-written script: the message with its line is shown, and the last good script continues.
    session.edit("fn init(rt) { rt.resize(");
    session.wait_for("the error", |session| session.said().contains("wall.rhai:1:"));
    session.wait_for("the panel", |session| {
        let [red, green, _] = session.display.screenshot().get_pixel(4, 236).0;
        red < 60 && green < 60 && session.title().contains("running")
    });
    let before = last_number(&session.said(), "round ");
    session.wait_for("more rounds", |session| last_number(&session.said(), "round ") > before + 20);

    // A camera moved with the mouse is kept, though the script sets up everything again, with another ball.
    let scripts = session.camera("");
    session.drag(1, &[(160, 10), (200, 10), (230, 20)]);
    let moved = session.camera(&scripts);
    session.edit(&BALL.replace("r: size", "r: 0.01 * size").replace("of old", "of third"));
    session.wait_for("the new setup", |session| session.said().matches("set up").count() == 2);
    session.wait_for_pixel(160, 110, BLACK);
    session.wait_for("the counter from the beginning", |session| session.said().contains("round 10 of third"));
    assert_eq!(session.camera(""), moved);
    session.act("key b");
    assert_eq!(session.camera(&moved), scripts);
    session.act("key Escape");
    assert_eq!(session.ended().code(), Some(0), "{}", session.said());
}

#[test]
fn the_mouse_moves_the_camera_points_selects_and_moves() {
    let Some(mut session) = Session::start(&BALL.replace("round += 1;", "")) else { return };
    session.wait_for("the ball", |session| session.display.screenshot().get_pixel(160, 120).0[0] > 200);
    let mut camera = session.camera("");
    assert!(camera.contains("eye: [0, 0, 10]"), "{camera}");
    // Wheel, pan, arrows, an axis, fitting, rolling: each moves the camera. The panels are further down.
    session.act("mousemove --window {} 160 10");
    for action in ["click 4", "pan", "key Left", "key z", "key f", "key bracketleft"] {
        if action == "pan" {
            session.drag(2, &[(160, 10), (180, 10)]);
        } else {
            session.act(action);
        }
        camera = session.camera(&camera);
    }
    session.act("key b");
    let scripts = session.camera(&camera);
    assert!(scripts.contains("eye: [0, 0, 10]"), "{scripts}");

    // A click inspects an object, a double click selects it, and dragging moves it away.
    let panel = |session: &Session| {
        session.display.screenshot().get_pixel(318, 238).0 == BLACK
            && session.display.screenshot().pixels().any(|pixel| pixel.0 == [255, 255, 255])
    };
    session.click((160, 110), 1);
    session.wait_for("the panel", |session| panel(session));
    session.click((160, 120), 2);
    std::thread::sleep(Duration::from_millis(300));
    session.act("keydown shift");
    session.drag(1, &[(160, 100), (220, 60), (280, 20)]);
    session.act("keyup shift");
    let call = session.camera(&scripts);
    assert!(call.starts_with("rt.move_geometry(\"ball\", [") || call.starts_with("rt.move"), "{call}");
    session.act("key Escape");
    session.wait_for("the ball elsewhere", |session| session.display.screenshot().get_pixel(160, 120).0 == BLACK);
    session.act("key Escape");
    assert_eq!(session.ended().code(), Some(0), "{}", session.said());
}

#[test]
fn sliders_change_parameters_while_the_animation_runs_and_save_them() {
    let Some(mut session) = Session::with(BALL, &["--set", "speed=2"]) else { return };
    session.wait_for("rounds", |session| session.said().contains("speed 2"));
    session.act("key p");
    session.act("key Right");
    session.wait_for("the new speed", |session| session.said().contains("speed 2.1"));
    assert_eq!(session.said().matches("set up").count(), 1, "only the rounds read it");
    session.act("key Down");
    session.act("key Right");
    session.wait_for("a new setup", |session| session.said().matches("set up").count() == 2);
    session.act("key s");
    session.wait_for("the file", |session| session.folder.path().join("wall.params.json").exists());
    let saved = std::fs::read_to_string(session.folder.path().join("wall.params.json")).unwrap();
    assert!(saved.contains("\"speed\": 2.1") && saved.contains("\"size\": 1.5"), "{saved}");
    session.act("key Escape");
    session.act("key Escape");
    assert_eq!(session.ended().code(), Some(0), "{}", session.said());

    let folder = session.folder.path();
    let output = Command::new(env!("CARGO_BIN_EXE_plotrt"))
        .args([
            "render",
            "wall.rhai",
            "--device",
            "null",
            "--frames",
            "20",
            "--params",
            "wall.params.json",
            "--log",
            "info",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).to_string();
    assert!(output.status.success() && said.contains("speed 2.1"), "{said}");
}

#[test]
fn the_script_is_saved_while_the_mouse_drags_and_the_window_closed_while_a_callback_runs() {
    let Some(mut session) = Session::start(BALL) else { return };
    session.wait_for("rounds", |session| session.said().contains("round 10 of old"));
    session.act("mousemove --window {} 160 120");
    session.act("mousedown 1");
    for step in 0..20u32 {
        session.act(&format!("mousemove --window {{}} {} 130", 100 + 6 * step));
        session.edit(&BALL.replace("of old", &format!("of edit{step}")));
    }
    session.act("mouseup 1");
    session.wait_for("the last text", |session| session.said().contains("of edit19"));
    assert_eq!(session.said().matches("set up").count(), 1, "{}", session.said());
    // A callback that does not end.
    session.edit(&BALL.replace("way += speed;", "print(\"stuck\"); while true { way += 1.0; }"));
    session.wait_for("the endless callback", |session| session.said().contains("stuck"));
    let begin = Instant::now();
    session.act("key Escape");
    assert_eq!(session.ended().code(), Some(0), "{}", session.said());
    assert!(begin.elapsed() < PATIENCE / 2);
}

#[test]
fn images_of_another_size_are_traced_and_saved_and_the_panels_open() {
    let args = ["--still", "64x48", "--still-passes", "20", "--stats", "rounds.jsonl", "--aspect", "keep"];
    let Some(mut session) = Session::with(SCRIPT, &args) else { return };
    session.wait_for_pixel(20, 20, RED);
    session.act("key shift+s");
    session.wait_for("the image", |session| session.said().contains("saved wall-0001.png"));
    let saved = image::open(session.folder.path().join("wall-0001.png")).unwrap();
    assert_eq!((saved.width(), saved.height()), (64, 48));
    // The image keeps its aspect ratio, so a wide window has borders.
    session.act("windowsize {} 640 240");
    session.wait_for("borders", |session| session.display.screenshot().get_pixel(20, 120).0 == [32, 32, 32]);
    session.wait_for_pixel(320, 220, RED);
    // Help, statistics, channels: each changes what the window shows.
    session.act("key h");
    session.wait_for("the help", |session| session.display.screenshot().get_pixel(2, 2).0 != [32, 32, 32]);
    session.act("key Escape");
    session.act("key v");
    session.wait_for_pixel(320, 40, BLACK);
    session.act("key shift+v");
    session.wait_for_pixel(320, 220, RED);
    session.act("key Escape");
    assert_eq!(session.ended().code(), Some(0), "{}", session.said());
    let rounds = std::fs::read_to_string(session.folder.path().join("rounds.jsonl")).unwrap();
    assert!(rounds.lines().count() > 3, "{rounds}");
    assert!(rounds.lines().all(|line| line.starts_with("{\"round\":") && line.contains("\"spans\":[{")), "{rounds}");
}

#[test]
fn a_program_shows_images_in_a_window_of_its_own() {
    let Some(display) = Display::start() else { return };
    let program = Path::new(env!("CARGO_BIN_EXE_plotrt")).with_file_name("examples").join("window");
    assert!(program.exists(), "{} is missing: run `cargo build --examples` first", program.display());
    let output =
        Command::new(program).arg("3").env("DISPLAY", &display.name).env_remove("WAYLAND_DISPLAY").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "3 images, 6 passes of the last\n");
}
