//! The device, with the scene that it holds and the passes on its film.

use super::control::{Breaks, Controls};
use super::event::FrameEvent;
use super::stats::{Counts, Timings};
use super::stop::{NO_LIMIT, Supervisor, Watch};
use super::view::{View, look_through};
use crate::device::film::Planes;
use crate::device::{Applied, Develop, Device, Hit, Ray};
use crate::frame::Frame;
use crate::scene::{Camera, ChangeSet, Plots, Scene};
use crate::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Passes are traced in portions of about this many seconds; `rt_timeout` limits one portion.
const PORTION_SECONDS: f64 = 0.1;

pub(super) struct PathTracer {
    device: Box<dyn Device>,
    supervisor: Arc<Supervisor>,
    controls: Arc<Controls>,
    /// Makes a stop cancel `apply` and `develop`, which have no time limit.
    _whole_run: Watch,
    /// The scene that the device holds; `None` before the first `apply`.
    held: Option<Arc<Scene>>,
    /// The default camera. It is fitted once, so that the view stays still while plots move.
    default_camera: Option<Camera>,
    /// Number of passes on the film.
    passes: u32,
    /// All passes so far, and the seconds that they took.
    traced: (u64, f64),
    /// Mean seconds per pass of the last block.
    seconds_per_pass: Option<f64>,
    /// Seconds per pass and pixel, as measured in the last block; kept when the scene changes.
    pace: Option<f64>,
    /// Seconds that developing the film took last time.
    develop_seconds: f64,
}

impl PathTracer {
    pub fn new(mut device: Box<dyn Device>, supervisor: Arc<Supervisor>, controls: Arc<Controls>) -> Self {
        let whole_run = supervisor.watch(NO_LIMIT);
        device.interrupt_by(&whole_run.token);
        PathTracer {
            device,
            supervisor,
            controls,
            _whole_run: whole_run,
            held: None,
            default_camera: None,
            passes: 0,
            traced: (0, 0.0),
            seconds_per_pass: None,
            pace: None,
            develop_seconds: 0.0,
        }
    }

    /// Bytes of the device's own memory in use.
    pub fn memory_in_use(&self) -> Option<u64> {
        self.device.memory_in_use()
    }

    /// The scene that the device holds.
    fn held(&self) -> Arc<Scene> {
        self.held.clone().unwrap_or_default()
    }

    /// Seconds per pass and pixel, and seconds to develop the film, as last measured.
    pub fn pace(&self) -> (Option<f64>, f64) {
        (self.pace, self.develop_seconds)
    }

    pub fn passes(&self) -> u32 {
        self.passes
    }

    /// A frame of the scene that the device holds, developed from its film.
    pub fn frame_event(&self, number: u64, frame: Frame, timings: Timings) -> FrameEvent {
        let seconds_per_pass = self.seconds_per_pass.unwrap_or_default();
        FrameEvent { number, frame: Arc::new(frame), scene: self.held(), timings, seconds_per_pass }
    }

    /// All work of the device so far.
    pub fn counts(&self) -> Counts {
        let (passes, seconds) = self.traced;
        Counts { passes, seconds, rays: self.device.rays() }
    }

    /// Fits the default camera as soon as there are plots to see. Every committed scene must be passed here, traced
    /// or not, so that the view does not depend on which frames are traced.
    pub fn fit_default_camera(&mut self, scene: &Scene) {
        if self.default_camera.is_none() && scene.cameras.is_empty() && !Plots::of(scene, None).is_empty() {
            self.default_camera = Some(Camera::fitted(scene));
        }
    }

    /// Drops the default camera, because another script may have other plots.
    pub fn forget_default_camera(&mut self) {
        self.default_camera = None;
    }

    /// Updates the device to `scene` with the overrides of `view`. On an error the device keeps the scene that it
    /// held.
    pub fn apply(&mut self, scene: &Scene, view: &View) -> Result<ChangeSet> {
        self.apply_as_is(self.seen(scene, view))
    }

    /// The scene with the overrides of `view`.
    pub fn seen(&self, scene: &Scene, view: &View) -> Scene {
        let mut scene = scene.clone();
        if let (true, Some(camera)) = (scene.cameras.is_empty(), &self.default_camera) {
            look_through(&mut scene, camera.clone());
        }
        view.over(&scene)
    }

