//! A sink: the queue of events of one receiver, and what happens while the receiver is behind.

use super::event::{Event, Summary};
use crate::Result;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What happens to a frame while the receiver has not taken earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The frame replaces the earlier ones, as for a live view. The run never waits for such a receiver.
    LatestWins,
    /// The run waits until fewer than this many frames are queued (at least 1), as for files. Nothing is lost.
    All {
        /// Frames that may be queued.
        queue: usize,
    },
}

/// Queue limits for errors and warnings (each), and for statistics of rounds. At the limit, the oldest one is dropped;
/// for a receiver that gets all frames, the run waits instead before it queues an error or a warning.
const ERRORS_KEPT: usize = 64;
const ROUNDS_KEPT: usize = 1024;

/// The sending end of a queue of events. Clones share the queue.
///
/// Frames of a batch go to files, and a live view on another thread shows what it can:
///
/// ```no_run
/// # use plotrt::engine::{Delivery, Engine, EngineConfig, Event, Frames, Mode, Sink};
/// # fn start(script: std::sync::Arc<plotrt::script::Script>, device: Box<dyn plotrt::device::Device>) -> plotrt::Result<()> {
/// let (sink, view) = Sink::open(Delivery::LatestWins);
/// let config = EngineConfig { sinks: vec![sink], ..EngineConfig::new(Mode::Batch(Frames::range(0, 99))) };
/// let engine = Engine::start(script, device, config)?;
/// std::thread::spawn(move || {
///     while let Some(event) = view.next() { /* show it */ }
/// });
/// while let Some(event) = engine.events().next() { /* write it */ }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Sink(Arc<SendingEnd>);

/// The events of a run, for one receiver. Clones share the queue; when the last of them is dropped, the run no longer
/// sends or waits.
#[derive(Debug, Clone)]
pub struct Events(Arc<ReceivingEnd>);

#[derive(Debug)]
struct SendingEnd(Arc<Queue>);

#[derive(Debug)]
struct ReceivingEnd(Arc<Queue>);

impl Drop for SendingEnd {
    fn drop(&mut self) {
        self.0.change(|queued| queued.ended = true);
    }
}

impl Drop for ReceivingEnd {
    fn drop(&mut self) {
        self.0.change(|queued| {
            queued.closed = true;
            queued.events.clear();
        });
    }
}

#[derive(Debug)]
struct Queue {
    queued: Mutex<Queued>,
    changed: Condvar,
    delivery: Delivery,
}

