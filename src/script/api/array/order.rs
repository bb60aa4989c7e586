//! Sorted, cumulated, moved and repeated elements.

use super::super::table::{Code, Function, Range, Type, optional, required};
use super::{ARRAY, AXIS, Param, example, lengths};
use crate::Error;
use crate::array::sort;
use rhai::{Array, Dynamic};

const LAST: Param = optional("axis", Type::Count, "-1, the last", "Number of the axis along which to work.");

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "sort",
        params: &[LAST],
        returns: "an array",
        doc: "The elements in order along an axis, NaN last. The array itself stays as it is.",
        example: example!("print(array([3, 1, 2]).sort());"),
        code: Code::ArrayMethod(|a, call| sort::sort(a, call.int("axis")?.unwrap_or(-1)).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "argsort",
        params: &[LAST],
        returns: "an array of int64",
        doc: "The places of the elements in order along an axis; equal ones keep theirs.",
        example: example!("let a = array([30, 10, 20]);", "print(a[a.argsort()]);"),
        code: Code::ArrayMethod(|a, call| sort::argsort(a, call.int("axis")?.unwrap_or(-1)).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "unique",
        options: &[optional("counts", Type::Bool, "false", "Whether to return how often each occurs, too.")],
        returns: "an array; with `counts` a script array of two arrays",
        doc: "The different elements, in order.",
        example: example!("print(array([3, 1, 3]).unique());", "print(array([3, 1, 3]).unique(#{ counts: true })[1]);"),
        code: Code::ArrayMethod(|a, call| {
            let (values, counts) = sort::unique(a)?;
            if call.bool("counts")? == Some(true) {
                return Ok(Array::from_iter([Dynamic::from(values), Dynamic::from(counts)]).into());
            }
            Ok(Dynamic::from(values))
        }),
        ..ARRAY
    },
    Function {
        name: "cumsum",
        params: &[AXIS],
        returns: "an array",
        doc: "Sums of the elements up to each one.",
        example: example!("print(array([1, 2, 3]).cumsum());"),
        code: Code::ArrayMethod(|a, call| sort::cumulate(a, call.int("axis")?, false).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "cumprod",
        params: &[AXIS],
        returns: "an array",
        doc: "Products of the elements up to each one.",
        example: example!("print(array([1, 2, 3]).cumprod());"),
        code: Code::ArrayMethod(|a, call| sort::cumulate(a, call.int("axis")?, true).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "diff",
        params: &[optional("n", Type::Count, "1", "How many times over.").range(Range::Within(0.0, 1000.0)), LAST],
        returns: "an array, shorter by n along the axis",
        doc: "Differences of neighbours.",
        example: example!("print(array([1, 4, 9, 16]).diff());"),
        code: Code::ArrayMethod(|a, call| {
            let times = call.int("n")?.unwrap_or(1) as usize;
            sort::diff(a, times, call.int("axis")?.unwrap_or(-1)).map(Dynamic::from)
        }),
        ..ARRAY
    },
    Function {
        name: "roll",
        params: &[required("shift", Type::Count, "By how many places, towards higher ones."), AXIS],
        returns: "an array",
        doc: "Moves elements along an axis; elements that leave at one end enter at the other.",
        example: example!("print(arange(5).roll(2));"),
        code: Code::ArrayMethod(|a, call| {
            sort::roll(a, call.required_int("shift")?, call.int("axis")?).map(Dynamic::from)
        }),
        ..ARRAY
    },
    Function {
        name: "flip",
        params: &[optional("axis", Type::Count, "all axes", "Number of the axis along which to work; -1 is the last.")],
        returns: "an array",
        doc: "The elements in reverse order.",
        example: example!("print(arange(5).flip());"),
        code: Code::ArrayMethod(|a, call| sort::flip(a, call.int("axis")?).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "repeat",
        params: &[required("times", Type::Shape, "How often; one number, or one for each element."), AXIS],
        returns: "an array",
        doc: "Each element several times, one after the other.",
        example: example!("print(arange(3).repeat(2));"),
        code: Code::ArrayMethod(|a, call| {
            let times = match call.array("times") {
                Ok(Some(times)) => times.to_vec::<i64>()?,
                _ => vec![call.required_int("times")?],
            };
            sort::repeat(a, &times, call.int("axis")?).map(Dynamic::from)
        }),
        ..ARRAY
    },
    Function {
        name: "tile",
        params: &[required("times", Type::Shape, "How often along each axis; one number is for the last.")],
        returns: "an array",
        doc: "The whole array several times, side by side.",
        example: example!("print(arange(3).tile([2, 2]));"),
        code: Code::ArrayMethod(|a, call| {
            let times = call.value("times").and_then(|(_, v)| lengths(v)).unwrap_or_default();
            let times: Option<Vec<usize>> = times.iter().map(|&n| usize::try_from(n).ok()).collect();
            let times = times.ok_or_else(|| Error::script("`times` of `tile` is below 0"))?;
            sort::tile(a, &times).map(Dynamic::from)
        }),
        ..ARRAY
    },
];
