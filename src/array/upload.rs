//! Converts arrays to the buffers of scenes and devices: computed directly into them.

use super::eval;
use super::node::NdArray;
use crate::{Result, memory};
use std::mem::MaybeUninit;
use std::sync::Arc;

/// All elements, in threes; the number of elements is a multiple of three.
pub fn rows(array: &NdArray) -> Result<Arc<[[f32; 3]]>> {
    let mut buffer: Arc<[MaybeUninit<[f32; 3]>]> = uncounted(|| Arc::new_uninit_slice(array.size() / 3));
    fill(array, Arc::get_mut(&mut buffer).map(|rows| rows.as_mut_ptr().cast()))?;
    // SAFETY: all elements have been written.
    Ok(unsafe { buffer.assume_init() })
}

/// All elements.
pub fn numbers(array: &NdArray) -> Result<Arc<[f32]>> {
    let mut buffer: Arc<[MaybeUninit<f32>]> = uncounted(|| Arc::new_uninit_slice(array.size()));
    fill(array, Arc::get_mut(&mut buffer).map(|numbers| numbers.as_mut_ptr().cast()))?;
    // SAFETY: all elements have been written.
    Ok(unsafe { buffer.assume_init() })
}

fn fill(array: &NdArray, to: Option<*mut f32>) -> Result<()> {
    let to = to.ok_or_else(|| crate::Error::script("internal error: a new buffer is shared"))?;
    // SAFETY: the buffer is new, nobody else has it, and it has room for all elements.
    unsafe { eval::write(array, to) }
}

/// Memory that is allocated here outlives the script's call, so it does not count as memory of the script's values.
pub fn uncounted<R>(f: impl FnOnce() -> R) -> R {
    let before = memory::held();
    let result = f();
    memory::set_aside(memory::held().wrapping_sub(before));
    result
}
