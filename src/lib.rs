//! **plotrt** ray-traces plots and animations that are written as Rhai scripts.
//!
//! This page is the map of the crate; dependencies point one way, from the top of the list to the bottom.
//!
//! | module | what it is | what it must not know |
//! | --- | --- | --- |
//! | [`cli`] | arguments as typed, resolved into a configuration, one file per command | |
//! | [`viewer`] | what a user sees of a run and does with it: keys, gestures, panels, live editing | Rhai |
//! | [`engine`] | the two threads, the round, the sync point, accumulation, cancellation | Rhai, file formats |
//! | [`script`] | the only place that knows Rhai: host, state, API table, diagnostics, limits | devices |
//! | [`device`] | the seam between "what to render" and "which hardware": `cpu`, `null` | Rhai, windows |
//! | [`output`] | window, image files, animations, naming, atomic writes | Rhai, devices |
//! | [`frame`] | a finished picture | everything above |
//! | [`mod@array`] | numeric arrays that scripts compute with, data files for them | scenes, Rhai |
//! | [`scene`] | plain data and the difference between two states of it | devices, Rhai |
//! | [`watch`] | tells when files have got another content | scripts |
//! | [`atomic`] | files that appear whole or not at all | |
//! | [`memory`] | how much each thread has allocated | |
//! | [`error`], [`cancel`] | one error type with place and hint; one cheap "stop now" flag | |
//!
//! The light transport itself is C++17 in `kernels/`, shared by all devices.

pub mod array;
pub mod atomic;
pub mod cancel;
pub mod cli;
pub mod device;
pub mod engine;
pub mod error;
pub mod frame;
pub mod memory;
pub mod output;
pub mod scene;
pub mod script;
pub mod viewer;
pub mod watch;

pub use error::{Error, ErrorKind, Place, Result};
