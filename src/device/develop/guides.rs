//! Develops the sums of the film into auxiliary buffers, for all devices.

use crate::cancel::CancelToken;
use crate::device::film::FilmView;
use crate::device::kernels;
use crate::device::layout::Plane;
use crate::frame::Guides;
use crate::{Error, Result};
use rayon::prelude::*;

/// The auxiliary buffers of a film, in parallel on the current rayon pool. Fails only when cancelled.
pub fn of(film: &FilmView, cancel: &CancelToken) -> Result<Guides> {
    let mut guides = Guides::of_nothing(film.width, film.height);
    let row = film.width as usize;
    if film.passes == 0 || row == 0 {
        return Ok(guides);
    }
    let (n, queries) = (film.passes as f32, kernels::best().queries);
    let rows = |plane| Ok::<_, Error>(film.plane(plane)?.par_chunks(4 * row));
    let sums = rows(Plane::Radiance)?.zip(rows(Plane::Albedo)?).zip(rows(Plane::Normal)?);
    let vectors = guides.albedo.par_chunks_mut(3 * row).zip(guides.normal.par_chunks_mut(3 * row));
    let numbers = guides.depth.par_chunks_mut(row).zip(guides.coverage.par_chunks_mut(row));
    let numbers = numbers.zip(guides.noise.par_chunks_mut(row));
    sums.zip(vectors).zip(numbers).try_for_each(|((sums, (albedo, normal)), ((depth, coverage), noise))| {
        cancel.check()?;
        let ((radiance, albedo_sums), normal_sums) = sums;
        if film.passes >= 2 {
            // SAFETY: both rows hold `width` pixels, with 4 floats and with one each.
            unsafe { (queries.noise)(radiance.as_ptr(), noise.as_mut_ptr(), film.width, film.passes) };
        }
        for x in 0..depth.len() {
            let of_pixel = |sums: &[f32]| -> [f32; 4] { std::array::from_fn(|i| sums[4 * x + i]) };
            let (a, n_) = (of_pixel(albedo_sums), of_pixel(normal_sums));
            for i in 0..3 {
                albedo[3 * x + i] = a[i] / n;
                normal[3 * x + i] = n_[i] / n;
            }
            let hits = a[3];
            coverage[x] = hits / n;
            if hits > 0.0 {
                depth[x] = n_[3] / hits;
            }
        }
        Ok(())
    })?;
    Ok(guides)
}
