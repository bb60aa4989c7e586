//! One call of a script function: its arguments by name, checked against the table.

use super::array;
use super::convert;
use super::files::Files;
use super::plotoptix::plotoptix;
pub use super::table::Call;
use super::table::{Function, IMAGE_CALLBACKS, Param, Range, Type};
use crate::array::{ArrayShape, Dtype, NdArray, Operand};
use crate::choice::Choice;
use crate::error::nearest;
use crate::scene::{Bright, Edit, Positions, Values, dominating};
use crate::script::remarks::Site;
use crate::script::{CallContext, Callback, Rt};
use crate::{Error, Result};
use glam::{DVec3, Vec3};
use rhai::{Dynamic, Map};
use std::sync::PoisonError;

/// Runs `code` with the context that `rt` holds, if the call is allowed in its callback. `site`: the place of the call.
pub fn with_rt<R>(
    function: &'static Function,
    rt: &Rt,
    values: Vec<(&'static Param, Dynamic)>,
    site: Option<Site>,
    code: impl FnOnce(&mut Call) -> Result<R>,
) -> Result<R> {
    let mut lent = rt.0.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(context) = lent.as_mut() else {
        return Err(Error::script("`rt` is used outside of the callback that received it")
            .hint("use the `rt` of the callback that is running, and keep none in a variable"));
    };
    if !function.phases.contains(&context.callback) {
        return Err(wrong_phase(function, context));
    }
    if context.apart && function.stages() && IMAGE_CALLBACKS.contains(&context.callback) {
        return Err(changes_apart(function, context.callback));
    }
    context.remarks.site = site;
    let staged = context.edits.len() + context.commands.len();
    let result = code(&mut Call { function, context: Some(&mut *context), values });
    debug_assert!(
        function.stages() || staged == context.edits.len() + context.commands.len(),
        "`{}` has staged something, although its name is that of a function that only reads",
        function.name
    );
    result
}

fn wrong_phase(function: &Function, context: &CallContext) -> Error {
    let legal: Vec<String> = function.phases.iter().map(|c| format!("`{}`", c.name())).collect();
    let legal = legal.join(" and ");
    let error = Error::script(format!(
        "`{}{}` works in {legal}, not in `{}`",
        function.object.prefix(),
        function.name,
        context.callback.name()
    ));
    match function.elsewhere {
        "" => error.hint(format!("move the call to {legal}")),
        hint => error.hint(hint),
    }
}

/// The error of a call in an image callback where only a part of the frames is rendered.
pub fn changes_apart(function: &Function, callback: Callback) -> Error {
    let (name, callback) = (format!("{}{}", function.object.prefix(), function.name), callback.name());
    Error::script(format!("`{name}` in `{callback}` changes the frames that follow, of which only a part is rendered"))
        .hint(format!(
            "render all frames from 0, without steps and without skipping, or move `{name}` to `update_data`"
        ))
}

/// Names the arguments: positions first, then the keys of the last map.
pub fn bind(function: &'static Function, mut args: Vec<Dynamic>) -> Result<Vec<(&'static Param, Dynamic)>> {
    let is_value = takes_map(function, args.len());
    let map = match args.last() {
        Some(last) if last.is_map() && !function.options.is_empty() && !is_value => {
            args.pop().map(|map| map.flatten().cast::<Map>()).unwrap_or_default()
        }
        _ => Map::new(),
    };
    let (required, _) = function.arity();
    if args.len() < required || args.len() > function.params.len() {
        return Err(wrong_count(function));
    }
    let mut values: Vec<_> = function.params.iter().zip(args).collect();
    for (key, value) in map {
        match function.options.iter().find(|p| p.name == key.as_str()) {
            // Mostly a misspelt key of a map.
            Some(option) if value.is_unit() => return Err(without_value(option.name)),
            Some(option) => values.push((option, value)),
            None => return Err(unknown_option(function, &key)),
        }
    }
    Ok(values)
}

/// Whether the last of `count` arguments may be a map that is the value itself, as of `save`.
pub fn takes_map(function: &Function, count: usize) -> bool {
    let takes_any = |p: &Param| p.ty == Type::Any && p.default.is_none();
    count.checked_sub(1).and_then(|last| function.params.get(last)).is_some_and(takes_any)
}

/// The error of a call with too few or too many arguments.
pub fn wrong_count(function: &Function) -> Error {
    let call = function.signature();
    let error = Error::script(format!("wrong arguments for `{}{}`", function.object.prefix(), function.name));
    match function.params.iter().any(|p| p.default.is_some()) || !function.options.is_empty() {
        true => {
            error.hint(format!("it is called as `{call}`; what has a `?`, and the keys of the map, may be left out"))
        }
        false => error.hint(format!("it is called as `{call}`")),
    }
}

/// The error of an option key that the function does not have.
pub fn unknown_option(function: &Function, key: &str) -> Error {
    let name = format!("{}{}", function.object.prefix(), function.name);
    if function.later.contains(&key) {
        return later_option(function, key).hint("leave it out");
    }
    let error = Error::script(format!("unknown option `{key}` of `{name}`"));
    if let Some(hint) = plotoptix(key).and_then(|known| known.hint) {
        return error.hint(hint);
    }
    let keys: Vec<&str> = function.options.iter().map(|p| p.name).collect();
    // Short for long and long for short: `position` for `pos`, `min_acc` for `min_accumulation_step`.
    let abridged =
        || keys.iter().copied().find(|k| k.len().min(key.len()) >= 3 && (k.starts_with(key) || key.starts_with(k)));
    match synonym(key, &keys).or_else(|| nearest(key, keys.iter().copied())).or_else(abridged) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it takes `{}`", keys.join("`, `"))),
    }
}

