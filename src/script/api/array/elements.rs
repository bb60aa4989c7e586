//! Functions of each element. Those that numbers have, too, are defined for them in `script/math.rs`.

use super::super::table::{Code, Function, Type, required};
use super::{FREE, example, value};
use crate::array::{Binary, NdArray, Unary};

const X: super::Param = required("x", Type::Values, "The elements.");

/// A function of each element.
const fn each(name: &'static str, op: Unary, doc: &'static str, example: &'static str) -> Function {
    Function {
        name,
        params: &[X],
        returns: "an array of the same shape, or a number",
        doc,
        example,
        code: Code::Elementwise(op),
        ..FREE
    }
}

/// A function of pairs of elements.
const fn pairs(
    name: &'static str,
    op: Binary,
    params: &'static [super::Param],
    doc: &'static str,
    example: &'static str,
) -> Function {
    Function {
        name,
        params,
        returns: "an array, broadcast from both, or a number",
        doc,
        example,
        code: Code::Pairwise(op),
        ..FREE
    }
}

const XY: &[super::Param] = &[X, required("y", Type::Values, "Their partners.")];
const YX: &[super::Param] =
    &[required("y", Type::Values, "Second coordinates."), required("x", Type::Values, "First coordinates.")];

pub const FUNCTIONS: &[Function] = &[
    each("abs", Unary::Abs, "Magnitude of each element.", example!("print(abs(array([-1, 2])));")),
    each("sign", Unary::Sign, "-1, 0 or 1 for each element: its sign.", example!("print(sign(array([-2.5, 0, 3])));")),
    each("square", Unary::Square, "Square of each element.", example!("print(square(array([1, 2, 3])));")),
    each(
        "sqrt",
        Unary::Sqrt,
        "Square root of each element; NaN for negative ones.",
        example!("print(sqrt(array([1, 4, 9])));"),
    ),
    each("cbrt", Unary::Cbrt, "Cube root of each element.", example!("print(cbrt(array([1, 8, -27])));")),
    each(
        "reciprocal",
        Unary::Reciprocal,
        "1 / x for each element, as a float.",
        example!("print(reciprocal(array([1.0, 2.0])));"),
    ),
    each("sin", Unary::Sin, "Sine of each element, in radians.", example!("print(sin(linspace(0, 3, 4)));")),
    each("cos", Unary::Cos, "Cosine of each element, in radians.", example!("print(cos(linspace(0, 3, 4)));")),
    each("tan", Unary::Tan, "Tangent of each element, in radians.", example!("print(tan(linspace(0, 1, 4)));")),
    each(
        "asin",
        Unary::Asin,
        "Angle whose sine is the element, in radians; NaN outside of -1 to 1.",
        example!("print(asin(array([0.0, 0.5])));"),
    ),
    each(
        "acos",
        Unary::Acos,
        "Angle whose cosine is the element, in radians; NaN outside of -1 to 1.",
        example!("print(acos(array([0.0, 0.5])));"),
    ),
    each(
        "atan",
        Unary::Atan,
        "Angle whose tangent is the element, in radians.",
        example!("print(atan(array([0.0, 0.5])));"),
    ),
    each("sinh", Unary::Sinh, "Hyperbolic sine of each element.", example!("print(sinh(array([0.0, 0.5])));")),
    each("cosh", Unary::Cosh, "Hyperbolic cosine of each element.", example!("print(cosh(array([0.0, 0.5])));")),
    each("tanh", Unary::Tanh, "Hyperbolic tangent of each element.", example!("print(tanh(array([0.0, 0.5])));")),
    each(
        "asinh",
        Unary::Asinh,
        "Inverse hyperbolic sine of each element.",
        example!("print(asinh(array([0.0, 0.5])));"),
    ),
    each(
        "acosh",
        Unary::Acosh,
        "Inverse hyperbolic cosine of each element; NaN below 1.",
        example!("print(acosh(array([1.0, 2.0])));"),
    ),
    each(
        "atanh",
        Unary::Atanh,
        "Inverse hyperbolic tangent of each element; NaN outside of -1 to 1.",
        example!("print(atanh(array([0.0, 0.5])));"),
    ),
    each("exp", Unary::Exp, "e to the power of each element.", example!("print(exp(array([0, 1, 2])));")),
    each(
        "exp2",
        Unary::Exp2,
        "2 to the power of each element, as a float.",
        example!("print(exp2(array([0, 1, 2])));"),
    ),
    each(
        "expm1",
        Unary::Expm1,
        "e to the power of each element, less 1, exact near 0.",
        example!("print(expm1(array([0.0, 1e-10])));"),
    ),
    each(
        "ln",
        Unary::Log,
        "Natural logarithm of each element; NaN for negative ones.",
        example!("print(ln(array([1, 2, 3])));"),
    ),
    each("log2", Unary::Log2, "Logarithm of each element to base 2.", example!("print(log2(array([1, 2, 4])));")),
    each(
        "log10",
        Unary::Log10,
        "Logarithm of each element to base 10.",
        example!("print(log10(array([1, 10, 100])));"),
    ),
    each(
        "log",
        Unary::Log10,
        "Logarithm of each element to base 10, as `log` of a number in scripts; NumPy's `log` is `ln`.",
        example!("print(log(array([1, 10, 100])));"),
    ),
    each(
        "log1p",
        Unary::Log1p,
        "Natural logarithm of 1 plus each element, exact near 0.",
        example!("print(log1p(array([0.0, 1e-10])));"),
    ),
    each("radians", Unary::Radians, "Degrees as radians.", example!("print(radians(array([0, 90, 180])));")),
    each("degrees", Unary::Degrees, "Radians as degrees.", example!("print(degrees(array([0.0, 1.0])));")),
    each("floor", Unary::Floor, "Each element rounded down.", example!("print(floor(array([1.5, -1.5])));")),
    each("ceil", Unary::Ceil, "Each element rounded up.", example!("print(ceil(array([1.5, -1.5])));")),
    each("trunc", Unary::Trunc, "Each element without its fraction.", example!("print(trunc(array([1.5, -1.5])));")),
    each(
        "round",
        Unary::Round,
        "Each element rounded to the nearest whole number; halves go to the even one, as in NumPy.",
        example!("print(round(array([0.5, 1.5, 2.4])));"),
    ),
    each(
        "fraction",
        Unary::Fraction,
        "The fractional part of each element, with its sign.",
        example!("print(fraction(array([1.5, -1.25])));"),
    ),
    each("isnan", Unary::IsNan, "Whether each element is NaN.", example!("print(isnan(array([1.0, 0.0]) / 0));")),
    each("isinf", Unary::IsInf, "Whether each element is infinite.", example!("print(isinf(array([1.0, 0.0]) / 0));")),
    each(
        "isfinite",
        Unary::IsFinite,
        "Whether each element is a finite number.",
        example!("print(isfinite(array([1.0, 0.0]) / 0));"),
    ),
    pairs(
        "minimum",
        Binary::Minimum,
        XY,
        "The smaller of each pair of elements; NaN if one is NaN.",
        example!("print(minimum(array([1, 5]), 3));"),
    ),
    pairs(
        "maximum",
        Binary::Maximum,
        XY,
        "The larger of each pair of elements; NaN if one is NaN.",
        example!("print(maximum(array([1, 5]), 3));"),
    ),
    pairs(
        "atan2",
        Binary::Atan2,
        YX,
        "Angle of each point (y, x) to the x axis, in radians, -PI to PI.",
        example!("print(atan2(array([0.0, 1.0]), 1));"),
    ),
    pairs(
        "hypot",
        Binary::Hypot,
        XY,
        "Length of each vector (x, y).",
        example!("print(hypot(array([3.0, 6.0]), array([4.0, 8.0])));"),
    ),
    pairs(
        "floor_divide",
        Binary::FloorDiv,
        XY,
        "The quotient of each pair, rounded down: NumPy's `//`.",
        example!("print(floor_divide(array([7, -7]), 2));"),
    ),
    pairs(
        "remainder",
        Binary::Mod,
        XY,
        "The remainder of `floor_divide` of each pair, with the sign of `y`: NumPy's `mod`, for numbers as for elements. `%` \
         of two numbers has the sign of the first.",
        example!("print(remainder(-1, 12));", "print(remainder(array([-1.5, 1.5]), 2));"),
    ),
    pairs(
        "copysign",
        Binary::CopySign,
        XY,
        "Each element with the sign of its partner.",
        example!("print(copysign(array([1.0, 2.0]), -1));"),
    ),
    pairs(
        "pow",
        Binary::Pow,
        XY,
        "Each element to a power: `x ** y`. Powers of integers are integers; where an exponent is negative, that of two \
         numbers is a float, and those of arrays are refused.",
        example!("print(pow(array([1, 2, 3]), 2));"),
    ),
    Function {
        name: "where",
        params: &[
            required("condition", Type::Array, "Truth values."),
            required("x", Type::Values, "Values where it is true."),
            required("y", Type::Values, "Values where it is false."),
        ],
        returns: "an array, broadcast from all three",
        doc: "Chooses between two values for each element.",
        example: example!("let a = arange(5);", "print(where(a > 2, a, -1));"),
        code: Code::Values(|call| {
            let condition = call.required_array("condition")?;
            let (x, y) = (call.required_operand("x")?, call.required_operand("y")?);
            NdArray::select(&condition, x, y).and_then(value)
        }),
        ..FREE
    },
    Function {
        name: "clip",
        params: &[
            required("x", Type::Values, "The elements."),
            required("low", Type::Values, "The value of smaller elements."),
            required("high", Type::Values, "The value of larger elements."),
        ],
        returns: "an array, or a number",
        doc: "Keeps each element within a range.",
        example: example!("print(clip(arange(6), 1, 4));"),
        code: Code::Values(|call| {
            let raised = NdArray::binary(Binary::Maximum, call.required_operand("x")?, call.required_operand("low")?)?;
            NdArray::binary(Binary::Minimum, raised.into(), call.required_operand("high")?).and_then(value)
        }),
        ..FREE
    },
];
