//! Functions other than arithmetic, compared with known values.

use crate::support::{array, call, error, host, print};
use plotrt::script::Callback;

#[test]
fn known_values() {
    for (expression, shown) in [
        ("dot([1, 2, 3], [4, 5, 6])", "32"),
        ("matmul([[1, 2], [3, 4]], [[1, 0], [1, 1]])", "[[3, 2],\n [7, 4]]"),
        ("matmul([[1, 2], [3, 4]], [1.0, 1])", "[3.0, 7.0]"),
        ("cross([1, 0, 0], [[0, 1, 0], [0, 0, 1]])", "[[0, 0, 1],\n [0, -1, 0]]"),
        ("array([[3, 4], [6, 8]]).norm(1)", "[5.0, 10.0]"),
        ("array([3, 4]).norm()", "5.0"),
        ("array([[3, 4], [0, 0]]).normalize()", "[[0.6, 0.8],\n [0.0, 0.0]]"),
        ("inv([[2, 0], [0, 4]]) + 0.0", "[[0.5, 0.0],\n [0.0, 0.25]]"),
        ("det([[2, 1], [1, 3]])", "5.0"),
        ("solve([[2, 1], [1, 3]], [3, 4])", "[1.0, 1.0]"),
        ("eigh([[2, 1], [1, 2]])[0]", "[1.0, 3.0]"),
        ("eigvals([[3, 1], [0, 2]])[0]", "[2.0, 3.0]"),
        ("eigvals([[0, -1], [1, 0]])[1]", "[-1.0, 1.0]"),
        ("eig([[0, 2], [2, 0]])[0][0]", "[-2.0, 2.0]"),
        ("eig([[5, 0], [0, 4]])[1][0]", "[[0.0, 1.0],\n [1.0, 0.0]]"),
        ("array([[1, 0, 0]]).rotate([0, 0, 2], PI() / 2).round()", "[[0.0, 1.0, 0.0]]"),
        ("interp([0.5, 1.5, 9.0], [0, 1, 2], [0, 10, 0])", "[5.0, 5.0, 0.0]"),
        ("interp(0.25, [0, 1], [0, 8])", "2.0"),
        ("interp([0, 1, 2, 3], [0, 1, 2, 3], [5, 6, 0.0 / 0.0, 8])", "[5.0, 6.0, NaN, 8.0]"),
        ("interp([2, 2.5, 3], [1, 2, 3, 4], [1, 2, 1.0 / 0.0, 4])", "[2.0, inf, inf]"),
        ("interp([0.5, 1, 1.5], [0, 1, 1, 2], [0, 4, 8, 8])", "[2.0, 8.0, 8.0]"),
        ("interp([-1, 0, 2, 3], [0, 2], [5, 7], #{ left: -1, right: 9 })", "[-1.0, 5.0, 7.0, 9.0]"),
        ("fft([1, 2, 3, 4])[0]", "[10.0, -2.0, -2.0, -2.0]"),
        ("fft([1, 2, 3, 4])[1]", "[0.0, 2.0, 0.0, -2.0]"),
        ("{ let f = fft([1, 2, 3, 4, 5]); ifft(f[0], f[1])[0] }", "[1.0, 2.0, 3.0, 4.0, 5.0]"),
        ("fftfreq(4, 0.5)", "[0.0, 0.5, -1.0, -0.5]"),
        ("nearest([[0, 0], [5, 5], [1, 0]], [[0.9, 0], [4, 4]]).index", "[2, 1]"),
        ("nearest([[0.0], [3.0], [1.0]], [[0.0]], 3).distance", "[[0.0, 1.0, 3.0]]"),
        ("array([3, 1, 3, 2]).unique(#{ counts: true })[1]", "[1, 1, 2]"),
        ("array([1, 2, 2, 5]).histogram(4)[0]", "[1, 2, 0, 1]"),
        ("array([1, 2, 2, 5]).histogram(2, #{ range: [0, 4] })[1]", "[0.0, 2.0, 4.0]"),
        ("arange(101).percentile(90)", "90.0"),
        ("arange(5).percentile([0, 25, 100])", "[0.0, 1.0, 4.0]"),
        ("array([[1.0, 2.0], [3.0, 4.0]]).percentile([0, 50, 100], 0)", "[[1.0, 2.0],\n [2.0, 3.0],\n [3.0, 4.0]]"),
        ("array([[1.0, 2.0], [3.0, 4.0]]).quantile(0.5, 1)", "[1.5, 3.5]"),
        ("array([1.0, 2.0, 1.0 / 0.0]).percentile([0, 50, 100])", "[1.0, 2.0, inf]"),
        ("arange(6).reshape([2, 3]).mean(1, #{ keepdims: true })", "[[1.0],\n [4.0]]"),
        ("arange(4).sum(#{ keepdims: true }).shape", "[1]"),
        ("array([4.0, 0.0 / 0.0, 1.0]).sort()", "[1.0, 4.0, NaN]"),
        ("map_to_colors([0, 0.5, 1], \"gray\", #{ gamma: 1 }).at((), 0)", "[0.0, 0.50196078, 1.0]"),
        ("map_to_colors([0.0, 9.0], \"gray_r\", #{ range: [1, 2] })", "[[1.0, 1.0, 1.0],\n [0.0, 0.0, 0.0]]"),
        (
            "map_to_colors([1, 0.0 / 0.0, 3], \"gray\", #{ gamma: 1 })",
            "[[0.0, 0.0, 0.0],\n [0.0, 0.0, 0.0],\n [1.0, 1.0, 1.0]]",
        ),
        (
            "map_to_colors([-1.0 / 0.0, 0, 0.5, 1, 1.0 / 0.0], \"gray\", #{ gamma: 1 }).at((), 0)[[0, 1, 3, 4]]",
            "[0.0, 0.0, 1.0, 1.0]",
        ),
        ("map_to_colors([0.0 / 0.0, 0.0 / 0.0], \"gray_r\", #{ gamma: 1 }).max()", "0.0"),
        ("map_to_colors([7, 7], \"gray_r\").min()", "1.0"),
        ("map_to_colors([7, 1.0 / 0.0], \"gray\").at((), 0)", "[0.0, 1.0]"),
        ("map_to_colors([], \"gray\").shape", "[0, 3]"),
        ("map_to_colors([-1.5e308, 0, 1.5e308], \"gray\", #{ gamma: 1 }).at((), 0)", "[0.0, 0.50196078, 1.0]"),
        ("make_color([255, 0, 0], #{ input_range: 255 })", "[1.0, 0.0, 0.0]"),
        ("arange(4).map(|x| x * x)", "[0, 1, 4, 9]"),
        ("fromfunction(|i, j| 10 * i + j, [2, 3])", "[[0, 1, 2],\n [10, 11, 12]]"),
        ("{ let sum = 0; for x in arange(5) { sum += x; } sum }", "10"),
        ("sin(array([0.3, 2e7]))[1] == sin(2e7) && sin([0.3])[0] == sin(0.3)", "true"),
        ("simplex([0.5, 1.5], 2.0, -1.0, 0.0).shape", "[2]"),
        ("simplex(array([[0.5, 2, -1], [1.5, 2, -1]])) == simplex([0.5, 1.5], 2.0, -1.0)", "[true, true]"),
        ("simplex(array([[0.5, 2], [1.5, 2]])) == simplex([0.5, 1.5], 2.0)", "[true, true]"),
        ("simplex(array([[0.5, 2, 3, 4]])) == simplex([0.5], 2, 3, 4)", "[true]"),
        ("simplex(zeros([5, 6, 3])).shape", "[5, 6]"),
        ("simplex([0.3, 0.6, 0.9]).shape", "[3]"),
        ("simplex(zeros([4, 1])).shape", "[4, 1]"),
        ("sum([1, 2.5])", "3.5"),
        ("max([1, 5, 2]) + [4, 6].min()", "9"),
        ("[3, 4].norm()", "5.0"),
        ("[[1, 2], [3, 4]].sum(0)", "[4, 6]"),
        ("minimum([1, 5], [4, 2])", "[1, 2]"),
        ("sqrt([4, 9.0])", "[2.0, 3.0]"),
        ("atan2([0.0], 1)", "[0.0]"),
        ("{ let a = zeros([2, 2, 2, 2]); a.set(1, 0, 1, (), 5); a.at(1, 0, 1, 0) + a.sum() }", "15.0"),
        ("arange(256).reshape([2, 2, 2, 2, 2, 2, 2, 2]).at(1, 1, 1, 1, 1, 1, 1, 0)", "254"),
        ("array([1e200 * 3, 1e200 * 4]).norm() / 1e200", "5.0"),
        ("array([[3, 4]]).norm(1)[0] + (array([[3, 4]]) * 10.0 ** -200).norm(1)[0]", "5.0"),
        ("(array([[3, 4]]) * 10.0 ** -200).normalize()", "[[0.6, 0.8]]"),
        ("inv(eye(2) * 10.0 ** -200) * 10.0 ** -200", "[[1.0, 0.0],\n [0.0, 1.0]]"),
        ("inv([[10.0 ** 200, 0], [0, 10.0 ** -200]])[1] * 10.0 ** -200", "[0.0, 1.0]"),
        ("solve(eye(3) * 10.0 ** -12, [1, 2, 3]) * 10.0 ** -12", "[1.0, 2.0, 3.0]"),
        ("inv([[1, 10.0 ** 20], [0, 1]]) / [1, 10.0 ** 20]", "[[1.0, -1.0],\n [0.0, 1e-20]]"),
        ("randint(3, 5, 100).unique()", "[3, 4]"),
        ("permutation(50).sort().diff().unique()", "[1]"),
        ("random(3, #{ seed: 4 }).sum() == random(3, #{ seed: 4 }).sum()", "true"),
        ("(normal(100000).mean().abs() < 0.02 && (normal(100000).std() - 1).abs() < 0.02)", "true"),
        ("eye(2, 3, #{ k: 1 })", "[[0.0, 1.0, 0.0],\n [0.0, 0.0, 1.0]]"),
        ("meshgrid(arange(2), arange(3))[1]", "[[0, 0],\n [1, 1],\n [2, 2]]"),
        ("meshgrid(arange(2), arange(3), #{ indexing: \"ij\" })[1]", "[[0, 1, 2],\n [0, 1, 2]]"),
        ("logspace(0, 2, 3)", "[1.0, 10.0, 100.0]"),
        ("arange(10).split(5)[4]", "[8, 9]"),
        ("array([[1, 2], [3, 4]]).to_array()[1][0]", "3"),
    ] {
        assert_eq!(print(expression), shown, "{expression}");
    }
}

