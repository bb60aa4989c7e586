//! The script on the two threads: its text, the view that each thread has of its state, and calls of its callbacks.

use crate::engine::compute::{ComputeThread, Task, TaskDone, call};
use crate::engine::context::RunContext;
use crate::frame::Frame;
use crate::scene::Scene;
use crate::script::{CallContext, Callback, Host, ParamInfo, Script, merge};
use crate::{Error, Result};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

pub(super) struct Callbacks<'a> {
    compute: &'a mut ComputeThread,
    script: Arc<Script>,
    /// The raytrace thread's view of the script's state.
    here: Host,
    /// The compute thread's view of the script's state; `None` while a task runs.
    there: Option<Host>,
    /// Callbacks that are not called again.
    given_up: HashSet<Callback>,
}

/// One call of a callback.
pub(super) struct CallbackCall {
    pub callback: Callback,
    pub round: u64,
    pub scene: Scene,
    pub image: Option<Arc<Frame>>,
    pub limit: Duration,
}

impl<'a> Callbacks<'a> {
    /// The script after its setup, whose state is `host`.
    pub fn new(script: Arc<Script>, host: Host, compute: &'a mut ComputeThread) -> Result<Self> {
        Ok(Callbacks { compute, script, here: host.fork()?, there: Some(host), given_up: HashSet::new() })
    }

    pub fn script(&self) -> &Arc<Script> {
        &self.script
    }

    pub fn compute_thread(&mut self) -> &mut ComputeThread {
        self.compute
    }

    pub fn params(&self) -> Vec<ParamInfo> {
        self.here.params()
    }

    /// Whether the script has callbacks that prepare the next frame.
    pub fn prepare_frames(&self) -> bool {
        self.script.has(Callback::Compute) || self.script.has(Callback::UpdateData)
    }

    /// Whether the script has callbacks that read the image.
    pub fn read_images(&self) -> bool {
        self.script.has(Callback::UpdateImage) || self.script.has(Callback::AccumDone)
    }

    /// Whether this callback exists and has not been given up.
    pub fn calls(&self, callback: Callback) -> bool {
        self.script.has(callback) && !self.given_up.contains(&callback)
    }

    /// Never calls this callback again.
    pub fn give_up(&mut self, callback: Callback) {
        self.given_up.insert(callback);
    }

    /// Calls a callback on this thread. The context has the edits that it has staged.
    pub fn call(&mut self, run: &RunContext, of: CallbackCall) -> (CallContext, Result<()>) {
        let CallbackCall { callback, round, scene, image, limit } = of;
        let watch = run.supervisor.watch_script(Some(callback), limit);
        run.controls.running(&watch.token);
        let cx = run.call_context(callback, round, scene, image, watch.token.clone());
        let (cx, mut result) = call(&mut self.here, cx, 0, limit, run.config.observer.as_deref());
        if let Err(error) = &mut result {
            watch.explain(error);
        }
        (cx, result)
    }

    /// Starts a callback on the compute thread.
    pub fn begin(&mut self, run: &RunContext, of: CallbackCall, delta: u32) -> Result<()> {
        let CallbackCall { callback, round, scene, image, limit } = of;
        let watch = run.supervisor.watch_script(Some(callback), limit);
        run.controls.running(&watch.token);
        let cx = Box::new(run.call_context(callback, round, scene, image, watch.token.clone()));
        let host = self.there.take().ok_or_else(Error::interrupted)?;
        self.compute.begin(Task::Call { host, cx, delta, limit }, watch)
    }

    /// Waits for the callback on the compute thread. Returns its context, its result, and its duration in seconds.
    pub fn finish(&mut self) -> Result<(Option<Box<CallContext>>, Result<()>, f64)> {
        let TaskDone { host, cx, result, seconds } = self.compute.finish()?;
        self.there = Some(host);
        Ok((cx, result, seconds))
    }

    /// Merges the two threads' views of the script's state, and returns the conflicts, in which the compute thread's
    /// value is kept.
    pub fn merge(&mut self) -> Result<Vec<Error>> {
        let there = self.there.as_mut().ok_or_else(Error::interrupted)?;
        Ok(merge(there, &mut self.here))
    }

    /// Continues with the functions of another text of the script and with the present state.
    pub fn replace_functions(&mut self, script: Arc<Script>) -> Result<()> {
        let there = self.there.as_ref().ok_or_else(Error::interrupted)?;
        let there = there.with_functions_of(&script)?;
        self.here = self.here.with_functions_of(&script)?;
        (self.there, self.script) = (Some(there), script);
        Ok(())
    }

    /// Continues with another script after its setup, whose state on the two threads is given.
    pub fn replace_script(&mut self, script: Arc<Script>, here: Host, there: Host) {
        (self.script, self.here, self.there) = (script, here, Some(there));
    }

    /// Sets a parameter. Returns whether the running script takes it over, without a new setup.
    pub fn tune(&mut self, name: &str, value: &str) -> Result<bool> {
        let there = self.there.as_mut().ok_or_else(Error::interrupted)?;
        Ok(self.here.tune(name, value)? & there.tune(name, value)?)
    }
}
