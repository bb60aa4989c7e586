//! Elementary functions with the same bits on every machine: straight-line `f64` arithmetic that a compiler can do on
//! several elements at once, without fused multiply-adds, whose rounding differs from machine to machine.
//!
//! Each function has a range in which the fast form is valid; outside of it `libm` computes, one element at a time.
//! Reductions and coefficients are the well-known ones of W. J. Cody, W. Waite (Software Manual for the Elementary
//! Functions, 1980), of the Sun library by K. C. Ng (fdlibm, 1993), and Taylor's series.

/// 1.5 * 2^52: added to a number below 2^51 it leaves the nearest integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// The nearest integer, ties to even, of |x| < 2^51.
#[inline(always)]
fn nearest(x: f64) -> f64 {
    (x + ROUND) - ROUND
}

/// Whether the fast sine, cosine and tangent are valid for `x`.
#[inline(always)]
pub fn is_quick_angle(x: f64) -> bool {
    x.abs() <= 1.0e6
}

/// π/2 in pieces of 33 bits, whose products with an integer below 2^20 are exact, and the rest.
const HALF_PI_1: f64 = f64::from_bits(0x3FF9_21FB_5440_0000);
const HALF_PI_2: f64 = f64::from_bits(0x3DD0_B461_1A60_0000);
const HALF_PI_REST: f64 = f64::from_bits(0x3BA3_198A_2E03_7073);

/// The quadrant of an angle, and the remainder as a sum of two numbers: |high| slightly above π/4 at most.
#[inline(always)]
fn reduce(x: f64) -> (u64, f64, f64) {
    let shifted = x * std::f64::consts::FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    let first = x - n * HALF_PI_1;
    let second = n * HALF_PI_2;
    let left = first - second;
    let rest = n * HALF_PI_REST - ((first - left) - second);
    let high = left - rest;
    (shifted.to_bits(), high, (left - high) - rest)
}

/// Sine of `x + tail` for |x| <= π/4.
#[inline(always)]
fn sine(x: f64, tail: f64) -> f64 {
    let z = x * x;
    let w = z * z;
    let r = 8.333_333_333_322_49e-3
        + z * (-1.984_126_982_985_795e-4 + z * 2.755_731_370_707_007e-6)
        + z * w * (-2.505_076_025_340_686e-8 + z * 1.589_690_995_211_55e-10);
    let v = z * x;
    x - ((z * (0.5 * tail - v * r) - tail) + v * 1.666_666_666_666_663_2e-1)
}

/// Cosine of `x + tail` for |x| <= π/4.
#[inline(always)]
fn cosine(x: f64, tail: f64) -> f64 {
    let z = x * x;
    let w = z * z;
    let r = z * (4.166_666_666_666_66e-2 + z * (-1.388_888_888_887_411e-3 + z * 2.480_158_728_947_673e-5))
        + w * w * (-2.755_731_435_139_066_3e-7 + z * (2.087_572_321_298_175e-9 + z * -1.135_964_755_778_819_5e-11));
    let half = 0.5 * z;
    let one = 1.0 - half;
    one + (((1.0 - one) - half) + (z * r - x * tail))
}

/// Selects one of two numbers: `b` where `mask` is all ones.
#[inline(always)]
fn pick(mask: u64, a: f64, b: f64) -> f64 {
    f64::from_bits((a.to_bits() & !mask) | (b.to_bits() & mask))
}

/// Sine of an angle for which the fast form is valid.
#[inline(always)]
pub fn quick_sin(x: f64) -> f64 {
    let (quadrant, high, tail) = reduce(x);
    let odd = (quadrant & 1).wrapping_neg();
    let value = pick(odd, sine(high, tail), cosine(high, tail));
    // -0.0 is its own sine; the reduction has lost its sign.
    let value = f64::from_bits(value.to_bits() ^ ((quadrant & 2) << 62));
    if x == 0.0 { x } else { value }
}

/// Cosine of an angle for which the fast form is valid.
#[inline(always)]
pub fn quick_cos(x: f64) -> f64 {
    let (quadrant, high, tail) = reduce(x);
    let odd = (quadrant & 1).wrapping_neg();
    let value = pick(odd, cosine(high, tail), sine(high, tail));
    f64::from_bits(value.to_bits() ^ ((quadrant.wrapping_add(1) & 2) << 62))
}

/// Whether the fast exponential is valid for `x`.
#[inline(always)]
pub fn is_quick_exponent(x: f64) -> bool {
    x.abs() <= 700.0
}

const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);

