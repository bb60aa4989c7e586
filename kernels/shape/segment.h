// Segments: the convex hull of the balls around two nodes, which is a cylinder or cone with round ends. Hit from outside
// and from inside.
//
// Hit: face 0; u in [0, 1] from the first node to the second, of the ball whose surface is hit; v is 0. Radii and colours
// are those of the nodes; between them the colour changes with u.
#pragma once

#include "plot.h"
#ifdef PLOT_TESTING
#include "reference.h"
#endif

namespace PLOT_VARIANT {

struct Segment {
  static constexpr uint32_t kLeaf = 1;
  typedef ChannelList<Channel::Pos, Channel::R> Reads;

  template <class F>
  struct Packed {
    Vec<F> start;
    F radius;     // of the ball around `start`
    Vec<F> axis;  // unit
    F length;
    F taper;  // by which the radius shrinks along a unit of the axis: below 1
  };

  // The nodes of a primitive.
  struct Nodes {
    Float3 a, axis;
    float ra, rb;

    PLOT_METHOD Nodes(const GeometryData& g, uint32_t i) {
      const uint32_t first = i * g.step;
      a = vector(g, Channel::Pos, first);
      axis = vector(g, Channel::Pos, first + 1) - a;
      ra = scalar(g, Channel::R, first);
      rb = scalar(g, Channel::R, first + 1);
    }
  };

  PLOT_FN Bounds bounds(const GeometryData& g, uint32_t i) {
    const Nodes n(g, i);
    const Float3 b = n.a + n.axis;
    return {min3(n.a - splat(n.ra), b - splat(n.rb)), max3(n.a + splat(n.ra), b + splat(n.rb))};
  }

  PLOT_FN bool pack(const GeometryData& g, uint32_t i, Packed<float>* out) {
    Nodes n(g, i);
    if (!(n.ra >= 0.0f) || !(n.rb >= 0.0f)) return false;
    const float taper = n.ra - n.rb;
    if (!(dot(n.axis, n.axis) > taper * taper)) {
      // One of the balls is inside of the other, which is all that is left.
      if (n.rb > n.ra) n.a = n.a + n.axis;
      n.ra = n.rb = max_f(n.ra, n.rb);
      n.axis = {0.0f, 0.0f, 0.0f};
    }
    // Not a square root of squares, which might underflow.
    const float scale = largest_magnitude(n.axis);
    const float length = scale > 0.0f ? scale * sqrt_f(dot(n.axis * (1.0f / scale), n.axis * (1.0f / scale))) : 0.0f;
    const float inv = length > 0.0f ? 1.0f / length : 0.0f;
    *out = {{n.a.x, n.a.y, n.a.z}, n.ra, {n.axis.x * inv, n.axis.y * inv, n.axis.z * inv}, length, (n.ra - n.rb) * inv};
    return max_f(n.ra, n.rb) > 0.0f && is_finite(n.axis) && is_finite(inv);
  }

  // Where a ray enters and leaves the solid, in lengths of a unit vector along it; all that is computed from points is
  // relative to a point of the axis near the ray, so that errors grow with the radius and not with the length or the
  // distance. The mantle is the cone that touches both balls: I. Quilez, "Rounded cone - intersection", 2018.
  template <class F>
  struct Interval {
    F enter, leave;

