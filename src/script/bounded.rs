//! Rhai's functions that can make a value of any size from a few characters of script, with a limit.

use super::limits::Limits;
use super::thrown::thrown;
use crate::Error;
use rhai::{Array, Blob, Dynamic, Engine, EvalAltResult, ImmutableString, NativeCallContext};

type Fallible<T> = Result<T, Box<EvalAltResult>>;

/// The length given by a script, if it is within `limit`. Negative ones count as 0, as in Rhai.
fn checked(context: &NativeCallContext, length: i64, limit: usize, what: &str) -> Fallible<usize> {
    let length = usize::try_from(length.max(0)).unwrap_or(usize::MAX);
    if length <= limit {
        return Ok(length);
    }
    let error = Error::limit(format!("`{}` to {length} {what}; the limit is {limit}", context.fn_name()));
    Err(thrown(error.hint("keep large data out of script values"), context.call_position()))
}

fn byte(context: &NativeCallContext, value: i64) -> Fallible<u8> {
    u8::try_from(value).map_err(|_| {
        thrown(Error::script(format!("{value} is not a byte")).hint("bytes are 0 to 255"), context.call_position())
    })
}

pub(super) fn register(engine: &mut Engine, limits: &Limits) {
    let elements = limits.array_size;
    let bytes = limits.string_size;

    engine.register_fn("blob", move |context: NativeCallContext, length: i64| -> Fallible<Blob> {
        Ok(vec![0; checked(&context, length, elements, "bytes")?])
    });
    engine.register_fn("blob", move |context: NativeCallContext, length: i64, value: i64| -> Fallible<Blob> {
        Ok(vec![byte(&context, value)?; checked(&context, length, elements, "bytes")?])
    });
    engine.register_fn(
        "pad",
        move |context: NativeCallContext, blob: &mut Blob, length: i64, value: i64| -> Fallible<()> {
            let length = checked(&context, length, elements, "bytes")?;
            if length > blob.len() {
                blob.resize(length, byte(&context, value)?);
            }
            Ok(())
        },
    );
    engine.register_fn(
        "pad",
        move |context: NativeCallContext, array: &mut Array, length: i64, item: Dynamic| -> Fallible<()> {
            // Copies of a nested item count with all its elements.
            let weight = super::state::weight(&item) / size_of::<Dynamic>();
            let length = checked(&context, length, elements / weight.max(1), "elements")?;
            if length > array.len() {
                array.resize(length, item);
            }
            Ok(())
        },
    );
    let pad = move |context: &NativeCallContext, string: &mut ImmutableString, length: i64, with: &str| {
        let length = checked(context, length, bytes, "characters")?;
        let present = string.chars().count();
        if length > present && !with.is_empty() {
            let mut padded = string.to_string();
            padded.extend(with.chars().cycle().take(length - present));
            *string = padded.into();
        }
        Fallible::Ok(())
    };
    engine.register_fn(
        "pad",
        move |context: NativeCallContext, string: &mut ImmutableString, length: i64, with: &str| {
            pad(&context, string, length, with)
        },
    );
    engine.register_fn(
        "pad",
        move |context: NativeCallContext, string: &mut ImmutableString, length: i64, with: char| {
            pad(&context, string, length, with.encode_utf8(&mut [0; 4]))
        },
    );
    let replace = move |context: &NativeCallContext, string: &mut ImmutableString, find: &str, with: &str| {
        if with.len() > find.len() {
            let added = string.matches(find).count().saturating_mul(with.len() - find.len());
            let length = i64::try_from(string.len().saturating_add(added)).unwrap_or(i64::MAX);
            checked(context, length, bytes, "bytes")?;
        }
        *string = string.replace(find, with).into();
        Fallible::Ok(())
    };
    engine.register_fn(
        "replace",
        move |context: NativeCallContext, string: &mut ImmutableString, find: &str, with: &str| {
            replace(&context, string, find, with)
        },
    );
    engine.register_fn(
        "replace",
        move |context: NativeCallContext, string: &mut ImmutableString, find: &str, with: char| {
            replace(&context, string, find, with.encode_utf8(&mut [0; 4]))
        },
    );
    engine.register_fn(
        "replace",
        move |context: NativeCallContext, string: &mut ImmutableString, find: char, with: &str| {
            replace(&context, string, find.encode_utf8(&mut [0; 4]), with)
        },
    );
}
