//! Portions of passes over all threads, tile by tile.

use super::film::CpuFilm;
use crate::cancel::CancelToken;
use crate::device::layout::TraceJob;
use crate::device::layout::{SceneData, Tile};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Side of a tile in pixels: small enough to divide the work evenly, large enough that neighbouring rays find the same
/// nodes in the cache.
const TILE: u32 = 16;
/// A portion of passes takes about this long: cancelling discards at most one portion.
const PORTION_TIME: Duration = Duration::from_millis(200);
const MAX_PORTION: u32 = 16;

/// Traces one tile; returns 0 when cancelled.
pub type Kernel<'a> = &'a (dyn Fn(&mut TraceJob) -> u32 + Sync);

/// A scene that several threads read.
struct SceneOfTiles(SceneData);
// SAFETY: kernels only read the scene's buffers, and the device keeps them unchanged while they run.
unsafe impl Sync for SceneOfTiles {}

#[derive(Default)]
pub struct TileTracer {
    /// Passes per portion, from the duration of the last one.
    portion: u32,
}

impl TileTracer {
    /// Adds up to `passes` passes to `film`, whose samples they follow; returns how many, and how many rays were traced
    /// for them.
    pub fn trace(
        &mut self,
        pool: &rayon::ThreadPool,
        kernel: Kernel,
        scene: &SceneData,
        film: &mut CpuFilm,
        passes: u32,
        cancel: &CancelToken,
    ) -> (u32, u64) {
        let (mut done, mut rays) = (0, 0);
        while done < passes && !cancel.is_cancelled() {
            let count = self.portion.clamp(1, (passes - done).min(film.samples.room()));
            let started = Instant::now();
            let Some(portion_rays) = trace_portion(pool, kernel, scene, film, count, cancel) else { break };
            let per_pass = (started.elapsed() / count).max(Duration::from_micros(1));
            self.portion = (PORTION_TIME.as_micros() / per_pass.as_micros()).clamp(1, MAX_PORTION.into()) as u32;
            pool.install(|| film.add_passes(count));
            done += count;
            rays += portion_rays;
        }
        (done, rays)
    }
}

/// Traces `count` passes, or leaves the film as it was and returns `None` when cancelled.
fn trace_portion(
    pool: &rayon::ThreadPool,
    kernel: Kernel,
    scene: &SceneData,
    film: &mut CpuFilm,
    count: u32,
    cancel: &CancelToken,
) -> Option<u64> {
    let scene = SceneOfTiles(*scene);
    let first_sample = film.samples.next();
    let (width, height) = (film.width, film.height);
    let tiles = tile_count(width, height);
    let writer = film.writer();
    let next = AtomicUsize::new(0);
    let cancelled = AtomicBool::new(false);
    let rays = AtomicU64::new(0);
    pool.broadcast(|_| {
        let scene = &scene;
        while !cancelled.load(Ordering::Relaxed) {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= tiles {
                break;
            }
            let tile = tile_at(i, width, height);
            // SAFETY: the film is borrowed for this portion, and each tile is assigned once.
            unsafe { writer.save(tile) };
            let mut job = TraceJob {
                scene: &scene.0,
                film: writer.film,
                tile,
                first_sample,
                sample_count: count,
                cancel: cancel.as_ptr(),
                rays: 0,
            };
            if kernel(&mut job) == 0 {
                cancelled.store(true, Ordering::Relaxed);
            } else {
                rays.fetch_add(job.rays, Ordering::Relaxed);
            }
        }
    });
    if !cancelled.into_inner() {
        return Some(rays.into_inner());
    }
    // Tiles were assigned in order: those that were begun are the first ones.
    let begun = next.into_inner().min(tiles);
    pool.install(|| {
        (0..begun).into_par_iter().for_each(|i| {
            // SAFETY: the threads of the portion have ended, and each of these tiles was saved and is restored once.
            unsafe { writer.restore(tile_at(i, width, height)) };
        });
    });
    None
}

fn tile_count(width: u32, height: u32) -> usize {
    width.div_ceil(TILE) as usize * height.div_ceil(TILE) as usize
}

/// The tiles, row by row; the last tile of a row and the last row may be smaller.
fn tile_at(i: usize, width: u32, height: u32) -> Tile {
    let per_row = width.div_ceil(TILE) as usize;
    let (x0, y0) = ((i % per_row) as u32 * TILE, (i / per_row) as u32 * TILE);
    Tile { x0, y0, x1: (x0 + TILE).min(width), y1: (y0 + TILE).min(height) }
}
