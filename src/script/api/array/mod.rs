//! Arrays in scripts: operators, indexing, and how script values become arrays and back. The functions are in the
//! files of their concepts.

mod color;
mod elements;
mod files;
mod linear;
mod make;
mod order;
mod reduce;
mod shape;
mod user;
mod values;

#[cfg(test)]
mod tests;

pub use color::FUNCTIONS as COLOR;
pub use elements::FUNCTIONS as ELEMENTS;
pub use files::{Access, FUNCTIONS as FILES};
pub use linear::FUNCTIONS as LINEAR;
pub use make::FUNCTIONS as MAKE;
pub use order::FUNCTIONS as ORDER;
pub use reduce::FUNCTIONS as REDUCE;
pub use shape::FUNCTIONS as SHAPE;
pub use user::FUNCTIONS as USER;
pub use values::{arrays_in, from_script, lengths, operand};

use super::call::{Call, bind, mismatch};
use super::convert::describe;
use super::table::{Code, Function, METHOD, Object, Param, Type, optional};
use crate::array::index::{self, Index};
use crate::array::{Binary, Dtype, NdArray, Operand, Unary, format};
use crate::script::thrown::throw;
use crate::{Error, Result};
use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};
use std::any::TypeId;
use std::ops::{Range, RangeInclusive};

/// Rhai's `0..3` and `0..=3`.
type ExclusiveRange = Range<i64>;
type InclusiveRange = RangeInclusive<i64>;

/// A method of arrays without parameters, for entries to build on.
const ARRAY: Function = Function { object: Object::Array, code: Code::Host, ..METHOD };
/// A function of arrays without parameters, for entries to build on.
const FREE: Function = Function { object: Object::Free, code: Code::Host, ..METHOD };
/// Names of the types of elements, the most used first.
const DTYPES: &[&str] = &{
    let mut names = [""; Dtype::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[names.len() - 1 - i] = Dtype::ALL[i].name();
        i += 1;
    }
    names
};
const AXIS: Param =
    optional("axis", Type::Count, "all elements", "Number of the axis along which to work; -1 is the last.");

/// A script of one statement.
macro_rules! example {
    ($($line:expr),+) => {
        concat!("fn init(rt) {\n", $("    ", $line, "\n",)+ "}")
    };
}
use example;

use values::{from_scalars, number, scalar, value};

type Fallible = Result<Dynamic, Box<EvalAltResult>>;

/// Part of an axis with a step, as `slice(start, stop, step)` makes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice {
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
}

/// Converts an index as scripts write it.
fn to_index(value: &Dynamic) -> Result<Index> {
    if let Ok(i) = value.as_int() {
        return Ok(Index::At(i));
    }
    if value.is_unit() {
        return Ok(Index::ALL);
    }
    if let Some(slice) = value.read_lock::<Slice>() {
        return Ok(Index::Span { start: slice.start, stop: slice.stop, step: slice.step });
    }
    if let Some(range) = value.read_lock::<ExclusiveRange>() {
        return Ok(Index::Span { start: Some(range.start), stop: Some(range.end), step: 1 });
    }
    if let Some(range) = value.read_lock::<InclusiveRange>() {
        // Up to the last element is no end that can be counted.
        let stop = if *range.end() == -1 { None } else { Some(range.end().saturating_add(1)) };
        return Ok(Index::Span { start: Some(*range.start()), stop, step: 1 });
    }
    match operand(value)? {
        Some(Operand::Array(array)) => Ok(Index::Array(array)),
        _ => Err(Error::script(format!("an array is not indexed by {}", describe(value)))
            .hint("by an integer, a range `0..3`, `slice(start, stop, step)`, a mask, or an array of integers")),
    }
}

const BINARY: [Binary; 17] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::Mod,
    Binary::Pow,
    Binary::And,
    Binary::Or,
    Binary::Xor,
    Binary::Shl,
    Binary::Shr,
    Binary::Lt,
    Binary::Le,
    Binary::Gt,
    Binary::Ge,
    Binary::Eq,
    Binary::Ne,
];

