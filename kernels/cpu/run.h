// Runs: as many rays at once as there are lanes, for rays with similar origins and directions. A walker of traverse.h
// tests eight boxes against its ray; a run tests one box against its eight rays, and traverses the tree once for all.
//
// Hits are those of the walkers to the bit: the slabs are computed by the same arithmetic, the primitives by the same
// code, and hits don't depend on the order in which nodes are visited.
#pragma once

#include "traverse.h"

namespace PLOT_VARIANT {

// The rays as box tests need them, one per lane.
struct RayRun {
  alignas(32) float origin[3][kLanes], dir[3][kLanes], inverse[3][kLanes], far_inverse[3][kLanes];
  bool negative[3];  // signs of the first ray
  bool aligned;      // the directions of all rays have the same signs

  PLOT_METHOD explicit RayRun(const Ray* rays) {
    uint32_t count[3] = {0, 0, 0};
    for (uint32_t i = 0; i < kLanes; ++i) {
      const float os[3] = {rays[i].origin.x, rays[i].origin.y, rays[i].origin.z};
      const float ds[3] = {rays[i].dir.x, rays[i].dir.y, rays[i].dir.z};
      for (int a = 0; a < 3; ++a) {
        origin[a][i] = os[a];
        dir[a][i] = ds[a];
        inverse[a][i] = safe_inverse(ds[a]);
        far_inverse[a][i] = inverse[a][i] * kFarSlack;
        count[a] += inverse[a][i] < 0.0f ? 1 : 0;
      }
    }
    aligned = true;
    for (int a = 0; a < 3; ++a) {
      negative[a] = inverse[a][0] < 0.0f;
      aligned = aligned && (count[a] == 0 || count[a] == (uint32_t)kLanes);
    }
  }

  // Whether the rays hit the box with the planes plane(axis, side) before `limit`, and where they enter it.
  template <class Plane>
  PLOT_METHOD Mask8 hits(const Plane& plane, Float8 limit, Float8* enter) const {
    Float8 tn = Float8(0.0f), tf = limit;
    for (int a = 0; a < 3; ++a) {
      const Float8 o = load8(origin[a]), lo = Float8(plane(a, 0)), hi = Float8(plane(a, 1));
      Float8 near = negative[a] ? hi : lo, far = negative[a] ? lo : hi;
      if (!aligned) {
        const Mask8 backwards = load8(inverse[a]) < Float8(0.0f);
        near = select(backwards, hi, lo);
        far = select(backwards, lo, hi);
      }
      tn = max_of(tn, (near - o) * load8(inverse[a]));
      tf = min_of(tf, (far - o) * load8(far_inverse[a]));
    }
    *enter = tn;
    return tn <= tf;
  }

