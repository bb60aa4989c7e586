//! Where cameras and lights are placed when the script does not place them: around the plots.

use super::{Bounds, Camera, Geometry, Light, LightShape, Scene, View};
use glam::{DVec3, Vec3};
use rayon::prelude::*;
use std::ops::Range;

/// The `scale` of `camera_fit` at which everything is in view, with a margin.
pub const DEFAULT_FIT_SCALE: f32 = 2.5;
/// A fitted scene takes up at most this share of the image's width and height.
pub const FIT_FILL: f64 = 0.9;
/// Default direction from the target to the eye: slightly from the right and from above.
pub(super) const DEFAULT_DIRECTION: Vec3 = Vec3::new(0.4, 0.35, 1.0);
/// A plot this many times as large as all others together leaves little of the image to them.
const DOMINATES: f64 = 10.0;
/// Primitives that one thread processes at a time.
const PORTION: usize = 4096;

/// Where `light_fit` places a light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LightFit {
    /// Degrees to the right of the eye, as seen from the target.
    pub horizontal_rot: f32,
    /// Degrees above the eye, as seen from the target.
    pub vertical_rot: f32,
    /// Distance from the target, relative to the eye's.
    pub dist_scale: f32,
}

impl Default for LightFit {
    fn default() -> Self {
        LightFit { horizontal_rot: 45.0, vertical_rot: 25.0, dist_scale: 1.5 }
    }
}

/// An object with an extent in the world.
pub trait Reach {
    /// For each of some directions, the maximum of its dot product with a point, over all points of the object;
    /// -infinity where there is no point.
    fn reach<const N: usize>(&self, directions: &[DVec3; N]) -> [f64; N];

    /// The centre of the box around the object, along the axes of the world; `None` where there is no point.
    fn center(&self) -> Option<DVec3> {
        const AXES: [DVec3; 6] = [DVec3::X, DVec3::Y, DVec3::Z, DVec3::NEG_X, DVec3::NEG_Y, DVec3::NEG_Z];
        let [x, y, z, left, bottom, back] = self.reach(&AXES);
        let center = DVec3::new(x - left, y - bottom, z - back) * 0.5;
        center.is_finite().then_some(center)
    }
}

const NOTHING: f64 = f64::NEG_INFINITY;

impl Reach for Bounds {
    fn reach<const N: usize>(&self, directions: &[DVec3; N]) -> [f64; N] {
        if self.is_empty() {
            return [NOTHING; N];
        }
        let corners = self.corners();
        directions.map(|direction| corners.iter().fold(NOTHING, |most, corner| most.max(corner.dot(direction))))
    }
}

impl Reach for Geometry {
    fn reach<const N: usize>(&self, directions: &[DVec3; N]) -> [f64; N] {
        let local = Directions::of(self, directions);
        let of_portion = |primitives: Range<usize>| {
            let mut most = [NOTHING; N];
            for i in primitives {
                let reach = self.reach_of(i, &local);
                for k in 0..N {
                    most[k] = most[k].max(reach[k]);
                }
            }
            most
        };
        let count = self.primitives();
        let most = match count <= PORTION {
            true => of_portion(0..count),
            // A maximum does not depend on the order, and so not on the number of threads.
            false => {
                let portions = (0..count.div_ceil(PORTION)).into_par_iter();
                let portions = portions.map(|k| of_portion(k * PORTION..count.min((k + 1) * PORTION)));
                portions.reduce(|| [NOTHING; N], |a, b| std::array::from_fn(|k| a[k].max(b[k])))
            }
        };
        std::array::from_fn(|k| most[k] + local.offsets[k])
    }
}

/// Directions of the world in a plot's own coordinates.
pub(super) struct Directions<const N: usize> {
    directions: [DVec3; N],
    lengths: [f64; N],
    /// The part of the dot products that comes from the plot's translation.
    pub offsets: [f64; N],
}

impl<const N: usize> Directions<N> {
    pub fn of(plot: &Geometry, directions: &[DVec3; N]) -> Self {
        let local = directions.map(|direction| plot.transform.matrix3.transpose() * direction);
        let offsets = directions.map(|direction| direction.dot(plot.transform.translation));
        Directions { directions: local, lengths: local.map(DVec3::length), offsets }
    }
}

