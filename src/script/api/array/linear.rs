//! Vectors, matrices, transforms, neighbours.

use super::super::call::Call;
use super::super::table::{Code, Function, Range, Type, optional, required};
use super::make::list;
use super::{ARRAY, AXIS, FREE, Param, example, number, value};
use crate::Result;
use crate::array::{eigen, fourier, linear, neighbours, noise};
use rhai::{Dynamic, Map};

const A: Param = required("a", Type::Array, "A vector or a matrix.");
const B: Param = required("b", Type::Array, "A vector or a matrix.");
const M: Param = required("m", Type::Array, "A square matrix.");
const TURN: Param = required("axis", Type::Vector, "The axis, [x, y, z], through the origin.");
const ANGLE: Param = required("angle", Type::Number, "Counter-clockwise, looking against the axis.").unit("radians");

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "dot",
        params: &[A, B],
        returns: "a number, a vector or a matrix",
        doc: "Product of vectors or matrices, as `matmul`. For the products of many pairs of vectors, row by row, \
              write `(a * b).sum(-1)`.",
        example: example!("print(dot([1, 2, 3], [4, 5, 6]));"),
        code: Code::Values(product),
        ..FREE
    },
    Function {
        name: "matmul",
        params: &[A, B],
        returns: "a number, a vector or a matrix",
        doc: "Product of matrices; a vector is a row on the left and a column on the right.",
        example: example!("print(matmul([[1, 2], [3, 4]], [1, 1]));"),
        code: Code::Values(product),
        ..FREE
    },
    Function {
        name: "cross",
        params: &[A, B],
        returns: "an array",
        doc: "Cross products of vectors of three along the last axis, with broadcasting.",
        example: example!("print(cross([1, 0, 0], [[0, 1, 0], [0, 0, 1]]));"),
        code: Code::Values(|call| {
            linear::cross(&call.required_array("a")?, &call.required_array("b")?).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "norm",
        params: &[AXIS],
        returns: "a number, or with an axis an array without it",
        doc: "Length of a vector: the root of the sum of squares.",
        example: example!("let p = array([[3, 4], [6, 8]]);", "print(p.norm(-1));"),
        code: Code::ArrayMethod(|a, call| match call.int("axis")? {
            None => linear::norm(a).map(number),
            Some(axis) => linear::norm_along(a, axis).and_then(value),
        }),
        ..ARRAY
    },
    Function {
        name: "normalize",
        returns: "an array",
        doc: "The vectors along the last axis with length 1; those of length 0 stay as they are.",
        example: example!("print(array([[3, 4], [0, 2]]).normalize());"),
        code: Code::ArrayMethod(|a, _| linear::normalize(a).map(Dynamic::from)),
        ..ARRAY
    },
    Function {
        name: "inv",
        params: &[M],
        returns: "a matrix",
        doc: "The inverse of a matrix.",
        example: example!("print(inv([[2, 0], [0, 4]]));"),
        code: Code::Values(|call| linear::inverse(&call.required_array("m")?).map(Dynamic::from)),
        ..FREE
    },
    Function {
        name: "det",
        params: &[M],
        returns: "a number",
        doc: "The determinant of a matrix.",
        example: example!("print(det([[2, 0], [0, 4]]));"),
        code: Code::Values(|call| linear::determinant(&call.required_array("m")?).map(Dynamic::from)),
        ..FREE
    },
    Function {
        name: "solve",
        params: &[M, required("b", Type::Array, "The right-hand side: a vector, or one in each column.")],
        returns: "a vector or a matrix",
        doc: "The solution x of the linear equations m x = b.",
        example: example!("print(solve([[2, 1], [1, 3]], [3, 5]));"),
        code: Code::Values(|call| {
            linear::solve(&call.required_array("m")?, &call.required_array("b")?).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "eigh",
        params: &[required("m", Type::Array, "A symmetric matrix.")],
        returns: "a script array of two arrays: the eigenvalues, the smallest first, and the eigenvectors as columns",
        doc: "Eigenvalues and eigenvectors of a symmetric matrix. The largest component of each vector is positive.",
        example: example!("print(eigh([[2, 1], [1, 2]])[0]);"),
        code: Code::Values(|call| {
            let (values, vectors) = linear::eigen(&call.required_array("m")?)?;
            Ok(list(vec![values, vectors]))
        }),
        ..FREE
    },
    Function {
        name: "eigvals",
        params: &[M],
        returns: "a script array of two arrays: real and imaginary parts",
        doc: "Eigenvalues of a matrix, ordered by their real parts, then by their imaginary ones, the smallest first.",
        example: example!("print(eigvals([[0, -1], [1, 0]])[1]);"),
        code: Code::Values(|call| {
            let (re, im) = eigen::eigenvalues(&call.required_array("m")?)?;
            Ok(list(vec![re, im]))
        }),
        ..FREE
    },
    Function {
        name: "eig",
        params: &[M],
        returns: "a script array of two: the eigenvalues, as of `eigvals`, and the eigenvectors as columns, each a script \
                  array of real and imaginary parts",
        doc: "Eigenvalues and eigenvectors of a matrix. The vectors have length 1, and a largest component that is real \
              and positive. For a symmetric matrix `eigh` is better.",
        example: example!("let e = eig([[2, 1], [0, 3]]);", "print(e[0][0]);", "print(e[1][0].at((), 1));"),
        code: Code::Values(|call| {
            let (values, vectors) = eigen::eigenvectors(&call.required_array("m")?)?;
            let pair = |(re, im)| list(vec![re, im]);
            Ok(vec![pair(values), pair(vectors)].into())
        }),
        ..FREE
    },
    Function {
        name: "rotation",
        params: &[TURN, ANGLE],
        returns: "a matrix of 3 x 3",
        doc: "The matrix that turns column vectors.",
        example: example!("print(matmul(rotation([0, 0, 1], 1.5707963), [1, 0, 0]).round());"),
        code: Code::Values(|call| {
            let axis = call.required_vector("axis")?.to_array().map(f64::from);
            linear::rotation(axis, call.required_float("angle")?).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "rotate",
        params: &[TURN, ANGLE],
        returns: "an array",
        doc: "Points, as rows of three, turned about an axis through the origin.",
        example: example!("print(array([[1, 0, 0], [0, 1, 0]]).rotate([0, 0, 1], 0.5));"),
        code: Code::ArrayMethod(|a, call| {
            let axis = call.required_vector("axis")?.to_array().map(f64::from);
            linear::rotate(a, axis, call.required_float("angle")?).map(Dynamic::from)
        }),
        ..ARRAY
    },
    Function {
        name: "interp",
        params: &[
            required("x", Type::Values, "Where values are wanted."),
            required("xp", Type::Array, "Where they are known, in increasing order."),
            required("fp", Type::Array, "The known values."),
        ],
        options: &[
            optional("left", Type::Number, "the first known value", "The value before the first place."),
            optional("right", Type::Number, "the last known value", "The value after the last place."),
        ],
        returns: "an array, or a number",
        doc: "Values between known ones, in straight lines. At a known place it is the known value; where places are \
              equal, as at a step, the last of their values. NaN and infinite values reach up to their neighbours.",
        example: example!(
            "print(interp([0.5, 1.5, 9.0], [0, 1, 2], [0, 10, 0]));",
            "print(interp(-1, [0, 1], [5, 6], #{ left: 0 }));"
        ),
        code: Code::Values(|call| {
            let (x, ends) = (call.required_operand("x")?, [call.float("left")?, call.float("right")?]);
            linear::interp(&x, &call.required_array("xp")?, &call.required_array("fp")?, ends).and_then(value)
        }),
        ..FREE
    },
    Function {
        name: "fft",
        params: &[
            required("re", Type::Array, "Samples, or their real parts."),
            optional("im", Type::Array, "0", "Imaginary parts."),
        ],
        returns: "a script array of two arrays: real and imaginary parts",
        doc: "Fourier transform along the last axis.",
        example: example!("let f = fft(sin(arange(64) * 0.5));", "print(hypot(f[0], f[1]).argmax());"),
        code: Code::Values(|call| transform(call, false)),
        ..FREE
    },
    Function {
        name: "ifft",
        params: &[required("re", Type::Array, "Real parts."), optional("im", Type::Array, "0", "Imaginary parts.")],
        returns: "a script array of two arrays: real and imaginary parts",
        doc: "Inverse Fourier transform along the last axis.",
        example: example!("let f = fft([1, 2, 3, 4]);", "print(ifft(f[0], f[1])[0]);"),
        code: Code::Values(|call| transform(call, true)),
        ..FREE
    },
    Function {
        name: "fftfreq",
        params: &[
            required("n", Type::Count, "Number of samples.").range(Range::From(0.0)),
            optional("d", Type::Number, "1", "Distance of samples."),
        ],
        returns: "an array",
        doc: "The frequencies that the parts of a Fourier transform belong to.",
        example: example!("print(fftfreq(8, 0.1));"),
        code: Code::Values(|call| {
            let count = call.required_int("n")? as usize;
            fourier::frequencies(count, call.float("d")?.unwrap_or(1.0)).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "nearest",
        params: &[
            required("points", Type::Array, "Rows of one to three coordinates."),
            required("queries", Type::Array, "Rows whose nearest points are wanted."),
            optional("k", Type::Count, "1", "How many of them.").range(Range::From(1.0)),
        ],
        returns: "a map: `index`, the rows of the nearest points, and `distance`; of shape (queries,), or (queries, k)",
        doc: "The nearest of many points, by a tree. A point that is its own query is its own nearest.",
        example: example!(
            "let p = random([1000, 3]);",
            "let near = nearest(p, p, 4);",
            "print(near.distance.at((), 1).mean());"
        ),
        code: Code::Values(|call| {
            let (points, queries) = (call.required_array("points")?, call.required_array("queries")?);
            let count = call.int("k")?.unwrap_or(1) as usize;
            let (index, distance) = neighbours::nearest(&points, &queries, count)?;
            let entries = [("index", index), ("distance", distance)];
            Ok(entries.into_iter().map(|(key, a)| (key.into(), Dynamic::from(a))).collect::<Map>().into())
        }),
        ..FREE
    },
    Function {
        name: "simplex",
        params: &[
            required(
                "x",
                Type::Values,
                "First coordinates; alone, with rows of two to four, all coordinates of points.",
            ),
            optional("y", Type::Values, "none", "Second coordinates."),
            optional("z", Type::Values, "none", "Third coordinates."),
            optional("w", Type::Values, "none", "Fourth coordinates."),
        ],
        options: &[optional("seed", Type::Count, "0", "Another seed is another noise.")],
        returns: "an array, broadcast from all coordinates, or without the axis of coordinates; or a number",
        doc: "Smooth noise between about -1 and 1 in one to four dimensions; its features are about 1 wide. The same \
              in every run. `simplex(p)` of points, one a row, is `simplex(p.x, p.y, p.z)`, as in PlotOptiX; of an array \
              with one axis, or of one column, it is noise in one dimension.",
        example: example!(
            "let x = linspace(0, 4, 20);",
            "print(simplex(x.col, x.row, 0.5).shape);",
            "print(simplex(random([100, 3])).shape);"
        ),
        code: Code::Values(|call| {
            let mut axes = vec![call.required_array("x")?];
            for name in ["y", "z", "w"] {
                axes.extend(call.array(name)?);
            }
            if let [points] = axes.as_slice()
                && points.shape().axes() > 1
            {
                axes = noise::coordinates(points)?;
            }
            let seed = call.int("seed")?.unwrap_or(0) as u64;
            noise::simplex(&axes, crate::random::mix(seed)).and_then(value)
        }),
        ..FREE
    },
];

fn product(call: &Call) -> Result<Dynamic> {
    linear::matmul(&call.required_array("a")?, &call.required_array("b")?).and_then(value)
}

fn transform(call: &Call, back: bool) -> Result<Dynamic> {
    let (re, im) = (call.required_array("re")?, call.array("im")?);
    let (re, im) = fourier::fft(&re, im.as_ref(), back)?;
    Ok(list(vec![re, im]))
}