  PLOT_METHOD ShapeRay<Float8> shape_ray() const {
    return {Vec<Float8>{load8(origin[0]), load8(origin[1]), load8(origin[2])},
            Vec<Float8>{load8(dir[0]), load8(dir[1]), load8(dir[2])}};
  }
};

// A node that waits for the rays of `mask`.
struct RunEntry {
  Float8 enter;  // distances at which the rays enter it
  uint32_t child, mask;
  float order;  // distance of one of them
};

// The nearest hits so far.
struct RunBest {
  alignas(32) float t[kLanes];  // the distances in `best`, side by side
  Best best[kLanes];
  uint32_t instance[kLanes];
};

// Visits the leaves that rays of the run hit before their limits `t`, nearest first: `visit(leaf, distances, rays)`.
template <class Visit>
PLOT_FN void walk_run(const BvhNode* nodes, uint32_t root, bool large, const RayRun& run, RunEntry* stack,
                      const float* t, uint32_t active, const Visit& visit) {
  RunEntry* top = stack;
  uint32_t at = root, mask = active;
  Float8 at_enter = Float8(0.0f);
  for (;;) {
    if (at & kLeafBit) {
      visit(at & ~kLeafBit, at_enter, mask);
    } else {
      const BvhNode& node = nodes[at];
      const Float8 limit = load8(t);
      RunEntry* const first = top;
      for (uint32_t slot = 0; slot < (uint32_t)kLanes; ++slot) {
        if (node.child[slot] == kNothing) continue;
        Float8 enter;
        const auto plane = [&](int axis, uint32_t side) { return node.bounds[axis][side][slot]; };
        const uint32_t hits = bits_of(run.hits(plane, limit, &enter)) & mask;
        if (!hits) continue;
        alignas(32) float distances[kLanes];
        store8(distances, enter);
        if (large && !(node.child[slot] & kLeafBit)) {
          const char* lines = (const char*)&nodes[node.child[slot]];
          for (size_t line = 0; line < sizeof(BvhNode); line += 64) prefetch(lines + line);
        }
        const float order = distances[lowest_bit(hits)];
        RunEntry* place = top++;
        while (place > first && place[-1].order < order) {
          *place = place[-1];
          --place;
        }
        *place = {enter, node.child[slot], hits, order};
      }
    }
    do {
      if (top == stack) return;
      --top;
      mask = top->mask & bits_of(top->enter <= load8(t));
    } while (!mask);
    at = top->child;
    at_enter = top->enter;
  }
}

// Distances at which a run hits primitive k of a leaf. `enter` holds the distances at which the rays enter the leaf, and
// receives those at which they enter the primitive's own bounds; misses are infinite.
template <class Leaf>
PLOT_FN Float8 run_distances(const RayRun& run, const ShapeRay<Float8>& rays, const Leaf& leaf, uint32_t k,
                             Float8* enter) {
  typedef typename Leaf::Shape S;
  const Float8 t = S::distance(rays, leaf.spread(k));
  if constexpr (Leaf::kCapacity == 1) {
    return t;
  } else {
    const Bounds b = S::packed_bounds(leaf.get(k));
    const float planes[3][2] = {{b.lo.x, b.hi.x}, {b.lo.y, b.hi.y}, {b.lo.z, b.hi.z}};
    const auto plane = [&](int axis, uint32_t side) { return planes[axis][side]; };
    return select(run.hits(plane, Float8(kInfinity), enter), t, Float8(kInfinity));
  }
}

template <class Leaf>
PLOT_METHOD void CpuTracer::closest_run_in(uint32_t instance, const RayRun& run, uint32_t active, RunEntry* stack,
                                           RunBest* best) const {
  const BvhData& bvh = *(const BvhData*)geometry(instance).accel;
  const Leaf* leaves = (const Leaf*)bvh.leaves;
  const ShapeRay<Float8> rays = run.shape_ray();
  const auto visit = [&](uint32_t index, Float8 enter, uint32_t mask) {
    const Leaf& leaf = leaves[index];
    for (uint32_t k = 0; k < Leaf::kCapacity; ++k) {
      // The rest are repetitions of the last one.
      if (k > 0 && leaf.primitive[k] == leaf.primitive[k - 1]) return;
      Float8 own_enter = enter;
      const Float8 distances = run_distances(run, rays, leaf, k, &own_enter);
      const Mask8 near_enough = (distances <= load8(best->t)) & (distances < Float8(kInfinity));
      uint32_t hits = bits_of(near_enough) & mask;
      if (!hits) continue;
      alignas(32) float t[kLanes];
      store8(t, max_of(distances, own_enter));
      do {
        const uint32_t i = lowest_bit(hits);
        hits &= hits - 1;
        if (best->best[i].improve(t[i], leaf.primitive[k], index)) {
          best->t[i] = best->best[i].t;
          best->instance[i] = instance;
        }
      } while (hits);
    }
  };
  walk_run(bvh.nodes, bvh.root, bvh.large != 0, run, stack, best->t, active, visit);
}

// `rays` are in world coordinates.
PLOT_NOINLINE inline void CpuTracer::closest_run_of(uint32_t instance, const Ray* rays, uint32_t active,
                                                    RunEntry* stack, RunBest* best) const {
  const GeometryData& g = geometry(instance);
  if (((const BvhData*)g.accel)->root == kNothing) return;
  Ray placed[kLanes];
  for (uint32_t i = 0; i < (uint32_t)kLanes; ++i) placed[i] = in_plot(rays[i], instance);
  const RayRun run(placed);
  with_shape_of(g, [&](auto shape) PLOT_INLINE {
    closest_run_in<LeafOf<decltype(shape)>>(instance, run, active, stack, best);
  });
}

PLOT_NOINLINE inline void CpuTracer::closest_run(const Ray* rays, const float* tmax, Hit* hits) const {
  const TopBvhData* top = (const TopBvhData*)scene->accel;
  const uint32_t all = (1u << kLanes) - 1;
  RunEntry stack[2 * kLevelStack];
  RunBest best;
  for (uint32_t i = 0; i < (uint32_t)kLanes; ++i) {
    best.t[i] = tmax[i];
    best.best[i] = {tmax[i], 0, 0, 0};
    best.instance[i] = kNoInstance;
  }
  if (top->root == kLeafBit) {  // the only instance
    closest_run_of(0, rays, all, stack, &best);
  } else if (top->root != kNothing) {
    const RayRun run(rays);
    const auto visit = [&](uint32_t index, Float8, uint32_t mask) {
      for (uint32_t rest = mask; rest; rest &= rest - 1) {
        // At equal distances the lower instance wins, whatever its primitive.
        const uint32_t i = lowest_bit(rest);
        best.best[i].tie = best.instance[i] == kNoInstance || best.instance[i] < index ? 0 : kNothing;
      }
      closest_run_of(index, rays, mask, stack, &best);
    };
    walk_run(top->nodes, top->root, false, run, stack + kLevelStack, best.t, all, visit);
  }
  for (uint32_t i = 0; i < (uint32_t)kLanes; ++i) {
    hits[i] = best.instance[i] == kNoInstance ? miss() : locate(rays[i], best.instance[i], best.best[i]);
  }
}

}  // namespace PLOT_VARIANT
