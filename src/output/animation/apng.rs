//! APNG: the `png` crate compresses the frames, and this module assembles the chunks, because frames are compressed
//! in parallel and their count is only known at the end.

use super::container::{Container, Payload};
use crate::atomic::AtomicFile;
use crate::frame::Frame;
use crate::{Error, Result};
use std::io::{self, Seek, SeekFrom, Write};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The compressed RGBA pixels of one frame. Alpha is always kept, so that all frames have the same pixel format.
pub(super) fn compress(frame: &Frame) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, frame.width, frame.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&frame.rgba8))
        .map_err(|e| Error::file(format!("cannot compress a frame: {e}")).hint("try another format"))?;
    let mut data = Vec::with_capacity(file.len());
    let mut rest = &file[SIGNATURE.len()..];
    // A chunk consists of its length, its name, the data and a checksum.
    while let Some((header, tail)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let Some((content, tail)) = tail.split_at_checked(length) else { break };
        if header[4..] == *b"IDAT" {
            data.extend_from_slice(content);
        }
        rest = tail.get(4..).unwrap_or_default();
    }
    Ok(data)
}

struct Apng {
    file: AtomicFile,
    size: (u32, u32),
    frames: u32,
    /// The common sequence number of `fcTL` and `fdAT` chunks.
    sequence: u32,
    /// The offset of the chunk with the frame count.
    control: u64,
}

pub(super) fn start(mut file: AtomicFile, size: (u32, u32)) -> io::Result<Box<dyn Container>> {
    file.write_all(&SIGNATURE)?;
    let mut header = Vec::new();
    header.extend(size.0.to_be_bytes());
    header.extend(size.1.to_be_bytes());
    // 8 bits per channel, RGBA, the only compression, the only filter method, not interlaced.
    header.extend([8, 6, 0, 0, 0]);
    chunk(&mut file, b"IHDR", &[&header])?;
    let control = file.stream_position()?;
    control_chunk(&mut file, 0)?;
    Ok(Box::new(Apng { file, size, frames: 0, sequence: 0, control }))
}

impl Container for Apng {
    fn push(&mut self, payload: Payload, from: f64, until: f64) -> io::Result<()> {
        let Payload::Apng(data) = payload else { return Err(io::ErrorKind::InvalidInput.into()) };
        let (numerator, denominator) = delay(from, until);
        let mut control = Vec::new();
        control.extend(self.next_sequence());
        control.extend(self.size.0.to_be_bytes());
        control.extend(self.size.1.to_be_bytes());
        control.extend([0; 8]); // offset in the canvas
        control.extend(numerator.to_be_bytes());
        control.extend(denominator.to_be_bytes());
        control.extend([0, 0]); // disposal: leave the frame in place; blending: replace the earlier pixels
        chunk(&mut self.file, b"fcTL", &[&control])?;
        if self.frames == 0 {
            // The first frame is also the still image for programs that do not support animations.
            chunk(&mut self.file, b"IDAT", &[&data])?;
        } else {
            let sequence = self.next_sequence();
            chunk(&mut self.file, b"fdAT", &[&sequence, &data])?;
        }
        self.frames += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<AtomicFile> {
        chunk(&mut self.file, b"IEND", &[])?;
        self.file.seek(SeekFrom::Start(self.control))?;
        control_chunk(&mut self.file, self.frames)?;
        Ok(self.file)
    }
}

impl Apng {
    fn next_sequence(&mut self) -> [u8; 4] {
        let sequence = self.sequence;
        self.sequence += 1;
        sequence.to_be_bytes()
    }
}

/// The delay between two times, each rounded to milliseconds, as the fraction that the format stores; so rounding
/// errors do not add up.
fn delay(from: f64, until: f64) -> (u16, u16) {
    let milliseconds = (until * 1000.0).round() - (from * 1000.0).round();
    if milliseconds <= f64::from(u16::MAX) {
        (milliseconds as u16, 1000)
    } else {
        ((milliseconds / 1000.0).round().min(f64::from(u16::MAX)) as u16, 1)
    }
}

fn control_chunk(file: &mut AtomicFile, frames: u32) -> io::Result<()> {
    // A play count of 0 means forever.
    chunk(file, b"acTL", &[&frames.to_be_bytes(), &[0; 4]])
}

fn chunk(file: &mut AtomicFile, name: &[u8; 4], parts: &[&[u8]]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    // The limit of the PNG format for a chunk.
    let length = i32::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(name);
    file.write_all(&length.to_be_bytes())?;
    file.write_all(name)?;
    for part in parts {
        checksum.update(part);
        file.write_all(part)?;
    }
    file.write_all(&checksum.finalize().to_be_bytes())
}
