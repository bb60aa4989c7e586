//! Indexing: parts of arrays are read as views where NumPy does so, and assigned to.

use super::node::{NdArray, Operand, View};
use super::random::vector;
use super::shape::{ArrayShape, no_broadcast};
use super::space::Scope;
use super::values::{Dtype, Element, Values, for_dtype};
use crate::{Error, Result};

/// Elements that are copied between two polls of the stop signal.
const PORTION: usize = 1 << 18;

/// The index of one axis.
#[derive(Clone)]
pub enum Index {
    /// One element: removes the axis. Negative indices count from the end.
    At(i64),
    /// Every `step`-th from `start` up to, but not including, `stop`; clipped to the axis; negative counts from the
    /// end.
    Span { start: Option<i64>, stop: Option<i64>, step: i64 },
    /// The elements that are true (of a bool array), or those at these positions (of an integer array).
    Array(NdArray),
}

impl Index {
    /// The whole axis.
    pub const ALL: Index = Index::Span { start: None, stop: None, step: 1 };
}

/// First position, number of positions and step of a span on an axis.
fn resolve(start: Option<i64>, stop: Option<i64>, step: i64, length: usize) -> Result<(i64, usize)> {
    if step == 0 {
        return Err(Error::script("a slice with a step of 0 never ends"));
    }
    let length = length as i64;
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let place = |i: i64| if i < 0 { i.saturating_add(length) } else { i }.clamp(low, high);
    let start = start.map_or(if step > 0 { low } else { high }, place);
    let stop = stop.map_or(if step > 0 { high } else { low }, place);
    let count = if step > 0 {
        (stop - start).max(0).unsigned_abs().div_ceil(step.unsigned_abs())
    } else {
        (start - stop).max(0).unsigned_abs().div_ceil(step.unsigned_abs())
    };
    Ok((start, count as usize))
}

/// The position of an index that may count from the end.
pub fn place(index: i64, length: usize, axis: usize) -> Result<usize> {
    let at = if index < 0 { index.saturating_add(length as i64) } else { index };
    if (0..length as i64).contains(&at) {
        return Ok(at as usize);
    }
    let error = Error::script(format!("index {index} is outside of axis {axis}, which has {length} elements"));
    Err(match length {
        0 => error,
        _ => error.hint(format!("indices go from 0 to {}; -1 is the last", length - 1)),
    })
}

/// A resolved list of indices: a view with the axes of the plain ones resolved, and at most one array of positions.
struct Selection {
    shape: ArrayShape,
    view: View,
    /// Axis of the view, and the positions along it with their shape.
    places: Option<(usize, Vec<usize>, ArrayShape)>,
}

