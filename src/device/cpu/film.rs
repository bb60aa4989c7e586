//! The film: sums over passes, and how to restore them when a block of passes is cancelled.

use crate::cancel::CancelToken;
use crate::device::STRETCH;
use crate::device::layout::{FilmData, Tile};
use crate::{Error, Result};
use rayon::prelude::*;
use std::borrow::Cow;

/// Floats that a thread fills or adds at a time.
const CHUNK: usize = 1 << 16;

/// Sums over the passes, 4 floats a pixel each: see `FilmData` in `kernels/layout.h`.
#[derive(Default)]
pub struct Film {
    pub width: u32,
    pub height: u32,
    pub passes: u32,
    pub radiance: Vec<f32>,
    pub albedo: Vec<f32>,
    pub normal: Vec<f32>,
    /// Sums of the stretches before the present one; empty in the first.
    aside: [Vec<f32>; 3],
    /// The film as it was before the block of passes that is being traced: a copy of each tile that the block has
    /// begun. Copying a tile costs far less than tracing it, and unlike subtracting leaves no rounding error.
    before: [Vec<f32>; 3],
}

impl Film {
    /// Makes this an empty film of the given size, reusing the present memory if the size is the same. Fails where
    /// there is too little memory.
    pub fn resized(&self, (width, height): (u32, u32)) -> Result<Option<Film>> {
        if (self.width, self.height) == (width, height) {
            return Ok(None);
        }
        let floats = 4 * width as usize * height as usize;
        // Allocated once in one piece and freed again: an allocation that fails below would end the program.
        Vec::<f32>::new().try_reserve_exact(6 * floats).map_err(|_| {
            let gigabytes = (24 * floats as u64).div_ceil(1 << 30);
            Error::limit(format!("an image of {width}x{height} needs {gigabytes} GB of memory, more than there is"))
                .hint("choose a smaller size")
        })?;
        // Zeroed memory is not committed before it is written to.
        let zeros = || vec![0.0; floats];
        Ok(Some(Film {
            width,
            height,
            radiance: zeros(),
            albedo: zeros(),
            normal: zeros(),
            before: [zeros(), zeros(), zeros()],
            ..Film::default()
        }))
    }

    pub fn clear(&mut self) {
        self.passes = 0;
        self.aside = Default::default();
        for sums in [&mut self.radiance, &mut self.albedo, &mut self.normal] {
            sums.par_chunks_mut(CHUNK).for_each(|sums| sums.fill(0.0));
        }
    }

    /// Passes up to the end of the present stretch: no more may be traced at once.
    pub fn room(&self) -> u32 {
        STRETCH - self.passes % STRETCH
    }

    /// Counts passes that have been added; at the end of a stretch sets its sums aside.
    pub fn add_passes(&mut self, count: u32) {
        self.passes += count;
        if self.room() < STRETCH {
            return;
        }
        for (sums, aside) in [&mut self.radiance, &mut self.albedo, &mut self.normal].into_iter().zip(&mut self.aside) {
            aside.resize(sums.len(), 0.0);
            aside.par_chunks_mut(CHUNK).zip(sums.par_chunks_mut(CHUNK)).for_each(|(aside, sums)| {
                aside.iter_mut().zip(&*sums).for_each(|(aside, sum)| *aside += sum);
                sums.fill(0.0);
            });
        }
    }

    /// The sums of all passes: radiance, albedo, normal.
    pub fn sums(&self, cancel: &CancelToken) -> Result<[Cow<'_, [f32]>; 3]> {
        let [mut radiance, mut albedo, mut normal] =
            [&self.radiance, &self.albedo, &self.normal].map(|sums| Cow::Borrowed(&sums[..]));
        for (sums, aside) in [&mut radiance, &mut albedo, &mut normal].into_iter().zip(&self.aside) {
            if aside.is_empty() {
                continue;
            }
            let mut all = vec![0.0; aside.len()];
            let parts = sums.par_chunks(CHUNK).zip(aside.par_chunks(CHUNK));
            all.par_chunks_mut(CHUNK).zip(parts).try_for_each(|(all, (sums, aside))| {
                cancel.check()?;
                all.iter_mut().zip(sums.iter().zip(aside)).for_each(|(all, (sum, aside))| *all = sum + aside);
                Ok(())
            })?;
            *sums = Cow::Owned(all);
        }
        Ok([radiance, albedo, normal])
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

/// A film that several threads write, each in its own tiles.
#[derive(Clone, Copy)]
pub struct FilmWriter {
    width: u32,
    pub film: FilmData,
    before: [*mut f32; 3],
}

// SAFETY: plain pointers; the unsafe methods require that no two threads use the same tile.
unsafe impl Send for FilmWriter {}
unsafe impl Sync for FilmWriter {}

impl FilmWriter {
    /// Saves a tile.
    ///
    /// # Safety
    /// The film outlives the call, `tile` lies in it, and no other thread uses that tile.
    pub unsafe fn save(&self, tile: Tile) {
        // SAFETY: as required of the caller.
        unsafe { self.copy(tile, self.sums(), self.before) }
    }

    /// Restores a tile to its saved contents.
    ///
    /// # Safety
    /// The same as for [`FilmWriter::save`].
    pub unsafe fn restore(&self, tile: Tile) {
        // SAFETY: as required of the caller.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_too_large_for_the_memory_is_an_error() {
        let film = Film::default().resized((3, 2)).unwrap().unwrap();
        let error = film.resized((1 << 29, 1 << 28)).err().unwrap();
        assert_eq!(
            error.to_string(),
            "an image of 536870912x268435456 needs 12884901888 GB of memory, more than there is"
        );
        assert_eq!((film.width, film.height, film.radiance.len()), (3, 2, 24));
        assert!(film.resized((3, 2)).unwrap().is_none());
    }
}
