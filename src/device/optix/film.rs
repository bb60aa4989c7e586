//! The film on the card: sums over passes, and developing them into the image.

use super::card::Card;
use super::denoiser::{CardDenoiser, Inputs};
use super::gpu::{cuda, raw};
use super::memory::Memory;
use crate::cancel::CancelToken;
use crate::device::denoise::Denoiser;
use crate::device::develop::chain::{self, Chain, Denoise, Pass};
use crate::device::develop::oidn::{self, Auxiliary};
use crate::device::develop::{self, guides};
use crate::device::film::{FilmSums, FilmView, PLANE_FLOATS, PLANES, Place, Planes, Samples};
use crate::device::layout::{BLOCK, DENOISE_FLOATS, DevelopJob, FilmData, StageData};
use crate::device::{Develop, kernels};
use crate::frame::Frame;
use crate::{Error, Result};
use cust::memory::LockedBuffer;
use optix_sys::CUdeviceptr;
use rayon::prelude::*;
use std::ffi::c_void;

/// Bytes of a pixel in a plane.
const PIXEL_BYTES: usize = PLANE_FLOATS * size_of::<f32>();
/// Most memory for samples that wait to be added.
const MOST_SLOT_BYTES: usize = 128 << 20;
/// Fewer passes at once gain nothing.
const LEAST_WAITING: usize = 3;
/// The kernels of plotrt's denoiser, in order.
const DENOISE: [&str; 4] = ["denoise_prepare", "denoise_variance", "denoise_guide", "denoise_filter"];
/// The kernel that leaves the means of albedo and normals in the scratch memory, for other denoisers.
const GUIDES: &str = "denoise_inputs";

/// The planes of the film, one after the other in one piece of memory.
struct Sums {
    memory: Memory,
    pixels: usize,
    planes: Planes,
}

impl Sums {
    fn new(card: &Card, pixels: usize, planes: Planes, what: &str) -> Result<Sums> {
        let memory = card.pool.take(&card.gpu, planes.count() * PIXEL_BYTES * pixels, what)?;
        let sums = Sums { memory, pixels, planes };
        sums.clear(card)?;
        Ok(sums)
    }

    fn bytes(&self) -> usize {
        self.planes.count() * PIXEL_BYTES * self.pixels
    }

    fn data(&self) -> FilmData {
        let mut data = FilmData::NONE;
        for (index, plane) in self.planes.iter().enumerate() {
            data.plane[plane as usize] =
                (self.memory.address() + (PIXEL_BYTES * self.pixels * index) as u64) as *mut f32;
        }
        data
    }

    fn clear(&self, card: &Card) -> Result<()> {
        // SAFETY: memory of that many bytes, used on this stream only.
        let result =
            unsafe { cust::sys::cuMemsetD8Async(self.memory.address(), 0, self.bytes(), card.gpu.stream.as_inner()) };
        raw("clearing the film", result)
    }

    fn copy_to(&self, card: &Card, to: &Sums) -> Result<()> {
        // SAFETY: two blocks of that many bytes, used on this stream only.
        let result = unsafe {
            cust::sys::cuMemcpyDtoDAsync_v2(
                to.memory.address(),
                self.memory.address(),
                self.bytes(),
                card.gpu.stream.as_inner(),
            )
        };
        raw("copying the film", result)
    }
}

/// An image that is being developed.
struct Work {
    job: DevelopJob,
    stages: Vec<StageData>,
}

impl Work {
    /// Enqueues kernels, one after the other.
    fn run(&mut self, card: &Card, names: &[&str]) -> Result<()> {
        let pixels = u64::from(self.job.width) * u64::from(self.job.height);
        let job: *mut c_void = (&raw mut self.job).cast();
        // SAFETY: each kernel takes the job, whose memory is as large as the kernels require, is used on this stream
        // only, and lives until the image has been copied back.
        names.iter().try_for_each(|name| unsafe { card.kernels.film(&card.gpu, name, pixels, &[job]) })
    }
}

