//! The film of the CPU: sums over passes, and how to restore them when a block of passes is cancelled.

use crate::cancel::CancelToken;
use crate::device::film::{FilmSums, PLANE_FLOATS, PLANES, Place, Planes, Samples};
use crate::device::layout::{FilmData, Plane, Tile};
use crate::{Error, Result};
use rayon::prelude::*;
use std::borrow::Cow;

/// Floats that a thread fills or adds at a time.
const CHUNK: usize = 1 << 16;

/// The sums of each plane; empty for one that the film does not have.
type Sums = [Vec<f32>; PLANES];

#[derive(Default)]
pub struct CpuFilm {
    pub width: u32,
    pub height: u32,
    pub samples: Samples,
    planes: Planes,
    /// Sums of the present block of samples.
    sums: Sums,
    /// Sums of the blocks before; empty in the first.
    aside: Sums,
    /// The film as it was before the passes that are being traced: a copy of each tile that they have begun. Copying a
    /// tile costs far less than tracing it, and unlike subtracting leaves no rounding error.
    before: Sums,
}

impl CpuFilm {
    /// An empty film of that size with at least these planes; `None` where this one has them all. Fails where there is
    /// too little memory.
    pub fn remade(&self, (width, height): (u32, u32), planes: Planes) -> Result<Option<CpuFilm>> {
        if (self.width, self.height) == (width, height) && self.planes.contains(planes) {
            return Ok(None);
        }
        let floats = PLANE_FLOATS * width as usize * height as usize;
        let all = 2 * planes.count() * floats;
        // Allocated once in one piece and freed again: an allocation that fails below would end the program.
        Vec::<f32>::new().try_reserve_exact(all).map_err(|_| {
            let gigabytes = (size_of::<f32>() as u64 * all as u64).div_ceil(1 << 30);
            Error::limit(format!("an image of {width}x{height} needs {gigabytes} GB of memory, more than there is"))
                .hint("choose a smaller size")
        })?;
        // Zeroed memory is not committed before it is written to.
        let zeros = || Plane::ALL.map(|plane| vec![0.0; if planes.has(plane) { floats } else { 0 }]);
        Ok(Some(CpuFilm { width, height, planes, sums: zeros(), before: zeros(), ..CpuFilm::default() }))
    }

    pub fn clear(&mut self) {
        self.samples = Samples::default();
        self.aside = Sums::default();
        for sums in &mut self.sums {
            sums.par_chunks_mut(CHUNK).for_each(|sums| sums.fill(0.0));
        }
    }

    /// Counts passes that have been added; at the end of a block sets its sums aside.
    pub fn add_passes(&mut self, count: u32) {
        if !self.samples.add(count) {
            return;
        }
        for (sums, aside) in self.sums.iter_mut().zip(&mut self.aside) {
            aside.resize(sums.len(), 0.0);
            add(aside, sums);
            sums.par_chunks_mut(CHUNK).for_each(|sums| sums.fill(0.0));
        }
    }

    /// Adds the sums of another film.
    pub fn add_sums(&mut self, sums: &FilmSums) -> Result<()> {
        sums.check((self.width, self.height), self.planes)?;
        let place = self.samples.place(sums)?;
        for plane in self.planes.iter() {
            let Some(from) = &sums.planes[plane as usize] else { continue };
            match place {
                Place::Present => add(&mut self.sums[plane as usize], from),
                Place::Aside => {
                    let aside = &mut self.aside[plane as usize];
                    aside.resize(from.len(), 0.0);
                    add(aside, from);
                }
            }
        }
        self.samples.merge(&sums.samples);
        Ok(())
    }

    /// The sums of all passes, for each plane that the film has.
    pub fn all_sums(&self, cancel: &CancelToken) -> Result<[Option<Cow<'_, [f32]>>; PLANES]> {
        let mut out = [const { None }; PLANES];
        for plane in self.planes.iter() {
            let (sums, aside) = (&self.sums[plane as usize], &self.aside[plane as usize]);
            out[plane as usize] = Some(if aside.is_empty() {
                Cow::Borrowed(&sums[..])
            } else {
                let mut all = vec![0.0; aside.len()];
                let parts = sums.par_chunks(CHUNK).zip(aside.par_chunks(CHUNK));
                all.par_chunks_mut(CHUNK).zip(parts).try_for_each(|(all, (sums, aside))| {
                    cancel.check()?;
                    all.iter_mut().zip(sums.iter().zip(aside)).for_each(|(all, (sum, aside))| *all = sum + aside);
                    Ok(())
                })?;
                Cow::Owned(all)
            });
        }
        Ok(out)
    }

    /// Pointers for kernels that write different tiles from several threads.
    pub fn writer(&mut self) -> FilmWriter {
        FilmWriter { width: self.width, film: pointers(&mut self.sums), before: pointers(&mut self.before) }
    }
}

/// Adds numbers, on all threads.
fn add(to: &mut [f32], from: &[f32]) {
    to.par_chunks_mut(CHUNK).zip(from.par_chunks(CHUNK)).for_each(|(to, from)| {
        to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
    });
}

fn pointers(sums: &mut Sums) -> FilmData {
    FilmData {
        plane: sums.each_mut().map(|sums| if sums.is_empty() { std::ptr::null_mut() } else { sums.as_mut_ptr() }),
    }
}

/// A film that several threads write, each in its own tiles.
#[derive(Clone, Copy)]
pub struct FilmWriter {
    width: u32,
    pub film: FilmData,
    before: FilmData,
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
        unsafe { self.copy(tile, &self.film, &self.before) }
    }

    /// Restores a tile to its saved contents.
    ///
    /// # Safety
    /// The same as for [`FilmWriter::save`].
    pub unsafe fn restore(&self, tile: Tile) {
        // SAFETY: as required of the caller.
        unsafe { self.copy(tile, &self.before, &self.film) }
    }

    unsafe fn copy(&self, tile: Tile, from: &FilmData, to: &FilmData) {
        let floats = PLANE_FLOATS * (tile.x1 - tile.x0) as usize;
        for (from, to) in from.plane.iter().zip(&to.plane).filter(|(from, _)| !from.is_null()) {
            for y in tile.y0..tile.y1 {
                let start = PLANE_FLOATS * (y as usize * self.width as usize + tile.x0 as usize);
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
        let film = CpuFilm::default().remade((3, 2), Planes::ALL).unwrap().unwrap();
        let error = film.remade((1 << 29, 1 << 28), Planes::ALL).err().unwrap();
        assert_eq!(
            error.to_string(),
            "an image of 536870912x268435456 needs 12884901888 GB of memory, more than there is"
        );
        assert_eq!((film.width, film.height, film.sums[0].len()), (3, 2, 24));
        assert!(film.remade((3, 2), Planes::ALL).unwrap().is_none());
    }

    #[test]
    fn a_film_has_the_planes_that_are_needed() {
        let radiance = Planes::of(Plane::Radiance);
        let mut film = CpuFilm::default().remade((3, 2), radiance).unwrap().unwrap();
        assert_eq!(film.sums.each_ref().map(Vec::len), [24, 0, 0]);
        assert_eq!(film.writer().film.plane.map(|plane| plane.is_null()), [false, true, true]);
        let more = film.remade((3, 2), radiance.with(Planes::of(Plane::Normal))).unwrap().unwrap();
        assert_eq!(more.sums.each_ref().map(Vec::len), [24, 0, 24]);
        assert!(more.remade((3, 2), radiance).unwrap().is_none(), "one plane more does no harm");
    }
}
