//! Animation files: GIF, APNG, WebP; they loop forever.
//!
//! Frames are compressed independently ([`EncodedFrame::new`]), so that many can be compressed at once and the file
//! does not depend on how many; a container takes the compressed frames in order.

mod apng;
mod container;
mod gif;
mod webp;

use crate::atomic::{AtomicFile, file_error};
use crate::frame::Frame;
use crate::{Error, Result};
use container::{Container, Payload};
use std::path::{Path, PathBuf};

/// The animation formats, selected by the ending of the file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnimationFormat {
    /// 256 colours per frame, dithered; plays everywhere, at most 50 frames per second.
    Gif,
    /// Lossless.
    Apng,
    /// Lossless, smaller than APNG.
    Webp,
}

impl AnimationFormat {
    /// All known endings, in lower case.
    pub const ENDINGS: [(&'static str, AnimationFormat); 3] =
        [("gif", AnimationFormat::Gif), ("apng", AnimationFormat::Apng), ("webp", AnimationFormat::Webp)];

    /// The format of a file by its ending, in upper or lower case; `None` if it is not an animation.
    pub fn of(path: &Path) -> Option<AnimationFormat> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        Self::ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, format)| *format)
    }

    /// The maximum frame rate of the format.
    pub fn max_fps(self) -> f64 {
        match self {
            // Delays are hundredths of a second, and players ignore delays of less than two of them.
            AnimationFormat::Gif => 50.0,
            AnimationFormat::Apng | AnimationFormat::Webp => 1000.0,
        }
    }

    /// Checks a frame rate: positive, and no higher than the format allows.
    pub fn check_fps(self, fps: f64) -> Result<()> {
        let most = self.max_fps();
        if fps > 0.0 && fps <= most {
            return Ok(());
        }
        let error = Error::usage(format!("{fps} frames per second is more or less than this format can hold"));
        Err(match self {
            AnimationFormat::Gif => error.hint("GIF takes up to 50; .webp and .apng take up to 1000"),
            AnimationFormat::Apng | AnimationFormat::Webp => {
                error.hint(format!("give a number above 0, and at most {most}"))
            }
        })
    }
}

/// One frame, encoded for its container.
pub struct EncodedFrame {
    size: (u32, u32),
    payload: Payload,
}

impl EncodedFrame {
    /// Compresses a frame, which is the slow part of writing an animation.
    pub fn new(frame: &Frame, format: AnimationFormat) -> Result<EncodedFrame> {
        let pixels = frame.width as usize * frame.height as usize;
        if pixels == 0 || frame.rgba8.len() != pixels * 4 {
            return Err(Error::file("a frame of the animation has no image")
                .hint("develop the frame before it is saved, with a size of at least 1x1"));
        }
        let largest = match format {
            AnimationFormat::Gif => 65535,
            AnimationFormat::Apng => i32::MAX as u32,
            AnimationFormat::Webp => 16384,
        };
        if frame.width.max(frame.height) > largest {
            return Err(Error::file(format!("a {}x{} image is too large for this format", frame.width, frame.height))
                .hint(format!("at most {largest} pixels a side: render smaller, or into numbered .png files")));
        }
        let payload = match format {
            AnimationFormat::Gif => Payload::Gif(gif::compress(frame)?),
            AnimationFormat::Apng => Payload::Apng(apng::compress(frame)?),
            AnimationFormat::Webp => {
                let transparent = frame.rgba8.chunks_exact(4).any(|pixel| pixel[3] != 255);
                Payload::Webp(webp::compress(frame)?, transparent)
            }
        };
        Ok(EncodedFrame { size: (frame.width, frame.height), payload })
    }
}

/// An animation that is being written; no file remains if it is dropped unfinished.
pub struct Animation {
    path: PathBuf,
    format: AnimationFormat,
    fps: f64,
    frames: u32,
    /// The open file before the first frame, whose size is not known yet; then the container.
    state: State,
}

