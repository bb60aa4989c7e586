//! Data files: reads them as arrays and named columns, and writes them.
//!
//! The extension of a file's name decides its format. Files are read in blocks, directly into the result, so that
//! reading takes hardly more memory than the result; the sizes that a file declares are checked against its own size
//! and against [`LoadOptions::memory_limit`] before anything is allocated.
//!
//! | file | what it is |
//! | --- | --- |
//! | `npy` | NumPy's format for one array; header and elements |
//! | `npz` | a zip archive of those |
//! | `csv` | text tables: two passes over the file, both parallel |
//! | `dialect` | the dialect of a text table: separators, comments, quotes, header |
//! | `cell` | parses the text of one cell |
//! | `json` | arrays of numbers, objects of arrays, arrays of objects |
//! | `ply` | meshes and point clouds: properties as columns |
//! | `parquet` | the columns of a Parquet file |
//! | `arrow` | the Arrow schema in a Parquet file |
//! | `picture` | the pixels of an image file |
//! | `growing` | a column whose length and type are known only at its end |
//! | `texts` | many texts in one block of memory |
//! | `source` | the file that is read, its limits, its errors |

#[cfg(feature = "parquet")]
mod arrow;
mod cell;
mod csv;
mod dialect;
mod growing;
mod json;
mod npy;
mod npz;
#[cfg(feature = "parquet")]
mod parquet;
mod picture;
mod ply;
mod source;
mod texts;

use super::{Dtype, Scalar, Values};
use crate::array::Watch;
use crate::atomic::AtomicFile;
use crate::error::nearest;
use crate::{Error, Result};
use indexmap::IndexMap;
pub use picture::{Picture, Pixels};
use source::Source;
use std::path::Path;
pub use texts::Texts;

/// An array from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Length of each axis; empty for a single number.
    pub shape: Vec<usize>,
    /// As many as the product of `shape`, the last axis fastest.
    pub values: Values,
}

/// The value of a name in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    Array(Block),
    /// One text per row.
    Text(Texts),
    /// A single text, not a list.
    Word(String),
    /// Columns with a common name: the properties of one element of a PLY file, an object in a JSON file. Lists of
    /// different lengths are such a group, too: all their `values` one after the other, and the `offsets` where each
    /// list begins, with the end of the last.
    Group(Columns),
}

/// Columns by name, in the order of the file.
pub type Columns = IndexMap<String, Column>;

/// The contents of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    Array(Block),
    Columns(Columns),
    /// A list of texts without a name.
    Text(Texts),
    /// One text without a name.
    Word(String),
}

impl Column {
    /// Bytes of its buffers.
    pub fn bytes(&self) -> usize {
        match self {
            Column::Array(block) => block.values.bytes(),
            Column::Text(texts) => texts.bytes(),
            Column::Word(text) => text.capacity(),
            Column::Group(columns) => columns.values().map(Column::bytes).sum(),
        }
    }
}

impl Loaded {
    /// Bytes of its buffers.
    pub fn bytes(&self) -> usize {
        match self {
            Loaded::Array(block) => block.values.bytes(),
            Loaded::Columns(columns) => columns.values().map(Column::bytes).sum(),
            Loaded::Text(texts) => texts.bytes(),
            Loaded::Word(text) => text.capacity(),
        }
    }
}

/// The notation of numbers in texts.
#[derive(Debug)]
pub struct NumberSyntax(cell::Syntax);

impl NumberSyntax {
    /// `missing` are the texts for NaN, in addition to the empty text and `NA`.
    ///
    /// # Errors
    ///
    /// The marks are invalid, or equal ([`Script`](crate::ErrorKind::Script)).
    pub fn new(decimal: u8, thousands: Option<char>, missing: Vec<String>) -> Result<NumberSyntax> {
        csv::check_marks(Some(decimal), thousands)?;
        let missing = Some(cell::Missing::new(&missing, decimal));
        Ok(NumberSyntax(cell::Syntax { decimal, thousands, missing }))
    }

