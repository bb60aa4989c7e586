//! One round: one run of the callbacks, with the passes of one block.

use super::Mode;
use super::branch::Branch;
use super::compute::{Done, Task, call};
use super::event::{Event, FrameEvent, Timings};
use super::observe::Moment;
use super::raytrace::{Plan, Raytrace, Source};
use super::stats::{Clock, Lane, RoundStats};
use super::tracer::Breaks;
use crate::device::Develop;
use crate::frame::Frame;
use crate::scene::{Doubt, Scene, dominating};
use crate::script::{Callback, Command, Warning, merge};
use crate::{Error, Place, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// In a window, the first pass of a block is shown on its own if the remaining ones take longer than this, seconds.
const LONG_BLOCK: f64 = 0.25;

/// Minimum time between two queries of the device's memory use: a query takes longer than a small round.
const MEMORY_ASKED: Duration = Duration::from_secs(1);

/// The image of a block, traced and developed.
struct Picture {
    event: FrameEvent,
    complete: bool,
}

impl Raytrace<'_> {
    /// Runs the present round and advances to the next.
    pub fn round(&mut self, plan: Plan) -> Result<()> {
        let begin = Instant::now();
        self.clock = Clock::start(begin);
        self.rays = self.tracer.device().rays();
        self.traced = self.tracer.traced();
        self.was_disturbed = false;
        let mut picture = None;
        let result = self.steps(plan, begin, &mut picture);
        // A batch sends its frame at the end of the round, when all timings are known; also after a failure of the
        // round, because the frame itself is valid.
        if let Some(Picture { mut event, .. }) = picture
            && !self.in_window()
        {
            let trace = event.timings;
            event.timings = Timings { trace: trace.trace, post: trace.post, ..self.timings };
            event.timings.total = begin.elapsed().as_secs_f64();
            self.shared.events.send(Event::Frame(event));
        }
        self.shared.controls.nothing_runs();
        result?;
        if self.in_window() {
            self.timings.total = begin.elapsed().as_secs_f64();
            self.report_costs();
        }
        self.round += 1;
        self.summary.rounds += 1;
        Ok(())
    }

    fn steps(&mut self, plan: Plan, begin: Instant, picture: &mut Option<Picture>) -> Result<()> {
        let delta = self.scene.params.min_accumulation_step;
        let mut before = Branch::from(&self.scene);
        self.call_here(Callback::RtStarting, None, &mut before)?;

        let pair = plan.pair && (self.paused.is_none() || self.stepping);
        let computing = pair && self.calls(Callback::Compute);
        if computing {
            self.begin(Callback::Compute, before.scene.clone(), delta)?;
        }
        if plan.passes > 0 {
            self.look();
        }
        if plan.passes > 0 || self.redevelop {
            match self.picture(plan, begin) {
                Ok(traced) => *picture = traced,
                Err(error) => {
                    self.stalled = true;
                    self.fail(Source::Device, error)?;
                }
            }
        }
        let mut image = Branch::from(&before.scene);
        let mut faults = Vec::new();
        // The image callbacks do not see images of a moving camera, which are replaced at once.
        if let Some(Picture { event, complete }) = picture
            && plan.passes > 0
            && !self.view.moving
        {
            let frame = Some(event.frame.clone());
            faults.extend(self.try_call_here(Callback::UpdateImage, frame.clone(), &mut image));
            if *complete {
                faults.extend(self.try_call_here(Callback::AccumDone, frame, &mut image));
            }
        }

        if self.in_window() {
            // The block was shortened to one pass while the camera moves, which counts as a disturbance.
            self.was_disturbed |= self.view.moving && plan.passes > 0;
            let until = if pair && self.was_disturbed { begin + self.usual } else { begin };
            self.preview(computing, until)?;
        }

        // Both threads have finished: join their branches in a fixed order.
        let mut staged = Branch::from(&before.scene);
        if computing {
            let (fault, seconds) = self.finish(Callback::Compute, &mut staged)?;
            self.timings.compute = seconds;
            // A failure of `compute` comes first, whichever thread was faster.
            faults.splice(0..0, fault);
        }
        for (callback, error) in faults {
            self.fail(Source::Callback(callback), error)?;
        }
        self.merge_states()?;
        if let Err((callback, error)) = staged.join(image, &before.scene) {
            self.fail(Source::Callback(callback), error)?;
        }

        let update = Instant::now();
        if pair && (self.paused.is_none() || self.stepping) && self.calls(Callback::UpdateData) {
            self.begin(Callback::UpdateData, staged.scene.clone(), delta)?;
            let (fault, _) = self.finish(Callback::UpdateData, &mut staged)?;
            if let Some((callback, error)) = fault {
                self.fail(Source::Callback(callback), error)?;
            }
            self.merge_states()?;
        }
        before.commands.append(&mut staged.commands);
        let sync = Instant::now();
        self.sync(staged.scene, before.commands, plan)?;
        self.clock.ended(Lane::Raytrace, "sync", sync);
        self.timings.update = update.elapsed().as_secs_f64();
        Ok(())
    }

    /// Traces a block and develops it; `None` if a command has interrupted it.
    fn picture(&mut self, plan: Plan, begin: Instant) -> Result<Option<Picture>> {
        let round = self.round;
        let in_window = self.in_window();
        let has_image_callback = [Callback::UpdateImage, Callback::AccumDone].map(|c| self.script.has(c));
        let linear = self.shared.config.linear || has_image_callback.contains(&true);
        let guides = self.view.guides;
        let last = self.timings;
        let (shared, shown) = (self.shared, &mut self.shown);
        let breaks = if in_window { self.view.breaks() } else { Breaks::Never };

        let start = Instant::now();
        if plan.passes > 0 {
            shared.observe(round, Moment::Trace { passes: plan.passes });
            let limit = Duration::from_millis(self.scene.params.rt_timeout.into());
            let whole = self.tracer.trace(plan.passes, limit, breaks, |tracer, rest| {
                if in_window && (!*shown || rest > LONG_BLOCK) {
                    let frame = Arc::new(tracer.develop(false, Develop { linear: false, guides })?);
                    let timings = Timings { trace: start.elapsed().as_secs_f64(), ..last };
                    let (scene, seconds_per_pass) = (tracer.held(), tracer.seconds_per_pass().unwrap_or_default());
                    let event = FrameEvent { number: round, frame, scene, timings, seconds_per_pass };
                    shared.events.send(Event::Frame(event));
                    *shown = true;
                }
                Ok(())
            })?;
            self.clock.ended(Lane::Raytrace, "trace", start);
            shared.observe(round, Moment::Traced { total: self.tracer.passes() });
            if !whole {
                self.was_disturbed = true;
                return Ok(None);
            }
            if !self.view.moving {
                self.usual = start.elapsed();
            }
        }
        let develop = Instant::now();
        let traced = start.elapsed().as_secs_f64();
        let complete = !in_window || self.tracer.passes() >= self.full();
        let frame = self.tracer.develop(complete, Develop { linear, guides })?;
        self.clock.ended(Lane::Raytrace, "develop", develop);
        shared.observe(round, Moment::Developed { complete });
        self.redevelop = false;
        let post = start.elapsed().as_secs_f64() - traced;
        self.timings = Timings { trace: traced, post, ..last };
        let timings = Timings { total: begin.elapsed().as_secs_f64(), ..self.timings };
        let seconds_per_pass = self.tracer.seconds_per_pass().unwrap_or_default();
        (self.noise, self.shown_passes) = (Some(frame.noise), frame.passes);
        let (frame, scene) = (Arc::new(frame), self.tracer.held());
        let event = FrameEvent { number: round, frame, scene, timings, seconds_per_pass };
        self.summary.frames += u64::from(complete);
        if in_window {
            shared.events.send(Event::Frame(event.clone()));
            self.shown = true;
        }
        Ok(Some(Picture { event, complete }))
    }

    /// Examines the scene that is traced, once in a run, and warns if its image certainly shows nothing.
    fn look(&self) {
        let scene = &self.scene;
        // The viewer chose its own camera, so its view is intended.
        if self.view.camera.is_some() || !scene.has_plots() || !self.shared.warnings.are_due() {
            return;
        }
        let seen = self.tracer.seen(scene, &self.view);
        if scene.cameras.is_empty()
            && let Some((name, times)) = scene.dominating_plot()
        {
            self.warn("dominating", None, dominating(name, times));
        }
        let places = self.shared.warnings.places();
        for Doubt { topic, of_camera, error } in seen.doubts() {
            let place = if of_camera { places.camera.clone() } else { places.light.clone() };
            self.warn(topic, place, error);
        }
    }

    /// Emits a warning at a place, or at `init` if there is none.
    pub fn warn(&self, topic: &'static str, place: Option<Place>, error: Error) {
        let error = match place.or_else(|| self.script.place_of(Callback::Init)) {
            Some(place) => error.at(place),
            None => error,
        };
        self.shared.warn(Warning { topic, error });
    }

    /// Sends an image outside of the regular block of a round; `trace` is the time to trace it, seconds.
    pub fn show(&mut self, frame: Frame, trace: f64) {
        (self.noise, self.shown_passes) = (Some(frame.noise), frame.passes);
        let seconds_per_pass = self.tracer.seconds_per_pass().unwrap_or_default();
        let timings = Timings { trace, ..self.timings };
        let (frame, scene) = (Arc::new(frame), self.tracer.held());
        self.shared.events.send(Event::Frame(FrameEvent {
            number: self.round,
            frame,
            scene,
            timings,
            seconds_per_pass,
        }));
        self.shown = true;
    }

    /// Reports the timings and counts of the round.
    fn report_costs(&mut self) {
        let (passes, trace) = self.tracer.traced();
        let (passes, trace) = (passes - self.traced.0, trace - self.traced.1);
        let device = self.tracer.device();
        let rays = self.rays.zip(device.rays()).map(|(before, now)| now.saturating_sub(before));
        if self.memory.is_none_or(|(_, asked)| asked.elapsed() > MEMORY_ASKED) {
            self.memory = Some((device.memory_in_use(), Instant::now()));
        }
        let stats = RoundStats {
            round: self.round,
            // The film may already be empty again, for the next round.
            passes: self.shown_passes,
            traced: passes.try_into().unwrap_or(u32::MAX),
            full: self.full(),
            seconds_per_pass: if passes > 0 { trace / passes as f64 } else { 0.0 },
            timings: self.timings,
            rays_per_second: rays.filter(|_| trace > 0.0).map(|rays| rays as f64 / trace),
            primitives: self.scene.geometries.values().map(|plot| plot.count() as u64).sum(),
            noise: self.noise.filter(|noise| noise.is_finite()),
            device_memory: self.memory.and_then(|(bytes, _)| bytes),
            dropped: self.shared.events.dropped(),
            spans: self.clock.finish(),
        };
        self.shared.events.send(Event::Round(Box::new(stats)));
    }

    /// Calls a callback on this thread, if the script has it, and handles its failure.
    fn call_here(&mut self, callback: Callback, image: Option<Arc<Frame>>, branch: &mut Branch) -> Result<()> {
        if !self.calls(callback) {
            return Ok(());
        }
        match self.try_call_here(callback, image, branch) {
            None => self.merge_states(),
            Some((callback, error)) => self.fail(Source::Callback(callback), error),
        }
    }

    /// Calls a callback on this thread, if the script has it; the edits staged by a failed one are dropped.
    fn try_call_here(
        &mut self,
        callback: Callback,
        image: Option<Arc<Frame>>,
        branch: &mut Branch,
    ) -> Option<(Callback, Error)> {
        let shared = self.shared;
        if !self.calls(callback) {
            return None;
        }
        let limit = self.callback_limit();
        let watch = shared.supervisor.watch_script(Some(callback), limit);
        shared.controls.running(&watch.token);
        let cx = shared.context(callback, self.round, branch.scene.clone(), image, watch.token.clone());
        let begin = Instant::now();
        let (mut cx, result) = call(&mut self.here, cx, 0, limit, shared.config.observer.as_deref());
        self.clock.ended(Lane::Raytrace, callback.name(), begin);
        shared.pass_on(&mut cx.remarks);
        match result {
            Ok(()) => {
                branch.take(cx);
                None
            }
            Err(mut error) => {
                watch.explain(&mut error);
                Some((callback, error))
            }
        }
    }

    /// Starts a callback on the compute thread.
    fn begin(&mut self, callback: Callback, scene: Scene, delta: u32) -> Result<()> {
        let limit = self.callback_limit();
        let watch = self.shared.supervisor.watch_script(Some(callback), limit);
        self.shared.controls.running(&watch.token);
        self.began = Instant::now();
        let cx = Box::new(self.shared.context(callback, self.round, scene, None, watch.token.clone()));
        let host = self.there.take().ok_or_else(Error::interrupted)?;
        self.compute.begin(Task::Call { host, cx, delta, limit }, watch)
    }

    /// Waits for the compute thread and takes the edits that its callback has staged. Returns the callback's failure,
    /// if any, and its duration in seconds.
    fn finish(&mut self, callback: Callback, branch: &mut Branch) -> Result<(Option<(Callback, Error)>, f64)> {
        let Done { host, mut cx, result, seconds } = self.compute.finish()?;
        self.there = Some(host);
        if let Some(cx) = &mut cx {
            self.shared.pass_on(&mut cx.remarks);
        }
        self.clock.lasted(Lane::Compute, callback.name(), self.began, Duration::from_secs_f64(seconds));
        let fault = match (result, cx) {
            (Ok(()), Some(cx)) => {
                branch.take(*cx);
                None
            }
            (Ok(()), None) => None,
            (Err(error), _) => Some((callback, error)),
        };
        Ok((fault, seconds))
    }

    /// Merges the two threads' views of the script's state. In a conflict the compute thread's value is kept.
    fn merge_states(&mut self) -> Result<()> {
        let there = self.there.as_mut().ok_or_else(Error::interrupted)?;
        for error in merge(there, &mut self.here) {
            self.fail(Source::State, error)?;
        }
        self.shared.observe(self.round, Moment::Merged);
        Ok(())
    }

    /// The sync point: the staged scene becomes the committed scene.
    fn sync(&mut self, mut staged: Scene, commands: Vec<Command>, plan: Plan) -> Result<()> {
        self.run_script_commands(commands);
        for edit in std::mem::take(&mut self.viewer_edits) {
            // The edit may refer to a plot that a callback has just deleted.
            let _ = staged.apply(&edit);
        }
        staged.fit_pending();
        self.tracer.fit_default_camera(&staged);
        let committed = std::mem::replace(&mut self.scene, staged);
        if plan.next_traced
            && !self.closing
            && let Err(error) = self.settle(self.round + 1)
        {
            self.scene = committed;
            self.fail(Source::Device, error)?;
        }
        self.shared.observe(self.round, Moment::Synced);
        Ok(())
    }

    fn callback_limit(&self) -> Duration {
        let limit = Duration::from_millis(self.scene.params.compute_timeout.into());
        match self.shared.config.mode {
            // In a check, no callback may take as long as in a render.
            Mode::Check { .. } => limit.min(self.shared.config.setup_timeout),
            _ => limit,
        }
    }

    fn in_window(&self) -> bool {
        matches!(self.shared.config.mode, Mode::Interactive)
    }
}
