// The acceleration structure of one plot: an 8-wide tree, transposed, so that one step tests 8 boxes or 8 spheres. Rust
// (src/device/cpu/bvh) decides the topology; everything that is computed from the primitives' data is computed here,
// with the shared shapes.
#pragma once

#include "../shape/primitive.h"
#include "simd.h"

#include <string.h>

namespace PLOT_VARIANT {

static_assert(kLanes == (int)kTreeWidth, "one lane for each child of a node");

// Sphere tests are so cheap that a leaf holds eight spheres, side by side. Leaves with fewer repeat the last one: hits
// stay the same, and no masking is needed. A primitive that cannot be hit is NaN, which fails every comparison.
struct alignas(32) SphereLeaf {
  static constexpr uint32_t kCapacity = 8;
  uint32_t primitive[kCapacity];
  float center[3][kLanes];
  float radius[kLanes];
};
// Each parallelogram or parallelepiped has its own slot, and so its own box, because testing it costs more than testing
// eight boxes. One cache line.
struct alignas(64) FrameLeaf {
  static constexpr uint32_t kCapacity = 1;
  uint32_t primitive[kCapacity];
  float corner[3];
  float column[3][4];  // columns of the frame's matrix: x, y and z of all three rows, side by side
};

PLOT_FN Bounds primitive_bounds(const GeometryData& g, uint32_t i) {
  const Float3 pos = attribute3(g.pos, i);
  switch (g.shape) {
    case kSphere: return sphere_bounds(pos, attribute1(g.r, i));
    case kParallelogram: return parallelogram_bounds(pos, attribute3(g.u, i), attribute3(g.v, i));
    default: return parallelepiped_bounds(pos, attribute3(g.u, i), attribute3(g.v, i), attribute3(g.w, i));
  }
}

// Not a lambda: compilers decide that it has no effect before they see the prefetch in it, and remove it.
PLOT_FN void prefetch_element(const Attribute& a, uint32_t i) { prefetch(a.data + (uint64_t)i * a.stride); }

// Primitives are accessed in the order of the tree or of hits, which is random in memory.
PLOT_FN void prefetch_primitive(const GeometryData& g, uint32_t i) {
  prefetch_element(g.pos, i);
  if (g.shape == kSphere) {
    prefetch_element(g.r, i);
  } else {
    prefetch_element(g.u, i);
    prefetch_element(g.v, i);
    if (g.shape == kParallelepiped) prefetch_element(g.w, i);
  }
}

PLOT_FN void grow(Bounds* b, const Bounds& a) { *b = {min3(a.lo, b->lo), max3(a.hi, b->hi)}; }

// Each fills a leaf, of which `primitive` is set, and returns its bounds.
PLOT_FN Bounds fill_leaf(const GeometryData& g, SphereLeaf* leaf) {
  Bounds bounds = empty_bounds();
  for (int lane = 0; lane < kLanes; ++lane) {
    const uint32_t i = leaf->primitive[lane];
    Sphere s;
    Bounds b;
    const bool valid = make_sphere(g, i, &s, &b);
    leaf->center[0][lane] = s.center.x;
    leaf->center[1][lane] = s.center.y;
    leaf->center[2][lane] = s.center.z;
    leaf->radius[lane] = valid ? s.radius : NAN;
    if (valid) grow(&bounds, b);
  }
  return is_empty(bounds) ? bounds : padded(bounds);
}

PLOT_FN Bounds fill_leaf(const GeometryData& g, FrameLeaf* leaf) {
  EdgeFrame<float> frame;
  Bounds b;
  if (make_edge_frame(g, leaf->primitive[0], &frame, &b)) {
    b = padded(b);
  } else {
    frame = {{NAN, NAN, NAN}, {{NAN, NAN, NAN}, {NAN, NAN, NAN}, {NAN, NAN, NAN}}};
    b = empty_bounds();
  }
  memcpy(leaf->corner, &frame.corner, sizeof leaf->corner);
  const Vec<float>* row = frame.row;
  const float columns[3][4] = {
      {row[0].x, row[1].x, row[2].x, 0.0f}, {row[0].y, row[1].y, row[2].y, 0.0f}, {row[0].z, row[1].z, row[2].z, 0.0f}};
  memcpy(leaf->column, columns, sizeof leaf->column);
  return b;
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
        for (uint32_t i : leaves[child & ~kLeafBit].primitive) prefetch_primitive(g, i);
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
