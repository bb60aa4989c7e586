//! Which rounds follow each other: one for each frame of a batch, a number of them, or as long as there is work.

use super::Raytrace;
use super::pausing::FailureSource;
use super::round::RoundPlan;
use crate::engine::frames::Frames;
use crate::engine::mode::Rounds;
use crate::engine::observe::Moment;
use crate::engine::stop::NO_LIMIT;
use crate::{Error, Result};
use crossbeam_channel::select;
use std::time::{Duration, Instant};

impl Raytrace<'_> {
    pub fn drive(&mut self) -> Result<()> {
        let run = self.run;
        if run.policy.looks_back {
            self.tracer.look_back();
        }
        match &run.policy.rounds {
            Rounds::None => Ok(()),
            Rounds::Frames(frames) => self.run_frames(frames),
            Rounds::Count(rounds) => self.run_count(*rounds),
            Rounds::UntilClosed => self.run_until_closed(),
        }
    }

    /// Renders a batch: one round for each frame.
    fn run_frames(&mut self, frames: &Frames) -> Result<()> {
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
            self.round(RoundPlan {
                passes: if frames.contains(self.round) { passes } else { 0 },
                // Callbacks beside the last frame would prepare a frame that is never traced.
                prepares: self.round < last,
                next_traced: frames.contains(self.round + 1),
            })?;
        }
        self.warn_of_emptiness();
        Ok(())
    }

    fn run_count(&mut self, rounds: u64) -> Result<()> {
        self.settle_first()?;
        while self.round < rounds && !self.closing {
            self.round(RoundPlan { passes: 1, prepares: true, next_traced: true })?;
        }
        self.warn_of_emptiness();
        Ok(())
    }

    /// Runs rounds while there is work, and sleeps otherwise.
    fn run_until_closed(&mut self) -> Result<()> {
        self.settle_first()?;
        // Minimum time between rounds that run `compute` or trace nothing.
        let shortest = Duration::try_from_secs_f64(1.0 / self.run.config.most_rounds).unwrap_or(NO_LIMIT).min(NO_LIMIT);
        let mut tick = Instant::now();
        loop {
            self.run_commands()?;
            if self.closing {
                return Ok(());
            }
            let prepares = self.prepares_frames();
            let passes = if prepares && self.freshness.must_prepare() { 0 } else { self.block() };
            if !prepares && passes == 0 && !self.freshness.must_develop() {
                self.report_state(true);
                self.run.observe(self.round, Moment::Sleep);
                self.sleep()?;
                continue;
            }
            self.report_state(false);
            let now = Instant::now();
            if (prepares || passes == 0) && now < tick {
                // A command may arrive that changes what there is to do.
                self.preview(false, tick)?;
                continue;
            }
            tick = now + shortest;
            self.freshness.prepared();
            self.round(RoundPlan { passes, prepares: true, next_traced: true })?;
            self.pausing.end_step();
        }
    }

    /// Brings the device to the first scene.
    fn settle_first(&mut self) -> Result<()> {
        match self.settle(0) {
            Ok(()) => Ok(()),
            Err(error) => self.fail(FailureSource::Device, error),
        }
    }

    /// Whether the next round runs `compute` and `update_data`.
    pub fn prepares_frames(&self) -> bool {
        self.pausing.lets_run() && self.callbacks.prepare_frames()
    }

    /// Passes of the next block; 0 when the image is complete.
    fn block(&self) -> u32 {
        if self.freshness.has_failed() {
            return 0;
        }
        let block = if self.view.moving { 1 } else { self.scene.params.min_accumulation_step.max(1) };
        self.full().saturating_sub(self.tracer.passes()).min(block)
    }

    /// Sleeps until a command arrives; fails when the run is stopped.
    fn sleep(&self) -> Result<()> {
        select! {
            recv(self.run.controls.woken()) -> _ => Ok(()),
            recv(self.run.supervisor.stopped()) -> _ => Err(Error::interrupted()),
        }
    }

    /// Warns at the end of the run if no image had anything to show.
    fn warn_of_emptiness(&self) {
        if self.summary.frames > 0
            && !self.run.warnings.have_looked()
            && let Some(error) = self.scene.emptiness()
        {
            self.warn("empty", None, error);
        }
    }
}
