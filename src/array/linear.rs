//! Vectors and matrices.

use super::index::{self, Index};
use super::lanes;
use super::node::NdArray;
use super::ops::Binary;
use super::random::vector;
use super::reduce;
use super::shape::ArrayShape;
use super::space::Scope;
use super::values::{Dtype, Scalar};
use super::{Operand, math};
use crate::{Error, Result};
use nalgebra::{DMatrix, Dyn, LU};
use rayon::prelude::*;

/// Rows and columns beyond which matrices are not decomposed: that needs a dedicated library.
const LARGEST: usize = 400;

/// NumPy's `dot` and `matmul` of arrays with one or two axes.
pub fn matmul(a: &NdArray, b: &NdArray) -> Result<NdArray> {
    let (left, right) = (a.shape(), b.shape());
    let wrong = || {
        Error::script(format!("matrices of shapes {left} and {right} cannot be multiplied"))
            .hint("columns of the first and rows of the second must be as many")
    };
    let (rows, shared) = match left.dims() {
        [n] => (1, *n),
        [m, n] => (*m, *n),
        _ => return Err(wrong()),
    };
    let (other, columns) = match right.dims() {
        [n] => (*n, 1),
        [n, m] => (*n, *m),
        _ => return Err(wrong()),
    };
    if shared != other {
        return Err(wrong());
    }
    let shape = match (left.axes(), right.axes()) {
        (1, 1) => ArrayShape::SCALAR,
        (1, _) => ArrayShape::line(columns),
        (_, 1) => ArrayShape::line(rows),
        _ => ArrayShape::new(&[rows, columns])?,
    };
    let result = match a.dtype().promote(b.dtype()) {
        Dtype::Bool | Dtype::I64 => {
            let mut out = super::space::room::<i64>(rows * columns)?;
            out.resize(rows * columns, 0);
            a.with::<i64, _>(|a| {
                b.with::<i64, _>(|b| multiply(&mut out, a, b, shared, columns, i64::wrapping_mul, i64::wrapping_add))
            })???;
            NdArray::from_vec(shape, out)?
        }
        _ => {
            let mut out = super::space::room::<f64>(rows * columns)?;
            out.resize(rows * columns, 0.0);
            a.with::<f64, _>(|a| {
                b.with::<f64, _>(|b| multiply(&mut out, a, b, shared, columns, |x, y| x * y, |x, y| x + y))
            })???;
            NdArray::from_vec(shape, out)?
        }
    };
    match a.dtype().promote(b.dtype()) {
        Dtype::F32 => result.cast(Dtype::F32),
        Dtype::Bool => result.cast(Dtype::Bool),
        _ => Ok(result),
    }
}

fn multiply<T: Copy + Send + Sync>(
    out: &mut [T],
    a: &[T],
    b: &[T],
    shared: usize,
    columns: usize,
    times: impl Fn(T, T) -> T + Sync,
    plus: impl Fn(T, T) -> T + Sync,
) -> Result<()> {
    if columns == 0 || shared == 0 {
        return Ok(());
    }
    let Scope { space, watch, .. } = Scope::current();
    let row = |(i, to): (usize, &mut [T])| {
        watch.check()?;
        for (k, &x) in a[i * shared..(i + 1) * shared].iter().enumerate() {
            for (to, &y) in to.iter_mut().zip(&b[k * columns..(k + 1) * columns]) {
                *to = plus(*to, times(x, y));
            }
        }
        Ok(())
    };
    if out.len() * shared < 1 << 16 {
        return out.chunks_mut(columns).enumerate().try_for_each(row);
    }
    space.install(|| out.par_chunks_mut(columns).with_min_len(64).enumerate().try_for_each(row))
}

/// A coordinate of vectors along the last axis.
fn coordinate(array: &NdArray, i: usize) -> Result<NdArray> {
    let mut wanted = vec![Index::ALL; array.shape().axes() - 1];
    wanted.push(Index::At(i as i64));
    index::get(array, &wanted)
}

/// The cross products of vectors of three along the last axis, with broadcasting.
pub fn cross(a: &NdArray, b: &NdArray) -> Result<NdArray> {
    for array in [a, b] {
        if array.shape().dims().last() != Some(&3) {
            return Err(Error::script(format!("`cross` of an array of shape {}", array.shape()))
                .hint("the last axis has three coordinates"));
        }
    }
    let part = |i: usize, j: usize| -> Result<NdArray> {
        let product = |i, j| NdArray::binary(Binary::Mul, coordinate(a, i)?.into(), coordinate(b, j)?.into());
        NdArray::binary(Binary::Sub, product(i, j)?.into(), product(j, i)?.into())
    };
    let parts = [part(1, 2)?, part(2, 0)?, part(0, 1)?];
    index::stack(&parts, -1)
}

