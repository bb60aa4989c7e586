//! Sorts many items by keys that are unsigned integers, on the threads of the current pool: first into buckets,
//! separated by keys of a sample, which fit the processor's cache, and then each bucket by the digits of its keys.

use crate::random::mix;
use crate::{Error, Result};
use rayon::prelude::*;

/// Most buckets; their indices fit a byte.
const BUCKETS: usize = 256;
/// Smallest intended number of elements of a bucket.
const BUCKET: usize = 1 << 13;
/// Keys of the sample for each bucket.
const SAMPLES: usize = 16;
/// Most bits of a digit.
const DIGIT: u32 = 11;
/// Elements below which counting digits does not pay.
const FEW: usize = 256;

/// An item to sort.
pub trait Item: Copy + Send + Sync {
    fn key(self) -> u64;

    /// Breaks ties between items with equal keys that differ.
    fn place(self) -> u32 {
        0
    }
}

/// A key and the index of its element.
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

/// A key without further data.
impl Item for u64 {
    fn key(self) -> u64 {
        self
    }
}

/// A buffer that threads write items to, each at distinct positions.
struct Output<T>(*mut T);

// SAFETY: no position is written to twice.
unsafe impl<T: Send> Sync for Output<T> {}

impl<T> Output<T> {
    fn at(&self, place: usize) -> *mut T {
        self.0.wrapping_add(place)
    }
}

/// Sorts `count` items, which `item` returns by index, into an empty `out` that has room for them. Needs in addition a
/// byte for each item, and a bucket for each thread. Polls `check`, and stops with its error.
pub fn sort_into<T: Item>(
    out: &mut Vec<T>,
    count: usize,
    item: impl Fn(usize) -> T + Sync,
    check: impl Fn() -> Result<()> + Sync,
) -> Result<()> {
    debug_assert!(out.is_empty());
    let no_room = |_| Error::limit("the machine has no room for sorting").hint("use fewer elements");
    out.try_reserve_exact(count).map_err(no_room)?;
    if count == 0 {
        return Ok(());
    }
    let splitters = Splitters::of(count, &item);
    let part = (count / (rayon::current_num_threads() * 8)).clamp(1 << 13, 1 << 17);
    let mut numbers: Vec<u8> = Vec::new();
    numbers.try_reserve_exact(count).map_err(no_room)?;
    numbers.resize(count, 0);
    let parts = numbers.par_chunks_mut(part).enumerate();
    let mut counts = parts
        .map(|(i, numbers)| {
            check()?;
            Ok(splitters.number(numbers, |k| item(i * part + k).key()))
        })
        .collect::<Result<Vec<[usize; BUCKETS]>>>()?;
    // Turns counts into start positions.
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
        check()?;
        for (k, &number) in numbers.iter().enumerate() {
            let place = &mut places[usize::from(number)];
            // SAFETY: each part has distinct positions in each bucket, as many as it has counted there; all are below
            // `count`, for which there is room.
            unsafe { output.at(*place).write(item(i * part + k)) };
            *place += 1;
        }
        Result::Ok(())
    })?;
    // SAFETY: the positions of all parts together are all of `0..count`.
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
    let sort = |spare: &mut Vec<T>, bucket: &mut [T]| {
        check()?;
        by_digits(bucket, spare);
        Ok(())
    };
    buckets.into_par_iter().with_max_len(1).try_for_each_init(Vec::new, sort)
}

/// Keys that separate buckets, as a tree: those of the children of `i` are at `2 i` and `2 i + 1`.
struct Splitters {
    tree: [u64; BUCKETS],
    levels: u32,
}

