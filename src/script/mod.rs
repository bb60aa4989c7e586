//! The only module that uses Rhai: compiling, the host of one thread, shared state, the API table, diagnostics,
//! limits.

pub mod api;
mod bounded;
mod brackets;
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
mod params;
mod params_file;
mod remarks;
mod render;
mod rt;
mod source;
mod state;
mod words;

pub use check::{Finding, Severity, check};
pub use edited::Edited;
pub use host::{Host, merge};
pub use limits::Limits;
pub(crate) use limits::took_too_long;
pub use params::ParamInfo;
pub use params_file::load_params;
pub use remarks::{Places, Remarks, Warning};
pub use render::{render_error, render_warning};
pub use rt::{CallContext, Command, HostServices, Permissions, Rt};
pub use source::{Script, ScriptOptions, source_files};

/// The functions that the host calls, found in the script by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Callback {
    Init,
    RtStarting,
    Compute,
    UpdateImage,
    AccumDone,
    UpdateData,
}

impl Callback {
    pub const ALL: [Callback; 6] = [
        Callback::Init,
        Callback::RtStarting,
        Callback::Compute,
        Callback::UpdateImage,
        Callback::AccumDone,
        Callback::UpdateData,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Callback::Init => "init",
            Callback::RtStarting => "rt_starting",
            Callback::Compute => "compute",
            Callback::UpdateImage => "update_image",
            Callback::AccumDone => "accum_done",
            Callback::UpdateData => "update_data",
        }
    }
    /// Number of parameters: `(rt)`, and `(rt, delta)` for `compute`.
    pub fn arity(self) -> usize {
        if self == Callback::Compute { 2 } else { 1 }
    }
}
