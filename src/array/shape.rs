//! Shapes: the number of elements along each axis, and how shapes broadcast.

use crate::{Error, Result};
use std::fmt;

/// Most axes of an array.
pub const MAX_AXES: usize = 8;

/// Number of elements along each axis, the last axis fastest in memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ArrayShape {
    count: u8,
    dims: [usize; MAX_AXES],
}

/// Distance from one element to the next along each axis, in elements. An axis of a broadcast operand has 0.
pub type Strides = [isize; MAX_AXES];

impl ArrayShape {
    /// The shape of a scalar, without axes: one element.
    pub const SCALAR: ArrayShape = ArrayShape { count: 0, dims: [0; MAX_AXES] };

    /// Fails where there are too many axes, or more elements than memory could ever hold.
    pub fn new(dims: &[usize]) -> Result<ArrayShape> {
        if dims.len() > MAX_AXES {
            return Err(Error::script(format!("{} axes, an array has at most {MAX_AXES}", dims.len())));
        }
        let mut elements = 1usize;
        for &dim in dims.iter().filter(|&&dim| dim != 0) {
            elements = elements.checked_mul(dim).filter(|&n| n <= isize::MAX as usize / 8).ok_or_else(|| {
                let dims: Vec<String> = dims.iter().map(usize::to_string).collect();
                Error::limit(format!("an array of shape ({}) is larger than any memory", dims.join(", ")))
            })?;
        }
        let mut shape = ArrayShape { count: dims.len() as u8, dims: [0; MAX_AXES] };
        shape.dims[..dims.len()].copy_from_slice(dims);
        Ok(shape)
    }

    /// One axis.
    pub fn line(length: usize) -> ArrayShape {
        let mut shape = ArrayShape { count: 1, dims: [0; MAX_AXES] };
        shape.dims[0] = length;
        shape
    }

    pub fn dims(&self) -> &[usize] {
        &self.dims[..self.count as usize]
    }

    /// Number of axes.
    pub fn axes(&self) -> usize {
        self.count as usize
    }

    /// Number of elements.
    pub fn size(&self) -> usize {
        self.dims().iter().product()
    }

    /// Strides of contiguous elements.
    pub fn contiguous(&self) -> Strides {
        let mut strides = [0; MAX_AXES];
        let mut step = 1isize;
        for axis in (0..self.axes()).rev() {
            strides[axis] = step;
            step *= self.dims[axis].max(1) as isize;
        }
        strides
    }

    /// Whether elements with these strides are contiguous.
    pub fn is_contiguous(&self, strides: &Strides) -> bool {
        let mut step = 1isize;
        for axis in (0..self.axes()).rev() {
            if self.dims[axis] != 1 && strides[axis] != step {
                return self.size() == 0;
            }
            step *= self.dims[axis] as isize;
        }
        true
    }

    /// NumPy's broadcasting: the shape of an operation on elements of both.
    #[inline]
    pub fn broadcast(&self, other: &ArrayShape) -> Option<ArrayShape> {
        if self == other {
            return Some(*self);
        }
        let axes = self.axes().max(other.axes());
        let mut shape = ArrayShape { count: axes as u8, dims: [0; MAX_AXES] };
        for axis in 0..axes {
            let (a, b) = (self.length_from_end(axes - axis), other.length_from_end(axes - axis));
            shape.dims[axis] = match (a, b) {
                (a, b) if a == b => a,
                (1, b) => b,
                (a, 1) => a,
                _ => return None,
            };
        }
        Some(shape)
    }

    /// Length of the axis that is the `back`-th from the end (from 1); 1 before the first.
    fn length_from_end(&self, back: usize) -> usize {
        self.axes().checked_sub(back).map_or(1, |axis| self.dims[axis])
    }

    /// Strides of a view of this shape broadcast to `target`.
    pub fn strides_in(&self, strides: &Strides, target: &ArrayShape) -> Strides {
        let mut out = [0; MAX_AXES];
        let shift = target.axes() - self.axes();
        for axis in 0..self.axes() {
            out[axis + shift] = if self.dims[axis] == 1 { 0 } else { strides[axis] };
        }
        out
    }

