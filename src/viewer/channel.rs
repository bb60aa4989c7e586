//! Channels: images of the auxiliary buffers, and of a colour for each primitive.

use super::inspect::ray_at;
use crate::array::colors;
use crate::device::{Hit, Ray};
use crate::frame::Guides;
use crate::scene::Camera;
use glam::Vec2;
use rayon::prelude::*;

/// The channel that the window shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImageChannel {
    #[default]
    Image,
    /// Albedo of the surfaces, without light.
    Albedo,
    /// Surface normals: red to the right, green up, blue towards the viewer.
    Normal,
    /// Depth: near is bright, far is dark.
    Depth,
    /// A colour for each primitive.
    Ids,
    /// Noise of each pixel: from dark (low) to bright.
    Noise,
}

/// The source of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelSource {
    /// [`Frame::rgba8`](crate::frame::Frame::rgba8).
    Image,
    /// [`Frame::guides`](crate::frame::Frame::guides), with [`guided`].
    Guides,
    /// First hits of the rays of [`rays`], with [`ids`].
    Hits,
}

/// Display gamma of the channels.
const GAMMA: f32 = 2.2;
/// Brightness of the largest depth, so that it differs from the background.
const FARTHEST: f32 = 0.08;
/// Share of the pixels at either end that may lie outside of the displayed range.
const OUTSIDE: f64 = 0.01;
/// Largest ratio of the brightest to the darkest noise, in powers of ten.
const DECADES: f32 = 3.0;
const OPAQUE: u8 = 255;

impl ImageChannel {
    pub const ALL: [ImageChannel; 6] = [
        ImageChannel::Image,
        ImageChannel::Albedo,
        ImageChannel::Normal,
        ImageChannel::Depth,
        ImageChannel::Ids,
        ImageChannel::Noise,
    ];

    pub fn name(self) -> &'static str {
        match self {
            ImageChannel::Image => "image",
            ImageChannel::Albedo => "albedo",
            ImageChannel::Normal => "normal",
            ImageChannel::Depth => "depth",
            ImageChannel::Ids => "ids",
            ImageChannel::Noise => "noise",
        }
    }

    /// The next channel, cyclically.
    pub fn next(self) -> ImageChannel {
        let place = ImageChannel::ALL.iter().position(|channel| *channel == self).unwrap_or(0);
        ImageChannel::ALL[(place + 1) % ImageChannel::ALL.len()]
    }

    pub fn source(self) -> ChannelSource {
        match self {
            ImageChannel::Image => ChannelSource::Image,
            ImageChannel::Albedo | ImageChannel::Normal | ImageChannel::Depth | ImageChannel::Noise => {
                ChannelSource::Guides
            }
            ImageChannel::Ids => ChannelSource::Hits,
        }
    }
}

/// A channel made of auxiliary buffers, as `width * height` opaque RGBA pixels of 8 bits; `None` for the others.
pub fn guided(channel: ImageChannel, guides: &Guides) -> Option<Vec<u8>> {
    Some(match channel {
        ImageChannel::Image | ImageChannel::Ids => return None,
        ImageChannel::Albedo => {
            pixels(guides.albedo.chunks_exact(3), |rgb| [0, 1, 2].map(|i| rgb[i].clamp(0.0, 1.0).powf(1.0 / GAMMA)))
        }
        // The colour is weighted by the covered part of the pixel.
        ImageChannel::Normal => pixels(guides.normal.chunks_exact(3).zip(&guides.coverage), |(normal, coverage)| {
            [0, 1, 2].map(|i| 0.5 * (normal[i] + coverage))
        }),
        ImageChannel::Depth => {
            let (near, far) = range(&guides.depth, OUTSIDE).unwrap_or((0.0, 1.0));
            pixels(guides.depth.iter().zip(&guides.coverage), |(depth, coverage)| {
                if *coverage <= 0.0 {
                    return [0.0; 3];
                }
                let place = if far > near { ((depth - near) / (far - near)).clamp(0.0, 1.0) } else { 0.0 };
                [(1.0 - place * (1.0 - FARTHEST)) * coverage; 3]
            })
        }
        ImageChannel::Noise => noise(&guides.noise),
    })
}