/// Operators that assign; there is no `**=` in scripts.
const ASSIGN: [(&str, Binary); 10] = [
    ("+=", Binary::Add),
    ("-=", Binary::Sub),
    ("*=", Binary::Mul),
    ("/=", Binary::Div),
    ("%=", Binary::Mod),
    ("&=", Binary::And),
    ("|=", Binary::Or),
    ("^=", Binary::Xor),
    ("<<=", Binary::Shl),
    (">>=", Binary::Shr),
];

/// Registers everything about arrays that has no entry in the table in an engine.
pub fn register(engine: &mut Engine) {
    engine.register_type_with_name::<NdArray>("ndarray");
    engine.register_type_with_name::<Slice>("slice");
    let text = |ctx: NativeCallContext, array: &mut NdArray| throw(format::text(array), ctx.call_position());
    engine.register_fn("to_string", text);
    engine.register_fn("to_debug", |ctx: NativeCallContext, array: &mut NdArray| {
        let text = format::text(array).map(|text| format!("array({text}, \"{}\")", array.dtype().name()));
        throw(text, ctx.call_position())
    });
    for op in BINARY {
        pairwise(engine, op.name(), op);
    }
    for (name, op) in ASSIGN {
        assign(engine, name, op);
    }
    for (name, op) in [("-", Unary::Neg), ("!", Unary::Not)] {
        engine.register_fn(name, move |ctx: NativeCallContext, array: &mut NdArray| -> Fallible {
            throw(NdArray::unary(op, array).map(Dynamic::from), ctx.call_position())
        });
    }
    engine.register_fn("+", |array: NdArray| array);
    // With brackets, as for script arrays; without them it is in the table.
    engine.register_fn("len", |array: &mut NdArray| array.shape().dims().first().map_or(1, |&n| n as i64));
    indexing::<i64>(engine);
    indexing::<ExclusiveRange>(engine);
    indexing::<InclusiveRange>(engine);
    indexing::<Slice>(engine);
    indexing::<NdArray>(engine);
    indexing::<Array>(engine);
    indexing::<()>(engine);
    engine.register_iterator::<NdArray>();
    user::register(engine);
}

fn indexing<I: Clone + Send + Sync + 'static>(engine: &mut Engine) {
    engine.register_indexer_get(|ctx: NativeCallContext, array: &mut NdArray, i: I| -> Fallible {
        let part = to_index(&Dynamic::from(i)).and_then(|i| index::get(array, &[i])).and_then(value);
        throw(part, ctx.call_position())
    });
    engine.register_indexer_set(
        |ctx: NativeCallContext, array: &mut NdArray, i: I, value: Dynamic| -> Result<(), Box<EvalAltResult>> {
            let set = to_index(&Dynamic::from(i)).and_then(|i| put(array, &[i], &value));
            throw(set, ctx.call_position())
        },
    );
}

/// Assigns a script value to a part of an array.
fn put(array: &mut NdArray, indices: &[Index], value: &Dynamic) -> Result<()> {
    let value = operand(value)?.ok_or_else(|| {
        Error::script(format!("{} cannot be assigned to a part of an array", describe(value)))
            .hint("it takes numbers and arrays")
    })?;
    index::set(array, indices, &value)
}

/// `for x in array`: the parts along the first axis.
impl IntoIterator for NdArray {
    type Item = Dynamic;
    type IntoIter = Box<dyn Iterator<Item = Dynamic>>;

    fn into_iter(self) -> Self::IntoIter {
        let length = self.shape().dims().first().copied().unwrap_or(0);
        // Iteration cannot return an error, so a part whose computation fails is `()`.
        let part = move |i: usize| index::get(&self, &[Index::At(i as i64)]).and_then(value).unwrap_or(Dynamic::UNIT);
        Box::new((0..length).map(part))
    }
}

type Args<'a, 'b> = &'a mut [&'b mut Dynamic];

fn operands(name: &str, args: Args) -> Result<(Operand, Operand)> {
    let read = |value: &Dynamic| {
        let wrong = || {
            Error::script(format!("`{name}` does not take an array and {}", describe(value)))
                .hint("the other side is a number or an array")
        };
        operand(value)?.ok_or_else(wrong)
    };
    Ok((read(args[0])?, read(args[1])?))
}

