//! Named plots: many primitives of one shape, their data, their material, their transform.

use super::Bounds;
use super::MAX_MAGNITUDE;
use super::edges::{self, Edges};
use super::positions::Positions;
use crate::{Error, Result};
use glam::{DAffine3, Vec3};
use std::sync::Arc;

/// The shapes that the kernels intersect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Shape {
    Sphere,
    Parallelogram,
    Parallelepiped,
}

/// The values of `geom` in `set_data`, with PlotOptiX's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GeometryKind {
    ParticleSet,
    ParticleSetConstSize,
    Parallelograms,
    ParallelogramsConstSize,
    Parallelepipeds,
    ParallelepipedsConstSize,
}

impl Shape {
    /// How many of the edge vectors `u`, `v`, `w` the shape has.
    pub fn edge_count(self) -> usize {
        match self {
            Shape::Sphere => 0,
            Shape::Parallelogram => 2,
            Shape::Parallelepiped => 3,
        }
    }
}

impl GeometryKind {
    pub const ALL: [GeometryKind; 6] = [
        GeometryKind::ParticleSet,
        GeometryKind::ParticleSetConstSize,
        GeometryKind::Parallelograms,
        GeometryKind::ParallelogramsConstSize,
        GeometryKind::Parallelepipeds,
        GeometryKind::ParallelepipedsConstSize,
    ];
    pub const fn name(self) -> &'static str {
        match self {
            GeometryKind::ParticleSet => "ParticleSet",
            GeometryKind::ParticleSetConstSize => "ParticleSetConstSize",
            GeometryKind::Parallelograms => "Parallelograms",
            GeometryKind::ParallelogramsConstSize => "ParallelogramsConstSize",
            GeometryKind::Parallelepipeds => "Parallelepipeds",
            GeometryKind::ParallelepipedsConstSize => "ParallelepipedsConstSize",
        }
    }
    /// True when all primitives share one size: one radius, or one set of edges.
    pub fn is_const_size(self) -> bool {
        matches!(
            self,
            GeometryKind::ParticleSetConstSize
                | GeometryKind::ParallelogramsConstSize
                | GeometryKind::ParallelepipedsConstSize
        )
    }
    pub fn shape(self) -> Shape {
        match self {
            GeometryKind::ParticleSet | GeometryKind::ParticleSetConstSize => Shape::Sphere,
            GeometryKind::Parallelograms | GeometryKind::ParallelogramsConstSize => Shape::Parallelogram,
            GeometryKind::Parallelepipeds | GeometryKind::ParallelepipedsConstSize => Shape::Parallelepiped,
        }
    }
}

/// One value for all primitives of a plot, or one for each.
#[derive(Debug, Clone)]
pub enum PerPrimitive<T> {
    All(T),
    /// One value per primitive, as many as the plot has.
    Each(Arc<[T]>),
}

impl<T: Copy> PerPrimitive<T> {
    /// The value of primitive `i`.
    pub fn get(&self, i: usize) -> T {
        match self {
            PerPrimitive::All(value) => *value,
            PerPrimitive::Each(values) => values[i],
        }
    }
    /// All values: one, or one for each primitive.
    pub fn values(&self) -> &[T] {
        match self {
            PerPrimitive::All(value) => std::slice::from_ref(value),
            PerPrimitive::Each(values) => values,
        }
    }
    /// False when the values are one per primitive, but not as many as the plot has primitives.
    fn fits(&self, count: usize) -> bool {
        match self {
            PerPrimitive::All(_) => true,
            PerPrimitive::Each(values) => values.len() == count,
        }
    }
}