    pub fn apply_as_is(&mut self, next: Scene) -> Result<ChangeSet> {
        let changes = match &self.held {
            Some(held) => ChangeSet::between(held, &next),
            None => ChangeSet::everything(&next),
        };
        if !changes.is_empty() {
            let begin = Instant::now();
            let Applied { refitted, rebuilt, sent_ahead } = self.device.apply(&next)?;
            tracing::debug!(?refitted, ?rebuilt, sent_ahead, took = ?begin.elapsed(), "scene applied");
            self.seconds_per_pass = None;
        }
        self.held = Some(Arc::new(next));
        Ok(changes)
    }

    /// Empties the film.
    pub fn restart(&mut self, seed: u64) {
        self.device.restart(seed);
        self.passes = 0;
    }

    /// Adds `passes` passes to the film. Fails if the run is stopped or a portion takes longer than `limit`. Returns
    /// false if a command of the viewer has interrupted it. `after_first` is called after the first pass of an empty
    /// film, with the estimated seconds for the remaining passes.
    pub fn trace(
        &mut self,
        passes: u32,
        limit: Duration,
        breaks: Breaks,
        mut after_first: impl FnMut(&mut Self, f64) -> Result<()>,
    ) -> Result<bool> {
        let mut left = passes;
        let mut traced = (0u32, 0.0);
        while left > 0 {
            let portion = match self.seconds_per_pass {
                Some(seconds) => ((PORTION_SECONDS / seconds.max(1e-9)) as u32).clamp(1, left),
                None => 1,
            };
            let begin = Instant::now();
            let watch = self.supervisor.watch(limit);
            if let Breaks::For(kind) = breaks {
                self.controls.tracing(Some((watch.token.clone(), kind)));
            }
            let done = self.device.trace(self.passes..self.passes + portion, &watch.token);
            self.controls.tracing(None);
            let done = done?.min(portion);
            let took = begin.elapsed().as_secs_f64();
            traced = (traced.0 + done, traced.1 + took);
            self.traced = (self.traced.0 + u64::from(done), self.traced.1 + took);
            let first = self.passes == 0 && done > 0;
            self.passes += done;
            left -= done;
            if done < portion {
                return match (watch.expired(), self.supervisor.stop_reason(), breaks) {
                    (true, ..) => Err(too_slow(limit)),
                    (false, None, Breaks::For(_)) => Ok(false),
                    _ => Err(Error::interrupted()),
                };
            }
            drop(watch);
            let seconds = traced.1 / f64::from(traced.0);
            self.seconds_per_pass = Some(seconds);
            let pixels = self.held.as_ref().map_or(1.0, |scene| f64::from(scene.size.0) * f64::from(scene.size.1));
            self.pace = Some(seconds / pixels);
            if left == 0 {
                tracing::debug!(passes, seconds_per_pass = seconds, "traced");
            }
            if first && left > 0 {
                after_first(self, seconds * f64::from(left))?;
            }
        }
        Ok(true)
    }

    /// Prepares for a window: images may depend on earlier ones from now on, and the viewer may ask for a denoiser and
    /// for auxiliary buffers of the image that is being traced.
    pub fn look_back(&mut self) {
        self.device.look_back(true);
        self.device.require_planes(Planes::ALL);
        // The planes of the film are chosen in `apply`.
        self.held = None;
    }

    pub fn develop(&mut self, complete: bool, what: Develop) -> Result<Frame> {
        let begin = Instant::now();
        let frame = self.device.develop(complete, what)?;
        self.develop_seconds = begin.elapsed().as_secs_f64();
        tracing::debug!(took = ?begin.elapsed(), "developed");
        Ok(frame)
    }

    /// Ray query on the scene that the device holds: the first hit of each ray.
    pub fn closest(&mut self, rays: &[Ray]) -> Result<Vec<Option<Hit>>> {
        self.device.closest(rays)
    }

    /// Renders one complete image of a scene outside of the animation, for `rt.render`.
    pub fn render(&mut self, scene: &Scene, passes: u32, seed: u64) -> Result<Frame> {
        let mut scene = scene.clone();
        scene.fit_pending();
        if scene.cameras.is_empty() {
            let camera = Camera::fitted(&scene);
            look_through(&mut scene, camera);
        }
        let limit = Duration::from_millis(scene.params.rt_timeout.into());
        self.apply_as_is(scene)?;
        self.restart(seed);
        self.trace(passes, limit, Breaks::Never, |_, _| Ok(()))?;
        self.develop(true, Develop { linear: true, guides: false })
    }
}

fn too_slow(limit: Duration) -> Error {
    Error::limit(format!("tracing took longer than rt_timeout ({} ms)", limit.as_millis())).hint(
        "raise it with `rt.set_param(#{ rt_timeout: ... })` (milliseconds), or trace a smaller image or shorter paths",
    )
}