    PLOT_METHOD Interval(const ShapeRay<F>& ray, const Packed<F>& p, const F& inv_length) {
      const Vec<F> d = {ray.dir.x * inv_length, ray.dir.y * inv_length, ray.dir.z * inv_length};
      const Vec<F> from = {ray.origin.x - p.start.x, ray.origin.y - p.start.y, ray.origin.z - p.start.z};
      const F m2 = dot_of(p.axis, d), slope = F(1.0f) - p.taper * p.taper;
      // Squared, from the cross product: a difference of squares would have no digits left for rays along the axis.
      const Vec<F> c = {p.axis.y * d.z - p.axis.z * d.y, p.axis.z * d.x - p.axis.x * d.z, p.axis.x * d.y - p.axis.y * d.x};
      const F off_axis = dot_of(c, c);
      // The point of the axis that is nearest to the ray.
      const F wanted = (dot_of(p.axis, from) - m2 * dot_of(d, from)) / max_of(off_axis, F(1e-30f));
      const F s = min_of(max_of(wanted, F(0.0f)), p.length);
      const F radius = p.radius - s * p.taper;
      Vec<F> o = {from.x - s * p.axis.x, from.y - s * p.axis.y, from.z - s * p.axis.z};
      const F shift = F(0.0f) - dot_of(o, d);
      o = {o.x + shift * d.x, o.y + shift * d.y, o.z + shift * d.z};
      const F m1 = dot_of(p.axis, o), m5 = dot_of(o, o);
      const F k2 = off_axis - p.taper * p.taper;
      const F k1 = m2 * (p.taper * radius - m1);
      const F k0 = slope * m5 - m1 * m1 + F(2.0f) * m1 * p.taper * radius - radius * radius;
      const F h = k1 * k1 - k0 * k2;
      const F root = sqrt_of(max_of(h, F(0.0f)));
      // Two forms of each root: the one without a difference is used.
      const auto ahead = F(0.0f) < k1;
      const F q = select(ahead, F(0.0f) - (k1 + root), root - k1);
      const F enter_cone = select(ahead, q / k2, k0 / q), leave_cone = select(ahead, k0 / q, q / k2);
      // Where along the axis, from 0 to `end`, the cone is met.
      const F along = m1 - p.taper * radius + s * slope, end = p.length * slope;
      const F enter_at = along + enter_cone * m2, leave_at = along + leave_cone * m2;
      const auto met = F(0.0f) <= h;
      // The balls, relative to their own centres.
      F first, last, first_of_end, last_of_end;
      ball(o, d, p, p.radius, F(0.0f) - s, &first, &last);
      ball(o, d, p, p.radius - p.length * p.taper, p.length - s, &first_of_end, &last_of_end);
      first = min_of(first, first_of_end);
      last = max_of(last, last_of_end);
      enter = shift + select(met & (F(0.0f) < enter_at) & (enter_at < end), enter_cone, first);
      leave = shift + select(met & (F(0.0f) < leave_at) & (leave_at < end), leave_cone, last);
    }

    // The ball whose centre is `to` along the axis from the point that `o` is relative to.
    PLOT_FN void ball(const Vec<F>& o, const Vec<F>& d, const Packed<F>& p, const F& radius, const F& to, F* first,
                      F* last) {
      const Vec<F> c = {o.x - to * p.axis.x, o.y - to * p.axis.y, o.z - to * p.axis.z};
      const F nearest = F(0.0f) - dot_of(c, d);
      const Vec<F> n = {c.x + nearest * d.x, c.y + nearest * d.y, c.z + nearest * d.z};
      const F h = radius * radius - dot_of(n, n);
      const F root = sqrt_of(max_of(h, F(0.0f)));
      *first = select(F(0.0f) < h, nearest - root, F(kInfinity));
      *last = select(F(0.0f) < h, nearest + root, F(-kInfinity));
    }
  };

  template <class F>
  PLOT_FN F distance(const ShapeRay<F>& ray, const Packed<F>& p) {
    const F inv_length = sqrt_of(ray.inv_dir2);
    const Interval<F> inside(ray, p, inv_length);
    const F t = select(F(0.0f) < inside.enter, inside.enter, inside.leave) * inv_length;
    return select((inside.enter <= inside.leave) & (F(0.0f) < t), t, F(kInfinity));
  }

  PLOT_FN void locate(const ShapeRay<float>& ray, const Packed<float>& p, Hit* hit) {
    const Vec<float> at = {ray.origin.x + hit->t * ray.dir.x - p.start.x, ray.origin.y + hit->t * ray.dir.y - p.start.y,
                           ray.origin.z + hit->t * ray.dir.z - p.start.z};
    const float end = p.length * (1.0f - p.taper * p.taper);
    hit->u = end > 0.0f ? clamp_f((dot_of(p.axis, at) - p.taper * p.radius) / end, 0.0f, 1.0f) : 0.0f;
  }

