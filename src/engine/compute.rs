//! The compute thread: runs the top level, `init`, `compute` and `update_data`. The script host and the context of a
//! call are moved to the thread and back, so nothing is shared while a callback runs.

use super::observe::{Moment, Observer};
use super::stop::{Supervisor, Watch};
use super::thread::{panicked, spawn};
use crate::cancel::CancelToken;
use crate::device::Prefetch;
use crate::script::{CallContext, Callback, Host};
use crate::{Error, Result};
use crossbeam_channel::{Receiver, RecvError, Sender, bounded, select};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Time that a cancelled callback may take to stop before its thread is abandoned.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// A task for the compute thread.
pub(super) enum Task {
    TopLevel { host: Host, cancel: CancelToken, limit: Duration },
    Call { host: Host, cx: Box<CallContext>, delta: u32, limit: Duration },
}

/// The result of a task.
pub(super) struct TaskDone {
    pub host: Host,
    /// The context with the edits that the callback has staged; `None` after the top level.
    pub cx: Option<Box<CallContext>>,
    pub result: Result<()>,
    pub seconds: f64,
}

pub(super) struct ComputeThread {
    tasks: Option<Sender<Task>>,
    done: Receiver<Result<TaskDone>>,
    thread: Option<JoinHandle<()>>,
    supervisor: Arc<Supervisor>,
    in_flight: Option<Watch>,
}

/// What is received from the compute thread's channel.
pub(super) type Received = Result<Result<TaskDone>, RecvError>;

impl ComputeThread {
    /// Starts the thread. `prefetch` receives the edits that `compute` stages, to upload them early.
    pub fn start(
        supervisor: Arc<Supervisor>,
        observer: Option<Arc<dyn Observer>>,
        prefetch: Option<Arc<dyn Prefetch>>,
    ) -> Result<Self> {
        let (tasks, task_queue) = bounded::<Task>(1);
        let (done_queue, done) = bounded(1);
        let thread = spawn("plotrt-compute", move || {
            for task in task_queue {
                let result = catch_unwind(AssertUnwindSafe(|| run(task, observer.as_deref(), prefetch.as_deref())))
                    .map_err(|p| panicked(&*p));
                // Sending fails if the run is over and nobody waits for the result.
                if done_queue.send(result).is_err() {
                    break;
                }
            }
        })?;
        Ok(ComputeThread { tasks: Some(tasks), done, thread: Some(thread), supervisor, in_flight: None })
    }

    /// Starts a task, which `watch` can cancel. The result must be taken before the next task is started.
    pub fn begin(&mut self, task: Task, watch: Watch) -> Result<()> {
        self.in_flight = Some(watch);
        match &self.tasks {
            Some(tasks) => tasks.send(task).map_err(|_| gone()),
            None => Err(gone()),
        }
    }

    /// The channel that becomes ready when the task has ended; pass what it receives to [`ComputeThread::accept`].
    pub fn done(&self) -> &Receiver<Result<TaskDone>> {
        &self.done
    }

    pub fn accept(&mut self, received: Received) -> Result<TaskDone> {
        let watch = self.in_flight.take();
        let mut done = received.map_err(|_| gone())??;
        if let (Err(error), Some(watch)) = (&mut done.result, watch) {
            watch.explain(error);
        }
        Ok(done)
    }

    /// Waits for the task to end; after a stop, only for a limited time.
    pub fn finish(&mut self) -> Result<TaskDone> {
        let received = select! {
            recv(self.done) -> received => received,
            recv(self.supervisor.stopped()) -> _ => match self.done.recv_timeout(GRACE) {
                Ok(done) => Ok(done),
                Err(_) => return Err(Error::interrupted()),
            },
        };
        self.accept(received)
    }

    /// Ends the thread. A running task is cancelled; if it does not stop in time, the thread is abandoned.
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

fn run(task: Task, observer: Option<&dyn Observer>, prefetch: Option<&dyn Prefetch>) -> TaskDone {
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
    TaskDone { host, cx, result, seconds: begin.elapsed().as_secs_f64() }
}

/// Calls a callback on the current thread.
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
