//! Numeric arrays that scripts compute with: NumPy's behaviour, recorded and computed in one pass. Independent of Rhai
//! and of scenes.
//!
//! [`NdArray`] is a handle; `ops` lists the elementwise operations, `eval` computes them, `space` limits memory and
//! time.

pub mod colors;
mod compute;
pub mod eigen;
mod eval;
pub mod format;
pub mod fourier;
pub mod index;
pub mod io;
mod keyed;
mod lanes;
pub mod linear;
pub mod make;
pub mod math;
pub mod neighbours;
mod node;
pub mod noise;
mod ops;
pub mod random;
pub mod reduce;
mod shape;
pub mod sort;
mod space;
pub mod upload;
mod values;

pub use node::{NdArray, Operand, common_type};
pub use ops::{Binary, Unary};
pub use shape::{ArrayShape, MAX_AXES, no_broadcast};
pub use space::{Buffer, Scope, ScopeGuard, Space, Watch};
pub use values::{Dtype, Element, Scalar, Values};
