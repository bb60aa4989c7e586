//! The CPU device: uploads, trees, and tiles over all cores.

pub mod bvh;
mod film;
mod trace;

use super::denoise::{Denoiser, Denoisers, planes_read};
use super::develop::{self, chain::Chain};
use super::film::{FilmSums, FilmView, Planes};
use super::kernels;
use super::layout::{self, BvhTable, KernelTable, SceneData};
use super::upload::Upload;
use super::{Applied, Develop, Device, DeviceInfo, Hit, Ray, indices_of, kernel_ray};
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::Scene;
use crate::{Error, Result};
use bvh::{SceneTrees, Uploaded};
use film::CpuFilm;
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::Range;
use trace::TileTracer;

/// Rays of [`CpuDevice::nearest`] that a thread takes at a time.
const RAYS: usize = 1 << 10;

/// For tests: how the brute-force reference samples direct light. Each way alone must give the same image as both
/// together.
#[cfg(feature = "testing")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum LightStrategy {
    Both = 0,
    LightsOnly = 1,
    ScatterOnly = 2,
    /// Fault injection for tests, with the usual tracer: flips the normals of the last plot, which image comparisons
    /// must detect.
    WrongNormals = 3,
}

/// Traces on the processor's cores. The same scene and seed give the same bits whatever the number of threads, the
/// instruction set, and the division of passes into calls.
pub struct CpuDevice {
    info: DeviceInfo,
    kernels: &'static KernelTable,
    pool: rayon::ThreadPool,
    scene: Scene,
    upload: Upload,
    trees: SceneTrees,
    film: CpuFilm,
    /// Planes that the caller requires.
    required: Planes,
    tracer: TileTracer,
    seed: u64,
    rays: u64,
    #[cfg(feature = "testing")]
    reference: Option<LightStrategy>,
    denoisers: Denoisers,
    /// The denoiser chosen for this scene.
    denoiser: Option<Denoiser>,
    /// The token that `apply` and `develop` poll.
    cancel: CancelToken,
    /// A cancelled `apply` has left trees that do not match the scene.
    stale: bool,
}

impl CpuDevice {
    /// Opens the device; 0 `threads` means all cores.
    pub fn new(threads: usize) -> Result<Self> {
        Self::with_variant(threads, "")
    }

