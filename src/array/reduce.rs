//! Reductions: over all elements, or along an axis.

use super::eval;
use super::lanes;
use super::node::NdArray;
use super::ops::{Binary, Unary};
use super::shape::ArrayShape;
use super::values::{Dtype, Scalar, for_dtype};
use crate::{Error, Result};

/// A reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    Sum,
    Prod,
    Mean,
    Min,
    Max,
    ArgMin,
    ArgMax,
    Any,
    All,
    CountNonzero,
    Median,
}

impl Reduction {
    pub fn name(self) -> &'static str {
        match self {
            Reduction::Sum => "sum",
            Reduction::Prod => "prod",
            Reduction::Mean => "mean",
            Reduction::Min => "min",
            Reduction::Max => "max",
            Reduction::ArgMin => "argmin",
            Reduction::ArgMax => "argmax",
            Reduction::Any => "any",
            Reduction::All => "all",
            Reduction::CountNonzero => "count_nonzero",
            Reduction::Median => "median",
        }
    }
}

/// Sum with little rounding: eight running sums in runs of 1024, which are added in pairs.
pub(super) fn sum(values: &[f64]) -> f64 {
    sum_of(values, |x| x)
}

/// The same sum over a function of each element.
pub(super) fn sum_of(values: &[f64], f: impl Fn(f64) -> f64 + Copy) -> f64 {
    const RUN: usize = 1024;
    if values.len() > RUN {
        let half = (values.len() / 2).next_multiple_of(RUN);
        let (a, b) = values.split_at(half.min(values.len() - 1));
        return sum_of(a, f) + sum_of(b, f);
    }
    let mut sums = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += f(*x);
        }
    }
    let mut total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    for x in rest {
        total += f(*x);
    }
    total
}

/// The smallest (or largest) element; NaN if there is one.
fn extreme<T: PartialOrd + Copy>(values: &[T], greatest: bool) -> Option<T> {
    let mut values = values.iter().copied();
    let mut best = values.next()?;
    for x in values {
        // NaN is not equal to itself: once it is the result, it stays.
        let better = if greatest { x > best } else { x < best };
        if better || x.partial_cmp(&x).is_none() {
            best = x;
        }
        if best.partial_cmp(&best).is_none() {
            break;
        }
    }
    Some(best)
}

/// Eight extremes side by side; NaN is checked separately.
fn extreme_f64(values: &[f64], greatest: bool) -> Option<f64> {
    let mut best = [*values.first()?; 8];
    let mut nan = false;
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (best, &x) in best.iter_mut().zip(chunk) {
            nan |= x.is_nan();
            let better = if greatest { x > *best } else { x < *best };
            *best = if better { x } else { *best };
        }
    }
    if nan || rest.iter().any(|x| x.is_nan()) || best[0].is_nan() {
        return Some(f64::NAN);
    }
    extreme(&[best.as_slice(), rest].concat(), greatest)
}

/// Position of the first smallest (or largest) element, or of the first NaN.
fn arg_extreme<T: PartialOrd + Copy>(values: &[T], greatest: bool) -> usize {
    let mut best = 0;
    for (i, &x) in values.iter().enumerate() {
        let held = values[best];
        if held.partial_cmp(&held).is_none() {
            break;
        }
        let better = if greatest { x > held } else { x < held };
        if better || x.partial_cmp(&x).is_none() {
            best = i;
        }
    }
    best
}

/// The middle of the sorted elements, or the mean of the two in the middle; NaN if there is one.
pub(super) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() || values.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (low, &mut high, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    match low.iter().copied().max_by(f64::total_cmp) {
        Some(low) if !odd => (low + high) * 0.5,
        _ => high,
    }
}

fn empty(what: &str) -> Error {
    Error::script(format!("`{what}` of an array without elements"))
}

/// The result over no elements.
fn of_nothing(reduction: Reduction, dtype: Dtype) -> Result<Scalar> {
    Ok(match reduction {
        Reduction::Sum if dtype.is_float() => Scalar::F64(0.0),
        Reduction::Sum | Reduction::CountNonzero => Scalar::I64(0),
        Reduction::Prod if dtype.is_float() => Scalar::F64(1.0),
        Reduction::Prod => Scalar::I64(1),
        Reduction::Mean | Reduction::Median => Scalar::F64(f64::NAN),
        Reduction::Any => Scalar::Bool(false),
        Reduction::All => Scalar::Bool(true),
        _ => return Err(empty(reduction.name())),
    })
}

