//! Processes the blocks of a program, on all threads.

use super::super::ops::Binary;
use super::super::space::{Scope, Watch};
use super::super::values::{Dtype, Element, for_dtype};
use super::kernels::{self, Input, Into2};
use super::program::{InputPlace, Instruction, Op, Program};
use crate::Result;
use rayon::prelude::*;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Operations (elements times instructions) below which a second thread costs more than it saves.
const ALONE: usize = 1 << 18;
/// Operations between two polls of the stop signal.
const PORTION: usize = 1 << 18;

/// Addresses of a thread's slots. Outputs advance from block to block.
struct Slots {
    pointers: Vec<*mut u8>,
    /// The memory of the scratch slots.
    memory: Vec<u64>,
}

thread_local! {
    /// Scratch memory of this thread, for reuse by the next program.
    static SCRATCH: Cell<Vec<u64>> = const { Cell::new(Vec::new()) };
}

impl Drop for Slots {
    fn drop(&mut self) {
        SCRATCH.set(std::mem::take(&mut self.memory));
    }
}

/// Targets of a program, for all threads.
#[derive(Clone, Copy)]
struct Targets<'a>(&'a [*mut u8]);

// SAFETY: threads write to parts of the targets that don't overlap: each block is run once.
unsafe impl Sync for Targets<'_> {}
// SAFETY: as above.
unsafe impl Send for Targets<'_> {}

impl Targets<'_> {
    fn all(&self) -> &[*mut u8] {
        self.0
    }
}

impl Slots {
    fn new(program: &Program, own_outputs: bool) -> Slots {
        // A domain may have one more value in a block than fits exactly; cache lines have 8 words.
        let words = program.block.next_multiple_of(8) + 8;
        let outputs = program.outputs.len();
        let own = program.scratch + if own_outputs { outputs } else { 0 };
        let mut memory = SCRATCH.take();
        let wanted = words * own + 8;
        if memory.len() < wanted {
            memory = vec![0; wanted];
        }
        let shift = memory.as_ptr().align_offset(64).min(8);
        let base = memory[shift..].as_mut_ptr();
        let at = |i: usize| base.wrapping_add(words * i).cast::<u8>();
        let pointers = match own_outputs {
            true => (0..own).map(at).collect(),
            false => std::iter::repeat_n(std::ptr::null_mut(), outputs).chain((0..own).map(at)).collect(),
        };
        Slots { pointers, memory }
    }
}

