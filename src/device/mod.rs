//! The interface between scene and hardware: one trait, implemented by the CPU, by OptiX, and by a null device that
//! records calls. Capabilities are data in [`DeviceInfo`], not methods.

pub mod cpu;
pub mod denoise;
mod develop;
pub mod film;
pub mod kernels;
pub mod layout;
pub mod null;
#[cfg(feature = "optix")]
pub mod optix;
mod upload;

use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::{MAX_MAGNITUDE, Scene};
use crate::{Error, Result};
use glam::{DVec3, Vec3};
pub use kernels::{camera_ray, light_distance};
use std::ops::Range;
use std::sync::Arc;

use film::{FilmSums, Planes};
use layout as kernel;

/// A refitted acceleration structure is kept while its surface-area cost is below this multiple of a fresh one's.
const REBUILD_AT: f64 = 1.5;

/// Identity and capabilities of a device.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DeviceInfo {
    /// The name that `--device` takes: `"cpu"`, `"optix:0"`, `"null"`.
    pub id: String,
    /// Name for users: processor or card, and the instruction set or driver in use.
    pub name: String,
    /// Number of the processor's threads that trace; 0 where none does.
    pub threads: usize,
}

/// Cost of applying a change, for logs, `bench` and overlays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Applied {
    /// Names of plots whose acceleration structure was refitted, and rebuilt.
    pub refitted: Vec<String>,
    pub rebuilt: Vec<String>,
    /// Number of arrays that a [`Prefetch`] had already sent.
    pub sent_ahead: usize,
}

/// What to develop in addition to the 8-bit image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Develop {
    /// Fill [`Frame::linear`].
    pub linear: bool,
    /// Fill [`Frame::guides`]; the film must have all planes ([`Device::require_planes`]).
    pub guides: bool,
}

/// A ray of a ray query, in world coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ray {
    /// The origin, scene units.
    pub origin: DVec3,
    /// The direction, of any length but zero.
    pub dir: Vec3,
}

/// The nearest hit of a ray.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Index of the plot in [`Scene::geometries`] of the scene that the device holds, from 0.
    pub plot: u32,
    /// Index of the primitive in the plot, from 0.
    pub primitive: u32,
    /// The face, in the order of the shape's header in `kernels/shape`: 0 .. 5 for a parallelepiped, 0 .. 5 for a tetrahedron, 0 for
    /// shapes of one face.
    pub face: u32,
    /// Distance from the ray's origin, in lengths of its direction: scene units where that is a unit vector.
    pub t: f32,
}

impl Hit {
    /// Converts a hit of the kernels; `plot_of` maps their instances to indices of plots in the scene.
    fn of(hit: &kernel::Hit, plot_of: &[u32]) -> Option<Hit> {
        // A miss has an instance that is out of range.
        let &plot = plot_of.get(hit.instance as usize)?;
        Some(Hit { plot, primitive: hit.primitive, face: hit.face, t: hit.t })
    }
}

/// The kernels' ray and its maximum distance: infinite, or zero if the ray is not finite or has no direction. `origin` is
/// the kernels' origin in the world.
fn kernel_ray(ray: &Ray, origin: DVec3) -> (kernel::Ray, f32) {
    let from = (ray.origin - origin).as_vec3();
    let within = |v: Vec3| v.to_array().iter().all(|x| x.abs() <= MAX_MAGNITUDE);
    if within(from) && within(ray.dir) && ray.dir != Vec3::ZERO {
        (kernel::Ray { origin: from.to_array().into(), dir: ray.dir.to_array().into() }, f32::INFINITY)
    } else {
        (kernel::Ray { origin: [0.0; 3].into(), dir: [0.0, 0.0, 1.0].into() }, 0.0)
    }
}

/// The index in the scene of each of the named plots.
fn indices_of<'a>(scene: &Scene, names: impl Iterator<Item = &'a String>) -> Vec<u32> {
    names.map(|name| scene.geometries.get_index_of(name).map_or(u32::MAX, |index| index as u32)).collect()
}

/// Sends the data of the next scene to a device while that traces the present one.
pub trait Prefetch: Send + Sync {
    /// Sends the arrays of `scene` that the device does not hold, so that [`Device::apply`] finds them on the device;
    /// arrays that `apply` does not need are freed. May be called from any thread. May take as long as the transfer,
    /// may be cancelled, and may do nothing: `apply` sends what is missing, and reports errors.
    fn prefetch(&self, scene: &Scene, cancel: &CancelToken);
}

/// A tracer with its film. Calls come from one thread, in this order: `apply` (at least once), `restart`, then
/// any number of `trace` and `develop`; `apply` again at any time between them.
pub trait Device: Send {
    fn info(&self) -> &DeviceInfo;

    /// Sets the token that `apply` and `develop` poll from now on. Cancelled, they fail with [`Error::interrupted`]
    /// within 50 ms. A device whose calls are shorter than that may ignore it.
    fn interrupt_by(&mut self, cancel: &CancelToken) {
        let _ = cancel;
    }

