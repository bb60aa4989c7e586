// The CPU's tracer: one ray at a time through the 8-wide trees of bvh.h.
//
// Hits do not depend on the shape of the tree, so neither on whether it was refitted or rebuilt. Rounding could
// make a box seem farther away than the primitive in it. Therefore a hit counts only if the ray also hits the
// primitive's own bounds, and no nearer than there: slab distances grow monotonically with the box, so every node
// above that primitive is entered at the same or a smaller distance. Equal distances are decided by the lower
// (instance, primitive).
#pragma once

#include "../core/hit.h"
#include "bvh.h"

#include <string.h>

namespace PLOT_VARIANT {

// A ray as boxes want it. `far_inverse` is a little larger, which covers the rounding of both slab distances: a ray
// that hits a box is never said to miss it.
struct BoxRay {
  Float8 origin[3], inverse[3], far_inverse[3];
  uint32_t near_plane[3];  // 0: lo, 1: hi

  PLOT_METHOD BoxRay(Float3 o, Float3 d) {
    const float os[3] = {o.x, o.y, o.z}, ds[3] = {d.x, d.y, d.z};
    for (int a = 0; a < 3; ++a) {
      const float inv = safe_inverse(ds[a]);
      origin[a] = Float8(os[a]);
      inverse[a] = Float8(inv);
      far_inverse[a] = Float8(inv * kFarSlack);
      near_plane[a] = inv < 0.0f ? 1 : 0;
    }
  }
  static constexpr float kFarSlack = 1.0f + 4.8e-7f;  // four units in the last place
};

// The same for one box, with the same arithmetic.
struct BoundsRay {
  float origin[3], inverse[3], far_inverse[3];

