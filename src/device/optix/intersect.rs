//! Ray queries: for picking, and for tests.

use super::OptixDevice;
use super::programs::{INTERSECT, Pipelines};
use crate::Result;
use crate::device::layout::{Hit, IntersectParams, Ray};
use bytemuck::{Pod, Zeroable};

/// Most rays of a launch: with their hits they take 52 MB of the card.
const MOST_RAYS: usize = 1 << 20;

/// A ray as `kernels/optix/intersect.cu` reads it: `kRayFloats`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct LongRay {
    ray: Ray,
    tmax: f32,
}

impl OptixDevice {
    /// The nearest hits of rays within their maximum distances; with `any`, some hit. Compiles the pipeline at the
    /// first call.
    pub fn nearest(&mut self, rays: &[(Ray, f32)], any: bool) -> Result<Vec<Hit>> {
        self.card.gpu.enter()?;
        let pipelines = match self.intersect.take() {
            Some(pipelines) => pipelines,
            None => Pipelines::new(&self.card.gpu, INTERSECT)?,
        };
        let pipelines = self.intersect.insert(pipelines);
        let scene = &self.uploaded;
        let (_records, table) = scene.table_for(&self.card.gpu, &self.card.pool, pipelines)?;
        let pipeline = pipelines.of(&self.card.gpu, scene.variant)?;
        let mut all = Vec::with_capacity(rays.len());
        for rays in rays.chunks(MOST_RAYS) {
            self.staging.cancel.check()?;
            let rays: Vec<LongRay> = rays.iter().map(|&(ray, tmax)| LongRay { ray, tmax }).collect();
            let given = self.card.pool.send(&self.card.gpu, &rays)?;
            let hits = vec![Hit::zeroed(); rays.len()];
            let taken = self.card.pool.send(&self.card.gpu, &hits)?;
            let params = IntersectParams {
                scene: scene.data,
                rays: given.address() as *const f32,
                hits: taken.address() as *mut Hit,
                any: u32::from(any),
                pad: 0,
            };
            let sent = self.card.pool.send(&self.card.gpu, &[params])?;
            let params = (sent.address(), size_of::<IntersectParams>());
            // SAFETY: table and parameters are of this pipeline; everything lives until the hits have been fetched.
            unsafe { pipeline.launch(&self.card.gpu, &table, params, (rays.len() as u32, 1))? };
            all.extend(taken.fetch(&self.card.gpu, hits)?);
        }
        Ok(all)
    }
}
