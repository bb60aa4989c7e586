//! Image files: PNG, JPEG and TIFF store the developed 8-bit image, EXR the linear radiance.

use crate::atomic::{AtomicFile, file_error};
use crate::error::nearest;
use crate::frame::Frame;
use crate::{Error, Result};
use image::{ExtendedColorType, ImageEncoder, ImageError, codecs};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

/// Quality of JPEG files, 1 to 100: above 90, block artefacts are not visible in smooth gradients.
const JPEG_QUALITY: u8 = 92;

/// The formats of single images, selected by the ending of the file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    Png,
    Jpeg,
    Tiff,
    /// 32-bit float, linear, neither tone-mapped nor clamped.
    Exr,
}

impl ImageFormat {
    /// All known endings, in lower case.
    pub const ENDINGS: [(&'static str, ImageFormat); 6] = [
        ("png", ImageFormat::Png),
        ("jpg", ImageFormat::Jpeg),
        ("jpeg", ImageFormat::Jpeg),
        ("tif", ImageFormat::Tiff),
        ("tiff", ImageFormat::Tiff),
        ("exr", ImageFormat::Exr),
    ];

    /// The format of a file by its ending, in upper or lower case.
    pub fn of(path: &Path) -> Result<ImageFormat> {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        if let Some((_, format)) = Self::ENDINGS.iter().find(|(known, _)| *known == ending) {
            return Ok(*format);
        }
        let known = Self::ENDINGS.map(|(known, _)| format!(".{known}")).join(", ");
        let fact = if ending.is_empty() {
            format!("`{}` has no ending that names the image format", path.display())
        } else {
            format!("`.{ending}` is no image format that can be written")
        };
        let hint = match nearest(&ending, Self::ENDINGS.iter().map(|(known, _)| *known)) {
            Some(near) => format!("did you mean `.{near}`? known endings: {known}"),
            None => format!("known endings: {known}"),
        };
        Err(Error::usage(fact).hint(hint))
    }

    /// Whether frames need [`Frame::linear`].
    pub fn needs_linear(self) -> bool {
        self == ImageFormat::Exr
    }
}

/// Writes one frame in the format that the ending of `path` names; the file appears completely or not at all.
///
/// EXR needs [`Frame::linear`], the others [`Frame::rgba8`]. An image without transparent pixels is stored without
/// alpha; JPEG and EXR never store it.
pub fn save_frame(frame: &Frame, path: &Path) -> Result<()> {
    let format = ImageFormat::of(path)?;
    let mut file = AtomicFile::create(path)?;
    encode(frame, format, path, &mut file)?;
    file.commit()
}

/// Writes a PNG file `STEM-0001.png`, or with the next higher number that is free, and returns its path. Existing
/// files are never replaced.
pub fn save_numbered(frame: &Frame, folder: &Path, stem: &str) -> Result<PathBuf> {
    for number in 1..=u32::MAX {
        let path = folder.join(format!("{stem}-{number:04}.png"));
        if path.exists() {
            continue;
        }
        let mut file = AtomicFile::create(&path)?;
        encode(frame, ImageFormat::Png, &path, &mut file)?;
        // Another program may have used the name in the meantime.
        if file.commit_new()? {
            return Ok(path);
        }
    }
    Err(Error::file(format!("every name from `{stem}-0001.png` on is taken")).hint("change to another folder"))
}

/// Encodes one frame; `path` is only used in error messages.
pub fn encode(frame: &Frame, format: ImageFormat, path: &Path, to: &mut (impl Write + Seek)) -> Result<()> {
    let size = (frame.width, frame.height);
    let pixels = frame.width as usize * frame.height as usize;
    if pixels == 0 {
        return Err(Error::file(format!("cannot write `{}`: the image has no pixels", path.display()))
            .hint("give it a size of at least 1x1"));
    }
    if format == ImageFormat::Exr {
        if frame.linear.len() != pixels * 3 {
            return Err(Error::file(format!("cannot write `{}`: this frame has no linear values", path.display()))
                .hint("EXR files hold linear radiance: save the frame as .png, or ask the device for linear values"));
        }
        let encoder = codecs::openexr::OpenExrEncoder::new(to);
        return write(encoder, bytemuck::cast_slice(&frame.linear), size, ExtendedColorType::Rgb32F, path);
    }
    if frame.rgba8.len() != pixels * 4 {
        return Err(Error::file(format!("cannot write `{}`: this frame has no image", path.display()))
            .hint("develop the frame before it is saved"));
    }
    let opaque = frame.rgba8.chunks_exact(4).all(|pixel| pixel[3] == 255);
    let rgb;
    let (bytes, color) = if opaque || format == ImageFormat::Jpeg {
        rgb = without_alpha(&frame.rgba8);
        (rgb.as_slice(), ExtendedColorType::Rgb8)
    } else {
        (frame.rgba8.as_slice(), ExtendedColorType::Rgba8)
    };
    match format {
        ImageFormat::Png => {
            use codecs::png::{CompressionType, FilterType, PngEncoder};
            let encoder = PngEncoder::new_with_quality(to, CompressionType::Default, FilterType::Adaptive);
            write(encoder, bytes, size, color, path)
        }
        ImageFormat::Jpeg => {
            write(codecs::jpeg::JpegEncoder::new_with_quality(to, JPEG_QUALITY), bytes, size, color, path)
        }
        ImageFormat::Tiff | ImageFormat::Exr => write(codecs::tiff::TiffEncoder::new(to), bytes, size, color, path),
    }
}

fn write(
    encoder: impl ImageEncoder,
    bytes: &[u8],
    size: (u32, u32),
    color: ExtendedColorType,
    path: &Path,
) -> Result<()> {
    encoder.write_image(bytes, size.0, size.1, color).map_err(|error| match error {
        ImageError::IoError(error) => file_error(path, &error),
        other => Error::file(format!("cannot write `{}`: {other}", path.display()))
            .hint("another format or size may do: every format has its own limits"),
    })
}

fn without_alpha(rgba: &[u8]) -> Vec<u8> {
    rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image in which all pixels differ, so that flips, swaps and wrong strides are detected.
    fn frame(width: u32, height: u32, alpha: u8) -> Frame {
        let (mut rgba8, mut linear) = (Vec::new(), Vec::new());
        for y in 0..height {
            for x in 0..width {
                rgba8.extend([(x * 40) as u8, (y * 40) as u8, (x + y * width) as u8, alpha]);
                linear.extend([x as f32 * 0.25, y as f32 * 1000.0, -0.5]);
            }
        }
        Frame { width, height, rgba8, linear, passes: 1, complete: true, ..Frame::default() }
    }

    #[test]
    fn lossless_formats_give_back_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        for ending in ["png", "PNG", "tif", "tiff"] {
            let path = folder.path().join(format!("a.{ending}"));
            for alpha in [255, 100] {
                let frame = frame(5, 3, alpha);
                save_frame(&frame, &path).unwrap();
                let read = image::open(&path).unwrap();
                assert_eq!(read.color().has_alpha(), alpha != 255);
                assert_eq!(read.to_rgba8().into_raw(), frame.rgba8, "{ending}");
            }
        }
    }

