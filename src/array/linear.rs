//! Vectors and matrices.

use super::index::{self, Index};
use super::lanes;
use super::node::NdArray;
use super::ops::{Binary, Unary};
use super::random::vector;
use super::reduce::{self, Reduction};
use super::shape::Shape;
use super::space::Scope;
use super::values::{Dtype, Scalar};
use super::{Operand, math};
use crate::{Error, Result};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Rows and columns beyond which matrices are not taken apart: that is work for a library of its own.
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
        (1, 1) => Shape::SCALAR,
        (1, _) => Shape::line(columns),
        (_, 1) => Shape::line(rows),
        _ => Shape::new(&[rows, columns])?,
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

/// Length of all elements as one vector.
pub fn norm(array: &NdArray) -> Result<Scalar> {
    let squares = NdArray::unary(Unary::Square, &floats(array)?)?;
    Ok(Scalar::F64(reduce::all(Reduction::Sum, &squares)?.float().sqrt()))
}

/// Lengths of vectors along an axis.
pub fn norm_along(array: &NdArray, axis: i64) -> Result<NdArray> {
    let at = array.shape().axis(axis)?;
    let dtype = floats(array)?.dtype();
    let length = lanes::reduce::<f64, f64>(array, at, |v| v.iter().fold(0.0, |sum, x| sum + x * x).sqrt())?;
    length.cast(dtype)
}

fn floats(array: &NdArray) -> Result<NdArray> {
    if array.dtype().is_float() { Ok(array.clone()) } else { array.cast(Dtype::F64) }
}

/// Vectors along the last axis as unit vectors; those of length 0 stay as they are.
pub fn normalize(array: &NdArray) -> Result<NdArray> {
    let last = array.shape().axis(-1)?;
    let length = norm_along(array, -1)?.reshaped(array.shape().with(last, 1))?;
    let zero = NdArray::binary(Binary::Eq, length.clone().into(), Scalar::F64(0.0).into())?;
    let divisor = NdArray::select(&zero, Scalar::F64(1.0).into(), length.into())?;
    NdArray::binary(Binary::Div, array.clone().into(), divisor.into())
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
    let shape = Shape::new(&[matrix.nrows(), matrix.ncols()])?;
    NdArray::from_vec(shape, matrix.transpose().as_slice().to_vec())
}

fn singular(what: &str) -> Error {
    Error::script(format!("`{what}` of a singular matrix")).hint("its rows depend on one another: it has no inverse")
}

pub fn inverse(array: &NdArray) -> Result<NdArray> {
    from_matrix(&square(array, "inv")?.try_inverse().ok_or_else(|| singular("inv"))?)
}

pub fn determinant(array: &NdArray) -> Result<f64> {
    Ok(square(array, "det")?.determinant())
}

/// What a matrix turns into `b`: one vector, or one for each column.
pub fn solve(a: &NdArray, b: &NdArray) -> Result<NdArray> {
    let matrix = square(a, "solve")?;
    let (rows, columns) = match b.shape().dims() {
        [n] => (*n, 1),
        [n, m] => (*n, *m),
        _ => (0, 0),
    };
    if rows != matrix.nrows() {
        return Err(Error::script(format!("`solve` of shapes {} and {}", a.shape(), b.shape()))
            .hint("the right side has one row for each row of the matrix"));
    }
    let right = DMatrix::from_row_slice(rows, columns, &b.to_vec::<f64>()?);
    let solution = matrix.lu().solve(&right).ok_or_else(|| singular("solve"))?;
    from_matrix(&solution)?.reshaped(b.shape())
}

/// Eigenvalues of a symmetric matrix, the smallest first, and its eigenvectors as columns.
pub fn eigen(array: &NdArray) -> Result<(NdArray, NdArray)> {
    let matrix = square(array, "eigh")?;
    let largest = matrix.amax();
    if matrix.iter().zip(matrix.transpose().iter()).any(|(a, b)| (a - b).abs() > 1e-8 * largest) {
        return Err(Error::script("`eigh` of a matrix that is not symmetric"));
    }
    let eigen = matrix.symmetric_eigen();
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
    let values = order.iter().map(|&i| eigen.eigenvalues[i]).collect();
    let vectors = eigen.eigenvectors.select_columns(&order);
    // The sign of an eigenvector is free: its largest component is positive.
    let mut vectors = vectors;
    for mut column in vectors.column_iter_mut() {
        if column[column.iamax()] < 0.0 {
            column.neg_mut();
        }
    }
    Ok((NdArray::from_vec(Shape::line(order.len()), values)?, from_matrix(&vectors)?))
}

/// The matrix that turns column vectors by an angle (radians) about an axis, counter-clockwise when seen against it
/// (Rodrigues' formula).
pub fn rotation(axis: [f64; 3], angle: f64) -> Result<NdArray> {
    let length = (axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]).sqrt();
    if !(length > 0.0 && length.is_finite()) {
        return Err(Error::script("a rotation about an axis without a direction"));
    }
    let [x, y, z] = axis.map(|a| a / length);
    let (sin, cos) = (math::sin(angle), math::cos(angle));
    let t = 1.0 - cos;
    NdArray::from_vec(
        Shape::new(&[3, 3])?,
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

/// Points (rows of three) turned by an angle (radians) about an axis through the origin.
pub fn rotate(points: &NdArray, axis: [f64; 3], angle: f64) -> Result<NdArray> {
    matmul(points, &index::transpose(&rotation(axis, angle)?, &[1, 0])?)
}

/// Values between known ones, in straight lines; beyond the ends they stay as they are.
pub fn interp(x: &Operand, known: &NdArray, values: &NdArray) -> Result<NdArray> {
    let (at, values) = (known.to_vec::<f64>()?, values.to_vec::<f64>()?);
    if at.is_empty() || at.len() != values.len() {
        return Err(Error::script(format!("`interp` has {} places and {} values", at.len(), values.len()))
            .hint("there is one value for each place, and at least one"));
    }
    if at.windows(2).any(|pair| !matches!(pair[0].partial_cmp(&pair[1]), Some(std::cmp::Ordering::Less))) {
        return Err(Error::script("`interp` wants places that increase"));
    }
    let x = x.array()?;
    let last = at.len() - 1;
    let between = |x: f64| {
        if x.is_nan() {
            return x;
        }
        let right = at.partition_point(|&p| p <= x);
        match right {
            0 => values[0],
            right if right > last => values[last],
            right => {
                let slope = (values[right] - values[right - 1]) / (at[right] - at[right - 1]);
                slope * (x - at[right - 1]) + values[right - 1]
            }
        }
    };
    let results = x.with::<f64, _>(|x| vector(x.len(), |i| between(x[i])))??;
    NdArray::from_vec(x.shape(), results)
}
