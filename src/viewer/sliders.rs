//! The parameters of the script as sliders: selection, changes, and files of values.

use super::saves::save_text;
use crate::output::{Panel, PanelId, PanelPlace, Row};
use crate::script::ParamInfo;
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::path::Path;

/// Number of steps over the range of a slider, unless the script gives a step.
const STEPS: f64 = 100.0;
/// Step of a number without bounds, relative to its value.
const LOOSE_STEP: f64 = 0.05;

/// The sliders of all parameters.
#[derive(Default)]
pub struct Sliders {
    params: Vec<ParamInfo>,
    chosen: usize,
    is_open: bool,
}

impl Sliders {
    /// Whether the sliders are shown.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    pub fn toggle(&mut self) {
        self.is_open = !self.is_open;
    }

    /// Hides the sliders; false if they are hidden.
    pub fn close(&mut self) -> bool {
        std::mem::take(&mut self.is_open)
    }

    pub fn set(&mut self, params: Vec<ParamInfo>) {
        self.params = params;
        self.chosen = self.chosen.min(self.params.len().saturating_sub(1));
    }

    /// Moves the selection down by this many rows.
    pub fn choose(&mut self, rows: isize) {
        let last = self.params.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(rows).min(last);
    }

    /// Shows a value that the script has been asked for, until the engine reports the parameters.
    pub fn expect(&mut self, (name, value): &(String, String)) {
        if let Some(info) = self.params.iter_mut().find(|info| info.name == *name) {
            info.value.clone_from(value);
        }
    }

    /// Name and value of the selected parameter after this many steps; `None` if it has no next value.
    pub fn stepped(&self, steps: f64) -> Option<(String, String)> {
        let info = self.params.get(self.chosen)?;
        let value = match info.kind {
            "bool" => (info.value != "true").to_string(),
            _ => format(info, number(info)? + steps * step(info)?),
        };
        (value != info.value).then(|| (info.name.clone(), value))
    }

    /// Name and default value of the selected parameter.
    pub fn reset(&self) -> Option<(String, String)> {
        self.params.get(self.chosen).map(|info| (info.name.clone(), info.default.clone()))
    }

    /// Handles the pointer on a row of the panel: a slider follows it, a switch toggles when pressed.
    pub fn pointed(&mut self, row: usize, share: Option<f32>, pressed: bool) -> Option<(String, String)> {
        let at = row.checked_sub(1)?;
        let info = self.params.get(at)?;
        self.chosen = at;
        match (info.kind, share, bounds(info)) {
            ("bool", ..) if pressed => self.stepped(1.0),
            (_, Some(share), Some((min, max))) => {
                let value = format(info, min + f64::from(share) * (max - min));
                (value != info.value).then(|| (info.name.clone(), value))
            }
            _ => None,
        }
    }

    /// The panel of the sliders, if they are shown.
    pub fn panel(&self) -> Option<Panel> {
        self.is_open.then(|| Panel { id: PanelId::Sliders, place: PanelPlace::TopRight, rows: self.rows() })
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = vec![Row::faint("parameters: up, down, left, right; S saves, P closes")];
        if self.params.is_empty() {
            rows.push(Row::plain("none: `let n = param(\"n\", 10, #{ min: 1, max: 50 });` makes one"));
        }
        let widest = self.params.iter().map(|info| info.name.chars().count()).max().unwrap_or(0);
        for (at, info) in self.params.iter().enumerate() {
            let text = format!("{:widest$}  {:<12}", info.name, shown(&info.value));
            let share = bounds(info).zip(number(info)).map(|((min, max), value)| ((value - min) / (max - min)) as f32);
            rows.push(Row::Slider { text, share, chosen: at == self.chosen });
        }
        if let Some(doc) = self.params.get(self.chosen).and_then(|info| info.doc.as_deref()) {
            rows.push(Row::faint(doc));
        }
        rows
    }

    /// Writes all values with their names, and returns a note on the file.
    pub fn save(&self, path: &Path) -> Result<String> {
        let values: Map<String, Value> = self.params.iter().map(|info| (info.name.clone(), json(info))).collect();
        let text = serde_json::to_string_pretty(&values)
            .map_err(|e| Error::file(format!("the parameters cannot be written: {e}")))?;
        save_text(path, &(text + "\n"))
    }
}

fn json(info: &ParamInfo) -> Value {
    match info.kind {
        "string" => Value::String(info.value.clone()),
        // Numbers, switches and lists of them have the same syntax in Rhai and JSON.
        _ => serde_json::from_str(&info.value).unwrap_or_else(|_| Value::String(info.value.clone())),
    }
}

fn number(info: &ParamInfo) -> Option<f64> {
    matches!(info.kind, "int" | "float").then(|| info.value.parse().ok()).flatten()
}

fn bounds(info: &ParamInfo) -> Option<(f64, f64)> {
    info.min.zip(info.max).filter(|(min, max)| min < max && number(info).is_some())
}

fn step(info: &ParamInfo) -> Option<f64> {
    if let Some(step) = info.step.filter(|step| *step > 0.0) {
        return Some(step);
    }
    let step = match bounds(info) {
        Some((min, max)) => (max - min) / STEPS,
        None => round((number(info)?.abs() * LOOSE_STEP).max(0.01)),
    };
    Some(if info.kind == "int" { step.round().max(1.0) } else { step })
}

/// Rounds to one significant digit.
fn round(x: f64) -> f64 {
    let unit = 10f64.powf(x.log10().floor());
    (x / unit).round() * unit
}

