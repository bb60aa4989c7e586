// Adding samples to the film.
#pragma once

#include "../camera/camera.h"
#include "../core/math.h"
#include "planes.h"

namespace PLOT_VARIANT {

// The result of one path.
struct PathSample {
  Float3 radiance;
  // Auxiliary values of the first hit; all 0 when the camera ray leaves the scene.
  Float3 albedo;
  Float3 normal;   // camera space: x right, y up, z towards the viewer
  float depth;     // as the camera measures it: distance along its axis
  float coverage;  // 1 for a hit
};

// Sets the auxiliary values, except the albedo, of a first hit at distance t with the world-space normal n.
PLOT_FN void set_guides(PathSample& s, const CameraData& camera, const Ray& ray, float t, Float3 n) {
  s.normal = {dot(n, camera.right), dot(n, camera.up), -dot(n, camera.forward)};
  s.depth = camera_depth(camera, ray.origin + ray.dir * t);
  s.coverage = 1.0f;
}

// Adds four numbers to the sums of a pixel, if the film has the plane.
PLOT_FN void add_sums(const FilmData& film, Plane plane, uint64_t pixel, Float3 xyz, float w) {
  float* sums = plane_of(film, plane);
  if (!sums) return;
  float* at = sums + kPlaneFloats * pixel;
  at[0] += xyz.x;
  at[1] += xyz.y;
  at[2] += xyz.z;
  at[3] += w;
}

// A sample that is not finite (overflow by extreme lights or colours) counts as black: it must not invalidate its pixel
// permanently. Checked here only.
PLOT_FN void accumulate_radiance(const FilmData& film, uint64_t pixel, const PathSample& s) {
  const bool good = is_finite(s.radiance.x) && is_finite(s.radiance.y) && is_finite(s.radiance.z);
  const Float3 c = good ? s.radiance : splat(0.0f);
  const float l = luminance(c);
  const float l2 = l * l;
  add_sums(film, Plane::Radiance, pixel, c, is_finite(l2) ? l2 : 0.0f);
}

PLOT_FN void accumulate_guides(const FilmData& film, uint64_t pixel, const PathSample& s) {
  if (s.coverage == 0.0f) return;
  add_sums(film, Plane::Albedo, pixel, s.albedo, s.coverage);
  add_sums(film, Plane::Normal, pixel, s.normal, s.depth);
}

PLOT_FN void accumulate(const FilmData& film, uint64_t pixel, const PathSample& s) {
  accumulate_radiance(film, pixel, s);
  accumulate_guides(film, pixel, s);
}

}  // namespace PLOT_VARIANT
