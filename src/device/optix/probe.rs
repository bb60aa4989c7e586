//! Single kernels and single rays on the card: for tests, which hold them against those of the CPU.

use super::OptixDevice;
use super::programs::{INTERSECT, Pipelines, launch, load};
use crate::device::cpu::bvh::ffi::{Hit, NOTHING, Ray};
use crate::device::cpu::ffi::ProbeInfo;
use crate::device::layout::IntersectParams;
use crate::{Error, Result};
use bytemuck::{Pod, Zeroable};
use cust::module::Module;
use std::ffi::c_void;

const PROBES: &str = include_str!("../../../kernels/ptx/probe.ptx");

/// A ray as `kernels/optix/intersect.cu` reads it: `kRayFloats`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct LongRay {
    ray: Ray,
    tmax: f32,
}

/// Programs beside those of a device, on the same card.
pub struct Probes {
    kernels: Module,
    pipelines: Pipelines,
}

impl Probes {
    pub fn new(device: &OptixDevice) -> Result<Probes> {
        device.gpu.enter()?;
        Ok(Probes { kernels: load("probe", PROBES)?, pipelines: Pipelines::new(&device.gpu, INTERSECT)? })
    }

    /// Runs a kernel of `kernels/probe.h` on an array of inputs, with the device's scene, as
    /// [`CpuDevice::probe`](crate::device::cpu::CpuDevice::probe) does.
    ///
    /// # Panics
    /// If `input` is no whole number of items.
    pub fn run(&self, device: &OptixDevice, probe: &ProbeInfo, input: &[f32]) -> Result<Vec<f32>> {
        device.gpu.enter()?;
        assert_eq!(input.len() % probe.inputs, 0, "inputs of {:?} come in {}s", probe.name, probe.inputs);
        let items = input.len() / probe.inputs;
        let mut count = u32::try_from(items).map_err(|_| Error::limit(format!("{items} items are too many")))?;
        let given = device.pool.send(&device.gpu, input)?;
        let results = vec![f32::NAN; items * probe.outputs];
        let taken = device.pool.send(&device.gpu, &results)?;
        let mut scene = device.uploaded.data;
        let (mut from, mut to) = (given.address(), taken.address());
        let arguments: [*mut c_void; 4] =
            [(&raw mut scene).cast(), (&raw mut from).cast(), (&raw mut to).cast(), (&raw mut count).cast()];
        let name = format!("probe_{}", probe.name);
        // SAFETY: what the kernel takes; scene and memory live until the results have been fetched.
        unsafe { launch(&device.gpu, &self.kernels, &name, items as u64, &arguments)? };
        taken.fetch(&device.gpu, results)
    }

    /// The nearest hits of rays within their lengths.
    pub fn closest(&self, device: &mut OptixDevice, rays: &[(Ray, f32)]) -> Result<Vec<Hit>> {
        self.trace(device, rays, false)
    }

    /// Whether rays hit anything within their lengths.
    pub fn occluded(&self, device: &mut OptixDevice, rays: &[(Ray, f32)]) -> Result<Vec<bool>> {
        Ok(self.trace(device, rays, true)?.iter().map(|hit| hit.instance != NOTHING).collect())
    }

    fn trace(&self, device: &mut OptixDevice, rays: &[(Ray, f32)], any: bool) -> Result<Vec<Hit>> {
        device.gpu.enter()?;
        if rays.is_empty() {
            return Ok(Vec::new());
        }
        let scene = device.scene_for(&self.pipelines)?;
        let rays: Vec<LongRay> = rays.iter().map(|&(ray, tmax)| LongRay { ray, tmax }).collect();
        let given = device.pool.send(&device.gpu, &rays)?;
        let hits = vec![Hit::zeroed(); rays.len()];
        let taken = device.pool.send(&device.gpu, &hits)?;
        let params = IntersectParams {
            scene: scene.data,
            rays: given.address() as *const f32,
            hits: taken.address() as *mut c_void,
            any: u32::from(any),
            pad: 0,
        };
        let sent = device.pool.send(&device.gpu, &[params])?;
        let pipeline = self.pipelines.of(&device.gpu, scene.levels)?;
        let params = (sent.address(), size_of::<IntersectParams>());
        // SAFETY: table and parameters are of this pipeline; everything lives until the hits have been fetched.
        unsafe { pipeline.launch(&device.gpu, &scene.sbt, params, (rays.len() as u32, 1))? };
        taken.fetch(&device.gpu, hits)
    }
}
