//! Tests of randomness: chi-square of samples against a density, and images against images.

use plotrt::cancel::CancelToken;
use plotrt::device::{Develop, Device};
use plotrt::scene::Scene;

/// Independent random numbers in [0, 1): not the kernels' own, which are stratified and would fit too well.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    /// The next number of SplitMix64.
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.next()
    }
}

/// Deviation of the counts in bins of equal probability from equal counts: in standard deviations, by Wilson and
/// Hilferty's approximation of the chi-square distribution. Above 4: not from that density, with a risk of error of
/// 3e-5.
pub fn chi_square_sigmas(counts: &[u32]) -> f64 {
    let total: f64 = counts.iter().map(|&c| f64::from(c)).sum();
    let expected = total / counts.len() as f64;
    assert!(expected >= 5.0, "too few samples for the test to say anything");
    let chi2: f64 = counts.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
    let k = counts.len() as f64 - 1.0;
    let spread = 2.0 / (9.0 * k);
    ((chi2 / k).cbrt() - (1.0 - spread)) / spread.sqrt()
}

/// The same for bins of different probabilities, of which the expected counts are known. Bins with few are put together.
pub fn chi_square_sigmas_of(counts: &[u32], expected: &[f64]) -> f64 {
    let (mut chi2, mut bins) = (0.0, 0.0);
    let mut rest = (0.0, 0.0);
    let mut add = |count: f64, expected: f64| {
        chi2 += (count - expected).powi(2) / expected;
        bins += 1.0;
    };
    for (&count, &expected) in counts.iter().zip(expected) {
        if expected < 20.0 {
            rest = (rest.0 + f64::from(count), rest.1 + expected);
        } else {
            add(f64::from(count), expected);
        }
    }
    if rest.1 >= 20.0 {
        add(rest.0, rest.1);
    }
    let k: f64 = bins - 1.0;
    assert!(k >= 5.0, "too few samples for the test to say anything");
    let spread = 2.0 / (9.0 * k);
    ((chi2 / k).cbrt() - (1.0 - spread)) / spread.sqrt()
}

/// Counts points of the unit square in a grid of cells.
pub struct Histogram {
    side: usize,
    pub counts: Vec<u32>,
}

impl Histogram {
    pub fn new(side: usize) -> Self {
        Histogram { side, counts: vec![0; side * side] }
    }
    /// Coordinates outside of [0, 1] by a rounding error count as inside.
    pub fn add(&mut self, x: f32, y: f32) {
        assert!((-1e-4..=1.0001).contains(&x) && (-1e-4..=1.0001).contains(&y), "({x}, {y}) is outside");
        let cell = |c: f32| ((c.max(0.0) * self.side as f32) as usize).min(self.side - 1);
        self.counts[cell(y) * self.side + cell(x)] += 1;
    }
}

/// A noisy image, estimated from independent images of the same scene: RGB each, interleaved, rows from the top.
#[derive(Clone)]
pub struct Estimate {
    pub images: Vec<Vec<f32>>,
}

/// Mean of a value over all images, and the variance of that mean.
#[derive(Clone, Copy)]
struct Measured {
    mean: f64,
    variance: f64,
}

impl Estimate {
    fn values(&self) -> usize {
        self.images[0].len()
    }

    /// The mean of some values of the image.
    fn measure(&self, values: impl Iterator<Item = usize> + Clone) -> Measured {
        let count = values.clone().count() as f64;
        let of_each = self.images.iter().map(|image| values.clone().map(|i| f64::from(image[i])).sum::<f64>() / count);
        let n = self.images.len() as f64;
        let mean = of_each.clone().sum::<f64>() / n;
        let squares: f64 = of_each.map(|x| (x - mean).powi(2)).sum();
        Measured { mean, variance: squares / (n - 1.0) / n }
    }
}

/// Renders independent images.
pub fn estimate(device: &mut dyn Device, scene: &Scene, images: u32, passes: u32) -> Estimate {
    let linear =
        |device: &mut dyn Device| device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap().linear;
    estimate_by(device, scene, images, passes, 1000, linear)
}

