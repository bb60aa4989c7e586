//! Develops the sums of a film into an image, for all devices: means, the denoiser, exposure and gamma, 8 bits.
//!
//! The arithmetic is in `kernels/film`; here are the order of the stages and the parallel loop over the rows. A
//! denoiser implies exposure and gamma. Without any stage the image is linear, clamped to [0, 1].

pub mod chain;
pub mod guides;
pub mod oidn;

use crate::cancel::CancelToken;
use crate::device::Develop;
use crate::device::denoise::Denoiser;
use crate::device::film::FilmView;
use crate::device::layout::{DenoiseJob, DevelopTable, FilmData, Plane};
use crate::frame::Frame;
use crate::{Error, Result};
use chain::{Chain, Denoise, Tonemap};
use oidn::Guides;
use rayon::prelude::*;

/// Develops `film` with `chain`, in parallel on the current rayon pool.
///
/// The result is the same to the bit whatever the number of threads and the instruction set of `table`, except for the
/// output of Open Image Denoise. Without that it fails only when cancelled.
pub fn develop(
    table: &DevelopTable,
    film: &FilmView,
    chain: &Chain,
    complete: bool,
    what: Develop,
    cancel: &CancelToken,
) -> Result<Frame> {
    let (width, height) = (film.width as usize, film.height as usize);
    let pixels = width * height;
    let mut frame = Frame {
        width: film.width,
        height: film.height,
        rgba8: vec![0; 4 * pixels],
        linear: Vec::new(),
        passes: film.passes,
        complete,
        noise: 0.0,
        guides: None,
    };
    if pixels == 0 {
        return Ok(frame);
    }
    if film.passes == 0 {
        return Ok(chain::without_a_pass((film.width, film.height), complete, what));
    }

    let mut linear = vec![0.0; 3 * pixels];
    let row_noise: Vec<f64> = film
        .plane(Plane::Radiance)?
        .par_chunks(4 * width)
        .zip(linear.par_chunks_mut(3 * width))
        .map(|(sums, row)| {
            cancel.check()?;
            // SAFETY: both rows hold `width` pixels, with 4 and with 3 floats each.
            Ok(unsafe { (table.mean)(sums.as_ptr(), row.as_mut_ptr(), film.width, film.passes) })
        })
        .collect::<Result<_>>()?;
    // Summed in the order of the rows, so that the result does not depend on the threads.
    frame.noise = (row_noise.iter().sum::<f64>() / pixels as f64) as f32;
    if what.guides {
        frame.guides = Some(guides::of(film, cancel)?);
    }

    let shown_by = chain.tonemap.unwrap_or(Tonemap::NONE);
    linear = match &chain.denoise {
        Some(denoise @ Denoise { by: Denoiser::Oidn { oidn: library, hdr }, .. }) => {
            let means = |plane| Ok(means(film.plane(plane)?, film.passes));
            let guides = Guides::of(denoise.kind, || means(Plane::Albedo), || means(Plane::Normal))?;
            oidn::develop(table, library, *hdr, denoise, shown_by, linear, guides, &mut frame, cancel)?
        }
        other => {
            if let Some(Denoise { blend, .. }) = other {
                self::denoise(table, film, &mut linear, *blend, cancel)?;
            }
            match chain.tonemap {
                Some(by) => tonemap(table, &linear, &mut frame, by, cancel)?,
                None => clamp(table, &linear, &mut frame, cancel)?,
            }
            linear
        }
    };
    if what.linear {
        frame.linear = linear;
    }
    Ok(frame)
}

/// The first three of the four sums of each pixel, divided by the number of passes.
fn means(sums: &[f32], passes: u32) -> Vec<f32> {
    let n = passes as f32;
    let mut means = vec![0.0; sums.len() / 4 * 3];
    let pixels = means.par_chunks_mut(3 * PIXELS).zip(sums.par_chunks(4 * PIXELS));
    pixels.for_each(|(means, sums)| {
        for (mean, sum) in means.chunks_exact_mut(3).zip(sums.chunks_exact(4)) {
            mean.iter_mut().zip(sum).for_each(|(mean, sum)| *mean = sum / n);
        }
    });
    means
}

