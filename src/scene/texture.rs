//! Textures: named images, which materials read at the texture coordinates of a surface. Each kind of address mode,
//! filter and format is a row of its table.

use super::check::{MAX_MAGNITUDE, MAX_PIXELS, MAX_SIDE};
use crate::{Error, Result};
use std::sync::Arc;

/// The values of `addr_mode`: what a texture is outside of the unit square.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum AddressMode {
    Wrap,
    Clamp,
    Mirror,
    Border,
}

/// The values of `filter_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum FilterMode {
    Nearest,
    /// Bilinear: textures have no smaller levels.
    Trilinear,
}

/// How the channels of a texel are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum TexelFormat {
    /// 8 bits: 255 is 1.
    Byte,
    /// 8 bits, encoded by the curve of sRGB, but for alpha.
    Srgb,
    /// 32-bit float.
    Float,
}

/// A row of the table of address modes.
#[derive(Debug, Clone, Copy)]
pub struct AddressRow {
    pub mode: AddressMode,
    /// The name in scripts, and PlotOptiX's.
    pub name: &'static str,
    /// For the reference, in the words of scripts.
    pub doc: &'static str,
}

/// One row for each [`AddressMode`], in its order.
pub const ADDRESS_MODES: [AddressRow; 4] = [
    AddressRow { mode: AddressMode::Wrap, name: "Wrap", doc: "`Wrap`: it is repeated." },
    AddressRow { mode: AddressMode::Clamp, name: "Clamp", doc: "`Clamp`: its outermost pixels go on." },
    AddressRow {
        mode: AddressMode::Mirror,
        name: "Mirror",
        doc: "`Mirror`: it is repeated, every other time reflected.",
    },
    AddressRow { mode: AddressMode::Border, name: "Border", doc: "`Border`: black." },
];

/// A row of the table of filters.
#[derive(Debug, Clone, Copy)]
pub struct FilterRow {
    pub mode: FilterMode,
    /// The name in scripts, and PlotOptiX's.
    pub name: &'static str,
    /// For the reference, in the words of scripts.
    pub doc: &'static str,
}

/// One row for each [`FilterMode`], in its order.
pub const FILTER_MODES: [FilterRow; 2] = [
    FilterRow {
        mode: FilterMode::Nearest,
        name: "Nearest",
        doc: "`Nearest`: every pixel is a rectangle of one colour.",
    },
    FilterRow {
        mode: FilterMode::Trilinear,
        name: "Trilinear",
        doc: "`Trilinear`: interpolated between the four nearest pixels; there are no smaller versions of the image yet.",
    },
];

// A kind is the index of its row.
const _: () = {
    let mut i = 0;
    while i < ADDRESS_MODES.len() {
        assert!(ADDRESS_MODES[i].mode as usize == i);
        i += 1;
    }
    i = 0;
    while i < FILTER_MODES.len() {
        assert!(FILTER_MODES[i].mode as usize == i);
        i += 1;
    }
};

impl AddressMode {
    pub fn name(self) -> &'static str {
        ADDRESS_MODES[self as usize].name
    }

    pub fn from_name(name: &str) -> Option<AddressMode> {
        ADDRESS_MODES.iter().find(|row| row.name == name).map(|row| row.mode)
    }
}

impl FilterMode {
    pub fn name(self) -> &'static str {
        FILTER_MODES[self as usize].name
    }

    pub fn from_name(name: &str) -> Option<FilterMode> {
        FILTER_MODES.iter().find(|row| row.name == name).map(|row| row.mode)
    }
}

/// The channels of all texels, row by row from the top.
#[derive(Debug, Clone)]
pub enum Texels {
    /// 255 is 1.
    Bytes(Arc<[u8]>),
    Floats(Arc<[f32]>),
}

/// Equal when the same buffer: see [`super::Values`].
impl PartialEq for Texels {
    fn eq(&self, other: &Texels) -> bool {
        match (self, other) {
            (Texels::Bytes(a), Texels::Bytes(b)) => Arc::ptr_eq(a, b),
            (Texels::Floats(a), Texels::Floats(b)) => Arc::ptr_eq(a, b),
            (Texels::Bytes(_), Texels::Floats(_)) | (Texels::Floats(_), Texels::Bytes(_)) => false,
        }
    }
}

