// A minimal OptiX program: one ray through the middle of each pixel, and the normal of the sphere that it hits.
// Benchmarks compare the path loop's camera rays with it. A launch is as wide and as high as the image; only spheres
// are supported, and the normals are written to the plane of the radiance.
// nvrtc: --use_fast_math

#include "../camera/camera.h"
#include "../film/planes.h"
#include "device_api.h"

extern "C" {
__constant__ LaunchParams params;
}

namespace PLOT_VARIANT {

PLOT_FN float4 sphere() {
  return ((const float4*)((const HitGroupData*)record_data())->primitives)[primitive_index()];
}

extern "C" __global__ void __raygen__bare() {
  const uint32_t x = launch_x(), y = launch_y();
  const Ray ray = camera_ray(params.scene, x, y, {0.5f, 0.5f}, 0, 0);
  Payload normal = {0, 0, 0};
  trace((uint64_t)params.scene.accel, ray, 3.4e38f, kDisableAnyHit, normal);
  ((uint4*)plane_of(params.film, Plane::Radiance))[(uint64_t)y * params.scene.width + x] = {normal.t, normal.instance, normal.primitive, 0};
}

extern "C" __global__ void __miss__none() {}

extern "C" __global__ void __closesthit__sphere() {
  const float4 s = sphere();
  const Ray ray = world_ray();
  const Float3 n = (ray.origin + ray.dir * ray_tmax() - Float3{s.x, s.y, s.z}) * (1.0f / s.w);
  set_payload(0, float_bits(n.x));
  set_payload(1, float_bits(n.y));
  set_payload(2, float_bits(n.z));
}

extern "C" __global__ void __intersection__Sphere() {
  const float4 s = sphere();
  const Ray ray = object_ray();
  const Float3 f = ray.origin - Float3{s.x, s.y, s.z};
  const float b = dot(f, ray.dir), discriminant = b * b - dot(f, f) + s.w * s.w;
  if (discriminant >= 0.0f) report_intersection(-b - sqrtf(discriminant));
}

}  // namespace PLOT_VARIANT
