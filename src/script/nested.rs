//! Lists and maps as text, compared, and sorted. At any depth of nesting: Rhai's own functions for it call themselves
//! through the engine and would use up the stack. Integers and floats compare by value, as outside of lists.

use rhai::{Array, Dynamic, Engine, ImmutableString, Map, NativeCallContext};
use std::fmt::Write;

/// Nesting beyond which values are shown as `…`.
const SHOWN_DEPTH: usize = 32;
/// Characters after which a shown value is cut off.
const SHOWN_LENGTH: usize = 1 << 20;

/// A value as Rhai writes it in debug format. Other types are printed by their own function, through `context`.
fn write_value(out: &mut String, value: &Dynamic, depth: usize, context: Option<&NativeCallContext>) {
    if depth > SHOWN_DEPTH || out.len() > SHOWN_LENGTH {
        out.push('…');
    } else if let Ok(array) = value.as_array_ref() {
        out.push('[');
        for (i, element) in array.iter().enumerate() {
            out.push_str(if i == 0 { "" } else { ", " });
            write_value(out, element, depth + 1, context);
            if out.len() > SHOWN_LENGTH {
                break;
            }
        }
        out.push(']');
    } else if let Ok(map) = value.as_map_ref() {
        out.push_str("#{");
        for (i, (key, element)) in map.iter().enumerate() {
            let _ = write!(out, "{}{:?}: ", if i == 0 { "" } else { ", " }, key.as_str());
            write_value(out, element, depth + 1, context);
            if out.len() > SHOWN_LENGTH {
                break;
            }
        }
        out.push('}');
    } else {
        let mut copy = value.flatten_clone();
        let text = context
            .filter(|_| copy.is_variant())
            .and_then(|c| c.call_native_fn_raw(rhai::FUNC_TO_DEBUG, true, &mut [&mut copy]).ok())
            .and_then(|text| text.into_immutable_string().ok());
        let _ = match text {
            Some(text) => write!(out, "{text}"),
            None => write!(out, "{copy:?}"),
        };
    }
}

/// A value as messages show it, shortened.
pub(super) fn brief(value: &Dynamic) -> String {
    const LENGTH: usize = 500;
    let mut text = String::new();
    match value.as_immutable_string_ref() {
        Ok(string) => text.push_str(&string),
        Err(_) => write_value(&mut text, value, 0, None),
    }
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Rhai's `==`: integers equal floats of the same value, other types must agree.
fn equal(a: &Dynamic, b: &Dynamic, context: &NativeCallContext) -> bool {
    if let (Ok(a), Ok(b)) = (a.as_array_ref(), b.as_array_ref()) {
        return a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b, context));
    }
    if let (Ok(a), Ok(b)) = (a.as_map_ref(), b.as_map_ref()) {
        let same = |((ka, a), (kb, b)): ((_, &Dynamic), (_, &Dynamic))| ka == kb && equal(a, b, context);
        return a.len() == b.len() && a.iter().zip(b.iter()).all(same);
    }
    let (mut a, mut b) = (a.flatten_clone(), b.flatten_clone());
    context
        .call_native_fn_raw(rhai::OP_EQUALS, true, &mut [&mut a, &mut b])
        .ok()
        .and_then(|equal| equal.as_bool().ok())
        .unwrap_or(false)
}

pub(super) fn register(engine: &mut Engine) {
    fn show(context: &NativeCallContext, value: Dynamic) -> ImmutableString {
        let mut out = String::new();
        write_value(&mut out, &value, 0, Some(context));
        out.into()
    }
    for name in [rhai::FUNC_TO_STRING, rhai::FUNC_TO_DEBUG] {
        engine.register_fn(name, |context: NativeCallContext, array: Array| show(&context, array.into()));
        engine.register_fn(name, |context: NativeCallContext, map: Map| show(&context, map.into()));
    }
    let arrays = |context: &NativeCallContext, a: Array, b: Array| equal(&a.into(), &b.into(), context);
    let maps = |context: &NativeCallContext, a: Map, b: Map| equal(&a.into(), &b.into(), context);
    engine.register_fn("==", move |context: NativeCallContext, a: Array, b: Array| arrays(&context, a, b));
    engine.register_fn("!=", move |context: NativeCallContext, a: Array, b: Array| !arrays(&context, a, b));
    engine.register_fn("==", move |context: NativeCallContext, a: Map, b: Map| maps(&context, a, b));
    engine.register_fn("!=", move |context: NativeCallContext, a: Map, b: Map| !maps(&context, a, b));
}
