//! Sorts many elements by keys that are unsigned integers, on all threads: first into buckets between keys of a sample,
//! which fit the processor's cache, and then each bucket by the digits of its keys.

use super::space::{Scope, Watch};
use super::values::Element;
use crate::{Error, Result};
use rayon::prelude::*;

/// Most buckets; their numbers fit a byte.
const BUCKETS: usize = 256;
/// Elements that a bucket is meant to have, at least.
const BUCKET: usize = 1 << 13;
/// Keys of the sample for each bucket.
const SAMPLES: usize = 16;
/// Bits of a digit, at most.
const DIGIT: u32 = 11;
/// Elements below which a bucket is not worth counting digits.
const FEW: usize = 256;

/// What is sorted.
pub trait Item: Copy + Send + Sync {
    fn key(self) -> u64;

    /// Decides between items of equal keys that are not the same.
    fn place(self) -> u32 {
        0
    }
}

/// An element of an array as a key in the order that arrays are sorted in.
pub trait Keyed: Element {
    /// Of floats -0.0 is before 0.0. NaN is the last: no other NaN than [`Keyed::plain`] makes.
    fn to_key(self) -> u64;

    /// The one NaN for all NaN.
    fn plain(self) -> Self {
        self
    }

    /// Itself, where 0.0 is also -0.0.
    fn unsigned_zero(self) -> Self {
        self
    }
}