/// The reachable value of the parameter nearest to `value`, within its bounds, as text.
fn format(info: &ParamInfo, value: f64) -> String {
    let start = info.min.unwrap_or(0.0);
    let stepped = match step(info) {
        Some(step) if info.step.is_some() || bounds(info).is_some() => start + ((value - start) / step).round() * step,
        _ => value,
    };
    let value = stepped.clamp(info.min.unwrap_or(f64::NEG_INFINITY), info.max.unwrap_or(f64::INFINITY));
    if info.kind == "int" {
        return format!("{}", value.round());
    }
    // Removes digits that binary rounding adds.
    let value: f64 = format!("{value:.12e}").parse().unwrap_or(value);
    format!("{value:?}")
}

/// Long texts and lists are shortened.
fn shown(value: &str) -> String {
    const MOST: usize = 24;
    if value.chars().count() <= MOST {
        return value.to_string();
    }
    value.chars().take(MOST - 3).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::load_params;

    fn info(name: &str, kind: &'static str, value: &str, range: [Option<f64>; 3]) -> ParamInfo {
        let [min, max, step] = range;
        let (default, doc) = ("0".into(), Some(format!("what {name} is")));
        ParamInfo { name: name.into(), kind, default, value: value.into(), min, max, step, doc }
    }

    fn sliders(params: Vec<ParamInfo>) -> Sliders {
        let mut sliders = Sliders::default();
        sliders.set(params);
        sliders
    }

    fn value(change: Option<(String, String)>) -> Option<String> {
        change.map(|(_, value)| value)
    }

    #[test]
    fn steps_are_those_of_the_script_or_a_hundredth_of_the_way() {
        for (kind, at, range, steps, expected) in [
            ("int", "3", [Some(1.0), Some(50.0), None], 1.0, Some("4")),
            ("int", "50", [Some(1.0), Some(50.0), None], 1.0, None),
            ("int", "50", [Some(1.0), Some(1001.0), None], 1.0, Some("61")),
            ("int", "3", [None, None, None], -1.0, Some("2")),
            ("float", "0.3", [Some(0.0), Some(1.0), Some(0.1)], -1.0, Some("0.2")),
            ("float", "0.25", [Some(0.0), Some(1.0), None], 10.0, Some("0.35")),
            ("float", "1.0", [None, None, None], 1.0, Some("1.05")),
            ("float", "0.95", [Some(0.0), Some(1.0), Some(0.1)], 5.0, Some("1.0")),
            ("bool", "true", [None, None, None], 1.0, Some("false")),
            ("string", "abc", [None, None, None], 1.0, None),
            ("array", "[1, 2]", [None, None, None], 1.0, None),
        ] {
            let sliders = sliders(vec![info("p", kind, at, range)]);
            assert_eq!(value(sliders.stepped(steps)).as_deref(), expected, "{kind} {at} {range:?}");
        }
    }

    #[test]
    fn a_slider_follows_the_pointer() {
        let range = [Some(-1.0), Some(3.0), Some(0.5)];
        let mut sliders = sliders(vec![info("a", "bool", "false", [None; 3]), info("b", "float", "0.0", range)]);
        assert_eq!(value(sliders.pointed(2, Some(0.8), true)).as_deref(), Some("2.0"));
        assert_eq!(sliders.chosen, 1);
        assert_eq!(sliders.pointed(2, Some(0.26), false), None, "the value that it has");
        assert_eq!(value(sliders.pointed(1, None, true)).as_deref(), Some("true"));
        assert_eq!(sliders.pointed(1, None, false), None, "dragging does not flicker");
        assert_eq!((sliders.pointed(0, Some(0.5), true), sliders.pointed(9, Some(0.5), true)), (None, None));
    }

    #[test]
    fn the_panel_shows_every_parameter_and_explains_the_chosen_one() {
        let mut sliders =
            sliders(vec![info("n", "int", "3", [Some(0.0), Some(6.0), None]), info("name", "string", "x", [None; 3])]);
        let rows = sliders.rows();
        let Row::Slider { text, share, chosen } = &rows[1] else { panic!("{rows:?}") };
        assert!(text.starts_with("n     3") && *share == Some(0.5) && *chosen, "{text:?}");
        assert_eq!(rows[3], Row::faint("what n is"));
        sliders.choose(5);
        assert_eq!(sliders.rows()[3], Row::faint("what name is"));
        sliders.choose(-1);
        assert_eq!(sliders.reset(), Some(("n".into(), "0".into())));
    }

    #[test]
    fn the_panel_is_there_while_it_is_open() {
        let mut sliders = Sliders::default();
        assert!(sliders.panel().is_none() && !sliders.close());
        sliders.toggle();
        assert!(sliders.is_open() && sliders.panel().is_some() && sliders.close());
        assert!(sliders.panel().is_none());
    }

    #[test]
    fn values_come_back_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.json");
        let params = [
            info("n", "int", "20", [None; 3]),
            info("speed", "float", "1.5", [None; 3]),
            info("on", "bool", "true", [None; 3]),
            info("map", "string", "vir\"idis", [None; 3]),
            info("at", "array", "[1, 2.5]", [None; 3]),
        ];
        let expected: Vec<_> = params.iter().map(|info| (info.name.clone(), info.value.clone())).collect();
        sliders(params.to_vec()).save(&path).unwrap();
        let mut loaded = load_params(&path).unwrap();
        loaded.sort_by_key(|(name, _)| expected.iter().position(|(known, _)| known == name));
        assert_eq!(loaded, expected);
        for (text, fact) in [("[1]", "invalid type"), ("{\"a\": null}", "`a` is null"), ("{", "EOF")] {
            std::fs::write(&path, text).unwrap();
            let error = load_params(&path).unwrap_err();
            assert!(error.message.contains(fact) && error.message.contains("p.json"), "{error}");
        }
        assert!(load_params(Path::new("none.json")).is_err());
    }
}
