//! The image of a round: traced, developed and sent, and examined before it is traced.

use super::Raytrace;
use super::pausing::FailureSource;
use crate::device::Develop;
use crate::engine::control::Breaks;
use crate::engine::event::{Event, FrameEvent};
use crate::engine::observe::Moment;
use crate::frame::Frame;
use crate::scene::{Doubt, dominating};
use crate::script::{Callback, Warning};
use crate::{Error, Place, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where images refine, the first pass of a block is shown on its own if the remaining ones take longer than this,
/// seconds.
const LONG_BLOCK: f64 = 0.25;

/// The image of a block, traced and developed.
pub(super) struct TracedImage {
    event: FrameEvent,
    complete: bool,
}

impl TracedImage {
    pub fn frame(&self) -> Arc<Frame> {
        self.event.frame.clone()
    }

    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

impl Raytrace<'_> {
    /// Traces a block and develops it; `None` if there is nothing to do, or if it failed or was interrupted.
    pub fn trace_image(&mut self, passes: u32) -> Result<Option<TracedImage>> {
        if passes > 0 {
            self.examine_scene();
        } else if !self.freshness.must_develop() {
            return Ok(None);
        }
        match self.try_to_trace_image(passes) {
            Ok(image) => Ok(image),
            Err(error) => {
                self.freshness.tracing_failed();
                self.fail(FailureSource::Device, error)?;
                Ok(None)
            }
        }
    }

    /// Traces a block and develops it; `None` if a command has interrupted it.
    fn try_to_trace_image(&mut self, passes: u32) -> Result<Option<TracedImage>> {
        let (run, round, refines) = (self.run, self.round, self.run.policy.refines);
        let guides = self.view.guides;
        let breaks = if refines { self.view.breaks() } else { Breaks::Never };
        let (freshness, costs) = (&mut self.freshness, &self.costs);

        let start = Instant::now();
        if passes > 0 {
            run.observe(round, Moment::Trace { passes });
            let limit = Duration::from_millis(self.scene.params.rt_timeout.into());
            let whole = self.tracer.trace(passes, limit, breaks, |tracer, rest| {
                if refines && (!freshness.is_shown() || rest > LONG_BLOCK) {
                    let frame = tracer.develop(false, Develop { linear: false, guides })?;
                    let timings = costs.timings_of_preview(start.elapsed().as_secs_f64());
                    run.sinks.send(Event::Frame(tracer.frame_event(round, frame, timings)));
                    freshness.image_shown();
                }
                Ok(())
            })?;
            self.costs.ended("trace", start);
            run.observe(round, Moment::Traced { total: self.tracer.passes() });
            if !whole {
                self.view_changed = true;
                return Ok(None);
            }
            if !self.view.moving {
                self.costs.block_traced(start.elapsed());
            }
        }
        let develop = Instant::now();
        let traced = start.elapsed().as_secs_f64();
        let complete = !refines || self.tracer.passes() >= self.full();
        let linear = run.config.linear || self.callbacks.read_images();
        let frame = self.tracer.develop(complete, Develop { linear, guides })?;
        self.costs.ended("develop", develop);
        run.observe(round, Moment::Developed { complete });
        self.freshness.developed();
        self.costs.block_developed(traced, start.elapsed().as_secs_f64() - traced);
        self.costs.image_developed(&frame);
        let event = self.tracer.frame_event(round, frame, self.costs.timings_until(Instant::now()));
        self.summary.frames += u64::from(complete);
        if refines {
            run.sinks.send(Event::Frame(event.clone()));
            self.freshness.image_shown();
        }
        Ok(Some(TracedImage { event, complete }))
    }

    /// Sends the image at the end of the round, when all timings are known, unless it was sent at once. This is also
    /// done after a failure of the round, because the image itself is valid.
    pub fn send_whole(&self, image: TracedImage) {
        if !self.run.policy.refines {
            let timings = self.costs.timings_until(Instant::now());
            self.run.sinks.send(Event::Frame(FrameEvent { timings, ..image.event }));
        }
    }

    /// Sends an image outside of the regular block of a round; `trace` is the time to trace it, seconds.
    pub fn send_preview(&mut self, frame: Frame, trace: f64) {
        self.costs.image_developed(&frame);
        let event = self.tracer.frame_event(self.round, frame, self.costs.timings_of_preview(trace));
        self.run.sinks.send(Event::Frame(event));
        self.freshness.image_shown();
    }

    /// Examines the scene that is traced, once in a run, and warns if its image certainly shows nothing.
    fn examine_scene(&self) {
        let (scene, warnings) = (&self.scene, &self.run.warnings);
        // The viewer chose its own camera, so its view is intended.
        if self.view.camera.is_some() || !scene.has_plots() || !warnings.are_due() {
            return;
        }
        let seen = self.tracer.seen(scene, &self.view);
        if scene.cameras.is_empty()
            && let Some((name, times)) = scene.dominating_plot()
        {
            self.warn("dominating", None, dominating(name, times));
        }
        let places = warnings.places();
        for Doubt { topic, of_camera, error } in seen.doubts() {
            let place = if of_camera { places.camera.clone() } else { places.light.clone() };
            self.warn(topic, place, error);
        }
    }

    /// Emits a warning at a place, or at `init` if there is none.
    pub fn warn(&self, topic: &'static str, place: Option<Place>, error: Error) {
        let error = match place.or_else(|| self.callbacks.script().place_of(Callback::Init)) {
            Some(place) => error.at(place),
            None => error,
        };
        self.run.warn(Warning { topic, error });
    }
}
