//! The kernels' functions for the tree of one plot.

use crate::device::layout::{BvhData, BvhTable, GeometryData};
use std::ops::Range;
use std::ptr;

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

    /// Number of primitives, shape, and elements from one primitive to the next: a tree can be refitted while they stay.
    pub fn kind(&self) -> (usize, u32, u32) {
        (self.count(), self.data.shape, self.data.step)
    }

    /// Words of a leaf, and how many of them, at its start, are the indices of its primitives.
    pub fn leaf(&self) -> (usize, usize) {
        // SAFETY: the functions read nothing but the shape.
        let (bytes, capacity) =
            unsafe { ((self.kernels.leaf_size)(self.data.shape), (self.kernels.leaf_capacity)(self.data.shape)) };
        (bytes as usize / size_of::<u32>(), capacity as usize)
    }

    /// Bounds of the primitives from `first` on, as many as `out` holds; they may be infinite or NaN.
    pub fn bounds(&self, first: usize, out: &mut [[[f32; 3]; 2]]) {
        assert!(first + out.len() <= self.count());
        // SAFETY: the range is within the plot's arrays and within `out`.
        unsafe {
            (self.kernels.bounds)(self.data, ptr::null(), first as u32, out.len() as u32, out.as_mut_ptr().cast())
        }
    }

    /// Bounds of the primitives in `order`; they may be infinite or NaN.
    pub fn bounds_of(&self, order: &[u32], out: &mut [[[f32; 3]; 2]]) {
        assert!(order.len() == out.len() && order.iter().all(|&i| (i as usize) < self.count()));
        // SAFETY: the primitives are within the plot's arrays, and `out` is as long as `order`.
        unsafe { (self.kernels.bounds)(self.data, order.as_ptr(), 0, out.len() as u32, out.as_mut_ptr().cast()) }
    }

    /// Recomputes the leaves below some nodes, the bounds of these nodes' slots and of the slots that refer to them;
    /// returns the sum of the areas of the nodes' slots.
    ///
    /// # Safety
    /// `bvh` must be a tree of this plot, and no other thread may work on the same nodes.
    pub unsafe fn refit(&self, bvh: &BvhData, nodes: &Range<u32>) -> f64 {
        unsafe { (self.kernels.refit)(self.data, bvh, nodes.start, nodes.end) }
    }

    /// Recomputes one leaf and returns its bounds.
    ///
    /// # Safety
    /// `bvh` must be a tree of this plot, and no other thread may work on the same leaf.
    pub unsafe fn fill_leaf(&self, bvh: &BvhData, leaf: u32) -> [[f32; 3]; 2] {
        let mut bounds = [[0.0; 3]; 2];
        unsafe { (self.kernels.fill_leaf)(self.data, bvh, leaf, bounds.as_mut_ptr().cast()) };
        bounds
    }
}
