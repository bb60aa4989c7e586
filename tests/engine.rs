//! The round, seen from outside: order, overlap, pausing, `delta`, repeatability, idling, stopping, failures.
//!
//! Scripts run on the null device, whose linear image is the background colour: `rt.set_background` makes what a
//! callback computes visible.

use plotrt::device::Device;
use plotrt::device::null::{NullCall, NullDevice};
use plotrt::engine::*;
use plotrt::script::{Callback, Script, ScriptOptions};
use plotrt::{Error, ErrorKind, Result};
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use Callback::*;

fn script(text: &str) -> Arc<Script> {
    Script::from_source("test.rhai", text, Path::new("."), ScriptOptions::default()).expect("the script compiles")
}

fn small(mode: Mode) -> EngineConfig {
    EngineConfig { size: Some((2, 2)), ..EngineConfig::new(mode) }
}

fn batch(start: u64, end: u64) -> EngineConfig {
    small(Mode::Batch(Frames::range(start, end)))
}

fn start(text: &str, device: NullDevice, config: EngineConfig) -> Engine {
    Engine::start(script(text), Box::new(device) as Box<dyn Device>, config).expect("the run starts")
}

/// The frames and the outcome that a run has reported.
struct Reported {
    frames: Vec<FrameEvent>,
    outcome: Result<Summary>,
}

impl Reported {
    /// The red channel of each frame's background, in which the scripts store a number.
    fn numbers(&self) -> Vec<f32> {
        self.frames.iter().map(|f| f.frame.linear[0]).collect()
    }
    fn error(&self) -> &Error {
        self.outcome.as_ref().expect_err("the run fails")
    }
}

fn run(text: &str, device: NullDevice, config: EngineConfig) -> Reported {
    let engine = start(text, device, EngineConfig { linear: true, ..config });
    let (mut frames, mut outcome) = (Vec::new(), None);
    while let Some(event) = engine.events().next() {
        match event {
            Event::Frame(frame) => frames.push(frame),
            Event::Error(error) => panic!("reported an error and continued: {error}"),
            Event::Finished(end) => outcome = Some(end),
            _ => {}
        }
    }
    let outcome = outcome.expect("a run ends with `Finished`");
    assert_eq!(engine.wait(), outcome);
    Reported { frames, outcome }
}

/// A recorder with which a test can wait for a step.
#[derive(Default)]
struct Trace {
    entries: Mutex<Vec<(u64, Moment)>>,
    changed: Condvar,
}

/// Long enough for a very busy machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

impl Observer for Trace {
    fn at(&self, round: u64, moment: Moment) {
        self.entries.lock().unwrap().push((round, moment));
        self.changed.notify_all();
    }
}

impl Trace {
    fn all(&self) -> Vec<(u64, Moment)> {
        self.entries.lock().unwrap().clone()
    }
    /// Waits until the entries satisfy `condition`; false if they never do.
    fn wait_until(&self, condition: impl Fn(&[(u64, Moment)]) -> bool) -> bool {
        let entries = self.entries.lock().unwrap();
        let waited = self.changed.wait_timeout_while(entries, PATIENCE, |entries| !condition(entries)).unwrap();
        !waited.1.timed_out()
    }
    fn wait_for(&self, round: u64, moment: Moment) -> bool {
        self.wait_until(|entries| entries.contains(&(round, moment)))
    }
    fn sleeps(&self) -> usize {
        self.all().iter().filter(|(_, m)| *m == Moment::Sleep).count()
    }
    /// The index of a step of a round among all steps.
    fn position(&self, round: u64, moment: Moment) -> usize {
        let entries = self.all();
        entries
            .iter()
            .position(|e| *e == (round, moment))
            .unwrap_or_else(|| panic!("no {moment:?} in round {round}: {entries:?}"))
    }
}

fn observed(config: EngineConfig) -> (Arc<Trace>, EngineConfig) {
    let trace = Arc::new(Trace::default());
    (trace.clone(), EngineConfig { observer: Some(trace), ..config })
}

