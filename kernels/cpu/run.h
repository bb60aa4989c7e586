// Runs: as many rays at once as there are lanes, for rays that start and point nearly alike. Where one ray tests
// eight boxes at a time, a run tests one box against its eight rays, and walks the tree once for all.
//
// Hits are those of the single rays to the bit: the slabs are computed by the same arithmetic, the primitives by the
// same code, and hits don't depend on the order in which nodes are visited.
#pragma once

#include "traverse.h"

namespace PLOT_VARIANT {

// The rays as boxes want them, a lane each.
struct RayRun {
  alignas(32) float origin[3][kLanes], inverse[3][kLanes], far_inverse[3][kLanes];
  uint32_t near_plane[3];  // 0: lo, 1: hi; of all rays if they are aligned
  bool aligned;            // all directions have the same signs

  PLOT_METHOD explicit RayRun(const Ray* rays) {
    uint32_t negative[3] = {0, 0, 0};
    for (uint32_t i = 0; i < kLanes; ++i) {
      const float os[3] = {rays[i].origin.x, rays[i].origin.y, rays[i].origin.z};
      const float ds[3] = {rays[i].dir.x, rays[i].dir.y, rays[i].dir.z};
      for (int a = 0; a < 3; ++a) {
        origin[a][i] = os[a];
        inverse[a][i] = safe_inverse(ds[a]);
        far_inverse[a][i] = inverse[a][i] * BoxRay::kFarSlack;
        negative[a] += inverse[a][i] < 0.0f ? 1 : 0;
      }
    }
    aligned = true;
    for (int a = 0; a < 3; ++a) {
      near_plane[a] = negative[a] != 0 ? 1 : 0;
      aligned = aligned && (negative[a] == 0 || negative[a] == (uint32_t)kLanes);
    }
  }

  PLOT_METHOD BoundsRay bounds_ray(uint32_t i) const {
    BoundsRay r;
    for (int a = 0; a < 3; ++a) {
      r.origin[a] = origin[a][i];
      r.inverse[a] = inverse[a][i];
      r.far_inverse[a] = far_inverse[a][i];
    }
    return r;
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
  alignas(32) float t[kLanes];  // the same as in `best`, together
  Best best[kLanes];
  uint32_t instance[kLanes];
};

// Visits the leaves that rays of the run meet before their limits `t`, nearest first.
template <class Visit>
PLOT_FN void walk_run(const BvhNode* nodes, uint32_t root, const RayRun& run, RunEntry* stack, const float* t,
                      uint32_t active, const Visit& visit) {
  RunEntry* top = stack;
  uint32_t at = root, mask = active;
  for (;;) {
    if (at & kLeafBit) {
      visit(at & ~kLeafBit, mask);
    } else {
      const BvhNode& node = nodes[at];
      const Float8 limit = load8(t);
      RunEntry* const first = top;
      for (uint32_t slot = 0; slot < (uint32_t)kLanes && node.child[slot] != kNothing; ++slot) {
        Float8 enter = Float8(0.0f), leave = limit;
        for (int a = 0; a < 3; ++a) {
          const uint32_t near_plane = run.near_plane[a];
          const Float8 origin = load8(run.origin[a]);
          enter = max_of(enter, (Float8(node.bounds[a][near_plane][slot]) - origin) * load8(run.inverse[a]));
          leave = min_of(leave, (Float8(node.bounds[a][1 - near_plane][slot]) - origin) * load8(run.far_inverse[a]));
        }
        const uint32_t hits = bits_of(enter <= leave) & mask;
        if (!hits) continue;
        alignas(32) float distances[kLanes];
        store8(distances, enter);
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
  }
}

template <class Shape>
PLOT_METHOD void CpuTracer::closest_run_in(uint32_t instance, const RayRun& run, const Ray* rays, uint32_t active,
                                           RunEntry* stack, RunBest* best) const {
  const GeometryData& g = geometry(instance);
  const Bvh& bvh = *(const Bvh*)g.accel;
  const typename Shape::Leaf* leaves = (const typename Shape::Leaf*)bvh.leaves;
  walk_run(bvh.nodes, bvh.root, run, stack, best->t, active, [&](uint32_t index, uint32_t mask) {
    do {
      const uint32_t i = lowest_bit(mask);
      mask &= mask - 1;
      const ShapeRay<Float8> ray(rays[i].origin, rays[i].dir);
      if (closest_in_leaf<Shape>(g, leaves[index], index, ray, run.bounds_ray(i), &best->best[i])) {
        best->t[i] = best->best[i].t;
        best->instance[i] = instance;
      }
    } while (mask);
  });
}

// `rays` are the world's.
PLOT_NOINLINE inline void CpuTracer::closest_run_of(uint32_t instance, const Ray* rays, uint32_t active, RunEntry* stack,
                                      RunBest* best) const {
  const GeometryData& g = geometry(instance);
  if (((const Bvh*)g.accel)->root == kNothing) return;
  Ray placed[kLanes];
  for (uint32_t i = 0; i < (uint32_t)kLanes; ++i) placed[i] = in_object(rays[i], instance);
  const RayRun run(placed);
  if (run.aligned) {
    switch (g.shape) {
      case kSphere: return closest_run_in<SphereShape>(instance, run, placed, active, stack, best);
      case kParallelogram: return closest_run_in<ParallelogramShape>(instance, run, placed, active, stack, best);
      default: return closest_run_in<ParallelepipedShape>(instance, run, placed, active, stack, best);
    }
  }
  uint64_t single_stack[kLevelStack];
  for (; active; active &= active - 1) {
    const uint32_t i = lowest_bit(active);
    if (closest_of(instance, placed[i].origin, placed[i].dir, single_stack, &best->best[i])) {
      best->t[i] = best->best[i].t;
      best->instance[i] = instance;
    }
  }
}

PLOT_NOINLINE inline void CpuTracer::closest_run(const Ray* rays, const float* tmax, Hit* hits) const {
  const TopBvh* top = (const TopBvh*)scene->accel;
  const uint32_t all = (1u << kLanes) - 1;
  RunEntry stack[2 * kLevelStack];
  RunBest best;
  for (uint32_t i = 0; i < (uint32_t)kLanes; ++i) {
    best.t[i] = tmax[i];
    best.best[i] = {tmax[i], 0, 0, 0, 0};
    best.instance[i] = kNoInstance;
  }
  if (top->root == kLeafBit) {  // the only instance
    closest_run_of(0, rays, all, stack, &best);
  } else if (top->root != kNothing) {
    const RayRun run(rays);
    if (!run.aligned) {
      for (uint32_t i = 0; i < (uint32_t)kLanes; ++i) hits[i] = closest(rays[i], tmax[i]);
      return;
    }
    walk_run(top->nodes, top->root, run, stack + kLevelStack, best.t, all, [&](uint32_t index, uint32_t mask) {
      for (uint32_t rest = mask; rest; rest &= rest - 1) {
        // Of equal distances the lower instance wins, whatever its primitive.
        const uint32_t i = lowest_bit(rest);
        best.best[i].tie = best.instance[i] == kNoInstance || best.instance[i] < index ? 0 : kNothing;
      }
      closest_run_of(index, rays, mask, stack, &best);
    });
  }
  for (uint32_t i = 0; i < (uint32_t)kLanes; ++i) {
    hits[i] = best.instance[i] == kNoInstance ? miss() : locate(rays[i], best.instance[i], best.best[i]);
  }
}

}  // namespace PLOT_VARIANT
