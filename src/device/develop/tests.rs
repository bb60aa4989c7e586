//! Developing synthetic films, whose right result is known.

use super::*;
use crate::device::denoise::Denoisers;
use crate::device::kernels;
use crate::scene::{DenoiserKind, Postproc, Scene};

/// One sample of a synthetic film.
#[derive(Clone, Copy)]
struct Sample {
    radiance: [f32; 3],
    /// Albedo, camera-space normal and depth of a hit.
    hit: Option<([f32; 3], [f32; 3], f32)>,
}

const FACING: [f32; 3] = [0.0, 0.0, 1.0];
const SIDEWAYS: [f32; 3] = [1.0, 0.0, 0.0];

fn surface(light: f32, albedo: [f32; 3], normal: [f32; 3], depth: f32) -> Sample {
    Sample { radiance: albedo.map(|a| a * light), hit: Some((albedo, normal, depth)) }
}

fn background(radiance: f32) -> Sample {
    Sample { radiance: [radiance; 3], hit: None }
}

#[derive(Clone)]
struct Sums {
    width: u32,
    height: u32,
    passes: u32,
    sums: [Vec<f32>; 3],
}

impl Sums {
    /// `sample(x, y, pass)` as the tracer would add it.
    fn new((width, height): (u32, u32), passes: u32, sample: impl Fn(u32, u32, u32) -> Sample) -> Sums {
        let floats = 4 * (width * height) as usize;
        let mut sums = [vec![0.0f32; floats], vec![0.0; floats], vec![0.0; floats]];
        for (i, (y, x)) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))).enumerate() {
            for pass in 0..passes {
                let Sample { radiance, hit } = sample(x, y, pass);
                let l = 0.2126 * radiance[0] + 0.7152 * radiance[1] + 0.0722 * radiance[2];
                let mut add = |plane: usize, values: [f32; 3], last: f32| {
                    let sum = &mut sums[plane][4 * i..4 * i + 4];
                    values.iter().chain([&last]).zip(sum).for_each(|(value, sum)| *sum += value);
                };
                add(0, radiance, l * l);
                if let Some((albedo, normal, depth)) = hit {
                    add(1, albedo, 1.0);
                    add(2, normal, depth);
                }
            }
        }
        Sums { width, height, passes, sums }
    }

    fn film(&self) -> FilmView<'_> {
        let planes = self.sums.each_ref().map(|sums| Some(&sums[..]));
        FilmView { width: self.width, height: self.height, passes: self.passes, planes }
    }

    fn chain(&self, scene: &Scene, complete: bool) -> Chain {
        let denoiser = Denoisers::new(0).choose(scene, || None).unwrap();
        Chain::of(scene, self.passes, complete, denoiser.as_ref())
    }

    fn develop(&self, scene: &Scene) -> Frame {
        self.develop_at(scene, true)
    }

    fn develop_at(&self, scene: &Scene, complete: bool) -> Frame {
        let what = Develop { linear: true, ..Develop::default() };
        let chain = self.chain(scene, complete);
        develop(kernels::variants()[0].develop, &self.film(), &chain, complete, what, &CancelToken::new()).unwrap()
    }
}

/// Uniform in [0, 1), a function of its arguments.
fn random(x: u32, y: u32, pass: u32) -> f32 {
    let mut h = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77) ^ pass.wrapping_mul(0xc2b2_ae3d);
    for shift in [15, 13, 16] {
        h = (h ^ (h >> shift)).wrapping_mul(0x2c1b_3c6d);
    }
    (h >> 8) as f32 / (1 << 24) as f32
}

/// As noisy as four passes of a diffuse scene: each sample is lit or not.
fn noisy_light(mean: f32, x: u32, y: u32, pass: u32) -> f32 {
    if random(x, y, pass) < 0.5 { 2.0 * mean } else { 0.0 }
}

fn chain(postproc: &[Postproc]) -> Scene {
    Scene { postproc: postproc.to_vec(), ..Scene::default() }
}

fn denoiser() -> Scene {
    chain(&[Postproc::DenoiserBuiltin])
}

/// Mean over the rows of the first channel of each column.
fn columns(frame: &Frame) -> Vec<f32> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let column = |x: usize| (0..height).map(|y| frame.linear[3 * (y * width + x)]).sum::<f32>() / height as f32;
    (0..width).map(column).collect()
}

fn deviation(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let count = values.clone().count() as f32;
    let mean = values.clone().sum::<f32>() / count;
    (values.map(|v| (v - mean) * (v - mean)).sum::<f32>() / count).sqrt()
}