impl Geometry {
    /// The extent of a primitive along the directions, in the plot's coordinates: exact, however the plot is transformed.
    pub(super) fn reach_of<const N: usize>(&self, i: usize, to: &Directions<N>) -> [f64; N] {
        self.body(i).reach(&to.directions, &to.lengths)
    }

    /// The first closed primitive that contains `point` and none of `others`.
    pub(super) fn around(&self, point: DVec3, others: &[DVec3]) -> Option<usize> {
        let to_plot = self.transform.inverse();
        let local = |point: &DVec3| to_plot.transform_point3(*point);
        let (point, others) = (local(&point), others.iter().map(local).collect::<Vec<_>>());
        (0..self.primitives()).find(|&i| {
            let body = self.body(i);
            body.encloses(point) && !others.iter().any(|&other| body.encloses(other))
        })
    }
}

/// All plots of a scene, or one of them.
pub struct Plots<'a> {
    scene: &'a Scene,
    only: Option<&'a str>,
}

impl<'a> Plots<'a> {
    pub fn of(scene: &'a Scene, only: Option<&'a str>) -> Self {
        Plots { scene, only }
    }

    /// The plots that have primitives.
    pub fn iter(&self) -> impl Iterator<Item = (&'a String, &'a Geometry)> + use<'a> {
        let only = self.only;
        let chosen = self.scene.geometries.iter().filter(move |(name, _)| only.is_none_or(|only| only == *name));
        chosen.map(|(name, plot)| (name, &**plot)).filter(|(_, plot)| plot.primitives() > 0)
    }

    /// Whether no plot has primitives.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl Reach for Plots<'_> {
    fn reach<const N: usize>(&self, directions: &[DVec3; N]) -> [f64; N] {
        self.iter().fold([NOTHING; N], |most, (_, plot)| {
            let reach = plot.reach(directions);
            std::array::from_fn(|k| most[k].max(reach[k]))
        })
    }
}

impl Scene {
    /// The box around all geometry, or around one plot; empty when there is none.
    pub fn bounds(&self, geometry: Option<&str>) -> Bounds {
        Plots::of(self, geometry).iter().fold(Bounds::EMPTY, |bounds, (_, plot)| bounds.union(plot.world_bounds()))
    }

    /// Width divided by height of the image.
    pub fn aspect(&self) -> f32 {
        self.size.0 as f32 / self.size.1 as f32
    }

    /// The plot that leaves little of an image of all plots to the others, and how many times as large it is as all of
    /// them together.
    pub fn dominating_plot(&self) -> Option<(&str, f64)> {
        Plots::of(self, None).iter().nth(1)?;
        let boxes: Vec<_> =
            Plots::of(self, None).iter().map(|(name, plot)| (name.as_str(), plot.world_bounds())).collect();
        let size = |bounds: Bounds| (bounds.hi - bounds.lo).length();
        let (largest, &(name, bounds)) =
            boxes.iter().enumerate().max_by(|(_, a), (_, b)| size(a.1).total_cmp(&size(b.1)))?;
        let others = boxes.iter().enumerate().filter(|(i, _)| *i != largest);
        let others = others.fold(Bounds::EMPTY, |all, (_, (_, bounds))| all.union(*bounds));
        let times = size(bounds) / size(others);
        (!others.is_empty() && times > DOMINATES && times.is_finite()).then_some((name, times))
    }
}

/// The axes of a view, and the slopes of its sides.
struct Frame {
    right: DVec3,
    up: DVec3,
    forward: DVec3,
    /// Tangents of half the angles of view, smaller by the margin.
    tan_x: f64,
    tan_y: f64,
}

impl Frame {
    fn of(camera: &Camera, aspect: f32) -> Frame {
        let (right, _, forward) = camera.basis();
        let tan_y = f64::from(libm::tanf(camera.fov.to_radians() * 0.5)) * FIT_FILL;
        // Orthogonal in double precision, since they are multiplied by coordinates that may be large.
        let forward = forward.as_dvec3().normalize();
        let right = right.as_dvec3().reject_from_normalized(forward).normalize();
        let up = right.cross(forward);
        Frame { right, up, forward, tan_x: tan_y * f64::from(aspect), tan_y }
    }

