//! Sorting of script arrays: integers and floats are compared by value, and comparing functions may return floats; their
//! errors are reported.

use super::thrown::thrown;
use crate::Error;
use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, ImmutableString, NativeCallContext};
use std::cmp::Ordering;

type Fallible<T> = Result<T, Box<EvalAltResult>>;

/// The sorting key of an element.
enum Key {
    Nothing,
    Bool(bool),
    Char(char),
    Text(ImmutableString),
    Int(i64),
    Float(f64),
}

impl Key {
    /// The key of a value; `None` for values without an order.
    fn of(value: &Dynamic) -> Option<Key> {
        if value.is_unit() {
            return Some(Key::Nothing);
        }
        let int = value.as_int().map(Key::Int).or_else(|_| value.as_float().map(Key::Float));
        let plain = int.or_else(|_| value.as_bool().map(Key::Bool)).or_else(|_| value.as_char().map(Key::Char));
        plain.or_else(|_| value.as_immutable_string_ref().map(|text| Key::Text(text.clone()))).ok()
    }

    /// The name of the kind in messages, in the plural.
    fn kind(&self) -> &'static str {
        match self {
            Key::Nothing => "`()`",
            Key::Bool(_) => "truth values",
            Key::Char(_) => "characters",
            Key::Text(_) => "strings",
            Key::Int(_) | Key::Float(_) => "numbers",
        }
    }

    /// NaN comes last. Keys are of one kind.
    fn compare(&self, other: &Key) -> Ordering {
        let floats = |a: f64, b: f64| a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()));
        match (self, other) {
            (Key::Bool(a), Key::Bool(b)) => a.cmp(b),
            (Key::Char(a), Key::Char(b)) => a.cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Int(a), Key::Int(b)) => a.cmp(b),
            (Key::Int(a), Key::Float(b)) => mixed(*a, *b),
            (Key::Float(a), Key::Int(b)) => mixed(*b, *a).reverse(),
            (Key::Float(a), Key::Float(b)) => floats(*a, *b),
            _ => Ordering::Equal,
        }
    }
}

/// Compares exactly, also integers with more digits than a float has: otherwise the order would not be transitive.
fn mixed(a: i64, b: f64) -> Ordering {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() || b >= BEYOND {
        return Ordering::Less;
    }
    if b < -BEYOND {
        return Ordering::Greater;
    }
    let whole = b.floor();
    a.cmp(&(whole as i64)).then(if b > whole { Ordering::Less } else { Ordering::Equal })
}

fn sort(context: &NativeCallContext, array: &Array, descending: bool) -> Fallible<Array> {
    let name = context.fn_name();
    let fail = |message: String| {
        let error = Error::script(message);
        thrown(
            error.hint("say how: `a.sort(|x, y| x.size - y.size)` puts the smaller ones first"),
            context.call_position(),
        )
    };
    let mut keyed = Vec::with_capacity(array.len());
    for value in array {
        match Key::of(value) {
            Some(key) => keyed.push((key, value.clone())),
            None => return Err(fail(format!("`{name}` of a list that holds {}", super::api::describe_value(value)))),
        }
    }
    if let Some((first, _)) = keyed.first()
        && let Some((other, _)) = keyed.iter().find(|(key, _)| key.kind() != first.kind())
    {
        return Err(fail(format!("`{name}` of a list that holds {} and {}", first.kind(), other.kind())));
    }
    keyed.sort_by(|(a, _), (b, _)| if descending { b.compare(a) } else { a.compare(b) });
    Ok(keyed.into_iter().map(|(_, value)| value).collect())
}

/// Sorts by a function of two elements. It returns a number, below 0 where the first comes first, or whether it does.
fn sort_by(context: &NativeCallContext, array: Array, f: &FnPtr) -> Fallible<Array> {
    merge_sort(array, &mut |a, b| {
        let result: Dynamic = f.call_within_context(context, (a.clone(), b.clone()))?;
        if let Ok(i) = result.as_int() {
            return Ok(i.cmp(&0));
        }
        if let Ok(first) = result.as_bool() {
            return Ok(if first { Ordering::Less } else { Ordering::Greater });
        }
        let order = result.as_float().ok().and_then(|x| x.partial_cmp(&0.0));
        order.ok_or_else(|| {
            let found = super::api::describe_value(&result);
            let error = Error::script(format!("the function of `{}` returns {found}", context.fn_name()));
            let hint = "it returns a number, below 0 where the first of two comes first, or true where it does";
            thrown(error.hint(hint), context.call_position())
        })
    })
}

/// The elements in order; equal ones keep theirs. The standard library's sorting cannot stop at an error.
fn merge_sort(mut items: Array, compare: &mut impl FnMut(&Dynamic, &Dynamic) -> Fallible<Ordering>) -> Fallible<Array> {
    if items.len() < 2 {
        return Ok(items);
    }
    let right = merge_sort(items.split_off(items.len() / 2), compare)?;
    let left = merge_sort(items, compare)?;
    let mut merged = Array::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if compare(a, b)? == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

pub(super) fn register(engine: &mut Engine) {
    for (name, descending) in [("sort", false), ("sort_desc", true)] {
        engine.register_fn(name, move |context: NativeCallContext, array: &mut Array| -> Fallible<()> {
            *array = sort(&context, array, descending)?;
            Ok(())
        });
    }
    for (name, descending) in [("order", false), ("order_desc", true)] {
        engine.register_fn(name, move |context: NativeCallContext, array: &mut Array| -> Fallible<Array> {
            sort(&context, array, descending)
        });
    }
    for name in ["sort", "sort_by"] {
        engine.register_fn(name, |context: NativeCallContext, array: &mut Array, f: FnPtr| -> Fallible<()> {
            *array = sort_by(&context, array.clone(), &f)?;
            Ok(())
        });
    }
    for name in ["order", "order_by"] {
        engine.register_fn(name, |context: NativeCallContext, array: &mut Array, f: FnPtr| -> Fallible<Array> {
            sort_by(&context, array.clone(), &f)
        });
    }
}
