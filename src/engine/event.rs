//! Events: what a run reports to its viewer, such as frames, errors, its state and its end.

use super::stats::RoundStats;
use crate::device::Hit;
use crate::frame::Frame;
use crate::scene::Scene;
use crate::script::{Edited, ParamInfo};
use crate::{Error, Result};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Seconds spent in the parts of a round. In a window, `compute` and `update` are those of the previous round,
/// because an image is shown before they have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Timings {
    /// Tracing the block of passes.
    pub trace: f64,
    /// Developing the film, with all post-processing stages.
    pub post: f64,
    /// The callback `compute`, which runs at the same time as the two above.
    pub compute: f64,
    /// The callback `update_data` and the sync point.
    pub update: f64,
    /// Time from the beginning of the round until the frame was sent.
    pub total: f64,
}

/// An image to show or to write, with the scene and the times that belong to it.
#[derive(Debug, Clone)]
pub struct FrameEvent {
    /// Index of the round; in a batch, the frame number.
    pub number: u64,
    pub frame: Arc<Frame>,
    /// The traced scene: the script's scene with the viewer's camera, exposure and other overrides.
    pub scene: Arc<Scene>,
    pub timings: Timings,
    /// Mean time of one pass of this block, seconds.
    pub seconds_per_pass: f64,
}

/// State of a run for the window's title.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// `compute` and `update_data` exist but are not called at present.
    pub paused: bool,
    /// The image is complete.
    pub complete: bool,
    /// Nothing is left to do until the next command.
    pub idle: bool,
    /// The viewer's camera is used instead of the script's.
    pub moved: bool,
}

/// Counts and duration of a finished run.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Finished rounds.
    pub rounds: u64,
    /// Complete frames that were sent.
    pub frames: u64,
    /// Images traced by `rt.render`.
    pub renders: u64,
    /// Seconds from the start of the run to its end.
    pub seconds: f64,
}

/// What a run reports.
#[derive(Debug, Clone)]
pub enum Event {
    Frame(FrameEvent),
    /// A failure after which the run continues (in a window, or in a check).
    Error(Error),
    /// A probable mistake in the script: reported once in a run for each place and topic.
    Warning(Error),
    State(State),
    /// The parameters of the script: sent after its top level has run and whenever one was set.
    Params(Vec<ParamInfo>),
    /// The run continues with an edited script; switching to it took `seconds`.
    Reloaded {
        edited: Edited,
        seconds: f64,
    },
    /// Timings and counts of a round in a window.
    Round(Box<RoundStats>),
    /// The first hit of each ray of [`super::Control::Pick`], in the order of the rays.
    Picked {
        id: u64,
        hits: Vec<Option<Hit>>,
    },
    /// Progress of the image of [`super::Control::Still`], in passes.
    StillAt {
        done: u32,
        of: u32,
    },
    /// The finished image of [`super::Control::Still`]; `None` if it was cancelled.
    Still(Option<Arc<Frame>>),
    /// The last event of every run.
    Finished(Result<Summary>),
}

/// What happens to a frame while the viewer has not taken earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The frame replaces the earlier ones.
    LatestWins,
    /// The sender waits until fewer than this many frames are queued.
    All { queue: usize },
}

/// Queue limits for errors and warnings (each), and for statistics of rounds; the oldest event is dropped at the
/// limit.
const ERRORS_KEPT: usize = 64;
const ROUNDS_KEPT: usize = 1024;

/// The events of a run, for one viewer. Clones share the queue.
#[derive(Clone)]
pub struct Events(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    delivery: Delivery,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    /// The receiver is gone: frames are dropped and no sender waits.
    unattended: bool,
    /// The run is ending: no sender waits for room.
    ending: bool,
    /// Frames that were replaced before they were taken.
    dropped: u64,
    outcome: Option<Result<Summary>>,
}

impl Queue {
    fn frames(&self) -> usize {
        self.events.iter().filter(|e| matches!(e, Event::Frame(_))).count()
    }

    /// Drops queued events that a newer event of the same kind replaces, and returns how many.
    fn replace(&mut self, is_old: fn(&Event) -> bool) -> usize {
        let before = self.events.len();
        self.events.retain(|event| !is_old(event));
        before - self.events.len()
    }

    /// Drops the oldest event of a kind if `most` of them are queued.
    fn limit(&mut self, is_it: fn(&Event) -> bool, most: usize) {
        if self.events.iter().filter(|e| is_it(e)).count() >= most
            && let Some(oldest) = self.events.iter().position(is_it)
        {
            self.events.remove(oldest);
        }
    }
}

