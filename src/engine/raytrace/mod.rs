//! The raytrace thread: owns the device, drives the rounds, carries out commands.
//!
//! | file | contents |
//! | --- | --- |
//! | `drive` | which rounds follow each other, in each mode |
//! | `round` | one round, step by step, up to the sync point |
//! | `callbacks` | the script on the two threads, and calls of its callbacks |
//! | `image` | the image of a round: traced, developed, sent |
//! | `commands`, `preview` | the viewer's commands, between rounds and within one |
//! | `reload`, `still` | an edited script or other parameters; a still image of the present view |
//! | `pausing`, `freshness`, `costs` | the state of a run that several of these change, with its rules |

mod callbacks;
mod commands;
mod costs;
mod drive;
mod freshness;
mod image;
mod pausing;
mod preview;
mod reload;
mod round;
mod still;

use super::compute::ComputeThread;
use super::context::RunContext;
use super::control::Control;
use super::event::{Event, RunState, Summary};
use super::mode::Failures;
use super::observe::Moment;
use super::setup::{Beginning, Ready, set_up};
use super::stop::Stop;
use super::tracer::PathTracer;
use super::view::View;
use crate::device::Device;
use crate::scene::{Edit, Scene};
use crate::script::{Command, Script};
use crate::{Error, ErrorKind, Result};
use callbacks::Callbacks;
use costs::Costs;
use freshness::Freshness;
use pausing::{FailureSource, PausedBy, Pausing};
use std::sync::Arc;
use std::time::Instant;

/// Executes a run, from the top level of the script to the end.
pub(super) fn run(run: RunContext, script: Arc<Script>, device: Box<dyn Device>) -> Result<Summary> {
    let begin = Instant::now();
    let (supervisor, observer) = (run.supervisor.clone(), run.config.observer.clone());
    let mut compute = ComputeThread::start(supervisor, observer, device.prefetcher())?;
    let mut tracer = PathTracer::new(device, run.supervisor.clone(), run.controls.clone());
    let mut summary = Summary::default();
    // A later text of the script may drop a parameter that was set and declare it again.
    let sets = script.sets().to_vec();
    let mut outcome = match first_beginning(&run, script, &sets, &mut tracer, &mut compute) {
        Ok((script, ready)) => {
            Raytrace::new(&run, script, sets, &mut tracer, &mut compute, ready).and_then(|mut raytrace| {
                let result = raytrace.drive();
                summary = raytrace.summary;
                result
            })
        }
        Err(error) => Err(error),
    };
    compute.end();
    if let Err(error) = &outcome
        && error.kind == ErrorKind::Interrupted
        && run.supervisor.stop_reason() == Some(Stop::Close)
    {
        outcome = Ok(());
    }
    summary.seconds = begin.elapsed().as_secs_f64();
    outcome.map(|()| summary)
}

/// Runs the top level and `init`. In a window, an edited text replaces one that is still running its setup.
fn first_beginning(
    run: &RunContext,
    mut script: Arc<Script>,
    sets: &[(String, String)],
    tracer: &mut PathTracer,
    compute: &mut ComputeThread,
) -> Result<(Arc<Script>, Ready)> {
    let mut tuned: &[(String, String)] = &[];
    loop {
        let beginning = Beginning { script: &script, tuned, size: run.config.size };
        // Commands wait until the first scene exists.
        let error = match set_up(run, beginning, tracer, compute, &mut |_| Ok(())) {
            Ok(ready) => return Ok((script, ready)),
            Err(error) => error,
        };
        let next = run.controls.take_if(Control::begins_anew);
        if next.is_empty() || error.kind != ErrorKind::Interrupted || run.supervisor.stop_reason().is_some() {
            return Err(error);
        }
        for command in next {
            if let Control::Reload { script: edited, .. } = command {
                (script, tuned) = (edited, sets);
            }
        }
    }
}

/// A run after its setup, on the raytrace thread.
struct Raytrace<'a> {
    run: &'a RunContext,
    tracer: &'a mut PathTracer,
    callbacks: Callbacks<'a>,
    /// The committed scene.
    scene: Scene,
    /// Index of the present round.
    round: u64,
    pausing: Pausing,
    freshness: Freshness,
    costs: Costs,
    view: View,
    /// Edits that the viewer made during this round; the scene that the callbacks stage lacks them.
    viewer_edits: Vec<Edit>,
    /// A command has changed the view during this round.
    view_changed: bool,
    /// A restart was requested, and cancelled by a newer text of the script.
    owes_beginning: bool,
    /// Parameters that the viewer has set.
    tuned: Vec<(String, String)>,
    /// The script has called for the end of the run.
    closing: bool,
    /// The state that was last reported.
    state: Option<RunState>,
    summary: Summary,
}