    /// Parses a number; fails with the options with which the text would be a number, if there are any.
    pub fn number(&self, text: &str) -> std::result::Result<Scalar, Option<String>> {
        let text = text.trim().as_bytes();
        match cell::Cell::of(text, &self.0) {
            cell::Cell::Int(value) => Ok(Scalar::I64(value)),
            cell::Cell::Float(value) | cell::Cell::Perhaps(value) => Ok(Scalar::F64(value)),
            cell::Cell::Missing => Ok(Scalar::F64(f64::NAN)),
            cell::Cell::Bool(_) | cell::Cell::Text => {
                Err(cell::number_elsewhere(text).map(|way| format!("{way} reads it as a number")))
            }
        }
    }
}

/// Which row of a text table has the names of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    None,
    /// The first row.
    First,
    /// The row in this line of the file, from 1; rows above it are skipped.
    Line(usize),
}

/// How to read a file. The default infers everything, and has no limit.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Memory limit in bytes for the result and for reading it.
    pub memory_limit: u64,
    /// The columns (members, properties' elements) to keep; `None` is all of them.
    pub columns: Option<Vec<String>>,
    /// Text tables: the separator of cells, an ASCII character; a space means any number of spaces and tabs.
    pub delimiter: Option<u8>,
    /// Text tables: which row has names. By default the first one does if it is text above numbers and has no numbers
    /// above numbers, or if all of it is text.
    pub header: Option<Header>,
    /// Text tables: lines at the start to skip.
    pub skip: usize,
    /// Text tables: names of all columns, instead of those of the file.
    pub names: Option<Vec<String>>,
    /// Text tables: the start of a comment line. By default `#`, but in CSV and TSV only before the first row.
    pub comment: Option<u8>,
    /// Text tables: the decimal mark, a point or a comma. By default a comma only where the separator is not a comma
    /// and numbers contain commas.
    pub decimal: Option<u8>,
    /// Text tables: the mark between groups of digits, by default none.
    pub thousands: Option<char>,
    /// Text tables: cells that mean a missing value, in addition to empty ones, `NA` and similar. By default `?`, `-`
    /// and a few others do in columns of numbers.
    pub missing: Option<Vec<String>>,
    /// Text tables: whether the row after the names has units, and is skipped. By default it is read like others.
    pub units: Option<bool>,
    /// PLY and images: keep integer colours, instead of scaling them to 0 to 1.
    pub raw: bool,
}

impl Default for LoadOptions {
    fn default() -> Self {
        LoadOptions {
            memory_limit: u64::MAX,
            columns: None,
            delimiter: None,
            header: None,
            skip: 0,
            names: None,
            comment: None,
            decimal: None,
            thousands: None,
            missing: None,
            units: None,
            raw: false,
        }
    }
}

impl LoadOptions {
    /// Refuses options that do not apply to a format.
    fn check(&self, format: Format, path: &Path) -> Result<()> {
        let name = path.display();
        let of_tables = [
            ("delimiter", self.delimiter.is_some()),
            ("header", self.header.is_some()),
            ("skip", self.skip > 0),
            ("names", self.names.is_some()),
            ("comment", self.comment.is_some()),
            ("decimal", self.decimal.is_some()),
            ("thousands", self.thousands.is_some()),
            ("missing", self.missing.is_some()),
            ("units", self.units.is_some()),
        ];
        let is_table = matches!(format, Format::Csv | Format::Tsv | Format::Txt);
        if let Some((option, _)) = of_tables.iter().find(|(_, given)| *given && !is_table) {
            return Err(Error::script(format!("`{option}` is for text tables, and `{name}` is none"))
                .hint("leave it out; text tables end in .csv, .tsv, .txt or .dat"));
        }
        if self.raw && !matches!(format, Format::Ply | Format::Image) {
            return Err(Error::script(format!("`raw` is for PLY files and images, and `{name}` is neither"))
                .hint("leave it out"));
        }
        if self.columns.is_some() && matches!(format, Format::Npy | Format::Image) {
            return Err(no_columns(path));
        }
        Ok(())
    }
}

