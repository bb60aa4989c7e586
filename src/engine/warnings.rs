//! Warnings about probable mistakes: each is reported as it comes up, and only once.

use crate::script::{Places, Warning};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Warnings reported so far, and the places of script calls that later warnings refer to.
#[derive(Default)]
pub(super) struct Warnings(Mutex<Known>);

#[derive(Default)]
struct Known {
    reported: Vec<Warning>,
    places: Places,
    /// Whether the first scene with something to see has been examined.
    looked: bool,
}

impl Warnings {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts afresh, because an edited script may have other mistakes.
    pub fn begin_anew(&self) {
        *self.lock() = Known::default();
    }

    /// Whether the warning has not been reported; true once for each place and topic.
    pub fn is_new(&self, warning: &Warning) -> bool {
        let mut known = self.lock();
        let is_new = !known.reported.iter().any(|earlier| earlier.is_of(warning));
        if is_new {
            known.reported.push(warning.clone());
        }
        is_new
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

    pub fn update_places(&self, places: Places) {
        self.lock().places.update(places);
    }
}