enum State {
    Opened(AtomicFile),
    Started(Box<dyn Container>, (u32, u32)),
    /// Writing failed; the error has been reported.
    Failed,
}

impl Animation {
    /// Opens the file; `fps` is frames per second.
    pub fn create(path: &Path, format: AnimationFormat, fps: f64) -> Result<Animation> {
        format.check_fps(fps)?;
        let file = AtomicFile::create(path)?;
        Ok(Animation { path: path.to_path_buf(), format, fps, frames: 0, state: State::Opened(file) })
    }

    /// Adds the next frame; all frames have one size.
    pub fn push(&mut self, frame: EncodedFrame) -> Result<()> {
        let EncodedFrame { size, payload } = frame;
        let (mut container, expected) = match std::mem::replace(&mut self.state, State::Failed) {
            State::Opened(file) => {
                let container = match self.format {
                    AnimationFormat::Gif => gif::start(file, size),
                    AnimationFormat::Apng => apng::start(file, size),
                    AnimationFormat::Webp => webp::start(file, size),
                };
                (container.map_err(|e| file_error(&self.path, &e))?, size)
            }
            State::Started(container, size) => (container, size),
            State::Failed => return Err(Error::file(format!("cannot write `{}` any more", self.path.display()))),
        };
        if size != expected {
            // The frames so far can still be kept.
            self.state = State::Started(container, expected);
            let ((w, h), (ew, eh)) = (size, expected);
            return Err(Error::file(format!("frame {} is {w}x{h}, the animation is {ew}x{eh}", self.frames))
                .hint("keep the size with `--size`, or render into numbered files"));
        }
        let at = |frame: u32| f64::from(frame) / self.fps;
        container.push(payload, at(self.frames), at(self.frames + 1)).map_err(|e| file_error(&self.path, &e))?;
        self.frames += 1;
        self.state = State::Started(container, expected);
        Ok(())
    }

    /// Number of frames so far.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// Completes the file and gives it its name.
    pub fn finish(self) -> Result<()> {
        let path = self.path.clone();
        self.finish_as(&path)
    }

    /// Keeps the frames of an incomplete animation as `NAME.partial.EXT`; `None` if there are none.
    pub fn finish_partial(self) -> Result<Option<PathBuf>> {
        if self.frames == 0 || matches!(self.state, State::Failed) {
            return Ok(None);
        }
        let path = partial_path(&self.path);
        self.finish_as(&path)?;
        Ok(Some(path))
    }

    fn finish_as(self, path: &Path) -> Result<()> {
        match self.state {
            State::Started(container, _) => container.finish().map_err(|e| file_error(path, &e))?.commit_as(path),
            State::Opened(_) => Err(Error::file(format!("cannot write `{}`: there are no frames", path.display()))
                .hint("give a range of frames with `--frames`")),
            State::Failed => Err(Error::file(format!("cannot write `{}` any more", path.display()))),
        }
    }
}

