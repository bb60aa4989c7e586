//! Stopping: a request to end the run, or an expired deadline, cancels running callbacks and traces.

use super::sinks::Sinks;
use crate::cancel::CancelToken;
use crate::error::Error;
use crate::script::{Callback, took_too_long};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::convert::Infallible;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The reason for ending a run early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The window was closed, which is a normal end.
    Close,
    /// Ctrl-C was pressed: the run ends with [`crate::ErrorKind::Interrupted`].
    Interrupt,
}

/// Ends a run from any thread, including a signal handler's. Clones refer to the same run.
#[derive(Clone)]
pub struct StopHandle {
    pub(super) supervisor: Arc<Supervisor>,
    pub(super) sinks: Sinks,
}

impl StopHandle {
    /// Ends the run as the window's close button does.
    pub fn close(&self) {
        self.stop(Stop::Close);
    }
    /// Ends the run with [`crate::Error::interrupted`].
    pub fn interrupt(&self) {
        self.stop(Stop::Interrupt);
    }
    pub(super) fn stop(&self, why: Stop) {
        self.supervisor.stop(why);
        self.sinks.stop_waiting();
    }
}

/// Tracks all running work, its deadlines, and whether the run is to end.
pub(super) struct Supervisor {
    supervised: Mutex<Supervised>,
    changed: Condvar,
    stopped: Receiver<Infallible>,
}

struct Supervised {
    stop: Option<Stop>,
    /// Dropped by the first stop, which makes [`Supervisor::stopped`] ready permanently.
    running: Option<Sender<Infallible>>,
    work: Vec<Work>,
    next_id: u64,
    /// When the watchdog wakes up next without being notified.
    alarm: Option<Instant>,
    finished: bool,
}

struct Work {
    id: u64,
    token: CancelToken,
    clock: Countdown,
}

#[derive(Clone, Copy, PartialEq)]
enum Countdown {
    Runs { until: Instant },
    Stands { left: Duration },
    Expired,
}

impl Supervisor {
    pub fn new() -> Arc<Self> {
        let (running, stopped) = bounded(0);
        let supervised = Supervised {
            stop: None,
            running: Some(running),
            work: Vec::new(),
            next_id: 0,
            alarm: None,
            finished: false,
        };
        Arc::new(Supervisor { supervised: Mutex::new(supervised), changed: Condvar::new(), stopped })
    }

    fn lock(&self) -> MutexGuard<'_, Supervised> {
        self.supervised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancels all running work and wakes every waiting thread. The first reason is kept.
    pub fn stop(&self, why: Stop) {
        let mut state = self.lock();
        state.stop.get_or_insert(why);
        state.running = None;
        for work in &state.work {
            work.token.cancel();
        }
        self.changed.notify_all();
    }

    pub fn stop_reason(&self) -> Option<Stop> {
        self.lock().stop
    }

    /// A channel that never carries a message and is disconnected as soon as the run is to end: one arm of every
    /// `select!`.
    pub fn stopped(&self) -> &Receiver<Infallible> {
        &self.stopped
    }

    /// Registers a callback (`None`: the top level), whose script host enforces `limit` as well.
    pub fn watch_script(self: &Arc<Self>, callback: Option<Callback>, limit: Duration) -> Watch {
        let mut watch = self.watch(limit.saturating_add(SLACK));
        (watch.callback, watch.limit) = (callback, limit);
        watch
    }

    /// Registers work: its token is cancelled by a stop, or after `limit`.
    pub fn watch(self: &Arc<Self>, limit: Duration) -> Watch {
        let token = CancelToken::new();
        let mut state = self.lock();
        if state.stop.is_some() {
            token.cancel();
        }
        let id = state.next_id;
        state.next_id += 1;
        let until = later(limit);
        state.work.push(Work { id, token: token.clone(), clock: Countdown::Runs { until } });
        self.wake_before(&state, until);
        drop(state);
        Watch { supervisor: self.clone(), id, token, callback: None, limit }
    }

    /// Wakes the watchdog if its alarm is later than `until`.
    fn wake_before(&self, state: &Supervised, until: Instant) {
        if state.alarm.is_none_or(|alarm| until < alarm) {
            self.changed.notify_all();
        }
    }