    #[test]
    fn jpeg_is_near_and_exr_exact() {
        let folder = tempfile::tempdir().unwrap();
        let mut grey = frame(16, 8, 255);
        grey.rgba8 = [90, 90, 90, 255].repeat(16 * 8);
        let path = folder.path().join("a.jpg");
        save_frame(&grey, &path).unwrap();
        let read = image::open(&path).unwrap().to_rgb8();
        assert_eq!(read.dimensions(), (16, 8));
        assert!(read.iter().all(|value| value.abs_diff(90) <= 2));

        let path = folder.path().join("a.exr");
        let frame = frame(5, 3, 255);
        save_frame(&frame, &path).unwrap();
        let read = image::open(&path).unwrap();
        assert_eq!(read.color(), image::ColorType::Rgb32F);
        assert_eq!(read.to_rgb32f().into_raw(), frame.linear);
    }

    #[test]
    fn numbered_files_never_replace_others() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a-0002.png"), "mine").unwrap();
        let frame = frame(2, 2, 255);
        let saved: Vec<_> = (0..2).map(|_| save_numbered(&frame, folder.path(), "a").unwrap()).collect();
        assert_eq!(saved, ["a-0001.png", "a-0003.png"].map(|name| folder.path().join(name)));
        assert_eq!(std::fs::read(folder.path().join("a-0002.png")).unwrap(), b"mine");
    }

    #[test]
    fn errors_say_what_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let frame = frame(2, 2, 255);
        let error = save_frame(&frame, &folder.path().join("a.pgn")).unwrap_err();
        assert_eq!(error.message, "`.pgn` is no image format that can be written");
        assert_eq!(error.hint.unwrap(), "did you mean `.png`? known endings: .png, .jpg, .jpeg, .tif, .tiff, .exr");
        let error = save_frame(&frame, &folder.path().join("a")).unwrap_err();
        assert!(error.message.ends_with("has no ending that names the image format"), "{error}");

        let no_linear = Frame { linear: Vec::new(), ..frame };
        let error = save_frame(&no_linear, &folder.path().join("a.exr")).unwrap_err();
        assert!(error.message.ends_with("this frame has no linear values"), "{error}");
        let empty = Frame::default();
        let error = save_frame(&empty, &folder.path().join("a.png")).unwrap_err();
        assert!(error.message.ends_with("the image has no pixels"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file remains");
    }
}