impl Keyed for f64 {
    fn to_key(self) -> u64 {
        let bits = self.to_bits();
        // All bits of a negative number, the sign of another.
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

impl<T: Keyed> Item for T {
    fn key(self) -> u64 {
        self.to_key()
    }
}

/// A key and where its element is.
#[derive(Clone, Copy)]
pub struct Placed {
    pub key: u64,
    pub place: u32,
}

impl Item for Placed {
    fn key(self) -> u64 {
        self.key
    }

    fn place(self) -> u32 {
        self.place
    }
}

/// Where threads write items to, each to places of its own.
struct Output<T>(*mut T);

// SAFETY: no place is written to twice.
unsafe impl<T: Send> Sync for Output<T> {}

impl<T> Output<T> {
    fn at(&self, place: usize) -> *mut T {
        self.0.wrapping_add(place)
    }
}

/// Sorts `count` items, which `item` gives, into an empty `out` that has room for them. Takes, besides, a byte for
/// each item, and a bucket for each thread.
pub fn sort_into<T: Item>(out: &mut Vec<T>, count: usize, item: impl Fn(usize) -> T + Sync) -> Result<()> {
    debug_assert!(out.is_empty());
    let no_room = |_| Error::limit("the machine has no room for sorting").hint("use fewer elements");
    out.try_reserve_exact(count).map_err(no_room)?;
    if count == 0 {
        return Ok(());
    }
    let Scope { space, watch, .. } = Scope::current();
    let splitters = Splitters::of(count, &item);
    let part = (count / (space.threads() * 8).max(1)).clamp(1 << 13, 1 << 17);
    let mut numbers: Vec<u8> = Vec::new();
    numbers.try_reserve_exact(count).map_err(no_room)?;
    numbers.resize(count, 0);
    let ends = space.install(|| {
        let parts = numbers.par_chunks_mut(part).enumerate();
        let mut counts = parts
            .map(|(i, numbers)| {
                watch.check()?;
                Ok(splitters.number(numbers, |k| item(i * part + k).key()))
            })
            .collect::<Result<Vec<[usize; BUCKETS]>>>()?;
        // From how many there are to where they begin.
        let mut ends = [0; BUCKETS];
        let mut place = 0;
        for bucket in 0..BUCKETS {
            for counts in &mut counts {
                place += std::mem::replace(&mut counts[bucket], place);
            }
            ends[bucket] = place;
        }
        let output = Output(out.as_mut_ptr());
        let parts = numbers.par_chunks(part).zip(counts).enumerate();
        parts.try_for_each(|(i, (numbers, mut places))| {
            watch.check()?;
            for (k, &number) in numbers.iter().enumerate() {
                let place = &mut places[usize::from(number)];
                // SAFETY: each part has places of its own in each bucket, as many as it has counted there; all are
                // below `count`, for which there is room.
                unsafe { output.at(*place).write(item(i * part + k)) };
                *place += 1;
            }
            Result::Ok(())
        })?;
        Result::Ok(ends)
    })?;
    // SAFETY: the places of all parts together are all of `0..count`.
    unsafe { out.set_len(count) };
    drop(numbers);
    let mut buckets = Vec::with_capacity(BUCKETS);
    let mut rest = out.as_mut_slice();
    let mut begin = 0;
    for end in ends {
        let (bucket, others) = std::mem::take(&mut rest).split_at_mut(end - begin);
        buckets.push(bucket);
        (rest, begin) = (others, end);
    }
    space.install(|| sort_buckets(buckets, &watch))
}

fn sort_buckets<T: Item>(buckets: Vec<&mut [T]>, watch: &Watch) -> Result<()> {
    let sort = |spare: &mut Vec<T>, bucket: &mut [T]| {
        watch.check()?;
        by_digits(bucket, spare);
        Ok(())
    };
    buckets.into_par_iter().with_max_len(1).try_for_each_init(Vec::new, sort)
}

/// Keys between buckets, as a tree: those of the children of `i` are at `2 i` and `2 i + 1`.
struct Splitters {
    tree: [u64; BUCKETS],
    levels: u32,
}

impl Splitters {
    fn of<T: Item>(count: usize, item: impl Fn(usize) -> T) -> Splitters {
        let levels = (count / BUCKET).clamp(2, BUCKETS).ilog2();
        let buckets = 1usize << levels;
        let random = |i: usize| ((u128::from(super::random::mix(i as u64)) * count as u128) >> 64) as usize;
        let mut sample: Vec<u64> = (0..buckets * SAMPLES).map(|i| item(random(i)).key()).collect();
        sample.sort_unstable();
        let mut sorted: Vec<u64> = sample.chunks(SAMPLES).skip(1).map(|keys| keys[0]).collect();
        // A key that is there twice has a bucket of its own, in which nothing is to be sorted.
        for i in 1..sorted.len() {
            if sorted[i - 1] == sorted[i] {
                let key = sorted[i];
                let same = sorted[i..].iter_mut().take_while(|other| **other == key);
                same.for_each(|other| *other = key.saturating_add(1));
            }
        }
        let mut tree = [u64::MAX; BUCKETS];
        for (i, node) in tree.iter_mut().enumerate().take(buckets).skip(1) {
            let level = i.ilog2();
            let width = buckets >> level;
            *node = sorted[(i - (1 << level)) * width + width / 2 - 1];
        }
        Splitters { tree, levels }
    }

    /// Numbers the items of a part by their buckets, and counts how many are in each.
    fn number(&self, numbers: &mut [u8], key: impl Fn(usize) -> u64) -> [usize; BUCKETS] {
        const SIDE_BY_SIDE: usize = 8;
        let mut counts = [0; BUCKETS];
        let buckets = 1 << self.levels;
        let (many, few) = numbers.as_chunks_mut::<SIDE_BY_SIDE>();
        let first_of_few = many.len() * SIDE_BY_SIDE;
        for (i, numbers) in many.iter_mut().enumerate() {
            // Searches that don't wait for one another.
            let keys: [u64; SIDE_BY_SIDE] = std::array::from_fn(|k| key(i * SIDE_BY_SIDE + k));
            let mut at = [1; SIDE_BY_SIDE];
            for _ in 0..self.levels {
                for (at, key) in at.iter_mut().zip(keys) {
                    *at = 2 * *at + usize::from(self.tree[*at & (BUCKETS - 1)] <= key);
                }
            }
            for (number, at) in numbers.iter_mut().zip(at) {
                *number = (at - buckets) as u8;
                counts[usize::from(*number)] += 1;
            }
        }
        for (k, number) in few.iter_mut().enumerate() {
            let key = key(first_of_few + k);
            let found = (0..self.levels).fold(1, |at, _| 2 * at + usize::from(self.tree[at] <= key));
            *number = (found - buckets) as u8;
            counts[usize::from(*number)] += 1;
        }
        counts
    }
}

/// Sorts by the two highest digits in which keys differ, and what is equal there by comparing.
fn by_digits<T: Item>(items: &mut [T], spare: &mut Vec<T>) {
    let keys = items.iter().map(|item| item.key());
    let (low, high) = keys.fold((u64::MAX, 0), |(low, high), key| (low.min(key), high.max(key)));
    // Equal ones are in the order in which they came.
    if low >= high {
        return;
    }
    let compare = |items: &mut [T]| items.sort_unstable_by_key(|item| (item.key(), item.place()));
    if items.len() < FEW || u32::try_from(items.len()).is_err() {
        return compare(items);
    }
    let digit = (items.len().ilog2() / 2 + 3).min(DIGIT);
    let shift = (64 - (high - low).leading_zeros()).saturating_sub(2 * digit);
    let top = |item: T| ((item.key() - low) >> shift) as usize;
    let mask = (1usize << digit) - 1;
    let mut places = [[0u32; 1 << DIGIT]; 2];
    for &item in &*items {
        places[0][top(item) & mask] += 1;
        places[1][top(item) >> digit & mask] += 1;
    }
    for places in &mut places {
        let mut place = 0;
        for count in places.iter_mut().take(mask + 1) {
            place += std::mem::replace(count, place);
        }
    }
    if spare.len() < items.len() {
        spare.clear();
        spare.extend_from_slice(items);
    }
    let spare = &mut spare[..items.len()];
    let [lower, upper] = &mut places;
    for &item in &*items {
        let place = &mut lower[top(item) & mask];
        spare[*place as usize] = item;
        *place += 1;
    }
    for &item in &*spare {
        let place = &mut upper[top(item) >> digit & mask];
        items[*place as usize] = item;
        *place += 1;
    }
    if shift > 0 {
        items.chunk_by_mut(|&a, &b| top(a) == top(b)).filter(|same| same.len() > 1).for_each(compare);
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::mix;
    use super::*;
    use crate::array::{Scope, Space};
    use crate::cancel::CancelToken;
    use std::sync::Arc;

    const COUNT: usize = 300_000;

    fn key_sorted<T: Keyed>(values: &[T]) -> Vec<u64> {
        let mut out = Vec::new();
        sort_into(&mut out, values.len(), |i| values[i].plain()).unwrap();
        out.into_iter().map(Keyed::to_key).collect()
    }

    fn by_comparing<T: Keyed>(values: &[T]) -> Vec<u64> {
        let mut keys: Vec<u64> = values.iter().map(|x| x.plain().to_key()).collect();
        keys.sort();
        keys
    }

    /// Numbers of all sizes and signs, close together, equal, few different ones, and with the digits that count far
    /// below those that don't.
    fn kinds() -> Vec<(&'static str, Vec<f64>)> {
        let make = |f: &dyn Fn(usize, u64) -> f64| (0..COUNT).map(|i| f(i, mix(i as u64))).collect::<Vec<f64>>();
        vec![
            ("all bits", make(&|_, bits| f64::from_bits(bits))),
            ("unit", make(&|_, bits| bits as f64 / u64::MAX as f64)),
            ("few", make(&|_, bits| (bits % 5) as f64 - 2.0)),
            ("one", make(&|_, _| 7.5)),
            ("one, and others", make(&|i, bits| if i % 97 == 0 { bits as f64 } else { -1.0 })),
            ("zeros", make(&|_, bits| if bits & 1 == 0 { 0.0 } else { -0.0 })),
            ("ends", make(&|_, bits| [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0][bits as usize % 5])),
            ("low bits", make(&|i, bits| f64::from_bits(if i == 0 { u64::MAX / 4 } else { bits % 4096 }))),
            ("sorted", make(&|i, _| i as f64)),
            ("backwards", make(&|i, _| -(i as f64))),
        ]
    }

    #[test]
    fn sorts_as_comparing_does() {
        for (name, values) in kinds() {
            for count in [0, 1, 2, 255, 257, 5000, COUNT] {
                let values = &values[..count];
                assert!(key_sorted(values) == by_comparing(values), "{name}, {count}");
                let singles: Vec<f32> = values.iter().map(|&x| x as f32).collect();
                assert!(key_sorted(&singles) == by_comparing(&singles), "{name}, {count}, f32");
                let integers: Vec<i64> = values.iter().map(|x| x.to_bits().cast_signed()).collect();
                assert!(key_sorted(&integers) == by_comparing(&integers), "{name}, {count}, i64");
            }
        }
    }

    #[test]
    fn equal_keys_keep_their_order() {
        for (name, values) in kinds() {
            let item = |i: usize| Placed { key: values[i].plain().to_key() >> 48, place: i as u32 };
            let mut out = Vec::new();
            sort_into(&mut out, values.len(), item).unwrap();
            let mut wanted: Vec<(u64, u32)> = (0..values.len()).map(|i| (item(i).key, i as u32)).collect();
            wanted.sort();
            assert!(out.iter().map(|x| (x.key, x.place)).eq(wanted), "{name}");
        }
    }

    #[test]
    fn stops_when_cancelled() {
        let cancel = CancelToken::new();
        cancel.cancel();
        let watch = Watch { cancel, deadline: None };
        let space = Arc::new(Space::new(usize::MAX, 2));
        let _scope = Scope { space, watch, seed: 0, tells_costs: false }.enter();
        let mut out = Vec::new();
        assert!(sort_into(&mut out, COUNT, |i| i as f64).is_err());
        assert!(out.is_empty());
    }
}
