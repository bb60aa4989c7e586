//! Sorts the keys of the curve: from the highest digit down, in steps that are short enough to stop between them.

use crate::Result;
use crate::cancel::CancelToken;
use rayon::prelude::*;

/// Keys that are worked on without a look at the token; so few are sorted at once.
const STEP: usize = 1 << 16;
/// Bits of a digit: three digits are a Morton code.
const DIGIT: u32 = 10;
const BUCKETS: usize = 1 << DIGIT;
/// Where the lowest digit of the code begins. Below it are the primitives, which are in order from the start.
const LOWEST: u32 = 32;

/// Sorts keys whose low halves ascend, on the cores of the current thread pool.
pub fn sort(keys: &mut [u64], cancel: &CancelToken) -> Result<()> {
    let mut scratch = vec![0; if keys.len() <= STEP { 0 } else { keys.len() }];
    by_digit(keys, &mut scratch, LOWEST + 2 * DIGIT, cancel)
}

/// Sorts keys that differ only in the digit at `shift` and below it.
fn by_digit(keys: &mut [u64], scratch: &mut [u64], shift: u32, cancel: &CancelToken) -> Result<()> {
    cancel.check()?;
    if keys.len() <= STEP {
        keys.sort_unstable();
        return Ok(());
    }
    let digit = |key: u64| (key >> shift) as usize % BUCKETS;
    let mut counts = vec![0; BUCKETS];
    for block in keys.chunks(STEP) {
        cancel.check()?;
        block.iter().for_each(|&key| counts[digit(key)] += 1);
    }
    let mut next = Vec::with_capacity(BUCKETS);
    let mut first = 0;
    for &count in &counts {
        next.push(first);
        first += count;
    }
    for block in keys.chunks(STEP) {
        cancel.check()?;
        for &key in block {
            let at = &mut next[digit(key)];
            scratch[*at] = key;
            *at += 1;
        }
    }
    keys.par_chunks_mut(STEP).zip(scratch.par_chunks(STEP)).for_each(|(to, from)| to.copy_from_slice(from));
    if shift == LOWEST {
        return Ok(());
    }
    let (mut keys, mut scratch) = (keys, scratch);
    let mut buckets = Vec::with_capacity(BUCKETS);
    for count in counts {
        let (bucket, rest) = keys.split_at_mut(count);
        let (space, free) = scratch.split_at_mut(count);
        (keys, scratch) = (rest, free);
        buckets.push((bucket, space));
    }
    buckets.into_par_iter().try_for_each(|(bucket, space)| by_digit(bucket, space, shift - DIGIT, cancel))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut state = 1u64;
        let mut random = |bits: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> (64 - bits)
        };
        // Everywhere, in one corner, in a single cell, in two far cells.
        for (bits, factor) in [(30, 1), (12, 1), (1, 0), (1, 1 << 29)] {
            for count in [0, 1, 1000, STEP, 3 * STEP + 7] {
                let mut keys: Vec<u64> = (0..count as u64).map(|i| (random(bits) * factor) << 32 | i).collect();
                let mut expected = keys.clone();
                expected.sort_unstable();
                sort(&mut keys, &CancelToken::new()).unwrap();
                assert!(keys == expected, "{bits} bits, {count} keys");
            }
        }
    }
}