    /// If this shape is that of `target` up to an axis, and 1 from there on: how many elements of `target` share one of
    /// this shape.
    pub fn prefix_of(&self, target: &ArrayShape) -> Option<usize> {
        if self.axes() > target.axes() {
            return None;
        }
        let axes = target.axes();
        let mine = |axis: usize| self.length_from_end(axes - axis);
        let mut axis = 0;
        while axis < axes && mine(axis) == target.dims[axis] {
            axis += 1;
        }
        let rest = axis..axes;
        if rest.clone().all(|axis| mine(axis) == 1) { Some(target.dims[rest].iter().product()) } else { None }
    }

    /// This shape with another length of an axis.
    pub fn with(&self, axis: usize, length: usize) -> ArrayShape {
        let mut shape = *self;
        shape.dims[axis] = length;
        shape
    }

    /// This shape without an axis.
    pub fn without(&self, axis: usize) -> ArrayShape {
        let mut shape = *self;
        shape.dims.copy_within(axis + 1.., axis);
        shape.dims[MAX_AXES - 1] = 0;
        shape.count -= 1;
        shape
    }

    /// This shape with one more axis.
    pub fn insert(&self, axis: usize, length: usize) -> Result<ArrayShape> {
        let mut dims = self.dims().to_vec();
        dims.insert(axis, length);
        ArrayShape::new(&dims)
    }

    /// The index of an axis, which may count from the end (-1 is the last).
    pub fn axis(&self, axis: i64) -> Result<usize> {
        let axes = self.axes() as i64;
        let at = if axis < 0 { axis + axes } else { axis };
        if (0..axes).contains(&at) {
            return Ok(at as usize);
        }
        let error = Error::script(format!("axis {axis} is none of an array of shape {self}"));
        Err(match axes {
            0 => error.hint("it has no axes"),
            1 => error.hint("it has one axis, number 0"),
            _ => error.hint(format!("axes go from 0 to {}; -1 is the last", axes - 1)),
        })
    }
}

impl fmt::Display for ArrayShape {
    /// As NumPy writes it: `(3,)`, `(2, 3)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dims() {
            [one] => write!(f, "({one},)"),
            dims => {
                let dims: Vec<String> = dims.iter().map(usize::to_string).collect();
                write!(f, "({})", dims.join(", "))
            }
        }
    }
}

impl fmt::Debug for ArrayShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error of operands that do not broadcast.
pub fn no_broadcast(a: &ArrayShape, b: &ArrayShape) -> Error {
    let error = Error::script(format!("shapes {a} and {b} don't broadcast"));
    let mine = |s: &ArrayShape| s.dims().first().copied();
    // A row for each point, and a number for each point: a common mistake.
    if a.axes().abs_diff(b.axes()) == 1 && a.axes().min(b.axes()) == 1 && mine(a) == mine(b) {
        return error.hint("make the one with one axis a column: `x.col`");
    }
    error.hint("axes are compared from the last; each pair must be equal, or one of them 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(dims: &[usize]) -> ArrayShape {
        ArrayShape::new(dims).unwrap()
    }

    #[test]
    fn shapes_broadcast_from_the_last_axis() {
        assert_eq!(shape(&[4, 1]).broadcast(&shape(&[3])), Some(shape(&[4, 3])));
        assert_eq!(shape(&[]).broadcast(&shape(&[2, 0])), Some(shape(&[2, 0])));
        assert_eq!(shape(&[4, 3]).broadcast(&shape(&[4])), None);
        assert_eq!(
            no_broadcast(&shape(&[1000, 3]), &shape(&[1000])).message,
            "shapes (1000, 3) and (1000,) don't broadcast"
        );
    }

    #[test]
    fn a_column_is_a_prefix_of_its_rows() {
        assert_eq!(shape(&[4, 1]).prefix_of(&shape(&[4, 3])), Some(3));
        assert_eq!(shape(&[4, 3]).prefix_of(&shape(&[4, 3])), Some(1));
        assert_eq!(shape(&[1, 3]).prefix_of(&shape(&[4, 3])), None);
        assert_eq!(shape(&[1]).prefix_of(&shape(&[4, 3])), Some(12));
        assert_eq!(shape(&[2, 1, 1]).prefix_of(&shape(&[2, 5, 3])), Some(15));
        assert_eq!(shape(&[5, 1]).prefix_of(&shape(&[2, 5, 3])), None);
    }
}
