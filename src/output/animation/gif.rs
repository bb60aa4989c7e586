//! GIF: a palette for each frame, chosen in a perceptual colour space, with error diffusion.

use super::container::{Container, Payload};
use crate::atomic::AtomicFile;
use crate::frame::Frame;
use crate::{Error, Result};
use gif::{DisposalMethod, Encoder, EncodingError, Repeat};
use quantette::deps::palette::{Srgb, cast};
use quantette::kmeans::KmeansOptions;
use quantette::{ImageRef, Pipeline};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;

/// Reduces a frame to 256 colours and compresses it.
pub(super) fn compress(frame: &Frame) -> Result<gif::Frame<'static>> {
    let too_large =
        || Error::file(format!("a {}x{} image is too large for GIF", frame.width, frame.height)).hint("use .webp");
    let (Ok(width), Ok(height)) = (u16::try_from(frame.width), u16::try_from(frame.height)) else {
        return Err(too_large());
    };
    // Transparent pixels are composited with black, as everywhere else.
    let rgb: Vec<u8> = frame.rgba8.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let colors: &[Srgb<u8>] = cast::from_component_slice(&rgb);
    let (palette, indices) = match exact(colors) {
        Some(indexed) => indexed,
        None => {
            let image = ImageRef::new(frame.width, frame.height, colors).map_err(|_| too_large())?;
            Pipeline::new()
                .quantize_method(KmeansOptions::new())
                .input_image(image)
                .output_srgb8_indexed_image()
                .into_parts()
        }
    };
    let palette: Vec<u8> = palette.iter().flat_map(|color| [color.red, color.green, color.blue]).collect();
    let mut packed = gif::Frame {
        width,
        height,
        buffer: indices.into(),
        palette: Some(palette),
        dispose: DisposalMethod::Keep,
        ..gif::Frame::default()
    };
    packed.make_lzw_pre_encoded();
    Ok(packed)
}

/// The palette and the indices of an image with at most 256 colours, which loses nothing.
fn exact(colors: &[Srgb<u8>]) -> Option<(Vec<Srgb<u8>>, Vec<u8>)> {
    let mut places = HashMap::new();
    let mut palette = Vec::new();
    let mut indices = Vec::with_capacity(colors.len());
    for color in colors {
        let index = match places.entry((color.red, color.green, color.blue)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let index = u8::try_from(palette.len()).ok()?;
                palette.push(*color);
                *new.insert(index)
            }
        };
        indices.push(index);
    }
    Some((palette, indices))
}

struct Gif(Encoder<AtomicFile>);

pub(super) fn start(file: AtomicFile, size: (u32, u32)) -> io::Result<Box<dyn Container>> {
    let side = |length: u32| u16::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
    let mut encoder = Encoder::new(file, side(size.0)?, side(size.1)?, &[]).map_err(io_error)?;
    encoder.set_repeat(Repeat::Infinite).map_err(io_error)?;
    Ok(Box::new(Gif(encoder)))
}

impl Container for Gif {
    fn push(&mut self, payload: Payload, from: f64, until: f64) -> io::Result<()> {
        let Payload::Gif(mut frame) = payload else { return Err(io::ErrorKind::InvalidInput.into()) };
        // The delay is the difference of rounded times, so that rounding errors do not add up; long delays are
        // limited to 10 minutes.
        let hundredths = |seconds: f64| (seconds * 100.0).round();
        frame.delay = (hundredths(until) - hundredths(from)).min(f64::from(u16::MAX)) as u16;
        self.0.write_lzw_pre_encoded_frame(&frame).map_err(io_error)
    }

    fn finish(self: Box<Self>) -> io::Result<AtomicFile> {
        // Writes the trailer.
        self.0.into_inner().map_err(io_error)
    }
}

fn io_error(error: EncodingError) -> io::Error {
    match error {
        EncodingError::Io(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A smooth image with far more than 256 colours, dark to bright.
    fn gradient(size: u32) -> Frame {
        let mut rgba8 = Vec::new();
        for y in 0..size {
            for x in 0..size {
                let (x, y) = (x as f32 / size as f32, y as f32 / size as f32);
                rgba8.extend([(x * x * 255.0) as u8, (x * y * 200.0) as u8, (y * 100.0) as u8, 255]);
            }
        }
        Frame { width: size, height: size, rgba8, ..Frame::default() }
    }

    #[test]
    fn smooth_shades_survive_on_average() {
        let frame = gradient(128);
        let mut packed = compress(&frame).unwrap();
        // Writes the palette and indices of the compressed frame again, to examine them.
        let palette = packed.palette.take().unwrap();
        assert!(palette.len() / 3 <= 256);
        let mut encoder = Encoder::new(Vec::new(), 128, 128, &palette).unwrap();
        encoder.write_lzw_pre_encoded_frame(&packed).unwrap();
        let file = encoder.into_inner().unwrap();
        let read = image::load_from_memory(&file).unwrap().to_rgb8();
        // Over blocks of 8x8 pixels, dithering must preserve the mean colour.
        let block_mean = |at: &dyn Fn(u32, u32) -> f32, bx: u32, by: u32| {
            (0..64).map(|i| at(bx * 8 + i % 8, by * 8 + i / 8)).sum::<f32>() / 64.0
        };
        let mut squares = 0.0f32;
        for channel in 0..3 {
            let original = |x: u32, y: u32| f32::from(frame.rgba8[((y * 128 + x) * 4) as usize + channel]);
            let written = |x: u32, y: u32| f32::from(read.get_pixel(x, y).0[channel]);
            for block in 0..256 {
                let (bx, by) = (block % 16, block / 16);
                squares += (block_mean(&original, bx, by) - block_mean(&written, bx, by)).powi(2);
            }
        }
        let rms = (squares / (3.0 * 256.0)).sqrt();
        assert!(rms < 2.0, "blocks are off by {rms}");
    }
}