/// Noise on a logarithmic scale: black where there is none, the brightest value where it is not known yet.
fn noise(noise: &[f32]) -> Vec<u8> {
    let map = colors::table("viridis").unwrap_or_default();
    let known: Vec<f32> = noise.iter().filter(|x| **x > 0.0).map(|x| x.log10()).collect();
    let (low, high) = range(&known, OUTSIDE).unwrap_or((0.0, 1.0));
    let low = low.max(high - DECADES);
    pixels(noise.iter(), |&x| {
        if x <= 0.0 || map.is_empty() {
            return [0.0; 3];
        }
        let place = if high > low { ((x.log10() - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
        let place = if x.is_finite() { place } else { 1.0 };
        map[(place * (map.len() - 1) as f32) as usize].map(|c| c as f32)
    })
}

/// The range of the finite values, without the share `outside` at either end.
fn range(values: &[f32], outside: f64) -> Option<(f32, f32)> {
    let mut finite: Vec<f32> = values.iter().copied().filter(|x| x.is_finite()).collect();
    let last = finite.len().checked_sub(1)?;
    let cut = (last as f64 * outside) as usize;
    let (_, low, _) = finite.select_nth_unstable_by(cut, f32::total_cmp);
    let low = *low;
    let (_, high, _) = finite.select_nth_unstable_by(last - cut, f32::total_cmp);
    Some((low, *high))
}

/// Rays through the centres of all pixels, row by row from the top.
pub fn rays(camera: &Camera, (width, height): (u32, u32)) -> Vec<Ray> {
    let size = Vec2::new(width as f32, height as f32);
    let through = |i: u64| {
        let (x, y) = (i % u64::from(width), i / u64::from(width));
        ray_at(camera, Vec2::new(x as f32 + 0.5, y as f32 + 0.5), size)
    };
    (0..u64::from(width) * u64::from(height)).into_par_iter().map(through).collect()
}

/// The image of first hits: a colour for each primitive, the same in every image, black for no hit.
pub fn ids(hits: &[Option<Hit>]) -> Vec<u8> {
    pixels(hits.iter(), |hit| hit.map_or([0.0; 3], |hit| id_color(hit.plot, hit.primitive)))
}

/// A bright colour whose hue differs from those of nearby indices: hues of a plot advance by the golden angle.
fn id_color(plot: u32, primitive: u32) -> [f32; 3] {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    const OF_PLOTS: f64 = 0.381_966_011_250_105 * 0.5;
    let hue = (f64::from(primitive) * GOLDEN + f64::from(plot) * OF_PLOTS).fract() as f32;
    // Plots also differ in lightness, and so do successive rounds through the hues.
    let value = [1.0, 0.75, 0.55][(primitive as usize / 13 + plot as usize) % 3];
    let saturation = [0.55, 0.85][plot as usize / 3 % 2];
    // Conversion from HSV.
    [5.0, 3.0, 1.0].map(|n: f32| {
        let k = (n + hue * 6.0) % 6.0;
        value * (1.0 - saturation * k.min(4.0 - k).clamp(0.0, 1.0))
    })
}

/// Opaque 8-bit pixels from display values in [0, 1].
fn pixels<T>(values: impl Iterator<Item = T>, color: impl Fn(T) -> [f32; 3]) -> Vec<u8> {
    let mut rgba = Vec::with_capacity(4 * values.size_hint().0);
    for value in values {
        rgba.extend(color(value).map(|c| (c.clamp(0.0, 1.0) * 255.0 + 0.5) as u8));
        rgba.push(OPAQUE);
    }
    rgba
}

#[cfg(test)]
mod tests;
