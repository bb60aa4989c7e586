//! Goes through the blocks of a program, on all threads.

use super::super::ops::Binary;
use super::super::space::{Scope, Watch};
use super::super::values::{Dtype, Element, for_dtype};
use super::kernels::{self, Input, Into2};
use super::program::{Instruction, Op, Program, Source};
use crate::Result;
use rayon::prelude::*;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Operations (elements times instructions) below which a second thread costs more than it brings.
const ALONE: usize = 1 << 16;
/// Operations between two questions whether to stop.
const PORTION: usize = 1 << 18;

/// Where a thread's slots are. Outputs move on from block to block.
struct Slots {
    pointers: Vec<*mut u8>,
    /// What the scratch slots point into.
    _memory: Vec<u64>,
}

/// Targets of a program, for all threads.
#[derive(Clone, Copy)]
struct Targets<'a>(&'a [*mut u8]);

// SAFETY: threads write to parts of the targets that don't overlap: each block is run once.
unsafe impl Sync for Targets<'_> {}
// SAFETY: as above.
unsafe impl Send for Targets<'_> {}

impl Slots {
    fn new(program: &Program, own_outputs: bool) -> Slots {
        // A domain may have one more value in a block than fits exactly; lines of the cache are 8 words.
        let words = program.block.next_multiple_of(8) + 8;
        let outputs = program.outputs.len();
        let own = program.scratch + if own_outputs { outputs } else { 0 };
        let mut memory = vec![0u64; words * own + 8];
        let shift = memory.as_ptr().align_offset(64).min(8);
        let base = memory[shift..].as_mut_ptr();
        let at = |i: usize| base.wrapping_add(words * i).cast::<u8>();
        let pointers = match own_outputs {
            true => (0..own).map(at).collect(),
            false => std::iter::repeat_n(std::ptr::null_mut(), outputs).chain((0..own).map(at)).collect(),
        };
        Slots { pointers, _memory: memory }
    }
}

/// Writes the outputs to `targets`, each of which has room for the elements of the whole array.
pub fn into(program: &Program, targets: &[*mut u8]) -> Result<()> {
    let targets = Targets(targets);
    let run = |first: usize, end: usize, slots: &mut Slots| {
        let targets = targets;
        for block in first..end {
            let start = block * program.block;
            let end = (start + program.block).min(program.size);
            for ((slot, &target), dtype) in slots.pointers.iter_mut().zip(targets.0).zip(&program.outputs) {
                *slot = target.wrapping_add(start * dtype.size());
            }
            run_block(program, slots, start, end);
        }
    };
    portions(program, |first, end| run(first, end, &mut Slots::new(program, false))).map(drop)
}

/// Runs `f` on the first output of each block.
pub fn fold<T: Element, P: Send>(program: &Program, f: impl Fn(usize, &[T]) -> P + Sync) -> Result<Vec<P>> {
    let parts = portions(program, |first, end| {
        let mut slots = Slots::new(program, true);
        let mut results = Vec::with_capacity(end - first);
        for block in first..end {
            let start = block * program.block;
            let end = (start + program.block).min(program.size);
            run_block(program, &mut slots, start, end);
            // SAFETY: the first slot has just been filled with that many elements of the output's type, which is `T`.
            let values = unsafe { std::slice::from_raw_parts(slots.pointers[0].cast::<T>(), end - start) };
            results.push(f(start, values));
        }
        results
    })?;
    Ok(parts.into_iter().flatten().collect())
}

/// Runs `f` on ranges of blocks until all are done or the work is to stop; the results are in order.
fn portions<P: Send>(program: &Program, f: impl Fn(usize, usize) -> P + Sync) -> Result<Vec<P>> {
    if program.size == 0 {
        return Ok(Vec::new());
    }
    let blocks = program.size.div_ceil(program.block);
    let cost = program.size.saturating_mul(program.code.len());
    if cost <= ALONE {
        return Ok(vec![f(0, blocks)]);
    }
    let Scope { space, watch, .. } = Scope::current();
    let per_block = (program.block * program.code.len()).max(1);
    let portion = (PORTION / per_block).clamp(1, blocks.div_ceil(space.threads() * 4).max(1));
    let stopped = AtomicBool::new(false);
    let results = space.install(|| {
        let portions = (0..blocks.div_ceil(portion)).into_par_iter();
        let run = |i: usize| run_portion(&watch, &stopped, || f(i * portion, ((i + 1) * portion).min(blocks)));
        portions.map(run).collect::<Vec<Option<P>>>()
    });
    if stopped.load(Relaxed) {
        watch.check()?;
    }
    // What was cancelled and is no longer is cancelled all the same.
    results.into_iter().collect::<Option<Vec<P>>>().ok_or_else(crate::Error::interrupted)
}

fn run_portion<P>(watch: &Watch, stopped: &AtomicBool, f: impl FnOnce() -> P) -> Option<P> {
    if stopped.load(Relaxed) || watch.stops() {
        stopped.store(true, Relaxed);
        return None;
    }
    Some(f())
}

/// Runs the instructions on the elements from `start` to `end`.
fn run_block(program: &Program, slots: &mut Slots, start: usize, end: usize) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && !only_baseline() {
        // SAFETY: the processor has AVX2.
        return unsafe { run_block_avx2(program, slots, start, end) };
    }
    run_instructions(program, slots, start, end);
}

