//! Settings of a scene as the rows of a table: its parameters ([`super::Params`]) and variables ([`super::Variables`]).
//!
//! `settings!` makes a struct with a field for each row, its defaults, and `ROWS`, from which everything else follows: the
//! checks, what a change affects, how the changes of two threads are joined, and in the script API the functions that set
//! and read a setting, with their errors and their documentation. To add a setting, add a row; a type that no setting has
//! yet also implements [`SettingField`].

use super::check::MAX_MAGNITUDE;
use crate::range::Range;
use crate::{Error, Result};
use glam::Vec3;
use std::fmt;

/// One row: a setting of `S`, which has a field of its name.
#[derive(Debug)]
pub struct Setting<S> {
    pub name: &'static str,
    pub ty: SettingType,
    /// The default, as scripts write it.
    pub default: &'static str,
    pub facts: SettingFacts,
    pub doc: &'static str,
    pub get: fn(&S) -> SettingValue,
    /// Fails if the value is of another type, or not one of its kinds; ranges are checked when all settings are.
    pub set: fn(&mut S, SettingValue) -> Result<()>,
    /// Copies the setting from another `S`.
    pub copy: fn(&mut S, &S),
}

impl<S> Setting<S> {
    pub fn check(&self, settings: &S) -> Result<()> {
        (self.get)(settings).check(self.name, self.facts.range)
    }

    pub fn is_same(&self, a: &S, b: &S) -> bool {
        (self.get)(a) == (self.get)(b)
    }
}

/// What a change of a setting affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affects {
    /// The light in the film: the accumulation starts again.
    Tracing,
    /// What the film is developed to.
    Developing,
    /// When and for how long something is done.
    Timing,
}

/// The facts of a row beside its type and default.
#[derive(Debug, Clone, Copy)]
pub struct SettingFacts {
    pub affects: Affects,
    /// Empty where there is none.
    pub unit: &'static str,
    pub range: Range,
}

impl SettingFacts {
    pub const fn new(affects: Affects) -> SettingFacts {
        SettingFacts { affects, unit: "", range: Range::Any }
    }
    pub const fn unit(self, unit: &'static str) -> SettingFacts {
        SettingFacts { unit, ..self }
    }
    pub const fn range(self, range: Range) -> SettingFacts {
        SettingFacts { range, ..self }
    }
}

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingType {
    Float,
    Float3,
    Uint,
    /// The lower and the upper end of a range of whole numbers.
    Uint2,
    /// Kinds that have names: these.
    Name(&'static [&'static str]),
    /// Kinds that have numbers, and names, too: these.
    Number(&'static [(u32, &'static str)]),
}

/// The value of a setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SettingValue {
    Float(f32),
    Float3(Vec3),
    Uint(u32),
    Uint2((u32, u32)),
    Name(&'static str),
    Number(u32),
}

impl SettingValue {
    fn check(self, name: &str, range: Range) -> Result<()> {
        let fits = |x: f32| x.abs() <= MAX_MAGNITUDE && range.holds(f64::from(x));
        let (is_right, wanted) = match self {
            SettingValue::Float(x) => (fits(x), range.describe()),
            SettingValue::Float3(v) => (v.to_array().into_iter().all(fits), range.describe()),
            SettingValue::Uint(n) => (range.holds(f64::from(n)), range.describe()),
            SettingValue::Uint2((min, max)) => {
                let ends = range.holds(f64::from(min)) && range.holds(f64::from(max));
                let wanted = match range {
                    Range::Within(lo, hi) => format!("{lo} <= min <= max <= {hi}"),
                    range => format!("min <= max, {}", range.describe()),
                };
                (ends && min <= max, wanted)
            }
            // One that is not known cannot be set.
            SettingValue::Name(_) | SettingValue::Number(_) => return Ok(()),
        };
        match is_right {
            true => Ok(()),
            false if range == Range::Any => Err(Error::script(format!("`{name}` is {self}, it wants finite numbers"))),
            false => Err(Error::script(format!("`{name}` is {self}, it wants {wanted}"))),
        }
    }
}

