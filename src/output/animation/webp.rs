//! Animated WebP, lossless: the `image` crate compresses the frames, and this module assembles the RIFF container.

use super::container::{Container, Payload};
use crate::atomic::AtomicFile;
use crate::frame::Frame;
use crate::{Error, Result};
use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;
use std::io::{self, Seek, SeekFrom, Write};

/// Flag bits of the `VP8X` chunk.
const ANIMATED: u8 = 1 << 1;
const HAS_ALPHA: u8 = 1 << 4;
/// Flag bit of a frame: replace the earlier pixels instead of blending.
const DO_NOT_BLEND: u8 = 1 << 1;
/// Offset of the flags of the `VP8X` chunk: after the RIFF header (12 bytes) and the chunk's own (8).
const FLAGS_OFFSET: u64 = 20;

/// The `VP8L` chunk of one frame, with header and padding.
pub(super) fn compress(frame: &Frame) -> Result<Vec<u8>> {
    let fail = |what: String| Error::file(format!("cannot compress a frame: {what}")).hint("try another format");
    let mut file = Vec::new();
    WebPEncoder::new_lossless(&mut file)
        .encode(&frame.rgba8, frame.width, frame.height, ExtendedColorType::Rgba8)
        .map_err(|e| fail(e.to_string()))?;
    // Chunks follow the RIFF header: name, length, the data, and a padding byte if the length is odd.
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((header, _)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let Some((chunk, tail)) = rest.split_at_checked(8 + length.next_multiple_of(2)) else { break };
        if header[..4] == *b"VP8L" {
            return Ok(chunk.to_vec());
        }
        rest = tail;
    }
    Err(fail("the encoder returned no image".into()))
}

struct Webp {
    file: AtomicFile,
    size: (u32, u32),
    transparent: bool,
}

pub(super) fn start(mut file: AtomicFile, size: (u32, u32)) -> io::Result<Box<dyn Container>> {
    // The length and the flags are filled in at the end.
    file.write_all(b"RIFF\0\0\0\0WEBP")?;
    file.write_all(b"VP8X")?;
    file.write_all(&10u32.to_le_bytes())?;
    file.write_all(&[0; 4])?;
    file.write_all(&uint24(size.0 - 1))?;
    file.write_all(&uint24(size.1 - 1))?;
    file.write_all(b"ANIM")?;
    file.write_all(&6u32.to_le_bytes())?;
    file.write_all(&[0, 0, 0, 255])?; // background: opaque black
    file.write_all(&[0, 0])?; // play count: forever
    Ok(Box::new(Webp { file, size, transparent: false }))
}

impl Container for Webp {
    fn push(&mut self, payload: Payload, from: f64, until: f64) -> io::Result<()> {
        let Payload::Webp(picture, transparent) = payload else { return Err(io::ErrorKind::InvalidInput.into()) };
        self.transparent |= transparent;
        let length = u32::try_from(picture.len() + 16).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        // The difference of rounded times, so that rounding errors do not add up.
        let milliseconds = ((until * 1000.0).round() - (from * 1000.0).round()) as u32;
        self.file.write_all(b"ANMF")?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&[0; 6])?; // offset in the canvas
        self.file.write_all(&uint24(self.size.0 - 1))?;
        self.file.write_all(&uint24(self.size.1 - 1))?;
        self.file.write_all(&uint24(milliseconds.min((1 << 24) - 1)))?;
        self.file.write_all(&[DO_NOT_BLEND])?;
        self.file.write_all(&picture)
    }

    fn finish(mut self: Box<Self>) -> io::Result<AtomicFile> {
        let end = self.file.stream_position()?;
        // The length field has 32 bits and does not count the 8 bytes of the RIFF header itself.
        let length = u32::try_from(end - 8).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        self.file.seek(SeekFrom::Start(4))?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.seek(SeekFrom::Start(FLAGS_OFFSET))?;
        self.file.write_all(&[ANIMATED | if self.transparent { HAS_ALPHA } else { 0 }])?;
        Ok(self.file)
    }
}

fn uint24(value: u32) -> [u8; 3] {
    let [a, b, c, _] = value.to_le_bytes();
    [a, b, c]
}
