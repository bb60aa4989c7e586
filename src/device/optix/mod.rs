//! The OptiX device: the shared kernels on NVIDIA GPUs.
//!
//! [`driver`] and [`gpu`] open the driver and a card, [`programs`] compiles the kernels, [`memory`] and [`staging`] give
//! memory and fill it. A [`scene`] is made of [`plot`]s, each with its [`accel`]eration structure, under one structure
//! over all; [`film`] holds what was traced and makes the picture, and [`denoiser`] is OptiX's. All work of a card is in
//! order on one stream.
//!
//! [`intersect`] tells what single rays meet. With the feature `testing` there are `probe` and `bare`, which run programs of
//! their own: for tests, and for a benchmark.

mod accel;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod bare;
mod denoiser;
mod driver;
mod film;
mod fit;
mod gpu;
mod intersect;
mod memory;
mod params;
mod plot;
mod prefetch;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod probe;
mod programs;
mod scene;
mod staging;
mod trace;

use super::chain::Chain;
use super::denoise::{Denoiser, Denoisers};
use super::{Applied, Develop, Device, DeviceInfo, Hit, Prefetch, Ray, kernel_ray, numbers_of};
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::{ChangeSet, DenoiserKind, Scene};
use crate::{Error, Result};
use film::Film;
use gpu::Gpu;
use memory::Pool;
use optix_sys::OptixDeviceProperty;
use prefetch::{Arrivals, Prefetcher};
use programs::{Kernels, PATH, Pipelines};
use scene::{OptixScene, Tools};
use staging::Staging;
use std::sync::Arc;
use trace::Tracer;

/// Traces on a GPU. The same scene and seed give the same bits on one kind of card.
pub struct OptixDevice {
    info: DeviceInfo,
    scene: Scene,
    uploaded: OptixScene,
    film: Option<Film>,
    tracer: Tracer,
    /// Speed of the first launches after structures were built anew, paths per second.
    fresh_speed: Option<f64>,
    /// Structures were refitted, and tracing has become slow: build them anew.
    stale: bool,
    /// Set by a `restart` that failed, and told at the next chance.
    failed: Option<Error>,
    seed: u64,
    denoisers: Denoisers,
    /// Of the scene.
    denoiser: Option<Denoiser>,
    optix_denoiser: denoiser::Denoiser,
    staging: Staging,
    arrivals: Arrivals,
    prefetcher: Arc<Prefetcher>,
    kernels: Kernels,
    pipelines: Pipelines,
    /// Of [`OptixDevice::nearest`]; made when that is first called.
    intersect: Option<Pipelines>,
    pool: Pool,
    /// Last: everything above lives in it.
    gpu: Arc<Gpu>,
}

/// Refitted structures that make tracing slower than this multiple are built anew at the next change.
const STALE_AT: f64 = 1.5;

/// What a card is and can do, for `plotrt devices`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Card {
    /// As `--device` takes it: `"optix:0"`.
    pub id: String,
    pub name: String,
    pub memory_bytes: u64,
    /// Of the driver.
    pub driver: String,
    pub optix_abi: i32,
    /// Generation of the ray-tracing cores times ten; 0 without any: rays are then traced by the other cores.
    pub rt_core_version: u32,
    /// Why OptiX's denoiser does not work, if so.
    #[serde(skip)]
    pub no_denoiser: Option<Error>,
}

/// All cards, or why there are none. A card that cannot be used is an error in its place.
pub fn cards() -> Result<Vec<(String, Result<Card>)>> {
    driver::start()?;
    driver::optix()?;
    let count = driver::card_count()?;
    Ok((0..count).map(|index| (format!("optix:{index}"), describe(index))).collect())
}

fn describe(index: u32) -> Result<Card> {
    let gpu = Gpu::open(index)?;
    let no_denoiser = denoiser::Denoiser::default().prepare(&gpu, DenoiserKind::RgbAlbedoNormal).err();
    Ok(Card {
        id: format!("optix:{index}"),
        name: gpu.name.clone(),
        memory_bytes: gpu.memory()?.1,
        driver: driver::version(),
        optix_abi: optix_sys::OPTIX_ABI_VERSION,
        rt_core_version: gpu.property(OptixDeviceProperty::RTCORE_VERSION)?,
        no_denoiser,
    })
}

impl OptixDevice {
    /// Opens the card with that number, and compiles the kernels for it if that was never done before.
    pub fn new(index: usize) -> Result<OptixDevice> {
        let gpu = Arc::new(Gpu::open(u32::try_from(index).unwrap_or(u32::MAX))?);
        let (pool, arrivals) = (Pool::default(), Arrivals::default());
        let (pipelines, kernels) = std::thread::scope(|scope| {
            let kernels = scope.spawn(|| Kernels::new(&gpu));
            let pipelines = Pipelines::new(&gpu, PATH);
            let kernels = kernels.join().unwrap_or_else(|_| Err(Error::device("a compiling thread died")));
            (pipelines, kernels)
        });
        Ok(OptixDevice {
            info: DeviceInfo { id: format!("optix:{index}"), name: gpu.name.clone(), threads: 0 },
            scene: Scene::default(),
            uploaded: OptixScene::default(),
            film: None,
            tracer: Tracer::new(&gpu)?,
            fresh_speed: None,
            stale: false,
            failed: None,
            seed: 0,
            denoisers: Denoisers::new(0),
            denoiser: None,
            optix_denoiser: denoiser::Denoiser::default(),
            staging: Staging::new()?,
            prefetcher: Arc::new(Prefetcher::new(&gpu, &pool, &arrivals)?),
            arrivals,
            kernels: kernels?,
            pipelines: pipelines?,
            intersect: None,
            pool,
            gpu,
        })
    }

