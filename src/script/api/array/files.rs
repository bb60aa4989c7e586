//! Arrays from files and into files.

use super::super::call::{self, Call};
use super::super::convert;
use super::super::files::{self, Files};
use super::super::table::{Code, Function, Param, Range, Type, optional, required};
use super::{FREE, example, from_script, operand, value};
use crate::array::io::{
    self, Block, Column, Columns, Header, LoadOptions, Loaded, NumberSyntax, Part, PartData, SaveOptions, Texts,
};
use crate::array::{ArrayShape, NdArray, Scope, Values};
use crate::error::nearest;
use crate::script::Permissions;
use crate::{Error, Result, memory};
use rhai::{Array, Dynamic, ImmutableString, Map};
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Files that the functions of one host may access.
#[derive(Debug)]
pub struct Access {
    permissions: Mutex<Arc<Permissions>>,
    /// Where relative paths start, for each script and module by its name.
    folders: HashMap<String, PathBuf>,
    /// Files that have been read, or could not be.
    loaded: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Access {
    /// Files that are read are added to `loaded`.
    pub fn new(
        permissions: &Arc<Permissions>,
        folders: impl Iterator<Item = (String, PathBuf)>,
        loaded: &Arc<Mutex<BTreeSet<PathBuf>>>,
    ) -> Self {
        let permissions = Mutex::new(permissions.clone());
        Access { permissions, folders: folders.collect(), loaded: loaded.clone() }
    }

    /// Sets the permissions of later calls.
    pub fn allow(&self, permissions: &Arc<Permissions>) {
        *self.permissions.lock().unwrap_or_else(PoisonError::into_inner) = permissions.clone();
    }

    /// Calls a function of the table for the script or module of this name.
    pub fn call(&self, function: &'static Function, args: Vec<Dynamic>, source: Option<&str>) -> Result<Dynamic> {
        let Code::Files(code) = function.code else {
            return Err(Error::script("internal error: no function of files"));
        };
        code(&Call::without_context(function, call::bind(function, args)?), &self.of(source))
    }

    /// The files that a call in the script or module of this name may access.
    pub(in super::super) fn of(&self, source: Option<&str>) -> Files {
        let permissions = self.permissions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let here = source.and_then(|source| self.folders.get(source)).cloned().unwrap_or_default();
        Files { permissions, here, loaded: self.loaded.clone() }
    }
}

const DELIMITER: Param = optional(
    "delimiter",
    Type::Text,
    "what the first rows show",
    "Text tables: the character between two cells; \" \" means any number of blanks. `separator` is the same.",
);
const DECIMAL: Param = optional(
    "decimal",
    Type::Text,
    "\".\", or \",\" if that is what the first rows show, not between commas",
    "Text tables: the character before the decimals.",
);
const THOUSANDS: Param = optional(
    "thousands",
    Type::Text,
    "none",
    "Text tables: the character between groups of digits, as \",\" does in `66,040,229`.",
);
const MISSING: Param = optional(
    "missing",
    Type::Any,
    "`?`, `-`, `--`, `---`, `.`, `..`, `...` and `*` in columns of numbers",
    "Text tables: the cells that mean that there is no value, as an array of strings and numbers, besides those that always \
     do. Numbers are compared by value, strings as they are written.",
);

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "load",
        params: &[required(
            "path",
            Type::Text,
            "File name; its ending chooses the format: npy, npz, csv, tsv, txt, dat, json, ply or parquet. A relative path \
             starts at the folder of the script.",
        )],
        options: &[
            optional("columns", Type::Any, "all", "Names of the columns to load, as an array of strings."),
            DELIMITER,
            optional("separator", Type::Text, "what the first rows show", "Another name of `delimiter`."),
            optional(
                "header",
                Type::Any,
                "if it is text above numbers without numbers above numbers, or all text",
                "Text tables: whether the first row has the names of the columns, `true` or `false`; or the line of the file \
                 that has them, counted from 1: the lines above it are left out.",
            ),
            optional("skip", Type::Count, "0", "Text tables: how many lines at the top of the file to leave out.")
                .range(Range::From(0.0)),
            optional(
                "names",
                Type::Any,
                "those of the file, or `column_1`, `column_2`, ...",
                "Text tables: names of all columns, as an array of strings; those of the file are not used.",
            ),
            optional(
                "units",
                Type::Bool,
                "false, with a warning if it looks like it",
                "Text tables: whether the row below the names has units; it is left out.",
            ),
            optional(
                "comment",
                Type::Text,
                "\"#\", in csv and tsv above the first row only; \"%\" in txt and dat if it begins the file",
                "Text tables: the character that begins a comment.",
            ),
            DECIMAL,
            THOUSANDS,
            MISSING,
            optional(
                "raw",
                Type::Bool,
                "false",
                "PLY and images: whether to leave colours that are whole numbers as they are, instead of 0 to 1.",
            ),
        ],
        returns: "an array, or a map of columns by name",
        doc: "Reads a data file. An npy file, a table of numbers without names, or a JSON list is an array; an image is an \
              array of height, width and channels; anything else is a map of columns: arrays, and script arrays of \
              strings. In a table, empty cells and `NA` are NaN. All integers become int64; dates, times and durations in \
              Parquet become seconds; colours of whole numbers in PLY files and images 0 to 1, otherwise as stored. The \
              elements of a PLY file are maps in the map: `mesh.vertex.x`; lists of different lengths are a map of \
              `values` and `offsets`. `--log info` prints how a table was read; doubtful guesses are warnings.",
        example: example!(
            "let planets = load(\"data/planets.csv\", #{ columns: [\"name\", \"distance\"] });",
            "print(planets.name[planets.distance.argmax()]);",
            "print(load(\"data/terrain.npy\").shape);"
        ),
        code: Code::Files(load),
        ..FREE
    },
    Function {
        name: "to_numeric",
        params: &[required(
            "texts",
            Type::Any,
            "A string, or an array of strings and numbers; an array of numbers stays as it is.",
        )],
        options: &[
            optional("decimal", Type::Text, "\".\"", "The character before the decimals."),
            optional("thousands", Type::Text, "none", "The character between groups of digits."),
            optional(
                "missing",
                Type::Any,
                "none",
                "Texts and numbers that become NaN, besides the empty text and `NA`.",
            ),
        ],
        returns: "an array; of a string alone, a number",
        doc: "Makes numbers of texts, as `load` does of the cells of a table: `1.5e3`, `1.0D+00`, `inf`. The empty text and \
              `NA` become NaN; a text that is no number is an error.",
        example: example!(
            "print(to_numeric([\"66,040,229\", \"763,201\"], #{ thousands: \",\" }) * 2);",
            "print(to_numeric([\"1,5\", \"n/k\"], #{ decimal: \",\", missing: [\"n/k\"] }));"
        ),
        code: Code::Values(to_numeric),
        ..FREE
    },
    Function {
        name: "save",
        params: &[
            required(
                "path",
                Type::Text,
                "File name; its ending chooses the format: npy, npz, csv, tsv or txt. A relative path starts at the output \
                 folder.",
            ),
            required("value", Type::Any, "An array; or a map of arrays, for npz and tables also of strings."),
        ],
        options: &[
            optional("columns", Type::Any, "all, by name", "Which columns of a map to save, in this order."),
            optional("compress", Type::Bool, "false", "npz: whether to compress the arrays."),
        ],
        doc: "Writes an array, or a map of arrays as named columns. The file appears whole or not at all, and replaces \
              an older one. An array of two axes in a table is one column for each of its own: `pos_0`, `pos_1` and so on.",
        example: example!(
            "let t = linspace(0, 1, 5);",
            "save(\"wave.npy\", sin(t));",
            "save(\"wave.csv\", #{ t: t, wave: sin(t) }, #{ columns: [\"t\", \"wave\"] });"
        ),
        code: Code::Files(save),
        ..FREE
    },
];

