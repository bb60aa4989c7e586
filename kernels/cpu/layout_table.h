// The layout of the structs shared with Rust as this compiler sees it, for the test that compares it with Rust's.
#pragma once

#include "bvh_table.h"
#include "develop.h"
#include "table.h"
#include "../core/hit.h"
#include "../optix/params.h"

namespace PLOT_VARIANT {

#define PLOT_OFFSETS(type, ...) \
  static constexpr uint32_t kOffsetsOf##type[] = {__VA_ARGS__}
#define PLOT_STRUCT(type)                                                                        \
  {#type, (uint32_t)sizeof(type), (uint32_t)alignof(type), kOffsetsOf##type,                     \
   (uint32_t)(sizeof kOffsetsOf##type / sizeof kOffsetsOf##type[0])}
#define PLOT_AT(type, field) (uint32_t) offsetof(type, field)

PLOT_OFFSETS(Float3, PLOT_AT(Float3, x), PLOT_AT(Float3, y), PLOT_AT(Float3, z));
PLOT_OFFSETS(Attribute, PLOT_AT(Attribute, data), PLOT_AT(Attribute, stride), PLOT_AT(Attribute, pad));
PLOT_OFFSETS(GeometryData, PLOT_AT(GeometryData, pos), PLOT_AT(GeometryData, r), PLOT_AT(GeometryData, u),
             PLOT_AT(GeometryData, v), PLOT_AT(GeometryData, w), PLOT_AT(GeometryData, color),
             PLOT_AT(GeometryData, shape), PLOT_AT(GeometryData, count), PLOT_AT(GeometryData, accel));
PLOT_OFFSETS(InstanceData, PLOT_AT(InstanceData, world_from_object), PLOT_AT(InstanceData, object_from_world),
             PLOT_AT(InstanceData, geometry), PLOT_AT(InstanceData, material), PLOT_AT(InstanceData, identity),
             PLOT_AT(InstanceData, pad));
PLOT_OFFSETS(CameraData, PLOT_AT(CameraData, eye), PLOT_AT(CameraData, right), PLOT_AT(CameraData, up),
             PLOT_AT(CameraData, forward), PLOT_AT(CameraData, half_width), PLOT_AT(CameraData, half_height),
             PLOT_AT(CameraData, aperture_radius), PLOT_AT(CameraData, focus_distance), PLOT_AT(CameraData, kind));
PLOT_OFFSETS(LightData, PLOT_AT(LightData, pos), PLOT_AT(LightData, u), PLOT_AT(LightData, v),
             PLOT_AT(LightData, normal), PLOT_AT(LightData, radiance), PLOT_AT(LightData, radius),
             PLOT_AT(LightData, area), PLOT_AT(LightData, kind), PLOT_AT(LightData, in_geometry));
PLOT_OFFSETS(MaterialData, PLOT_AT(MaterialData, color), PLOT_AT(MaterialData, roughness),
             PLOT_AT(MaterialData, kind));
PLOT_OFFSETS(SceneData, PLOT_AT(SceneData, geometries), PLOT_AT(SceneData, instances), PLOT_AT(SceneData, lights),
             PLOT_AT(SceneData, materials), PLOT_AT(SceneData, accel), PLOT_AT(SceneData, geometry_count),
             PLOT_AT(SceneData, instance_count), PLOT_AT(SceneData, light_count), PLOT_AT(SceneData, material_count),
             PLOT_AT(SceneData, camera), PLOT_AT(SceneData, ambient), PLOT_AT(SceneData, background),
             PLOT_AT(SceneData, scene_epsilon), PLOT_AT(SceneData, path_seg_min), PLOT_AT(SceneData, path_seg_max),
             PLOT_AT(SceneData, light_shading), PLOT_AT(SceneData, width), PLOT_AT(SceneData, height),
             PLOT_AT(SceneData, seed));
PLOT_OFFSETS(FilmData, PLOT_AT(FilmData, plane));
PLOT_OFFSETS(Tile, PLOT_AT(Tile, x0), PLOT_AT(Tile, y0), PLOT_AT(Tile, x1), PLOT_AT(Tile, y1));
PLOT_OFFSETS(TraceJob, PLOT_AT(TraceJob, scene), PLOT_AT(TraceJob, film), PLOT_AT(TraceJob, tile),
             PLOT_AT(TraceJob, first_sample), PLOT_AT(TraceJob, sample_count), PLOT_AT(TraceJob, cancel),
             PLOT_AT(TraceJob, rays));

PLOT_OFFSETS(BvhNode, PLOT_AT(BvhNode, bounds), PLOT_AT(BvhNode, child), PLOT_AT(BvhNode, parent),
             PLOT_AT(BvhNode, pad));
PLOT_OFFSETS(Bvh, PLOT_AT(Bvh, nodes), PLOT_AT(Bvh, leaves), PLOT_AT(Bvh, root), PLOT_AT(Bvh, large));
PLOT_OFFSETS(TopBvh, PLOT_AT(TopBvh, nodes), PLOT_AT(TopBvh, root), PLOT_AT(TopBvh, pad));
PLOT_OFFSETS(Ray, PLOT_AT(Ray, origin), PLOT_AT(Ray, dir));
PLOT_OFFSETS(Hit, PLOT_AT(Hit, t), PLOT_AT(Hit, instance), PLOT_AT(Hit, primitive), PLOT_AT(Hit, face),
             PLOT_AT(Hit, u), PLOT_AT(Hit, v));
PLOT_OFFSETS(DenoiseJob, PLOT_AT(DenoiseJob, film), PLOT_AT(DenoiseJob, linear), PLOT_AT(DenoiseJob, width), PLOT_AT(DenoiseJob, height),
             PLOT_AT(DenoiseJob, passes), PLOT_AT(DenoiseJob, blend), PLOT_AT(DenoiseJob, cancel));

PLOT_OFFSETS(LaunchParams, PLOT_AT(LaunchParams, scene), PLOT_AT(LaunchParams, film), PLOT_AT(LaunchParams, tile),
             PLOT_AT(LaunchParams, first_sample), PLOT_AT(LaunchParams, sample_count), PLOT_AT(LaunchParams, next),
             PLOT_AT(LaunchParams, slots));
PLOT_OFFSETS(IntersectParams, PLOT_AT(IntersectParams, scene), PLOT_AT(IntersectParams, rays),
             PLOT_AT(IntersectParams, hits), PLOT_AT(IntersectParams, any), PLOT_AT(IntersectParams, pad));
PLOT_OFFSETS(HitGroupData, PLOT_AT(HitGroupData, primitives));
PLOT_OFFSETS(PrepareJob, PLOT_AT(PrepareJob, geometry), PLOT_AT(PrepareJob, primitives), PLOT_AT(PrepareJob, bounds));
PLOT_OFFSETS(DevelopJob, PLOT_AT(DevelopJob, film), PLOT_AT(DevelopJob, aside), PLOT_AT(DevelopJob, linear),
             PLOT_AT(DevelopJob, rgba), PLOT_AT(DevelopJob, scratch), PLOT_AT(DevelopJob, noise),
             PLOT_AT(DevelopJob, width), PLOT_AT(DevelopJob, height), PLOT_AT(DevelopJob, passes),
             PLOT_AT(DevelopJob, tonemapped), PLOT_AT(DevelopJob, exposure), PLOT_AT(DevelopJob, inverse_gamma),
             PLOT_AT(DevelopJob, blend), PLOT_AT(DevelopJob, pad));
PLOT_OFFSETS(FlowJob, PLOT_AT(FlowJob, now), PLOT_AT(FlowJob, before), PLOT_AT(FlowJob, flow), PLOT_AT(FlowJob, trust),
             PLOT_AT(FlowJob, still), PLOT_AT(FlowJob, pad));
PLOT_OFFSETS(DevelopTable, PLOT_AT(DevelopTable, mean), PLOT_AT(DevelopTable, display), PLOT_AT(DevelopTable, tonemap),
             PLOT_AT(DevelopTable, clamp), PLOT_AT(DevelopTable, denoise_scratch), PLOT_AT(DevelopTable, denoise_rows));
PLOT_OFFSETS(BvhTable, PLOT_AT(BvhTable, node_size), PLOT_AT(BvhTable, sphere_leaf), PLOT_AT(BvhTable, frame_leaf),
             PLOT_AT(BvhTable, level_stack), PLOT_AT(BvhTable, bounds), PLOT_AT(BvhTable, refit),
             PLOT_AT(BvhTable, fill_leaf), PLOT_AT(BvhTable, closest), PLOT_AT(BvhTable, occluded),
             PLOT_AT(BvhTable, closest_reference), PLOT_AT(BvhTable, closest_runs));

PLOT_OFFSETS(StructLayout, PLOT_AT(StructLayout, name), PLOT_AT(StructLayout, size), PLOT_AT(StructLayout, alignment),
             PLOT_AT(StructLayout, offsets), PLOT_AT(StructLayout, offset_count));
PLOT_OFFSETS(LayoutTable, PLOT_AT(LayoutTable, structs), PLOT_AT(LayoutTable, count));
PLOT_OFFSETS(Probe, PLOT_AT(Probe, name), PLOT_AT(Probe, inputs), PLOT_AT(Probe, outputs), PLOT_AT(Probe, run));
PLOT_OFFSETS(ProbeTable, PLOT_AT(ProbeTable, probes), PLOT_AT(ProbeTable, count));
PLOT_OFFSETS(KernelTable, PLOT_AT(KernelTable, variant), PLOT_AT(KernelTable, layout), PLOT_AT(KernelTable, probes),
             PLOT_AT(KernelTable, develop), PLOT_AT(KernelTable, trace_tile), PLOT_AT(KernelTable, trace_for_tests),
             PLOT_AT(KernelTable, bvh));

static constexpr StructLayout kStructLayouts[] = {
    PLOT_STRUCT(Float3),     PLOT_STRUCT(Attribute),    PLOT_STRUCT(GeometryData), PLOT_STRUCT(InstanceData),
    PLOT_STRUCT(CameraData), PLOT_STRUCT(LightData),    PLOT_STRUCT(MaterialData), PLOT_STRUCT(SceneData),
    PLOT_STRUCT(FilmData),   PLOT_STRUCT(Tile),         PLOT_STRUCT(TraceJob),     PLOT_STRUCT(BvhNode),
    PLOT_STRUCT(Bvh),        PLOT_STRUCT(TopBvh),       PLOT_STRUCT(Ray),          PLOT_STRUCT(Hit),
    PLOT_STRUCT(DenoiseJob), PLOT_STRUCT(DevelopTable), PLOT_STRUCT(BvhTable),     PLOT_STRUCT(LaunchParams),
    PLOT_STRUCT(IntersectParams), PLOT_STRUCT(HitGroupData), PLOT_STRUCT(PrepareJob), PLOT_STRUCT(DevelopJob),
    PLOT_STRUCT(StructLayout), PLOT_STRUCT(LayoutTable), PLOT_STRUCT(Probe),       PLOT_STRUCT(ProbeTable),
    PLOT_STRUCT(KernelTable), PLOT_STRUCT(FlowJob),
};
static constexpr LayoutTable kLayoutTable = {kStructLayouts, sizeof kStructLayouts / sizeof kStructLayouts[0]};

#undef PLOT_OFFSETS
#undef PLOT_STRUCT
#undef PLOT_AT

}  // namespace PLOT_VARIANT
