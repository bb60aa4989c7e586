//! The loops of the instructions. Compiled once per instruction set by `run`; without fused multiply-adds, so that all
//! give the same bits.

use super::super::math::{self, *};
use super::super::ops::{Binary, Unary};
use super::super::values::Element;
use std::mem::MaybeUninit;

/// Input of a loop: one element for each output element, or one for all.
#[derive(Clone, Copy)]
pub enum Input<'a, T> {
    Each(&'a [T]),
    One(T),
}

impl<T: Copy> Input<'_, T> {
    #[inline(always)]
    fn get(&self, i: usize) -> T {
        match self {
            Input::Each(v) => v[i],
            Input::One(x) => *x,
        }
    }
}

type Target<'a, T> = &'a mut [MaybeUninit<T>];

/// A loop over one input.
macro_rules! each {
    ($target:expr, $a:expr, |$x:ident| $body:expr) => {
        match $a {
            Input::Each(a) => {
                for (to, &$x) in $target.iter_mut().zip(a) {
                    to.write($body);
                }
            }
            Input::One($x) => {
                let value = $body;
                for to in $target.iter_mut() {
                    to.write(value);
                }
            }
        }
    };
}

/// A loop over two inputs.
macro_rules! pairs {
    ($target:expr, $a:expr, $b:expr, |$x:ident, $y:ident| $body:expr) => {
        match ($a, $b) {
            (Input::Each(a), Input::Each(b)) => {
                for ((to, &$x), &$y) in $target.iter_mut().zip(a).zip(b) {
                    to.write($body);
                }
            }
            (Input::Each(a), Input::One($y)) => {
                for (to, &$x) in $target.iter_mut().zip(a) {
                    to.write($body);
                }
            }
            (Input::One($x), Input::Each(b)) => {
                for (to, &$y) in $target.iter_mut().zip(b) {
                    to.write($body);
                }
            }
            (Input::One($x), Input::One($y)) => {
                let value = $body;
                for to in $target.iter_mut() {
                    to.write(value);
                }
            }
        }
    };
}

/// A function whose fast form is not valid for all numbers: the others are computed one by one.
macro_rules! quick {
    ($target:expr, $a:expr, $is_quick:ident, $quick:ident, $slow:expr) => {
        match $a {
            Input::Each(a) => {
                let mut all = true;
                for &x in a {
                    all &= $is_quick(x);
                }
                for (to, &x) in $target.iter_mut().zip(a) {
                    to.write($quick(x));
                }
                if !all {
                    for (to, &x) in $target.iter_mut().zip(a) {
                        if !$is_quick(x) {
                            to.write($slow(x));
                        }
                    }
                }
            }
            Input::One(x) => {
                let value = if $is_quick(x) { $quick(x) } else { $slow(x) };
                for to in $target.iter_mut() {
                    to.write(value);
                }
            }
        }
    };
}

#[inline(always)]
fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        // 0 of either sign becomes 0, NaN stays NaN.
        x * x
    }
}

#[inline(always)]
pub fn unary_f64(op: Unary, to: Target<f64>, a: Input<f64>) {
    match op {
        Unary::Neg => each!(to, a, |x| -x),
        Unary::Abs => each!(to, a, |x| x.abs()),
        Unary::Sign => each!(to, a, |x| sign(x)),
        Unary::Square => each!(to, a, |x| x * x),
        Unary::Sqrt => each!(to, a, |x| x.sqrt()),
        Unary::Reciprocal => each!(to, a, |x| 1.0 / x),
        Unary::Sin => quick!(to, a, is_quick_angle, quick_sin, libm::sin),
        Unary::Cos => quick!(to, a, is_quick_angle, quick_cos, libm::cos),
        Unary::Exp => quick!(to, a, is_quick_exponent, quick_exp, libm::exp),
        Unary::Log => quick!(to, a, is_quick_log, quick_ln, libm::log),
        Unary::Radians => each!(to, a, |x| x.to_radians()),
        Unary::Degrees => each!(to, a, |x| x.to_degrees()),
        Unary::Floor => each!(to, a, |x| x.floor()),
        Unary::Ceil => each!(to, a, |x| x.ceil()),
        Unary::Trunc => each!(to, a, |x| x.trunc()),
        Unary::Fraction => each!(to, a, |x| x - x.trunc()),
        Unary::Round => each!(to, a, |x| round_even(x)),
        Unary::Tan => slow(to, a, libm::tan),
        Unary::Asin => slow(to, a, libm::asin),
        Unary::Acos => slow(to, a, libm::acos),
        Unary::Atan => slow(to, a, libm::atan),
        Unary::Sinh => slow(to, a, libm::sinh),
        Unary::Cosh => slow(to, a, libm::cosh),
        Unary::Tanh => slow(to, a, libm::tanh),
        Unary::Asinh => slow(to, a, libm::asinh),
        Unary::Acosh => slow(to, a, libm::acosh),
        Unary::Atanh => slow(to, a, libm::atanh),
        Unary::Cbrt => slow(to, a, libm::cbrt),
        Unary::Exp2 => slow(to, a, libm::exp2),
        Unary::Expm1 => slow(to, a, libm::expm1),
        Unary::Log2 => slow(to, a, libm::log2),
        Unary::Log10 => slow(to, a, libm::log10),
        Unary::Log1p => slow(to, a, libm::log1p),
        Unary::Not | Unary::IsNan | Unary::IsInf | Unary::IsFinite => unreachable!("types of operations"),
    }
}

