//! The engine: two threads, rounds of callbacks and passes, the sync point, cancellation.
//!
//! [`Engine::start`] begins a run and returns at once. The *raytrace thread* owns the device and coordinates the
//! round; the *compute thread* runs the callbacks that prepare the next frame; a watchdog cancels what exceeds its
//! time limit. One round:
//!
//! ```text
//! raytrace thread                                        compute thread
//! rt_starting ─┬─ trace a block, develop, update_image,  ── compute(delta)
//!              │  accum_done (if the image is complete)
//!              ├─ merge state and edits ───────────────────
//!              │                                            update_data
//!              └─ sync point: edits into the scene, the change set onto the device
//! ```
//!
//! In a window, the viewer's commands are carried out between rounds. Commands that only change the view are also
//! carried out within a round (module `preview`), so that the image never waits for a slow `compute` or a slow pass.
//!
//! Results never depend on which thread is faster: each callback works on its own copy of the script's state and
//! of the scene, and the copies are joined in a fixed order, where a conflict is an error.

mod branch;
mod check;
mod commands;
mod compute;
mod config;
mod control;
mod event;
mod observe;
mod preview;
mod raytrace;
mod reload;
mod render;
mod round;
mod seed;
mod setup;
mod stats;
mod still;
mod stop;
mod tracer;
mod view;
mod warnings;

pub use check::{DryRun, dry_run};
pub use config::{EngineConfig, Frames, Mode};
pub use control::Control;
pub use event::{Event, Events, FrameEvent, State, Summary, Timings};
pub use observe::{Moment, Observer, Recorder};
pub use seed::image_seed;
pub use stats::{Lane, RoundStats, Span};
pub use stop::StopHandle;

use crate::cancel::CancelToken;
use crate::device::Device;
use crate::frame::Frame;
use crate::scene::Scene;
use crate::script::{CallContext, Callback, Host, Script};
use crate::{Error, Result};
use control::Controls;
use event::Delivery;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use stop::Supervisor;
use warnings::Warnings;

/// Frames of a batch that may wait to be written while the next one is traced.
const FRAMES_AHEAD: usize = 2;

/// A run of a script. Dropping it ends the run and waits for its threads.
pub struct Engine {
    supervisor: Arc<Supervisor>,
    controls: Arc<Controls>,
    events: Events,
    threads: Vec<JoinHandle<()>>,
}

impl Engine {
    /// Begins a run. Fails at once if the script cannot do what the configuration asks for; all later errors are
    /// reported as events.
    pub fn start(script: Arc<Script>, device: Box<dyn Device>, config: EngineConfig) -> Result<Engine> {
        if let (Some(fault), false) = (script.faults().first(), matches!(config.mode, Mode::Check { .. })) {
            return Err(fault.clone());
        }
        let mut delivery = Delivery::All { queue: FRAMES_AHEAD };
        match &config.mode {
            Mode::Batch(frames) if frames.is_partial() => script.check_image_callbacks_apart()?,
            Mode::Interactive => delivery = Delivery::LatestWins,
            _ => {}
        }
        let supervisor = Supervisor::new();
        let controls = Arc::new(Controls::new());
        let events = Events::new(delivery);
        let shared = Shared {
            config,
            supervisor: supervisor.clone(),
            events: events.clone(),
            controls: controls.clone(),
            warnings: Warnings::default(),
        };
        let mut engine = Engine { supervisor: supervisor.clone(), controls, events, threads: Vec::new() };
        let watchdog = supervisor.clone();
        engine.threads.push(spawn("plotrt-watchdog", move || watchdog.watchdog())?);
        engine.threads.push(spawn("plotrt-raytrace", move || {
            let events = shared.events.clone();
            let outcome = catch_unwind(AssertUnwindSafe(|| raytrace::run(shared, script, device)))
                .unwrap_or_else(|p| Err(panicked(&*p)));
            supervisor.finish();
            events.send(Event::Finished(outcome));
        })?);
        Ok(engine)
    }

    /// The events of the run. Read them until [`Event::Finished`]; a batch run waits while its frames are not taken.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Sends a command to the engine, which carries it out between two rounds, or at once for [`Control::Close`].
    /// Never blocks.
    pub fn control(&self, command: Control) {
        if matches!(command, Control::Close) {
            self.stop_handle().close();
        } else {
            self.controls.ask(command);
        }
    }

    /// A handle that ends the run from another thread, such as a handler of Ctrl-C.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle { supervisor: self.supervisor.clone(), events: self.events.clone() }
    }

    /// Waits for the end of the run. Frames that have not been taken are dropped.
    pub fn wait(mut self) -> Result<Summary> {
        self.join()
    }

    fn join(&mut self) -> Result<Summary> {
        self.events.abandon();
        match self.events.outcome(compute::GRACE * 2) {
            Some(outcome) => {
                for thread in self.threads.drain(..) {
                    // Panics on the threads have been caught and are part of the outcome.
                    let _ = thread.join();
                }
                outcome
            }
            // A callback that cannot be cancelled must not keep the program from exiting.
            None => {
                self.threads.clear();
                Err(Error::interrupted())
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.stop_handle().close();
            // The caller dropped the engine, so nobody reads the outcome.
            let _ = self.join();
        }
    }
}

/// State shared by all threads of a run.
struct Shared {
    config: EngineConfig,
    supervisor: Arc<Supervisor>,
    events: Events,
    controls: Arc<Controls>,
    warnings: Warnings,
}

impl Shared {
    /// The seed of the image of a frame.
    fn seed(&self, frame: u64) -> u64 {
        image_seed(self.config.seed, (!self.config.lock_noise).then_some(frame))
    }

    fn observe(&self, round: u64, moment: Moment) {
        if let Some(observer) = &self.config.observer {
            observer.at(round, moment);
        }
    }

    /// The context that a callback is called with.
    fn context(
        &self,
        callback: Callback,
        round: u64,
        scene: Scene,
        image: Option<Arc<Frame>>,
        cancel: CancelToken,
    ) -> CallContext {
        CallContext {
            frame: round,
            seed: self.config.seed,
            image,
            fixed_size: self.config.size.is_some(),
            permissions: self.config.permissions.clone(),
            apart: matches!(&self.config.mode, Mode::Batch(frames) if frames.is_partial()),
            cancel,
            ..CallContext::new(callback, scene)
        }
    }
}

/// Starts a thread with a stack large enough for callbacks.
fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.into())
        .stack_size(Host::STACK_SIZE)
        .spawn(body)
        .map_err(|e| Error::limit(format!("the thread `{name}` cannot be started: {e}")).hint("end other programs"))
}

/// Converts a caught panic into an error.
fn panicked(payload: &(dyn Any + Send)) -> Error {
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Error::script(format!("internal error: {what}"))
        .hint("this is a fault of plotrt: please report it together with the script")
}
