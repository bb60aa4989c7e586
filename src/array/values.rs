//! The elements of an array: one buffer of one type.

/// Type of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dtype {
    Bool,
    I64,
    F32,
    F64,
}

impl Dtype {
    pub const ALL: [Dtype; 4] = [Dtype::Bool, Dtype::I64, Dtype::F32, Dtype::F64];

    /// NumPy's name.
    pub const fn name(self) -> &'static str {
        match self {
            Dtype::Bool => "bool",
            Dtype::I64 => "int64",
            Dtype::F32 => "float32",
            Dtype::F64 => "float64",
        }
    }

    /// The type with the given name: NumPy's, or a short one (`float` is `float64`, `int` is `int64`).
    pub fn from_name(name: &str) -> Option<Dtype> {
        Some(match name {
            "bool" => Dtype::Bool,
            "int64" | "int" | "i64" => Dtype::I64,
            "float32" | "f32" => Dtype::F32,
            "float64" | "float" | "f64" => Dtype::F64,
            _ => return None,
        })
    }

    /// Bytes of an element.
    pub const fn size(self) -> usize {
        match self {
            Dtype::Bool => 1,
            Dtype::F32 => 4,
            Dtype::I64 | Dtype::F64 => 8,
        }
    }

    pub const fn is_float(self) -> bool {
        matches!(self, Dtype::F32 | Dtype::F64)
    }

    /// The common type of both: NumPy's `promote_types`.
    pub fn promote(self, other: Dtype) -> Dtype {
        match (self.min(other), self.max(other)) {
            (Dtype::I64, Dtype::F32) => Dtype::F64,
            (_, larger) => larger,
        }
    }
}

/// Contiguous elements, the last axis fastest.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    Bool(Vec<bool>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

impl Values {
    pub fn dtype(&self) -> Dtype {
        match self {
            Values::Bool(_) => Dtype::Bool,
            Values::I64(_) => Dtype::I64,
            Values::F32(_) => Dtype::F32,
            Values::F64(_) => Dtype::F64,
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Values::Bool(v) => v.len(),
            Values::I64(v) => v.len(),
            Values::F32(v) => v.len(),
            Values::F64(v) => v.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The buffer without its elements.
    pub(super) fn emptied(mut self) -> Values {
        match &mut self {
            Values::Bool(v) => v.clear(),
            Values::I64(v) => v.clear(),
            Values::F32(v) => v.clear(),
            Values::F64(v) => v.clear(),
        }
        self
    }

    /// Bytes of the buffer.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Values::Bool(v) => v.capacity(),
            Values::I64(v) => v.capacity() * 8,
            Values::F32(v) => v.capacity() * 4,
            Values::F64(v) => v.capacity() * 8,
        }
    }
}

/// A Rust type of array elements.
pub trait Element: Copy + Default + PartialOrd + Send + Sync + 'static {
    const DTYPE: Dtype;
    fn of(values: &Values) -> Option<&[Self]>;
    fn of_mut(values: &mut Values) -> Option<&mut [Self]>;
    fn wrap(vec: Vec<Self>) -> Values;
    fn unwrap(values: Values) -> Option<Vec<Self>>;
    fn from_scalar(scalar: Scalar) -> Self;
    fn to_scalar(self) -> Scalar;
}

macro_rules! element {
    ($type:ty, $variant:ident, $scalar:ident, $to:expr, $from:ident) => {
        impl Element for $type {
            const DTYPE: Dtype = Dtype::$variant;
            fn of(values: &Values) -> Option<&[Self]> {
                if let Values::$variant(v) = values { Some(v) } else { None }
            }
            fn of_mut(values: &mut Values) -> Option<&mut [Self]> {
                if let Values::$variant(v) = values { Some(v) } else { None }
            }
            fn wrap(vec: Vec<Self>) -> Values {
                Values::$variant(vec)
            }
            fn unwrap(values: Values) -> Option<Vec<Self>> {
                if let Values::$variant(v) = values { Some(v) } else { None }
            }
            fn from_scalar(scalar: Scalar) -> Self {
                scalar.$from()
            }
            fn to_scalar(self) -> Scalar {
                Scalar::$scalar($to(self))
            }
        }
    };
}

element!(bool, Bool, Bool, |x| x, truth);
element!(i64, I64, I64, |x| x, int);
element!(f32, F32, F64, f64::from, single);
element!(f64, F64, F64, |x| x, float);

/// A number or a truth value of a script. As in NumPy a number is "weak": with an array of floats it takes their type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    Bool(bool),
    I64(i64),
    F64(f64),
}

impl Scalar {
    pub fn dtype(self) -> Dtype {
        match self {
            Scalar::Bool(_) => Dtype::Bool,
            Scalar::I64(_) => Dtype::I64,
            Scalar::F64(_) => Dtype::F64,
        }
    }
    pub fn truth(self) -> bool {
        match self {
            Scalar::Bool(b) => b,
            Scalar::I64(i) => i != 0,
            Scalar::F64(x) => x != 0.0,
        }
    }
    /// The integer, or the float truncated; numbers out of range become the nearest integer.
    pub fn int(self) -> i64 {
        match self {
            Scalar::Bool(b) => i64::from(b),
            Scalar::I64(i) => i,
            Scalar::F64(x) => x as i64,
        }
    }
    pub fn float(self) -> f64 {
        match self {
            Scalar::Bool(b) => f64::from(u8::from(b)),
            Scalar::I64(i) => i as f64,
            Scalar::F64(x) => x,
        }
    }
    pub fn single(self) -> f32 {
        match self {
            Scalar::F64(x) => x as f32,
            // Not through `f64`, which would round twice.
            Scalar::I64(i) => i as f32,
            Scalar::Bool(b) => f32::from(u8::from(b)),
        }
    }
    /// The type of the result with an array of type `other`: NumPy's rule for Python's numbers.
    pub fn promote(self, other: Dtype) -> Dtype {
        match (self, other) {
            (Scalar::F64(_), Dtype::F32) | (Scalar::I64(_), Dtype::F32) => Dtype::F32,
            _ => self.dtype().promote(other),
        }
    }
}

/// Runs the expression with `$t` as the Rust type of a dtype.
macro_rules! for_dtype {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            $crate::array::Dtype::Bool => {
                type $t = bool;
                $body
            }
            $crate::array::Dtype::I64 => {
                type $t = i64;
                $body
            }
            $crate::array::Dtype::F32 => {
                type $t = f32;
                $body
            }
            $crate::array::Dtype::F64 => {
                type $t = f64;
                $body
            }
        }
    };
}
pub(crate) use for_dtype;
