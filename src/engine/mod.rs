//! The engine: two threads, rounds of callbacks and passes, the sync point, cancellation.
//!
//! [`Engine::start`] begins a run and returns at once. The *raytrace thread* owns the device and coordinates the
//! round; the *compute thread* runs the callbacks that prepare the next frame; a watchdog cancels what exceeds its
//! time limit. One round:
//!
//! ```text
//! raytrace thread                                        compute thread
//! rt_starting ─┬─ trace a block, develop, update_image,  ── compute(delta)
//!              │  accum_done (if the image is complete)
//!              ├─ merge state and edits ───────────────────
//!              │                                            update_data
//!              └─ sync point: edits into the scene, the change set onto the device
//! ```
//!
//! In a window, the viewer's commands are carried out between rounds. Commands that only change the view are also
//! carried out within a round (`raytrace/preview.rs`), so that the image never waits for a slow `compute` or a slow pass.
//!
//! What differs between a window, a batch and a check is one value for each (`mode.rs`). Events go to any number of
//! sinks (`sinks.rs`), each with a queue of its own.
//!
//! Results never depend on which thread is faster: each callback works on its own copy of the script's state and
//! of the scene, and the copies are joined in a fixed order, where a conflict is an error.

mod branch;
mod check;
mod compute;
mod config;
mod context;
mod control;
mod event;
mod frames;
mod handle;
mod mode;
mod observe;
mod raytrace;
mod render;
mod seed;
mod setup;
mod sink;
mod sinks;
mod stats;
mod stop;
mod thread;
mod tracer;
mod view;
mod warnings;

pub use check::{DryRun, dry_run};
pub use config::EngineConfig;
pub use control::Control;
pub use event::{Event, FrameEvent, RunState, Summary};
pub use frames::Frames;
pub use handle::Engine;
pub use mode::Mode;
pub use observe::{Moment, Observer, Recorder};
pub use seed::image_seed;
pub use sink::{Delivery, Events, Sink};
pub use stats::{Lane, RoundStats, Span, Timings};
pub use stop::StopHandle;
