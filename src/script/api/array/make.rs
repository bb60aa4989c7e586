//! New arrays.

use super::super::call::Call;
use super::super::table::{Code, Function, Range, Type, optional, required};
use super::{DTYPES, FREE, Slice, example, scalar};
use crate::array::{ArrayShape, NdArray, Operand, Scalar, index, make, random};
use crate::{Error, Result};
use rhai::{Array, Dynamic};

const SHAPE: super::Param = required("shape", Type::Shape, "Length of each axis: `5`, `[2, 3]`.");
const DTYPE: super::Param = optional("dtype", Type::Choice(DTYPES, &[]), "\"float64\"", "Type of the elements.");
const SEED: super::Param =
    optional("seed", Type::Count, "the run's", "Begins a sequence of its own: the same numbers at every call.");

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "array",
        params: &[
            required("values", Type::Array, "Nested script arrays with rows of equal lengths, an array, or a number."),
            optional("dtype", Type::Choice(DTYPES, &[]), "what holds all values", "Type of the elements."),
        ],
        returns: "an array",
        doc: "Makes an array of script values. Whole numbers make one of int64, floats one of float64.",
        example: example!("let a = array([[1, 2, 3], [4, 5, 6.5]]);", "print(a.shape);"),
        code: Code::Values(|call| {
            let array = call.required_array("values")?;
            match call.dtype("dtype")? {
                Some(dtype) => array.cast(dtype).map(Dynamic::from),
                None => Ok(Dynamic::from(array)),
            }
        }),
        ..FREE
    },
    Function {
        name: "zeros",
        params: &[SHAPE, DTYPE],
        returns: "an array",
        doc: "An array of zeros.",
        example: example!("print(zeros([2, 3]));"),
        code: Code::Values(|call| constant(call, Scalar::F64(0.0))),
        ..FREE
    },
    Function {
        name: "ones",
        params: &[SHAPE, DTYPE],
        returns: "an array",
        doc: "An array of ones.",
        example: example!("print(ones(3, \"int64\"));"),
        code: Code::Values(|call| constant(call, Scalar::F64(1.0))),
        ..FREE
    },
    Function {
        name: "full",
        params: &[
            SHAPE,
            required("value", Type::Values, "What all elements are."),
            optional("dtype", Type::Choice(DTYPES, &[]), "that of the value", "Type of the elements."),
        ],
        returns: "an array",
        doc: "An array of equal elements, or of equal rows.",
        example: example!("print(full(3, 0.5));"),
        code: Code::Values(|call| {
            let shape = call.required_shape("shape")?;
            let filled = match call.required_operand("value")? {
                Operand::Scalar(scalar) => make::full(shape, scalar)?,
                Operand::Array(row) => index::broadcast(&row, &shape)?,
            };
            match call.dtype("dtype")? {
                Some(dtype) => filled.cast(dtype).map(Dynamic::from),
                None => Ok(Dynamic::from(filled)),
            }
        }),
        ..FREE
    },
    Function {
        name: "arange",
        params: &[
            required("start", Type::Number, "The first number; if it is given alone, the end, and the first is 0."),
            optional("stop", Type::Number, "none", "The end, which is not one of the numbers."),
            optional("step", Type::Number, "1", "From one number to the next."),
        ],
        returns: "an array, of int64 if all arguments are whole",
        doc: "Evenly spaced numbers up to, but not including, an end.",
        example: example!("print(arange(5));", "print(arange(0, 1, 0.25));"),
        code: Code::Values(|call| {
            let read = |name: &str| call.value(name).map(|(_, v)| v).and_then(scalar);
            let start = number(call, "start")?;
            let (start, stop) = match call.value("stop") {
                Some(_) => (start, number(call, "stop")?),
                None => (Scalar::I64(0), start),
            };
            make::arange(start, stop, read("step").unwrap_or(Scalar::I64(1))).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "linspace",
        params: &[
            required("start", Type::Number, "The first number."),
            required("stop", Type::Number, "The last number."),
            optional("num", Type::Count, "50", "How many numbers.").range(Range::From(0.0)),
        ],
        options: &[optional("endpoint", Type::Bool, "true", "Whether `stop` is the last number, or the one after it.")],
        returns: "an array",
        doc: "Evenly spaced numbers between two ends.",
        example: example!("print(linspace(0, 1, 5));", "print(linspace(0, 360, 8, #{ endpoint: false }).size);"),
        code: Code::Values(|call| {
            let count = call.int("num")?.unwrap_or(50) as usize;
            let endpoint = call.bool("endpoint")?.unwrap_or(true);
            make::linspace(call.required_float("start")?, call.required_float("stop")?, count, endpoint)
                .map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "logspace",
        params: &[
            required("start", Type::Number, "Exponent of the first number."),
            required("stop", Type::Number, "Exponent of the last number."),
            optional("num", Type::Count, "50", "How many numbers.").range(Range::From(0.0)),
        ],
        options: &[
            optional("base", Type::Number, "10", "The base of the powers."),
            optional("endpoint", Type::Bool, "true", "Whether `stop` is the last exponent, or the one after it."),
        ],
        returns: "an array",
        doc: "Numbers whose logarithms are evenly spaced.",
        example: example!("print(logspace(0, 3, 4));"),
        code: Code::Values(|call| {
            let count = call.int("num")?.unwrap_or(50) as usize;
            let endpoint = call.bool("endpoint")?.unwrap_or(true);
            let base = Scalar::F64(call.float("base")?.unwrap_or(10.0));
            let exponents =
                make::linspace(call.required_float("start")?, call.required_float("stop")?, count, endpoint)?;
            NdArray::binary(crate::array::Binary::Pow, base.into(), exponents.into()).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "eye",
        params: &[
            required("rows", Type::Count, "Number of rows.").range(Range::From(0.0)),
            optional("columns", Type::Count, "as many as rows", "Number of columns.").range(Range::From(0.0)),
        ],
        options: &[optional("k", Type::Count, "0", "How far the diagonal is to the right of the main one.")],
        returns: "an array",
        doc: "A matrix of ones on its diagonal and zeros elsewhere.",
        example: example!("print(eye(3));"),
        code: Code::Values(|call| {
            let rows = call.required_int("rows")? as usize;
            let columns = call.int("columns")?.map_or(rows, |n| n as usize);
            make::eye(rows, columns, call.int("k")?.unwrap_or(0)).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "meshgrid",
        params: &[
            required("x", Type::Array, "Coordinates along the first axis."),
            required("y", Type::Array, "Coordinates along the second axis."),
            optional("z", Type::Array, "none", "Coordinates along the third axis."),
        ],
        options: &[optional(
            "indexing",
            Type::Choice(&["xy", "ij"], &[]),
            "\"xy\"",
            "`xy`: rows are along y, columns along x, as in an image; `ij`: axes in the order of the arguments.",
        )],
        returns: "a script array of arrays, one for each axis",
        doc: "The coordinates of all points of a grid, as arrays of the grid's shape.",
        example: example!("let g = meshgrid(arange(3), arange(2));", "print(g[0] + 10 * g[1]);"),
        code: Code::Values(|call| {
            let mut axes = vec![call.required_array("x")?, call.required_array("y")?];
            axes.extend(call.array("z")?);
            let xy = call.choice("indexing")? != Some("ij");
            Ok(list(make::meshgrid(&axes, xy)?))
        }),
        ..FREE
    },
    Function {
        name: "mgrid",
        params: &[
            required("x", Type::Array, "Coordinates along the first axis."),
            required("y", Type::Array, "Coordinates along the second axis."),
            optional("z", Type::Array, "none", "Coordinates along the third axis."),
        ],
        returns: "an array of shape (points, axes)",
        doc: "All points of a grid as rows, the last axis fastest, as positions for `set_data`.",
        example: example!("let i = arange(10) * 0.5;", "rt.set_data(\"grid\", #{ pos: mgrid(i, i, i), r: 0.1 });"),
        code: Code::Values(|call| {
            let mut axes = vec![call.required_array("x")?, call.required_array("y")?];
            axes.extend(call.array("z")?);
            let grids = make::meshgrid(&axes, false)?;
            let flat: Result<Vec<_>> = grids.iter().map(|g| g.reshaped(ArrayShape::line(g.size()))).collect();
            index::stack(&flat?, 1).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "random",
        params: &[SHAPE],
        options: &[
            optional("low", Type::Number, "0", "Least number."),
            optional("high", Type::Number, "1", "All numbers are below it."),
            SEED,
        ],
        returns: "an array",
        doc: "Random numbers, evenly distributed. They follow from the run's seed, the callback, the frame and how \
              many such calls went before: the same run gives the same numbers on every machine.",
        example: example!("let pos = random([1000, 3]) * 2 - 1;", "rt.set_data(\"dust\", #{ pos: pos, r: 0.01 });"),
        code: Code::Values(|call| {
            let (low, high) = (call.float("low")?.unwrap_or(0.0), call.float("high")?.unwrap_or(1.0));
            random::uniform(call.required_shape("shape")?, low, high, seed(call)?).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "normal",
        params: &[SHAPE],
        options: &[
            optional("mean", Type::Number, "0", "Mean of the distribution."),
            optional("std", Type::Number, "1", "Standard deviation.").range(Range::From(0.0)),
            SEED,
        ],
        returns: "an array",
        doc: "Random numbers, normally distributed. They depend on the same as those of `random`.",
        example: example!("rt.set_data(\"cloud\", #{ pos: normal([1000, 3], #{ std: 0.5 }), r: 0.01 });"),
        code: Code::Values(|call| {
            let (mean, std) = (call.float("mean")?.unwrap_or(0.0), call.float("std")?.unwrap_or(1.0));
            random::normal(call.required_shape("shape")?, mean, std, seed(call)?).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "randint",
        params: &[
            required("low", Type::Count, "Least number."),
            required("high", Type::Count, "All numbers are below it."),
            required("shape", Type::Shape, "Length of each axis."),
        ],
        options: &[SEED],
        returns: "an array of int64",
        doc: "Random whole numbers, evenly distributed. They depend on the same as those of `random`.",
        example: example!("print(randint(1, 7, 10));"),
        code: Code::Values(|call| {
            let (low, high) = (call.required_int("low")?, call.required_int("high")?);
            random::integers(call.required_shape("shape")?, low, high, seed(call)?).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "permutation",
        params: &[required("n", Type::Count, "How many numbers.").range(Range::From(0.0))],
        options: &[SEED],
        returns: "an array of int64",
        doc: "The numbers from 0 to n - 1 in random order, which depends on the same as the numbers of `random`.",
        example: example!("let names = arange(10);", "print(names[permutation(10)]);"),
        code: Code::Values(|call| {
            random::permutation(call.required_int("n")? as usize, seed(call)?).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "slice",
        params: &[
            required("start", Type::Any, "The first index; `()` for the beginning."),
            required("stop", Type::Any, "The end, which is not included; `()` for the end of the axis."),
            optional("step", Type::Count, "1", "From one index to the next; negative ones go backwards."),
        ],
        returns: "a slice, which can be used as an index",
        doc: "A part of an axis with a step, `start:stop:step` in Python.",
        example: example!("let a = arange(10);", "print(a[slice(1, (), 2)]);", "print(a[slice((), (), -1)]);"),
        code: Code::Values(|call| {
            let end = |name: &str| match call.value(name) {
                None => Ok(None),
                Some((_, value)) => value
                    .as_int()
                    .map(Some)
                    .map_err(|_| Error::script(format!("`{name}` of a slice is no whole number"))),
            };
            let step = call.int("step")?.unwrap_or(1);
            Ok(Dynamic::from(Slice { start: end("start")?, stop: end("stop")?, step }))
        }),
        ..FREE
    },
];

fn constant(call: &Call, value: Scalar) -> Result<Dynamic> {
    let dtype = call.dtype("dtype")?.unwrap_or(crate::array::Dtype::F64);
    make::full_as(call.required_shape("shape")?, value, dtype).map(Dynamic::from)
}

/// A number as it was written, whole or not.
fn number(call: &Call, name: &str) -> Result<Scalar> {
    let float = call.required_float(name)?;
    Ok(call.value(name).and_then(|(_, v)| scalar(v)).unwrap_or(Scalar::F64(float)))
}

fn seed(call: &Call) -> Result<u64> {
    Ok(random::seed(call.int("seed")?.map(|seed| seed as u64)))
}

/// Arrays in a script array.
pub fn list(arrays: Vec<NdArray>) -> Dynamic {
    arrays.into_iter().map(Dynamic::from).collect::<Array>().into()
}
