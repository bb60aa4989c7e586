//! The trees of a scene, kept from one state of it to the next.

use super::ffi::Plot;
use super::{Bvh, TopBvh, Updated};
use crate::Result;
use crate::cancel::CancelToken;
use crate::device::Applied;
use crate::device::layout::{BvhTable, GeometryData, InstanceData};
use crate::scene::Geometry;
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::Arc;

/// A plot with the kernels' view of it.
pub struct Uploaded<'a> {
    pub name: &'a str,
    /// Keeps the arrays alive that `data` points to.
    pub plot: &'a Arc<Geometry>,
    pub data: &'a mut GeometryData,
}

/// One tree for each plot, by name, and one over the instances.
#[derive(Default)]
pub struct SceneTrees {
    plots: HashMap<String, PlotTree>,
    top: TopBvh,
}

struct PlotTree {
    /// The data that the tree was last updated to; `None` where the update was cancelled half way.
    plot: Option<Arc<Geometry>>,
    bvh: Bvh,
}

impl SceneTrees {
    /// Builds and refits the trees that have changed since the last call, sets `accel` of all plots, and returns that
    /// of the scene, valid until the next call. Runs on the cores of the current thread pool.
    ///
    /// When cancelled, some trees match the old plots and some the new ones: a further call with either completes them.
    ///
    /// # Safety
    /// Each `data` must describe its `plot`.
    pub unsafe fn update<'a>(
        &mut self,
        kernels: &BvhTable,
        plots: impl IntoIterator<Item = Uploaded<'a>>,
        instances: &[InstanceData],
        cancel: &CancelToken,
    ) -> Result<(*const c_void, Applied)> {
        let mut old = std::mem::take(&mut self.plots);
        let mut applied = Applied::default();
        let mut bounds = Vec::new();
        let mut outcome = Ok(());
        for Uploaded { name, plot, data } in plots {
            let mut tree = old.remove(name).unwrap_or_else(|| PlotTree { plot: None, bvh: Bvh::default() });
            if !tree.plot.as_ref().is_some_and(|before| before.same_place(plot)) {
                tree.plot = None;
                // SAFETY: as required of the caller.
                match tree.bvh.update(&unsafe { Plot::new(kernels, data) }, cancel) {
                    Ok(Updated::Refitted) => applied.refitted.push(name.to_string()),
                    Ok(Updated::Rebuilt) => applied.rebuilt.push(name.to_string()),
                    Err(error) => outcome = Err(error),
                }
            }
            if outcome.is_ok() {
                tree.plot = Some(plot.clone());
            }
            data.accel = tree.bvh.accel();
            bounds.push(tree.bvh.bounds());
            self.plots.insert(name.to_string(), tree);
            if outcome.is_err() {
                break;
            }
        }
        if let Err(error) = outcome {
            self.plots.extend(old);
            return Err(error);
        }
        self.top.build(instances, &bounds);
        Ok((self.top.accel(), applied))
    }

    /// Bytes of memory of the trees.
    pub fn memory(&self) -> usize {
        self.plots.values().map(|tree| tree.bvh.memory()).sum()
    }
}