fn select(array: &NdArray, indices: &[Index]) -> Result<Selection> {
    let mut shape = array.shape();
    let view = array.view()?;
    let mut strides = view.strides;
    let mut offset = view.offset as isize;
    let mut axis = 0;
    // Index of the axis before any has been removed.
    let mut number = 0;
    let mut places: Option<(usize, Vec<usize>, ArrayShape)> = None;
    for index in indices {
        let wanted = match index {
            Index::Array(mask) if mask.dtype() == Dtype::Bool => mask.shape().axes().max(1),
            _ => 1,
        };
        if axis + wanted > shape.axes() {
            let error = Error::script(format!("{} indices for an array of shape {}", indices.len(), array.shape()));
            return Err(error.hint("at most one index for each axis"));
        }
        let length = shape.dims()[axis];
        match index {
            Index::At(i) => {
                offset += place(*i, length, number)? as isize * strides[axis];
                shape = shape.without(axis);
                strides.copy_within(axis + 1.., axis);
            }
            Index::Span { start, stop, step } => {
                let (first, count) = resolve(*start, *stop, *step, length)?;
                offset += if count == 0 { 0 } else { first as isize * strides[axis] };
                strides[axis] = strides[axis].wrapping_mul(*step as isize);
                shape = shape.with(axis, count);
                axis += 1;
            }
            Index::Array(list) => {
                if places.is_some() {
                    return Err(Error::script("two arrays as indices in one place")
                        .hint("select along one axis first, then along the other: `a.at(rows, ()).at((), columns)`"));
                }
                if list.dtype() == Dtype::Bool {
                    let covered = &shape.dims()[axis..axis + wanted];
                    if covered != list.shape().dims() {
                        return Err(Error::script(format!(
                            "a mask of shape {} on an array of shape {}",
                            list.shape(),
                            array.shape()
                        ))
                        .hint("a mask has the shape of what it selects from"));
                    }
                    let places_of = list.with::<bool, _>(|mask| {
                        mask.iter().enumerate().filter(|(_, x)| **x).map(|(i, _)| i).collect::<Vec<_>>()
                    })?;
                    if wanted > 1 {
                        // The axes of the mask become one, in a copy if necessary.
                        let whole = NdArray::of_view(
                            shape,
                            array.dtype(),
                            View { buffer: view.buffer.clone(), offset: offset as usize, strides },
                        );
                        let mut dims = shape.dims().to_vec();
                        dims.splice(axis..axis + wanted, [covered.iter().product()]);
                        let merged = whole.reshaped(ArrayShape::new(&dims)?)?;
                        let inner = merged.view()?.clone();
                        let count = ArrayShape::line(places_of.len());
                        if indices.len() > 1 {
                            return Err(Error::script("a mask over several axes is the only index"));
                        }
                        return Ok(Selection {
                            shape: merged.shape(),
                            view: inner,
                            places: Some((axis, places_of, count)),
                        });
                    }
                    let count = ArrayShape::line(places_of.len());
                    places = Some((axis, places_of, count));
                } else if list.dtype() == Dtype::I64 || list.size() == 0 {
                    let found = list.with::<i64, _>(|v| {
                        v.iter().map(|&i| place(i, length, number)).collect::<Result<Vec<_>>>()
                    })??;
                    places = Some((axis, found, list.shape()));
                } else {
                    return Err(Error::script(format!("an array of {} as index", list.dtype().name()))
                        .hint("indices are arrays of int64 or bool: `i.astype(\"int64\")`"));
                }
                axis += 1;
            }
        }
        number += wanted;
    }
    let view = View { buffer: view.buffer.clone(), offset: offset as usize, strides };
    Ok(Selection { shape, view, places })
}

/// The selected elements: a view without a copy where no index is an array.
pub fn get(array: &NdArray, indices: &[Index]) -> Result<NdArray> {
    if let [Index::Array(mask)] = indices
        && mask.dtype() == Dtype::Bool
        && mask.shape() == array.shape()
    {
        return compress(array, mask);
    }
    let Selection { shape, view, places } = select(array, indices)?;
    let part = NdArray::of_view(shape, array.dtype(), view);
    match places {
        None => Ok(part),
        Some((axis, places, list)) => take(&part, axis, &places, &list),
    }
}

/// The elements where a mask of the array's shape is true.
fn compress(array: &NdArray, mask: &NdArray) -> Result<NdArray> {
    let watch = Scope::current().watch;
    for_dtype!(array.dtype(), T => {
        let chosen = mask.with::<bool, _>(|mask| {
            let count = mask.iter().filter(|x| **x).count();
            array.with::<T, _>(|values| {
                // One position more, which receives the elements that are not selected: this avoids an unpredictable
                // branch.
                let mut chosen = super::space::room::<T>(count + 1)?;
                chosen.resize(count + 1, T::default());
                let mut at = 0;
                for (values, mask) in values.chunks(PORTION).zip(mask.chunks(PORTION)) {
                    watch.check()?;
                    for (&x, &wanted) in values.iter().zip(mask) {
                        chosen[at] = x;
                        at += usize::from(wanted);
                    }
                }
                chosen.truncate(count);
                Ok(chosen)
            })
        })???;
        NdArray::from_vec(ArrayShape::line(chosen.len()), chosen)
    })
}

/// Elements at positions along an axis, which is replaced by the axes of the list.
pub fn take(array: &NdArray, axis: usize, places: &[usize], list: &ArrayShape) -> Result<NdArray> {
    let dims = array.shape();
    let (before, after) = (&dims.dims()[..axis], &dims.dims()[axis + 1..]);
    let shape = ArrayShape::new(&[before, list.dims(), after].concat())?;
    let (length, inner) = (dims.dims()[axis], after.iter().product::<usize>());
    for_dtype!(array.dtype(), T => {
        let taken = array.with::<T, _>(|values| match inner {
            1 => vector(shape.size(), |i| values[i / places.len() * length + places[i % places.len()]]),
            _ => vector(shape.size(), |i| {
                let (row, column) = (i / inner, i % inner);
                values[(row / places.len() * length + places[row % places.len()]) * inner + column]
            }),
        })??;
        NdArray::from_vec(shape, taken)
    })
}

