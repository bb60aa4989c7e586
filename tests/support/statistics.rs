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
    /// SplitMix64.
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

/// How far counts in bins of equal probability are from equal: in standard deviations, by Wilson and Hilferty's
/// approximation of the chi-square distribution. Above 4: not from that density, with a risk of error of 3e-5.
pub fn chi_square_sigmas(counts: &[u32]) -> f64 {
    let total: f64 = counts.iter().map(|&c| f64::from(c)).sum();
    let expected = total / counts.len() as f64;
    assert!(expected >= 5.0, "too few samples for the test to say anything");
    let chi2: f64 = counts.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
    let k = counts.len() as f64 - 1.0;
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
    /// Coordinates a rounding error outside of [0, 1] count as inside.
    pub fn add(&mut self, x: f32, y: f32) {
        assert!((-1e-4..=1.0001).contains(&x) && (-1e-4..=1.0001).contains(&y), "({x}, {y}) is outside");
        let cell = |c: f32| ((c.max(0.0) * self.side as f32) as usize).min(self.side - 1);
        self.counts[cell(y) * self.side + cell(x)] += 1;
    }
}

/// A noisy image: mean and variance of the mean of each channel of each pixel.
#[derive(Clone)]
pub struct Estimate {
    pub mean: Vec<f32>,
    pub variance: Vec<f32>,
}

/// Renders independent images and averages them.
pub fn estimate(device: &mut dyn Device, scene: &Scene, images: u32, passes: u32) -> Estimate {
    device.apply(scene, &super::everything(scene)).unwrap();
    let mut sum = Vec::new();
    let mut squares = Vec::new();
    for k in 0..images {
        device.restart(1000 + u64::from(k));
        assert_eq!(device.trace(passes, &CancelToken::new()).unwrap(), passes);
        let image = device.develop(true, Develop { linear: true }).unwrap().linear;
        sum.resize(image.len(), 0.0f64);
        squares.resize(image.len(), 0.0f64);
        for (i, &c) in image.iter().enumerate() {
            sum[i] += f64::from(c);
            squares[i] += f64::from(c) * f64::from(c);
        }
    }
    let n = f64::from(images);
    let variance = |(s, q): (&f64, &f64)| ((q - s * s / n) / (n - 1.0) / n).max(0.0) as f32;
    Estimate {
        mean: sum.iter().map(|s| (s / n) as f32).collect(),
        variance: sum.iter().zip(&squares).map(variance).collect(),
    }
}

/// Share of channels that may differ by more than `OUTLIER` standard errors.
const OUTLIERS_ALLOWED: f64 = 0.0025;
/// Exceeded with probability 0.0014 at 30 degrees of freedom (two estimates of 16 images).
const OUTLIER: f64 = 3.5;
/// No channel may differ by more: probability 1e-8 each.
const IMPOSSIBLE: f64 = 8.0;
/// The images' means may differ by this many standard errors: probability 6e-5.
const MEAN_SIGMAS: f64 = 4.0;
/// What rounding may do where there is no noise.
const ROUNDING: f64 = 1e-5;

/// Whether two estimates (of at least 16 images each) are of the same image; says what differs if not.
pub fn same_image(a: &Estimate, b: &Estimate) -> Result<(), String> {
    if a.mean.len() != b.mean.len() {
        return Err(format!("{} and {} values", a.mean.len(), b.mean.len()));
    }
    let (mut outliers, mut worst, mut difference, mut variance) = (0usize, (0.0, 0usize), 0.0f64, 0.0f64);
    for i in 0..a.mean.len() {
        let (x, y) = (f64::from(a.mean[i]), f64::from(b.mean[i]));
        let both = f64::from(a.variance[i]) + f64::from(b.variance[i]);
        if !x.is_finite() || !y.is_finite() || !both.is_finite() {
            return Err(format!("value {i} is {x} and {y}, with variance {both}"));
        }
        let z = (x - y).abs() / (both.sqrt() + ROUNDING * (1.0 + x.abs().max(y.abs())));
        outliers += usize::from(z > OUTLIER);
        if z > worst.0 {
            worst = (z, i);
        }
        difference += x - y;
        variance += both;
    }
    // Their number is spread as Poisson's distribution.
    let expected = OUTLIERS_ALLOWED * a.mean.len() as f64;
    let most_outliers = expected + 4.0 * expected.sqrt();
    let mean_z = difference.abs() / (variance.sqrt() + ROUNDING * a.mean.len() as f64);
    if worst.0 > IMPOSSIBLE {
        let i = worst.1;
        Err(format!("value {i} is {} and {}: {} standard errors", a.mean[i], b.mean[i], worst.0))
    } else if outliers as f64 > most_outliers {
        Err(format!("{outliers} of {} values differ by more than {OUTLIER} standard errors", a.mean.len()))
    } else if mean_z > MEAN_SIGMAS {
        Err(format!("the images' means differ by {mean_z} standard errors"))
    } else {
        Ok(())
    }
}
