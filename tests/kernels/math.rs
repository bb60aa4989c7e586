//! Elementary functions compared with double precision.

use crate::probe;

/// Largest error of outputs `column` of a probe over the inputs.
fn worst(
    name: &str,
    inputs: &[f32],
    width: usize,
    column: usize,
    outputs: usize,
    exact: impl Fn(&[f32]) -> f64,
) -> f64 {
    let got = probe(name, inputs);
    inputs
        .chunks(width)
        .zip(got.chunks(outputs))
        .map(|(input, output)| (f64::from(output[column]) - exact(input)).abs())
        .fold(0.0, |a, b| if b.is_nan() { f64::INFINITY } else { a.max(b) })
}

fn spread(low: f32, high: f32) -> Vec<f32> {
    let n = 100_000;
    (0..=n).map(|i| low + (high - low) * (i as f32 / n as f32)).collect()
}

#[test]
fn sine_and_cosine_are_within_their_bounds() {
    for range in [1.0, 10.0, 8192.0] {
        let x = spread(-range, range);
        assert!(worst("sincos", &x, 1, 0, 2, |x| f64::from(x[0]).sin()) < 2e-7, "sin to {range}");
        assert!(worst("sincos", &x, 1, 1, 2, |x| f64::from(x[0]).cos()) < 2e-7, "cos to {range}");
    }
}

#[test]
fn inverse_functions_are_within_their_bounds() {
    assert!(worst("acos", &spread(-1.0, 1.0), 1, 0, 1, |x| f64::from(x[0]).acos()) < 5e-7);
    assert_eq!(probe("acos", &[1.5, -1.5]), [0.0, std::f32::consts::PI], "outside of the domain");
    let mut points = Vec::new();
    for radius in [1e-20, 1e-3, 1.0, 1e10f32] {
        for angle in spread(-3.1, 3.1).into_iter().step_by(10) {
            points.extend([radius * angle.sin(), radius * angle.cos()]);
        }
    }
    points.extend([0.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0, -1.0]);
    assert!(worst("atan2", &points, 2, 0, 1, |p| f64::from(p[0]).atan2(f64::from(p[1]))) < 5e-7);
}

#[test]
fn the_comparison_sees_an_error_of_one_part_in_a_million() {
    let x = spread(-1.0, 1.0);
    assert!(worst("sincos", &x, 1, 0, 2, |x| f64::from(x[0]).sin() * (1.0 + 1e-6)) > 2e-7);
}
