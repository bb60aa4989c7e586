// Parallelograms: flat, hit from both sides.
//
// Hit: face 0; coordinates in [0, 1] along u and v.
#pragma once

#include "edge_frame.h"
#ifdef PLOT_TESTING
#include "reference.h"
#endif

namespace PLOT_VARIANT {

struct Parallelogram {
  // Testing a parallelogram costs more than testing eight boxes, so each has its own slot, and so its own box.
  static constexpr uint32_t kLeaf = 1;
  typedef ChannelList<Channel::Pos, Channel::U, Channel::V> Reads;

  template <class F>
  using Packed = EdgeFrame<F>;

  PLOT_FN Bounds bounds(const GeometryData& g, uint32_t i) {
    const Float3 corner = vector(g, Channel::Pos, i), u = vector(g, Channel::U, i), v = vector(g, Channel::V, i);
    const Float3 zero = {0, 0, 0};
    return {corner + min3(u, zero) + min3(v, zero), corner + max3(u, zero) + max3(v, zero)};
  }

  PLOT_FN bool pack(const GeometryData& g, uint32_t i, Packed<float>* out) {
    return parallelogram_frame(vector(g, Channel::Pos, i), vector(g, Channel::U, i), vector(g, Channel::V, i), out);
  }

  template <class F>
  PLOT_FN F distance(const ShapeRay<F>& ray, const Packed<F>& frame) {
    const FrameRay<F> r(ray, frame);
    const F t = (F(0.0f) - r.origin[2]) * safe_inverse(r.dir[2]);
    const F u = r.origin[0] + t * r.dir[0];
    const F v = r.origin[1] + t * r.dir[1];
    const auto inside = (F(0.0f) <= u) & (u <= F(1.0f)) & (F(0.0f) <= v) & (v <= F(1.0f));
    return select(inside & (F(0.0f) < t), t, F(kInfinity));
  }

  PLOT_FN void locate(const ShapeRay<float>& ray, const Packed<float>& frame, Hit* hit) {
    const FrameRay<float> r(ray, frame);
    hit->u = clamp_f(r.origin[0] + hit->t * r.dir[0], 0.0f, 1.0f);
    hit->v = clamp_f(r.origin[1] + hit->t * r.dir[1], 0.0f, 1.0f);
  }

  PLOT_FN LocalSurface surface(const GeometryData& g, const Hit& hit, const Ray&) {
    const Float3 pos = vector(g, Channel::Pos, hit.primitive);
    const Float3 u = vector(g, Channel::U, hit.primitive), v = vector(g, Channel::V, hit.primitive);
    LocalSurface s;
    s.position = pos + u * hit.u + v * hit.v;
    s.normal = cross(u, v);
    s.unit = false;
    s.tangent = u;
    s.u = hit.u;
    s.v = hit.v;
    s.magnitude = largest_magnitude(pos) + (largest_magnitude(u) + largest_magnitude(v));
    s.color = vector(g, Channel::Color, hit.primitive);
    return s;
  }

#ifdef PLOT_TESTING
  static ReferenceHit reference(const GeometryData& g, uint32_t i, const ReferenceRay& ray) {
    return reference_face(ray, widen(vector(g, Channel::Pos, i)), widen(vector(g, Channel::U, i)),
                          widen(vector(g, Channel::V, i)), 0);
  }
#endif
};

}  // namespace PLOT_VARIANT
