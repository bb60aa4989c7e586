//! Binary trees over the boxes of a few thousand primitives: obvhs's PLOC builder, with its input conditioned to what
//! it can handle, and a balanced tree where the result is still too deep.

use super::Bounds;
use glam::Vec3A;
use obvhs::aabb::Aabb;
use obvhs::bvh2::Bvh2;
use obvhs::bvh2::node::Bvh2Node;
use obvhs::ploc::{PlocBuilder, SortPrecision};

/// PLOC searches this far to both sides for the best partner of a node. Twice as far takes a third longer to build and
/// gives no better trees.
const SEARCH_DISTANCE: usize = 6;

/// A builder with its buffers, and the tree that it built last.
#[derive(Default)]
pub struct Tree2 {
    builder: PlocBuilder,
    tree: Bvh2,
}

impl Tree2 {
    /// Root first, children after their parents; a leaf's `first_index` is the index of a box.
    pub fn nodes(&self) -> &[Bvh2Node] {
        &self.tree.nodes
    }

    /// `boxes` is not empty. `name` of a box is any number that stays the same while the scene does.
    pub fn build(&mut self, boxes: &[Bounds], name: impl Fn(usize) -> u32) {
        let unit = Unit::of(boxes);
        let mut total = Aabb::empty();
        self.builder.current_nodes.clear();
        self.builder.current_nodes.extend(boxes.iter().enumerate().map(|(i, b)| {
            let b = unit.inflated(b, name(i));
            total = total.union(&b);
            Bvh2Node::new(b, 1, i as u32)
        }));
        self.builder.build_ploc_from_leaves::<SEARCH_DISTANCE, false>(&mut self.tree, total, SortPrecision::U64, 0);
    }

    /// Halves the boxes in their order, whatever their positions.
    pub fn build_balanced(&mut self, boxes: &[Bounds]) {
        let unit = Unit::of(boxes);
        let nodes = &mut self.tree.nodes;
        nodes.clear();
        nodes.push(Bvh2Node::default());
        let mut todo = vec![(0usize, 0..boxes.len())];
        while let Some((at, range)) = todo.pop() {
            if range.len() == 1 {
                nodes[at] = Bvh2Node::new(unit.inflated(&boxes[range.start], 0), 1, range.start as u32);
                continue;
            }
            let first_child = nodes.len();
            nodes[at] = Bvh2Node::new(Aabb::empty(), 0, first_child as u32);
            nodes.extend([Bvh2Node::default(); 2]);
            let middle = range.start + range.len() / 2;
            todo.push((first_child, range.start..middle));
            todo.push((first_child + 1, middle..range.end));
        }
        for i in (0..nodes.len()).rev() {
            if !nodes[i].is_leaf() {
                let first = nodes[i].first_index as usize;
                let both = nodes[first].aabb().union(nodes[first + 1].aabb());
                nodes[i].set_aabb(both);
            }
        }
    }
}

/// Coordinates in which the boxes fill the unit cube (equally scaled along all axes): areas neither overflow nor
/// vanish, and boxes far from the origin keep their digits.
struct Unit {
    origin: [f64; 3],
    scale: f64,
}

impl Unit {
    fn of(boxes: &[Bounds]) -> Unit {
        let all = boxes.iter().fold(Bounds::EMPTY, |all, b| all.union(b));
        let origin = all.lo.map(f64::from);
        let extent = (0..3).map(|a| f64::from(all.hi[a]) - f64::from(all.lo[a])).fold(0.0, f64::max);
        Unit { origin, scale: if extent > 0.0 { 1.0 / extent } else { 0.0 } }
    }

    /// Ties make PLOC quadratic, and evenly spaced or identical primitives are all ties. So each box is enlarged by a
    /// small hashed amount, which makes every pair different. The bounds for traversal are computed elsewhere.
    fn inflated(&self, b: &Bounds, name: u32) -> Aabb {
        let mut lo = [0.0; 3];
        let mut hi = [0.0; 3];
        let mut random = hash(name);
        for a in 0..3 {
            let (l, h) = (f64::from(b.lo[a]) - self.origin[a], f64::from(b.hi[a]) - self.origin[a]);
            let (l, h) = (l * self.scale, h * self.scale);
            let share = f64::from(random >> 8) * f64::from(1.0f32 / (1 << 24) as f32);
            let pad = (1e-3 * (h - l) + 1e-6) * (0.5 + share);
            lo[a] = (l - pad) as f32;
            hi[a] = (h + pad) as f32;
            random = hash(random);
        }
        Aabb::new(Vec3A::from_array(lo), Vec3A::from_array(hi))
    }
}

/// PCG's output permutation. Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
fn hash(x: u32) -> u32 {
    let state = x.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}
