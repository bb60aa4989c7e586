//! A developed image: what a device makes from its film, and what scripts, windows and files read.

/// One developed image. Rows run from the top to the bottom.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
    /// The final image, `width * height * 4` bytes, RGBA, after all post-processing stages.
    pub rgba8: Vec<u8>,
    /// Linear radiance before exposure and gamma, `width * height * 3`; empty unless it was requested. It is denoised
    /// if the scene has a denoising stage, but not by `OIDenoiser`, which comes after exposure and gamma.
    pub linear: Vec<f32>,
    /// Number of passes in this image.
    pub passes: u32,
    /// True if the image is complete: no passes will be added to it.
    pub complete: bool,
    /// Mean over the pixels of the standard error of the luminance (before denoising).
    pub noise: f32,
    /// Auxiliary buffers; only if they were requested.
    pub guides: Option<Guides>,
}

/// Auxiliary buffers: data of the first hits of the camera rays, and the noise of each pixel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Guides {
    pub width: u32,
    pub height: u32,
    /// Albedo of the surfaces, linear RGB, and the radiance of lights clamped to 1: `width * height * 3`. Means over
    /// all passes, with black where a ray hit nothing.
    pub albedo: Vec<f32>,
    /// Normals of the visible side of the surfaces, in camera space (x right, y up, z towards the viewer):
    /// `width * height * 3`. Means over all passes, so shorter than 1 where normals differ or a ray hit nothing.
    pub normal: Vec<f32>,
    /// Distance from the eye along the camera's axis, scene units: `width * height`. Means over the passes that hit
    /// something; infinite where none did.
    pub depth: Vec<f32>,
    /// Share of the passes that hit something, in [0, 1]: `width * height`.
    pub coverage: Vec<f32>,
    /// Standard error of the luminance, linear, before denoising: `width * height`. Infinite before the second pass.
    pub noise: Vec<f32>,
}

impl Guides {
    /// The auxiliary buffers of a film without a pass.
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
