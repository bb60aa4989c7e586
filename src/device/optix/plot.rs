//! One plot on the card: its arrays, its packed primitives, its acceleration structure.

use super::accel::{Accel, Over, Planned, Purpose};
use super::arrivals::{Arrivals, Source};
use super::fit::Fit;
use super::gpu::Gpu;
use super::memory::{Memory, Pool};
use super::programs::Kernels;
use super::staging::Staging;
use crate::Result;
use crate::device::REBUILD_AT;
use crate::device::kernels::best;
use crate::device::layout::{Attribute, GeometryData, PrepareJob};
use crate::scene::{CHANNELS, Channel, Geometry};
use optix_sys::{CUdeviceptr, OptixAabb};
use std::sync::Arc;

/// Most refits in a row before a rebuild: errors that the sample does not show add up.
const MOST_REFITS: u32 = 64;

/// A plot as launches read it.
pub struct Plot {
    /// The kernels' view with addresses of the card.
    pub data: GeometryData,
    pub accel: Accel,
    /// The uploaded data with addresses of the host, which `_source` keeps alive.
    host: GeometryData,
    _source: Arc<Geometry>,
    arrays: Vec<Option<Arc<Memory>>>,
    primitives: Arc<Memory>,
    /// The sample for a structure that can be refitted, from when it was built.
    fit: Option<Arc<Fit>>,
}

/// A plot that has all its memory and waits for its contents.
pub struct Staged {
    host: GeometryData,
    source: Arc<Geometry>,
    arrays: Vec<Option<Arc<Memory>>>,
    /// Which of the arrays are not on the card yet.
    missing: Vec<bool>,
    /// How many of the arrays had been sent ahead.
    pub sent_ahead: usize,
    primitives: Arc<Memory>,
    fit: Option<Arc<Fit>>,
    work: Work,
}

/// What has to be done for the structure.
enum Work {
    Keep(Accel),
    Refit(Accel, usize),
    Build(Planned),
}

/// How a structure was updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Kept,
    Refitted,
    Rebuilt,
}

/// The arrays of a plot, by channel; `None` where it has none, or one value for all primitives.
pub fn sources(host: &GeometryData) -> [Option<Source>; CHANNELS.len()] {
    std::array::from_fn(|i| {
        let attribute = &host.attribute[i];
        let floats = floats(attribute, CHANNELS[i].width, host.elements as usize);
        (floats > 0 && attribute.stride > 0).then_some(Source::new(attribute.data.cast(), floats * size_of::<f32>()))
    })
}

/// Whether two plots have as many primitives of one kind.
fn same_kind(a: &GeometryData, b: &GeometryData) -> bool {
    (a.shape, a.count, a.elements, a.step) == (b.shape, b.count, b.elements, b.step)
}

/// Floats of a packed primitive.
fn packed_floats(shape: u32) -> usize {
    // SAFETY: the function reads nothing but the shape.
    unsafe { (best().bvh.packed_floats)(shape) as usize }
}

fn floats(attribute: &Attribute, width: usize, count: usize) -> usize {
    match (attribute.data.is_null(), attribute.stride) {
        (true, _) => 0,
        (false, 0) => width,
        (false, stride) => stride as usize * (count - 1) + width,
    }
}

/// Whether two attributes of living plots have the same contents. Buffers are compared by address: nobody writes one
/// that a plot holds.
fn same(a: &Attribute, b: &Attribute, width: usize) -> bool {
    if a.stride != b.stride || a.data.is_null() || b.data.is_null() {
        return a.stride == b.stride && a.data == b.data;
    }
    // SAFETY: one value for all, of that many floats, in plots that live.
    let value = |attribute: &Attribute| unsafe { std::slice::from_raw_parts(attribute.data, width) };
    a.data == b.data || (a.stride == 0 && value(a) == value(b))
}

impl Plot {
    /// The arrays of the host that the card has copies of.
    pub fn sources(&self) -> impl Iterator<Item = Source> {
        sources(&self.host).into_iter().flatten()
    }

    /// Whether the structure is one that can be refitted.
    pub fn is_moving(&self) -> bool {
        self.fit.is_some()
    }

    /// Whether the refitted structure is still good enough for `host`.
    ///
    /// # Safety
    /// All arrays of `host` are valid; it has as many primitives as this plot.
    unsafe fn fits(&self, host: &GeometryData) -> bool {
        // SAFETY: as required of the caller.
        let worsening = |fit: &Arc<Fit>| unsafe { fit.worsening(host) };
        self.accel.refits < MOST_REFITS && self.fit.as_ref().is_some_and(|fit| worsening(fit) <= REBUILD_AT)
    }
}