impl fmt::Display for SettingValue {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            SettingValue::Float(x) => write!(out, "{x}"),
            SettingValue::Float3(v) => write!(out, "[{}, {}, {}]", v.x, v.y, v.z),
            SettingValue::Uint(n) | SettingValue::Number(n) => write!(out, "{n}"),
            SettingValue::Uint2((min, max)) => write!(out, "({min}, {max})"),
            SettingValue::Name(name) => write!(out, "\"{name}\""),
        }
    }
}

/// A type that a setting may have.
pub trait SettingField: Sized {
    const TYPE: SettingType;
    fn value(self) -> SettingValue;
    /// `name`: of the setting, for the error.
    fn from_value(name: &str, value: SettingValue) -> Result<Self>;
}

/// The error of a value of another type.
pub fn wrong_type<T>(name: &str, value: SettingValue) -> Result<T> {
    Err(Error::script(format!("`{name}` is of another type than {value}")))
}

/// Implements [`SettingField`] for what a variant of [`SettingValue`] holds.
macro_rules! setting_value {
    ($Type:ty, $variant:ident) => {
        impl SettingField for $Type {
            const TYPE: SettingType = SettingType::$variant;
            fn value(self) -> SettingValue {
                SettingValue::$variant(self)
            }
            fn from_value(name: &str, value: SettingValue) -> Result<Self> {
                match value {
                    SettingValue::$variant(x) => Ok(x),
                    other => wrong_type(name, other),
                }
            }
        }
    };
}

setting_value!(f32, Float);
setting_value!(Vec3, Float3);
setting_value!(u32, Uint);
setting_value!((u32, u32), Uint2);