/// Assigns to the selected elements, with broadcasting.
pub fn set(array: &mut NdArray, indices: &[Index], value: &Operand) -> Result<()> {
    let dtype = array.dtype();
    // A value that reads the array that changes is computed before.
    if let Operand::Array(value) = value {
        value.compute()?;
    }
    if array.computed().is_none() {
        array.compute()?;
    }
    let mut masked = None;
    let target = match indices {
        // A mask over all axes, applied to the elements in memory order.
        [Index::Array(mask)] if mask.dtype() == Dtype::Bool && mask.shape() == array.shape() => {
            if let Operand::Scalar(scalar) = value {
                let scalar = *scalar;
                return mask.with::<bool, _>(|mask| {
                    let values = array.values_mut()?;
                    for_dtype!(dtype, T => {
                        let new = T::from_scalar(scalar);
                        let values = T::of_mut(values).unwrap_or_default();
                        values.iter_mut().zip(mask).filter(|(_, m)| **m).for_each(|(x, _)| *x = new);
                    });
                    Ok(())
                })?;
            }
            let places = mask.with::<bool, _>(|mask| {
                mask.iter().enumerate().filter(|(_, x)| **x).map(|(i, _)| i).collect::<Vec<_>>()
            })?;
            masked = Some(places);
            ArrayShape::line(masked.as_ref().map_or(0, Vec::len))
        }
        _ => {
            let selection = select(array, indices)?;
            match &selection.places {
                None => selection.shape,
                Some((axis, _, list)) => {
                    let dims = selection.shape;
                    ArrayShape::new(&[&dims.dims()[..*axis], list.dims(), &dims.dims()[*axis + 1..]].concat())?
                }
            }
        }
    };
    let fits = value.shape().broadcast(&target) == Some(target)
        // NumPy ignores leading axes of length 1.
        || value.shape().size() == target.size() && value.shape().axes() > target.axes()
        // A single element may be assigned to an empty selection.
        || target.size() == 0 && value.shape().size() == 1;
    if target.size() == 0 && fits {
        return Ok(());
    }
    if !fits {
        let mut error = no_broadcast(&value.shape(), &target);
        error.message = format!("values of shape {} don't fit into a part of shape {target}", value.shape());
        return Err(error);
    }
    // The values to store, in order: one, or one for each position.
    let new = match value {
        Operand::Scalar(scalar) => for_dtype!(dtype, T => T::wrap(vec![T::from_scalar(*scalar)])),
        Operand::Array(new) => super::eval::values(&broadcast(new, &target)?, dtype)?,
    };
    if let Some(places) = masked {
        let values = array.values_mut()?;
        for_dtype!(dtype, T => {
            let (values, new) = (T::of_mut(values).unwrap_or_default(), T::of(&new).unwrap_or_default());
            places.iter().zip(new).for_each(|(&place, &x)| values[place] = x);
        });
        return Ok(());
    }
    // Makes the elements exclusive to this array first: the positions refer to the array that is written to.
    array.values_mut()?;
    let Selection { shape, view, places } = select(array, indices)?;
    let (offset, strides) = (view.offset as isize, view.strides);
    // A second handle on the buffer would cause a copy.
    drop(view);
    let loops = shape;
    let values = array.values_mut()?;
    for_dtype!(dtype, T => {
        let (values, new) = (T::of_mut(values).unwrap_or_default(), T::of(&new).unwrap_or_default());
        let mut new = if new.len() == 1 { NewValues::One(new[0]) } else { NewValues::Each(new.iter()) };
        match &places {
            None => walk(loops.dims(), &strides, offset, &mut |place| values[place as usize] = new.next()),
            Some((axis, places, _)) => {
                let (before, after) = (&loops.dims()[..*axis], &loops.dims()[axis + 1..]);
                walk(before, &strides, offset, &mut |base| {
                    for &i in places {
                        let at = base + i as isize * strides[*axis];
                        walk(after, &strides[axis + 1..], at, &mut |place| values[place as usize] = new.next());
                    }
                });
            }
        }
    });
    Ok(())
}

/// Values to store: the same one repeatedly, or one after the other.
enum NewValues<'a, T> {
    One(T),
    Each(std::slice::Iter<'a, T>),
}

impl<T: Element> NewValues<'_, T> {
    fn next(&mut self) -> T {
        match self {
            NewValues::One(x) => *x,
            NewValues::Each(values) => values.next().copied().unwrap_or_default(),
        }
    }
}