impl Staged {
    /// Allocates the memory for a plot; `old` is the plot of that name that the card holds.
    ///
    /// # Safety
    /// `host` describes `source`.
    #[allow(clippy::too_many_arguments)]
    pub unsafe fn new(
        gpu: &Gpu,
        pool: &Pool,
        arrivals: &Arrivals,
        name: &str,
        host: GeometryData,
        source: &Arc<Geometry>,
        old: Option<&Plot>,
        may_refit: bool,
    ) -> Result<Staged> {
        let what = format!("plot \"{name}\"");
        let count = host.count as usize;
        let before = old.filter(|old| same_kind(&old.host, &host));
        let (mut arrays, mut missing) = (Vec::new(), Vec::new());
        let (mut shaped, mut sent_ahead) = (false, 0);
        let sources = sources(&host);
        for (i, attribute) in host.attribute.iter().enumerate() {
            let width = CHANNELS[i].width;
            let known = before.filter(|old| same(&old.host.attribute[i], attribute, width)).map(|old| &old.arrays[i]);
            let ahead = || sources[i].and_then(|source| arrivals.take(source));
            let (array, is_missing) = match (known, floats(attribute, width, host.elements as usize)) {
                (Some(array), _) => (array.clone(), false),
                (None, 0) => (None, false),
                (None, floats) => match ahead() {
                    Some(memory) => {
                        sent_ahead += 1;
                        (Some(Arc::new(memory)), false)
                    }
                    None => (Some(Arc::new(pool.take(gpu, floats * size_of::<f32>(), &what)?)), true),
                },
            };
            shaped |= known.is_none() && CHANNELS[i].channel != Channel::Color && array.is_some();
            arrays.push(array);
            missing.push(is_missing);
        }
        let over = Over::Boxes { address: 0, count: host.count };
        let mut fit = before.and_then(|old| old.fit.clone());
        let (primitives, work) = match before {
            Some(old) if !shaped => (old.primitives.clone(), Work::Keep(old.accel.clone())),
            _ => {
                let floats = packed_floats(host.shape);
                let primitives = Arc::new(pool.take(gpu, count * floats * size_of::<f32>(), &what)?);
                let refit = match before {
                    // SAFETY: as required of the caller; the plot has as many primitives as before.
                    Some(old) if may_refit && unsafe { old.fits(&host) } => {
                        over.plan_refit(gpu, &old.accel)?.map(|temp| Work::Refit(old.accel.clone(), temp))
                    }
                    _ => None,
                };
                // A plot that has moved once is expected to move again.
                let purpose = if before.is_some() { Purpose::Moving } else { Purpose::Static };
                let work = match refit {
                    Some(work) => work,
                    None => {
                        // SAFETY: as required of the caller.
                        fit = (purpose == Purpose::Moving).then(|| Arc::new(unsafe { Fit::new(&host) }));
                        Work::Build(over.plan(gpu, pool, purpose, &what)?)
                    }
                };
                (primitives, work)
            }
        };
        Ok(Staged { host, source: source.clone(), arrays, missing, sent_ahead, primitives, fit, work })
    }

    /// Bytes of temporary memory for the structure, and bytes of bounds.
    pub fn scratch(&self) -> (usize, usize) {
        let bounds = self.host.count as usize * size_of::<OptixAabb>();
        match &self.work {
            Work::Keep(_) => (0, 0),
            Work::Refit(_, temp) => (*temp, bounds),
            Work::Build(planned) => (planned.temp_bytes, bounds),
        }
    }

    /// Sends the arrays that are missing.
    ///
    /// # Safety
    /// The source's arrays are as `host` describes them, and nothing runs on the card that uses the memory.
    pub unsafe fn upload(&self, staging: &mut Staging) -> Result<()> {
        for (i, attribute) in self.host.attribute.iter().enumerate() {
            let (true, Some(array)) = (self.missing[i], &self.arrays[i]) else { continue };
            let floats = floats(attribute, CHANNELS[i].width, self.host.elements as usize);
            // SAFETY: as required of the caller; the new memory is large enough.
            unsafe {
                let bytes = std::slice::from_raw_parts(attribute.data.cast::<u8>(), floats * size_of::<f32>());
                staging.upload(array.address(), bytes)?;
            }
        }
        Ok(())
    }

    /// Enqueues the build or refit of the structure. `temp` and `bounds` are as large as [`Staged::scratch`] returns.
    ///
    /// # Safety
    /// The stream waits for the uploads before, and all memory lives until the card has finished.
    pub unsafe fn build(self, gpu: &Gpu, kernels: &Kernels, temp: &Memory, bounds: &Memory) -> Result<(Plot, Outcome)> {
        let data = self.data();
        let over = Over::Boxes { address: bounds.address(), count: data.count };
        if !matches!(self.work, Work::Keep(_)) {
            let mut job = PrepareJob {
                geometry: data,
                primitives: self.primitives.address() as *mut f32,
                bounds: bounds.address() as *mut f32,
            };
            // SAFETY: the kernel takes one job; its memory is large enough, and lives as required of the caller.
            unsafe { kernels.geometry(gpu, "prepare_geometry", data.count.into(), &[(&raw mut job).cast()])? };
        }
        let (accel, outcome) = match self.work {
            Work::Keep(accel) => (accel, Outcome::Kept),
            Work::Refit(mut accel, _) => {
                // SAFETY: as required of the caller; tracing has ended.
                unsafe { accel.refit(gpu, over, temp)? };
                (accel, Outcome::Refitted)
            }
            // SAFETY: as required of the caller.
            Work::Build(planned) => (unsafe { planned.build(gpu, over, temp)? }, Outcome::Rebuilt),
        };
        let plot = Plot {
            data,
            accel,
            host: self.host,
            _source: self.source,
            arrays: self.arrays,
            primitives: self.primitives,
            fit: self.fit,
        };
        Ok((plot, outcome))
    }

    /// The kernels' view with the card's addresses.
    fn data(&self) -> GeometryData {
        let mut data = GeometryData { accel: pointer(self.primitives.address()), ..self.host };
        for (attribute, array) in data.attribute.iter_mut().zip(&self.arrays) {
            attribute.data = array.as_ref().map_or(std::ptr::null(), |array| pointer(array.address()));
        }
        data
    }
}

/// An address of the card as a pointer for the shared structs.
pub fn pointer<T>(address: CUdeviceptr) -> *const T {
    address as *const T
}