  BoundsRay() = default;
  PLOT_METHOD BoundsRay(Float3 o, Float3 d) : origin{o.x, o.y, o.z} {
    const float ds[3] = {d.x, d.y, d.z};
    for (int a = 0; a < 3; ++a) {
      inverse[a] = safe_inverse(ds[a]);
      far_inverse[a] = inverse[a] * BoxRay::kFarSlack;
    }
  }
  // Whether the ray hits the box at or after 0, and if so where it enters.
  PLOT_METHOD bool hits(const Bounds& b, float* enter) const {
    const float lo[3] = {b.lo.x, b.lo.y, b.lo.z}, hi[3] = {b.hi.x, b.hi.y, b.hi.z};
    float tn = 0.0f, tf = kInfinity;
    for (int a = 0; a < 3; ++a) {
      const bool negative = inverse[a] < 0.0f;
      tn = max_f(tn, ((negative ? hi[a] : lo[a]) - origin[a]) * inverse[a]);
      tf = min_f(tf, ((negative ? lo[a] : hi[a]) - origin[a]) * far_inverse[a]);
    }
    *enter = tn;
    return tn <= tf;
  }
};

PLOT_FN EdgeFrame<Float8> load_frames(const FrameLeaf& leaf) {
  const auto vec = [](const float(&m)[3][kLanes]) { return Vec<Float8>{load8(m[0]), load8(m[1]), load8(m[2])}; };
  return {vec(leaf.corner), {vec(leaf.row[0]), vec(leaf.row[1]), vec(leaf.row[2])}};
}
PLOT_FN EdgeFrame<float> lane_frame(const FrameLeaf& leaf, uint32_t l) {
  const auto vec = [l](const float(&m)[3][kLanes]) { return Vec<float>{m[0][l], m[1][l], m[2][l]}; };
  return {vec(leaf.corner), {vec(leaf.row[0]), vec(leaf.row[1]), vec(leaf.row[2])}};
}

// What differs between the shapes: the leaf, the distances to its 8 primitives, and where on the primitive it is.
struct SphereShape {
  typedef SphereLeaf Leaf;
  PLOT_FN Float8 distances(const ShapeRay<Float8>& ray, const Leaf& leaf) {
    return sphere_distance(ray, {load8(leaf.center[0]), load8(leaf.center[1]), load8(leaf.center[2])},
                           load8(leaf.radius));
  }
};
struct ParallelogramShape {
  typedef FrameLeaf Leaf;
  PLOT_FN Float8 distances(const ShapeRay<Float8>& ray, const Leaf& leaf) {
    return parallelogram_distance(ray, load_frames(leaf));
  }
  PLOT_FN void locate(const ShapeRay<float>& ray, const Leaf& leaf, uint32_t lane, Hit* hit) {
    parallelogram_coordinates(ray, lane_frame(leaf, lane), hit->t, &hit->u, &hit->v);
  }
};
struct ParallelepipedShape {
  typedef FrameLeaf Leaf;
  PLOT_FN Float8 distances(const ShapeRay<Float8>& ray, const Leaf& leaf) {
    return parallelepiped_distance(ray, load_frames(leaf));
  }
  PLOT_FN void locate(const ShapeRay<float>& ray, const Leaf& leaf, uint32_t lane, Hit* hit) {
    const FaceHit f = parallelepiped_face(ray, lane_frame(leaf, lane), hit->t);
    hit->face = f.face;
    hit->u = f.u;
    hit->v = f.v;
  }
};

// Entries sort by distance: its bits, which order like integers since it is not negative, stand above the child.
PLOT_FN uint64_t stack_entry(float t, uint32_t child) {
  uint32_t bits;
  memcpy(&bits, &t, sizeof bits);
  return (uint64_t)bits << 32 | child;
}
PLOT_FN float entry_distance(uint64_t entry) {
  const uint32_t bits = (uint32_t)(entry >> 32);
  float t;
  memcpy(&t, &bits, sizeof t);
  return t;
}

// Visits the leaves that the ray meets before `limit()`, nearest first, until `visit(leaf)` returns true; returns
// whether it did. `stack` has room for what the tree needs.
template <class Limit, class Visit>
PLOT_FN bool walk(const BvhNode* nodes, uint32_t root, const BoxRay& ray, uint64_t* stack, const Limit& limit,
                  const Visit& visit) {
  uint64_t* top = stack;
  uint32_t at = root;
  float at_t = 0.0f;
  for (;;) {
    while (!(at & kLeafBit)) {
      const BvhNode& node = nodes[at];
      Float8 enter = Float8(0.0f), leave = Float8(limit());
      for (int a = 0; a < 3; ++a) {
        const uint32_t near_plane = ray.near_plane[a];
        enter = max_of(enter, (load8(node.bounds[a][near_plane]) - ray.origin[a]) * ray.inverse[a]);
        leave = min_of(leave, (load8(node.bounds[a][1 - near_plane]) - ray.origin[a]) * ray.far_inverse[a]);
      }
      uint32_t hits = bits_of(enter <= leave);
      if (!hits) goto pop;
      alignas(32) float t[kLanes];
      store8(t, enter);
      uint32_t slot = lowest_bit(hits);
      hits &= hits - 1;
      if (!hits) {
        at = node.child[slot];
        at_t = t[slot];
        continue;
      }
      uint64_t nearest = stack_entry(t[slot], node.child[slot]);
      uint64_t* const first = top;
      do {
        slot = lowest_bit(hits);
        hits &= hits - 1;
        uint64_t entry = stack_entry(t[slot], node.child[slot]);
        if (entry < nearest) {
          const uint64_t swapped = nearest;
          nearest = entry;
          entry = swapped;
        }
        // Insertion, farthest first.
        uint64_t* place = top++;
        while (place > first && place[-1] < entry) {
          *place = place[-1];
          --place;
        }
        *place = entry;
      } while (hits);
      at = (uint32_t)nearest;
      at_t = entry_distance(nearest);
    }
    if (at_t <= limit() && visit(at & ~kLeafBit, at_t)) return true;
  pop:
    do {
      if (top == stack) return false;
      --top;
      at = (uint32_t)*top;
      at_t = entry_distance(*top);
    } while (limit() < at_t);
  }
}

// The nearest hit so far. A candidate at the same distance wins if its primitive is below `tie`.
struct Best {
  float t;
  uint32_t tie;
  uint32_t primitive;
  uint32_t leaf, lane;
};

// Nearest hit among the primitives of one leaf; true if `best` was improved.
template <class Shape>
PLOT_FN bool closest_in_leaf(const GeometryData& g, const typename Shape::Leaf& leaf, uint32_t index,
                             const ShapeRay<Float8>& ray, const BoundsRay& bounds_ray, Best* best) {
  const Float8 distances = Shape::distances(ray, leaf);
  uint32_t hits = bits_of((distances <= Float8(best->t)) & (distances < Float8(kInfinity)));
  if (!hits) return false;
  alignas(32) float t[kLanes];
  store8(t, distances);
  bool found = false;
  do {
    const uint32_t lane = lowest_bit(hits);
    hits &= hits - 1;
    const uint32_t primitive = leaf.primitive[lane];
    if (best->t < t[lane]) continue;
    float enter;
    if (!bounds_ray.hits(primitive_bounds(g, primitive), &enter)) continue;
    const float distance = max_f(t[lane], enter);
    if (distance < best->t || (distance == best->t && primitive < best->tie)) {
      *best = {distance, primitive, primitive, index, lane};
      found = true;
    }
  } while (hits);
  return found;
}

// Nearest hit among the primitives of one plot; true if `best` was improved.
template <class Shape>
PLOT_FN bool closest_in(const GeometryData& g, const Bvh& bvh, Float3 origin, Float3 dir, uint64_t* stack,
                        Best* best) {
  typedef typename Shape::Leaf Leaf;
  const ShapeRay<Float8> ray8(origin, dir);
  const BoundsRay bounds_ray(origin, dir);
  const Leaf* leaves = (const Leaf*)bvh.leaves;
  bool found = false;
  walk(
      bvh.nodes, bvh.root, BoxRay(origin, dir), stack, [&] { return best->t; },
      [&](uint32_t index, float) {
        found |= closest_in_leaf<Shape>(g, leaves[index], index, ray8, bounds_ray, best);
        return false;
      });
  return found;
}

template <class Shape>
PLOT_FN bool occluded_in(const GeometryData& g, const Bvh& bvh, Float3 origin, Float3 dir, uint64_t* stack,
                         float tmax) {
  typedef typename Shape::Leaf Leaf;
  const ShapeRay<Float8> ray8(origin, dir);
  const BoundsRay bounds_ray(origin, dir);
  const Leaf* leaves = (const Leaf*)bvh.leaves;
  return walk(
      bvh.nodes, bvh.root, BoxRay(origin, dir), stack, [&] { return tmax; },
      [&](uint32_t index, float) {
        const Leaf& leaf = leaves[index];
        const Float8 distances = Shape::distances(ray8, leaf);
        uint32_t hits = bits_of(distances < Float8(tmax));
        if (!hits) return false;
        alignas(32) float t[kLanes];
        store8(t, distances);
        do {
          const uint32_t lane = lowest_bit(hits);
          hits &= hits - 1;
          float enter;
          if (bounds_ray.hits(primitive_bounds(g, leaf.primitive[lane]), &enter) && max_f(t[lane], enter) < tmax) {
            return true;
          }
        } while (hits);
        return false;
      });
}

struct RayRun;
struct RunEntry;
struct RunBest;

// The tracer of the CPU: see core/hit.h for what it promises. Holds pointers only.
struct CpuTracer {
  const SceneData* scene;

