//! A column whose length and type are known only at its end: it starts with the type of its first value, and is
//! converted to a more general type where necessary.

use super::source::{Source, room};
use super::{Block, Column, Texts, Values};
use crate::{Error, Result};

#[derive(Debug)]
pub(super) enum Growing {
    /// Only missing values so far.
    Missing(usize),
    Bool(Vec<bool>),
    /// Truth values with some missing: 1, 0 and NaN. Numbers are refused here as they are among truth values.
    BoolOrMissing(Vec<f64>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Text(Texts),
}

/// Why a value cannot be added.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Its type cannot be combined with that of the values before it.
    Mixed(String),
    /// There is no memory for it.
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Error(error)
    }
}

type Added = std::result::Result<(), Refusal>;

/// Adds an element, after reserving memory for it.
pub(super) fn push<T>(vec: &mut Vec<T>, value: T, source: &Source<'_>) -> Result<()> {
    if vec.len() == vec.capacity() {
        room(vec, 1, source)?;
    }
    vec.push(value);
    Ok(())
}

/// Adds `count` equal elements.
fn filled<T: Clone>(value: T, count: usize, source: &Source<'_>) -> Result<Vec<T>> {
    let mut vec = Vec::new();
    room(&mut vec, count, source)?;
    vec.resize(count, value);
    Ok(vec)
}

/// Converts these elements, and counts the new memory.
fn converted<T: Copy, U>(from: &[T], source: &Source<'_>, to: impl Fn(T) -> U) -> Result<Vec<U>> {
    let mut vec = Vec::new();
    room(&mut vec, from.len() + 1, source)?;
    vec.extend(from.iter().map(|v| to(*v)));
    source.release(size_of_val(from) as u64);
    Ok(vec)
}

impl Growing {
    pub fn new() -> Self {
        Growing::Missing(0)
    }

    fn kind(&self) -> &'static str {
        match self {
            Growing::Missing(_) => "missing values",
            Growing::Bool(_) | Growing::BoolOrMissing(_) => "truth values",
            Growing::Int(_) | Growing::Float(_) => "numbers",
            Growing::Text(_) => "texts",
        }
    }

    fn mixed(&self, what: &str) -> Added {
        Err(Refusal::Mixed(format!("{what} among {}", self.kind())))
    }

    /// Missing numbers are NaN, so that integers and truth values become floats; a missing text is empty.
    pub fn push_missing(&mut self, source: &Source<'_>) -> Added {
        match self {
            Growing::Missing(n) => *n += 1,
            Growing::Bool(v) => *self = Growing::BoolOrMissing(converted(v, source, |b| f64::from(u8::from(b)))?),
            Growing::Int(v) => *self = Growing::Float(converted(v, source, |i| i as f64)?),
            Growing::BoolOrMissing(_) | Growing::Float(_) | Growing::Text(_) => {}
        }
        match self {
            Growing::BoolOrMissing(v) | Growing::Float(v) => push(v, f64::NAN, source)?,
            Growing::Text(v) => v.push_counted("", source)?,
            Growing::Missing(_) | Growing::Bool(_) | Growing::Int(_) => {}
        }
        Ok(())
    }

    pub fn push_bool(&mut self, value: bool, source: &Source<'_>) -> Added {
        match self {
            Growing::Missing(0) => {
                *self = Growing::Bool(filled(value, 1, source)?);
                return Ok(());
            }
            Growing::Missing(n) => *self = Growing::BoolOrMissing(filled(f64::NAN, *n, source)?),
            Growing::Bool(v) => return Ok(push(v, value, source)?),
            Growing::BoolOrMissing(_) => {}
            _ => return self.mixed("a truth value"),
        }
        if let Growing::BoolOrMissing(v) = self {
            push(v, f64::from(u8::from(value)), source)?;
        }
        Ok(())
    }

    pub fn push_int(&mut self, value: i64, source: &Source<'_>) -> Added {
        match self {
            Growing::Int(v) => push(v, value, source)?,
            Growing::Missing(0) => *self = Growing::Int(filled(value, 1, source)?),
            Growing::Missing(_) | Growing::Float(_) => return self.push_float(value as f64, source),
            Growing::Bool(_) | Growing::BoolOrMissing(_) | Growing::Text(_) => return self.mixed("a number"),
        }
        Ok(())
    }

    pub fn push_float(&mut self, value: f64, source: &Source<'_>) -> Added {
        match self {
            Growing::Float(_) => {}
            Growing::Missing(n) => *self = Growing::Float(filled(f64::NAN, *n, source)?),
            Growing::Int(v) => *self = Growing::Float(converted(v, source, |i| i as f64)?),
            Growing::Bool(_) | Growing::BoolOrMissing(_) | Growing::Text(_) => return self.mixed("a number"),
        }
        if let Growing::Float(v) = self {
            push(v, value, source)?;
        }
        Ok(())
    }

    pub fn push_text(&mut self, value: &str, source: &Source<'_>) -> Added {
        if let Growing::Missing(n) = self {
            let mut texts = Texts::default();
            for _ in 0..*n {
                texts.push_counted("", source)?;
            }
            *self = Growing::Text(texts);
        }
        let Growing::Text(v) = self else { return self.mixed("a text") };
        v.push_counted(value, source)?;
        Ok(())
    }

    /// Adds a value that was read before its siblings were known.
    pub fn from_values(values: Values) -> Self {
        match values {
            Values::Bool(v) => Growing::Bool(v),
            Values::I64(v) => Growing::Int(v),
            Values::F32(v) => Growing::Float(v.into_iter().map(f64::from).collect()),
            Values::F64(v) => Growing::Float(v),
        }
    }

    /// The column, whose first axis is the rows and whose others are `inner`. Texts have no other axes.
    pub fn finish(self, inner: &[usize], source: &Source<'_>) -> Result<Column> {
        let values = match self {
            Growing::Missing(n) => Values::F64(filled(f64::NAN, n, source)?),
            Growing::Bool(v) => Values::Bool(v),
            Growing::Int(v) => Values::I64(v),
            Growing::BoolOrMissing(v) | Growing::Float(v) => Values::F64(v),
            Growing::Text(v) => return Ok(Column::Text(v)),
        };
        let each: usize = inner.iter().product();
        let rows = values.len().checked_div(each).unwrap_or(0);
        let shape = std::iter::once(rows).chain(inner.iter().copied()).collect();
        Ok(Column::Array(Block { shape, values }))
    }
}