    /// The eye from which all of `what` is in a perspective view, as near as possible, and with as much room on the
    /// left as on the right, and below as above: the right, up and forward coordinate; and the middle of its depth.
    /// `None` where there is no point.
    ///
    /// A point at (x, y, f) is in view from (ex, ey, ef) where |x - ex| <= tan (f - ef), which is two planes. With q =
    /// 1 / tan: q x - f <= q ex - ef and -q x - f <= -q ex - ef. Where `a` and `b` are the maxima of the left sides
    /// over all points, ef can be -(a + b) / 2, and ex is then (a - b) / 2q; likewise for y.
    fn perspective(&self, what: &impl Reach) -> Option<([f64; 3], f64)> {
        let Frame { right, up, forward, .. } = *self;
        let (q_x, q_y) = (1.0 / self.tan_x, 1.0 / self.tan_y);
        let ([x0, x1], [y0, y1]) = (planes(right, forward, q_x), planes(up, forward, q_y));
        let [r, l, t, b, far, near] = what.reach(&[x0, x1, y0, y1, forward, -forward]);
        let (x, y, middle) = (Touch::of([r, l], q_x), Touch::of([t, b], q_y), (far - near) * 0.5);
        if !middle.is_finite() {
            return None;
        }
        let eye = if x.depth <= y.depth {
            [x.at, y.moved_to(what, up, forward, x.depth, middle).at, x.depth]
        } else {
            [x.moved_to(what, right, forward, y.depth, middle).at, y.at, y.depth]
        };
        Some((eye, middle))
    }
}

/// Normals of the two planes.
fn planes(axis: DVec3, forward: DVec3, q: f64) -> [DVec3; 2] {
    [q * axis - forward, -q * axis - forward]
}

/// The intersection of two planes that touch an object on both sides of an axis.
struct Touch {
    /// 1 / slope of the planes.
    q: f64,
    /// Coordinate along the axis.
    at: f64,
    /// Coordinate along the view.
    depth: f64,
}

impl Touch {
    fn of([a, b]: [f64; 2], q: f64) -> Touch {
        Touch { q, at: (a - b) / (2.0 * q), depth: -(a + b) * 0.5 }
    }

    /// Finds steeper planes, which meet at `depth`. The depth is concave and piecewise linear in `q`, a single piece
    /// where everything is at one distance, so a few secants find it.
    fn moved_to(self, what: &impl Reach, axis: DVec3, forward: DVec3, depth: f64, middle: f64) -> Touch {
        let enough = 1e-3 * (middle - depth);
        let mut touch = self;
        let mut fall = (middle - touch.depth) / touch.q;
        for _ in 0..8 {
            let q = touch.q + (touch.depth - depth) / fall;
            if (touch.depth - depth).abs() <= enough || !(q > 0.0 && q.is_finite()) {
                break;
            }
            let next = Touch::of(what.reach(&planes(axis, forward, q)), q);
            fall = (touch.depth - next.depth) / (next.q - touch.q);
            touch = next;
        }
        touch
    }
}

impl Camera {
    /// A pinhole camera that sees all geometry.
    pub fn fitted(scene: &Scene) -> Camera {
        let mut camera = Camera::default();
        let plots = Plots::of(scene, None);
        if !plots.is_empty() {
            camera.eye = camera.target + DEFAULT_DIRECTION.as_dvec3();
            camera.fit(&plots, scene.aspect(), DEFAULT_FIT_SCALE);
        }
        camera
    }

    /// Looks from the present direction at `what`, in the middle of the image, as near as shows all of it at the
    /// default `scale`; the distance grows in proportion to `scale`. Where there is no point, the camera stays.
    pub fn fit(&mut self, what: &impl Reach, aspect: f32, scale: f32) {
        let frame = Frame::of(self, aspect);
        let Frame { right, up, forward, .. } = frame;
        let scale = f64::from(scale / DEFAULT_FIT_SCALE);
        let (x, y, middle, distance) = match self.view() {
            View::Perspective | View::Around => {
                let Some(([x, y, eye], middle)) = frame.perspective(what) else { return };
                (x, y, middle, apart(middle - eye) * scale)
            }
            View::Parallel => {
                let [r, l, t, b, far, near] = what.reach(&[right, -right, up, -up, forward, -forward]);
                if !(far - near).is_finite() {
                    return;
                }
                // All rays are parallel: the distance from the target is the height of the view.
                let distance = apart(((r + l) * 0.5 / frame.tan_x).max((t + b) * 0.5 / frame.tan_y)) * scale;
                // The eye is in front of everything, so that nothing is behind it.
                ((r - l) * 0.5, (t - b) * 0.5, ((far - near) * 0.5).min(0.99 * distance - near), distance)
            }
        };
        let target = right * x + up * y + forward * middle;
        self.target = target;
        self.eye = target - forward * distance;
    }

