//! Several sinks on one run: files and live views, each at its own pace.
//!
//! Scripts run on the null device, whose linear image is the background colour.

use plotrt::device::null::NullDevice;
use plotrt::engine::*;
use plotrt::frame::Frame;
use plotrt::script::{Script, ScriptOptions};
use plotrt::{Error, Result};
use std::path::Path;
use std::sync::Arc;

const COUNTER: &str = "
    let n = 0;
    fn compute(rt, delta) { n += delta; }
    fn update_data(rt) { rt.set_background([n, 0, 0]); }
    fn update_image(rt) {}
";

fn start(text: &str, mode: Mode, sinks: Vec<Sink>) -> Engine {
    let script = Script::from_source("test.rhai", text, Path::new("."), ScriptOptions::default()).unwrap();
    let config = EngineConfig { size: Some((2, 2)), linear: true, sinks, ..EngineConfig::new(mode) };
    Engine::start(script, Box::new(NullDevice::new()), config).expect("the run starts")
}

fn batch(end: u64) -> Mode {
    Mode::Batch(Frames::range(0, end))
}

/// All frames that a receiver gets, and the outcome of the run.
fn all(events: &Events) -> (Vec<Arc<Frame>>, Result<Summary>) {
    let (mut frames, mut outcome) = (Vec::new(), None);
    while let Some(event) = events.next() {
        match event {
            Event::Frame(event) => frames.push(event.frame),
            Event::Finished(end) => outcome = Some(end),
            _ => {}
        }
    }
    (frames, outcome.expect("a run ends with `Finished`"))
}

fn frames(events: &[Event]) -> Vec<&FrameEvent> {
    events.iter().filter_map(|event| if let Event::Frame(frame) = event { Some(frame) } else { None }).collect()
}

#[test]
fn a_slow_live_view_that_drops_out_changes_nothing_for_the_files() {
    let alone = all(start(COUNTER, batch(20), Vec::new()).events()).0;
    assert_eq!(alone.len(), 21);

    let (sink, view) = Sink::open(Delivery::LatestWins);
    let engine = start(COUNTER, batch(20), vec![sink]);
    let mut view = Some(view);
    let mut files = Vec::new();
    let mut shown = None;
    while let Some(event) = engine.events().next() {
        let Event::Frame(event) = event else { continue };
        files.push(event.frame);
        if files.len() == 10 {
            // The view has read nothing so far: its first frame is the latest. The files have taken frame 9, perhaps
            // just before the view gets it, may have two more in their queue, and be waited for with a third.
            let view = view.take().expect("taken once");
            let frame = |event| if let Event::Frame(frame) = event { Some(frame) } else { None };
            let latest = std::iter::from_fn(|| view.try_next()).find_map(frame).expect("the view has a frame");
            assert!((8..=12).contains(&latest.number), "{}", latest.number);
            shown = Some(latest);
        }
    }
    assert_eq!(files, alone);
    let shown = shown.expect("the view had a frame");
    assert!(Arc::ptr_eq(&shown.frame, &files[shown.number as usize]), "the sinks share a frame");
}

#[test]
fn a_program_may_leave_all_frames_to_sinks_of_its_own() {
    let (sinks, receivers): (Vec<_>, Vec<_>) =
        [1, 3].map(|queue| Sink::open(Delivery::All { queue })).into_iter().unzip();
    let readers: Vec<_> = receivers.into_iter().map(|events| std::thread::spawn(move || all(&events))).collect();
    let summary = start(COUNTER, batch(20), sinks).wait().expect("the run succeeds");
    let read: Vec<_> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    let numbers: Vec<_> = read[0].0.iter().map(|frame| frame.linear[0] as u64).collect();
    assert_eq!(numbers, (0..=20).collect::<Vec<_>>());
    assert_eq!(read[0].0, read[1].0);
    assert!(read.iter().all(|(frames, outcome)| frames.len() == 21 && *outcome == Ok(summary)));
}

#[test]
fn a_sink_of_a_run_that_does_not_start_has_no_events() {
    let (sink, events) = Sink::open(Delivery::LatestWins);
    let text = "let n = 0; fn update_image(rt) { n += 1; } fn update_data(rt) { rt.set_background([n, 0, 0]); }";
    let script = Script::from_source("test.rhai", text, Path::new("."), ScriptOptions::default()).unwrap();
    let config = EngineConfig { sinks: vec![sink], ..EngineConfig::new(Mode::Batch(Frames::range(3, 5))) };
    // The frames before the third would not run the image callback that others depend on.
    assert!(Engine::start(script, Box::new(NullDevice::new()), config).is_err());
    assert!(events.next().is_none());
}

#[test]
fn every_sink_gets_the_error_that_ends_a_run() {
    let (sinks, views): (Vec<_>, Vec<_>) = [(); 2].map(|()| Sink::open(Delivery::LatestWins)).into_iter().unzip();
    let engine = start("fn compute(rt, delta) { if rt.frame == 3 { throw \"oh no\"; } }", batch(9), sinks);
    let (files, outcome) = all(engine.events());
    let is_that = |error: &Error| error.message.contains("oh no");
    assert!(files.len() == 4 && outcome.as_ref().is_err_and(is_that), "{outcome:?}");
    for view in views {
        assert_eq!(all(&view).1, outcome);
    }
}

#[test]
fn a_view_that_joins_late_sees_the_present_image_and_what_follows() {
    let text = "let p = param(\"p\", 1); fn init(rt) { rt.set_param(#{ max_accumulation_frames: 3 }); }";
    let engine = start(text, Mode::Interactive, Vec::new());
    let idle = |event: &Event| matches!(event, Event::State(state) if state.idle);
    assert!(std::iter::from_fn(|| engine.events().next()).any(|event| idle(&event)));
    let late = engine.subscribe(Delivery::LatestWins);
    let events: Vec<_> = std::iter::from_fn(|| late.try_next()).collect();
    assert!(events.iter().any(idle));
    assert!(matches!(&events[0], Event::Params(params) if params.len() == 1), "{events:?}");
    let [present] = frames(&events)[..] else { panic!("not one frame: {events:?}") };
    assert!(present.frame.complete && present.frame.passes == 3);

    engine.control(Control::Refresh);
    assert!(std::iter::from_fn(|| late.next()).any(|event| matches!(event, Event::Frame(_))));
    engine.control(Control::Close);
    assert!(all(&late).1.is_ok());
}

#[test]
fn a_view_that_is_not_read_does_not_delay_a_window() {
    let engine = start("fn compute(rt, delta) {}", Mode::Interactive, Vec::new());
    let unread = engine.subscribe(Delivery::LatestWins);
    let reached = |number| {
        std::iter::from_fn(|| engine.events().next())
            .any(|event| matches!(event, Event::Round(stats) if stats.round >= number))
    };
    assert!(reached(20));
    drop(unread);
    assert!(reached(30));
}
