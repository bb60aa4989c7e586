//! `rt.render`: a script in `init` requests an image, the raytrace thread traces it.

use super::stop::Supervisor;
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::Scene;
use crate::script::HostServices;
use crate::{Error, Result};
use crossbeam_channel::{Receiver, Sender, bounded, select};
use std::sync::Arc;

/// A request for an image that the script waits for.
pub(super) struct RenderRequest {
    pub scene: Scene,
    pub passes: u32,
    pub reply: Sender<Result<Frame>>,
}

/// The script's side of the channel to the raytrace thread.
pub(super) struct RenderService {
    requests: Sender<RenderRequest>,
    supervisor: Arc<Supervisor>,
    /// The watch of the calling callback, suspended while the image is traced, which has a limit of its own.
    caller: u64,
}

impl RenderService {
    pub fn new(supervisor: Arc<Supervisor>, caller: u64) -> (Self, Receiver<RenderRequest>) {
        let (requests, incoming) = bounded(1);
        (RenderService { requests, supervisor, caller }, incoming)
    }
}

impl HostServices for RenderService {
    fn render(&self, scene: &Scene, passes: u32, _cancel: &CancelToken) -> Result<Frame> {
        let (reply, answer) = bounded(1);
        let request = RenderRequest { scene: scene.clone(), passes, reply };
        let stopped = self.supervisor.stopped();
        self.supervisor.suspend(self.caller);
        let result = select! {
            send(self.requests, request) -> sent => match sent {
                Ok(()) => select! {
                    recv(answer) -> image => image.unwrap_or_else(|_| Err(Error::interrupted())),
                    recv(stopped) -> _ => Err(Error::interrupted()),
                },
                Err(_) => Err(Error::interrupted()),
            },
            recv(stopped) -> _ => Err(Error::interrupted()),
        };
        self.supervisor.resume(self.caller);
        result
    }
}
