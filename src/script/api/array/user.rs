//! Functions of the user over elements: the slow way.

use super::super::table::{Code, Function, Type, required};
use super::{ARRAY, FREE, Fallible, example, from_scalars, scalar};
use crate::array::{ArrayShape, NdArray, Scalar};
use crate::script::thrown::throw;
use crate::{Error, Result};
use rhai::{Dynamic, Engine, FnPtr, NativeCallContext};
use std::time::Instant;

/// Number of calls from which `check` reports their cost.
const MANY: usize = 20_000;

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "map",
        params: &[required("f", Type::Function, "Called with each element; returns a number or a truth value.")],
        returns: "an array of the same shape",
        doc: "A function of the script on each element. That is the slow way, about a thousand times slower than \
              arithmetic on the whole array: use it only where arithmetic and `where` do not suffice. `check` reports what it costs.",
        example: example!("let a = arange(5);", "print(a.map(|x| if x > 2 { x } else { 0 }));"),
        code: Code::Host,
        ..ARRAY
    },
    Function {
        name: "fromfunction",
        params: &[
            required("f", Type::Function, "Called with the index along each axis; returns a number or a truth value."),
            required("shape", Type::Shape, "Length of each axis."),
        ],
        returns: "an array",
        doc: "An array made by a function of the script, element by element. That is the slow way: `arange`, \
              `meshgrid` and arithmetic make the same array at once. `check` reports what it costs.",
        example: example!("print(fromfunction(|i, j| i * 10 + j, [2, 3]));"),
        code: Code::Host,
        ..FREE
    },
];

pub fn register(engine: &mut Engine) {
    engine.register_fn("map", |ctx: NativeCallContext, array: NdArray, f: FnPtr| -> Fallible {
        let shape = array.shape();
        let elements = throw(array.reshaped(ArrayShape::line(array.size())), ctx.call_position())?;
        throw(elements.compute(), ctx.call_position())?;
        call_each(&ctx, &f, shape, |i| {
            let element = crate::array::index::get(&elements, &[crate::array::index::Index::At(i as i64)]);
            vec![element.and_then(super::value).unwrap_or_default()]
        })
    });
    engine.register_fn("fromfunction", |ctx: NativeCallContext, f: FnPtr, shape: Dynamic| -> Fallible {
        let lengths = super::lengths(&shape).unwrap_or_default();
        let dims: Option<Vec<usize>> = lengths.iter().map(|&n| usize::try_from(n).ok()).collect();
        let wrong = || Error::script("`shape` is no whole number and no array of whole numbers");
        let shape = dims.filter(|d| !d.is_empty()).ok_or_else(wrong).and_then(|dims| ArrayShape::new(&dims));
        let shape = throw(shape, ctx.call_position())?;
        call_each(&ctx, &f, shape, |mut i| {
            let mut indices = vec![Dynamic::UNIT; shape.axes()];
            for (index, &length) in indices.iter_mut().zip(shape.dims()).rev() {
                *index = Dynamic::from((i % length) as i64);
                i /= length;
            }
            indices
        })
    });
}

/// Calls a function of the script for each element of an array of `shape`.
fn call_each(
    ctx: &NativeCallContext,
    f: &FnPtr,
    shape: ArrayShape,
    arguments: impl Fn(usize) -> Vec<Dynamic>,
) -> Fallible {
    let begin = Instant::now();
    let mut scalars: Vec<Scalar> = Vec::new();
    for i in 0..shape.size() {
        let result: Dynamic = f.call_within_context(ctx, arguments(i))?;
        let result = scalar(&result).ok_or_else(|| {
            Error::script(format!("the function of `{}` returns {}", ctx.fn_name(), super::describe(&result)))
                .hint("it returns a number or a truth value for each element")
        });
        scalars.push(throw(result, ctx.call_position())?);
    }
    if shape.size() >= MANY && crate::array::Scope::current().tells_costs {
        let global = ctx.global_runtime_state();
        let (file, line) = (global.source().unwrap_or("script"), ctx.call_position().line().unwrap_or(0));
        let (count, ms) = (shape.size(), begin.elapsed().as_secs_f64() * 1e3);
        tracing::warn!(
            target: "script",
            "{file}:{line}: `{}` calls a function for each of {count} elements, which takes {ms:.0} ms here; arithmetic \
             on the whole array takes about a thousandth",
            ctx.fn_name()
        );
    }
    let array: Result<NdArray> = from_scalars(shape, &scalars);
    throw(array.map(Dynamic::from), ctx.call_position())
}
