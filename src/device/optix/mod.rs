//! The OptiX device: the shared kernels on NVIDIA GPUs.
//!
//! [`driver`] and [`gpu`] open the driver and a card, [`programs`] compiles the kernels, [`memory`] and [`staging`]
//! allocate and fill memory; a [`card`] is what all work uses. A [`scene`] consists of [`plot`]s, each with its [`accel`]eration structure, under one
//! structure over all, and of [`texture`]s; [`film`] holds the sums and develops the image, and [`denoiser`] is OptiX's. All work of a card
//! is in order on one stream.
//!
//! [`intersect`] answers ray queries. With the feature `testing` there are `probe` and `bare`, which run their own
//! programs: for tests, and for a benchmark.

mod accel;
mod arrivals;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod bare;
mod card;
mod denoiser;
mod driver;
mod film;
mod fit;
mod gpu;
mod intersect;
mod memory;
mod plot;
mod prefetch;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod probe;
mod programs;
mod scene;
mod staging;
mod texture;
mod trace;

use super::denoise::{Denoiser, Denoisers, planes_read};
use super::develop::chain::Chain;
use super::film::{FilmSums, Planes};
use super::{Applied, Develop, Device, DeviceInfo, Hit, Prefetch, Ray, indices_of, kernel_ray};
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::{ChangeSet, DenoiserKind, Scene};
use crate::{Error, Result};
use arrivals::Arrivals;
use card::Card;
use denoiser::CardDenoiser;
use film::GpuFilm;
use gpu::Gpu;
use memory::Pool;
use optix_sys::OptixDeviceProperty;
use prefetch::Prefetcher;
use programs::{Kernels, PATH, Pipelines};
use scene::{OptixScene, Tools};
use staging::Staging;
use std::ops::Range;
use std::sync::Arc;
use trace::LaunchTracer;

/// Traces on a GPU. The same scene and seed give the same bits on one kind of card.
pub struct OptixDevice {
    info: DeviceInfo,
    scene: Scene,
    uploaded: OptixScene,
    film: Option<GpuFilm>,
    /// Planes that the caller requires.
    required: Planes,
    tracer: LaunchTracer,
    /// Speed of the first launches after a rebuild, paths per second.
    fresh_speed: Option<f64>,
    /// Refitted structures have become slow to trace: rebuild them.
    stale: bool,
    /// The error of a failed `restart`, returned by the next call that can fail.
    failed: Option<Error>,
    seed: u64,
    denoisers: Denoisers,
    /// The denoiser chosen for this scene.
    denoiser: Option<Denoiser>,
    optix_denoiser: CardDenoiser,
    staging: Staging,
    arrivals: Arrivals,
    prefetcher: Arc<Prefetcher>,
    pipelines: Pipelines,
    /// The pipeline of [`OptixDevice::nearest`]; made at its first call.
    intersect: Option<Pipelines>,
    /// Last: everything above lives in its context.
    card: Card,
}

/// Refitted structures that slow tracing down by this factor are rebuilt at the next change.
const STALE_AT: f64 = 1.5;

/// Properties of a card, for `plotrt devices`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CardInfo {
    /// The name that `--device` takes: `"optix:0"`.
    pub id: String,
    pub name: String,
    pub memory_bytes: u64,
    /// Version of the driver.
    pub driver: String,
    pub optix_abi: i32,
    /// Generation of the ray-tracing cores times ten; 0 without any: rays are then traced by the general cores.
    pub rt_core_version: u32,
    /// Why OptiX's denoiser does not work; `None` if it does.
    #[serde(skip)]
    pub no_denoiser: Option<Error>,
}

/// All cards, or why there are none. A card that cannot be used has its error in its place.
pub fn cards() -> Result<Vec<(String, Result<CardInfo>)>> {
    driver::start()?;
    driver::optix()?;
    let count = driver::card_count()?;
    Ok((0..count).map(|index| (format!("optix:{index}"), describe(index))).collect())
}

fn describe(index: u32) -> Result<CardInfo> {
    let gpu = Gpu::open(index)?;
    let no_denoiser = CardDenoiser::default().prepare(&gpu, DenoiserKind::RgbAlbedoNormal).err();
    Ok(CardInfo {
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
    /// Opens the card with that index, and compiles the kernels for it unless they are cached.
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
            required: Planes::NONE,
            tracer: LaunchTracer::new(&gpu)?,
            fresh_speed: None,
            stale: false,
            failed: None,
            seed: 0,
            denoisers: Denoisers::new(0),
            denoiser: None,
            optix_denoiser: CardDenoiser::default(),
            staging: Staging::new()?,
            prefetcher: Arc::new(Prefetcher::new(&gpu, &pool, &arrivals)?),
            arrivals,
            pipelines: pipelines?,
            intersect: None,
            card: Card { kernels: kernels?, pool, gpu },
        })
    }

    /// The present scene with a binding table for programs other than the path loop.
    #[cfg(feature = "testing")]
    fn scene_for(&mut self, pipelines: &Pipelines) -> Result<OptixScene> {
        let mut tools = Tools {
            gpu: &self.card.gpu,
            pool: &self.card.pool,
            pipelines,
            kernels: &self.card.kernels,
            staging: &mut self.staging,
            arrivals: &Arrivals::default(),
            may_refit: false,
        };
        Ok(OptixScene::default().next(&mut tools, &self.scene)?.0)
    }
}

impl Drop for OptixDevice {
    fn drop(&mut self) {
        // Memory is returned to the card that is current. An error here cannot be reported.
        let _ = self.card.gpu.enter();
        let _ = self.card.gpu.finish("closing the device");
    }
}

