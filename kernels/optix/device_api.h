// The calls of OptiX's device side that the kernels use. In PTX they are functions without a body, which OptiX fills in
// when it compiles a module; names and operands are those of ABI 87 (OptiX 8.0).
#pragma once

#include "../core/hit.h"

namespace PLOT_VARIANT {

// clang-format off
#define PLOT_OPTIX_READ(name, type, constraint, call)                    \
  PLOT_FN type name() {                                                  \
    type value;                                                          \
    asm("call (%0), " call ", ();" : "=" constraint(value));             \
    return value;                                                        \
  }
PLOT_OPTIX_READ(launch_x, uint32_t, "r", "_optix_get_launch_index_x")
PLOT_OPTIX_READ(launch_y, uint32_t, "r", "_optix_get_launch_index_y")
PLOT_OPTIX_READ(ray_tmax, float, "f", "_optix_get_ray_tmax")
PLOT_OPTIX_READ(world_origin_x, float, "f", "_optix_get_world_ray_origin_x")
PLOT_OPTIX_READ(world_origin_y, float, "f", "_optix_get_world_ray_origin_y")
PLOT_OPTIX_READ(world_origin_z, float, "f", "_optix_get_world_ray_origin_z")
PLOT_OPTIX_READ(world_dir_x, float, "f", "_optix_get_world_ray_direction_x")
PLOT_OPTIX_READ(world_dir_y, float, "f", "_optix_get_world_ray_direction_y")
PLOT_OPTIX_READ(world_dir_z, float, "f", "_optix_get_world_ray_direction_z")
PLOT_OPTIX_READ(object_origin_x, float, "f", "_optix_get_object_ray_origin_x")
PLOT_OPTIX_READ(object_origin_y, float, "f", "_optix_get_object_ray_origin_y")
PLOT_OPTIX_READ(object_origin_z, float, "f", "_optix_get_object_ray_origin_z")
PLOT_OPTIX_READ(object_dir_x, float, "f", "_optix_get_object_ray_direction_x")
PLOT_OPTIX_READ(object_dir_y, float, "f", "_optix_get_object_ray_direction_y")
PLOT_OPTIX_READ(object_dir_z, float, "f", "_optix_get_object_ray_direction_z")
PLOT_OPTIX_READ(primitive_index, uint32_t, "r", "_optix_read_primitive_idx")
PLOT_OPTIX_READ(instance_index, uint32_t, "r", "_optix_read_instance_idx")
PLOT_OPTIX_READ(record_data, uint64_t, "l", "_optix_get_sbt_data_ptr_64")
#undef PLOT_OPTIX_READ
// clang-format on

PLOT_FN Ray world_ray() {
  return {{world_origin_x(), world_origin_y(), world_origin_z()}, {world_dir_x(), world_dir_y(), world_dir_z()}};
}
// The ray in the coordinates of the plot whose intersection program runs.
PLOT_FN Ray object_ray() {
  return {{object_origin_x(), object_origin_y(), object_origin_z()}, {object_dir_x(), object_dir_y(), object_dir_z()}};
}

PLOT_FN uint32_t get_payload(uint32_t index) {
  uint32_t value;
  asm volatile("call (%0), _optix_get_payload, (%1);" : "=r"(value) : "r"(index));
  return value;
}
PLOT_FN void set_payload(uint32_t index, uint32_t value) {
  asm volatile("call _optix_set_payload, (%0, %1);" : : "r"(index), "r"(value));
}

// Reports a hit without attributes to the traversal.
PLOT_FN void report_intersection(float t) {
  asm volatile(
      "{\n"
      ".reg .b32 accepted;\n"
      "call (accepted), _optix_report_intersection_0, (%0, %1);\n"
      "}"
      :
      : "f"(t), "r"(0));
}

// Bits of a ray's flags.
constexpr uint32_t kDisableAnyHit = 1, kTerminateOnFirstHit = 4, kDisableClosestHit = 8;

// The payload, written by intersection programs. With it a hit needs no attributes and no closest-hit program.
struct Payload {
  uint32_t t;  // as bits
  uint32_t instance, primitive;
};
constexpr uint32_t kPayloadValues = 3;

// Operands: payload type, traversable, origin, direction, smallest and largest distance, time, visibility mask, flags,
// offset, stride and miss index of the binding table, number of payload values, and 32 payload values.
#define PLOT_OPTIX_TRACE(call)                                                                                         \
  asm volatile(                                                                                                        \
      "{\n"                                                                                                            \
      ".reg .b32 none<32>;\n"                                                                                          \
      "call (%0, %1, %2, none3, none4, none5, none6, none7, none8, none9, none10, none11, none12, none13, none14, "    \
      "none15, none16, none17, none18, none19, none20, none21, none22, none23, none24, none25, none26, none27, "       \
      "none28, none29, none30, none31), " call ", "                                                                    \
      "(%3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %11, %13, %14, %3, %3, %3, %15, %16, %17, %18, "                    \
      "%3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, %3, "   \
      "%3, %3);\n"                                                                                                     \
      "}"                                                                                                              \
      : "=r"(payload.t), "=r"(payload.instance), "=r"(payload.primitive)                                               \
      : "r"(0), "l"(handle), "f"(ray.origin.x), "f"(ray.origin.y), "f"(ray.origin.z), "f"(ray.dir.x), "f"(ray.dir.y),  \
        "f"(ray.dir.z), "f"(0.0f), "f"(tmax), "r"(255), "r"(flags), "r"(kPayloadValues), "r"(payload.t),               \
        "r"(payload.instance), "r"(payload.primitive))

// Traverses between 0 and tmax, and calls no program but intersection programs.
PLOT_FN void traverse(uint64_t handle, const Ray& ray, float tmax, uint32_t flags, Payload& payload) {
  PLOT_OPTIX_TRACE("_optix_hitobject_traverse");
}

// The same, followed by the closest-hit or the miss program.
PLOT_FN void trace(uint64_t handle, const Ray& ray, float tmax, uint32_t flags, Payload& payload) {
  PLOT_OPTIX_TRACE("_optix_trace_typed_32");
}
#undef PLOT_OPTIX_TRACE

}  // namespace PLOT_VARIANT
