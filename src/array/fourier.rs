//! Fourier transforms. There are no complex arrays: real and imaginary parts are two.

use super::lanes::lanes;
use super::node::NdArray;
use crate::{Error, Result};
use rustfft::FftPlannerScalar;
use rustfft::num_complex::Complex64;
use std::sync::Arc;

/// Transform along the last axis; `back` from frequencies.
///
/// The portable planner is used: those with vector instructions round differently from machine to machine.
pub fn fft(real: &NdArray, imaginary: Option<&NdArray>, back: bool) -> Result<(NdArray, NdArray)> {
    let shape = real.shape();
    if let Some(imaginary) = imaginary
        && imaginary.shape() != shape
    {
        return Err(Error::script(format!("real parts of shape {shape} and imaginary ones of {}", imaginary.shape())));
    }
    let axis = shape.axis(-1)?;
    let count = shape.dims()[axis];
    if count == 0 {
        return Err(Error::script("`fft` of an array without elements"));
    }
    let mut planner = FftPlannerScalar::<f64>::new();
    let plan: Arc<dyn rustfft::Fft<f64>> =
        if back { planner.plan_fft_inverse(count) } else { planner.plan_fft_forward(count) };
    // Both parts side by side are one lane.
    let zero;
    let imaginary = match imaginary {
        Some(imaginary) => imaginary,
        None => {
            zero = super::make::full(shape, super::Scalar::F64(0.0))?;
            &zero
        }
    };
    let both = super::index::concatenate(&[real.clone(), imaginary.clone()], axis as i64)?;
    let scale = if back { 1.0 / count as f64 } else { 1.0 };
    let result = lanes::<f64, f64>(&both, axis, 2 * count, |from, to| {
        let (re, im) = from.split_at(count);
        let mut buffer: Vec<Complex64> = re.iter().zip(im).map(|(&re, &im)| Complex64::new(re, im)).collect();
        plan.process(&mut buffer);
        let (re, im) = to.split_at_mut(count);
        for ((x, re), im) in buffer.iter().zip(re).zip(im) {
            (*re, *im) = (x.re * scale, x.im * scale);
        }
    })?;
    let part = |start: usize| {
        let mut wanted = vec![super::index::Index::ALL; axis];
        wanted.push(super::index::Index::Span {
            start: Some(start as i64),
            stop: Some((start + count) as i64),
            step: 1,
        });
        super::index::get(&result, &wanted)
    };
    Ok((part(0)?, part(count)?))
}

/// The frequencies that belong to a transform of `count` samples `spacing` apart.
pub fn frequencies(count: usize, spacing: f64) -> Result<NdArray> {
    let positive = count.div_ceil(2);
    super::random::filled(super::Shape::line(count), |i| {
        let k = if i < positive { i as f64 } else { i as f64 - count as f64 };
        k / (count as f64 * spacing)
    })
}
