//! `rt`, the object that every callback receives: what the callback may read, and what it stages.

use super::api::Access;
use super::callback::Callback;
use super::permissions::Permissions;
use super::remarks::Remarks;
use crate::Result;
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::{Edit, Scene};
use std::sync::{Arc, Mutex, PoisonError};

/// Requests of a script to the engine, executed at the next sync point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    PauseCompute,
    ResumeCompute,
    RefreshScene,
    Close,
}

/// Services of the engine to a running callback.
pub trait HostServices: Send + Sync {
    /// Traces `passes` passes of the scene to the end and develops them: `rt.render` in `init`.
    fn render(&self, scene: &Scene, passes: u32, cancel: &CancelToken) -> Result<Frame>;
}

/// Inputs and results of one call of one callback. The engine makes it, the host lends it to
/// the script as [`Rt`], the engine takes it back.
pub struct CallContext {
    pub callback: Callback,
    /// The committed scene plus what this call has staged so far: getters see a callback's own edits.
    pub scene: Scene,
    /// Edits staged by this call, in order; dropped by the engine if the call fails.
    pub edits: Vec<Edit>,
    pub commands: Vec<Command>,
    /// Warnings of the call, kept even if it fails.
    pub remarks: Remarks,
    /// Index of the round; in a batch, of the frame.
    pub frame: u64,
    /// Seed of the run, for random orientations and the like.
    pub seed: u64,
    /// In `update_image` and `accum_done`: the frozen image.
    pub image: Option<Arc<Frame>>,
    /// The size was given by `--size`, which wins over `rt.resize`.
    pub fixed_size: bool,
    pub permissions: Arc<Permissions>,
    /// Files that the script may read; set by the host.
    pub files: Option<Arc<Access>>,
    /// Not all frames of the run are traced: image callbacks, which run only for those that are, must not change the
    /// scene or the run.
    pub apart: bool,
    pub services: Option<Arc<dyn HostServices>>,
    /// Polled by long native loops; set on close, interrupt and time-out.
    pub cancel: CancelToken,
}

impl CallContext {
    /// A call of `callback` on `scene`, in frame 0 of a run with seed 0: without an image, without permissions to touch
    /// files, and without an engine. Other fields can be changed afterwards.
    pub fn new(callback: Callback, scene: Scene) -> CallContext {
        CallContext {
            callback,
            scene,
            edits: Vec::new(),
            commands: Vec::new(),
            remarks: Remarks::default(),
            frame: 0,
            seed: 0,
            image: None,
            fixed_size: false,
            permissions: Arc::default(),
            files: None,
            apart: false,
            services: None,
            cancel: CancelToken::new(),
        }
    }

    /// Applies an edit to the callback's view of the scene and stages it.
    pub fn stage(&mut self, edit: Edit) -> Result<()> {
        self.scene.apply(&edit)?;
        let site = &self.remarks.site;
        match &edit {
            Edit::SetupCamera { .. }
            | Edit::UpdateCamera { .. }
            | Edit::SetCurrentCamera { .. }
            | Edit::FitCamera { .. } => self.remarks.camera_site.clone_from(site),
            Edit::SetupLight { .. } | Edit::UpdateLight { .. } | Edit::FitLight { .. } | Edit::SetAmbient(_) => {
                self.remarks.light_site.clone_from(site);
            }
            _ => {}
        }
        self.edits.push(edit);
        Ok(())
    }
}

/// The script's handle on a [`CallContext`]: empty outside the callback that received it, so that an `rt` kept
/// in a variable is an error and not a race.
#[derive(Clone)]
pub struct Rt(pub(super) Arc<Mutex<Option<CallContext>>>);

impl Rt {
    /// Lends a context to the script.
    pub(super) fn lend(context: CallContext) -> Self {
        Rt(Arc::new(Mutex::new(Some(context))))
    }

    /// Ends the loan: copies of this handle that the script has kept are empty from now on.
    pub(super) fn take_back(&self) -> CallContext {
        let mut context = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        context.take().expect("only the host takes the context back, once per call")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The context of a callback in tests.
    pub fn context(callback: Callback) -> CallContext {
        CallContext::new(callback, Scene::default())
    }
}
