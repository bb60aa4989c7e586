// Tetrahedrons: a corner and three edges; four faces, hit from outside and from inside.
//
// Hit: face 0, 1, 2 opposite to the ends of u, v, w, with coordinates along (v, w), (w, u), (u, v); face 3, 4 or 5 opposite
// to the corner, with coordinates from the end of u along (v - u, w - u), of v along (w - v, u - v), or of w along
// (u - w, v - w): from the end of u, unless another edge is so short that the coordinate along it has few digits. On each
// face u, v >= 0 and u + v <= 1.
#pragma once

#include "edge_frame.h"
#ifdef PLOT_TESTING
#include "reference.h"
#endif

namespace PLOT_VARIANT {

struct Tetrahedron {
  static constexpr uint32_t kLeaf = 1;
  typedef ChannelList<Channel::Pos, Channel::U, Channel::V, Channel::W> Reads;

  template <class F>
  using Packed = EdgeFrame<F>;

  PLOT_FN Bounds bounds(const GeometryData& g, uint32_t i) {
    const Float3 corner = vector(g, Channel::Pos, i), zero = {0, 0, 0};
    const Float3 u = vector(g, Channel::U, i), v = vector(g, Channel::V, i), w = vector(g, Channel::W, i);
    return {corner + min3(min3(u, v), min3(w, zero)), corner + max3(max3(u, v), max3(w, zero))};
  }

  // One without a volume cannot be hit.
  PLOT_FN bool pack(const GeometryData& g, uint32_t i, Packed<float>* out) {
    const Float3 corner = vector(g, Channel::Pos, i);
    const Float3 u = vector(g, Channel::U, i), v = vector(g, Channel::V, i), w = vector(g, Channel::W, i);
    const float scale = edge_scale(u, v, w);
    if (!(scale > 1e-30f) || !(scale < 1e30f) || !is_finite(corner) || !is_finite(u + v + w)) return false;
    const float inv = 1.0f / scale;
    const Float3 a = u * inv, b = v * inv, c = w * inv;
    const Float3 across[3] = {cross(b, c), cross(c, a), cross(a, b)};
    const float volume = dot(a, across[0]);
    const float largest2 = max_f(dot(across[0], across[0]), max_f(dot(across[1], across[1]), dot(across[2], across[2])));
    if (!(volume * volume > kFlat * kFlat * largest2)) return false;
    out->corner = {corner.x, corner.y, corner.z};
    for (int k = 0; k < 3; ++k) {
      const Float3 row = across[k] * (inv / volume);
      out->row[k] = {row.x, row.y, row.z};
    }
    return true;
  }

  // The unit tetrahedron is where x, y, z and 1 - x - y - z are not negative: four half-spaces. A ray enters the solid
  // where it enters the last of them, and leaves it where it leaves the first.
  template <class F>
  struct Sides {
    F at[4], change[4];  // height above the face at the ray's origin, and its change with t

    PLOT_METHOD Sides(const ShapeRay<F>& ray, const Packed<F>& frame) {
      const FrameRay<F> r(ray, frame);
      for (int i = 0; i < 3; ++i) {
        at[i] = r.origin[i];
        change[i] = r.dir[i];
      }
      at[3] = F(1.0f) - (at[0] + at[1] + at[2]);
      change[3] = F(0.0f) - (change[0] + change[1] + change[2]);
    }
    PLOT_METHOD F crossing(int i) const { return (F(0.0f) - at[i]) * safe_inverse(change[i]); }
  };

  template <class F>
  PLOT_FN F distance(const ShapeRay<F>& ray, const Packed<F>& frame) {
    const Sides<F> sides(ray, frame);
    F enter = F(-kInfinity), leave = F(kInfinity);
    for (int i = 0; i < 4; ++i) {
      const F t = sides.crossing(i);
      // With the sign of a zero, as in safe_inverse: a ray along the face is on one side of it for ever.
      const auto rises = F(0.0f) < copy_sign(F(1.0f), sides.change[i]);
      enter = max_of(enter, select(rises, t, F(-kInfinity)));
      leave = min_of(leave, select(rises, F(kInfinity), t));
    }
    const F t = select(F(0.0f) < enter, enter, leave);
    return select((enter <= leave) & (F(0.0f) < t), t, F(kInfinity));
  }

