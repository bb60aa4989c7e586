//! Named plots: many primitives of one shape, their data, their material, their transform.

use super::Bounds;
use super::body::Body;
use super::channel::{Channel, Channels, Values};
use super::check::MAX_MAGNITUDE;
use super::edges::{self, Edges};
use super::positions::Positions;
use super::shape::{GeometryKind, Primitive};
use crate::{Error, Result};
use glam::DAffine3;
use std::ops::{Index, IndexMut, Range};

/// A plot. All values are finite; radii are positive or zero.
///
/// Positions and vectors are in the plot's own coordinates; `transform` places the plot in the world.
#[derive(Debug, Clone)]
pub struct Geometry {
    pub kind: GeometryKind,
    /// Centres of spheres, corners of parallelograms and parallelepipeds.
    pub pos: Positions,
    /// All other channels; those that the shape does not use have any values.
    pub data: Channels<Values>,
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
            && self.data == o.data
            && self.material == o.material
            && self.transform == o.transform
            && self.edges == o.edges
    }
}

/// # Panics
/// For the positions, which are `pos`.
impl Index<Channel> for Geometry {
    type Output = Values;
    fn index(&self, channel: Channel) -> &Values {
        &self.data[channel]
    }
}

impl IndexMut<Channel> for Geometry {
    fn index_mut(&mut self, channel: Channel) -> &mut Values {
        &mut self.data[channel]
    }
}

impl Geometry {
    /// A plot with the default radius, colour and material, and axis-aligned edges as long as the radius.
    pub fn new(kind: GeometryKind, pos: impl Into<Positions>) -> Geometry {
        Geometry {
            kind,
            pos: pos.into(),
            data: Channels::default(),
            material: "diffuse".to_string(),
            transform: DAffine3::IDENTITY,
            edges: Edges::default(),
        }
    }

    /// This plot with other values of a channel.
    pub fn with(mut self, channel: Channel, values: impl Into<Values>) -> Geometry {
        self[channel] = values.into();
        self
    }

    /// Number of positions.
    pub fn count(&self) -> usize {
        self.pos.len()
    }

    /// Number of primitives: one for each position, unless they connect several.
    pub fn primitives(&self) -> usize {
        self.kind.primitives(self.count())
    }

    /// The positions of a primitive.
    pub fn nodes_of(&self, primitive: usize) -> Range<usize> {
        let first = primitive * self.kind.row().step;
        first..first + self.kind.shape().row().nodes
    }

    /// Primitive `i` in the plot's coordinates.
    pub fn body(&self, i: usize) -> Body {
        let first = self.nodes_of(i).start;
        (self.kind.shape().row().body)(Primitive { positions: &self.pos, data: &self.data, first })
    }

    /// Whether the primitives are where those of `other` are, so that an acceleration structure fits both. Buffers are
    /// compared by identity.
    pub fn same_place(&self, other: &Geometry) -> bool {
        let (shape, step) = (self.kind.shape(), self.kind.row().step);
        (shape, step) == (other.kind.shape(), other.kind.row().step)
            && self.pos.same(&other.pos)
            && shape.row().channels.iter().all(|&channel| self[channel] == other[channel])
    }

    /// The plot that `data` describes. `name` seeds random orientations, so that they depend on nothing else.
    pub(super) fn create(name: &str, data: &GeometryUpdate) -> Result<Geometry> {
        let Some(pos) = data.pos.clone() else {
            return Err(Error::script(format!("`pos` is missing, and there is no geometry `{name}` yet"))
                .hint("a new geometry wants positions: `rt.set_data(name, #{ pos: [[x, y, z], ...] })`"));
        };
        let kind = data.kind.unwrap_or(GeometryKind::ParticleSet);
        if kind.is_const_size() && data.values[Channel::R].is_none() && !data.has_edges() {
            return Err(Error::script(format!("`r` is missing: `{}` has no default size", kind.name()))
                .hint("give one number, such as `r: 0.1`"));
        }
        let blank = Geometry::new(kind, pos);
        blank.changed(name, data, true)
    }

