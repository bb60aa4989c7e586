//! What the films of all devices have in common: planes, blocks of samples, and sums that are read and merged.
//!
//! A film holds sums over the samples of each pixel, one sample a pass. Floating-point sums depend on the order of the
//! terms, so the order is fixed: the samples of a block of [`SUM_BLOCK`] are added one by one, in the order of their
//! indices; the sums of whole blocks are added in the order of the blocks. So it does not matter which device has traced
//! a block, and a film that several devices fill, a block each, has the bits of one that a single device fills.

use super::layout::FilmData;
pub use super::layout::{PLANE_FLOATS, PLANES, Plane};
use crate::{Error, Result};
use std::ops::Range;

/// Samples of a pixel that are added up before their sum is set aside: adding to a large float loses digits, always the
/// same ones in a pixel without noise. With this many the error is less than a tenth of an 8-bit step, and images of
/// fewer passes are a plain sum in order.
pub const SUM_BLOCK: u32 = 4096;
impl Plane {
    pub const ALL: [Plane; PLANES] = [Plane::Radiance, Plane::Albedo, Plane::Normal];

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Plane::Radiance => "radiance",
            Plane::Albedo => "albedo",
            Plane::Normal => "normal",
        }
    }
}

/// A set of planes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planes(u32);

impl Planes {
    pub const NONE: Planes = Planes(0);
    pub const ALL: Planes = Planes((1 << PLANES) - 1);

    pub const fn of(plane: Plane) -> Planes {
        Planes(1 << plane as u32)
    }

    pub const fn with(self, other: Planes) -> Planes {
        Planes(self.0 | other.0)
    }

    pub const fn has(self, plane: Plane) -> bool {
        self.0 & 1 << plane as u32 != 0
    }

    pub const fn contains(self, other: Planes) -> bool {
        self.0 & other.0 == other.0
    }

    pub const fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The planes of the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Plane> {
        Plane::ALL.into_iter().filter(move |&plane| self.has(plane))
    }
}

impl FilmData {
    /// A film without planes.
    pub const NONE: FilmData = FilmData { plane: [std::ptr::null_mut(); PLANES] };
}

/// The samples of a film: indices of passes in the image, from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples(Range<u32>);

/// Where on a film sums are to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// To the sums of the present block.
    Present,
    /// To the sums of the blocks before.
    Aside,
}

impl Samples {
    /// The number of samples of each pixel.
    pub fn passes(&self) -> u32 {
        self.0.len() as u32
    }

    pub fn range(&self) -> Range<u32> {
        self.0.clone()
    }

    /// The index of the next sample.
    pub fn next(&self) -> u32 {
        self.0.end
    }

    /// Passes up to the end of the present block: no more may be traced at once.
    pub fn room(&self) -> u32 {
        SUM_BLOCK - self.0.end % SUM_BLOCK
    }

    /// Prepares for tracing `samples`: they must continue the film, or begin an empty film at the start of a block.
    pub fn begin(&mut self, samples: &Range<u32>) -> Result<()> {
        if self.0.is_empty() && samples.start.is_multiple_of(SUM_BLOCK) {
            self.0 = samples.start..samples.start;
        }
        if self.0.end == samples.start {
            return Ok(());
        }
        let (start, end) = (samples.start, self.0.end);
        Err(Error::device(format!("the samples from {start} on do not follow those on the film, which end at {end}"))
            .hint(format!("trace samples in order, from a multiple of {SUM_BLOCK} on")))
    }

    /// Counts traced passes; true where they complete the block, whose sums are then to be set aside.
    pub fn add(&mut self, passes: u32) -> bool {
        self.0.end += passes;
        self.0.end.is_multiple_of(SUM_BLOCK)
    }

    /// Where `sums` belong, if adding them gives the bits that tracing their samples would give.
    pub fn place(&self, sums: &FilmSums) -> Result<Place> {
        let empty = self.0.is_empty();
        let Range { start, end } = sums.samples;
        if !start.is_multiple_of(SUM_BLOCK) || !(empty || start == self.0.end) {
            let held = &self.0;
            return Err(Error::device(format!(
                "sums of the samples {start}..{end} cannot be added to those of {held:?}"
            ))
            .hint(format!("add sums in order, from a multiple of {SUM_BLOCK} on")));
        }
        match sums.passes() {
            SUM_BLOCK => Ok(Place::Aside),
            passes if passes < SUM_BLOCK => Ok(Place::Present),
            passes if empty && passes.is_multiple_of(SUM_BLOCK) => Ok(Place::Aside),
            passes => Err(Error::device(format!("sums of {passes} passes are of several blocks"))
                .hint(format!("add sums of at most {SUM_BLOCK} passes"))),
        }
    }

