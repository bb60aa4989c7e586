//! Before the first round: the top level and `init`, on the compute thread, while the raytrace thread serves
//! `rt.render`.

use super::compute::{ComputeThread, Done, Task};
use super::event::Event;
use super::render::{RenderRequest, RenderService};
use super::stop::NO_LIMIT;
use super::tracer::Tracer;
use super::{Mode, Shared};
use crate::scene::Scene;
use crate::script::{CallContext, Callback, Command, Host, HostServices};
use crate::{ErrorKind, Result};
use crossbeam_channel::{Receiver, never, select};
use std::sync::Arc;

/// What the rounds start from.
pub(super) struct Ready {
    pub host: Host,
    pub scene: Scene,
    pub commands: Vec<Command>,
    pub renders: u64,
}

/// Runs the top level and `init`.
pub(super) fn set_up(shared: &Shared, tracer: &mut Tracer, compute: &mut ComputeThread) -> Result<Ready> {
    let mut scene = Scene::default();
    if let Some(size) = shared.config.size {
        scene.size = size;
    }
    let limit = shared.config.setup_timeout;

    let watch = shared.supervisor.watch_script(None, limit);
    let task = Task::TopLevel { host: Host::new(&shared.script)?, cancel: watch.token.clone(), limit };
    compute.begin(task, watch)?;
    let Done { mut host, result, .. } = serve(shared, tracer, compute, never())?.0;
    result?;

    let mut ready = Ready { host: host.fork()?, scene, commands: Vec::new(), renders: 0 };
    if shared.script.has(Callback::Init) {
        let watch = shared.supervisor.watch_script(Some(Callback::Init), limit);
        let (service, requests) = RenderService::new(shared.supervisor.clone(), watch.id);
        let cx = CallContext {
            services: Some(Arc::new(service) as Arc<dyn HostServices>),
            ..shared.context(Callback::Init, 0, ready.scene.clone(), None, watch.token.clone())
        };
        let goes_on = matches!(shared.config.mode, Mode::Check { .. });
        host.keep_changes_of_failed_calls(goes_on);
        // The host's own clock does not stand still during `rt.render`, the watch's does: so it alone counts.
        let task = Task::Call { host, cx: Box::new(cx), delta: 0, limit: NO_LIMIT };
        compute.begin(task, watch)?;
        let (done, renders) = serve(shared, tracer, compute, requests)?;
        match done.result {
            Err(error) if goes_on && error.kind != ErrorKind::Interrupted => shared.events.send(Event::Error(error)),
            result => result?,
        }
        host = done.host;
        host.keep_changes_of_failed_calls(false);
        if let Some(cx) = done.cx {
            ready.scene = cx.scene;
            ready.commands = cx.commands;
        }
        ready.renders = renders;
    }
    ready.host = host;
    Ok(ready)
}

/// Traces what is asked for until the task ends.
fn serve(
    shared: &Shared,
    tracer: &mut Tracer,
    compute: &mut ComputeThread,
    mut requests: Receiver<RenderRequest>,
) -> Result<(Done, u64)> {
    let mut renders = 0;
    loop {
        select! {
            recv(requests) -> request => match request {
                Ok(RenderRequest { scene, passes, reply }) => {
                    // While checking, what is rendered does not matter, that it can be does.
                    let passes = if matches!(shared.config.mode, Mode::Check { .. }) { 1 } else { passes };
                    let picture = tracer.render(&scene, passes, shared.seed(0));
                    renders += u64::from(picture.is_ok());
                    // The script waits for the answer, or its thread is gone and nobody does.
                    let _ = reply.send(picture);
                }
                // The callback has ended and its context with it: only its result is left to come.
                Err(_) => requests = never(),
            },
            recv(compute.done()) -> received => return Ok((compute.accept(received)?, renders)),
            recv(shared.supervisor.stopped()) -> _ => return Ok((compute.finish()?, renders)),
        }
    }
}
