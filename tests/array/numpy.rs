//! Comparison with NumPy: random expressions, shapes and slices. `numpy_cases.py` generates them; a sample is stored
//! with it.

use crate::support::{call, host};
use plotrt::array::{Dtype, NdArray};
use plotrt::script::Callback;
use rhai::Dynamic;
use serde_json::Value;
use std::path::Path;

/// Cases of one script: each is a statement.
const TOGETHER: usize = 250;

/// The value of an expression, in the format of the cases.
struct Outcome {
    dtype: String,
    shape: Option<Vec<usize>>,
    values: Vec<f64>,
}

fn outcome(value: &Dynamic) -> Option<Outcome> {
    if let Some(array) = value.read_lock::<NdArray>() {
        let shape = Some(array.shape().dims().to_vec());
        let values = array.to_vec::<f64>().ok()?;
        return Some(Outcome { dtype: array.dtype().name().into(), shape, values });
    }
    let (dtype, value) = if let Ok(b) = value.as_bool() {
        ("bool", f64::from(u8::from(b)))
    } else if let Ok(i) = value.as_int() {
        ("int", i as f64)
    } else {
        ("float", value.as_float().ok()?)
    };
    Some(Outcome { dtype: dtype.into(), shape: None, values: vec![value] })
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::Number(n) => n.as_f64().unwrap_or(f64::NAN),
        Value::String(s) => s.parse().unwrap_or_else(|_| panic!("`{s}` is no number")),
        other => panic!("{other} is no number"),
    }
}

/// The difference, if there is one. Where rounding may differ, so may the last digits.
fn difference(case: &Value, found: &Outcome) -> Option<String> {
    let dtype = case["d"].as_str().unwrap_or_default();
    if dtype != found.dtype {
        return Some(format!("type {}, not {dtype}", found.dtype));
    }
    let shape = case["n"].as_array().map(|n| n.iter().map(|x| x.as_u64().unwrap_or(0) as usize).collect::<Vec<_>>());
    if shape != found.shape {
        return Some(format!("shape {:?}, not {shape:?}", found.shape));
    }
    let wanted: Vec<f64> = case["v"].as_array()?.iter().map(number).collect();
    let single = dtype == Dtype::F32.name() || case["s"].as_str().is_some_and(|s| s.contains("float32"));
    let largest = wanted.iter().filter(|x| x.is_finite()).fold(0.0f64, |m, x| m.max(x.abs()));
    let slack = match (case["x"].as_bool() == Some(true), single) {
        (true, _) => 0.0,
        (false, false) => 1e-11,
        (false, true) => 1e-5,
    };
    for (i, (&a, &b)) in found.values.iter().zip(&wanted).enumerate() {
        let near = (a - b).abs() <= slack * largest.max(1e-3);
        if a != b && !(a.is_nan() && b.is_nan()) && !near {
            return Some(format!("{a:e} at {i}, not {b:e}"));
        }
    }
    None
}

fn outcomes(cases: &[Value]) -> Vec<Dynamic> {
    let mut text = String::from("let r = [];\nfn init(rt) {\n");
    for case in cases {
        let source = case["s"].as_str().expect("a case has a source");
        text.push_str(&format!(
            "try {{ let x = {source}; r.push(x); }} catch (e) {{ r.push(#{{ error: e.message }}); }}\n"
        ));
    }
    text.push('}');
    let mut host = host(&text).expect("the cases compile");
    call(&mut host, Callback::Init).expect("the cases run");
    host.value("r").expect("results").into_array().expect("an array")
}

#[test]
fn results_are_those_of_numpy() {
    let path = std::env::var_os("PLOTRT_NUMPY_CASES").map(Into::into);
    let path = path.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/array/numpy_cases.json"));
    let text = std::fs::read_to_string(&path).expect("cases");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("cases are JSON");
    assert!(cases.len() >= 1000, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for chunk in cases.chunks(TOGETHER) {
        for (case, value) in chunk.iter().zip(outcomes(chunk)) {
            let refused = value.is_map();
            let problem = match (case["e"].as_bool() == Some(true), refused) {
                (true, true) => None,
                (true, false) => Some("passes, and NumPy refuses it".to_string()),
                (false, true) => Some(format!("fails: {value}")),
                (false, false) => match outcome(&value) {
                    Some(found) => difference(case, &found),
                    None => Some(format!("is {value}")),
                },
            };
            if let Some(problem) = problem {
                wrong.push(format!("{}\n    {problem}", case["s"].as_str().unwrap_or_default()));
            }
        }
    }
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{shown}", wrong.len(), cases.len());
}

/// The comparison itself: it detects a wrong value, type or shape.
#[test]
fn a_difference_is_detected() {
    let case: Value = serde_json::from_str(r#"{"s":"","d":"float64","n":[2],"v":["1.0","nan"],"x":true}"#).unwrap();
    let found = |dtype: &str, shape: &[usize], values: &[f64]| {
        difference(&case, &Outcome { dtype: dtype.into(), shape: Some(shape.to_vec()), values: values.to_vec() })
    };
    assert_eq!(found("float64", &[2], &[1.0, f64::NAN]), None);
    assert!(found("int64", &[2], &[1.0, f64::NAN]).is_some());
    assert!(found("float64", &[2, 1], &[1.0, f64::NAN]).is_some());
    assert!(found("float64", &[2], &[1.0 + 1e-15, f64::NAN]).is_some());
    assert!(found("float64", &[2], &[1.0, 0.0]).is_some());
}
