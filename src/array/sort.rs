//! Sorting, cumulative sums, differences and shifts.

use super::index::{self, Index};
use super::keyed::{Keyed, sort_into};
use super::lanes::lanes;
use super::node::NdArray;
use super::ops::Binary;
use super::random::vector;
use super::shape::{ArrayShape, MAX_AXES};
use super::space::{check_room, room};
use super::values::{Dtype, for_dtype};
use crate::radix::Placed;
use crate::{Error, Result};
use std::cmp::Ordering;

/// Elements from which one lane is sorted by all threads.
const MANY: usize = 1 << 15;

/// Ascending, NaN last.
fn order<T: PartialOrd>(a: &T, b: &T) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| a.partial_cmp(a).is_none().cmp(&b.partial_cmp(b).is_none()))
}

/// Sorted along an axis.
pub fn sort(array: &NdArray, axis: i64) -> Result<NdArray> {
    let axis = array.shape().axis(axis)?;
    let count = array.shape().dims()[axis];
    if array.size() == count && count >= MANY {
        return for_dtype!(array.dtype(), T => {
            let mut sorted = room::<T>(count)?;
            array.with::<T, _>(|values| sort_into(&mut sorted, count, |i| values[i].plain()))??;
            NdArray::from_vec(array.shape(), sorted)
        });
    }
    for_dtype!(array.dtype(), T => lanes::<T, T>(array, axis, count, |from, to| {
        to.copy_from_slice(from);
        to.sort_unstable_by(order);
    }))
}

/// The indices of the elements in sorted order along an axis; equal ones keep their order.
pub fn argsort(array: &NdArray, axis: i64) -> Result<NdArray> {
    let axis = array.shape().axis(axis)?;
    let count = array.shape().dims()[axis];
    if array.size() == count && count >= MANY && u32::try_from(count).is_ok() {
        check_room(count.saturating_mul(size_of::<Placed>()))?;
        let mut sorted = Vec::new();
        for_dtype!(array.dtype(), T => array.with::<T, _>(|values| {
            let item = |i: usize| Placed { key: values[i].plain().unsigned_zero().to_key(), place: i as u32 };
            sort_into(&mut sorted, count, item)
        }))??;
        return NdArray::from_vec(array.shape(), vector(count, |i| i64::from(sorted[i].place))?);
    }
    for_dtype!(array.dtype(), T => lanes::<T, i64>(array, axis, count, |from, to| {
        for (i, to) in to.iter_mut().enumerate() {
            *to = i as i64;
        }
        to.sort_by(|&a, &b| order(&from[a as usize], &from[b as usize]));
    }))
}

/// The distinct elements in order, and their counts.
pub fn unique(array: &NdArray) -> Result<(NdArray, NdArray)> {
    let sorted = sort(&array.reshaped(ArrayShape::line(array.size()))?, 0)?;
    for_dtype!(array.dtype(), T => {
        let (mut values, mut counts) = (Vec::<T>::new(), Vec::<i64>::new());
        sorted.with::<T, _>(|sorted| {
            for &x in sorted {
                match (values.last(), counts.last_mut()) {
                    (Some(last), Some(count)) if order(last, &x).is_eq() => *count += 1,
                    _ => {
                        values.push(x);
                        counts.push(1);
                    }
                }
            }
        })?;
        let shape = ArrayShape::line(values.len());
        Ok((NdArray::from_vec(shape, values)?, NdArray::from_vec(shape, counts)?))
    })
}

/// The array and an axis: the given one, or that of all elements flattened.
fn flat_or(array: &NdArray, axis: Option<i64>) -> Result<(NdArray, usize)> {
    match axis {
        Some(axis) => Ok((array.clone(), array.shape().axis(axis)?)),
        None => Ok((array.reshaped(ArrayShape::line(array.size()))?, 0)),
    }
}

/// Running sums (or products).
pub fn cumulate(array: &NdArray, axis: Option<i64>, product: bool) -> Result<NdArray> {
    let (array, axis) = flat_or(array, axis)?;
    let count = array.shape().dims()[axis];
    if array.dtype().is_float() {
        let running = lanes::<f64, f64>(&array, axis, count, |from, to| {
            let mut total = if product { 1.0 } else { 0.0 };
            for (to, x) in to.iter_mut().zip(from) {
                total = if product { total * x } else { total + x };
                *to = total;
            }
        })?;
        return running.cast(array.dtype());
    }
    lanes::<i64, i64>(&array, axis, count, |from, to| {
        let mut total = i64::from(product);
        for (to, &x) in to.iter_mut().zip(from) {
            total = if product { total.wrapping_mul(x) } else { total.wrapping_add(x) };
            *to = total;
        }
    })
}