    /// Opens the device with the kernels of one instruction set, for tests. `""` is the best one.
    pub fn with_variant(threads: usize, variant: &str) -> Result<Self> {
        let variants = kernels::variants();
        let kernels = *variants
            .iter()
            .find(|k| variant.is_empty() || k.name() == variant)
            .ok_or_else(|| Error::device(format!("this processor cannot run the kernels \"{variant}\"")))?;
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let threads = if threads == 0 { cores } else { threads };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("plotrt-cpu-{i}"))
            .build()
            .map_err(|e| Error::device(format!("cannot start {threads} threads: {e}")))?;
        Ok(CpuDevice {
            info: DeviceInfo { id: "cpu".into(), name: format!("{}, {}", processor_name(), kernels.name()), threads },
            kernels,
            pool,
            scene: Scene::default(),
            upload: Upload::default(),
            trees: SceneTrees::default(),
            film: CpuFilm::default(),
            required: Planes::NONE,
            tracer: TileTracer::default(),
            seed: 0,
            rays: 0,
            #[cfg(feature = "testing")]
            reference: None,
            denoisers: Denoisers::new(threads),
            denoiser: None,
            cancel: CancelToken::new(),
            stale: false,
        })
    }

    /// Traces with the brute-force reference from now on, which tests every primitive: for tests.
    #[cfg(feature = "testing")]
    pub fn use_reference(&mut self, strategy: Option<LightStrategy>) {
        self.reference = strategy;
    }

    /// Updates the trees to the scene after an `apply` that was cancelled. Fails only when cancelled itself.
    fn restore(&mut self, cancel: &CancelToken) -> Result<()> {
        let (upload, trees, kernels) = (&mut self.upload, &mut self.trees, self.kernels.bvh);
        self.pool.install(|| update_trees(upload, trees, kernels, cancel))?;
        self.stale = false;
        Ok(())
    }

    /// Runs a kernel of `kernels/probe.h` on an array of inputs, with the device's scene: for tests.
    ///
    /// # Panics
    /// The same as of [`KernelTable::probe`].
    #[cfg(feature = "testing")]
    pub fn probe(&self, name: &str, input: &[f32]) -> Vec<f32> {
        // SAFETY: the scene is complete, and the device keeps it alive.
        unsafe { self.kernels.probe(name, self.upload.data(), input) }
    }

    /// The nearest hits of rays within their maximum distances, by the device's own trees, on all threads. Polls the
    /// token of `interrupt_by`.
    pub fn nearest(&mut self, rays: &[(layout::Ray, f32)]) -> Result<Vec<layout::Hit>> {
        let cancel = self.cancel.clone();
        if self.stale {
            self.restore(&cancel)?;
        }
        let miss =
            layout::Hit { t: f32::INFINITY, instance: layout::NO_INSTANCE, primitive: 0, face: 0, u: 0.0, v: 0.0 };
        let mut hits = vec![miss; rays.len()];
        if self.upload.data().accel.is_null() {
            return Ok(hits); // before the first scene
        }
        let (kernels, scene) = (self.kernels, SceneOfRays(self.upload.data()));
        self.pool.install(|| {
            let parts = hits.par_chunks_mut(RAYS).zip(rays.par_chunks(RAYS));
            parts.try_for_each(|(hits, rays)| {
                cancel.check()?;
                let (rays, tmax): (Vec<layout::Ray>, Vec<f32>) = rays.iter().copied().unzip();
                let closest = kernels.bvh.closest;
                // SAFETY: the scene is complete, and all arrays are as long as the rays.
                unsafe { closest(scene.get(), rays.as_ptr(), tmax.as_ptr(), hits.as_mut_ptr(), rays.len()) };
                Ok(())
            })
        })?;
        Ok(hits)
    }
}

impl Device for CpuDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn interrupt_by(&mut self, cancel: &CancelToken) {
        self.cancel = cancel.clone();
    }

    fn rays(&self) -> Option<u64> {
        Some(self.rays)
    }

    fn require_planes(&mut self, planes: Planes) {
        self.required = planes;
    }

    fn apply(&mut self, scene: &Scene) -> Result<Applied> {
        let denoiser = self.denoisers.choose(scene, || None)?;
        let mut upload = Upload::new(scene)?;
        let planes = planes_read(denoiser.as_ref(), scene).with(self.required);
        let film = self.film.remade(scene.size, planes)?;
        upload.set_seed(self.seed);
        let (trees, kernels) = (&mut self.trees, self.kernels.bvh);
        // Trees are updated in place, so the old scene has none until this has succeeded, or `restore` has.
        self.stale = true;
        let applied = self.pool.install(|| update_trees(&mut upload, trees, kernels, &self.cancel))?;
        self.stale = false;
        if let Some(film) = film {
            self.film = film;
        }
        self.upload = upload;
        self.denoiser = denoiser;
        self.scene = scene.clone();
        Ok(applied)
    }

    fn restart(&mut self, seed: u64) {
        self.seed = seed;
        self.upload.set_seed(seed);
        self.pool.install(|| self.film.clear());
    }

    fn trace(&mut self, samples: Range<u32>, cancel: &CancelToken) -> Result<u32> {
        self.film.samples.begin(&samples)?;
        if self.stale && self.restore(cancel).is_err() {
            return Ok(0);
        }
        let kernels = self.kernels;
        #[cfg(feature = "testing")]
        let reference = self.reference.zip(kernels.trace_for_tests);
        let kernel = |job: &mut layout::TraceJob| {
            #[cfg(feature = "testing")]
            if let Some((strategy, trace_for_tests)) = reference {
                // SAFETY: as below.
                return unsafe { trace_for_tests(job, strategy as u32) };
            }
            // SAFETY: the tracer assigns each tile once and keeps film and scene borrowed meanwhile.
            unsafe { (kernels.trace_tile)(job) }
        };
        let passes = samples.len() as u32;
        let (done, rays) = self.tracer.trace(&self.pool, &kernel, self.upload.data(), &mut self.film, passes, cancel);
        self.rays += rays;
        Ok(done)
    }

    fn samples(&self) -> Range<u32> {
        self.film.samples.range()
    }

    fn sums(&mut self) -> Result<FilmSums> {
        let CpuFilm { width, height, ref samples, .. } = self.film;
        let sums = self.pool.install(|| self.film.all_sums(&self.cancel))?;
        Ok(FilmSums { width, height, samples: samples.range(), planes: sums.map(|sums| sums.map(Cow::into_owned)) })
    }

    fn add_sums(&mut self, sums: &FilmSums) -> Result<()> {
        self.pool.install(|| self.film.add_sums(sums))
    }

    fn develop(&mut self, complete: bool, what: Develop) -> Result<Frame> {
        let CpuFilm { width, height, ref samples, .. } = self.film;
        let passes = samples.passes();
        let chain = Chain::of(&self.scene, passes, complete, self.denoiser.as_ref());
        self.pool.install(|| {
            let sums = self.film.all_sums(&self.cancel)?;
            let film = FilmView { width, height, passes, planes: sums.each_ref().map(|sums| sums.as_deref()) };
            develop::develop(self.kernels.develop, &film, &chain, complete, what, &self.cancel)
        })
    }

    fn closest(&mut self, rays: &[Ray]) -> Result<Vec<Option<Hit>>> {
        let rays: Vec<_> = rays.iter().map(|ray| kernel_ray(ray, self.upload.origin)).collect();
        let hits = self.nearest(&rays)?;
        let plot_of = indices_of(&self.scene, self.upload.plots.iter().map(|(name, _)| name));
        Ok(hits.iter().map(|hit| Hit::of(hit, &plot_of)).collect())
    }
}

