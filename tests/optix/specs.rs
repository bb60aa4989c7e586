//! The inputs of each kernel, and how far its outputs may differ.

use crate::bodies::*;
use crate::inputs::*;
use crate::lights::*;
use crate::scenes::{Parity, named, others, special};
use crate::support::statistics::Random;
use glam::Vec3;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::layout::STAGE_VALUES;
use plotrt::scene::*;
use std::f64::consts::PI;

/// Ray queries through acceleration structures: not a kernel of `kernels/probe.h`, but compared like one.
/// Origin, direction, maximum distance -> distance, instance, primitive, face, coordinates.
pub const INTERSECT: &str = "intersect";

/// Input and output of one call, and its scene.
pub struct Item<'a> {
    pub scene: &'a Scene,
    pub input: &'a [f32],
    pub output: &'a [f32],
}

/// How to compare one kernel.
pub struct Spec {
    pub name: &'static str,
    pub scenes: fn() -> Vec<Scene>,
    pub inputs: fn(&Scene, &mut CpuDevice, &mut Random) -> Vec<f32>,
    /// Outputs that are indices or flags: they must be equal.
    pub discrete: &'static [usize],
    /// How far each output may be off, in absolute terms.
    pub bounds: fn(&Item) -> Vec<f64>,
    /// Where outputs jump: which inputs may be off, and by how much; `None`: chance decides. It also takes the outputs
    /// of the other device.
    pub nudge: fn(&Item, &[f32]) -> Option<Nudges>,
}

/// Inputs, and how far they may be off.
pub type Nudges = Vec<(usize, f32)>;

impl Spec {
    /// Distance of `theirs` from the outputs of nearby inputs, in units of the bound.
    pub fn apart(&self, nearby: &[Item], theirs: &[f32]) -> f64 {
        let fits = |item: &&Item| {
            item.output.iter().zip(theirs).enumerate().all(|(column, (our, their))| {
                let exact = self.discrete.contains(&column) || our.is_infinite() || their.is_infinite();
                !exact || our == their
            })
        };
        let fitting: Vec<(&Item, Vec<f64>)> =
            nearby.iter().filter(fits).map(|item| (item, (self.bounds)(item))).collect();
        if fitting.is_empty() {
            return f64::INFINITY;
        }
        let of_column = |column: usize| {
            let their = f64::from(theirs[column]);
            if self.discrete.contains(&column) || their.is_infinite() {
                return 0.0;
            }
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for (item, bounds) in &fitting {
                let our = f64::from(item.output[column]);
                low = low.min(our - bounds[column]);
                high = high.max(our + bounds[column]);
            }
            // The ends of a range are hardly ever sampled: twice the sampled range is allowed.
            let half = if fitting.len() > 1 { 1.0 } else { 0.5 };
            let (middle, allowed) = (0.5 * (low + high), half * (high - low));
            match (their - middle).abs() {
                0.0 => 0.0,
                _ if allowed == f64::INFINITY => 0.0,
                far if far.is_nan() => f64::INFINITY,
                far => far / allowed,
            }
        };
        (0..theirs.len()).map(of_column).fold(0.0, f64::max)
    }
}

fn not_nudged(_: &Item, _: &[f32]) -> Option<Nudges> {
    Some(Vec::new())
}

fn empty() -> Vec<Scene> {
    vec![Scene { size: (4, 4), ..Scene::default() }]
}

fn scenes_of(options: &[&str]) -> Vec<Scene> {
    let wanted = |parity: &Parity| options.iter().any(|option| parity.name.starts_with(option));
    named().into_iter().chain(others()).filter(wanted).map(|parity| parity.scene).collect()
}

fn cameras() -> Vec<Scene> {
    scenes_of(&["cam_type"])
}

fn lights() -> Vec<Scene> {
    scenes_of(&["light_type", "three lights"])
}

fn shapes() -> Vec<Scene> {
    let mut scenes = scenes_of(&["geom", "placed", "alone", "many plots"]);
    scenes.push(special());
    scenes
}

