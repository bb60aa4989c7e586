//! Computes recorded arrays: in blocks that fit the processor's first-level cache, on all threads, directly into the
//! destination. No operation of a record has a buffer as large as the array.
//!
//! `program` compiles a record to a list of instructions, `kernels` are their loops, `run` processes the blocks.

mod kernels;
mod program;
mod run;

use super::node::NdArray;
use super::space::{check_room, room};
use super::values::{Dtype, Element, Values, for_dtype};
use crate::Result;
use program::Program;

/// Computes arrays that are only recorded and keeps the elements with them. Arrays of one shape are computed together,
/// so that common parts are computed once.
pub fn compute(arrays: &[NdArray]) -> Result<()> {
    let mut open: Vec<&NdArray> = arrays.iter().filter(|a| !a.is_computed()).collect();
    while let Some(first) = open.first() {
        let shape = first.shape();
        let mut group: Vec<&NdArray> = Vec::new();
        open.retain(|array| {
            let joins = array.shape() == shape;
            if joins && !group.iter().any(|other| other.is_same(array)) {
                group.push(array);
            }
            !joins
        });
        let dtypes: Vec<Dtype> = group.iter().map(|a| a.dtype()).collect();
        for (array, values) in group.iter().zip(together(&group, &dtypes)?) {
            array.settle(values)?;
        }
    }
    Ok(())
}

/// The elements of an array, in order, as another type.
pub fn values(array: &NdArray, dtype: Dtype) -> Result<Values> {
    for_dtype!(dtype, T => vec::<T>(array).map(T::wrap))
}

/// The elements of an array, in order, as type `T`.
pub fn vec<T: Element>(array: &NdArray) -> Result<Vec<T>> {
    let mut vec = room::<T>(array.size())?;
    let program = Program::new(&[array], &[T::DTYPE])?;
    run::into(&program, &[vec.as_mut_ptr().cast()])?;
    // SAFETY: the capacity is the size of the array, and the program has written that many elements of type `T`.
    unsafe { vec.set_len(array.size()) };
    Ok(vec)
}

/// Writes the elements of an array, in order, to memory that has room for them.
///
/// # Safety
///
/// `to` points to room for `array.size()` elements of type `T` that nobody else uses.
pub unsafe fn write<T: Element>(array: &NdArray, to: *mut T) -> Result<()> {
    run::into(&Program::new(&[array], &[T::DTYPE])?, &[to.cast()])
}

fn together(arrays: &[&NdArray], dtypes: &[Dtype]) -> Result<Vec<Values>> {
    let size = arrays.first().map_or(0, |a| a.size());
    let mut all = Vec::with_capacity(arrays.len());
    // Each of them may be within the limit, but not all together.
    check_room(dtypes.iter().map(|dtype| size.saturating_mul(dtype.size())).sum())?;
    for &dtype in dtypes {
        all.push(for_dtype!(dtype, T => T::wrap(room::<T>(size)?)));
    }
    let program = Program::new(arrays, dtypes)?;
    let targets: Vec<*mut u8> = all
        .iter_mut()
        .map(|values| match values {
            Values::Bool(v) => v.as_mut_ptr().cast(),
            Values::I64(v) => v.as_mut_ptr().cast(),
            Values::F32(v) => v.as_mut_ptr().cast(),
            Values::F64(v) => v.as_mut_ptr().cast(),
        })
        .collect();
    run::into(&program, &targets)?;
    for values in &mut all {
        // SAFETY: each has room for `size` elements, and the program has written that many.
        unsafe {
            match values {
                Values::Bool(v) => v.set_len(size),
                Values::I64(v) => v.set_len(size),
                Values::F32(v) => v.set_len(size),
                Values::F64(v) => v.set_len(size),
            }
        }
    }
    Ok(all)
}

/// Runs `f` on all elements, block by block, and returns the results of the blocks in order. Blocks are the same
/// whatever the number of threads.
pub fn fold<T: Element, P: Send>(array: &NdArray, f: impl Fn(usize, &[T]) -> P + Sync) -> Result<Vec<P>> {
    if array.was_walked() {
        array.compute()?;
    }
    run::fold(&Program::new(&[array], &[T::DTYPE])?, f)
}
