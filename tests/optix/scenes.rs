//! The scenes of parity: one for each name that a script can give, made by a script, and some beyond the names.
//!
//! In each the last plot scatters light, so that a flipped normal is visible.

use crate::support::*;
use glam::{DAffine3, DQuat, DVec3, Vec3};
use plotrt::cancel::CancelToken;
use plotrt::scene::*;
use plotrt::script::api::{self, Type};
use plotrt::script::{CallContext, Callback, Host, Script, ScriptOptions};
use std::path::Path;
use std::time::Duration;
use support::statistics::Random;

use crate::support;

pub const SIZE: (u32, u32) = (64, 64);
/// Independent images of each scene, and passes of an image: 256 passes on each device.
pub const IMAGES: u32 = 16;
pub const PASSES: u32 = 16;

/// A name in the table of script functions: an option and its value, or a function that sets a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The option: `"geom"`; for a function that sets a colour, the function.
    pub option: &'static str,
    /// The value; empty for a function that sets a colour.
    pub name: &'static str,
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}{}{}", self.option, if self.name.is_empty() { "" } else { " " }, self.name)
    }
}

/// Third-party denoisers and their options: a machine may lack them, and their images are not guaranteed here.
/// `denoiser.rs` and `film.rs` test those that are installed.
fn is_of_others(choice: &Choice) -> bool {
    choice.option == "denoiser_kind"
        || (choice.option == "stage"
            && ["Denoiser", "DenoiserHDR", "OIDenoiser", "OIDenoiserHDR"].contains(&choice.name))
}

/// All names with which a script can change how a scene looks, except those of third-party denoisers.
pub fn choices() -> Vec<Choice> {
    let mut choices = Vec::new();
    for (section, functions) in api::SECTIONS {
        for function in functions.iter().filter(|function| function.stages()) {
            for param in function.params.iter().chain(function.options) {
                let names: &[&str] = match param.ty {
                    Type::Choice(names, _) => names,
                    Type::Color if *section == "Background and ambient light" => &[""],
                    _ => &[],
                };
                let option = if names == [""] { function.name } else { param.name };
                choices.extend(names.iter().map(|name| Choice { option, name }));
            }
        }
    }
    choices.retain(|choice| !is_of_others(choice));
    // `setup_` and `update_` take the same names.
    let mut unique: Vec<Choice> = Vec::new();
    for choice in choices {
        if !unique.contains(&choice) {
            unique.push(choice);
        }
    }
    unique
}

/// A scene on which the devices have to agree.
pub struct Parity {
    pub name: String,
    pub scene: Scene,
    /// The main plot of the scene, whose colour a fault changes.
    pub tested: &'static str,
    /// Compare the displayed image: the scene is about post-processing.
    pub shown: bool,
}

