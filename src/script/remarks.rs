//! Warnings of a callback, and the places of its calls to which a later warning of the scene may refer.

use super::source::Script;
use crate::{Error, Place};
use rhai::Position;

/// A likely mistake; the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Identifies the warning, without values that change from frame to frame: it is reported once for each topic and place.
    pub topic: &'static str,
    pub error: Error,
}

/// Place of a call: name of the unit, `None` for the script itself, and the position in it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub unit: Option<String>,
    pub position: Position,
}

/// The warnings and places of one callback.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Place of the call of the running function.
    pub(super) site: Option<Site>,
    pub(super) raised: Vec<(Option<Site>, Warning)>,
    pub(super) camera_site: Option<Site>,
    pub(super) light_site: Option<Site>,
    /// Warnings in the order in which they were raised.
    pub warnings: Vec<Warning>,
    pub places: Places,
}

/// Places where the script last edited the scene.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Where it made, changed or chose a camera.
    pub camera: Option<Place>,
    /// Where it made or changed a light or the ambient light.
    pub light: Option<Place>,
}

impl Places {
    /// Replaces places by newer ones, where there are any.
    pub fn update(&mut self, later: Places) {
        self.camera = later.camera.or(self.camera.take());
        self.light = later.light.or(self.light.take());
    }
}

impl Remarks {
    pub(super) fn warn(&mut self, topic: &'static str, error: Error) {
        self.raised.push((self.site.clone(), Warning { topic, error }));
    }

    /// Converts sites of this host into places, which other threads and the viewer can use.
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
            // Once for all iterations of a loop.
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