/// Length of a vector, also where its squares are too large or too small for a float.
fn length(v: &[f64]) -> f64 {
    let squares = reduce::sum_of(v, |x| x * x);
    if (1e-280..1e300).contains(&squares) || squares.is_nan() {
        return squares.sqrt();
    }
    let largest = v.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
    if largest == 0.0 || largest.is_infinite() {
        return largest;
    }
    let size = exponent([largest].iter());
    scaled(reduce::sum_of(v, |x| scaled(x, -size).powi(2)).sqrt(), size)
}

/// Length of all elements as one vector.
pub fn norm(array: &NdArray) -> Result<Scalar> {
    let dtype = floats(array)?.dtype();
    let lengths = super::eval::fold::<f64, _>(array, |_, v| length(v))?;
    let length = length(&lengths);
    Ok(Scalar::F64(if dtype == Dtype::F32 { f64::from(length as f32) } else { length }))
}

/// Lengths of vectors along an axis.
pub fn norm_along(array: &NdArray, axis: i64) -> Result<NdArray> {
    let at = array.shape().axis(axis)?;
    let dtype = floats(array)?.dtype();
    lanes::reduce::<f64, f64>(array, at, length)?.cast(dtype)
}

fn floats(array: &NdArray) -> Result<NdArray> {
    if array.dtype().is_float() { Ok(array.clone()) } else { array.cast(Dtype::F64) }
}

/// Normalises vectors along the last axis; those of length 0 stay as they are.
pub fn normalize(array: &NdArray) -> Result<NdArray> {
    let last = array.shape().axis(-1)?;
    let length = norm_along(array, -1)?.reshaped(array.shape().with(last, 1))?;
    let zero = NdArray::binary(Binary::Eq, length.clone().into(), Scalar::F64(0.0).into())?;
    let divisor = NdArray::select(&zero, Scalar::F64(1.0).into(), length.into())?;
    NdArray::binary(Binary::Div, array.clone().into(), divisor.into())
}

/// A matrix scaled by a power of two, so that its largest number is about 1, and the exponent that undoes the scaling.
pub(super) fn normalized(matrix: DMatrix<f64>) -> (DMatrix<f64>, i32) {
    let size = exponent(matrix.iter());
    (matrix.map(|x| scaled(x, -size)), size)
}

fn matrix(array: &NdArray, what: &str) -> Result<DMatrix<f64>> {
    let [rows, columns] = array.shape().dims()[..] else {
        return Err(Error::script(format!("`{what}` of an array of shape {}, it wants a matrix", array.shape())));
    };
    if rows.max(columns) > LARGEST {
        return Err(Error::limit(format!("`{what}` of a matrix of {rows} rows, the most is {LARGEST}")));
    }
    Ok(DMatrix::from_row_slice(rows, columns, &array.to_vec::<f64>()?))
}

pub(super) fn square(array: &NdArray, what: &str) -> Result<DMatrix<f64>> {
    let matrix = matrix(array, what)?;
    if !matrix.is_square() {
        return Err(Error::script(format!("`{what}` of a matrix of shape {}, it wants a square one", array.shape())));
    }
    if matrix.iter().any(|x| !x.is_finite()) {
        return Err(Error::script(format!("`{what}` of a matrix that holds numbers that are not finite")));
    }
    Ok(matrix)
}

fn from_matrix(matrix: &DMatrix<f64>) -> Result<NdArray> {
    let shape = ArrayShape::new(&[matrix.nrows(), matrix.ncols()])?;
    NdArray::from_vec(shape, matrix.transpose().as_slice().to_vec())
}

/// A matrix whose rows and columns have been scaled by powers of two, so that the largest number of each is about 1.
/// The scaling is exact, and computations with the result meet neither tiny nor huge numbers.
struct Balanced {
    matrix: DMatrix<f64>,
    /// The exponents: element (i, j) of the original is `matrix[(i, j)] * 2^(rows[i] + columns[j])`.
    rows: Vec<i32>,
    columns: Vec<i32>,
}

/// `x * 2^n`.
pub(super) fn scaled(x: f64, n: i32) -> f64 {
    libm::ldexp(x, n)
}

/// The exponent of the largest of some numbers; 0 where all are 0.
fn exponent<'a>(values: impl Iterator<Item = &'a f64>) -> i32 {
    match values.fold(0.0f64, |largest, x| largest.max(x.abs())) {
        0.0 => 0,
        largest => libm::frexp(largest).1,
    }
}

