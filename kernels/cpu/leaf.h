// Leaves of the CPU's trees: the packed primitives of one slot of a node.
#pragma once

#include "../shape/shapes.h"
#include "simd.h"

namespace PLOT_VARIANT {

// Packed primitives side by side, so that one step tests all of them. A leaf of 8 with fewer repeats the last one: hits
// stay the same, and no masking is needed.
template <class S>
struct alignas(S::kLeaf == 1 ? 64 : 32) PackedLeaf {
  static_assert(S::kLeaf == 1 || S::kLeaf == (uint32_t)kLanes, "leaves hold one primitive, or one for each lane");
  typedef S Shape;
  static constexpr uint32_t kCapacity = S::kLeaf;
  static constexpr uint32_t kFloats = kPackedFloats<S>;
  uint32_t primitive[kCapacity];
  float packed[kFloats][kCapacity];

  PLOT_METHOD void set(uint32_t k, const PackedOf<S>& p) {
    const float* values = (const float*)&p;
    for (uint32_t f = 0; f < kFloats; ++f) packed[f][k] = values[f];
  }
  // Primitive k.
  PLOT_METHOD PackedOf<S> get(uint32_t k) const {
    PackedOf<S> p;
    float* values = (float*)&p;
    for (uint32_t f = 0; f < kFloats; ++f) values[f] = packed[f][k];
    return p;
  }
  // Primitive k in all lanes.
  PLOT_METHOD PackedOf<S, Float8> spread(uint32_t k) const {
    PackedOf<S, Float8> p;
    Float8* values = (Float8*)&p;
    for (uint32_t f = 0; f < kFloats; ++f) values[f] = Float8(packed[f][k]);
    return p;
  }
  // All primitives.
  PLOT_METHOD PackedOf<S, Float8> load() const {
    PackedOf<S, Float8> p;
    Float8* values = (Float8*)&p;
    for (uint32_t f = 0; f < kFloats; ++f) values[f] = load8(packed[f]);
    return p;
  }

  // The distance of a hit on the only primitive.
  PLOT_METHOD float distance(const Ray& ray, float dir2, float inv_dir2) const {
    return S::distance(ShapeRay<float>(ray.origin, ray.dir, dir2, inv_dir2), get(0));
  }
  // Face and coordinates of a hit on one of the primitives.
  PLOT_METHOD void locate(const Ray& ray, Hit* hit) const {
    uint32_t k = 0;
    while (k + 1 < kCapacity && primitive[k] != hit->primitive) ++k;
    S::locate(ShapeRay<float>(ray.origin, ray.dir), get(k), hit);
  }
};

// The leaf type of a shape. A shape for which another arrangement is faster has its own: see frame_leaf.h.
template <class S>
struct LeafType {
  typedef PackedLeaf<S> Type;
};
template <class S>
using LeafOf = typename LeafType<S>::Type;

}  // namespace PLOT_VARIANT
