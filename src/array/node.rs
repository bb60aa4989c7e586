//! An array as scripts hold it: a handle to elements, or to the record of how to compute them.

use super::ops::{Binary, Unary};
use super::shape::{ArrayShape, Strides, no_broadcast};
use super::space::Buffer;
use super::values::{Dtype, Element, Scalar, Values};
use crate::{Error, Result};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Greatest depth of a record: a longer chain is computed first, before the recursion over it could exhaust the stack.
const MAX_DEPTH: u32 = 200;
/// Most operations of one record; those that are used twice count twice.
const MAX_WEIGHT: u32 = 2000;

/// An n-dimensional array of numbers or truth values. Clones are the same array.
///
/// Elementwise operations are recorded, and computed when the elements are needed. In-place changes copy the elements
/// first if another handle shares them.
#[derive(Clone)]
pub struct NdArray(pub(super) Arc<Node>);

pub(super) struct Node {
    pub shape: ArrayShape,
    pub dtype: Dtype,
    depth: u32,
    weight: u32,
    /// The record; dropped once the elements are computed.
    record: Mutex<Option<Record>>,
    view: OnceLock<View>,
    /// Identifier of the program that computed this as an intermediate result, without keeping it; 0: none has.
    pub walked_by: AtomicU64,
}

/// The place of an array's computed elements in a buffer.
#[derive(Clone)]
pub(super) struct View {
    pub buffer: Arc<Buffer>,
    pub offset: usize,
    pub strides: Strides,
}

/// One recorded operation.
#[derive(Clone)]
pub(super) enum Record {
    Unary(Unary, NdArray),
    Binary(Binary, Operand, Operand),
    /// The second operand where the first is true, otherwise the third.
    Select(NdArray, Operand, Operand),
    Cast(NdArray),
    /// The same elements in the same order.
    Reshape(NdArray),
}

/// An operand.
#[derive(Clone)]
pub enum Operand {
    Array(NdArray),
    Scalar(Scalar),
}

impl From<NdArray> for Operand {
    fn from(array: NdArray) -> Operand {
        Operand::Array(array)
    }
}

impl From<Scalar> for Operand {
    fn from(scalar: Scalar) -> Operand {
        Operand::Scalar(scalar)
    }
}

impl Operand {
    pub fn shape(&self) -> ArrayShape {
        match self {
            Operand::Array(array) => array.shape(),
            Operand::Scalar(_) => ArrayShape::SCALAR,
        }
    }

    fn size(&self) -> (u32, u32) {
        match self {
            Operand::Array(array) => (array.0.depth, array.0.weight),
            Operand::Scalar(_) => (0, 0),
        }
    }

    /// The operand as an array, without axes for a scalar.
    pub fn array(&self) -> Result<NdArray> {
        match self {
            Operand::Array(array) => Ok(array.clone()),
            Operand::Scalar(Scalar::Bool(b)) => NdArray::from_vec(ArrayShape::SCALAR, vec![*b]),
            Operand::Scalar(Scalar::I64(i)) => NdArray::from_vec(ArrayShape::SCALAR, vec![*i]),
            Operand::Scalar(Scalar::F64(x)) => NdArray::from_vec(ArrayShape::SCALAR, vec![*x]),
        }
    }
}

/// The common type of both operands.
pub fn common_type(a: &Operand, b: &Operand) -> Dtype {
    match (a, b) {
        (Operand::Array(a), Operand::Array(b)) => a.dtype().promote(b.dtype()),
        (Operand::Array(a), Operand::Scalar(s)) | (Operand::Scalar(s), Operand::Array(a)) => s.promote(a.dtype()),
        (Operand::Scalar(a), Operand::Scalar(b)) => a.dtype().promote(b.dtype()),
    }
}

impl NdArray {
    /// Contiguous elements; as many as the shape has.
    pub fn new(shape: ArrayShape, values: Values) -> Result<NdArray> {
        debug_assert_eq!(shape.size(), values.len());
        Ok(Self::of_view(
            shape,
            values.dtype(),
            View { buffer: Arc::new(Buffer::new(values)?), offset: 0, strides: shape.contiguous() },
        ))
    }

    pub fn from_vec<T: Element>(shape: ArrayShape, vec: Vec<T>) -> Result<NdArray> {
        Self::new(shape, T::wrap(vec))
    }

