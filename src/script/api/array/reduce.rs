//! Reductions: of all elements, or along an axis.

use super::super::call::Call;
use super::super::table::{Code, Function, Range, Type, optional, required};
use super::{ARRAY, AXIS, Param, example, number, value};
use crate::array::reduce::{self, Reduction};
use crate::array::{ArrayShape, Dtype, NdArray, Scalar, Unary, make};
use crate::{Error, Result};
use rhai::{Array, Dynamic};

const DDOF: Param =
    optional("ddof", Type::Number, "0", "The sum of squares is divided by the number of elements less this.");

const KEEPDIMS: Param = optional(
    "keepdims",
    Type::Bool,
    "false",
    "Whether the axis stays, with one element, so that the result can be broadcast with the array.",
);
const QUANTILES: &str =
    "a number; for several `q` an array of them; with an axis an array without it, the axes of `q` first";
const REDUCED: &str = "a number, or with an axis an array without it";

macro_rules! reduction {
    ($name:literal, $reduction:ident, $doc:literal) => {
        Function {
            name: $name,
            params: &[AXIS],
            options: &[KEEPDIMS],
            returns: REDUCED,
            doc: $doc,
            example: example!(
                "let a = array([[1, 2], [3, 4]]);",
                concat!("print(a.", $name, "());"),
                concat!("print(a.", $name, "(0));")
            ),
            code: Code::ArrayMethod(|array, call| reduced(Reduction::$reduction, array, call)),
            ..ARRAY
        }
    };
}

pub const FUNCTIONS: &[Function] = &[
    reduction!("sum", Sum, "Sum of the elements."),
    reduction!("prod", Prod, "Product of the elements."),
    reduction!("mean", Mean, "Mean of the elements."),
    reduction!("min", Min, "The least element; NaN if there is one."),
    reduction!("max", Max, "The greatest element; NaN if there is one."),
    reduction!("argmin", ArgMin, "Place of the first least element."),
    reduction!("argmax", ArgMax, "Place of the first greatest element."),
    reduction!("any", Any, "Whether any element is true, or not 0."),
    reduction!("all", All, "Whether all elements are true, or not 0."),
    reduction!("count_nonzero", CountNonzero, "How many elements are true, or not 0."),
    reduction!("median", Median, "The element in the middle of the sorted ones, or the mean of the two in the middle."),
    Function {
        name: "variance",
        params: &[AXIS],
        options: &[DDOF, KEEPDIMS],
        returns: REDUCED,
        doc: "Variance of the elements.",
        example: example!("let a = arange(5);", "print(a.variance(#{ ddof: 1 }));"),
        code: Code::ArrayMethod(|array, call| spread(array, call, false)),
        ..ARRAY
    },
    Function {
        name: "std",
        params: &[AXIS],
        options: &[DDOF, KEEPDIMS],
        returns: REDUCED,
        doc: "Standard deviation of the elements.",
        example: example!("let a = arange(5);", "print(a.std());"),
        code: Code::ArrayMethod(|array, call| spread(array, call, true)),
        ..ARRAY
    },
    Function {
        name: "percentile",
        params: &[
            required("q", Type::Values, "How many percent of the elements are below, 0 to 100; a number, or several."),
            AXIS,
        ],
        options: &[KEEPDIMS],
        returns: QUANTILES,
        doc: "The value below which `q` percent of the elements are, with linear interpolation between neighbours.",
        example: example!(
            "print(arange(101).percentile(90));",
            "print(array([[1, 2], [3, 4]]).percentile([0, 50, 100], 0));"
        ),
        code: Code::ArrayMethod(|array, call| quantiles(array, call, 100.0)),
        ..ARRAY
    },
    Function {
        name: "quantile",
        params: &[
            required("q", Type::Values, "Which part of the elements is below, 0 to 1; a number, or several."),
            AXIS,
        ],
        options: &[KEEPDIMS],
        returns: QUANTILES,
        doc: "The value below which a fraction `q` of the elements is, with linear interpolation between neighbours.",
        example: example!("print(arange(101).quantile(0.9));", "print(arange(5).quantile([0.25, 0.75]));"),
        code: Code::ArrayMethod(|array, call| quantiles(array, call, 1.0)),
        ..ARRAY
    },
    Function {
        name: "histogram",
        params: &[optional("bins", Type::Count, "10", "Number of equal parts.").range(Range::From(1.0))],
        options: &[optional(
            "range",
            Type::Array,
            "from the least to the greatest element",
            "[low, high]: ends of the parts.",
        )],
        returns: "a script array of two arrays: how many elements are in each part, and the edges of the parts",
        doc: "Counts elements by size.",
        example: example!("let h = normal(1000).histogram(20);", "print(h[0]);"),
        code: Code::ArrayMethod(|array, call| {
            let range = match call.array("range")?.map(|r| r.to_vec::<f64>()).transpose()?.as_deref() {
                None => None,
                Some(&[low, high]) => Some((low, high)),
                Some(_) => return Err(Error::script("`range` of a histogram is not [low, high]")),
            };
            let bins = call.int("bins")?.unwrap_or(10) as usize;
            let (counts, edges) = reduce::histogram(array, bins, range)?;
            Ok(Array::from_iter([Dynamic::from(counts), Dynamic::from(edges)]).into())
        }),
        ..ARRAY
    },
];

