// The OptiX module: ray generation, which is the shared path loop, and one intersection program a shape.

#include "../camera/camera.h"
#include "../path.h"
#include "tracer.h"

extern "C" {
__constant__ LaunchParams params;
}

namespace PLOT_VARIANT {

PLOT_FN const void* primitives() { return ((const HitGroupData*)record_data())->primitives; }

PLOT_FN void trace_pixel(uint32_t x, uint32_t y) {
  const SceneData& scene = params.scene;
  const OptixTracer tracer = {&scene};
  const uint32_t seed = pixel_seed(scene.seed, x, y);
  for (uint32_t k = 0; k < params.sample_count; ++k) {
    const uint32_t index = reverse_bits(params.first_sample + k);
    const Ray ray = camera_ray(scene, x, y, sample_2d(seed, kDecidePixel, index), seed, index);
    const LightHit light = nearest_light(scene, ray);
    const Hit hit = tracer.closest(ray, light.t);
    // Sample by sample: sums don't depend on how passes are cut into launches.
    accumulate(params.film, (uint64_t)y * scene.width + x, follow_path(scene, tracer, ray, hit, light, seed, index));
  }
}

}  // namespace PLOT_VARIANT

using namespace PLOT_VARIANT;

extern "C" __global__ void __raygen__path() { trace_pixel(params.tile.x0 + launch_x(), params.tile.y0 + launch_y()); }

// A binding table needs a miss program; no call reaches it.
extern "C" __global__ void __miss__none() {}

extern "C" __global__ void __intersection__sphere() {
  const uint32_t i = primitive_index();
  const float4 sphere = ((const float4*)primitives())[i];
  const Ray ray = object_ray();
  propose_hit(sphere_distance(ShapeRay<float>(ray.origin, ray.dir), {sphere.x, sphere.y, sphere.z}, sphere.w), i);
}

extern "C" __global__ void __intersection__parallelogram() {
  const uint32_t i = primitive_index();
  const Ray ray = object_ray();
  propose_hit(parallelogram_distance(ShapeRay<float>(ray.origin, ray.dir), load_frame(primitives(), i)), i);
}

extern "C" __global__ void __intersection__parallelepiped() {
  const uint32_t i = primitive_index();
  const Ray ray = object_ray();
  propose_hit(parallelepiped_distance(ShapeRay<float>(ray.origin, ray.dir), load_frame(primitives(), i)), i);
}