/// Adds sums to others, and clears them.
fn move_sums(card: &Card, from: &Memory, to: &Memory, bytes: usize) -> Result<()> {
    let (mut to, mut from, mut count) = (to.address(), from.address(), (bytes / size_of::<f32>()) as u64);
    let arguments: [*mut c_void; 3] = [(&raw mut to).cast(), (&raw mut from).cast(), (&raw mut count).cast()];
    // SAFETY: two pieces of memory with as many floats, used on this stream only.
    unsafe { card.kernels.film(&card.gpu, "put_aside", count, &arguments) }
}

/// The film on the card, with the memory for developing it.
pub struct GpuFilm {
    pub width: u32,
    pub height: u32,
    pub samples: Samples,
    /// Sums of the present block of samples.
    sums: Sums,
    /// Sums of the blocks before.
    aside: Option<Sums>,
    /// Sums before the pass that is being traced in parts.
    before: Option<Sums>,
    /// Slots of samples that wait to be added.
    slots: Option<Memory>,
    linear: Memory,
    rgba: Memory,
    noise: Memory,
    scratch: Option<Memory>,
    /// Pinned memory into which images are copied back.
    pinned: Option<LockedBuffer<u8>>,
}

impl GpuFilm {
    /// An empty film with these planes.
    pub fn new(card: &Card, (width, height): (u32, u32), planes: Planes) -> Result<GpuFilm> {
        let pixels = width as usize * height as usize;
        let what = format!("an image of {width}x{height}");
        let blocks = pixels.div_ceil(BLOCK as usize);
        Ok(GpuFilm {
            width,
            height,
            samples: Samples::default(),
            sums: Sums::new(card, pixels, planes, &what)?,
            aside: None,
            before: None,
            slots: None,
            linear: card.pool.take(&card.gpu, 12 * pixels, &what)?,
            rgba: card.pool.take(&card.gpu, 4 * pixels, &what)?,
            noise: card.pool.take(&card.gpu, 8 * blocks, &what)?,
            scratch: None,
            pinned: None,
        })
    }

    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn pixels(&self) -> usize {
        self.width as usize * self.height as usize
    }

    pub fn planes(&self) -> Planes {
        self.sums.planes
    }

    pub fn clear(&mut self, card: &Card) -> Result<()> {
        (self.samples, self.aside) = (Samples::default(), None);
        self.sums.clear(card)
    }

    /// The addresses for launches.
    pub fn data(&self) -> FilmData {
        self.sums.data()
    }

    /// How many passes of all pixels may wait to be added; 0: their samples are added at once.
    ///
    /// An image with only a few pixels for each thread of the card leaves most threads without work before the last one
    /// has finished, since some pixels take far longer than others. So the pieces of work are made smaller: samples.
    pub fn most_waiting(&self) -> u32 {
        let passes = MOST_SLOT_BYTES / self.sums.bytes();
        if passes >= LEAST_WAITING { passes as u32 } else { 0 }
    }

    /// Allocates memory for the samples of that many passes and returns its address; `None` where the card has none
    /// left.
    pub fn slots(&mut self, card: &Card, passes: u32) -> Option<*mut f32> {
        let bytes = passes as usize * self.sums.bytes();
        if self.slots.as_ref().is_none_or(|slots| slots.bytes() < bytes) {
            self.slots = None;
            self.slots = card.pool.take(&card.gpu, bytes, "samples").ok();
        }
        self.slots.as_ref().map(|slots| slots.address() as *mut f32)
    }

    /// Adds the waiting samples of that many passes.
    pub fn add_samples(&self, card: &Card, passes: u32) -> Result<()> {
        let Some(slots) = &self.slots else { return Ok(()) };
        let (mut film, mut slots, mut count, mut pixels) = (self.data(), slots.address(), passes, self.pixels() as u64);
        let arguments: [*mut c_void; 4] =
            [(&raw mut film).cast(), (&raw mut slots).cast(), (&raw mut count).cast(), (&raw mut pixels).cast()];
        // SAFETY: the kernel's arguments; a launch with this many passes has filled the slots.
        unsafe { card.kernels.film(&card.gpu, "add_samples", pixels, &arguments) }
    }