    /// This plot with `data` in place of its old values; a value per position that is not given returns to its default
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
        for (channel, given) in data.values.iter() {
            let fits = next[channel].fits(count);
            if let Some(edge) = edges::index(channel) {
                next.edges.given[edge] = given.is_some() || next.edges.given[edge] && fits;
            }
            match given {
                Some(values) => next[channel] = values.clone(),
                // Also where the shape does not use it: every channel has a value for each position.
                None if !fits => next[channel] = channel.row().default_values(),
                None => {}
            }
        }
        if let Some(material) = &data.material {
            next.material.clone_from(material);
        }
        next.check_nodes()?;
        next.check_counts()?;
        next.check_const_size()?;
        let resized = count != self.count() || data.values[Channel::R].is_some() || data.rnd.is_some();
        if new || reshaped || resized || data.has_edges() || next.kind != self.kind {
            edges::complete(&mut next.data, &next.edges, next.kind, count, name);
        }
        Ok(next)
    }

    /// Whether values of a channel were given, or are defaults; edges that are chosen are neither.
    fn is_settled(&self, channel: Channel) -> bool {
        edges::index(channel).is_none_or(|edge| self.edges.given[edge])
    }

    /// The positions are as many as whole primitives have.
    fn check_nodes(&self) -> Result<()> {
        let (n, nodes, row) = (self.count(), self.kind.shape().row().nodes, self.kind.row());
        let error = |wants: String| {
            let rows = if n == 1 { "row" } else { "rows" };
            let error = Error::script(format!("`pos` has {n} {rows}, `{}` wants {wants}", row.name));
            Err(error.hint(format!("`{}` shows {} `[]` shows nothing", row.name, row.doc)))
        };
        match n.checked_sub(nodes) {
            None if n > 0 => error(format!("at least {nodes}")),
            Some(rest) if rest % row.step > 0 => error(format!("a multiple of {}", row.step)),
            _ => Ok(()),
        }
    }

    fn check_counts(&self) -> Result<()> {
        let n = self.count();
        let mut unfit = self.data.iter().filter(|&(channel, values)| self.is_settled(channel) && !values.fits(n));
        match unfit.next() {
            None => Ok(()),
            Some((channel, values)) => {
                let (name, len) = (channel.name(), values.len());
                Err(Error::script(format!("`{name}` has {len} rows, `pos` has {n}"))
                    .hint(format!("give `{name}` one value for all, or one for each position")))
            }
        }
    }

    fn check_const_size(&self) -> Result<()> {
        if !self.kind.is_const_size() {
            return Ok(());
        }
        let sizes = self.data.iter().filter(|(channel, _)| *channel != Channel::Color);
        let mut each = sizes.filter(|&(channel, values)| self.is_settled(channel) && values.is_each());
        match each.next() {
            None => Ok(()),
            Some((channel, values)) => {
                let wanted = if values.width() == 1 { "one number" } else { "one vector" };
                let free = self.kind.name().trim_end_matches("ConstSize");
                Err(Error::script(format!(
                    "`{}` has one value per position, `{}` wants {wanted}",
                    channel.name(),
                    self.kind.name()
                ))
                .hint(format!("use `geom: \"{free}\"` for sizes that differ")))
            }
        }
    }

    /// The box around all primitives, in the plot's own coordinates.
    pub fn local_bounds(&self) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        for corner in (0..self.primitives()).flat_map(|i| self.body(i).bounds()) {
            bounds.add(corner);
        }
        bounds
    }

    /// A box around all primitives in the world: the smallest one unless the plot is rotated.
    pub fn world_bounds(&self) -> Bounds {
        self.local_bounds().transformed(&self.transform)
    }
}

/// The data that a script passes to `set_data` and `update_data`: `None` keeps a value or its default.
#[derive(Debug, Clone, Default)]
pub struct GeometryUpdate {
    pub kind: Option<GeometryKind>,
    pub pos: Option<Positions>,
    /// All other channels.
    pub values: Channels<Option<Values>>,
    pub material: Option<String>,
    /// Missing edge vectors: true (default) gives each primitive a random rotation, false aligns them with the axes.
    pub rnd: Option<bool>,
}

impl GeometryUpdate {
    /// Whether it has edge vectors.
    fn has_edges(&self) -> bool {
        self.values.iter().any(|(channel, values)| values.is_some() && edges::index(channel).is_some())
    }

    /// Refuses data that cannot be drawn: numbers that are not finite, negative radii and colours.
    fn check(&self) -> Result<()> {
        if let Some(pos) = &self.pos {
            if pos.len() > u32::MAX as usize / 2 {
                return Err(Error::limit(format!("`pos` has {} rows, the most is {}", pos.len(), u32::MAX / 2)));
            }
            check_positions(pos)?;
        }
        for (channel, values) in self.values.iter() {
            if let Some(values) = values {
                check_values(channel, values)?;
            }
        }
        Ok(())
    }
}

/// Refuses numbers that cannot be drawn.
fn check_values(channel: Channel, values: &Values) -> Result<()> {
    let (name, row, width) = (channel.name(), channel.row(), values.width());
    let least = if row.positive { 0.0 } else { -MAX_MAGNITUDE };
    // One comparison per number refuses NaN, infinities and numbers whose squares overflow.
    let Some(place) = first_bad(values.numbers(), |x| (least..=MAX_MAGNITUDE).contains(&x)) else { return Ok(()) };
    let element = &values.numbers()[place / width * width..][..width];
    element.iter().try_for_each(|&x| check_number(name, place / width, x))?;
    let shown = match element {
        [x] => x.to_string(),
        rgb => format!("[{}]", rgb.iter().map(f32::to_string).collect::<Vec<_>>().join(", ")),
    };
    Err(Error::script(format!("`{name}` is {shown} in row {}, it wants at least 0", place / width)))
}

/// The place of the first bad number.
fn first_bad(numbers: &[f32], good: impl Fn(f32) -> bool) -> Option<usize> {
    const PORTION: usize = 3072;
    // Chunks are searched to their end, which allows SIMD.
    let portion = numbers.chunks(PORTION).position(|all| !all.iter().fold(true, |so_far, &x| so_far & good(x)))?;
    let place = numbers[portion * PORTION..].iter().position(|&x| !good(x))?;
    Some(portion * PORTION + place)
}

/// Positions are relative to an origin: the number that a script gave is the sum of both.
fn check_positions(pos: &Positions) -> Result<()> {
    if first_bad(pos.relative().as_flattened(), |x| x.abs() <= MAX_MAGNITUDE).is_none()
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
