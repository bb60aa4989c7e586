//! Tests that functions of numbers and of arrays compute the same for a number and for an element.

use super::super::{Code, Function, Type, functions};
use crate::array::NdArray;
use crate::script::Limits;
use crate::script::language::engine;
use rhai::{Array, Dynamic, Engine, Scope};

const FLOATS: [f64; 17] = [
    -1e10,
    -7.0,
    -2.5,
    -1.5,
    -1.0,
    -0.5,
    -0.0,
    0.0,
    0.3,
    0.5,
    1.0,
    1.5,
    2.5,
    1e10,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];
const INTS: [i64; 9] = [-7, -3, -2, -1, 0, 1, 2, 3, 9];

fn samples() -> Vec<Dynamic> {
    FLOATS.map(Dynamic::from).into_iter().chain(INTS.map(Dynamic::from)).collect()
}

/// The result of a call with these arguments.
fn call(engine: &Engine, name: &str, values: &[Dynamic]) -> Result<Dynamic, String> {
    let mut scope = Scope::new();
    let names: Vec<String> = (0..values.len()).map(|i| format!("v{i}")).collect();
    for (name, value) in names.iter().zip(values) {
        scope.push_dynamic(name.as_str(), value.clone());
    }
    engine.eval_with_scope(&mut scope, &format!("{name}({})", names.join(", "))).map_err(|e| format!("{e:?}"))
}

fn list(value: &Dynamic) -> Dynamic {
    Array::from_iter([value.clone()]).into()
}

fn array(value: &Dynamic) -> Dynamic {
    Dynamic::from(super::from_script(std::slice::from_ref(value)).unwrap())
}

/// The one element of an array.
fn element(value: Dynamic) -> Dynamic {
    let array = value.try_cast::<NdArray>().expect("an array of an array");
    assert_eq!(array.shape().dims(), [1]);
    super::number(array.scalar().unwrap())
}

/// Whether two results are the same to the bit, and of the same type.
fn same(a: &Dynamic, b: &Dynamic) -> bool {
    match (a.as_float(), b.as_float()) {
        (Ok(a), Ok(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
        (Err(_), Err(_)) => match (a.as_int(), b.as_int()) {
            (Ok(a), Ok(b)) => a == b,
            _ => a.as_bool().is_ok() && a.as_bool().ok() == b.as_bool().ok(),
        },
        _ => false,
    }
}

/// Where numbers are refused and elements are not, or the other way round, as `docs/arrays.md` says.
fn differs_on_purpose(name: &str, values: &[Dynamic]) -> bool {
    let int = |i: usize| values[i].as_int().ok();
    match (name, values.len()) {
        ("floor_divide" | "remainder", 2) => int(0).is_some() && int(1) == Some(0),
        ("pow", 2) => int(0).is_some() && int(1).is_some_and(|n| n < 0),
        _ => false,
    }
}

/// Values for the parameters after the first of functions that take a number or an array.
fn others(function: &Function) -> Vec<Vec<Dynamic>> {
    let line = || Dynamic::from(super::from_script(&[0.0.into(), 1.0.into(), 2.5.into()]).unwrap());
    match function.name {
        "clip" => {
            vec![vec![Dynamic::from(-1.0), Dynamic::from(2.0)], vec![Dynamic::from(-1_i64), Dynamic::from(2_i64)]]
        }
        "interp" => vec![vec![line(), line()]],
        "simplex" => vec![vec![], vec![Dynamic::from(0.5)]],
        name => panic!("`{name}` takes numbers and arrays: how is it called?"),
    }
}

/// Calls of a function with a number, an array of it, and a list of it; returns how many have been compared.
fn compare(engine: &Engine, name: &str, values: &[Dynamic], wrong: &mut Vec<String>) -> usize {
    if differs_on_purpose(name, values) {
        return 0;
    }
    let mut forms = vec![vec![true, false], vec![false, true], vec![true, true]];
    forms.iter_mut().for_each(|form| form.truncate(values.len().min(2)));
    if values.len() == 1 {
        forms.truncate(1);
    }
    let single = call(engine, name, values);
    for (form, make) in forms.iter().flat_map(|form| [(form, array as fn(&Dynamic) -> Dynamic), (form, list)]) {
        let mut arguments = values.to_vec();
        for (i, _) in form.iter().enumerate().filter(|(_, wanted)| **wanted) {
            arguments[i] = make(&values[i]);
        }
        let found = call(engine, name, &arguments).map(element);
        let equal = match (&single, &found) {
            (Ok(a), Ok(b)) => same(a, b),
            _ => false,
        };
        if !equal {
            wrong.push(format!("{name}({values:?}) is {single:?}, as an element {found:?}"));
        }
    }
    1
}

#[test]
fn a_number_and_an_element_become_the_same() {
    let engine = engine(&Limits::default());
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for function in functions() {
        let name = function.name;
        let takes_both = function.params.first().is_some_and(|p| p.ty == Type::Values);
        for x in samples() {
            match function.code {
                Code::Elementwise(_) => compared += compare(&engine, name, &[x], &mut wrong),
                Code::Pairwise(_) => {
                    for y in samples() {
                        compared += compare(&engine, name, &[x.clone(), y], &mut wrong);
                    }
                }
                Code::Values(_) if takes_both => {
                    for rest in others(function) {
                        let single = call(&engine, name, &[vec![x.clone()], rest.clone()].concat());
                        let element = call(&engine, name, &[vec![array(&x)], rest].concat()).map(element);
                        compared += 1;
                        if !matches!((&single, &element), (Ok(a), Ok(b)) if same(a, b)) {
                            wrong.push(format!("{name}({x}) is {single:?}, as an element {element:?}"));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {compared} calls differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
    assert!(compared > 5000, "only {compared} calls were compared");
}

#[test]
fn the_comparison_tells_numbers_apart() {
    let floats = [2.0, 3.0, 0.0, -0.0, f64::NAN];
    for (i, a) in floats.iter().enumerate() {
        for (j, b) in floats.iter().enumerate() {
            assert_eq!(same(&Dynamic::from(*a), &Dynamic::from(*b)), i == j);
        }
    }
    assert!(!same(&Dynamic::from(2.0), &Dynamic::from(2)) && !same(&Dynamic::from(1), &Dynamic::from(true)));
}