/// Registers an operator on pairs, of which one is an array.
fn pairwise(engine: &mut Engine, name: &'static str, op: Binary) {
    let (array, any) = (TypeId::of::<NdArray>(), TypeId::of::<Dynamic>());
    for types in [[array, array], [array, any], [any, array]] {
        engine.register_raw_fn(name, types, move |ctx: NativeCallContext, args: Args| {
            let result = operands(name, args).and_then(|(a, b)| NdArray::binary(op, a, b));
            throw(result.and_then(value), ctx.call_position())
        });
    }
}

/// Registers an operator that assigns. As in NumPy the array keeps its shape and the kind of its elements.
fn assign(engine: &mut Engine, name: &'static str, op: Binary) {
    let (array, any) = (TypeId::of::<NdArray>(), TypeId::of::<Dynamic>());
    for types in [[array, array], [array, any]] {
        engine.register_raw_fn(name, types, move |ctx: NativeCallContext, args: Args| {
            let result = operands(name, args).and_then(|(a, b)| {
                let Operand::Array(old) = &a else { return Err(Error::script("internal error: no array")) };
                let (shape, dtype) = (old.shape(), old.dtype());
                let new = NdArray::binary(op, a, b)?;
                if new.shape() != shape {
                    return Err(Error::script(format!(
                        "`{name}` would turn an array of shape {shape} into one of shape {}",
                        new.shape()
                    ))
                    .hint("write `a = a + b` for a result of another shape"));
                }
                if !dtype.is_float() && new.dtype() > dtype {
                    return Err(Error::script(format!(
                        "`{name}` would turn an array of {} into one of {}",
                        dtype.name(),
                        new.dtype().name()
                    ))
                    .hint("write `a = a + b`, or begin with an array of floats: `a.astype(\"float64\")`"));
                }
                new.cast(dtype)
            });
            let result = throw(result, ctx.call_position())?;
            if let Some(mut old) = args[0].write_lock::<NdArray>() {
                *old = result;
            }
            Ok(Dynamic::UNIT)
        });
    }
}

/// Registers a function of pairs of elements: of numbers, arrays, and script arrays. `script/math.rs` has a quicker one
/// for numbers.
pub fn pairs(engine: &mut Engine, function: &'static Function, op: Binary) {
    let any = TypeId::of::<Dynamic>();
    engine.register_raw_fn(function.name, [any, any], move |ctx: NativeCallContext, args: Args| {
        let read = |i: usize| operand(args[i])?.ok_or_else(|| mismatch(&function.params[i], args[i]));
        let result = read(0).and_then(|a| NdArray::binary(op, a, read(1)?));
        throw(result.and_then(value), ctx.call_position())
    });
}

/// Registers a function of each element: of numbers, arrays, and script arrays. `script/math.rs` has a quicker one for
/// numbers.
pub fn elementwise(engine: &mut Engine, function: &'static Function, op: Unary) {
    engine.register_raw_fn(function.name, [TypeId::of::<Dynamic>()], move |ctx: NativeCallContext, args: Args| {
        let operand = operand(args[0]).and_then(|a| a.ok_or_else(|| mismatch(&function.params[0], args[0])));
        let result = operand.and_then(|a| NdArray::unary(op, &a.array()?));
        throw(result.and_then(value), ctx.call_position())
    });
}

/// Methods that script arrays do not get: Rhai has its own, or they make no sense for lists.
const NOT_OF_LISTS: [&str; 4] = ["sort", "split", "to_array", "evaluate"];

/// Registers a method of arrays for script arrays of numbers, too.
pub fn of_lists(engine: &mut Engine, function: &'static Function, code: fn(&NdArray, &Call) -> Result<Dynamic>) {
    if NOT_OF_LISTS.contains(&function.name) {
        return;
    }
    let (fewest, most) = function.arity();
    for count in fewest..=most {
        let mut types = vec![TypeId::of::<Array>()];
        types.resize(count + 1, TypeId::of::<Dynamic>());
        engine.register_raw_fn(function.name, types, move |ctx: NativeCallContext, args: Args| {
            let result = args[0].as_array_ref().map_err(|_| Error::script("internal error: no array"));
            let array = result.and_then(|list| from_script(&list));
            let rest = args[1..].iter().map(|arg| (**arg).clone()).collect();
            let result = array.and_then(|array| code(&array, &Call::without_context(function, bind(function, rest)?)));
            throw(result, ctx.call_position())
        });
    }
}
