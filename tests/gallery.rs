//! The scripts of the gallery run, and the seed animation does what its formulas say and looks as it did.

use image::RgbImage;
use plotrt::cancel::CancelToken;
use plotrt::device::cpu::CpuDevice;
use plotrt::engine::{Engine, EngineConfig, Event, Frames, Mode};
use plotrt::frame::Frame;
use plotrt::scene::{Channel, Geometry, LightShape, Postproc, Scene};
use plotrt::script::{CallContext, Callback, Host, HostServices, Permissions, Script, ScriptOptions};
use plotrt::{Error, Result};
use std::f64::consts::PI;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(60);
const DELTA: u32 = 4;

/// Renders black images, and records the requests.
#[derive(Default)]
struct Recorder(Mutex<Vec<(Scene, u32)>>);

impl HostServices for Recorder {
    fn render(&self, scene: &Scene, passes: u32, _: &CancelToken) -> Result<Frame> {
        self.0.lock().unwrap().push((scene.clone(), passes));
        let (width, height) = scene.size;
        let pixels = width as usize * height as usize;
        let (rgba8, linear) = (vec![0; pixels * 4], vec![0.0; pixels * 3]);
        Ok(Frame { width, height, rgba8, linear, passes, complete: true, ..Frame::default() })
    }
}

/// Parameters that make the large scripts of the gallery small, as `--set` would; the others run unchanged.
const SMALL: [(&str, &str, &str); 6] = [
    ("attractor.rhai", "n", "300"),
    ("fullerene.rhai", "n", "1"),
    ("galaxies.rhai", "n", "200"),
    ("lorenz.rhai", "orbits", "3"),
    ("orbital.rhai", "n", "1000"),
    ("waves.rhai", "n", "8"),
];

fn script(name: &str) -> Arc<Script> {
    changed_script(name, |text| text)
}

fn changed_script(name: &str, change: impl Fn(String) -> String) -> Arc<Script> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
    let text = change(std::fs::read_to_string(&path).unwrap());
    let small = SMALL.iter().filter(|(script, ..)| *script == name);
    let sets = small.map(|(_, parameter, value)| (parameter.to_string(), value.to_string())).collect();
    let options = ScriptOptions { sets, ..ScriptOptions::default() };
    Script::from_source(name, &text, path.parent().unwrap(), options).unwrap()
}

/// A script with its scene, run callback by callback on one thread.
struct Run {
    host: Host,
    scene: Scene,
    frame: u64,
    services: Arc<Recorder>,
    out: tempfile::TempDir,
}

impl Run {
    fn new(name: &str) -> Run {
        let mut host = Host::new(&script(name)).unwrap();
        host.run_top_level(&CancelToken::new(), TIMEOUT).unwrap();
        let out = tempfile::tempdir().unwrap();
        Run { host, scene: Scene::default(), frame: 0, services: Arc::default(), out }
    }

    fn call(&mut self, callback: Callback) {
        let image = matches!(callback, Callback::UpdateImage | Callback::AccumDone);
        let cx = CallContext {
            frame: self.frame,
            image: image.then(|| Arc::new(Frame::default())),
            permissions: Arc::new(Permissions { out_dir: self.out.path().to_path_buf(), ..Permissions::default() }),
            services: Some(self.services.clone()),
            ..CallContext::new(callback, self.scene.clone())
        };
        let (cx, result) = self.host.call(cx, DELTA, TIMEOUT);
        result.unwrap_or_else(|e: Error| panic!("{}: {e} ({:?})", callback.name(), e.hint));
        for edit in &cx.edits {
            self.scene.apply(edit).unwrap();
        }
    }

    fn round(&mut self) {
        use Callback::*;
        for callback in [RtStarting, Compute, UpdateImage, AccumDone, UpdateData] {
            self.call(callback);
        }
        self.frame += 1;
    }
}

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|e| e == "rhai")).collect()
}

