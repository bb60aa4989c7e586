// The CPU's tracer: several rays traverse the 8-wide trees of bvh.h in turn.
//
// A traversal step needs the result of the previous step of the same ray, but not those of other rays. So each of
// kWalkers rays makes a step in turn, and the processor executes several at once and waits for memory for all of them
// together. Steps have hardly any unpredictable branches: hits are pushed by compression, not by a loop.
//
// Children are not sorted by distance. A slot's index is the octant of the node in which the child lies
// (src/device/cpu/bvh/collapse.rs), so the order of slot ^ octant of the ray's signs is approximately nearest first.
// (After T. Ylitie, T. Karras, S. Laine, "Efficient Incoherent Ray Traversal on GPUs Through Compressed Wide BVHs", HPG
// 2017.)
//
// Hits do not depend on the topology of the tree, and so not on whether it was refitted or rebuilt. Rounding could make
// a box seem farther away than the primitive in it. Therefore a hit counts only if the ray also hits the primitive's
// own bounds, and no nearer than there: slab distances grow monotonically with the box, so every node above that
// primitive is entered at the same or a smaller distance. At equal distances the lower (instance, primitive) wins.
#pragma once

#include "../core/hit.h"
#include "bvh.h"

namespace PLOT_VARIANT {

// Far planes are moved slightly farther away, which covers the rounding of both slab distances: a ray that hits a box
// never misses it by rounding.
constexpr float kFarSlack = 1.0f + 4.8e-7f;  // four units in the last place

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

// Nodes and leaves to be visited, and where the ray enters them. A push writes a whole vector, hence the slack.
constexpr uint32_t kStack = 2 * kLevelStack;
struct Stack {
  uint32_t child[kStack + kLanes];
  float enter[kStack + kLanes];
};

// For each octant: where the near planes of a node begin, in floats. The far ones begin at this ^ kLanes.
alignas(16) static constexpr uint32_t kNearPlanes[8][4] = {
    {0, 16, 32, 0}, {8, 16, 32, 0}, {0, 24, 32, 0}, {8, 24, 32, 0},
    {0, 16, 40, 0}, {8, 16, 40, 0}, {0, 24, 40, 0}, {8, 24, 40, 0},
};

// The traversal state of one ray.
struct alignas(64) Walker {
  Ray ray;  // in the coordinates of the tree
  float dir2, inv_dir2;
  // Reciprocals of the direction; the first element is unused.
  float inverse[4], far_inverse[4];
  uint32_t near_plane[4];
  uint32_t octant;  // bit a: the ray runs towards smaller coordinates along axis a
  uint32_t top;     // entries on the stack
  Best best;
  const BvhNode* nodes;
  const char* leaves;
  const Ray* world;
  uint32_t leaf_size, leaf_step;  // bytes; a third of them
  uint32_t large;     // the same as in Bvh
  uint32_t shape;     // shape of the plot that the ray is in; kNothing: it is in the tree over the instances
  uint32_t current;   // the instance that the ray is in
  uint32_t instance;  // instance of the best hit, or kNoInstance
  uint32_t index;     // index of the ray
  Stack stack;

  PLOT_METHOD void set_tree(const Ray& r, const BvhNode* tree) {
    ray = r;
    const Float4 reciprocal = safe_inverse(load4(&r.origin.z));  // with the direction after it
    store4(inverse, reciprocal);
    store4(far_inverse, reciprocal * Float4(kFarSlack));
    octant = bits_of(reciprocal < Float4(0.0f)) >> 1;
    memcpy(near_plane, kNearPlanes[octant], sizeof near_plane);
    nodes = tree;
  }

  // Whether the ray hits the box at or after 0, and if so where it enters.
  PLOT_METHOD bool hits(const Bounds& b, float* enter) const {
    const float o[3] = {ray.origin.x, ray.origin.y, ray.origin.z};
    const float lo[3] = {b.lo.x, b.lo.y, b.lo.z}, hi[3] = {b.hi.x, b.hi.y, b.hi.z};
    float tn = 0.0f, tf = kInfinity;
    for (int a = 0; a < 3; ++a) {
      const bool negative = (octant >> a & 1) != 0;
      tn = max_f(tn, ((negative ? hi[a] : lo[a]) - o[a]) * inverse[a + 1]);
      tf = min_f(tf, ((negative ? lo[a] : hi[a]) - o[a]) * far_inverse[a + 1]);
    }
    *enter = tn;
    return tn <= tf;
  }