/// A reduction over all elements.
pub fn all(reduction: Reduction, array: &NdArray) -> Result<Scalar> {
    let dtype = array.dtype();
    if array.size() == 0 {
        return of_nothing(reduction, dtype);
    }
    let float = |x: f64| Scalar::F64(if dtype == Dtype::F32 { f64::from(x as f32) } else { x });
    Ok(match reduction {
        Reduction::Sum if dtype.is_float() => float(sum(&eval::fold::<f64, _>(array, |_, v| sum(v))?)),
        Reduction::Sum => {
            let add = |v: &[i64]| v.iter().fold(0i64, |a, &x| a.wrapping_add(x));
            Scalar::I64(add(&eval::fold::<i64, _>(array, |_, v| add(v))?))
        }
        Reduction::Prod if dtype.is_float() => {
            float(eval::fold::<f64, _>(array, |_, v| v.iter().product::<f64>())?.iter().product())
        }
        Reduction::Prod => {
            let product = |v: &[i64]| v.iter().fold(1i64, |a, &x| a.wrapping_mul(x));
            Scalar::I64(product(&eval::fold::<i64, _>(array, |_, v| product(v))?))
        }
        Reduction::Mean => float(sum(&eval::fold::<f64, _>(array, |_, v| sum(v))?) / array.size() as f64),
        Reduction::Min | Reduction::Max => {
            let greatest = reduction == Reduction::Max;
            if dtype.is_float() {
                let parts = eval::fold::<f64, _>(array, |_, v| extreme_f64(v, greatest))?;
                let parts: Vec<f64> = parts.into_iter().flatten().collect();
                Scalar::F64(extreme_f64(&parts, greatest).unwrap_or(f64::NAN))
            } else {
                let parts = eval::fold::<i64, _>(array, |_, v| extreme(v, greatest))?;
                let parts: Vec<i64> = parts.into_iter().flatten().collect();
                let best = extreme(&parts, greatest).unwrap_or(0);
                if dtype == Dtype::Bool { Scalar::Bool(best != 0) } else { Scalar::I64(best) }
            }
        }
        Reduction::ArgMin | Reduction::ArgMax => {
            let greatest = reduction == Reduction::ArgMax;
            let place = for_dtype!(dtype, T => {
                let parts = eval::fold::<T, _>(array, |start, v| {
                    let at = arg_extreme(v, greatest);
                    (start + at, v[at])
                })?;
                let values: Vec<T> = parts.iter().map(|p| p.1).collect();
                parts[arg_extreme(&values, greatest)].0
            });
            Scalar::I64(place as i64)
        }
        Reduction::Any => Scalar::Bool(eval::fold::<bool, _>(array, |_, v| v.contains(&true))?.contains(&true)),
        Reduction::All => Scalar::Bool(!eval::fold::<bool, _>(array, |_, v| v.contains(&false))?.contains(&true)),
        Reduction::CountNonzero => {
            let count = eval::fold::<bool, _>(array, |_, v| v.iter().filter(|x| **x).count())?;
            Scalar::I64(count.into_iter().sum::<usize>() as i64)
        }
        Reduction::Median => float(median(&mut array.to_vec::<f64>()?)),
    })
}

/// A reduction along an axis.
pub fn along(reduction: Reduction, array: &NdArray, axis: i64) -> Result<NdArray> {
    let axis = array.shape().axis(axis)?;
    let dtype = array.dtype();
    let float = if dtype == Dtype::F32 { Dtype::F32 } else { Dtype::F64 };
    let length = array.shape().dims()[axis];
    if length == 0 {
        let scalar = of_nothing(reduction, dtype)?;
        let filled = super::make::full(array.shape().without(axis), scalar)?;
        return if dtype == Dtype::F32 && scalar.dtype() == Dtype::F64 { filled.cast(dtype) } else { Ok(filled) };
    }
    let floats = |f: fn(&[f64]) -> f64| lanes::reduce::<f64, f64>(array, axis, f)?.cast(float);
    let integers = |f: fn(&[i64]) -> i64| lanes::reduce::<i64, i64>(array, axis, f);
    match reduction {
        Reduction::Sum if dtype.is_float() => floats(sum),
        Reduction::Sum => integers(|v| v.iter().fold(0, |a, &x| a.wrapping_add(x))),
        Reduction::Prod if dtype.is_float() => floats(|v| v.iter().product()),
        Reduction::Prod => integers(|v| v.iter().fold(1, |a, &x| a.wrapping_mul(x))),
        Reduction::Mean => floats(|v| sum(v) / v.len() as f64),
        Reduction::Median => lanes::reduce::<f64, f64>(array, axis, |v| median(&mut v.to_vec()))?.cast(float),
        Reduction::Min | Reduction::Max => {
            let greatest = reduction == Reduction::Max;
            for_dtype!(dtype, T => lanes::reduce::<T, T>(array, axis, |v| extreme(v, greatest).unwrap_or_default()))
        }
        Reduction::ArgMin | Reduction::ArgMax => {
            let greatest = reduction == Reduction::ArgMax;
            for_dtype!(dtype, T => lanes::reduce::<T, i64>(array, axis, |v| arg_extreme(v, greatest) as i64))
        }
        Reduction::Any => lanes::reduce::<bool, bool>(array, axis, |v| v.contains(&true)),
        Reduction::All => lanes::reduce::<bool, bool>(array, axis, |v| !v.contains(&false)),
        Reduction::CountNonzero => lanes::reduce::<bool, i64>(array, axis, |v| v.iter().filter(|x| **x).count() as i64),
    }
}

