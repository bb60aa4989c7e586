// Single answers of the kernels for the host: what would otherwise be written again in Rust.
#pragma once

#include "../camera/camera.h"
#include "../film/noise.h"
#include "../light/light.h"

namespace PLOT_VARIANT {

// The ray through a point of the image, in widths from the left and heights from the top.
static void query_camera_ray(const CameraData* camera, float x, float y, Ray* ray) {
  SceneData scene = {};
  scene.camera = *camera;
  scene.width = scene.height = 1;
  *ray = camera_ray(scene, 0, 0, {x, y}, 0, 0);
}

// The distance at which a ray meets a light, or infinity.
static float query_light_distance(const LightData* light, const Ray* ray) { return intersect_light(*light, *ray); }

// Standard errors of the luminance of `count` pixels after at least two passes; `radiance` holds 4 sums each (see Plane).
static void query_noise(const float* radiance, float* noise, uint32_t count, uint32_t passes) {
  for (uint32_t i = 0; i < count; ++i) {
    const float* sums = radiance + kPlaneFloats * i;
    noise[i] = sqrt_f(variance_of_mean(luminance(load3(sums)), sums[3], (float)passes));
  }
}

static constexpr QueryTable kQueryTable = {query_camera_ray, query_light_distance, query_noise};

}  // namespace PLOT_VARIANT
