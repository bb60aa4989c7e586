//! Data files: what is in them as arrays and named columns, and back.
//!
//! The ending of a file's name decides what it is. Files are read in blocks, straight into what is returned, so that
//! reading takes hardly more memory than the result; what a file claims to hold is checked against its size and
//! against [`LoadOptions::memory_limit`] before anything is allocated.
//!
//! | file | what it is |
//! | --- | --- |
//! | `npy` | NumPy's format for one array; header and elements |
//! | `npz` | a zip archive of those |
//! | `csv` | text tables: two passes over the file, both parallel |
//! | `dialect` | how a text table is written: separators, comments, quotes, header |
//! | `cell` | what the text of one cell means |
//! | `json` | arrays of numbers, objects of arrays, arrays of objects |
//! | `ply` | meshes and point clouds: properties as columns |
//! | `parquet` | the columns of a Parquet file |
//! | `growing` | a column whose length and type are known only at its end |
//! | `texts` | many texts in one piece of memory |
//! | `source` | the file that is read, its limits, its errors |

mod cell;
mod csv;
mod dialect;
mod growing;
mod json;
mod npy;
mod npz;
#[cfg(feature = "parquet")]
mod parquet;
mod ply;
mod source;
mod texts;

use super::{Dtype, Values};
use crate::array::Watch;
use crate::atomic::AtomicFile;
use crate::error::nearest;
use crate::{Error, Result};
use indexmap::IndexMap;
use source::Source;
use std::path::Path;
pub use texts::Texts;

/// An array as it is in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Length of each axis; empty for a single number.
    pub shape: Vec<usize>,
    /// As many as the product of `shape`, the last axis fastest.
    pub values: Values,
}

/// What a name in a file stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    Array(Block),
    /// One text per row.
    Text(Texts),
    /// Columns with a name in common: the properties of one element of a PLY file, an object in a JSON file. Lists of
    /// different lengths are such a group, too: all their `values` one after the other, and the `offsets` where each
    /// list begins, with the end of the last.
    Group(Columns),
}

/// Columns by name, in the order of the file.
pub type Columns = IndexMap<String, Column>;

/// All that is in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    Array(Block),
    Columns(Columns),
}

impl Column {
    /// Bytes that its buffers take.
    pub fn bytes(&self) -> usize {
        match self {
            Column::Array(block) => block.values.bytes(),
            Column::Text(texts) => texts.bytes(),
            Column::Group(columns) => columns.values().map(Column::bytes).sum(),
        }
    }
}

impl Loaded {
    /// Bytes that its buffers take.
    pub fn bytes(&self) -> usize {
        match self {
            Loaded::Array(block) => block.values.bytes(),
            Loaded::Columns(columns) => columns.values().map(Column::bytes).sum(),
        }
    }
}

/// How to read a file. The default finds out by itself, and has no limit.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Bytes that the result may take, with what is needed to read it.
    pub memory_limit: u64,
    /// The columns (members, properties' elements) to keep; `None` is all of them.
    pub columns: Option<Vec<String>>,
    /// Text tables: what stands between two cells, an ASCII character; a space means any number of spaces and tabs.
    pub delimiter: Option<u8>,
    /// Text tables: whether the first row has names. By default it does if it is text above numbers, or if all of
    /// it is text.
    pub header: Option<bool>,
    /// Text tables: what begins a line that is a remark. By default `#`, but in CSV and TSV only above the first row.
    pub comment: Option<u8>,
    /// Text tables: what stands before the decimals, a point or a comma. By default a comma only where semicolons
    /// stand between cells and numbers with a comma in them.
    pub decimal: Option<u8>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        LoadOptions {
            memory_limit: u64::MAX,
            columns: None,
            delimiter: None,
            header: None,
            comment: None,
            decimal: None,
        }
    }
}

/// How to write a file.
#[derive(Debug, Clone, Default)]
pub struct SaveOptions {
    /// Whether the members of an `npz` file are compressed (deflate); by default they are not, as in NumPy.
    pub compress: bool,
}

/// A column that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    pub name: &'a str,
    pub data: PartData<'a>,
}

/// The data of a column that is to be written.
#[derive(Debug, Clone, Copy)]
pub enum PartData<'a> {
    /// Shape and elements, the last axis fastest.
    Array(&'a [usize], &'a Values),
    Text(&'a Texts),
}