/// The exponential where the fast form is valid.
#[inline(always)]
pub fn quick_exp(x: f64) -> f64 {
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let high = x - n * LN2_HIGH;
    let low = n * LN2_LOW;
    let r = high - low;
    // Taylor's series; |r| <= ln 2 / 2, where the first term left out is below 2^-57.
    let z = r * r;
    let a = 1.0 / 6.0 + r * (1.0 / 24.0);
    let b = 1.0 / 120.0 + r * (1.0 / 720.0);
    let c = 1.0 / 5040.0 + r * (1.0 / 40_320.0);
    let d = 1.0 / 362_880.0 + r * (1.0 / 3_628_800.0);
    let e = 1.0 / 39_916_800.0 + r * (1.0 / 479_001_600.0) + z * (1.0 / 6_227_020_800.0);
    let p = a + z * (b + z * (c + z * (d + z * e)));
    let tail = (high - r) - low;
    let value = 1.0 + (r + (tail + (0.5 * z + z * r * p)));
    // The low bits of `shifted` are n: it goes into the exponent.
    f64::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// Whether the fast logarithm is valid for `x`: positive, finite, and not subnormal.
#[inline(always)]
pub fn is_quick_log(x: f64) -> bool {
    (f64::MIN_POSITIVE..=f64::MAX).contains(&x)
}

/// The natural logarithm where the fast form is valid.
#[inline(always)]
pub fn quick_ln(x: f64) -> f64 {
    // m in √½ .. √2, x = m 2^k
    let bits = x.to_bits().wrapping_add(0x3FF0_0000_0000_0000 - 0x3FE6_A09E_0000_0000);
    let m = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF).wrapping_add(0x3FE6_A09E_0000_0000));
    // The exponent as the low bits of a float.
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (0.399_999_999_994_094_2 + w * (0.222_221_984_321_497_84 + w * 0.153_138_376_992_093_73));
    let odd = z
        * (0.666_666_666_666_673_5
            + w * (0.285_714_287_436_623_9 + w * (0.181_835_721_616_180_5 + w * 0.147_981_986_051_165_86)));
    let half = 0.5 * f * f;
    k * LN2_HIGH - ((half - (s * (half + (even + odd)) + k * LN2_LOW)) - f)
}

/// Sine, the same for one number as for an array.
pub fn sin(x: f64) -> f64 {
    if is_quick_angle(x) { quick_sin(x) } else { libm::sin(x) }
}

/// Cosine, the same for one number as for an array.
pub fn cos(x: f64) -> f64 {
    if is_quick_angle(x) { quick_cos(x) } else { libm::cos(x) }
}

/// The exponential, the same for one number as for an array.
pub fn exp(x: f64) -> f64 {
    if is_quick_exponent(x) { quick_exp(x) } else { libm::exp(x) }
}

/// The natural logarithm, the same for one number as for an array.
pub fn ln(x: f64) -> f64 {
    if is_quick_log(x) { quick_ln(x) } else { libm::log(x) }
}

/// The nearest integer, ties to even, of any number: NumPy's `round`.
#[inline(always)]
pub fn round_even(x: f64) -> f64 {
    let whole = nearest(x.abs()).copysign(x);
    // From 2^51 on there are at most halves, and from 2^52 on no fractions: NaN takes this branch, too.
    if x.abs() < 2_251_799_813_685_248.0 { whole } else { libm::rint(x) }
}