    /// Counts passes that have been added; at the end of a block sets its sums aside.
    pub fn add_passes(&mut self, card: &Card, count: u32) -> Result<()> {
        if !self.samples.add(count) {
            return Ok(());
        }
        let aside = match self.aside.take() {
            Some(aside) => aside,
            None => Sums::new(card, self.pixels(), self.planes(), "the sums of a long accumulation")?,
        };
        move_sums(card, &self.sums.memory, &aside.memory, self.sums.bytes())?;
        self.aside = Some(aside);
        Ok(())
    }

    /// The sums of all passes, for each plane that the film has.
    pub fn all_sums(&self, card: &Card) -> Result<[Option<Vec<f32>>; PLANES]> {
        let floats = PLANE_FLOATS * self.pixels();
        let fetch = |sums: &Sums| sums.memory.fetch(&card.gpu, vec![0.0f32; self.planes().count() * floats]);
        let mut all = fetch(&self.sums)?;
        if let Some(aside) = &self.aside {
            all.par_iter_mut().zip(fetch(aside)?).for_each(|(sum, aside)| *sum += aside);
        }
        let mut out = [const { None }; PLANES];
        for (index, plane) in self.planes().iter().enumerate() {
            out[plane as usize] = Some(all[index * floats..][..floats].to_vec());
        }
        Ok(out)
    }

    /// Adds the sums of another film.
    pub fn add_sums(&mut self, card: &Card, sums: &FilmSums) -> Result<()> {
        sums.check(self.size(), self.planes())?;
        let place = self.samples.place(sums)?;
        let floats: Vec<f32> =
            self.planes().iter().flat_map(|plane| sums.planes[plane as usize].iter().flatten().copied()).collect();
        let sent = card.pool.send(&card.gpu, &floats)?;
        let to = match (place, self.aside.take()) {
            (Place::Present, aside) => {
                self.aside = aside;
                &self.sums
            }
            (Place::Aside, Some(aside)) => &*self.aside.insert(aside),
            (Place::Aside, None) => {
                let what = "the sums of a long accumulation";
                &*self.aside.insert(Sums::new(card, self.pixels(), self.planes(), what)?)
            }
        };
        move_sums(card, &sent, &to.memory, self.sums.bytes())?;
        card.gpu.finish("adding sums")?;
        self.samples.merge(&sums.samples);
        Ok(())
    }

    /// Saves the sums. Those of an empty film take no memory.
    pub fn save(&mut self, card: &Card) -> Result<()> {
        if self.samples.passes() == 0 {
            self.before = None;
            return Ok(());
        }
        if self.before.is_none() {
            self.before = Some(Sums::new(card, self.pixels(), self.planes(), "a copy of the film")?);
        }
        self.before.as_ref().map_or(Ok(()), |before| self.sums.copy_to(card, before))
    }

    /// Restores the sums to their saved values.
    pub fn restore(&mut self, card: &Card) -> Result<()> {
        match &self.before {
            Some(before) => before.copy_to(card, &self.sums),
            None => self.sums.clear(card),
        }
    }

