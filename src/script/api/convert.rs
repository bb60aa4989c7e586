//! Converts script values to numbers, vectors, colours and arrays of them. A new kind of array value that is added here
//! is accepted by every function.

use crate::array::{ArrayShape, Binary, NdArray, Operand, upload};
use crate::scene::{Positions, SettingValue, Values, bounds_of};
use crate::script::words;
use crate::{Error, Result};
use glam::{DVec3, Vec3};
use rhai::{Array, Dynamic};
use std::sync::Arc;

/// An integer, a float, or an array without axes.
pub fn number(value: &Dynamic) -> Option<f64> {
    if let Ok(x) = value.as_float() {
        return Some(x);
    }
    if let Ok(i) = value.as_int() {
        return Some(i as f64);
    }
    let array = value.read_lock::<NdArray>().filter(|array| array.shape().axes() == 0)?;
    array.to_vec::<f64>().ok()?.first().copied()
}

/// Describes a value, for messages: "a string", "an array of 2".
pub fn describe(value: &Dynamic) -> String {
    if let Some(x) = number(value) {
        return format!("{x}");
    }
    if let Ok(array) = value.as_array_ref() {
        return format!("an array of {}", array.len());
    }
    if value.is_unit() {
        return "nothing".into();
    }
    if value.is_map() {
        return "a map".into();
    }
    if value.is_string() {
        return format!("\"{value}\"");
    }
    if value.is_bool() {
        return format!("{value}");
    }
    if let Some(array) = value.read_lock::<NdArray>() {
        return format!("an array of shape {}", array.shape());
    }
    match words::type_name(value.type_name()) {
        word @ "error" | word @ "image" => format!("an {word}"),
        word => format!("a {word}"),
    }
}

fn wants(name: &str, value: &Dynamic, wanted: &str) -> Error {
    Error::script(format!("`{name}` is {}, it wants {wanted}", misfit(value)))
}

/// Describes why a value is not a vector, for messages: "an array that holds \"x\"" tells more than its length.
fn misfit(value: &Dynamic) -> String {
    let culprit = match value.as_array_ref() {
        Ok(array) if array.len() <= 3 => array.iter().find(|x| number(x).is_none()).map(describe),
        _ => None,
    };
    match culprit {
        Some(culprit) => format!("an array that holds {culprit}"),
        None => describe(value),
    }
}

/// `[x, y, z]`; with fewer than three numbers the others are 0.
pub fn point(name: &str, value: &Dynamic) -> Result<DVec3> {
    if let Some(array) = numeric(value) {
        return match array.shape().dims() {
            [3] => Ok(DVec3::from_slice(&array.to_vec::<f64>()?)),
            _ => Err(shaped(name, &array, "(3,)")),
        };
    }
    let fail = || wants(name, value, "[x, y, z]");
    let array = value.as_array_ref().map_err(|_| fail())?;
    row(&array).map(DVec3::from).ok_or_else(fail)
}

/// Like [`point`], in single precision: for directions and angles.
pub fn vector(name: &str, value: &Dynamic) -> Result<Vec3> {
    point(name, value).map(|v| v.as_vec3())
}

/// A number for all three axes, or `[x, y, z]`.
pub fn factor(name: &str, value: &Dynamic) -> Result<DVec3> {
    if let Some(x) = number(value) {
        return Ok(DVec3::splat(x));
    }
    if numeric(value).is_some() {
        return point(name, value);
    }
    match value.as_array_ref().ok().filter(|array| array.len() == 3).and_then(|array| row(&array)) {
        Some(v) => Ok(DVec3::from(v)),
        None => Err(wants(name, value, "a number or [x, y, z]")),
    }
}

/// A grey number, or `[r, g, b]`.
pub fn color(name: &str, value: &Dynamic) -> Result<Vec3> {
    if let Some(grey) = number(value) {
        return Ok(Vec3::splat(grey as f32));
    }
    if let Some(array) = numeric(value) {
        return one_row(&array)?.map(Vec3::from).ok_or_else(|| shaped(name, &array, "(3,)"));
    }
    match value.as_array_ref().ok().and_then(|array| exact_row(&array)) {
        Some(rgb) => Ok(Vec3::from(rgb)),
        None => Err(wants(name, value, "a grey number or [r, g, b]")),
    }
}