  // Where faces meet, the first.
  PLOT_FN void locate(const ShapeRay<float>& ray, const Packed<float>& frame, Hit* hit) {
    const Sides<float> sides(ray, frame);
    float enter = -kInfinity, leave = kInfinity;
    uint32_t enter_face = 0, leave_face = 0;
    float at[3];
    for (uint32_t i = 0; i < 4; ++i) {
      const float t = sides.crossing((int)i);
      const bool rises = 0.0f < copysignf(1.0f, sides.change[i]);
      if (rises && enter < t) {
        enter = t;
        enter_face = i;
      }
      if (!rises && t < leave) {
        leave = t;
        leave_face = i;
      }
      if (i < 3) at[i] = clamp_f(sides.at[i] + hit->t * sides.change[i], 0.0f, 1.0f);
    }
    uint32_t face = 0.0f < enter ? enter_face : leave_face;
    if (face == 3) {
      const float x2 = 16.0f * dot_of(frame.row[0], frame.row[0]);
      const float y2 = dot_of(frame.row[1], frame.row[1]), z2 = dot_of(frame.row[2], frame.row[2]);
      if (max_f(y2, z2) > x2) face = y2 > z2 ? 4 : 5;
    }
    hit->face = face;
    face %= 3;
    hit->u = face == 1 ? at[2] : (face == 2 ? at[0] : at[1]);
    hit->v = face == 1 ? at[0] : (face == 2 ? at[1] : at[2]);
    // Rounding must not leave the triangle.
    hit->v = min_f(hit->v, 1.0f - hit->u);
  }

  PLOT_FN LocalSurface surface(const GeometryData& g, const Hit& hit, const Ray&) {
    const Float3 pos = vector(g, Channel::Pos, hit.primitive);
    const Float3 u = vector(g, Channel::U, hit.primitive), v = vector(g, Channel::V, hit.primitive);
    const Float3 w = vector(g, Channel::W, hit.primitive);
    const uint32_t axis = hit.face % 3;
    const bool far = hit.face >= 3;
    // The edge that belongs to the face, and the next two.
    const Float3 own = axis == 0 ? u : (axis == 1 ? v : w);
    const Float3 zero = {0, 0, 0}, from = far ? own : zero;
    const Float3 a = (axis == 0 ? v : (axis == 1 ? w : u)) - from;
    const Float3 b = (axis == 0 ? w : (axis == 1 ? u : v)) - from;
    const Float3 start = pos + from;
    // An edge that leads from the face into the solid.
    const Float3 inwards = far ? -own : own;
    LocalSurface s;
    s.position = start + a * hit.u + b * hit.v;
    s.normal = cross(a, b);
    if (dot(s.normal, inwards) > 0.0f) s.normal = -s.normal;
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
    double longest2 = 0.0, largest2 = 0.0;
    for (int k = 0; k < 3; k++) {
      const Double3 n = cross(e[(k + 1) % 3], e[(k + 2) % 3]);
      if (dot(e[k], e[k]) > longest2) longest2 = dot(e[k], e[k]);
      if (dot(n, n) > largest2) largest2 = dot(n, n);
    }
    const double volume = dot(e[0], cross(e[1], e[2]));
    ReferenceHit nearest = reference_miss();
    if (!(volume * volume > 1e-10 * longest2 * largest2)) return nearest;
    for (uint32_t face = 0; face < 4; face++) {
      const Double3 a = face < 3 ? e[(face + 1) % 3] : sub(e[1], e[0]), b = face < 3 ? e[(face + 2) % 3] : sub(e[2], e[0]);
      const ReferenceHit hit = reference_face(ray, face < 3 ? pos : add(pos, e[0]), a, b, face);
      if (hit.t < nearest.t && hit.u + hit.v <= 1.0) nearest = hit;
    }
    return nearest;
  }
#endif
};

}  // namespace PLOT_VARIANT