fn load(call: &Call, files: &Files) -> Result<Dynamic> {
    let path = files.to_read(&call.required_text("path")?)?;
    let scope = Scope::current();
    let (delimiter, separator) = (character(call, "delimiter")?, character(call, "separator")?);
    if delimiter.is_some() && separator.is_some() {
        return Err(Error::script("`delimiter` and `separator` are the same option").hint("give one of them"));
    }
    let options = LoadOptions {
        memory_limit: scope.space.unused() as u64,
        columns: names(call, "columns")?,
        delimiter: delimiter.or(separator),
        header: header(call)?,
        skip: call.count("skip")?.unwrap_or(0) as usize,
        names: names(call, "names")?,
        comment: character(call, "comment")?,
        decimal: character(call, "decimal")?,
        thousands: mark(call, "thousands")?,
        missing: missing(call)?,
        units: call.bool("units")?,
        raw: call.bool("raw")?.unwrap_or(false),
    };
    let before = memory::held();
    let loaded = scope.space.install(|| io::load(&path, &options, &scope.watch));
    // Whichever threads have allocated it: it is this one that holds it now.
    let held = loaded.as_ref().map_or(0, Loaded::bytes) as isize;
    memory::set_aside(memory::held().wrapping_sub(before).wrapping_sub(held));
    match loaded? {
        Loaded::Array(block) => array(block),
        Loaded::Columns(columns) => map(columns).map(Dynamic::from_map),
        Loaded::Text(texts) => Ok(list(&texts)),
        Loaded::Word(text) => Ok(text.into()),
    }
}

