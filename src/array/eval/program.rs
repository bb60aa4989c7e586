//! Compiles a record to instructions on blocks.
//!
//! Instructions work on *domains*. The elements of the whole array are domain 1. A value that is shared by `r`
//! successive elements, such as a column broadcast to rows of `r`, is computed in domain `r`, once for each value, and
//! expanded where it meets the larger shape. Values that repeat the other way, such as a row broadcast to columns, are
//! computed beforehand.

use super::super::node::{NdArray, Node, Operand, Record, View, common_type};
use super::super::ops::{Binary, Unary};
use super::super::shape::{ArrayShape, MAX_AXES};
use super::super::values::{Dtype, Element, Scalar, Values, for_dtype};
use crate::Result;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Approximate elements of a block: eight KiB of `f64`.
const BLOCK: usize = 1024;

/// Where an input of an instruction is.
#[derive(Clone, Copy, Debug)]
pub enum InputPlace {
    /// The output of another instruction.
    Slot(usize),
    /// Contiguous elements.
    Leaf(usize),
    /// A row that is the same in every block.
    Repeated(usize),
    One(Scalar),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Unary(Unary),
    Binary(Binary),
    Select,
    /// Converts to the type of the target.
    Cast,
    /// Repeats each value that many times.
    Expand(usize),
    /// Reads elements that are not contiguous.
    Gather(usize),
    /// Copies elements of the same type.
    Copy,
}

#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    pub op: Op,
    /// Type of the inputs; conditions of `Select` are bool in addition.
    pub from: Dtype,
    /// Type of the output.
    pub to: Dtype,
    /// Number of elements of the whole array for each value.
    pub domain: usize,
    pub target: usize,
    pub sources: [InputPlace; 3],
}

/// Contiguous elements of a computed array.
pub struct Leaf {
    view: View,
    pub dtype: Dtype,
}

impl Leaf {
    /// Address of the first element.
    pub fn pointer(&self) -> *const u8 {
        let at = self.view.offset * self.dtype.size();
        let base: *const u8 = match self.view.buffer.values() {
            Values::Bool(v) => v.as_ptr().cast(),
            Values::I64(v) => v.as_ptr().cast(),
            Values::F32(v) => v.as_ptr().cast(),
            Values::F64(v) => v.as_ptr().cast(),
        };
        base.wrapping_add(at)
    }
}

/// Strided elements: lengths and strides from the outermost to the innermost loop.
pub struct Gather {
    pub leaf: Leaf,
    pub loops: Vec<(usize, isize)>,
}

/// A value during compilation.
#[derive(Clone, Copy)]
struct Value {
    dtype: Dtype,
    domain: usize,
    source: From,
}

#[derive(Clone, Copy)]
enum From {
    Instruction(usize),
    Leaf(usize),
    Repeated(usize),
    One(Scalar),
}

/// A compiled record, for [`run`](super::run).
pub struct Program {
    /// Number of elements of the whole array.
    pub size: usize,
    /// Elements of a block.
    pub block: usize,
    pub code: Vec<Instruction>,
    pub leaves: Vec<Leaf>,
    pub gathers: Vec<Gather>,
    pub repeated: Vec<Values>,
    /// Number of slots that are outputs: the first ones.
    pub outputs: Vec<Dtype>,
    /// Number of the other slots.
    pub scratch: usize,
}

/// The compiler of records.
static PROGRAMS: AtomicU64 = AtomicU64::new(0);

/// Values that are computed already, by their inputs (common subexpressions).
type Known = HashMap<(Op, Dtype, Dtype, usize, [(u8, u64); 3]), usize>;

struct Builder {
    program: Program,
    /// Identifier of this program.
    number: u64,
    /// Identifier of the program that computed the outputs as intermediate results. Its other intermediate results are
    /// not kept, because they only lead to these outputs.
    kept_with: u64,
    values: Vec<Value>,
    /// The value of an array in a domain.
    memo: HashMap<(*const Node, usize), usize>,
    known: Known,
    /// Blocks start at multiples of it.
    step: usize,
    /// Short rows to be repeated over a block.
    rows: Vec<Values>,
}

