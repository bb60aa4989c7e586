//! Hints for names that are not in the table: names of PlotOptiX or NumPy that are missing or elsewhere, and misspelt ones.

use super::call::{later_option, wrong_count};
use super::plotoptix::plotoptix;
use super::table::{Code, Function, Object, Type};
use super::{find, functions, variables};
use crate::Error;
use crate::error::nearest;
use crate::script::foreign;

/// Where a name belongs that is no function and no property of `rt`: a variable of the tracer, an option, a value of an
/// option, a function without an object.
pub fn place_of(name: &str) -> Option<String> {
    if let Some(function) = find(name).find(|f| f.object == Object::Free) {
        return Some(format!("it is a function without an object: `{}`", function.signature()));
    }
    if let Some((setter, getter)) = variables::accessors(name) {
        return Some(format!("it is a variable: `rt.{setter}(\"{name}\", …)` and `rt.{getter}(\"{name}\")`"));
    }
    let of_rt = || functions().filter(|f| f.object == Object::Rt);
    if let Some(function) = of_rt().find(|f| f.options.iter().any(|p| p.name == name)) {
        return Some(format!("it is an option: `rt.{}({})`", function.name, function.with_option(name, "…")));
    }
    if let Some(function) = of_rt().find(|f| f.later.contains(&name)) {
        return Some(later_option(function, name).message);
    }
    for function in of_rt() {
        for param in function.params.iter().chain(function.options) {
            let Type::Choice(names, later) = param.ty else { continue };
            let is_option = function.options.iter().any(|p| p.name == param.name);
            let call = match is_option {
                true => function.with_option(param.name, &format!("\"{name}\"")),
                false => format!("\"{name}\""),
            };
            if names.contains(&name) {
                return Some(format!("it is a value of `{}`: `rt.{}({call})`", param.name, function.name));
            }
            if later.contains(&name) {
                return Some(format!("it is a value of `{}` that is not available in this version", param.name));
            }
        }
    }
    None
}

/// The error of a call that Rhai could not resolve, from its signature: `set_mesh (Rt, map)`. `None` where it does
/// not resemble a function of the table.
pub fn not_found(signature: &str) -> Option<Error> {
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ""));
    let object = match arguments.split([',', ')']).next() {
        Some("Rt") => Object::Rt,
        Some("Image") => Object::Image,
        Some("ndarray") => Object::Array,
        _ => Object::Free,
    };
    unknown_function(name, object)
}

/// The error of an unknown call of `name` on `object`: not available yet, wrong arguments, a method
/// called without its object, or misspelt. `None` where the name does not resemble one of ours.
pub fn unknown_function(name: &str, object: Object) -> Option<Error> {
    if let Some(function) = find(name).find(|f| f.object == object) {
        // Numbers have these, too, and the engine knows what they take there.
        if matches!(function.code, Code::Elementwise(_) | Code::Pairwise(_)) {
            return None;
        }
        return Some(match function.is_property() {
            true => Error::script(format!("`{}{name}` is not a function", object.prefix()))
                .hint(format!("write `{}` without brackets", function.signature())),
            false => wrong_count(function),
        });
    }
    if let (Some(error), Object::Rt | Object::Free) = (plotoptix(name), object) {
        return Some(error);
    }
    let unknown = Error::script(format!("unknown function `{}{name}`", object.prefix()));
    match object {
        Object::Free => {
            // Names of images are too common (`min`, `size`) to be guessed at.
            let function = find(name).find(|f| f.object == Object::Rt && !f.is_property())?;
            Some(unknown.hint(format!("it is a method: `{}`", function.signature())))
        }
        Object::Rt => Some(match place_of(name) {
            Some(place) => unknown.hint(place),
            None => nearest_of(unknown, object, name, |_| true),
        }),
        Object::Array => Some(match foreign::instead(name) {
            Some(hint) => unknown.hint(hint),
            None => nearest_of(unknown, object, name, |_| true),
        }),
        Object::Image => Some(nearest_of(unknown, object, name, |_| true)),
    }
}

/// The error of a property that `object` does not have.
pub fn unknown_property(name: &str, object: Object) -> Error {
    let what = Error::script(format!("`{}` has no property `{name}`", object.prefix().trim_end_matches('.')));
    if let Some(function) = find(name).find(|f| f.object == object) {
        return what.hint(format!("it is a function: `{}`", function.signature()));
    }
    match object {
        Object::Rt => match (plotoptix(name), place_of(name)) {
            (Some(error), _) => return error,
            (None, Some(place)) => return what.hint(place),
            (None, None) => {}
        },
        Object::Array => {
            if let Some(hint) = foreign::instead(name) {
                return what.hint(hint);
            }
        }
        Object::Image | Object::Free => {}
    }
    nearest_of(what, object, name, Function::is_property)
}

fn nearest_of(error: Error, object: Object, name: &str, wanted: impl Fn(&Function) -> bool) -> Error {
    let known = functions().filter(|f| f.object == object && wanted(f)).map(|f| f.name);
    match nearest(name, known) {
        Some(near) => error.hint(format!("did you mean `{}{near}`?", object.prefix())),
        None => error.hint("`plotrt api` lists all functions and properties"),
    }
}
