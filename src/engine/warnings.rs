//! Warnings about probable mistakes: each is reported as it comes up, and only once.

use super::{Event, Shared};
use crate::script::{Places, Remarks, Warning};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Warnings reported so far, and the places of script calls that later warnings refer to.
#[derive(Default)]
pub(super) struct Warnings(Mutex<State>);

#[derive(Default)]
struct State {
    reported: Vec<Warning>,
    places: Places,
    /// Whether the first scene with something to see has been examined.
    looked: bool,
}

impl Warnings {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts afresh, because an edited script may have other mistakes.
    pub fn begin_anew(&self) {
        *self.lock() = State::default();
    }

    /// Whether the scene is to be examined now; true once.
    pub fn are_due(&self) -> bool {
        !std::mem::replace(&mut self.lock().looked, true)
    }

    pub fn have_looked(&self) -> bool {
        self.lock().looked
    }

    pub fn places(&self) -> Places {
        self.lock().places.clone()
    }
}

impl Shared {
    /// Reports the warnings of a callback. Must be called on the raytrace thread, so that their order does not depend
    /// on which thread was faster.
    pub fn pass_on(&self, remarks: &mut Remarks) {
        self.warnings.lock().places.update(std::mem::take(&mut remarks.places));
        remarks.warnings.drain(..).for_each(|warning| self.warn(warning));
    }

    pub fn warn(&self, warning: Warning) {
        let mut state = self.warnings.lock();
        if !state.reported.iter().any(|known| known.is_of(&warning)) {
            state.reported.push(warning.clone());
            drop(state);
            self.events.send(Event::Warning(warning.error));
        }
    }
}