#[test]
fn exposure_gamma_and_clamping() {
    let ramp = |x: u32, _, _| background(x as f32 / 50.0);
    let sums = Sums::new((64, 1), 2, ramp);
    let mut gamma = chain(&[Postproc::Gamma]);
    gamma.variables.tonemap_exposure = 1.5;
    gamma.variables.tonemap_gamma = 1.8;
    let mapped = sums.develop(&gamma);
    let plain = sums.develop(&chain(&[]));
    for x in 0..64 {
        let value = x as f64 / 50.0;
        let level = |v: f64| v.min(1.0) * 255.0;
        let expect_mapped = level((1.5 * value).powf(1.0 / 1.8));
        for (frame, expect) in [(&mapped, expect_mapped), (&plain, level(value))] {
            let [r, g, b, a] = frame.rgba8[4 * x..4 * x + 4] else { panic!("4 bytes a pixel") };
            assert!((f64::from(r) - expect).abs() <= 0.5 + 1e-3, "{x}: {r} for {expect}");
            assert_eq!((g, b, a), (r, r, 255));
        }
    }
    assert_eq!(mapped.linear, plain.linear, "the linear image is the same");
}

#[test]
fn the_denoiser_tone_maps() {
    let sums = Sums::new((20, 20), 4, |x, y, p| surface(noisy_light(0.3, x, y, p), [0.8; 3], FACING, 2.0));
    let alone = sums.develop(&denoiser());
    let expect = (f64::from(alone.linear[0]).powf(1.0 / 2.2) * 255.0).round() as u8;
    assert_eq!(alone.rgba8[0], expect);
}

#[test]
fn start_and_blend() {
    let sums = Sums::new((32, 32), 4, |x, y, p| surface(noisy_light(0.3, x, y, p), [0.8; 3], FACING, 2.0));
    let raw = sums.develop(&chain(&[Postproc::Gamma]));
    let denoised = sums.develop(&denoiser());
    assert_ne!(raw.linear, denoised.linear);
    assert_eq!(raw.noise, denoised.noise, "noise is that of the film");

    let mut scene = denoiser();
    scene.variables.denoiser_start = 5;
    let early = sums.develop_at(&scene, false);
    assert_eq!(early.linear, raw.linear, "before its start the image is the raw one");
    assert_eq!(early.rgba8, raw.rgba8, "tone-mapped the same");
    assert_eq!(sums.develop(&scene), denoised, "a complete image is denoised however few its passes are");
    scene.variables.denoiser_start = 4;
    assert_eq!(sums.develop_at(&scene, false).linear, denoised.linear);
    scene = denoiser();
    scene.variables.denoiser_blend = 1.0;
    assert_eq!(sums.develop(&scene), raw);
    scene.variables.denoiser_blend = 0.25;
    let mixed = sums.develop(&scene);
    for ((m, r), d) in mixed.linear.iter().zip(&raw.linear).zip(&denoised.linear) {
        assert!((m - (0.25 * r + 0.75 * d)).abs() < 1e-6);
    }
}

#[test]
fn noise_is_the_mean_standard_error() {
    // Samples 0, 0, 1, 1: variance 1/3, of the mean 1/12.
    let sums = Sums::new((5, 3), 4, |_, _, pass| background((pass / 2) as f32));
    let noise = sums.develop(&chain(&[])).noise;
    assert!((noise - (1.0f32 / 12.0).sqrt()).abs() < 1e-6, "{noise}");
    assert_eq!(Sums::new((5, 3), 4, |_, _, _| background(0.5)).develop(&chain(&[])).noise, 0.0);
    assert_eq!(Sums::new((5, 3), 1, |_, _, _| background(0.5)).develop(&chain(&[])).noise, f32::INFINITY);
}

#[test]
fn a_constant_image_stays_as_it_is() {
    for passes in [1, 4, 100] {
        let sums = Sums::new((33, 21), passes, |_, _, _| surface(0.7, [0.2, 0.5, 0.9], FACING, 3.0));
        let mut scene = denoiser();
        scene.variables.denoiser_start = 1;
        for pixel in sums.develop(&scene).linear.chunks(3) {
            for (value, albedo) in pixel.iter().zip([0.2, 0.5, 0.9]) {
                assert!((value / (0.7 * albedo) - 1.0).abs() < 1e-5, "{value} after {passes} passes");
            }
        }
    }
}

#[test]
fn noise_on_a_tilted_textured_plane_goes_and_the_texture_stays() {
    let stripes = |x: u32| if (x / 2).is_multiple_of(2) { [0.9, 0.5, 0.1] } else { [0.8, 0.55, 0.15] };
    let sums = Sums::new((48, 48), 4, |x, y, p| {
        surface(noisy_light(0.5, x, y, p), stripes(x), [0.6, 0.0, 0.8], 3.0 + 0.05 * x as f32)
    });
    let (before, after) = (sums.develop(&chain(&[])), sums.develop(&denoiser()));
    let light = |frame: &Frame| {
        let pixels = frame.linear.chunks(3).enumerate();
        pixels.map(|(i, pixel)| pixel[0] / stripes(i as u32 % 48)[0]).collect::<Vec<f32>>()
    };
    let (noisy, clean) = (deviation(light(&before).into_iter()), deviation(light(&after).into_iter()));
    assert!(clean < 0.25 * noisy, "noise {noisy} became {clean}");
}

