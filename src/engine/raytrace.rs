//! The raytrace thread: owns the device, drives the rounds, carries out commands.

use super::compute::ComputeThread;
use super::event::{Event, State, Summary, Timings};
use super::observe::Moment;
use super::setup::{Beginning, Ready, set_up};
use super::stats::Clock;
use super::stop::{NO_LIMIT, Stop};
use super::tracer::Tracer;
use super::view::View;
use super::{Control, Frames, Mode, Shared};
use crate::device::Device;
use crate::scene::{Edit, Scene};
use crate::script::{Callback, Command, Host, Script};
use crate::{Error, ErrorKind, Result};
use crossbeam_channel::select;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Executes a run, from the top level of the script to the end.
pub(super) fn run(shared: Shared, script: Arc<Script>, device: Box<dyn Device>) -> Result<Summary> {
    let begin = Instant::now();
    let (supervisor, observer) = (shared.supervisor.clone(), shared.config.observer.clone());
    let mut compute = ComputeThread::start(supervisor, observer, device.prefetcher())?;
    let mut tracer = Tracer::new(device, shared.supervisor.clone(), shared.controls.clone());
    let mut summary = Summary::default();
    // A later text of the script may drop a parameter that was set and declare it again.
    let sets = script.sets().to_vec();
    let mut outcome = match first_beginning(&shared, script, &sets, &mut tracer, &mut compute) {
        Ok((script, ready)) => {
            Raytrace::new(&shared, script, sets, &mut tracer, &mut compute, ready).and_then(|mut raytrace| {
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
        && shared.supervisor.stop_reason() == Some(Stop::Close)
    {
        outcome = Ok(());
    }
    summary.seconds = begin.elapsed().as_secs_f64();
    outcome.map(|()| summary)
}

/// Runs the top level and `init`. In a window, an edited text replaces one that is still running its setup.
fn first_beginning(
    shared: &Shared,
    mut script: Arc<Script>,
    sets: &[(String, String)],
    tracer: &mut Tracer,
    compute: &mut ComputeThread,
) -> Result<(Arc<Script>, Ready)> {
    let mut tuned: &[(String, String)] = &[];
    loop {
        let beginning = Beginning { script: &script, tuned, size: shared.config.size };
        // Commands wait until the first scene exists.
        let error = match set_up(shared, beginning, tracer, compute, &mut |_| Ok(())) {
            Ok(ready) => return Ok((script, ready)),
            Err(error) => error,
        };
        let next = shared.controls.take_if(Control::begins_anew);
        if next.is_empty() || error.kind != ErrorKind::Interrupted || shared.supervisor.stop_reason().is_some() {
            return Err(error);
        }
        for command in next {
            if let Control::Reload { script: edited, .. } = command {
                (script, tuned) = (edited, sets);
            }
        }
    }
}

/// Source of a failure that does not end an interactive run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    Callback(Callback),
    /// Two callbacks wrote the same variable.
    State,
    Device,
}

/// What a round is to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Passes to trace; 0 for none.
    pub passes: u32,
    /// Whether `compute` and `update_data` are called, unless they are paused.
    pub pair: bool,
    /// Whether the next round traces, so that the device must hold the scene of this one after the sync point.
    pub next_traced: bool,
}

/// Who has paused `compute` and `update_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    Viewer,
    Script,
    /// A failure has paused them.
    Fault,
}

pub(super) struct Raytrace<'a> {
    pub shared: &'a Shared,
    pub script: Arc<Script>,
    pub tracer: &'a mut Tracer,
    pub compute: &'a mut ComputeThread,
    /// This thread's view of the script's state.
    pub here: Host,
    /// The compute thread's view of the script's state; `None` while a task runs.
    pub there: Option<Host>,
    /// The committed scene.
    pub scene: Scene,
    /// Index of the present round.
    pub round: u64,
    pub paused: Option<Pause>,
    /// The next round runs `compute` and `update_data` although they are paused.
    pub stepping: bool,
    pub view: View,
    /// Edits that the viewer made during this round; the scene that the callbacks stage lacks them.
    pub viewer_edits: Vec<Edit>,
    /// A restart was requested, and cancelled by a newer text of the script.
    pub owes_beginning: bool,
    /// Parameters that the viewer has set.
    pub tuned: Vec<(String, String)>,
    /// The script has called for the end of the run.
    pub closing: bool,
    /// The image must start afresh at the next opportunity.
    pub refresh: bool,
    /// The film must be developed again although no pass is traced.
    pub redevelop: bool,
    /// The next round only prepares the next image, without tracing: functions or parameters have changed.
    pub stale: bool,
    /// Tracing has failed; it is not tried again before the image starts afresh.
    pub stalled: bool,
    /// An image of the present size has been shown.
    pub shown: bool,
    /// Timings of the previous round.
    pub timings: Timings,
    /// Timeline of this round.
    pub clock: Clock,
    /// When the present task of the compute thread began.
    pub began: Instant,
    /// A command has changed the view during this round.
    pub was_disturbed: bool,
    /// Noise of the last image that was shown.
    pub noise: Option<f32>,
    /// Time to trace a block that no command has interrupted.
    pub usual: Duration,
    /// Passes of the last image that was shown.
    pub shown_passes: u32,
    /// Passes traced in all, and their seconds, when the round began.
    pub traced: (u64, f64),
    /// Rays counted by the device when the round began.
    pub rays: Option<u64>,
    /// Bytes of device memory in use, and when they were last queried.
    pub memory: Option<(Option<u64>, Instant)>,
    /// Sources of failures reported since `compute` was last resumed.
    pub reported: HashSet<Source>,
    /// Callbacks that have exceeded a limit in a check. They are not called again, because each call would take as
    /// long.
    given_up: HashSet<Callback>,
    state: Option<State>,
    pub summary: Summary,
}