/// The error of an option of PlotOptiX that is not available in this version.
pub fn later_option(function: &Function, key: &str) -> Error {
    let name = format!("{}{}", function.object.prefix(), function.name);
    Error::script(format!("option `{key}` of `{name}` is not available in this version"))
}

/// Synonyms of option keys, here or in other programs.
pub const SYNONYMS: &[&[&str]] = &[
    &["c", "color", "colour", "colors", "colours", "rgb"],
    &["pos", "position", "positions", "points", "xyz", "coordinates", "location"],
    &["r", "radius", "radii", "size", "sizes"],
    &["geom", "geometry", "type", "kind", "shape"],
    &["cam_type", "type", "kind"],
    &["light_type", "type", "kind"],
    &["mat_type", "type", "kind"],
    &["mat", "material"],
    &["eye", "pos", "position", "origin", "from", "location"],
    &["target", "look_at", "lookat", "at", "to", "center", "centre"],
    &["center", "centre", "pivot", "origin"],
    &["fov", "angle", "field_of_view"],
    &["aperture_radius", "aperture", "blur"],
    &["focal_scale", "focus", "focal", "focus_distance"],
    &["color", "intensity", "brightness", "power", "emission", "radiance"],
    &["passes", "samples", "spp"],
    &["camera", "cam"],
];

/// The synonym of `key` among `keys`.
fn synonym<'a>(key: &str, keys: &[&'a str]) -> Option<&'a str> {
    let key = key.to_lowercase();
    let groups = SYNONYMS.iter().filter(|group| group.contains(&key.as_str()));
    groups.flat_map(|group| group.iter()).find_map(|word| keys.iter().copied().find(|k| k == word))
}

/// The error of a name that is none of `names`; those of `later` are not available yet.
pub fn unknown_choice(what: &str, name: &str, names: &[&str], later: &[&str]) -> Error {
    let all = names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if later.contains(&name) {
        return Error::script(format!("{what} `{name}` is not available in this version"))
            .hint(format!("this version has {all}"));
    }
    let error = Error::script(format!("unknown {what} `{name}`"));
    match nearest(name, names.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it is one of {all}")),
    }
}

