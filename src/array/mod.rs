//! Numeric arrays that scripts compute with. Knows neither Rhai nor scenes.

mod values;

pub use values::{Dtype, Values};
