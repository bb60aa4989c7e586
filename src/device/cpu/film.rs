//! The film: sums over passes, and the way back when a block of passes is cancelled.

use crate::device::layout::{FilmData, Tile};

/// Sums over the passes, 4 floats a pixel each: see `FilmData` in `kernels/layout.h`.
#[derive(Default)]
pub struct Film {
    pub width: u32,
    pub height: u32,
    pub passes: u32,
    pub radiance: Vec<f32>,
    pub albedo: Vec<f32>,
    pub normal: Vec<f32>,
    /// The film as it was before the block of passes that is being traced, tile by tile, of the tiles that the block
    /// has begun. Copying a tile costs far less than tracing it, and unlike subtracting leaves no rounding behind.
    before: [Vec<f32>; 3],
}

impl Film {
    pub fn resize(&mut self, (width, height): (u32, u32)) {
        if (self.width, self.height) != (width, height) {
            *self = Film { width, height, ..Film::default() };
            let floats = 4 * width as usize * height as usize;
            self.radiance = vec![0.0; floats];
            self.albedo = vec![0.0; floats];
            self.normal = vec![0.0; floats];
            self.before = [vec![0.0; floats], vec![0.0; floats], vec![0.0; floats]];
        }
    }

    pub fn clear(&mut self) {
        self.passes = 0;
        for sums in [&mut self.radiance, &mut self.albedo, &mut self.normal] {
            sums.fill(0.0);
        }
    }

    /// Pointers for kernels that write different tiles from several threads.
    pub fn writer(&mut self) -> FilmWriter {
        FilmWriter {
            width: self.width,
            film: FilmData {
                radiance: self.radiance.as_mut_ptr(),
                albedo: self.albedo.as_mut_ptr(),
                normal: self.normal.as_mut_ptr(),
            },
            before: self.before.each_mut().map(|sums| sums.as_mut_ptr()),
        }
    }
}

/// A film that several threads write, each in tiles of its own.
#[derive(Clone, Copy)]
pub struct FilmWriter {
    width: u32,
    pub film: FilmData,
    before: [*mut f32; 3],
}

// SAFETY: plain pointers; that no two threads use the same tile is what its unsafe methods ask for.
unsafe impl Send for FilmWriter {}
unsafe impl Sync for FilmWriter {}

impl FilmWriter {
    /// Remembers a tile.
    ///
    /// # Safety
    /// The film outlives the call, `tile` lies in it, and no other thread uses that tile.
    pub unsafe fn save(&self, tile: Tile) {
        // SAFETY: as of this function.
        unsafe { self.copy(tile, self.sums(), self.before) }
    }

    /// Brings a tile back to what it was when it was saved.
    ///
    /// # Safety
    /// As for [`FilmWriter::save`].
    pub unsafe fn restore(&self, tile: Tile) {
        // SAFETY: as of this function.
        unsafe { self.copy(tile, self.before, self.sums()) }
    }

    fn sums(&self) -> [*mut f32; 3] {
        [self.film.radiance, self.film.albedo, self.film.normal]
    }

    unsafe fn copy(&self, tile: Tile, from: [*mut f32; 3], to: [*mut f32; 3]) {
        let floats = 4 * (tile.x1 - tile.x0) as usize;
        for y in tile.y0..tile.y1 {
            let start = 4 * (y as usize * self.width as usize + tile.x0 as usize);
            for (from, to) in from.iter().zip(to) {
                // SAFETY: rows of a tile inside of buffers of equal size that do not overlap.
                unsafe { std::ptr::copy_nonoverlapping(from.add(start), to.add(start), floats) };
            }
        }
    }
}
