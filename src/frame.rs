//! A finished picture: what a device develops from its film, and what scripts, windows and files read.

/// One developed picture. Rows run from the top of the image to the bottom.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
    /// Final picture, `width * height * 4` bytes, RGBA, tone-mapped by the post-processing chain.
    pub rgba8: Vec<u8>,
    /// Linear radiance before exposure and gamma (denoised if the chain has a denoiser, but not by `OIDenoiser`, which
    /// comes after them),
    /// `width * height * 3`; empty unless it was asked for.
    pub linear: Vec<f32>,
    /// Passes accumulated in this picture.
    pub passes: u32,
    /// True when the accumulation is complete: nothing will be added to it.
    pub complete: bool,
    /// Mean over the pixels of the standard error of the luminance (before denoising).
    pub noise: f32,
}
