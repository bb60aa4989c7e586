//! Samplers compared with their densities, and the stratification of the random numbers.

use crate::{first_variant, probe, probe_with};
use plotrt::device::layout::{Float3, LightData, SceneData};
use plotrt::scene::LightKind;
use plotrt::scene::{MATERIALS, MaterialKind};
use std::f32::consts::{PI, TAU};

use crate::support::statistics::{Histogram, Random, chi_square_sigmas, chi_square_sigmas_of};

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

/// The kinds of materials that scatter, each with several roughnesses.
fn scattering() -> impl Iterator<Item = (MaterialKind, f32)> {
    let kinds = MATERIALS.iter().filter(|row| !row.shines).map(|row| row.kind);
    kinds.flat_map(|kind| [0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0].map(|roughness| (kind, roughness)))
}

/// Inputs of the probe `bsdf`: white, at the origin of a plane whose normal is Z, seen from the cosine `cos_out`.
fn leaving(kind: MaterialKind, roughness: f32, cos_out: f32) -> Vec<f32> {
    let out = [(1.0 - cos_out * cos_out).sqrt(), 0.0, cos_out];
    [&[kind as u32 as f32, 1.0, roughness, 0.0, 0.0, 1.0], &out[..]].concat()
}

/// Samples of the hemisphere fall into its cells as often as the density says, which is integrated over each cell.
#[test]
fn materials_follow_their_density_and_weigh_by_their_value() {
    const SIDE: usize = 12;
    const FINE: usize = 24;
    for (kind, roughness) in scattering() {
        let cos_out = 0.6;
        let prefix = leaving(kind, roughness, cos_out);
        let mut random = Random::new(9);
        let input: Vec<f32> =
            (0..SAMPLES).flat_map(|_| [&prefix[..], &[random.next(), random.next(), random.next()]].concat()).collect();
        let samples = probe("bsdf", &input);
        if samples.chunks(7).all(|d| d[4] > 0.0 && d[5] == 0.0) {
            continue; // a delta lobe has no density
        }
        // Cells of the sphere around the mirrored direction, narrow near it.
        let mirrored = [-(1.0 - cos_out * cos_out).sqrt(), 0.0, cos_out];
        let t = [0.0, 1.0, 0.0];
        let s = cross(t, mirrored);
        let aside = |d: &[f32]| {
            // Half of 1 - cosine, from the distance, which keeps its digits in narrow lobes.
            let apart = minus([d[0], d[1], d[2]], mirrored);
            (dot(apart, apart) / 4.0).min(1.0)
        };
        let mut sorted: Vec<f32> = samples.chunks(7).map(aside).collect();
        sorted.sort_by(f32::total_cmp);
        let width = sorted[SAMPLES / 2];
        let place = |d: [f32; 3]| {
            let x = aside(&d);
            (x * (1.0 + width) / (x + width), turn(dot(d, s), dot(d, t)))
        };
        let mut counts = vec![0u32; SIDE * SIDE];
        let cell = |x: f32, y: f32| {
            let index = |c: f32| ((c * SIDE as f32) as usize).min(SIDE - 1);
            index(y) * SIDE + index(x)
        };
        for d in samples.chunks(7).filter(|d| d[4] > 0.0) {
            let dir = [d[0], d[1], d[2]];
            let (x, y) = place(dir);
            counts[cell(x, y)] += 1;
            assert!((d[4] - d[5]).abs() <= 2e-3 * d[4] + 1e-5, "{kind:?} {roughness}: pdf {} and {}", d[4], d[5]);
            let near = dir[2] < 0.01 || (d[3] * d[4] - d[6]).abs() <= 3e-3 * d[6] + 1e-5;
            assert!(near, "{kind:?} {roughness}: value {} by {}", d[3] * d[4], d[6]);
        }
        // The density, integrated over each cell.
        let mut input = Vec::new();
        let mut areas = Vec::new();
        let steps = SIDE * FINE;
        for i in 0..steps {
            for k in 0..steps {
                let (a, b) = ((i as f32 + 0.5) / steps as f32, (k as f32 + 0.5) / steps as f32);
                // The inverse of `place`.
                let x = a * width / (1.0 + width - a);
                let slope = width * (1.0 + width) / (1.0 + width - a).powi(2);
                let (one_minus, phi) = (2.0 * x, b * TAU);
                let (cosine, sine) = (1.0 - one_minus, (one_minus * (2.0 - one_minus)).max(0.0).sqrt());
                let axis = |k: usize| mirrored[k] * cosine + (s[k] * phi.cos() + t[k] * phi.sin()) * sine;
                let dir = [axis(0), axis(1), axis(2)];
                input.extend([&prefix[..6], &dir, &prefix[6..]].concat());
                let solid_angle = 2.0 * slope / steps as f32 * TAU / steps as f32;
                areas.push(if dir[2] > 0.0 { f64::from(solid_angle) } else { 0.0 });
            }
        }
        let mut expected = vec![0.0f64; SIDE * SIDE];
        for (n, value) in probe("bsdf_eval", &input).chunks(2).enumerate() {
            let (i, k) = (n / steps, n % steps);
            expected[k / FINE * SIDE + i / FINE] += f64::from(value[1]) * areas[n] * SAMPLES as f64;
        }
        let sigmas = chi_square_sigmas_of(&counts, &expected);
        assert!(sigmas < 4.5, "{kind:?}, roughness {roughness}: {sigmas} standard deviations from its density");
        let wrong: Vec<f64> =
            expected.iter().enumerate().map(|(i, e)| e * if i % 2 == 0 { 1.1 } else { 0.9 }).collect();
        assert!(chi_square_sigmas_of(&counts, &wrong) > 4.5, "{kind:?} {roughness}: a wrong density is not seen");
    }
}

/// The light that a white surface reflects under uniform light: the mean of the weights of its samples.
#[test]
fn white_materials_reflect_all_light() {
    for (kind, roughness) in scattering() {
        for cos_out in [1.0, 0.7, 0.3, 0.1] {
            let prefix = leaving(kind, roughness, cos_out);
            let side = 256;
            let mut random = Random::new(11);
            let mut input = Vec::new();
            for i in 0..side * side {
                let (a, b) = ((i % side) as f32 + 0.5, (i / side) as f32 + 0.5);
                let numbers = [random.next(), a / side as f32, b / side as f32];
                input.extend([&prefix[..], &numbers].concat());
            }
            let weights = probe("bsdf", &input);
            let used = weights.chunks(7).filter(|d| d[4] > 0.0).map(|d| f64::from(d[3]));
            let white = used.sum::<f64>() / f64::from(side * side);
            assert!((white - 1.0).abs() < 5e-3, "{kind:?}, roughness {roughness}, cosine {cos_out}: {white}");
        }
    }
}

#[test]
fn materials_are_reciprocal() {
    let mut random = Random::new(10);
    let mut direction = || {
        let (x, y, z) = (random.range(-1.0, 1.0), random.range(-1.0, 1.0), random.range(0.05, 1.0));
        unit([x, y, z])
    };
    for (kind, roughness) in scattering() {
        for _ in 0..300 {
            let (a, b) = (direction(), direction());
            let value = |i: [f32; 3], o: [f32; 3]| {
                let input = [&[kind as u32 as f32, 0.6, roughness, 0.0, 0.0, 1.0], &i[..], &o[..]].concat();
                probe("bsdf_eval", &input)[0] / i[2]
            };
            let (there, back) = (value(a, b), value(b, a));
            assert!((there - back).abs() < 1e-5 + 1e-3 * there, "{kind:?} {roughness}: {a:?} {b:?}");
        }
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
