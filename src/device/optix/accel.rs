//! Acceleration structures: build, compact, refit.

use super::gpu::{Gpu, check, cuda};
use super::memory::{Memory, Pool};
use crate::Result;
use cust::memory::{CopyDestination, DeviceBuffer};
use optix_sys::*;
use std::sync::Arc;

/// Structures smaller than this are not compacted: the wait costs more than the memory is worth.
const WORTH_COMPACTING: usize = 1 << 20;
const NO_ANYHIT: [u32; 1] = [OptixGeometryFlags::DISABLE_ANYHIT];

/// An acceleration structure over boxes or instances.
#[derive(Debug, Clone)]
pub struct Accel {
    pub handle: OptixTraversableHandle,
    memory: Arc<Memory>,
    flags: u32,
    /// Number of refits since it was built.
    pub refits: u32,
}

/// The build input of a structure.
#[derive(Debug, Clone, Copy)]
pub enum Over {
    /// `count` boxes (`OptixAabb`) at this address.
    Boxes { address: CUdeviceptr, count: u32 },
    /// `count` of `OptixInstance` at this address.
    Instances { address: CUdeviceptr, count: u32 },
}

/// The use of a structure, which decides its build flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The primitives do not change: small and fast to trace.
    Static,
    /// The primitives move: can be refitted.
    Moving,
    /// The instances of a scene: few, and rebuilt at each change.
    Instances,
}

impl Purpose {
    fn flags(self) -> u32 {
        match self {
            Purpose::Static => OptixBuildFlags::PREFER_FAST_TRACE | OptixBuildFlags::ALLOW_COMPACTION,
            Purpose::Moving => OptixBuildFlags::ALLOW_UPDATE,
            Purpose::Instances => OptixBuildFlags::PREFER_FAST_TRACE,
        }
    }
}

/// A structure that has its memory and is not built yet.
pub struct Planned {
    output: Memory,
    output_bytes: usize,
    flags: u32,
    /// Bytes of temporary memory for the build.
    pub temp_bytes: usize,
}

impl Over {
    /// Calls `f` with this as an OptiX build input, which is valid during the call only.
    fn with_input<R>(self, f: impl FnOnce(&OptixBuildInput) -> R) -> R {
        match self {
            Over::Boxes { address, count } => {
                let buffers = [address];
                f(&OptixBuildInput::custom_primitives(OptixBuildInputCustomPrimitiveArray {
                    aabb_buffers: buffers.as_ptr(),
                    num_primitives: count,
                    flags: NO_ANYHIT.as_ptr(),
                    num_sbt_records: 1,
                    ..Default::default()
                }))
            }
            Over::Instances { address, count } => f(&OptixBuildInput::instances(OptixBuildInputInstanceArray {
                instances: address,
                num_instances: count,
                instance_stride: 0,
            })),
        }
    }

    fn sizes(self, gpu: &Gpu, flags: u32, operation: OptixBuildOperation) -> Result<OptixAccelBufferSizes> {
        let options = OptixAccelBuildOptions { build_flags: flags, operation, ..Default::default() };
        let mut sizes = OptixAccelBufferSizes::default();
        let result = self.with_input(|input| {
            // SAFETY: a complete input; addresses are not read.
            unsafe { (gpu.optix.optixAccelComputeMemoryUsage)(gpu.context, &options, input, 1, &mut sizes) }
        });
        check("optixAccelComputeMemoryUsage", result)?;
        Ok(sizes)
    }

    /// Enqueues a build or an update in blocks of memory (address, bytes); returns the structure's handle.
    ///
    /// # Safety
    /// The build input is on the card, the blocks are as large as [`Over::sizes`] returned for these flags and this
    /// operation, and all memory lives until the card has finished.
    unsafe fn enqueue(
        self,
        gpu: &Gpu,
        flags: u32,
        operation: OptixBuildOperation,
        (temp, temp_bytes): (CUdeviceptr, usize),
        (output, output_bytes): (CUdeviceptr, usize),
    ) -> Result<OptixTraversableHandle> {
        let options = OptixAccelBuildOptions { build_flags: flags, operation, ..Default::default() };
        let mut handle = 0;
        let result = self.with_input(|input| {
            let (stream, nothing) = (gpu.stream.as_inner().cast(), std::ptr::null());
            // SAFETY: a complete input; the rest is required of the caller.
            unsafe {
                (gpu.optix.optixAccelBuild)(
                    gpu.context,
                    stream,
                    &options,
                    input,
                    1,
                    temp,
                    temp_bytes,
                    output,
                    output_bytes,
                    &mut handle,
                    nothing,
                    0,
                )
            }
        });
        check("optixAccelBuild", result)?;
        Ok(handle)
    }