/// A format of data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Npy,
    Npz,
    /// Columns separated by commas, or by what the file itself shows.
    Csv,
    /// Columns separated by tabs.
    Tsv,
    /// Columns separated by spaces, or by what the file itself shows.
    Txt,
    Json,
    Ply,
    Parquet,
}

/// Endings and what they mean.
const ENDINGS: [(&str, Format); 9] = [
    ("npy", Format::Npy),
    ("npz", Format::Npz),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("txt", Format::Txt),
    ("dat", Format::Txt),
    ("json", Format::Json),
    ("ply", Format::Ply),
    ("parquet", Format::Parquet),
];

impl Format {
    /// The format that the ending of `path` names, in small or capital letters.
    pub fn of(path: &Path) -> Result<Format> {
        let known = "files that can be read: npy, npz, csv, tsv, txt, dat, json, ply, parquet";
        let name = path.display();
        let Some(ending) = path.extension() else {
            return Err(Error::script(format!("`{name}` has no ending that tells what it is")).hint(known));
        };
        let ending = ending.to_string_lossy().to_lowercase();
        let found = ENDINGS.iter().find(|(known, _)| *known == ending);
        found.map(|(_, format)| *format).ok_or_else(|| {
            let error = Error::script(format!("`{name}`: there is no reader for `.{ending}` files"));
            match nearest(&ending, ENDINGS.iter().map(|(known, _)| *known)) {
                Some(near) => error.hint(format!("did you mean `.{near}`? {known}")),
                None => error.hint(known),
            }
        })
    }
}

/// Reads a data file.
///
/// # Errors
///
/// The file cannot be read, is not what its ending says, or is damaged ([`File`](crate::ErrorKind::File)); it has no
/// such column or no known ending ([`Script`](crate::ErrorKind::Script)); it needs more than the memory limit
/// ([`Limit`](crate::ErrorKind::Limit)); `watch` said stop.
pub fn load(path: &Path, options: &LoadOptions, watch: &Watch) -> Result<Loaded> {
    let format = Format::of(path)?;
    let source = Source::open(path, options.memory_limit, watch)?;
    let loaded = read(&source, format, options);
    // What stops a library looks like a fault of the file.
    watch.check()?;
    loaded
}

fn read(source: &Source<'_>, format: Format, options: &LoadOptions) -> Result<Loaded> {
    let path = source.path();
    match format {
        Format::Npy => npy::load(source).map(Loaded::Array),
        Format::Npz => npz::load(source, options.columns.as_deref()).map(Loaded::Columns),
        Format::Csv | Format::Tsv | Format::Txt => csv::load(source, format, options),
        Format::Json => kept(json::load(source)?, options, path),
        Format::Ply => kept(Loaded::Columns(ply::load(source)?), options, path),
        #[cfg(feature = "parquet")]
        Format::Parquet => parquet::load(source, options.columns.as_deref()).map(Loaded::Columns),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => Err(Error::file(format!("`{}`: this plotrt was built without Parquet", path.display()))
            .hint("build it with the feature `parquet`, or save the table as CSV")),
    }
}

/// Of what was read, the columns that are asked for.
fn kept(loaded: Loaded, options: &LoadOptions, path: &Path) -> Result<Loaded> {
    let Some(names) = &options.columns else { return Ok(loaded) };
    let Loaded::Columns(mut columns) = loaded else {
        return Err(
            Error::script(format!("`{}` holds one array and no columns", path.display())).hint("leave out `columns`")
        );
    };
    let mut out = Columns::new();
    for name in names {
        let Some(column) = columns.shift_remove(name) else {
            let there = columns.keys().chain(out.keys()).map(String::as_str);
            return Err(unknown_column(path, name, there));
        };
        out.insert(name.clone(), column);
    }
    Ok(Loaded::Columns(out))
}

/// The positions of the columns `wanted` among those of the file, in the order of `wanted`.
fn picked<'a>(
    path: &Path,
    wanted: Option<&[String]>,
    there: impl Iterator<Item = &'a str> + Clone,
) -> Result<Vec<usize>> {
    let Some(wanted) = wanted else { return Ok((0..there.count()).collect()) };
    let find =
        |name: &String| there.clone().position(|t| t == name).ok_or_else(|| unknown_column(path, name, there.clone()));
    wanted.iter().map(find).collect()
}

