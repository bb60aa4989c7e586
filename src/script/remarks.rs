//! What a callback leaves behind beside what it stages: warnings, and where it did what a later warning may be about.

use super::source::Script;
use crate::{Error, Place};
use rhai::Position;

/// What may be a mistake; the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is about, without values that change from frame to frame: about each topic, a place is told once.
    pub topic: &'static str,
    pub error: Error,
}

/// Where a call stands: name of the unit, `None` for the script itself, and the position in it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub unit: Option<String>,
    pub position: Position,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Of the function that runs now.
    pub(super) site: Option<Site>,
    pub(super) raised: Vec<(Option<Site>, Warning)>,
    pub(super) camera_site: Option<Site>,
    pub(super) light_site: Option<Site>,
    /// In the order in which they came up.
    pub warnings: Vec<Warning>,
    pub places: Places,
}

/// Where the script last did something.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Made, changed or chose a camera.
    pub camera: Option<Place>,
    /// Made or changed a light or the ambient light.
    pub light: Option<Place>,
}

impl Places {
    /// Takes over what is known better.
    pub fn update(&mut self, later: Places) {
        self.camera = later.camera.or(self.camera.take());
        self.light = later.light.or(self.light.take());
    }
}

impl Remarks {
    pub(super) fn warn(&mut self, topic: &'static str, error: Error) {
        self.raised.push((self.site.clone(), Warning { topic, error }));
    }

    /// Turns sites into places, of which other threads and the viewer know.
    pub(super) fn settle(&mut self, script: &Script) {
        let place = |site: &Option<Site>| {
            let site = site.as_ref()?;
            let unit = site.unit.as_deref().and_then(|name| script.unit(name)).unwrap_or_else(|| script.main());
            unit.place(site.position)
        };
        for (site, Warning { topic, error }) in self.raised.drain(..) {
            let error = match place(&site) {
                Some(place) => error.at(place),
                None => error,
            };
            let warning = Warning { topic, error };
            // A loop says it once.
            if !self.warnings.iter().any(|known| known.is_of(&warning)) {
                self.warnings.push(warning);
            }
        }
        self.places.camera = place(&self.camera_site);
        self.places.light = place(&self.light_site);
    }
}

impl Warning {
    /// Whether both are about the same thing at the same place.
    pub fn is_of(&self, other: &Warning) -> bool {
        (self.topic, &self.error.place) == (other.topic, &other.error.place)
    }
}
