//! Samplers compared with their densities, and the stratification of the random numbers.

use crate::{first_variant, probe, probe_with};
use plotrt::device::layout::{Float3, LightData, SceneData};
use plotrt::scene::LightKind;
use std::f32::consts::{PI, TAU};

use crate::support::statistics::{Histogram, Random, chi_square_sigmas};

const SAMPLES: usize = 200_000;

/// Angle of (x, y) as a fraction of the full circle.
fn turn(x: f32, y: f32) -> f32 {
    (y.atan2(x) / TAU).rem_euclid(1.0)
}

fn uniform(histogram: &Histogram, what: &str) {
    let sigmas = chi_square_sigmas(&histogram.counts);
    assert!(sigmas < 4.0, "{what}: {sigmas} standard deviations from its density");
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
fn scaled(a: [f32; 3], s: f32) -> [f32; 3] {
    a.map(|x| x * s)
}
fn unit(a: [f32; 3]) -> [f32; 3] {
    scaled(a, 1.0 / dot(a, a).sqrt())
}
fn minus(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// Random inputs: `prefix` followed by two random numbers each.
fn inputs(prefix: &[f32], seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..SAMPLES).flat_map(|_| [prefix, &[random.next(), random.next()]].concat()).collect()
}

#[test]
fn chi_square_rejects_a_wrong_density() {
    let mut random = Random::new(1);
    let (mut right, mut wrong) = (Histogram::new(16), Histogram::new(16));
    for _ in 0..SAMPLES {
        let (x, y) = (random.next(), random.next());
        right.add(x, y);
        wrong.add(x.powf(1.03), y);
    }
    assert!(chi_square_sigmas(&right.counts) < 4.0);
    assert!(chi_square_sigmas(&wrong.counts) > 4.0);
}

#[test]
fn disk_is_uniform() {
    let mut h = Histogram::new(16);
    for p in probe("disk", &inputs(&[], 2)).chunks(2) {
        h.add(p[0] * p[0] + p[1] * p[1], turn(p[0], p[1]));
    }
    uniform(&h, "disk");
}

#[test]
fn cosine_hemisphere_follows_its_density() {
    let mut h = Histogram::new(16);
    for d in probe("cosine_hemisphere", &inputs(&[], 3)).chunks(4) {
        // The fraction of cosines below z is z^2.
        h.add(d[2] * d[2], turn(d[0], d[1]));
        assert!((d[3] - d[2] / PI).abs() < 1e-6);
        assert!((dot([d[0], d[1], d[2]], [d[0], d[1], d[2]]) - 1.0).abs() < 1e-5);
    }
    uniform(&h, "cosine hemisphere");
}

#[test]
fn cones_are_uniform() {
    for opening in [1.0, 0.3, 1e-4, 1e-7f32] {
        let mut random = Random::new(4);
        let mut h = Histogram::new(16);
        let input: Vec<f32> = (0..SAMPLES).flat_map(|_| [random.next(), random.next(), opening]).collect();
        for d in probe("cone", &input).chunks(4) {
            // sin^2 = (1 - cos)(1 + cos) keeps its digits in narrow cones, 1 - cos does not.
            let sin2 = d[0] * d[0] + d[1] * d[1];
            h.add(sin2 / (1.0 + (1.0 - sin2).max(0.0).sqrt()) / opening, turn(d[0], d[1]));
            assert!((d[3] * TAU * opening - 1.0).abs() < 1e-5);
        }
        uniform(&h, &format!("cone {opening}"));
    }
}

fn float3(v: [f32; 3]) -> Float3 {
    Float3 { x: v[0], y: v[1], z: v[2] }
}

fn with_lights<T>(lights: &[LightData], f: impl FnOnce(&SceneData) -> T) -> T {
    f(&SceneData { lights: lights.as_ptr(), light_count: lights.len() as u32, ..SceneData::default() })
}

fn ball(pos: [f32; 3], radius: f32) -> LightData {
    let radiance = float3([1.0; 3]);
    LightData {
        pos: float3(pos),
        radius,
        radiance,
        kind: LightKind::Spherical as u32,
        in_geometry: 1,
        ..LightData::default()
    }
}

fn panel(pos: [f32; 3], u: [f32; 3], v: [f32; 3]) -> LightData {
    let n = cross(u, v);
    LightData {
        pos: float3(pos),
        u: float3(u),
        v: float3(v),
        normal: float3(unit(n)),
        radiance: float3([1.0; 3]),
        area: dot(n, n).sqrt(),
        kind: LightKind::Parallelogram as u32,
        in_geometry: 1,
        ..LightData::default()
    }
}

#[test]
fn spherical_lights_are_sampled_over_the_visible_cap() {
    for (pos, radius) in [([3.0, 1.0, -2.0], 1.0f32), ([0.0, 0.0, 1.01], 1.0), ([0.0, -1000.0, 0.0], 0.5)] {
        let from = [0.1, 0.0, 0.0f32];
        let axis = unit(minus(pos, from));
        let s = unit(cross(axis, [0.3, 0.5, 0.8]));
        let t = cross(axis, s);
        let d2 = dot(minus(pos, from), minus(pos, from));
        let sin2 = radius * radius / d2;
        let opening = sin2 / (1.0 + (1.0 - sin2).sqrt());
        let mut h = Histogram::new(12);
        let mut missed = 0;
        let samples = with_lights(&[ball(pos, radius)], |scene| {
            probe_with("light", scene, &inputs(&[0.0, from[0], from[1], from[2]], 5))
        });
        for d in samples.chunks(7) {
            let dir = [d[0], d[1], d[2]];
            let (x, y) = (dot(dir, s), dot(dir, t));
            let sin2 = x * x + y * y;
            let one_minus_cos = if dot(dir, axis) > 0.0 { sin2 / (1.0 + (1.0 - sin2).max(0.0).sqrt()) } else { 9.0 };
            h.add(one_minus_cos / opening, turn(x, y));
            assert!((d[4] * TAU * opening - 1.0).abs() < 1e-3, "pdf {}", d[4]);
            assert_eq!(d[4], d[5], "pdf of the sample and as asked for");
            // At the rim the result depends on rounding.
            let found = (d[6] - d[3]).abs() < 2e-3 * d[3];
            missed += usize::from(!found);
        }
        assert!(missed < SAMPLES / 100, "{missed} samples don't lie on the light");
        uniform(&h, &format!("sphere light at {pos:?}"));
    }
}

#[test]
fn parallelogram_lights_are_sampled_uniformly_by_area() {
    let (pos, u, v) = ([-1.0, 2.0, -0.5f32], [1.5, 0.0, 0.3f32], [0.0, 0.4, 2.0f32]);
    let light = panel(pos, u, v);
    let from = [0.2, 0.0, 0.3f32];
    let mut h = Histogram::new(16);
    let mut solid_angle = 0.0f64;
    let samples =
        with_lights(&[light], |scene| probe_with("light", scene, &inputs(&[0.0, from[0], from[1], from[2]], 6)));
    let n = unit(cross(u, v));
    for d in samples.chunks(7) {
        let dir = [d[0], d[1], d[2]];
        assert!(d[3] > 0.0, "the light shines here");
        let p = minus([from[0] + dir[0] * d[3], from[1] + dir[1] * d[3], from[2] + dir[2] * d[3]], pos);
        h.add(dot(cross(p, v), n) / light.area, dot(cross(u, p), n) / light.area);
        assert!((d[4] - d[5]).abs() <= 1e-6 * d[4]);
        assert!((d[6] - d[3]).abs() < 1e-4);
        solid_angle += 1.0 / f64::from(d[4]) / SAMPLES as f64;
    }
    uniform(&h, "parallelogram light");
    // The mean of 1 / pdf is the solid angle: two triangles, by Van Oosterom and Strackee.
    let corner = |a: f32, b: f32| {
        let point = |k: usize| pos[k] + a * u[k] + b * v[k] - from[k];
        [point(0), point(1), point(2)]
    };
    let triangle = |a: [f32; 3], b: [f32; 3], c: [f32; 3]| {
        let l = |v: [f32; 3]| f64::from(dot(v, v)).sqrt();
        let d = |v, w| f64::from(dot(v, w));
        let volume = d(a, cross(b, c)).abs();
        2.0 * volume.atan2(l(a) * l(b) * l(c) + d(a, b) * l(c) + d(b, c) * l(a) + d(c, a) * l(b))
    };
    let (a, b, c, d) = (corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 1.0));
    let exact = triangle(a, b, c) + triangle(a, c, d);
    assert!((solid_angle / exact - 1.0).abs() < 3e-3, "solid angle {solid_angle}, exactly {exact}");
}