/// `NAME.partial.EXT` beside `NAME.EXT`.
fn partial_path(path: &Path) -> PathBuf {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_extension(format!("partial.{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::image::AnimationDecoder;
    use ::image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
    use std::io::BufReader;

    const SIZE: (u32, u32) = (7, 5);

    /// Frames that all differ and have no two equal rows or columns.
    fn frame(index: u32, size: (u32, u32)) -> Frame {
        let mut rgba8 = Vec::new();
        for y in 0..size.1 {
            for x in 0..size.0 {
                rgba8.extend([(x * 30) as u8, (y * 50) as u8, (index * 60) as u8, 255]);
            }
        }
        Frame { width: size.0, height: size.1, rgba8, passes: 1, complete: true, ..Frame::default() }
    }

    fn write(path: &Path, count: u32, fps: f64) -> Animation {
        let format = AnimationFormat::of(path).unwrap();
        let mut animation = Animation::create(path, format, fps).unwrap();
        for index in 0..count {
            animation.push(EncodedFrame::new(&frame(index, SIZE), format).unwrap()).unwrap();
        }
        animation
    }

    /// The images and their delays in milliseconds.
    fn read(path: &Path) -> (Vec<Vec<u8>>, Vec<f64>) {
        let reader = BufReader::new(std::fs::File::open(path).unwrap());
        let frames = match AnimationFormat::of(path).unwrap() {
            AnimationFormat::Gif => GifDecoder::new(reader).unwrap().into_frames(),
            AnimationFormat::Apng => PngDecoder::new(reader).unwrap().apng().unwrap().into_frames(),
            AnimationFormat::Webp => WebPDecoder::new(reader).unwrap().into_frames(),
        };
        frames
            .map(|frame| {
                let frame = frame.unwrap();
                let (numerator, denominator) = frame.delay().numer_denom_ms();
                (frame.into_buffer().into_raw(), f64::from(numerator) / f64::from(denominator))
            })
            .unzip()
    }

    #[test]
    fn every_format_is_read_back_with_all_its_frames() {
        let folder = tempfile::tempdir().unwrap();
        for ending in ["gif", "apng", "webp"] {
            let path = folder.path().join(format!("a.{ending}"));
            let animation = write(&path, 4, 25.0);
            assert!(!path.exists());
            animation.finish().unwrap();
            let (pictures, delays) = read(&path);
            assert_eq!(delays, [40.0; 4], "{ending}");
            for (index, picture) in pictures.iter().enumerate() {
                // 35 colours fit into a palette, so that even GIF is exact.
                assert_eq!(*picture, frame(index as u32, SIZE).rgba8, "{ending}, frame {index}");
            }
        }
    }

    #[test]
    fn rates_that_delays_cannot_hold_keep_the_total_time() {
        let folder = tempfile::tempdir().unwrap();
        for ending in ["gif", "apng", "webp"] {
            let path = folder.path().join(format!("a.{ending}"));
            write(&path, 30, 30.0).finish().unwrap();
            let (_, delays) = read(&path);
            assert!((delays.iter().sum::<f64>() - 1000.0).abs() < 0.5, "{ending}: {delays:?}");
            assert!(delays.iter().all(|delay| (29.0..=41.0).contains(delay)), "{ending}: {delays:?}");
        }
    }

    #[test]
    fn an_interrupted_animation_keeps_its_frames_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        for ending in ["gif", "apng", "webp"] {
            let path = folder.path().join(format!("a.b.{ending}"));
            let partial = write(&path, 2, 25.0).finish_partial().unwrap().unwrap();
            assert_eq!(partial, folder.path().join(format!("a.b.partial.{ending}")));
            assert_eq!(read(&partial).0.len(), 2);
            assert!(!path.exists());
            assert_eq!(write(&path, 0, 25.0).finish_partial().unwrap(), None);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else is left behind");
    }

    #[test]
    fn a_frame_of_another_size_is_an_error_that_keeps_what_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.webp");
        let mut animation = write(&path, 2, 25.0);
        let other = EncodedFrame::new(&frame(0, (3, 3)), AnimationFormat::Webp).unwrap();
        let error = animation.push(other).unwrap_err();
        assert_eq!(error.message, "frame 2 is 3x3, the animation is 7x5");
        let partial = animation.finish_partial().unwrap().unwrap();
        assert_eq!(read(&partial).0.len(), 2);
    }

    #[test]
    fn frame_rates_are_checked() {
        assert!(AnimationFormat::Gif.check_fps(50.0).is_ok());
        for fps in [0.0, -1.0, f64::NAN, f64::INFINITY, 60.0] {
            assert!(AnimationFormat::Gif.check_fps(fps).is_err(), "{fps}");
        }
        assert!(AnimationFormat::Webp.check_fps(60.0).is_ok());
    }
}
