//! The tree of one plot.

use super::Bounds;
use super::buffer::Buffer;
use super::collapse::{Collapser, Topology};
use super::ffi::Plot;
use super::pieces::{Pieces, Primitives};
use super::tree2::Tree2;
use crate::Result;
use crate::cancel::CancelToken;
use crate::device::REBUILD_AT;
use crate::device::layout::{BvhData, BvhNode, LEAF_BIT, LEVEL_STACK, NOTHING, TREE_WIDTH};
use rayon::prelude::*;
use std::cell::RefCell;
use std::ffi::c_void;
use std::ops::Range;

/// Levels of a tree that the traversal stack has room for: 7 siblings wait at each.
pub(super) const MOST_DEPTH: usize = 36;
// One of a node's 8 children is visited while 7 wait, except that a run of rays pushes and pops all of them.
const _: () = assert!(LEVEL_STACK as usize > 7 * MOST_DEPTH);
/// The share of these levels for the tree over the pieces. A tree that is too deep is replaced by a balanced one, so
/// both shares have room for one: of a piece's 2^13 primitives, and of 2^20 pieces.
const TOP_DEPTH: usize = 20;

/// Roughly the size of a core's own caches.
const CACHE: usize = 1 << 20;

/// How a tree was updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updated {
    /// Same topology, new bounds.
    Refitted,
    Rebuilt,
}

/// The tree of one plot, with its buffers, which later builds reuse.
pub struct Bvh {
    /// Boxed, because the kernels keep its address.
    raw: Box<BvhData>,
    nodes: Buffer<BvhNode>,
    /// Words of the leaves.
    leaves: Buffer<u32>,
    leaf_count: usize,
    /// Nodes of the pieces. The nodes before the first piece join them.
    pieces: Vec<Range<u32>>,
    top: u32,
    /// The plot that the tree was built from: see [`Plot::kind`].
    built_for: (usize, u32, u32),
    built_cost: f64,
    bounds: [[f32; 3]; 2],
}

impl Default for Bvh {
    fn default() -> Self {
        Bvh {
            raw: Box::new(BvhData {
                nodes: std::ptr::null_mut(),
                leaves: std::ptr::null_mut(),
                root: NOTHING,
                large: 0,
            }),
            nodes: Buffer::default(),
            leaves: Buffer::default(),
            leaf_count: 0,
            pieces: Vec::new(),
            top: 0,
            built_for: (0, NOTHING, 0),
            built_cost: 0.0,
            bounds: [[f32::INFINITY; 3], [f32::NEG_INFINITY; 3]],
        }
    }
}

impl Bvh {
    /// The address for `GeometryData::accel`: valid as long as this tree lives, through all updates.
    pub fn accel(&self) -> *const c_void {
        (&raw const *self.raw).cast()
    }

    /// Bounds of all primitives that can be hit, in the plot's coordinates; lo > hi if there are none.
    pub fn bounds(&self) -> [[f32; 3]; 2] {
        self.bounds
    }

