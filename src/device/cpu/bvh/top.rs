//! The tree over the instances.

use super::Bounds;
use super::collapse::Collapser;
use super::tree2::Tree2;
use crate::device::layout::{BvhNode, InstanceData, LEAF_BIT, NOTHING, TREE_WIDTH, TopBvhData};
use std::ffi::c_void;

/// The tree over the plots in the world. It is rebuilt at every change: there are few plots.
pub struct TopBvh {
    raw: Box<TopBvhData>,
    nodes: Vec<BvhNode>,
}

impl Default for TopBvh {
    fn default() -> Self {
        TopBvh { raw: Box::new(TopBvhData { nodes: std::ptr::null(), root: NOTHING, pad: 0 }), nodes: Vec::new() }
    }
}

impl TopBvh {
    /// The address for `SceneData::accel`: valid as long as this tree lives.
    pub fn accel(&self) -> *const c_void {
        (&raw const *self.raw).cast()
    }

    /// `plots` are the bounds of the geometries in their own coordinates.
    pub fn build(&mut self, instances: &[InstanceData], plots: &[[[f32; 3]; 2]]) {
        let placed: Vec<Bounds> =
            instances.iter().map(|i| place(&i.world_from_object, plots[i.geometry as usize])).collect();
        self.nodes.clear();
        self.raw.root = match placed.len() {
            0 => NOTHING,
            1 => LEAF_BIT,
            _ => self.build_nodes(&placed),
        };
        self.raw.nodes = self.nodes.as_ptr();
    }

    fn build_nodes(&mut self, placed: &[Bounds]) -> u32 {
        let known = |b: &Bounds| if b.is_finite() { *b } else { Bounds { lo: [0.0; 3], hi: [0.0; 3] } };
        let boxes: Vec<Bounds> = placed.iter().map(known).collect();
        let mut tree = Tree2::default();
        tree.build(&boxes, |i| i as u32);
        let mut topology = Collapser::default().collapse(tree.nodes(), 1);
        if topology.depth > super::plot::MOST_DEPTH {
            tree.build_balanced(&boxes);
            topology = Collapser::default().collapse(tree.nodes(), 1);
        }
        self.nodes.extend(topology.nodes.iter().map(|&children| super::plot::empty_node(children)));
        for i in (0..self.nodes.len()).rev() {
            for slot in 0..TREE_WIDTH {
                let child = self.nodes[i].child[slot];
                if child == NOTHING {
                    continue;
                }
                let bounds = if child & LEAF_BIT != 0 {
                    let instance = topology.leaves[(child & !LEAF_BIT) as usize];
                    self.nodes[i].child[slot] = LEAF_BIT | instance;
                    placed[instance as usize]
                } else {
                    whole(&self.nodes[child as usize])
                };
                for a in 0..3 {
                    self.nodes[i].bounds[a][0][slot] = bounds.lo[a];
                    self.nodes[i].bounds[a][1][slot] = bounds.hi[a];
                }
            }
        }
        topology.root
    }
}

fn whole(node: &BvhNode) -> Bounds {
    Bounds {
        lo: std::array::from_fn(|a| node.bounds[a][0].iter().copied().fold(f32::INFINITY, f32::min)),
        hi: std::array::from_fn(|a| node.bounds[a][1].iter().copied().fold(f32::NEG_INFINITY, f32::max)),
    }
}

/// Bounds in the world, slightly enlarged, since rays are transformed into the plot with rounding. Empty where nothing
/// can be hit, and infinite where they overflow.
fn place(m: &[f32; 12], [lo, hi]: [[f32; 3]; 2]) -> Bounds {
    if !(0..3).all(|a| lo[a] <= hi[a]) {
        return Bounds::EMPTY;
    }
    let mut placed = Bounds { lo: [0.0; 3], hi: [0.0; 3] };
    for row in 0..3 {
        let mut low = f64::from(m[4 * row + 3]);
        let mut high = low;
        let mut size = low.abs();
        for column in 0..3 {
            let x = f64::from(m[4 * row + column]);
            let (a, b) = (x * f64::from(lo[column]), x * f64::from(hi[column]));
            low += a.min(b);
            high += a.max(b);
            size += a.abs().max(b.abs());
        }
        let pad = 1e-6 * size + 1e-30;
        placed.lo[row] = (low - pad) as f32;
        placed.hi[row] = (high + pad) as f32;
    }
    placed
}
