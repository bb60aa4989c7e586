//! Cuts a plot into pieces of neighbouring primitives, small enough to be built one by one.

use super::Bounds;
use super::ffi::Plot;
use crate::Result;
use crate::cancel::CancelToken;
use crate::radix;
use rayon::prelude::*;
use std::ops::Range;

/// Most primitives of a piece: its builder's memory then fits into the second-level cache.
pub const PIECE: usize = 8192;
/// Primitives whose bounds are computed at a time.
const BLOCK: usize = 1024;

/// The builder's view of a plot: bounds that are finite boxes whatever the data.
pub struct Primitives<'a> {
    plot: &'a Plot<'a>,
    /// Where primitives without finite bounds are placed: they can't be hit, and must not enlarge the tree either.
    nowhere: [f32; 3],
}

impl<'a> Primitives<'a> {
    pub fn new(plot: &'a Plot<'a>) -> Self {
        Primitives { plot, nowhere: [0.0; 3] }
    }

    fn tidy(&self, [lo, hi]: [[f32; 3]; 2]) -> Bounds {
        // A negative size would exchange the two ends of the bounds.
        let b = Bounds { lo: std::array::from_fn(|a| lo[a].min(hi[a])), hi: std::array::from_fn(|a| lo[a].max(hi[a])) };
        if b.is_finite() { b } else { Bounds { lo: self.nowhere, hi: self.nowhere } }
    }

    /// Bounds of the primitives in `order`.
    pub fn bounds_of(&self, order: &[u32], out: &mut Vec<Bounds>) {
        out.clear();
        let mut raw = [[[0.0; 3]; 2]; BLOCK];
        for order in order.chunks(BLOCK) {
            let raw = &mut raw[..order.len()];
            self.plot.bounds_of(order, raw);
            out.extend(raw.iter().map(|&b| self.tidy(b)));
        }
    }

    /// Calls `f(first, bounds)` for all blocks, on all cores, and joins the results in order.
    fn for_blocks<T: Send>(&self, cancel: &CancelToken, f: impl Fn(usize, &[Bounds]) -> T + Sync) -> Result<Vec<T>> {
        let blocks = self.plot.count().div_ceil(BLOCK);
        (0..blocks)
            .into_par_iter()
            .map(|block| {
                cancel.check()?;
                let first = block * BLOCK;
                let count = BLOCK.min(self.plot.count() - first);
                let mut raw = [[[0.0; 3]; 2]; BLOCK];
                self.plot.bounds(first, &mut raw[..count]);
                let mut tidy = [Bounds::EMPTY; BLOCK];
                for (to, from) in tidy.iter_mut().zip(&raw[..count]) {
                    *to = self.tidy(*from);
                }
                Ok(f(first, &tidy[..count]))
            })
            .collect()
    }
}

/// The order of the primitives along the curve, and the cuts.
#[derive(Default)]
pub struct Pieces {
    /// Morton code in the upper bits, index of the primitive in the lower ones.
    keys: Vec<u64>,
    pub ranges: Vec<Range<usize>>,
}

impl Pieces {
    /// The primitives of a piece.
    pub fn primitives(&self, range: &Range<usize>) -> impl Iterator<Item = u32> {
        self.keys[range.clone()].iter().map(|&key| key as u32)
    }

    pub fn cut(&mut self, primitives: &mut Primitives, cancel: &CancelToken) -> Result<()> {
        let n = primitives.plot.count();
        self.ranges.clear();
        self.keys.clear();
        if n <= PIECE {
            self.keys.extend(0..n as u64);
            if n > 0 {
                self.ranges.push(0..n);
            }
            return Ok(());
        }
        let center = |b: &Bounds| Bounds { lo: b.center().map(|x| x as f32), hi: b.center().map(|x| x as f32) };
        let union = |all: Bounds, b: &Bounds| all.union(b);
        primitives.nowhere = [f32::NAN; 3];
        let centers = primitives.for_blocks(cancel, |_, bounds| {
            let whole = bounds.iter().filter(|b| b.is_finite());
            whole.map(center).fold(Bounds::EMPTY, |all, b| union(all, &b))
        })?;
        let all = centers.iter().fold(Bounds::EMPTY, union);
        primitives.nowhere = if all.is_finite() { all.center().map(|x| x as f32) } else { [0.0; 3] };
        let all = if all.is_finite() { all } else { Bounds { lo: [0.0; 3], hi: [0.0; 3] } };

        let extent = (0..3).map(|a| f64::from(all.hi[a]) - f64::from(all.lo[a])).fold(0.0, f64::max);
        let scale = if extent > 0.0 { 1023.0 / extent } else { 0.0 };
        self.keys.resize(n, 0);
        let keys = &mut self.keys;
        let primitives = &*primitives;
        keys.par_chunks_mut(BLOCK).enumerate().try_for_each(|(block, keys)| {
            cancel.check()?;
            let first = block * BLOCK;
            let mut raw = [[[0.0; 3]; 2]; BLOCK];
            primitives.plot.bounds(first, &mut raw[..keys.len()]);
            for (i, key) in keys.iter_mut().enumerate() {
                let c = primitives.tidy(raw[i]).center();
                let cell = |a: usize| ((c[a] - f64::from(all.lo[a])) * scale) as u32;
                let code = spread(cell(0)) | spread(cell(1)) << 1 | spread(cell(2)) << 2;
                *key = u64::from(code) << 32 | (first + i) as u64;
            }
            Ok(())
        })?;
        let unsorted = std::mem::take(&mut self.keys);
        radix::sort_into(&mut self.keys, n, |i| unsorted[i], || cancel.check())?;
        self.split(0..n);
        Ok(())
    }

    /// Halves the curve where it crosses into another cell, the coarsest first, until the pieces are small.
    fn split(&mut self, range: Range<usize>) {
        if range.len() <= PIECE {
            self.ranges.push(range);
            return;
        }
        let code = |i: usize| (self.keys[i] >> 32) as u32;
        let differing = code(range.start) ^ code(range.end - 1);
        let middle = match differing.checked_ilog2() {
            Some(bit) => range.start + self.keys[range.clone()].partition_point(|&k| (k >> 32 >> bit) & 1 == 0),
            None => range.start + range.len() / 2,
        };
        self.split(range.start..middle);
        self.split(middle..range.end);
    }
}

/// Inserts two zeros between each of the 10 low bits.
fn spread(x: u32) -> u32 {
    let x = x & 0x3ff;
    let x = (x | x << 16) & 0x0300_00ff;
    let x = (x | x << 8) & 0x0300_f00f;
    let x = (x | x << 4) & 0x030c_30c3;
    (x | x << 2) & 0x0924_9249
}
