//! NumPy's format for named arrays: a zip archive of npy files. Arrays of texts become lists of texts.

use super::source::{Source, Stream};
use super::{Columns, Part, PartData, SaveOptions, WriteError, npy, picked, unique};
use crate::array::Watch;
use crate::{Error, ErrorKind, Result};
use std::io::{BufReader, Seek, Write};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

pub(super) fn load(source: &Source<'_>, wanted: Option<&[String]>) -> Result<Columns> {
    let zip_error = |e: ZipError| match e {
        ZipError::Io(e) => source.read_error(&e),
        e => source
            .error(format_args!("it is no zip archive that can be read: {e}"))
            .hint("it is damaged or cut off: write it anew with `numpy.savez`"),
    };
    let reader = BufReader::with_capacity(1 << 16, Stream::new(source, 0));
    let mut archive = ZipArchive::new(reader).map_err(zip_error)?;
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(zip_error)?;
        names.push(member.name().map_err(zip_error)?.into_owned());
    }
    let short = |name: &str| name.strip_suffix(".npy").unwrap_or(name).to_string();
    let shorts = unique(names.iter().map(|name| short(name)).collect());
    // An unreadable member must not prevent reading the others.
    let others = |index: usize| -> Option<String> {
        let arrays = (0..names.len()).filter(|i| *i != index && names[*i].ends_with(".npy"));
        let quoted: Vec<String> = arrays.map(|i| format!("\"{}\"", shorts[i])).collect();
        (!quoted.is_empty()).then(|| format!("`columns: [{}]` reads the others", quoted.join(", ")))
    };
    let picked = picked(source.path(), wanted, shorts.iter().map(String::as_str))?;
    let mut columns = Columns::new();
    for index in picked {
        source.check()?;
        let name = &names[index];
        if !name.ends_with(".npy") {
            return Err(source
                .error(format_args!("its member `{name}` is no array: expected names that end in `.npy`"))
                .hint(others(index).unwrap_or_else(|| "it is no archive of NumPy".to_string())));
        }
        let fail = |offset: u64, problem: &str| -> Error {
            source.error(format_args!("member `{name}`, byte {offset}: {problem}"))
        };
        let mut member = archive.by_index(index).map_err(|e| fail(0, &e.to_string()))?;
        let size = member.size();
        let column = npy::load_member(source, &mut member, size, &fail).map_err(|mut error| {
            if error.kind == ErrorKind::File {
                error.hint = error.hint.or_else(|| others(index));
            }
            if error.hint.is_some() { error } else { npy::with_remedy(error) }
        })?;
        columns.insert(shorts[index].clone(), column);
    }
    Ok(columns)
}

/// Only arrays can be members.
pub(super) fn check(parts: &[Part<'_>]) -> Result<()> {
    match parts.iter().find(|part| matches!(part.data, PartData::Text(_))) {
        Some(part) => {
            Err(Error::script(format!("`{}` is text, which an npz file cannot hold", part.name))
                .hint("save it as `.csv`"))
        }
        None => Ok(()),
    }
}

pub(super) fn save(
    file: &mut (impl Write + Seek),
    parts: &[Part<'_>],
    options: &SaveOptions,
    watch: &Watch,
) -> std::result::Result<(), WriteError> {
    let disk = |e: ZipError| match e {
        ZipError::Io(e) => WriteError::Disk(e),
        e => WriteError::Disk(std::io::Error::other(e)),
    };
    let method = if options.compress { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let mut archive = ZipWriter::new(file);
    for part in parts {
        let PartData::Array(shape, values) = part.data else { continue };
        // Larger members need other fields, which must be known in advance; NumPy always writes them.
        let member = SimpleFileOptions::default().compression_method(method).large_file(true);
        archive.start_file(format!("{}.npy", part.name), member).map_err(disk)?;
        npy::save(&mut archive, shape, values, watch)?;
    }
    archive.finish().map_err(disk)?;
    Ok(())
}