    /// Looks from the present direction at its target, as near as shows all of `what`. Where there is no point, the
    /// camera stays.
    pub fn fit_around_target(&mut self, what: &impl Reach, aspect: f32) {
        let Frame { right, up, forward, tan_x, tan_y } = Frame::of(self, aspect);
        let target = self.target;
        let sides = [(right, tan_x), (-right, tan_x), (up, tan_y), (-up, tan_y)];
        let distance = match self.view() {
            View::Perspective | View::Around => {
                let reach = what.reach(&sides.map(|(axis, tan)| axis - tan * forward));
                let beyond = |k: usize| {
                    let (axis, tan) = sides[k];
                    (reach[k] - axis.dot(target)) / tan + forward.dot(target)
                };
                (0..4).map(beyond).fold(NOTHING, f64::max)
            }
            View::Parallel => {
                let reach = what.reach(&sides.map(|(axis, _)| axis));
                let [nearest] = what.reach(&[-forward]);
                let beyond = |k: usize| (reach[k] - sides[k].0.dot(target)) / sides[k].1;
                (0..4).map(beyond).fold(nearest + forward.dot(target), f64::max)
            }
        };
        if distance.is_finite() {
            self.eye = target - forward * apart(distance);
        }
    }
}

/// The distance from eye to target: for a single point any will do.
fn apart(distance: f64) -> f64 {
    if distance > 0.0 { distance } else { 1.0 }
}

impl Light {
    /// Moves the light to the place that `fit` describes relative to `camera`; a parallelogram is also turned towards
    /// the target.
    pub fn fit(&mut self, camera: &Camera, fit: LightFit) {
        let center = fitted_center(camera, fit);
        match &mut self.shape {
            LightShape::Spherical { .. } => {}
            LightShape::Parallelogram { u, v } => {
                // Turned so that u x v points to the target, v is level, and the sides keep their lengths.
                let normal = (camera.target - center).as_vec3().normalize_or(Vec3::NEG_Z);
                let level = normal.cross(camera.basis().1).normalize_or(normal.any_orthonormal_vector());
                *v = level * v.length();
                *u = level.cross(normal) * u.length();
            }
        }
        self.place(center);
    }

    /// Moves the light to the place that `fit` describes, and keeps a parallelogram's edges.
    pub fn place_by_fit(&mut self, camera: &Camera, fit: LightFit) {
        self.place(fitted_center(camera, fit));
    }

    fn place(&mut self, center: DVec3) {
        self.pos = match self.shape {
            LightShape::Spherical { .. } => center,
            LightShape::Parallelogram { u, v } => center - ((u + v) * 0.5).as_dvec3(),
        };
    }
}