fn list(texts: &Texts) -> Dynamic {
    texts.iter().map(|text| Dynamic::from(ImmutableString::from(text))).collect::<Array>().into()
}

fn array(block: Block) -> Result<Dynamic> {
    NdArray::new(ArrayShape::new(&block.shape)?, block.values).and_then(value)
}

fn map(columns: Columns) -> Result<Map> {
    let entry = |(name, column): (String, Column)| {
        let value = match column {
            Column::Array(block) => array(block)?,
            Column::Text(texts) => list(&texts),
            Column::Word(text) => text.into(),
            Column::Group(columns) => map(columns)?.into(),
        };
        Ok((name.into(), value))
    };
    columns.into_iter().map(entry).collect()
}

fn names(call: &Call, name: &str) -> Result<Option<Vec<String>>> {
    let Some((_, value)) = call.value(name) else { return Ok(None) };
    let wrong = || {
        Error::script(format!("`{name}` is {}, it wants an array of strings", super::describe(value)))
            .hint(format!("write for example `{name}: [\"x\", \"y\"]`"))
    };
    let array = value.as_array_ref().map_err(|_| wrong())?;
    let text = |value: &Dynamic| value.as_immutable_string_ref().map(|text| text.to_string()).map_err(|_| wrong());
    array.iter().map(text).collect::<Result<_>>().map(Some)
}

/// One character of ASCII.
fn character(call: &Call, name: &str) -> Result<Option<u8>> {
    let Some(text) = call.text(name)? else { return Ok(None) };
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(Some(*byte)),
        _ => Err(Error::script(format!("`{name}` is \"{text}\", it wants one character"))
            .hint("write for example \";\", or \"\\t\" for a tab")),
    }
}

/// One character, of any writing system.
fn mark(call: &Call, name: &str) -> Result<Option<char>> {
    let Some(text) = call.text(name)? else { return Ok(None) };
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(mark), None) => Ok(Some(mark)),
        _ => Err(Error::script(format!("`{name}` is \"{text}\", it wants one character"))
            .hint("write for example \",\" or \"'\"")),
    }
}

/// Whether a table has names, and in which line.
fn header(call: &Call) -> Result<Option<Header>> {
    let Some((_, value)) = call.value("header") else { return Ok(None) };
    if let Ok(has_names) = value.as_bool() {
        return Ok(Some(if has_names { Header::First } else { Header::None }));
    }
    match value.as_int().ok().and_then(|line| usize::try_from(line).ok()) {
        Some(line) => Ok(Some(Header::Line(line))),
        None => Err(Error::script(format!("`header` is {}, it wants true, false or a line", super::describe(value)))
            .hint("lines are counted from 1, as in errors; `names` names the columns")),
    }
}

/// Cells that mean missing values: strings, and numbers as they are written.
fn missing(call: &Call) -> Result<Option<Vec<String>>> {
    let Some((_, value)) = call.value("missing") else { return Ok(None) };
    let wrong = || {
        Error::script(format!("`missing` is {}, it wants an array of strings and numbers", super::describe(value)))
            .hint("write for example `missing: [\"?\", -999]`")
    };
    let array = value.as_array_ref().map_err(|_| wrong())?;
    let text = |value: &Dynamic| match value.as_immutable_string_ref() {
        Ok(text) => Ok(text.to_string()),
        Err(_) => convert::number(value).map(|number| number.to_string()).ok_or_else(wrong),
    };
    array.iter().map(text).collect::<Result<_>>().map(Some)
}