const ALL_CALLBACKS: &str = "
    fn init(rt) { rt.set_param(#{ min_accumulation_step: 2, max_accumulation_frames: 2 }); }
    fn rt_starting(rt) {}
    fn compute(rt, delta) {}
    fn update_image(rt) {}
    fn accum_done(rt) {}
    fn update_data(rt) { rt.set_background([rt.frame + 1, 0, 0]); }
";

fn assert_round_order(trace: &Trace, round: u64, with_pair: bool) {
    let at = |moment| trace.position(round, moment);
    let mut raytrace = vec![
        at(Moment::Begin(RtStarting)),
        at(Moment::End(RtStarting)),
        at(Moment::Trace { passes: 2 }),
        at(Moment::Traced { total: 2 }),
        at(Moment::Developed { complete: true }),
        at(Moment::Begin(UpdateImage)),
        at(Moment::End(UpdateImage)),
        at(Moment::Begin(AccumDone)),
        at(Moment::End(AccumDone)),
    ];
    if with_pair {
        let compute = [
            at(Moment::End(RtStarting)),
            at(Moment::Begin(Compute)),
            at(Moment::Delta(2)),
            at(Moment::End(Compute)),
            at(Moment::Begin(UpdateData)),
        ];
        assert!(compute.is_sorted(), "{:?}", trace.all());
        raytrace.extend([at(Moment::Begin(UpdateData)), at(Moment::End(UpdateData))]);
    }
    raytrace.push(at(Moment::Synced));
    assert!(raytrace.is_sorted(), "{:?}", trace.all());
    for moment in [Moment::Begin(UpdateImage), Moment::Begin(AccumDone), Moment::Begin(Compute)] {
        assert!(trace.all().iter().filter(|e| **e == (round, moment)).count() <= 1);
    }
}

#[test]
fn a_batch_runs_every_round_in_order() {
    let (trace, config) = observed(batch(0, 4));
    let reported = run(ALL_CALLBACKS, NullDevice::new(), config);
    assert_eq!(reported.outcome.as_ref().map(|s| (s.rounds, s.frames)), Ok((5, 5)));
    for round in 0..5 {
        // Nothing is prepared beside the last frame.
        assert_round_order(&trace, round, round < 4);
    }
    assert!(!trace.all().contains(&(4, Moment::Begin(Compute))));
    assert_eq!(reported.frames.iter().map(|f| f.number).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    // Frame 0 shows the scene after `init`, frame n the scene after round n - 1.
    assert_eq!(reported.numbers(), [0.0, 1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn a_window_runs_every_round_in_order() {
    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start(ALL_CALLBACKS, NullDevice::new(), config);
    assert!(trace.wait_for(4, Moment::Synced));
    engine.control(Control::Close);
    engine.wait().expect("closing is a normal end");
    for round in 0..4 {
        assert_round_order(&trace, round, true);
    }
}

#[test]
fn only_a_window_lets_images_depend_on_those_before() {
    let watched = || {
        let looks = Arc::new(AtomicU64::new(0));
        let seen = looks.clone();
        let device = NullDevice::new().with_hook(move |call| {
            seen.fetch_add(u64::from(*call == NullCall::LookBack { may: true }), Ordering::Relaxed);
            Ok(())
        });
        (device, looks)
    };
    let (device, looks) = watched();
    run(ALL_CALLBACKS, device, batch(0, 3)).outcome.unwrap();
    assert_eq!(looks.load(Ordering::Relaxed), 0);
    let (device, looks) = watched();
    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start(ALL_CALLBACKS, device, config);
    assert!(trace.wait_for(0, Moment::Synced));
    engine.control(Control::Close);
    engine.wait().unwrap();
    assert_eq!(looks.load(Ordering::Relaxed), 1);
}

#[test]
fn the_image_refines_over_rounds_and_accum_done_runs_once() {
    let (trace, config) = observed(small(Mode::Interactive));
    let text = "
        fn init(rt) { rt.set_param(#{ min_accumulation_step: 2, max_accumulation_frames: 5 }); }
        fn update_image(rt) {}
        fn accum_done(rt) {}
    ";
    let engine = start(text, NullDevice::new(), config);
    assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)));
    drop(engine);
    let blocks: Vec<_> = trace
        .all()
        .into_iter()
        .filter_map(|(_, m)| match m {
            Moment::Trace { passes } => Some(passes),
            _ => None,
        })
        .collect();
    assert_eq!(blocks, [2, 2, 1]);
    let count = |moment| trace.all().iter().filter(|(_, m)| *m == moment).count();
    assert_eq!((count(Moment::Begin(UpdateImage)), count(Moment::Begin(AccumDone))), (3, 1));
    assert_eq!(count(Moment::Restarted { seed: image_seed(0, Some(0)) }), 1);
}

/// `--passes` in a window.
#[test]
fn given_passes_win_over_those_of_the_script() {
    let (trace, mut config) = observed(small(Mode::Interactive));
    config.passes = Some(3);
    let text = "fn init(rt) { rt.set_param(#{ min_accumulation_step: 2, max_accumulation_frames: 50 }); }";
    let engine = start(text, NullDevice::new(), config);
    assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)));
    drop(engine);
    let passes =
        trace.all().into_iter().filter_map(|(_, m)| if let Moment::Trace { passes } = m { Some(passes) } else { None });
    assert_eq!(passes.collect::<Vec<_>>(), [2, 1]);
}

/// `--fps` in a window.
#[test]
fn rounds_of_the_animation_are_not_more_frequent_than_asked() {
    let text = "fn compute(rt, delta) {}";
    let (trace, config) = observed(EngineConfig { most_rounds: 0.001, ..small(Mode::Interactive) });
    let engine = start(text, NullDevice::new(), config);
    assert!(trace.wait_for(0, Moment::Synced));
    // The next round is only due in a quarter of an hour.
    std::thread::sleep(Duration::from_millis(100));
    drop(engine);
    assert!(trace.all().iter().all(|(round, _)| *round == 0), "{:?}", trace.all());
    let (trace, config) = observed(EngineConfig { most_rounds: 1000.0, ..small(Mode::Interactive) });
    let engine = start(text, NullDevice::new(), config);
    assert!(trace.wait_for(5, Moment::Synced));
    drop(engine);
}

/// Each thread waits, bounded, until the other has begun the same round: without overlap one of them waits in vain.
/// Seen to fail in every round when `compute` is called after the tracing.
#[test]
fn compute_overlaps_tracing() {
    struct Meeting {
        trace: Trace,
        alone: AtomicU64,
    }
    impl Observer for Meeting {
        fn at(&self, round: u64, moment: Moment) {
            self.trace.at(round, moment);
            if moment == Moment::Begin(Compute) && !self.trace.wait_for(round, Moment::Trace { passes: 1 }) {
                self.alone.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    let meeting = Arc::new(Meeting { trace: Trace::default(), alone: AtomicU64::new(0) });
    let rounds = 4;
    let device = NullDevice::new().with_hook({
        let meeting = meeting.clone();
        let round = AtomicU64::new(0);
        move |call| {
            if let NullCall::Trace { .. } = call {
                let round = round.fetch_add(1, Ordering::Relaxed);
                if round < rounds && !meeting.trace.wait_for(round, Moment::Begin(Compute)) {
                    meeting.alone.fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok(())
        }
    });
    let config = EngineConfig { observer: Some(meeting.clone()), passes: Some(1), ..batch(0, rounds) };
    let text = "let x = 0; fn compute(rt, delta) { x += delta; } fn update_data(rt) { rt.set_background([x, 0, 0]); }";
    let reported = run(text, device, config);
    assert_eq!(reported.numbers(), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(meeting.alone.load(Ordering::Relaxed), 0, "a round ran its two halves one after the other");
}

/// The edits that `compute` stages are uploaded while the device traces. The trace waits for the upload here, so it
/// would never end if the two ran one after the other.
#[test]
fn what_compute_stages_is_sent_ahead_while_tracing() {
    let (sent, arrivals) = crossbeam_channel::unbounded();
    let traced = AtomicU64::new(0);
    let device = NullDevice::new().with_hook(move |call| {
        match call {
            NullCall::Prefetch { plots } => sent.send(plots.clone()).unwrap(),
            // The first image is that of `init`; nothing is staged in round 2.
            NullCall::Trace { .. } if matches!(traced.fetch_add(1, Ordering::Relaxed), 1 | 3) => {
                let plots = arrivals.recv_timeout(Duration::from_secs(20));
                assert_eq!(plots.map_err(|e| e.to_string()), Ok(vec!["plot".to_string()]));
            }
            NullCall::Trace { .. } => assert!(arrivals.is_empty(), "uploaded although nothing was staged"),
            _ => {}
        }
        Ok(())
    });
    let text = "
        fn init(rt) { rt.set_data(\"plot\", #{ pos: [[0, 0, 0]] }); }
        fn compute(rt, delta) {
            if rt.frame % 2 == 1 { rt.update_data(\"plot\", #{ pos: [[rt.frame, 0, 0]] }); }
        }";
    let reported = run(text, device, EngineConfig { passes: Some(1), ..batch(1, 4) });
    assert!(reported.outcome.is_ok(), "{:?}", reported.outcome);
}

#[test]
fn delta_is_min_accumulation_step_at_the_beginning_of_the_round() {
    let text = "
        let t = 0;
        fn init(rt) { rt.set_param(#{ min_accumulation_step: 3 }); }
        fn compute(rt, delta) {
            t = t * 10 + delta;
            if rt.frame == 1 { rt.set_param(#{ min_accumulation_step: 5 }); }
        }
        fn update_data(rt) { rt.set_background([t, 0, 0]); }
    ";
    let (trace, config) = observed(EngineConfig { passes: Some(7), ..batch(0, 3) });
    let reported = run(text, NullDevice::new(), config);
    assert_eq!(reported.numbers(), [0.0, 3.0, 33.0, 335.0]);
    assert!(reported.frames.iter().all(|f| f.frame.passes == 7 && f.frame.complete));
    let reported: Vec<_> = trace.all().into_iter().filter(|(_, m)| matches!(m, Moment::Delta(_))).collect();
    assert_eq!(reported, [(0, Moment::Delta(3)), (1, Moment::Delta(3)), (2, Moment::Delta(5))]);

    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start(text, NullDevice::new(), config);
    assert!(trace.wait_for(3, Moment::Delta(5)));
    drop(engine);
    let deltas: Vec<_> = trace.all().into_iter().filter(|(_, m)| matches!(m, Moment::Delta(_))).take(4).collect();
    let expected = [3, 3, 5, 5].map(Moment::Delta);
    assert_eq!(deltas, (0..4).zip(expected).collect::<Vec<_>>());
}

#[test]
fn a_script_pauses_the_pair_and_resumes_it() {
    let text = "
        let n = 0;
        fn rt_starting(rt) {
            if rt.frame == 1 { rt.pause_compute(); }
            if rt.frame == 3 { rt.resume_compute(); }
        }
        fn compute(rt, delta) { n += 1; }
        fn update_data(rt) { rt.set_background([n, 0, 0]); }
    ";
    let (trace, config) = observed(batch(0, 6));
    let reported = run(text, NullDevice::new(), config);
    // Commands take effect at the sync point: rounds 2 and 3 have no compute.
    assert_eq!(reported.numbers(), [0.0, 1.0, 2.0, 2.0, 2.0, 3.0, 4.0]);
    let computed: Vec<_> =
        trace.all().into_iter().filter(|(_, m)| *m == Moment::Begin(Compute)).map(|(round, _)| round).collect();
    assert_eq!(computed, [0, 1, 4, 5]);
}

#[test]
fn a_viewer_pauses_while_the_image_refines_to_the_end_and_resumes() {
    let text = "
        let n = 0;
        fn init(rt) { rt.set_param(#{ max_accumulation_frames: 40 }); }
        fn compute(rt, delta) { n += 1; }
        fn update_data(rt) { rt.set_background([n, 0, 0]); }
    ";
    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start(text, NullDevice::new(), config);
    assert!(trace.wait_for(2, Moment::Synced));
    engine.control(Control::TogglePause);
    assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)), "the image is completed, then all sleep");
    assert!(trace.all().iter().any(|(_, m)| *m == Moment::Traced { total: 40 }));
    let (asleep_at, _) = *trace.all().last().unwrap();
    let paused = trace.all().iter().rev().skip_while(|(_, m)| *m != Moment::End(Compute)).count();
    assert!(!trace.all()[paused..].iter().any(|(_, m)| *m == Moment::Begin(Compute)));

    engine.control(Control::ResumeCompute);
    assert!(trace.wait_for(asleep_at, Moment::Begin(Compute)), "compute goes on in the next round");
    engine.control(Control::Close);
    engine.wait().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn idling_costs_nothing() {
    /// Records the threads that it is called on.
    #[derive(Default)]
    struct Threads {
        trace: Trace,
        tasks: Mutex<HashSet<std::path::PathBuf>>,
    }
    impl Observer for Threads {
        fn at(&self, round: u64, moment: Moment) {
            self.tasks.lock().unwrap().insert(std::fs::read_link("/proc/thread-self").unwrap());
            self.trace.at(round, moment);
        }
    }
    /// The state of a thread, and the ticks of its CPU time in user and system mode.
    fn stat(task: &Path) -> (String, u64) {
        let text = std::fs::read_to_string(Path::new("/proc").join(task).join("stat")).unwrap();
        let fields: Vec<_> = text[text.rfind(')').unwrap() + 2..].split(' ').collect();
        (fields[0].to_string(), fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
    }
    let threads = Arc::new(Threads::default());
    let config = EngineConfig { observer: Some(threads.clone()), ..small(Mode::Interactive) };
    let text = "fn compute(rt, delta) {} fn rt_starting(rt) { if rt.frame == 3 { rt.pause_compute(); } }";
    let engine = start(text, NullDevice::new(), config);
    assert!(threads.trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)));
    let tasks = threads.tasks.lock().unwrap().clone();
    assert_eq!(tasks.len(), 2, "a raytrace and a compute thread");
    // The step is recorded just before the thread sleeps.
    while tasks.iter().any(|task| stat(task).0 != "S") {
        std::thread::yield_now();
    }
    let before: Vec<_> = tasks.iter().map(|task| stat(task)).collect();
    let steps = threads.trace.all().len();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(before, tasks.iter().map(|task| stat(task)).collect::<Vec<_>>());
    assert_eq!(steps, threads.trace.all().len());
    drop(engine);
}

#[test]
fn frames_do_not_depend_on_which_thread_is_faster() {
    let text = "
        let a = 0; let b = 0; let seen = 0;
        fn init(rt) { rt.set_param(#{ max_accumulation_frames: 3 }); }
        fn rt_starting(rt) { b += 1; }
        fn compute(rt, delta) { a = a * 3 + b + delta; rt.set_ambient([a % 100, 0, 0]); }
        fn update_image(rt) { seen += 1; rt.set_background([seen, 0, 0]); }
        fn accum_done(rt) { seen += 10; }
        fn update_data(rt) { rt.set_background([a % 1000, seen, b]); a += seen; }
    ";
    let reference = run(text, NullDevice::new(), batch(0, 12));
    assert_eq!(reference.frames.len(), 13);
    let distinct: HashSet<_> = reference.frames.iter().map(|f| f.frame.rgba8.clone()).collect();
    assert_eq!(distinct.len(), 13, "the images differ in every state");
    for seed in 0..4u64 {
        /// An observer that sleeps for a hashed time at every step.
        struct Jitter(u64, AtomicU64);
        impl Observer for Jitter {
            fn at(&self, round: u64, _: Moment) {
                let step = self.1.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_micros(image_seed(self.0, Some(round * 1000 + step)) % 4000));
            }
        }
        let config = EngineConfig { observer: Some(Arc::new(Jitter(seed, AtomicU64::new(0)))), ..batch(0, 12) };
        let jittered = run(text, NullDevice::new(), config);
        let images = |reported: &Reported| reported.frames.iter().map(|f| f.frame.clone()).collect::<Vec<_>>();
        assert_eq!(images(&jittered), images(&reference));
    }
}

const COUNTER: &str = "
    let n = 0;
    fn compute(rt, delta) { n += delta; }
    fn update_data(rt) { rt.set_background([n, 0, 0]); }
    fn update_image(rt) {}
";

#[test]
fn any_range_gives_the_frames_of_the_whole_run() {
    let whole = run(COUNTER, NullDevice::new(), batch(0, 9));
    let frames = Frames { start: 3, end: 9, step: 2, skip: [5].into() };
    let (trace, config) = observed(small(Mode::Batch(frames)));
    let part = run(COUNTER, NullDevice::new(), config);
    assert_eq!(part.frames.iter().map(|f| f.number).collect::<Vec<_>>(), [3, 7, 9]);
    for event in &part.frames {
        assert_eq!(event.frame, whole.frames[event.number as usize].frame);
    }
    let rounds_of = |moment| trace.all().iter().filter(|(_, m)| *m == moment).map(|(r, _)| *r).collect::<Vec<_>>();
    assert_eq!(rounds_of(Moment::Begin(UpdateImage)), [3, 7, 9]);
    assert_eq!(rounds_of(Moment::Begin(Compute)), (0..9).collect::<Vec<_>>());
    assert_eq!(rounds_of(Moment::Traced { total: 4 }), [3, 7, 9]);
}

#[test]
fn the_default_camera_does_not_depend_on_the_range() {
    let text = "
        let n = 1.0;
        fn init(rt) { rt.set_data(\"p\", #{ pos: [[0, 0, 0], [1, 1, 1]], r: 0.1 }); }
        fn compute(rt, delta) { n += 1.0; }
        fn update_data(rt) { rt.update_data(\"p\", #{ pos: [[0, 0, 0], [n, n, n]] }); }
    ";
    let whole = run(text, NullDevice::new(), batch(0, 3));
    let part = run(text, NullDevice::new(), batch(3, 3));
    assert_eq!(part.frames[0].frame, whole.frames[3].frame);
}

#[test]
fn a_part_of_a_run_whose_image_callbacks_leave_something_behind_is_refused() {
    let text = "
        let seen = 0;
        fn update_image(rt) { seen += 1; }
        fn update_data(rt) { rt.set_background([seen, 0, 0]); }
    ";
    assert_eq!(run(text, NullDevice::new(), batch(0, 3)).numbers(), [0.0, 1.0, 2.0, 3.0]);
    let refused = Engine::start(script(text), Box::new(NullDevice::new()), batch(2, 3)).err().expect("refused");
    assert!(refused.message.contains("a part of the frames cannot be rendered on its own"), "{refused}");
    assert!(refused.message.contains("`update_image` writes `seen`"), "{refused}");
    assert_eq!(refused.place.map(|p| (p.line, p.column)), Some((3, 31)));

    for call in ["rt.set_background([rt.frame, 0, 0])", "rt.close()"] {
        let text = format!("fn update_image(rt) {{ if rt.frame == 3 {{ {call}; }} }}");
        assert_eq!(run(&text, NullDevice::new(), batch(0, 3)).outcome.err(), None);
        let reported = run(&text, NullDevice::new(), batch(2, 3));
        let message = "in `update_image` changes the frames that follow, of which only a part is rendered";
        assert!(reported.error().message.contains(message), "{}", reported.error());
        assert_eq!(reported.error().place.as_ref().map(|p| p.line), Some(1), "{call}");
        assert_eq!(reported.frames.len(), 2, "the frame itself is valid");
    }
}

#[test]
fn noise_changes_from_frame_to_frame_unless_it_is_locked() {
    let still = "fn init(rt) { rt.set_background([1, 1, 1]); }";
    let images = |config| {
        let reported = run(still, NullDevice::new(), config);
        reported.frames.into_iter().map(|f| f.frame.rgba8.clone()).collect::<HashSet<_>>().len()
    };
    assert_eq!(images(batch(0, 5)), 6);
    assert_eq!(images(EngineConfig { lock_noise: true, ..batch(0, 5) }), 1);
}

#[test]
fn a_slow_reader_loses_no_frame_of_a_batch() {
    let engine = start(COUNTER, NullDevice::new(), EngineConfig { linear: true, ..batch(0, 20) });
    let mut numbers = Vec::new();
    while let Some(event) = engine.events().next() {
        std::thread::sleep(Duration::from_millis(3));
        if let Event::Frame(frame) = event {
            numbers.push(frame.number);
        }
    }
    assert_eq!(numbers, (0..=20).collect::<Vec<_>>());
}

#[test]
fn an_error_in_each_callback_ends_a_batch_after_the_frames_before_it() {
    for callback in [RtStarting, Compute, UpdateImage, AccumDone, UpdateData] {
        let parameters = if callback == Compute { "rt, delta" } else { "rt" };
        let text = format!("fn {}({parameters}) {{\n  if rt.frame == 2 {{ throw \"oh no\"; }}\n}}", callback.name());
        let reported = run(&text, NullDevice::new(), batch(0, 5));
        let error = reported.error();
        assert_eq!(error.kind, ErrorKind::Script);
        assert!(error.message.contains("oh no"), "{error}");
        assert_eq!(error.place.as_ref().map(|p| p.line), Some(2), "{error}");
        // A frame that was traced before something failed is valid, and delivered.
        let frames = if callback == RtStarting { 2 } else { 3 };
        assert_eq!(reported.frames.len(), frames, "{callback:?}");
    }
    for text in ["throw \"oh no\";", "fn init(rt) { throw \"oh no\"; }"] {
        let reported = run(text, NullDevice::new(), batch(0, 5));
        assert!(reported.error().message.contains("oh no"));
        assert!(reported.frames.is_empty());
    }
}

#[test]
fn in_a_window_a_failing_callback_pauses_the_pair_and_is_reported_once() {
    for callback in [RtStarting, Compute, UpdateImage, AccumDone, UpdateData] {
        let parameters = if callback == Compute { "rt, delta" } else { "rt" };
        let text = format!(
            "let fails = true; let n = 0;
            fn {}({parameters}) {{
                n = 7; rt.set_background([9, 9, 9]);
                if fails {{ throw \"oh no\"; }}
            }}
            {}",
            callback.name(),
            if callback == Compute { "" } else { "fn compute(rt, delta) {}" },
        );
        let (trace, config) = observed(EngineConfig { linear: true, ..small(Mode::Interactive) });
        let engine = start(&text, NullDevice::new(), config);
        assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)), "{callback:?}");
        let (mut errors, mut frames, mut state) = (Vec::new(), Vec::new(), None);
        while let Some(event) = engine.events().try_next() {
            match event {
                Event::Error(error) => errors.push(error),
                Event::Frame(frame) => frames.push(frame),
                Event::State(reported) => state = Some(reported),
                Event::Finished(outcome) => panic!("{outcome:?}"),
                _ => {}
            }
        }
        assert_eq!(errors.len(), 1, "{callback:?}: {errors:?}");
        assert!(errors[0].message.contains("oh no"));
        assert_eq!(state, Some(RunState { paused: true, complete: true, idle: true, moved: false }));
        // The image is kept, and the edits staged by the failed callback have no effect.
        assert_eq!(frames.last().map(|f| (f.frame.complete, f.frame.linear[0])), Some((true, 0.0)));

        // After resuming, the callback fails again and is reported again.
        engine.control(Control::ResumeCompute);
        engine.control(Control::Refresh);
        let again = std::iter::from_fn(|| engine.events().next()).find(|e| matches!(e, Event::Error(_)));
        assert!(again.is_some());
        engine.control(Control::Close);
        engine.wait().expect("closing is a normal end");
    }
}

#[test]
fn a_variable_written_on_both_threads_in_one_round_is_an_error() {
    let text = "
        let x = 0;
        fn compute(rt, delta) { x = 1; }
        fn update_image(rt) { x = 2; }
    ";
    let reported = run(text, NullDevice::new(), batch(0, 3));
    assert!(reported.error().message.contains("`x`"), "{}", reported.error());
    assert_eq!(reported.error().place.as_ref().map(|p| p.line), Some(3));
    assert_eq!(reported.error().notes.iter().map(|n| n.place.line).collect::<Vec<_>>(), [4]);
    assert_eq!(reported.frames.len(), 1);
}

#[test]
fn edits_that_contradict_each_other_are_an_error() {
    let text = "
        fn init(rt) { rt.set_data(\"p\", #{ pos: [[0, 0, 0]], r: 1 }); }
        fn compute(rt, delta) { rt.delete_geometry(\"p\"); }
        fn update_image(rt) { rt.update_data(\"p\", #{ r: 2 }); }
    ";
    let reported = run(text, NullDevice::new(), batch(0, 3));
    let message = &reported.error().message;
    assert!(message.contains("`update_image` contradicts what `compute` has staged"), "{message}");
}

#[test]
fn edits_of_all_callbacks_take_effect_in_the_order_of_the_round() {
    let text = "
        fn rt_starting(rt) { rt.set_background([1, 0, 0]); }
        fn compute(rt, delta) { rt.set_background([2, 0, 0]); rt.set_param(#{ rt_timeout: 1234 }); }
        fn update_image(rt) { rt.set_background([3, 0, 0]); rt.set_param(#{ max_accumulation_frames: 9 }); }
        fn update_data(rt) {
            // Edits staged by earlier callbacks can be read.
            if rt.get_param(\"rt_timeout\") != 1234 || rt.get_param(\"max_accumulation_frames\") != 9 { throw \"lost\"; }
        }
    ";
    let reported = run(text, NullDevice::new(), batch(0, 2));
    assert_eq!(reported.outcome.as_ref().err(), None);
    assert_eq!(reported.numbers(), [0.0, 3.0, 3.0]);
    assert_eq!(reported.frames[2].frame.passes, 9);
}

#[test]
fn closing_ends_an_endless_callback_and_a_long_trace() {
    let long = Duration::from_secs(3600);
    let endless = [
        ("let x = 0; loop { x += 1; }", None),
        ("fn init(rt) { loop {} }", Some(Init)),
        ("fn rt_starting(rt) { loop {} }", Some(RtStarting)),
        ("fn compute(rt, delta) { loop {} }", Some(Compute)),
        ("fn update_image(rt) { loop {} }", Some(UpdateImage)),
        ("fn accum_done(rt) { loop {} }", Some(AccumDone)),
        ("fn update_data(rt) { loop {} }", Some(UpdateData)),
    ];
    for (text, callback) in endless {
        let (trace, config) = observed(small(Mode::Interactive));
        let engine = start(text, NullDevice::new(), config);
        if let Some(callback) = callback {
            assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Begin(callback))));
        }
        engine.control(Control::Close);
        engine.wait().expect("closing is a normal end");
    }
    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start("fn compute(rt, delta) { loop {} }", NullDevice::new().with_pass_time(long), config);
    assert!(trace.wait_for(0, Moment::Trace { passes: 1 }));
    engine.control(Control::Close);
    engine.wait().expect("closing is a normal end");
}

#[test]
fn an_interrupt_ends_a_batch_and_keeps_its_frames() {
    let (trace, config) = observed(batch(0, 1000));
    let engine = start("fn compute(rt, delta) { if rt.frame == 1 { loop {} } }", NullDevice::new(), config);
    let stop = engine.stop_handle();
    assert!(trace.wait_for(1, Moment::Begin(Compute)));
    stop.interrupt();
    let mut frames = 0;
    let mut outcome = None;
    while let Some(event) = engine.events().next() {
        match event {
            Event::Frame(_) => frames += 1,
            Event::Finished(end) => outcome = Some(end),
            _ => {}
        }
    }
    assert!((1..=2).contains(&frames), "{frames}");
    assert_eq!(outcome, Some(Err(Error::interrupted())));
    assert_eq!(engine.wait().map_err(|e| e.kind.exit_code()), Err(130));
}

#[test]
fn dropping_the_engine_ends_the_run() {
    let engine = start("fn compute(rt, delta) {}", NullDevice::new(), small(Mode::Interactive));
    drop(engine);
    let engine = start(COUNTER, NullDevice::new(), batch(0, 1_000_000));
    drop(engine);
}

#[test]
fn a_callback_has_compute_timeout_to_end() {
    let text = "
        fn init(rt) { rt.set_param(#{ compute_timeout: 50 }); }
        fn compute(rt, delta) {
            loop {}
        }
    ";
    let reported = run(text, NullDevice::new(), batch(0, 3));
    let error = reported.error();
    assert_eq!(error.kind, ErrorKind::Limit);
    assert_eq!(error.message, "`compute` took longer than 0.05 s");
    assert!(error.hint.as_ref().is_some_and(|h| h.contains("compute_timeout")));
    assert!(error.place.is_some());
    let config = EngineConfig { setup_timeout: Duration::from_millis(50), ..batch(0, 3) };
    let reported = run("fn init(rt) { loop {} }", NullDevice::new(), config);
    assert_eq!(
        (reported.error().kind, reported.error().message.as_str()),
        (ErrorKind::Limit, "`init` took longer than 0.05 s")
    );
}

#[test]
fn tracing_has_rt_timeout_to_end() {
    let slow = || NullDevice::new().with_pass_time(Duration::from_secs(3600));
    let text = "fn init(rt) { rt.set_param(#{ rt_timeout: 50 }); }";
    let reported = run(text, slow(), batch(0, 3));
    assert_eq!(reported.error().kind, ErrorKind::Limit);
    assert!(reported.error().message.contains("rt_timeout (50 ms)"), "{}", reported.error());

    // In a window the message is shown, and tracing is not tried again by itself.
    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start(text, slow(), config);
    assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)));
    let first = std::iter::from_fn(|| engine.events().try_next()).find(|e| matches!(e, Event::Error(_)));
    assert!(matches!(first, Some(Event::Error(e)) if e.kind == ErrorKind::Limit));
    drop(engine);
}

#[test]
fn a_device_that_fails_ends_a_batch_and_leaves_a_window_open() {
    let failing = || {
        NullDevice::new().with_hook(|call| match call {
            NullCall::Apply(changes) if !changes.camera && changes.environment => Err(Error::device("out of memory")),
            _ => Ok(()),
        })
    };
    let text = "fn update_data(rt) { if rt.frame == 1 { rt.set_background([1, 0, 0]); } }";
    let reported = run(text, failing(), batch(0, 4));
    assert_eq!(reported.error().message, "out of memory");
    assert_eq!(reported.numbers(), [0.0, 0.0]);

    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start(text, failing(), config);
    assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)));
    let errors: Vec<_> = std::iter::from_fn(|| engine.events().try_next())
        .filter_map(|e| if let Event::Error(e) = e { Some(e.message) } else { None })
        .collect();
    assert_eq!(errors, ["out of memory"]);
    drop(engine);
}

#[test]
fn a_panic_is_an_error() {
    let broken = NullDevice::new().with_hook(|call| match call {
        NullCall::Trace { .. } => panic!("wires crossed"),
        _ => Ok(()),
    });
    let reported = run("", broken, batch(0, 1));
    assert!(reported.error().message.contains("internal error: wires crossed"), "{}", reported.error());
}

#[test]
fn a_script_renders_in_init() {
    let text = "
        fn init(rt) {
            for i in 0..3 {
                rt.set_background([i, 0, 0]);
                let img = rt.render(#{ passes: 5 });
                if img.passes != 5 || img.pixel(0, 0)[0] != i.to_float() { throw `picture ${i} is wrong`; }
            }
        }
    ";
    let reported = run(text, NullDevice::new(), small(Mode::Once));
    assert_eq!(reported.outcome.as_ref().map(|s| (s.rounds, s.renders)).map_err(ToString::to_string), Ok((0, 3)));
    // The rounds begin with the scene that `init` has left.
    assert_eq!(run(text, NullDevice::new(), batch(0, 0)).numbers(), [2.0]);

    // The time limit of an image applies, not that of `init`.
    let config = EngineConfig { setup_timeout: Duration::from_secs(1), ..small(Mode::Once) };
    let slow = NullDevice::new().with_pass_time(Duration::from_millis(300));
    let text = "fn init(rt) { rt.render(#{ passes: 4 }); }";
    assert_eq!(run(text, slow, config).outcome.map(|s| s.renders), Ok(1));

    let text = "fn init(rt) { rt.set_param(#{ rt_timeout: 50 }); rt.render(#{ passes: 4 }); }";
    let reported = run(text, NullDevice::new().with_pass_time(Duration::from_secs(3600)), small(Mode::Once));
    assert!(reported.error().message.contains("rt_timeout (50 ms)"), "{}", reported.error());
}

#[test]
fn closing_ends_a_script_that_renders() {
    // Often enough to stop with a queued request, with one that is being traced, and with none.
    for _ in 0..30 {
        let (trace, config) = observed(small(Mode::Once));
        let slow = NullDevice::new().with_pass_time(Duration::from_secs(3600));
        let engine = start("fn init(rt) { rt.render(#{ passes: 4 }); }", slow, config);
        assert!(trace.wait_for(0, Moment::Begin(Init)));
        engine.stop_handle().interrupt();
        assert_eq!(engine.wait().map_err(|e| e.kind), Err(ErrorKind::Interrupted));
        assert!(trace.all().contains(&(0, Moment::End(Init))), "the callback was left behind instead of ended");
    }
}

#[test]
fn a_script_closes_the_run() {
    let text = "fn update_data(rt) { if rt.frame == 2 { rt.close(); } }";
    assert_eq!(run(text, NullDevice::new(), batch(0, 9)).outcome.map(|s| s.frames), Ok(3));
    assert_eq!(run(text, NullDevice::new(), small(Mode::Interactive)).outcome.map(|s| s.rounds), Ok(3));
    let text = "fn init(rt) { rt.close(); }";
    assert_eq!(run(text, NullDevice::new(), small(Mode::Interactive)).outcome.map(|s| s.rounds), Ok(0));
}

#[test]
fn a_window_refreshes_and_resizes_a_complete_image() {
    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start("", NullDevice::new(), config);
    assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)));
    engine.control(Control::Refresh);
    assert!(trace.wait_until(|e| e.iter().filter(|(_, m)| *m == Moment::Sleep).count() >= 2));
    engine.control(Control::Resize(3, 5));
    let resized = std::iter::from_fn(|| engine.events().next())
        .find(|e| matches!(e, Event::Frame(f) if (f.frame.width, f.frame.height) == (3, 5) && f.frame.complete));
    assert!(resized.is_some());
    let seeds: HashSet<_> = trace.all().into_iter().filter(|(_, m)| matches!(m, Moment::Restarted { .. })).collect();
    assert_eq!(seeds.len(), 3, "each image has its own noise");
    engine.control(Control::Resize(0, 5));
    let refused = std::iter::from_fn(|| engine.events().next()).find(|e| matches!(e, Event::Error(_)));
    assert!(matches!(refused, Some(Event::Error(e)) if e.message.contains("0x5")));
    assert!(trace.sleeps() >= 2);
    drop(engine);
}

#[test]
fn a_change_of_the_development_alone_traces_nothing_again() {
    let text = "
        fn init(rt) { rt.set_param(#{ max_accumulation_frames: 2 }); }
        fn accum_done(rt) { rt.set_float(\"tonemap_gamma\", 1.5); }
    ";
    let (trace, config) = observed(small(Mode::Interactive));
    let engine = start(text, NullDevice::new(), config);
    assert!(trace.wait_until(|e| e.iter().any(|(_, m)| *m == Moment::Sleep)));
    let all = trace.all();
    let count = |moment| all.iter().filter(|(_, m)| *m == moment).count();
    assert_eq!(count(Moment::Trace { passes: 1 }), 2);
    assert_eq!(count(Moment::Developed { complete: true }), 2, "developed again with the new gamma");
    assert_eq!(count(Moment::Begin(AccumDone)), 1);
    drop(engine);
}

#[test]
fn the_first_pass_of_a_long_block_shows_at_once() {
    let text = "
        fn init(rt) { rt.set_param(#{ min_accumulation_step: 1000, max_accumulation_frames: 1000 }); }
        fn update_image(rt) { throw \"a callback saw an unfinished block\"; }
    ";
    let slow = NullDevice::new().with_pass_time(Duration::from_millis(40));
    let engine = start(text, slow, small(Mode::Interactive));
    let first = std::iter::from_fn(|| engine.events().next()).find(|e| matches!(e, Event::Frame(_) | Event::Error(_)));
    assert!(matches!(first, Some(Event::Frame(f)) if f.frame.passes == 1 && !f.frame.complete));
    drop(engine);
}

const CHECK_LIMIT: Duration = Duration::from_secs(20);

#[test]
fn check_finds_the_mistakes_of_all_callbacks_at_once() {
    let text = "
        fn rt_starting(rt) { throw \"one\"; }
        fn compute(rt, delta) { throw \"two\"; }
        fn update_image(rt) { throw \"three\"; }
        fn accum_done(rt) { throw \"four\"; }
        fn update_data(rt) { if rt.frame == 2 { throw \"five\"; } }
    ";
    let errors = dry_run(script(text), 3, CHECK_LIMIT, Vec::new()).errors;
    let mut found: Vec<_> = ["one", "two", "three", "four", "five"]
        .into_iter()
        .filter(|what| errors.iter().any(|e| e.message.contains(what)))
        .collect();
    found.dedup();
    assert_eq!((errors.len(), found.len()), (5, 5), "{errors:?}");
    assert_eq!(dry_run(script("fn init(rt) { throw \"zero\"; }"), 3, CHECK_LIMIT, Vec::new()).errors.len(), 1);
    assert_eq!(dry_run(script(COUNTER), 3, CHECK_LIMIT, Vec::new()).errors, []);
}

#[test]
fn check_has_a_limit_of_its_own_for_every_callback() {
    let text = "fn init(rt) {} fn compute(rt, delta) { loop {} } fn update_data(rt) { loop {} }";
    let messages: Vec<_> =
        dry_run(script(text), 3, Duration::from_millis(50), Vec::new()).errors.into_iter().map(|e| e.message).collect();
    assert_eq!(messages, ["`compute` took longer than 0.05 s", "`update_data` took longer than 0.05 s"]);
}

/// Plots are moved, refitted, rebuilt, relit and resampled two thousand times.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_number_of_updates() {
    use std::io::{BufRead, BufReader};
    let text = "
        let n = 0;
        fn points(count, shift) {
            let all = [];
            for i in 0..count { all.push([i % 7, shift, i / 7]); }
            all
        }
        fn init(rt) {
            rt.set_data(\"fixed\", #{ pos: points(100, 0), r: 0.3 });
            rt.set_data(\"moved\", #{ pos: points(100, 1), r: 0.3 });
            rt.set_data(\"boxes\", #{ pos: points(60, 2), geom: \"Parallelepipeds\", r: 0.2 });
            rt.setup_camera(\"c\", #{ eye: [20, 20, 20], target: [3, 0, 3] });
            rt.setup_light(\"l\", #{ radius: 2 });
            rt.add_postproc(\"Denoiser\");
        }
        fn compute(rt, delta) { n += 1; }
        fn update_image(rt) { rt.image.mean(); }
        fn update_data(rt) {
            rt.update_data(\"moved\", #{ pos: points(100, 1 + n % 5) });
            rt.set_data(\"boxes\", #{ pos: points(60 + n % 3, 2) });
            rt.move_geometry(\"fixed\", [0, 0.1 - 0.2 * (n % 2), 0]);
            rt.update_light(\"l\", #{ color: 5 + n % 3 });
        }
    ";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("soak.rhai"), text).unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_plotrt"))
        .args(
            "render soak.rhai --frames 0-2000 --out soak.gif --size 8x8 --passes 4 --json --quiet --device cpu"
                .split(' '),
        )
        .current_dir(&folder)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let resident = || -> u64 {
        let status = std::fs::read_to_string(&status).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("the command is still running");
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let mut sizes = Vec::new();
    for (number, line) in BufReader::new(child.stdout.take().unwrap()).lines().enumerate() {
        assert!(line.unwrap().starts_with('{'));
        if number % 500 == 400 {
            sizes.push(resident());
        }
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(sizes.len(), 4);
    assert!(sizes[3] < sizes[0] + 3000, "resident memory over 1500 rounds, kB: {sizes:?}");
}