/// Stripes that only an auxiliary buffer distinguishes from noise.
#[test]
fn open_image_denoise_uses_the_chosen_auxiliary_buffers() {
    if let Err(error) = Denoisers::new(0).oidn() {
        eprintln!("skipped: {error}");
        return;
    }
    let even = |x: u32| (x / 4).is_multiple_of(2);
    let albedo = |x: u32| if even(x) { 0.9 } else { 0.6 };
    let light = |x: u32| if even(x) { 0.6 } else { 0.4 };
    type Truth<'a> = &'a dyn Fn(u32) -> f32;
    type Film<'a> = &'a dyn Fn(u32, u32, u32) -> Sample;
    let films: [(&str, Film, Truth); 2] = [
        ("albedo", &|x, y, p| surface(noisy_light(0.5, x, y, p), [albedo(x); 3], FACING, 3.0), &|x| 0.5 * albedo(x)),
        (
            "normal",
            &|x, y, p| {
                let normal = if even(x) { [0.6, 0.0, 0.8] } else { [-0.6, 0.0, 0.8] };
                surface(noisy_light(light(x), x, y, p), [0.8; 3], normal, 3.0)
            },
            &|x| 0.8 * light(x),
        ),
    ];
    for (what, sample, truth) in films {
        let sums = Sums::new((96, 96), 4, sample);
        let error = |kind| {
            let mut scene = chain(&[Postproc::OiDenoiserHdr]);
            scene.variables.denoiser_kind = kind;
            let frame = sums.develop(&scene);
            let pixels = frame.linear.chunks(3).enumerate();
            let squares: f32 = pixels.map(|(i, pixel)| (pixel[0] - truth(i as u32 % 96)).powi(2)).sum();
            (squares / (96.0 * 96.0)).sqrt()
        };
        let [rgb, with_albedo, with_normal] = DenoiserKind::ALL.map(error);
        println!("{what}: {rgb}, {with_albedo}, {with_normal}");
        match what {
            "albedo" => assert!(with_albedo < 0.7 * rgb, "{with_albedo} and {rgb}"),
            _ => assert!(with_normal < 0.9 * with_albedo, "the albedo is the same: {with_normal} and {with_albedo}"),
        }
    }
}

/// Columns more than one pixel away from the edge must be what they are far from it.
fn assert_edge_is_sharp(what: &str, frame: &Frame, edge: usize, tolerance: f32) -> Result<(), String> {
    let columns = columns(frame);
    let (left, right) = (columns[edge - 12], columns[edge + 11]);
    let step = (left - right).abs();
    for (x, value) in columns.iter().enumerate().take(edge + 10).skip(edge - 10) {
        let near_edge = (edge - 1..=edge).contains(&x);
        let expect = if x < edge { left } else { right };
        if !near_edge && (value - expect).abs() > tolerance * step {
            return Err(format!("{what}: column {x} is {value} instead of {expect}, the step is {step}"));
        }
    }
    Ok(())
}

#[test]
fn edges_are_not_blurred() {
    const EDGE: u32 = 20;
    type Side = fn(f32) -> Sample;
    let edges: [(&str, Side, Side); 4] = [
        ("normal", |l| surface(l, [0.8; 3], FACING, 3.0), |l| surface(0.3 * l, [0.8; 3], SIDEWAYS, 3.0)),
        ("depth", |l| surface(l, [0.8; 3], FACING, 3.0), |l| surface(0.3 * l, [0.8; 3], FACING, 4.0)),
        ("albedo", |l| surface(l, [0.9, 0.2, 0.2], FACING, 3.0), |l| surface(l, [0.2, 0.2, 0.9], FACING, 3.0)),
        ("outline", |l| surface(l, [0.8; 3], FACING, 3.0), |_| background(0.0)),
    ];
    for (what, left, right) in edges {
        for antialiased in [false, true] {
            let sums = Sums::new((40, 256), 4, |x, y, p| {
                let light = noisy_light(0.5, x, y, p);
                // An antialiased edge crosses its column from top to bottom.
                let crossing = antialiased && x == EDGE && (random(x, y, p + 100) * 256.0) < y as f32;
                if x < EDGE || crossing { left(light) } else { right(light) }
            });
            let frame = sums.develop(&denoiser());
            assert_edge_is_sharp(what, &frame, EDGE as usize, 0.05).unwrap();
        }
    }
}

