//! The kernels compiled for the processor: one table of functions per instruction set, and the choice among them.
//!
//! The CPU device traces with them. Everything else that needs the arithmetic of the kernels on the processor calls them,
//! too, and has no copy of it: developing images, picking, tests. Mirrors `kernels/cpu/table.h`.

pub mod develop;
pub mod rays;
pub mod trees;

use crate::device::layout::{FilmData, SceneData, Tile};
use develop::DevelopTable;
use std::ffi::{CStr, c_char};
use trees::BvhTable;

/// A tile and the passes to trace of it.
#[repr(C)]
pub struct TraceJob {
    pub scene: *const SceneData,
    pub film: FilmData,
    pub tile: Tile,
    /// Index of the first pass, from 0.
    pub first_sample: u32,
    pub sample_count: u32,
    /// Polled; not 0 means stop.
    pub cancel: *const u32,
    /// Set by the kernel: rays that were traced.
    pub rays: u64,
}

#[repr(C)]
pub(in crate::device) struct StructLayoutRaw {
    pub name: *const c_char,
    pub size: u32,
    pub alignment: u32,
    pub offsets: *const u32,
    pub offset_count: u32,
}

#[repr(C)]
pub(in crate::device) struct LayoutTable {
    pub structs: *const StructLayoutRaw,
    pub count: u32,
}

#[repr(C)]
pub(in crate::device) struct ProbeRaw {
    pub name: *const c_char,
    pub inputs: u32,
    pub outputs: u32,
    pub run: unsafe extern "C" fn(*const SceneData, *const f32, *mut f32, u32),
}

#[repr(C)]
pub(in crate::device) struct ProbeTable {
    pub probes: *const ProbeRaw,
    pub count: u32,
}

/// The kernels of one instruction set.
#[repr(C)]
pub struct KernelTable {
    pub(in crate::device) variant: *const c_char,
    pub(in crate::device) layout: LayoutTable,
    pub(in crate::device) probes: ProbeTable,
    pub(in crate::device) develop: &'static DevelopTable,
    pub(in crate::device) trace_tile: unsafe extern "C" fn(*mut TraceJob) -> u32,
    /// `None` without the feature `testing`.
    pub(in crate::device) trace_for_tests: Option<unsafe extern "C" fn(*mut TraceJob, u32) -> u32>,
    /// The functions of the trees.
    pub bvh: &'static BvhTable,
}

// SAFETY: the tables are constants of the program, and their functions can be called from any thread.
unsafe impl Sync for KernelTable {}

/// One kernel that tests can run by itself.
#[cfg(feature = "testing")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeInfo {
    pub name: &'static str,
    /// Floats per item.
    pub inputs: usize,
    pub outputs: usize,
}

/// The layout of a struct that crosses, as the C++ side reports it.
#[derive(Debug)]
pub struct StructLayout {
    pub name: &'static str,
    pub size: usize,
    pub alignment: usize,
    pub offsets: Vec<usize>,
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

    pub fn struct_layouts(&self) -> Vec<StructLayout> {
        // SAFETY: constant tables of the kernels, with their lengths.
        unsafe {
            std::slice::from_raw_parts(self.layout.structs, self.layout.count as usize)
                .iter()
                .map(|raw| StructLayout {
                    name: text(raw.name),
                    size: raw.size as usize,
                    alignment: raw.alignment as usize,
                    offsets: std::slice::from_raw_parts(raw.offsets, raw.offset_count as usize)
                        .iter()
                        .map(|&o| o as usize)
                        .collect(),
                })
                .collect()
        }
    }

    #[cfg(feature = "testing")]
    fn raw_probes(&self) -> &'static [ProbeRaw] {
        // SAFETY: a constant table of the kernels, with its length.
        unsafe { std::slice::from_raw_parts(self.probes.probes, self.probes.count as usize) }
    }

    /// The kernels that [`KernelTable::probe`] runs.
    #[cfg(feature = "testing")]
    pub fn probes(&self) -> Vec<ProbeInfo> {
        let info = |raw: &ProbeRaw| ProbeInfo {
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
    variants()[0]
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
