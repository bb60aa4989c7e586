//! Eigenvalues and eigenvectors of square matrices that need not be symmetric. There are no complex arrays: real and
//! imaginary parts are two arrays.

use super::linear::{normalized, scaled, square};
use super::node::NdArray;
use super::shape::ArrayShape;
use crate::{Error, Result};
use nalgebra::{Complex, DMatrix, Schur};

/// Real and imaginary parts.
pub type Parts = (NdArray, NdArray);

/// The real Schur decomposition of a matrix, scaled by a power of two.
struct Decomposed {
    /// An orthogonal matrix.
    basis: DMatrix<f64>,
    /// A triangular matrix, with blocks of two rows for pairs of complex eigenvalues.
    triangular: DMatrix<f64>,
    /// The exponent that undoes the scaling.
    size: i32,
}

impl Decomposed {
    fn value(&self, of: &Eigenvalue) -> Complex<f64> {
        Complex::new(scaled(of.value.re, self.size), scaled(of.value.im, self.size))
    }
}

/// An eigenvalue, and its rows of the triangular matrix: one, or two for a pair.
struct Eigenvalue {
    value: Complex<f64>,
    first: usize,
    rows: usize,
}

/// The eigenvalues, ordered by their real parts and then by their imaginary ones, ascending.
pub fn eigenvalues(array: &NdArray) -> Result<Parts> {
    let found = schur(array, "eigvals")?;
    let values = ordered(&found.triangular);
    parts(ArrayShape::line(values.len()), values.iter().map(|e| found.value(e)))
}

/// The eigenvalues as above, and the eigenvectors as columns: of length 1, and with a largest component that is real
/// and positive.
pub fn eigenvectors(array: &NdArray) -> Result<(Parts, Parts)> {
    let found = schur(array, "eig")?;
    let count = found.triangular.nrows();
    let values = ordered(&found.triangular);
    let columns: Vec<Vec<Complex<f64>>> =
        values.iter().map(|value| vector(&found.basis, &found.triangular, value)).collect();
    let elements = (0..count).flat_map(|row| columns.iter().map(move |column| column[row]));
    let vectors = parts(ArrayShape::new(&[count, count])?, elements)?;
    Ok((parts(ArrayShape::line(count), values.iter().map(|e| found.value(e)))?, vectors))
}

fn parts(shape: ArrayShape, values: impl Iterator<Item = Complex<f64>>) -> Result<Parts> {
    // Adding 0 turns -0 into 0.
    let (re, im): (Vec<f64>, Vec<f64>) = values.map(|z| (z.re + 0.0, z.im + 0.0)).unzip();
    Ok((NdArray::from_vec(shape, re)?, NdArray::from_vec(shape, im)?))
}

fn schur(array: &NdArray, what: &str) -> Result<Decomposed> {
    let (matrix, size) = normalized(square(array, what)?);
    let count = matrix.nrows();
    if count == 0 {
        return Ok(Decomposed { basis: matrix.clone(), triangular: matrix, size });
    }
    // Convergence takes two or three steps for each row; beyond these it fails.
    let schur = Schur::try_new(matrix, f64::EPSILON, 30 * count.max(10));
    let (basis, triangular) = schur
        .map(Schur::unpack)
        .ok_or_else(|| Error::script(format!("`{what}` of a matrix did not come to an end")))?;
    Ok(Decomposed { basis, triangular, size })
}

fn ordered(triangular: &DMatrix<f64>) -> Vec<Eigenvalue> {
    let count = triangular.nrows();
    let mut values = Vec::with_capacity(count);
    let mut first = 0;
    while first < count {
        if first + 1 == count || triangular[(first + 1, first)] == 0.0 {
            values.push(Eigenvalue { value: triangular[(first, first)].into(), first, rows: 1 });
            first += 1;
            continue;
        }
        let [a, b, c, d] = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(i, j)| triangular[(first + i, first + j)]);
        let (middle, half) = ((a + d) / 2.0, (a - d) / 2.0);
        let square = half * half + b * c;
        let root = if square < 0.0 { Complex::new(0.0, (-square).sqrt()) } else { square.sqrt().into() };
        for value in [middle - root, middle + root] {
            values.push(Eigenvalue { value, first, rows: 2 });
        }
        first += 2;
    }
    values.sort_by(|a, b| a.value.re.total_cmp(&b.value.re).then(a.value.im.total_cmp(&b.value.im)));
    values
}