impl Texels {
    /// Number of channels of all texels together.
    fn len(&self) -> usize {
        match self {
            Texels::Bytes(bytes) => bytes.len(),
            Texels::Floats(floats) => floats.len(),
        }
    }

    /// As they are stored.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Texels::Bytes(bytes) => bytes,
            Texels::Floats(floats) => bytemuck::cast_slice(floats),
        }
    }
}

/// An image. Clones share the texels.
#[derive(Debug, Clone, PartialEq)]
pub struct Texture {
    width: u32,
    height: u32,
    channels: u32,
    texels: Texels,
    srgb: bool,
    /// The smallest number.
    least: f32,
    pub address: AddressMode,
    pub filter: FilterMode,
}

/// The linear value of a channel that is encoded by the curve of sRGB (IEC 61966-2-1).
pub fn srgb_to_linear(encoded: f64) -> f64 {
    if encoded <= 0.04045 { encoded / 12.92 } else { libm::pow((encoded + 0.055) / 1.055, 2.4) }
}

impl Texture {
    /// An image of 1 to 4 channels that is repeated and interpolated. Two channels are grey and alpha, or any two numbers;
    /// three get an alpha of 1. `srgb`: the values, but for alpha, are encoded for screens.
    pub fn new(width: u32, height: u32, channels: u32, texels: Texels, srgb: bool) -> Result<Texture> {
        if width == 0 || height == 0 {
            return Err(Error::script(format!("a texture of {width}x{height} has no pixels"))
                .hint("width and height are at least 1"));
        }
        if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(Error::script(format!("a texture of {width}x{height} is too large"))
                .hint(format!("the most is {MAX_SIDE} pixels a side and {MAX_PIXELS} in all")));
        }
        if !(1..=4).contains(&channels) {
            return Err(Error::script(format!("a texture of {channels} channels, it wants 1 to 4"))
                .hint("1 is grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha"));
        }
        let count = width as usize * height as usize * channels as usize;
        if texels.len() != count {
            let n = texels.len();
            return Err(Error::script(format!("a texture of {width}x{height} has {n} numbers, it wants {count}")));
        }
        let mut least = 0.0;
        if let Texels::Floats(floats) = &texels {
            let bad = |x: &f32| !x.is_finite() || x.abs() > MAX_MAGNITUDE;
            if let Some(i) = floats.iter().position(bad) {
                let (row, column) = (i / (width * channels) as usize, i / channels as usize % width as usize);
                return Err(Error::script(format!("`data` is {} in row {row}, column {column}", floats[i]))
                    .hint("a texture has finite numbers"));
            }
            least = floats.iter().copied().fold(f32::INFINITY, f32::min);
        }
        let (texels, channels) = match (channels, texels) {
            (3, Texels::Bytes(bytes)) => (Texels::Bytes(with_alpha(&bytes, u8::MAX)), 4),
            (3, Texels::Floats(floats)) => (Texels::Floats(with_alpha(&floats, 1.0)), 4),
            (channels, texels) => (texels, channels),
        };
        // Floats are decoded here, bytes when they are read.
        let (texels, srgb) = match texels {
            Texels::Floats(floats) if srgb => (Texels::Floats(decoded(&floats, channels)), false),
            texels => (texels, srgb),
        };
        let (address, filter) = (AddressMode::Wrap, FilterMode::Trilinear);
        Ok(Texture { width, height, channels, texels, srgb, least, address, filter })
    }

    pub fn with_modes(self, address: AddressMode, filter: FilterMode) -> Texture {
        Texture { address, filter, ..self }
    }

    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// 1, 2 or 4.
    pub fn channels(&self) -> u32 {
        self.channels
    }

    pub fn texels(&self) -> &Texels {
        &self.texels
    }

    pub fn format(&self) -> TexelFormat {
        match self.texels {
            Texels::Bytes(_) if self.srgb => TexelFormat::Srgb,
            Texels::Bytes(_) => TexelFormat::Byte,
            Texels::Floats(_) => TexelFormat::Float,
        }
    }

    /// Fails for numbers below what a material's value may be.
    pub(super) fn check_least(&self, name: &str, option: &str, least: f32) -> Result<()> {
        if self.least >= least {
            return Ok(());
        }
        Err(Error::script(format!(
            "texture `{name}` goes down to {}, as `{option}` it wants at least {least}",
            self.least
        )))
    }

    /// Uses the buffer of `other` if it holds the same bits.
    pub(super) fn reuse(&mut self, other: &Texture) {
        match (&mut self.texels, &other.texels) {
            (Texels::Bytes(mine), Texels::Bytes(theirs)) => super::positions::share(mine, theirs),
            (Texels::Floats(mine), Texels::Floats(theirs)) => super::positions::share(mine, theirs),
            (Texels::Bytes(_), Texels::Floats(_)) | (Texels::Floats(_), Texels::Bytes(_)) => {}
        }
    }
}