fn span(axis: usize, start: Option<i64>, stop: Option<i64>, step: i64) -> Vec<Index> {
    let mut indices = vec![Index::ALL; axis];
    indices.push(Index::Span { start, stop, step });
    indices
}

/// Differences of neighbours, applied `times` times.
pub fn diff(array: &NdArray, times: usize, axis: i64) -> Result<NdArray> {
    let axis = array.shape().axis(axis)?;
    let mut array = array.clone();
    for _ in 0..times {
        let later = index::get(&array, &span(axis, Some(1), None, 1))?;
        let earlier = index::get(&array, &span(axis, None, Some(-1), 1))?;
        let op = if array.dtype() == Dtype::Bool { Binary::Xor } else { Binary::Sub };
        array = NdArray::binary(op, later.into(), earlier.into())?;
    }
    Ok(array)
}

/// Shifted cyclically along an axis.
pub fn roll(array: &NdArray, shift: i64, axis: Option<i64>) -> Result<NdArray> {
    let (line, at) = flat_or(array, axis)?;
    let count = line.shape().dims()[at] as i64;
    let shift = if count == 0 { 0 } else { shift.rem_euclid(count) };
    if shift == 0 {
        return Ok(array.clone());
    }
    let tail = index::get(&line, &span(at, Some(count - shift), None, 1))?;
    let head = index::get(&line, &span(at, None, Some(count - shift), 1))?;
    index::concatenate(&[tail, head], at as i64)?.reshaped(array.shape())
}

/// In reverse order along an axis, or along all.
pub fn flip(array: &NdArray, axis: Option<i64>) -> Result<NdArray> {
    let backwards = Index::Span { start: None, stop: None, step: -1 };
    match axis {
        Some(axis) => index::get(array, &span(array.shape().axis(axis)?, None, None, -1)),
        None => index::get(array, &vec![backwards; array.shape().axes()]),
    }
}

/// Repeats each element.
pub fn repeat(array: &NdArray, times: &[i64], axis: Option<i64>) -> Result<NdArray> {
    let (array, axis) = flat_or(array, axis)?;
    let count = array.shape().dims()[axis];
    if times.iter().any(|&n| n < 0) || times.len() != 1 && times.len() != count {
        return Err(Error::script(format!("`repeat` of {count} elements by {} numbers", times.len()))
            .hint("how often is one number for all, or one for each, and at least 0"));
    }
    let often = |i: usize| times[if times.len() == 1 { 0 } else { i }] as usize;
    let total = (0..count).try_fold(0usize, |sum, i| sum.checked_add(often(i))).unwrap_or(usize::MAX);
    // Refuses a shape that is too large for any memory.
    ArrayShape::new(array.shape().with(axis, total).dims())?;
    let mut places = super::space::room::<i64>(total)?;
    (0..count).for_each(|i| places.extend(std::iter::repeat_n(i as i64, often(i))));
    let places: Vec<usize> = places.into_iter().map(|i| i as usize).collect();
    index::take(&array, axis, &places, &ArrayShape::line(total))
}

/// Repeats the whole array along each axis.
pub fn tile(array: &NdArray, times: &[usize]) -> Result<NdArray> {
    let axes = array.shape().axes().max(times.len());
    if 2 * axes > MAX_AXES {
        return Err(Error::script(format!("`tile` of {axes} axes, it works on at most {}", MAX_AXES / 2)));
    }
    let pad = |dims: &[usize]| [vec![1; axes - dims.len()], dims.to_vec()].concat();
    let (dims, times) = (pad(array.shape().dims()), pad(times));
    let narrow: Vec<usize> = dims.iter().flat_map(|&n| [1, n]).collect();
    let wide: Vec<usize> = dims.iter().zip(&times).flat_map(|(&n, &r)| [r, n]).collect();
    let result: Vec<usize> = dims.iter().zip(&times).map(|(&n, &r)| n.saturating_mul(r)).collect();
    let result = ArrayShape::new(&result)?;
    index::broadcast(&array.reshaped(ArrayShape::new(&narrow)?)?, &ArrayShape::new(&wide)?)?.reshaped(result)
}