/// Pixels that a thread takes at a time where there is little work for each.
const PIXELS: usize = 1 << 14;

/// Display values in [0, 1] of a linear image.
pub fn display(
    table: &DevelopTable,
    linear: &[f32],
    width: u32,
    Tonemap { exposure, inverse_gamma }: Tonemap,
    cancel: &CancelToken,
) -> Result<Vec<f32>> {
    let mut shown = vec![0.0; linear.len()];
    let row = 3 * width as usize;
    shown.par_chunks_mut(row).zip(linear.par_chunks(row)).try_for_each(|(shown, linear)| {
        cancel.check()?;
        // SAFETY: both rows hold `width` pixels, with 3 floats each.
        unsafe { (table.display)(linear.as_ptr(), shown.as_mut_ptr(), width, exposure, inverse_gamma) };
        Ok(())
    })?;
    Ok(shown)
}

/// Fills the 8-bit image with exposure and gamma.
pub fn tonemap(
    table: &DevelopTable,
    linear: &[f32],
    frame: &mut Frame,
    Tonemap { exposure, inverse_gamma }: Tonemap,
    cancel: &CancelToken,
) -> Result<()> {
    rows(linear, frame, cancel, |linear, rgba, width| {
        // SAFETY: both rows hold `width` pixels, with 4 bytes and with 3 floats each.
        unsafe { (table.tonemap)(linear, rgba, width, exposure, inverse_gamma) }
    })
}

/// Fills the 8-bit image without exposure and gamma.
pub fn clamp(table: &DevelopTable, linear: &[f32], frame: &mut Frame, cancel: &CancelToken) -> Result<()> {
    rows(linear, frame, cancel, |linear, rgba, width| {
        // SAFETY: as above.
        unsafe { (table.clamp)(linear, rgba, width) }
    })
}

/// Calls `show` for each row of three floats a pixel and its row of the 8-bit image, with the width.
fn rows(
    linear: &[f32],
    frame: &mut Frame,
    cancel: &CancelToken,
    show: impl Fn(*const f32, *mut u8, u32) + Sync,
) -> Result<()> {
    let width = frame.width as usize;
    frame.rgba8.resize(4 * width * frame.height as usize, 0);
    let pairs = frame.rgba8.par_chunks_mut(4 * width).zip(linear.par_chunks(3 * width));
    pairs.try_for_each(|(rgba, linear)| {
        cancel.check()?;
        show(linear.as_ptr(), rgba.as_mut_ptr(), width as u32);
        Ok(())
    })
}

/// Rows that one task denoises: each strip prepares some rows more on either side, so thin ones cost more, and an image
/// needs several to keep all threads busy.
const STRIP: u32 = 48;

/// Replaces the means in `linear` by the denoised image; `blend` is the share of the means that stays, in [0, 1).
fn denoise(table: &DevelopTable, film: &FilmView, linear: &mut [f32], blend: f32, cancel: &CancelToken) -> Result<()> {
    let plane = |plane| Ok::<_, Error>(film.plane(plane)?.as_ptr().cast_mut());
    let job = DenoiseJob {
        film: FilmData { plane: [plane(Plane::Radiance)?, plane(Plane::Albedo)?, plane(Plane::Normal)?] },
        linear: linear.as_mut_ptr(),
        width: film.width,
        height: film.height,
        passes: film.passes,
        blend,
        cancel: cancel.as_ptr(),
    };
    // SAFETY: reads nothing but its arguments.
    let floats = unsafe { (table.denoise_scratch)(film.width, STRIP) } as usize;
    let strips = (0..film.height.div_ceil(STRIP)).into_par_iter();
    strips.for_each_init(
        || Vec::<f32>::with_capacity(floats),
        |scratch, strip| {
            let rows = strip * STRIP..film.height.min((strip + 1) * STRIP);
            // SAFETY: `job` describes buffers that outlive this call, with as many pixels as it states; strips are
            // disjoint; the scratch space is large enough, and written before it is read.
            unsafe { (table.denoise_rows)(&job, scratch.as_mut_ptr(), rows.start, rows.end) }
        },
    );
    cancel.check()
}

#[cfg(test)]
mod tests;
