//! Converts a binary tree to nodes with up to 8 children, at the lowest surface-area cost that this binary tree allows.
//!
//! T. Ylitie, T. Karras, S. Laine, "Efficient Incoherent Ray Traversal on GPUs Through Compressed Wide BVHs", HPG 2017,
//! section 3.1: what a subtree costs if it may take 1, 2 ... 8 slots of a node follows from what its two children cost.

use crate::device::layout::{LEAF_BIT, NOTHING, TREE_WIDTH};
use obvhs::aabb::Aabb;
use obvhs::bvh2::node::Bvh2Node;

/// Cost of visiting a leaf, relative to visiting a node.
const LEAF_COST: f32 = 1.0;
/// Cost of a node's memory, which displaces other nodes from the caches: as much as visiting this many times the area
/// that one primitive has in the whole. It makes nodes fuller, and a third fewer.
const NODE_COST: f32 = 2.0;

/// The topology of an 8-wide tree, without bounds. Children come after their parents.
#[derive(Debug, Default)]
pub struct Topology {
    pub root: u32,
    pub nodes: Vec<[u32; TREE_WIDTH]>,
    /// Indices of the primitives that the binary tree was built from, in groups of a leaf's size; leaves that are not
    /// full repeat the last one.
    pub leaves: Vec<u32>,
    /// Nodes on the longest path from the root to a leaf.
    pub depth: usize,
}

/// Costs of a subtree that takes up to 1, 2 ... 8 slots, and how these are divided between its children.
#[derive(Clone, Copy, Default)]
struct Plan {
    cost: [f32; TREE_WIDTH],
    /// With `i + 1` slots, how many the first child gets; 0: one slot is as good.
    first: [u8; TREE_WIDTH],
    /// Number of primitives, and whether one slot holds them as a leaf.
    count: u32,
    leaf: bool,
}

/// Buffers that are reused between builds.
#[derive(Default)]
pub struct Collapser {
    plans: Vec<Plan>,
    todo: Vec<(u32, u32, u32)>,
}

impl Collapser {
    /// Leaves take up to `capacity` (1 to 8) primitives. In `tree`, children come after their parents.
    pub fn collapse(&mut self, tree: &[Bvh2Node], capacity: u32) -> Topology {
        self.plan(tree, capacity);
        let mut out = Topology::default();
        if self.plans[0].leaf {
            out.root = LEAF_BIT;
            gather(tree, 0, capacity, &mut out.leaves);
            return out;
        }
        out.nodes.push([NOTHING; TREE_WIDTH]);
        out.depth = 1;
        self.todo.clear();
        self.todo.push((0, 0, 1));
        while let Some((from, to, depth)) = self.todo.pop() {
            out.depth = out.depth.max(depth as usize);
            let (mut slots, used) = self.open(tree, from);
            by_octant(&mut slots, used, |child| *tree[child as usize].aabb());
            for (slot, &child) in slots.iter().enumerate().filter(|&(_, &child)| child != NOTHING) {
                out.nodes[to as usize][slot] = if self.plans[child as usize].leaf {
                    gather(tree, child, capacity, &mut out.leaves);
                    LEAF_BIT | (out.leaves.len() / capacity as usize - 1) as u32
                } else {
                    out.nodes.push([NOTHING; TREE_WIDTH]);
                    let node = (out.nodes.len() - 1) as u32;
                    self.todo.push((child, node, depth + 1));
                    node
                };
            }
        }
        out
    }

    fn plan(&mut self, tree: &[Bvh2Node], capacity: u32) {
        self.plans.clear();
        self.plans.resize(tree.len(), Plan::default());
        // Each of n cubes that fill a cube has n^(-2/3) of its area.
        let share = (tree.len().div_ceil(2) as f64).cbrt().powi(-2) as f32;
        let node_cost = NODE_COST * share * tree[0].aabb().half_area();
        for i in (0..tree.len()).rev() {
            let area = tree[i].aabb().half_area();
            if tree[i].is_leaf() {
                self.plans[i] =
                    Plan { cost: [area * LEAF_COST; TREE_WIDTH], first: [0; TREE_WIDTH], count: 1, leaf: true };
                continue;
            }
            let child = tree[i].first_index as usize;
            let (a, b) = (&self.plans[child], &self.plans[child + 1]);
            let mut plan = Plan { count: a.count + b.count, ..Plan::default() };
            // More slots than primitives are useless. Most subtrees are small, so this saves most of the work.
            let [most_a, most_b, most] = [a.count, b.count, plan.count].map(|count| TREE_WIDTH.min(count as usize));
            for slots in 2..=most {
                let mut least = f32::INFINITY;
                for first in slots.saturating_sub(most_b).max(1)..slots.min(most_a + 1) {
                    let cost = a.cost[first - 1] + b.cost[slots - first - 1];
                    if cost < least {
                        least = cost;
                        plan.first[slots - 1] = first as u8;
                    }
                }
                plan.cost[slots - 1] = least;
            }
            let last = plan.cost[most - 1];
            plan.cost[most..].fill(last);
            let as_node = plan.cost[TREE_WIDTH - 1] + area + node_cost;
            plan.leaf = plan.count <= capacity && area * LEAF_COST <= as_node;
            plan.cost[0] = if plan.leaf { area * LEAF_COST } else { as_node };
            for slots in 1..TREE_WIDTH {
                if plan.cost[slots - 1] <= plan.cost[slots] {
                    plan.cost[slots] = plan.cost[slots - 1];
                    plan.first[slots] = 0;
                }
            }
            self.plans[i] = plan;
        }
    }

