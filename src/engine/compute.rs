//! The compute thread: runs the top level, `init`, `compute` and `update_data`. The script host and the call's
//! context travel to it and come back, so nothing is shared while a callback runs.

use super::observe::{Moment, Observer};
use super::stop::{Supervisor, Watch};
use crate::cancel::CancelToken;
use crate::device::Prefetch;
use crate::script::{CallContext, Callback, Host};
use crate::{Error, Result};
use crossbeam_channel::{Receiver, RecvError, Sender, bounded, select};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a callback that has been told to stop may take to do so before its thread is left behind.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// What the compute thread is asked to run.
pub(super) enum Task {
    TopLevel { host: Host, cancel: CancelToken, limit: Duration },
    Call { host: Host, cx: Box<CallContext>, delta: u32, limit: Duration },
}

/// What comes back.
pub(super) struct Done {
    pub host: Host,
    /// What the callback has staged; `None` after the top level.
    pub cx: Option<Box<CallContext>>,
    pub result: Result<()>,
    pub seconds: f64,
}

pub(super) struct ComputeThread {
    tasks: Option<Sender<Task>>,
    done: Receiver<Result<Done>>,
    thread: Option<JoinHandle<()>>,
    supervisor: Arc<Supervisor>,
    in_flight: Option<Watch>,
}

/// What the compute thread's channel gives.
pub(super) type Received = Result<Result<Done>, RecvError>;

impl ComputeThread {
    /// `prefetch`: where to send ahead what `compute` stages.
    pub fn start(
        supervisor: Arc<Supervisor>,
        observer: Option<Arc<dyn Observer>>,
        prefetch: Option<Arc<dyn Prefetch>>,
    ) -> Result<Self> {
        let (tasks, task_queue) = bounded::<Task>(1);
        let (done_queue, done) = bounded(1);
        let thread = super::spawn("plotrt-compute", move || {
            for task in task_queue {
                let result = catch_unwind(AssertUnwindSafe(|| run(task, observer.as_deref(), prefetch.as_deref())))
                    .map_err(|p| super::panicked(&*p));
                // A result that nobody waits for any more: the run is over.
                if done_queue.send(result).is_err() {
                    break;
                }
            }
        })?;
        Ok(ComputeThread { tasks: Some(tasks), done, thread: Some(thread), supervisor, in_flight: None })
    }

    /// Hands over a task, which `watch` can cancel. Its result must be taken before the next.
    pub fn begin(&mut self, task: Task, watch: Watch) -> Result<()> {
        self.in_flight = Some(watch);
        match &self.tasks {
            Some(tasks) => tasks.send(task).map_err(|_| gone()),
            None => Err(gone()),
        }
    }

    /// Ready when the task has ended; what it gives goes to [`ComputeThread::accept`].
    pub fn done(&self) -> &Receiver<Result<Done>> {
        &self.done
    }

    pub fn accept(&mut self, received: Received) -> Result<Done> {
        let watch = self.in_flight.take();
        let mut done = received.map_err(|_| gone())??;
        if let (Err(error), Some(watch)) = (&mut done.result, watch) {
            watch.explain(error);
        }
        Ok(done)
    }

    /// Waits for the task to end, but not for ever for one that does not heed a stop.
    pub fn finish(&mut self) -> Result<Done> {
        let received = select! {
            recv(self.done) -> received => received,
            recv(self.supervisor.stopped()) -> _ => match self.done.recv_timeout(GRACE) {
                Ok(done) => Ok(done),
                Err(_) => return Err(Error::interrupted()),
            },
        };
        self.accept(received)
    }

    /// Ends the thread. A task that is still under way is cancelled; one that does not heed that is left behind.
    pub fn end(mut self) {
        self.tasks = None;
        if let Some(watch) = self.in_flight.take() {
            watch.token.cancel();
            if self.done.recv_timeout(GRACE).is_err() {
                return;
            }
        }
        if let Some(thread) = self.thread.take() {
            // Panics inside tasks have been caught and reported.
            let _ = thread.join();
        }
    }
}

fn gone() -> Error {
    Error::script("the compute thread has ended").hint("this is a fault of plotrt: please report it with the script")
}

fn run(task: Task, observer: Option<&dyn Observer>, prefetch: Option<&dyn Prefetch>) -> Done {
    let begin = Instant::now();
    let (host, cx, result) = match task {
        Task::TopLevel { mut host, cancel, limit } => {
            let result = host.run_top_level(&cancel, limit);
            (host, None, result)
        }
        Task::Call { mut host, cx, delta, limit } => {
            let (cx, result) = call(&mut host, *cx, delta, limit, observer);
            if let (Some(prefetch), Callback::Compute, false, true) =
                (prefetch, cx.callback, cx.edits.is_empty(), result.is_ok())
            {
                prefetch.prefetch(&cx.scene, &cx.cancel);
            }
            (host, Some(Box::new(cx)), result)
        }
    };
    Done { host, cx, result, seconds: begin.elapsed().as_secs_f64() }
}

/// Calls a callback on this thread.
pub(super) fn call(
    host: &mut Host,
    cx: CallContext,
    delta: u32,
    limit: Duration,
    observer: Option<&dyn Observer>,
) -> (CallContext, Result<()>) {
    let (callback, round) = (cx.callback, cx.frame);
    let report = |moment| {
        if let Some(observer) = observer {
            observer.at(round, moment);
        }
    };
    report(Moment::Begin(callback));
    if callback == Callback::Compute {
        report(Moment::Delta(delta));
    }
    let (cx, result) = host.call(cx, delta, limit);
    report(Moment::End(callback));
    (cx, result)
}