#[test]
fn lights_behind_or_around_give_no_sample() {
    let lights = [panel([0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]), ball([0.0; 3], 1.0)];
    with_lights(&lights, |scene| {
        // u x v points down: nothing is emitted upwards.
        let above = probe_with("light", scene, &[0.0, 0.5, 2.0, 0.5, 0.3, 0.6]);
        let inside = probe_with("light", scene, &[1.0, 0.2, 0.1, 0.0, 0.3, 0.6]);
        assert_eq!((above[3], inside[3]), (0.0, 0.0));
    });
}

#[test]
fn lights_are_chosen_with_the_probability_that_is_claimed() {
    let lights = [
        ball([5.0, 0.0, 0.0], 1.0),
        panel([0.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]),
        ball([0.0, 9.0, 0.0], 3.0),
    ];
    let mut random = Random::new(8);
    let input: Vec<f32> = (0..SAMPLES).flat_map(|_| [0.1, 0.2, 0.3, random.next()]).collect();
    let mut counts = [0.0f64; 3];
    let mut probability = [0.0f64; 3];
    with_lights(&lights, |scene| {
        for c in probe_with("choose_light", scene, &input).chunks(3) {
            counts[c[0] as usize] += 1.0 / SAMPLES as f64;
            probability[c[0] as usize] = f64::from(c[1]);
            assert_eq!(c[1], c[2]);
        }
    });
    assert!((probability.iter().sum::<f64>() - 1.0).abs() < 1e-6);
    for i in 0..3 {
        let sigma = (probability[i] * (1.0 - probability[i]) / SAMPLES as f64).sqrt();
        assert!(probability[i] > 0.0 && (counts[i] - probability[i]).abs() < 4.0 * sigma, "light {i}: {counts:?}");
    }
}