/// An eigenvector: that of the triangular matrix by back substitution, transformed back.
fn vector(basis: &DMatrix<f64>, triangular: &DMatrix<f64>, of: &Eigenvalue) -> Vec<Complex<f64>> {
    let count = triangular.nrows();
    let (zero, one) = (Complex::from(0.0), Complex::from(1.0));
    let at = |i: usize, j: usize| Complex::from(triangular[(i, j)]);
    // For repeated eigenvalues a division by 0 is replaced by one by a number that is negligible beside the matrix.
    let least = f64::EPSILON * triangular.amax().max(f64::MIN_POSITIVE);
    let divisor = |z: Complex<f64>| if z.norm() < least { Complex::from(least) } else { z };
    let mut x = vec![zero; count];
    let k = of.first;
    if of.rows == 1 {
        x[k] = one;
    } else if at(k, k + 1).norm() >= at(k + 1, k).norm() {
        (x[k], x[k + 1]) = (at(k, k + 1), of.value - at(k, k));
    } else {
        (x[k], x[k + 1]) = (of.value - at(k + 1, k + 1), at(k + 1, k));
    }
    let known = k + of.rows;
    let mut row = k;
    while row > 0 {
        let rest = |i: usize, x: &[Complex<f64>]| -(row..known).map(|j| at(i, j) * x[j]).sum::<Complex<f64>>();
        let last = row - 1;
        if last > 0 && triangular[(last, last - 1)] != 0.0 {
            let above = last - 1;
            let (r, s) = (rest(above, &x), rest(last, &x));
            let (a, d) = (at(above, above) - of.value, at(last, last) - of.value);
            let (b, c) = (at(above, last), at(last, above));
            let determinant = a * d - b * c;
            let determinant =
                if determinant.norm() < least * least { Complex::from(least * least) } else { determinant };
            (x[above], x[last]) = ((r * d - b * s) / determinant, (a * s - r * c) / determinant);
            row = above;
        } else {
            x[last] = rest(last, &x) / divisor(at(last, last) - of.value);
            row = last;
        }
        // Nearly equal eigenvalues give large numbers: only the direction counts.
        let largest = x.iter().map(|z| z.norm()).fold(0.0, f64::max);
        if largest > 1e100 {
            x.iter_mut().for_each(|z| *z /= largest);
        }
    }
    let turned = |i: usize| (0..known).map(|j| x[j] * basis[(i, j)]).sum::<Complex<f64>>();
    let mut turned: Vec<Complex<f64>> = (0..count).map(turned).collect();
    let largest = turned.iter().map(|z| z.norm()).fold(0.0, f64::max);
    // Of components that are equal up to rounding it is the first.
    if let Some(&z) = turned.iter().find(|z| z.norm() >= (1.0 - 1e-9) * largest)
        && largest > 0.0
    {
        let length = turned.iter().map(|z| (z / largest).norm_sqr()).sum::<f64>().sqrt() * largest;
        let turn = z.conj() / z.norm() / length;
        turned.iter_mut().for_each(|z| *z *= turn);
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::super::random;
    use super::*;

    fn matrix(rows: usize, values: &[f64]) -> NdArray {
        NdArray::from_vec(ArrayShape::new(&[rows, rows]).unwrap(), values.to_vec()).unwrap()
    }

    fn complex((re, im): &Parts) -> Vec<Complex<f64>> {
        let (re, im) = (re.to_vec::<f64>().unwrap(), im.to_vec::<f64>().unwrap());
        re.into_iter().zip(im).map(|(re, im)| Complex::new(re, im)).collect()
    }

    /// The residual of the decomposition, and the deviation of the vectors from length 1.
    fn error(rows: usize, values: &[f64], eigenvalues: &[Complex<f64>], vectors: &[Complex<f64>]) -> f64 {
        let mut worst = 0.0f64;
        for (k, value) in eigenvalues.iter().enumerate() {
            let x = |i: usize| vectors[i * rows + k];
            for i in 0..rows {
                let stretched = (0..rows).map(|j| x(j) * values[i * rows + j]).sum::<Complex<f64>>();
                worst = worst.max((stretched - value * x(i)).norm());
            }
            worst = worst.max(((0..rows).map(|i| x(i).norm_sqr()).sum::<f64>() - 1.0).abs());
        }
        worst
    }

    #[test]
    fn vectors_are_stretched_by_their_values() {
        for rows in [1, 2, 3, 8, 33, 100] {
            let values = random::normal(ArrayShape::line(rows * rows), 0.0, 1.0, rows as u64).unwrap();
            let values = values.to_vec::<f64>().unwrap();
            let (eigenvalues, vectors) = eigenvectors(&matrix(rows, &values)).unwrap();
            let (eigenvalues, mut vectors) = (complex(&eigenvalues), complex(&vectors));
            let found = error(rows, &values, &eigenvalues, &vectors);
            assert!(found < 1e-11, "{rows}: {found}");
            vectors[0] += 0.01;
            assert!(error(rows, &values, &eigenvalues, &vectors) > 1e-3);
        }
    }

    #[test]
    fn equal_eigenvalues_and_missing_vectors() {
        for values in [[1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 1.0], [0.0; 4]] {
            let (eigenvalues, vectors) = eigenvectors(&matrix(2, &values)).unwrap();
            assert!(error(2, &values, &complex(&eigenvalues), &complex(&vectors)) < 1e-14, "{values:?}");
        }
        // A rotation about two axes at once, twice the same: pairs that are equal.
        let turn = [0., -1., 1., 0., 1., 0., 0., 1., 0., 0., 0., -1., 0., 0., 1., 0.];
        let (eigenvalues, vectors) = eigenvectors(&matrix(4, &turn)).unwrap();
        assert!(error(4, &turn, &complex(&eigenvalues), &complex(&vectors)) < 1e-7);
        let (none, _) = eigenvalues_of_nothing();
        assert_eq!(none.size(), 0);
    }

    fn eigenvalues_of_nothing() -> Parts {
        eigenvalues(&matrix(0, &[])).unwrap()
    }

    /// NumPy 2.4's `linalg.eig`, its results ordered as here.
    #[test]
    fn values_and_vectors_are_numpys() {
        let values = [
            -0.8, -1.32, -0.25, 0.42, 1.14, 0.11, -0.55, -0.78, 0.75, 1.63, 0.27, -1.23, -0.96, 1.6, 0.2, -1.73, -0.08,
            -1.16, -0.63, -0.49, -0.71, 0.55, -0.06, -0.59, 0.41,
        ];
        let re =
            [-1.664611200619972, -1.664611200619972, -0.17703801623227933, -0.17703801623227933, 1.1532984337045047];
        let im = [-1.8762931856165037, 1.8762931856165037, -0.513804854611781, 0.513804854611781, 0.0];
        // The columns of the first, the third and the last eigenvalue.
        let vectors = [
            [(0.2863114047067069, 0.2997059980886083), (-0.4075788371629969, -0.10504931009889007)],
            [(0.06596068038470304, 0.40150688693311926), (0.318177963691155, -0.1213249993731909)],
            [(0.034052363056107454, 0.5287683403536306), (0.3628074640950629, 0.4119064218598528)],
            [(0.5896313714801057, 0.0), (0.6299662479243893, 0.0)],
            [(0.14274060296279148, -0.11767730229452407), (-0.05418422146963422, 0.07614198671148092)],
        ];
        let real =
            [-0.09710971076824716, 0.7381034818646429, -0.3094338329628284, 0.10226012270038264, 0.5827233687239882];
        let (found, columns) = eigenvectors(&matrix(5, &values)).unwrap();
        let (found, columns) = (complex(&found), complex(&columns));
        let near = |a: Complex<f64>, re: f64, im: f64| (a - Complex::new(re, im)).norm() < 1e-12;
        for k in 0..5 {
            assert!(near(found[k], re[k], im[k]), "{k}: {}", found[k]);
            assert!(!near(found[k], re[k], im[k] + 1e-9));
            for (column, (re, im)) in [0, 2].into_iter().zip(vectors[k]) {
                assert!(near(columns[5 * k + column], re, im), "{k}, {column}: {}", columns[5 * k + column]);
                // The other one of the pair.
                assert!(near(columns[5 * k + column + 1], re, -im));
            }
            assert!(near(columns[5 * k + 4], real[k], 0.0));
        }
        assert_eq!(complex(&eigenvalues(&matrix(5, &values)).unwrap()), found);
    }
}
