//! **plotrt** ray-traces plots and animations that are written as Rhai scripts.
//!
//! This page is the map of the crate. Dependencies point one way, from the top of the list to the bottom.
//!
//! | module | purpose | must not depend on |
//! | --- | --- | --- |
//! | [`cli`] | command-line arguments, the configuration made from them, one file per command | |
//! | [`viewer`] | shows a run on a screen, such as the window, and handles the user's input: keys, gestures, panels, live editing | Rhai |
//! | [`engine`] | the two threads, the round, the sync point, passes, cancellation | Rhai, file formats |
//! | [`script`] | the only module that uses Rhai: host, state, API table, diagnostics, limits | devices |
//! | [`device`] | the interface between rendering and hardware: `cpu`, `null` | Rhai, windows |
//! | [`output`] | screens for the viewer, image files, animations, naming, atomic writes | Rhai, devices |
//! | [`frame`] | a developed image | everything above |
//! | [`mod@array`] | numeric arrays that scripts compute with, data files for them | scenes, Rhai |
//! | [`scene`] | the scene as plain data, and the change set between two states of it | devices, Rhai |
//! | [`watch`] | watches files for changed contents | scripts |
//! | [`radix`], [`random`] | sorting by integer keys on all threads; random bits as a function of a number | |
//! | [`atomic`] | files that appear completely or not at all | |
//! | [`memory`] | how much each thread has allocated | |
//! | [`choice`], [`range`] | kinds that scripts select by name; the values that a number may have | |
//! | [`error`], [`cancel`] | one error type with place and hint; one cancellation token | |
//!
//! An image from Rust, without a script:
//!
//! ```no_run
//! use plotrt::cancel::CancelToken;
//! use plotrt::device::{self, Develop, DeviceChoice};
//! use plotrt::scene::{Edit, GeometryUpdate, Scene};
//!
//! # fn main() -> plotrt::Result<()> {
//! let mut scene = Scene::default();
//! let pos = (0..100).map(|i| [0.1 * i as f32, (0.3 * i as f32).sin(), 0.0]).collect();
//! scene.apply(&Edit::SetData {
//!     name: "balls".into(),
//!     data: GeometryUpdate { pos: Some(pos), ..GeometryUpdate::default() },
//! })?;
//! let mut device = device::open(&DeviceChoice::Auto, 0)?;
//! device.apply(&scene)?;
//! device.restart(0); // the seed of the noise
//! device.trace(0..64, &CancelToken::new())?;
//! let frame = device.develop(true, Develop::default())?;
//! plotrt::output::save_frame(&frame, "balls.png".as_ref())
//! # }
//! ```
//!
//! `examples/` has more: a script without a window, picking, a window of one's own. Features: `cli` (the command),
//! `window` (the viewer in a window of the desktop), `optix` and `parquet` are on by default, and none is needed; `viewer`
//! is the viewer for a [`Screen`](output::Screen) of your own; `testing` is for plotrt's own tests. A program
//! that runs scripts installs [`memory::Counting`].
//!
//! The light transport itself is C++17 in `kernels/`, shared by all devices.

pub mod array;
pub mod atomic;
pub mod cancel;
pub mod choice;
#[cfg(feature = "cli")]
pub mod cli;
pub mod device;
pub mod engine;
pub mod error;
pub mod frame;
pub mod memory;
pub mod output;
pub mod radix;
pub mod random;
pub mod range;
pub mod scene;
pub mod script;
#[cfg(feature = "viewer")]
pub mod viewer;
#[cfg(any(feature = "cli", feature = "viewer"))]
pub mod watch;

pub use error::{Error, ErrorKind, Place, Result};
