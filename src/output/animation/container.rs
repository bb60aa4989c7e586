//! What the formats of animations have in common: a container that takes compressed frames.

use crate::atomic::AtomicFile;
use std::io;

/// A compressed frame.
pub(super) enum Payload {
    Gif(::gif::Frame<'static>),
    /// The compressed data of the IDAT chunks.
    Apng(Vec<u8>),
    /// The VP8L chunk with its header, and whether any pixel is transparent.
    Webp(Vec<u8>, bool),
}

/// A container for the compressed frames of one format.
pub(super) trait Container: Send {
    /// Adds a frame that is shown from `from` to `until` seconds after the start.
    fn push(&mut self, payload: Payload, from: f64, until: f64) -> io::Result<()>;
    /// Completes the file, so that it is valid with the frames written so far.
    fn finish(self: Box<Self>) -> io::Result<AtomicFile>;
}