    /// The watchdog's loop: cancels work past its deadline, until [`Supervisor::finish`].
    pub fn watchdog(&self) {
        let mut state = self.lock();
        while !state.finished {
            let now = Instant::now();
            let mut next = None;
            for work in &mut state.work {
                if let Countdown::Runs { until } = work.clock {
                    if until <= now {
                        work.clock = Countdown::Expired;
                        work.token.cancel();
                    } else {
                        next = Some(next.map_or(until, |n: Instant| n.min(until)));
                    }
                }
            }
            state.alarm = next;
            state = match next {
                Some(until) => {
                    let (state, _) =
                        self.changed.wait_timeout(state, until - now).unwrap_or_else(PoisonError::into_inner);
                    state
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Ends the watchdog.
    pub fn finish(&self) {
        self.lock().finished = true;
        self.changed.notify_all();
    }

    fn with_work<R>(&self, id: u64, f: impl FnOnce(&mut Work) -> R) -> Option<R> {
        let mut state = self.lock();
        let work = state.work.iter_mut().find(|work| work.id == id)?;
        let result = f(work);
        if let Countdown::Runs { until } = work.clock {
            self.wake_before(&state, until);
        }
        Some(result)
    }

    /// Pauses the clock of work that waits for something with a limit of its own.
    pub fn suspend(&self, id: u64) {
        self.with_work(id, |work| {
            if let Countdown::Runs { until } = work.clock {
                work.clock = Countdown::Stands { left: until.saturating_duration_since(Instant::now()) };
            }
        });
    }

    /// Continues a clock that was paused by [`Supervisor::suspend`].
    pub fn resume(&self, id: u64) {
        self.with_work(id, |work| {
            if let Countdown::Stands { left } = work.clock {
                work.clock = Countdown::Runs { until: later(left) };
            }
        });
    }
}

/// A duration that no run reaches and that every clock can represent.
pub(super) const NO_LIMIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// How much later a watch expires than the script host's own limit, which can report the place in the script. The
/// watch is for native code, in which the host does not check its limit.
const SLACK: Duration = Duration::from_millis(100);

fn later(limit: Duration) -> Instant {
    Instant::now() + limit.min(NO_LIMIT)
}

/// Supervision of one piece of work; ends when dropped.
pub(super) struct Watch {
    supervisor: Arc<Supervisor>,
    pub id: u64,
    pub token: CancelToken,
    callback: Option<Callback>,
    limit: Duration,
}

impl Watch {
    /// Adds the reason of the cancellation to the error of a cancelled callback.
    pub fn explain(&self, error: &mut Error) {
        if !self.expired() {
            return;
        }
        let late = took_too_long(self.callback, self.limit);
        let (place, notes) = (error.place.take(), std::mem::take(&mut error.notes));
        *error = Error { place, notes, ..late };
    }

    /// Whether the work was cancelled because it took too long (and not because the run ends).
    pub fn expired(&self) -> bool {
        self.supervisor.with_work(self.id, |work| work.clock == Countdown::Expired).unwrap_or(false)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.supervisor.lock().work.retain(|work| work.id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_watchdog(test: impl FnOnce(&Arc<Supervisor>)) {
        let supervisor = Supervisor::new();
        let thread = std::thread::spawn({
            let supervisor = supervisor.clone();
            move || supervisor.watchdog()
        });
        test(&supervisor);
        supervisor.finish();
        thread.join().expect("the watchdog does not panic");
    }

    fn wait_for(token: &CancelToken) {
        while !token.is_cancelled() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_deadline_cancels_only_its_own_work() {
        with_watchdog(|supervisor| {
            let long = supervisor.watch(Duration::from_secs(3600));
            let short = supervisor.watch(Duration::from_millis(1));
            wait_for(&short.token);
            assert!(short.expired());
            assert!(!long.token.is_cancelled() && !long.expired());
        });
    }

    #[test]
    fn a_clock_that_stands_does_not_expire() {
        with_watchdog(|supervisor| {
            let stands = supervisor.watch(Duration::from_secs(3600));
            supervisor.suspend(stands.id);
            supervisor.with_work(stands.id, |work| work.clock = Countdown::Stands { left: Duration::ZERO });
            let other = supervisor.watch(Duration::ZERO);
            wait_for(&other.token);
            assert!(!stands.expired());
            supervisor.resume(stands.id);
            wait_for(&stands.token);
            assert!(stands.expired());
        });
    }

    #[test]
    fn a_stop_cancels_present_and_future_work_without_expiring_it() {
        with_watchdog(|supervisor| {
            let before = supervisor.watch(Duration::MAX);
            supervisor.stop(Stop::Interrupt);
            supervisor.stop(Stop::Close);
            let after = supervisor.watch(Duration::MAX);
            assert!(before.token.is_cancelled() && after.token.is_cancelled());
            assert!(!before.expired() && !after.expired());
            assert_eq!(supervisor.stop_reason(), Some(Stop::Interrupt));
            assert!(supervisor.stopped().recv().is_err());
        });
    }
}