impl<'a> Raytrace<'a> {
    fn new(
        run: &'a RunContext,
        script: Arc<Script>,
        tuned: Vec<(String, String)>,
        tracer: &'a mut PathTracer,
        compute: &'a mut ComputeThread,
        ready: Ready,
    ) -> Result<Self> {
        let Ready { host, mut scene, commands, renders } = ready;
        scene.fit_pending();
        let mut raytrace = Raytrace {
            run,
            tracer,
            callbacks: Callbacks::new(script, host, compute)?,
            scene,
            round: 0,
            pausing: Pausing::default(),
            freshness: Freshness::new(),
            costs: Costs::new(Instant::now()),
            view: View::default(),
            viewer_edits: Vec::new(),
            view_changed: false,
            owes_beginning: false,
            tuned,
            closing: false,
            state: None,
            summary: Summary { renders, ..Summary::default() },
        };
        if run.policy.reports_rounds {
            raytrace.report_params();
        }
        raytrace.run_script_commands(commands);
        raytrace.tracer.fit_default_camera(&raytrace.scene);
        Ok(raytrace)
    }

    /// Number of passes of a complete image.
    fn full(&self) -> u32 {
        self.run.config.passes.unwrap_or(self.scene.params.max_accumulation_frames).max(1)
    }

    /// Carries out the commands of a callback.
    fn run_script_commands(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::PauseCompute => self.pausing.pause(PausedBy::Script),
                Command::ResumeCompute => self.pausing.resume(),
                Command::RefreshScene => self.freshness.request_restart(),
                Command::Close => self.closing = true,
            }
        }
    }

    /// Brings the device to the committed scene, and empties the film if the change makes its passes invalid: `next`
    /// is the index of the round whose image then begins.
    fn settle(&mut self, next: u64) -> Result<()> {
        let restart = self.freshness.take_restart();
        let (pace, develop) = self.tracer.pace();
        self.view.adapt(&self.scene, pace, develop);
        let changes = self.tracer.apply(&self.scene, &self.view)?;
        if !self.run.policy.refines || restart || changes.restarts_accumulation() {
            let seed = self.run.seed(next);
            self.tracer.restart(seed);
            self.freshness.restarted(changes.size);
            self.run.observe(next, Moment::Restarted { seed });
        } else if changes.postproc {
            self.freshness.development_changed(self.tracer.passes());
        }
        Ok(())
    }

    /// Handles a failure according to the mode: it ends the run, or it is reported and may pause the callbacks.
    fn fail(&mut self, source: FailureSource, error: Error) -> Result<()> {
        self.check_stop()?;
        match self.run.policy.failures {
            Failures::EndRun => return Err(error),
            // Cancelled because the script starts again.
            Failures::PauseCallbacks if error.kind == ErrorKind::Interrupted => {}
            Failures::PauseCallbacks => {
                if self.pausing.fail(source) {
                    self.run.sinks.send(Event::Error(error));
                }
            }
            Failures::Collect => {
                if let (FailureSource::Callback(callback), ErrorKind::Limit) = (source, error.kind) {
                    // Each further call would take as long.
                    self.callbacks.give_up(callback);
                }
                self.run.sinks.send(Event::Error(error));
            }
        }
        Ok(())
    }

    fn check_stop(&self) -> Result<()> {
        match self.run.supervisor.stop_reason() {
            Some(_) => Err(Error::interrupted()),
            None => Ok(()),
        }
    }

    /// Reports the parameters of the script.
    fn report_params(&self) {
        self.run.sinks.send(Event::Params(self.callbacks.params()));
    }

    /// Reports the state if it has changed.
    fn report_state(&mut self, idle: bool) {
        let complete = self.tracer.passes() >= self.full();
        let paused = self.pausing.is_paused() && self.callbacks.prepare_frames();
        let state = RunState { paused, complete, idle, moved: self.view.camera.is_some() };
        if self.state.replace(state) != Some(state) {
            self.run.sinks.send(Event::State(state));
        }
    }
}