/// Equal when the same buffer or the same single value. Buffers are compared by identity, not by contents, because this
/// decides what is uploaded, and comparing a million values costs as much as uploading them.
impl<T: PartialEq> PartialEq for PerPrimitive<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (PerPrimitive::All(a), PerPrimitive::All(b)) => a == b,
            (PerPrimitive::Each(a), PerPrimitive::Each(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// A plot. All values are finite; radii are positive or zero.
///
/// Positions and vectors are in the plot's own coordinates; `transform` places the plot in the world.
#[derive(Debug, Clone)]
pub struct Geometry {
    pub kind: GeometryKind,
    /// Centres of spheres, corners of parallelograms and parallelepipeds.
    pub pos: Positions,
    /// Radii of spheres (unused by other shapes).
    pub r: PerPrimitive<f32>,
    /// Edge vectors: `u`, `v` of parallelograms, `u`, `v`, `w` of parallelepipeds.
    pub u: PerPrimitive<[f32; 3]>,
    pub v: PerPrimitive<[f32; 3]>,
    pub w: PerPrimitive<[f32; 3]>,
    /// Linear RGB.
    pub color: PerPrimitive<[f32; 3]>,
    /// Name of the material.
    pub material: String,
    /// Transform from plot to world coordinates.
    pub transform: DAffine3,
    /// Which edge vectors were given, and how the others are chosen.
    pub edges: Edges,
}

impl PartialEq for Geometry {
    fn eq(&self, o: &Self) -> bool {
        self.kind == o.kind
            && self.pos.same(&o.pos)
            && self.r == o.r
            && self.u == o.u
            && self.v == o.v
            && self.w == o.w
            && self.color == o.color
            && self.material == o.material
            && self.transform == o.transform
            && self.edges == o.edges
    }
}

/// Radius or edge length where none is given, scene units.
pub const DEFAULT_R: f32 = 0.05;
/// Grey of primitives without a colour.
pub const DEFAULT_COLOR: f32 = 0.95;

impl Geometry {
    /// A plot with the default radius, colour and material, and axis-aligned edges as long as the radius.
    pub fn new(kind: GeometryKind, pos: impl Into<Positions>) -> Geometry {
        Geometry {
            kind,
            pos: pos.into(),
            r: PerPrimitive::All(DEFAULT_R),
            u: PerPrimitive::All([DEFAULT_R, 0.0, 0.0]),
            v: PerPrimitive::All([0.0, DEFAULT_R, 0.0]),
            w: PerPrimitive::All([0.0, 0.0, DEFAULT_R]),
            color: PerPrimitive::All([DEFAULT_COLOR; 3]),
            material: "diffuse".to_string(),
            transform: DAffine3::IDENTITY,
            edges: Edges::default(),
        }
    }

    /// Number of primitives.
    pub fn count(&self) -> usize {
        self.pos.len()
    }

    /// The plot that `data` describes. `name` seeds random orientations, so that they depend on nothing else.
    pub(super) fn create(name: &str, data: &GeometryUpdate) -> Result<Geometry> {
        let Some(pos) = data.pos.clone() else {
            return Err(Error::script(format!("`pos` is missing, and there is no geometry `{name}` yet"))
                .hint("a new geometry wants positions: `rt.set_data(name, #{ pos: [[x, y, z], ...] })`"));
        };
        let kind = data.kind.unwrap_or(GeometryKind::ParticleSet);
        let has_edges = data.u.is_some() || data.v.is_some() || data.w.is_some();
        if kind.is_const_size() && data.r.is_none() && !has_edges {
            return Err(Error::script(format!("`r` is missing: `{}` has no default size", kind.name()))
                .hint("give one number, such as `r: 0.1`"));
        }
        let blank = Geometry::new(kind, pos);
        blank.changed(name, data, true)
    }

    /// This plot with `data` in place of its old values; a value per primitive that is not given returns to its default
    /// when the number of primitives changes.
    pub(super) fn updated(&self, name: &str, data: &GeometryUpdate) -> Result<Geometry> {
        self.changed(name, data, false)
    }

    fn changed(&self, name: &str, data: &GeometryUpdate, new: bool) -> Result<Geometry> {
        data.check()?;
        let mut next = self.clone();
        next.kind = data.kind.unwrap_or(self.kind);
        let reshaped = next.kind.shape() != self.kind.shape();
        if let Some(pos) = &data.pos {
            next.pos = pos.clone();
        }
        let count = next.count();
        if let Some(rnd) = data.rnd {
            next.edges.random = rnd;
        }
        take(&mut next.r, &data.r, count, PerPrimitive::All(DEFAULT_R));
        take(&mut next.color, &data.color, count, PerPrimitive::All([DEFAULT_COLOR; 3]));
        if let Some(material) = &data.material {
            next.material.clone_from(material);
        }
        for (axis, (mine, given)) in
            [(&mut next.u, &data.u), (&mut next.v, &data.v), (&mut next.w, &data.w)].into_iter().enumerate()
        {
            if let Some(value) = given {
                *mine = value.clone();
                next.edges.given[axis] = true;
            } else if !mine.fits(count) {
                next.edges.given[axis] = false;
            }
        }
        next.check_counts()?;
        next.check_const_size()?;
        let resized = count != self.count() || data.r.is_some() || data.rnd.is_some();
        let new_edges = data.u.is_some() || data.v.is_some() || data.w.is_some();
        if next.kind.shape() != Shape::Sphere && (new || reshaped || resized || new_edges || next.kind != self.kind) {
            edges::complete(&mut next, name);
        }
        Ok(next)
    }

    fn check_counts(&self) -> Result<()> {
        let n = self.count();
        let lengths = [
            ("r", self.r.fits(n), self.r.values().len()),
            ("c", self.color.fits(n), self.color.values().len()),
            ("u", self.u.fits(n) || !self.edges.given[0], self.u.values().len()),
            ("v", self.v.fits(n) || !self.edges.given[1], self.v.values().len()),
            ("w", self.w.fits(n) || !self.edges.given[2], self.w.values().len()),
        ];
        match lengths.into_iter().find(|(_, fits, _)| !fits) {
            None => Ok(()),
            Some((name, _, len)) => Err(Error::script(format!("`{name}` has {len} rows, `pos` has {n}"))
                .hint(format!("give `{name}` one value for all primitives, or one for each position"))),
        }
    }

    fn check_const_size(&self) -> Result<()> {
        if !self.kind.is_const_size() {
            return Ok(());
        }
        let single = |edge: &PerPrimitive<[f32; 3]>| matches!(edge, PerPrimitive::All(_));
        let offender = if !matches!(self.r, PerPrimitive::All(_)) {
            Some(("r", "one number"))
        } else {
            [("u", &self.u), ("v", &self.v), ("w", &self.w)]
                .into_iter()
                .zip(self.edges.given)
                .find(|((_, edge), given)| *given && !single(edge))
                .map(|((name, _), _)| (name, "one vector"))
        };
        match offender {
            None => Ok(()),
            Some((name, wanted)) => {
                let free = self.kind.name().trim_end_matches("ConstSize");
                Err(Error::script(format!(
                    "`{name}` has one value per primitive, `{}` wants {wanted}",
                    self.kind.name()
                ))
                .hint(format!("use `geom: \"{free}\"` for sizes that differ")))
            }
        }
    }

    /// The box around all primitives, in the plot's own coordinates.
    pub fn local_bounds(&self) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        for (i, pos) in self.pos.iter().enumerate() {
            let (lo, hi) = match self.kind.shape() {
                Shape::Sphere => (Vec3::splat(-self.r.get(i)), Vec3::splat(self.r.get(i))),
                Shape::Parallelogram => extent(&[self.u.get(i), self.v.get(i)]),
                Shape::Parallelepiped => extent(&[self.u.get(i), self.v.get(i), self.w.get(i)]),
            };
            bounds.add(pos + lo.as_dvec3());
            bounds.add(pos + hi.as_dvec3());
        }
        bounds
    }

    /// A box around all primitives in the world: the smallest one unless the plot is rotated.
    pub fn world_bounds(&self) -> Bounds {
        self.local_bounds().transformed(&self.transform)
    }
}

/// Range of all sums of some of the edges: the box around a parallelepiped at the origin.
fn extent(edges: &[[f32; 3]]) -> (Vec3, Vec3) {
    edges.iter().fold((Vec3::ZERO, Vec3::ZERO), |(lo, hi), &edge| {
        let edge = Vec3::from(edge);
        (lo + edge.min(Vec3::ZERO), hi + edge.max(Vec3::ZERO))
    })
}

fn take<T: Copy>(mine: &mut PerPrimitive<T>, given: &Option<PerPrimitive<T>>, count: usize, default: PerPrimitive<T>) {
    match given {
        Some(value) => *mine = value.clone(),
        None if !mine.fits(count) => *mine = default,
        None => {}
    }
}

/// The data that a script passes to `set_data` and `update_data`: `None` keeps a value or its default.
#[derive(Debug, Clone, Default)]
pub struct GeometryUpdate {
    pub kind: Option<GeometryKind>,
    pub pos: Option<Positions>,
    pub r: Option<PerPrimitive<f32>>,
    pub u: Option<PerPrimitive<[f32; 3]>>,
    pub v: Option<PerPrimitive<[f32; 3]>>,
    pub w: Option<PerPrimitive<[f32; 3]>>,
    pub color: Option<PerPrimitive<[f32; 3]>>,
    pub material: Option<String>,
    /// Missing edge vectors: true (default) gives each primitive a random rotation, false aligns them with the axes.
    pub rnd: Option<bool>,
}

impl GeometryUpdate {
    /// Refuses data that cannot be drawn: numbers that are not finite, negative radii and colours.
    fn check(&self) -> Result<()> {
        if let Some(pos) = &self.pos {
            if pos.len() > u32::MAX as usize / 2 {
                return Err(Error::limit(format!("`pos` has {} rows, the most is {}", pos.len(), u32::MAX / 2)));
            }
            check_positions(pos)?;
        }
        for (name, edge) in [("u", &self.u), ("v", &self.v), ("w", &self.w)] {
            if let Some(edge) = edge {
                check_rows(name, edge.values())?;
            }
        }
        if let Some(r) = &self.r {
            for (row, &r) in r.values().iter().enumerate() {
                check_number("r", row, r)?;
                if r < 0.0 {
                    return Err(Error::script(format!("`r` is {r} in row {row}, it wants at least 0")));
                }
            }
        }
        if let Some(color) = &self.color
            && let Some(row) = first_row(color.values(), |x| (0.0..=MAX_MAGNITUDE).contains(&x))
        {
            check_rows("c", color.values())?;
            let [r, g, b] = color.values()[row];
            return Err(Error::script(format!("`c` is [{r}, {g}, {b}] in row {row}, it wants at least 0")));
        }
        Ok(())
    }
}

fn check_rows(name: &str, rows: &[[f32; 3]]) -> Result<()> {
    // One comparison per number refuses NaN, infinities and numbers whose squares overflow.
    match first_row(rows, |x| x.abs() <= MAX_MAGNITUDE) {
        None => Ok(()),
        Some(row) => rows[row].iter().try_for_each(|&x| check_number(name, row, x)),
    }
}

/// The first row with an invalid number.
fn first_row(rows: &[[f32; 3]], good: impl Fn(f32) -> bool) -> Option<usize> {
    const PORTION: usize = 1024;
    let good = |rows: &[[f32; 3]]| rows.as_flattened().iter().fold(true, |all, &x| all & good(x));
    // Chunks are searched to their end, which allows SIMD.
    let portion = rows.chunks(PORTION).position(|rows| !good(rows))? * PORTION;
    let row = rows[portion..].iter().position(|row| !good(std::slice::from_ref(row)))?;
    Some(portion + row)
}

/// Positions are relative to an origin: the number that a script gave is the sum of both.
fn check_positions(pos: &Positions) -> Result<()> {
    if first_row(pos.relative(), |x| x.abs() <= MAX_MAGNITUDE).is_none()
        && pos.origin().abs().max_element() <= f64::from(MAX_MAGNITUDE)
    {
        return Ok(());
    }
    let rows = pos.iter().map(|row| row.as_vec3().to_array()).enumerate();
    rows.into_iter().try_for_each(|(row, p)| p.iter().try_for_each(|&x| check_number("pos", row, x)))
}

fn check_number(name: &str, row: usize, x: f32) -> Result<()> {
    if x.abs() <= MAX_MAGNITUDE {
        return Ok(());
    }
    let hint = "numbers to draw are finite and at most 1e18; look for divisions by zero and roots of negative numbers";
    Err(Error::script(format!("`{name}` is {x} in row {row}")).hint(hint))
}