/// A scene with a texture of every format, number of channels, address mode and filter.
fn textured() -> Scene {
    let mut scene = empty().remove(0);
    let mut random = Random::new(1);
    let modes = ADDRESS_MODES.iter().flat_map(|a| FILTER_MODES.iter().map(move |f| (a.mode, f.mode)));
    for (address, filter) in modes {
        for (channels, format) in [1, 2, 4].into_iter().flat_map(|channels| (0..3).map(move |f| (channels, f))) {
            let (width, height) = (7, 5);
            let floats: Vec<f32> = (0..width * height * channels).map(|_| random.next()).collect();
            let texels = match format {
                0 => Texels::Floats(floats.into()),
                _ => Texels::Bytes(floats.iter().map(|x| (256.0 * x) as u8).collect()),
            };
            let texture = Texture::new(width, height, channels, texels, format == 2).unwrap();
            scene.textures.insert(format!("{}", scene.textures.len()), texture.with_modes(address, filter));
        }
    }
    scene
}

/// Error of the cosine between the normal and a sampled direction, which is the root of 1 minus the disk's squared
/// radius.
fn diffuse_bounds(item: &Item) -> Vec<f64> {
    let [albedo, roughness] = [item.input[1], item.input[2]].map(f64::from);
    let cosine = PI * f64::from(item.output[4]);
    let lifted = root(cosine, 8.0 * EPS);
    let dir = 8.0 * EPS + lifted;
    // A quotient of two cosines: nearer to the horizon than a thousandth it is dominated by rounding.
    let weight = match (roughness > 0.0, cosine > 1e-3) {
        (false, _) => 4.0 * EPS,
        (true, false) => f64::INFINITY,
        (true, true) => f64::from(item.output[3]) * (16.0 * EPS + 4.0 * (lifted + 4.0 * EPS) / cosine),
    };
    let density = lifted / PI + 4.0 * EPS;
    vec![dir, dir, dir, weight, density, density, albedo * (8.0 * EPS + lifted)]
}

fn bsdf_bounds(item: &Item) -> Vec<f64> {
    match scattering(item.input[0] as usize).kind {
        MaterialKind::Diffuse => diffuse_bounds(item),
        // Above 0, the roughness is large enough that no lobe magnifies rounding by more than this.
        MaterialKind::Reflective => {
            let out = |k: usize| 2e-4 * f64::from(item.output[k].abs());
            vec![1e-4, 1e-4, 1e-4, 1e-5 + out(3), 1e-5 + out(4), 1e-5 + out(5), 1e-5 + out(6)]
        }
        MaterialKind::Flat | MaterialKind::Cosine => unreachable!("they do not scatter"),
    }
}

fn bsdf_eval_bounds(item: &Item) -> Vec<f64> {
    match scattering(item.input[0] as usize).kind {
        MaterialKind::Diffuse => vec![4.0 * EPS * f64::from(item.input[1]), 4.0 * EPS],
        MaterialKind::Reflective => item.output.iter().map(|value| 1e-5 + 2e-4 * f64::from(*value)).collect(),
        MaterialKind::Flat | MaterialKind::Cosine => unreachable!("they do not scatter"),
    }
}

/// The row of a kind, or of item `i` one of those that scatter.
fn scattering(kind: usize) -> &'static MaterialRow {
    const ROWS: &[MaterialRow] = &MATERIALS;
    &ROWS[kind]
}

fn scattering_kind(i: usize) -> f32 {
    let kinds: Vec<MaterialKind> = MATERIALS.iter().filter(|row| !row.shines).map(|row| row.kind).collect();
    kinds[i % kinds.len()] as u32 as f32
}

/// Away from the horizon of `normal` by at least a thousandth, on either side.
fn clear_of_horizon(random: &mut Random, normal: Vec3, i: usize) -> Vec3 {
    loop {
        let dir = direction(random, i);
        if dir.dot(normal).abs() > 1e-3 {
            return dir;
        }
    }
}