/// `x / y` rounded down: NumPy's `floor_divide`.
#[inline(always)]
pub fn floor_div(x: f64, y: f64) -> f64 {
    if y == 0.0 {
        return x / y;
    }
    let modulo = x % y;
    let quotient = (x - modulo) / y;
    let quotient = if modulo != 0.0 && (y < 0.0) != (modulo < 0.0) { quotient - 1.0 } else { quotient };
    if quotient == 0.0 {
        return 0.0f64.copysign(x / y);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

/// The remainder of [`floor_div`]; has the sign of `y`.
#[inline(always)]
pub fn modulo(x: f64, y: f64) -> f64 {
    let left = x % y;
    if left == 0.0 {
        return 0.0f64.copysign(y);
    }
    if (y < 0.0) != (left < 0.0) { left + y } else { left }
}

/// `x / y` rounded down, of integers; 0 where `y` is 0, as in NumPy.
#[inline(always)]
pub fn floor_div_int(x: i64, y: i64) -> i64 {
    if y == 0 {
        return 0;
    }
    let quotient = x.wrapping_div(y);
    if (x.wrapping_rem(y) != 0) && ((x < 0) != (y < 0)) { quotient - 1 } else { quotient }
}

/// The remainder of [`floor_div_int`]; has the sign of `y`; 0 where `y` is 0, as in NumPy.
#[inline(always)]
pub fn modulo_int(x: i64, y: i64) -> i64 {
    if y == 0 {
        return 0;
    }
    let left = x.wrapping_rem(y);
    if left != 0 && ((left < 0) != (y < 0)) { left + y } else { left }
}

/// `x ** y`. As in NumPy: exact where the exponent is 2, 1, 0.5 or -1.
#[inline(always)]
pub fn power(x: f64, y: f64) -> f64 {
    match y {
        2.0 => x * x,
        1.0 => x,
        0.5 => x.sqrt(),
        -1.0 => 1.0 / x,
        _ => libm::pow(x, y),
    }
}

/// `x ** n` of integers, wrapping; `n` is not negative.
#[inline(always)]
pub fn power_int(x: i64, n: i64) -> i64 {
    let (mut result, mut base, mut n) = (1i64, x, n.max(0));
    while n > 0 {
        if n & 1 == 1 {
            result = result.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        n >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance of two floats in units of the last place.
    fn ulps(a: f64, b: f64) -> f64 {
        if a == b || (a.is_nan() && b.is_nan()) {
            return 0.0;
        }
        let ulp = f64::from_bits(b.abs().to_bits() + 1) - b.abs();
        (a - b).abs() / ulp
    }

    fn samples(low: f64, high: f64) -> impl Iterator<Item = f64> {
        (0..200_000).map(move |i| {
            let t = (crate::random::mix(i) >> 11) as f64 / (1u64 << 53) as f64;
            low + (high - low) * t
        })
    }

    /// `libm` itself is within one unit of the last place.
    #[test]
    fn quick_forms_are_within_two_units_of_the_last_place() {
        type Case = (&'static str, fn(f64) -> f64, fn(f64) -> f64, f64, f64);
        let cases: [Case; 8] = [
            ("sin", sin, libm::sin, -10.0, 10.0),
            ("sin", sin, libm::sin, -1.0e6, 1.0e6),
            ("cos", cos, libm::cos, -10.0, 10.0),
            ("cos", cos, libm::cos, -1.0e6, 1.0e6),
            ("exp", exp, libm::exp, -1.0, 1.0),
            ("exp", exp, libm::exp, -720.0, 720.0),
            ("ln", ln, libm::log, 0.0, 3.0),
            ("ln", ln, libm::log, 0.0, 1.0e300),
        ];
        for (name, ours, theirs, low, high) in cases {
            let worst = samples(low, high).map(|x| ulps(ours(x), theirs(x))).fold(0.0, f64::max);
            assert!(worst <= 2.0, "{name} on {low}..{high}: {worst} ulp");
        }
        // Near the zeros of the function, which are not floats.
        for n in 1..2000 {
            let x = f64::from(n) * std::f64::consts::FRAC_PI_2;
            assert!(ulps(sin(x), libm::sin(x)) <= 2.0 && ulps(cos(x), libm::cos(x)) <= 2.0, "{x}");
        }
    }

    #[test]
    fn special_values_are_those_of_the_standard() {
        for (f, g) in
            [(sin as fn(f64) -> f64, libm::sin as fn(f64) -> f64), (cos, libm::cos), (exp, libm::exp), (ln, libm::log)]
        {
            for x in [0.0, -0.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MIN_POSITIVE / 4.0, 1e300] {
                let (a, b) = (f(x), g(x));
                assert!(a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()), "{x}: {a} and {b}");
            }
        }
    }

    #[test]
    fn division_rounds_down_and_the_rest_has_the_sign_of_the_divisor() {
        for (x, y, quotient, left) in
            [(7.0, 2.0, 3.0, 1.0), (-7.0, 2.0, -4.0, 1.0), (7.0, -2.0, -4.0, -1.0), (-7.0, -2.0, 3.0, -1.0)]
        {
            assert_eq!((floor_div(x, y), modulo(x, y)), (quotient, left));
            assert_eq!(
                (floor_div_int(x as i64, y as i64), modulo_int(x as i64, y as i64)),
                (quotient as i64, left as i64)
            );
        }
        assert!(modulo(1.0, 0.0).is_nan() && floor_div(1.0, 0.0).is_infinite());
        assert_eq!((floor_div_int(1, 0), modulo_int(1, 0)), (0, 0));
        assert_eq!([0.5, 1.5, 2.5, -0.5].map(round_even), [0.0, 2.0, 2.0, -0.0]);
    }
}
