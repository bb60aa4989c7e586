//! OptiX's denoiser: the models for linear, unbounded colours, with albedo and normals as auxiliary buffers. Their
//! weights are a file of the driver.
//!
//! The temporal model also reads the previous image, and the flow of each pixel from there. It keeps internal data of
//! its own beside each image.

use super::card::Card;
use super::gpu::{Gpu, check, raw};
use super::memory::Memory;
use crate::device::layout::{CameraData, FlowJob};
use crate::scene::DenoiserKind;
use crate::{Error, Result};
use optix_sys::*;

/// Bytes of a pixel of three floats.
const PIXEL: usize = 12;
const WHAT: &str = "OptiX's denoiser";

/// OptiX's denoiser, created at its first use, and again when its auxiliary buffers change.
#[derive(Default)]
pub struct CardDenoiser {
    model: Option<Model>,
    buffers: Option<Buffers>,
    /// Why it cannot be used: kept, since trying takes a moment.
    missing: Option<Error>,
    /// Whether it may use the previous image.
    pub look_back: bool,
    /// Camera of the image that is being traced.
    pub camera: CameraData,
    history: History,
}

/// The state of the images in the two slots of [`Buffers`].
#[derive(Default)]
struct History {
    /// Camera of the previous image; `None`: there is none.
    before: Option<CameraData>,
    /// Camera of the present image, once it has been denoised.
    drawn: Option<CameraData>,
    /// Between those two more than the camera has changed.
    moved: bool,
    /// More than the camera has changed since the present image.
    moves: bool,
}

/// A denoiser of the driver, with its weights.
struct Model {
    optix: &'static OptixFunctionTable,
    handle: OptixDenoiser,
    kind: DenoiserKind,
    temporal: bool,
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more, and its context outlives it: the card is the last field of the device. An
        // error here cannot be reported.
        let _ = unsafe { (self.optix.optixDenoiserDestroy)(self.handle) };
    }
}

/// The denoiser's memory, for images of one size.
struct Buffers {
    size: (u32, u32),
    state: Memory,
    scratch: Memory,
    intensity: Memory,
    /// Slots of the present image and the previous one, alternating; only the first without the temporal model.
    slots: Vec<Slot>,
    present: usize,
    /// Flow, two floats a pixel, then its trustworthiness, one; only for the temporal model.
    flow: Option<Memory>,
    /// Bytes of a pixel of [`Slot::memory`].
    remembered: usize,
}

struct Slot {
    output: Memory,
    /// Internal data of the temporal model.
    memory: Memory,
}

/// The input images: three floats a pixel each, on the card.
pub struct Inputs {
    pub color: CUdeviceptr,
    pub albedo: CUdeviceptr,
    /// Normals in camera space.
    pub normal: CUdeviceptr,
}

impl CardDenoiser {
    /// Creates the denoiser for the auxiliary buffers of `kind`, or fails with the reason.
    pub fn prepare(&mut self, gpu: &Gpu, kind: DenoiserKind) -> Result<()> {
        if let Some(missing) = &self.missing {
            return Err(missing.clone());
        }
        let made_for = self.model.as_ref().map(|model| (model.kind, model.temporal));
        if made_for == Some((kind, self.look_back)) {
            return Ok(());
        }
        (self.model, self.buffers, self.history) = (None, None, History::default());
        let model = Model::new(gpu, kind, self.look_back).map_err(|error| {
            Error::device(format!("{WHAT} does not work: {}", error.message))
                .hint("its weights are a file of the driver, nvoptix.bin, which many containers lack")
        });
        self.missing = model.as_ref().err().cloned();
        self.model = Some(model?);
        Ok(())
    }

    /// Must be called at a change of the scene: whether more than the camera has changed.
    pub fn changed(&mut self, more_than_the_camera: bool) {
        self.history.moves |= more_than_the_camera;
    }

    /// Must be called when the film is emptied: the present image becomes the previous one, if it was denoised at all.
    pub fn next_image(&mut self) {
        let moves = std::mem::take(&mut self.history.moves);
        match (self.history.drawn.take(), &mut self.buffers) {
            (Some(camera), Some(buffers)) => {
                self.history.before = Some(camera);
                self.history.moved = moves;
                buffers.present = (buffers.present + 1) % buffers.slots.len();
            }
            _ => self.history.moved |= moves,
        }
    }

