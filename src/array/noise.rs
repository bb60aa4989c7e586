//! Simplex noise (K. Perlin, 2001, after S. Gustavson's description of 2005) in one to four dimensions.
//!
//! Space is divided into simplices; each corner has a gradient, which follows from a hash of its coordinates, and
//! contributes to the points around it.

use super::index::{self, Index};
use super::node::NdArray;
use super::random::vector;
use crate::random::mix;
use crate::{Error, Result, array::no_broadcast};

/// Noise of about -1 to 1 at points whose coordinates are the given arrays.
pub fn simplex(coordinates: &[NdArray], seed: u64) -> Result<NdArray> {
    let Some(first) = coordinates.first() else { return Err(Error::script("noise of no coordinates")) };
    let mut shape = first.shape();
    for other in &coordinates[1..] {
        shape = shape.broadcast(&other.shape()).ok_or_else(|| no_broadcast(&shape, &other.shape()))?;
    }
    let mut axes = Vec::with_capacity(coordinates.len());
    for axis in coordinates {
        axes.push(index::broadcast(axis, &shape)?.to_vec::<f64>()?);
    }
    let values = match axes.as_slice() {
        [x] => vector(shape.size(), |i| noise([x[i]], seed)),
        [x, y] => vector(shape.size(), |i| noise([x[i], y[i]], seed)),
        [x, y, z] => vector(shape.size(), |i| noise([x[i], y[i], z[i]], seed)),
        [x, y, z, w] => vector(shape.size(), |i| noise([x[i], y[i], z[i], w[i]], seed)),
        _ => return Err(Error::script("noise has one to four coordinates")),
    };
    NdArray::from_vec(shape, values?)
}

/// The coordinates of points along the last axis: two to four. An array of one column is itself the coordinate.
pub fn coordinates(points: &NdArray) -> Result<Vec<NdArray>> {
    let shape = points.shape();
    let last = shape.axes().saturating_sub(1);
    match shape.dims().last() {
        Some(1) => Ok(vec![points.clone()]),
        Some(&count @ 2..=4) => {
            let column = |i: usize| {
                let mut wanted = vec![Index::ALL; last];
                wanted.push(Index::At(i as i64));
                index::get(points, &wanted)
            };
            (0..count).map(column).collect()
        }
        _ => Err(Error::script(format!(
            "`simplex` of an array of shape {shape}, it wants points of two to four coordinates"
        ))
        .hint("for noise in one dimension write `simplex(a.ravel()).reshape(a.shape)`")),
    }
}

/// Squared radius of a corner's influence, and the factor that scales the sum to -1 .. 1.
const fn scale(dimensions: usize) -> (f64, f64) {
    match dimensions {
        1 => (1.0, 3.16),
        2 => (0.5, 99.2),
        3 => (0.5, 76.9),
        _ => (0.5, 62.8),
    }
}

fn noise<const D: usize>(point: [f64; D], seed: u64) -> f64 {
    let n = D as f64;
    // The simplices are those of a cube that is compressed along its diagonal.
    let root = (n + 1.0).sqrt();
    let (skew, unskew) = ((root - 1.0) / n, (1.0 - 1.0 / root) / n);
    let shift = point.iter().sum::<f64>() * skew;
    let cell = point.map(|x| (x + shift).floor());
    if cell.iter().any(|c| c.abs() >= 9.0e15 || c.is_nan()) {
        return f64::NAN;
    }
    let back = cell.iter().sum::<f64>() * unskew;
    let mut origin = [0.0; D];
    for (origin, (x, c)) in origin.iter_mut().zip(point.iter().zip(&cell)) {
        *origin = x - (c - back);
    }
    // From the first corner to the last along the axes, in the order of descending coordinates.
    let mut order: [usize; D] = std::array::from_fn(|i| i);
    order.sort_by(|&a, &b| origin[b].total_cmp(&origin[a]));
    let (reach, gain) = scale(D);
    let mut corner = [0i64; D];
    let mut sum = 0.0;
    for step in 0..=D {
        if step > 0 {
            corner[order[step - 1]] = 1;
        }
        let away: [f64; D] = std::array::from_fn(|i| origin[i] - corner[i] as f64 + step as f64 * unskew);
        let left = reach - away.iter().map(|x| x * x).sum::<f64>();
        if left > 0.0 {
            let hash =
                corner.iter().zip(&cell).fold(seed, |hash, (&d, &c)| mix(hash ^ (c as i64).wrapping_add(d) as u64));
            sum += left * left * left * left * gradient(hash, &away);
        }
    }
    sum * gain
}

/// The dot product of a distance and a gradient: one of 16 slopes, or of the directions to the middles of edges.
fn gradient<const D: usize>(hash: u64, away: &[f64; D]) -> f64 {
    if D == 1 {
        let slope = 1.0 + (hash >> 1 & 7) as f64 / 8.0;
        return if hash & 1 == 0 { slope * away[0] } else { -slope * away[0] } / 8.0 * 2.53;
    }
    if D == 2 {
        let angle = (hash >> 11) as f64 * (std::f64::consts::TAU / (1u64 << 53) as f64);
        return super::math::cos(angle) * away[0] + super::math::sin(angle) * away[1];
    }
    // One coordinate is omitted, the others count with either sign.
    let skipped = (hash >> 32) as usize % D;
    let mut sum = 0.0;
    for (i, x) in away.iter().enumerate() {
        if i != skipped {
            sum += if hash >> i & 1 == 0 { *x } else { -x };
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread<const D: usize>() -> (f64, f64, f64) {
        let at = |i: u64| std::array::from_fn(|k| (mix(i * 8 + k as u64) >> 40) as f64 * 1e-4);
        let values: Vec<f64> = (0..200_000).map(|i| noise::<D>(at(i), 3)).collect();
        let low = values.iter().copied().fold(f64::MAX, f64::min);
        let high = values.iter().copied().fold(f64::MIN, f64::max);
        (low, high, values.iter().sum::<f64>() / values.len() as f64)
    }

    #[test]
    fn values_fill_the_range_about_zero() {
        for (low, high, mean) in [spread::<1>(), spread::<2>(), spread::<3>(), spread::<4>()] {
            assert!((-1.05..-0.6).contains(&low) && (0.6..1.05).contains(&high), "{low} to {high}");
            assert!(mean.abs() < 0.02, "{mean}");
        }
    }

    /// Neighbouring points have neighbouring values, also across the borders of simplices.
    #[test]
    fn noise_is_smooth() {
        let step = 1e-5;
        for i in 0..50_000 {
            let x = f64::from(i) * 0.01;
            let pairs = [
                (noise([x], 1), noise([x + step], 1)),
                (noise([x, 0.7 * x], 1), noise([x + step, 0.7 * x], 1)),
                (noise([x, 0.3, -x], 1), noise([x, 0.3 + step, -x], 1)),
                (noise([x, 0.3, -x, 2.0], 1), noise([x, 0.3, -x, 2.0 + step], 1)),
            ];
            for (a, b) in pairs {
                assert!((a - b).abs() < 1e-3, "{a} and {b} at {x}");
            }
        }
    }
}