#[derive(Debug, Default)]
struct Queued {
    events: VecDeque<Event>,
    /// The receiver is gone: all events are dropped.
    closed: bool,
    /// The receiver takes no frames any more: they are dropped.
    without_frames: bool,
    /// The run is ending: the sender does not wait for room.
    ending: bool,
    /// No event will follow those that are queued.
    ended: bool,
    /// Frames that were replaced before they were taken.
    dropped: u64,
    outcome: Option<Result<Summary>>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Queued> {
        self.queued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, queued: MutexGuard<'a, Queued>) -> MutexGuard<'a, Queued> {
        self.changed.wait(queued).unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the queue and wakes all who wait for a change.
    fn change(&self, change: impl FnOnce(&mut Queued)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

impl Queued {
    fn count(&self, is_it: fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is_it(event)).count()
    }

    /// Drops queued events that a newer event of the same kind replaces, and returns how many.
    fn replace(&mut self, is_old: fn(&Event) -> bool) -> usize {
        let before = self.events.len();
        self.events.retain(|event| !is_old(event));
        before - self.events.len()
    }

    /// Drops the oldest event of a kind if `most` of them are queued.
    fn limit(&mut self, is_it: fn(&Event) -> bool, most: usize) {
        if self.count(is_it) >= most
            && let Some(oldest) = self.events.iter().position(is_it)
        {
            self.events.remove(oldest);
        }
    }

    /// Whether the sender can add the event now.
    fn has_room(&self, event: &Event, delivery: Delivery) -> bool {
        let most_frames = match delivery {
            Delivery::LatestWins => return true,
            Delivery::All { queue } => queue.max(1),
        };
        if self.closed || self.without_frames || self.ending {
            return true;
        }
        match event {
            Event::Frame(_) => self.count(is_frame) < most_frames,
            Event::Error(_) => self.count(is_error) < ERRORS_KEPT,
            Event::Warning(_) => self.count(is_warning) < ERRORS_KEPT,
            Event::State(_)
            | Event::Params(_)
            | Event::Reloaded { .. }
            | Event::Round(_)
            | Event::Picked { .. }
            | Event::StillAt { .. }
            | Event::Still(_)
            | Event::Finished(_) => true,
        }
    }

    /// Adds an event for which there is room, and drops what it replaces.
    fn add(&mut self, mut event: Event, delivery: Delivery) {
        if self.closed {
            return;
        }
        match (&mut event, delivery) {
            (Event::Frame(_), _) if self.without_frames => return,
            (Event::Frame(_), Delivery::LatestWins) => self.dropped += self.replace(is_frame) as u64,
            (Event::Frame(_), Delivery::All { .. }) => {}
            (Event::State(_), _) => drop(self.replace(|e| matches!(e, Event::State(_)))),
            (Event::Params(_), _) => drop(self.replace(|e| matches!(e, Event::Params(_)))),
            (Event::StillAt { .. }, _) => drop(self.replace(|e| matches!(e, Event::StillAt { .. }))),
            (Event::Warning(_), _) => self.limit(is_warning, ERRORS_KEPT),
            (Event::Error(_), _) => self.limit(is_error, ERRORS_KEPT),
            (Event::Round(stats), _) => {
                stats.dropped = self.dropped;
                self.limit(|e| matches!(e, Event::Round(_)), ROUNDS_KEPT);
            }
            (Event::Reloaded { .. } | Event::Picked { .. } | Event::Still(_), _) => {}
            (Event::Finished(outcome), _) => (self.outcome, self.ended) = (Some(outcome.clone()), true),
        }
        self.events.push_back(event);
    }
}

fn is_frame(event: &Event) -> bool {
    matches!(event, Event::Frame(_))
}

fn is_error(event: &Event) -> bool {
    matches!(event, Event::Error(_))
}

fn is_warning(event: &Event) -> bool {
    matches!(event, Event::Warning(_))
}

impl Sink {
    /// A sink and its receiving end. Give the sink to a run by [`super::EngineConfig::sinks`].
    pub fn open(delivery: Delivery) -> (Sink, Events) {
        let queue = Arc::new(Queue { queued: Mutex::default(), changed: Condvar::new(), delivery });
        (Sink(Arc::new(SendingEnd(queue.clone()))), Events(Arc::new(ReceivingEnd(queue))))
    }

    fn queue(&self) -> &Queue {
        &self.0.0
    }

    /// Queues the event, or returns it if there is no room. Never waits.
    pub(super) fn offer(&self, event: Event) -> Option<Event> {
        let mut queued = self.queue().lock();
        if !queued.has_room(&event, self.queue().delivery) {
            return Some(event);
        }
        queued.add(event, self.queue().delivery);
        self.queue().changed.notify_all();
        None
    }

    /// Queues the event, and waits for room if the receiver gets all frames and is behind.
    pub(super) fn send(&self, event: Event) {
        let mut queued = self.queue().lock();
        while !queued.has_room(&event, self.queue().delivery) {
            queued = self.queue().wait(queued);
        }
        queued.add(event, self.queue().delivery);
        self.queue().changed.notify_all();
    }

    /// Whether the receiver still exists.
    pub(super) fn is_open(&self) -> bool {
        !self.queue().lock().closed
    }

    /// Stops the sender from waiting for room.
    pub(super) fn stop_waiting(&self) {
        self.queue().change(|queued| queued.ending = true);
    }
}

impl Events {
    fn queue(&self) -> &Queue {
        &self.0.0
    }

    /// Waits for the next event; `None` after [`Event::Finished`] has been taken, or if the run has not started.
    pub fn next(&self) -> Option<Event> {
        let mut queued = self.queue().lock();
        loop {
            if let Some(event) = queued.events.pop_front() {
                self.queue().changed.notify_all();
                return Some(event);
            }
            if queued.ended {
                return None;
            }
            queued = self.queue().wait(queued);
        }
    }

    /// The next event, if one is queued.
    pub fn try_next(&self) -> Option<Event> {
        let event = self.queue().lock().events.pop_front();
        if event.is_some() {
            self.queue().changed.notify_all();
        }
        event
    }

    /// Drops the queued frames and all later ones.
    pub(super) fn abandon_frames(&self) {
        self.queue().change(|queued| {
            queued.without_frames = true;
            queued.replace(is_frame);
        });
    }

    /// The outcome of the run. Waits for the end, but at most for `grace` once the run has been stopped.
    pub(super) fn outcome(&self, grace: Duration) -> Option<Result<Summary>> {
        let mut queued = self.queue().lock();
        let mut deadline = None;
        loop {
            if let Some(outcome) = &queued.outcome {
                return Some(outcome.clone());
            }
            if queued.ending {
                let until = *deadline.get_or_insert_with(|| Instant::now() + grace);
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return None;
                }
                (queued, _) = self.queue().changed.wait_timeout(queued, left).unwrap_or_else(PoisonError::into_inner);
            } else {
                queued = self.queue().wait(queued);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::event::FrameEvent;
    use super::super::stats::Timings;
    use super::*;
    use crate::Error;

    pub fn frame(number: u64) -> Event {
        let timings = Timings::default();
        Event::Frame(FrameEvent {
            number,
            frame: Arc::default(),
            scene: Arc::default(),
            timings,
            seconds_per_pass: 0.0,
        })
    }

    /// The numbers of the queued frames.
    pub fn numbers(events: &Events) -> Vec<u64> {
        std::iter::from_fn(|| events.try_next())
            .filter_map(|e| if let Event::Frame(f) = e { Some(f.number) } else { None })
            .collect()
    }

    #[test]
    fn in_a_live_view_the_latest_frame_wins_and_nobody_waits() {
        let (sink, events) = Sink::open(Delivery::LatestWins);
        sink.send(frame(0));
        sink.send(Event::Error(Error::script("kept")));
        sink.send(frame(1));
        sink.send(frame(2));
        sink.send(Event::Round(Box::default()));
        assert!(matches!(events.try_next(), Some(Event::Error(e)) if e.message == "kept"));
        assert!(matches!(events.try_next(), Some(Event::Frame(f)) if f.number == 2));
        assert!(matches!(events.try_next(), Some(Event::Round(stats)) if stats.dropped == 2));
    }

    #[test]
    fn every_frame_arrives_in_order_however_slow_the_reader() {
        let (sink, events) = Sink::open(Delivery::All { queue: 2 });
        let sender = std::thread::spawn(move || {
            (0..50).for_each(|n| sink.send(frame(n)));
            sink.send(Event::Finished(Ok(Summary::default())));
        });
        let mut seen = Vec::new();
        while let Some(event) = events.next() {
            assert!(events.queue().lock().count(is_frame) <= 2);
            if let Event::Frame(f) = event {
                seen.push(f.number);
            }
        }
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
        sender.join().expect("the sender ends");
    }

    #[test]
    fn a_sender_is_let_go_when_the_run_ends_and_its_frame_is_kept() {
        let (sink, events) = Sink::open(Delivery::All { queue: 1 });
        sink.send(frame(0));
        assert!(sink.offer(frame(1)).is_some(), "no room");
        let sender = std::thread::spawn({
            let sink = sink.clone();
            move || sink.send(frame(1))
        });
        sink.stop_waiting();
        sender.join().expect("the sender ends");
        assert_eq!(numbers(&events), [0, 1]);
    }

    #[test]
    fn a_sender_is_let_go_when_nobody_looks() {
        for leave in [
            |events: Events| drop(events),
            |events: Events| {
                events.abandon_frames();
                // The receiver still exists.
                std::mem::forget(events);
            },
        ] {
            let (sink, events) = Sink::open(Delivery::All { queue: 1 });
            sink.send(frame(0));
            let sender = std::thread::spawn(move || sink.send(frame(1)));
            leave(events);
            sender.join().expect("the sender ends");
        }
    }

    #[test]
    fn errors_wait_for_a_reader_that_loses_nothing_and_are_bounded_for_others() {
        let most = ERRORS_KEPT;
        let error = |n: usize| Event::Error(Error::script(n.to_string()));
        let (lossless, all) = Sink::open(Delivery::All { queue: 1 });
        let (live, latest) = Sink::open(Delivery::LatestWins);
        for n in 0..most {
            assert!(lossless.offer(error(n)).is_none() && live.offer(error(n)).is_none());
        }
        assert!(lossless.offer(error(most)).is_some() && live.offer(error(most)).is_none());
        assert!(matches!(all.try_next(), Some(Event::Error(e)) if e.message == "0"));
        assert!(lossless.offer(error(most)).is_none());
        assert!(matches!(latest.try_next(), Some(Event::Error(e)) if e.message == "1"));
    }

    #[test]
    fn a_reader_is_let_go_when_nobody_can_send() {
        let (sink, events) = Sink::open(Delivery::LatestWins);
        sink.send(frame(0));
        let reader = std::thread::spawn(move || std::iter::from_fn(|| events.next()).count());
        drop(sink);
        assert_eq!(reader.join().expect("the reader ends"), 1);
    }

    #[test]
    fn a_sink_is_open_until_its_last_receiver_is_dropped() {
        let (sink, events) = Sink::open(Delivery::LatestWins);
        let again = events.clone();
        drop(events);
        sink.send(frame(0));
        assert!(sink.is_open());
        assert_eq!(numbers(&again), [0]);
        drop(again);
        sink.send(Event::Round(Box::default()));
        assert!(!sink.is_open() && sink.queue().lock().events.is_empty());
    }
}
