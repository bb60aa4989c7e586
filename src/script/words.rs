//! Names of types and functions in messages.

use crate::array::NdArray;
use rhai::{Array, Blob, Dynamic, Engine, FnPtr, FuncMetadata, ImmutableString, Instant, Map};
use std::any::TypeId;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

/// Forms of a function that one message shows.
const SHOWN_FORMS: usize = 4;

/// The name of a type in messages, from its name in Rhai or Rust.
pub fn type_name(name: &str) -> &'static str {
    let name = name.trim().trim_start_matches("&mut ");
    // The last part of the path, without parameters: `Range` of `core::ops::range::Range<i64>`.
    let plain = name.split('<').next().unwrap_or_default();
    let plain = plain.rsplit("::").next().unwrap_or_default().trim();
    match plain {
        "i64" | "INT" | "int" | "integer" => "int",
        "f64" | "FLOAT" | "float" => "float",
        "bool" => "bool",
        "char" => "char",
        "()" => "()",
        "&str | ImmutableString | String" | "&str" | "str" | "ImmutableString" | "String" | "string" => "string",
        "Vec" if name.contains("u8") => "blob",
        "Array" | "array" | "Vec" => "list",
        "Blob" | "blob" => "blob",
        "Map" | "map" | "BTreeMap" => "map",
        "Fn" | "FnPtr" => "function",
        "NdArray" | "ndarray" => "array",
        "range" | "range=" | "Range" | "RangeInclusive" | "ExclusiveRange" | "InclusiveRange" | "StepRange" => "range",
        "Slice" | "slice" => "slice",
        "Instant" | "timestamp" => "timestamp",
        "Rt" | "rt" => "rt",
        "Image" => "image",
        "Error" => "error",
        // Types that no script can hold by themselves, such as a single byte.
        _ => "value",
    }
}

/// The name of a type in messages, from its `TypeId`.
fn type_word(id: TypeId) -> &'static str {
    let is = |other: TypeId| id == other;
    match id {
        _ if is(TypeId::of::<i64>()) || is(TypeId::of::<f64>()) => "number",
        _ if is(TypeId::of::<bool>()) => "bool",
        _ if is(TypeId::of::<char>()) => "char",
        _ if is(TypeId::of::<ImmutableString>()) || is(TypeId::of::<String>()) || is(TypeId::of::<&str>()) => "text",
        _ if is(TypeId::of::<Array>()) => "list",
        _ if is(TypeId::of::<Blob>()) => "blob",
        _ if is(TypeId::of::<Map>()) => "map",
        _ if is(TypeId::of::<FnPtr>()) => "function",
        _ if is(TypeId::of::<NdArray>()) => "array",
        _ if is(TypeId::of::<Range<i64>>()) || is(TypeId::of::<RangeInclusive<i64>>()) => "range",
        _ if is(TypeId::of::<Instant>()) => "timestamp",
        _ if is(TypeId::of::<()>()) => "()",
        _ => "value",
    }
}

/// Whether a value of the type `given` fits a parameter of the type `word`, both as messages name them.
fn is_kind(given: &str, word: &str) -> bool {
    match word {
        "number" => given == "int" || given == "float",
        "text" => given == "string",
        "value" => true,
        word => given == word,
    }
}

/// How the built-in function `name` can be called, in the words of scripts: `text.pad(length, character)`. Those that
/// begin as the call in question does come first.
pub(super) fn forms(engine: &Engine, name: &str, given: &[&str]) -> Vec<String> {
    let form = |f: rhai::FuncInfo| (f.metadata.name == name).then(|| form(f.metadata));
    let all: BTreeSet<Form> = engine.collect_fn_metadata(None, form, true).into_iter().collect();
    let mut all: Vec<Form> = all.into_iter().collect();
    // Sorted by text before, so that equals stay in the same order in every run.
    all.sort_by_key(|form| std::cmp::Reverse(form.likeness(given)));
    let mut shown: Vec<String> = Vec::new();
    for form in all {
        if !shown.contains(&form.text) {
            shown.push(form.text);
        }
    }
    shown.truncate(SHOWN_FORMS);
    shown
}

/// One way to call a function.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Form {
    text: String,
    types: Vec<&'static str>,
}

impl Form {
    /// How well a call with values of the types `given` fits this form.
    fn likeness(&self, given: &[&str]) -> (bool, bool, usize) {
        let fits = |(given, word): (&&str, &&str)| is_kind(given, word);
        let first = given.iter().zip(&self.types).next().is_some_and(fits);
        let count = given.iter().zip(&self.types).filter(|(given, word)| is_kind(given, word)).count();
        (first, given.len() == self.types.len(), count)
    }
}

fn form(function: &FuncMetadata) -> Form {
    let names = function.params_info.iter().map(|param| param.split(':').next().unwrap_or_default().trim());
    let names: Vec<&str> = names.collect();
    let is_any = |id: &TypeId| *id == TypeId::of::<Dynamic>();
    let types: Vec<&'static str> =
        function.param_types.iter().map(|id| if is_any(id) { "value" } else { type_word(*id) }).collect();
    // Methods are written after their object.
    let is_method = !matches!(types.first(), None | Some(&("number" | "value")));
    let word = |(i, ty): (usize, &&'static str)| match names.get(i).copied().unwrap_or_default() {
        _ if i == 0 && is_method => (*ty).to_string(),
        // A name that is clearer than the type.
        "len" | "length" => "length".to_string(),
        "start" | "end" | "index" | "character" | "radix" | "base" | "step" | "position" => names[i].to_string(),
        _ => (*ty).to_string(),
    };
    let words: Vec<String> = types.iter().enumerate().map(word).collect();
    let name = &function.name;
    let text = match words.split_first() {
        Some((object, rest)) if is_method => format!("{object}.{name}({})", rest.join(", ")),
        _ => format!("{name}({})", words.join(", ")),
    };
    Form { text, types }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_names_of_scripts() {
        for (name, word) in [
            ("core::ops::range::Range<i64>", "range"),
            ("core::ops::range::RangeInclusive<i64>", "range"),
            ("plotrt::array::node::NdArray", "array"),
            ("ndarray", "array"),
            ("&str | ImmutableString | String", "string"),
            ("alloc::string::String", "string"),
            ("alloc::vec::Vec<rhai::types::dynamic::Dynamic>", "list"),
            ("alloc::vec::Vec<u8>", "blob"),
            ("&mut i64", "int"),
            ("plotrt::error::Error", "error"),
            ("rhai::packages::iter_basic::StepRange<i64>", "range"),
            ("some::thing::Else<'_>", "value"),
            ("", "value"),
        ] {
            assert_eq!(type_name(name), word, "{name}");
        }
    }

    #[test]
    fn forms_are_written_as_scripts_call_them_and_always_in_the_same_order() {
        for _ in 0..4 {
            let engine = Engine::new();
            assert_eq!(
                forms(&engine, "pad", &["string", "string", "int"]),
                [
                    "text.pad(length, character)",
                    "text.pad(length, text)",
                    "blob.pad(length, number)",
                    "list.pad(length, value)"
                ]
            );
            assert_eq!(forms(&engine, "to_upper", &["int"]), ["char.to_upper()", "text.to_upper()"]);
        }
        assert!(forms(&Engine::new(), "nothing_like_it", &[]).is_empty());
    }
}