/// How to write a file.
#[derive(Debug, Clone, Default)]
pub struct SaveOptions {
    /// Whether the members of an `npz` file are compressed (deflate); by default they are not, as in NumPy.
    pub compress: bool,
}

/// A column to write.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    pub name: &'a str,
    pub data: PartData<'a>,
}

/// The data of a column to write.
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
    /// Columns separated by commas, or by the separator that is inferred.
    Csv,
    /// Columns separated by tabs.
    Tsv,
    /// Columns separated by spaces, or by the separator that is inferred.
    Txt,
    Json,
    Ply,
    Parquet,
    /// PNG, JPEG, TIFF, OpenEXR, GIF and WebP: distinguished by the first bytes.
    Image,
}

/// Extensions and their formats.
const ENDINGS: [(&str, Format); 17] = [
    ("npy", Format::Npy),
    ("npz", Format::Npz),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("txt", Format::Txt),
    ("dat", Format::Txt),
    ("json", Format::Json),
    ("ply", Format::Ply),
    ("parquet", Format::Parquet),
    ("png", Format::Image),
    ("jpg", Format::Image),
    ("jpeg", Format::Image),
    ("tif", Format::Image),
    ("tiff", Format::Image),
    ("exr", Format::Image),
    ("gif", Format::Image),
    ("webp", Format::Image),
];

/// Extensions of compressed files, and their decompressors.
const PACKED: [(&str, &str); 6] =
    [("gz", "gunzip"), ("bz2", "bunzip2"), ("xz", "unxz"), ("zst", "unzstd"), ("zip", "unzip"), ("7z", "7z x")];

