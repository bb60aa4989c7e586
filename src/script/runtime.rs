//! What the functions of one host's engine share with the host.

use super::limits::{Budget, Limits};
use super::params::ScriptParams;
use super::source::Script;
use super::thrown::thrown;
use super::{api, language};
use crate::Error;
use rhai::{Dynamic, Engine, Map, NativeCallContext};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// State that the functions of one host's engine share with the host.
pub(super) struct Runtime {
    pub script: Arc<Script>,
    /// Names under which the script catches errors.
    pub caught: HashSet<String>,
    pub budget: Budget,
    pub params: Mutex<ScriptParams>,
    /// The top level is running: `param` may be called.
    pub top_level: AtomicBool,
    pub files: Arc<api::Access>,
}

/// An engine that runs scripts for the host of `runtime`.
pub(super) fn engine_for(limits: &Limits, runtime: &Arc<Runtime>) -> Engine {
    let mut engine = language::engine(limits);
    let budget = runtime.clone();
    engine.on_progress(move |_| budget.budget.stops().then_some(Dynamic::UNIT));

    let files = runtime.clone();
    api::register_files(&mut engine, move |function, values, source| files.files.call(function, values, source));

    let param = |runtime: Arc<Runtime>| {
        move |context: &NativeCallContext, name: &str, default: Dynamic, options: &Map| {
            let result = if runtime.top_level.load(Relaxed) {
                let mut params = runtime.params.lock().unwrap_or_else(PoisonError::into_inner);
                params.get(name, default, options)
            } else {
                Err(Error::script(format!("`param(\"{name}\", …)` is called outside the top level"))
                    .hint(format!("write `let {name} = param(\"{name}\", …);` at the top of the script")))
            };
            result.map_err(|e| thrown(e, context.call_position()))
        }
    };
    let get = param(runtime.clone());
    engine.register_fn("param", move |context: NativeCallContext, name: &str, default: Dynamic| {
        get(&context, name, default, &Map::new())
    });
    let get = param(runtime.clone());
    engine.register_fn("param", move |context: NativeCallContext, name: &str, default: Dynamic, options: Map| {
        get(&context, name, default, &options)
    });
    engine
}