impl Call<'_> {
    /// The context of the callback.
    pub fn cx(&mut self) -> &mut CallContext {
        self.context.as_deref_mut().expect("methods of `rt` are called with its context")
    }

    /// Stages an edit; the result is that of a function that returns nothing.
    pub fn stage(&mut self, edit: Edit) -> Result<Dynamic> {
        let staged = self.cx().stage(edit);
        staged.map_err(|error| {
            let nothing = self.values.iter().find(|(_, value)| value.is_unit()).map(|(param, _)| param.name);
            match nothing {
                Some(name) if error.message.starts_with(&format!("`{name}` is missing")) => without_value(name),
                _ => error,
            }
        })?;
        Ok(Dynamic::UNIT)
    }

    /// The files that the place of this call may access.
    pub fn files(&mut self) -> Result<Files> {
        let cx = self.cx();
        let source = cx.remarks.site.as_ref().and_then(|site| site.unit.as_deref());
        let files = cx.files.as_ref().map(|files| files.of(source));
        files.ok_or_else(|| Error::script("internal error: no access to files"))
    }

    /// Warns of a likely mistake in this call, once for each topic.
    pub fn warn(&mut self, topic: &'static str, error: Error) {
        self.cx().remarks.warn(topic, error);
    }

    /// Warns of colours that no surface has, or that look like bytes. `shines`: surfaces may be brighter than white.
    pub fn warn_of_bright(&mut self, name: &str, colors: &[[f32; 3]], shines: bool) {
        let Some(Bright { most, bytes }) = Bright::of(colors) else { return };
        let error = match shines {
            true if !bytes => return,
            true => Error::script(format!("`{name}` goes up to {most}, where 1 is white")),
            false => Error::script(format!("`{name}` goes up to {most}, a surface reflects at most 1")),
        };
        self.warn(
            "bright",
            match bytes {
                true => error.hint(format!(
                    "divide colours of bytes by 255, or use `make_color({name}, #{{ input_range: 255 }})`"
                )),
                false => error.hint(
                    "what is above 1 counts as 1; what is to shine wants a material with `shader: \"Flat\"`, or a light",
                ),
            },
        );
    }

    /// Warns where a camera that shows all plots shows little of most of them.
    pub fn warn_of_dominating_plot(&mut self) {
        let found = self.cx().scene.dominating_plot().map(|(name, times)| dominating(name, times));
        if let Some(error) = found {
            self.warn("dominating", error);
        }
    }

    /// The arguments by position, `()` included.
    pub fn positions(&self) -> Vec<Dynamic> {
        self.values.iter().map(|(_, value)| value.clone()).collect()
    }

    /// The argument; `()` counts as left out.
    pub fn value(&self, name: &str) -> Option<(&'static Param, &Dynamic)> {
        debug_assert!(
            self.function.params.iter().chain(self.function.options).any(|p| p.name == name),
            "`{}` has no parameter `{name}`",
            self.function.name
        );
        self.values.iter().find(|(p, v)| p.name == name && !v.is_unit()).map(|(p, v)| (*p, v))
    }

    fn convert<T>(&self, name: &str, f: impl FnOnce(&'static Param, &Dynamic) -> Result<T>) -> Result<Option<T>> {
        self.value(name).map(|(param, value)| f(param, value)).transpose()
    }

    pub fn present<T>(&self, name: &str, value: Option<T>) -> Result<T> {
        let function = self.function;
        value.ok_or_else(|| {
            if self.values.iter().any(|(param, _)| param.name == name) {
                return without_value(name);
            }
            let what = Error::script(format!("`{name}` of `{}{}` is missing", function.object.prefix(), function.name));
            what.hint(format!("it is called as `{}`", function.signature()))
        })
    }

    pub fn text(&self, name: &str) -> Result<Option<String>> {
        self.convert(name, |param, value| match value.as_immutable_string_ref() {
            Ok(text) => Ok(text.to_string()),
            Err(_) => Err(mismatch(param, value)),
        })
    }

    pub fn required_text(&self, name: &str) -> Result<String> {
        self.present(name, self.text(name)?)
    }

    pub fn bool(&self, name: &str) -> Result<Option<bool>> {
        self.convert(name, |param, value| value.as_bool().map_err(|_| mismatch(param, value)))
    }

    /// A number within the range of its parameter.
    pub fn number(&self, name: &str) -> Result<Option<f32>> {
        self.convert(name, |param, value| {
            let x = convert::number(value).ok_or_else(|| mismatch(param, value))?;
            check_range(param, x)?;
            Ok(x as f32)
        })
    }

    /// A whole number within the range of its parameter.
    pub fn count(&self, name: &str) -> Result<Option<u32>> {
        self.convert(name, whole)
    }

    /// A number within the range of its parameter, in double precision.
    pub fn float(&self, name: &str) -> Result<Option<f64>> {
        self.convert(name, |param, value| {
            let x = convert::number(value).ok_or_else(|| mismatch(param, value))?;
            match param.range {
                Range::Any => {}
                _ => check_range(param, x)?,
            }
            Ok(x)
        })
    }

    pub fn required_float(&self, name: &str) -> Result<f64> {
        self.present(name, self.float(name)?)
    }

    /// A whole number with a sign, within the range of its parameter.
    pub fn int(&self, name: &str) -> Result<Option<i64>> {
        self.convert(name, |param, value| {
            let whole = |x: f64| (x.fract() == 0.0 && x.abs() < 9.0e15).then_some(x as i64);
            let i = value.as_int().ok().or_else(|| value.as_float().ok().and_then(whole));
            let i = i.ok_or_else(|| mismatch(param, value))?;
            check_range(param, i as f64)?;
            Ok(i)
        })
    }

    pub fn required_int(&self, name: &str) -> Result<i64> {
        self.present(name, self.int(name)?)
    }

    /// An array, or what makes one.
    pub fn array(&self, name: &str) -> Result<Option<NdArray>> {
        self.convert(name, |param, value| {
            let operand = array::operand(value)?.ok_or_else(|| mismatch(param, value))?;
            operand.array()
        })
    }

    pub fn required_array(&self, name: &str) -> Result<NdArray> {
        self.present(name, self.array(name)?)
    }

    /// A number or an array.
    pub fn operand(&self, name: &str) -> Result<Option<Operand>> {
        self.convert(name, |param, value| array::operand(value)?.ok_or_else(|| mismatch(param, value)))
    }

    pub fn required_operand(&self, name: &str) -> Result<Operand> {
        self.present(name, self.operand(name)?)
    }

    /// Lengths of axes.
    pub fn shape(&self, name: &str) -> Result<Option<ArrayShape>> {
        self.convert(name, |param, value| {
            let lengths = array::lengths(value).ok_or_else(|| mismatch(param, value))?;
            let wrong = |i: i64| Error::script(format!("`{name}` has a length of {i}, it wants at least 0"));
            let dims: Result<Vec<usize>> = lengths.iter().map(|&i| usize::try_from(i).map_err(|_| wrong(i))).collect();
            ArrayShape::new(&dims?)
        })
    }

    pub fn required_shape(&self, name: &str) -> Result<ArrayShape> {
        self.present(name, self.shape(name)?)
    }

    /// A type of elements, by name.
    pub fn dtype(&self, name: &str) -> Result<Option<Dtype>> {
        self.convert(name, |param, value| {
            let text = value.as_immutable_string_ref().map_err(|_| mismatch(param, value))?;
            let names: Vec<&str> = Dtype::ALL.iter().map(|dtype| dtype.name()).collect();
            Dtype::from_name(&text).ok_or_else(|| unknown_choice(&format!("`{name}`"), &text, &names, &[]))
        })
    }

    pub fn required_dtype(&self, name: &str) -> Result<Dtype> {
        self.present(name, self.dtype(name)?)
    }

    /// A position, in double precision.
    pub fn point(&self, name: &str) -> Result<Option<DVec3>> {
        self.convert(name, |param, value| {
            let p = convert::point(name, value)?;
            check_point(param, p)
        })
    }

    pub fn required_point(&self, name: &str) -> Result<DVec3> {
        self.present(name, self.point(name)?)
    }

    pub fn vector(&self, name: &str) -> Result<Option<Vec3>> {
        self.convert(name, |param, value| {
            let v = convert::vector(name, value)?;
            check_vector(param, v)
        })
    }

    pub fn required_vector(&self, name: &str) -> Result<Vec3> {
        self.present(name, self.vector(name)?)
    }

    /// A number for all axes, or a vector.
    pub fn required_factor(&self, name: &str) -> Result<DVec3> {
        let factor = self.convert(name, |param, value| check_point(param, convert::factor(name, value)?))?;
        self.present(name, factor)
    }

    pub fn color(&self, name: &str) -> Result<Option<Vec3>> {
        self.convert(name, |param, value| check_vector(param, convert::color(name, value)?))
    }

    pub fn required_color(&self, name: &str) -> Result<Vec3> {
        self.present(name, self.color(name)?)
    }

    /// `[width, height]`.
    pub fn size(&self, name: &str) -> Result<Option<(u32, u32)>> {
        self.convert(name, |param, value| {
            let array = value.as_array_ref().map_err(|_| mismatch(param, value))?;
            match &array[..] {
                [width, height] => Ok((whole(param, width)?, whole(param, height)?)),
                _ => Err(mismatch(param, value)),
            }
        })
    }

    /// `size`: see [`convert::positions`].
    pub fn places(&self, name: &str, size: impl FnOnce() -> f64) -> Result<Option<Positions>> {
        self.convert(name, |_, value| convert::positions(name, value, size))
    }

    pub fn vectors(&self, name: &str) -> Result<Option<Values>> {
        self.convert(name, |_, value| convert::vectors(name, value))
    }

    pub fn numbers(&self, name: &str) -> Result<Option<Values>> {
        self.convert(name, |_, value| convert::numbers(name, value))
    }

    pub fn colors(&self, name: &str) -> Result<Option<Values>> {
        self.convert(name, |_, value| convert::colors(name, value))
    }

    /// The value of the name that is given: of the kind whose names are the parameter's type. See [`crate::choice`].
    pub fn kind<T: Choice>(&self, name: &str) -> Result<Option<T>> {
        self.convert(name, |param, value| {
            let text = value.as_immutable_string_ref().map_err(|_| mismatch(param, value))?;
            let later = match param.ty {
                Type::Choice(names, later) => {
                    debug_assert_eq!(names, T::NAMES, "`{name}` of `{}` has other names", self.function.name);
                    later
                }
                _ => return Err(mismatch(param, value)),
            };
            T::from_name(&text).ok_or_else(|| unknown_choice(&format!("`{name}`"), &text, T::NAMES, later))
        })
    }

    /// One of the names that the parameter allows.
    pub fn choice(&self, name: &str) -> Result<Option<&'static str>> {
        self.convert(name, |param, value| {
            let Type::Choice(names, later) = param.ty else { return Err(mismatch(param, value)) };
            let text = value.as_immutable_string_ref().map_err(|_| mismatch(param, value))?;
            match names.iter().find(|n| **n == text.as_str()) {
                Some(found) => Ok(*found),
                None => Err(unknown_choice(&format!("`{name}`"), &text, names, later)),
            }
        })
    }
}

