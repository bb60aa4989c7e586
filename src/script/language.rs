//! The Rhai engine of scripts: available functions, disabled ones, output.

use super::limits::Limits;
use super::thrown::thrown;
use super::{api, bounded, lists, math, nested};
use crate::Error;
use rhai::packages::{Package, StandardPackage};
use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, Map, NativeCallContext, OptimizationLevel};
use std::sync::OnceLock;

/// Disabled names, and what to use instead.
pub(super) const DISABLED: [(&str, &str); 4] = [
    ("eval", "write the code itself, or choose between functions with `Fn(\"name\")`"),
    ("sleep", "the host decides when callbacks run: count rounds with `rt.frame`, or pause with `rt.pause_compute()`"),
    ("exit", "leave a function with `return`, end the program with `rt.close()`"),
    ("**=", "write `x = x ** y`"),
];

/// An engine with everything that a script may call, but without a host: enough to compile.
pub(super) fn engine(limits: &Limits) -> Engine {
    static STANDARD: OnceLock<StandardPackage> = OnceLock::new();
    let mut engine = Engine::new_raw();
    engine.set_max_strings_interned(1024);
    engine.register_global_module(STANDARD.get_or_init(StandardPackage::new).as_shared_module());
    engine.set_optimization_level(OptimizationLevel::None);
    for (name, _) in DISABLED {
        engine.disable_symbol(name);
    }
    // Rhai computes `**` with the system's library unless it is an operator of our own.
    engine.disable_symbol("**");
    engine.register_custom_operator("**", 190).expect("`**` is free once it is disabled, and 190 is a precedence");
    limits.apply(&mut engine);
    math::register(&mut engine);
    bounded::register(&mut engine, limits);
    nested::register(&mut engine);
    lists::register(&mut engine);
    withhold(&mut engine);
    print_to_log(&mut engine);
    caught_errors(&mut engine);
    api::register(&mut engine);
    engine
}

/// Functions cannot be disabled like keywords and operators, so calling one of these is an error.
fn withhold(engine: &mut Engine) {
    fn refuse(context: &NativeCallContext) -> Result<(), Box<EvalAltResult>> {
        let name = context.fn_name();
        let remedy = DISABLED.iter().find(|(n, _)| *n == name).map_or("", |(_, remedy)| remedy);
        let error = Error::script(format!("`{name}` is not available in scripts")).hint(remedy);
        Err(thrown(error, context.call_position()))
    }
    engine.register_fn("sleep", |context: NativeCallContext, _: i64| refuse(&context));
    engine.register_fn("sleep", |context: NativeCallContext, _: f64| refuse(&context));
    engine.register_fn("exit", |context: NativeCallContext| refuse(&context));
    engine.register_fn("exit", |context: NativeCallContext, _: Dynamic| refuse(&context));
}

/// The value of `catch (e)` for an error of ours: `e.message`, `e.hint`, and the message where a text is wanted.
fn caught_errors(engine: &mut Engine) {
    engine.register_type_with_name::<Error>("Error");
    engine.register_fn("to_string", |error: &mut Error| error.message.clone());
    engine.register_fn("to_debug", |error: &mut Error| error.message.clone());
    engine.register_get("message", |error: &mut Error| error.message.clone());
    engine.register_get("hint", |error: &mut Error| error.hint.clone().unwrap_or_default());
}

/// `print` and `debug` write to the log, with their place.
fn print_to_log(engine: &mut Engine) {
    fn log(context: &NativeCallContext, value: &mut Dynamic) -> ImmutableString {
        let debug = context.fn_name() == "debug";
        let function = if debug { rhai::FUNC_TO_DEBUG } else { rhai::FUNC_TO_STRING };
        let text = context
            .call_native_fn_raw(function, true, &mut [value])
            .ok()
            .and_then(|text| text.into_immutable_string().ok())
            .unwrap_or_else(|| value.to_string().into());
        let global = context.global_runtime_state();
        let file = global.source().unwrap_or("script");
        let line = context.call_position().line().unwrap_or(0);
        if debug {
            tracing::debug!(target: "script", "{file}:{line}: {text}");
        } else {
            tracing::info!(target: "script", "{file}:{line}: {text}");
        }
        ImmutableString::new()
    }
    // One registration per type that Rhai's own package has one for: the exact type wins.
    macro_rules! types {
        ($($kind:ty),*) => {
            for name in ["print", "debug"] {
                engine.register_fn(name, |context: NativeCallContext| log(&context, &mut "".into()));
                $(engine.register_fn(name, |context: NativeCallContext, value: $kind| {
                    log(&context, &mut Dynamic::from(value))
                });)*
            }
        };
    }
    types!(Dynamic, ImmutableString, char, bool, (), i64, f64, Array, Map);
}