    /// Develops the film as `src/device/develop` does. `cancel` is polled by Open Image Denoise only, because nothing else
    /// takes long.
    pub fn develop(
        &mut self,
        card: &Card,
        optix: &mut CardDenoiser,
        chain: &Chain,
        complete: bool,
        what: Develop,
        cancel: &CancelToken,
    ) -> Result<Frame> {
        let (size, pixels, passes) = (self.size(), self.pixels(), self.samples.passes());
        if passes == 0 {
            return Ok(chain::without_a_pass(size, complete, what));
        }
        let mut frame =
            Frame { width: size.0, height: size.1, passes, complete, noise: f32::INFINITY, ..Frame::default() };
        if what.guides {
            // Computed on the processor, because they are needed rarely.
            let sums = self.all_sums(card)?;
            let planes = sums.each_ref().map(|sums| sums.as_deref());
            frame.guides = Some(guides::of(&FilmView { width: size.0, height: size.1, passes, planes }, cancel)?);
        }
        let mut work = self.means(card, chain)?;
        if chain.passes.iter().any(|pass| matches!(pass, Pass::Denoise(Denoise { by: Denoiser::Oidn { .. }, .. }))) {
            self.finish_on_host(card, &mut work, chain, what, &mut frame, cancel)?;
            return Ok(frame);
        }
        for pass in &chain.passes {
            match pass {
                Pass::Denoise(denoise) => self.denoise(card, optix, &mut work, denoise)?,
                Pass::Pixels(stages) => work.stages.extend(stages),
            }
        }
        // SAFETY: the kernel only reads the stages, which live until the image has been copied back.
        let stages = card.pool.send(&card.gpu, &work.stages)?;
        work.job.stages = stages.address() as *const StageData;
        work.job.stage_count = work.stages.len() as u32;
        work.run(card, &["develop_display"])?;
        let linear_bytes = if what.linear { 12 * pixels } else { 0 };
        let (linear, rgba) = (work.job.linear as CUdeviceptr, self.rgba.address());
        let bytes = self.fetch(card, &mut frame, [(linear, linear_bytes), (rgba, 4 * pixels)])?;
        let (linear, rgba) = bytes.split_at(linear_bytes);
        frame.linear = bytemuck::pod_collect_to_vec(linear);
        frame.rgba8 = rgba.to_vec();
        Ok(frame)
    }

    /// Computes the means and their noise, and allocates what the chain needs.
    fn means(&mut self, card: &Card, chain: &Chain) -> Result<Work> {
        let pixels = self.pixels();
        let denoise = chain.passes.iter().find_map(|pass| match pass {
            Pass::Denoise(denoise) => Some(denoise),
            Pass::Pixels(_) => None,
        });
        if denoise.is_some() && self.scratch.is_none() {
            self.scratch = Some(card.pool.take(&card.gpu, 4 * DENOISE_FLOATS as usize * pixels, "the denoiser")?);
        }
        let job = DevelopJob {
            film: self.sums.data(),
            aside: self.aside.as_ref().map_or(FilmData::NONE, Sums::data),
            linear: self.linear.address() as *mut f32,
            rgba: self.rgba.address() as *mut u8,
            scratch: self.scratch.as_ref().map_or(0, Memory::address) as *mut f32,
            noise: self.noise.address() as *mut f64,
            stages: std::ptr::null(),
            width: self.width,
            height: self.height,
            passes: self.samples.passes(),
            stage_count: 0,
            blend: denoise.map_or(0.0, |denoise| denoise.blend),
            pad: 0,
        };
        let mut work = Work { job, stages: Vec::new() };
        work.run(card, &["develop_mean"])?;
        let mut blocks = pixels.div_ceil(BLOCK as usize) as u32;
        let arguments = [(&raw mut work.job).cast(), (&raw mut blocks).cast()];
        // SAFETY: takes the job and the number of blocks; otherwise as for `Work::run`.
        unsafe { card.kernels.film(&card.gpu, "sum_noise", 1, &arguments)? };
        Ok(work)
    }

    /// Carries out a denoiser of the card.
    fn denoise(&self, card: &Card, optix: &mut CardDenoiser, work: &mut Work, denoise: &Denoise) -> Result<()> {
        match denoise.by {
            Denoiser::Builtin => work.run(card, &DENOISE),
            Denoiser::Optix => {
                work.run(card, &[GUIDES])?;
                let (size, pixels) = (self.size(), self.pixels() as u64);
                if let Some(mut flow) = optix.flow(card, size, denoise.kind)? {
                    let arguments = [(&raw mut work.job).cast(), (&raw mut flow).cast()];
                    // SAFETY: takes the two jobs; otherwise as for `Work::run`.
                    unsafe { card.kernels.film(&card.gpu, "denoise_flow", pixels, &arguments)? };
                }
                let scratch = work.job.scratch as CUdeviceptr;
                let color = work.job.linear as CUdeviceptr;
                let inputs = Inputs { color, albedo: scratch, normal: scratch + 12 * pixels };
                work.job.linear = optix.run(card, size, &inputs, (denoise.kind, denoise.blend))? as *mut f32;
                Ok(())
            }
            Denoiser::Oidn { .. } => Err(Error::device("Open Image Denoise does not work on the card")),
        }
    }