/// A numeric array, if it is one.
fn numeric(value: &Dynamic) -> Option<NdArray> {
    value.read_lock::<NdArray>().map(|array| array.clone())
}

/// Describes an array, for messages.
fn shaped(name: &str, array: &NdArray, wanted: &str) -> Error {
    Error::script(format!("`{name}` is an array of shape {}, it wants {wanted}", array.shape()))
}

/// The rows of an array: those of its last axis, or all numbers by threes where it has one axis.
fn array_rows(name: &str, array: &NdArray) -> Result<Arc<[[f32; 3]]>> {
    const WANTED: &str = "(n, 3)";
    let dims = array.shape();
    if array.size() == 0 && matches!(dims.dims(), [0] | [0, 1..=3]) {
        return Ok(Arc::new([]));
    }
    let hint = "a row is one point: `stack([x, y, z], 1)` makes rows of coordinates";
    let width = match dims.dims() {
        [] => return Err(shaped(name, array, WANTED).hint(hint)),
        [n] if *n > 3 && n % 3 == 0 => 3,
        dims => dims[dims.len() - 1],
    };
    match width {
        3 => upload::rows(array),
        1 | 2 => {
            let values = array.to_vec::<f32>()?;
            let filled = values.chunks_exact(width).map(|row| {
                let mut full = [0.0; 3];
                full[..width].copy_from_slice(row);
                full
            });
            Ok(filled.collect())
        }
        _ => Err(shaped(name, array, WANTED).hint(hint)),
    }
}

/// The one row of an array of three numbers.
fn one_row(array: &NdArray) -> Result<Option<[f32; 3]>> {
    if array.shape().dims() != [3] {
        return Ok(None);
    }
    Ok(array.to_vec::<f32>()?.try_into().ok())
}

/// Positions: `[[x, y, z], ...]`, or one `[x, y, z]`, or `[x, y, z, x, y, z, ...]`; arrays of rows are flattened to
/// rows, rows of one or two numbers are filled up with 0. `size` gives the largest extent of a primitive, scene units; it
/// is only called where the rows are far from the scene's origin.
pub fn positions(name: &str, value: &Dynamic, size: impl FnOnce() -> f64) -> Result<Positions> {
    let Some(array) = numeric(value) else {
        let rows = list_rows(name, value)?;
        let near = Positions::new(&rows, f64::INFINITY);
        return match bounds_of(near.relative()).origin(0.0) == DVec3::ZERO {
            true => Ok(near),
            false => Ok(Positions::new(&rows, size())),
        };
    };
    let rows = array_rows(name, &array)?;
    let bounds = bounds_of(&rows);
    if bounds.is_empty() || bounds.origin(0.0) == DVec3::ZERO {
        return Ok(rows.into());
    }
    let origin = bounds.origin(size());
    if origin == DVec3::ZERO {
        return Ok(rows.into());
    }
    // Converted again, in double precision until the origin is subtracted.
    let dims = array.shape();
    let width = match dims.dims() {
        [n] if *n > 3 => 3,
        dims => dims.last().copied().unwrap_or(1),
    };
    let origin = origin.to_array();
    let shape = |dims: &[usize]| ArrayShape::new(dims);
    let offset = NdArray::from_vec(shape(&[width])?, origin[..width].to_vec())?;
    let rows = array.reshaped(shape(&[array.size() / width, width])?)?;
    let relative = NdArray::binary(Binary::Sub, Operand::from(rows), Operand::from(offset))?;
    let mut relative = array_rows(name, &relative)?;
    if width < 3 {
        // Coordinates that were not given are 0.
        let missing = |row: &[f32; 3]| std::array::from_fn(|k| if k < width { row[k] } else { -origin[k] as f32 });
        relative = relative.iter().map(missing).collect();
    }
    Ok(Positions::relative_to(origin.into(), relative))
}