/// For the test that compares the instruction sets.
fn only_baseline() -> bool {
    #[cfg(test)]
    return tests::BASELINE.load(Relaxed);
    #[cfg(not(test))]
    false
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_block_avx2(program: &Program, slots: &mut Slots, start: usize, end: usize) {
    run_instructions(program, slots, start, end);
}

#[inline(always)]
fn run_instructions(program: &Program, slots: &mut Slots, start: usize, end: usize) {
    for instruction in &program.code {
        // SAFETY: see `Frame`.
        let frame = Frame { program, slots, instruction, start, end };
        frame.run();
    }
}

/// One instruction on one block.
///
/// Pointers are sound because the program is: a slot that is read has been written in this block by an instruction of
/// the same domain and type, a target is never the slot of what is read, slots have room for a block (outputs for the
/// part of the block), and leaves have an element for each of their domain.
struct Frame<'a> {
    program: &'a Program,
    slots: &'a Slots,
    instruction: &'a Instruction,
    start: usize,
    end: usize,
}

impl<'a> Frame<'a> {
    /// First value of the domain in this block, and number of values.
    #[inline(always)]
    fn range(&self, domain: usize) -> (usize, usize) {
        if domain == 1 {
            return (self.start, self.end - self.start);
        }
        let first = self.start / domain;
        (first, self.end.div_ceil(domain) - first)
    }

    #[inline(always)]
    fn target<T: Element>(&self) -> &'a mut [MaybeUninit<T>] {
        let (_, count) = self.range(self.instruction.domain);
        let pointer = self.slots.pointers[self.instruction.target].cast::<MaybeUninit<T>>();
        // SAFETY: see `Frame`.
        unsafe { std::slice::from_raw_parts_mut(pointer, count) }
    }

    #[inline(always)]
    fn read<T: Element>(&self, i: usize) -> Input<'a, T> {
        self.read_in(i, self.instruction.domain)
    }

    #[inline(always)]
    fn read_in<T: Element>(&self, i: usize, domain: usize) -> Input<'a, T> {
        let (first, count) = self.range(domain);
        let pointer = match self.instruction.sources[i] {
            Source::One(scalar) => return Input::One(T::from_scalar(scalar)),
            Source::Slot(slot) => self.slots.pointers[slot].cast::<T>().cast_const(),
            Source::Leaf(leaf) => self.program.leaves[leaf].pointer().cast::<T>().wrapping_add(first),
            Source::Repeated(row) => {
                return Input::Each(&T::of(&self.program.repeated[row]).unwrap_or_default()[..count]);
            }
        };
        // SAFETY: see `Frame`.
        Input::Each(unsafe { std::slice::from_raw_parts(pointer, count) })
    }

    #[inline(always)]
    fn run(&self) {
        let Instruction { op, from, to, .. } = *self.instruction;
        match op {
            Op::Unary(op) => match (from, to) {
                (Dtype::F64, Dtype::Bool) => kernels::test_f64(op, self.target(), self.read(0)),
                (Dtype::F32, Dtype::Bool) => kernels::test_f32(op, self.target(), self.read(0)),
                (Dtype::F64, _) => kernels::unary_f64(op, self.target(), self.read(0)),
                (Dtype::F32, _) => kernels::unary_f32(op, self.target(), self.read(0)),
                (Dtype::I64, _) => kernels::unary_i64(op, self.target(), self.read(0)),
                (Dtype::Bool, _) => kernels::unary_bool(op, self.target(), self.read(0)),
            },
            Op::Binary(op @ (Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge | Binary::Eq | Binary::Ne)) => {
                for_dtype!(from, T => kernels::compare::<T>(op, self.target(), self.read(0), self.read(1)));
            }
            Op::Binary(op) => match from {
                Dtype::F64 => kernels::binary_f64(op, self.target(), self.read(0), self.read(1)),
                Dtype::F32 => kernels::binary_f32(op, self.target(), self.read(0), self.read(1)),
                Dtype::I64 => kernels::binary_i64(op, self.target(), self.read(0), self.read(1)),
                Dtype::Bool => kernels::binary_bool(op, self.target(), self.read(0), self.read(1)),
            },
            Op::Select => for_dtype!(to, T => {
                kernels::select::<T>(self.target(), self.read(0), self.read(1), self.read(2));
            }),
            Op::Cast => for_dtype!(from, A => for_dtype!(to, B => self.cast::<A, B>())),
            Op::Copy => for_dtype!(to, T => self.cast::<T, T>()),
            Op::Expand(times) => for_dtype!(to, T => self.expand::<T>(times)),
            Op::Gather(gather) => for_dtype!(to, T => self.gather::<T>(gather)),
        }
    }

    #[inline(always)]
    fn cast<A: Element + Into2<B>, B: Element>(&self) {
        kernels::cast::<A, B>(self.target(), self.read(0));
    }

    #[inline(always)]
    fn expand<T: Element>(&self, times: usize) {
        let domain = self.instruction.domain;
        let (first, _) = self.range(domain);
        if let Input::Each(values) = self.read_in::<T>(0, domain * times) {
            kernels::expand(self.target(), values, times, first % times);
        } else if let Source::One(scalar) = self.instruction.sources[0] {
            let x = T::from_scalar(scalar);
            for to in self.target() {
                to.write(x);
            }
        }
    }

    #[inline(always)]
    fn gather<T: Element>(&self, gather: usize) {
        let gather = &self.program.gathers[gather];
        let (first, _) = self.range(self.instruction.domain);
        // SAFETY: the loops are those of a view, whose elements are all inside of its buffer.
        unsafe { kernels::gather(self.target::<T>(), gather.leaf.pointer().cast(), &gather.loops, first) };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    pub static BASELINE: AtomicBool = AtomicBool::new(false);
}