    /// Fetches the means, and carries out the chain on the processor.
    fn finish_on_host(
        &mut self,
        card: &Card,
        work: &mut Work,
        chain: &Chain,
        what: Develop,
        frame: &mut Frame,
        cancel: &CancelToken,
    ) -> Result<()> {
        work.run(card, &[GUIDES])?;
        let (size, pixels, complete) = (self.size(), self.pixels(), frame.complete);
        let (linear, scratch) = (work.job.linear as CUdeviceptr, work.job.scratch as CUdeviceptr);
        let bytes = self.fetch(card, frame, [(linear, 12 * pixels), (scratch, 24 * pixels)])?;
        let plane = |index| Ok(bytemuck::pod_collect_to_vec(&bytes[12 * pixels * index..][..12 * pixels]));
        let denoised = |denoise: &Denoise, image| match &denoise.by {
            Denoiser::Oidn { oidn, hdr } => {
                let auxiliary = Auxiliary::of(denoise.kind, || plane(1), || plane(2))?;
                oidn::denoise(oidn::Job { oidn, hdr: *hdr, size, complete, cancel }, denoise, image, auxiliary)
            }
            Denoiser::Builtin | Denoiser::Optix => Err(Error::device("this denoiser works on the card")),
        };
        let table = kernels::best().develop;
        let developed = develop::finish(table, &chain.passes, plane(0)?, size.0, cancel, denoised)?;
        frame.rgba8 = developed.rgba8;
        frame.linear = if what.linear { developed.linear } else { Vec::new() };
        Ok(())
    }

    /// Waits for the card and copies memory back, the two blocks one after the other, and the noise of the image.
    fn fetch(&mut self, card: &Card, frame: &mut Frame, blocks: [(CUdeviceptr, usize); 2]) -> Result<&[u8]> {
        const WORK: &str = "fetching the image";
        // The noise comes first, so that everything is aligned.
        let parts = [(self.noise.address(), 8), blocks[0], blocks[1]];
        let bytes = parts.iter().map(|(_, bytes)| bytes).sum();
        if self.pinned.as_ref().is_none_or(|pinned| pinned.len() < bytes) {
            self.pinned = None;
            // SAFETY: bytes are written before anything reads them.
            let pinned = unsafe { LockedBuffer::uninitialized(bytes) };
            self.pinned = Some(pinned.map_err(|error| cuda(WORK, error))?);
        }
        let pixels = self.pixels();
        let Some(pinned) = &mut self.pinned else { return Err(Error::device("there is no memory for the image")) };
        let mut start = 0;
        for (from, bytes) in parts {
            let to = pinned[start..start + bytes].as_mut_ptr();
            // SAFETY: both have room for that many bytes, and nobody reads them before the card has finished.
            let result = unsafe { cust::sys::cuMemcpyDtoHAsync_v2(to.cast(), from, bytes, card.gpu.stream.as_inner()) };
            raw(WORK, if bytes == 0 { cust::sys::CUresult::CUDA_SUCCESS } else { result })?;
            start += bytes;
        }
        card.gpu.finish(WORK)?;
        let (noise, rest) = pinned[..bytes].split_at(8);
        if self.samples.passes() >= 2 {
            let sum = f64::from_ne_bytes(noise.try_into().unwrap_or_default());
            frame.noise = (sum / pixels as f64) as f32;
        }
        Ok(rest)
    }
}