  PLOT_METHOD void push(uint32_t child, float enter) {
    stack.child[top] = child;
    stack.enter[top] = enter;
    ++top;
  }
  PLOT_METHOD void push_tree(uint32_t root) {
    push(kNothing, -kInfinity);  // ends this tree; its distance is never too large
    push(root, 0.0f);
  }
};

struct RayRun;
struct RunEntry;
struct RunBest;

// Number of rays that are traversed at once.
constexpr uint32_t kWalkers = 16;

// The tracer of the CPU, with the interface of core/hit.h for arrays of rays. Holds pointers only.
struct CpuTracer {
  const SceneData* scene;

  void closest_many(const Ray* rays, const float* tmax, uint32_t count, Hit* hits) const {
    trace_many<false>(rays, tmax, count, [&](const Walker& w) {
      hits[w.index] = w.instance == kNoInstance ? miss() : locate(*w.world, w.instance, w.best);
    });
  }
  void occluded_many(const Ray* rays, const float* tmax, uint32_t count, uint32_t* occluded) const {
    trace_many<true>(rays, tmax, count, [&](const Walker& w) { occluded[w.index] = w.instance != kNoInstance; });
  }

  // For kLanes neighbouring rays, such as camera rays: see run.h.
  void closest_run(const Ray* rays, const float* tmax, Hit* hits) const;

 private:
  template <bool kAny, class Done>
  PLOT_METHOD void trace_many(const Ray* rays, const float* tmax, uint32_t count, const Done& done) const {
    Walker walkers[kWalkers];
    Walker* active[kWalkers];
    uint32_t next = 0, running = 0;
    while (running < kWalkers && next < count) {
      active[running] = &walkers[running];
      start(*active[running], rays, tmax, next++);
      ++running;
    }
    while (running) {
      for (uint32_t k = 0; k < running;) {
        Walker& w = *active[k];
        if (PLOT_LIKELY(step<kAny>(w))) {
          ++k;
          continue;
        }
        done(w);
        if (next < count) {
          start(w, rays, tmax, next++);
          ++k;
        } else {
          --running;
          active[k] = active[running];
          active[running] = &w;
        }
      }
    }
  }

  PLOT_METHOD void start(Walker& w, const Ray* rays, const float* tmax, uint32_t index) const {
    w.best = {tmax[index], 0, 0, 0};
    w.instance = kNoInstance;
    w.index = index;
    w.world = &rays[index];
    w.top = 0;
    const TopBvhData* tree = (const TopBvhData*)scene->accel;
    if (tree->root == kLeafBit && scene->instances[0].identity) {  // the only instance
      enter_instance(w, 0);
    } else {
      enter_top(w);
      w.push_tree(tree->root);
    }
  }

  PLOT_METHOD void enter_top(Walker& w) const {
    w.set_tree(*w.world, ((const TopBvhData*)scene->accel)->nodes);
    w.shape = kNothing;
    w.large = 0;
  }

  PLOT_METHOD void enter_instance(Walker& w, uint32_t index) const {
    const GeometryData& g = geometry(index);
    const BvhData& bvh = *(const BvhData*)g.accel;
    w.set_tree(in_plot(*w.world, index), bvh.nodes);
    w.push_tree(bvh.root);
    w.leaves = (const char*)bvh.leaves;
    w.leaf_size = with_shape_of(g, [](auto shape) { return (uint32_t)sizeof(LeafOf<decltype(shape)>); });
    w.leaf_step = (w.leaf_size - 1) / 3;
    w.large = bvh.large;
    w.shape = g.shape;
    w.current = index;
    w.dir2 = dot(w.ray.dir, w.ray.dir);
    w.inv_dir2 = 1.0f / w.dir2;
    // At equal distances the lower instance wins, whatever its primitive.
    w.best.tie = w.instance == kNoInstance || w.instance < index ? 0 : kNothing;
  }

  // Visits one node or leaf. Returns false when the ray has finished.
  template <bool kAny>
  PLOT_METHOD bool step(Walker& w) const {
    const uint32_t top = --w.top;
    const uint32_t at = w.stack.child[top];
    const float at_t = w.stack.enter[top];
    if (PLOT_UNLIKELY(w.best.t < at_t)) return true;
    if (at & kLeafBit) return visit_leaf<kAny>(w, at, at_t);
    const BvhNode& node = w.nodes[at];
    const float* planes = node.bounds[0][0];
    const float* origin = &w.ray.origin.x;
    Float8 enter[3], leave[3];
    for (int a = 0; a < 3; ++a) {
      const Float8 o = Float8(origin[a]);
      enter[a] = (load8(planes + w.near_plane[a]) - o) * Float8(w.inverse[a + 1]);
      leave[a] = (load8(planes + (w.near_plane[a] ^ kLanes)) - o) * Float8(w.far_inverse[a + 1]);
    }
    const Float8 last_enter = max_of(max_of(enter[0], enter[1]), max_of(enter[2], Float8(0.0f)));
    const Float8 first_leave = min_of(min_of(leave[0], leave[1]), min_of(leave[2], Float8(w.best.t)));
    w.top = top + push_hits(last_enter <= first_leave, w.octant, node.child, last_enter, w.stack.child + top,
                            w.stack.enter + top);
    if (w.large) prefetch_next(w);
    return true;
  }