impl Events {
    pub(super) fn new(delivery: Delivery) -> Self {
        Events(Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new(), delivery }))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next event; `None` after [`Event::Finished`] has been taken.
    pub fn next(&self) -> Option<Event> {
        let mut queue = self.lock();
        loop {
            if let Some(event) = queue.events.pop_front() {
                self.0.changed.notify_all();
                return Some(event);
            }
            if queue.outcome.is_some() {
                return None;
            }
            queue = self.0.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next event, if one is queued.
    pub fn try_next(&self) -> Option<Event> {
        let event = self.lock().events.pop_front();
        if event.is_some() {
            self.0.changed.notify_all();
        }
        event
    }

    /// Queues an event. Waits only for a viewer that takes all frames and is behind.
    pub(super) fn send(&self, event: Event) {
        let mut queue = self.lock();
        match (&event, self.0.delivery) {
            (Event::Frame(_), _) if queue.unattended => return,
            (Event::Frame(_), Delivery::LatestWins) => {
                queue.dropped += queue.replace(|e| matches!(e, Event::Frame(_))) as u64;
            }
            (Event::Frame(_), Delivery::All { queue: room }) => {
                while queue.frames() >= room && !queue.unattended && !queue.ending {
                    queue = self.0.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
            }
            (Event::State(_), _) => drop(queue.replace(|e| matches!(e, Event::State(_)))),
            (Event::Params(_), _) => drop(queue.replace(|e| matches!(e, Event::Params(_)))),
            (Event::StillAt { .. }, _) => drop(queue.replace(|e| matches!(e, Event::StillAt { .. }))),
            (Event::Warning(_), _) => queue.limit(|e| matches!(e, Event::Warning(_)), ERRORS_KEPT),
            (Event::Error(_), _) => queue.limit(|e| matches!(e, Event::Error(_)), ERRORS_KEPT),
            (Event::Round(_), _) => queue.limit(|e| matches!(e, Event::Round(_)), ROUNDS_KEPT),
            (Event::Reloaded { .. } | Event::Picked { .. } | Event::Still(_), _) => {}
            (Event::Finished(outcome), _) => queue.outcome = Some(outcome.clone()),
        }
        queue.events.push_back(event);
        self.0.changed.notify_all();
    }

    /// Frames that were replaced before they were taken.
    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Stops senders from waiting for room.
    pub(super) fn stop_waiting(&self) {
        self.lock().ending = true;
        self.0.changed.notify_all();
    }

    /// Drops the queued frames and all later ones.
    pub(super) fn abandon(&self) {
        let mut queue = self.lock();
        queue.unattended = true;
        queue.events.retain(|e| !matches!(e, Event::Frame(_)));
        self.0.changed.notify_all();
    }

    /// The outcome of the run. Waits for the end, but at most for `grace` once the run has been stopped.
    pub(super) fn outcome(&self, grace: Duration) -> Option<Result<Summary>> {
        let mut queue = self.lock();
        let mut deadline = None;
        loop {
            if let Some(outcome) = &queue.outcome {
                return Some(outcome.clone());
            }
            if queue.ending {
                let until = *deadline.get_or_insert_with(|| Instant::now() + grace);
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return None;
                }
                (queue, _) = self.0.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner);
            } else {
                queue = self.0.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u64) -> Event {
        let timings = Timings::default();
        Event::Frame(FrameEvent {
            number,
            frame: Arc::default(),
            scene: Arc::default(),
            timings,
            seconds_per_pass: 0.0,
        })
    }

    fn numbers(events: &Events) -> Vec<u64> {
        std::iter::from_fn(|| events.try_next())
            .filter_map(|e| if let Event::Frame(f) = e { Some(f.number) } else { None })
            .collect()
    }

    #[test]
    fn in_a_window_the_latest_frame_wins_and_nobody_waits() {
        let events = Events::new(Delivery::LatestWins);
        events.send(frame(0));
        events.send(Event::Error(Error::script("kept")));
        events.send(frame(1));
        events.send(frame(2));
        assert!(matches!(events.try_next(), Some(Event::Error(e)) if e.message == "kept"));
        assert_eq!(numbers(&events), [2]);
        assert_eq!(events.dropped(), 2);
    }

    #[test]
    fn a_batch_delivers_every_frame_in_order_however_slow_the_reader() {
        let events = Events::new(Delivery::All { queue: 2 });
        let sender = std::thread::spawn({
            let events = events.clone();
            move || {
                (0..50).for_each(|n| events.send(frame(n)));
                events.send(Event::Finished(Ok(Summary::default())));
            }
        });
        let mut seen = Vec::new();
        while let Some(event) = events.next() {
            assert!(events.lock().frames() <= 2);
            if let Event::Frame(f) = event {
                seen.push(f.number);
            }
        }
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
        sender.join().expect("the sender ends");
    }

    #[test]
    fn a_sender_is_let_go_when_the_run_ends_and_its_frame_is_kept() {
        let events = Events::new(Delivery::All { queue: 1 });
        events.send(frame(0));
        let sender = std::thread::spawn({
            let events = events.clone();
            move || events.send(frame(1))
        });
        events.stop_waiting();
        sender.join().expect("the sender ends");
        assert_eq!(numbers(&events), [0, 1]);
    }

    #[test]
    fn a_sender_is_let_go_when_nobody_looks() {
        let events = Events::new(Delivery::All { queue: 1 });
        events.send(frame(0));
        let sender = std::thread::spawn({
            let events = events.clone();
            move || events.send(frame(1))
        });
        events.abandon();
        sender.join().expect("the sender ends");
    }
}