/// Variance of all elements; the sum of squares is divided by their number less `ddof`.
pub fn variance(array: &NdArray, ddof: f64) -> Result<f64> {
    let mean = all(Reduction::Mean, array)?;
    let square = squares(array, mean.into())?;
    let sum = all(Reduction::Sum, &square)?.float();
    let variance = sum / (array.size() as f64 - ddof).max(0.0);
    Ok(if array.dtype() == Dtype::F32 { f64::from(variance as f32) } else { variance })
}

/// Variance along an axis.
pub fn variance_along(array: &NdArray, axis: i64, ddof: f64) -> Result<NdArray> {
    let at = array.shape().axis(axis)?;
    let mean = along(Reduction::Mean, array, axis)?;
    let mean = mean.reshaped(array.shape().with(at, 1))?;
    let sum = along(Reduction::Sum, &squares(array, mean.into())?, axis)?;
    let count = (array.shape().dims()[at] as f64 - ddof).max(0.0);
    NdArray::binary(Binary::Div, sum.into(), Scalar::F64(count).into())
}

fn squares(array: &NdArray, mean: super::Operand) -> Result<NdArray> {
    NdArray::unary(Unary::Square, &NdArray::binary(Binary::Sub, array.clone().into(), mean)?)
}

/// Quantiles: values below which the given fractions (0 to 1) of the elements lie, interpolated linearly.
pub fn quantiles(array: &NdArray, parts: &[f64]) -> Result<Vec<f64>> {
    let mut values = array.to_vec::<f64>()?;
    if values.is_empty() {
        return Err(empty("percentile"));
    }
    let mut found = vec![0.0; parts.len()];
    fill_quantiles(&mut values, parts, &mut found);
    Ok(found)
}

/// The quantiles of each lane along an axis: an array whose first axis is that of the fractions, without the lanes'
/// axis.
pub fn quantiles_along(array: &NdArray, parts: &[f64], axis: i64) -> Result<NdArray> {
    let axis = array.shape().axis(axis)?;
    if array.shape().dims()[axis] == 0 {
        return Err(empty("percentile"));
    }
    let found = lanes::lanes::<f64, f64>(array, axis, parts.len(), |lane, to| {
        fill_quantiles(&mut lane.to_vec(), parts, to);
    })?;
    let others = (0..array.shape().axes()).filter(|&other| other != axis);
    super::index::transpose(&found, &std::iter::once(axis).chain(others).collect::<Vec<_>>())
}

fn fill_quantiles(values: &mut [f64], parts: &[f64], to: &mut [f64]) {
    if values.iter().any(|x| x.is_nan()) {
        return to.fill(f64::NAN);
    }
    values.sort_unstable_by(f64::total_cmp);
    for (to, &part) in to.iter_mut().zip(parts) {
        *to = at_quantile(values, part);
    }
}

fn at_quantile(sorted: &[f64], quantile: f64) -> f64 {
    let place = quantile * (sorted.len() - 1) as f64;
    let below = place.floor();
    let (low, part) = (sorted[below as usize], place - below);
    // An infinite neighbour does not affect a quantile that falls exactly on an element.
    if part == 0.0 {
        return low;
    }
    let high = sorted[(below as usize + 1).min(sorted.len() - 1)];
    if low == high {
        return low;
    }
    // As NumPy does: from the nearer end, so that both ends are exact.
    let step = high - low;
    if part >= 0.5 { high - step * (1.0 - part) } else { low + step * part }
}

/// Histogram: how many elements fall into each of `bins` equal parts of a range, and the edges between them. The last
/// part includes its upper edge; elements outside of the range do not count.
pub fn histogram(array: &NdArray, bins: usize, range: Option<(f64, f64)>) -> Result<(NdArray, NdArray)> {
    if bins == 0 {
        return Err(Error::script("`histogram` wants at least 1 bin"));
    }
    let (low, high) = match range {
        Some(range) => range,
        None if array.size() == 0 => (0.0, 1.0),
        None => (all(Reduction::Min, array)?.float(), all(Reduction::Max, array)?.float()),
    };
    if !(low.is_finite() && high.is_finite() && low <= high) {
        return Err(Error::script(format!("`histogram` has no range from {low} to {high}"))
            .hint("give it as `#{ range: [low, high] }`"));
    }
    let (low, high) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
    let edges = super::make::linspace(low, high, bins + 1, true)?;
    let marks = edges.to_vec::<f64>()?;
    let scale = bins as f64 / (high - low);
    let parts = eval::fold::<f64, _>(array, |_, values| {
        let mut counts = std::collections::BTreeMap::<usize, i64>::new();
        for &x in values.iter().filter(|x| (low..=high).contains(*x)) {
            let mut bin = (((x - low) * scale) as usize).min(bins - 1);
            // Rounding may have chosen the neighbouring bin.
            if x < marks[bin] {
                bin -= 1;
            } else if x >= marks[bin + 1] && bin + 1 < bins {
                bin += 1;
            }
            *counts.entry(bin).or_default() += 1;
        }
        counts
    })?;
    let mut counts = super::space::room::<i64>(bins)?;
    counts.resize(bins, 0);
    for (bin, count) in parts.into_iter().flatten() {
        counts[bin] += count;
    }
    Ok((NdArray::from_vec(ArrayShape::line(bins), counts)?, edges))
}
