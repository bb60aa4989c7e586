//! Registers the functions of the table in a Rhai engine.

use super::array;
use super::call::{self, Call};
use super::convert;
use super::functions;
use super::image::Image;
use super::later::unknown_property;
use super::table::{Code, Function, Object};
use crate::array::NdArray;
use crate::script::Rt;
use crate::script::remarks::Site;
use crate::script::thrown::throw;
use crate::{Error, Result};
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, NativeCallContext};
use std::any::TypeId;

/// Registers the script API in an engine.
pub fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Rt>("Rt");
    engine.register_type_with_name::<Image>("Image");
    array::register(engine);
    engine.register_fn("to_string", |_: &mut Rt| "rt".to_string());
    engine.register_fn("to_debug", |_: &mut Rt| "rt".to_string());
    engine.register_fn("to_string", |image: &mut Image| image.describe());
    engine.register_fn("to_debug", |image: &mut Image| image.describe());
    unknown_properties::<Rt>(engine, Object::Rt);
    unknown_properties::<Image>(engine, Object::Image);
    unknown_properties::<NdArray>(engine, Object::Array);
    for function in functions() {
        match function.code {
            Code::Method(code) => method::<Rt>(engine, function, move |rt, args, ctx| {
                let values = call::bind(function, args)?;
                call::with_rt(function, rt, values, Some(site(ctx)), code)
            }),
            Code::ImageMethod(code) => method::<Image>(engine, function, move |image, args, _| {
                code(image, &Call::without_context(function, call::bind(function, args)?))
            }),
            Code::Property(code) => {
                engine.register_get(function.name, move |ctx: NativeCallContext, rt: &mut Rt| {
                    throw(call::with_rt(function, rt, Vec::new(), None, code), ctx.call_position())
                });
            }
            Code::ImageProperty(code) => {
                engine.register_get(function.name, move |image: &mut Image| code(image));
            }
            Code::ArrayMethod(code) => {
                method::<NdArray>(engine, function, move |array, args, _| {
                    code(array, &Call::without_context(function, call::bind(function, args)?))
                });
                array::of_lists(engine, function, code);
            }
            Code::ArrayChange(code) => change(engine, function, code),
            Code::ArrayProperty(code) => {
                engine.register_get(function.name, move |ctx: NativeCallContext, array: &mut NdArray| {
                    throw(code(array), ctx.call_position())
                });
            }
            Code::Values(code) => free(engine, function, code),
            Code::Elementwise(op) => array::elementwise(engine, function, op),
            Code::Pairwise(op) => array::pairs(engine, function, op),
            // Registered by the host.
            Code::Files(_) | Code::Host => {}
        }
    }
}

/// Rhai calls an indexer for an unknown property, which returns our error. There is none for
/// writing, because Rhai also writes back what a method was called on, as in `rt.image.mean()`.
fn unknown_properties<T: Clone + Send + Sync + 'static>(engine: &mut Engine, object: Object) {
    engine.register_indexer_get(move |ctx: NativeCallContext, _: &mut T, name: ImmutableString| {
        throw::<Dynamic>(Err(unknown_property(&name, object)), ctx.call_position())
    });
}

/// The place of a call in the script.
fn site(ctx: &NativeCallContext) -> Site {
    Site { unit: ctx.global_runtime_state().source().map(str::to_string), position: ctx.call_position() }
}

/// Registers a native function once for each number of arguments that the entry takes, after its object if it has one.
fn each_arity(
    engine: &mut Engine,
    function: &'static Function,
    object: Option<TypeId>,
    code: impl Fn(&NativeCallContext, &mut [&mut Dynamic]) -> Result<Dynamic, Box<EvalAltResult>>
    + Clone
    + Send
    + Sync
    + 'static,
) {
    let (fewest, most) = function.arity();
    for count in fewest..=most {
        let arguments = std::iter::repeat_n(TypeId::of::<Dynamic>(), count);
        let types: Vec<TypeId> = object.into_iter().chain(arguments).collect();
        let code = code.clone();
        engine.register_raw_fn(function.name, types, move |ctx: NativeCallContext, args: &mut [&mut Dynamic]| {
            code(&ctx, args)
        });
    }
}

fn taken(args: &mut [&mut Dynamic]) -> Vec<Dynamic> {
    args.iter_mut().map(|arg| arg.take()).collect()
}

/// Registers a method.
fn method<T: Clone + Send + Sync + 'static>(
    engine: &mut Engine,
    function: &'static Function,
    code: impl Fn(&T, Vec<Dynamic>, &NativeCallContext) -> Result<Dynamic> + Clone + Send + Sync + 'static,
) {
    each_arity(engine, function, Some(TypeId::of::<T>()), move |ctx, args| {
        let (object, args) = args.split_first_mut().expect("a method has an object");
        let args = taken(args);
        let result = match object.read_lock::<T>() {
            Some(object) => code(&object, args, ctx),
            None => Err(Error::script(format!("`{}` is no method of {}", function.name, convert::describe(object)))),
        };
        throw(result, ctx.call_position())
    });
}

/// Registers a method that changes an array.
fn change(engine: &mut Engine, function: &'static Function, code: fn(&mut NdArray, &Call) -> Result<Dynamic>) {
    each_arity(engine, function, Some(TypeId::of::<NdArray>()), move |ctx, args| {
        let (object, args) = args.split_first_mut().expect("a method has an object");
        let args = taken(args);
        // Rhai assumes that a function registered like this changes nothing.
        if object.is_read_only() {
            let error = EvalAltResult::ErrorNonPureMethodCallOnConstant(function.name.into(), ctx.call_position());
            return Err(error.into());
        }
        let result = call::bind(function, args).and_then(|values| {
            let mut array = object.write_lock::<NdArray>().ok_or_else(|| Error::script("the array is in use"))?;
            code(&mut array, &Call::without_context(function, values))
        });
        throw(result, ctx.call_position())
    });
}

/// Registers a function without an object.
fn free(engine: &mut Engine, function: &'static Function, code: fn(&Call) -> Result<Dynamic>) {
    each_arity(engine, function, None, move |ctx, args| {
        // The first may be the caller's own variable.
        let args = args.iter_mut().enumerate().map(|(i, arg)| if i == 0 { arg.clone() } else { arg.take() }).collect();
        let values = call::bind(function, args);
        throw(values.and_then(|v| code(&Call::without_context(function, v))), ctx.call_position())
    });
}

/// Registers the functions that touch files. `call` runs one of them for the unit of this name.
pub fn register_files(
    engine: &mut Engine,
    call: impl Fn(&'static Function, Vec<Dynamic>, Option<&str>) -> Result<Dynamic> + Clone + Send + Sync + 'static,
) {
    for function in functions().filter(|function| matches!(function.code, Code::Files(_))) {
        let call = call.clone();
        each_arity(engine, function, None, move |ctx, args| {
            throw(call(function, taken(args), ctx.global_runtime_state().source()), ctx.call_position())
        });
    }
}