/// The rows of a script's list, as for [`positions`].
fn list_rows(name: &str, value: &Dynamic) -> Result<Vec<[f64; 3]>> {
    const WANTED: &str = "[[x, y, z], ...]";
    let array = value.as_array_ref().map_err(|_| wants(name, value, WANTED))?;
    if array.first().is_some_and(|first| number(first).is_some()) {
        return flat(name, &array);
    }
    let mut out = Vec::with_capacity(array.len());
    nested(name, &array, &mut out)?;
    Ok(out)
}

/// One vector for all primitives (`[x, y, z]`), or one for each.
pub fn vectors(name: &str, value: &Dynamic) -> Result<Values> {
    if let Some(array) = numeric(value) {
        return match one_row(&array)? {
            Some(one) => Ok(Values::one(one)),
            None => array_rows(name, &array).map(Values::each),
        };
    }
    let array = value.as_array_ref().map_err(|_| wants(name, value, "[x, y, z], or one for each primitive"))?;
    if array.len() <= 3
        && let Some(one) = row(&array)
    {
        return Ok(Values::one(one.map(|x| x as f32)));
    }
    drop(array);
    let rows = list_rows(name, value)?;
    Ok(Values::each(rows.into_iter().map(|row| row.map(|x| x as f32)).collect::<Vec<_>>()))
}

/// One number for all primitives, or one for each.
pub fn numbers(name: &str, value: &Dynamic) -> Result<Values> {
    if let Some(x) = number(value) {
        return Ok(Values::one(x as f32));
    }
    if let Some(array) = numeric(value) {
        return match array.shape().dims() {
            [_] | [_, 1] => upload::numbers(&array).map(Values::each),
            _ => Err(shaped(name, &array, "(n,): one number for each primitive")),
        };
    }
    let array = value.as_array_ref().map_err(|_| wants(name, value, "a number, or one for each primitive"))?;
    let each: Result<Vec<f32>> = array
        .iter()
        .enumerate()
        .map(|(i, x)| {
            number(x)
                .map(|x| x as f32)
                .ok_or_else(|| Error::script(format!("`{name}` is {} in row {i}, it wants a number", describe(x))))
        })
        .collect();
    each.map(Values::each)
}

/// One colour for all primitives (a number or `[r, g, b]`), or one for each: grey numbers, or `[[r, g, b], ...]`.
///
/// Three numbers are one RGB colour, even where there are three primitives.
pub fn colors(name: &str, value: &Dynamic) -> Result<Values> {
    if let Some(grey) = number(value) {
        return Ok(Values::one([grey as f32; 3]));
    }
    const WANTED: &str = "a grey number or [r, g, b], or one for each primitive";
    if let Some(array) = numeric(value) {
        if let Some(rgb) = one_row(&array)? {
            return Ok(Values::one(rgb));
        }
        return match array.shape().dims() {
            [_] | [_, 1] => {
                Ok(Values::each(array.to_vec::<f32>()?.into_iter().map(|grey| [grey; 3]).collect::<Vec<_>>()))
            }
            [.., 3] => upload::rows(&array).map(Values::each),
            _ => Err(shaped(name, &array, "(n,) or (n, 3): a grey number or [r, g, b] for each primitive")),
        };
    }
    let array = value.as_array_ref().map_err(|_| wants(name, value, WANTED))?;
    if let Some(rgb) = exact_row(&array) {
        return Ok(Values::one(rgb));
    }
    let each: Result<Vec<[f32; 3]>> = array.iter().enumerate().map(|(i, c)| row_color(name, i, c)).collect();
    each.map(Values::each)
}

fn row_color(name: &str, row: usize, value: &Dynamic) -> Result<[f32; 3]> {
    if let Some(grey) = number(value) {
        return Ok([grey as f32; 3]);
    }
    let rgb = value.as_array_ref().ok().and_then(|array| exact_row(&array));
    rgb.ok_or_else(|| {
        Error::script(format!("`{name}` is {} in row {row}, it wants a grey number or [r, g, b]", misfit(value)))
    })
}

