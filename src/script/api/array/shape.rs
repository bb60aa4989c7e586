//! Parts and shapes of arrays.

use super::super::call::Call;
use super::super::table::{Code, Function, Type, optional, required};
use super::make::list;
use super::{ARRAY, DTYPES, FREE, Param, example, lengths, put, to_index, value};
use crate::array::index::{self, Index};
use crate::array::{ArrayShape, NdArray};
use crate::{Error, Result};
use rhai::{Array, Dynamic};

const INDEX: Param = required("i", Type::Index, "Index of the first axis.");
const J: Param = optional("j", Type::Index, "all", "Index of the second axis.");
const K: Param = optional("k", Type::Index, "all", "Index of the third axis.");
const L: Param = optional("l", Type::Index, "all", "Index of the fourth axis.");
const M: Param = optional("m", Type::Index, "all", "Index of the fifth axis.");
const N: Param = optional("n", Type::Index, "all", "Index of the sixth axis.");
const O: Param = optional("o", Type::Index, "all", "Index of the seventh axis.");
const P: Param = optional("p", Type::Index, "all", "Index of the eighth axis.");

/// Index of a further axis, or the values.
const fn more(name: &'static str, doc: &'static str) -> Param {
    optional(name, Type::Index, "none", doc)
}

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "shape",
        returns: "a script array of integers",
        doc: "Number of elements along each axis.",
        example: example!("print(zeros([2, 3]).shape);"),
        code: Code::ArrayProperty(|array| {
            Ok(array.shape().dims().iter().map(|&n| Dynamic::from(n as i64)).collect::<Array>().into())
        }),
        ..ARRAY
    },
    Function {
        name: "len",
        returns: "an integer",
        doc: "Number of elements along the first axis.",
        example: example!("print(zeros([2, 3]).len);"),
        code: Code::ArrayProperty(|array| Ok((array.shape().dims().first().copied().unwrap_or(1) as i64).into())),
        ..ARRAY
    },
    Function {
        name: "size",
        returns: "an integer",
        doc: "Number of all elements.",
        example: example!("print(zeros([2, 3]).size);"),
        code: Code::ArrayProperty(|array| Ok((array.size() as i64).into())),
        ..ARRAY
    },
    Function {
        name: "ndim",
        returns: "an integer",
        doc: "Number of axes.",
        example: example!("print(zeros([2, 3]).ndim);"),
        code: Code::ArrayProperty(|array| Ok((array.shape().axes() as i64).into())),
        ..ARRAY
    },
    Function {
        name: "dtype",
        returns: "a string",
        doc: "Type of the elements: float64, float32, int64 or bool.",
        example: example!("print(arange(3).dtype);"),
        code: Code::ArrayProperty(|array| Ok(array.dtype().name().into())),
        ..ARRAY
    },
    Function {
        name: "T",
        returns: "an array",
        doc: "The array with its axes in reverse order: rows become columns.",
        example: example!("print(array([[1, 2], [3, 4]]).T);"),
        code: Code::ArrayProperty(|array| {
            let order: Vec<usize> = (0..array.shape().axes()).rev().collect();
            index::transpose(array, &order).map(Dynamic::from)
        }),
        ..ARRAY
    },
    Function {
        name: "col",
        returns: "an array of shape (n, 1)",
        doc: "The elements as a column: one for each row of an array that it is combined with.",
        example: example!("let r = arange(3);", "print(r.col * [1, 10]);"),
        code: Code::ArrayProperty(|array| array.reshaped(ArrayShape::new(&[array.size(), 1])?).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "row",
        returns: "an array of shape (1, n)",
        doc: "The elements as a row: one for each column of an array that it is combined with.",
        example: example!("let r = arange(3);", "print(r.row + r.col);"),
        code: Code::ArrayProperty(|array| array.reshaped(ArrayShape::new(&[1, array.size()])?).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "x",
        returns: "an array",
        doc: "The first column of an array of points.",
        example: example!("print(array([[1, 2, 3], [4, 5, 6]]).x);"),
        code: Code::ArrayProperty(|array| coordinate(array, 0)),
        ..ARRAY
    },
    Function {
        name: "y",
        returns: "an array",
        doc: "The second column of an array of points.",
        example: example!("print(array([[1, 2, 3], [4, 5, 6]]).y);"),
        code: Code::ArrayProperty(|array| coordinate(array, 1)),
        ..ARRAY
    },
    Function {
        name: "z",
        returns: "an array",
        doc: "The third column of an array of points.",
        example: example!("print(array([[1, 2, 3], [4, 5, 6]]).z);"),
        code: Code::ArrayProperty(|array| coordinate(array, 2)),
        ..ARRAY
    },
    Function {
        name: "at",
        params: &[INDEX, J, K, L, M, N, O, P],
        returns: "a number, or an array",
        doc: "Elements by an index for each axis, `a[i, j]` in NumPy. `()` takes the whole axis.",
        example: example!(
            "let a = arange(12).reshape([3, 4]);",
            "print(a.at(1, 2));",
            "print(a.at(0..2, slice((), (), 2)));"
        ),
        code: Code::ArrayMethod(|array, call| index::get(array, &indices(&call.positions())?).and_then(value)),
        ..ARRAY
    },
    Function {
        name: "set",
        params: &[
            INDEX,
            required("j", Type::Index, "Index of the second axis; the values, if they come here."),
            more("k", "Index of the third axis, or the values."),
            more("l", "Index of the fourth axis, or the values."),
            more("m", "Index of the fifth axis, or the values."),
            more("n", "Index of the sixth axis, or the values."),
            more("o", "Index of the seventh axis, or the values."),
            more("p", "Index of the eighth axis, or the values."),
            optional("values", Type::Values, "none", "The new values."),
        ],
        doc: "Assigns to elements by an index for each axis, with the new values last, in NumPy \
              `a[i, j] = values`.",
        example: example!("let a = zeros([3, 4]);", "a.set(0..2, 1, 5);", "a.set((), 3, [7, 8, 9]);", "print(a);"),
        code: Code::ArrayChange(|array, call| {
            let mut given = call.positions();
            let values = given.pop().ok_or_else(|| Error::script("`a.set` wants values"))?;
            put(array, &indices(&given)?, &values)?;
            Ok(Dynamic::UNIT)
        }),
        ..ARRAY
    },
    Function {
        name: "reshape",
        params: &[required("shape", Type::Shape, "Length of each axis; one may be -1 and is then worked out.")],
        returns: "an array",
        doc: "The same elements in another shape.",
        example: example!("print(arange(6).reshape([2, -1]));"),
        code: Code::ArrayMethod(|array, call| {
            let value = call.value("shape").map(|(_, v)| v.clone()).unwrap_or_default();
            let lengths = lengths(&value)
                .ok_or_else(|| Error::script("`shape` is no whole number and no array of whole numbers"))?;
            array.reshaped(complete(&lengths, array)?).map(Dynamic::from)
        }),
        ..ARRAY
    },
    Function {
        name: "ravel",
        returns: "an array with one axis",
        doc: "The same elements in one row.",
        example: example!("print(zeros([2, 3]).ravel().shape);"),
        code: Code::ArrayMethod(|array, _| array.reshaped(ArrayShape::line(array.size())).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "transpose",
        params: &[optional("axes", Type::Shape, "reversed", "Which axis comes at each place.")],
        returns: "an array",
        doc: "The array with its axes in another order.",
        example: example!("print(zeros([2, 3, 4]).transpose([1, 0, 2]).shape);"),
        code: Code::ArrayMethod(|array, call| {
            let count = array.shape().axes();
            let Some((_, given)) = call.value("axes") else {
                return index::transpose(array, &(0..count).rev().collect::<Vec<_>>()).map(Dynamic::from);
            };
            let given = lengths(given).unwrap_or_default();
            let order: Vec<usize> = given.iter().map(|&a| array.shape().axis(a)).collect::<Result<_>>()?;
            let mut sorted = order.clone();
            sorted.sort_unstable();
            if !sorted.into_iter().eq(0..count) {
                return Err(Error::script(format!("`axes` does not name each of the {count} axes once")));
            }
            index::transpose(array, &order).map(Dynamic::from)
        }),
        ..ARRAY
    },
    Function {
        name: "astype",
        params: &[required("dtype", Type::Choice(DTYPES, &[]), "Type of the elements.")],
        returns: "an array",
        doc: "The elements as another type. Floats lose their fraction on the way to whole numbers.",
        example: example!("print(linspace(0, 3, 7).astype(\"int64\"));"),
        code: Code::ArrayMethod(|array, call| array.cast(call.required_dtype("dtype")?).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "to_array",
        returns: "a script array",
        doc: "The elements as nested script arrays, which are slow and large: for a few elements.",
        example: example!("for x in arange(3).to_array() { print(x); }"),
        code: Code::ArrayMethod(|array, _| to_script(array)),
        ..ARRAY
    },
    Function {
        name: "evaluate",
        returns: "the array",
        doc: "Computes the elements now. Arithmetic is recorded and done when elements are needed, which is nearly \
              always best; this is for measuring, and for a part of a calculation that is used again and again.",
        example: example!("let a = sin(linspace(0, 1, 100)).evaluate();", "print(a.sum());"),
        code: Code::ArrayMethod(|array, _| {
            array.compute()?;
            Ok(Dynamic::from(array.clone()))
        }),
        ..ARRAY
    },
    Function {
        name: "concat",
        params: &[
            required("arrays", Type::Array, "A script array of arrays."),
            optional("axis", Type::Count, "0", "The axis along which they follow one another."),
        ],
        returns: "an array",
        doc: "Arrays one after the other: NumPy's `concatenate`.",
        example: example!("print(concat([arange(3), [7, 8]]));"),
        code: Code::Values(|call| index::concatenate(&parts(call)?, call.int("axis")?.unwrap_or(0)).map(Dynamic::from)),
        ..FREE
    },
    Function {
        name: "stack",
        params: &[
            required("arrays", Type::Array, "A script array of arrays of one shape."),
            optional("axis", Type::Count, "0", "Where the new axis comes."),
        ],
        returns: "an array with one more axis",
        doc: "Arrays of one shape along a new axis: `stack([x, y, z], 1)` makes points of three coordinates.",
        example: example!("let t = linspace(0, 6, 50);", "print(stack([cos(t), sin(t), t], 1).shape);"),
        code: Code::Values(|call| index::stack(&parts(call)?, call.int("axis")?.unwrap_or(0)).map(Dynamic::from)),
        ..FREE
    },
    Function {
        name: "split",
        params: &[
            required("n", Type::Count, "Number of parts; the length of the axis must be a multiple."),
            optional("axis", Type::Count, "0", "The axis to divide."),
        ],
        returns: "a script array of arrays",
        doc: "Equal parts of an array.",
        example: example!("print(arange(6).split(3)[1]);"),
        code: Code::ArrayMethod(|array, call| {
            let axis = array.shape().axis(call.int("axis")?.unwrap_or(0))?;
            let (length, parts) = (array.shape().dims()[axis], call.required_int("n")?);
            if parts < 1 || length % parts as usize != 0 {
                return Err(Error::script(format!(
                    "an axis of {length} elements does not divide into {parts} equal parts"
                )));
            }
            let step = length as i64 / parts;
            let cut = |i: i64| {
                let mut wanted = vec![Index::ALL; axis];
                wanted.push(Index::Span { start: Some(i * step), stop: Some((i + 1) * step), step: 1 });
                index::get(array, &wanted)
            };
            (0..parts).map(cut).collect::<Result<Vec<_>>>().map(list)
        }),
        ..ARRAY
    },
];

fn coordinate(array: &NdArray, column: i64) -> Result<Dynamic> {
    if array.shape().axes() < 2 {
        let name = ["x", "y", "z"][column as usize];
        return Err(Error::script(format!("`a.{name}` of an array of shape {}, which has no columns", array.shape())));
    }
    let mut wanted = vec![Index::ALL; array.shape().axes() - 1];
    wanted.push(Index::At(column));
    index::get(array, &wanted).map(Dynamic::from)
}

/// The indices that a call gives, one for each axis.
fn indices(given: &[Dynamic]) -> Result<Vec<Index>> {
    given.iter().map(to_index).collect()
}

/// A script array of arrays.
fn parts(call: &Call) -> Result<Vec<NdArray>> {
    let given = call.value("arrays").map(|(_, v)| v.clone()).unwrap_or_default();
    let Ok(parts) = given.as_array_ref() else {
        return Ok(vec![call.required_array("arrays")?]);
    };
    let part = |value: &Dynamic| match super::operand(value)? {
        Some(operand) => operand.array(),
        None => Err(Error::script(format!("`arrays` holds {}", super::describe(value)))),
    };
    parts.iter().map(part).collect()
}

/// A shape of which one length may be -1.
fn complete(lengths: &[i64], array: &NdArray) -> Result<ArrayShape> {
    let known: i64 = lengths.iter().filter(|&&n| n != -1).product();
    let open = lengths.iter().filter(|&&n| n == -1).count();
    if open > 1 {
        return Err(Error::script("more than one length of a shape is -1"));
    }
    let size = array.size() as i64;
    let missing = if known > 0 && size % known == 0 { size / known } else { -1 };
    let dims: Option<Vec<usize>> =
        lengths.iter().map(|&n| usize::try_from(if n == -1 { missing } else { n }).ok()).collect();
    let dims = dims.ok_or_else(|| {
        let lengths: Vec<String> = lengths.iter().map(i64::to_string).collect();
        Error::script(format!(
            "an array of shape {} with {size} elements cannot have the shape ({})",
            array.shape(),
            lengths.join(", ")
        ))
    })?;
    ArrayShape::new(&dims)
}

fn to_script(array: &NdArray) -> Result<Dynamic> {
    if array.shape().axes() == 0 {
        return value(array.clone());
    }
    let rows = (0..array.shape().dims()[0]).map(|i| to_script(&index::get(array, &[Index::At(i as i64)])?));
    rows.collect::<Result<Array>>().map(Dynamic::from)
}