    /// The job that computes the temporal model's flow before [`CardDenoiser::run`]; `None` without the temporal model.
    pub fn flow(&mut self, card: &Card, size: (u32, u32), kind: DenoiserKind) -> Result<Option<FlowJob>> {
        let (camera, before, still) = (self.camera, self.history.before, !self.history.moved);
        let (_, buffers) = self.ready(card, size, kind)?;
        Ok(buffers.flow.as_ref().map(|flow| FlowJob {
            now: camera,
            before: before.unwrap_or(camera),
            flow: flow.address() as *mut f32,
            trust: trust(flow, size) as *mut f32,
            still: still.into(),
            pad: 0,
        }))
    }

    /// The model and its memory, for images of that size.
    fn ready(&mut self, card: &Card, size: (u32, u32), kind: DenoiserKind) -> Result<(&Model, &mut Buffers)> {
        self.prepare(&card.gpu, kind)?;
        let Some(model) = &self.model else { return Err(Error::device(format!("{WHAT} was not made"))) };
        let buffers = match self.buffers.take() {
            Some(buffers) if buffers.size == size => buffers,
            _ => {
                self.history = History::default();
                Buffers::new(card, model, size)?
            }
        };
        Ok((model, self.buffers.insert(buffers)))
    }

    /// The denoised image, valid until the next call; `blend` is the share of the original colours in it. Enqueued on
    /// the card's stream: the work may not have finished.
    pub fn run(
        &mut self,
        card: &Card,
        size: (u32, u32),
        inputs: &Inputs,
        (kind, blend): (DenoiserKind, f32),
    ) -> Result<CUdeviceptr> {
        let looks_back = self.history.before.is_some();
        let (model, buffers) = self.ready(card, size, kind)?;
        let three = |data| image(data, size, PIXEL, OptixPixelFormat::FLOAT3);
        let none = OptixImage2D::default();
        let present = &buffers.slots[buffers.present];
        let before = &buffers.slots[(buffers.present + 1) % buffers.slots.len()];
        let color = three(inputs.color);
        let mut layer =
            OptixDenoiserLayer { input: color, output: three(present.output.address()), ..Default::default() };
        let mut guides = OptixDenoiserGuideLayer {
            albedo: if kind.sees_albedo() { three(inputs.albedo) } else { none },
            normal: if kind.sees_normals() { three(inputs.normal) } else { none },
            ..Default::default()
        };
        if let Some(flow) = &buffers.flow {
            let remembered = |slot: &Slot| {
                image(slot.memory.address(), size, buffers.remembered, OptixPixelFormat::INTERNAL_GUIDE_LAYER)
            };
            layer.previous_output = three(before.output.address());
            guides.flow = image(flow.address(), size, 8, OptixPixelFormat::FLOAT2);
            guides.flow_trustworthiness = image(trust(flow, size), size, 4, OptixPixelFormat::FLOAT1);
            guides.previous_output_internal_guide_layer = remembered(before);
            guides.output_internal_guide_layer = remembered(present);
        }
        let params = OptixDenoiserParams {
            hdr_intensity: buffers.intensity.address(),
            blend_factor: blend,
            temporal_mode_use_previous_layers: u32::from(looks_back && buffers.flow.is_some()),
            ..Default::default()
        };
        let (stream, scratch, output) = (card.gpu.stream.as_inner().cast(), &buffers.scratch, present.output.address());
        // SAFETY: a live denoiser that was set up with this memory; images of that size; all of it is used on this
        // stream only, and outlives the work there.
        unsafe {
            check(
                "optixDenoiserComputeIntensity",
                (card.gpu.optix.optixDenoiserComputeIntensity)(
                    model.handle,
                    stream,
                    &color,
                    buffers.intensity.address(),
                    scratch.address(),
                    scratch.bytes(),
                ),
            )?;
            check(
                "optixDenoiserInvoke",
                (card.gpu.optix.optixDenoiserInvoke)(
                    model.handle,
                    stream,
                    &params,
                    buffers.state.address(),
                    buffers.state.bytes(),
                    &guides,
                    &layer,
                    1,
                    0,
                    0,
                    scratch.address(),
                    scratch.bytes(),
                ),
            )?;
        }
        self.history.drawn = Some(self.camera);
        Ok(output)
    }
}