#[test]
fn diffuse_follows_its_density_and_weighs_by_its_value() {
    let normal = unit([0.3, -0.5, 0.8]);
    let s = unit(cross(normal, [1.0, 0.2, 0.0]));
    let t = cross(normal, s);
    let out = unit([0.8, 0.1, 0.4]);
    for roughness in [0.0, 0.4, 1.0f32] {
        let prefix = [&[0.7, roughness], &normal[..], &out[..]].concat();
        let mut h = Histogram::new(16);
        for d in probe("diffuse", &inputs(&prefix, 9)).chunks(7) {
            let dir = [d[0], d[1], d[2]];
            let z = dot(dir, normal);
            h.add(z * z, turn(dot(dir, s), dot(dir, t)));
            assert!((d[4] - d[5]).abs() < 1e-5, "pdf {} and {}", d[4], d[5]);
            // Near the horizon both vanish, and the error of their quotient is dominated by rounding.
            assert!(z < 0.01 || (d[3] * d[4] - d[6]).abs() < 1e-4 * d[6] + 1e-6, "value {} by {}", d[3] * d[4], d[6]);
        }
        uniform(&h, &format!("diffuse, roughness {roughness}"));
    }
}

/// Light that a surface reflects to `out` under uniform illumination, by quadrature.
fn reflected(albedo: f32, roughness: f32, cos_out: f32) -> f64 {
    let out = [(1.0 - cos_out * cos_out).sqrt(), 0.0, cos_out];
    let (rings, steps) = (256, 128);
    let mut input = Vec::new();
    for i in 0..rings {
        // Equal steps of sin^2 are equal shares of cosine-weighted solid angle, of which there is pi.
        let cosine = (1.0 - (i as f32 + 0.5) / rings as f32).sqrt();
        let sine = (1.0 - cosine * cosine).sqrt();
        for k in 0..steps {
            let phi = (k as f32 + 0.5) / steps as f32 * TAU;
            input.extend([albedo, roughness, 0.0, 0.0, 1.0, sine * phi.cos(), sine * phi.sin(), cosine]);
            input.extend(out);
        }
    }
    let values = probe("diffuse_eval", &input);
    let cosines = input.chunks(11).map(|i| i[7]);
    let sum: f64 = values.iter().zip(cosines).map(|(&value, cosine)| f64::from(value / cosine)).sum();
    sum * std::f64::consts::PI / f64::from(rings * steps)
}

#[test]
fn diffuse_keeps_energy() {
    for roughness in [0.0, 0.2, 0.5, 1.0] {
        for cos_out in [1.0, 0.7, 0.3, 0.05] {
            let white = reflected(1.0, roughness, cos_out);
            assert!((white - 1.0).abs() < 2e-3, "roughness {roughness}, cosine {cos_out}: white reflects {white}");
            let grey = reflected(0.5, roughness, cos_out);
            assert!(grey < 0.5 + 1e-3, "roughness {roughness}, cosine {cos_out}: grey reflects {grey}");
        }
    }
}

