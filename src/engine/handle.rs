//! The handle of a run, from its start to its end.

use super::compute::GRACE;
use super::config::EngineConfig;
use super::context::RunContext;
use super::control::{Control, Controls};
use super::event::{Event, Summary};
use super::raytrace;
use super::sink::{Delivery, Events, Sink};
use super::sinks::Sinks;
use super::stop::{StopHandle, Supervisor};
use super::thread::{panicked, spawn};
use super::warnings::Warnings;
use crate::device::Device;
use crate::script::Script;
use crate::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

/// A run of a script. Dropping it ends the run and waits for its threads.
pub struct Engine {
    supervisor: Arc<Supervisor>,
    controls: Arc<Controls>,
    sinks: Sinks,
    events: Events,
    threads: Vec<JoinHandle<()>>,
}

impl Engine {
    /// Begins a run. Fails at once if the script cannot do what the configuration asks for; all later errors are
    /// reported as events.
    pub fn start(script: Arc<Script>, device: Box<dyn Device>, config: EngineConfig) -> Result<Engine> {
        let policy = config.mode.policy();
        if let (Some(fault), false) = (script.faults().first(), policy.failures.continue_setup()) {
            return Err(fault.clone());
        }
        if policy.frames_stand_apart {
            script.check_image_callbacks_apart()?;
        }
        let supervisor = Supervisor::new();
        let controls = Arc::new(Controls::new());
        let (sink, events) = Sink::open(policy.delivery);
        let sinks = Sinks::new(policy.refines);
        sinks.add(sink);
        config.sinks.iter().for_each(|sink| sinks.add(sink.clone()));
        let run = RunContext {
            config,
            policy,
            supervisor: supervisor.clone(),
            sinks: sinks.clone(),
            controls: controls.clone(),
            warnings: Warnings::default(),
        };
        let mut engine = Engine { supervisor: supervisor.clone(), controls, sinks, events, threads: Vec::new() };
        let watchdog = supervisor.clone();
        engine.threads.push(spawn("plotrt-watchdog", move || watchdog.watchdog())?);
        engine.threads.push(spawn("plotrt-raytrace", move || {
            let sinks = run.sinks.clone();
            let outcome = catch_unwind(AssertUnwindSafe(|| raytrace::run(run, script, device)))
                .unwrap_or_else(|p| Err(panicked(&*p)));
            supervisor.finish();
            sinks.send(Event::Finished(outcome));
        })?);
        Ok(engine)
    }

    /// The events of the run. Read them until [`Event::Finished`]; a batch run waits while its frames are not taken.
    /// A program that leaves all of them to other sinks calls [`Engine::wait`].
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// A further sink, which receives the events from now on: first the present parameters, state and, in
    /// [`super::Mode::Interactive`], image. A sink that must not miss the beginning belongs into
    /// [`EngineConfig::sinks`].
    pub fn subscribe(&self, delivery: Delivery) -> Events {
        let (sink, events) = Sink::open(delivery);
        self.sinks.add(sink);
        events
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
        StopHandle { supervisor: self.supervisor.clone(), sinks: self.sinks.clone() }
    }

    /// Waits for the end of the run. Frames that have not been taken from [`Engine::events`] are dropped; other sinks
    /// still receive theirs.
    pub fn wait(mut self) -> Result<Summary> {
        self.join()
    }

    fn join(&mut self) -> Result<Summary> {
        self.events.abandon_frames();
        match self.events.outcome(GRACE * 2) {
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
