//! One thread's view of a running script, with its own Rhai engine and its own values of the top-level variables.

use super::api::Access;
use super::callback::Callback;
use super::diagnostic::{self, Explainer};
use super::limits::{Budget, took_too_long};
use super::modules;
use super::params::{ParamInfo, ScriptParams};
use super::runtime::{self, Runtime};
use super::source::Script;
use super::state::{ScriptState, UnitState};
use super::{CallContext, Rt, caught};
use crate::array::{self, Watch};
use crate::cancel::CancelToken;
use crate::random::mix;
use crate::{Error, ErrorKind, Result};
use rhai::{AST, Caches, Engine, EvalAltResult, GlobalRuntimeState, Scope};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Names of a callback's arguments in the host's call. A top-level variable of the same name would be
/// used instead, and scripts may have one called `rt` or `delta`.
const RT: &str = "__callback_rt";
const DELTA: &str = "__callback_delta";

/// Runs the callbacks of one thread.
///
/// A thread that calls [`Host::call`] or [`Host::run_top_level`] needs a stack of [`Host::STACK_SIZE`] bytes: nested
/// calls and expressions of a script nest on it.
pub struct Host {
    script: Arc<Script>,
    runtime: Arc<Runtime>,
    engine: Engine,
    state: Arc<ScriptState>,
    /// Functions and imports of the script, with which every call begins.
    global: GlobalRuntimeState,
    caches: Caches,
    /// One call expression for each callback that the script has.
    calls: Vec<(Callback, AST)>,
    /// Set by [`Host::keep_changes_of_failed_calls`].
    keeps_changes: bool,
}

impl Host {
    /// Size of a stack, in bytes, that suffices for the default [`Limits`](super::Limits).
    pub const STACK_SIZE: usize = 64 << 20;

    /// A host in which nothing has run yet.
    pub fn new(script: &Arc<Script>) -> Result<Host> {
        Self::tuned(script, &[])
    }

    /// Like [`Host::new`], with values of parameters that win over those that the script was loaded with. One that does
    /// not fit the script is ignored.
    pub fn tuned(script: &Arc<Script>, values: &[(String, String)]) -> Result<Host> {
        Self::with_params(script, ScriptParams::new(&script.options.sets, values))
    }

    fn with_params(script: &Arc<Script>, params: ScriptParams) -> Result<Host> {
        let limits = &script.options.limits;
        let runtime = Arc::new(Runtime {
            script: script.clone(),
            caught: caught::variables(script),
            budget: Budget::new(limits),
            params: Mutex::new(params),
            top_level: AtomicBool::new(false),
            files: Arc::new(Access::new(
                &script.options.permissions,
                script.units.iter().map(|u| (u.name.clone(), u.dir.clone())),
                &script.loaded,
            )),
        });
        let engine = runtime::engine_for(limits, &runtime);
        let calls = script.callbacks().iter().map(|&callback| {
            let arguments = if callback.arity() == 2 { format!("{RT}, {DELTA}") } else { RT.to_string() };
            let mut scope = Scope::new();
            scope.push_constant(RT, ()).push_constant(DELTA, ());
            let ast = engine
                .compile_with_scope(&scope, format!("{}({arguments})", callback.name()))
                .map_err(|e| diagnostic::parse_error(&e, "call", ""))?;
            Ok((callback, ast))
        });
        let calls = calls.collect::<Result<_>>()?;
        let global = engine.new_global_runtime_state();
        let state = Arc::new(ScriptState::default());
        Ok(Host {
            script: script.clone(),
            runtime,
            engine,
            state,
            global,
            caches: Caches::new(),
            calls,
            keeps_changes: false,
        })
    }

    pub fn script(&self) -> &Arc<Script> {
        &self.script
    }

    /// The parameters that the top level has declared, in its order.
    pub fn params(&self) -> Vec<ParamInfo> {
        self.runtime.params.lock().unwrap_or_else(PoisonError::into_inner).infos.clone()
    }

