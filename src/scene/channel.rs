//! The channels of a plot's data: positions, radii, edges, colours. Checks, defaults, uploads, comparisons and
//! `get_data` are loops over this table.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// A channel of the data, as the kernels number it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Channel {
    /// Positions.
    Pos,
    /// Radii.
    R,
    /// Edge vectors.
    U,
    V,
    W,
    /// Linear RGB.
    Color,
}

/// What a channel holds.
pub struct ChannelRow {
    pub channel: Channel,
    /// The name in scripts.
    pub name: &'static str,
    /// Numbers of an element: 1 or 3.
    pub width: usize,
    /// Numbers below 0 are refused.
    pub positive: bool,
    /// The element where none is given.
    pub default: [f32; 3],
}

/// Radius or edge length where none is given, scene units.
pub const DEFAULT_R: f32 = 0.05;
/// Grey of primitives without a colour.
pub const DEFAULT_COLOR: f32 = 0.95;

/// All channels, in the order of [`Channel`].
pub static CHANNELS: [ChannelRow; 6] = [
    ChannelRow { channel: Channel::Pos, name: "pos", width: 3, positive: false, default: [0.0; 3] },
    ChannelRow { channel: Channel::R, name: "r", width: 1, positive: true, default: [DEFAULT_R; 3] },
    ChannelRow { channel: Channel::U, name: "u", width: 3, positive: false, default: [DEFAULT_R, 0.0, 0.0] },
    ChannelRow { channel: Channel::V, name: "v", width: 3, positive: false, default: [0.0, DEFAULT_R, 0.0] },
    ChannelRow { channel: Channel::W, name: "w", width: 3, positive: false, default: [0.0, 0.0, DEFAULT_R] },
    ChannelRow { channel: Channel::Color, name: "c", width: 3, positive: true, default: [DEFAULT_COLOR; 3] },
];
const _: () = {
    let mut i = 0;
    while i < CHANNELS.len() {
        assert!(CHANNELS[i].channel as usize == i, "the table is in the order of the enum");
        i += 1;
    }
};

impl Channel {
    pub fn row(self) -> &'static ChannelRow {
        &CHANNELS[self as usize]
    }

    /// The channel's name in scripts.
    pub fn name(self) -> &'static str {
        self.row().name
    }
}

/// A type of elements: a number, or three.
pub trait Element: bytemuck::Pod {
    const WIDTH: usize;
    fn row(self) -> [f32; 3];
}

impl Element for f32 {
    const WIDTH: usize = 1;
    fn row(self) -> [f32; 3] {
        [self; 3]
    }
}

impl Element for [f32; 3] {
    const WIDTH: usize = 3;
    fn row(self) -> [f32; 3] {
        self
    }
}

/// The values of a channel: one for all elements of a plot, or one for each.
#[derive(Debug, Clone)]
pub struct Values {
    width: usize,
    numbers: Numbers,
}

#[derive(Debug, Clone)]
enum Numbers {
    One([f32; 3]),
    Each(Arc<[f32]>),
}

impl Values {
    /// One value for all elements.
    pub fn one<T: Element>(value: T) -> Values {
        Values { width: T::WIDTH, numbers: Numbers::One(value.row()) }
    }

    /// A value for each element. Arrays that are shared stay shared.
    pub fn each<T: Element>(values: impl Into<Arc<[T]>>) -> Values {
        Values { width: T::WIDTH, numbers: Numbers::Each(bytemuck::allocation::cast_slice_arc(values.into())) }
    }

