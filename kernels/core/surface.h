// Converts a Hit to the data for shading: point, normals, colour, material, and the origin of the next ray.
#pragma once

#include "../shape/shapes.h"
#include "hit.h"

namespace PLOT_VARIANT {

struct Surface {
  Float3 position;          // world
  Float3 geometric_normal;  // world, unit, on the side that the ray came from: surfaces are two-sided
  Float3 normal;            // the same for shading
  Float3 tangent;           // world, along growing u, of any length
  float u, v;               // texture coordinates
  float error;              // bound on the distance of `position` from the surface as rays hit it, scene units
  Float3 color;             // of the primitive
  uint32_t material;
  bool front;  // the ray came from the side that the shape's own normal points to
};

// A ray that leaves a surface, or passes through it, starts at the hit point moved along the normal, to the side that it
// leaves to, by the error bound of the point, or by scene_epsilon where that is larger. Rays that start there need no
// minimum distance, and none can pass through a wall next to which they start. The bound follows from the numbers that
// the point was computed from, so that an image does not depend on the unit of length. M. Pharr, W. Jakob, G. Humphreys,
// "Physically Based Rendering", 4th edition, section 6.8.
PLOT_FN Float3 leave_surface(const Surface& s, float scene_epsilon) {
  return s.position + s.geometric_normal * max_f(scene_epsilon, s.error);
}
PLOT_FN Float3 pass_surface(const Surface& s, float scene_epsilon) {
  return s.position - s.geometric_normal * max_f(scene_epsilon, s.error);
}

// Units in the last place (2^-24 each, relative to the largest number involved) by which a point may be off its
// surface, and by which the test of the next ray against that surface may err: about 12 for a face, whose corner, edges
// and rows are all rounded, 8 for a sphere.
constexpr float kHitError = 17.0f * 5.9604644775390625e-8f;

// Bound on the rounding of a transformed point whose coordinates are at most `magnitude` (ibid., equation 6.33).
PLOT_FN float transformed_magnitude(const float* m, float magnitude) {
  const float x = (fabsf(m[0]) + fabsf(m[1]) + fabsf(m[2])) * magnitude + fabsf(m[3]);
  const float y = (fabsf(m[4]) + fabsf(m[5]) + fabsf(m[6])) * magnitude + fabsf(m[7]);
  const float z = (fabsf(m[8]) + fabsf(m[9]) + fabsf(m[10])) * magnitude + fabsf(m[11]);
  return max_f(x, max_f(y, z));
}

// The point is computed from the primitive, not from the ray, so that its error does not grow with the distance.
PLOT_FN Surface make_surface(const SceneData& scene, const Ray& ray, const Hit& hit) {
  const InstanceData& instance = scene.instances[hit.instance];
  const GeometryData& g = scene.geometries[instance.geometry];
  const bool placed = !instance.identity;
  const LocalSurface local = with_shape_of(g, [&](auto shape) PLOT_INLINE {
    return decltype(shape)::surface(g, hit, placed ? in_object(instance, ray) : ray);
  });
  Float3 p = local.position, n = local.normal, tangent = local.tangent;
  float magnitude = local.magnitude;
  if (placed) {
    p = transform_point(instance.world_from_object, p);
    magnitude = transformed_magnitude(instance.world_from_object, magnitude);
    n = transform_normal(instance.object_from_world, n);
    tangent = transform_vector(instance.world_from_object, tangent);
  }
  if (placed || !local.unit) {
    // Scaled first: the square of a cross product of short edges would underflow. A face without an area has no normal,
    // so the direction towards the ray's origin is taken.
    const float scale = max_f(fabsf(n.x), max_f(fabsf(n.y), fabsf(n.z)));
    n = scale > 1e-37f ? normalize(n * (1.0f / scale)) : -ray.dir;
  }
  const bool front = !(dot(n, ray.dir) > 0.0f);
  if (!front) n = -n;
  return {p, n, n, tangent, local.u, local.v, magnitude * kHitError, local.color, instance.material, front};
}

}  // namespace PLOT_VARIANT
