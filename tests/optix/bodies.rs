//! Rays towards shapes: where they are aimed, and how far rounding moves their hits.

use crate::inputs::*;
use crate::specs::{Item, Nudges};
use crate::support::double;
use crate::support::statistics::Random;
use glam::{DAffine3, Vec3};
use plotrt::device::cpu::CpuDevice;
use plotrt::device::layout::{Hit, NOTHING, Ray};
use plotrt::scene::*;

/// How nearly parallel edges are: 1 where they are at right angles. Errors of coordinates along them grow with it.
fn skew(edges: &[Vec3]) -> f64 {
    let e: Vec<glam::DVec3> = edges.iter().map(|e| e.as_dvec3()).collect();
    let face = |a: glam::DVec3, b: glam::DVec3| {
        let area = a.cross(b).length();
        if area > 0.0 { a.length() * b.length() / area } else { 1e6 }
    };
    match e[..] {
        [a, b] => face(a, b),
        [a, b, c] => {
            let (volume, box_of) = (a.dot(b.cross(c)).abs(), a.length() * b.length() * c.length());
            // A flat box is the largest of its faces.
            let faces = [(a, b), (b, c), (c, a)];
            let largest = faces.into_iter().max_by(|x, y| x.0.cross(x.1).length().total_cmp(&y.0.cross(y.1).length()));
            let flat = largest.map_or(1.0, |(a, b)| face(a, b));
            if volume > 1e-5 * box_of { box_of / volume } else { flat }
        }
        _ => 1.0,
    }
}

/// A primitive in the world.
struct Body {
    shape: Shape,
    pos: Vec3,
    radius: f32,
    edges: Vec<Vec3>,
    /// Errors of its own coordinates in units of the rounding of the world's.
    spread: f64,
}

impl Body {
    fn of(scene: &Scene, instance: usize, primitive: usize) -> Body {
        let plot = &scene.geometries[instance];
        let place = &plot.transform;
        let first = plot.nodes_of(primitive).start;
        let edge = |edge: &Channel| place.transform_vector3(double(plot[*edge].vector(first))).as_vec3();
        let edges: Vec<Vec3> = plot.kind.shape().edges().iter().map(edge).collect();
        let stretch = place.matrix3.x_axis.length().max(place.matrix3.y_axis.length());
        let placed = *place != DAffine3::IDENTITY;
        let nodes = plot.nodes_of(primitive);
        // The ball around all nodes.
        let ends = [nodes.start, nodes.end - 1].map(|node| place.transform_point3(plot.pos.at(node)).as_vec3());
        let largest = nodes.map(|node| plot[Channel::R].scalar(node)).fold(0.0, f32::max);
        Body {
            shape: plot.kind.shape(),
            pos: ends[0].midpoint(ends[1]),
            radius: largest * stretch.max(place.matrix3.z_axis.length()) as f32 + 0.5 * ends[0].distance(ends[1]),
            // The fourth face of a tetrahedron is where three coordinates add up to 1.
            spread: skew(&edges)
                * if placed { 8.0 } else { 1.0 }
                * if plot.kind.shape() == Shape::Tetrahedron { 3.0 } else { 1.0 },
            edges,
        }
    }

    fn size(&self) -> f32 {
        if self.edges.is_empty() { self.radius } else { self.edges.iter().map(|e| e.length()).sum() }
    }

    /// A point on it, or near it.
    fn target(&self, random: &mut Random, i: usize) -> Vec3 {
        if self.edges.is_empty() {
            let to = direction(random, 7);
            // Inside, at the rim, or just beside it.
            let share = [random.next(), 0.999, 1.0, 1.001, 0.5][i % 5];
            return self.pos + to * (share * self.radius);
        }
        // Edges of a box without thickness are not aimed at: rounding decides which of its sides is hit there.
        let flat = self.edges.contains(&Vec3::ZERO);
        self.edges.iter().enumerate().fold(self.pos, |point, (axis, edge)| {
            let inside = random.next();
            let along = if axis == i % 3 && !flat { [inside, inside, 0.0, 1.0, 0.5][i % 5] } else { inside };
            point + *edge * along
        })
    }

    /// How much further along a ray the hit moves when the ray is moved: 1 over the cosine with the face's normal. Rays
    /// that graze a sphere are compared with nearby inputs instead.
    fn slide(&self, dir: Vec3, face: usize) -> f64 {
        let normal = match (self.shape, &self.edges[..]) {
            (Shape::Parallelogram, &[u, v]) => u.cross(v),
            (Shape::Parallelepiped, &[u, v, w]) => [v.cross(w), w.cross(u), u.cross(v)][face / 2 % 3],
            (Shape::Tetrahedron, &[u, v, w]) => {
                if face < 3 {
                    [v.cross(w), w.cross(u), u.cross(v)][face]
                } else {
                    (v - u).cross(w - u)
                }
            }
            // Nearby inputs have to show how the hit moves.
            (Shape::Sphere | Shape::Segment, _) => return 1.0,
            (shape, edges) => panic!("{shape:?} with {} edges", edges.len()),
        };
        1.0 / f64::from(normal.normalize_or_zero().dot(dir.normalize()).abs())
    }

