// The acceleration structure of one plot: an 8-wide tree, transposed, so that one step tests 8 boxes or 8 spheres. Rust
// (src/device/cpu/bvh) decides the topology; everything that is computed from the primitives' data is computed here,
// with the shared shapes.
#pragma once

#include "frame_leaf.h"

#include <string.h>

namespace PLOT_VARIANT {

static_assert(kLanes == (int)kTreeWidth, "one lane for each child of a node");

PLOT_FN void grow(Bounds* b, const Bounds& a) { *b = {min3(a.lo, b->lo), max3(a.hi, b->hi)}; }

// Fills a leaf, of which `primitive` is set, and returns its bounds.
template <class Leaf>
PLOT_FN Bounds fill_leaf(const GeometryData& g, Leaf* leaf) {
  typedef typename Leaf::Shape S;
  Bounds bounds = empty_bounds();
  for (uint32_t k = 0; k < Leaf::kCapacity; ++k) {
    PackedOf<S> packed;
    Bounds b;
    const bool valid = pack_primitive<S>(g, leaf->primitive[k], &packed, &b);
    leaf->set(k, packed);
    if (valid) grow(&bounds, b);
  }
  return is_empty(bounds) ? bounds : padded(bounds);
}

PLOT_FN void set_slot(BvhNode* node, int slot, const Bounds& b) {
  node->bounds[0][0][slot] = b.lo.x;
  node->bounds[1][0][slot] = b.lo.y;
  node->bounds[2][0][slot] = b.lo.z;
  node->bounds[0][1][slot] = b.hi.x;
  node->bounds[1][1][slot] = b.hi.y;
  node->bounds[2][1][slot] = b.hi.z;
}
PLOT_FN Bounds slot_bounds(const BvhNode& node, int slot) {
  return {{node.bounds[0][0][slot], node.bounds[1][0][slot], node.bounds[2][0][slot]},
          {node.bounds[0][1][slot], node.bounds[1][1][slot], node.bounds[2][1][slot]}};
}
PLOT_FN double half_area(const Bounds& b) {
  if (is_empty(b)) return 0.0;
  const double x = (double)b.hi.x - b.lo.x, y = (double)b.hi.y - b.lo.y, z = (double)b.hi.z - b.lo.z;
  return x * y + y * z + z * x;
}

// Fills the leaves below the nodes begin <= i < end and sets the bounds of their slots and of their parents' slots.
// Children come after their parents, so one backward sweep suffices. Returns the surface-area cost: the sum of the
// areas of all slots in use.
template <class Leaf>
PLOT_FN double refit_nodes(const GeometryData& g, const BvhData& bvh, uint32_t begin, uint32_t end) {
  constexpr uint32_t kAhead = 4;
  Leaf* leaves = (Leaf*)bvh.leaves;
  double cost = 0.0;
  for (uint32_t n = end; n-- > begin;) {
    if (n >= begin + kAhead) {
      for (uint32_t child : bvh.nodes[n - kAhead].child) {
        if (child == kNothing || !(child & kLeafBit)) continue;
        for (uint32_t i : leaves[child & ~kLeafBit].primitive) {
          prefetch_channels(typename Leaf::Shape::Reads(), g, i);
        }
      }
    }
    BvhNode& node = bvh.nodes[n];
    Bounds all = empty_bounds();
    for (int slot = 0; slot < kLanes; ++slot) {
      const uint32_t child = node.child[slot];
      if (child == kNothing) continue;
      if (child & kLeafBit) set_slot(&node, slot, fill_leaf(g, &leaves[child & ~kLeafBit]));
      const Bounds b = slot_bounds(node, slot);
      cost += half_area(b);
      grow(&all, b);
    }
    if (node.parent != kNothing) set_slot(&bvh.nodes[node.parent / kLanes], node.parent % kLanes, all);
  }
  return cost;
}

}  // namespace PLOT_VARIANT