impl Program {
    /// The program that computes arrays of one shape, each converted to a type.
    pub fn new(arrays: &[&NdArray], dtypes: &[Dtype]) -> Result<Program> {
        let size = arrays.first().map_or(0, |a| a.size());
        let mut builder = Builder {
            number: PROGRAMS.fetch_add(1, Relaxed) + 1,
            kept_with: arrays.iter().map(|a| a.0.walked_by.load(Relaxed)).max().unwrap_or_default(),
            program: Program {
                size,
                block: BLOCK,
                code: Vec::new(),
                leaves: Vec::new(),
                gathers: Vec::new(),
                repeated: Vec::new(),
                outputs: dtypes.to_vec(),
                scratch: 0,
            },
            values: Vec::new(),
            memo: HashMap::new(),
            known: HashMap::new(),
            step: 1,
            rows: Vec::new(),
        };
        if size == 0 {
            return Ok(builder.program);
        }
        let mut roots = Vec::with_capacity(arrays.len());
        for (array, &dtype) in arrays.iter().zip(dtypes) {
            let value = builder.own(array, 1)?;
            roots.push(builder.cast(value, dtype));
        }
        Ok(builder.finish(&roots))
    }
}

impl Builder {
    /// The value of an array that is broadcast to `in_shape`, whose elements are those of `domain`.
    fn operand(&mut self, array: &NdArray, in_shape: &ArrayShape, domain: usize) -> Result<usize> {
        match array.shape().prefix_of(in_shape) {
            Some(1) => self.own(array, domain),
            Some(_) if array.size() == 1 => {
                let scalar = array.scalar()?;
                Ok(self.push(array.dtype(), domain, From::One(scalar)))
            }
            Some(times) => {
                let value = self.own(array, domain * times)?;
                self.align(domain * times);
                Ok(self.instruction(Op::Expand(times), array.dtype(), array.dtype(), domain, [value; 3], 1))
            }
            None => {
                let view = array.view()?;
                let strides = array.shape().strides_in(&view.strides, in_shape);
                Ok(self.elements(view, array.dtype(), in_shape, &strides, domain))
            }
        }
    }

    /// The value of an array, one for each of its elements.
    fn own(&mut self, array: &NdArray, domain: usize) -> Result<usize> {
        let key = (std::sync::Arc::as_ptr(&array.0), domain);
        if let Some(&value) = self.memo.get(&key) {
            return Ok(value);
        }
        self.keep_if_reused(array)?;
        let value = match (array.computed(), array.recorded()) {
            (Some(view), _) => self.elements(view, array.dtype(), &array.shape(), &view.strides, domain),
            (None, Some(record)) => self.operation(array, record, domain)?,
            // Another thread has computed it between the two checks.
            (None, None) => {
                let view = array.view()?;
                self.elements(view, array.dtype(), &array.shape(), &view.strides, domain)
            }
        };
        self.memo.insert(key, value);
        Ok(value)
    }

    /// Computes an array now, and keeps it, if another program has computed it as an intermediate result: a state that
    /// is read repeatedly, such as the positions in an integrator, would otherwise be recomputed from its beginning
    /// each time.
    fn keep_if_reused(&self, array: &NdArray) -> Result<()> {
        let walked_by = array.0.walked_by.load(Relaxed);
        if array.is_computed() || [0, self.number, self.kept_with].contains(&walked_by) {
            array.0.walked_by.store(self.number, Relaxed);
            return Ok(());
        }
        array.compute()
    }

    fn operation(&mut self, array: &NdArray, record: Record, domain: usize) -> Result<usize> {
        let shape = array.shape();
        let read = |builder: &mut Self, operand: &Operand, dtype: Dtype| {
            let value = match operand {
                Operand::Array(a) => builder.operand(a, &shape, domain)?,
                Operand::Scalar(s) => builder.push(s.dtype(), domain, From::One(*s)),
            };
            Ok(builder.cast(value, dtype))
        };
        let result: Result<usize> = match record {
            Record::Unary(op, a) => {
                let (computed, _) = op.types(a.dtype())?;
                let a = read(self, &Operand::Array(a), computed)?;
                let to =
                    if matches!(op, Unary::IsNan | Unary::IsInf | Unary::IsFinite) { Dtype::Bool } else { computed };
                Ok(self.instruction(Op::Unary(op), computed, to, domain, [a; 3], 1))
            }
            Record::Binary(op, a, b) => {
                let (computed, result) = op.types(common_type(&a, &b))?;
                let a = read(self, &a, computed)?;
                let b = read(self, &b, computed)?;
                let to = if result == Dtype::Bool { Dtype::Bool } else { computed };
                Ok(self.instruction(Op::Binary(op), computed, to, domain, [a, b, b], 2))
            }
            Record::Select(condition, b, c) => {
                let condition = read(self, &Operand::Array(condition), Dtype::Bool)?;
                let b = read(self, &b, array.dtype())?;
                let c = read(self, &c, array.dtype())?;
                Ok(self.instruction(Op::Select, array.dtype(), array.dtype(), domain, [condition, b, c], 3))
            }
            Record::Cast(a) => self.operand(&a, &shape, domain),
            Record::Reshape(a) => self.own(&a, domain),
        };
        result.map(|value| self.cast(value, array.dtype()))
    }

