//! From a binary tree to nodes with up to 8 children and leaves with up to 8 primitives.

use super::ffi::{LANES, LEAF, NOTHING};
use obvhs::bvh2::node::Bvh2Node;

/// The shape of an 8-wide tree, without bounds. Children stand behind their parents.
#[derive(Debug, Default)]
pub struct Topology {
    pub root: u32,
    pub nodes: Vec<[u32; LANES]>,
    /// Indices of what the binary tree was built from; the last one is repeated in leaves that are not full.
    pub leaves: Vec<[u32; LANES]>,
    /// Nodes on the longest way from the root to a leaf.
    pub depth: usize,
}

/// Buffers that are worth keeping.
#[derive(Default)]
pub struct Collapser {
    counts: Vec<u32>,
    todo: Vec<(u32, u32, u32)>,
}

impl Collapser {
    /// Leaves take up to `capacity` (1 to 8) primitives.
    pub fn collapse(&mut self, tree: &[Bvh2Node], capacity: u32) -> Topology {
        self.count(tree);
        let mut out = Topology::default();
        if self.counts[0] <= capacity {
            out.root = LEAF;
            out.leaves.push(gather(tree, 0));
            return out;
        }
        out.nodes.push([NOTHING; LANES]);
        out.depth = 1;
        self.todo.clear();
        self.todo.push((0, 0, 1));
        while let Some((from, to, depth)) = self.todo.pop() {
            out.depth = out.depth.max(depth as usize);
            let (slots, used) = self.open(tree, from, capacity);
            for (slot, &child) in slots[..used].iter().enumerate() {
                out.nodes[to as usize][slot] = if self.counts[child as usize] <= capacity {
                    out.leaves.push(gather(tree, child));
                    LEAF | (out.leaves.len() - 1) as u32
                } else {
                    out.nodes.push([NOTHING; LANES]);
                    let node = (out.nodes.len() - 1) as u32;
                    self.todo.push((child, node, depth + 1));
                    node
                };
            }
        }
        out
    }

    /// Primitives below each node.
    fn count(&mut self, tree: &[Bvh2Node]) {
        self.counts.clear();
        self.counts.resize(tree.len(), 1);
        for i in (0..tree.len()).rev() {
            if !tree[i].is_leaf() {
                let first = tree[i].first_index as usize;
                self.counts[i] = self.counts[first] + self.counts[first + 1];
            }
        }
    }

    /// The up to 8 nodes that take the place of `root`'s two children: again and again the one with the largest area
    /// that is not a leaf is replaced by its children.
    fn open(&self, tree: &[Bvh2Node], root: u32, capacity: u32) -> ([u32; LANES], usize) {
        let first = tree[root as usize].first_index;
        let mut slots = [NOTHING; LANES];
        slots[0] = first;
        slots[1] = first + 1;
        let mut used = 2;
        while used < LANES {
            let mut largest = None;
            let mut largest_area = -1.0;
            for (slot, &node) in slots[..used].iter().enumerate() {
                if self.counts[node as usize] > capacity {
                    let area = tree[node as usize].aabb().half_area();
                    if area > largest_area {
                        largest_area = area;
                        largest = Some(slot);
                    }
                }
            }
            let Some(slot) = largest else { break };
            let first = tree[slots[slot] as usize].first_index;
            slots[slot] = first;
            slots[used] = first + 1;
            used += 1;
        }
        (slots, used)
    }
}

/// The primitives below a node, which are at most 8.
fn gather(tree: &[Bvh2Node], root: u32) -> [u32; LANES] {
    let mut found = [0; LANES];
    let mut count = 0;
    let mut todo = [root; LANES];
    let mut left = 1;
    while left > 0 {
        left -= 1;
        let node = &tree[todo[left] as usize];
        if node.is_leaf() {
            found[count] = node.first_index;
            count += 1;
        } else {
            todo[left] = node.first_index + 1;
            todo[left + 1] = node.first_index;
            left += 2;
        }
    }
    let last = found[count - 1];
    found[count..].fill(last);
    found
}
