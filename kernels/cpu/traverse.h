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
struct SlabRay {
  static constexpr float kFarSlack = 1.0f + 4.8e-7f;  // four units in the last place
  float origin[3], inverse[3], far_inverse[3];

  PLOT_METHOD SlabRay(Float3 o, Float3 d) : origin{o.x, o.y, o.z} {
    const float ds[3] = {d.x, d.y, d.z};
    for (int a = 0; a < 3; ++a) {
      inverse[a] = safe_inverse(ds[a]);
      far_inverse[a] = inverse[a] * kFarSlack;
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

// The same for eight boxes, with the same arithmetic.
struct SlabRay8 {
  Float8 origin[3], inverse[3], far_inverse[3];
  uint32_t near_plane[3];  // 0: lo, 1: hi

  PLOT_METHOD explicit SlabRay8(const SlabRay& r) {
    for (int a = 0; a < 3; ++a) {
      origin[a] = Float8(r.origin[a]);
      inverse[a] = Float8(r.inverse[a]);
      far_inverse[a] = Float8(r.far_inverse[a]);
      near_plane[a] = r.inverse[a] < 0.0f ? 1 : 0;
    }
  }
};

// The nearest hit so far. A candidate at the same distance wins if its primitive is below `tie`.
struct Best {
  float t;
  uint32_t tie;
  uint32_t primitive;
  uint32_t leaf;

  PLOT_METHOD bool improve(float distance, uint32_t candidate, uint32_t of_leaf) {
    if (t < distance || (t == distance && candidate >= tie)) return false;
    *this = {distance, candidate, candidate, of_leaf};
    return true;
  }
};

// The leaves of each shape: `closest` improves `best` if it can, `occluded` finds any hit before tmax. `enter` is
// where the ray enters the leaf's bounds.
struct Spheres {
  typedef SphereLeaf Leaf;
  const GeometryData& g;
  const SphereLeaf* leaves;
  const SlabRay& slab_ray;
  ShapeRay<Float8> ray;

  PLOT_METHOD Spheres(const GeometryData& geometry, Float3 o, Float3 d, const SlabRay& slabs)
      : g(geometry), leaves((const SphereLeaf*)((const Bvh*)g.accel)->leaves), slab_ray(slabs), ray(o, d) {}

  PLOT_METHOD bool closest(uint32_t index, float, Best* best) const {
    const SphereLeaf& leaf = leaves[index];
    const Float8 distances = test(leaf);
    uint32_t hits = bits_of((distances <= Float8(best->t)) & (distances < Float8(kInfinity)));
    if (!hits) return false;
    alignas(32) float t[kLanes];
    store8(t, distances);
    bool improved = false;
    do {
      const uint32_t lane = lowest_bit(hits);
      hits &= hits - 1;
      float enter;
      if (t[lane] <= best->t && slab_ray.hits(bounds(leaf, lane), &enter)) {
        improved |= best->improve(max_f(t[lane], enter), leaf.primitive[lane], index);
      }
    } while (hits);
    return improved;
  }

  PLOT_METHOD bool occluded(uint32_t index, float, float tmax) const {
    const SphereLeaf& leaf = leaves[index];
    const Float8 distances = test(leaf);
    uint32_t hits = bits_of(distances < Float8(tmax));
    if (!hits) return false;
    alignas(32) float t[kLanes];
    store8(t, distances);
    do {
      const uint32_t lane = lowest_bit(hits);
      hits &= hits - 1;
      float enter;
      if (slab_ray.hits(bounds(leaf, lane), &enter) && max_f(t[lane], enter) < tmax) return true;
    } while (hits);
    return false;
  }

 private:
  PLOT_METHOD Float8 test(const SphereLeaf& leaf) const {
    return sphere_distance(ray, {load8(leaf.center[0]), load8(leaf.center[1]), load8(leaf.center[2])},
                           load8(leaf.radius));
  }
  PLOT_METHOD static Bounds bounds(const SphereLeaf& leaf, uint32_t lane) {
    return sphere_bounds({leaf.center[0][lane], leaf.center[1][lane], leaf.center[2][lane]}, leaf.radius[lane]);
  }
};

PLOT_FN EdgeFrame<float> load_frame(const FrameLeaf& leaf) {
  const auto vec = [](const float(&v)[3]) { return Vec<float>{v[0], v[1], v[2]}; };
  return {vec(leaf.corner), {vec(leaf.row[0]), vec(leaf.row[1]), vec(leaf.row[2])}};
}

// Parallelograms and parallelepipeds: the slot that leads to one has its own bounds, so `enter` is where the ray enters
// these.
template <uint32_t kShape>
struct Frames {
  typedef FrameLeaf Leaf;
  const FrameLeaf* leaves;
  ShapeRay<float> ray;

  PLOT_METHOD Frames(const GeometryData& g, Float3 o, Float3 d, const SlabRay&)
      : leaves((const FrameLeaf*)((const Bvh*)g.accel)->leaves), ray(o, d) {}

  PLOT_METHOD bool closest(uint32_t index, float enter, Best* best) const {
    const FrameLeaf& leaf = leaves[index];
    const float t = test(leaf);
    return t <= best->t && t < kInfinity && best->improve(max_f(t, enter), leaf.primitive[0], index);
  }
  PLOT_METHOD bool occluded(uint32_t index, float enter, float tmax) const {
    return max_f(test(leaves[index]), enter) < tmax;
  }

 private:
  PLOT_METHOD float test(const FrameLeaf& leaf) const {
    return kShape == kParallelogram ? parallelogram_distance(ray, load_frame(leaf))
                                    : parallelepiped_distance(ray, load_frame(leaf));
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

PLOT_FN void prefetch_child(const BvhNode* nodes, uint32_t child) {
  if (child & kLeafBit) return;
  const char* lines = (const char*)&nodes[child];
  for (size_t line = 0; line < sizeof(BvhNode); line += 64) prefetch(lines + line);
}

// The order in which a ray visits what it meets: a closest hit is found sooner in the nearest box first, while any hit
// is as good as another, and sorting is not.
enum class Order { kNearestFirst, kAny };

// Visits the leaves that the ray meets before `limit()`, until `visit(leaf, distance)` returns true; returns whether it
// did. `stack` has room for what the tree needs.
template <Order kOrder, class Limit, class Visit>
PLOT_FN bool walk(const BvhNode* nodes, uint32_t root, const SlabRay8& ray, uint64_t* stack, const Limit& limit,
                  const Visit& visit) {
  uint64_t* top = stack;
  uint32_t at = root;
  float at_t = 0.0f;
  for (;;) {
    while (!(at & kLeafBit)) {
      const BvhNode& node = nodes[at];
      Float8 enter[3], leave[3];
      for (int a = 0; a < 3; ++a) {
        const uint32_t near_plane = ray.near_plane[a];
        enter[a] = (load8(node.bounds[a][near_plane]) - ray.origin[a]) * ray.inverse[a];
        leave[a] = (load8(node.bounds[a][1 - near_plane]) - ray.origin[a]) * ray.far_inverse[a];
      }
      const Float8 last_enter = max_of(max_of(enter[0], enter[1]), max_of(enter[2], Float8(0.0f)));
      const Float8 first_leave = min_of(min_of(leave[0], leave[1]), min_of(leave[2], Float8(limit())));
      uint32_t hits = bits_of(last_enter <= first_leave);
      if (!hits) goto pop;
      alignas(32) float t[kLanes];
      store8(t, last_enter);
      uint32_t slot = lowest_bit(hits);
      hits &= hits - 1;
      at = node.child[slot];
      at_t = t[slot];
      if (!hits) continue;
      uint64_t next = stack_entry(at_t, at);
      uint64_t* const first = top;
      do {
        slot = lowest_bit(hits);
        hits &= hits - 1;
        uint64_t entry = stack_entry(t[slot], node.child[slot]);
        prefetch_child(nodes, node.child[slot]);
        if (kOrder == Order::kAny) {
          *top++ = entry;
          continue;
        }
        if (entry < next) {
          const uint64_t swapped = next;
          next = entry;
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
      at = (uint32_t)next;
      at_t = entry_distance(next);
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

// Nearest hit among the primitives of one plot; true if `best` was improved.
template <class Shape>
PLOT_FN bool closest_in(const GeometryData& g, Float3 origin, Float3 dir, uint64_t* stack, Best* best) {
  const Bvh& bvh = *(const Bvh*)g.accel;
  const SlabRay slabs(origin, dir);
  const Shape shape(g, origin, dir, slabs);
  bool found = false;
  walk<Order::kNearestFirst>(
      bvh.nodes, bvh.root, SlabRay8(slabs), stack, [&] { return best->t; },
      [&](uint32_t leaf, float enter) {
        found |= shape.closest(leaf, enter, best);
        return false;
      });
  return found;
}

template <class Shape>
PLOT_FN bool occluded_in(const GeometryData& g, Float3 origin, Float3 dir, uint64_t* stack, float tmax) {
  const Bvh& bvh = *(const Bvh*)g.accel;
  const SlabRay slabs(origin, dir);
  const Shape shape(g, origin, dir, slabs);
  return walk<Order::kAny>(
      bvh.nodes, bvh.root, SlabRay8(slabs), stack, [&] { return tmax; },
      [&](uint32_t leaf, float enter) { return shape.occluded(leaf, enter, tmax); });
}

struct RayRun;
struct RunEntry;
struct RunBest;

// The tracer of the CPU: see core/hit.h for what it promises. Holds pointers only.
struct CpuTracer {
  const SceneData* scene;

  PLOT_METHOD Hit closest(const Ray& ray, float tmax) const {
    uint64_t stack[2 * kLevelStack];
    Best best = {tmax, 0, 0, 0};
    uint32_t instance = kNoInstance;
    const TopBvh* top = (const TopBvh*)scene->accel;
    if (top->root == kLeafBit && scene->instances[0].identity) {  // the only instance
      if (closest_of(0, ray.origin, ray.dir, stack, &best)) instance = 0;
    } else if (top->root != kNothing) {
      walk<Order::kNearestFirst>(
          top->nodes, top->root, SlabRay8(SlabRay(ray.origin, ray.dir)), stack + kLevelStack, [&] { return best.t; },
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
    return walk<Order::kAny>(
        top->nodes, top->root, SlabRay8(SlabRay(ray.origin, ray.dir)), stack + kLevelStack, [&] { return tmax; },
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
    if (((const Bvh*)g.accel)->root == kNothing) return false;
    switch (g.shape) {
      case kSphere: return closest_in<Spheres>(g, o, d, stack, best);
      case kParallelogram: return closest_in<Frames<kParallelogram>>(g, o, d, stack, best);
      default: return closest_in<Frames<kParallelepiped>>(g, o, d, stack, best);
    }
  }

  PLOT_NOINLINE bool occluded_of(uint32_t instance, Float3 o, Float3 d, uint64_t* stack, float tmax) const {
    const GeometryData& g = geometry(instance);
    if (((const Bvh*)g.accel)->root == kNothing) return false;
    switch (g.shape) {
      case kSphere: return occluded_in<Spheres>(g, o, d, stack, tmax);
      case kParallelogram: return occluded_in<Frames<kParallelogram>>(g, o, d, stack, tmax);
      default: return occluded_in<Frames<kParallelepiped>>(g, o, d, stack, tmax);
    }
  }

  template <class Primitives>
  PLOT_METHOD void closest_run_in(uint32_t instance, const RayRun& run, uint32_t active, RunEntry* stack,
                                  RunBest* best) const;
  void closest_run_of(uint32_t instance, const Ray* rays, uint32_t active, RunEntry* stack, RunBest* best) const;

  PLOT_METHOD Hit locate(const Ray& world, uint32_t instance, const Best& best) const {
    const GeometryData& g = geometry(instance);
    Hit hit = {best.t, instance, best.primitive, 0, 0.0f, 0.0f};
    if (g.shape == kSphere) return hit;
    const Ray r = in_object(world, instance);
    const ShapeRay<float> ray(r.origin, r.dir);
    const EdgeFrame<float> frame = load_frame(((const FrameLeaf*)((const Bvh*)g.accel)->leaves)[best.leaf]);
    if (g.shape == kParallelogram) {
      parallelogram_coordinates(ray, frame, best.t, &hit.u, &hit.v);
    } else {
      const FaceHit f = parallelepiped_face(ray, frame, best.t);
      hit.face = f.face;
      hit.u = f.u;
      hit.v = f.v;
    }
    return hit;
  }
};

}  // namespace PLOT_VARIANT