  PLOT_METHOD Hit closest(const Ray& ray, float tmax) const {
    uint64_t stack[2 * kLevelStack];
    Best best = {tmax, 0, 0, 0, 0};
    uint32_t instance = kNoInstance;
    const TopBvh* top = (const TopBvh*)scene->accel;
    if (top->root == kLeafBit && scene->instances[0].identity) {  // the only instance
      if (closest_of(0, ray.origin, ray.dir, stack, &best)) instance = 0;
    } else if (top->root != kNothing) {
      walk(
          top->nodes, top->root, BoxRay(ray.origin, ray.dir), stack + kLevelStack, [&] { return best.t; },
          [&](uint32_t index, float) {
            // Of equal distances the lower instance wins, whatever its primitive.
            best.tie = instance == kNoInstance || instance < index ? 0 : kNothing;
            const Ray r = in_object(ray, index);
            if (closest_of(index, r.origin, r.dir, stack, &best)) instance = index;
            return false;
          });
    }
    if (instance == kNoInstance) return miss();
    return locate(ray, instance, best);
  }

  // The same for kLanes rays that are near each other, as the camera's are: see run.h.
  void closest_run(const Ray* rays, const float* tmax, Hit* hits) const;

  PLOT_METHOD bool occluded(const Ray& ray, float tmax) const {
    uint64_t stack[2 * kLevelStack];
    const TopBvh* top = (const TopBvh*)scene->accel;
    if (top->root == kLeafBit && scene->instances[0].identity) {
      return occluded_of(0, ray.origin, ray.dir, stack, tmax);
    }
    if (top->root == kNothing) return false;
    return walk(
        top->nodes, top->root, BoxRay(ray.origin, ray.dir), stack + kLevelStack, [&] { return tmax; },
        [&](uint32_t index, float) {
          const Ray r = in_object(ray, index);
          return occluded_of(index, r.origin, r.dir, stack, tmax);
        });
  }