/// The common part of the scripts: a floor under a lamp and a coloured sky, and arrays of numbers without pattern.
const ROOM: &str = r#"
fn number(i, k) {
    let x = sin(12.9898 * i + 78.233 * k) * 43758.5453;
    x - floor(x)
}
fn numbers(count, low, high, k) {
    let all = [];
    for i in 0..count { all.push(low + (high - low) * number(i, k)); }
    all
}
fn rows(count, low, high, k) {
    let all = [];
    for i in 0..count {
        let row = [];
        for axis in 0..3 { row.push(low + (high - low) * number(i, k + axis)); }
        all.push(row);
    }
    all
}
fn walk(count, step) {
    let all = [];
    let at = [0.0, 0.0, 0.0];
    for row in rows(count, -step, step, 0) {
        for axis in 0..3 {
            at[axis] += row[axis];
            if abs(at[axis]) > 1.5 { at[axis] -= 2.0 * row[axis]; }
        }
        all.push([at[0], at[1], at[2]]);
    }
    all
}
fn room(rt) {
    rt.set_data("floor", #{ geom: "Parallelograms", pos: [[-5, -1.6, -5]], u: [0, 0, 10], v: [10, 0, 0], c: 0.9 });
    rt.setup_camera("cam", #{ eye: [4, 3, 6], target: [0, 0, 0], fov: 40 });
    rt.setup_light("lamp", #{ pos: [3, 5, 1], radius: 0.7, color: 20 });
    rt.set_ambient([0.1, 0.2, 0.3]);
    rt.set_background([0.3, 0.2, 0.1]);
}
fn spheres(rt) {
    rt.set_data("plot", #{ pos: rows(150, -1.5, 1.5, 0), r: numbers(150, 0.05, 0.3, 10), c: rows(150, 0.2, 0.9, 20) });
}
fn boxes(rt) {
    rt.set_data("plot", #{
        geom: "Parallelepipeds", pos: rows(150, -1.5, 1.5, 0),
        u: rows(150, -0.3, 0.3, 10), v: rows(150, -0.3, 0.3, 20), w: rows(150, -0.3, 0.3, 30),
        c: rows(150, 0.2, 0.9, 40),
    });
}
"#;

/// A plot of a kind, with values of its own for all channels of its shape.
fn plot_of(kind: &KindRow) -> String {
    let shape = kind.shape.row();
    let mut options = format!(r#"geom: "{}", "#, kind.name);
    for (k, channel) in shape.channels.iter().enumerate() {
        let values = match (channel.row().width, kind.const_size) {
            (1, true) => "0.15".into(),
            (1, false) => "numbers(300, 0.03, 0.25, 10)".into(),
            (_, true) => format!("rows(1, -0.4, 0.4, {})[0]", 10 * k + 10),
            (_, false) => format!("rows(300, -0.4, 0.4, {})", 10 * k + 10),
        };
        options += &format!("{}: {values}, ", channel.name());
    }
    // Nodes that are connected are near each other.
    let pos = if shape.nodes > 1 { "walk(300, 0.5)" } else { "rows(300, -1.5, 1.5, 0)" };
    format!(r#"rt.set_data("plot", #{{ pos: {pos}, c: rows(300, 0.2, 0.9, 40), {options}}});"#)
}

/// The part of `init` in the scene of a name before and after `room`; `None`: the name has no scene yet.
fn init_of(choice: Choice) -> Option<(String, String)> {
    let Choice { option, name } = choice;
    let mut before = String::new();
    let after = match (option, name) {
        ("geom", _) => plot_of(GeometryKind::ALL.iter().find(|row| row.name == name)?),
        ("cam_type", "Pinhole" | "DoF" | "ThinLens" | "Ortho") => format!(
            r#"rt.update_camera("cam", #{{ cam_type: "{name}", aperture_radius: 0.2, focal_scale: 0.9 }}); boxes(rt);"#
        ),
        // Among the boxes, which fill a large part of the image.
        ("cam_type", "Panoramic") => {
            r#"rt.update_camera("cam", #{ cam_type: "Panoramic", eye: [0.9, 0.4, 1.6] }); boxes(rt);"#.into()
        }
        ("light_type", "Spherical") => r#"rt.setup_light("tested", #{
                light_type: "Spherical", pos: [-1, 2, 2], radius: 0.3, color: [30, 20, 10],
            });
            spheres(rt);"#
            .into(),
        ("light_type", "Parallelogram") => r#"rt.setup_light("tested", #{
                light_type: "Parallelogram", pos: [-3, 3, 1], u: [2, 0, 0], v: [0, 1, 2], color: [5, 4, 3],
            });
            spheres(rt);"#
            .into(),
        ("shader", "Flat" | "Cosine") => format!(
            r#"rt.setup_material("tested", #{{ shader: "{name}", color: [0.9, 0.6, 0.7] }});
            rt.set_data("tested", #{{ pos: rows(60, -1.5, 1.5, 50), r: 0.3, mat: "tested" }});
            spheres(rt);"#
        ),
        ("shader", "Reflective") => r#"
            rt.setup_material("tested", #{ shader: "Reflective", color: [0.9, 0.6, 0.3], roughness: 0.4 });
            rt.set_data("tested", #{ pos: rows(60, -1.5, 1.5, 50), r: 0.3, mat: "tested" });
            spheres(rt);"#
            .into(),
        ("shader", "Diffuse") => r#"
            rt.setup_material("tested", #{ shader: "Diffuse", color: [0.9, 0.6, 0.7], roughness: 0.6 });
            spheres(rt);
            rt.update_data("plot", #{ mat: "tested" });"#
            .into(),
        ("addr_mode" | "filter_mode", _) => format!(
            r#"
            let picture = [];
            for row in 0..4 {{ picture.push(rows(5, 0.1, 0.9, 7 * row)); }}
            rt.set_texture_2d("tested", picture, #{{ {option}: "{name}" }});
            rt.setup_material("tested", #{{ color_tex: "tested", roughness: 1, roughness_tex: "tested" }});
            spheres(rt);
            rt.set_data("plot", #{{
                geom: "Parallelograms", pos: rows(40, -1.5, 1, 0), u: rows(40, -1.5, 1.5, 10), v: rows(40, -1.5, 1.5, 20),
                c: rows(40, 0.5, 0.9, 30), mat: "tested",
            }});"#
        ),
        ("stage", "Gamma") => r#"rt.set_float("tonemap_exposure", 0.8); rt.add_postproc("Gamma"); spheres(rt);"#.into(),
        ("stage", "Levels") => r#"
            rt.set_float("levels_low_range", 0.05, 0.1, 0.02);
            rt.set_float("levels_high_range", 0.8, 0.9, 0.5);
            rt.add_postproc("Levels");
            spheres(rt);"#
            .into(),
        ("stage", "DenoiserBuiltin") => r#"rt.add_postproc("DenoiserBuiltin"); spheres(rt);"#.into(),
        ("light_shading", "Soft" | "Hard") => {
            before = format!(r#"rt.set_param(#{{ light_shading: "{name}" }});"#);
            "spheres(rt);".into()
        }
        ("set_ambient", _) => "rt.set_ambient([0.9, 0.5, 0.7]); spheres(rt);".into(),
        ("set_background", _) => "rt.set_background([0.1, 2.5, 0.4]); spheres(rt);".into(),
        _ => return None,
    };
    Some((before, after))
}

/// The scene of a name, if it has one.
pub fn of(choice: Choice) -> Option<Parity> {
    let (before, after) = init_of(choice)?;
    let scene = run(&format!("{ROOM}\nfn init(rt) {{\n{before}\nroom(rt);\n{after}\n}}"));
    let tested = if scene.geometries.contains_key("tested") { "tested" } else { "plot" };
    Some(Parity { name: choice.to_string(), scene, tested, shown: choice.option == "stage" })
}

/// The scene that a script's `init` makes.
fn run(text: &str) -> Scene {
    let timeout = Duration::from_secs(60);
    let script = Script::from_source("parity", text, Path::new("."), ScriptOptions::default()).unwrap();
    let mut host = Host::new(&script).unwrap();
    host.run_top_level(&CancelToken::new(), timeout).unwrap();
    let cx = CallContext::new(Callback::Init, Scene { size: SIZE, ..Scene::default() });
    let (cx, result) = host.call(cx, 0, timeout);
    result.unwrap_or_else(|error| panic!("{error} ({:?})\n{text}", error.place));
    cx.scene
}

/// All scenes of names.
pub fn named() -> Vec<Parity> {
    choices().into_iter().filter_map(of).collect()
}

/// Names of all scenes, without making the scenes.
pub fn names() -> Vec<String> {
    let named = choices().into_iter().filter(|&choice| init_of(choice).is_some()).map(|choice| choice.to_string());
    named.chain(others().into_iter().map(|parity| parity.name)).collect()
}

/// The scene of one of [`names`].
pub fn find(name: &str) -> Parity {
    let named = choices().into_iter().find(|choice| choice.to_string() == name).and_then(of);
    let other = || others().into_iter().find(|parity| parity.name == name);
    named.or_else(other).unwrap_or_else(|| panic!("no scene `{name}`"))
}

/// Many primitives of one shape in [-1.5, 1.5]^3, each with values of its own.
pub fn cloud(kind: GeometryKind, count: usize, size: f32, seed: u64) -> Geometry {
    let mut random = Random::new(seed);
    let mut vectors = |scale: f32| -> Vec<[f32; 3]> {
        (0..count).map(|_| std::array::from_fn(|_| random.range(-scale, scale))).collect()
    };
    let nodes = kind.shape().row().nodes;
    let mut pos = vectors(1.5);
    // Nodes that are connected are near each other.
    for k in 1..count * usize::from(nodes > 1) {
        pos[k] = std::array::from_fn(|a| (pos[k - 1][a] + size * pos[k][a]).clamp(-1.5, 1.5));
    }
    let [u, v, w] = [vectors(size), vectors(size), vectors(size)];
    let color: Vec<[f32; 3]> = vectors(0.4).iter().map(|c| c.map(|c| c + 0.5)).collect();
    let r: Vec<f32> = (0..count).map(|_| random.range(0.1, 1.0) * size).collect();
    let plot = Geometry::new(kind, pos).with(Channel::R, r).with(Channel::Color, color);
    plot.with(Channel::U, u).with(Channel::V, v).with(Channel::W, w)
}

/// A floor under a lamp and a blue sky.
pub fn room(size: (u32, u32)) -> Scene {
    let mut scene = world(size, camera(CameraKind::Pinhole, [4.0, 3.0, 6.0], [0.0; 3], 40.0));
    scene.ambient = Vec3::new(0.1, 0.2, 0.3);
    scene.background = Vec3::new(0.3, 0.2, 0.1);
    scene.variables.path_seg_range = (2, 6);
    scene.lights.insert("lamp".into(), sphere_light([3.0, 5.0, 1.0], 0.7, 20.0));
    add(&mut scene, "floor", parallelogram([-5.0, -1.6, -5.0], [0.0, 0.0, 10.0], [10.0, 0.0, 0.0]));
    scene
}

/// A room with spheres: for tests that need an arbitrary scene.
pub fn ordinary() -> Scene {
    let mut scene = room(SIZE);
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 300, 0.25, 1));
    scene
}

/// A rotation, scaling, reflection and translation.
fn somewhere() -> DAffine3 {
    let turned = DQuat::from_rotation_z(0.7) * DQuat::from_rotation_x(0.3);
    DAffine3::from_scale_rotation_translation(DVec3::new(1.0, 0.4, -0.8), turned, DVec3::new(0.2, 0.4, -0.1))
}

/// Scenes beyond the names.
pub fn others() -> Vec<Parity> {
    let mut scenes = Vec::new();
    let mut keep = |name: &str, scene: Scene, tested| {
        scenes.push(Parity { name: name.into(), scene, tested, shown: false });
    };
    for row in GeometryKind::ALL.iter().filter(|row| !row.const_size) {
        let mut scene = room(SIZE);
        add(&mut scene, "plot", Geometry { transform: somewhere(), ..cloud(row.kind, 300, 0.4, 2) });
        keep(&format!("placed {}", row.name), scene, "plot");
    }

    // The only plot, in the world's own coordinates: rays enter it directly.
    let mut scene = room(SIZE);
    scene.geometries.clear();
    add(&mut scene, "plot", cloud(GeometryKind::Parallelepipeds, 200, 0.5, 3));
    keep("alone", scene, "plot");

    let mut scene = room(SIZE);
    let panel = parallelogram_light([-3.0, 3.0, 1.0], [2.0, 0.0, 0.0], [0.0, 1.0, 2.0], 5.0);
    scene.lights.insert("panel".into(), Light { in_geometry: false, ..panel });
    let small = Light { in_geometry: false, ..sphere_light([-1.0, 2.0, 2.0], 0.3, 30.0) };
    scene.lights.insert("small".into(), small);
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 200, 0.3, 8));
    keep("three lights, two of them not in the way", scene, "plot");

    let mut scene = room(SIZE);
    for i in 0..40 {
        let x = i as f32 * 0.17 - 3.4;
        let mut block = parallelepiped([x, 0.3, -1.0], [0.4, 0.1, 0.0], [0.0, 0.5, 0.2], [0.1, 0.0, 0.6]);
        block.transform = DAffine3::from_rotation_y(f64::from(0.3 * x));
        add(&mut scene, &format!("block {i}"), block);
        add(&mut scene, &format!("ball {i}"), sphere([x, (x * 1.7).sin() * 0.5, x * x * 0.2], 0.2));
    }
    let floor = scene.geometries.shift_remove("floor").unwrap();
    scene.geometries.insert("floor".into(), floor);
    keep("many plots", scene, "floor");

    for (scale, offset) in ELSEWHERE.into_iter().step_by(2) {
        keep(&format!("at scale {scale:e} and place {offset:?}"), elsewhere(scale, offset), "floor");
    }
    scenes
}

/// Shapes that are numerically difficult: tiny and far away, long and thin, flat, and next to each other.
pub fn special() -> Scene {
    let mut scene = room(SIZE);
    let some = |kind, size, seed| cloud(kind, 40, size, seed);
    add(&mut scene, "tiny", some(GeometryKind::ParticleSet, 1e-4, 21));
    let far =
        |plot: Geometry| Geometry { pos: plot.pos.relative().iter().map(|p| p.map(|c| c + 1000.0)).collect(), ..plot };
    add(&mut scene, "far", far(some(GeometryKind::Parallelepipeds, 0.5, 22)));
    let mut slabs = some(GeometryKind::Parallelepipeds, 1.0, 23);
    slabs[Channel::W] = Values::one([0.0, 0.0, 1e-4]);
    slabs[Channel::U] = Values::one([0.8, 0.0, 0.0]);
    slabs[Channel::V] = Values::one([0.0, 0.3, 0.0]);
    add(&mut scene, "slabs", slabs);
    let mut flat = some(GeometryKind::Parallelepipeds, 0.4, 24);
    flat[Channel::W] = Values::one([0.0; 3]);
    add(&mut scene, "flat", flat);
    let mut needles = some(GeometryKind::Parallelograms, 1.0, 25);
    needles[Channel::U] = Values::one([1.0, 0.5, 0.2]);
    needles[Channel::V] = Values::one([0.001, 0.002, 0.0]);
    add(&mut scene, "needles", needles);
    scene
}
