//! Elements as unsigned integers in the order that arrays are sorted in.

use super::space::Scope;
use super::values::Element;
use crate::Result;
use crate::radix::{self, Item};

/// An element of an array as a key in the order that arrays are sorted in.
pub trait Keyed: Element + Item {
    /// For floats -0.0 is before 0.0, and NaN is last: only the NaN that [`Keyed::plain`] returns.
    fn to_key(self) -> u64;

    /// The element with every NaN replaced by one.
    fn plain(self) -> Self {
        self
    }

    /// The element, with 0.0 for -0.0.
    fn unsigned_zero(self) -> Self {
        self
    }
}

impl Keyed for f64 {
    fn to_key(self) -> u64 {
        let bits = self.to_bits();
        // Inverts all bits of a negative number, and the sign of a positive one.
        bits ^ ((bits.cast_signed() >> 63).cast_unsigned() | 1 << 63)
    }

    fn plain(self) -> f64 {
        if self.is_nan() { f64::NAN } else { self }
    }

    fn unsigned_zero(self) -> f64 {
        self + 0.0
    }
}

impl Keyed for f32 {
    fn to_key(self) -> u64 {
        f64::from(self).to_key()
    }

    fn plain(self) -> f32 {
        if self.is_nan() { f32::NAN } else { self }
    }

    fn unsigned_zero(self) -> f32 {
        self + 0.0
    }
}

impl Keyed for i64 {
    fn to_key(self) -> u64 {
        self.cast_unsigned() ^ 1 << 63
    }
}

impl Keyed for bool {
    fn to_key(self) -> u64 {
        u64::from(self)
    }
}

macro_rules! sorted_by_key {
    ($($element:ty),*) => {
        $(impl Item for $element {
            fn key(self) -> u64 {
                self.to_key()
            }
        })*
    };
}

sorted_by_key!(f64, f32, i64, bool);

/// Sorts `count` items into `out` on the threads of the call's arrays; stops when the call has to.
pub fn sort_into<T: Item>(out: &mut Vec<T>, count: usize, item: impl Fn(usize) -> T + Send + Sync) -> Result<()> {
    let Scope { space, watch, .. } = Scope::current();
    space.install(|| radix::sort_into(out, count, item, || watch.check()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::mix;

    #[test]
    fn keys_are_in_the_order_of_the_elements() {
        let floats = [f64::NEG_INFINITY, -2.0, -1e-300, -0.0, 0.0, 1e-300, 1.0, f64::INFINITY, f64::NAN];
        assert!(floats.is_sorted_by(|a, b| a.plain().to_key() < b.plain().to_key()));
        assert!(floats.map(|x| x as f32).is_sorted_by(|a, b| a.plain().to_key() <= b.plain().to_key()));
        assert_eq!((-f64::NAN).plain().to_key(), f64::NAN.plain().to_key());
        assert_eq!((-0.0f64).unsigned_zero().to_key(), 0.0f64.to_key());
        assert!([i64::MIN, -1, 0, 1, i64::MAX].is_sorted_by(|a, b| a.to_key() < b.to_key()));
        assert!(false.to_key() < true.to_key());
    }

    #[test]
    fn many_elements_are_sorted_as_comparing_does() {
        let values: Vec<f64> = (0..100_000).map(|i| f64::from_bits(mix(i))).collect();
        let mut keys: Vec<u64> = values.iter().map(|x| x.plain().to_key()).collect();
        keys.sort_unstable();
        let mut out = Vec::new();
        sort_into(&mut out, values.len(), |i| values[i].plain()).unwrap();
        assert!(out.into_iter().map(Keyed::to_key).eq(keys));
    }
}