 private:
  PLOT_METHOD const GeometryData& geometry(uint32_t instance) const {
    return scene->geometries[scene->instances[instance].geometry];
  }

  PLOT_METHOD Ray in_object(const Ray& ray, uint32_t instance) const {
    const InstanceData& i = scene->instances[instance];
    if (i.identity) return ray;
    return {transform_point(i.object_from_world, ray.origin), transform_vector(i.object_from_world, ray.dir)};
  }

  PLOT_NOINLINE bool closest_of(uint32_t instance, Float3 o, Float3 d, uint64_t* stack, Best* best) const {
    const GeometryData& g = geometry(instance);
    const Bvh& bvh = *(const Bvh*)g.accel;
    if (bvh.root == kNothing) return false;
    switch (g.shape) {
      case kSphere: return closest_in<SphereShape>(g, bvh, o, d, stack, best);
      case kParallelogram: return closest_in<ParallelogramShape>(g, bvh, o, d, stack, best);
      default: return closest_in<ParallelepipedShape>(g, bvh, o, d, stack, best);
    }
  }

  PLOT_NOINLINE bool occluded_of(uint32_t instance, Float3 o, Float3 d, uint64_t* stack, float tmax) const {
    const GeometryData& g = geometry(instance);
    const Bvh& bvh = *(const Bvh*)g.accel;
    if (bvh.root == kNothing) return false;
    switch (g.shape) {
      case kSphere: return occluded_in<SphereShape>(g, bvh, o, d, stack, tmax);
      case kParallelogram: return occluded_in<ParallelogramShape>(g, bvh, o, d, stack, tmax);
      default: return occluded_in<ParallelepipedShape>(g, bvh, o, d, stack, tmax);
    }
  }

  template <class Shape>
  PLOT_METHOD void closest_run_in(uint32_t instance, const RayRun& run, const Ray* rays, uint32_t active,
                                  RunEntry* stack, RunBest* best) const;
  void closest_run_of(uint32_t instance, const Ray* rays, uint32_t active, RunEntry* stack, RunBest* best) const;

  PLOT_METHOD Hit locate(const Ray& world, uint32_t instance, const Best& best) const {
    const GeometryData& g = geometry(instance);
    const Bvh& bvh = *(const Bvh*)g.accel;
    const Ray ray = in_object(world, instance);
    const ShapeRay<float> r(ray.origin, ray.dir);
    Hit hit = {best.t, instance, best.primitive, 0, 0.0f, 0.0f};
    switch (g.shape) {
      case kSphere: break;
      case kParallelogram:
        ParallelogramShape::locate(r, ((const FrameLeaf*)bvh.leaves)[best.leaf], best.lane, &hit);
        break;
      default: ParallelepipedShape::locate(r, ((const FrameLeaf*)bvh.leaves)[best.leaf], best.lane, &hit);
    }
    return hit;
  }
};

}  // namespace PLOT_VARIANT