fn with_alpha<T: Copy>(rgb: &[T], alpha: T) -> Arc<[T]> {
    rgb.chunks_exact(3).flat_map(|c| [c[0], c[1], c[2], alpha]).collect()
}

fn decoded(encoded: &[f32], channels: u32) -> Arc<[f32]> {
    let channels = channels as usize;
    // The last of an even number of channels is alpha.
    let is_alpha = |i: usize| channels.is_multiple_of(2) && i % channels == channels - 1;
    let decode = |(i, &x): (usize, &f32)| if is_alpha(i) { x } else { srgb_to_linear(f64::from(x)) as f32 };
    encoded.iter().enumerate().map(decode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(values: &[f32]) -> Texels {
        Texels::Floats(values.into())
    }

    #[test]
    fn images_that_cannot_be_textures_are_refused() {
        let cases = [
            (Texture::new(0, 1, 1, floats(&[]), false), "a texture of 0x1 has no pixels"),
            (Texture::new(MAX_SIDE + 1, 1, 1, floats(&[]), false), "a texture of 32769x1 is too large"),
            (Texture::new(MAX_SIDE, MAX_SIDE, 1, floats(&[]), false), "a texture of 32768x32768 is too large"),
            (Texture::new(1, 1, 5, floats(&[0.0; 5]), false), "a texture of 5 channels, it wants 1 to 4"),
            (Texture::new(2, 1, 1, floats(&[0.0]), false), "a texture of 2x1 has 1 numbers, it wants 2"),
            (
                Texture::new(2, 2, 2, floats(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, f32::NAN]), false),
                "`data` is NaN in row 1, column 1",
            ),
            (Texture::new(1, 1, 1, floats(&[f32::INFINITY]), false), "`data` is inf in row 0, column 0"),
        ];
        for (result, message) in cases {
            assert_eq!(result.expect_err(message).message, message);
        }
    }

    #[test]
    fn three_channels_get_an_alpha_that_is_never_decoded() {
        let bytes = Texture::new(1, 1, 3, Texels::Bytes([1, 2, 3].into()), true).unwrap();
        assert_eq!((bytes.texels().bytes(), bytes.channels()), (&[1, 2, 3, 255][..], 4));
        assert_eq!(bytes.format(), TexelFormat::Srgb);
        let linear = Texture::new(1, 1, 2, floats(&[0.5, 0.5]), true).unwrap();
        let Texels::Floats(values) = linear.texels() else { panic!("{linear:?}") };
        assert!((values[0] - 0.214_041_14).abs() < 1e-6 && values[1] == 0.5, "{values:?}");
        assert_eq!(linear.format(), TexelFormat::Float);
        assert_eq!([0.0, 1.0].map(srgb_to_linear), [0.0, 1.0]);
        assert!((srgb_to_linear(0.04045) - 0.04045 / 12.92).abs() < 1e-9);
    }

    #[test]
    fn textures_are_compared_by_address_unless_reused() {
        let texture = || Texture::new(1, 1, 1, floats(&[0.5]), false).unwrap();
        let (a, mut b) = (texture(), texture());
        assert!(a == a.clone() && a != b);
        b.reuse(&a);
        assert_eq!(a, b);
        assert_ne!(a, Texture { address: AddressMode::Clamp, ..a.clone() });
    }
}
