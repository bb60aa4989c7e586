//! Arrays as text.

use super::node::NdArray;
use super::values::Scalar;
use crate::Result;
use std::fmt::Write;

/// Arrays with more elements are abbreviated to the ends of each axis.
const WHOLE: usize = 1000;
/// Elements shown at each end.
const ENDS: usize = 3;

/// The elements in brackets, in the syntax of scripts; large arrays are abbreviated.
pub fn text(array: &NdArray) -> Result<String> {
    let mut out = String::new();
    let shape = array.shape();
    let view = array.view()?;
    let short = array.size() > WHOLE;
    write(&mut out, array, shape.dims(), &view.strides, view.offset as isize, 1, short)?;
    Ok(out)
}

fn write(
    out: &mut String,
    array: &NdArray,
    dims: &[usize],
    strides: &[isize],
    offset: isize,
    depth: usize,
    short: bool,
) -> Result<()> {
    let [length, rest @ ..] = dims else {
        number(out, array.element(offset as usize)?);
        return Ok(());
    };
    out.push('[');
    let cut = short && *length > 2 * ENDS;
    for i in 0..*length {
        if cut && (ENDS..length - ENDS).contains(&i) {
            if i == ENDS {
                separate(out, rest, depth, true);
                out.push_str("...");
            }
            continue;
        }
        separate(out, rest, depth, i > 0);
        write(out, array, rest, &strides[1..], offset + i as isize * strides[0], depth + 1, short)?;
    }
    out.push(']');
    Ok(())
}

fn separate(out: &mut String, rest: &[usize], depth: usize, needed: bool) {
    if !needed {
        return;
    }
    out.push(',');
    match rest.len() {
        0 => out.push(' '),
        axes => {
            out.push_str(&"\n".repeat(axes));
            out.push_str(&" ".repeat(depth));
        }
    }
}

/// Floats with at most eight digits, and always recognisable as floats.
fn number(out: &mut String, x: Scalar) {
    let x = match x {
        Scalar::Bool(b) => return out.push_str(if b { "true" } else { "false" }),
        Scalar::I64(i) => return out.push_str(&i.to_string()),
        Scalar::F64(x) => x,
    };
    let rounded: f64 = format!("{x:.7e}").parse().unwrap_or(x);
    let _ = match rounded.abs() {
        a if a != 0.0 && a.is_finite() && !(1e-5..1e12).contains(&a) => write!(out, "{rounded:e}"),
        _ => write!(out, "{rounded:?}"),
    };
}
