//! What a viewer asks of a running engine.

use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::{Mutex, PoisonError};

/// A wish of the viewer, carried out between two rounds.
#[derive(Debug, Clone, PartialEq)]
pub enum Control {
    /// Stop calling `compute` and `update_data`; the image goes on refining.
    PauseCompute,
    /// Call them again.
    ResumeCompute,
    /// Pause if they run, resume if they are paused.
    TogglePause,
    /// Start the image afresh.
    Refresh,
    /// New image size in pixels, each at least 1.
    Resize(u32, u32),
    /// End the run, at once.
    Close,
}

/// Wishes that wait for the next chance. They are condensed as they come in, so there are never more than a few,
/// and asking never blocks.
pub(super) struct Controls {
    pending: Mutex<Vec<Control>>,
    wake: Sender<()>,
    woken: Receiver<()>,
}

impl Controls {
    pub fn new() -> Self {
        let (wake, woken) = bounded(1);
        Controls { pending: Mutex::new(Vec::new()), wake, woken }
    }

    pub fn ask(&self, wish: Control) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        match wish {
            // Two toggles are none; whether the first one paused or resumed does not matter.
            Control::TogglePause if pending.last() == Some(&Control::TogglePause) => {
                pending.pop();
            }
            Control::TogglePause => pending.push(wish),
            Control::PauseCompute | Control::ResumeCompute => {
                pending.retain(|p| !matches!(p, Control::PauseCompute | Control::ResumeCompute | Control::TogglePause));
                pending.push(wish);
            }
            Control::Refresh | Control::Resize(..) | Control::Close => {
                pending.retain(|p| std::mem::discriminant(p) != std::mem::discriminant(&wish));
                // Toggles stay last, so that they can cancel each other.
                let at = pending.iter().position(|p| *p == Control::TogglePause).unwrap_or(pending.len());
                pending.insert(at, wish);
            }
        }
        drop(pending);
        // A full channel means that the engine has been woken already.
        let _ = self.wake.try_send(());
    }

    /// All wishes since the last call.
    pub fn take(&self) -> Vec<Control> {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ready when something has been asked since the last wake-up.
    pub fn woken(&self) -> &Receiver<()> {
        &self.woken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Control::*;

    fn condensed(wishes: &[Control]) -> Vec<Control> {
        let controls = Controls::new();
        for wish in wishes {
            controls.ask(wish.clone());
        }
        controls.take()
    }

    #[test]
    fn wishes_are_condensed_to_what_they_come_to() {
        assert_eq!(condensed(&[TogglePause, TogglePause, TogglePause]), [TogglePause]);
        assert_eq!(condensed(&[TogglePause, Resize(1, 2), TogglePause]), [Resize(1, 2)]);
        assert_eq!(condensed(&[PauseCompute, TogglePause, ResumeCompute]), [ResumeCompute]);
        assert_eq!(condensed(&[PauseCompute, TogglePause]), [PauseCompute, TogglePause]);
        assert_eq!(condensed(&[Resize(1, 2), Refresh, Resize(3, 4), Refresh]), [Resize(3, 4), Refresh]);
    }
}
