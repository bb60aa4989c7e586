//! `param(name, default)`: values of the script that the command line can set.

use crate::error::nearest;
use crate::{Error, Result};
use rhai::{Array, Dynamic, Map};

/// One call of `param`, for listings and sliders.
#[derive(Debug, Clone)]
pub struct ParamInfo {
    pub name: String,
    /// `"int"`, `"float"`, `"bool"`, `"string"` or `"array"`.
    pub kind: &'static str,
    pub default: String,
    /// The value in use.
    pub value: String,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub step: Option<f64>,
    pub doc: Option<String>,
}

impl ParamInfo {
    /// A number must be within the bounds.
    fn check(&self, value: &Dynamic) -> Result<()> {
        let Ok(number) = value.as_float().or_else(|_| value.as_int().map(|i| i as f64)) else { return Ok(()) };
        let (min, max) = (self.min.unwrap_or(f64::NEG_INFINITY), self.max.unwrap_or(f64::INFINITY));
        if (min..=max).contains(&number) {
            return Ok(());
        }
        let name = &self.name;
        Err(Error::usage(format!("parameter `{name}` is {value}, outside {min} to {max}"))
            .hint(format!("set it with `--set {name}=VALUE`")))
    }
}

/// The values that were set, and the parameters that the script has declared so far.
#[derive(Debug, Clone, Default)]
pub(super) struct ScriptParams {
    sets: Vec<(String, String)>,
    /// Values set while the script runs: they win, but one that does not fit is ignored.
    tuned: Vec<(String, String)>,
    pub infos: Vec<ParamInfo>,
    /// Defaults of the parameters, in the order of `infos`.
    defaults: Vec<Dynamic>,
}

impl ScriptParams {
    pub fn new(sets: &[(String, String)], tuned: &[(String, String)]) -> Self {
        ScriptParams { sets: sets.to_vec(), tuned: tuned.to_vec(), ..ScriptParams::default() }
    }

    /// Changes the value of a parameter that the script has declared; returns the new one.
    pub fn tune(&mut self, name: &str, text: &str) -> Result<Dynamic> {
        let Some(at) = self.infos.iter().position(|info| info.name == name) else {
            return Err(Error::usage(format!("the script has no parameter `{name}`")));
        };
        let value = parse(name, text, &self.defaults[at])?;
        self.infos[at].check(&value)?;
        self.infos[at].value = value.to_string();
        self.tuned.retain(|(known, _)| known != name);
        self.tuned.push((name.to_string(), text.to_string()));
        Ok(value)
    }

    /// The value of a parameter: as set, converted to the type of its default, or the default.
    pub fn get(&mut self, name: &str, default: Dynamic, options: &Map) -> Result<Dynamic> {
        let kind = kind_of(&default).ok_or_else(|| {
            Error::script(format!("`param(\"{name}\", …)` cannot have a default of type {}", default.type_name()))
                .hint("the default is a number, a bool, a string or an array of those")
        })?;
        let mut info = ParamInfo {
            name: name.into(),
            kind,
            default: default.to_string(),
            value: String::new(),
            min: None,
            max: None,
            step: None,
            doc: None,
        };
        const KEYS: [&str; 4] = ["min", "max", "step", "doc"];
        for (key, value) in options {
            let number = || {
                value
                    .as_float()
                    .or_else(|_| value.as_int().map(|i| i as f64))
                    .map_err(|_| Error::script(format!("`{key}` of parameter `{name}` is not a number: {value}")))
            };
            match key.as_str() {
                "min" => info.min = Some(number()?),
                "max" => info.max = Some(number()?),
                "step" => info.step = Some(number()?),
                "doc" => info.doc = Some(value.to_string()),
                _ => {
                    let known = nearest(key, KEYS).map(|k| format!("did you mean `{k}`? "));
                    return Err(Error::script(format!("unknown option `{key}` of `param`")).hint(format!(
                        "{}options are {}",
                        known.unwrap_or_default(),
                        KEYS.join(", ")
                    )));
                }
            }
        }
        // The last one wins, as with every flag that is given twice.
        let last = |values: &[(String, String)]| values.iter().rev().find(|(n, _)| n == name).map(|(_, t)| t.clone());
        let tuned = last(&self.tuned).and_then(|text| parse(name, &text, &default).ok());
        let tuned = tuned.filter(|value| info.check(value).is_ok());
        let value = match (tuned, last(&self.sets)) {
            (Some(value), _) => value,
            (None, Some(text)) => parse(name, &text, &default)?,
            (None, None) => default.clone(),
        };
        info.check(&value)?;
        info.value = value.to_string();
        match self.infos.iter().position(|i| i.name == name) {
            Some(at) => (self.infos[at], self.defaults[at]) = (info, default),
            None => {
                self.infos.push(info);
                self.defaults.push(default);
            }
        }
        Ok(value)
    }

    /// Checks after the top level that the script has declared every name that was set.
    pub fn check_all_known(&self) -> Result<()> {
        let names = || self.infos.iter().map(|i| i.name.as_str());
        match self.sets.iter().find(|(n, _)| !names().any(|known| known == n)) {
            None => Ok(()),
            Some((name, _)) => {
                let hint = match (nearest(name, names()), self.infos.is_empty()) {
                    (Some(known), _) => format!("did you mean `{known}`?"),
                    (None, true) => format!("the script has none; `let {name} = param(\"{name}\", 1)` makes one"),
                    (None, false) => format!("its parameters are {}", names().collect::<Vec<_>>().join(", ")),
                };
                Err(Error::usage(format!("`--set {name}`: the script has no such parameter")).hint(hint))
            }
        }
    }
}

fn kind_of(value: &Dynamic) -> Option<&'static str> {
    Some(if value.is_int() {
        "int"
    } else if value.is_float() {
        "float"
    } else if value.is_bool() {
        "bool"
    } else if value.is_string() {
        "string"
    } else if value.is_array() {
        "array"
    } else {
        return None;
    })
}

fn parse(name: &str, text: &str, default: &Dynamic) -> Result<Dynamic> {
    let text = text.trim();
    let fail = |what: &str| {
        Err(Error::usage(format!("`--set {name}={text}`: not {what}"))
            .hint(format!("the default of `{name}` is {default}")))
    };
    if default.is_int() {
        return match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(value), _) => Ok(value.into()),
            // `1e6` is an integer, too.
            (_, Ok(value)) if value.fract() == 0.0 && value.abs() < 9.0e15 => Ok((value as i64).into()),
            _ => fail("an integer"),
        };
    }
    if default.is_float() {
        return match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value.into()),
            _ => fail("a number"),
        };
    }
    if default.is_bool() {
        return match text {
            "true" | "yes" | "on" | "1" => Ok(true.into()),
            "false" | "no" | "off" | "0" => Ok(false.into()),
            _ => fail("true or false"),
        };
    }
    if let Ok(elements) = default.as_array_ref() {
        let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        if inner.trim().is_empty() {
            return Ok(Array::new().into());
        }
        // Elements without a counterpart in the default are like its last one; an empty default takes numbers.
        let like = |i: usize| elements.get(i).or(elements.last()).cloned().unwrap_or(Dynamic::from_float(0.0));
        let parsed: Result<Array> = inner.split(',').enumerate().map(|(i, t)| parse(name, t, &like(i))).collect();
        return Ok(parsed?.into());
    }
    Ok(text.to_string().into())
}
