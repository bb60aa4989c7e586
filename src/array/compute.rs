//! From the record of an array to its elements.

use super::eval;
use super::node::{NdArray, View};
use super::values::{Element, Values};
use crate::{Error, Result};

impl NdArray {
    /// The elements, computed if necessary.
    pub(super) fn view(&self) -> Result<&View> {
        if let Some(view) = self.computed() {
            return Ok(view);
        }
        eval::compute(std::slice::from_ref(self))?;
        self.computed().ok_or_else(|| Error::script("internal error: an array was not computed"))
    }

    /// Computes the elements now.
    pub fn compute(&self) -> Result<()> {
        self.view().map(drop)
    }

    /// Computes several arrays now, common parts once.
    pub fn compute_all(arrays: &[NdArray]) -> Result<()> {
        eval::compute(arrays)
    }

    /// A copy of the elements, in order.
    pub fn to_values(&self) -> Result<Values> {
        eval::values(self, self.dtype())
    }

    /// A copy of the elements, in order, as type `T`.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        eval::vec(self)
    }
}
