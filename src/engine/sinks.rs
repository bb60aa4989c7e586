//! The sinks of a run: every event goes to all of them. A live view never delays the run or another sink; a sink that
//! gets all frames delays the run, after the others have got the event.

use super::event::{Event, FrameEvent, RunState, Summary};
use super::sink::Sink;
use crate::Result;
use crate::script::ParamInfo;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All sinks of a run. Clones share the list.
#[derive(Clone)]
pub(super) struct Sinks(Arc<Mutex<SinkList>>);

struct SinkList {
    sinks: Vec<Sink>,
    /// Whether the present image is kept for sinks that are added later.
    keeps_image: bool,
    present: Present,
    /// The run is ending: nobody waits for room.
    ending: bool,
}

/// What a sink must receive that is added while the run is under way.
#[derive(Default)]
struct Present {
    params: Option<Vec<ParamInfo>>,
    state: Option<RunState>,
    image: Option<FrameEvent>,
    outcome: Option<Result<Summary>>,
}

impl Present {
    fn update(&mut self, event: &Event, keeps_image: bool) {
        match event {
            Event::Frame(frame) => self.image = keeps_image.then(|| frame.clone()),
            Event::State(state) => self.state = Some(*state),
            Event::Params(params) => self.params = Some(params.clone()),
            Event::Finished(outcome) => self.outcome = Some(outcome.clone()),
            Event::Error(_)
            | Event::Warning(_)
            | Event::Reloaded { .. }
            | Event::Round(_)
            | Event::Picked { .. }
            | Event::StillAt { .. }
            | Event::Still(_) => {}
        }
    }

    fn events(&self) -> impl Iterator<Item = Event> {
        let Present { params, state, image, outcome } = self;
        let params = params.clone().map(Event::Params);
        let (state, image) = (state.map(Event::State), image.clone().map(Event::Frame));
        [params, state, image, outcome.clone().map(Event::Finished)].into_iter().flatten()
    }
}

impl Sinks {
    /// No sinks yet. `keeps_image`: a sink that is added during the run receives the present image.
    pub fn new(keeps_image: bool) -> Self {
        let (sinks, present) = (Vec::new(), Present::default());
        Sinks(Arc::new(Mutex::new(SinkList { sinks, keeps_image, present, ending: false })))
    }

    fn lock(&self) -> MutexGuard<'_, SinkList> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a sink, which receives the present parameters, state and image, and all later events.
    pub fn add(&self, sink: Sink) {
        let mut known = self.lock();
        if known.ending {
            sink.stop_waiting();
        }
        for event in known.present.events() {
            // A new queue has room for one event of each kind.
            let _ = sink.offer(event);
        }
        known.sinks.push(sink);
    }

    /// Queues an event in all sinks. Waits only for those that get all frames and are behind.
    pub fn send(&self, event: Event) {
        let mut known = self.lock();
        let keeps_image = known.keeps_image;
        known.present.update(&event, keeps_image);
        known.sinks.retain(Sink::is_open);
        let mut sinks = known.sinks.clone();
        drop(known);
        let Some(last) = sinks.pop() else { return };
        let mut behind = Vec::new();
        for sink in sinks {
            behind.extend(sink.offer(event.clone()).map(|event| (sink, event)));
        }
        behind.extend(last.offer(event).map(|event| (last, event)));
        for (sink, event) in behind {
            sink.send(event);
        }
    }

    /// Stops the sender from waiting for room, because the run is ending.
    pub fn stop_waiting(&self) {
        let mut known = self.lock();
        known.ending = true;
        known.sinks.iter().for_each(Sink::stop_waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sink::tests::{frame, numbers};
    use super::super::sink::{Delivery, Events};
    use super::*;

    fn with<const N: usize>(deliveries: [Delivery; N]) -> (Sinks, [Events; N]) {
        let sinks = Sinks::new(true);
        let events = deliveries.map(|delivery| {
            let (sink, events) = Sink::open(delivery);
            sinks.add(sink);
            events
        });
        (sinks, events)
    }

    const FILES: Delivery = Delivery::All { queue: 1 };
    const VIEW: Delivery = Delivery::LatestWins;

    #[test]
    fn a_view_that_is_not_read_delays_nobody() {
        let (sinks, [view, files]) = with([VIEW, FILES]);
        for n in 0..10 {
            sinks.send(frame(n));
            assert_eq!(numbers(&files), [n]);
        }
        assert_eq!(numbers(&view), [9]);
    }

    #[test]
    fn a_sink_that_is_behind_delays_the_run_after_the_others_have_their_frame() {
        let (sinks, [slow, view, files]) = with([FILES, VIEW, FILES]);
        sinks.send(frame(0));
        assert_eq!((numbers(&view), numbers(&files)), (vec![0], vec![0]));
        let sender = std::thread::spawn({
            let sinks = sinks.clone();
            move || sinks.send(frame(1))
        });
        // `slow` still has frame 0.
        assert!(matches!(view.next(), Some(Event::Frame(f)) if f.number == 1));
        assert!(matches!(files.next(), Some(Event::Frame(f)) if f.number == 1));
        assert!(!sender.is_finished());
        assert!(matches!(slow.next(), Some(Event::Frame(f)) if f.number == 0));
        sender.join().expect("the sender ends");
        assert_eq!(numbers(&slow), [1]);
    }

    #[test]
    fn a_sink_whose_receiver_is_gone_is_forgotten_even_while_it_is_waited_for() {
        let (sinks, [files, view]) = with([FILES, VIEW]);
        sinks.send(frame(0));
        let sender = std::thread::spawn({
            let sinks = sinks.clone();
            move || sinks.send(frame(1))
        });
        drop(files);
        sender.join().expect("the sender ends");
        sinks.send(frame(2));
        assert_eq!(sinks.lock().sinks.len(), 1);
        assert_eq!(numbers(&view), [2]);
    }

    #[test]
    fn all_sinks_share_a_frame() {
        let (sinks, [a, b]) = with([VIEW, FILES]);
        sinks.send(frame(0));
        let (Some(Event::Frame(a)), Some(Event::Frame(b))) = (a.next(), b.next()) else { panic!("a frame each") };
        assert!(Arc::ptr_eq(&a.frame, &b.frame) && Arc::ptr_eq(&a.scene, &b.scene));
    }

    #[test]
    fn a_late_sink_gets_the_present_state_and_image() {
        let (sinks, [_first]) = with([VIEW]);
        sinks.send(frame(3));
        sinks.send(frame(4));
        sinks.send(Event::State(RunState { idle: true, ..RunState::default() }));
        let (sink, late) = Sink::open(FILES);
        sinks.add(sink);
        assert!(matches!(late.try_next(), Some(Event::State(state)) if state.idle));
        assert_eq!(numbers(&late), [4]);
        sinks.send(Event::Finished(Ok(Summary::default())));
        let (sink, after) = Sink::open(VIEW);
        sinks.add(sink);
        assert_eq!(std::iter::from_fn(|| after.next()).count(), 3);
    }
}
