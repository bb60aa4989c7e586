// Parallelepipeds: six faces, hit from outside and from inside.
//
// Hit: face 2 * axis + side, where axis 0, 1, 2 is the pair of faces between which u, v, w extends, and side is 0 at its
// start and 1 at its end; coordinates in [0, 1] along (v, w), (w, u), (u, v) for axis 0, 1, 2.
#pragma once

#include "edge_frame.h"
#ifdef PLOT_TESTING
#include "reference.h"
#endif

namespace PLOT_VARIANT {

struct Parallelepiped {
  static constexpr uint32_t kLeaf = 1;
  typedef ChannelList<Channel::Pos, Channel::U, Channel::V, Channel::W> Reads;

  template <class F>
  using Packed = EdgeFrame<F>;

  PLOT_FN Bounds bounds(const GeometryData& g, uint32_t i) {
    const Float3 corner = vector(g, Channel::Pos, i), zero = {0, 0, 0};
    const Float3 u = vector(g, Channel::U, i), v = vector(g, Channel::V, i), w = vector(g, Channel::W, i);
    return {corner + min3(u, zero) + min3(v, zero) + min3(w, zero),
            corner + max3(u, zero) + max3(v, zero) + max3(w, zero)};
  }

  PLOT_FN bool pack(const GeometryData& g, uint32_t i, Packed<float>* out) {
    return parallelepiped_frame(vector(g, Channel::Pos, i), vector(g, Channel::U, i), vector(g, Channel::V, i),
                                vector(g, Channel::W, i), out);
  }

  // A slab test against the unit cube.
  template <class F>
  PLOT_FN F distance(const ShapeRay<F>& ray, const Packed<F>& frame) {
    const FrameRay<F> r(ray, frame);
    F enter = F(-kInfinity), leave = F(kInfinity);
    for (int i = 0; i < 3; ++i) {
      const F inv = safe_inverse(r.dir[i]);
      const F t0 = (F(0.0f) - r.origin[i]) * inv;
      const F t1 = (F(1.0f) - r.origin[i]) * inv;
      enter = max_of(enter, min_of(t0, t1));
      leave = min_of(leave, max_of(t0, t1));
    }
    const F t = select(F(0.0f) < enter, enter, leave);
    return select((enter <= leave) & (F(0.0f) < t), t, F(kInfinity));
  }

  // Where two faces meet, the first.
  PLOT_FN void locate(const ShapeRay<float>& ray, const Packed<float>& frame, Hit* hit) {
    const FrameRay<float> r(ray, frame);
    float enter = -kInfinity, leave = kInfinity;
    uint32_t enter_face = 0, leave_face = 0;
    for (uint32_t i = 0; i < 3; ++i) {
      const float inv = safe_inverse(r.dir[i]);
      const float t0 = (0.0f - r.origin[i]) * inv;
      const float t1 = (1.0f - r.origin[i]) * inv;
      const uint32_t first_side = t1 < t0 ? 1u : 0u;
      if (enter < min_f(t0, t1)) {
        enter = min_f(t0, t1);
        enter_face = 2 * i + first_side;
      }
      if (max_f(t0, t1) < leave) {
        leave = max_f(t0, t1);
        leave_face = 2 * i + 1 - first_side;
      }
    }
    hit->face = 0.0f < enter ? enter_face : leave_face;
    // Selected, not indexed: a GPU has no registers that can be indexed.
    float at[3];
    for (int i = 0; i < 3; ++i) at[i] = clamp_f(r.origin[i] + hit->t * r.dir[i], 0.0f, 1.0f);
    const uint32_t axis = hit->face >> 1;
    hit->u = axis == 0 ? at[1] : (axis == 1 ? at[2] : at[0]);
    hit->v = axis == 0 ? at[2] : (axis == 1 ? at[0] : at[1]);
  }

  PLOT_FN LocalSurface surface(const GeometryData& g, const Hit& hit, const Ray&) {
    const Float3 pos = vector(g, Channel::Pos, hit.primitive);
    const Float3 u = vector(g, Channel::U, hit.primitive), v = vector(g, Channel::V, hit.primitive);
    const Float3 w = vector(g, Channel::W, hit.primitive);
    const uint32_t axis = hit.face >> 1;
    const Float3 a = axis == 0 ? v : (axis == 1 ? w : u);
    const Float3 b = axis == 0 ? w : (axis == 1 ? u : v);
    const Float3 c = axis == 0 ? u : (axis == 1 ? v : w);
    LocalSurface s;
    s.position = pos + a * hit.u + b * hit.v;
    if (hit.face & 1) s.position = s.position + c;
    s.normal = cross(a, b);
    s.unit = false;
    s.tangent = a;
    s.u = hit.u;
    s.v = hit.v;
    s.magnitude = largest_magnitude(pos) + (largest_magnitude(u) + largest_magnitude(v)) + largest_magnitude(w);
    s.color = vector(g, Channel::Color, hit.primitive);
    return s;
  }

#ifdef PLOT_TESTING
  static ReferenceHit reference(const GeometryData& g, uint32_t i, const ReferenceRay& ray) {
    const Double3 pos = widen(vector(g, Channel::Pos, i));
    const Double3 e[3] = {widen(vector(g, Channel::U, i)), widen(vector(g, Channel::V, i)),
                          widen(vector(g, Channel::W, i))};
    const int flat = flat_axis(e);
    ReferenceHit nearest = reference_miss();
    for (uint32_t face = 0; face < 6; face++) {
      const uint32_t axis = face >> 1;
      if (flat >= 0 && face != 2 * (uint32_t)flat) continue;
      const Double3 corner = (face & 1) ? add(pos, e[axis]) : pos;
      const ReferenceHit hit = reference_face(ray, corner, e[(axis + 1) % 3], e[(axis + 2) % 3], face);
      if (hit.t < nearest.t) nearest = hit;
    }
    return nearest;
  }

  // A parallelepiped without a volume is its largest face: the axis of that face, -1 for all others.
  static int flat_axis(const Double3 e[3]) {
    double longest2 = 0.0, largest2 = -1.0;
    int axis = 0;
    for (int i = 0; i < 3; i++) {
      const Double3 n = cross(e[(i + 1) % 3], e[(i + 2) % 3]);
      if (dot(e[i], e[i]) > longest2) longest2 = dot(e[i], e[i]);
      if (dot(n, n) > largest2) {
        largest2 = dot(n, n);
        axis = i;
      }
    }
    const double volume = dot(e[axis], cross(e[(axis + 1) % 3], e[(axis + 2) % 3]));
    return volume * volume <= 1e-10 * longest2 * largest2 ? axis : -1;
  }
#endif
};

}  // namespace PLOT_VARIANT
