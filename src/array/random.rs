//! Random numbers: a function of a seed and the position of the element, so that they are the same on every machine and
//! with every number of threads.

use super::math;
use super::node::NdArray;
use super::shape::ArrayShape;
use super::space::{Scope, room};
use super::values::Element;
use crate::random::{STEP, mix};
use crate::{Error, Result};
use rayon::prelude::*;

/// SplitMix64 at any position of its sequence, which begins with that of `seed` before its first step.
#[inline(always)]
fn bits(seed: u64, place: usize) -> u64 {
    mix(seed.wrapping_add((place as u64).wrapping_sub(1).wrapping_mul(STEP)))
}

/// 53 bits as a number in [0, 1).
#[inline(always)]
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// The seed of the next array of random numbers: derived from run, callback and round, or given.
pub fn seed(given: Option<u64>) -> u64 {
    given.map_or_else(Scope::next_seed, |seed| mix(mix(seed)))
}

/// An array of the results of `f` for each position, on all threads.
pub(super) fn filled<T: Element>(shape: ArrayShape, f: impl Fn(usize) -> T + Sync) -> Result<NdArray> {
    NdArray::from_vec(shape, vector(shape.size(), f)?)
}

pub(super) fn vector<T: Element>(size: usize, f: impl Fn(usize) -> T + Sync) -> Result<Vec<T>> {
    const PART: usize = 1 << 14;
    let mut vec = room::<T>(size)?;
    let Scope { space, watch, .. } = Scope::current();
    let spare = &mut vec.spare_capacity_mut()[..size];
    let fill = |(part, to): (usize, &mut [std::mem::MaybeUninit<T>])| {
        watch.check()?;
        for (i, to) in to.iter_mut().enumerate() {
            to.write(f(part * PART + i));
        }
        Ok(())
    };
    if size <= PART {
        spare.chunks_mut(PART).enumerate().try_for_each(fill)?;
    } else {
        space.install(|| spare.par_chunks_mut(PART).enumerate().try_for_each(fill))?;
    }
    // SAFETY: all of the first `size` elements have been written.
    unsafe { vec.set_len(size) };
    Ok(vec)
}

/// Uniformly distributed in [`low`, `high`).
pub fn uniform(shape: ArrayShape, low: f64, high: f64, seed: u64) -> Result<NdArray> {
    filled(shape, |i| low + (high - low) * unit(bits(seed, i)))
}

/// Normally distributed, by the method of Box and Muller (1958).
pub fn normal(shape: ArrayShape, mean: f64, deviation: f64, seed: u64) -> Result<NdArray> {
    filled(shape, |i| {
        // Two uniform numbers give two normal ones; neighbours share them.
        let (a, b) = (bits(seed, i & !1), bits(seed, i | 1));
        let radius = (-2.0 * math::ln(1.0 - unit(a))).sqrt();
        let angle = std::f64::consts::TAU * unit(b);
        mean + deviation * radius * if i & 1 == 0 { math::cos(angle) } else { math::sin(angle) }
    })
}

/// Integers in [`low`, `high`).
pub fn integers(shape: ArrayShape, low: i64, high: i64, seed: u64) -> Result<NdArray> {
    if low >= high {
        return Err(Error::script(format!("there are no integers from {low} up to {high}"))
            .hint("`low` is the least, `high` is above the greatest"));
    }
    let span = high.wrapping_sub(low) as u64;
    filled(shape, |i| {
        // Lemire's multiplication (2019); without its rejection the bias is below span / 2^64.
        let scaled = (u128::from(bits(seed, i)) * u128::from(span)) >> 64;
        low.wrapping_add(scaled as u64 as i64)
    })
}

/// The numbers from 0 to `count - 1` in random order.
pub fn permutation(count: usize, seed: u64) -> Result<NdArray> {
    let mut order = vector(count, |i| i as i64)?;
    for i in (1..count).rev() {
        let scaled = (u128::from(bits(seed, i)) * (i as u128 + 1)) >> 64;
        order.swap(i, scaled as usize);
    }
    NdArray::from_vec(ArrayShape::line(count), order)
}
