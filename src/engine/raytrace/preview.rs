//! The preview during a round: the image follows the viewer's camera however long `compute` takes.

use super::Raytrace;
use super::pausing::FailureSource;
use crate::Result;
use crate::device::Develop;
use crate::engine::control::Control;
use crate::script::Callback;
use crossbeam_channel::Select;
use std::time::{Duration, Instant};

impl Raytrace<'_> {
    /// Waits for `compute`, and, if a command has disturbed the round, until `until`, so that moving the camera does
    /// not speed up the animation. Meanwhile it shows what the viewer changes.
    pub fn preview(&mut self, computing: bool, until: Instant) -> Result<()> {
        loop {
            self.check_stop()?;
            let mut changed = false;
            for command in self.run.controls.take_if(Control::is_of_view) {
                changed |= self.run_view_command(command)?;
            }
            self.view_changed |= changed;
            if (changed || self.freshness.restart_is_requested())
                && let Err(error) = self.settle(self.round)
            {
                self.fail(FailureSource::Device, error)?;
            }
            let left = until.saturating_duration_since(Instant::now());
            let waits = computing && self.callbacks.compute_thread().done().is_empty();
            // All other commands are carried out after the round, so the round must not be prolonged.
            if !waits && (left.is_zero() || self.run.controls.any(|command| !command.is_of_view())) {
                return Ok(());
            }
            let passes = if self.freshness.has_failed() { 0 } else { self.spare_passes().min(1) };
            if self.view_changed && (passes > 0 || self.freshness.must_develop()) {
                if let Err(error) = self.preview_pass(passes) {
                    self.freshness.tracing_failed();
                    self.fail(FailureSource::Device, error)?;
                }
                continue;
            }
            let mut select = Select::new();
            let done = if waits { Some(select.recv(self.callbacks.compute_thread().done())) } else { None };
            select.recv(self.run.controls.woken());
            select.recv(self.run.supervisor.stopped());
            let rest = if waits && left.is_zero() { Duration::from_secs(3600) } else { left };
            let ready = select.ready_timeout(rest);
            if ready.is_ok() && ready.ok() != done {
                // Clears the wake-up signal, if that was the reason.
                let _ = self.run.controls.woken().try_recv();
            }
            self.view_changed |= self.run.controls.any(Control::is_of_view);
        }
    }

    /// Passes that may be traced outside of a round. The pass that completes the image is left to a round, because
    /// the image callbacks run after it.
    fn spare_passes(&self) -> u32 {
        let seen = [Callback::UpdateImage, Callback::AccumDone].iter().any(|callback| self.callbacks.calls(*callback));
        let last = seen && !self.view.moving;
        self.full().saturating_sub(self.tracer.passes()).saturating_sub(u32::from(last))
    }

    /// Traces the passes, develops the film and shows the image.
    fn preview_pass(&mut self, passes: u32) -> Result<()> {
        let limit = Duration::from_millis(self.scene.params.rt_timeout.into());
        let start = Instant::now();
        let whole = passes == 0 || self.tracer.trace(passes, limit, self.view.breaks(), |_, _| Ok(()))?;
        if passes > 0 {
            self.costs.ended("trace", start);
        }
        if !whole {
            return Ok(());
        }
        let complete = self.tracer.passes() >= self.full();
        let frame = self.tracer.develop(complete, Develop { linear: false, guides: self.view.guides })?;
        self.freshness.developed();
        self.send_preview(frame, start.elapsed().as_secs_f64());
        Ok(())
    }
}