    /// Elements that are already computed.
    fn elements(
        &mut self,
        view: &View,
        dtype: Dtype,
        shape: &ArrayShape,
        strides: &[isize; MAX_AXES],
        domain: usize,
    ) -> usize {
        // Adjacent axes that are contiguous are merged into one loop.
        let mut loops: Vec<(usize, isize)> = Vec::with_capacity(shape.axes());
        for (axis, &length) in shape.dims().iter().enumerate() {
            if length == 1 {
                continue;
            }
            match loops.last_mut() {
                Some((outer, stride)) if *stride == strides[axis] * length as isize => {
                    (*outer, *stride) = (*outer * length, strides[axis]);
                }
                _ => loops.push((length, strides[axis])),
            }
        }
        let leaf = Leaf { view: view.clone(), dtype };
        match loops[..] {
            [] | [(_, 0)] => {
                // SAFETY: the view has at least one element, and this is its first.
                let one = for_dtype!(dtype, T => unsafe { leaf.pointer().cast::<T>().read() }.to_scalar());
                self.push(dtype, domain, From::One(one))
            }
            [(_, 1)] => {
                self.program.leaves.push(leaf);
                self.push(dtype, domain, From::Leaf(self.program.leaves.len() - 1))
            }
            [(_, 0), (period, 1)] if self.align(period * domain) => {
                // SAFETY: the view has `period` successive elements.
                let row = for_dtype!(dtype, T => {
                    T::wrap(unsafe { std::slice::from_raw_parts(leaf.pointer().cast::<T>(), period) }.to_vec())
                });
                self.rows.push(row);
                self.push(dtype, domain, From::Repeated(self.rows.len() - 1))
            }
            _ => {
                self.program.gathers.push(Gather { leaf, loops });
                let op = Op::Gather(self.program.gathers.len() - 1);
                let none = self.push(dtype, domain, From::One(Scalar::Bool(false)));
                self.instruction(op, dtype, dtype, domain, [none; 3], 0)
            }
        }
    }

    /// Aligns block starts to multiples of `step`, if blocks can be so large.
    fn align(&mut self, step: usize) -> bool {
        let (mut a, mut b) = (self.step, step);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let both = self.step / a.max(1) * step;
        if both > BLOCK {
            return false;
        }
        self.step = both.max(1);
        true
    }

    fn cast(&mut self, value: usize, to: Dtype) -> usize {
        let Value { dtype: from, domain, source } = self.values[value];
        match source {
            _ if from == to => value,
            From::One(scalar) => {
                let scalar = for_dtype!(to, T => T::from_scalar(scalar).to_scalar());
                self.push(to, domain, From::One(scalar))
            }
            _ => self.instruction(Op::Cast, from, to, domain, [value; 3], 1),
        }
    }

    fn push(&mut self, dtype: Dtype, domain: usize, source: From) -> usize {
        self.values.push(Value { dtype, domain, source });
        self.values.len() - 1
    }