impl Format {
    /// The format of the extension of `path`, in lower or upper case.
    pub fn of(path: &Path) -> Result<Format> {
        let known = "files that can be read: npy, npz, csv, tsv, txt, dat, json, ply, parquet, and images (png, jpg, jpeg, \
                     tif, tiff, exr, gif, webp)";
        let name = path.display();
        let Some(ending) = path.extension() else {
            return Err(Error::script(format!("`{name}` has no ending that tells what it is")).hint(known));
        };
        let ending = ending.to_string_lossy().to_lowercase();
        let found = ENDINGS.iter().find(|(known, _)| *known == ending);
        found.map(|(_, format)| *format).ok_or_else(|| {
            let error = Error::script(format!("`{name}`: there is no reader for `.{ending}` files"));
            if let Some((_, command)) = PACKED.iter().find(|(packed, _)| *packed == ending) {
                return error.hint(format!("unpack it, for example with `{command} {name}`"));
            }
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
/// The file cannot be read, is not in the format of its extension, or is damaged ([`File`](crate::ErrorKind::File)); it
/// has no such column or no known extension ([`Script`](crate::ErrorKind::Script)); it needs more than the memory limit
/// ([`Limit`](crate::ErrorKind::Limit)); `watch` stopped it.
pub fn load(path: &Path, options: &LoadOptions, watch: &Watch) -> Result<Loaded> {
    let format = Format::of(path)?;
    options.check(format, path)?;
    let source = Source::open(path, options.memory_limit, watch)?;
    let loaded = read(&source, format, options);
    // A stop signal inside of a library looks like a damaged file.
    watch.check()?;
    loaded
}

/// Reads an image file, whatever its extension, without converting its pixels. `memory_limit`: bytes.
///
/// # Errors
///
/// The file cannot be read, is no image or is damaged ([`File`](crate::ErrorKind::File)); it needs more than the memory
/// limit ([`Limit`](crate::ErrorKind::Limit)); `watch` stopped it.
pub fn load_picture(path: &Path, memory_limit: u64, watch: &Watch) -> Result<Picture> {
    let source = Source::open(path, memory_limit, watch)?;
    let loaded = picture::read(&source);
    watch.check()?;
    loaded
}

fn read(source: &Source<'_>, format: Format, options: &LoadOptions) -> Result<Loaded> {
    let path = source.path();
    match format {
        Format::Npy => npy::load(source).map(|column| match column {
            Column::Text(texts) => Loaded::Text(texts),
            Column::Word(text) => Loaded::Word(text),
            Column::Array(block) => Loaded::Array(block),
            Column::Group(columns) => Loaded::Columns(columns),
        }),
        Format::Npz => npz::load(source, options.columns.as_deref()).map(Loaded::Columns),
        Format::Csv | Format::Tsv | Format::Txt => csv::load(source, format, options),
        Format::Json => kept(json::load(source)?, options, path),
        Format::Ply => kept(Loaded::Columns(ply::load(source, options.raw)?), options, path),
        Format::Image => picture::load(source, options.raw).map(Loaded::Array),
        #[cfg(feature = "parquet")]
        Format::Parquet => parquet::load(source, options.columns.as_deref()).map(Loaded::Columns),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => Err(Error::file(format!("`{}`: this plotrt was built without Parquet", path.display()))
            .hint("build it with the feature `parquet`, or save the table as CSV")),
    }
}

/// Selects the requested columns.
fn kept(loaded: Loaded, options: &LoadOptions, path: &Path) -> Result<Loaded> {
    let Some(names) = &options.columns else { return Ok(loaded) };
    let Loaded::Columns(mut columns) = loaded else { return Err(no_columns(path)) };
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

fn no_columns(path: &Path) -> Error {
    Error::script(format!("`{}` holds one array and no columns", path.display())).hint("leave out `columns`")
}

/// Distinct names: a repeated one gets a number, `x_2`.
fn unique(names: Vec<String>) -> Vec<String> {
    let mut out = indexmap::IndexSet::new();
    let mut counts = std::collections::HashMap::new();
    for base in names {
        let mut name = base.clone();
        while !out.insert(name.clone()) {
            let count = counts.entry(base.clone()).or_insert(1);
            *count += 1;
            name = format!("{base}_{count}");
        }
    }
    out.into_iter().collect()
}

/// The indices of the columns `wanted` among those of the file, in the order of `wanted`.
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
/// The file is written completely or not at all.
///
/// # Errors
///
/// The extension cannot be written, the array has too many axes for it, or writing to the disk fails.
pub fn save_array(path: &Path, shape: &[usize], values: &Values, watch: &Watch) -> Result<()> {
    check_array(path, shape)?;
    match Format::of(path)? {
        Format::Npy => write(path, |file| npy::save(file, shape, values, watch)),
        format => write(path, |file| csv::save_array(file, csv::separator(format), shape, values, watch)),
    }
}

/// Whether an array of this shape can be written to a file of this name, apart from disk errors.
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
/// The file is written completely or not at all.
///
/// # Errors
///
/// The same as for [`save_array`]; and columns of a table have different lengths.
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

/// Whether these columns can be written to a file of this name, apart from disk errors.
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
        Ok(Format::Json | Format::Ply | Format::Parquet | Format::Image) | Err(_) => {
            Err(Error::script(format!("`{}`: arrays are not saved in files of this kind", path.display()))
                .hint("save as npy, npz, csv, tsv, txt or dat"))
        }
        Ok(format) => Ok(format),
    }
}

/// Errors of writing a file.
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

/// The number of elements of a shape, if it does not overflow.
fn elements(shape: &[usize]) -> Option<usize> {
    // An axis of length 0 must not hide the overflow of the others.
    let mut longer = shape.iter().filter(|&&axis| axis != 0);
    let counted = longer.try_fold(1usize, |n, &axis| n.checked_mul(axis))?;
    Some(if shape.contains(&0) { 0 } else { counted })
}