    /// Counts the samples of sums that have been added.
    pub fn merge(&mut self, samples: &Range<u32>) {
        let start = if self.0.is_empty() { samples.start } else { self.0.start };
        self.0 = start..samples.end;
    }
}

/// The sums of a film, as one device hands them to another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilmSums {
    pub width: u32,
    pub height: u32,
    /// Indices of the samples of each pixel.
    pub samples: Range<u32>,
    /// [`PLANE_FLOATS`] a pixel, in rows from the top; `None` for a plane that the film did not have. The contents are
    /// described at [`Plane`].
    pub planes: [Option<Vec<f32>>; PLANES],
}

impl FilmSums {
    pub fn passes(&self) -> u32 {
        self.samples.len() as u32
    }

    /// Fails where these sums are not of a film of that size and with those planes.
    pub fn check(&self, (width, height): (u32, u32), planes: Planes) -> Result<()> {
        if (self.width, self.height) != (width, height) {
            let (w, h) = (self.width, self.height);
            return Err(Error::device(format!("sums of {w}x{h} pixels cannot be added to a film of {width}x{height}")));
        }
        let floats = PLANE_FLOATS * width as usize * height as usize;
        for plane in planes.iter() {
            if self.planes[plane as usize].as_ref().is_none_or(|sums| sums.len() != floats) {
                return Err(Error::device(format!("the sums lack the film's plane of {}", plane.name())));
            }
        }
        Ok(())
    }
}

/// A film that is developed: borrowed sums.
#[derive(Clone, Copy)]
pub struct FilmView<'a> {
    pub width: u32,
    pub height: u32,
    pub passes: u32,
    pub planes: [Option<&'a [f32]>; PLANES],
}

impl<'a> FilmView<'a> {
    /// The sums of a plane; fails where the film has none.
    pub fn plane(&self, plane: Plane) -> Result<&'a [f32]> {
        self.planes[plane as usize].ok_or_else(|| missing(plane))
    }
}

/// The error for a plane that the film lacks.
pub fn missing(plane: Plane) -> Error {
    Error::device(format!("the film has no plane of {}", plane.name()))
        .hint("call `Device::require_planes` before `apply`, and trace then")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(samples: Range<u32>) -> FilmSums {
        FilmSums { samples, ..FilmSums::default() }
    }

    #[test]
    fn sums_are_added_only_where_the_bits_stay_those_of_one_device() {
        let mut samples = Samples::default();
        assert_eq!(samples.place(&sums(0..5)), Ok(Place::Present));
        assert_eq!(samples.place(&sums(0..4 * SUM_BLOCK)), Ok(Place::Aside));
        assert!(samples.place(&sums(0..SUM_BLOCK + 1)).is_err(), "the end of the first block is lost");
        assert!(samples.place(&sums(3..5)).is_err());
        samples.begin(&(SUM_BLOCK..SUM_BLOCK + 7)).unwrap();
        assert!(!samples.add(7));
        assert!(samples.place(&sums(SUM_BLOCK + 7..2 * SUM_BLOCK)).is_err(), "the block would be two sums");
        assert!(samples.begin(&(0..1)).is_err());
        samples.begin(&(SUM_BLOCK + 7..2 * SUM_BLOCK)).unwrap();
        assert!(samples.add(SUM_BLOCK - 7));
        assert_eq!(samples.place(&sums(2 * SUM_BLOCK..3 * SUM_BLOCK)), Ok(Place::Aside));
        assert!(samples.place(&sums(2 * SUM_BLOCK..4 * SUM_BLOCK)).is_err(), "blocks are added one by one");
        samples.merge(&(2 * SUM_BLOCK..2 * SUM_BLOCK + 9));
        assert_eq!((samples.range(), samples.room()), (SUM_BLOCK..2 * SUM_BLOCK + 9, SUM_BLOCK - 9));
    }

    #[test]
    fn a_set_of_planes_has_what_was_put_in() {
        let planes = Planes::of(Plane::Radiance).with(Planes::of(Plane::Normal));
        assert_eq!(planes.iter().collect::<Vec<_>>(), [Plane::Radiance, Plane::Normal]);
        assert!(Planes::ALL.contains(planes) && !planes.contains(Planes::ALL));
        assert_eq!((planes.count(), Planes::ALL.count()), (2, PLANES));
    }
}