    /// Adds an instruction that reads the first `count` of the values, unless the same one exists already.
    fn instruction(&mut self, op: Op, from: Dtype, to: Dtype, domain: usize, read: [usize; 3], count: usize) -> usize {
        let mut key = [(0, 0); 3];
        for (key, &value) in key.iter_mut().zip(&read[..count]) {
            *key = match self.values[value].source {
                From::Instruction(i) => (1, i as u64),
                From::Leaf(i) => (2, i as u64),
                From::Repeated(i) => (3, i as u64),
                From::One(Scalar::F64(x)) => (4, x.to_bits()),
                From::One(Scalar::I64(i)) => (5, i as u64),
                From::One(Scalar::Bool(b)) => (6, u64::from(b)),
            };
        }
        if let Some(&value) = self.known.get(&(op, from, to, domain, key)) {
            return value;
        }
        // Slots are assigned later; until then these are the indices of values.
        let mut sources = [InputPlace::One(Scalar::Bool(false)); 3];
        for (source, &value) in sources.iter_mut().zip(&read[..count]) {
            *source = match self.values[value].source {
                From::Instruction(_) => InputPlace::Slot(value),
                From::Leaf(i) => InputPlace::Leaf(i),
                From::Repeated(i) => InputPlace::Repeated(i),
                From::One(scalar) => InputPlace::One(scalar),
            };
        }
        let value = self.push(to, domain, From::Instruction(self.program.code.len()));
        self.program.code.push(Instruction { op, from, to, domain, target: value, sources });
        self.known.insert((op, from, to, domain, key), value);
        value
    }

    /// Assigns slots to outputs and intermediate results.
    fn finish(mut self, roots: &[usize]) -> Program {
        let mut place = vec![usize::MAX; self.values.len()];
        let mut copies = Vec::new();
        for (output, &root) in roots.iter().enumerate() {
            match self.values[root].source {
                From::Instruction(_) if place[root] == usize::MAX => place[root] = output,
                source => {
                    let source = match source {
                        From::Instruction(_) => InputPlace::Slot(root),
                        From::Leaf(i) => InputPlace::Leaf(i),
                        From::Repeated(i) => InputPlace::Repeated(i),
                        From::One(scalar) => InputPlace::One(scalar),
                    };
                    let dtype = self.values[root].dtype;
                    copies.push((
                        Instruction {
                            op: Op::Copy,
                            from: dtype,
                            to: dtype,
                            domain: 1,
                            target: 0,
                            sources: [source; 3],
                        },
                        output,
                    ));
                }
            }
        }
        let mut code = std::mem::take(&mut self.program.code);
        let mut last_use = vec![0; self.values.len()];
        for (at, instruction) in code.iter().chain(copies.iter().map(|(copy, _)| copy)).enumerate() {
            for source in instruction.sources {
                if let InputPlace::Slot(value) = source {
                    last_use[value] = at;
                }
            }
        }
        let outputs = roots.len();
        let (mut free, mut slots) = (Vec::new(), outputs);
        for (at, instruction) in code.iter_mut().enumerate() {
            let value = instruction.target;
            if place[value] == usize::MAX {
                // Never the slot of an input: the loops may assume that.
                place[value] = free.pop().unwrap_or_else(|| {
                    slots += 1;
                    slots - 1
                });
            }
            instruction.target = place[value];
            let mut done: [usize; 3] = [usize::MAX; 3];
            for (i, source) in instruction.sources.iter_mut().enumerate() {
                if let InputPlace::Slot(value) = *source {
                    *source = InputPlace::Slot(place[value]);
                    if last_use[value] == at && place[value] >= outputs && !done.contains(&place[value]) {
                        done[i] = place[value];
                    }
                }
            }
            free.extend(done.into_iter().filter(|&slot| slot != usize::MAX));
        }
        for (mut copy, output) in copies {
            for source in &mut copy.sources {
                if let InputPlace::Slot(value) = *source {
                    *source = InputPlace::Slot(place[value]);
                }
            }
            copy.target = output;
            code.push(copy);
        }
        let mut program = self.program;
        program.block = self.step * (BLOCK / self.step).max(1);
        program.repeated = self.rows.into_iter().map(|row| repeat(row, program.block)).collect();
        program.scratch = slots - outputs;
        program.code = code;
        program
    }
}

/// Repeats a row.
fn repeat(row: Values, length: usize) -> Values {
    fn over<T: Element>(row: &[T], length: usize) -> Values {
        T::wrap(row.iter().copied().cycle().take(length).collect())
    }
    match &row {
        Values::Bool(v) => over(v, length),
        Values::I64(v) => over(v, length),
        Values::F32(v) => over(v, length),
        Values::F64(v) => over(v, length),
    }
}
