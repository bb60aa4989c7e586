//! The setup before the first round: the compute thread runs the top level and `init`, while the raytrace thread
//! serves their `rt.render` calls.

use super::compute::{ComputeThread, Task, TaskDone};
use super::context::RunContext;
use super::event::Event;
use super::render::{RenderRequest, RenderService};
use super::stop::{NO_LIMIT, Watch};
use super::tracer::PathTracer;
use crate::scene::Scene;
use crate::script::{CallContext, Callback, Command, Host, HostServices, Script};
use crate::{ErrorKind, Result};
use crossbeam_channel::{Receiver, never, select};
use std::sync::Arc;

/// The result of the setup, from which the rounds start.
pub(super) struct Ready {
    pub host: Host,
    pub scene: Scene,
    pub commands: Vec<Command>,
    pub renders: u64,
}

/// Inputs of a setup.
pub(super) struct Beginning<'a> {
    pub script: &'a Arc<Script>,
    /// Values of parameters that were set while the script was running.
    pub tuned: &'a [(String, String)],
    /// Image size that overrides the script's.
    pub size: Option<(u32, u32)>,
}

/// Runs the top level and `init`. `meanwhile` is called whenever a command has arrived.
pub(super) fn set_up(
    run: &RunContext,
    Beginning { script, tuned, size }: Beginning,
    tracer: &mut PathTracer,
    compute: &mut ComputeThread,
    meanwhile: &mut dyn FnMut(&mut PathTracer) -> Result<()>,
) -> Result<Ready> {
    let mut scene = Scene::default();
    if let Some(size) = size {
        scene.size = size;
    }
    let limit = run.config.setup_timeout;

    let watched = |watch: Watch| {
        run.controls.running(&watch.token);
        watch
    };
    let watch = watched(run.supervisor.watch_script(None, limit));
    let task = Task::TopLevel { host: Host::tuned(script, tuned)?, cancel: watch.token.clone(), limit };
    compute.begin(task, watch)?;
    let TaskDone { mut host, result, .. } = serve(run, tracer, compute, never(), meanwhile)?.0;
    result?;

    let mut ready = Ready { host: host.fork()?, scene, commands: Vec::new(), renders: 0 };
    if script.has(Callback::Init) {
        let watch = watched(run.supervisor.watch_script(Some(Callback::Init), limit));
        let (service, requests) = RenderService::new(run.supervisor.clone(), watch.id);
        let cx = CallContext {
            services: Some(Arc::new(service) as Arc<dyn HostServices>),
            fixed_size: size.is_some(),
            ..run.call_context(Callback::Init, 0, ready.scene.clone(), None, watch.token.clone())
        };
        let goes_on = run.policy.failures.continue_setup();
        host.keep_changes_of_failed_calls(goes_on);
        // The host's own clock keeps running during `rt.render`; the watch's clock is suspended then, so only the
        // watch limits the call.
        let task = Task::Call { host, cx: Box::new(cx), delta: 0, limit: NO_LIMIT };
        compute.begin(task, watch)?;
        let (mut done, renders) = serve(run, tracer, compute, requests, meanwhile)?;
        if let Some(cx) = &mut done.cx {
            run.pass_on(&mut cx.remarks);
        }
        match done.result {
            Err(error) if goes_on && error.kind != ErrorKind::Interrupted => run.sinks.send(Event::Error(error)),
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

/// Serves `rt.render` requests until the task ends.
fn serve(
    run: &RunContext,
    tracer: &mut PathTracer,
    compute: &mut ComputeThread,
    mut requests: Receiver<RenderRequest>,
    meanwhile: &mut dyn FnMut(&mut PathTracer) -> Result<()>,
) -> Result<(TaskDone, u64)> {
    let mut renders = 0;
    loop {
        select! {
            recv(requests) -> request => match request {
                Ok(RenderRequest { scene, passes, reply }) => {
                    let image = tracer.render(&scene, run.policy.render_passes(passes), run.seed(0));
                    renders += u64::from(image.is_ok());
                    // Sending fails if the script's thread is gone and nobody waits for the answer.
                    let _ = reply.send(image);
                }
                // The callback has ended and dropped its end of the channel; only its result is left to receive.
                Err(_) => requests = never(),
            },
            recv(run.controls.woken()) -> _ => meanwhile(tracer)?,
            recv(compute.done()) -> received => return Ok((compute.accept(received)?, renders)),
            recv(run.supervisor.stopped()) -> _ => return Ok((compute.finish()?, renders)),
        }
    }
}
