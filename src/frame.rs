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
    /// What is known of each pixel beside its colour; only if it was asked for.
    pub guides: Option<Guides>,
}

/// What the film knows of each pixel beside its colour: of what camera rays met first, and how well the colour is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Guides {
    pub width: u32,
    pub height: u32,
    /// Colour of the surfaces, linear RGB, of lights what they shine up to 1: `width * height * 3`. Means over all passes,
    /// which are black where a ray met nothing.
    pub albedo: Vec<f32>,
    /// Normals of the surfaces on the side that is seen, in the camera's space (x right, y up, z towards the viewer):
    /// `width * height * 3`. Means over all passes, so shorter than 1 where normals differ or a ray met nothing.
    pub normal: Vec<f32>,
    /// Distance from the eye along the camera's axis, scene units: `width * height`. Means over the passes that met
    /// something; infinite where none did.
    pub depth: Vec<f32>,
    /// Share of the passes that met something, in [0, 1]: `width * height`.
    pub coverage: Vec<f32>,
    /// Standard error of the luminance, linear, before denoising: `width * height`. Infinite before the second pass.
    pub noise: Vec<f32>,
}

impl Guides {
    /// Of a film without a pass.
    pub fn of_nothing(width: u32, height: u32) -> Guides {
        let pixels = width as usize * height as usize;
        Guides {
            width,
            height,
            albedo: vec![0.0; 3 * pixels],
            normal: vec![0.0; 3 * pixels],
            depth: vec![f32::INFINITY; pixels],
            coverage: vec![0.0; pixels],
            noise: vec![f32::INFINITY; pixels],
        }
    }
}