/// Renders independent images, of which `develop` returns the values. Their seeds are `first_seed` and those that
/// follow.
pub fn estimate_by(
    device: &mut dyn Device,
    scene: &Scene,
    images: u32,
    passes: u32,
    first_seed: u64,
    develop: impl Fn(&mut dyn Device) -> Vec<f32>,
) -> Estimate {
    device.apply(scene).unwrap();
    let image = |k| {
        device.restart(first_seed + u64::from(k));
        assert_eq!(device.trace(0..passes, &CancelToken::new()).unwrap(), passes);
        develop(device)
    };
    Estimate { images: (0..images).map(image).collect() }
}

/// Share of values that may differ by more than `OUTLIER` standard errors.
const OUTLIERS_ALLOWED: f64 = 0.0025;
/// Exceeded with probability 0.0014 by Student's t with 30 degrees of freedom (two estimates of 16 images).
const OUTLIER: f64 = 3.5;
/// No value may differ by more standard errors: probability 1e-8 each.
const IMPOSSIBLE: f64 = 8.0;
/// Pixels in a row whose means are compared, too: faults in a part of the image are lost in the whole.
const STRETCH: usize = 64;
/// These means may differ by this many standard errors: probability 9e-8 each, and there are 192 of them in 64x64
/// pixels.
const STRETCH_SIGMAS: f64 = 7.0;
/// The images' means of a channel may differ by this many standard errors: probability 2e-5.
const MEAN_SIGMAS: f64 = 5.0;
/// Tolerance for rounding where there is no noise.
const ROUNDING: f64 = 1e-5;

/// Whether two estimates (of at least 16 images each) are of the same image: by the difference over the standard error
/// of single values, of stretches of pixels, and of the whole, each channel by itself. Otherwise fails with the
/// difference.
pub fn same_image(a: &Estimate, b: &Estimate) -> Result<(), String> {
    let count = a.values();
    if a.images.iter().chain(&b.images).any(|image| image.len() != count) {
        return Err(format!("not all images have {count} values"));
    }
    let not_finite = |image: &Vec<f32>| image.iter().position(|x| !x.is_finite());
    if let Some(i) = a.images.iter().chain(&b.images).find_map(not_finite) {
        return Err(format!("value {i} is not finite"));
    }
    let far = |what: &dyn Fn(&Estimate) -> Measured| {
        let (x, y) = (what(a), what(b));
        let error = (x.variance + y.variance).sqrt() + ROUNDING * (1.0 + x.mean.abs().max(y.mean.abs()));
        ((x.mean - y.mean).abs() / error, x.mean, y.mean)
    };
    let channel_of = |pixels: std::ops::Range<usize>, channel: usize| pixels.map(move |pixel| 3 * pixel + channel);

    let mut outliers = 0;
    for i in 0..count {
        let (sigmas, x, y) = far(&|image| image.measure(i..=i));
        if sigmas > IMPOSSIBLE {
            return Err(format!("value {i} is {x} and {y}: {sigmas} standard errors"));
        }
        outliers += usize::from(sigmas > OUTLIER);
    }
    // Their number has a Poisson distribution.
    let expected = OUTLIERS_ALLOWED * count as f64;
    if outliers as f64 > expected + 4.0 * expected.sqrt() {
        return Err(format!("{outliers} of {count} values differ by more than {OUTLIER} standard errors"));
    }
    let pixels = count / 3;
    for channel in 0..3 {
        let (sigmas, x, y) = far(&|image| image.measure(channel_of(0..pixels, channel)));
        if sigmas > MEAN_SIGMAS {
            return Err(format!("the means of channel {channel} are {x} and {y}: {sigmas} standard errors"));
        }
        for first in (0..pixels).step_by(STRETCH) {
            let stretch = first..(first + STRETCH).min(pixels);
            let (sigmas, x, y) = far(&|image| image.measure(channel_of(stretch.clone(), channel)));
            if sigmas > STRETCH_SIGMAS {
                let place = format!("{STRETCH} pixels from {first} on, channel {channel}");
                return Err(format!("the means of {place}, are {x} and {y}: {sigmas} standard errors"));
            }
        }
    }
    Ok(())
}