    /// Changes the value of a parameter while the script runs. `false`: the top level or `init` depend on it, and have
    /// to run again with it.
    pub fn tune(&mut self, name: &str, text: &str) -> Result<bool> {
        let variable = self.script.live_variable(name);
        let value = self.runtime.params.lock().unwrap_or_else(PoisonError::into_inner).tune(name, text)?;
        Ok(variable.is_some_and(|(unit, variable)| self.state.assign(unit, &variable, value)))
    }

    /// Runs the top level of the modules and of the script, once; its variables become the state.
    pub fn run_top_level(&mut self, cancel: &CancelToken, timeout: Duration) -> Result<()> {
        self.runtime.budget.start(None, cancel, timeout);
        self.runtime.files.allow(&self.script.options.permissions);
        self.runtime.top_level.store(true, Relaxed);
        let _arrays = self.scope(None, cancel, timeout, 0, false).enter();
        let result = guarded(|| {
            self.top_level()?;
            self.state.compute_all()
        });
        self.runtime.top_level.store(false, Relaxed);
        self.state.settle();
        result?;
        self.runtime.params.lock().unwrap_or_else(PoisonError::into_inner).check_all_known()
    }

    fn top_level(&mut self) -> Result<()> {
        let script = self.script.clone();
        let mut builder = modules::Builder::new(&script, &self.runtime);
        for unit in 0..script.units.len() {
            builder.run(&mut self.engine, unit)?;
        }
        (self.state, self.global) = builder.finish();
        Ok(())
    }

    /// A second view with equal state, for another thread. The top level does not run again.
    pub fn fork(&self) -> Result<Host> {
        self.with_functions_of(&self.script)
    }

    /// This state under the functions of an edited script, whose top level is the same.
    pub fn with_functions_of(&self, script: &Arc<Script>) -> Result<Host> {
        let params = self.runtime.params.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut host = Self::with_params(script, params)?;
        let mut builder = modules::Builder::new(script, &host.runtime);
        for (index, unit) in self.state.units.iter().enumerate() {
            builder.adopt(&mut host.engine, index, unit)?;
        }
        (host.state, host.global) = builder.finish();
        Ok(host)
    }

    /// Whether a failing call keeps its changes of the state. `check` uses it to find further mistakes:
    /// later calls then have fewer errors that only follow from the first.
    pub fn keep_changes_of_failed_calls(&mut self, keep: bool) {
        self.keeps_changes = keep;
    }

    /// Runs one callback; without such a function nothing happens. `cx` is lent to it as `rt` and comes back with
    /// what it has staged. On an error every change of the state that the call made is dropped.
    pub fn call(&mut self, cx: CallContext, delta: u32, timeout: Duration) -> (CallContext, Result<()>) {
        let callback = cx.callback;
        let Some((_, ast)) = self.calls.iter().find(|(c, _)| *c == callback) else { return (cx, Ok(())) };
        self.runtime.budget.start(Some(callback), &cx.cancel, timeout);
        self.runtime.files.allow(&cx.permissions);
        // Once is enough.
        let tells_costs = cx.permissions.dry_run && cx.frame <= 1;
        let _arrays = self.scope(Some(callback), &cx.cancel, timeout, cx.frame, tells_costs).enter();
        let rt = Rt::lend(CallContext { files: Some(self.runtime.files.clone()), ..cx });
        let mut scope = Scope::new();
        scope.push_constant(RT, rt.clone()).push_constant(DELTA, i64::from(delta));
        let mut global = self.global.clone();
        let mut caches = std::mem::take(&mut self.caches);
        let result = guarded(|| {
            // The only way into Rhai that keeps imports and caches from call to call.
            #[allow(deprecated)]
            let result = self.engine.eval_statements_raw(&mut global, &mut caches, &mut scope, ast.statements());
            result.map(drop).map_err(|e| self.explain(e, callback))?;
            self.state.compute_arrays().map_err(|e| self.at_callback(e, callback))
        });
        let result = result
            .and_then(|()| self.state.commit().map_err(|name| self.at_callback(modules::captures(&name), callback)));
        match result {
            Ok(()) => self.caches = caches,
            Err(_) if self.keeps_changes && self.state.commit().is_ok() => {}
            Err(_) => self.state.rollback(),
        }
        self.runtime.budget.end(self.state.weight());
        let mut cx = rt.take_back();
        cx.remarks.settle(&self.script);
        (cx, result)
    }

