//! Checks of values that edits bring into a scene.

use crate::{Error, Result, error};
use glam::{DVec3, Vec3};

/// Numbers of a scene are at most this large, so that their squares and products stay finite.
pub const MAX_MAGNITUDE: f32 = 1e18;

/// The error "there is no light `lamp`", with the nearest known name, or all of them.
pub fn unknown_name<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a String>) -> Error {
    let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
    let error = Error::script(format!("there is no {what} `{name}`"));
    match error::nearest(name, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.hint("none has been made so far: make it first, for example in `init`"),
        None => error.hint(format!("known: `{}`", known.join("`, `"))),
    }
}

/// Fails unless `ok`, and for numbers that are too large; `wanted`: in words, what `ok` is.
pub(super) fn check_range(name: &str, value: f32, ok: bool, wanted: &str) -> Result<()> {
    if ok && value.abs() <= MAX_MAGNITUDE {
        return Ok(());
    }
    Err(Error::script(format!("`{name}` is {value}, it wants {wanted}")))
}

pub(super) fn check_vector(name: &str, v: Vec3) -> Result<()> {
    if v.abs().max_element() <= MAX_MAGNITUDE && v.is_finite() {
        return Ok(());
    }
    Err(Error::script(format!("`{name}` is [{}, {}, {}], it wants finite numbers", v.x, v.y, v.z)))
}

pub(super) fn check_point(name: &str, p: DVec3) -> Result<()> {
    if p.abs().max_element() <= f64::from(MAX_MAGNITUDE) && p.is_finite() {
        return Ok(());
    }
    Err(Error::script(format!("`{name}` is [{}, {}, {}], it wants finite numbers", p.x, p.y, p.z)))
}

pub(super) fn check_color(name: &str, v: Vec3) -> Result<()> {
    check_vector(name, v)?;
    if v.min_element() >= 0.0 {
        return Ok(());
    }
    Err(Error::script(format!("`{name}` is [{}, {}, {}], it wants at least 0", v.x, v.y, v.z)))
}

/// Largest width and height of an image, pixels.
pub const MAX_SIDE: u32 = 32_768;
/// Most pixels of an image.
pub const MAX_PIXELS: u64 = 1 << 28;

/// Refuses an image without pixels, and one that is too large for a film.
pub fn check_size(width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(Error::script(format!("an image of {width}x{height} has no pixels"))
            .hint("width and height are at least 1"));
    }
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Error::script(format!("an image of {width}x{height} is too large"))
            .hint(format!("the most is {MAX_SIDE} pixels a side and {MAX_PIXELS} in all")));
    }
    Ok(())
}