    /// Nodes on the longest path from the root to a leaf.
    pub fn depth(&self) -> usize {
        // Children come after their parents.
        let mut depths = vec![1; self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            for &child in node.child.iter().filter(|&&c| c & LEAF_BIT == 0) {
                depths[child as usize] = depths[i] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Bytes of memory of the tree.
    pub fn memory(&self) -> usize {
        self.nodes.memory() + self.leaves.memory()
    }

    /// Updates the tree after a change of the data: refits if the number of primitives is the same and the tree is
    /// still good.
    ///
    /// When cancelled, the tree matches neither this plot nor the one before, and must be updated again before any use.
    pub fn update(&mut self, plot: &Plot, cancel: &CancelToken) -> Result<Updated> {
        if self.built_for == plot.kind() && plot.count() > 0 {
            let cost = self.refit(plot, cancel)?;
            if cost <= REBUILD_AT * self.built_cost {
                return Ok(Updated::Refitted);
            }
        }
        self.build(plot, cancel)?;
        Ok(Updated::Rebuilt)
    }

    /// Builds from scratch, on the cores of the current thread pool; when cancelled, the tree is as after
    /// [`Bvh::update`].
    pub fn build(&mut self, plot: &Plot, cancel: &CancelToken) -> Result<()> {
        // A tree that is only half built cannot be refitted.
        self.built_for = (0, NOTHING, 0);
        let mut primitives = Primitives::new(plot);
        let mut pieces = Pieces::default();
        pieces.cut(&mut primitives, cancel)?;
        let (_, capacity) = plot.leaf();
        let parts: Vec<Part> = pieces
            .ranges
            .par_iter()
            .map(|range| {
                cancel.check()?;
                Ok(WORKSPACE.with_borrow_mut(|w| w.build_piece(&primitives, &pieces, range, capacity)))
            })
            .collect::<Result<_>>()?;
        drop(pieces);
        self.assemble(plot, &parts, cancel)?;
        drop(parts);
        self.built_cost = self.refit(plot, cancel)?;
        self.built_for = plot.kind();
        Ok(())
    }

    /// Joins the pieces and the tree over them into one array of nodes and one of leaves.
    fn assemble(&mut self, plot: &Plot, parts: &[Part], cancel: &CancelToken) -> Result<()> {
        let joined = WORKSPACE.with_borrow_mut(|w| w.join(parts));
        self.top = joined.nodes.len() as u32;
        self.pieces.clear();
        let mut first_node = self.top;
        let mut first_leaf = 0;
        let (words, capacity) = plot.leaf();
        let mut roots = Vec::with_capacity(parts.len());
        let mut leaf_offsets = Vec::with_capacity(parts.len());
        for part in parts {
            let nodes = part.tree.nodes.len() as u32;
            roots.push(moved(part.tree.root, first_node, first_leaf));
            leaf_offsets.push(first_leaf);
            self.pieces.push(first_node..first_node + nodes);
            first_node += nodes;
            first_leaf += (part.tree.leaves.len() / capacity) as u32;
        }
        self.leaf_count = first_leaf as usize;

        self.nodes.reset(first_node as usize, cancel)?;
        self.leaves.reset(self.leaf_count * words, cancel)?;
        let (top, mut nodes) = self.nodes.split_at_mut(self.top as usize);
        let mut leaves = &mut self.leaves[..];
        let mut jobs = Vec::with_capacity(parts.len());
        for (k, part) in parts.iter().enumerate() {
            let (piece_nodes, other_nodes) = nodes.split_at_mut(part.tree.nodes.len());
            let (piece_leaves, other_leaves) = leaves.split_at_mut(part.tree.leaves.len() / capacity * words);
            (nodes, leaves) = (other_nodes, other_leaves);
            jobs.push((part, piece_nodes, piece_leaves, self.pieces[k].start, leaf_offsets[k]));
        }
        jobs.into_par_iter().try_for_each(|(part, nodes, leaves, first_node, first_leaf)| {
            cancel.check()?;
            for (node, children) in nodes.iter_mut().zip(&part.tree.nodes) {
                *node = empty_node(children.map(|child| moved(child, first_node, first_leaf)));
            }
            for (leaf, primitives) in leaves.chunks_exact_mut(words).zip(part.tree.leaves.chunks_exact(capacity)) {
                leaf[..capacity].copy_from_slice(primitives);
            }
            Ok(())
        })?;
        for (node, children) in top.iter_mut().zip(&joined.nodes) {
            *node = empty_node(children.map(|child| joined_child(&joined, child, &roots)));
        }
        let root = if parts.is_empty() { NOTHING } else { joined_child(&joined, joined.root, &roots) };
        for i in 0..self.nodes.len() {
            let children = self.nodes[i].child;
            for (slot, &child) in children.iter().enumerate() {
                if child & LEAF_BIT == 0 {
                    self.nodes[child as usize].parent = (i * TREE_WIDTH + slot) as u32;
                }
            }
        }
        self.raw.nodes = self.nodes.as_mut_ptr();
        self.raw.leaves = self.leaves.as_mut_ptr().cast();
        self.raw.root = root;
        self.raw.large = u32::from(self.memory() > CACHE);
        Ok(())
    }

    /// Recomputes leaves and bounds; returns the surface-area cost relative to the area of the whole.
    fn refit(&mut self, plot: &Plot, cancel: &CancelToken) -> Result<f64> {
        let raw: &BvhData = &self.raw;
        let mut bounds = [[f32::INFINITY; 3], [f32::NEG_INFINITY; 3]];
        if raw.root & LEAF_BIT != 0 {
            if raw.root != NOTHING {
                // SAFETY: the only leaf, on one thread.
                bounds = unsafe { plot.fill_leaf(raw, raw.root & !LEAF_BIT) };
            }
            self.bounds = bounds;
            return Ok(0.0);
        }
        // SAFETY: each piece writes its own nodes and leaves, and its own slot of a node above; nobody reads them
        // before the last sweep, which is over the nodes above.
        let sweep = |nodes: &Range<u32>| unsafe { plot.refit(raw, nodes) };
        let piece = |nodes: &Range<u32>| cancel.check().map(|()| sweep(nodes));
        let costs: Vec<f64> = self.pieces.par_iter().map(piece).collect::<Result<_>>()?;
        // Summed in order, so that the result does not depend on the number of threads.
        let cost = costs.iter().sum::<f64>() + sweep(&(0..self.top));
        let all = self.nodes[raw.root as usize].bounds;
        for (axis, [lo, hi]) in all.iter().enumerate() {
            bounds[0][axis] = lo.iter().copied().fold(f32::INFINITY, f32::min);
            bounds[1][axis] = hi.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        }
        self.bounds = bounds;
        let extent: [f64; 3] = std::array::from_fn(|a| f64::from(bounds[1][a]) - f64::from(bounds[0][a]));
        let area = extent[0] * extent[1] + extent[1] * extent[2] + extent[2] * extent[0];
        Ok(if area > 0.0 { cost / area } else { 0.0 })
    }
}

pub(super) fn empty_node(child: [u32; TREE_WIDTH]) -> BvhNode {
    let plane = [[f32::INFINITY; TREE_WIDTH], [f32::NEG_INFINITY; TREE_WIDTH]];
    BvhNode { bounds: [plane; 3], child, parent: NOTHING, pad: [0; 7] }
}

/// The slot, in the whole tree, of a child within a piece.
fn moved(child: u32, first_node: u32, first_leaf: u32) -> u32 {
    match child {
        NOTHING => NOTHING,
        leaf if leaf & LEAF_BIT != 0 => leaf + first_leaf,
        node => node + first_node,
    }
}

/// The slot of a child of the tree that joins the pieces: its leaves are pieces.
fn joined_child(joined: &Topology, child: u32, roots: &[u32]) -> u32 {
    match child {
        NOTHING => NOTHING,
        leaf if leaf & LEAF_BIT != 0 => roots[joined.leaves[(leaf & !LEAF_BIT) as usize] as usize],
        node => node,
    }
}

/// A piece's tree, with the plot's primitive indices in its leaves.
struct Part {
    tree: Topology,
    bounds: Bounds,
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// The buffers with which a thread builds one piece after another.
#[derive(Default)]
struct Workspace {
    tree: Tree2,
    collapser: Collapser,
    order: Vec<u32>,
    boxes: Vec<Bounds>,
}

impl Workspace {
    fn build_piece(&mut self, primitives: &Primitives, pieces: &Pieces, range: &Range<usize>, capacity: usize) -> Part {
        self.order.clear();
        self.order.extend(pieces.primitives(range));
        primitives.bounds_of(&self.order, &mut self.boxes);
        let mut tree = self.tree(capacity as u32, MOST_DEPTH - TOP_DEPTH);
        for primitive in &mut tree.leaves {
            *primitive = self.order[*primitive as usize];
        }
        Part { tree, bounds: self.boxes.iter().fold(Bounds::EMPTY, |all, b| all.union(b)) }
    }

    /// A tree with the pieces as leaves.
    fn join(&mut self, parts: &[Part]) -> Topology {
        if parts.is_empty() {
            return Topology::default();
        }
        self.order.clear();
        self.order.extend(0..parts.len() as u32);
        self.boxes.clear();
        self.boxes.extend(parts.iter().map(|part| part.bounds));
        self.tree(1, TOP_DEPTH)
    }

    fn tree(&mut self, capacity: u32, most_depth: usize) -> Topology {
        let order = &self.order;
        self.tree.build(&self.boxes, |i| order[i]);
        let tree = self.collapser.collapse(self.tree.nodes(), capacity);
        if tree.depth <= most_depth {
            return tree;
        }
        self.tree.build_balanced(&self.boxes);
        self.collapser.collapse(self.tree.nodes(), capacity)
    }
}