    /// The context in which a call computes arrays.
    fn scope(
        &self,
        callback: Option<Callback>,
        cancel: &CancelToken,
        timeout: Duration,
        frame: u64,
        tells_costs: bool,
    ) -> array::Scope {
        let place = callback.map_or(0, |callback| callback as u64 + 1);
        let seed = mix(self.script.options.seed ^ mix(frame ^ mix(place)));
        let over = Arc::new(took_too_long(callback, timeout));
        let deadline = Instant::now().checked_add(timeout).map(|end| (end, over));
        array::Scope {
            space: self.script.space.clone(),
            watch: Watch { cancel: cancel.clone(), deadline },
            seed,
            tells_costs,
        }
    }

    /// The outermost call is the host's own.
    fn explain(&self, error: Box<EvalAltResult>, callback: Callback) -> Error {
        let main = self.script.main();
        let explainer = Explainer { units: &self.script.units, budget: &self.runtime.budget, engine: &self.engine };
        let error = explainer.explain(error, &main.name, true);
        if error.kind == ErrorKind::Limit
            && error.place.is_none()
            && self.runtime.budget.spent()
            && let Some(place) = self.script.blind_loop(callback)
        {
            return error.at(place);
        }
        self.at_callback(error, callback)
    }

    /// An error without a place is at least one of the callback.
    fn at_callback(&self, error: Error, callback: Callback) -> Error {
        match self.script.place_of(callback) {
            Some(place) => error.at(place),
            None => error,
        }
    }

    /// Names and parameter counts of the functions that scripts may call; a method's object counts.
    pub(super) fn natives(&self) -> Vec<(String, usize)> {
        let known = |f: rhai::FuncInfo| Some((f.metadata.name.to_string(), f.metadata.num_params));
        self.engine.collect_fn_metadata(None, known, true)
    }

    /// The state that explains errors, for tests.
    #[cfg(test)]
    pub(super) fn parts(&self) -> (&Engine, &Runtime) {
        (&self.engine, &self.runtime)
    }

    /// A copy of a top-level variable of the script, for tests and tools.
    pub fn value(&self, name: &str) -> Option<rhai::Dynamic> {
        self.main_state()?.get(name).map(|slot| slot.value())
    }

    fn main_state(&self) -> Option<&Arc<UnitState>> {
        self.state.units.last()
    }
}

/// Makes two views of one script equal: a value changed on one side since the last merge reaches the other. `a` is
/// that of the compute thread, `b` that of the raytrace thread.
///
/// Gives an error for each variable that was changed to different values on both sides; it keeps the value of `a`.
pub fn merge(a: &mut Host, b: &mut Host) -> Vec<Error> {
    let conflicts = ScriptState::merge(&a.state, &b.state);
    conflicts.into_iter().map(|(unit, name)| conflict(&a.script, unit, &name)).collect()
}

fn conflict(script: &Script, unit: usize, name: &str) -> Error {
    let fact = format!("`{name}` was changed on both threads in one round");
    let hint =
        "`compute` runs beside `update_image` and `accum_done`: change it in only one of them, or in `update_data`";
    let by = |callbacks| script.change_of(unit, name, callbacks);
    // The views are merged at other times, too, but then only one of the threads has run.
    let both = (by(&[Callback::Compute]), by(&[Callback::UpdateImage, Callback::AccumDone]));
    let (Some((one, here)), Some((other, there))) = both else {
        return Error::script(fact).hint(hint);
    };
    let error = Error::script(format!("{fact}, by `{}` and by `{}`", one.name(), other.name())).hint(hint);
    error.at(here).note(format!("`{}` changes it here", other.name()), there)
}

/// The last line of defence: a panic of native code ends the call, not the program.
fn guarded<R>(f: impl FnOnce() -> Result<R>) -> Result<R> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(Error::script(format!("internal error: {}", text.unwrap_or("unknown")))
            .hint("this is a mistake in plotrt, not in the script; please report it"))
    })
}
