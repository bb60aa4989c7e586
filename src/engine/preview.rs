//! The viewer during a round: what is seen follows the hand, however long `compute` takes.

use super::Control;
use super::raytrace::{Raytrace, Source};
use super::stats::Lane;
use crate::Result;
use crate::device::Develop;
use crate::script::Callback;
use crossbeam_channel::Select;
use std::time::{Duration, Instant};

impl Raytrace<'_> {
    /// Waits for `compute`, and where a wish has disturbed the round, for `until`, so that the animation does not run
    /// faster for it. Meanwhile what the viewer changes is shown.
    pub fn preview(&mut self, computing: bool, until: Instant) -> Result<()> {
        loop {
            self.check_stop()?;
            let mut changed = false;
            for command in self.shared.controls.take_if(Control::is_of_view) {
                changed |= self.run_view_command(command)?;
            }
            self.was_disturbed |= changed;
            if (changed || self.refresh)
                && let Err(error) = self.settle(self.round)
            {
                self.fail(Source::Device, error)?;
            }
            let left = until.saturating_duration_since(Instant::now());
            let waits = computing && self.compute.done().is_empty();
            // Anything else is for after the round, which then is not to be drawn out.
            if !waits && (left.is_zero() || self.shared.controls.any(|command| !command.is_of_view())) {
                return Ok(());
            }
            let passes = if self.stalled { 0 } else { self.spare_passes().min(1) };
            if self.was_disturbed && (passes > 0 || self.redevelop) {
                if let Err(error) = self.preview_pass(passes) {
                    self.stalled = true;
                    self.fail(Source::Device, error)?;
                }
                continue;
            }
            let mut select = Select::new();
            let done = if waits { Some(select.recv(self.compute.done())) } else { None };
            select.recv(self.shared.controls.woken());
            select.recv(self.shared.supervisor.stopped());
            let rest = if waits && left.is_zero() { Duration::from_secs(3600) } else { left };
            let ready = select.ready_timeout(rest);
            if ready.is_ok() && ready.ok() != done {
                // Takes the wake-up, if it was one.
                let _ = self.shared.controls.woken().try_recv();
            }
            self.was_disturbed |= self.shared.controls.any(Control::is_of_view);
        }
    }

    /// Passes that need not be traced in a round. The one that completes the image is: callbacks see it after that.
    fn spare_passes(&self) -> u32 {
        let seen = [Callback::UpdateImage, Callback::AccumDone].iter().any(|callback| self.calls(*callback));
        let last = seen && !self.view.moving;
        self.full().saturating_sub(self.tracer.passes()).saturating_sub(u32::from(last))
    }

    /// Traces a little and shows it.
    fn preview_pass(&mut self, passes: u32) -> Result<()> {
        let limit = Duration::from_millis(self.scene.params.rt_timeout.into());
        let start = Instant::now();
        let whole = passes == 0 || self.tracer.trace(passes, limit, self.view.breaks(), |_, _| Ok(()))?;
        if passes > 0 {
            self.clock.ended(Lane::Raytrace, "trace", start);
        }
        if !whole {
            return Ok(());
        }
        let complete = self.tracer.passes() >= self.full();
        let frame = self.tracer.develop(complete, Develop { linear: false, guides: self.view.guides })?;
        self.redevelop = false;
        self.show(frame, start.elapsed().as_secs_f64());
        Ok(())
    }
}
