//! Launches: as many passes in one as keep cancelling quick, or a part of a pass where one takes long.

use super::card::Card;
use super::film::GpuFilm;
use super::gpu::{Gpu, cuda, raw};
use super::programs::Pipeline;
use super::scene::OptixScene;
use crate::Result;
use crate::cancel::CancelToken;
use crate::device::layout::{LaunchParams, THREADS, Tile};
use cust::memory::DeviceBuffer;
use std::time::Instant;

/// Target seconds of a launch: cancelling waits for one, and so does the system's own use of the card.
const LAUNCH_SECONDS: f64 = 0.025;
/// Paths of the first launch of a scene whose speed is unknown: enough to fill a large card.
const FIRST_PATHS: f64 = 1e6;
/// Most passes of a launch.
const MOST_PASSES: u32 = 64;

pub struct LaunchTracer {
    params: DeviceBuffer<u8>,
    /// Counts the pieces of work that a launch has begun.
    next: DeviceBuffer<u32>,
    /// Measured speed in the present scene, paths per second.
    paths_per_second: Option<f64>,
    /// Whether that was measured in the present scene, and not in the one before.
    measured: bool,
}

impl LaunchTracer {
    pub fn new(gpu: &Gpu) -> Result<LaunchTracer> {
        gpu.enter()?;
        // SAFETY: written before each launch.
        let params = unsafe { DeviceBuffer::uninitialized(size_of::<LaunchParams>()) };
        let failed = |error| cuda("the parameters of a launch", error);
        Ok(LaunchTracer {
            params: params.map_err(failed)?,
            next: DeviceBuffer::from_slice(&[0]).map_err(failed)?,
            paths_per_second: None,
            measured: false,
        })
    }

    /// Paths per second of the last launch, if it was in the present scene.
    pub fn speed(&self) -> Option<f64> {
        self.paths_per_second.filter(|_| self.measured)
    }

    /// The measured speed may not hold any more; `rebuilt`: the scene has new structures.
    pub fn scene_changed(&mut self, rebuilt: bool) {
        // Scenes of an animation are alike; where one differs, one launch takes longer than it should.
        let doubt = if rebuilt { 0.5 } else { 1.0 };
        self.paths_per_second = self.paths_per_second.map(|speed| speed * doubt);
        self.measured = false;
    }

    /// Adds up to `passes` passes to `film`, whose samples they follow, and returns how many.
    pub fn trace(
        &mut self,
        card: &Card,
        pipeline: &Pipeline,
        scene: &OptixScene,
        film: &mut GpuFilm,
        passes: u32,
        cancel: &CancelToken,
    ) -> Result<u32> {
        let (width, height) = film.size();
        let mut done = 0;
        while done < passes && !cancel.is_cancelled() {
            let paths = self.paths_per_second.map_or(FIRST_PATHS, |speed| speed * LAUNCH_SECONDS);
            let fitting = paths / (f64::from(width) * f64::from(height));
            let mut count = (fitting as u32).clamp(1, MOST_PASSES).min(passes - done).min(film.samples.room());
            let mut slots = std::ptr::null_mut();
            if count > 1 && film.most_waiting() > 0 {
                let at_once = count.min(film.most_waiting());
                if let Some(memory) = film.slots(card, at_once) {
                    (count, slots) = (at_once, memory);
                }
            }
            // Of one pass, the rows that fit into a launch.
            let rows = if fitting < 1.0 { ((fitting * f64::from(height)) as u32).max(1) } else { height };
            let split = rows < height;
            if split {
                film.save(card)?;
            }
            let mut y0 = 0;
            while y0 < height {
                let tile = Tile { x0: 0, y0, x1: width, y1: (y0 + rows).min(height) };
                let params = LaunchParams {
                    scene: scene.data,
                    film: film.data(),
                    tile,
                    first_sample: film.samples.next(),
                    sample_count: count,
                    next: self.next.as_device_ptr().as_mut_ptr(),
                    slots,
                };
                self.launch(&card.gpu, pipeline, scene, &params)?;
                y0 = tile.y1;
                if split && y0 < height && cancel.is_cancelled() {
                    film.restore(card)?;
                    card.gpu.finish("tracing")?;
                    return Ok(done);
                }
            }
            if !slots.is_null() {
                film.add_samples(card, count)?;
            }
            film.add_passes(card, count)?;
            done += count;
        }
        Ok(done)
    }

    /// Launches and waits for the end.
    fn launch(&mut self, gpu: &Gpu, pipeline: &Pipeline, scene: &OptixScene, params: &LaunchParams) -> Result<()> {
        let begin = Instant::now();
        let (width, height) = (params.tile.x1 - params.tile.x0, params.tile.y1 - params.tile.y0);
        let address = self.params.as_device_ptr().as_raw();
        // SAFETY: parameters and scene are what the programs read, and live until the launch has ended, below. Copies
        // from memory that is not pinned are taken before the call returns.
        unsafe {
            let copied = cust::sys::cuMemcpyHtoDAsync_v2(
                address,
                (&raw const *params).cast(),
                size_of::<LaunchParams>(),
                gpu.stream.as_inner(),
            );
            raw("passing parameters", copied)?;
            let next = self.next.as_device_ptr().as_raw();
            raw("passing parameters", cust::sys::cuMemsetD32Async(next, 0, 1, gpu.stream.as_inner()))?;
            let threads = THREADS * gpu.multiprocessors;
            pipeline.launch(gpu, &scene.sbt, (address, size_of::<LaunchParams>()), (threads, 1))?;
        }
        gpu.finish("tracing")?;
        let paths = f64::from(width) * f64::from(height) * f64::from(params.sample_count);
        self.paths_per_second = Some(paths / begin.elapsed().as_secs_f64().max(1e-6));
        self.measured = true;
        Ok(())
    }
}
