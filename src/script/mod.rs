//! The only module that uses Rhai: compiling, the host of one thread, shared state, the API table, diagnostics,
//! limits.

pub mod api;
mod bounded;
mod brackets;
mod callback;
mod caught;
mod check;
mod diagnostic;
mod edited;
mod effects;
pub(crate) mod foreign;
mod host;
mod language;
mod limits;
mod lists;
mod literals;
mod math;
#[cfg(test)]
mod messages;
mod modules;
mod names;
mod nested;
mod outline;
mod params;
mod params_file;
mod permissions;
mod remarks;
mod render;
mod rt;
mod runtime;
mod source;
mod state;
mod thrown;
mod unit;
mod words;

pub use callback::Callback;
pub use check::{Finding, Severity, check};
pub use edited::Edited;
pub use host::{Host, merge};
pub use limits::Limits;
pub(crate) use limits::took_too_long;
pub use params::ParamInfo;
pub use params_file::load_params;
pub use permissions::Permissions;
pub use remarks::{Places, Remarks, Warning};
pub use render::{render_error, render_warning};
pub use rt::{CallContext, Command, HostServices, Rt};
pub use source::{Script, ScriptOptions, source_files};