impl Splitters {
    fn of<T: Item>(count: usize, item: impl Fn(usize) -> T) -> Splitters {
        let levels = (count / BUCKET).clamp(2, BUCKETS).ilog2();
        let buckets = 1usize << levels;
        let random = |i: usize| ((u128::from(mix(i as u64)) * count as u128) >> 64) as usize;
        let mut sample: Vec<u64> = (0..buckets * SAMPLES).map(|i| item(random(i)).key()).collect();
        sample.sort_unstable();
        let mut sorted: Vec<u64> = sample.chunks(SAMPLES).skip(1).map(|keys| keys[0]).collect();
        // A key that is sampled twice has its own bucket, in which nothing needs sorting.
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

    /// Computes the bucket of each item of a part, and counts the items of each bucket.
    fn number(&self, numbers: &mut [u8], key: impl Fn(usize) -> u64) -> [usize; BUCKETS] {
        const SIDE_BY_SIDE: usize = 8;
        let mut counts = [0; BUCKETS];
        let buckets = 1 << self.levels;
        let (many, few) = numbers.as_chunks_mut::<SIDE_BY_SIDE>();
        let first_of_few = many.len() * SIDE_BY_SIDE;
        for (i, numbers) in many.iter_mut().enumerate() {
            // Independent searches, which the processor executes in parallel.
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

/// Sorts by the two highest digits in which keys differ, and items that are equal in these by comparison.
fn by_digits<T: Item>(items: &mut [T], spare: &mut Vec<T>) {
    let keys = items.iter().map(|item| item.key());
    let (low, high) = keys.fold((u64::MAX, 0), |(low, high), key| (low.min(key), high.max(key)));
    // Equal items keep their order.
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
    use super::*;
    use crate::cancel::CancelToken;

    const COUNT: usize = 300_000;

    fn sorted<T: Item>(count: usize, item: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let mut out = Vec::new();
        sort_into(&mut out, count, item, || Ok(())).unwrap();
        out
    }

    /// Keys spread out, close together, equal, few distinct ones, in order, and with the digits that differ far below
    /// those that don't.
    fn kinds() -> Vec<(&'static str, Vec<u64>)> {
        let make = |f: &dyn Fn(u64, u64) -> u64| (0..COUNT as u64).map(|i| f(i, mix(i))).collect::<Vec<u64>>();
        vec![
            ("all bits", make(&|_, bits| bits)),
            ("few", make(&|_, bits| bits % 5)),
            ("one", make(&|_, _| 7)),
            ("one, and others", make(&|i, bits| if i % 97 == 0 { bits } else { 1 << 40 })),
            ("two ends", make(&|i, bits| if bits & 1 == 0 { i } else { u64::MAX - i })),
            ("low bits", make(&|i, bits| if i == 0 { u64::MAX / 4 } else { bits % 4096 })),
            ("sorted", make(&|i, _| i)),
            ("backwards", make(&|i, _| u64::MAX - i)),
            // Keys of the tree builder: a code of 30 bits above, the index below.
            ("along a curve", make(&|i, bits| bits >> 34 << 32 | i)),
            ("in a corner", make(&|i, bits| bits >> 52 << 32 | i)),
            ("in two cells", make(&|i, bits| (bits >> 63) << 61 | i)),
        ]
    }

    #[test]
    fn sorts_as_comparing_does() {
        for (name, keys) in kinds() {
            for count in [0, 1, 2, 255, 257, 5000, COUNT] {
                let keys = &keys[..count];
                let mut wanted = keys.to_vec();
                wanted.sort_unstable();
                assert!(sorted(count, |i| keys[i]) == wanted, "{name}, {count}");
            }
        }
    }

    #[test]
    fn equal_keys_keep_their_order() {
        for (name, keys) in kinds() {
            let item = |i: usize| Placed { key: keys[i] >> 48, place: i as u32 };
            let mut wanted: Vec<(u64, u32)> = (0..keys.len()).map(|i| (item(i).key, i as u32)).collect();
            wanted.sort();
            assert!(sorted(keys.len(), item).iter().map(|x| (x.key, x.place)).eq(wanted), "{name}");
        }
    }

    #[test]
    fn stops_when_cancelled() {
        let cancel = CancelToken::new();
        cancel.cancel();
        let mut out = Vec::new();
        assert!(sort_into(&mut out, COUNT, |i| i as u64, || cancel.check()).is_err());
        assert!(out.is_empty());
    }
}