#[test]
fn diffuse_is_reciprocal() {
    let mut random = Random::new(10);
    let mut direction = || {
        let (x, y, z) = (random.range(-1.0, 1.0), random.range(-1.0, 1.0), random.range(0.05, 1.0));
        unit([x, y, z])
    };
    for _ in 0..1000 {
        let (a, b) = (direction(), direction());
        let value = |i: [f32; 3], o: [f32; 3]| {
            let input = [&[0.6, 0.7, 0.0, 0.0, 1.0], &i[..], &o[..]].concat();
            probe("diffuse_eval", &input)[0] / i[2]
        };
        assert!((value(a, b) - value(b, a)).abs() < 1e-5, "{a:?} {b:?}");
    }
}

/// The points of some samples of one decision of one pixel.
fn points(pixel: u32, decision: u32, samples: std::ops::Range<u32>) -> Vec<[f32; 2]> {
    let input: Vec<f32> = samples.flat_map(|s| [pixel as f32, 3.0, decision as f32, s as f32]).collect();
    probe("sample", &input).chunks(2).map(|p| [p[0], p[1]]).collect()
}

/// Whether each cell of each grid of 2^a x 2^b cells, a + b = m, holds exactly one of 2^m points.
fn is_net(points: &[[f32; 2]]) -> bool {
    let m = points.len().ilog2();
    (0..=m).all(|a| {
        let (columns, rows) = ((1 << a) as f32, (1 << (m - a)) as f32);
        let mut seen = vec![false; points.len()];
        points.iter().all(|p| {
            let cell = (p[1] * rows) as usize * columns as usize + (p[0] * columns) as usize;
            !std::mem::replace(&mut seen[cell], true)
        })
    })
}

#[test]
fn samples_are_stratified_in_every_decision_and_block() {
    for pixel in 0..20 {
        for decision in [0, 1, 4, 5, 27] {
            for m in 0..10u32 {
                let n = 1 << m;
                assert!(is_net(&points(pixel, decision, 0..n)), "first {n}, pixel {pixel}, decision {decision}");
                assert!(is_net(&points(pixel, decision, 3 * n..4 * n)), "fourth {n}, pixel {pixel}");
            }
        }
    }
    let mut wrong = points(0, 0, 0..64);
    wrong[5] = wrong[6];
    assert!(!is_net(&wrong));
}

#[test]
fn samples_are_uniform_over_pixels() {
    // One sample each of many pixels: only the hashes make these differ.
    for sample in [0, 1, 6] {
        let mut h = Histogram::new(16);
        let input: Vec<f32> =
            (0..SAMPLES).flat_map(|i| [(i % 500) as f32, (i / 500) as f32, 5.0, sample as f32]).collect();
        for p in probe("sample", &input).chunks(2) {
            h.add(p[0], p[1]);
        }
        uniform(&h, &format!("sample {sample}"));
    }
}

#[test]
fn decisions_and_pixels_are_independent() {
    // Pairs of coordinates from two decisions, and from two neighbours, are uniform in the square.
    let (mut decisions, mut neighbours, mut dimensions) = (Histogram::new(12), Histogram::new(12), Histogram::new(12));
    for pixel in 0..6000 {
        let (a, b, c) = (points(pixel, 4, 0..8), points(pixel, 5, 0..8), points(pixel + 1, 4, 0..8));
        // One sample per pixel, because the samples of one pixel are stratified.
        let k = (pixel % 8) as usize;
        decisions.add(a[k][0], b[k][0]);
        neighbours.add(a[k][0], c[k][0]);
        dimensions.add(a[k][0], b[k][1]);
    }
    uniform(&decisions, "two decisions");
    uniform(&neighbours, "two pixels");
    uniform(&dimensions, "two dimensions");
}

#[test]
fn a_vertex_draws_the_decisions_that_follow_each_other() {
    for vertex in 0..4u32 {
        for sample in [0, 1, 2, 77u32] {
            let all = probe("vertex", &[vertex as f32, sample as f32]);
            // The vertex's own four samples and those of the next vertex.
            for k in 0..8u32 {
                let decision = 4 + 4 * vertex + k;
                let one = probe("sample", &[0.0, 0.0, decision as f32, sample as f32]);
                assert_eq!(one, [all[k as usize], all[8 + k as usize]], "vertex {vertex}, decision {k}");
            }
        }
    }
}

#[test]
fn seeds_of_images_give_other_points() {
    let point = |seed| {
        let scene = SceneData { seed, ..SceneData::default() };
        probe_with("sample", &scene, &[0.0, 0.0, 0.0, 0.0])
    };
    assert_ne!(point(1), point(2));
    assert_ne!(point(1), point(1 << 40));
    assert_eq!(point(3), point(3));
    assert!(!first_variant().name().is_empty());
}
