//! Reductions: of all elements, or along an axis.

use super::super::call::Call;
use super::super::table::{Code, Function, Range, Type, optional, required};
use super::{ARRAY, AXIS, Param, example, number, value};
use crate::array::reduce::{self, Reduction};
use crate::array::{NdArray, Scalar, Unary};
use crate::{Error, Result};
use rhai::{Array, Dynamic};

const DDOF: Param =
    optional("ddof", Type::Number, "0", "The sum of squares is divided by the number of elements less this.");

macro_rules! reduction {
    ($name:literal, $reduction:ident, $doc:literal) => {
        Function {
            name: $name,
            params: &[AXIS],
            returns: "a number, or with an axis an array without it",
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
        options: &[DDOF],
        returns: "a number, or with an axis an array without it",
        doc: "Variance of the elements.",
        example: example!("let a = arange(5);", "print(a.variance(#{ ddof: 1 }));"),
        code: Code::ArrayMethod(|array, call| spread(array, call, false)),
        ..ARRAY
    },
    Function {
        name: "std",
        params: &[AXIS],
        options: &[DDOF],
        returns: "a number, or with an axis an array without it",
        doc: "Standard deviation of the elements.",
        example: example!("let a = arange(5);", "print(a.std());"),
        code: Code::ArrayMethod(|array, call| spread(array, call, true)),
        ..ARRAY
    },
    Function {
        name: "percentile",
        params: &[
            required("q", Type::Values, "How many percent of the elements are below; a number, or several.")
                .range(Range::Within(0.0, 100.0)),
            AXIS,
        ],
        returns: "a number, an array of numbers, or with an axis an array without it",
        doc: "What a part of the elements is below, between neighbours in proportion.",
        example: example!("print(arange(101).percentile(90));"),
        code: Code::ArrayMethod(|array, call| {
            let q = call.required_array("q")?;
            match call.int("axis")? {
                Some(axis) => reduce::percentile_along(array, q.scalar()?.float(), axis).and_then(value),
                None => {
                    let found = reduce::percentiles(array, &q.to_vec::<f64>()?)?;
                    NdArray::from_vec(q.shape(), found).and_then(value)
                }
            }
        }),
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
        None => reduce::all(reduction, array).map(number),
        Some(axis) => reduce::along(reduction, array, axis).and_then(value),
    }
}

fn spread(array: &NdArray, call: &Call, root: bool) -> Result<Dynamic> {
    let ddof = call.float("ddof")?.unwrap_or(0.0);
    match call.int("axis")? {
        None => {
            let variance = reduce::variance(array, ddof)?;
            Ok(number(Scalar::F64(if root { variance.sqrt() } else { variance })))
        }
        Some(axis) => {
            let variance = reduce::variance_along(array, axis, ddof)?;
            value(if root { NdArray::unary(Unary::Sqrt, &variance)? } else { variance })
        }
    }
}
