//! Fourier transforms. There are no complex arrays: real and imaginary parts are two arrays.

use super::lanes::lanes;
use super::node::NdArray;
use super::space::{Scope, Watch};
use crate::{Error, Result};
use rayon::prelude::*;
use rustfft::algorithm::{BluesteinsAlgorithm, MixedRadix};
use rustfft::num_complex::Complex64;
use rustfft::{Direction, Fft, FftDirection, FftPlannerScalar, Length};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// From this many samples on, a transform is divided into short transforms, between which it can stop.
const LONG: usize = 1 << 17;

/// Many transforms of one length, on all threads, until they have to stop: the rest is then left as it is.
struct Polled {
    each: Arc<dyn Fft<f64>>,
    watch: Watch,
    stopped: Arc<AtomicBool>,
}

impl Polled {
    fn stops(&self) -> bool {
        if self.watch.stops() {
            self.stopped.store(true, Relaxed);
        }
        self.stopped.load(Relaxed)
    }

    fn scratch(length: usize) -> Vec<Complex64> {
        vec![Complex64::default(); length]
    }
}

impl Length for Polled {
    fn len(&self) -> usize {
        self.each.len()
    }
}

impl Direction for Polled {
    fn fft_direction(&self) -> FftDirection {
        self.each.fft_direction()
    }
}

/// Scratch memory of this thread, so that none is allocated per transform.
impl Fft<f64> for Polled {
    fn process_with_scratch(&self, buffer: &mut [Complex64], _: &mut [Complex64]) {
        let scratch = || Self::scratch(self.each.get_inplace_scratch_len());
        buffer.par_chunks_exact_mut(self.len()).for_each_init(scratch, |scratch, samples| {
            if !self.stops() {
                self.each.process_with_scratch(samples, scratch);
            }
        });
    }

    fn process_outofplace_with_scratch(&self, from: &mut [Complex64], to: &mut [Complex64], _: &mut [Complex64]) {
        let scratch = || Self::scratch(self.each.get_outofplace_scratch_len());
        let pairs = from.par_chunks_exact_mut(self.len()).zip(to.par_chunks_exact_mut(self.len()));
        pairs.for_each_init(scratch, |scratch, (from, to)| {
            if !self.stops() {
                self.each.process_outofplace_with_scratch(from, to, scratch);
            }
        });
    }

    fn process_immutable_with_scratch(&self, from: &[Complex64], to: &mut [Complex64], _: &mut [Complex64]) {
        let scratch = || Self::scratch(self.each.get_immutable_scratch_len());
        let pairs = from.par_chunks_exact(self.len()).zip(to.par_chunks_exact_mut(self.len()));
        pairs.for_each_init(scratch, |scratch, (from, to)| {
            if !self.stops() {
                self.each.process_immutable_with_scratch(from, to, scratch);
            }
        });
    }

    fn get_inplace_scratch_len(&self) -> usize {
        0
    }

    fn get_outofplace_scratch_len(&self) -> usize {
        0
    }

    fn get_immutable_scratch_len(&self) -> usize {
        0
    }
}

/// The plan for transforming `count` samples.
fn plan(count: usize, direction: FftDirection, watch: &Watch, stopped: &Arc<AtomicBool>) -> Arc<dyn Fft<f64>> {
    if count < LONG {
        return FftPlannerScalar::new().plan_fft(count, direction);
    }
    let polled = |count: usize| -> Arc<dyn Fft<f64>> {
        let each = plan(count, direction, watch, stopped);
        Arc::new(Polled { each, watch: watch.clone(), stopped: stopped.clone() })
    };
    let width = (1..=count.isqrt()).rev().find(|width| count.is_multiple_of(*width)).unwrap_or(1);
    // A length with a large prime factor becomes a convolution.
    match count / width < LONG {
        true => Arc::new(MixedRadix::new(polled(width), polled(count / width))),
        false => Arc::new(BluesteinsAlgorithm::new(count, polled((2 * count).next_power_of_two()))),
    }
}

/// Transforms along the last axis; `back` means from frequencies.
///
/// Uses the portable planner: those with vector instructions round differently from machine to machine.
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
    let direction = if back { FftDirection::Inverse } else { FftDirection::Forward };
    let Scope { watch, .. } = Scope::current();
    let stopped = Arc::new(AtomicBool::new(false));
    let plan = plan(count, direction, &watch, &stopped);
    // Both parts side by side form one lane.
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
    if stopped.load(Relaxed) {
        watch.check()?;
        // A cancellation that was withdrawn in the meantime counts all the same.
        return Err(Error::interrupted());
    }
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
    super::random::filled(super::ArrayShape::line(count), |i| {
        let k = if i < positive { i as f64 } else { i as f64 - count as f64 };
        k / (count as f64 * spacing)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{ArrayShape, Space, random};
    use super::*;
    use crate::cancel::CancelToken;

    fn samples(count: usize, seed: u64) -> NdArray {
        random::normal(ArrayShape::line(count), 0.0, 1.0, seed).unwrap()
    }

    /// Powers of two, products of two large numbers, a large prime factor, a prime.
    const LENGTHS: [usize; 5] = [1 << 17, 400 * 500, 3 * (1 << 17), 2 * 65_539, 131_101];

    #[test]
    fn long_transforms_are_those_of_the_library() {
        for count in LENGTHS {
            let (re, im) = (samples(count, 1), samples(count, 2));
            let (re_found, im_found) = fft(&re, Some(&im), false).unwrap();
            let (real, imaginary) = (re.to_vec::<f64>().unwrap(), im.to_vec::<f64>().unwrap());
            let mut wanted: Vec<Complex64> =
                real.iter().zip(&imaginary).map(|(&re, &im)| Complex64::new(re, im)).collect();
            FftPlannerScalar::new().plan_fft_forward(count).process(&mut wanted);
            let found = re_found.to_vec::<f64>().unwrap().into_iter().zip(im_found.to_vec::<f64>().unwrap());
            let far = found.zip(&wanted).map(|((re, im), z)| (Complex64::new(re, im) - z).norm()).fold(0.0, f64::max);
            // The factors are about as large as the square root of the length.
            assert!(far < 1e-12 * (count as f64).sqrt() * 30.0, "{count}: {far}");
            let (back, _) = fft(&re_found, Some(&im_found), true).unwrap();
            let far = back.to_vec::<f64>().unwrap().iter().zip(&real).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(far < 1e-12, "{count}, there and back: {far}");
        }
    }

    #[test]
    fn long_transforms_stop() {
        let re = samples(LENGTHS[0], 1);
        let cancel = CancelToken::new();
        cancel.cancel();
        let stopped = Arc::new(AtomicBool::new(false));
        let watch = Watch { cancel, deadline: None };
        let mut buffer = vec![Complex64::new(1.0, 0.0); LENGTHS[1]];
        plan(LENGTHS[1], FftDirection::Forward, &watch, &stopped).process(&mut buffer);
        assert!(stopped.load(Relaxed));
        let space = Arc::new(Space::new(usize::MAX, 2));
        let _scope = Scope { space, watch, seed: 0, tells_costs: false }.enter();
        assert!(fft(&re, None, false).is_err());
    }
}