#[test]
fn mistakes_in_functions_name_the_fact() {
    for (statement, message) in [
        ("matmul(zeros([2, 3]), zeros([2, 3]))", "matrices of shapes (2, 3) and (2, 3) cannot be multiplied"),
        ("inv([[1, 2], [2, 4]])", "`inv` of a singular matrix"),
        ("inv(array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) * 10.0 ** -200)", "`inv` of a singular matrix"),
        ("solve(array([[0.1, 0.2], [0.3, 0.6]]) * 10.0 ** 200, [1, 2])", "`solve` of a singular matrix"),
        ("inv(zeros([2, 2]))", "`inv` of a singular matrix"),
        ("arange(5).percentile([50, 101])", "`q` of `percentile` is 101, it wants 0 to 100"),
        ("arange(5).quantile(-0.5)", "`q` of `quantile` is -0.5, it wants 0 to 1"),
        ("interp(1, [0, 2, 1], [1, 2, 3])", "`interp` wants places that increase"),
        ("simplex(zeros([3, 5]))", "`simplex` of an array of shape (3, 5), it wants points of two to four coordinates"),
        (
            "map_to_colors([1, 2], \"gray\", #{ range: [0, 1.0 / 0.0] })",
            "`range` is [0, inf], it wants two finite numbers",
        ),
        ("minimum(1, \"x\")", "`y` is \"x\", it wants a number or an array"),
        ("sqrt(\"x\")", "`x` is \"x\", it wants a number or an array"),
        ("sum([1, \"x\"])", "an array holds \"x\", it wants numbers"),
        ("remainder(1, 0)", "`remainder` of 1 by 0"),
        ("inv([[1, 2, 3]])", "`inv` of a matrix of shape (1, 3), it wants a square one"),
        ("eig(zeros([2, 3]))", "`eig` of a matrix of shape (2, 3), it wants a square one"),
        ("eigh([[1, 2], [0, 1]])", "`eigh` of a matrix that is not symmetric"),
        ("cross([1, 2], [3, 4])", "`cross` of an array of shape (2,)"),
        ("nearest(zeros([3, 2]), zeros([3, 3]))", "points have 2 coordinates, those asked for have 3"),
        ("nearest(zeros([3, 2]) / 0, zeros([3, 2]))", "a point is NaN in row 0"),
        ("map_to_colors([1, 2], \"virdis\")", "there is no colour map `virdis`"),
        ("arange(3).map(|x| \"no\")", "the function of `map` returns \"no\""),
        ("arange(3).min(arange(3))", "`axis` of `min` is no whole number"),
        ("arange(5).split(2)", "an axis of 5 elements does not divide into 2 equal parts"),
        ("zeros([2, 2]).repeat([1, -1], 0)", "`repeat` of 2 elements by 2 numbers"),
        ("stack([zeros(2), zeros(3)])", "array 1 has shape (3,), the first one (2,)"),
        ("randint(3, 3, 5)", "there are no integers from 3 up to 3"),
        ("arange(0, 5, 0)", "`arange` with a step of 0 never ends"),
        ("array([\"a\"])", "an array holds \"a\", it wants numbers"),
        ("let a = zeros(3); a.shape = 5", "`a.shape` of an array cannot be set"),
        ("arange(3).nonsense()", "unknown function `a.nonsense`"),
        ("zeros([-1])", "`shape` has a length of -1, it wants at least 0"),
        ("arange(9).reshape([2, -1])", "an array of shape (9,) with 9 elements cannot have the shape (2, -1)"),
    ] {
        assert_eq!(error(statement).message, message, "{statement}");
    }
}

#[test]
fn large_arrays_are_sorted_as_small_ones() {
    let mut host = host(
        "let x = random(200000, #{ low: -1, high: 1 }); let s = (); let o = ();
         fn init(rt) { x[5] = 0.0 / 0.0; s = x.sort(); o = x[x.argsort()]; }",
    )
    .unwrap();
    call(&mut host, Callback::Init).unwrap();
    let (sorted, ordered) = (array(&host, "s").to_vec::<f64>().unwrap(), array(&host, "o").to_vec::<f64>().unwrap());
    let (last, rest) = sorted.split_last().unwrap();
    assert!(last.is_nan() && rest.is_sorted());
    assert!(sorted.iter().zip(&ordered).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
    let mut given = array(&host, "x").to_vec::<f64>().unwrap();
    given.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = f64::NAN);
    given.sort_by(f64::total_cmp);
    assert!(given.iter().zip(&sorted).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));
}