/// Runs `f` on the position of each element, the last axis fastest.
fn walk(dims: &[usize], strides: &[isize], offset: isize, f: &mut dyn FnMut(isize)) {
    match dims {
        [] => f(offset),
        [length] => (0..*length as isize).for_each(|i| f(offset + i * strides[0])),
        [length, rest @ ..] => {
            for i in 0..*length as isize {
                walk(rest, &strides[1..], offset + i * strides[0], f);
            }
        }
    }
}

/// The array broadcast to a shape.
pub fn broadcast(array: &NdArray, shape: &ArrayShape) -> Result<NdArray> {
    if array.shape() == *shape {
        return Ok(array.clone());
    }
    if array.size() == shape.size() {
        return array.reshaped(*shape);
    }
    if array.shape().broadcast(shape) != Some(*shape) {
        return Err(no_broadcast(&array.shape(), shape));
    }
    let view = array.view()?;
    let strides = array.shape().strides_in(&view.strides, shape);
    Ok(NdArray::of_view(*shape, array.dtype(), View { buffer: view.buffer.clone(), offset: view.offset, strides }))
}

/// The axes in another order, without a copy.
pub fn transpose(array: &NdArray, order: &[usize]) -> Result<NdArray> {
    let (shape, view) = (array.shape(), array.view()?);
    let dims: Vec<usize> = order.iter().map(|&axis| shape.dims()[axis]).collect();
    let mut strides = [0; super::shape::MAX_AXES];
    for (stride, &axis) in strides.iter_mut().zip(order) {
        *stride = view.strides[axis];
    }
    let view = View { buffer: view.buffer.clone(), offset: view.offset, strides };
    Ok(NdArray::of_view(ArrayShape::new(&dims)?, array.dtype(), view))
}

/// Concatenates arrays along an existing axis.
pub fn concatenate(arrays: &[NdArray], axis: i64) -> Result<NdArray> {
    let first = arrays.first().ok_or_else(|| Error::script("nothing to put together"))?;
    let axis = first.shape().axis(axis)?;
    let mut dtype = first.dtype();
    let mut length = 0;
    for (i, array) in arrays.iter().enumerate() {
        if array.shape().axes() != first.shape().axes()
            || array.shape().with(axis.min(array.shape().axes().saturating_sub(1)), 0) != first.shape().with(axis, 0)
        {
            return Err(Error::script(format!(
                "array {i} of shape {} does not continue one of shape {} along axis {axis}",
                array.shape(),
                first.shape()
            ))
            .hint("all other axes must have equal lengths"));
        }
        dtype = dtype.promote(array.dtype());
        length += array.shape().dims()[axis];
    }
    let shape = first.shape().with(axis, length);
    let shape = ArrayShape::new(shape.dims())?;
    let inner: usize = shape.dims()[axis + 1..].iter().product();
    let outer: usize = shape.dims()[..axis].iter().product();
    let watch = Scope::current().watch;
    for_dtype!(dtype, T => {
        let mut out = super::space::room::<T>(shape.size())?;
        let parts: Vec<(Values, usize)> = arrays
            .iter()
            .map(|a| Ok((super::eval::values(a, dtype)?, a.shape().dims()[axis] * inner)))
            .collect::<Result<_>>()?;
        for i in 0..outer {
            for (part, run) in &parts {
                for portion in T::of(part).unwrap_or_default()[i * run..(i + 1) * run].chunks(PORTION) {
                    // Not polled for each of many short runs.
                    if out.len() / PORTION != (out.len() + portion.len()) / PORTION {
                        watch.check()?;
                    }
                    out.extend_from_slice(portion);
                }
            }
        }
        NdArray::from_vec(shape, out)
    })
}

/// Stacks arrays of one shape along a new axis.
pub fn stack(arrays: &[NdArray], axis: i64) -> Result<NdArray> {
    let first = arrays.first().ok_or_else(|| Error::script("nothing to put together"))?;
    let shape = first.shape();
    let at = shape.insert(0, 1)?.axis(axis)?;
    let mut parts = Vec::with_capacity(arrays.len());
    for (i, array) in arrays.iter().enumerate() {
        if array.shape() != shape {
            return Err(Error::script(format!("array {i} has shape {}, the first one {shape}", array.shape()))
                .hint("arrays that are stacked have equal shapes"));
        }
        parts.push(array.reshaped(shape.insert(at, 1)?)?);
    }
    concatenate(&parts, at as i64)
}
