//! One round: one run of the callbacks, with the passes of one block.

use super::Raytrace;
use super::callbacks::CallbackCall;
use super::image::TracedImage;
use super::pausing::FailureSource;
use crate::engine::branch::Branch;
use crate::engine::event::Event;
use crate::engine::observe::Moment;
use crate::engine::stats::RoundStats;
use crate::frame::Frame;
use crate::scene::Scene;
use crate::script::{Callback, Command};
use crate::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a round is to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoundPlan {
    /// Passes to trace; 0 for none.
    pub passes: u32,
    /// Whether `compute` and `update_data` are called, unless they are paused.
    pub prepares: bool,
    /// Whether the next round traces, so that the device must hold the scene of this one after the sync point.
    pub next_traced: bool,
}

impl Raytrace<'_> {
    /// Runs the present round and advances to the next.
    pub fn round(&mut self, plan: RoundPlan) -> Result<()> {
        self.costs.begin_round(Instant::now(), self.tracer.counts());
        self.view_changed = false;
        let mut image = None;
        let result = self.steps(plan, &mut image);
        if let Some(image) = image {
            self.send_whole(image);
        }
        self.run.controls.nothing_runs();
        result?;
        if self.run.policy.reports_rounds {
            self.report_costs();
        }
        self.round += 1;
        self.summary.rounds += 1;
        Ok(())
    }

    /// The steps of a round. `image` is set to the image that was traced, if there is one, also when a later step fails.
    fn steps(&mut self, plan: RoundPlan, image: &mut Option<TracedImage>) -> Result<()> {
        // Alone: `rt_starting`.
        let delta = self.scene.params.min_accumulation_step;
        let mut before = Branch::from(&self.scene);
        self.call_alone(Callback::RtStarting, &mut before)?;

        // On the compute thread: `compute`. Meanwhile here: the passes and the callbacks that read the image.
        let prepares = plan.prepares && self.pausing.lets_run();
        let computing = prepares && self.callbacks.calls(Callback::Compute);
        if computing {
            self.begin(Callback::Compute, before.scene.clone(), delta)?;
        }
        *image = self.trace_image(plan.passes)?;
        let mut of_image = Branch::from(&before.scene);
        let mut faults = Vec::new();
        // The image callbacks do not see images of a moving camera, which are replaced at once.
        if let Some(image) = image
            && plan.passes > 0
            && !self.view.moving
        {
            faults.extend(self.call_here(Callback::UpdateImage, Some(image.frame()), &mut of_image));
            if image.is_complete() {
                faults.extend(self.call_here(Callback::AccumDone, Some(image.frame()), &mut of_image));
            }
        }
        if self.run.policy.refines {
            // The block was shortened to one pass while the camera moves, which counts as a change of the view.
            self.view_changed |= self.view.moving && plan.passes > 0;
            let changed = prepares && self.view_changed;
            let until = if changed { self.costs.usual_end() } else { self.costs.round_began() };
            self.preview(computing, until)?;
        }

        // Both threads have finished: join their branches in a fixed order.
        let mut staged = Branch::from(&before.scene);
        if computing {
            let (fault, seconds) = self.finish(Callback::Compute, &mut staged)?;
            self.costs.compute_took(seconds);
            // A failure of `compute` comes first, whichever thread was faster.
            faults.splice(0..0, fault);
        }
        for (callback, error) in faults {
            self.fail(FailureSource::Callback(callback), error)?;
        }
        self.merge_states()?;
        if let Err((callback, error)) = staged.join(of_image, &before.scene) {
            self.fail(FailureSource::Callback(callback), error)?;
        }

        // On the compute thread, while nothing is traced: `update_data`.
        let update = Instant::now();
        if prepares && self.pausing.lets_run() && self.callbacks.calls(Callback::UpdateData) {
            self.begin(Callback::UpdateData, staged.scene.clone(), delta)?;
            let (fault, _) = self.finish(Callback::UpdateData, &mut staged)?;
            if let Some((callback, error)) = fault {
                self.fail(FailureSource::Callback(callback), error)?;
            }
            self.merge_states()?;
        }

        before.commands.append(&mut staged.commands);
        let sync = Instant::now();
        self.sync(staged.scene, before.commands, plan.next_traced)?;
        self.costs.ended("sync", sync);
        self.costs.update_took(update.elapsed().as_secs_f64());
        Ok(())
    }

    /// The sync point: the staged scene becomes the committed scene.
    fn sync(&mut self, mut staged: Scene, commands: Vec<Command>, next_traced: bool) -> Result<()> {
        self.run_script_commands(commands);
        for edit in std::mem::take(&mut self.viewer_edits) {
            // The edit may refer to a plot that a callback has just deleted.
            let _ = staged.apply(&edit);
        }
        staged.fit_pending();
        self.tracer.fit_default_camera(&staged);
        let committed = std::mem::replace(&mut self.scene, staged);
        if next_traced
            && !self.closing
            && let Err(error) = self.settle(self.round + 1)
        {
            self.scene = committed;
            self.fail(FailureSource::Device, error)?;
        }
        self.run.observe(self.round, Moment::Synced);
        Ok(())
    }

    /// Calls a callback on this thread while nothing else runs, if the script has it, and handles its failure.
    fn call_alone(&mut self, callback: Callback, branch: &mut Branch) -> Result<()> {
        if !self.callbacks.calls(callback) {
            return Ok(());
        }
        match self.call_here(callback, None, branch) {
            None => self.merge_states(),
            Some((callback, error)) => self.fail(FailureSource::Callback(callback), error),
        }
    }

    /// Calls a callback on this thread, if the script has it; the edits staged by a failed one are dropped.
    fn call_here(
        &mut self,
        callback: Callback,
        image: Option<Arc<Frame>>,
        branch: &mut Branch,
    ) -> Option<(Callback, Error)> {
        if !self.callbacks.calls(callback) {
            return None;
        }
        let call = self.call_of(callback, branch.scene.clone(), image);
        let begin = Instant::now();
        let (mut cx, result) = self.callbacks.call(self.run, call);
        self.costs.ended(callback.name(), begin);
        self.run.pass_on(&mut cx.remarks);
        match result {
            Ok(()) => {
                branch.take(cx);
                None
            }
            Err(error) => Some((callback, error)),
        }
    }

    /// Starts a callback on the compute thread.
    fn begin(&mut self, callback: Callback, scene: Scene, delta: u32) -> Result<()> {
        self.costs.begin_task(Instant::now());
        let call = self.call_of(callback, scene, None);
        self.callbacks.begin(self.run, call, delta)
    }

    /// Waits for the compute thread and takes the edits that its callback has staged. Returns the callback's failure,
    /// if any, and its duration in seconds.
    fn finish(&mut self, callback: Callback, branch: &mut Branch) -> Result<(Option<(Callback, Error)>, f64)> {
        let (mut cx, result, seconds) = self.callbacks.finish()?;
        if let Some(cx) = &mut cx {
            self.run.pass_on(&mut cx.remarks);
        }
        self.costs.task_ended(callback.name(), seconds);
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

    fn call_of(&self, callback: Callback, scene: Scene, image: Option<Arc<Frame>>) -> CallbackCall {
        let timeout = Duration::from_millis(self.scene.params.compute_timeout.into());
        let limit = self.run.policy.callback_limit(timeout, self.run.config.setup_timeout);
        CallbackCall { callback, round: self.round, scene, image, limit }
    }

    /// Merges the two threads' views of the script's state.
    fn merge_states(&mut self) -> Result<()> {
        for error in self.callbacks.merge()? {
            self.fail(FailureSource::ScriptState, error)?;
        }
        self.run.observe(self.round, Moment::Merged);
        Ok(())
    }

    /// Reports the timings and counts of the round.
    fn report_costs(&mut self) {
        let (now, tracer) = (Instant::now(), &self.tracer);
        let stats = RoundStats {
            round: self.round,
            full: self.full(),
            primitives: self.scene.geometries.values().map(|plot| plot.count() as u64).sum(),
            ..self.costs.end_round(now, tracer.counts(), || tracer.memory_in_use())
        };
        self.run.sinks.send(Event::Round(Box::new(stats)));
    }
}