    pub(super) fn of_view(shape: ArrayShape, dtype: Dtype, view: View) -> NdArray {
        NdArray(Arc::new(Node {
            shape,
            dtype,
            depth: 0,
            weight: 0,
            record: Mutex::new(None),
            view: OnceLock::from(view),
            walked_by: AtomicU64::new(0),
        }))
    }

    fn record(shape: ArrayShape, dtype: Dtype, record: Record) -> Result<NdArray> {
        let (mut depth, mut weight) = (0, 1u32);
        let mut count = |size: (u32, u32)| {
            depth = depth.max(size.0);
            weight = weight.saturating_add(size.1);
        };
        match &record {
            Record::Unary(_, a) | Record::Cast(a) | Record::Reshape(a) => count((a.0.depth, a.0.weight)),
            Record::Binary(_, a, b) => [a, b].into_iter().for_each(|x| count(x.size())),
            Record::Select(a, b, c) => {
                count((a.0.depth, a.0.weight));
                [b, c].into_iter().for_each(|x| count(x.size()));
            }
        }
        let array = NdArray(Arc::new(Node {
            shape,
            dtype,
            depth: depth + 1,
            weight,
            record: Mutex::new(Some(record)),
            view: OnceLock::new(),
            walked_by: AtomicU64::new(0),
        }));
        if depth < MAX_DEPTH && weight < MAX_WEIGHT {
            return Ok(array);
        }
        Ok(Self::of_view(shape, dtype, array.view()?.clone()))
    }

    pub fn shape(&self) -> ArrayShape {
        self.0.shape
    }

    pub fn dtype(&self) -> Dtype {
        self.0.dtype
    }

    /// Number of elements.
    pub fn size(&self) -> usize {
        self.0.shape.size()
    }

    /// Bytes of the elements, computed or not.
    pub fn bytes(&self) -> usize {
        self.size() * self.dtype().size()
    }

    /// Whether both are the same array.
    pub fn is_same(&self, other: &NdArray) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether the elements are computed.
    pub fn is_computed(&self) -> bool {
        self.0.view.get().is_some()
    }

    /// Whether the elements have been computed before, but not kept.
    pub(super) fn was_walked(&self) -> bool {
        !self.is_computed() && self.0.walked_by.load(Relaxed) != 0
    }

    pub(super) fn computed(&self) -> Option<&View> {
        self.0.view.get()
    }

    /// The record; `None` once the elements are computed.
    pub(super) fn recorded(&self) -> Option<Record> {
        self.0.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stores the computed elements, and drops the record.
    pub(super) fn settle(&self, values: Values) -> Result<()> {
        let view = View { buffer: Arc::new(Buffer::new(values)?), offset: 0, strides: self.0.shape.contiguous() };
        // Another thread may have been faster: its elements are the same.
        let _ = self.0.view.set(view);
        drop(self.0.record.lock().unwrap_or_else(PoisonError::into_inner).take());
        Ok(())
    }

    /// Records an operation on each element.
    pub fn unary(op: Unary, a: &NdArray) -> Result<NdArray> {
        let (_, dtype) = op.types(a.dtype())?;
        Self::record(a.shape(), dtype, Record::Unary(op, a.clone()))
    }

    /// Records an operation on each pair of elements, with broadcasting.
    pub fn binary(op: Binary, a: Operand, b: Operand) -> Result<NdArray> {
        let (_, dtype) = op.types(common_type(&a, &b))?;
        let shape = match (&a, &b) {
            (Operand::Array(x), Operand::Array(y)) => {
                x.0.shape.broadcast(&y.0.shape).ok_or_else(|| no_broadcast(&x.0.shape, &y.0.shape))?
            }
            (Operand::Array(x), _) | (_, Operand::Array(x)) => x.0.shape,
            _ => ArrayShape::SCALAR,
        };
        if op == Binary::Pow && dtype == Dtype::I64 {
            check_exponents(&b)?;
        }
        Self::record(shape, dtype, Record::Binary(op, a, b))
    }

    /// `b` where `condition` is true, `c` elsewhere, with broadcasting.
    pub fn select(condition: &NdArray, b: Operand, c: Operand) -> Result<NdArray> {
        let pair = b.shape().broadcast(&c.shape()).ok_or_else(|| no_broadcast(&b.shape(), &c.shape()))?;
        let shape = condition.shape().broadcast(&pair).ok_or_else(|| no_broadcast(&condition.shape(), &pair))?;
        let dtype = common_type(&b, &c);
        let condition =
            if condition.dtype() == Dtype::Bool { condition.clone() } else { condition.cast(Dtype::Bool)? };
        Self::record(shape, dtype, Record::Select(condition, b, c))
    }

    /// The elements converted to another type.
    pub fn cast(&self, dtype: Dtype) -> Result<NdArray> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        Self::record(self.shape(), dtype, Record::Cast(self.clone()))
    }