  template <bool kAny>
  PLOT_METHOD bool visit_leaf(Walker& w, uint32_t at, float enter) const {
    if (at == kNothing) {  // the tree is done
      if (w.top == 0) return false;
      enter_top(w);
      return true;
    }
    const uint32_t index = at & ~kLeafBit;
    if (w.shape == kNothing) {
      enter_instance(w, index);
      return true;
    }
    const bool improved = with_shape((Shape)w.shape, [&](auto shape) PLOT_INLINE {
      return visit_primitives<LeafOf<decltype(shape)>, kAny>(w, index, enter);
    });
    if (improved) w.instance = w.current;
    return !(kAny && improved);
  }

  // Prefetches what will be visited next, while other rays have their turns. Without a branch: four addresses of a
  // node, a line each, or of a leaf, which is smaller.
  PLOT_METHOD void prefetch_next(const Walker& w) const {
    const uint32_t next = w.stack.child[w.top - 1];
    const bool leaf = (next & kLeafBit) != 0;
    const char* base = leaf ? w.leaves : (const char*)w.nodes;
    const size_t size = leaf ? w.leaf_size : sizeof(BvhNode);
    const size_t step = leaf ? w.leaf_step : sizeof(BvhNode) / 4;
    const char* address = base + (next & ~kLeafBit) * size;
    for (size_t i = 0; i < 4; ++i) prefetch(address + i * step);
  }

  template <class Leaf, bool kAny>
  PLOT_METHOD bool visit_primitives(Walker& w, uint32_t index, float enter) const {
    const Leaf& leaf = ((const Leaf*)w.leaves)[index];
    if constexpr (Leaf::kCapacity == 1) {
      // The slot's bounds are the primitive's own.
      const float t = leaf.distance(w.ray, w.dir2, w.inv_dir2);
      if (kAny) return max_f(t, enter) < w.best.t;
      return t <= w.best.t && t < kInfinity && w.best.improve(max_f(t, enter), leaf.primitive[0], index);
    } else {
      typedef typename Leaf::Shape S;
      const Float8 distances =
          S::distance(ShapeRay<Float8>(w.ray.origin, w.ray.dir, w.dir2, w.inv_dir2), leaf.load());
      uint32_t hits = bits_of((distances <= Float8(w.best.t)) & (distances < Float8(kInfinity)));
      if (!hits) return false;
      alignas(32) float t[kLanes];
      store8(t, distances);
      bool improved = false;
      do {
        const uint32_t lane = lowest_bit(hits);
        hits &= hits - 1;
        float own_enter;
        if (!(t[lane] <= w.best.t) || !w.hits(S::packed_bounds(leaf.get(lane)), &own_enter)) continue;
        if (kAny) {
          if (max_f(t[lane], own_enter) < w.best.t) return true;
        } else {
          improved |= w.best.improve(max_f(t[lane], own_enter), leaf.primitive[lane], index);
        }
      } while (hits);
      return improved;
    }
  }

  PLOT_METHOD const GeometryData& geometry(uint32_t instance) const {
    return scene->geometries[scene->instances[instance].geometry];
  }

  PLOT_METHOD Ray in_plot(const Ray& ray, uint32_t instance) const {
    const InstanceData& i = scene->instances[instance];
    return i.identity ? ray : in_object(i, ray);
  }

  template <class Leaf>
  PLOT_METHOD void closest_run_in(uint32_t instance, const RayRun& run, uint32_t active, RunEntry* stack,
                                  RunBest* best) const;
  void closest_run_of(uint32_t instance, const Ray* rays, uint32_t active, RunEntry* stack, RunBest* best) const;

  // The hit, whose data is prefetched: shading follows when all rays have finished.
  PLOT_METHOD Hit locate(const Ray& world, uint32_t instance, const Best& best) const {
    const GeometryData& g = geometry(instance);
    prefetch(element(g, Channel::Color, best.primitive * g.step));
    Hit hit = {best.t, instance, best.primitive, 0, 0.0f, 0.0f};
    with_shape_of(g, [&](auto shape) PLOT_INLINE {
      typedef decltype(shape) S;
      prefetch_channels(typename S::Reads(), g, best.primitive);
      ((const LeafOf<S>*)((const BvhData*)g.accel)->leaves)[best.leaf].locate(in_plot(world, instance), &hit);
    });
    return hit;
  }
};

}  // namespace PLOT_VARIANT