    /// Whether a ray is so nearly in the plane of a face that rounding decides where, and whether, it hits the face.
    fn in_plane(&self, origin: Vec3, dir: Vec3, face: usize) -> bool {
        f64::from(self.size()) / self.slide(dir, face) <= self.blur(origin)
    }

    /// How far rounding moves a ray from `origin` relative to the body.
    fn blur(&self, origin: Vec3) -> f64 {
        8.0 * EPS * self.spread * (long(origin - self.pos) + f64::from(self.size()))
            + if self.spread >= 8.0 { 8.0 * EPS * (long(origin) + long(self.pos)) } else { 0.0 }
    }
}

pub fn ray_inputs(scene: &Scene, _: &mut CpuDevice, random: &mut Random) -> Vec<f32> {
    collect(MANY, |i| {
        let instance = (random.next() * scene.geometries.len() as f32) as usize;
        let count = scene.geometries[instance].primitives();
        let body = Body::of(scene, instance, ((random.next() * count as f32) as usize).min(count - 1));
        let target = body.target(random, i);
        let dir = direction(random, i);
        let distance = match i % 11 {
            0 => 0.3 * body.size(), // perhaps from inside
            1 => 1e3,
            _ => random.range(0.1, 8.0),
        };
        let origin = target - dir * distance;
        let tmax = if i % 6 == 0 { random.range(0.1, 8.0) } else { f32::INFINITY };
        [origin.to_array().to_vec(), dir.to_array().to_vec(), vec![tmax]].concat()
    })
}

/// Moves the origin by the rounding of the primitive's coordinates, directions by their own rounding.
fn nudge_ray(origin: usize, by: f64) -> Nudges {
    let columns = |first: usize, by: f64| (first..first + 3).map(move |column| (column, by as f32));
    columns(origin, by).chain(columns(origin + 3, 4.0 * EPS)).collect()
}

fn body_hit(scene: &Scene, output: &[f32]) -> Option<Body> {
    let instance = output[1] as usize;
    (instance < scene.geometries.len()).then(|| Body::of(scene, instance, output[2] as usize))
}

/// Of the bodies that are hit on either device, the one relative to which the ray is moved further.
pub fn ray_nudge(item: &Item, theirs: &[f32]) -> Option<Nudges> {
    let (origin, dir) = (at(item.input, 0), at(item.input, 3));
    let mut by = 0.0f64;
    for output in [item.output, theirs] {
        let Some(body) = body_hit(item.scene, output) else { continue };
        if body.in_plane(origin, dir, output[3] as usize) {
            return None;
        }
        by = by.max(body.blur(origin));
    }
    Some(nudge_ray(0, by))
}

pub fn ray_bounds(item: &Item) -> Vec<f64> {
    let Some(body) = body_hit(item.scene, item.output) else { return vec![0.0; 6] };
    let slide = body.slide(at(item.input, 3), item.output[3] as usize);
    let blur = 2.0 * body.blur(at(item.input, 0)) * slide;
    let shortest = body.edges.iter().map(|e| long(*e)).filter(|&e| e > 0.0).fold(f64::INFINITY, f64::min);
    let coordinates = if body.edges.is_empty() { 0.0 } else { blur / shortest };
    vec![blur, 0.0, 0.0, 0.0, coordinates, coordinates]
}

/// Rays with their hits on the CPU.
pub fn surface_inputs(scene: &Scene, cpu: &mut CpuDevice, random: &mut Random) -> Vec<f32> {
    let rays: Vec<(Ray, f32)> = ray_inputs(scene, cpu, random)
        .chunks(7)
        .map(|r| (Ray { origin: [r[0], r[1], r[2]].into(), dir: [r[3], r[4], r[5]].into() }, r[6]))
        .collect();
    let hits = cpu.nearest(&rays).unwrap();
    let found = rays.iter().zip(&hits).filter(|(_, hit)| hit.instance != NOTHING);
    let item = |((ray, _), hit): (&(Ray, f32), &Hit)| {
        let place = [hit.t, hit.instance as f32, hit.primitive as f32, hit.face as f32, hit.u, hit.v];
        let (origin, dir): ([f32; 3], [f32; 3]) = (ray.origin.into(), ray.dir.into());
        [&origin[..], &dir, &place].concat()
    };
    found.flat_map(item).collect()
}

fn surface_body(item: &Item) -> Body {
    Body::of(item.scene, item.input[7] as usize, item.input[8] as usize)
}