/// The error of an argument that is `()` where it is needed.
fn without_value(name: &str) -> Error {
    Error::script(format!("`{name}` is given, but it has no value"))
        .hint("does a function return nothing? what it returns is its last expression, or follows `return`")
}

fn whole(param: &'static Param, value: &Dynamic) -> Result<u32> {
    let x = convert::number(value).ok_or_else(|| mismatch(param, value))?;
    if x.fract() != 0.0 || !x.is_finite() {
        return Err(mismatch(param, value));
    }
    check_range(param, x)?;
    if !(0.0..=f64::from(u32::MAX)).contains(&x) {
        return Err(Error::script(format!("`{}` is {x}, it wants 0 to {}", param.name, u32::MAX)));
    }
    Ok(x as u32)
}

fn check_point(param: &'static Param, p: DVec3) -> Result<DVec3> {
    p.to_array().into_iter().try_for_each(|x| check_range(param, x)).map(|()| p)
}

fn check_vector(param: &'static Param, v: Vec3) -> Result<Vec3> {
    if let Some(x) = v.to_array().into_iter().find(|x| !param.range.holds(f64::from(*x))) {
        check_range(param, f64::from(x))?;
    }
    Ok(v)
}

fn check_range(param: &'static Param, x: f64) -> Result<()> {
    if param.range.holds(x) {
        return Ok(());
    }
    let unit = if param.unit.is_empty() { String::new() } else { format!(", in {}", param.unit) };
    let wanted = match param.range {
        Range::Any => "a finite number".to_string(),
        range => format!("{}{unit}", range.describe()),
    };
    Err(Error::script(format!("`{}` is {x}, it wants {wanted}", param.name)))
}

/// The error of an argument of a wrong type.
pub fn mismatch(param: &Param, value: &Dynamic) -> Error {
    Error::script(format!("`{}` is {}, it wants {}", param.name, convert::describe(value), param.ty.describe()))
}
