//! Callbacks.

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
