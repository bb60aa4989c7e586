// All cameras behind one set of functions, which camera/view.h describes.
#pragma once

#include "ortho.h"
#include "panoramic.h"
#include "pinhole.h"
#include "thin_lens.h"

// The camera types, one for each CameraKind.
#define PLOT_CAMERAS(X) \
  X(PinholeCamera)      \
  X(ThinLensCamera)     \
  X(OrthoCamera)        \
  X(PanoramicCamera)

// Those of plain scenes: see kernels/optix/path_plain.cu.
#ifdef PLOT_PLAIN
#define PLOT_TRACED_CAMERAS(X) X(PinholeCamera) X(ThinLensCamera) X(OrthoCamera)
#else
#define PLOT_TRACED_CAMERAS PLOT_CAMERAS
#endif

namespace PLOT_VARIANT {

#define PLOT_COUNT(T) +1
static_assert(PLOT_CAMERAS(PLOT_COUNT) == kCameraKindCount, "a kind of src/scene/camera.rs is missing in PLOT_CAMERAS");
#undef PLOT_COUNT

// Calls `visit` with an object of the camera's type.
template <class Visit>
PLOT_FN auto with_camera(const CameraData& camera, const Visit& visit) {
#define PLOT_CASE(Camera) \
  case Camera::kKind:     \
    return visit(Camera{});
  switch ((CameraKind)camera.kind) { PLOT_TRACED_CAMERAS(PLOT_CASE) }
#undef PLOT_CASE
  PLOT_UNREACHABLE();
}

// The ray through pixel (px, py), row 0 at the top, at the offset `in_pixel` within it. The pixel filter is a box.
PLOT_FN Ray camera_ray(const SceneData& scene, uint32_t px, uint32_t py, Sample2 in_pixel, uint32_t seed,
                       uint32_t reversed_index) {
  const CameraData& c = scene.camera;
  const float x = ((float)(int32_t)px + in_pixel.x) * (2.0f / (float)(int32_t)scene.width) - 1.0f;
  const float y = 1.0f - ((float)(int32_t)py + in_pixel.y) * (2.0f / (float)(int32_t)scene.height);
  return with_camera(c, [&](auto type) PLOT_INLINE { return type.ray(c, x, y, LensSample{seed, reversed_index}); });
}
PLOT_FN float camera_depth(const CameraData& c, Float3 point) {
  return with_camera(c, [&](auto type) PLOT_INLINE { return type.depth(c, point); });
}
PLOT_FN Float3 point_in_view(const CameraData& c, float x, float y, float depth) {
  return with_camera(c, [&](auto type) PLOT_INLINE { return type.point_in_view(c, x, y, depth); });
}
PLOT_FN Projection project(const CameraData& c, Float3 point) {
  return with_camera(c, [&](auto type) PLOT_INLINE { return type.project(c, point); });
}

}  // namespace PLOT_VARIANT