#[test]
fn a_shadow_that_the_guides_do_not_show_stays_once_the_noise_is_low() {
    let shadow = |x: u32| if x < 20 { 0.6 } else { 0.2 };
    let sums =
        Sums::new((40, 40), 400, |x, y, p| surface(shadow(x) * (0.9 + 0.2 * random(x, y, p)), [0.8; 3], FACING, 3.0));
    assert_edge_is_sharp("shadow", &sums.develop(&denoiser()), 20, 0.02).unwrap();
}

#[test]
fn the_edge_test_fails_on_a_blurred_edge() {
    let mut frame = Frame { width: 40, height: 1, linear: vec![0.0; 120], ..Frame::default() };
    let mut draw = |profile: &dyn Fn(usize) -> f32| {
        (0..40).for_each(|x| frame.linear[3 * x..3 * x + 3].fill(profile(x)));
        assert_edge_is_sharp("synthetic", &frame, 20, 0.05)
    };
    assert!(draw(&|x| if x < 20 { 1.0 } else { 0.0 }).is_ok());
    assert!(draw(&|x| (0.5 + (19.5 - x as f32) / 5.0).clamp(0.0, 1.0)).is_err());
    assert!(draw(&|x| if x < 17 { 1.0 } else { 0.0 }).is_err(), "an edge that has moved");
}

#[test]
fn nothing_that_a_film_can_hold_makes_nan() {
    let odd: [fn(u32, u32, u32) -> Sample; 5] = [
        |_, _, _| surface(0.0, [0.0; 3], FACING, 1.0),
        |x, _, _| surface(if x % 3 == 0 { 1e37 } else { 1e-37 }, [0.8; 3], FACING, 1e30),
        |x, y, p| surface(noisy_light(1e18, x, y, p), [1e-3; 3], SIDEWAYS, -1e-30),
        |x, y, _| if (x + y) % 2 == 0 { background(0.0) } else { surface(1.0, [0.0, 1.0, 1e6], FACING, 0.0) },
        |x, _, p| if p == 0 { surface(1e19, [0.5; 3], [x as f32; 3], 1.0) } else { background(3.0) },
    ];
    let mut stages = vec![Postproc::DenoiserBuiltin];
    match Denoisers::new(0).oidn() {
        Ok(_) => stages.extend([Postproc::OiDenoiser, Postproc::OiDenoiserHdr]),
        Err(error) => eprintln!("skipped in part: {error}"),
    }
    for (i, sample) in odd.into_iter().enumerate() {
        for (passes, &stage) in [1, 2, 7].into_iter().flat_map(|passes| stages.iter().map(move |stage| (passes, stage)))
        {
            for size in [(1, 1), (3, 17), (23, 5)] {
                let mut scene = chain(&[stage]);
                scene.variables.denoiser_start = 1;
                let frame = Sums::new(size, passes, sample).develop(&scene);
                let what = format!("film {i}, {passes} passes, {size:?}, {stage:?}");
                assert!(frame.linear.iter().all(|v| v.is_finite()), "{what}");
                assert!(!frame.noise.is_nan());
            }
        }
    }
}

#[test]
fn an_empty_film_is_black() {
    let frame = Sums::new((4, 2), 0, |_, _, _| background(1.0)).develop(&denoiser());
    assert_eq!(frame.rgba8, [0, 0, 0, 255].repeat(8));
    assert_eq!(frame.linear, [0.0; 24]);
}

#[test]
fn bits_do_not_depend_on_threads_or_instruction_set() {
    for size in [(1, 1), (7, 3), (61, 131)] {
        let sums = Sums::new(size, 4, |x, y, p| match (x / 5 + y / 7) % 3 {
            0 => background(0.1),
            1 => surface(noisy_light(0.4, x, y, p), [0.7, 0.5, 0.3], FACING, 2.0 + 0.01 * y as f32),
            _ => surface(noisy_light(0.7, x, y, p), [0.8; 3], SIDEWAYS, 2.5),
        });
        let mut frames = Vec::new();
        for variant in kernels::variants() {
            for threads in [1, 2, 7] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let what = Develop { linear: true, ..Develop::default() };
                let cancel = CancelToken::new();
                let chain = sums.chain(&denoiser(), true);
                let frame = pool.install(|| develop(variant.develop, &sums.film(), &chain, true, what, &cancel));
                frames.push(frame.unwrap());
            }
        }
        let bits = |frame: &Frame| frame.linear.iter().map(|v| v.to_bits()).collect::<Vec<u32>>();
        for frame in &frames {
            assert_eq!(bits(frame), bits(&frames[0]));
            assert_eq!(frame, &frames[0]);
        }
    }
}