#[test]
fn every_script_runs() {
    let names: Vec<_> = scripts().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert!(SMALL.iter().all(|(name, ..)| names.iter().any(|n| n == name)), "{names:?}");
    for path in scripts() {
        let mut run = Run::new(path.file_name().unwrap().to_str().unwrap());
        run.call(Callback::Init);
        for _ in 0..2 {
            run.round();
        }
        assert!(!run.scene.geometries.is_empty(), "{} shows nothing", path.display());
    }
}

#[test]
fn the_animation_starts_with_the_scene_of_the_notebook() {
    let mut run = Run::new("animation.rhai");
    run.call(Callback::Init);
    let scene = &run.scene;
    assert_eq!(scene.size, (500, 500));
    assert_eq!(scene.geometries["plot"].count(), 1000);
    // Rows as numpy's mgrid gives them: the last axis runs fastest.
    assert_eq!(scene.geometries["plot"].pos.relative()[1], [0.0, 0.0, 0.5]);
    assert_eq!(scene.geometries["plot"].pos.relative()[100], [0.5, 0.0, 0.0]);
    assert_eq!((scene.params.min_accumulation_step, scene.params.max_accumulation_frames), (4, 100));
    let view = scene.view();
    assert_eq!((view.eye.to_array(), view.target.to_array(), view.fov), ([10.0; 3], [2.5; 3], 40.0));
    let light = &scene.lights["light1"];
    assert_eq!(light.shape, LightShape::Spherical { radius: 4.0 });
    assert_eq!(light.color.to_array(), [9.9, 9.5, 9.1]);
    assert_eq!((scene.ambient.to_array(), scene.background.to_array()), ([0.1, 0.2, 0.3], [0.0; 3]));
    assert_eq!(scene.postproc, [Postproc::Denoiser]);
}

#[test]
fn the_animation_moves_by_the_notebooks_formulas() {
    let mut run = Run::new("animation.rhai");
    run.call(Callback::Init);
    let (s, pia) = (0.5, PI / 5.0);
    for round in 1..=3 {
        run.round();
        let t = 0.02 * f64::from(DELTA) * f64::from(round);
        let (sint, cost) = t.sin_cos();
        let plot = &run.scene.geometries["plot"];
        for (i, pos) in plot.pos.relative().iter().enumerate() {
            let [x, y, z] = pos.map(f64::from);
            let lu = s * 0.5 * (1.0 + (pia * x + 1.7 * t).sin());
            let lv = s * 0.5 * (1.0 + (pia * y + 1.3 * t).sin());
            let lw = s * 0.5 * (1.0 + (2.0 * pia * z + t).sin());
            let expected = [[lu * cost, lu * sint, 0.0], [-lv * sint, lv * cost, 0.0], [0.0, 0.0, lw]];
            for (edge, expected) in
                [Channel::U, Channel::V, Channel::W].map(|edge| &plot[edge]).into_iter().zip(expected)
            {
                for (a, b) in edge.vector(i).into_iter().zip(expected) {
                    assert!((f64::from(a) - b).abs() < 1e-6, "round {round}, box {i}: {a} for {b}");
                }
            }
        }
    }
}

/// Whether two plots of boxes are the same but for rounding, and which number differs if not.
fn same_boxes(a: &Geometry, b: &Geometry) -> std::result::Result<(), String> {
    if a.count() != b.count() {
        return Err(format!("{} and {} boxes", a.count(), b.count()));
    }
    for i in 0..a.count() {
        let rows = |plot: &Geometry| {
            [plot.pos.relative()[i], plot[Channel::U].vector(i), plot[Channel::V].vector(i), plot[Channel::W].vector(i)]
                .concat()
        };
        for (column, (x, y)) in rows(a).into_iter().zip(rows(b)).enumerate() {
            if (x - y).abs() > 1e-6 {
                return Err(format!("number {column} of box {i}: {x} and {y}"));
            }
        }
    }
    Ok(())
}