const SPECS: &[Spec] = &[
    // Polynomials of arguments that are exact, or were made so.
    Spec {
        name: "sincos",
        scenes: empty,
        inputs: |_, _, random| {
            let mut x = vec![0.0, -0.0, 1e-20, std::f32::consts::FRAC_PI_2, std::f32::consts::PI, 8192.0];
            x.extend((0..MANY).map(|i| random.range(-1.0, 1.0) * if i % 2 == 0 { 10.0 } else { 8192.0 }));
            x
        },
        discrete: &[],
        bounds: |_| vec![2.0 * EPS; 2],
        nudge: not_nudged,
    },
    Spec {
        name: "acos",
        scenes: empty,
        inputs: |_, _, random| {
            let mut x = vec![0.0, -0.0, 1.0, -1.0, 1.5, -1.5, 1.0 - f32::EPSILON, f32::EPSILON - 1.0, 1e-20];
            x.extend((0..MANY).map(|_| random.range(-1.0, 1.0)));
            x
        },
        discrete: &[],
        bounds: |_| vec![4.0 * EPS],
        nudge: not_nudged,
    },
    Spec {
        name: "atan2",
        scenes: empty,
        inputs: |_, _, random| {
            let mut points = vec![0.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0, -1.0, 0.0, 1.0, -0.0, -1.0];
            points.extend(collect(MANY, |i| {
                let size = [1e-15, 1e-3, 1.0, 1e10][i % 4];
                vec![random.range(-size, size), random.range(-size, size)]
            }));
            points
        },
        discrete: &[],
        bounds: |_| vec![4.0 * EPS],
        nudge: not_nudged,
    },
    // Whole numbers and one exact product: the same bits.
    Spec {
        name: "sample",
        scenes: cameras,
        inputs: |_, _, random| {
            collect(MANY, |_| {
                let whole = |random: &mut Random, below: f32| random.range(0.0, below).floor();
                vec![whole(random, 4096.0), whole(random, 4096.0), whole(random, 99.0), whole(random, 16_777_216.0)]
            })
        },
        discrete: &[],
        bounds: |_| vec![0.0; 2],
        nudge: not_nudged,
    },
    Spec {
        name: "vertex",
        scenes: cameras,
        inputs: |_, _, random| collect(MANY, |i| vec![(i % 64) as f32, random.range(0.0, 16_777_216.0).floor()]),
        discrete: &[],
        bounds: |_| vec![0.0; 16],
        nudge: not_nudged,
    },
    Spec {
        name: "disk",
        scenes: empty,
        inputs: |_, _, random| collect(MANY, |i| square(random, i).to_vec()),
        discrete: &[],
        bounds: |_| vec![2.0 * EPS; 2],
        nudge: not_nudged,
    },
    // z is the root of 1 - x^2 - y^2.
    Spec {
        name: "cosine_hemisphere",
        scenes: empty,
        inputs: |_, _, random| collect(MANY, |i| square(random, i).to_vec()),
        discrete: &[],
        bounds: |item| {
            let z = root(f64::from(item.output[2]), 16.0 * EPS) + EPS;
            vec![4.0 * EPS, 4.0 * EPS, z, z / PI + EPS]
        },
        nudge: not_nudged,
    },
    Spec {
        name: "cone",
        scenes: empty,
        inputs: |_, _, random| collect(MANY, |i| [&square(random, i)[..], &[[1.0, 0.3, 1e-4, 1e-7][i % 4]]].concat()),
        discrete: &[],
        bounds: |item| {
            let opening = f64::from(item.input[2]);
            let across = 6.0 * EPS * opening.sqrt();
            vec![across, across, EPS + 6.0 * EPS * opening, f64::from(item.output[3]) * 4.0 * EPS]
        },
        nudge: not_nudged,
    },
    Spec {
        name: "light",
        scenes: lights,
        inputs: |scene, _, random| {
            collect(MANY, |i| {
                let (index, from) = places(scene, random, i);
                [&[index as f32][..], &from.to_array(), &square(random, i)].concat()
            })
        },
        discrete: &[],
        bounds: light_bounds,
        nudge: place_nudge,
    },
    Spec {
        name: "light_ray",
        scenes: lights,
        inputs: |scene, _, random| {
            collect(MANY, |i| {
                let (index, from) = places(scene, random, i);
                let light = &scene.lights[index];
                let target = match light.shape {
                    LightShape::Spherical { radius } => {
                        light.pos.as_vec3() + direction(random, 7) * radius * [0.3, 0.9, 0.999, 1.0, 1.1][i / 5 % 5]
                    }
                    LightShape::Parallelogram { u, v } => {
                        light.pos.as_vec3() + u * [random.next(), 0.0, 1.0][i / 5 % 3] + v * random.range(-0.2, 1.2)
                    }
                };
                let dir = if i % 9 == 0 { direction(random, i) } else { (target - from).normalize() };
                [&[index as f32][..], &from.to_array(), &dir.to_array()].concat()
            })
        },
        discrete: &[1],
        bounds: light_ray_bounds,
        nudge: |item, theirs| {
            let turned = (4..7).map(|column| (column, 4.0 * f32::EPSILON));
            place_nudge(item, theirs).map(|place| place.into_iter().chain(turned).collect())
        },
    },
    Spec {
        name: "choose_light",
        scenes: lights,
        inputs: |scene, _, random| {
            collect(MANY, |i| {
                let (_, from) = places(scene, random, i);
                [&from.to_array()[..], &[random.next()]].concat()
            })
        },
        discrete: &[0],
        bounds: |item| {
            // Near a light the distance is a difference of coordinates.
            let from = at(item.input, 0);
            let nearest =
                item.scene.lights.values().map(|light| long(light.pos.as_vec3() - from)).fold(f64::INFINITY, f64::min);
            let probability = 6.0 * EPS * (1.0 + long(from) / nearest);
            vec![0.0, probability, probability]
        },
        nudge: |item, _| {
            let from = at(item.input, 0);
            let by = item.scene.lights.values().map(|light| light_blur(light, from)).fold(0.0, f64::max) as f32;
            Some(vec![(0, by), (1, by), (2, by), (3, 32.0 * f32::EPSILON)])
        },
    },
    Spec {
        name: "bsdf",
        scenes: empty,
        inputs: |_, _, random| {
            collect(MANY, |i| {
                let normal = direction(random, i);
                let out = clear_of_horizon(random, normal, 7);
                let material = [scattering_kind(i / 3), random.next(), [0.0, 0.3, 1.0][i % 3]];
                let numbers = [&[random.next()][..], &square(random, i)].concat();
                [&material[..], &normal.to_array(), &out.to_array(), &numbers].concat()
            })
        },
        discrete: &[],
        bounds: bsdf_bounds,
        nudge: not_nudged,
    },
    // The lobe of `Diffuse` is divided by the larger cosine, and multiplied with one that is not larger.
    Spec {
        name: "bsdf_eval",
        scenes: empty,
        inputs: |_, _, random| {
            collect(MANY, |i| {
                let normal = direction(random, i);
                let (arriving, out) = (direction(random, 7), clear_of_horizon(random, normal, 7));
                let material = [scattering_kind(i / 3), random.next(), [0.0, 0.3, 1.0][i % 3]];
                [&material[..], &normal.to_array(), &arriving.to_array(), &out.to_array()].concat()
            })
        },
        discrete: &[],
        bounds: bsdf_eval_bounds,
        nudge: not_nudged,
    },
    Spec {
        name: "flat",
        scenes: empty,
        inputs: |_, _, random| collect(100, |_| vec![random.next(), random.next(), random.next()]),
        discrete: &[],
        bounds: |_| vec![0.0; 3],
        nudge: not_nudged,
    },
    Spec {
        name: "cosine",
        scenes: empty,
        inputs: |_, _, random| {
            collect(MANY, |i| {
                let color = [random.next(), random.next(), random.next()];
                let [normal, dir] = [direction(random, i), direction(random, i / 8)];
                [color, normal.to_array(), dir.to_array()].concat()
            })
        },
        discrete: &[],
        bounds: |item| item.input[..3].iter().map(|c| 4.0 * EPS * f64::from(*c)).collect(),
        nudge: not_nudged,
    },
    Spec {
        name: "surface",
        scenes: shapes,
        inputs: surface_inputs,
        discrete: &[9],
        bounds: surface_bounds,
        nudge: surface_nudge,
    },
    // The weights of the pixels are rounded; their coordinates are below 16. The nearest pixel is the same.
    Spec {
        name: "texture",
        scenes: || vec![textured()],
        inputs: |scene, _, random| {
            let count = scene.textures.len();
            collect(2 * MANY, |i| {
                let [u, v] = square(random, i / count);
                let far = [1.0, 6.0][i / count % 2];
                vec![(i % count) as f32, far * (u - 0.5) + 0.5, far * (v - 0.5) + 0.5]
            })
        },
        discrete: &[],
        bounds: |_| vec![64.0 * EPS; 7],
        nudge: not_nudged,
    },
    Spec {
        name: "camera",
        scenes: cameras,
        inputs: |_, _, random| {
            collect(MANY, |_| {
                let whole = |random: &mut Random, below: f32| random.range(0.0, below).floor();
                vec![whole(random, 64.0), whole(random, 64.0), whole(random, 1e6)]
            })
        },
        discrete: &[],
        bounds: |item| {
            let view = item.scene.view();
            let origin = 4.0 * EPS * (long(view.eye.as_vec3()) + long(view.sight()));
            vec![origin, origin, origin, 8.0 * EPS, 8.0 * EPS, 8.0 * EPS]
        },
        nudge: not_nudged,
    },
    // Points are up to 30 units from the origin, and nearer than 2 to no camera; pixels are 64.
    Spec {
        name: "flow",
        scenes: cameras,
        inputs: |_, _, random| {
            collect(MANY, |i| {
                let shift = [0.0, 0.01, 1.0][i % 3];
                let mut values = vec![random.range(0.0, 64.0), random.range(0.0, 64.0), random.range(4.0, 12.0)];
                values.extend((0..3).map(|_| random.range(-shift, shift)));
                values
            })
        },
        discrete: &[2],
        bounds: |_| vec![64.0 * 256.0 * EPS, 64.0 * 256.0 * EPS, 0.0],
        nudge: |item, theirs| {
            let edge = if item.output[2] == theirs[2] { Vec::new() } else { vec![(0, 0.01), (1, 0.01)] };
            Some(edge)
        },
    },
    Spec {
        name: INTERSECT,
        scenes: shapes,
        inputs: ray_inputs,
        discrete: &[1, 2, 3],
        bounds: ray_bounds,
        nudge: ray_nudge,
    },
    // A power's exponent is a product that is rounded. The values of a stage are numbers that all stages can be made of.
    Spec {
        name: "stage",
        scenes: empty,
        inputs: |_, _, random| {
            let mut items = Vec::new();
            for kind in Postproc::ALL.into_iter().filter_map(Postproc::on_pixels) {
                items.extend(collect(MANY, |i| {
                    let size = [1e-4, 1.0, 10.0][i % 3];
                    let values: Vec<f32> = (0..STAGE_VALUES).map(|_| random.range(0.25, 1.0)).collect();
                    let rgb = [random.range(0.0, size), 0.003, [0.0, 1.0, 0.45][i % 3]];
                    [&[kind as u32 as f32], &values[..], &rgb].concat()
                }));
            }
            items
        },
        discrete: &[],
        bounds: |item| item.output.iter().map(|value| 16.0 * EPS * f64::from(value.abs())).collect(),
        nudge: not_nudged,
    },
];

/// A comparison for each kernel, and for each shape.
pub fn specs() -> Vec<&'static Spec> {
    let shapes = SHAPES.iter().map(|row| {
        let name = format!("shape_{}", row.shape.name());
        // The list is made once for each test: what it leaks is a few hundred bytes.
        &*Box::leak(Box::new(Spec {
            name: Box::leak(name.into_boxed_str()),
            scenes: empty,
            inputs: shape_inputs,
            discrete: &[1],
            bounds: shape_bounds,
            nudge: shape_nudge,
        }))
    });
    SPECS.iter().chain(shapes).collect()
}