impl<'a> Raytrace<'a> {
    fn new(
        shared: &'a Shared,
        script: Arc<Script>,
        tuned: Vec<(String, String)>,
        tracer: &'a mut Tracer,
        compute: &'a mut ComputeThread,
        ready: Ready,
    ) -> Result<Self> {
        let Ready { host, mut scene, commands, renders } = ready;
        scene.fit_pending();
        let mut raytrace = Raytrace {
            shared,
            script,
            tracer,
            compute,
            here: host.fork()?,
            there: Some(host),
            scene,
            round: 0,
            paused: None,
            stepping: false,
            view: View::default(),
            viewer_edits: Vec::new(),
            owes_beginning: false,
            tuned,
            closing: false,
            refresh: true,
            redevelop: false,
            stale: false,
            stalled: false,
            shown: false,
            timings: Timings::default(),
            clock: Clock::start(Instant::now()),
            began: Instant::now(),
            was_disturbed: false,
            noise: None,
            usual: Duration::ZERO,
            shown_passes: 0,
            traced: (0, 0.0),
            rays: None,
            memory: None,
            reported: HashSet::new(),
            given_up: HashSet::new(),
            state: None,
            summary: Summary { renders, ..Summary::default() },
        };
        if matches!(shared.config.mode, Mode::Interactive) {
            raytrace.report_params();
        }
        raytrace.run_script_commands(commands);
        raytrace.tracer.fit_default_camera(&raytrace.scene);
        Ok(raytrace)
    }

    fn drive(&mut self) -> Result<()> {
        match &self.shared.config.mode {
            Mode::Once => Ok(()),
            Mode::Batch(frames) => self.batch(frames),
            Mode::Check { rounds } => self.check(*rounds),
            Mode::Interactive => self.interactive(),
        }
    }

    /// Renders a batch: one round for each frame.
    fn batch(&mut self, frames: &Frames) -> Result<()> {
        let Some(last) = frames.last() else { return Ok(()) };
        if frames.contains(0) {
            self.settle(0)?;
        }
        while self.round <= last {
            self.run_commands()?;
            if self.closing {
                break;
            }
            let passes = self.full();
            self.round(Plan {
                passes: if frames.contains(self.round) { passes } else { 0 },
                // Callbacks beside the last frame would prepare a frame that is never traced.
                pair: self.round < last,
                next_traced: frames.contains(self.round + 1),
            })?;
        }
        self.warn_of_emptiness();
        Ok(())
    }

    /// Warns at the end of the run if no image had anything to show.
    fn warn_of_emptiness(&self) {
        if self.summary.frames > 0
            && !self.shared.warnings.have_looked()
            && let Some(error) = self.scene.emptiness()
        {
            self.warn("empty", None, error);
        }
    }

    fn check(&mut self, rounds: u64) -> Result<()> {
        if let Err(error) = self.settle(0) {
            self.fail(Source::Device, error)?;
        }
        while self.round < rounds && !self.closing {
            self.round(Plan { passes: 1, pair: true, next_traced: true })?;
        }
        self.warn_of_emptiness();
        Ok(())
    }

    /// Runs rounds while there is work, and sleeps otherwise.
    fn interactive(&mut self) -> Result<()> {
        // In a window, images depend on timing anyway, so the denoiser may use earlier images. Frames of a batch must
        // be reproducible.
        self.tracer.look_back();
        if let Err(error) = self.settle(0) {
            self.fail(Source::Device, error)?;
        }
        // Minimum time between rounds that run `compute` or trace nothing.
        let shortest =
            Duration::try_from_secs_f64(1.0 / self.shared.config.most_rounds).unwrap_or(NO_LIMIT).min(NO_LIMIT);
        let mut tick = Instant::now();
        loop {
            self.run_commands()?;
            if self.closing {
                return Ok(());
            }
            let pair = self.runs_pair();
            // The scene that the old functions have prepared is not worth tracing.
            let passes = if pair && self.stale { 0 } else { self.block() };
            if !pair && passes == 0 && !self.redevelop {
                self.report_state(true);
                self.shared.observe(self.round, Moment::Sleep);
                self.wait(None)?;
                continue;
            }
            self.report_state(false);
            let now = Instant::now();
            if (pair || passes == 0) && now < tick {
                // A command may arrive that changes what there is to do.
                self.preview(false, tick)?;
                continue;
            }
            tick = now + shortest;
            self.stale = false;
            self.round(Plan { passes, pair: true, next_traced: true })?;
            if std::mem::take(&mut self.stepping) {
                self.set_paused(Some(Pause::Viewer));
            }
        }
    }