fn to_numeric(call: &Call) -> Result<Dynamic> {
    let (_, given) = call.present("texts", call.value("texts"))?;
    let syntax = NumberSyntax::new(
        character(call, "decimal")?.unwrap_or(b'.'),
        mark(call, "thousands")?,
        missing(call)?.unwrap_or_default(),
    )?;
    let number = |at: Option<usize>, value: &Dynamic| {
        if let Some(number) = super::scalar(value) {
            return Ok(number);
        }
        let place = at.map_or_else(|| "`texts`".to_string(), |at| format!("`texts[{at}]`"));
        let Ok(text) = value.as_immutable_string_ref() else {
            return Err(Error::script(format!("{place} is {}, it wants a string or a number", super::describe(value))));
        };
        syntax.number(&text).map_err(|way| {
            let error = Error::script(format!("{place} is {}, which is no number", super::describe(value)));
            error.hint(way.unwrap_or_else(|| format!("`missing: [\"{}\"]` makes NaN of it", text.escape_debug())))
        })
    };
    // Where a file had numbers after all, there is nothing to do.
    if let Some(array) = given.read_lock::<NdArray>() {
        return Ok(Dynamic::from(array.clone()));
    }
    if let Ok(list) = given.as_array_ref() {
        let numbers = list.iter().enumerate().map(|(at, value)| number(Some(at), value)).collect::<Result<Vec<_>>>()?;
        return value(super::from_scalars(ArrayShape::new(&[numbers.len()])?, &numbers)?);
    }
    number(None, given).map(super::number)
}

/// Data to be written under one name.
enum Data {
    Array(ArrayShape, Values),
    Text(Texts),
}

fn save(call: &Call, files: &Files) -> Result<Dynamic> {
    let path = files::writable(&call.required_text("path")?, &files.permissions)?;
    let (_, value) = call.present("value", call.value("value"))?;
    let wanted = names(call, "columns")?;
    let options = SaveOptions { compress: call.bool("compress")?.unwrap_or(false) };
    let watch = Scope::current().watch;
    // Where nothing is to be written, everything before that is done.
    let dry = files.permissions.dry_run;
    if let Ok(map) = value.as_map_ref() {
        let all: Vec<String> = wanted.unwrap_or_else(|| map.keys().map(|key| key.to_string()).collect());
        let mut columns = Vec::with_capacity(all.len());
        for name in &all {
            let value = map.get(name.as_str()).ok_or_else(|| {
                let error = Error::script(format!("the map has no column `{name}`"));
                match nearest(name, map.keys().map(|key| key.as_str())) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("`columns` names keys of the map"),
                }
            })?;
            columns.push(data(name, value)?);
        }
        let parts = all.iter().zip(&columns).map(|(name, data)| Part {
            name,
            data: match data {
                Data::Array(shape, values) => PartData::Array(shape.dims(), values),
                Data::Text(texts) => PartData::Text(texts),
            },
        });
        let parts: Vec<Part<'_>> = parts.collect();
        if dry {
            return io::check_columns(&path, &parts).map(|()| Dynamic::UNIT);
        }
        return io::save_columns(&path, &parts, &options, &watch).map(|()| Dynamic::UNIT);
    }
    if wanted.is_some() {
        return Err(Error::script("`columns` is for maps of columns").hint("leave it out to save one array"));
    }
    match data("value", value)? {
        Data::Text(_) => Err(Error::script("strings without a name cannot be saved")
            .hint("save them as a column: `#{ names: [\"a\", \"b\"] }`")),
        Data::Array(shape, _) if dry => io::check_array(&path, shape.dims()).map(|()| Dynamic::UNIT),
        Data::Array(shape, values) => io::save_array(&path, shape.dims(), &values, &watch).map(|()| Dynamic::UNIT),
    }
}

fn data(name: &str, value: &Dynamic) -> Result<Data> {
    if let Ok(list) = value.as_array_ref() {
        let texts: Option<Texts> = if list.is_empty() {
            None
        } else {
            let strings: Option<Vec<_>> = list.iter().map(|value| value.as_immutable_string_ref().ok()).collect();
            strings.map(|strings| strings.iter().map(|text| text.as_str()).collect())
        };
        return match texts {
            Some(texts) => Ok(Data::Text(texts)),
            None => numbers(&from_script(&list)?),
        };
    }
    let operand = operand(value)?.ok_or_else(|| {
        Error::script(format!("`{name}` is {}, it wants an array of numbers or strings", super::describe(value)))
    })?;
    numbers(&operand.array()?)
}

fn numbers(array: &NdArray) -> Result<Data> {
    Ok(Data::Array(array.shape(), array.to_values()?))
}