impl Model {
    fn new(gpu: &Gpu, kind: DenoiserKind, temporal: bool) -> Result<Model> {
        let options = OptixDenoiserOptions {
            guide_albedo: kind.sees_albedo().into(),
            guide_normal: kind.sees_normals().into(),
            ..Default::default()
        };
        let model = if temporal { OptixDenoiserModelKind::TEMPORAL } else { OptixDenoiserModelKind::HDR };
        let mut handle = OptixDenoiser::NULL;
        // SAFETY: a live context.
        let created = unsafe { (gpu.optix.optixDenoiserCreate)(gpu.context, model, &options, &mut handle) };
        check("optixDenoiserCreate", created)?;
        Ok(Model { optix: gpu.optix, handle, kind, temporal })
    }
}

impl Buffers {
    fn new(card: &Card, model: &Model, size: (u32, u32)) -> Result<Buffers> {
        let (width, height) = size;
        let pixels = width as usize * height as usize;
        let mut sizes = OptixDenoiserSizes::default();
        // SAFETY: a live denoiser; writes the sizes.
        let result =
            unsafe { (card.gpu.optix.optixDenoiserComputeMemoryResources)(model.handle, width, height, &mut sizes) };
        check("optixDenoiserComputeMemoryResources", result)?;
        let remembered = if model.temporal { sizes.internal_guide_layer_pixel_size_in_bytes } else { 0 };
        let slot = |_| {
            let memory = card.pool.take(&card.gpu, remembered * pixels, WHAT)?;
            // SAFETY: memory of at least that many bytes, used on this stream only.
            let cleared = unsafe {
                cust::sys::cuMemsetD8Async(memory.address(), 0, remembered * pixels, card.gpu.stream.as_inner())
            };
            raw("clearing the denoiser's memory", cleared)?;
            Ok(Slot { output: card.pool.take(&card.gpu, PIXEL * pixels, WHAT)?, memory })
        };
        let scratch = sizes.without_overlap_scratch_size_in_bytes.max(sizes.compute_intensity_size_in_bytes);
        let buffers = Buffers {
            size,
            state: card.pool.take(&card.gpu, sizes.state_size_in_bytes, WHAT)?,
            scratch: card.pool.take(&card.gpu, scratch, WHAT)?,
            intensity: card.pool.take(&card.gpu, size_of::<f32>(), WHAT)?,
            slots: (0..if model.temporal { 2 } else { 1 }).map(slot).collect::<Result<_>>()?,
            present: 0,
            flow: if model.temporal { Some(card.pool.take(&card.gpu, 12 * pixels, WHAT)?) } else { None },
            remembered,
        };
        // SAFETY: a live denoiser, and memory of the sizes that it returned.
        let result = unsafe {
            (card.gpu.optix.optixDenoiserSetup)(
                model.handle,
                card.gpu.stream.as_inner().cast(),
                width,
                height,
                buffers.state.address(),
                buffers.state.bytes(),
                buffers.scratch.address(),
                buffers.scratch.bytes(),
            )
        };
        check("optixDenoiserSetup", result)?;
        Ok(buffers)
    }
}

/// Where the second part of [`Buffers::flow`] begins.
fn trust(flow: &Memory, (width, height): (u32, u32)) -> CUdeviceptr {
    flow.address() + 8 * u64::from(width) * u64::from(height)
}

/// An image of that size with that many bytes a pixel, without gaps.
fn image(data: CUdeviceptr, (width, height): (u32, u32), pixel: usize, format: OptixPixelFormat) -> OptixImage2D {
    let pixel = pixel as u32;
    OptixImage2D { data, width, height, row_stride_in_bytes: pixel * width, pixel_stride_in_bytes: pixel, format }
}
