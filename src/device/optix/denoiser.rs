//! OptiX's denoiser: the model for linear colours of any size, guided by albedo and normals. Its weights are a file of the
//! driver.

use super::gpu::{Gpu, check};
use super::memory::{Memory, Pool};
use crate::scene::DenoiserKind;
use crate::{Error, Result};
use optix_sys::*;

/// Bytes of a pixel of three floats.
const PIXEL: usize = 12;
const WHAT: &str = "OptiX's denoiser";

/// Made when it is first wanted, and again when it is to see something else.
#[derive(Default)]
pub struct Denoiser {
    model: Option<Model>,
    buffers: Option<Buffers>,
    /// Why there is none: asked once, since asking takes a moment.
    missing: Option<Error>,
}

/// A denoiser of the driver, with its weights.
struct Model {
    optix: &'static OptixFunctionTable,
    handle: OptixDenoiser,
    kind: DenoiserKind,
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more, and its context outlives it: the card is the last field of the device. What
        // fails here has no one to be told to.
        let _ = unsafe { (self.optix.optixDenoiserDestroy)(self.handle) };
    }
}

/// Its memory, for pictures of one size.
struct Buffers {
    size: (u32, u32),
    state: Memory,
    scratch: Memory,
    intensity: Memory,
    output: Memory,
}

/// What is denoised: three floats a pixel each, on the card.
pub struct Inputs {
    pub color: CUdeviceptr,
    pub albedo: CUdeviceptr,
    /// In camera space.
    pub normal: CUdeviceptr,
}

impl Denoiser {
    /// Makes it for what `kind` says, or says why that cannot be done.
    pub fn prepare(&mut self, gpu: &Gpu, kind: DenoiserKind) -> Result<()> {
        if let Some(missing) = &self.missing {
            return Err(missing.clone());
        }
        if self.model.as_ref().is_some_and(|model| model.kind == kind) {
            return Ok(());
        }
        (self.model, self.buffers) = (None, None);
        let options = OptixDenoiserOptions {
            guide_albedo: kind.sees_albedo().into(),
            guide_normal: kind.sees_normals().into(),
            ..Default::default()
        };
        let mut handle = OptixDenoiser::NULL;
        // SAFETY: a live context.
        let created =
            unsafe { (gpu.optix.optixDenoiserCreate)(gpu.context, OptixDenoiserModelKind::HDR, &options, &mut handle) };
        if let Err(error) = check("optixDenoiserCreate", created) {
            let error = Error::device(format!("{WHAT} does not work: {}", error.message))
                .hint("its weights are a file of the driver, nvoptix.bin, which many containers lack");
            self.missing = Some(error.clone());
            return Err(error);
        }
        self.model = Some(Model { optix: gpu.optix, handle, kind });
        Ok(())
    }

    /// The denoised picture, which stays until the next; `blend` is the share of the colours that stays as they are. On
    /// the card's stream: it has begun, not ended.
    pub fn run(
        &mut self,
        gpu: &Gpu,
        pool: &Pool,
        size: (u32, u32),
        inputs: &Inputs,
        (kind, blend): (DenoiserKind, f32),
    ) -> Result<CUdeviceptr> {
        self.prepare(gpu, kind)?;
        let Some(model) = &self.model else { return Err(Error::device(format!("{WHAT} was not prepared"))) };
        let buffers = match self.buffers.take() {
            Some(buffers) if buffers.size == size => self.buffers.insert(buffers),
            _ => self.buffers.insert(Buffers::new(gpu, pool, model, size)?),
        };
        let image = |data| image(data, size);
        let color = image(inputs.color);
        let guides = OptixDenoiserGuideLayer {
            albedo: if model.kind.sees_albedo() { image(inputs.albedo) } else { Default::default() },
            normal: if model.kind.sees_normals() { image(inputs.normal) } else { Default::default() },
            ..Default::default()
        };
        let layer = OptixDenoiserLayer { input: color, output: image(buffers.output.address()), ..Default::default() };
        let params = OptixDenoiserParams {
            hdr_intensity: buffers.intensity.address(),
            blend_factor: blend,
            ..Default::default()
        };
        let (stream, scratch) = (gpu.stream.as_inner().cast(), &buffers.scratch);
        // SAFETY: a live denoiser that was set up with this memory; images of that size; all of it is used on this
        // stream only, and outlives what runs there.
        unsafe {
            check(
                "optixDenoiserComputeIntensity",
                (gpu.optix.optixDenoiserComputeIntensity)(
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
                (gpu.optix.optixDenoiserInvoke)(
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
        Ok(buffers.output.address())
    }
}

impl Buffers {
    fn new(gpu: &Gpu, pool: &Pool, model: &Model, (width, height): (u32, u32)) -> Result<Buffers> {
        let mut sizes = OptixDenoiserSizes::default();
        // SAFETY: a live denoiser; writes the sizes.
        let result =
            unsafe { (gpu.optix.optixDenoiserComputeMemoryResources)(model.handle, width, height, &mut sizes) };
        check("optixDenoiserComputeMemoryResources", result)?;
        let scratch = sizes.without_overlap_scratch_size_in_bytes.max(sizes.compute_intensity_size_in_bytes);
        let buffers = Buffers {
            size: (width, height),
            state: pool.take(gpu, sizes.state_size_in_bytes, WHAT)?,
            scratch: pool.take(gpu, scratch, WHAT)?,
            intensity: pool.take(gpu, size_of::<f32>(), WHAT)?,
            output: pool.take(gpu, PIXEL * width as usize * height as usize, WHAT)?,
        };
        // SAFETY: a live denoiser, and memory as large as it says it wants.
        let result = unsafe {
            (gpu.optix.optixDenoiserSetup)(
                model.handle,
                gpu.stream.as_inner().cast(),
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

/// An image of that size with three floats a pixel, without gaps.
fn image(data: CUdeviceptr, (width, height): (u32, u32)) -> OptixImage2D {
    OptixImage2D {
        data,
        width,
        height,
        row_stride_in_bytes: PIXEL as u32 * width,
        pixel_stride_in_bytes: PIXEL as u32,
        format: OptixPixelFormat::FLOAT3,
    }
}