fn nested(name: &str, array: &Array, out: &mut Vec<[f64; 3]>) -> Result<()> {
    for value in array {
        let index = out.len();
        let fail = || {
            let what = misfit(value);
            Error::script(format!("`{name}` is {what} in row {index}, it wants one to three numbers"))
                .hint("a row is one point: [x, y, z]")
        };
        let inner = value.as_array_ref().map_err(|_| fail())?;
        match row(&inner) {
            Some(row) => out.push(row),
            None if inner.first().is_some_and(Dynamic::is_array) => nested(name, &inner, out)?,
            None => return Err(fail()),
        }
    }
    Ok(())
}

fn flat(name: &str, array: &Array) -> Result<Vec<[f64; 3]>> {
    if let Some(one) = row(array) {
        return Ok(vec![one]);
    }
    if !array.len().is_multiple_of(3) {
        return Err(Error::script(format!("`{name}` has {} numbers, it wants three for each row", array.len()))
            .hint("write rows: [[x, y, z], ...]"));
    }
    let rows = array.chunks_exact(3).enumerate().map(|(i, chunk)| {
        let bad = || chunk.iter().find(|x| number(x).is_none()).map(describe).unwrap_or_default();
        row(chunk).ok_or_else(|| Error::script(format!("`{name}` is {} in row {i}, it wants numbers", bad())))
    });
    rows.collect()
}

/// One to three numbers.
fn row(array: &[Dynamic]) -> Option<[f64; 3]> {
    if array.is_empty() || array.len() > 3 {
        return None;
    }
    let mut row = [0.0; 3];
    for (to, from) in row.iter_mut().zip(array) {
        *to = number(from)?;
    }
    Some(row)
}

fn exact_row(array: &[Dynamic]) -> Option<[f32; 3]> {
    if array.len() == 3 { row(array).map(|row| row.map(|x| x as f32)) } else { None }
}

/// A vector or colour as scripts see it.
pub fn to_array(v: impl Into<[f32; 3]>) -> Dynamic {
    let array: Array = v.into().into_iter().map(to_float).collect();
    array.into()
}

/// A position as scripts see it.
pub fn to_point(p: DVec3) -> Dynamic {
    let array: Array = p.to_array().into_iter().map(Dynamic::from_float).collect();
    array.into()
}

/// A number as scripts see it.
pub fn to_float(x: f32) -> Dynamic {
    Dynamic::from_float(shortest(x))
}

/// The value of a parameter or variable as scripts see it.
pub fn setting(value: SettingValue) -> Dynamic {
    match value {
        SettingValue::Float(x) => to_float(x),
        SettingValue::Float3(v) => to_array(v),
        SettingValue::Uint(n) | SettingValue::Number(n) => i64::from(n).into(),
        SettingValue::Uint2((min, max)) => Array::from_iter([i64::from(min).into(), i64::from(max).into()]).into(),
        SettingValue::Name(name) => name.into(),
    }
}