    /// The object that sends data to this device ahead of `apply`; `None` where there is nothing to send.
    fn prefetcher(&self) -> Option<Arc<dyn Prefetch>> {
        None
    }

    /// Bytes of the device's own memory that are in use since it was opened; `None` where it has none.
    fn memory_in_use(&self) -> Option<u64> {
        None
    }

    /// Rays of all kinds that the device has traced since it was opened; `None` where it does not count them.
    fn rays(&self) -> Option<u64> {
        None
    }

    /// Whether a denoiser may use the previous image, which steadies animations. Off at first, and always off in
    /// batches: an image must not depend on where a rendering begins. A device without a temporal denoiser ignores
    /// this.
    fn look_back(&mut self, may: bool) {
        let _ = may;
    }

    /// The planes that the film has in addition to those that developing the scene reads, from the next `apply` on.
    /// None at first.
    fn require_planes(&mut self, planes: Planes);

    /// Updates the device to `scene`; it compares this with the scene that it holds. On an error the device keeps the
    /// last scene it held and stays usable.
    ///
    /// The film is emptied, and `restart` must follow, where the size has changed and where the film lacks a plane that
    /// developing the scene reads: sums of different samples in the planes of one film would not belong together.
    fn apply(&mut self, scene: &Scene) -> Result<Applied>;

    /// Empties the film. `seed` is the seed of the image: the same seed gives the same samples.
    fn restart(&mut self, seed: u64);

    /// Adds samples to the film, one of each pixel a pass, and returns how many passes were added: fewer only when
    /// cancelled, which takes under 50 ms. A cancelled pass leaves the film unchanged. `samples` are indices of passes
    /// in the image: those that follow the film's, or on an empty film a range that begins at a multiple of
    /// [`SUM_BLOCK`](film::SUM_BLOCK).
    fn trace(&mut self, samples: Range<u32>, cancel: &CancelToken) -> Result<u32>;

    /// Adds up to `passes` passes that follow those on the film: see [`Device::trace`].
    fn trace_more(&mut self, passes: u32, cancel: &CancelToken) -> Result<u32> {
        let next = self.samples().end;
        self.trace(next..next.saturating_add(passes), cancel)
    }

    /// The samples on the film: indices of passes in the image.
    fn samples(&self) -> Range<u32>;

    /// The sums of the film. Polls the token of `interrupt_by`.
    fn sums(&mut self) -> Result<FilmSums>;

    /// Adds the sums of another film of the same scene and seed, so that this film has the bits that tracing the samples
    /// here would have given. That is possible only in the order of the samples and a block at a time, on top of whole
    /// blocks; fails otherwise ([`film`] explains blocks).
    fn add_sums(&mut self, sums: &FilmSums) -> Result<()>;

    /// Develops the film with the post-processing chain of the scene. `complete` goes into the frame; a denoiser
    /// may work harder for a complete image.
    fn develop(&mut self, complete: bool, what: Develop) -> Result<Frame>;

    /// The nearest hit of each ray with the plots of the scene that the device holds; `None` for a miss, and for rays
    /// that are not finite or have no direction. Lights are not hit. Polls the token of `interrupt_by`.
    fn closest(&mut self, rays: &[Ray]) -> Result<Vec<Option<Hit>>>;
}

/// The device that `--device` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The best device that works; the log names it and why a better one does not work.
    Auto,
    Cpu,
    Optix(Option<usize>),
    /// Traces nothing: for `check` and tests.
    Null,
}

/// Opens a device. `threads` 0 means all cores. `Auto` falls back, every other choice fails instead.
pub fn open(choice: &DeviceChoice, threads: usize) -> Result<Box<dyn Device>> {
    match choice {
        DeviceChoice::Auto => Ok(open_best(threads)?.0),
        DeviceChoice::Cpu => Ok(Box::new(cpu::CpuDevice::new(threads)?)),
        DeviceChoice::Null => Ok(Box::new(null::NullDevice::new())),
        DeviceChoice::Optix(index) => open_optix(index.unwrap_or(0)),
    }
}

/// Opens the best device that works, and logs why a better one does not.
pub fn open_best(threads: usize) -> Result<(Box<dyn Device>, Option<Error>)> {
    match open_optix(0) {
        Ok(device) => Ok((device, None)),
        Err(error) => Ok((Box::new(cpu::CpuDevice::new(threads)?), Some(error))),
    }
}

#[cfg(feature = "optix")]
fn open_optix(index: usize) -> Result<Box<dyn Device>> {
    Ok(Box::new(optix::OptixDevice::new(index)?))
}

#[cfg(not(feature = "optix"))]
fn open_optix(_index: usize) -> Result<Box<dyn Device>> {
    Err(Error::device("this build has no OptiX device").hint("build plotrt with its feature `optix`"))
}