/// Writes the outputs to `targets`, each of which has room for the elements of the whole array.
pub fn into(program: &Program, targets: &[*mut u8]) -> Result<()> {
    let targets = Targets(targets);
    let run = |first: usize, end: usize, slots: &mut Slots| {
        for block in first..end {
            let start = block * program.block;
            let end = (start + program.block).min(program.size);
            for ((slot, &target), dtype) in slots.pointers.iter_mut().zip(targets.all()).zip(&program.outputs) {
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

/// Runs `f` on ranges of blocks until all are done or the work has to stop; the results are in order.
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
    // A cancellation that was withdrawn in the meantime counts all the same.
    results.into_iter().collect::<Option<Vec<P>>>().ok_or_else(crate::Error::interrupted)
}

fn run_portion<P>(watch: &Watch, stopped: &AtomicBool, f: impl FnOnce() -> P) -> Option<P> {
    if stopped.load(Relaxed) || watch.stops() {
        stopped.store(true, Relaxed);
        return None;
    }
    Some(f())
}

/// The kernels, once for each instruction set.
macro_rules! versions {
    ($($version:ident: $(#[$attribute:meta])*;)*) => {
        $(mod $version {
            use super::super::super::ops::{Binary, Unary};
            use super::super::super::values::Element;
            use super::super::kernels::{self, Input, Into2};
            use std::mem::MaybeUninit;

            versions!(@kernels $(#[$attribute])*
                unary_f64(op: Unary, to: &mut [MaybeUninit<f64>], a: Input<f64>);
                unary_f32(op: Unary, to: &mut [MaybeUninit<f32>], a: Input<f32>);
                unary_i64(op: Unary, to: &mut [MaybeUninit<i64>], a: Input<i64>);
                unary_bool(op: Unary, to: &mut [MaybeUninit<bool>], a: Input<bool>);
                test_f64(op: Unary, to: &mut [MaybeUninit<bool>], a: Input<f64>);
                test_f32(op: Unary, to: &mut [MaybeUninit<bool>], a: Input<f32>);
                binary_f64(op: Binary, to: &mut [MaybeUninit<f64>], a: Input<f64>, b: Input<f64>);
                binary_f32(op: Binary, to: &mut [MaybeUninit<f32>], a: Input<f32>, b: Input<f32>);
                binary_i64(op: Binary, to: &mut [MaybeUninit<i64>], a: Input<i64>, b: Input<i64>);
                binary_bool(op: Binary, to: &mut [MaybeUninit<bool>], a: Input<bool>, b: Input<bool>);
            );

            $(#[$attribute])*
            pub fn compare<T: Element>(op: Binary, to: &mut [MaybeUninit<bool>], a: Input<T>, b: Input<T>) {
                kernels::compare(op, to, a, b);
            }
            $(#[$attribute])*
            pub fn select<T: Element>(to: &mut [MaybeUninit<T>], condition: Input<bool>, b: Input<T>, c: Input<T>) {
                kernels::select(to, condition, b, c);
            }
            $(#[$attribute])*
            pub fn cast<A: Element + Into2<B>, B: Element>(to: &mut [MaybeUninit<B>], a: Input<A>) {
                kernels::cast(to, a);
            }
            $(#[$attribute])*
            pub fn expand<T: Element>(to: &mut [MaybeUninit<T>], a: &[T], times: usize, phase: usize) {
                kernels::expand(to, a, times, phase);
            }
        })*
    };
    // Attributes are those of all kernels, so they are not in the macro's repetition.
    (@kernels) => {};
    (@kernels $(#[$attribute:meta])*) => {};
    (@kernels #[$attribute:meta] $name:ident($($argument:ident: $type:ty),*); $($rest:tt)*) => {
        #[$attribute]
        pub fn $name($($argument: $type),*) {
            kernels::$name($($argument),*);
        }
        versions!(@kernels #[$attribute] $($rest)*);
    };
    (@kernels $name:ident($($argument:ident: $type:ty),*); $($rest:tt)*) => {
        pub fn $name($($argument: $type),*) {
            kernels::$name($($argument),*);
        }
        versions!(@kernels $($rest)*);
    };
}

versions! { baseline: ; }
#[cfg(target_arch = "x86_64")]
versions! { avx2: #[target_feature(enable = "avx2")]; }

/// Calls the version of a kernel for this processor.
macro_rules! kernel {
    ($frame:ident, $name:ident $(::<$($type:ty),*>)? ($($argument:expr),*)) => {{
        #[cfg(target_arch = "x86_64")]
        if $frame.avx2 {
            // SAFETY: the processor has AVX2.
            unsafe { avx2::$name $(::<$($type),*>)? ($($argument),*) };
            return;
        }
        baseline::$name $(::<$($type),*>)? ($($argument),*);
    }};
}

/// Whether the processor has AVX2.
fn has_avx2() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx2") && !only_baseline();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Overrides the instruction set, for the test that compares them.
#[cfg(target_arch = "x86_64")]
fn only_baseline() -> bool {
    #[cfg(test)]
    return tests::BASELINE.load(Relaxed);
    #[cfg(not(test))]
    false
}

/// Runs the instructions on the elements from `start` to `end`.
fn run_block(program: &Program, slots: &mut Slots, start: usize, end: usize) {
    let avx2 = has_avx2();
    for instruction in &program.code {
        Execution { program, slots, instruction, start, end, avx2 }.run();
    }
}

/// One instruction on one block.
///
/// Pointers are sound because the program is: a slot that is read has been written in this block by an instruction of
/// the same domain and type, a target is never the slot of what is read, slots have room for a block (outputs for the
/// part of the block), and leaves have an element for each of their domain.
struct Execution<'a> {
    program: &'a Program,
    slots: &'a Slots,
    instruction: &'a Instruction,
    start: usize,
    end: usize,
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    avx2: bool,
}

impl<'a> Execution<'a> {
    /// First value of the domain in this block, and number of values.
    fn range(&self, domain: usize) -> (usize, usize) {
        if domain == 1 {
            return (self.start, self.end - self.start);
        }
        let first = self.start / domain;
        (first, self.end.div_ceil(domain) - first)
    }

    fn target<T: Element>(&self) -> &'a mut [MaybeUninit<T>] {
        let (_, count) = self.range(self.instruction.domain);
        let pointer = self.slots.pointers[self.instruction.target].cast::<MaybeUninit<T>>();
        // SAFETY: see `Execution`.
        unsafe { std::slice::from_raw_parts_mut(pointer, count) }
    }

    fn read<T: Element>(&self, i: usize) -> Input<'a, T> {
        self.read_in(i, self.instruction.domain)
    }

    fn read_in<T: Element>(&self, i: usize, domain: usize) -> Input<'a, T> {
        let (first, count) = self.range(domain);
        let pointer = match self.instruction.sources[i] {
            InputPlace::One(scalar) => return Input::One(T::from_scalar(scalar)),
            InputPlace::Slot(slot) => self.slots.pointers[slot].cast::<T>().cast_const(),
            InputPlace::Leaf(leaf) => self.program.leaves[leaf].pointer().cast::<T>().wrapping_add(first),
            InputPlace::Repeated(row) => {
                return Input::Each(&T::of(&self.program.repeated[row]).unwrap_or_default()[..count]);
            }
        };
        // SAFETY: see `Execution`.
        Input::Each(unsafe { std::slice::from_raw_parts(pointer, count) })
    }

    fn run(&self) {
        let Instruction { op, from, to, .. } = *self.instruction;
        match op {
            Op::Unary(op) => match (from, to) {
                (Dtype::F64, Dtype::Bool) => kernel!(self, test_f64(op, self.target(), self.read(0))),
                (Dtype::F32, Dtype::Bool) => kernel!(self, test_f32(op, self.target(), self.read(0))),
                (Dtype::F64, _) => kernel!(self, unary_f64(op, self.target(), self.read(0))),
                (Dtype::F32, _) => kernel!(self, unary_f32(op, self.target(), self.read(0))),
                (Dtype::I64, _) => kernel!(self, unary_i64(op, self.target(), self.read(0))),
                (Dtype::Bool, _) => kernel!(self, unary_bool(op, self.target(), self.read(0))),
            },
            Op::Binary(op @ (Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge | Binary::Eq | Binary::Ne)) => {
                for_dtype!(from, T => kernel!(self, compare::<T>(op, self.target(), self.read(0), self.read(1))));
            }
            Op::Binary(op) => match from {
                Dtype::F64 => kernel!(self, binary_f64(op, self.target(), self.read(0), self.read(1))),
                Dtype::F32 => kernel!(self, binary_f32(op, self.target(), self.read(0), self.read(1))),
                Dtype::I64 => kernel!(self, binary_i64(op, self.target(), self.read(0), self.read(1))),
                Dtype::Bool => kernel!(self, binary_bool(op, self.target(), self.read(0), self.read(1))),
            },
            Op::Select => for_dtype!(to, T => {
                kernel!(self, select::<T>(self.target(), self.read(0), self.read(1), self.read(2)));
            }),
            Op::Cast => for_dtype!(from, A => for_dtype!(to, B => self.cast::<A, B>())),
            Op::Copy => for_dtype!(to, T => self.cast::<T, T>()),
            Op::Expand(times) => for_dtype!(to, T => self.expand::<T>(times)),
            Op::Gather(gather) => for_dtype!(to, T => self.gather::<T>(gather)),
        }
    }

    fn cast<A: Element + Into2<B>, B: Element>(&self) {
        kernel!(self, cast::<A, B>(self.target(), self.read(0)));
    }

    fn expand<T: Element>(&self, times: usize) {
        let domain = self.instruction.domain;
        let (first, _) = self.range(domain);
        match self.read_in::<T>(0, domain * times) {
            Input::Each(values) => kernel!(self, expand::<T>(self.target(), values, times, first % times)),
            Input::One(x) => {
                for to in self.target() {
                    to.write(x);
                }
            }
        }
    }

    fn gather<T: Element>(&self, gather: usize) {
        let gather = &self.program.gathers[gather];
        let (first, _) = self.range(self.instruction.domain);
        // SAFETY: the loops are those of a view, whose elements are all inside of its buffer.
        unsafe { kernels::gather(self.target::<T>(), gather.leaf.pointer().cast(), &gather.loops, first) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{ArrayShape, Binary, NdArray, Scalar, Unary, make, random};
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    pub static BASELINE: AtomicBool = AtomicBool::new(false);

    /// Compares the bits of every operation on numbers of all magnitudes.
    fn bits() -> Vec<u64> {
        let shape = ArrayShape::line(5000);
        let exponent = random::uniform(shape, -12.0, 12.0, 1).unwrap();
        let size = NdArray::binary(Binary::Pow, Scalar::F64(10.0).into(), exponent.into()).unwrap();
        let x = NdArray::binary(Binary::Mul, size.into(), random::normal(shape, 0.0, 1.0, 2).unwrap().into()).unwrap();
        let y = make::linspace(-40.0, 40.0, 5000, true).unwrap();
        let mut results = Vec::new();
        for a in [&x, &y] {
            for op in [
                Unary::Sin,
                Unary::Cos,
                Unary::Exp,
                Unary::Log,
                Unary::Sqrt,
                Unary::Round,
                Unary::Floor,
                Unary::Sign,
                Unary::Square,
                Unary::Tanh,
                Unary::Abs,
                Unary::Reciprocal,
            ] {
                results.push(NdArray::unary(op, a).unwrap());
            }
        }
        for op in [Binary::Add, Binary::Mul, Binary::Div, Binary::Mod, Binary::Minimum, Binary::Maximum, Binary::Lt] {
            results.push(NdArray::binary(op, x.clone().into(), y.clone().into()).unwrap());
        }
        let all = results.iter().flat_map(|a| a.to_vec::<f64>().unwrap());
        // NaN has many bit patterns: all are equal here.
        all.map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() }).collect()
    }

    #[test]
    fn instruction_sets_give_the_same_bits() {
        let chosen = bits();
        BASELINE.store(true, Relaxed);
        let baseline = bits();
        BASELINE.store(false, Relaxed);
        assert!(chosen == baseline);
    }
}
