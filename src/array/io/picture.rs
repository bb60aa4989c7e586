//! The pixels of an image file, as an array of height, width and channels: 1 for grey, 2 with alpha, 3 for RGB, 4 with
//! alpha.
//!
//! Integers are scaled to 0 to 1, divided by the largest of their type; floats stay as they are. The values are not
//! converted otherwise: those of PNG, JPEG, GIF and WebP files are encoded for screens (sRGB).

use super::source::{Source, Stream};
use super::{Block, Values};
use crate::{Error, ErrorKind, Result};
use image::error::ImageError;
use image::{ColorType, ImageDecoder, ImageReader, Limits};
use rayon::prelude::*;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Values between two polls of the stop signal.
const STEP: usize = 1 << 20;

/// The pixels of an image as they are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub channels: u32,
    /// Row by row from the top.
    pub pixels: Pixels,
}

/// The channels of all pixels.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
    Floats(Vec<f32>),
}

/// Reads an image; `raw` keeps integers.
pub(super) fn load(source: &Source<'_>, raw: bool) -> Result<Block> {
    let Picture { width, height, channels, pixels } = read(source)?;
    let values = match pixels {
        Pixels::Bytes(bytes) => numbers(source, &bytes, raw, f32::from(u8::MAX))?,
        Pixels::Words(words) => numbers(source, &words, raw, f32::from(u16::MAX))?,
        Pixels::Floats(floats) => Values::F32(floats),
    };
    Ok(Block { shape: vec![height as usize, width as usize, channels as usize], values })
}

/// Reads an image without converting its pixels.
pub(super) fn read(source: &Source<'_>) -> Result<Picture> {
    // The decoders may panic on damaged files.
    catch_unwind(AssertUnwindSafe(|| decoded(source)))
        .unwrap_or_else(|_| Err(source.error("it is damaged").hint("save it anew")))
}

fn decoded(source: &Source<'_>) -> Result<Picture> {
    check_tiff(source)?;
    let stream = BufReader::with_capacity(1 << 16, Stream::new(source, 0));
    let mut reader = ImageReader::new(stream).with_guessed_format().map_err(|e| source.read_error(&e))?;
    if reader.format().is_none() {
        return Err(source
            .error_at(0, "expected an image: PNG, JPEG, TIFF, OpenEXR, GIF or WebP")
            .hint("is its ending right?"));
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(source.unused());
    reader.limits(limits);
    let wrong = |error: ImageError| image_error(source, error);
    let decoder = reader.into_decoder().map_err(wrong)?;
    let (width, height) = decoder.dimensions();
    let colour = decoder.color_type();
    let channels = u32::from(colour.channel_count());
    let count = super::elements(&[height as usize, width as usize, channels as usize])
        .filter(|n| n.checked_mul(8).is_some_and(|n| n <= isize::MAX as usize));
    let count = count.ok_or_else(|| source.error(format_args!("{width} x {height} pixels are too many")))?;
    let pixels = match colour {
        ColorType::Rgb32F | ColorType::Rgba32F => {
            let mut out: Vec<f32> = source.zeros(count)?;
            decoder.read_image(bytemuck::cast_slice_mut(&mut out)).map_err(wrong)?;
            Pixels::Floats(out)
        }
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => {
            let mut out: Vec<u16> = source.zeros(count)?;
            decoder.read_image(bytemuck::cast_slice_mut(&mut out)).map_err(wrong)?;
            Pixels::Words(out)
        }
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => {
            let mut out: Vec<u8> = source.zeros(count)?;
            decoder.read_image(&mut out).map_err(wrong)?;
            Pixels::Bytes(out)
        }
        _ => {
            return Err(source
                .error("pixels of a kind that is not read")
                .hint("save it as PNG with 8 or 16 bits per channel, or its values as npy"));
        }
    };
    Ok(Picture { width, height, channels, pixels })
}

/// Checks the sizes in the first directory of a TIFF file against the size of the file, because the library allocates
/// first.
fn check_tiff(source: &Source<'_>) -> Result<()> {
    let number = |at: u64, bytes: usize, big: bool| -> Result<u64> {
        let mut buffer = [0; 8];
        source.read_at(&mut buffer[..bytes], at)?;
        if big {
            buffer[..bytes].reverse();
        }
        Ok(u64::from_le_bytes(buffer))
    };
    let mut start = [0; 4];
    if source.len() < 16 {
        return Ok(());
    }
    source.read_at(&mut start, 0)?;
    let (big, large) = match &start {
        b"II*\0" => (false, false),
        b"MM\0*" => (true, false),
        b"II+\0" => (false, true),
        b"MM\0+" => (true, true),
        _ => return Ok(()),
    };
    // BigTIFF has eight bytes where TIFF has four, except for the number of entries.
    let (word, count_bytes, entry) = if large { (8, 8, 20) } else { (4, 2, 12) };
    let directory = number(if large { 8 } else { 4 }, word, big)?;
    // A position beyond the end of the file is reported by the library.
    let inside = |at: u64, bytes: u64| at.checked_add(bytes).is_some_and(|end| end <= source.len());
    if !inside(directory, count_bytes) {
        return Ok(());
    }
    let entries = number(directory, count_bytes as usize, big)?;
    for i in 0..entries {
        let at = directory + count_bytes + i * entry;
        if !inside(at, entry) {
            return Ok(());
        }
        let size = match number(at + 2, 2, big)? {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => 1,
        };
        let count = number(at + 4, word, big)?;
        if count.saturating_mul(size) > source.len() {
            let tag = number(at, 2, big)?;
            return Err(source
                .error_at(at, format_args!("tag {tag} claims {count} values; the file has {} bytes", source.len()))
                .hint("it is damaged or cut off"));
        }
    }
    Ok(())
}

fn numbers<T>(source: &Source<'_>, read: &[T], raw: bool, most: f32) -> Result<Values>
where
    T: Copy + Sync + Into<f32> + Into<i64>,
{
    if raw {
        let mut out: Vec<i64> = source.zeros(read.len())?;
        converted(source, read, &mut out, |value| value.into())?;
        return Ok(Values::I64(out));
    }
    let mut out: Vec<f32> = source.zeros(read.len())?;
    converted(source, read, &mut out, |value| {
        let value: f32 = value.into();
        value / most
    })?;
    Ok(Values::F32(out))
}

fn converted<T: Copy + Sync, U: Send>(
    source: &Source<'_>,
    read: &[T],
    out: &mut [U],
    convert: impl Fn(T) -> U + Sync,
) -> Result<()> {
    out.par_chunks_mut(STEP).zip(read.par_chunks(STEP)).try_for_each(|(out, read)| {
        source.check()?;
        out.iter_mut().zip(read).for_each(|(out, value)| *out = convert(*value));
        Ok(())
    })
}

fn image_error(source: &Source<'_>, error: ImageError) -> Error {
    let text = error.to_string();
    let problem = text.trim().trim_end_matches('.');
    match error {
        ImageError::Limits(_) => {
            let mut limit = source.error("decoding it takes more memory than is left");
            limit.kind = ErrorKind::Limit;
            limit.hint("load a smaller image, keep fewer arrays, or raise `--max-memory`")
        }
        ImageError::Unsupported(_) => source
            .error(format_args!("it is an image of a kind that is not read: {problem}"))
            .hint("save it as PNG with 8 or 16 bits per channel, or its values as npy"),
        _ => source.error(format_args!("it is no image that can be read: {problem}")).hint("it is damaged or cut off"),
    }
}
