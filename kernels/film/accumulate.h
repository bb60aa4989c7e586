// Adding samples to the film.
#pragma once

#include "../core/hit.h"
#include "../core/math.h"

namespace PLOT_VARIANT {

// What one path brings home.
struct PathSample {
  Float3 radiance;
  // Guides: of the first hit; all 0 when the camera ray leaves the scene.
  Float3 albedo;
  Float3 normal;   // camera space: x right, y up, z towards the viewer
  float depth;     // along the camera's axis
  float coverage;  // 1 for a hit
};

// Sets what the guides say of a first hit at distance t with the world-space normal n, but for the albedo.
PLOT_FN void set_guides(PathSample& s, const CameraData& camera, const Ray& ray, float t, Float3 n) {
  s.normal = {dot(n, camera.right), dot(n, camera.up), -dot(n, camera.forward)};
  s.depth = dot(ray.origin + ray.dir * t - camera.eye, camera.forward);
  s.coverage = 1.0f;
}

// A sample that is not finite (overflow in absurd lights or colours) counts as black: it must not spoil its
// pixel for ever. Here and nowhere else.
PLOT_FN void accumulate(const FilmData& film, uint64_t pixel, const PathSample& s) {
  const bool good = is_finite(s.radiance.x) && is_finite(s.radiance.y) && is_finite(s.radiance.z);
  const Float3 c = good ? s.radiance : splat(0.0f);
  const float l = luminance(c);
  const float l2 = l * l;
  float* radiance = film.radiance + 4 * pixel;
  radiance[0] += c.x;
  radiance[1] += c.y;
  radiance[2] += c.z;
  radiance[3] += is_finite(l2) ? l2 : 0.0f;
  if (s.coverage == 0.0f) return;
  float* albedo = film.albedo + 4 * pixel;
  albedo[0] += s.albedo.x;
  albedo[1] += s.albedo.y;
  albedo[2] += s.albedo.z;
  albedo[3] += s.coverage;
  float* normal = film.normal + 4 * pixel;
  normal[0] += s.normal.x;
  normal[1] += s.normal.y;
  normal[2] += s.normal.z;
  normal[3] += s.depth;
}

}  // namespace PLOT_VARIANT
