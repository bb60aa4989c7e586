//! The kernels compiled for the processor: one table of functions per instruction set, and the choice among them.
//!
//! The CPU device traces with them. Everything else that needs the arithmetic of the kernels on the processor calls them,
//! too, and has no copy of it: developing images, picking, tests.

mod queries;

pub use queries::{camera_ray, light_distance};

use crate::device::layout::KernelTable;
#[cfg(feature = "testing")]
use crate::device::layout::{Probe, SceneData};
use std::ffi::{CStr, c_char};
use std::sync::LazyLock;

/// One kernel that tests can run by itself.
#[cfg(feature = "testing")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeInfo {
    pub name: &'static str,
    /// Floats per item.
    pub inputs: usize,
    pub outputs: usize,
}

/// SAFETY: `text` is a string constant of the kernels.
unsafe fn text(text: *const c_char) -> &'static str {
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("?")
}

impl KernelTable {
    /// Name of the instruction set, for users and for [`CpuDevice::with_variant`](super::cpu::CpuDevice::with_variant): `"baseline"`, `"avx2"`.
    pub fn name(&self) -> &'static str {
        // SAFETY: a constant of the kernels.
        unsafe { text(self.variant) }.trim_start_matches("kernels_")
    }

    #[cfg(feature = "testing")]
    fn raw_probes(&self) -> &'static [Probe] {
        // SAFETY: a constant table of the kernels, with its length.
        unsafe { std::slice::from_raw_parts(self.probes, self.probe_count as usize) }
    }

    /// The kernels that [`KernelTable::probe`] runs.
    #[cfg(feature = "testing")]
    pub fn probes(&self) -> Vec<ProbeInfo> {
        let info = |raw: &Probe| ProbeInfo {
            // SAFETY: a constant of the kernels.
            name: unsafe { text(raw.name) },
            inputs: raw.inputs as usize,
            outputs: raw.outputs as usize,
        };
        self.raw_probes().iter().map(info).collect()
    }

    /// Runs one kernel on an array of inputs, for tests; `kernels/probe.h` describes the inputs and outputs of each.
    ///
    /// # Panics
    /// If there is no probe of that name, or the length of `input` is not a multiple of its item's.
    ///
    /// # Safety
    /// All that the probe reads of `scene` must be valid.
    #[cfg(feature = "testing")]
    pub unsafe fn probe(&self, name: &str, scene: &SceneData, input: &[f32]) -> Vec<f32> {
        // SAFETY: a constant of the kernels.
        let probe = self.raw_probes().iter().find(|p| unsafe { text(p.name) } == name);
        let probe = probe.unwrap_or_else(|| panic!("no probe {name:?}"));
        assert_eq!(input.len() % probe.inputs as usize, 0, "inputs of {name:?} come in {}s", probe.inputs);
        let count = input.len() / probe.inputs as usize;
        let mut output = vec![0.0; count * probe.outputs as usize];
        // SAFETY: both arrays hold `count` items; the caller is responsible for the scene.
        unsafe { (probe.run)(scene, input.as_ptr(), output.as_mut_ptr(), count as u32) };
        output
    }
}

unsafe extern "C" {
    fn plotrt_kernels_baseline() -> *const KernelTable;
    #[cfg(plotrt_avx2)]
    fn plotrt_kernels_avx2() -> *const KernelTable;
}

/// The variants that this processor can run, best first.
pub fn variants() -> Vec<&'static KernelTable> {
    let mut found = Vec::new();
    #[cfg(plotrt_avx2)]
    if has_avx2() {
        // SAFETY: returns the address of a constant.
        found.push(unsafe { &*plotrt_kernels_avx2() });
    }
    // SAFETY: returns the address of a constant.
    found.push(unsafe { &*plotrt_kernels_baseline() });
    found
}

/// The best variant that this processor can run.
pub fn best() -> &'static KernelTable {
    static BEST: LazyLock<&KernelTable> = LazyLock::new(|| variants()[0]);
    *BEST
}

/// Whether the processor has everything that build.rs lets the compiler use in that variant.
#[cfg(plotrt_avx2)]
fn has_avx2() -> bool {
    std::is_x86_feature_detected!("avx2")
        && std::is_x86_feature_detected!("fma")
        && std::is_x86_feature_detected!("bmi1")
        && std::is_x86_feature_detected!("bmi2")
        && std::is_x86_feature_detected!("lzcnt")
        && std::is_x86_feature_detected!("popcnt")
}
