//! A minimal OptiX program, as a measure of how fast camera rays could be: it traces one ray through the middle of each
//! pixel and writes the normal of the sphere that it hits (`kernels/optix/bare.cu`).

use super::OptixDevice;
use super::memory::Memory;
use super::programs::{BARE, Pipelines};
use super::scene::OptixScene;
use crate::device::layout::{FilmData, LaunchParams, Plane, Tile};
use crate::scene::Shape;
use crate::{Error, Result};
use std::ptr::null_mut;
use std::time::Instant;

/// Floats of a pixel: the normal, and a 0.
const PIXEL_FLOATS: usize = 4;

/// The program, ready for one scene.
pub struct Bare {
    pipelines: Pipelines,
    scene: OptixScene,
    params: Memory,
    normals: Memory,
    size: (u32, u32),
}

impl OptixDevice {
    /// Prepares the program for the device's scene. Fails where the scene has shapes other than spheres.
    pub fn bare(&mut self) -> Result<Bare> {
        self.card.gpu.enter()?;
        if self.scene.geometries.values().any(|plot| plot.kind.shape() != Shape::Sphere) {
            return Err(Error::device("the bare program supports spheres only"));
        }
        let pipelines = Pipelines::new(&self.card.gpu, BARE)?;
        let scene = self.scene_for(&pipelines)?;
        let size = self.scene.size;
        let pixels = size.0 as usize * size.1 as usize;
        let normals = self.card.pool.send(&self.card.gpu, &vec![0.0f32; PIXEL_FLOATS * pixels])?;
        let mut film = FilmData::NONE;
        film.plane[Plane::Radiance as usize] = normals.address() as *mut f32;
        let params = LaunchParams {
            scene: scene.data,
            film,
            tile: Tile { x0: 0, y0: 0, x1: size.0, y1: size.1 },
            first_sample: 0,
            sample_count: 1,
            next: null_mut(),
            slots: null_mut(),
        };
        let params = self.card.pool.send(&self.card.gpu, &[params])?;
        Ok(Bare { pipelines, scene, params, normals, size })
    }

    /// Launches it a number of times; returns the seconds until the card has finished.
    pub fn run_bare(&self, bare: &Bare, times: u32) -> Result<f64> {
        self.card.gpu.enter()?;
        let pipeline = bare.pipelines.of(&self.card.gpu, bare.scene.variant)?;
        let params = (bare.params.address(), size_of::<LaunchParams>());
        self.card.gpu.finish("waiting for the GPU")?;
        let begin = Instant::now();
        for _ in 0..times {
            // SAFETY: table and parameters are of this pipeline, and `bare` owns all that they point to.
            unsafe { pipeline.launch(&self.card.gpu, &bare.scene.sbt, params, bare.size)? };
        }
        self.card.gpu.finish("tracing")?;
        Ok(begin.elapsed().as_secs_f64())
    }

    /// The result: the normals in the world, zero where nothing was hit.
    pub fn bare_normals(&self, bare: &Bare) -> Result<Vec<[f32; 3]>> {
        self.card.gpu.enter()?;
        let pixels = bare.size.0 as usize * bare.size.1 as usize;
        let floats = bare.normals.fetch(&self.card.gpu, vec![[0.0f32; PIXEL_FLOATS]; pixels])?;
        Ok(floats.iter().map(|&[x, y, z, _]| [x, y, z]).collect())
    }
}
