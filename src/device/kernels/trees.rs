//! The CPU's trees as the kernels build, refit and search them. Mirrors `kernels/cpu/bvh.h` and
//! `kernels/cpu/bvh_table.h`.

use super::rays::{KernelHit, KernelRay};
use crate::device::layout::{GeometryData, SPHERE, SceneData};
use bytemuck::{Pod, Zeroable};
use std::ffi::c_void;
use std::ops::Range;
use std::ptr;

/// Children of a node, and primitives of a leaf.
pub const LANES: usize = 8;
/// Bit of a slot that refers to a leaf.
pub const LEAF: u32 = 0x8000_0000;
/// A slot that refers to nothing.
pub const NOTHING: u32 = u32::MAX;

/// `BvhNode`: bounds as axis, lo and hi, slot.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct Node {
    pub bounds: [[[f32; LANES]; 2]; 3],
    pub child: [u32; LANES],
    /// 8 * node + slot.
    pub parent: u32,
    pub pad: [u32; 7],
}

/// `Bvh`: the target of `GeometryData::accel`.
#[derive(Debug)]
#[repr(C)]
pub struct RawBvh {
    pub nodes: *mut Node,
    pub leaves: *mut c_void,
    pub root: u32,
    /// 1: the tree does not fit into the caches.
    pub large: u32,
}

// SAFETY: the pointers are to buffers of the `Bvh` that owns this value; traversal only reads, and no two threads refit
// the same nodes.
unsafe impl Send for RawBvh {}
unsafe impl Sync for RawBvh {}

/// `TopBvh`: the target of `SceneData::accel`.
#[derive(Debug)]
#[repr(C)]
pub struct RawTopBvh {
    pub nodes: *const Node,
    pub root: u32,
    pub pad: u32,
}

// SAFETY: as for `RawBvh`; nothing is written.
unsafe impl Send for RawTopBvh {}
unsafe impl Sync for RawTopBvh {}

/// `BvhTable`: the functions of one instruction set. All but `bounds` write to the tree that is passed to them.
#[repr(C)]
pub struct BvhTable {
    pub node_size: u32,
    /// Size of a leaf in bytes, and its primitives.
    pub sphere_leaf: [u32; 2],
    pub frame_leaf: [u32; 2],
    /// Entries of the traversal stack for one tree.
    pub level_stack: u32,
    pub bounds: unsafe extern "C" fn(
        geometry: *const GeometryData,
        order: *const u32,
        first: u32,
        count: u32,
        out: *mut [[f32; 3]; 2],
    ),
    pub refit: unsafe extern "C" fn(geometry: *const GeometryData, bvh: *const RawBvh, begin: u32, end: u32) -> f64,
    pub fill_leaf:
        unsafe extern "C" fn(geometry: *const GeometryData, bvh: *const RawBvh, leaf: u32, bounds: *mut [[f32; 3]; 2]),
    pub closest: unsafe extern "C" fn(
        scene: *const SceneData,
        rays: *const KernelRay,
        tmax: *const f32,
        hits: *mut KernelHit,
        count: usize,
    ),
    pub occluded: unsafe extern "C" fn(
        scene: *const SceneData,
        rays: *const KernelRay,
        tmax: *const f32,
        out: *mut u32,
        count: usize,
    ),
    /// `closest` by the brute-force reference; `None` without the feature `testing`.
    pub closest_reference: Option<
        unsafe extern "C" fn(
            scene: *const SceneData,
            rays: *const KernelRay,
            tmax: *const f32,
            hits: *mut KernelHit,
            count: usize,
        ),
    >,
    /// `closest` for runs of [`LANES`] rays; `count` is a multiple of that.
    pub closest_runs: unsafe extern "C" fn(
        scene: *const SceneData,
        rays: *const KernelRay,
        tmax: *const f32,
        hits: *mut KernelHit,
        count: usize,
    ),
}

/// A plot and the functions for its shape.
pub struct Plot<'a> {
    kernels: &'a BvhTable,
    data: &'a GeometryData,
}

// SAFETY: `Plot::new` requires arrays that nobody changes.
unsafe impl Sync for Plot<'_> {}

impl<'a> Plot<'a> {
    /// # Safety
    /// The attributes must hold as many values as `data` states, unchanged for as long as this lives.
    pub unsafe fn new(kernels: &'a BvhTable, data: &'a GeometryData) -> Self {
        Plot { kernels, data }
    }

    pub fn count(&self) -> usize {
        self.data.count as usize
    }

    pub fn shape(&self) -> u32 {
        self.data.shape
    }

    /// Words of a leaf, and how many of them, at its start, are the indices of its primitives.
    pub fn leaf(&self) -> (usize, usize) {
        let [bytes, capacity] = match self.data.shape {
            SPHERE => self.kernels.sphere_leaf,
            _ => self.kernels.frame_leaf,
        };
        (bytes as usize / size_of::<u32>(), capacity as usize)
    }

    /// Bounds of the primitives from `first` on, as many as `out` holds; they may be infinite or NaN.
    pub fn bounds(&self, first: usize, out: &mut [[[f32; 3]; 2]]) {
        assert!(first + out.len() <= self.count());
        // SAFETY: the range is within the plot's arrays and within `out`.
        unsafe { (self.kernels.bounds)(self.data, ptr::null(), first as u32, out.len() as u32, out.as_mut_ptr()) }
    }

    /// Bounds of the primitives in `order`; they may be infinite or NaN.
    pub fn bounds_of(&self, order: &[u32], out: &mut [[[f32; 3]; 2]]) {
        assert!(order.len() == out.len() && order.iter().all(|&i| (i as usize) < self.count()));
        // SAFETY: the primitives are within the plot's arrays, and `out` is as long as `order`.
        unsafe { (self.kernels.bounds)(self.data, order.as_ptr(), 0, out.len() as u32, out.as_mut_ptr()) }
    }

    /// Recomputes the leaves below some nodes, the bounds of these nodes' slots and of the slots that refer to them;
    /// returns the sum of the areas of the nodes' slots.
    ///
    /// # Safety
    /// `bvh` must be a tree of this plot, and no other thread may work on the same nodes.
    pub unsafe fn refit(&self, bvh: &RawBvh, nodes: &Range<u32>) -> f64 {
        unsafe { (self.kernels.refit)(self.data, bvh, nodes.start, nodes.end) }
    }

    /// Recomputes one leaf and returns its bounds.
    ///
    /// # Safety
    /// `bvh` must be a tree of this plot, and no other thread may work on the same leaf.
    pub unsafe fn fill_leaf(&self, bvh: &RawBvh, leaf: u32) -> [[f32; 3]; 2] {
        let mut bounds = [[0.0; 3]; 2];
        unsafe { (self.kernels.fill_leaf)(self.data, bvh, leaf, &mut bounds) };
        bounds
    }
}
