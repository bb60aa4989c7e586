//! Script values as arrays, and back.

use super::super::convert::describe;
use crate::array::index;
use crate::array::{ArrayShape, Dtype, NdArray, Operand, Scalar};
use crate::{Error, Result};
use rhai::Dynamic;

/// A number, a truth value, an array, or nested script arrays of those; `None` for anything else.
pub fn operand(value: &Dynamic) -> Result<Option<Operand>> {
    if let Some(array) = value.read_lock::<NdArray>() {
        return Ok(Some(Operand::Array(array.clone())));
    }
    if let Some(scalar) = scalar(value) {
        return Ok(Some(Operand::Scalar(scalar)));
    }
    match value.as_array_ref() {
        Ok(array) => from_script(&array).map(|array| Some(Operand::Array(array))),
        Err(_) => Ok(None),
    }
}

pub(super) fn scalar(value: &Dynamic) -> Option<Scalar> {
    if let Ok(x) = value.as_float() {
        return Some(Scalar::F64(x));
    }
    if let Ok(i) = value.as_int() {
        return Some(Scalar::I64(i));
    }
    value.as_bool().ok().map(Scalar::Bool)
}

/// Nested script arrays as one array; their rows must be of equal lengths. Arrays among them are stacked.
pub fn from_script(array: &[Dynamic]) -> Result<NdArray> {
    if holds_arrays(array) {
        let parts = array.iter().map(|value| {
            let part = operand(value)?.ok_or_else(|| no_number(value))?;
            part.array()
        });
        return index::stack(&parts.collect::<Result<Vec<_>>>()?, 0);
    }
    let mut dims = vec![array.len()];
    let mut first = array.first().cloned();
    while let Some(length) = first.as_ref().and_then(|value| value.as_array_ref().ok().map(|inner| inner.len())) {
        dims.push(length);
        first = first.and_then(|value| value.as_array_ref().ok().and_then(|inner| inner.first().cloned()));
    }
    let shape = ArrayShape::new(&dims)?;
    let mut scalars = Vec::with_capacity(shape.size());
    flatten(array, &dims, &mut scalars)?;
    from_scalars(shape, &scalars)
}

fn holds_arrays(array: &[Dynamic]) -> bool {
    let holds = |value: &Dynamic| {
        value.as_array_ref().map_or_else(|_| value.read_lock::<NdArray>().is_some(), |inner| holds_arrays(&inner))
    };
    array.iter().any(holds)
}

fn no_number(value: &Dynamic) -> Error {
    let error = Error::script(format!("an array holds {}, it wants numbers", describe(value)));
    match value.is_string() {
        true => error.hint("`to_numeric(texts)` makes numbers of texts"),
        false => error,
    }
}

fn flatten(array: &[Dynamic], dims: &[usize], out: &mut Vec<Scalar>) -> Result<()> {
    for (i, value) in array.iter().enumerate() {
        match (value.as_array_ref(), scalar(value)) {
            (Ok(inner), _) if dims.len() > 1 && inner.len() == dims[1] => flatten(&inner, &dims[1..], out)?,
            (Err(_), Some(scalar)) if dims.len() == 1 => out.push(scalar),
            (Err(_), None) => return Err(no_number(value)),
            (inner, _) => {
                let wanted = match dims.get(1) {
                    Some(length) => format!("an array of {length}, as the first one"),
                    None => "a number, as the first one".into(),
                };
                let found = if inner.is_ok() { describe(value) } else { "a number".into() };
                return Err(Error::script(format!("row {i} of an array is {found}, it wants {wanted}"))
                    .hint("all rows of an array have the same length"));
            }
        }
    }
    Ok(())
}

pub(super) fn from_scalars(shape: ArrayShape, scalars: &[Scalar]) -> Result<NdArray> {
    let dtype = scalars.iter().map(|s| s.dtype()).max();
    match dtype {
        Some(Dtype::Bool) => NdArray::from_vec(shape, scalars.iter().map(|s| s.truth()).collect()),
        Some(Dtype::I64) => NdArray::from_vec(shape, scalars.iter().map(|s| s.int()).collect()),
        _ => NdArray::from_vec(shape, scalars.iter().map(|s| s.float()).collect()),
    }
}

/// Lengths of axes: a whole number, or an array of them.
pub fn lengths(value: &Dynamic) -> Option<Vec<i64>> {
    if let Ok(i) = value.as_int() {
        return Some(vec![i]);
    }
    let array = value.as_array_ref().ok()?;
    array.iter().map(|value| value.as_int().ok()).collect()
}

/// An array as scripts see it: a number where it has no axes.
pub(super) fn value(array: NdArray) -> Result<Dynamic> {
    if array.shape().axes() == 0 { array.scalar().map(number) } else { Ok(Dynamic::from(array)) }
}

pub(super) fn number(scalar: Scalar) -> Dynamic {
    match scalar {
        Scalar::Bool(b) => b.into(),
        Scalar::I64(i) => i.into(),
        Scalar::F64(x) => x.into(),
    }
}

/// The elements of nested arrays of a value.
pub fn arrays_in(value: &Dynamic, out: &mut Vec<NdArray>) {
    if let Ok(array) = value.as_array_ref() {
        array.iter().for_each(|value| arrays_in(value, out));
    } else if let Ok(map) = value.as_map_ref() {
        map.values().for_each(|value| arrays_in(value, out));
    } else if let Some(array) = value.read_lock::<NdArray>() {
        out.push(array.clone());
    }
}
