// Leaves of parallelograms and parallelepipeds: one primitive against one ray, with the axes of its frame side by side.
// The arithmetic is that of shape/parallelogram.h and shape/parallelepiped.h to the bit, in a third of the instructions.
#pragma once

#include "leaf.h"

namespace PLOT_VARIANT {

// The frame of one primitive, transposed. One cache line.
struct alignas(64) FrameRows {
  uint32_t primitive[1];
  float corner[3];
  float column[3][4];  // columns of the frame's matrix: x, y and z of all three rows, side by side

  PLOT_METHOD void set(uint32_t, const EdgeFrame<float>& frame) {
    memcpy(corner, &frame.corner, sizeof corner);
    const Vec<float>* row = frame.row;
    const float columns[3][4] = {{row[0].x, row[1].x, row[2].x, 0.0f},
                                 {row[0].y, row[1].y, row[2].y, 0.0f},
                                 {row[0].z, row[1].z, row[2].z, 0.0f}};
    memcpy(column, columns, sizeof column);
  }
  PLOT_METHOD EdgeFrame<Float8> spread(uint32_t) const {
    const auto row = [&](int a) { return Vec<Float8>{Float8(column[0][a]), Float8(column[1][a]), Float8(column[2][a])}; };
    return {{Float8(corner[0]), Float8(corner[1]), Float8(corner[2])}, {row(0), row(1), row(2)}};
  }
};

// A ray in the coordinates of a frame, an axis per lane; the last lane is unused.
struct AxisRay {
  Float4 origin, dir;

  PLOT_METHOD AxisRay(const Ray& ray, const FrameRows& frame) {
    const Float4 x = load4(frame.column[0]), y = load4(frame.column[1]), z = load4(frame.column[2]);
    const Float3 o = ray.origin, d = ray.dir;
    const Float4 fx = o.x - frame.corner[0], fy = o.y - frame.corner[1], fz = o.z - frame.corner[2];
    origin = x * fx + y * fy + z * fz;
    dir = x * Float4(d.x) + y * Float4(d.y) + z * Float4(d.z);
  }
};

PLOT_FN float largest_of_three(Float4 v) {
  float lane[4];
  store4(lane, v);
  return max_f(max_f(lane[0], lane[1]), lane[2]);
}
PLOT_FN float smallest_of_three(Float4 v) {
  float lane[4];
  store4(lane, v);
  return min_f(min_f(lane[0], lane[1]), lane[2]);
}

// Distances at which the ray crosses the planes of the faces.
struct Slabs {
  Float4 near, far;  // of each pair of planes
  uint32_t swapped;  // bit a: along axis a the ray crosses the face at 1 first
  float enter, leave;

  PLOT_METHOD explicit Slabs(const AxisRay& ray) {
    const Float4 inv = safe_inverse(ray.dir);
    const Float4 t0 = (Float4(0.0f) - ray.origin) * inv;
    const Float4 t1 = (Float4(1.0f) - ray.origin) * inv;
    near = min_of(t0, t1);
    far = max_of(t0, t1);
    swapped = bits_of(t1 < t0);
    enter = largest_of_three(near);
    leave = smallest_of_three(far);
  }
};

struct ParallelepipedLeaf : FrameRows {
  typedef Parallelepiped Shape;
  static constexpr uint32_t kCapacity = 1;

  PLOT_METHOD float distance(const Ray& ray, float, float) const {
    const Slabs s(AxisRay(ray, *this));
    const float t = 0.0f < s.enter ? s.enter : s.leave;
    return s.enter <= s.leave && 0.0f < t ? t : kInfinity;
  }
  PLOT_METHOD void locate(const Ray& world, Hit* hit) const {
    const AxisRay ray(world, *this);
    const Slabs s(ray);
    const bool entering = 0.0f < s.enter;
    const uint32_t axes = entering ? bits_of(Float4(s.enter) <= s.near) : bits_of(s.far <= Float4(s.leave));
    const uint32_t axis = lowest_bit(axes | 4u);
    hit->face = 2 * axis + ((s.swapped >> axis & 1u) ^ (entering ? 0u : 1u));
    float at[4];
    store4(at, ray.origin + Float4(hit->t) * ray.dir);
    hit->u = clamp_f(at[(axis + 1) % 3], 0.0f, 1.0f);
    hit->v = clamp_f(at[(axis + 2) % 3], 0.0f, 1.0f);
  }
};

struct ParallelogramLeaf : FrameRows {
  typedef Parallelogram Shape;
  static constexpr uint32_t kCapacity = 1;

  PLOT_METHOD float distance(const Ray& world, float, float) const {
    const AxisRay ray(world, *this);
    float origin[4], dir[4];
    store4(origin, ray.origin);
    store4(dir, ray.dir);
    const float t = (0.0f - origin[2]) * safe_inverse(dir[2]);
    const Float4 at = ray.origin + Float4(t) * ray.dir;
    const uint32_t inside = bits_of((Float4(0.0f) <= at) & (at <= Float4(1.0f))) & 3u;
    return inside == 3u && 0.0f < t ? t : kInfinity;
  }
  PLOT_METHOD void locate(const Ray& world, Hit* hit) const {
    const AxisRay ray(world, *this);
    float at[4];
    store4(at, ray.origin + Float4(hit->t) * ray.dir);
    hit->u = clamp_f(at[0], 0.0f, 1.0f);
    hit->v = clamp_f(at[1], 0.0f, 1.0f);
  }
};

template <>
struct LeafType<Parallelepiped> {
  typedef ParallelepipedLeaf Type;
};
template <>
struct LeafType<Parallelogram> {
  typedef ParallelogramLeaf Type;
};

}  // namespace PLOT_VARIANT