    /// The same elements, in the same order, in another shape of as many.
    pub fn reshaped(&self, shape: ArrayShape) -> Result<NdArray> {
        if shape.size() != self.size() {
            return Err(Error::script(format!(
                "an array of shape {} with {} elements cannot have the shape {shape}",
                self.shape(),
                self.size()
            ))
            .hint("the product of the lengths must stay the same; one length may be -1 and is then worked out"));
        }
        if shape == self.shape() {
            return Ok(self.clone());
        }
        match self.computed() {
            Some(view) if self.shape().is_contiguous(&view.strides) => Ok(Self::of_view(
                shape,
                self.dtype(),
                View { buffer: view.buffer.clone(), offset: view.offset, strides: shape.contiguous() },
            )),
            _ => Self::record(shape, self.dtype(), Record::Reshape(self.clone())),
        }
    }

    /// This array's contiguous elements, for writing: copied first where another handle shares them.
    pub(super) fn values_mut(&mut self) -> Result<&mut Values> {
        let whole = {
            let shape = self.shape();
            let view = self.view()?;
            view.offset == 0 && shape.is_contiguous(&view.strides) && view.buffer.values().len() == shape.size()
        };
        let mut ready = false;
        if whole && let Some(node) = Arc::get_mut(&mut self.0) {
            ready = node.view.get_mut().is_some_and(|view| Arc::get_mut(&mut view.buffer).is_some());
        }
        if !ready {
            *self = Self::new(self.shape(), self.to_values()?)?;
        }
        let node = Arc::get_mut(&mut self.0);
        let buffer = node.and_then(|node| node.view.get_mut()).and_then(|view| Arc::get_mut(&mut view.buffer));
        buffer.map(Buffer::values_mut).ok_or_else(|| Error::script("internal error: an array is shared"))
    }

    /// Runs `f` on the contiguous elements, without a copy where they are contiguous.
    pub(super) fn with<T: Element, R>(&self, f: impl FnOnce(&[T]) -> R) -> Result<R> {
        if self.dtype() == T::DTYPE {
            let view = self.view()?;
            if self.shape().is_contiguous(&view.strides) {
                let all = T::of(view.buffer.values()).unwrap_or_default();
                let end = view.offset + self.size();
                return Ok(f(all.get(view.offset..end).unwrap_or_default()));
            }
        }
        Ok(f(&self.to_vec::<T>()?))
    }

    /// An element by its position in memory.
    pub(super) fn element(&self, place: usize) -> Result<Scalar> {
        let view = self.view()?;
        let missing = || Error::script("internal error: an element is outside of its array");
        super::values::for_dtype!(self.dtype(), T => {
            T::of(view.buffer.values()).and_then(|v| v.get(place)).map(|x| x.to_scalar()).ok_or_else(missing)
        })
    }

    /// The only element of an array of size 1.
    pub fn scalar(&self) -> Result<Scalar> {
        if self.size() != 1 {
            return Err(Error::script(format!("an array of shape {} is not a single number", self.shape())));
        }
        let offset = self.view()?.offset;
        self.element(offset)
    }
}

/// NumPy's rule: integers to negative integer powers are an error.
fn check_exponents(b: &Operand) -> Result<()> {
    let negative = match b {
        Operand::Scalar(s) => s.int() < 0,
        Operand::Array(array) => array.with::<i64, _>(|v| v.iter().any(|&x| x < 0))?,
    };
    if negative {
        return Err(Error::script("integers to negative integer powers are no integers")
            .hint("make the array one of floats: `a.astype(\"float64\") ** n`"));
    }
    Ok(())
}