    /// Allocates the memory of the structure. The address of the input need not be known yet.
    pub fn plan(self, gpu: &Gpu, pool: &Pool, purpose: Purpose, what: &str) -> Result<Planned> {
        let flags = purpose.flags();
        let sizes = self.sizes(gpu, flags, OptixBuildOperation::BUILD)?;
        let output = pool.take(gpu, sizes.output_size_in_bytes, what)?;
        Ok(Planned { output, output_bytes: sizes.output_size_in_bytes, flags, temp_bytes: sizes.temp_size_in_bytes })
    }

    /// Bytes of temporary memory for refitting `accel` to this input; `None` if it cannot be refitted.
    pub fn plan_refit(self, gpu: &Gpu, accel: &Accel) -> Result<Option<usize>> {
        if accel.flags & OptixBuildFlags::ALLOW_UPDATE == 0 {
            return Ok(None);
        }
        let sizes = self.sizes(gpu, accel.flags, OptixBuildOperation::BUILD)?;
        Ok(Some(sizes.temp_update_size_in_bytes))
    }
}

impl Planned {
    /// Enqueues the build. `temp` holds at least [`Planned::temp_bytes`].
    ///
    /// # Safety
    /// The input of `over` is on the card, and of the same kind and count as when this was planned; all memory lives
    /// until the card has finished.
    pub unsafe fn build(self, gpu: &Gpu, over: Over, temp: &Memory) -> Result<Accel> {
        let (temp, output) = ((temp.address(), self.temp_bytes), (self.output.address(), self.output_bytes));
        // SAFETY: memory of the sizes that OptiX returned; the rest is required of the caller.
        let handle = unsafe { over.enqueue(gpu, self.flags, OptixBuildOperation::BUILD, temp, output)? };
        Ok(Accel { handle, memory: Arc::new(self.output), flags: self.flags, refits: 0 })
    }
}

impl Accel {
    /// Enqueues a refit. `temp` holds at least the bytes that [`Over::plan_refit`] returned.
    ///
    /// # Safety
    /// The same as for [`Planned::build`]; nothing traces this structure meanwhile.
    pub unsafe fn refit(&mut self, gpu: &Gpu, over: Over, temp: &Memory) -> Result<()> {
        let (temp, output) = ((temp.address(), temp.bytes()), (self.memory.address(), self.memory.bytes()));
        // SAFETY: the memory of the build; the rest is required of the caller.
        self.handle = unsafe { over.enqueue(gpu, self.flags, OptixBuildOperation::UPDATE, temp, output)? };
        self.refits += 1;
        Ok(())
    }

    pub fn is_worth_compacting(&self) -> bool {
        self.flags & OptixBuildFlags::ALLOW_COMPACTION != 0 && self.memory.bytes() >= WORTH_COMPACTING
    }

    /// Moves the structure into memory of just its size, or keeps it in place where there is none. Waits for the card.
    pub fn compact(&mut self, gpu: &Gpu, pool: &Pool) -> Result<()> {
        const WORK: &str = "compacting an acceleration structure";
        let size = DeviceBuffer::from_slice(&[0u64]).map_err(|error| cuda(WORK, error))?;
        let emit =
            OptixAccelEmitDesc { result: size.as_device_ptr().as_raw(), kind: OptixAccelPropertyType::COMPACTED_SIZE };
        // SAFETY: a live structure, built before on the same stream; `size` lives until the card has finished.
        let result = unsafe {
            (gpu.optix.optixAccelEmitProperty)(gpu.context, gpu.stream.as_inner().cast(), self.handle, &emit)
        };
        check("optixAccelEmitProperty", result)?;
        gpu.finish(WORK)?;
        let mut bytes = [0u64];
        size.copy_to(&mut bytes).map_err(|error| cuda(WORK, error))?;
        let bytes = bytes[0] as usize;
        if bytes == 0 || bytes >= self.memory.bytes() {
            return Ok(());
        }
        let Ok(memory) = pool.take(gpu, bytes, WORK) else { return Ok(()) };
        let mut handle = 0;
        // SAFETY: as above; both blocks live until the card has finished.
        let result = unsafe {
            (gpu.optix.optixAccelCompact)(
                gpu.context,
                gpu.stream.as_inner().cast(),
                self.handle,
                memory.address(),
                memory.bytes(),
                &mut handle,
            )
        };
        check("optixAccelCompact", result)?;
        gpu.finish(WORK)?;
        (self.handle, self.memory) = (handle, Arc::new(memory));
        Ok(())
    }
}
