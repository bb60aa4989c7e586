// From a Hit to what shading needs: point, normal, colour, material, and where the next ray starts.
#pragma once

#include "hit.h"

namespace PLOT_VARIANT {

struct Surface {
  Float3 position;  // world
  Float3 normal;    // world, unit, on the side that the ray came from: surfaces have two equal sides
  Float3 color;     // of the primitive times that of the material
  uint32_t material;
};

// A ray that leaves a surface starts at the hit point moved along the normal, to the side that it leaves to, by
// scene_epsilon, or by the rounding error of the point's coordinates where that is larger. Rays that start there
// need no smallest distance, and none can pass through a wall next to which they start.
PLOT_FN Float3 leave_surface(Float3 position, Float3 normal, float scene_epsilon) {
  const float magnitude = max_f(fabsf(position.x), max_f(fabsf(position.y), fabsf(position.z)));
  return position + normal * max_f(scene_epsilon, magnitude * 1e-6f);
}

// The point is computed from the primitive, not from the ray, so that its error does not grow with the distance.
PLOT_FN Surface make_surface(const SceneData& scene, const Ray& ray, const Hit& hit) {
  const InstanceData& instance = scene.instances[hit.instance];
  const GeometryData& g = scene.geometries[instance.geometry];
  const uint32_t i = hit.primitive;
  const bool placed = !instance.identity;
  const Float3 pos = attribute3(g.pos, i);
  Float3 p, n;
  if (g.shape == kSphere) {
    const Float3 o = placed ? transform_point(instance.object_from_world, ray.origin) : ray.origin;
    const Float3 d = placed ? transform_vector(instance.object_from_world, ray.dir) : ray.dir;
    n = o + d * hit.t - pos;
    // Of a sphere so small that rounding hits its centre, any normal is as good.
    const float n2 = dot(n, n);
    n = n2 > 0.0f ? n * (1.0f / sqrt_f(n2)) : normalize(-d);
    p = pos + n * attribute1(g.r, i);
  } else {
    const Float3 u = attribute3(g.u, i), v = attribute3(g.v, i);
    if (g.shape == kParallelogram) {
      p = pos + u * hit.u + v * hit.v;
      n = cross(u, v);
    } else {
      const Float3 w = attribute3(g.w, i);
      const uint32_t axis = hit.face >> 1;
      const Float3 a = axis == 0 ? v : (axis == 1 ? w : u);
      const Float3 b = axis == 0 ? w : (axis == 1 ? u : v);
      const Float3 c = axis == 0 ? u : (axis == 1 ? v : w);
      p = pos + a * hit.u + b * hit.v;
      if (hit.face & 1) p = p + c;
      n = cross(a, b);
    }
  }
  if (placed) {
    p = transform_point(instance.world_from_object, p);
    n = transform_normal(instance.object_from_world, n);
  }
  if (placed || g.shape != kSphere) {
    // Scaled first: the square of a cross product of short edges would underflow. A face without an area has no
    // normal; facing the ray is as good as any.
    const float scale = max_f(fabsf(n.x), max_f(fabsf(n.y), fabsf(n.z)));
    n = scale > 1e-37f ? normalize(n * (1.0f / scale)) : -ray.dir;
  }
  if (dot(n, ray.dir) > 0.0f) n = -n;
  return {p, n, attribute3(g.color, i) * scene.materials[instance.material].color, instance.material};
}

}  // namespace PLOT_VARIANT