    /// Numbers of an element: 1 or 3.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether there is a value for each element.
    pub fn is_each(&self) -> bool {
        matches!(self.numbers, Numbers::Each(_))
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.numbers().len() / self.width
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// False when the values are one for each element, but not as many as there are elements.
    pub(super) fn fits(&self, count: usize) -> bool {
        !self.is_each() || self.len() == count
    }

    /// All numbers, element by element.
    pub fn numbers(&self) -> &[f32] {
        match &self.numbers {
            Numbers::One(row) => &row[..self.width],
            Numbers::Each(numbers) => numbers,
        }
    }

    /// The shared array of numbers, if there is a value for each element.
    pub fn array(&self) -> Option<&Arc<[f32]>> {
        match &self.numbers {
            Numbers::One(_) => None,
            Numbers::Each(numbers) => Some(numbers),
        }
    }

    /// Distance between elements in floats; 0: one value for all.
    pub fn stride(&self) -> usize {
        if self.is_each() { self.width } else { 0 }
    }

    /// The number of element `i`; of several the first.
    pub fn scalar(&self, i: usize) -> f32 {
        self.numbers()[i * self.stride()]
    }

    /// The three numbers of element `i`: of a single number three times the same.
    pub fn vector(&self, i: usize) -> [f32; 3] {
        match &self.numbers {
            Numbers::One(row) => *row,
            Numbers::Each(numbers) if self.width == 3 => std::array::from_fn(|axis| numbers[3 * i + axis]),
            Numbers::Each(numbers) => [numbers[i]; 3],
        }
    }

    /// The values as vectors: one, or one for each element. Empty if they are single numbers.
    pub fn vectors(&self) -> &[[f32; 3]] {
        if self.width == 3 { bytemuck::cast_slice(self.numbers()) } else { &[] }
    }

    /// `count` values of which element `i` is `element`, and the others are as they are.
    pub fn with(&self, count: usize, i: usize, element: [f32; 3]) -> Values {
        let mut numbers: Vec<f32> = (0..count).flat_map(|k| self.vector(k).into_iter().take(self.width)).collect();
        numbers[i * self.width..(i + 1) * self.width].copy_from_slice(&element[..self.width]);
        Values { width: self.width, numbers: Numbers::Each(numbers.into()) }
    }

    /// The values of the first `count` elements.
    pub fn first(&self, count: usize) -> Values {
        let numbers = match &self.numbers {
            Numbers::One(row) => Numbers::One(*row),
            Numbers::Each(numbers) => Numbers::Each(numbers[..count * self.width].into()),
        };
        Values { width: self.width, numbers }
    }

    /// The same numbers in another buffer.
    pub fn copied(&self) -> Values {
        let numbers = match &self.numbers {
            Numbers::One(row) => Numbers::One(*row),
            Numbers::Each(numbers) => Numbers::Each(numbers[..].into()),
        };
        Values { width: self.width, numbers }
    }

    /// Uses the buffer of `other` if it holds the same bits.
    pub(super) fn reuse(&mut self, other: &Values) {
        if let (Numbers::Each(mine), Numbers::Each(theirs)) = (&mut self.numbers, &other.numbers)
            && self.width == other.width
        {
            super::positions::share(mine, theirs);
        }
    }
}

impl<T: Element> From<T> for Values {
    fn from(value: T) -> Self {
        Values::one(value)
    }
}

impl<T: Element> From<Vec<T>> for Values {
    fn from(values: Vec<T>) -> Self {
        Values::each(values)
    }
}

/// Equal when the same buffer or the same single value. Buffers are compared by identity, not by contents, because this
/// decides what is uploaded, and comparing a million values costs as much as uploading them.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        match (&self.numbers, &other.numbers) {
            (Numbers::One(a), Numbers::One(b)) => self.width == other.width && a == b,
            (Numbers::Each(a), Numbers::Each(b)) => self.width == other.width && Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Values of all channels but the positions, which have an origin of their own: `T` is [`Values`] in a plot, and
/// `Option<Values>` in an update, where `None` keeps what there is.
#[derive(Debug, Clone, PartialEq)]
pub struct Channels<T>([T; CHANNELS.len() - 1]);

impl<T> Channels<T> {
    /// The channels with their values.
    pub fn iter(&self) -> impl Iterator<Item = (Channel, &T)> {
        CHANNELS[1..].iter().map(|row| row.channel).zip(&self.0)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Channel, &mut T)> {
        CHANNELS[1..].iter().map(|row| row.channel).zip(&mut self.0)
    }
}

impl Default for Channels<Values> {
    fn default() -> Self {
        Channels(std::array::from_fn(|i| CHANNELS[i + 1].default_values()))
    }
}

impl Default for Channels<Option<Values>> {
    fn default() -> Self {
        Channels(std::array::from_fn(|_| None))
    }
}

impl<const N: usize> From<[(Channel, Values); N]> for Channels<Option<Values>> {
    fn from(given: [(Channel, Values); N]) -> Self {
        let mut all = Channels::default();
        for (channel, values) in given {
            all[channel] = Some(values);
        }
        all
    }
}

impl ChannelRow {
    /// One default for all elements.
    pub fn default_values(&self) -> Values {
        Values { width: self.width, numbers: Numbers::One(self.default) }
    }
}

/// # Panics
/// For the positions.
impl<T> Index<Channel> for Channels<T> {
    type Output = T;
    fn index(&self, channel: Channel) -> &T {
        &self.0[channel as usize - 1]
    }
}

impl<T> IndexMut<Channel> for Channels<T> {
    fn index_mut(&mut self, channel: Channel) -> &mut T {
        &mut self.0[channel as usize - 1]
    }
}
