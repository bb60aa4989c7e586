//! The viewer on a screen without a display: a test gives the input, and reads what is shown.

use plotrt::device::Device;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::null::{NullCall, NullDevice};
use plotrt::engine::{Engine, EngineConfig, Mode};
use plotrt::frame::Frame;
use plotrt::output::{
    Aspect, Button, Gesture, Input, Key, Modifiers, MouseState, Panel, PanelId, PixelScreen, PixelWindow, Row, Screen,
    Stroke, WindowState, WindowStyle,
};
use plotrt::script::{Script, ScriptOptions};
use plotrt::viewer::{Terminal, Viewer, ViewerOptions};
use plotrt::{Error, Result};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A white ball on black, before a camera at z = 10, and a counter that `compute` prints.
const BALL: &str = r#"
let speed = param("speed", 1.0, #{ min: 0.0, max: 10.0 });
let way = 0.0;

fn init(rt) {
    rt.resize(32, 24);
    rt.set_background(0);
    rt.set_ambient(1);
    rt.set_data("ball", #{ pos: [[0, 0, 0]], r: 1, c: 1.0 });
    rt.setup_camera("cam", #{ eye: [0, 0, 10], target: [0, 0, 0], fov: 35 });
    rt.set_param(#{ min_accumulation_step: 1, max_accumulation_frames: 4 });
}

fn compute(rt, delta) {
    way += speed;
}
"#;

/// No assertion depends on speed: this only ends a test that would wait forever.
const PATIENCE: Duration = Duration::from_secs(60);

const NONE: Modifiers = Modifiers { shift: false, ctrl: false, alt: false };
const SHIFT: Modifiers = Modifiers { shift: true, ctrl: false, alt: false };

/// What the screen shows, what the terminal has, and the input that the viewer has not read yet.
#[derive(Default)]
struct Record {
    /// Title and size of the image with which the screen was opened.
    opened: Option<(String, (u32, u32))>,
    title: String,
    image: Option<Arc<Frame>>,
    panels: Vec<Panel>,
    mirrored: (bool, bool),
    inputs: Vec<Input>,
    /// Times that the viewer has read all input and updated the screen.
    polls: u64,
    terminal: Vec<String>,
}

impl Record {
    fn panel(&self, id: PanelId) -> Option<String> {
        let text = |row: &Row| match row {
            Row::Text { text, .. } | Row::Slider { text, .. } => text.clone(),
            Row::Bar { label, .. } => label.clone(),
        };
        let panel = self.panels.iter().find(|panel| panel.id == id)?;
        Some(panel.rows.iter().map(text).collect::<Vec<_>>().join("\n"))
    }

    /// The red value in the middle of the image.
    fn middle(&self) -> Option<u8> {
        let image = self.image.as_ref()?;
        let at = image.height / 2 * image.width + image.width / 2;
        Some(image.rgba8[4 * at as usize])
    }

    fn size(&self) -> Option<(u32, u32)> {
        self.image.as_ref().map(|image| (image.width, image.height))
    }

    fn printed(&self, part: &str) -> usize {
        self.terminal.iter().filter(|line| line.contains(part)).count()
    }
}

/// The record, shared by the viewer's thread and the test's.
#[derive(Clone, Default)]
struct SharedRecord(Arc<(Mutex<Record>, Condvar)>);

impl SharedRecord {
    fn change(&self) -> MutexGuard<'_, Record> {
        self.0.1.notify_all();
        // A failed test still closes the screen.
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Headless(SharedRecord);

impl Headless {
    fn open(record: SharedRecord, name: &str, size: (u32, u32)) -> Result<Box<dyn Screen>> {
        record.change().opened = Some((name.into(), size));
        Ok(Box::new(Headless(record)))
    }
}

impl Screen for Headless {
    fn show(&mut self, frame: Arc<Frame>) {
        self.0.change().image = Some(frame);
    }
    fn set_title(&mut self, title: &str) {
        self.0.change().title = title.into();
    }
    fn set_panels(&mut self, panels: Vec<Panel>) {
        self.0.change().panels = panels;
    }
    fn mirror(&mut self, mirrored: (bool, bool)) {
        self.0.change().mirrored = mirrored;
    }
    fn text_size(&self) -> (usize, usize) {
        (80, 30)
    }
    fn poll(&mut self) -> Vec<Input> {
        let mut record = self.0.change();
        record.polls += 1;
        std::mem::take(&mut record.inputs)
    }
}

impl Terminal for SharedRecord {
    fn note(&self, text: &str) {
        self.change().terminal.push(format!("note: {text}"));
    }
    fn error(&self, error: &Error) {
        self.change().terminal.push(format!("error: {error}"));
    }
    fn warning(&self, warning: &Error) {
        self.change().terminal.push(format!("warning: {warning}"));
    }
    fn result(&self, text: &str) {
        self.change().terminal.push(format!("result: {text}"));
    }
}

/// A viewer that runs on a thread.
struct Session {
    record: SharedRecord,
    folder: tempfile::TempDir,
    viewer: Option<JoinHandle<Result<()>>>,
}

impl Session {
    /// Shows this script on the null device, which traces nothing.
    fn start(script: &str) -> Session {
        Session::with(script, Box::new(NullDevice::new()))
    }

    fn with(script: &str, device: Box<dyn Device>) -> Session {
        Session::on(script, device, 3, Headless::open)
    }

    fn on(
        script: &str,
        device: Box<dyn Device>,
        still_passes: u32,
        open: impl FnOnce(SharedRecord, &str, (u32, u32)) -> Result<Box<dyn Screen>> + Send + 'static,
    ) -> Session {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_path_buf();
        std::fs::write(path.join("a.rhai"), script).unwrap();
        let script = Script::load(&path.join("a.rhai"), ScriptOptions::default()).unwrap();
        let engine = Engine::start(script.clone(), device, EngineConfig::new(Mode::Interactive)).unwrap();
        let record = SharedRecord::default();
        let (terminal, screen) = (record.clone(), record.clone());
        let viewer = std::thread::spawn(move || {
            let rounds = std::fs::File::create(path.join("rounds.jsonl")).unwrap();
            let options = ViewerOptions {
                name: "a.rhai".into(),
                size: None,
                folder: path.clone(),
                stem: "a".into(),
                still: Some((8, 6)),
                still_passes,
                params_file: path.join("a.params.json"),
                call_file: path.join("a.camera.rhai"),
                stats: Some((Box::new(rounds), "rounds.jsonl".into())),
                device: "a device".into(),
            };
            let open = move |name: &str, size| open(screen, name, size);
            Viewer::new(engine, script, options, Box::new(open), &terminal).run()
        });
        Session { record, folder, viewer: Some(viewer) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until the record is in this state.
    fn wait_for(&self, what: &str, mut is_so: impl FnMut(&Record) -> bool) {
        let (record, changed) = &*self.record.0;
        let is_other = |record: &mut Record| !is_so(record);
        let record = record.lock().unwrap_or_else(PoisonError::into_inner);
        let (record, waited) =
            changed.wait_timeout_while(record, PATIENCE, is_other).unwrap_or_else(PoisonError::into_inner);
        assert!(
            !waited.timed_out(),
            "no {what}; title: {}; panels: {:?}; terminal: {:#?}",
            record.title,
            record.panels,
            record.terminal
        );
    }

    fn wait_for_title(&self, part: &str) {
        self.wait_for(part, |record| record.title.contains(part));
    }

    fn wait_for_panel(&self, id: PanelId, part: &str) {
        self.wait_for(part, |record| record.panel(id).is_some_and(|text| text.contains(part)));
    }

    /// Gives this input, and waits until the viewer has handled it.
    fn input(&self, inputs: impl IntoIterator<Item = Input>) {
        let polls = {
            let mut record = self.record.change();
            record.inputs.extend(inputs);
            record.polls
        };
        self.wait_for("poll", |record| record.polls >= polls + 2);
    }

    fn key(&self, key: Key, modifiers: Modifiers) {
        self.input([Input::Key(Stroke { key, modifiers })]);
    }

    /// Gives gestures on the image, which has 320x240 pixels on the screen.
    fn gestures(&self, gestures: impl IntoIterator<Item = Gesture>) {
        self.input(gestures.into_iter().map(|gesture| Input::Image { gesture, area: (320.0, 240.0) }));
    }

    fn drag(&self, button: Button, from: (f32, f32), to: (f32, f32), modifiers: Modifiers) {
        self.gestures([
            Gesture::Press { button, at: from, modifiers },
            Gesture::Drag { button, from, to, modifiers },
            Gesture::Release { button, at: to, clicks: 0, modifiers },
        ]);
    }

    fn click(&self, at: (f32, f32), clicks: u32) {
        self.gestures([Gesture::Release { button: Button::Left, at, clicks, modifiers: NONE }]);
    }

    /// The call that C prints.
    fn call(&self) -> String {
        self.key(Key::C, NONE);
        self.record.change().terminal.last().unwrap().clone()
    }

    /// Closes the screen with Escape, and returns the outcome of the run.
    fn close(mut self) {
        self.record.change().inputs.push(Input::Key(Stroke { key: Key::Escape, modifiers: NONE }));
        self.outcome().unwrap();
    }

    fn outcome(&mut self) -> Result<()> {
        self.viewer.take().unwrap().join().unwrap()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A failed test: the viewer still runs.
        self.record.change().inputs.push(Input::Close);
        if let Some(viewer) = self.viewer.take() {
            let _ = viewer.join();
        }
    }
}

fn cpu() -> Box<dyn Device> {
    Box::new(CpuDevice::new(1).unwrap())
}

#[test]
fn the_screen_opens_with_the_first_image_and_its_title_shows_the_state() {
    let session = Session::start(BALL);
    session.wait_for_title("ms per pass, running");
    assert_eq!(session.record.change().opened, Some(("a.rhai".into(), (32, 24))));
    assert!(session.record.change().title.starts_with("a.rhai - "));
    session.key(Key::Space, NONE);
    session.wait_for_title("4 passes, ");
    session.wait_for_title("paused, complete");
    session.key(Key::Space, NONE);
    session.wait_for_title("running");
    session.key(Key::N, NONE);
    session.wait_for_title("paused");
    let rounds = std::fs::read_to_string(session.path("rounds.jsonl")).unwrap();
    assert!(rounds.lines().count() > 2 && rounds.lines().all(|line| line.starts_with("{\"round\":")), "{rounds}");
    session.close();
}

#[test]
fn a_slow_start_opens_the_screen_without_an_image() {
    let (go, wait) = crossbeam_channel::bounded::<()>(0);
    let device = NullDevice::new().with_hook(move |call| {
        if let NullCall::Trace { .. } = call {
            let _ = wait.recv();
        }
        Ok(())
    });
    let session = Session::with(BALL, Box::new(device));
    session.wait_for_panel(PanelId::Note, "starting...");
    assert_eq!(session.record.change().opened, Some(("a.rhai".into(), (800, 600))));
    assert!(session.record.change().image.is_none());
    drop(go);
    session.wait_for("the image", |record| record.size() == Some((32, 24)));
    session.close();
}

#[test]
fn a_screen_that_cannot_be_opened_ends_the_run_with_its_error() {
    let mut session = Session::on(BALL, Box::new(NullDevice::new()), 3, |_, _, _| Err(Error::device("no screen")));
    assert_eq!(session.outcome().unwrap_err().message, "no screen");
}

#[test]
fn drags_the_wheel_and_keys_move_the_camera_until_it_is_given_back() {
    let session = Session::start(BALL);
    session.wait_for_title("running");
    let scripts = session.call();
    assert!(
        scripts.starts_with("result: rt.update_camera(\"cam\", ") && scripts.contains("eye: [0, 0, 10]"),
        "{scripts}"
    );
    session.drag(Button::Left, (100.0, 100.0), (140.0, 90.0), NONE);
    session.wait_for_title("camera moved");
    let mut calls = vec![scripts.clone(), session.call()];
    session.drag(Button::Middle, (100.0, 100.0), (140.0, 90.0), NONE);
    calls.push(session.call());
    session.gestures([Gesture::Wheel { notches: 1.0, at: (20.0, 20.0), modifiers: NONE }]);
    calls.push(session.call());
    for key in [Key::Left, Key::Up, Key::PageUp, Key::RightBracket, Key::X, Key::Y, Key::F] {
        session.key(key, NONE);
        calls.push(session.call());
    }
    for (i, call) in calls.iter().enumerate() {
        assert!(!calls[..i].contains(call), "{call}");
    }
    session.key(Key::C, SHIFT);
    let saved = std::fs::read_to_string(session.path("a.camera.rhai")).unwrap();
    assert_eq!(format!("result: {saved}"), format!("{}\n", calls.last().unwrap()));
    session.key(Key::B, NONE);
    assert_eq!(session.call(), scripts);
    session.wait_for("the script's camera", |record| !record.title.contains("camera moved"));
    session.close();
}

#[test]
fn the_pointer_inspects_selects_and_moves_objects() {
    let session = Session::with(BALL, cpu());
    session.wait_for("the ball", |record| record.middle() > Some(200));
    session.click((160.0, 120.0), 1);
    session.wait_for_panel(PanelId::Selection, "ball[0]  ParticleSet");
    session.click((160.0, 120.0), 2);
    session.wait_for_panel(PanelId::Selection, "selected: plot `ball`");
    session.drag(Button::Left, (160.0, 120.0), (280.0, 20.0), SHIFT);
    session.wait_for("the ball elsewhere", |record| record.middle() == Some(0));
    let call = session.call();
    assert!(call.starts_with("result: rt.move_geometry(\"ball\", ["), "{call}");
    // Escape first deselects, then closes the screen.
    session.key(Key::Escape, NONE);
    session.wait_for("the deselection", |record| record.panel(PanelId::Selection).is_none());
    session.close();
}

#[test]
fn channels_are_shown_one_after_the_other() {
    let session = Session::with(BALL, cpu());
    session.wait_for("the ball", |record| record.middle() > Some(200));
    session.key(Key::Space, NONE);
    // The normal in the middle points to the viewer; ids have colours, and depth and albedo are bright.
    let is_bluish = |record: &Record| {
        let Some(image) = &record.image else { return false };
        let at = 4 * (image.height / 2 * image.width + image.width / 2) as usize;
        image.rgba8[at + 2] > 200 && image.rgba8[at] < 200
    };
    for (name, is_shown) in [
        ("albedo", (&|record: &Record| record.middle() > Some(200)) as &dyn Fn(&Record) -> bool),
        ("normal", &is_bluish),
        ("depth", &|record| record.middle() > Some(200) && !is_bluish(record)),
        ("ids", &|record| record.image.as_ref().is_some_and(|image| image.passes == 0) && record.middle() > Some(0)),
    ] {
        session.key(Key::V, NONE);
        session.wait_for_panel(PanelId::Note, name);
        session.wait_for(name, is_shown);
    }
    for name in ["depth", "normal", "albedo", "image"] {
        session.key(Key::V, SHIFT);
        session.wait_for_panel(PanelId::Note, name);
    }
    session.wait_for("the image", |record| record.image.as_ref().is_some_and(|image| image.passes == 4));
    session.close();
}

#[test]
fn display_keys_change_exposure_denoiser_and_mirroring() {
    let session = Session::start(BALL);
    session.wait_for_title("running");
    for (key, note) in [
        (Key::Equal, "exposure x 1.26"),
        (Key::NumPadPlus, "exposure x 1.59"),
        (Key::Minus, "exposure x 1.26"),
        (Key::Key0, "exposure x 1.00"),
        (Key::D, "denoiser on"),
        (Key::D, "denoiser off"),
        (Key::D, "denoiser as in the script"),
    ] {
        session.key(key, NONE);
        session.wait_for_panel(PanelId::Note, note);
    }
    for (key, expected) in [(Key::F6, (true, false)), (Key::F7, (true, true)), (Key::F5, (false, false))] {
        session.key(key, NONE);
        assert_eq!(session.record.change().mirrored, expected);
    }
    session.close();
}

#[test]
fn images_have_the_size_that_the_screen_requests() {
    let session = Session::start(BALL);
    session.wait_for("the first size", |record| record.size() == Some((32, 24)));
    session.input([Input::Resize(60, 30)]);
    session.wait_for("the new size", |record| record.size() == Some((60, 30)));
    session.close();
}

#[test]
fn help_and_statistics_open_and_close() {
    let session = Session::start(BALL);
    session.wait_for_title("running");
    session.key(Key::I, NONE);
    session.wait_for_panel(PanelId::Stats, "a device");
    session.key(Key::H, NONE);
    session.wait_for_panel(PanelId::Help, "page 1 of ");
    assert_eq!(session.record.change().panels.len(), 1, "the help takes all the room");
    session.key(Key::F1, NONE);
    session.wait_for_panel(PanelId::Help, "page 2 of ");
    session.key(Key::Escape, NONE);
    session.wait_for("the panels of before", |record| record.panel(PanelId::Help).is_none());
    assert!(session.record.change().panel(PanelId::Stats).is_some());
    session.key(Key::I, NONE);
    assert!(session.record.change().panels.is_empty());
    session.close();
}

#[test]
fn sliders_change_parameters_by_keys_and_pointer_and_save_them() {
    let session = Session::start(BALL);
    session.wait_for_title("running");
    session.key(Key::P, NONE);
    session.wait_for_panel(PanelId::Sliders, "speed  1.0");
    session.key(Key::Right, NONE);
    session.wait_for_panel(PanelId::Sliders, "speed  1.1");
    session.key(Key::Left, SHIFT);
    session.wait_for_panel(PanelId::Sliders, "speed  0.1");
    session.input([Input::Panel { id: PanelId::Sliders, row: 1, share: Some(0.5), pressed: true }]);
    session.wait_for_panel(PanelId::Sliders, "speed  5.0");
    assert!(session.call().contains("eye: [0, 0, 10]"), "arrows did not move the camera");
    session.key(Key::S, NONE);
    let saved = std::fs::read_to_string(session.path("a.params.json")).unwrap();
    assert_eq!(saved, "{\n  \"speed\": 5.0\n}\n");
    session.key(Key::Escape, NONE);
    assert!(session.record.change().panel(PanelId::Sliders).is_none());
    session.key(Key::Left, NONE);
    assert!(!session.call().contains("eye: [0, 0, 10]"), "arrows move the camera again");
    session.close();
}

#[test]
fn images_are_saved_as_shown_and_in_a_size_of_their_own() {
    let session = Session::start(BALL);
    session.wait_for_title("running");
    session.key(Key::S, NONE);
    session.wait_for("the note", |record| record.printed("note: saved ") == 1);
    session.key(Key::S, SHIFT);
    session.wait_for("another note", |record| record.printed("note: saved ") == 2);
    let sizes =
        ["a-0001.png", "a-0002.png"].map(|name| image::open(session.path(name)).unwrap().to_rgb8().dimensions());
    assert_eq!(sizes, [(32, 24), (8, 6)]);
    session.close();
}

#[test]
fn an_image_that_is_traced_to_be_saved_can_be_cancelled() {
    let device = NullDevice::new().with_pass_time(Duration::from_millis(2));
    let session = Session::on(BALL, Box::new(device), 1_000_000, Headless::open);
    session.wait_for_title("running");
    session.key(Key::S, SHIFT);
    session.wait_for_panel(PanelId::Note, "of 1000000 passes (Esc cancels)");
    session.key(Key::Escape, NONE);
    session.wait_for_panel(PanelId::Note, "cancelled");
    assert_eq!(session.record.change().printed("note: "), 0, "nothing is saved");
    session.close();
}

#[test]
fn a_failing_callback_is_shown_until_the_animation_is_resumed() {
    let script =
        BALL.replace("way += speed;", "way += speed; if rt.frame == 2 { rt.update_data(\"bal\", #{ r: 1 }); }");
    let session = Session::start(&script);
    session.wait_for_panel(PanelId::Fault, "ball");
    session.wait_for_title("paused");
    let fault = session.record.change().panel(PanelId::Fault).unwrap();
    assert!(fault.contains("a.rhai:15:") && fault.contains("hint: ") && fault.contains("space resumes"), "{fault}");
    assert_eq!(session.record.change().printed("error: "), 1);
    session.key(Key::Space, NONE);
    session.wait_for("the message to go", |record| record.panel(PanelId::Fault).is_none());
    session.close();
}

#[test]
fn a_saved_script_takes_over_and_one_that_does_not_compile_is_reported() {
    let session = Session::start(BALL);
    session.wait_for_title("running");
    let save = |text: &str| std::fs::write(session.path("a.rhai"), text).unwrap();
    save("fn init(rt) { rt.resize(");
    session.wait_for_panel(PanelId::Fault, "the last good script continues");
    save(&BALL.replace("way += speed;", "way += 2.0 * speed;"));
    session.wait_for_panel(PanelId::Note, "new functions");
    assert!(session.record.change().panel(PanelId::Fault).is_none());
    save(&BALL.replace("resize(32, 24)", "resize(16, 12)"));
    session.wait_for_panel(PanelId::Note, "began anew");
    session.wait_for("the new size", |record| record.size() == Some((16, 12)));
    session.close();
}

#[test]
fn closing_the_screen_ends_a_run_whose_callback_does_not_end() {
    let script = BALL.replace("way += speed;", "while true { way += speed; }");
    let mut session = Session::start(&script);
    session.wait_for("the image", |record| record.image.is_some());
    session.record.change().inputs.push(Input::Close);
    session.outcome().unwrap();
}

/// A window without a display: its state is set by the test.
struct HeadlessWindow(Arc<Mutex<(WindowState, Vec<u32>)>>, SharedRecord);

impl PixelWindow for HeadlessWindow {
    fn set_title(&mut self, title: &str) {
        self.1.change().title = title.into();
    }
    fn update(&mut self, pixels: Option<(&[u32], (usize, usize))>) -> WindowState {
        let is_closed = {
            let mut record = self.1.change();
            record.polls += 1;
            record.inputs.contains(&Input::Close)
        };
        let (state, shown) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((pixels, _)) = pixels {
            *shown = pixels.to_vec();
        }
        WindowState { strokes: std::mem::take(&mut state.strokes), is_closed, ..state.clone() }
    }
}

#[test]
fn in_a_window_of_high_density_images_have_half_its_size_and_the_pointer_finds_objects() {
    let style = WindowStyle { scale: 2.0, aspect: Aspect::Follow };
    let window: Arc<Mutex<(WindowState, Vec<u32>)>> = Arc::default();
    let its = window.clone();
    let mut session = Session::on(BALL, cpu(), 3, move |record, _, size| {
        its.lock().unwrap().0.size = style.window_size(size);
        Ok(Box::new(PixelScreen::new(HeadlessWindow(its.clone(), record), size, style)))
    });
    session.wait_for_title("running");
    let state = |change: &dyn Fn(&mut WindowState)| {
        change(&mut window.lock().unwrap().0);
        let polls = session.record.change().polls;
        session.wait_for("poll", |record| record.polls >= polls + 2);
    };
    assert_eq!(window.lock().unwrap().0.size, (64, 48));
    state(&|state| state.size = (800, 600));
    let pixel = |x: usize, y: usize| {
        let shown = &window.lock().unwrap().1;
        (shown.len() == 800 * 600).then(|| shown[y * 800 + x] & 0xff)
    };
    // The ball has a radius of 95 pixels.
    session.wait_for("the ball in the new size", |_| pixel(400, 225) > Some(200) && pixel(4, 4) == Some(0));
    // A double click on the ball selects it, and a drag with Shift moves it to the right.
    for left in [true, false, true, false] {
        state(&|state| state.mouse = MouseState { at: Some((400.0, 225.0)), left, ..MouseState::default() });
    }
    session.wait_for("the panel at the lower edge", |_| (500..584).any(|y| (16..200).any(|x| pixel(x, y) > Some(100))));
    for x in [400.0, 400.0, 500.0, 700.0] {
        let mouse = MouseState { at: Some((x, 225.0)), left: true, modifiers: SHIFT, ..MouseState::default() };
        state(&|state| state.mouse = mouse);
    }
    session.wait_for("the ball elsewhere", |_| pixel(400, 225) == Some(0) && pixel(700, 225) > Some(200));
    session.record.change().inputs.push(Input::Close);
    session.outcome().unwrap();
}