/// Computes one element at a time.
#[inline(never)]
fn slow(to: Target<f64>, a: Input<f64>, f: fn(f64) -> f64) {
    each!(to, a, |x| f(x));
}

#[inline(always)]
pub fn unary_f32(op: Unary, to: Target<f32>, a: Input<f32>) {
    match op {
        Unary::Neg => each!(to, a, |x| -x),
        Unary::Abs => each!(to, a, |x| x.abs()),
        Unary::Sign => each!(to, a, |x| sign(f64::from(x)) as f32),
        Unary::Square => each!(to, a, |x| x * x),
        Unary::Sqrt => each!(to, a, |x| x.sqrt()),
        Unary::Reciprocal => each!(to, a, |x| 1.0 / x),
        Unary::Floor => each!(to, a, |x| x.floor()),
        Unary::Ceil => each!(to, a, |x| x.ceil()),
        Unary::Trunc => each!(to, a, |x| x.trunc()),
        Unary::Fraction => each!(to, a, |x| x - x.trunc()),
        Unary::Round => each!(to, a, |x| round_even(f64::from(x)) as f32),
        _ => unreachable!("types of operations"),
    }
}

#[inline(always)]
pub fn unary_i64(op: Unary, to: Target<i64>, a: Input<i64>) {
    match op {
        Unary::Neg => each!(to, a, |x| x.wrapping_neg()),
        Unary::Not => each!(to, a, |x| !x),
        Unary::Abs => each!(to, a, |x| x.wrapping_abs()),
        Unary::Sign => each!(to, a, |x| x.signum()),
        Unary::Square => each!(to, a, |x| x.wrapping_mul(x)),
        Unary::Floor | Unary::Ceil | Unary::Trunc | Unary::Round => each!(to, a, |x| x),
        _ => unreachable!("types of operations"),
    }
}

#[inline(always)]
pub fn unary_bool(op: Unary, to: Target<bool>, a: Input<bool>) {
    match op {
        Unary::Not => each!(to, a, |x| !x),
        _ => each!(to, a, |x| x),
    }
}

#[inline(always)]
pub fn test_f64(op: Unary, to: Target<bool>, a: Input<f64>) {
    match op {
        Unary::IsNan => each!(to, a, |x| x.is_nan()),
        Unary::IsInf => each!(to, a, |x| x.is_infinite()),
        _ => each!(to, a, |x| x.is_finite()),
    }
}

#[inline(always)]
pub fn test_f32(op: Unary, to: Target<bool>, a: Input<f32>) {
    match op {
        Unary::IsNan => each!(to, a, |x| x.is_nan()),
        Unary::IsInf => each!(to, a, |x| x.is_infinite()),
        _ => each!(to, a, |x| x.is_finite()),
    }
}

/// The smaller of two; NaN if one is NaN.
macro_rules! least {
    ($x:expr, $y:expr) => {
        if $x.is_nan() || $x <= $y { $x } else { $y }
    };
}
macro_rules! greatest {
    ($x:expr, $y:expr) => {
        if $x.is_nan() || $x >= $y { $x } else { $y }
    };
}