  PLOT_FN LocalSurface surface(const GeometryData& g, const Hit& hit, const Ray& ray) {
    const Nodes nodes(g, hit.primitive);
    const uint32_t first = hit.primitive * g.step;
    // Where one ball is inside of the other, the hit is on the larger.
    const float taper = nodes.ra - nodes.rb;
    const bool swallowed = !(dot(nodes.axis, nodes.axis) > taper * taper);
    const float at = swallowed ? (nodes.rb > nodes.ra ? 1.0f : 0.0f) : hit.u;
    const Float3 center = nodes.a + nodes.axis * at;
    const float radius = nodes.ra - at * taper;
    Float3 n = ray.origin + ray.dir * hit.t - center;
    // At the tip of a cone any normal will do.
    const float n2 = dot(n, n);
    n = n2 > 0.0f ? n * (1.0f / sqrt_f(n2)) : normalize(-ray.dir);
    LocalSurface s;
    s.position = center + n * radius;
    s.normal = n;
    s.unit = true;
    s.tangent = nodes.axis;
    s.u = at;
    s.v = 0.0f;
    s.magnitude = largest_magnitude(nodes.a) + largest_magnitude(nodes.axis) + max_f(nodes.ra, nodes.rb);
    const Float3 c0 = vector(g, Channel::Color, first), c1 = vector(g, Channel::Color, first + 1);
    s.color = c0 + (c1 - c0) * at;
    return s;
  }

#ifdef PLOT_TESTING
  // Along the ray, which is turned to the z axis, the solid begins where the first of the balls does: an extremum of a
  // function of the place on the axis. A. Reshetov, D. Hart, "Modeling Hair Strands with Roving Capsules", SIGGRAPH 2024.
  static ReferenceHit reference(const GeometryData& g, uint32_t i, const ReferenceRay& ray) {
    const Nodes n(g, i);
    const double length = sqrt(dot(ray.dir, ray.dir));
    const Double3 z = mul(ray.dir, 1.0 / length);
    const Double3 some = fabs(z.x) < 0.5 ? Double3{1.0, 0.0, 0.0} : Double3{0.0, 1.0, 0.0};
    const Double3 across = cross(z, some);
    const Double3 x = mul(across, 1.0 / sqrt(dot(across, across))), y = cross(z, x);
    const Double3 a = sub(widen(n.a), ray.origin), axis = widen(n.axis);
    const double ax = dot(axis, x), ay = dot(axis, y), az = dot(axis, z), qx = dot(a, x), qy = dot(a, y), qz = dot(a, z);
    const double ra = n.ra, delta = (double)n.rb - ra;
    if (!(n.ra > 0.0f) && !(n.rb > 0.0f)) return reference_miss();
    const double alpha = delta * delta - (ax * ax + ay * ay), f = ax * qx + ay * qy - ra * delta;
    const double gg = qx * qx + qy * qy - ra * ra, e = az * az - alpha;
    double places[4] = {0.0, 1.0, 0.0, 0.0};
    int count = 2;
    const double under = e > 0.0 && alpha != 0.0 ? (f * f + gg * alpha) / e : -1.0;
    if (under >= 0.0) {
      for (int k = 0; k < 2; k++) {
        const double u = (f + (k == 0 ? -1.0 : 1.0) * az * sqrt(under)) / alpha;
        if (u > 0.0 && u < 1.0) places[count++] = u;
      }
    }
    double enter = (double)kInfinity, leave = -(double)kInfinity, enter_at = 0.0, leave_at = 0.0;
    for (int k = 0; k < count; k++) {
      const double u = places[k], radicand = (alpha * u - 2.0 * f) * u - gg;
      if (radicand < 0.0) continue;
      const double middle = qz + az * u, root = sqrt(radicand);
      if (middle - root < enter) {
        enter = middle - root;
        enter_at = u;
      }
      if (middle + root > leave) {
        leave = middle + root;
        leave_at = u;
      }
    }
    if (!(enter <= leave)) return reference_miss();
    const double t = enter > 0.0 ? enter : leave, u = enter > 0.0 ? enter_at : leave_at;
    return t > 0.0 ? ReferenceHit{t / length, 0, u, 0.0} : reference_miss();
  }
#endif
};

}  // namespace PLOT_VARIANT
