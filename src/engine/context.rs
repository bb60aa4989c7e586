//! What all threads of a run share.

use super::config::EngineConfig;
use super::control::Controls;
use super::event::Event;
use super::mode::Policy;
use super::observe::Moment;
use super::seed::image_seed;
use super::sinks::Sinks;
use super::stop::Supervisor;
use super::warnings::Warnings;
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::Scene;
use crate::script::{CallContext, Callback, Remarks, Warning};
use std::sync::Arc;

/// What all threads of a run share.
pub(super) struct RunContext {
    pub config: EngineConfig,
    pub policy: Policy,
    pub supervisor: Arc<Supervisor>,
    pub sinks: Sinks,
    pub controls: Arc<Controls>,
    pub warnings: Warnings,
}

impl RunContext {
    /// The seed of the image of a frame.
    pub fn seed(&self, frame: u64) -> u64 {
        image_seed(self.config.seed, (!self.config.lock_noise).then_some(frame))
    }

    pub fn observe(&self, round: u64, moment: Moment) {
        if let Some(observer) = &self.config.observer {
            observer.at(round, moment);
        }
    }

    /// The context that a callback is called with.
    pub fn call_context(
        &self,
        callback: Callback,
        round: u64,
        scene: Scene,
        image: Option<Arc<Frame>>,
        cancel: CancelToken,
    ) -> CallContext {
        CallContext {
            frame: round,
            seed: self.config.seed,
            image,
            fixed_size: self.config.size.is_some(),
            permissions: self.config.permissions.clone(),
            apart: self.policy.frames_stand_apart,
            cancel,
            ..CallContext::new(callback, scene)
        }
    }

    /// Reports the warnings of a callback. Must be called on the raytrace thread, so that their order does not depend
    /// on which thread was faster.
    pub fn pass_on(&self, remarks: &mut Remarks) {
        self.warnings.update_places(std::mem::take(&mut remarks.places));
        remarks.warnings.drain(..).for_each(|warning| self.warn(warning));
    }

    pub fn warn(&self, warning: Warning) {
        if self.warnings.is_new(&warning) {
            self.sinks.send(Event::Warning(warning.error));
        }
    }
}