/// The shortest decimal that is this `f32`, so that 0.1 comes back as 0.1.
pub fn shortest(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(f64::from(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(name: &str, value: &Dynamic) -> Result<Vec<[f32; 3]>> {
        Ok(positions(name, value, || 1.0)?.relative().to_vec())
    }

    fn eval(script: &str) -> Dynamic {
        rhai::Engine::new().eval(script).unwrap()
    }

    #[test]
    fn positions_are_rows_flat_numbers_or_one_point() {
        let two = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        for script in ["[[1, 2, 3], [4, 5.0, 6]]", "[1, 2, 3, 4, 5, 6.0]", "[[[1, 2, 3], [4, 5, 6]]]"] {
            assert_eq!(rows("pos", &eval(script)).unwrap(), two, "{script}");
        }
        assert_eq!(rows("pos", &eval("[1, 2, 3]")).unwrap(), [[1.0, 2.0, 3.0]]);
        assert_eq!(rows("pos", &eval("[[1], [2, 3]]")).unwrap(), [[1.0, 0.0, 0.0], [2.0, 3.0, 0.0]]);
        assert!(rows("pos", &eval("[]")).unwrap().is_empty());
    }

    #[test]
    fn what_is_far_is_kept_relative_to_an_origin_of_its_own() {
        let list = eval("[[4500000.25, 0.0, 1.5], [4500001.5, 2.0, 1.0]]");
        let array =
            NdArray::from_vec(ArrayShape::new(&[2, 3]).unwrap(), vec![4500000.25, 0.0, 1.5, 4500001.5, 2.0, 1.0]);
        for value in [list, Dynamic::from(array.unwrap())] {
            let found = positions("pos", &value, || 0.5).unwrap();
            assert_ne!(found.origin(), DVec3::ZERO);
            assert_eq!(
                found.iter().collect::<Vec<_>>(),
                [[4500000.25, 0.0, 1.5], [4500001.5, 2.0, 1.0]].map(DVec3::from)
            );
            // Relative to a large plot they are near the origin.
            assert_eq!(positions("pos", &value, || 1e6).unwrap().origin(), DVec3::ZERO);
        }
        let flat =
            NdArray::from_vec(ArrayShape::new(&[2, 2]).unwrap(), vec![0.125, 4500000.5, 1.0, 4500001.5]).unwrap();
        let found = positions("pos", &Dynamic::from(flat), || 0.5).unwrap();
        assert_eq!(found.get(0), Some(DVec3::new(0.125, 4500000.5, 0.0)));
    }

    #[test]
    fn one_value_or_one_for_each() {
        assert_eq!(vectors("u", &eval("[1, 0, 2]")).unwrap(), Values::one([1.0, 0.0, 2.0]));
        assert_eq!(vectors("u", &eval("[[1, 0, 2]]")).unwrap().vectors(), [[1.0, 0.0, 2.0]]);
        assert_eq!(numbers("r", &eval("2")).unwrap(), Values::one(2.0));
        assert_eq!(numbers("r", &eval("[1, 2.5]")).unwrap().numbers(), [1.0, 2.5]);
        assert_eq!(colors("c", &eval("0.5")).unwrap(), Values::one([0.5; 3]));
        assert_eq!(colors("c", &eval("[0, 1, 0.5]")).unwrap(), Values::one([0.0, 1.0, 0.5]));
        assert_eq!(colors("c", &eval("[0, 1]")).unwrap().vectors(), [[0.0; 3], [1.0; 3]]);
        assert_eq!(colors("c", &eval("[[0, 0, 1], 0.5]")).unwrap().vectors(), [[0.0, 0.0, 1.0], [0.5; 3]]);
    }

    #[test]
    fn wrong_shapes_name_the_argument_the_row_and_the_remedy() {
        let message = |result: Result<Vec<[f32; 3]>>| result.unwrap_err().message;
        let cases = [
            ("5", "`pos` is 5, it wants [[x, y, z], ...]"),
            ("\"a\"", "`pos` is \"a\", it wants [[x, y, z], ...]"),
            ("[[0, 0, 0], [1, 2, 3, 4]]", "`pos` is an array of 4 in row 1, it wants one to three numbers"),
            ("[[0, 0, 0], 7]", "`pos` is 7 in row 1, it wants one to three numbers"),
            (
                "[[0, 0, 0], [\"x\", 0, 0]]",
                "`pos` is an array that holds \"x\" in row 1, it wants one to three numbers",
            ),
            ("[1, 2, 3, 4]", "`pos` has 4 numbers, it wants three for each row"),
            ("[1, 2, 3, 4, (), 6]", "`pos` is nothing in row 1, it wants numbers"),
        ];
        for (script, expected) in cases {
            assert_eq!(message(rows("pos", &eval(script))), expected);
        }
        assert_eq!(
            color("c", &eval("[1, 2]")).unwrap_err().message,
            "`c` is an array of 2, it wants a grey number or [r, g, b]"
        );
        assert_eq!(vector("eye", &eval("3")).unwrap_err().message, "`eye` is 3, it wants [x, y, z]");
    }

    #[test]
    fn shared_values_are_read_through() {
        let value = eval("let a = [[1, 2, 3]]; let f = || a; f.call()");
        assert_eq!(rows("pos", &value).unwrap(), [[1.0, 2.0, 3.0]]);
        let inner = eval("let x = 2.5; let f = || x; [[1, x, 3]]");
        assert_eq!(rows("pos", &inner).unwrap(), [[1.0, 2.5, 3.0]]);
    }

    #[test]
    fn numbers_come_back_as_they_were_written() {
        assert_eq!(to_float(0.1).as_float().unwrap(), 0.1);
    }
}