fn fitted_center(camera: &Camera, fit: LightFit) -> DVec3 {
    let (right, up, forward) = camera.basis();
    let (h, v) = (fit.horizontal_rot.to_radians(), fit.vertical_rot.to_radians());
    let level = right * libm::sinf(h) - forward * libm::cosf(h);
    let direction = level * libm::cosf(v) + up * libm::sinf(v);
    camera.target + (direction * (camera.distance() * fit.dist_scale)).as_dvec3()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{
        CAMERAS, CameraKind, CameraUpdate, Channel, Edit, GeometryKind, GeometryUpdate, KindRow, Positions, Shape,
        Values,
    };
    use glam::DAffine3;

    fn spread() -> Scene {
        let mut scene = Scene::default();
        let data = GeometryUpdate {
            kind: Some(GeometryKind::Parallelepipeds),
            pos: Some([[-3.0, 0.0, 1.0], [5.0, 2.0, -7.0]].into()),
            values: [
                (Channel::U, Values::one([1.0, 0.0, 0.0])),
                (Channel::V, Values::one([0.0, -2.0, 0.0])),
                (Channel::W, Values::one([0.0, 0.0, 1.0])),
            ]
            .into(),
            ..GeometryUpdate::default()
        };
        scene.apply(&Edit::SetData { name: "p".into(), data }).unwrap();
        scene
    }

    /// Range of the image coordinates of points, where -1 and 1 are the edges: lowest and highest of x and of y.
    fn range(camera: &Camera, points: impl IntoIterator<Item = DVec3>, aspect: f32) -> [(f32, f32); 2] {
        let camera = match camera.view() {
            View::Perspective | View::Parallel => camera.clone(),
            // It sees everything from everywhere, and is placed as one that does not.
            View::Around => Camera { kind: CameraKind::Pinhole, ..camera.clone() },
        };
        let mut range = [(f32::INFINITY, f32::NEG_INFINITY); 2];
        for point in points {
            let (x, y) = camera.project(point, aspect).expect("nothing lies behind the eye");
            for (range, x) in range.iter_mut().zip([x, y]) {
                *range = (range.0.min(x), range.1.max(x));
            }
        }
        range
    }

    /// Requires that points fill the image less its margin, and are in the middle of it.
    fn assert_fills(camera: &Camera, points: impl IntoIterator<Item = DVec3>, aspect: f32, what: &str) {
        let range = range(camera, points, aspect);
        for (lo, hi) in range {
            assert!((lo + hi).abs() < 4e-3, "{what}: not in the middle, {range:?}");
        }
        let most = range[0].1.max(range[1].1);
        assert!((most - FIT_FILL as f32).abs() < 2e-3, "{what}: {range:?}");
    }

    const SIZES: [(u32, u32); 3] = [(800, 600), (100, 900), (900, 100)];
    const KINDS: [CameraKind; CAMERAS.len()] = {
        let mut kinds = [CameraKind::Pinhole; CAMERAS.len()];
        let mut i = 0;
        while i < CAMERAS.len() {
            kinds[i] = CAMERAS[i].kind;
            i += 1;
        }
        kinds
    };

    /// Points of the surface of a plot of one kind of primitive: dense enough to find its extent.
    fn surface(plot: &Geometry) -> Vec<DVec3> {
        let ball = |node: usize| {
            const POINTS: usize = 10_000;
            let (center, radius) = (plot.pos.at(node), plot[Channel::R].scalar(node));
            (0..POINTS).map(move |k| {
                // A spiral from pole to pole.
                let z = 1.0 - (2 * k + 1) as f32 / POINTS as f32;
                let (sin, cos) = (k as f32 * 2.399_963).sin_cos();
                let ring = (1.0 - z * z).sqrt();
                center + (radius * Vec3::new(ring * cos, ring * sin, z)).as_dvec3()
            })
        };
        let mut points = Vec::new();
        for i in 0..plot.primitives() {
            let nodes = plot.nodes_of(i);
            let pos = plot.pos.at(nodes.start);
            let edge = |edge: &Channel| Vec3::from(plot[*edge].vector(nodes.start)).as_dvec3();
            let edges = plot.kind.shape().edges().iter().map(edge);
            match plot.kind.shape() {
                // The hull of two balls extends as far as the balls.
                Shape::Sphere | Shape::Segment => points.extend(nodes.clone().flat_map(ball)),
                Shape::Parallelogram | Shape::Parallelepiped => {
                    points.extend(edges.fold(vec![pos], |all, edge| all.iter().flat_map(|&p| [p, p + edge]).collect()));
                }
                Shape::Tetrahedron => points.extend([pos].into_iter().chain(edges.map(|edge| pos + edge))),
            }
        }
        points.into_iter().map(|point| plot.transform.transform_point3(point)).collect()
    }

    /// Primitives of a kind, of one size or of several.
    fn plot_of(row: &KindRow) -> Geometry {
        let pos = [[-3.0, 0.0, 1.0], [5.0, 2.0, -7.0], [0.0, 4.0, 0.0], [1.0, -2.0, 2.0]];
        let edges = |u: [f32; 3]| {
            let scaled = |factor: f32| u.map(|x| factor * x);
            if row.const_size { Values::one(u) } else { Values::each([1.0, -0.5, 3.0, 0.1].map(scaled)) }
        };
        Geometry::new(row.kind, pos)
            .with(Channel::R, if row.const_size { Values::one(1.5f32) } else { Values::each([0.1f32, 2.5, 0.0, 1.0]) })
            .with(Channel::U, edges([1.0, 0.2, 0.0]))
            .with(Channel::V, edges([0.0, -2.0, 0.3]))
            .with(Channel::W, edges([-0.5, 0.0, 1.0]))
    }

    #[test]
    fn a_fitted_camera_sees_every_primitive_and_fills_the_image() {
        let mut plots: Vec<_> = GeometryKind::ALL.iter().map(|row| (row.name, plot_of(row))).collect();
        // Spheres that are transformed to ellipsoids.
        let turned = DAffine3::from_rotation_x(0.7) * DAffine3::from_scale(DVec3::new(1.0, 3.0, 0.5));
        let transform = DAffine3::from_translation(DVec3::splat(4.0)) * turned;
        plots.push(("ellipsoids", Geometry { transform, ..plot_of(GeometryKind::ParticleSet.row()) }));
        for (what, plot) in plots {
            let points = surface(&plot);
            for (kind, size) in KINDS.into_iter().flat_map(|kind| SIZES.map(|size| (kind, size))) {
                let aspect = size.0 as f32 / size.1 as f32;
                for (eye, fov) in [(DVec3::new(1.0, 2.0, 3.0), 35.0), (DVec3::Y, 90.0), (DVec3::NEG_Z, 5.0)] {
                    let mut camera = Camera { kind, eye: eye * 0.01, fov, ..Camera::default() };
                    let direction = camera.basis().2;
                    camera.fit(&plot, aspect, DEFAULT_FIT_SCALE);
                    assert!(camera.basis().2.abs_diff_eq(direction, 1e-5));
                    assert_fills(&camera, points.iter().copied(), aspect, &format!("{what} {kind:?} {size:?} {eye}"));
                    // The comparison detects a view that is slightly narrower.
                    let nearer = Camera { fov: 0.98 * fov, ..camera.clone() };
                    let most = range(&nearer, points.iter().copied(), aspect).map(|(_, hi)| hi);
                    assert!(most[0].max(most[1]) > FIT_FILL as f32 + 4e-3, "{most:?}");
                }
            }
        }
    }

    #[test]
    fn many_primitives_are_looked_through_in_portions() {
        let pos: std::sync::Arc<[[f32; 3]]> = (0..3 * PORTION).map(|i| [i as f32, 0.0, 0.0]).collect();
        let plot = Geometry::new(GeometryKind::ParticleSet, pos);
        let [right, left] = plot.reach(&[DVec3::X, DVec3::NEG_X]);
        assert!((right - (3 * PORTION - 1) as f64 - 0.05).abs() < 1e-6 && (left - 0.05).abs() < 1e-6);
        let center = plot.center().unwrap();
        assert!(center.abs_diff_eq(DVec3::X * (3 * PORTION - 1) as f64 * 0.5, 1e-6));
    }

    #[test]
    fn a_new_camera_without_an_eye_sees_everything() {
        let mut scene = spread();
        let points = surface(&scene.geometries["p"]);
        for target in [None, Some(DVec3::new(5.0, 1.0, 0.0))] {
            for kind in KINDS {
                let update = CameraUpdate { kind: Some(kind), target, fov: Some(20.0), ..CameraUpdate::default() };
                let name = format!("{target:?}{kind:?}");
                scene.apply(&Edit::SetupCamera { name, camera: update, make_current: true }).unwrap();
                let camera = scene.view();
                assert_eq!(camera.fov, 20.0);
                match target {
                    None => assert_fills(&camera, points.iter().copied(), scene.aspect(), "all"),
                    Some(target) => {
                        assert_eq!(camera.target, target);
                        let reach = range(&camera, points.iter().copied(), scene.aspect());
                        let most = reach.iter().fold(0.0f32, |most, (lo, hi)| most.max(-lo).max(*hi));
                        assert!((most - FIT_FILL as f32).abs() < 2e-3, "{reach:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_far_from_the_origin_is_fitted_as_exactly() {
        for far in [5e6, 1e8] {
            let rows = [[far, 0.0, far], [far + 1.0, 0.5, far]];
            let plot = Geometry::new(GeometryKind::ParticleSet, Positions::new(&rows, 0.02)).with(Channel::R, 0.01);
            for kind in KINDS {
                let mut camera = Camera { kind, ..Camera::default() };
                camera.eye = DVec3::new(far + 1.0, 2.0, far + 3.0);
                camera.target = DVec3::new(far, 0.0, far);
                camera.fit(&plot, 1.5, DEFAULT_FIT_SCALE);
                assert_fills(&camera, surface(&plot), 1.5, &format!("{kind:?} at {far}"));
            }
        }
    }

    #[test]
    fn one_point_and_no_point_are_no_trouble() {
        let point = Bounds { lo: DVec3::ONE, hi: DVec3::ONE };
        for kind in KINDS {
            let mut camera = Camera { kind, ..Camera::default() };
            camera.fit(&point, 1.0, DEFAULT_FIT_SCALE);
            assert!(camera.target.abs_diff_eq(DVec3::ONE, 1e-12));
            assert!(camera.check().is_ok());
            let before = camera.clone();
            camera.fit(&Bounds::EMPTY, 1.0, DEFAULT_FIT_SCALE);
            camera.fit_around_target(&Bounds::EMPTY, 1.0);
            assert_eq!(camera, before);
        }
    }

    #[test]
    fn a_plot_that_dwarfs_the_others_is_found() {
        let mut scene = spread();
        assert_eq!(scene.dominating_plot(), None);
        let floor = |size: f32| GeometryUpdate {
            kind: Some(GeometryKind::Parallelograms),
            pos: Some([[-size / 2.0, -3.0, -size / 2.0]].into()),
            values: [(Channel::U, Values::one([size, 0.0, 0.0])), (Channel::V, Values::one([0.0, 0.0, size]))].into(),
            ..GeometryUpdate::default()
        };
        scene.apply(&Edit::SetData { name: "floor".into(), data: floor(20.0) }).unwrap();
        assert_eq!(scene.dominating_plot(), None);
        scene.apply(&Edit::SetData { name: "floor".into(), data: floor(500.0) }).unwrap();
        let (name, times) = scene.dominating_plot().unwrap();
        assert!(name == "floor" && times > 50.0 && times < 60.0, "{times}");
    }

    #[test]
    fn scale_moves_the_eye_away_in_proportion() {
        let bounds = spread().bounds(None);
        let mut near = Camera::default();
        near.fit(&bounds, 1.0, 2.5);
        let mut far = near.clone();
        far.fit(&bounds, 1.0, 5.0);
        assert!((far.eye.distance(far.target) / near.eye.distance(near.target) - 2.0).abs() < 1e-5);
    }

    #[test]
    fn a_light_is_fitted_right_of_and_above_the_eye() {
        let camera = Camera { eye: DVec3::new(0.0, 0.0, 10.0), ..Camera::default() };
        let mut light = Light::default();
        light.fit(&camera, LightFit::default());
        assert!((light.pos.length() - 15.0).abs() < 1e-3);
        assert!((light.pos.y - 15.0 * 25f64.to_radians().sin()).abs() < 1e-3);
        assert!(light.pos.x > 0.0 && (light.pos.x - light.pos.z).abs() < 1e-3);
    }

    #[test]
    fn a_fitted_rectangle_shines_on_the_target() {
        let camera = Camera { eye: DVec3::new(3.0, 4.0, 10.0), ..Camera::default() };
        let shape = LightShape::Parallelogram { u: Vec3::Y * 2.0, v: Vec3::NEG_X * 3.0 };
        let mut light = Light { shape, ..Light::default() };
        light.fit(&camera, LightFit::default());
        let LightShape::Parallelogram { u, v } = light.shape else { panic!("the shape changed") };
        let to_target = (camera.target - (light.pos + ((u + v) * 0.5).as_dvec3())).as_vec3();
        assert!(u.cross(v).normalize().dot(to_target.normalize()) > 0.9999);
        assert!((u.length() - 2.0).abs() < 1e-4 && (v.length() - 3.0).abs() < 1e-4);
    }
}