/// The scene, shared by several threads that read it.
struct SceneOfRays<'a>(&'a SceneData);

// SAFETY: the pointers are to buffers that nobody writes while this borrow of their owner lives.
unsafe impl Sync for SceneOfRays<'_> {}

impl SceneOfRays<'_> {
    fn get(&self) -> *const SceneData {
        self.0
    }
}

/// Updates the trees and passes them to the kernels' scene. When cancelled, only the trees have changed.
fn update_trees(
    upload: &mut Upload,
    trees: &mut SceneTrees,
    kernels: &BvhTable,
    cancel: &CancelToken,
) -> Result<Applied> {
    let plots = upload.plots.iter().zip(&mut upload.geometries);
    let plots = plots.map(|((name, plot), data)| Uploaded { name, plot, data });
    // SAFETY: the data describes the plots, and the upload keeps their buffers alive.
    let (accel, applied) = unsafe { trees.update(kernels, plots, &upload.instances, cancel) }?;
    upload.data.accel = accel;
    Ok(applied)
}

/// The processor's name as it reports it, or else its architecture.
fn processor_name() -> String {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::__cpuid;
        #[allow(unused_unsafe)] // newer toolchains made this a safe function
        // SAFETY: every 64-bit x86 processor has this instruction.
        let read = |leaf| unsafe { __cpuid(leaf) };
        const FIRST_NAME_LEAF: u32 = 0x8000_0002;
        const LAST_NAME_LEAF: u32 = 0x8000_0004;
        if read(0x8000_0000).eax >= LAST_NAME_LEAF {
            let bytes: Vec<u8> = (FIRST_NAME_LEAF..=LAST_NAME_LEAF)
                .map(read)
                .flat_map(|r| [r.eax, r.ebx, r.ecx, r.edx])
                .flat_map(u32::to_le_bytes)
                .take_while(|&b| b != 0)
                .collect();
            let name = String::from_utf8_lossy(&bytes).split_whitespace().collect::<Vec<_>>().join(" ");
            if !name.is_empty() {
                return name;
            }
        }
    }
    format!("{} CPU", std::env::consts::ARCH)
}
