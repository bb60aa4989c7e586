//! Arguments that are written out in a script, checked before it runs.

use super::call::{Call, mismatch};
use super::table::{Function, Param, Type};
use super::{params, variables};
use crate::Error;
use rhai::Dynamic;

/// The error of a value that is written out as an argument. Conditions that depend on the scene are not checked.
pub fn check_literal(function: &'static Function, param: &'static Param, value: Dynamic) -> Option<Error> {
    let is_number = value.is_int() || value.is_float();
    let is_text = value.is_string();
    let text = value.clone().into_immutable_string().unwrap_or_default();
    let is_wrong = |what: bool| what.then(|| mismatch(param, &value));
    let call = Call::without_context(function, vec![(param, value.clone())]);
    let name = param.name;
    match param.ty {
        Type::Bool => call.bool(name).err(),
        Type::Number => call.float(name).err(),
        Type::Count => call.int(name).err(),
        Type::Variable if is_text => variables::unknown(&text),
        Type::Parameter if is_text => params::unknown(&text),
        Type::Text | Type::PictureFile | Type::Variable | Type::Parameter => is_wrong(!is_text),
        Type::Vector => call.vector(name).err(),
        Type::Factor => call.required_factor(name).err(),
        Type::Color if is_text => None,
        Type::Color => call.color(name).err(),
        Type::Size => call.size(name).err(),
        Type::Rows => call.places(name, || 0.0).err(),
        Type::Vectors => call.vectors(name).err(),
        Type::Numbers => call.numbers(name).err(),
        Type::Colors => call.colors(name).err(),
        Type::Choice(..) => call.choice(name).err(),
        // Many functions of arrays take numbers and truth values, too.
        Type::Array => is_wrong(is_text || value.is_map()),
        Type::Values => is_wrong(is_text || value.is_map()),
        Type::Shape => is_wrong(value.is_float() || is_text || value.is_bool() || value.is_map()),
        Type::Function => is_wrong(is_number || value.is_bool()),
        Type::Index | Type::Any => None,
    }
}
