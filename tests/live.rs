//! Runs in a window: the script is edited, and the viewer moves the camera, while they are under way.
//!
//! Scripts run on the null device and leave a number in the red channel of the background.

use plotrt::device::Ray;
use plotrt::device::null::{NullCall, NullDevice};
use plotrt::engine::*;
use plotrt::scene::{Camera, ChangeSet, Edit};
use plotrt::script::{Callback, Edited, Script, ScriptOptions};
use std::cell::RefCell;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use Callback::*;

/// Long enough for a very busy machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A recorder with which a test can wait for a step.
#[derive(Default)]
struct Trace {
    entries: Mutex<Vec<(u64, Moment)>>,
    changed: Condvar,
}

impl Observer for Trace {
    fn at(&self, round: u64, moment: Moment) {
        self.entries.lock().unwrap().push((round, moment));
        self.changed.notify_all();
    }
}

/// A run in a window, and all events that it has reported.
struct Live {
    engine: Engine,
    trace: Arc<Trace>,
    events: RefCell<Vec<Event>>,
}

fn script(text: &str) -> Arc<Script> {
    Script::from_source("test.rhai", text, Path::new("."), ScriptOptions::default()).expect("the script compiles")
}

fn window() -> EngineConfig {
    EngineConfig { size: Some((2, 2)), most_rounds: 1000.0, ..EngineConfig::new(Mode::Interactive) }
}

impl Live {
    fn start(text: &str) -> Live {
        Live::with(text, NullDevice::new(), window())
    }

    fn with(text: &str, device: NullDevice, config: EngineConfig) -> Live {
        let trace = Arc::new(Trace::default());
        let config = EngineConfig { observer: Some(trace.clone()), ..config };
        let engine = Engine::start(script(text), Box::new(device), config).expect("the run starts");
        Live { engine, trace, events: RefCell::default() }
    }

    fn ask(&self, command: Control) {
        self.engine.control(command);
    }

    fn edit(&self, text: &str) {
        self.ask(Control::Reload { script: script(text), anew: false });
    }

    fn look(&self, z: f64, moving: bool) {
        self.ask(Control::Look { camera: Some(eye(z)), moving });
    }

    fn tune(&self, name: &str, value: &str) {
        self.ask(Control::Tune(vec![(name.into(), value.into())]));
    }

