//! The elementwise operations, and the types of their results: NumPy's.

use super::values::Dtype;
use crate::{Error, Result};

/// Operations on one array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unary {
    Neg,
    Not,
    Abs,
    Sign,
    Square,
    Sqrt,
    Cbrt,
    Reciprocal,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Radians,
    Degrees,
    Floor,
    Ceil,
    Trunc,
    Round,
    Fraction,
    IsNan,
    IsInf,
    IsFinite,
}

/// Operations on two arrays, or on an array and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    Atan2,
    Hypot,
    Minimum,
    Maximum,
    CopySign,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
}

impl Unary {
    /// NumPy's name, or the operator.
    pub fn name(self) -> &'static str {
        use Unary::*;
        match self {
            Neg => "-",
            Not => "!",
            Abs => "abs",
            Sign => "sign",
            Square => "square",
            Sqrt => "sqrt",
            Cbrt => "cbrt",
            Reciprocal => "reciprocal",
            Sin => "sin",
            Cos => "cos",
            Tan => "tan",
            Asin => "asin",
            Acos => "acos",
            Atan => "atan",
            Sinh => "sinh",
            Cosh => "cosh",
            Tanh => "tanh",
            Asinh => "asinh",
            Acosh => "acosh",
            Atanh => "atanh",
            Exp => "exp",
            Exp2 => "exp2",
            Expm1 => "expm1",
            Log => "ln",
            Log2 => "log2",
            Log10 => "log10",
            Log1p => "log1p",
            Radians => "radians",
            Degrees => "degrees",
            Floor => "floor",
            Ceil => "ceil",
            Trunc => "trunc",
            Round => "round",
            Fraction => "fraction",
            IsNan => "isnan",
            IsInf => "isinf",
            IsFinite => "isfinite",
        }
    }

    /// Type of the computation, and type of the result.
    pub fn types(self, operand: Dtype) -> Result<(Dtype, Dtype)> {
        use Unary::*;
        Ok(match self {
            Neg if operand == Dtype::Bool => {
                return Err(Error::script("`-` does not take an array of bool").hint("`!a` turns true and false over"));
            }
            Not if operand.is_float() => {
                return Err(Error::script(format!("`!` does not take an array of {}", operand.name()))
                    .hint("it takes arrays of bool and int64; `a == 0` compares"));
            }
            Neg | Not | Abs | Square => (operand, operand),
            Sign if operand == Dtype::Bool => (Dtype::I64, Dtype::I64),
            Sign => (operand, operand),
            Floor | Ceil | Trunc | Round if !operand.is_float() => (operand, operand),
            IsNan | IsInf | IsFinite => {
                let computed = if operand.is_float() { operand } else { Dtype::F64 };
                (computed, Dtype::Bool)
            }
            Reciprocal | Floor | Ceil | Trunc | Round | Fraction | Sqrt => {
                let float = if operand.is_float() { operand } else { Dtype::F64 };
                (float, float)
            }
            // Computed in double precision, so that there is one algorithm, and `float32` is rounded once.
            _ => (Dtype::F64, if operand == Dtype::F32 { Dtype::F32 } else { Dtype::F64 }),
        })
    }
}

impl Binary {
    /// The operator, or NumPy's name.
    pub fn name(self) -> &'static str {
        use Binary::*;
        match self {
            Add => "+",
            Sub => "-",
            Mul => "*",
            Div => "/",
            FloorDiv => "floor_divide",
            Mod => "%",
            Pow => "**",
            Atan2 => "atan2",
            Hypot => "hypot",
            Minimum => "minimum",
            Maximum => "maximum",
            CopySign => "copysign",
            And => "&",
            Or => "|",
            Xor => "^",
            Shl => "<<",
            Shr => ">>",
            Lt => "<",
            Le => "<=",
            Gt => ">",
            Ge => ">=",
            Eq => "==",
            Ne => "!=",
        }
    }

    /// Type of the computation, and type of the result, where the operands have the common type `common`.
    pub fn types(self, common: Dtype) -> Result<(Dtype, Dtype)> {
        use Binary::*;
        let float = if common.is_float() { common } else { Dtype::F64 };
        let wrong = |hint: &str| {
            Err(Error::script(format!("`{}` does not take arrays of {}", self.name(), common.name())).hint(hint))
        };
        Ok(match self {
            Sub if common == Dtype::Bool => return wrong("`^` tells where two arrays of bool differ"),
            Add | Sub | Mul | Minimum | Maximum => (common, common),
            FloorDiv | Mod if common == Dtype::Bool => (Dtype::I64, Dtype::I64),
            FloorDiv | Mod => (common, common),
            Div | CopySign => (float, float),
            Pow if common == Dtype::Bool => (Dtype::I64, Dtype::I64),
            Pow if common == Dtype::I64 => (common, common),
            Pow | Atan2 | Hypot => (Dtype::F64, float),
            And | Or | Xor if common.is_float() => {
                return wrong("they combine conditions such as `(a > 0) & (a < 1)`");
            }
            And | Or | Xor => (common, common),
            Shl | Shr if common.is_float() => return wrong("they shift the bits of integers"),
            Shl | Shr => (Dtype::I64, Dtype::I64),
            Lt | Le | Gt | Ge | Eq | Ne => (common, Dtype::Bool),
        })
    }
}
