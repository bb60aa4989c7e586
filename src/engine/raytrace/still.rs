//! A still image of the present view, in another size and with more passes, while the animation waits.

use super::Raytrace;
use super::pausing::FailureSource;
use crate::Result;
use crate::device::Develop;
use crate::engine::control::{Breaks, Control};
use crate::engine::event::Event;
use crate::frame::Frame;
use crate::scene::check_size;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Approximate time between two progress reports.
const REPORT: Duration = Duration::from_millis(200);

impl Raytrace<'_> {
    /// Traces the still image and sends it; then the animation's image starts afresh.
    pub fn still(&mut self, size: (u32, u32), passes: u32) -> Result<()> {
        let image = self.trace_still(size, passes);
        self.freshness.request_restart();
        match image {
            Ok(frame) => self.run.sinks.send(Event::Still(frame.map(Arc::new))),
            Err(error) => {
                self.check_stop()?;
                self.run.sinks.send(Event::Error(error));
                self.run.sinks.send(Event::Still(None));
            }
        }
        if let Err(error) = self.settle(self.round) {
            self.fail(FailureSource::Device, error)?;
        }
        Ok(())
    }

    /// Traces the still image; `None` if it was cancelled.
    fn trace_still(&mut self, size: (u32, u32), passes: u32) -> Result<Option<Frame>> {
        check_size(size.0, size.1)?;
        (self.view.moving, self.view.reduced, self.view.hasty) = (false, 1, false);
        let mut scene = self.tracer.seen(&self.scene, &self.view);
        scene.size = size;
        let limit = Duration::from_millis(scene.params.rt_timeout.into());
        self.tracer.apply_as_is(scene)?;
        self.tracer.restart(self.run.seed(self.round));
        let given_up: fn(&Control) -> bool = |command| matches!(command, Control::StopStill);
        let (mut done, mut portion) = (0, 1);
        while done < passes {
            let begin = Instant::now();
            let next = portion.min(passes - done);
            if !self.tracer.trace(next, limit, Breaks::For(given_up), |_, _| Ok(()))? {
                self.run.controls.take_if(given_up);
                return Ok(None);
            }
            done += next;
            self.run.sinks.send(Event::StillAt { done, of: passes });
            if begin.elapsed() < REPORT {
                portion = portion.saturating_mul(2);
            }
        }
        self.tracer.develop(true, Develop { linear: true, guides: false }).map(Some)
    }
}
