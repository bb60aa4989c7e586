//! Files of parameters: a JSON object of values by name.

use crate::{Error, Result};
use serde_json::{Map, Value};
use std::path::Path;

/// Reads values of parameters by name from a file that S writes while the sliders are shown, in the form of `--set`.
pub fn load_params(path: &Path) -> Result<Vec<(String, String)>> {
    let wanted = "a file of parameters is a JSON object of values by name: {\"n\": 20, \"speed\": 1.5}";
    let name = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|e| Error::file(format!("cannot read `{name}`: {e}")).hint(wanted))?;
    let values: Map<String, Value> =
        serde_json::from_str(&text).map_err(|e| Error::usage(format!("`{name}`: {e}")).hint(wanted))?;
    values
        .into_iter()
        .map(|(key, value)| match value_text(&value) {
            Some(text) => Ok((key, text)),
            None => Err(Error::usage(format!("`{name}`: the value of `{key}` is {value}"))
                .hint("values are numbers, true, false, texts, or lists of those")),
        })
        .collect()
}

fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(on.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => {
            let texts: Option<Vec<String>> = values.iter().map(value_text).collect();
            texts.map(|texts| format!("[{}]", texts.join(", ")))
        }
        Value::Null | Value::Object(_) => None,
    }
}
