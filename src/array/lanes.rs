//! Functions along one axis: each run of elements along it (a lane) is mapped to another.

use super::node::NdArray;
use super::space::{Scope, room};
use super::values::Element;
use crate::Result;
use rayon::prelude::*;

/// Adjacent lanes are copied out together, so that each cache line is read once.
const TILE: usize = 16;
/// Approximate elements of a portion of the work.
const PORTION: usize = 1 << 15;

/// Pointer to results that threads write to at distinct positions.
struct Output<T>(*mut T);

// SAFETY: each lane is written by one thread.
unsafe impl<T: Send> Sync for Output<T> {}

impl<T> Output<T> {
    fn at(&self, place: usize) -> *mut T {
        self.0.wrapping_add(place)
    }
}

/// Runs `f` on each lane along `axis`; it fills a lane of `length` elements. Returns those in an array of the same
/// shape except that `axis` has length `length`.
pub fn lanes<T: Element, U: Element>(
    array: &NdArray,
    axis: usize,
    length: usize,
    f: impl Fn(&[T], &mut [U]) + Sync,
) -> Result<NdArray> {
    let shape = array.shape();
    let dims = shape.dims();
    let (outer, count, inner) =
        (dims[..axis].iter().product::<usize>(), dims[axis], dims[axis + 1..].iter().product::<usize>());
    let out_shape = shape.with(axis, length);
    let size = outer * length * inner;
    let mut out = room::<U>(size)?;
    out.resize(size, U::default());
    if size == 0 {
        return NdArray::from_vec(out_shape, out);
    }
    let scope = Scope::current();
    array.with::<T, _>(|values| {
        if inner == 1 {
            let rows = (PORTION / count.max(length).max(1)).max(1);
            let run = |(part, to): (usize, &mut [U])| {
                scope.watch.check()?;
                for (i, to) in to.chunks_exact_mut(length).enumerate() {
                    let start = (part * rows + i) * count;
                    f(&values[start..start + count], to);
                }
                Ok(())
            };
            return match outer * count.max(length) <= PORTION {
                true => out.chunks_mut(rows * length).enumerate().try_for_each(run),
                false => scope.space.install(|| out.par_chunks_mut(rows * length).enumerate().try_for_each(run)),
            };
        }
        let output = Output(out.as_mut_ptr());
        let tiles = inner.div_ceil(TILE);
        let run = |job: usize| {
            scope.watch.check()?;
            let (block, first) = (job / tiles, job % tiles * TILE);
            let width = TILE.min(inner - first);
            let mut from = vec![T::default(); width * count];
            let mut to = vec![U::default(); length];
            for i in 0..count {
                let row = &values[(block * count + i) * inner + first..][..width];
                for (lane, &x) in row.iter().enumerate() {
                    from[lane * count + i] = x;
                }
            }
            for lane in 0..width {
                to.fill(U::default());
                f(&from[lane * count..(lane + 1) * count], &mut to);
                for (i, &x) in to.iter().enumerate() {
                    let place = (block * length + i) * inner + first + lane;
                    // SAFETY: the position is within `out`, and no other lane has it.
                    unsafe { output.at(place).write(x) };
                }
            }
            Ok(())
        };
        match outer * inner * count.max(length) <= PORTION {
            true => (0..outer * tiles).try_for_each(run),
            false => scope.space.install(|| (0..outer * tiles).into_par_iter().try_for_each(run)),
        }
    })??;
    NdArray::from_vec(out_shape, out)
}

/// Runs `f` on each lane along `axis`, which returns one element, and removes the axis.
pub fn reduce<T: Element, U: Element>(array: &NdArray, axis: usize, f: impl Fn(&[T]) -> U + Sync) -> Result<NdArray> {
    let shape = array.shape().without(axis);
    lanes::<T, U>(array, axis, 1, |from, to| to[0] = f(from))?.reshaped(shape)
}