    /// Reads events until `wanted` accepts one.
    fn until<T>(&self, what: &str, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.engine.events().try_next() {
                Some(event) => {
                    let found = wanted(&event);
                    self.events.borrow_mut().push(event);
                    if let Some(found) = found {
                        return found;
                    }
                }
                None => {
                    assert!(Instant::now() < end, "no {what}; errors: {:?}", self.errors());
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }

    fn frame(&self, what: &str, wanted: impl Fn(&FrameEvent) -> bool) -> FrameEvent {
        self.until(what, |event| match event {
            Event::Frame(frame) if wanted(frame) => Some(frame.clone()),
            _ => None,
        })
    }

    /// Waits for a frame whose number `wanted` accepts, and returns the number.
    fn number(&self, what: &str, wanted: impl Fn(f32) -> bool) -> f32 {
        self.frame(what, |frame| wanted(number(frame))).scene.background.x
    }

    fn reloaded(&self) -> Edited {
        self.until("reload", |event| if let Event::Reloaded { edited, .. } = event { Some(*edited) } else { None })
    }

    fn error(&self) -> plotrt::Error {
        self.until("error", |event| if let Event::Error(error) = event { Some(error.clone()) } else { None })
    }

    fn params(&self) -> Vec<(String, String)> {
        self.until("parameters", |event| match event {
            Event::Params(infos) => Some(infos.iter().map(|i| (i.name.clone(), i.value.clone())).collect()),
            _ => None,
        })
    }

    fn paused(&self, paused: bool) {
        self.until("state", |event| matches!(event, Event::State(s) if s.paused == paused).then_some(()));
    }

    /// The errors among the events read so far.
    fn errors(&self) -> Vec<String> {
        let events = self.events.borrow();
        events.iter().filter_map(|e| if let Event::Error(e) = e { Some(e.message.clone()) } else { None }).collect()
    }

    fn steps(&self) -> Vec<(u64, Moment)> {
        self.trace.entries.lock().unwrap().clone()
    }

    fn count(&self, moment: Moment) -> usize {
        self.steps().iter().filter(|(_, m)| *m == moment).count()
    }

    fn restarts(&self) -> usize {
        self.steps().iter().filter(|(_, m)| matches!(m, Moment::Restarted { .. })).count()
    }

    /// Waits until a step has occurred this many times.
    fn wait_for(&self, moment: Moment, times: usize) {
        let entries = self.trace.entries.lock().unwrap();
        let few = |entries: &mut Vec<(u64, Moment)>| entries.iter().filter(|(_, m)| *m == moment).count() < times;
        let waited = self.trace.changed.wait_timeout_while(entries, PATIENCE, few).unwrap().1;
        assert!(!waited.timed_out(), "{moment:?} not {times} times; errors: {:?}", self.errors());
    }

    /// Waits until a step has occurred this many more times.
    fn wait_for_more(&self, moment: Moment, times: usize) {
        self.wait_for(moment, self.count(moment) + times);
    }

    fn close(self) -> Vec<String> {
        let errors = self.errors();
        self.ask(Control::Close);
        self.engine.wait().expect("closing is a normal end");
        errors
    }
}

fn number(frame: &FrameEvent) -> f32 {
    frame.scene.background.x
}

fn eye(z: f64) -> Camera {
    Camera { eye: [0.0, 0.0, z].into(), ..Camera::default() }
}

const NO_ERRORS: [&str; 0] = [];

/// A script that counts rounds in the background colour.
const COUNTS: &str = "
    let t = 0;
    fn init(rt) { rt.set_param(#{ compute_timeout: 3600000 }); }
    fn compute(rt, delta) { t += 1; }
    fn update_data(rt) { rt.set_background([t, 0, 0]); }
";

/// A script with two plots that do not move.
const RESTS: &str = "
    let x = 1.0;
    fn init(rt) {
        rt.setup_camera(\"c\", #{ eye: [0, 0, 9], target: [0, 0, 0] });
        rt.set_data(\"a\", #{ pos: [[0, 0, 0]] });
        rt.set_data(\"b\", #{ pos: [[x, 0, 0]] });
    }
";

fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

// ---- Edits of functions ----------------------------------------------------------------------------------------

#[test]
fn edited_functions_go_on_from_the_present_state() {
    let quiet = "
        let t = 0;
        fn init(rt) { rt.set_param(#{ max_accumulation_frames: 1000000 }); }
        fn compute(rt, delta) { t += 1; }
    ";
    let live = Live::start(quiet);
    live.wait_for(Moment::Begin(Compute), 4);
    live.edit(&changed(quiet, "t += 1", "t += 1000"));
    assert_eq!(live.reloaded(), Edited::Functions);
    live.wait_for_more(Moment::End(Compute), 4);
    assert_eq!(live.restarts(), 1, "only the first image begins");
    let rounds: Vec<u64> =
        live.steps().into_iter().filter_map(|(round, m)| (m == Moment::Begin(Compute)).then_some(round)).collect();
    assert_eq!(rounds, (0..rounds.len() as u64).collect::<Vec<_>>());
    live.edit(&changed(quiet, "t += 1;", "t += 1000000; rt.set_background([t, 0, 0]);"));
    let t = live.number("state", |t| t > 0.0) as u64;
    assert!(t / 1000 % 1000 >= 2 && t % 1000 >= 2, "rounds of all three texts: {t}");
    assert_eq!(live.count(Moment::Begin(Init)), 1);
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn an_edit_cancels_what_is_being_computed_and_drops_its_changes() {
    let endless = changed(COUNTS, "t += 1;", "t += 1; if t > 2 { loop { } }");
    let live = Live::start(&endless);
    live.wait_for(Moment::Begin(Compute), 3);
    live.edit(&changed(COUNTS, "t += 1;", "t += 100;"));
    assert_eq!(live.reloaded(), Edited::Functions);
    assert_eq!(live.number("new code", |t| t >= 100.0) % 100.0, 2.0);
    let states = live.events.borrow();
    assert!(!states.iter().any(|e| matches!(e, Event::State(s) if s.paused)));
    drop(states);
    assert_eq!(live.close(), NO_ERRORS);
}

/// Also if nothing but the image callbacks would call the new functions.
#[test]
fn an_edited_image_callback_runs_for_a_complete_image() {
    let text = "fn init(rt) { rt.set_param(#{ max_accumulation_frames: 2 }); } fn accum_done(rt) { }";
    let live = Live::start(text);
    live.wait_for(Moment::Sleep, 1);
    live.edit(&changed(text, "accum_done(rt) { }", "accum_done(rt) { throw \"seen\"; }"));
    assert!(live.error().message.contains("seen"));
}

// ---- Edits of the top level and `init` -------------------------------------------------------------------------

fn applies() -> (NullDevice, Arc<Mutex<Vec<ChangeSet>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = seen.clone();
    let device = NullDevice::new().with_hook(move |call| {
        if let NullCall::Apply(changes) = call {
            hook.lock().unwrap().push(changes.clone());
        }
        Ok(())
    });
    (device, seen)
}

#[test]
fn an_edited_top_level_begins_anew_and_sends_only_what_differs() {
    let (device, seen) = applies();
    let live = Live::with(RESTS, device, window());
    live.wait_for(Moment::Sleep, 1);
    seen.lock().unwrap().clear();
    live.edit(&changed(RESTS, "let x = 1.0", "let x = 2.0"));
    assert_eq!(live.reloaded(), Edited::Setup);
    assert_eq!(
        std::mem::take(&mut *seen.lock().unwrap()),
        [ChangeSet { moved: vec!["b".into()], ..ChangeSet::default() }]
    );
    live.edit(&changed(RESTS, "let x = 1.0", "let unused = 0; let x = 2.0"));
    assert_eq!(live.reloaded(), Edited::Setup);
    assert_eq!(*seen.lock().unwrap(), [], "the same scene");
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn rounds_begin_at_0_again() {
    let text = changed(COUNTS, "[t, 0, 0]", "[t, rt.frame, 0]");
    let live = Live::start(&text);
    live.number("rounds", |t| t >= 3.0);
    live.edit(&changed(&text, "let t = 0", "let t = 1000"));
    assert_eq!(live.reloaded(), Edited::Setup);
    let first = live.frame("new state", |frame| number(frame) >= 1000.0);
    // A later frame may have replaced the one of the first round.
    assert_eq!(first.scene.background.y, number(&first) - 1001.0);
    live.ask(Control::Restart);
    assert_eq!(live.reloaded(), Edited::Setup);
    let again = live.frame("new beginning", |frame| number(frame) > 1000.0);
    assert_eq!(again.scene.background.y, number(&again) - 1001.0);
    assert_eq!(live.count(Moment::Begin(Init)), 3);
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn the_viewers_camera_and_size_stay() {
    let text = changed(RESTS, "fn init(rt) {", "fn init(rt) { rt.resize(8, 8);");
    let config = EngineConfig { size: None, ..window() };
    let live = Live::with(&text, NullDevice::new(), config);
    live.frame("script's size", |frame| frame.scene.size == (8, 8));
    live.ask(Control::Resize(6, 4));
    live.look(50.0, false);
    live.frame("view", |frame| frame.scene.size == (6, 4) && frame.scene.view() == eye(50.0));
    let edited = changed(&changed(&text, "let x = 1.0", "let x = 2.0"), "[0, 0, 9]", "[0, 0, 7]");
    live.edit(&edited);
    assert_eq!(live.reloaded(), Edited::Setup);
    let frame = live.frame("new image", |_| true);
    assert_eq!((frame.scene.size, frame.scene.view()), ((6, 4), eye(50.0)));
    live.ask(Control::Look { camera: None, moving: false });
    live.frame("the script's new camera", |frame| frame.scene.view().eye.z == 7.0 && frame.scene.size == (6, 4));
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn a_beginning_that_fails_leaves_the_old_script_running() {
    let live =
        Live::with(COUNTS, NullDevice::new(), EngineConfig { setup_timeout: Duration::from_millis(300), ..window() });
    let mut t = live.number("rounds", |t| t >= 3.0);
    for (from, to, message) in [
        ("fn init(rt) {", "fn init(rt) { nope + 1;", "nope"),
        ("fn init(rt) {", "fn init(rt) { throw \"no\";", "no"),
        ("let t = 0;", "let t = 0; throw \"top\";", "top"),
        ("let t = 0;", "let t = 0; loop { }", "longer"),
        ("fn init(rt) {", "fn init(rt) { loop { }", "longer"),
    ] {
        live.edit(&changed(COUNTS, from, to));
        let error = live.error();
        assert!(error.message.contains(message), "{error}");
        assert!(error.place.is_some(), "{error}");
        let later = live.number("the old script", |now| now > t);
        assert!(later < 100_000.0);
        t = later;
    }
    live.edit(&changed(COUNTS, "t += 1", "t += 1000000"));
    assert_eq!(live.reloaded(), Edited::Functions, "of the old script");
    live.number("its state", |now| now >= 1_000_000.0 && now % 1_000_000.0 >= t);
}

#[test]
fn a_mended_callback_goes_on_and_the_viewers_pause_stays() {
    let live = Live::start(&changed(COUNTS, "t += 1;", "t += 1; if t > 2 { throw \"broken\"; }"));
    assert!(live.error().message.contains("broken"));
    live.edit(&changed(COUNTS, "t += 1;", "t += 50;"));
    assert_eq!(live.number("resumed", |t| t > 2.0) % 50.0, 2.0);
    live.ask(Control::PauseCompute);
    live.paused(true);
    let rounds = live.count(Moment::Begin(Compute));
    live.edit(&changed(COUNTS, "t += 1;", "t += 51;"));
    assert_eq!(live.reloaded(), Edited::Functions);
    live.edit(&changed(COUNTS, "let t = 0", "let t = 1"));
    assert_eq!(live.reloaded(), Edited::Setup);
    live.look(50.0, false);
    live.frame("view", |frame| frame.scene.view() == eye(50.0));
    assert_eq!(live.count(Moment::Begin(Compute)), rounds, "paused");
    live.ask(Control::ResumeCompute);
    live.wait_for(Moment::Begin(Compute), rounds + 1);
}

#[test]
fn of_two_edits_the_second_wins() {
    let live = Live::start(COUNTS);
    live.number("rounds", |t| t >= 1.0);
    live.edit(&changed(COUNTS, "fn init(rt) {", "fn init(rt) { loop { }"));
    live.wait_for(Moment::Begin(Init), 2);
    live.edit(&changed(COUNTS, "let t = 0", "let t = 1000"));
    assert_eq!(live.reloaded(), Edited::Setup);
    live.number("the second", |t| t > 1000.0);
    // Back to the text that runs, while another one is being set up: its state is kept.
    live.edit(&changed(COUNTS, "fn init(rt) {", "fn init(rt) { loop { }"));
    live.wait_for(Moment::Begin(Init), 4);
    live.edit(&changed(COUNTS, "let t = 0", "let t = 1000"));
    assert_eq!(live.reloaded(), Edited::Nothing);
    live.number("the second", |t| t > 1000.0);
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn closing_does_not_wait_for_a_beginning() {
    let live = Live::start(COUNTS);
    live.number("rounds", |t| t >= 1.0);
    live.edit(&changed(COUNTS, "fn init(rt) {", "fn init(rt) { loop { }"));
    live.wait_for(Moment::Begin(Init), 2);
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn an_edit_of_the_first_beginning_takes_its_place() {
    let live = Live::start(&changed(COUNTS, "fn init(rt) {", "fn init(rt) { loop { }"));
    live.wait_for(Moment::Begin(Init), 1);
    live.look(50.0, false);
    live.edit(COUNTS);
    live.frame("the edited text", |frame| number(frame) >= 3.0 && frame.scene.view() == eye(50.0));
    assert_eq!(live.close(), NO_ERRORS);
}

/// A restart that was requested for a changed data file or parameter is still due after an edit has cancelled it.
#[test]
fn a_cancelled_beginning_is_made_up_for() {
    let slow = "
        let n = param(\"n\", 1);
        fn init(rt) { for i in 0..n * 3000000 { } rt.set_background([n, 0, 0]); }
        fn update_image(rt) { }
    ";
    for command in 0..3 {
        let live = Live::start(slow);
        live.wait_for(Moment::Sleep, 1);
        match command {
            0 => live.ask(Control::Reload { script: script(slow), anew: true }),
            1 => live.ask(Control::Restart),
            _ => live.tune("n", "2"),
        }
        live.wait_for(Moment::Begin(Init), 2);
        live.edit(&changed(slow, "update_image(rt) { }", "update_image(rt) { 1 }"));
        assert_eq!(live.reloaded(), Edited::Setup, "{command}");
        live.wait_for(Moment::Begin(Init), 3);
        if command == 2 {
            live.number("the parameter", |n| n == 2.0);
        }
        assert_eq!(live.close(), NO_ERRORS);
    }
}

// ---- Parameters ------------------------------------------------------------------------------------------------

/// A script in which `speed` is only read in rounds, and `n` by `init`.
const TUNED: &str = "
    let speed = param(\"speed\", 1, #{ min: 0, max: 1000000 });
    let n = param(\"n\", 1);
    let t = 0;
    fn init(rt) { rt.set_background([0, n, 0]); rt.set_param(#{ max_accumulation_frames: 1000000 }); }
    fn compute(rt, delta) { t += speed; }
    fn update_data(rt) { if t > 500 { rt.set_background([t, n, 0]); } }
";

fn pairs(values: [(&str, &str); 2]) -> Vec<(String, String)> {
    values.map(|(name, value)| (name.to_string(), value.to_string())).to_vec()
}

#[test]
fn a_parameter_of_the_rounds_changes_while_they_go_on() {
    let live = Live::start(TUNED);
    assert_eq!(live.params(), pairs([("speed", "1"), ("n", "1")]));
    live.wait_for(Moment::End(Compute), 3);
    live.tune("speed", "0");
    assert_eq!(live.params(), pairs([("speed", "0"), ("n", "1")]));
    live.wait_for_more(Moment::End(Compute), 3);
    assert_eq!((live.restarts(), live.count(Moment::Begin(Init))), (1, 1));
    live.tune("speed", "1000");
    let t = live.number("tuned", |t| t >= 1000.0);
    assert!(t % 1000.0 >= 3.0, "the rounds before count: {t}");
    // Edited functions and a restart both keep the value.
    live.edit(&changed(TUNED, "t += speed", "t += speed * 100"));
    assert_eq!(live.reloaded(), Edited::Functions);
    live.number("still tuned", |now| now >= t + 100_000.0);
    live.edit(&changed(TUNED, "let t = 0", "let t = 7"));
    assert_eq!(live.reloaded(), Edited::Setup);
    assert_eq!(live.number("still tuned", |now| (1.0..100_000.0).contains(&now)) % 1000.0, 7.0);
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn a_parameter_of_the_beginning_begins_anew() {
    let live = Live::start(TUNED);
    live.tune("n", "5");
    live.frame("new beginning", |frame| frame.scene.background.y == 5.0);
    assert_eq!(live.count(Moment::Begin(Init)), 2);
    // The parameter is removed from the script and declared again.
    live.edit(&changed(TUNED, "let n = param(\"n\", 1)", "let n = 9"));
    live.frame("no parameter", |frame| frame.scene.background.y == 9.0);
    live.edit(TUNED);
    live.until("its value", |event| match event {
        Event::Params(infos) => infos.iter().any(|i| i.name == "n" && i.value == "5").then_some(()),
        _ => None,
    });
    live.frame("its value", |frame| frame.scene.background.y == 5.0);
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn a_bad_value_of_a_parameter_changes_nothing() {
    let live = Live::start(TUNED);
    live.wait_for(Moment::End(Compute), 3);
    for (name, value) in [("speed", "-1"), ("speed", "1000001"), ("speed", "much"), ("n", "1.5"), ("m", "1")] {
        live.tune(name, value);
        live.error();
        assert_eq!(live.params(), pairs([("speed", "1"), ("n", "1")]));
    }
    assert_eq!((live.restarts(), live.count(Moment::Begin(Init))), (1, 1));
    live.tune("speed", "1000");
    assert!(live.number("goes on", |t| t >= 1000.0) % 1000.0 >= 3.0);
}

// ---- Commands of the viewer -----------------------------------------------------------------------------------

const BUSY: &str = "
    let t = 0;
    fn init(rt) { rt.set_param(#{ compute_timeout: 3600000 }); rt.set_data(\"a\", #{ pos: [[0, 0, 0]] }); }
    fn compute(rt, delta) { t += 1; loop { } }
    fn update_image(rt) { }
";

#[test]
fn the_view_follows_the_viewer_while_compute_runs() {
    let live = Live::start(BUSY);
    live.frame("first image", |_| true);
    live.wait_for(Moment::End(UpdateImage), 1);
    for z in 20..30 {
        live.look(z.into(), true);
        live.frame("view", |frame| frame.scene.view() == eye(z.into()));
    }
    live.ask(Control::Guides(true));
    live.frame("guides", |frame| frame.frame.guides.is_some());
    live.ask(Control::Pick { id: 3, rays: vec![Ray { origin: glam::DVec3::ZERO, dir: glam::Vec3::Z }; 2] });
    let hits = live.until("answer", |e| if let Event::Picked { id: 3, hits } = e { Some(hits.len()) } else { None });
    assert_eq!(hits, 2);
    live.ask(Control::Edit(Edit::SetAmbient([0.0, 0.0, 0.5].into())));
    live.frame("edit", |frame| frame.scene.ambient.z == 0.5);
    assert_eq!((live.count(Moment::Begin(UpdateImage)), live.count(Moment::End(Compute))), (1, 0));
    assert_eq!(live.close(), NO_ERRORS);
}

/// A pass takes an hour on this device.
#[test]
fn what_is_asked_ends_a_slow_pass() {
    let (seen, changes) = crossbeam_channel::unbounded();
    let device = NullDevice::new().with_pass_time(Duration::from_secs(3600)).with_hook(move |call| {
        if let NullCall::Apply(changes) = call {
            // Sending fails if the test is over.
            let _ = seen.send(changes.clone());
        }
        Ok(())
    });
    let live = Live::with("fn update_image(rt) { }", device, EngineConfig { size: None, ..window() });
    let applied = || changes.recv_timeout(PATIENCE).expect("the device receives the change");
    applied();
    live.wait_for(Moment::Trace { passes: 1 }, 1);
    live.look(3.0, true);
    assert!(applied().camera);
    live.look(4.0, false);
    assert!(applied().camera);
    live.ask(Control::Resize(5, 5));
    assert!(applied().size);
    live.ask(Control::Pick { id: 1, rays: Vec::new() });
    live.until("answer", |event| matches!(event, Event::Picked { .. }).then_some(()));
    live.edit("fn update_image(rt) { 1 }");
    live.reloaded();
    live.ask(Control::Still { size: (3, 3), passes: 1 });
    assert!(applied().size);
    live.ask(Control::StopStill);
    live.until("end", |event| matches!(event, Event::Still(None)).then_some(()));
    assert_eq!(live.close(), NO_ERRORS);
}

fn slow(text: &str, pass: u64) -> Live {
    Live::with(text, NullDevice::new().with_pass_time(Duration::from_millis(pass)), window())
}

/// However often the camera moves, and although a pass takes longer than the time between two movements.
#[test]
fn images_come_while_the_camera_moves() {
    let live = slow("fn compute(rt, delta) { }", 25);
    live.frame("first image", |_| true);
    let (mut seen, end) = (0, Instant::now() + PATIENCE);
    let mut z = 10.0;
    while seen < 5 {
        assert!(Instant::now() < end, "{seen} images");
        z += 0.01;
        live.look(z, true);
        std::thread::sleep(Duration::from_millis(2));
        while let Some(event) = live.engine.events().try_next() {
            seen += usize::from(matches!(event, Event::Frame(frame) if frame.scene.view().eye.z > 10.0));
        }
    }
}

/// A round lasts for a block of 8 passes, 80 ms, however often the camera moves.
#[test]
fn the_animation_does_not_run_faster_for_a_moving_camera() {
    let text = "
        fn init(rt) { rt.set_param(#{ min_accumulation_step: 8, max_accumulation_frames: 1000000 }); }
        fn compute(rt, delta) { }
    ";
    for between in [3, 40, 200] {
        let live = slow(text, 10);
        live.wait_for(Moment::Synced, 2);
        let (before, begin) = (live.count(Moment::Begin(Compute)), Instant::now());
        while begin.elapsed() < Duration::from_millis(1200) {
            live.look(begin.elapsed().as_secs_f64(), true);
            std::thread::sleep(Duration::from_millis(between));
        }
        let usual = begin.elapsed().as_millis() as usize / 80;
        let rounds = live.count(Moment::Begin(Compute)) - before;
        assert!(rounds <= usual + 4, "{rounds} rounds instead of {usual}, every {between} ms");
        assert_eq!(live.close(), NO_ERRORS);
    }
}

/// With `--fps`, the next round is only due in a quarter of an hour.
#[test]
fn the_view_follows_the_viewer_between_rare_rounds() {
    let config = EngineConfig { most_rounds: 0.001, ..window() };
    let live = Live::with("fn compute(rt, delta) { }", NullDevice::new(), config);
    live.wait_for(Moment::Synced, 1);
    live.look(20.0, true);
    live.frame("view", |frame| frame.scene.view() == eye(20.0));
    live.look(30.0, false);
    live.frame("view", |frame| frame.scene.view() == eye(30.0));
    assert_eq!(live.count(Moment::Begin(Compute)), 1);
}

#[test]
fn steps_run_single_rounds() {
    let live = Live::start(COUNTS);
    live.ask(Control::PauseCompute);
    live.paused(true);
    let rounds = live.count(Moment::Begin(Compute));
    for step in 1..4 {
        live.ask(Control::Step);
        let t = (rounds + step) as f32;
        assert_eq!(live.number("the step", |now| now >= t), t);
    }
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn a_still_image_reports_its_progress_and_the_window_continues() {
    let (device, seen) = applies();
    let live = Live::with(RESTS, device.with_pass_time(Duration::from_millis(1)), window());
    live.wait_for(Moment::Sleep, 1);
    live.ask(Control::Still { size: (7, 3), passes: 40 });
    let mut steps = Vec::new();
    let frame = live.until("still", |event| match event {
        Event::StillAt { done, of } => {
            steps.push((*done, *of));
            None
        }
        Event::Still(frame) => Some(frame.clone().expect("not given up")),
        _ => None,
    });
    assert_eq!((frame.width, frame.height, frame.passes, frame.complete), (7, 3, 40, true));
    assert!(!steps.is_empty() && steps.is_sorted() && steps.iter().all(|s| s.1 == 40), "{steps:?}");
    live.frame("window's image", |frame| (frame.frame.width, frame.frame.height) == (2, 2));
    assert_eq!(seen.lock().unwrap().len(), 3);
    // A still image that is cancelled before it has begun.
    live.ask(Control::Refresh);
    live.ask(Control::Still { size: (7, 3), passes: u32::MAX });
    live.ask(Control::StopStill);
    live.until("end", |event| matches!(event, Event::Still(None)).then_some(()));
    // A still image with an impossible size is reported as an error.
    live.ask(Control::Still { size: (0, 3), passes: 1 });
    live.error();
    live.until("end", |event| matches!(event, Event::Still(None)).then_some(()));
}

#[test]
fn what_the_viewer_edits_stays_beside_what_the_script_stages() {
    let text = changed(
        RESTS,
        "let x = 1.0;",
        "let x = 1.0; let t = 0; fn compute(rt, delta) {
        t += 1;
        let i = 0;
        while i < 50000 { i += 1; }
        rt.set_background([t, 0, 0]);
        rt.update_data(\"b\", #{ pos: [[t, 0, 0]] });
    }",
    );
    let live = Live::start(&text);
    for blue in 1..=8 {
        // The edit arrives while `compute` works on a scene without it.
        let begun = live.steps().iter().filter(|(_, m)| *m == Moment::Begin(Compute)).count();
        live.wait_for(Moment::Begin(Compute), begun + 1);
        live.ask(Control::Edit(Edit::SetAmbient([0.0, 0.0, blue as f32].into())));
        let first = live.frame("edit", |frame| frame.scene.ambient.z == blue as f32);
        let later = live.frame("script's own", |frame| number(frame) > number(&first) + 2.0);
        assert_eq!(later.scene.ambient.z, blue as f32);
    }
    assert_eq!(live.close(), NO_ERRORS);
}

#[test]
fn how_the_film_is_developed_costs_no_pass() {
    let live = Live::start(RESTS);
    live.wait_for(Moment::Sleep, 1);
    let passes = live.steps().iter().filter(|(_, m)| matches!(m, Moment::Trace { .. })).count();
    live.ask(Control::Exposure(2.0));
    live.frame("exposure", |frame| frame.scene.variables.tonemap_exposure == 2.0);
    live.ask(Control::Denoise(Some(true)));
    live.frame("denoiser", |frame| frame.scene.postproc.iter().any(|stage| stage.is_denoiser()));
    live.ask(Control::Denoise(Some(false)));
    live.frame("no denoiser", |frame| !frame.scene.postproc.iter().any(|stage| stage.is_denoiser()));
    live.ask(Control::Guides(true));
    live.frame("guides", |frame| frame.frame.guides.is_some());
    assert_eq!(live.restarts(), 1);
    assert_eq!(live.steps().iter().filter(|(_, m)| matches!(m, Moment::Trace { .. })).count(), passes);
    assert_eq!(live.close(), NO_ERRORS);
}

// ---- Statistics of rounds ---------------------------------------------------------------------------------------

#[test]
fn rounds_tell_what_they_cost() {
    let text = changed(COUNTS, "fn init(rt) {", "fn init(rt) { rt.set_param(#{ min_accumulation_step: 3 });");
    let live = slow(&text, 2);
    for _ in 0..5 {
        let stats =
            live.until("costs", |event| if let Event::Round(stats) = event { Some(stats.clone()) } else { None });
        assert_eq!((stats.passes, stats.traced), (3, 3), "{stats:?}");
        assert!(stats.seconds_per_pass > 0.0 && stats.noise.is_some(), "{stats:?}");
        let has = |lane, name| stats.spans.iter().any(|span| span.lane == lane && span.name == name);
        for name in ["trace", "develop", "sync"] {
            assert!(has(Lane::Raytrace, name), "{name}: {stats:?}");
        }
        assert!(has(Lane::Compute, "compute") && has(Lane::Compute, "update_data"), "{stats:?}");
        assert!(stats.spans.is_sorted_by(|a, b| a.begin <= b.begin));
        let within = |span: &Span| 0.0 <= span.begin && span.begin <= span.end && span.end <= stats.timings.total;
        assert!(stats.spans.iter().all(within), "{stats:?}");
    }
    // No frames are taken for a while.
    live.wait_for_more(Moment::Synced, 5);
    live.until("drops", |event| matches!(event, Event::Round(stats) if stats.dropped >= 3).then_some(()));
}