fn unknown_column<'a>(path: &Path, name: &str, there: impl Iterator<Item = &'a str> + Clone) -> Error {
    const SHOWN: usize = 12;
    let error = Error::script(format!("`{}` has no column `{name}`", path.display()));
    if let Some(near) = nearest(name, there.clone()) {
        return error.hint(format!("did you mean `{near}`?"));
    }
    let mut names: Vec<&str> = there.clone().take(SHOWN).collect();
    let more = there.count() > names.len();
    if more {
        names.push("…");
    }
    error.hint(if names.is_empty() { "it has none".into() } else { format!("there are: {}", names.join(", ")) })
}

/// Writes one array: `.npy` of any shape; `.csv`, `.tsv` and `.txt` of one or two axes.
///
/// The file appears whole or not at all.
///
/// # Errors
///
/// The ending is one that cannot be written, the array has too many axes for it, or the disk says no.
pub fn save_array(path: &Path, shape: &[usize], values: &Values, watch: &Watch) -> Result<()> {
    check_array(path, shape)?;
    match Format::of(path)? {
        Format::Npy => write(path, |file| npy::save(file, shape, values, watch)),
        format => write(path, |file| csv::save_array(file, csv::separator(format), shape, values, watch)),
    }
}

/// Whether an array of this shape can be written to a file of this name, disks aside.
pub fn check_array(path: &Path, shape: &[usize]) -> Result<()> {
    match writable(path)? {
        Format::Npy => Ok(()),
        Format::Npz => Err(Error::script(format!("`{}`: an npz file has named arrays", path.display()))
            .hint("save a map such as #{ pos: a }, or one array as `.npy`")),
        _ if shape.len() > 2 => {
            let axes = shape.len();
            Err(Error::script(format!("`{}`: an array of {axes} axes is no table", path.display()))
                .hint("reshape it to rows and columns, or save it as `.npy`"))
        }
        _ => Ok(()),
    }
}

/// Writes named columns: `.npz` of any shapes; `.csv`, `.tsv` and `.txt` of equal length, an array of two axes
/// as one column for each of its own (`pos_0`, `pos_1`, …).
///
/// The file appears whole or not at all.
///
/// # Errors
///
/// As [`save_array`]; and where columns of a table have different lengths.
pub fn save_columns(path: &Path, parts: &[Part<'_>], options: &SaveOptions, watch: &Watch) -> Result<()> {
    check_columns(path, parts)?;
    match Format::of(path)? {
        Format::Npz => write(path, |file| npz::save(file, parts, options, watch)),
        format => {
            let table = csv::table(path, parts)?;
            write(path, |file| csv::save_columns(file, csv::separator(format), &table, watch))
        }
    }
}

/// Whether these columns can be written to a file of this name, disks aside.
pub fn check_columns(path: &Path, parts: &[Part<'_>]) -> Result<()> {
    match writable(path)? {
        Format::Npy => Err(Error::script(format!("`{}`: an npy file has one array, without a name", path.display()))
            .hint("save columns as `.npz` or `.csv`")),
        Format::Npz => npz::check(parts),
        _ => csv::table(path, parts).map(drop),
    }
}

fn writable(path: &Path) -> Result<Format> {
    match Format::of(path) {
        Ok(Format::Json | Format::Ply | Format::Parquet) | Err(_) => {
            Err(Error::script(format!("`{}`: arrays are not saved in files of this kind", path.display()))
                .hint("save as npy, npz, csv, tsv, txt or dat"))
        }
        Ok(format) => Ok(format),
    }
}

/// What can go wrong while a file is written.
enum WriteError {
    Disk(std::io::Error),
    Other(Error),
}

impl From<std::io::Error> for WriteError {
    fn from(error: std::io::Error) -> Self {
        WriteError::Disk(error)
    }
}

impl From<Error> for WriteError {
    fn from(error: Error) -> Self {
        WriteError::Other(error)
    }
}

fn write(path: &Path, fill: impl FnOnce(&mut AtomicFile) -> Result<(), WriteError>) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    match fill(&mut file) {
        Ok(()) => file.commit(),
        Err(WriteError::Disk(error)) => Err(crate::atomic::file_error(path, &error)),
        Err(WriteError::Other(error)) => Err(error),
    }
}

/// The number of elements of a shape, if it can be counted.
fn elements(shape: &[usize]) -> Option<usize> {
    // An axis of length 0 makes the rest irrelevant, but not uncountable.
    let mut longer = shape.iter().filter(|&&axis| axis != 0);
    let counted = longer.try_fold(1usize, |n, &axis| n.checked_mul(axis))?;
    Some(if shape.contains(&0) { 0 } else { counted })
}