    /// Whether the next round runs `compute` and `update_data`.
    pub fn runs_pair(&self) -> bool {
        (self.paused.is_none() || self.stepping) && has_pair(&self.script)
    }

    /// Passes of the next block; 0 when the image is complete.
    fn block(&self) -> u32 {
        if self.stalled {
            return 0;
        }
        let block = if self.view.moving { 1 } else { self.scene.params.min_accumulation_step.max(1) };
        self.full().saturating_sub(self.tracer.passes()).min(block)
    }

    /// Number of passes of a complete image.
    pub fn full(&self) -> u32 {
        self.shared.config.passes.unwrap_or(self.scene.params.max_accumulation_frames).max(1)
    }

    /// Sleeps until a command arrives, or for `limit`; fails when the run is stopped.
    fn wait(&self, limit: Option<Duration>) -> Result<()> {
        let timer = limit.map_or_else(crossbeam_channel::never, crossbeam_channel::after);
        select! {
            recv(self.shared.controls.woken()) -> _ => Ok(()),
            recv(timer) -> _ => Ok(()),
            recv(self.shared.supervisor.stopped()) -> _ => Err(Error::interrupted()),
        }
    }

    /// Carries out the commands of a callback.
    pub fn run_script_commands(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::PauseCompute => self.set_paused(Some(Pause::Script)),
                Command::ResumeCompute => self.set_paused(None),
                Command::RefreshScene => self.refresh = true,
                Command::Close => self.closing = true,
            }
        }
    }

    pub fn set_paused(&mut self, paused: Option<Pause>) {
        self.paused = paused;
        if paused.is_none() {
            self.reported.clear();
        }
    }

    /// Brings the device to the committed scene, and empties the film if the change makes its passes invalid: `next`
    /// is the index of the round whose image then begins.
    pub fn settle(&mut self, next: u64) -> Result<()> {
        let refresh = std::mem::take(&mut self.refresh);
        let (pace, develop) = self.tracer.pace();
        self.view.adapt(&self.scene, pace, develop);
        let changes = self.tracer.apply(&self.scene, &self.view)?;
        let every_frame = !matches!(self.shared.config.mode, Mode::Interactive);
        if every_frame || refresh || changes.restarts_accumulation() {
            let seed = self.shared.seed(next);
            self.tracer.restart(seed);
            self.stalled = false;
            self.redevelop = false;
            self.shown &= !changes.size;
            self.shared.observe(next, Moment::Restarted { seed });
        } else if changes.postproc {
            self.redevelop = self.tracer.passes() > 0;
        }
        Ok(())
    }

    /// Handles a failure according to the mode: it ends the run, or it is reported and pauses the callbacks.
    pub fn fail(&mut self, source: Source, error: Error) -> Result<()> {
        self.check_stop()?;
        match self.shared.config.mode {
            Mode::Batch(_) | Mode::Once => return Err(error),
            // Cancelled because the script starts again.
            Mode::Interactive if error.kind == ErrorKind::Interrupted => return Ok(()),
            Mode::Interactive => self.paused = Some(Pause::Fault),
            Mode::Check { .. } => {
                if let (Source::Callback(callback), ErrorKind::Limit) = (source, error.kind) {
                    self.given_up.insert(callback);
                }
                self.shared.events.send(Event::Error(error));
                return Ok(());
            }
        }
        if self.reported.insert(source) {
            self.shared.events.send(Event::Error(error));
        }
        Ok(())
    }

    /// Whether this callback exists and has not been given up.
    pub fn calls(&self, callback: Callback) -> bool {
        self.script.has(callback) && !self.given_up.contains(&callback)
    }

    pub fn check_stop(&self) -> Result<()> {
        match self.shared.supervisor.stop_reason() {
            Some(_) => Err(Error::interrupted()),
            None => Ok(()),
        }
    }

    /// Reports the parameters of the script.
    pub fn report_params(&self) {
        self.shared.events.send(Event::Params(self.here.params()));
    }

    /// Reports the state if it has changed.
    pub fn report_state(&mut self, idle: bool) {
        let complete = self.tracer.passes() >= self.full();
        let paused = self.paused.is_some() && has_pair(&self.script);
        let state = State { paused, complete, idle, moved: self.view.camera.is_some() };
        if self.state.replace(state) != Some(state) {
            self.shared.events.send(Event::State(state));
        }
    }
}

fn has_pair(script: &Script) -> bool {
    script.has(Callback::Compute) || script.has(Callback::UpdateData)
}