#[test]
fn the_loops_make_the_same_animation_as_the_arrays() {
    let (mut arrays, mut loops) = (Run::new("animation.rhai"), Run::new("animation_loops.rhai"));
    arrays.call(Callback::Init);
    loops.call(Callback::Init);
    for round in 0..4 {
        let plot = |run: &Run| run.scene.geometries["plot"].clone();
        assert_eq!(same_boxes(&plot(&arrays), &plot(&loops)), Ok(()), "round {round}");
        arrays.round();
        assert!(same_boxes(&plot(&arrays), &plot(&loops)).is_err(), "one of them is a step ahead");
        loops.round();
    }
    let [a, b] = [&arrays, &loops].map(|run| Scene { geometries: Default::default(), ..run.scene.clone() });
    assert_eq!(a, b);
}

#[test]
fn the_attractor_has_as_many_points_as_asked_for_about_the_origin() {
    let mut run = Run::new("attractor.rhai");
    run.call(Callback::Init);
    let points = &run.scene.geometries["points"];
    assert_eq!(points.count(), 300);
    let far = points.pos.relative().iter().flatten().fold(0.0f32, |far, x| far.max(x.abs()));
    assert!((2.0..8.0).contains(&far), "{far}");
}

#[test]
fn fullerenes_have_60_atoms_with_three_bonds_each() {
    let mut run = Run::new("fullerene.rhai");
    run.call(Callback::Init);
    let (atoms, bonds) = (&run.scene.geometries["atoms"], &run.scene.geometries["bonds"]);
    // The corners of a cube and the middles of its faces.
    assert_eq!((atoms.count(), bonds.count()), (14 * 60, 14 * 90));
    let near = |a: [f32; 3], b: [f32; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
    let mut ends = vec![0; atoms.count()];
    for i in 0..bonds.count() {
        let (u, v, w) = (bonds[Channel::U].vector(i), bonds[Channel::V].vector(i), bonds[Channel::W].vector(i));
        assert!((w.iter().map(|x| x * x).sum::<f32>() - 4.0).abs() < 1e-4, "bond {i} is {w:?}");
        let start: [f32; 3] = std::array::from_fn(|k| bonds.pos.relative()[i][k] + 0.5 * (u[k] + v[k]));
        for end in [start, std::array::from_fn(|k| start[k] + w[k])] {
            ends[atoms.pos.relative().iter().position(|atom| near(*atom, end)).expect("a bond ends at an atom")] += 1;
        }
    }
    assert!(ends.iter().all(|count| *count == 3), "{ends:?}");
}

#[test]
fn the_lorenz_attractor_grows_by_all_orbits_in_every_frame() {
    let mut run = Run::new("lorenz.rhai");
    run.call(Callback::Init);
    for round in 0..3 {
        assert_eq!(run.scene.geometries["orbits"].count(), 3 * (1 + 30 * round));
        run.round();
    }
    // The newest points follow the equations: the way of three steps of 0.002 from the fourth last to the last.
    let pos = &run.scene.geometries["orbits"].pos.relative();
    let [before, middle, after] = [3, 2, 1].map(|back| pos[pos.len() - 3 * back].map(f64::from));
    let [x, y, z] = middle;
    let expected = [10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z];
    for k in 0..3 {
        let speed = (after[k] - before[k]) / 0.004;
        assert!((speed - expected[k]).abs() < 0.02 * (1.0 + expected[k].abs()), "{speed} for {}", expected[k]);
    }
}

#[test]
fn the_galaxies_fall_towards_each_other_with_their_stars() {
    let mut run = Run::new("galaxies.rhai");
    run.call(Callback::Init);
    let middle = |run: &Run, stars: std::ops::Range<usize>| -> [f64; 3] {
        let rows = &run.scene.geometries["stars"].pos.relative()[stars.clone()];
        std::array::from_fn(|k| rows.iter().map(|row| f64::from(row[k])).sum::<f64>() / stars.len() as f64)
    };
    let apart = |run: &Run| -> f64 {
        let (a, b) = (middle(run, 0..100), middle(run, 100..200));
        a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    };
    // On the parabola that starts 2 rad before its nearest point, where they are 1.3 apart.
    let r = |f: f64| 2.0 * 1.3 / (1.0 + f.cos());
    let time = |f: f64| {
        let d = (f / 2.0).tan();
        1.3f64.powi(3).sqrt() * (d + d * d * d / 3.0)
    };
    assert!((apart(&run) - r(2.0)).abs() < 0.2, "{}", apart(&run));
    for _ in 0..20 {
        run.round();
    }
    // 20 frames of 8 steps of 0.01 later: the angle from Barker's equation, by bisection.
    let (mut low, mut high) = (0.0, 2.0);
    for _ in 0..50 {
        let f = 0.5 * (low + high);
        if time(f) < time(2.0) - 1.6 { low = f } else { high = f }
    }
    assert!((apart(&run) - r(low)).abs() < 0.2, "{} for {}", apart(&run), r(low));
    assert!(r(2.0) - r(low) > 0.8, "far enough to tell");
}

#[test]
fn the_points_of_the_orbital_are_where_its_wave_function_says() {
    let mut run = Run::new("orbital.rhai");
    run.call(Callback::Init);
    let points = &run.scene.geometries["points"];
    assert_eq!(points.count(), 1000);
    let length = |p: &[f32; 3]| p.iter().map(|x| f64::from(x * x)).sum::<f64>().sqrt();
    // 18 Bohr radii, by r^8 exp(-r/2); the mean of 1000 points strays by 0.2.
    let mean = points.pos.relative().iter().map(length).sum::<f64>() / 1000.0;
    assert!((mean - 18.0).abs() < 0.8, "{mean}");
    // cos^2 weighted by (5 cos^3 - 3 cos)^2 is 23/45; evenly distributed directions would have 1/3.
    let squares = points.pos.relative().iter().map(|p| (f64::from(p[2]) / length(p)).powi(2)).sum::<f64>() / 1000.0;
    assert!((squares - 23.0 / 45.0).abs() < 0.05, "{squares}");
    for (i, p) in points.pos.relative().iter().enumerate() {
        let c = f64::from(p[2]) / length(p);
        let wave = 5.0 * c.powi(3) - 3.0 * c;
        assert_eq!(points[Channel::Color].vector(i)[0] > 0.5, wave > 0.0, "point {i} at {p:?}");
        assert!(p[0] <= 0.0 || p[1] >= 0.0, "the front quarter is empty: {p:?}");
    }
}

#[test]
fn the_waves_move_every_bar_up_and_down_only() {
    let mut run = Run::new("waves.rhai");
    run.call(Callback::Init);
    let before = run.scene.geometries["bars"].clone();
    run.round();
    let bars = &run.scene.geometries["bars"];
    assert_eq!((bars.count(), bars.pos.relative()), (64, before.pos.relative()));
    for i in 0..64 {
        let ([x, y, z], was) = (bars[Channel::W].vector(i), before[Channel::W].vector(i)[2]);
        assert!((x, y) == (0.0, 0.0) && z > 0.0 && z != was, "bar {i}: {z} after {was}");
    }
}

#[test]
fn the_sweep_renders_every_combination_of_camera_and_path_length() {
    let mut run = Run::new("sweep.rhai");
    run.call(Callback::Init);
    let asked = run.services.0.lock().unwrap();
    assert_eq!(asked.len(), 9);
    let lengths: Vec<u32> = asked.iter().map(|(scene, _)| scene.variables.path_seg_range.1).collect();
    assert_eq!(lengths[..3], [2, 3, 6]);
    let eyes: Vec<_> = asked.iter().step_by(3).map(|(scene, _)| scene.view().eye).collect();
    assert!(eyes[0] != eyes[1] && eyes[1] != eyes[2]);
    assert!(asked.iter().all(|(scene, passes)| scene.size == (400, 300) && *passes == 32));
    assert_eq!(std::fs::read_dir(run.out.path()).unwrap().count(), 9);
}

#[test]
fn the_flower_turns_without_sending_data() {
    let mut run = Run::new("flower.rhai");
    run.call(Callback::Init);
    let before = run.scene.clone();
    run.round();
    let changes = plotrt::scene::ChangeSet::between(&before, &run.scene);
    assert_eq!(changes.transformed, ["seeds"]);
    assert!(changes.moved.is_empty() && changes.rebuilt.is_empty() && changes.shaded.is_empty());
}

/// Frame 0 of the animation, as `plotrt render` makes it, but small.
fn first_frame(seed: u64) -> RgbImage {
    let mode = Mode::Batch(Frames::range(0, 0));
    let config = EngineConfig { size: Some((100, 100)), passes: Some(8), seed, ..EngineConfig::new(mode) };
    // The same on machines with other denoisers.
    let script = changed_script("animation.rhai", |text| {
        assert!(text.contains("\"Denoiser\""));
        text.replace("\"Denoiser\"", "\"DenoiserBuiltin\"")
    });
    let engine = Engine::start(script, Box::new(CpuDevice::new(0).unwrap()), config).unwrap();
    let mut picture = None;
    while let Some(event) = engine.events().next() {
        match event {
            Event::Frame(event) => {
                let rgb = event.frame.rgba8.chunks(4).flat_map(|pixel| &pixel[..3]).copied().collect();
                picture = RgbImage::from_raw(event.frame.width, event.frame.height, rgb);
            }
            Event::Finished(outcome) => drop(outcome.unwrap()),
            Event::Error(error) => panic!("{error}"),
            _ => {}
        }
    }
    picture.expect("the run hands over its frame")
}

/// Requires equal images; the error describes the difference.
fn same_picture(found: &RgbImage, expected: &RgbImage) -> std::result::Result<(), String> {
    if found.dimensions() != expected.dimensions() {
        return Err(format!("{:?} and {:?} pixels", found.dimensions(), expected.dimensions()));
    }
    let differing: Vec<_> = found.enumerate_pixels().filter(|(x, y, p)| *p != expected.get_pixel(*x, *y)).collect();
    match differing[..] {
        [] => Ok(()),
        [(x, y, p), ..] => {
            let q = expected.get_pixel(x, y);
            Err(format!("{} pixels differ, the first at ({x}, {y}): {:?} for {:?}", differing.len(), p.0, q.0))
        }
    }
}

/// After a change that is meant to change images: `PLOTRT_UPDATE=1 cargo test --test gallery`.
#[test]
fn the_animation_looks_as_it_did() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/animation.png");
    let found = first_frame(0);
    if std::env::var_os("PLOTRT_UPDATE").is_some_and(|value| value == "1") {
        found.save(&golden).unwrap();
    }
    let expected = image::open(&golden).unwrap().to_rgb8();
    if let Err(difference) = same_picture(&found, &expected) {
        let aside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("animation.png");
        found.save(&aside).unwrap();
        panic!("{difference}; see {}, and how to accept it above this test", aside.display());
    }
}

#[test]
fn the_comparison_of_pictures_rejects_what_differs() {
    let right = first_frame(0);
    assert_eq!(same_picture(&right, &right), Ok(()));
    let mut wrong = right.clone();
    wrong.get_pixel_mut(50, 60).0[1] ^= 1;
    assert!(same_picture(&wrong, &right).unwrap_err().starts_with("1 pixels differ, the first at (50, 60)"));
    assert!(same_picture(&first_frame(1), &right).is_err(), "other noise");
    assert!(same_picture(&RgbImage::new(100, 99), &right).is_err(), "another size");
}
