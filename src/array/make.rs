//! New arrays: constant, evenly spaced, grids.

use super::node::NdArray;
use super::random::filled;
use super::shape::ArrayShape;
use super::values::{Dtype, Element, Scalar, for_dtype};
use crate::{Error, Result};

/// An array of equal elements.
pub fn full(shape: ArrayShape, value: Scalar) -> Result<NdArray> {
    full_as(shape, value, value.dtype())
}

/// An array of equal elements of a type.
pub fn full_as(shape: ArrayShape, value: Scalar, dtype: Dtype) -> Result<NdArray> {
    for_dtype!(dtype, T => {
        let value = T::from_scalar(value);
        filled::<T>(shape, |_| value)
    })
}

/// From `start` up to, but not including, `stop`. Integers if all three are.
pub fn arange(start: Scalar, stop: Scalar, step: Scalar) -> Result<NdArray> {
    if let (Scalar::I64(start), Scalar::I64(stop), Scalar::I64(step)) = (start, stop, step) {
        let count = match step {
            0 => return Err(no_step()),
            1.. => (i128::from(stop) - i128::from(start) + i128::from(step) - 1) / i128::from(step),
            _ => (i128::from(start) - i128::from(stop) - i128::from(step) - 1) / -i128::from(step),
        };
        let count = length(count.max(0) as f64)?;
        return filled(ArrayShape::line(count), |i| start.wrapping_add(step.wrapping_mul(i as i64)));
    }
    let (start, stop, step) = (start.float(), stop.float(), step.float());
    if step == 0.0 {
        return Err(no_step());
    }
    let count = length(((stop - start) / step).ceil().max(0.0))?;
    // The difference of the first two elements, as NumPy does.
    let step = (start + step) - start;
    filled(ArrayShape::line(count), |i| start + i as f64 * step)
}

fn no_step() -> Error {
    Error::script("`arange` with a step of 0 never ends")
}

fn length(count: f64) -> Result<usize> {
    if count.is_nan() || count > isize::MAX as f64 / 16.0 {
        return Err(Error::limit(format!("an array of {count} elements is larger than any memory")));
    }
    Ok(count as usize)
}

/// `count` numbers from `start` to `stop`, which is the last of them if `endpoint`, otherwise the one after.
pub fn linspace(start: f64, stop: f64, count: usize, endpoint: bool) -> Result<NdArray> {
    let parts = if endpoint { count.saturating_sub(1) } else { count };
    let step = (stop - start) / parts.max(1) as f64;
    filled(
        ArrayShape::line(count),
        |i| if endpoint && i > 0 && i + 1 == count { stop } else { start + i as f64 * step },
    )
}

/// Ones on a diagonal of `rows` × `columns`, `k` places to the right of the main one.
pub fn eye(rows: usize, columns: usize, k: i64) -> Result<NdArray> {
    let shape = ArrayShape::new(&[rows, columns])?;
    filled(shape, |i| f64::from(u8::from((i % columns) as i64 - (i / columns) as i64 == k)))
}

/// The coordinates of a grid, one array for each axis, all of the grid's shape: NumPy's `indexing="ij"`, or its
/// default, in which the first two axes are exchanged (`xy`).
pub fn meshgrid(axes: &[NdArray], xy: bool) -> Result<Vec<NdArray>> {
    let mut dims: Vec<usize> = axes.iter().map(NdArray::size).collect();
    let swap = xy && dims.len() >= 2;
    if swap {
        dims.swap(0, 1);
    }
    let shape = ArrayShape::new(&dims)?;
    let spread = |(i, axis): (usize, &NdArray)| {
        let place = match i {
            0 if swap => 1,
            1 if swap => 0,
            i => i,
        };
        let inner: usize = dims[place + 1..].iter().product();
        let length = dims[place];
        for_dtype!(axis.dtype(), T => {
            axis.with::<T, _>(|values| filled::<T>(shape, |i| values[i / inner % length]))?
        })
    };
    axes.iter().enumerate().map(spread).collect()
}