    /// Fills the slots of the node that replaces `root`.
    fn open(&self, tree: &[Bvh2Node], root: u32) -> ([u32; TREE_WIDTH], usize) {
        let mut slots = [NOTHING; TREE_WIDTH];
        let mut used = 0;
        let mut todo = [(0, 0); TREE_WIDTH + 1];
        // All slots go to the two children of the root, even where one slot would be as good: that slot is the root
        // itself.
        let child = tree[root as usize].first_index;
        let (a, b) = (&self.plans[child as usize], &self.plans[child as usize + 1]);
        let split = (1..TREE_WIDTH).min_by(|&i, &j| {
            let cost = |first: usize| a.cost[first - 1] + b.cost[TREE_WIDTH - first - 1];
            cost(i).total_cmp(&cost(j))
        });
        let first = split.unwrap_or(1);
        todo[0] = (child + 1, TREE_WIDTH - first);
        todo[1] = (child, first);
        let mut left = 2;
        while left > 0 {
            left -= 1;
            let (node, mut room) = todo[left];
            let plan = &self.plans[node as usize];
            while room > 1 && plan.first[room - 1] == 0 {
                room -= 1;
            }
            if room == 1 {
                slots[used] = node;
                used += 1;
            } else {
                let child = tree[node as usize].first_index;
                let first = plan.first[room - 1] as usize;
                todo[left] = (child + 1, room - first);
                todo[left + 1] = (child, first);
                left += 2;
            }
        }
        (slots, used)
    }
}

/// Moves the first `used` children to the slots whose indices give the octant of the node in which they lie,
/// approximately: bit `a` is set for those with the larger coordinates along axis `a`. Traversal visits the nearest
/// child first by this order. The children are halved along each axis in turn, so that every child gets a slot.
fn by_octant(slots: &mut [u32; TREE_WIDTH], used: usize, bounds: impl Fn(u32) -> Aabb) {
    let mut children = [(NOTHING, [0.0f32; 3]); TREE_WIDTH];
    for (to, &child) in children.iter_mut().zip(&slots[..used]) {
        let b = bounds(child);
        *to = (child, (b.min + b.max).to_array());
    }
    *slots = [NOTHING; TREE_WIDTH];
    place(&mut children[..used], 2, 0, slots);
}

/// Children, with the sums of their lower and upper bounds, go to the slots that share the bits of `slot` above `axis`.
fn place(children: &mut [(u32, [f32; 3])], axis: usize, slot: usize, slots: &mut [u32; TREE_WIDTH]) {
    children.sort_unstable_by(|a, b| a.1[axis].total_cmp(&b.1[axis]));
    let (low, high) = children.split_at_mut(children.len().div_ceil(2));
    for (half, children) in [low, high].into_iter().enumerate() {
        let slot = slot | half << axis;
        match axis {
            0 => slots[slot] = children.first().map_or(NOTHING, |child| child.0),
            _ => place(children, axis - 1, slot, slots),
        }
    }
}

/// Appends the primitives below a node, at most `capacity`.
fn gather(tree: &[Bvh2Node], root: u32, capacity: u32, out: &mut Vec<u32>) {
    let end = out.len() + capacity as usize;
    let mut todo = [root; TREE_WIDTH];
    let mut left = 1;
    while left > 0 {
        left -= 1;
        let node = &tree[todo[left] as usize];
        if node.is_leaf() {
            out.push(node.first_index);
        } else {
            todo[left] = node.first_index + 1;
            todo[left + 1] = node.first_index;
            left += 2;
        }
    }
    let last = out[out.len() - 1];
    out.resize(end, last);
}