#[inline(always)]
pub fn binary_f64(op: Binary, to: Target<f64>, a: Input<f64>, b: Input<f64>) {
    match op {
        Binary::Add => pairs!(to, a, b, |x, y| x + y),
        Binary::Sub => pairs!(to, a, b, |x, y| x - y),
        Binary::Mul => pairs!(to, a, b, |x, y| x * y),
        Binary::Div => pairs!(to, a, b, |x, y| x / y),
        Binary::Minimum => pairs!(to, a, b, |x, y| least!(x, y)),
        Binary::Maximum => pairs!(to, a, b, |x, y| greatest!(x, y)),
        Binary::CopySign => pairs!(to, a, b, |x, y| x.copysign(y)),
        Binary::FloorDiv => slow_pairs(to, a, b, math::floor_div),
        Binary::Mod => slow_pairs(to, a, b, math::modulo),
        Binary::Atan2 => slow_pairs(to, a, b, libm::atan2),
        Binary::Hypot => slow_pairs(to, a, b, libm::hypot),
        Binary::Pow => match b {
            // The cases of `power`, several elements at once.
            Input::One(2.0) => each!(to, a, |x| x * x),
            Input::One(1.0) => each!(to, a, |x| x),
            Input::One(0.5) => each!(to, a, |x| x.sqrt()),
            Input::One(-1.0) => each!(to, a, |x| 1.0 / x),
            _ => slow_pairs(to, a, b, math::power),
        },
        _ => unreachable!("types of operations"),
    }
}

/// Computes one pair at a time.
#[inline(never)]
fn slow_pairs(to: Target<f64>, a: Input<f64>, b: Input<f64>, f: fn(f64, f64) -> f64) {
    for (i, to) in to.iter_mut().enumerate() {
        to.write(f(a.get(i), b.get(i)));
    }
}

#[inline(always)]
pub fn binary_f32(op: Binary, to: Target<f32>, a: Input<f32>, b: Input<f32>) {
    match op {
        Binary::Add => pairs!(to, a, b, |x, y| x + y),
        Binary::Sub => pairs!(to, a, b, |x, y| x - y),
        Binary::Mul => pairs!(to, a, b, |x, y| x * y),
        Binary::Div => pairs!(to, a, b, |x, y| x / y),
        Binary::Minimum => pairs!(to, a, b, |x, y| least!(x, y)),
        Binary::Maximum => pairs!(to, a, b, |x, y| greatest!(x, y)),
        Binary::CopySign => pairs!(to, a, b, |x, y| x.copysign(y)),
        Binary::FloorDiv => pairs!(to, a, b, |x, y| math::floor_div(f64::from(x), f64::from(y)) as f32),
        Binary::Mod => pairs!(to, a, b, |x, y| math::modulo(f64::from(x), f64::from(y)) as f32),
        _ => unreachable!("types of operations"),
    }
}

#[inline(always)]
pub fn binary_i64(op: Binary, to: Target<i64>, a: Input<i64>, b: Input<i64>) {
    match op {
        Binary::Add => pairs!(to, a, b, |x, y| x.wrapping_add(y)),
        Binary::Sub => pairs!(to, a, b, |x, y| x.wrapping_sub(y)),
        Binary::Mul => pairs!(to, a, b, |x, y| x.wrapping_mul(y)),
        Binary::FloorDiv => pairs!(to, a, b, |x, y| math::floor_div_int(x, y)),
        Binary::Mod => pairs!(to, a, b, |x, y| math::modulo_int(x, y)),
        Binary::Pow => pairs!(to, a, b, |x, y| math::power_int(x, y)),
        Binary::Minimum => pairs!(to, a, b, |x, y| x.min(y)),
        Binary::Maximum => pairs!(to, a, b, |x, y| x.max(y)),
        Binary::And => pairs!(to, a, b, |x, y| x & y),
        Binary::Or => pairs!(to, a, b, |x, y| x | y),
        Binary::Xor => pairs!(to, a, b, |x, y| x ^ y),
        Binary::Shl => pairs!(to, a, b, |x, y| if (0..64).contains(&y) { x << y } else { 0 }),
        Binary::Shr => pairs!(to, a, b, |x, y| if (0..64).contains(&y) { x >> y } else { x >> 63 }),
        _ => unreachable!("types of operations"),
    }
}

#[inline(always)]
pub fn binary_bool(op: Binary, to: Target<bool>, a: Input<bool>, b: Input<bool>) {
    match op {
        Binary::Add | Binary::Maximum | Binary::Or => pairs!(to, a, b, |x, y| x | y),
        Binary::Mul | Binary::Minimum | Binary::And => pairs!(to, a, b, |x, y| x & y),
        Binary::Xor => pairs!(to, a, b, |x, y| x ^ y),
        _ => unreachable!("types of operations"),
    }
}

