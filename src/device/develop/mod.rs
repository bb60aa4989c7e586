//! Develops the sums of a film into an image, for all devices: means, the passes of the chain, 8 bits.
//!
//! The arithmetic is in `kernels/film`; here are the order of the passes and the parallel loops over the rows.

pub mod chain;
pub mod guides;
pub mod oidn;

use crate::cancel::CancelToken;
use crate::device::Develop;
use crate::device::denoise::Denoiser;
use crate::device::film::FilmView;
use crate::device::layout::{DenoiseJob, DevelopTable, FilmData, Plane, StageData};
use crate::frame::Frame;
use crate::{Error, Result};
use chain::{Chain, Denoise, Pass};
use oidn::Auxiliary;
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

    let size = (film.width, film.height);
    let means = |plane| Ok(means(film.plane(plane)?, film.passes));
    let denoised = |denoise: &Denoise, mut image: Vec<f32>| match &denoise.by {
        Denoiser::Builtin => {
            self::denoise(table, film, &mut image, denoise.blend, cancel)?;
            Ok(image)
        }
        Denoiser::Oidn { oidn, hdr } => {
            let auxiliary = Auxiliary::of(denoise.kind, || means(Plane::Albedo), || means(Plane::Normal))?;
            oidn::denoise(oidn::Job { oidn, hdr: *hdr, size, complete, cancel }, denoise, image, auxiliary)
        }
        Denoiser::Optix => Err(Error::device("OptiX's denoiser works on an OptiX device only")),
    };
    let developed = finish(table, &chain.passes, linear, film.width, cancel, denoised)?;
    frame.rgba8 = developed.rgba8;
    if what.linear {
        frame.linear = developed.linear;
    }
    Ok(frame)
}

/// A developed image, in its two forms.
pub struct Developed {
    /// Linear RGB, interleaved: before the first pass over single pixels.
    pub linear: Vec<f32>,
    pub rgba8: Vec<u8>,
}

/// Carries out the passes of a chain, in parallel on the current rayon pool: from means, RGB interleaved, to the image
/// that is shown. `denoise` carries out a denoiser's pass.
pub fn finish(
    table: &DevelopTable,
    passes: &[Pass],
    mut image: Vec<f32>,
    width: u32,
    cancel: &CancelToken,
    denoise: impl Fn(&Denoise, Vec<f32>) -> Result<Vec<f32>>,
) -> Result<Developed> {
    let mut linear = None;
    // Stages at the end are applied to a copy of each row, on its way to 8 bits.
    let (passes, last) = match passes {
        [passes @ .., Pass::Pixels(last)] => (passes, &last[..]),
        passes => (passes, &[][..]),
    };
    let row = 3 * width as usize;
    for pass in passes {
        match pass {
            Pass::Denoise(pass) => image = denoise(pass, image)?,
            Pass::Pixels(stages) => {
                linear.get_or_insert_with(|| image.clone());
                image.par_chunks_mut(row).enumerate().try_for_each(|(y, pixels)| {
                    cancel.check()?;
                    apply(table, stages, pixels, y);
                    Ok(())
                })?;
            }
        }
    }
    let mut rgba8 = vec![0; image.len() / 3 * 4];
    let rows = rgba8.par_chunks_mut(4 * width as usize).zip(image.par_chunks(row)).enumerate();
    rows.try_for_each_init(Vec::new, |shown, (y, (rgba8, pixels))| {
        cancel.check()?;
        shown.clear();
        shown.extend_from_slice(pixels);
        apply(table, last, shown, y);
        // SAFETY: both rows hold `width` pixels, with 3 floats and with 4 bytes each.
        unsafe { (table.quantise)(shown.as_ptr(), rgba8.as_mut_ptr(), width) };
        Ok(())
    })?;
    Ok(Developed { linear: linear.unwrap_or(image), rgba8 })
}

/// Applies stages to row `y`, three floats a pixel.
fn apply(table: &DevelopTable, stages: &[StageData], pixels: &mut [f32], y: usize) {
    // SAFETY: the arrays are as long as is stated.
    unsafe {
        (table.stages)(stages.as_ptr(), stages.len() as u32, pixels.as_mut_ptr(), (pixels.len() / 3) as u32, y as u32)
    }
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
