//! Elementary functions of scripts: they take integers as well as floats, and come from a portable library, so that
//! a script gives the same numbers on every machine.

use super::words;
use crate::array::math as quick;
use rhai::{Dynamic, Engine, EvalAltResult, Module, Position};
use std::f64::consts;

type Fallible<T> = Result<T, Box<EvalAltResult>>;

fn arithmetic(message: impl Into<String>) -> Box<EvalAltResult> {
    EvalAltResult::ErrorArithmetic(message.into(), Position::NONE).into()
}

/// `x ** n` and `pow(x, n)` of integers: an integer, or a float where the exponent is negative.
fn int_power(x: i64, n: i64) -> Fallible<Dynamic> {
    if n < 0 {
        return Ok(quick::power(x as f64, n as f64).into());
    }
    u32::try_from(n)
        .ok()
        .and_then(|n| x.checked_pow(n))
        .map(Dynamic::from_int)
        .ok_or_else(|| arithmetic(format!("{x} ** {n} is too large for an integer; write {x}.0 ** {n}")))
}

/// The smaller (or larger) of two numbers, the first of equal ones; NaN if one is NaN.
fn pick(x: f64, y: f64, smaller: bool) -> f64 {
    if x.is_nan() || (if smaller { x <= y } else { x >= y }) { x } else { y }
}

fn clamp(x: f64, low: f64, high: f64) -> Fallible<f64> {
    if low <= high {
        Ok(if x < low {
            low
        } else if x > high {
            high
        } else {
            x
        })
    } else {
        Err(arithmetic(format!("`clamp` has no range from {low} to {high}")))
    }
}

/// Registers a function of one number for floats and integers.
fn unary(engine: &mut Engine, name: &str, f: fn(f64) -> f64) {
    engine.register_fn(name, f);
    engine.register_fn(name, move |x: i64| f(x as f64));
}

/// Registers a function of two numbers for all mixtures of floats and integers.
fn binary(engine: &mut Engine, name: &str, f: fn(f64, f64) -> f64) {
    engine.register_fn(name, f);
    mixed(engine, name, f);
    engine.register_fn(name, move |x: i64, y: i64| f(x as f64, y as f64));
}

fn mixed(engine: &mut Engine, name: &str, f: fn(f64, f64) -> f64) {
    engine.register_fn(name, move |x: i64, y: f64| f(x as f64, y));
    engine.register_fn(name, move |x: f64, y: i64| f(x, y as f64));
}

/// Constants that every script and module sees. Rhai's functions of the same names, `PI()` and `E()`, stay.
pub(super) const CONSTANTS: [(&str, f64); 3] = [("PI", consts::PI), ("TAU", consts::TAU), ("E", consts::E)];

pub(super) fn register(engine: &mut Engine) {
    let mut constants = Module::new();
    for (name, value) in CONSTANTS {
        constants.set_var(name, value);
    }
    engine.register_global_module(constants.into());
    for (name, f) in [
        ("sin", quick::sin as fn(f64) -> f64),
        ("cos", quick::cos),
        ("tan", libm::tan),
        ("asin", libm::asin),
        ("acos", libm::acos),
        ("atan", libm::atan),
        ("sinh", libm::sinh),
        ("cosh", libm::cosh),
        ("tanh", libm::tanh),
        ("asinh", libm::asinh),
        ("acosh", libm::acosh),
        ("atanh", libm::atanh),
        ("sqrt", libm::sqrt),
        ("cbrt", libm::cbrt),
        ("exp", quick::exp),
        ("ln", quick::ln),
        ("log", libm::log10),
        ("log2", libm::log2),
        ("log10", libm::log10),
        ("to_radians", f64::to_radians),
        ("to_degrees", f64::to_degrees),
        ("radians", f64::to_radians),
        ("degrees", f64::to_degrees),
        ("fraction", |x| x - libm::trunc(x)),
        ("exp2", libm::exp2),
        ("expm1", libm::expm1),
        ("log1p", libm::log1p),
    ] {
        unary(engine, name, f);
    }
    for (name, f) in [
        ("atan", libm::atan2 as fn(f64, f64) -> f64),
        ("atan2", libm::atan2),
        ("hypot", libm::hypot),
        ("log", |x, base| libm::log(x) / libm::log(base)),
        ("copysign", f64::copysign),
    ] {
        binary(engine, name, f);
    }
    // Rounding leaves an integer as it is.
    for (name, f) in [
        ("floor", libm::floor as fn(f64) -> f64),
        ("ceiling", libm::ceil),
        ("ceil", libm::ceil),
        ("round", quick::round_even),
        ("int", libm::trunc),
        ("trunc", libm::trunc),
    ] {
        engine.register_fn(name, f);
        engine.register_fn(name, |x: i64| x);
    }
    engine.register_fn("abs", |x: f64| x.abs());
    engine.register_fn("sign", |x: f64| if x.is_nan() || x == 0.0 { x + 0.0 } else { x.signum() });
    engine.register_fn("square", |x: f64| x * x);
    engine.register_fn("square", |x: i64| int_power(x, 2));
    for (name, f) in
        [("isnan", f64::is_nan as fn(f64) -> bool), ("isinf", f64::is_infinite), ("isfinite", f64::is_finite)]
    {
        engine.register_fn(name, f);
        engine.register_fn(name, move |x: i64| f(x as f64));
    }
    for name in ["min", "minimum", "max", "maximum"] {
        let smaller = name.starts_with("min");
        let f: fn(f64, f64) -> f64 = if smaller { |x, y| pick(x, y, true) } else { |x, y| pick(x, y, false) };
        engine.register_fn(name, f);
        mixed(engine, name, f);
        engine.register_fn(name, move |x: i64, y: i64| if smaller { x.min(y) } else { x.max(y) });
    }
    for (name, float, int) in [
        ("floor_divide", quick::floor_div as fn(f64, f64) -> f64, quick::floor_div_int as fn(i64, i64) -> i64),
        ("remainder", quick::modulo, quick::modulo_int),
    ] {
        engine.register_fn(name, float);
        mixed(engine, name, float);
        engine.register_fn(name, move |x: i64, y: i64| match y {
            0 => Err(arithmetic(format!("`{name}` of {x} by 0"))),
            y => Ok(int(x, y)),
        });
    }
    unary(engine, "reciprocal", |x| 1.0 / x);

    engine.register_fn("clamp", clamp);
    engine.register_fn("clamp", |x: i64, low: i64, high: i64| -> Fallible<i64> {
        clamp(x as f64, low as f64, high as f64).map(|_| x.clamp(low, high))
    });
    engine.register_fn("clamp", |x: Dynamic, low: Dynamic, high: Dynamic| -> Fallible<f64> {
        let number = |v: &Dynamic| {
            v.as_float()
                .or_else(|_| v.as_int().map(|i| i as f64))
                .map_err(|kind| arithmetic(format!("`clamp` wants numbers, not {}", words::type_name(kind))))
        };
        clamp(number(&x)?, number(&low)?, number(&high)?)
    });

    // `**` is an operator of our own (see `language`).
    for name in ["pow", "**"] {
        engine.register_fn(name, quick::power);
        mixed(engine, name, quick::power);
        engine.register_fn(name, int_power);
    }
}