/// Makes a struct of settings and its rows: `name: Type = default, facts;`, below what the setting is. A default that
/// scripts write in another way follows as `=> "text"`.
macro_rules! settings {
    (
        $(#[doc = $about:literal])+
        pub struct $Settings:ident {
            $(
                $(#[doc = $doc:literal])+
                $name:ident: $Type:ty = $default:expr $(=> $shown:literal)?, $facts:expr;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $Settings {
            $($(#[doc = $doc])+ pub $name: $Type,)+
        }

        impl Default for $Settings {
            fn default() -> Self {
                $Settings { $($name: $default),+ }
            }
        }

        impl $Settings {
            /// One row for each setting.
            pub const ROWS: &'static [Setting<$Settings>] = &[$(Setting {
                name: stringify!($name),
                ty: <$Type as SettingField>::TYPE,
                default: [$($shown,)? stringify!($default)][0],
                facts: $facts,
                doc: concat!($($doc),+).trim_ascii_start(),
                get: |settings| settings.$name.value(),
                set: |settings, value| {
                    settings.$name = SettingField::from_value(stringify!($name), value)?;
                    Ok(())
                },
                copy: |to, from| to.$name = from.$name,
            }),+];

            /// These settings with the changes between `base` and `changed`.
            pub fn with_changes(&self, base: &Self, changed: &Self) -> Self {
                let mut joined = self.clone();
                for row in Self::ROWS.iter().filter(|row| !row.is_same(base, changed)) {
                    (row.copy)(&mut joined, changed);
                }
                joined
            }

            /// Whether the settings that affect this are the same.
            pub(super) fn is_like(&self, other: &Self, affected: Affects) -> bool {
                Self::ROWS.iter().filter(|row| row.facts.affects == affected).all(|row| row.is_same(self, other))
            }

            pub(super) fn check(&self) -> Result<()> {
                Self::ROWS.iter().try_for_each(|row| row.check(self))
            }
        }
    };
}
pub(super) use settings;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Params, Variables};

    /// Another value than `value` of the same type, within the range of the row.
    fn another<S>(row: &Setting<S>, value: SettingValue) -> SettingValue {
        match (value, row.ty) {
            (SettingValue::Float(x), _) => SettingValue::Float(0.5 * x + 0.25),
            (SettingValue::Float3(v), _) => SettingValue::Float3(0.5 * v + 0.25),
            (SettingValue::Uint(n), _) => SettingValue::Uint(n + 1),
            (SettingValue::Uint2((min, max)), _) => SettingValue::Uint2((min, max + 1)),
            (SettingValue::Name(name), SettingType::Name(names)) => {
                SettingValue::Name(names.iter().copied().find(|other| *other != name).unwrap())
            }
            (SettingValue::Number(n), SettingType::Number(kinds)) => {
                SettingValue::Number(kinds.iter().map(|(number, _)| *number).find(|other| *other != n).unwrap())
            }
            (SettingValue::Name(_) | SettingValue::Number(_), other) => panic!("`{}` is of type {other:?}", row.name),
        }
    }

    fn each_row_is_set_read_checked_and_joined<S: Default + Clone + PartialEq + std::fmt::Debug>(
        rows: &[Setting<S>],
        joined: impl Fn(&S, &S, &S) -> S,
        check: impl Fn(&S) -> Result<()>,
        like: impl Fn(&S, &S, Affects) -> bool,
    ) {
        let base = S::default();
        check(&base).unwrap();
        for row in rows {
            let value = another(row, (row.get)(&base));
            let mut changed = base.clone();
            (row.set)(&mut changed, value).unwrap();
            assert_eq!((row.get)(&changed), value, "{}", row.name);
            check(&changed).unwrap();
            for affected in [Affects::Tracing, Affects::Developing, Affects::Timing] {
                assert_eq!(like(&base, &changed, affected), affected != row.facts.affects, "{}", row.name);
            }
            assert_eq!((row.get)(&base).to_string(), row.default, "the text of the default of `{}`", row.name);
            assert!(!row.doc.starts_with(char::is_lowercase) && row.doc.ends_with('.'), "`{}`: {}", row.name, row.doc);
            // What another thread changed stays, too.
            for other in rows.iter().filter(|other| other.name != row.name) {
                let mut present = base.clone();
                (other.set)(&mut present, another(other, (other.get)(&base))).unwrap();
                let both = joined(&present, &base, &changed);
                assert_eq!((row.get)(&both), value, "{} and {}", row.name, other.name);
                assert_eq!((other.get)(&both), (other.get)(&present), "{} and {}", row.name, other.name);
            }
            let wrong = if row.ty == SettingType::Float { SettingValue::Uint(1) } else { SettingValue::Float(1.0) };
            assert!((row.set)(&mut changed, wrong).is_err(), "`{}` takes {wrong:?}", row.name);
        }
    }

    #[test]
    fn a_row_is_all_that_a_setting_needs() {
        each_row_is_set_read_checked_and_joined(Params::ROWS, Params::with_changes, Params::check, Params::is_like);
        each_row_is_set_read_checked_and_joined(
            Variables::ROWS,
            Variables::with_changes,
            Variables::check,
            Variables::is_like,
        );
    }

    #[test]
    fn values_out_of_range_say_what_is_wanted() {
        let message = |change: fn(&mut Variables)| {
            let mut variables = Variables::default();
            change(&mut variables);
            variables.check().unwrap_err().message
        };
        assert_eq!(message(|v| v.scene_epsilon = -1.0), "`scene_epsilon` is -1, it wants at least 0");
        assert_eq!(message(|v| v.tonemap_gamma = f32::NAN), "`tonemap_gamma` is NaN, it wants above 0");
        assert_eq!(message(|v| v.tonemap_exposure = 1e19).split(',').nth(1), Some(" it wants at least 0"));
        assert_eq!(message(|v| v.denoiser_blend = 1.5), "`denoiser_blend` is 1.5, it wants 0 to 1");
        let ends = "it wants 1 <= min <= max <= 1024";
        assert_eq!(message(|v| v.path_seg_range = (0, 3)), format!("`path_seg_range` is (0, 3), {ends}"));
        assert_eq!(message(|v| v.path_seg_range = (4, 3)), format!("`path_seg_range` is (4, 3), {ends}"));
        assert_eq!(message(|v| v.path_seg_range = (1, 2000)), format!("`path_seg_range` is (1, 2000), {ends}"));
        let none = Params { rt_timeout: 0, ..Params::default() };
        assert_eq!(none.check().unwrap_err().message, "`rt_timeout` is 0, it wants at least 1");
    }
}