fn reduced(reduction: Reduction, array: &NdArray, call: &Call) -> Result<Dynamic> {
    if let (Reduction::Min | Reduction::Max, Some((_, other))) = (reduction, call.value("axis"))
        && !other.is_int()
    {
        let name = if reduction == Reduction::Min { "minimum" } else { "maximum" };
        return Err(Error::script(format!("`axis` of `{}` is no whole number", reduction.name()))
            .hint(format!("to compare element by element, write `{name}(a, b)`")));
    }
    match call.int("axis")? {
        None => whole(array, reduce::all(reduction, array)?, call),
        Some(axis) => along(array, reduce::along(reduction, array, axis)?, axis, call),
    }
}

fn spread(array: &NdArray, call: &Call, root: bool) -> Result<Dynamic> {
    let ddof = call.float("ddof")?.unwrap_or(0.0);
    match call.int("axis")? {
        None => {
            let variance = reduce::variance(array, ddof)?;
            whole(array, Scalar::F64(if root { variance.sqrt() } else { variance }), call)
        }
        Some(axis) => {
            let variance = reduce::variance_along(array, axis, ddof)?;
            along(array, if root { NdArray::unary(Unary::Sqrt, &variance)? } else { variance }, axis, call)
        }
    }
}

fn quantiles(array: &NdArray, call: &Call, all: f64) -> Result<Dynamic> {
    let q = call.required_array("q")?;
    let parts: Vec<f64> = q.to_vec::<f64>()?.iter().map(|q| q / all).collect();
    if let Some(wrong) = parts.iter().position(|part| !(0.0..=1.0).contains(part)) {
        let given = q.to_vec::<f64>()?[wrong];
        return Err(Error::script(format!("`q` of `{}` is {given}, it wants 0 to {all}", call.function.name)));
    }
    let (rest, found) = match call.int("axis")? {
        Some(axis) => {
            let rest =
                kept(call, array.shape(), Some(axis))?.unwrap_or(array.shape().without(array.shape().axis(axis)?));
            (rest, reduce::quantiles_along(array, &parts, axis)?)
        }
        None => {
            let found = NdArray::from_vec(ArrayShape::line(parts.len()), reduce::quantiles(array, &parts)?)?;
            (kept(call, array.shape(), None)?.unwrap_or(ArrayShape::SCALAR), found)
        }
    };
    // As in NumPy, where several `q` are an array of float64.
    let single = array.dtype() == Dtype::F32 && q.shape().axes() == 0;
    let found = if single { found.cast(Dtype::F32)? } else { found };
    found.reshaped(ArrayShape::new(&[q.shape().dims(), rest.dims()].concat())?).and_then(value)
}

/// The result of a reduction of all elements.
fn whole(array: &NdArray, result: Scalar, call: &Call) -> Result<Dynamic> {
    let Some(shape) = kept(call, array.shape(), None)? else { return Ok(number(result)) };
    let single = array.dtype() == Dtype::F32 && result.dtype() == Dtype::F64;
    make::full_as(shape, result, if single { Dtype::F32 } else { result.dtype() }).map(Dynamic::from)
}

/// The result of a reduction along an axis.
fn along(array: &NdArray, result: NdArray, axis: i64, call: &Call) -> Result<Dynamic> {
    match kept(call, array.shape(), Some(axis))? {
        Some(shape) => result.reshaped(shape).map(Dynamic::from),
        None => value(result),
    }
}

/// The shape of a result that keeps its axes, if it is to.
fn kept(call: &Call, shape: ArrayShape, axis: Option<i64>) -> Result<Option<ArrayShape>> {
    if call.bool("keepdims")? != Some(true) {
        return Ok(None);
    }
    match axis {
        Some(axis) => Ok(Some(shape.with(shape.axis(axis)?, 1))),
        None => ArrayShape::new(&vec![1; shape.axes()]).map(Some),
    }
}