/// Exponents of rows and columns whose sums are nearest to those of the numbers (A. R. Curtis, J. K. Reid, 1972): a
/// matrix with different units per column is distinguished from one with different units per row.
fn common_sizes(matrix: &DMatrix<f64>) -> (Vec<i32>, Vec<i32>) {
    const SWEEPS: usize = 8;
    let exponents = matrix.map(|x| if x == 0.0 { f64::NAN } else { f64::from(libm::frexp(x).1) });
    let (mut rows, mut columns) = (vec![0.0f64; matrix.nrows()], vec![0.0f64; matrix.ncols()]);
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.filter(|x| !x.is_nan()).fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
        if count == 0.0 { 0.0 } else { sum / count }
    };
    for _ in 0..SWEEPS {
        for (i, row) in rows.iter_mut().enumerate() {
            *row = mean(&mut columns.iter().enumerate().map(|(j, column)| exponents[(i, j)] - column));
        }
        for (j, column) in columns.iter_mut().enumerate() {
            *column = mean(&mut rows.iter().enumerate().map(|(i, row)| exponents[(i, j)] - row));
        }
    }
    let whole = |sizes: Vec<f64>| sizes.into_iter().map(|n| n.round() as i32).collect();
    (whole(rows), whole(columns))
}

impl Balanced {
    fn new(mut matrix: DMatrix<f64>) -> Balanced {
        let (mut rows, mut columns) = common_sizes(&matrix);
        for j in 0..columns.len() {
            for i in 0..rows.len() {
                matrix[(i, j)] = scaled(matrix[(i, j)], -rows[i] - columns[j]);
            }
        }
        for (mut row, size) in matrix.row_iter_mut().zip(&mut rows) {
            let n = exponent(row.iter());
            row.iter_mut().for_each(|x| *x = scaled(*x, -n));
            *size += n;
        }
        for (mut column, size) in matrix.column_iter_mut().zip(&mut columns) {
            let n = exponent(column.iter());
            column.iter_mut().for_each(|x| *x = scaled(*x, -n));
            *size += n;
        }
        Balanced { matrix, rows, columns }
    }

    /// The LU decomposition, unless rows are linearly dependent up to rounding.
    fn decomposed(&self, what: &str) -> Result<LU<f64, Dyn, Dyn>> {
        let lu = self.matrix.clone().lu();
        let least = f64::EPSILON * self.matrix.nrows() as f64;
        match lu.u().diagonal().iter().all(|pivot| pivot.abs() > least) {
            true => Ok(lu),
            false => Err(singular(what)),
        }
    }
}

fn singular(what: &str) -> Error {
    Error::script(format!("`{what}` of a singular matrix")).hint("its rows depend on one another: it has no inverse")
}

pub fn inverse(array: &NdArray) -> Result<NdArray> {
    let balanced = Balanced::new(square(array, "inv")?);
    balanced.decomposed("inv")?;
    let mut inverse = balanced.matrix.clone().try_inverse().ok_or_else(|| singular("inv"))?;
    for (j, mut column) in inverse.column_iter_mut().enumerate() {
        for (i, x) in column.iter_mut().enumerate() {
            // Adding 0 turns -0 into 0.
            *x = scaled(*x, -balanced.columns[i] - balanced.rows[j]) + 0.0;
        }
    }
    from_matrix(&inverse)
}

pub fn determinant(array: &NdArray) -> Result<f64> {
    let balanced = Balanced::new(square(array, "det")?);
    let exponents = balanced.rows.iter().chain(&balanced.columns).map(|&n| i64::from(n)).sum::<i64>();
    // Beyond these there are only 0 and infinity.
    Ok(scaled(balanced.matrix.determinant(), exponents.clamp(-10_000, 10_000) as i32))
}

/// Solves for the vector that the matrix maps to `b`: one vector, or one for each column.
pub fn solve(a: &NdArray, b: &NdArray) -> Result<NdArray> {
    let balanced = Balanced::new(square(a, "solve")?);
    let (rows, columns) = match b.shape().dims() {
        [n] => (*n, 1),
        [n, m] => (*n, *m),
        _ => (0, 0),
    };
    if rows != balanced.matrix.nrows() {
        return Err(Error::script(format!("`solve` of shapes {} and {}", a.shape(), b.shape()))
            .hint("the right side has one row for each row of the matrix"));
    }
    let mut right = DMatrix::from_row_slice(rows, columns, &b.to_vec::<f64>()?);
    let mut sizes = Vec::with_capacity(columns);
    for mut column in right.column_iter_mut() {
        // The row with the largest number after all rows are scaled.
        let size = |(x, n): (&f64, &i32)| if *x == 0.0 { None } else { Some(libm::frexp(*x).1 - n) };
        let size = column.iter().zip(&balanced.rows).filter_map(size).max().unwrap_or(0);
        column.iter_mut().zip(&balanced.rows).for_each(|(x, n)| *x = scaled(*x, -n - size));
        sizes.push(size);
    }
    let mut solution = balanced.decomposed("solve")?.solve(&right).ok_or_else(|| singular("solve"))?;
    for (mut column, size) in solution.column_iter_mut().zip(sizes) {
        column.iter_mut().zip(&balanced.columns).for_each(|(x, n)| *x = scaled(*x, size - n));
    }
    from_matrix(&solution)?.reshaped(b.shape())
}