#[inline(always)]
pub fn compare<T: Element>(op: Binary, to: Target<bool>, a: Input<T>, b: Input<T>) {
    match op {
        Binary::Lt => pairs!(to, a, b, |x, y| x < y),
        Binary::Le => pairs!(to, a, b, |x, y| x <= y),
        Binary::Gt => pairs!(to, a, b, |x, y| x > y),
        Binary::Ge => pairs!(to, a, b, |x, y| x >= y),
        Binary::Eq => pairs!(to, a, b, |x, y| x == y),
        Binary::Ne => pairs!(to, a, b, |x, y| x != y),
        _ => unreachable!("types of operations"),
    }
}

#[inline(always)]
pub fn select<T: Element>(to: Target<T>, condition: Input<bool>, b: Input<T>, c: Input<T>) {
    if let (Input::Each(condition), Input::Each(b), Input::Each(c)) = (condition, b, c) {
        for (((to, &condition), &b), &c) in to.iter_mut().zip(condition).zip(b).zip(c) {
            to.write(if condition { b } else { c });
        }
        return;
    }
    for (i, to) in to.iter_mut().enumerate() {
        to.write(if condition.get(i) { b.get(i) } else { c.get(i) });
    }
}

/// A conversion between types of elements.
pub trait Into2<T> {
    fn convert(self) -> T;
}

macro_rules! conversions {
    ($($from:ty => $to:ty: |$x:ident| $body:expr;)*) => {
        $(impl Into2<$to> for $from {
            #[inline(always)]
            fn convert(self) -> $to {
                let $x = self;
                $body
            }
        })*
    };
}

// Floats outside of the range of integers become the nearest integer, NaN becomes 0.
conversions! {
    bool => bool: |x| x;
    bool => i64: |x| i64::from(x);
    bool => f32: |x| f32::from(u8::from(x));
    bool => f64: |x| f64::from(u8::from(x));
    i64 => bool: |x| x != 0;
    i64 => i64: |x| x;
    i64 => f32: |x| x as f32;
    i64 => f64: |x| x as f64;
    f32 => bool: |x| x != 0.0;
    f32 => i64: |x| x as i64;
    f32 => f32: |x| x;
    f32 => f64: |x| f64::from(x);
    f64 => bool: |x| x != 0.0;
    f64 => i64: |x| x as i64;
    f64 => f32: |x| x as f32;
    f64 => f64: |x| x;
}

#[inline(always)]
pub fn cast<A: Element + Into2<B>, B: Element>(to: Target<B>, a: Input<A>) {
    each!(to, a, |x| x.convert());
}

/// Repeats each value `times` times; the first one `times - phase` times.
#[inline(always)]
pub fn expand<T: Element>(to: Target<T>, a: &[T], times: usize, phase: usize) {
    fn by<T: Element, const N: usize>(to: Target<T>, a: &[T]) {
        for (to, &x) in to.chunks_exact_mut(N).zip(a) {
            for to in to {
                to.write(x);
            }
        }
    }
    if phase == 0 && to.len() == a.len() * times {
        match times {
            2 => return by::<T, 2>(to, a),
            3 => return by::<T, 3>(to, a),
            4 => return by::<T, 4>(to, a),
            _ => {}
        }
    }
    let (first, rest) = to.split_at_mut((times - phase).min(to.len()));
    let mut values = a.iter();
    for part in std::iter::once(first).chain(rest.chunks_mut(times)) {
        if let Some(&x) = values.next() {
            for to in part {
                to.write(x);
            }
        }
    }
}

/// Elements from `start` on, in the order of the loops.
///
/// # Safety
///
/// `from` points to the first element, and all elements that the loops reach are in the same buffer.
#[inline(always)]
pub unsafe fn gather<T: Element>(to: Target<T>, from: *const T, loops: &[(usize, isize)], start: usize) {
    let Some((&(length, stride), outer)) = loops.split_last() else { return };
    let mut row = start / length;
    let mut column = start % length;
    let mut rest = to;
    while !rest.is_empty() {
        let mut offset = column as isize * stride;
        let mut index = row;
        for &(length, stride) in outer.iter().rev() {
            offset += (index % length) as isize * stride;
            index /= length;
        }
        let (part, after) = rest.split_at_mut((length - column).min(rest.len()));
        let mut place = from.wrapping_offset(offset);
        for to in part.iter_mut() {
            // SAFETY: as required of the caller.
            to.write(unsafe { place.read() });
            place = place.wrapping_offset(stride);
        }
        (rest, row, column) = (after, row + 1, 0);
    }
}