/// The point is computed from the primitive; its normal from edges, or, for a sphere, from the ray.
pub fn surface_bounds(item: &Item) -> Vec<f64> {
    let body = surface_body(item);
    let (origin, t) = (at(item.input, 0), f64::from(item.input[6]));
    let coordinates = 4.0 * EPS * (long(at(item.output, 0)) + long(body.pos) + f64::from(body.size()));
    let (position, normal) = if body.edges.is_empty() {
        let along_ray = 2.0 * EPS * body.spread * (long(origin) + t + long(body.pos));
        (coordinates + along_ray, 4.0 * EPS + 2.0 * body.spread * along_ray / f64::from(body.radius))
    } else {
        (coordinates, 4.0 * EPS * body.spread)
    };
    let color = 4.0 * EPS;
    vec![position, position, position, normal, normal, normal, color, color, color, 0.0]
}

/// Normals flip where the ray is nearly along the surface.
pub fn surface_nudge(item: &Item, _: &[f32]) -> Option<Nudges> {
    let bounds = surface_bounds(item);
    Some((3..6).map(|column| (column, bounds[3] as f32)).collect())
}

/// Where the inputs of the shape probes are: two elements of each channel, and the ray.
const CHANNEL_INPUTS: [(Channel, usize); 5] =
    [(Channel::Pos, 0), (Channel::R, 6), (Channel::U, 8), (Channel::V, 14), (Channel::W, 20)];
const RAY: usize = 26;

/// Primitives of any shape, and rays towards them.
pub fn shape_inputs(_: &Scene, _: &mut CpuDevice, random: &mut Random) -> Vec<f32> {
    collect(MANY, |i| {
        let scale = [1.0, 1.0, 1e6, 1e-4, 1e3, 1.0, 1e-7][i % 7];
        let far = [0.0, 0.0, 1.0, 100.0][i % 4];
        let pos = vector(random, scale) + vector(random, far * scale);
        let next = pos + vector(random, scale);
        let mut edges: [Vec3; 3] = std::array::from_fn(|_| vector(random, scale));
        if i % 3 == 0 {
            edges.iter_mut().zip([Vec3::X, Vec3::Y, Vec3::Z]).for_each(|(edge, axis)| *edge *= axis);
        }
        if i % 13 == 5 {
            edges[1] *= 1e-3; // a slab
        }
        let r = [scale * random.range(0.01, 1.0), scale * random.range(0.01, 1.0)];
        // Towards a ball, along the edges, or between the nodes.
        let target = match i % 4 {
            0 | 1 => pos + direction(random, 7) * r[0] * [random.next(), 0.9, 1.1][i / 4 % 3],
            2 => edges.iter().fold(pos, |point, edge| point + *edge * random.next() * [1.0, 0.5][i / 4 % 2]),
            _ => pos.lerp(next, random.next()) + direction(random, 7) * r[1] * random.next(),
        };
        let dir = direction(random, i / 5);
        let origin = target - dir * (scale * if i % 7 == 0 { 0.1 } else { random.range(0.5, 6.0) });
        // Rays that are transformed into a plot do not have unit length.
        let dir = dir * [1.0, 1.0, 0.02, 50.0][i % 4];
        let mut input = vec![0.0; RAY + 6];
        let vectors =
            [(0, pos), (3, next), (8, edges[0]), (14, edges[1]), (20, edges[2]), (RAY, origin), (RAY + 3, dir)];
        for (at, vector) in vectors {
            input[at..at + 3].copy_from_slice(&vector.to_array());
        }
        input[6..8].copy_from_slice(&r);
        input
    })
}

/// The largest number that a primitive and the origin of its ray are computed from.
fn magnitude(input: &[f32]) -> f64 {
    input[..RAY + 3].iter().fold(0.0, |most, x| f64::from(x.abs()).max(most))
}

/// Rounding of the hit by itself; how it grows with the angles between ray and surface is found with nearby inputs.
pub fn shape_bounds(item: &Item) -> Vec<f64> {
    let blur = 16.0 * EPS * magnitude(item.input);
    let size = CHANNEL_INPUTS[1..].iter().map(|&(_, at)| f64::from(item.input[at].abs())).fold(1e-30, f64::max);
    // Coordinates that a shape does not have, and those at the end of their range, are exactly 0.
    let coordinate = |column: usize| if item.output[column] == 0.0 { 0.0 } else { 4.0 * blur / size };
    vec![blur / long(at(item.input, RAY + 3)), 0.0, coordinate(2), coordinate(3)]
}

pub fn shape_nudge(item: &Item, _: &[f32]) -> Option<Nudges> {
    let (blur, dir) = (16.0 * EPS * magnitude(item.input), at(item.input, RAY + 3));
    let mut nudges = nudge_ray(RAY, blur);
    nudges.iter_mut().skip(3).for_each(|(_, by)| *by *= 4.0 * dir.length());
    // Edges and radii are rounded, too, when they are packed.
    let all = CHANNEL_INPUTS[1..].iter().flat_map(|&(channel, at)| at..at + 2 * channel.row().width);
    nudges.extend(all.map(|column| (column, 4.0 * EPS as f32 * item.input[column].abs())));
    Some(nudges)
}
