//! Single kernels on the card: for tests, which compare them with those of the CPU.

use super::OptixDevice;
use super::programs::{launch, load};
use crate::device::kernels::ProbeInfo;
use crate::{Error, Result};
use cust::module::Module;
use std::ffi::c_void;

const PROBES: &str = include_str!("../../../kernels/ptx/probe.ptx");

/// The probe programs, on the same card as a device.
pub struct Probes {
    kernels: Module,
}

impl Probes {
    pub fn new(device: &OptixDevice) -> Result<Probes> {
        device.card.gpu.enter()?;
        Ok(Probes { kernels: load("probe", PROBES)? })
    }

    /// Runs a kernel of `kernels/probe.h` on an array of inputs, with the device's scene, as
    /// [`CpuDevice::probe`](crate::device::cpu::CpuDevice::probe) does.
    ///
    /// # Panics
    /// If the length of `input` is not a multiple of the item's.
    pub fn run(&self, device: &OptixDevice, probe: &ProbeInfo, input: &[f32]) -> Result<Vec<f32>> {
        device.card.gpu.enter()?;
        assert_eq!(input.len() % probe.inputs, 0, "inputs of {:?} come in {}s", probe.name, probe.inputs);
        let items = input.len() / probe.inputs;
        let mut count = u32::try_from(items).map_err(|_| Error::limit(format!("{items} items are too many")))?;
        let given = device.card.pool.send(&device.card.gpu, input)?;
        let results = vec![f32::NAN; items * probe.outputs];
        let taken = device.card.pool.send(&device.card.gpu, &results)?;
        let mut scene = device.uploaded.data;
        let (mut from, mut to) = (given.address(), taken.address());
        let arguments: [*mut c_void; 4] =
            [(&raw mut scene).cast(), (&raw mut from).cast(), (&raw mut to).cast(), (&raw mut count).cast()];
        let name = format!("probe_{}", probe.name);
        // SAFETY: the kernel's arguments; scene and memory live until the results have been fetched.
        unsafe { launch(&device.card.gpu, &self.kernels, &name, items as u64, &arguments)? };
        taken.fetch(&device.card.gpu, results)
    }
}