    /// The present scene once more, with a binding table for other programs than the path loop.
    #[cfg(feature = "testing")]
    fn scene_for(&mut self, pipelines: &Pipelines) -> Result<OptixScene> {
        let mut tools = Tools {
            gpu: &self.gpu,
            pool: &self.pool,
            pipelines,
            kernels: &self.kernels,
            staging: &mut self.staging,
            arrivals: &Arrivals::default(),
            may_refit: false,
        };
        Ok(OptixScene::default().next(&mut tools, &self.scene)?.0)
    }
}

impl Drop for OptixDevice {
    fn drop(&mut self) {
        // Memory is given back to the card that is current. What fails here has no one to be told to.
        let _ = self.gpu.enter();
        let _ = self.gpu.finish("closing the device");
    }
}

impl Device for OptixDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    /// Polled between pieces of an upload, and by Open Image Denoise; what else a change takes is short but for tens of
    /// millions of primitives.
    fn interrupt_by(&mut self, cancel: &CancelToken) {
        self.staging.cancel = cancel.clone();
    }

    fn prefetcher(&self) -> Option<Arc<dyn Prefetch>> {
        Some(self.prefetcher.clone())
    }

    /// Of the card, whoever has taken it.
    fn memory_in_use(&self) -> Option<u64> {
        let (free, _) = self.gpu.enter().and_then(|()| self.gpu.memory()).ok()?;
        Some(self.gpu.free_at_first.saturating_sub(free))
    }

    fn look_back(&mut self, may: bool) {
        self.optix_denoiser.look_back = may;
    }

    fn apply(&mut self, scene: &Scene, changes: &ChangeSet) -> Result<Applied> {
        self.gpu.enter()?;
        let (optix, kind) = (&mut self.optix_denoiser, scene.variables.denoiser_kind);
        let denoiser = self.denoisers.choose(scene, || Some(optix.prepare(&self.gpu, kind)))?;
        if self.film.is_some() && !changes.restarts_accumulation() {
            // Only how the film is developed.
            self.denoiser = denoiser;
            self.scene = scene.clone();
            return Ok(Applied::default());
        }
        let film = match &self.film {
            Some(film) if film.size() == scene.size => None,
            _ => Some(Film::new(&self.gpu, &self.pool, scene.size)?),
        };
        let mut tools = Tools {
            gpu: &self.gpu,
            pool: &self.pool,
            pipelines: &self.pipelines,
            kernels: &self.kernels,
            staging: &mut self.staging,
            arrivals: &self.arrivals,
            may_refit: !self.stale,
        };
        let (uploaded, applied) = self.uploaded.next(&mut tools, scene)?;
        let same_origin = uploaded.origin == self.uploaded.origin;
        self.uploaded = uploaded;
        self.uploaded.data.seed = self.seed;
        self.film = film.or(self.film.take());
        self.denoiser = denoiser;
        let but_the_camera = ChangeSet { camera: false, postproc: false, ..changes.clone() };
        self.optix_denoiser.changed(!but_the_camera.is_empty() || !same_origin);
        self.scene = scene.clone();
        self.tracer.scene_changed(!applied.rebuilt.is_empty());
        self.stale = false;
        if applied.refitted.is_empty() {
            self.fresh_speed = None;
        }
        self.pool.tidy(self.uploaded.is_moving());
        Ok(applied)
    }

    fn restart(&mut self, seed: u64) {
        self.seed = seed;
        self.uploaded.data.seed = seed;
        self.optix_denoiser.next_picture();
        if let Some(film) = &mut self.film {
            self.failed = self.gpu.enter().and_then(|()| film.clear(&self.gpu)).err();
        }
    }

    fn trace(&mut self, passes: u32, cancel: &CancelToken) -> Result<u32> {
        self.gpu.enter()?;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let Some(film) = &mut self.film else { return Err(no_scene()) };
        let done = self.tracer.trace(
            &self.gpu,
            &self.pool,
            self.pipelines.of(&self.gpu, self.uploaded.levels)?,
            &self.kernels,
            &self.uploaded,
            film,
            passes,
            cancel,
        )?;
        if let Some(speed) = self.tracer.speed() {
            let fresh = *self.fresh_speed.get_or_insert(speed);
            self.stale = speed * STALE_AT < fresh;
        }
        Ok(done)
    }

    fn develop(&mut self, complete: bool, what: Develop) -> Result<Frame> {
        self.gpu.enter()?;
        let Some(film) = &mut self.film else { return Err(no_scene()) };
        let chain = Chain::of(&self.scene, film.passes, complete, self.denoiser.as_ref());
        let (optix, cancel) = (&mut self.optix_denoiser, &self.staging.cancel);
        optix.camera = self.uploaded.data.camera;
        film.develop(&self.gpu, &self.pool, &self.kernels, optix, &chain, complete, what, cancel)
    }

    fn closest(&mut self, rays: &[Ray]) -> Result<Vec<Option<Hit>>> {
        if self.film.is_none() {
            return Err(no_scene());
        }
        let rays: Vec<_> = rays.iter().map(|ray| kernel_ray(ray, self.uploaded.origin)).collect();
        let hits = self.nearest(&rays, false)?;
        let plot_of = numbers_of(&self.scene, self.uploaded.names());
        Ok(hits.iter().map(|hit| Hit::of(hit, &plot_of)).collect())
    }
}

fn no_scene() -> Error {
    Error::device("the device was given no scene")
}