/// Eigenvalues of a symmetric matrix, ascending, and its eigenvectors as columns.
pub fn eigen(array: &NdArray) -> Result<(NdArray, NdArray)> {
    let matrix = square(array, "eigh")?;
    let largest = matrix.amax();
    if matrix.iter().zip(matrix.transpose().iter()).any(|(a, b)| (a - b).abs() > 1e-8 * largest) {
        return Err(Error::script("`eigh` of a matrix that is not symmetric"));
    }
    let (matrix, size) = normalized(matrix);
    let eigen = matrix.symmetric_eigen();
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
    let values = order.iter().map(|&i| scaled(eigen.eigenvalues[i], size)).collect();
    let vectors = eigen.eigenvectors.select_columns(&order);
    // The sign of an eigenvector is free: its largest component is positive.
    let mut vectors = vectors;
    for mut column in vectors.column_iter_mut() {
        if column[column.iamax()] < 0.0 {
            column.neg_mut();
        }
    }
    Ok((NdArray::from_vec(ArrayShape::line(order.len()), values)?, from_matrix(&vectors)?))
}

/// The rotation matrix for column vectors by an angle (radians) about an axis, counter-clockwise when looking against
/// it (Rodrigues' formula).
pub fn rotation(axis: [f64; 3], angle: f64) -> Result<NdArray> {
    let length = (axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]).sqrt();
    if !(length > 0.0 && length.is_finite()) {
        return Err(Error::script("a rotation about an axis without a direction"));
    }
    let [x, y, z] = axis.map(|a| a / length);
    let (sin, cos) = (math::sin(angle), math::cos(angle));
    let t = 1.0 - cos;
    NdArray::from_vec(
        ArrayShape::new(&[3, 3])?,
        vec![
            t * x * x + cos,
            t * x * y - sin * z,
            t * x * z + sin * y,
            t * x * y + sin * z,
            t * y * y + cos,
            t * y * z - sin * x,
            t * x * z - sin * y,
            t * y * z + sin * x,
            t * z * z + cos,
        ],
    )
}

/// Points (rows of three) rotated by an angle (radians) about an axis through the origin.
pub fn rotate(points: &NdArray, axis: [f64; 3], angle: f64) -> Result<NdArray> {
    matmul(points, &index::transpose(&rotation(axis, angle)?, &[1, 0])?)
}

/// Linear interpolation between known values; beyond the ends the result is `ends`, or the nearest known value. At a
/// known position the result is its value, and where positions are equal that of the last one. Values that are not
/// finite affect only the intervals next to them.
pub fn interp(x: &Operand, known: &NdArray, values: &NdArray, ends: [Option<f64>; 2]) -> Result<NdArray> {
    let (at, values) = (known.to_vec::<f64>()?, values.to_vec::<f64>()?);
    if at.is_empty() || at.len() != values.len() {
        return Err(Error::script(format!("`interp` has {} places and {} values", at.len(), values.len()))
            .hint("there is one value for each place, and at least one"));
    }
    if at.iter().any(|x| x.is_nan()) || at.windows(2).any(|pair| pair[0] > pair[1]) {
        return Err(Error::script("`interp` wants places that increase")
            .hint("sort both alike: `let i = xp.argsort(); interp(x, xp[i], fp[i])`"));
    }
    let x = x.array()?;
    let last = at.len() - 1;
    let (low, high) = (ends[0].unwrap_or(values[0]), ends[1].unwrap_or(values[last]));
    let between = |x: f64| {
        if x.is_nan() {
            return x;
        }
        let right = at.partition_point(|&p| p <= x);
        if right == 0 {
            return low;
        }
        let left = right - 1;
        if at[left] == x {
            return values[left];
        }
        if left == last {
            return high;
        }
        let slope = (values[right] - values[left]) / (at[right] - at[left]);
        let from_left = slope * (x - at[left]) + values[left];
        if !from_left.is_nan() {
            return from_left;
        }
        // As NumPy does where infinities meet.
        let from_right = slope * (x - at[right]) + values[right];
        if from_right.is_nan() && values[left] == values[right] { values[left] } else { from_right }
    };
    let results = x.with::<f64, _>(|x| vector(x.len(), |i| between(x[i])))??;
    NdArray::from_vec(x.shape(), results)
}