impl Device for OptixDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    /// The token that is polled between pieces of an upload, and by Open Image Denoise; other parts of a change are
    /// short except with tens of millions of primitives.
    fn interrupt_by(&mut self, cancel: &CancelToken) {
        self.staging.cancel = cancel.clone();
    }

    fn prefetcher(&self) -> Option<Arc<dyn Prefetch>> {
        Some(self.prefetcher.clone())
    }

    /// The memory of the card that is in use, by any program.
    fn memory_in_use(&self) -> Option<u64> {
        let (free, _) = self.card.gpu.enter().and_then(|()| self.card.gpu.memory()).ok()?;
        Some(self.card.gpu.free_at_first.saturating_sub(free))
    }

    fn look_back(&mut self, may: bool) {
        self.optix_denoiser.look_back = may;
    }

    fn require_planes(&mut self, planes: Planes) {
        self.required = planes;
    }

    fn apply(&mut self, scene: &Scene) -> Result<Applied> {
        self.card.gpu.enter()?;
        let changes = ChangeSet::between(&self.scene, scene);
        let (optix, kind) = (&mut self.optix_denoiser, scene.variables.denoiser_kind);
        let denoiser = self.denoisers.choose(scene, || Some(optix.prepare(&self.card.gpu, kind)))?;
        // The temporal model reads where pixels were before, which follows from depth and coverage.
        let flow = if optix.look_back { Planes::ALL } else { Planes::NONE };
        let planes = planes_read(denoiser.as_ref(), scene).with(self.required).with(flow);
        let film = match &self.film {
            Some(film) if film.size() == scene.size && film.planes().contains(planes) => None,
            _ => Some(GpuFilm::new(&self.card, scene.size, planes)?),
        };
        if self.film.is_some() && !changes.restarts_accumulation() {
            self.film = film.or(self.film.take());
            // Only the way in which the film is developed has changed.
            self.denoiser = denoiser;
            self.scene = scene.clone();
            return Ok(Applied::default());
        }
        let mut tools = Tools {
            gpu: &self.card.gpu,
            pool: &self.card.pool,
            pipelines: &self.pipelines,
            kernels: &self.card.kernels,
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
        let but_the_camera = ChangeSet { camera: false, postproc: false, ..changes };
        self.optix_denoiser.changed(!but_the_camera.is_empty() || !same_origin);
        self.scene = scene.clone();
        self.tracer.scene_changed(!applied.rebuilt.is_empty());
        self.stale = false;
        if applied.refitted.is_empty() {
            self.fresh_speed = None;
        }
        self.card.pool.tidy(self.uploaded.is_moving());
        Ok(applied)
    }

    fn restart(&mut self, seed: u64) {
        self.seed = seed;
        self.uploaded.data.seed = seed;
        self.optix_denoiser.next_image();
        if let Some(film) = &mut self.film {
            self.failed = self.card.gpu.enter().and_then(|()| film.clear(&self.card)).err();
        }
    }

    fn trace(&mut self, samples: Range<u32>, cancel: &CancelToken) -> Result<u32> {
        self.card.gpu.enter()?;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let Some(film) = &mut self.film else { return Err(no_scene()) };
        film.samples.begin(&samples)?;
        let done = self.tracer.trace(
            &self.card,
            self.pipelines.of(&self.card.gpu, self.uploaded.variant)?,
            &self.uploaded,
            film,
            samples.len() as u32,
            cancel,
        )?;
        if let Some(speed) = self.tracer.speed() {
            let fresh = *self.fresh_speed.get_or_insert(speed);
            self.stale = speed * STALE_AT < fresh;
        }
        Ok(done)
    }

    fn samples(&self) -> Range<u32> {
        self.film.as_ref().map_or(0..0, |film| film.samples.range())
    }

    fn sums(&mut self) -> Result<FilmSums> {
        self.card.gpu.enter()?;
        let Some(film) = &self.film else { return Err(no_scene()) };
        let (width, height) = film.size();
        Ok(FilmSums { width, height, samples: film.samples.range(), planes: film.all_sums(&self.card)? })
    }

    fn add_sums(&mut self, sums: &FilmSums) -> Result<()> {
        self.card.gpu.enter()?;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let Some(film) = &mut self.film else { return Err(no_scene()) };
        film.add_sums(&self.card, sums)
    }

    fn develop(&mut self, complete: bool, what: Develop) -> Result<Frame> {
        self.card.gpu.enter()?;
        let Some(film) = &mut self.film else { return Err(no_scene()) };
        let chain = Chain::of(&self.scene, film.samples.passes(), complete, self.denoiser.as_ref());
        let (optix, cancel) = (&mut self.optix_denoiser, &self.staging.cancel);
        optix.camera = self.uploaded.data.camera;
        film.develop(&self.card, optix, &chain, complete, what, cancel)
    }

    fn closest(&mut self, rays: &[Ray]) -> Result<Vec<Option<Hit>>> {
        if self.film.is_none() {
            return Err(no_scene());
        }
        let rays: Vec<_> = rays.iter().map(|ray| kernel_ray(ray, self.uploaded.origin)).collect();
        let hits = self.nearest(&rays, false)?;
        let plot_of = indices_of(&self.scene, self.uploaded.names());
        Ok(hits.iter().map(|hit| Hit::of(hit, &plot_of)).collect())
    }
}

fn no_scene() -> Error {
    Error::device("the device was given no scene")
}
