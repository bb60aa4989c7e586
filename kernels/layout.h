// Structs that cross between Rust (src/device/layout.rs) and the kernels. A test compares size, alignment and
// every offset as both sides see them. Plain data only: fixed-width integers, floats, pointers; pads are named.
#pragma once

#include "compat.h"

struct Float3 {
  float x, y, z;
};

enum ShapeKind : uint32_t { kSphere = 0, kParallelogram = 1, kParallelepiped = 2 };
enum CameraKind : uint32_t { kPinhole = 0, kThinLens = 1, kOrtho = 2 };
enum LightKind : uint32_t { kLightParallelogram = 0, kLightSpherical = 1 };
enum MaterialKind : uint32_t { kMaterialFlat = 0, kMaterialCosine = 1, kMaterialDiffuse = 2 };

// One array of a plot: element i starts at data[i * stride]; stride 0 means one value for all.
struct Attribute {
  const float* data;
  uint32_t stride;  // in floats
  uint32_t pad;     // keeps the size a multiple of 8 on all targets
};

// A plot in its own coordinates.
struct GeometryData {
  Attribute pos;      // 3 floats: centre of a sphere, corner of the others
  Attribute r;        // 1 float: radius of a sphere
  Attribute u, v, w;  // 3 floats: edges
  Attribute color;    // 3 floats, linear RGB
  uint32_t shape;     // ShapeKind
  uint32_t count;
  const void* accel;  // the device's own acceleration structure of this plot
};

// A plot placed in the world. Matrices are row-major 3x4.
struct InstanceData {
  float world_from_object[12];
  float object_from_world[12];
  uint32_t geometry;
  uint32_t material;
  uint32_t identity;  // 1: both matrices are the identity, rays need no transformation
  uint32_t pad;
};

struct CameraData {
  Float3 eye;
  Float3 right, up, forward;  // orthonormal
  float half_width;   // of the image plane at distance 1 (perspective), in scene units (Ortho)
  float half_height;
  float aperture_radius;
  float focus_distance;  // from the eye along `forward`
  uint32_t kind;         // CameraKind
};

struct LightData {
  Float3 pos;       // centre (spherical), corner (parallelogram)
  Float3 u, v;      // parallelogram only
  Float3 normal;    // unit, parallelogram only: points to the side that emits
  Float3 radiance;  // linear RGB
  float radius;     // spherical only
  float area;
  uint32_t kind;         // LightKind
  uint32_t in_geometry;  // seen by camera rays, and occludes other rays
};

struct MaterialData {
  Float3 color;
  float roughness;
  uint32_t kind;  // MaterialKind
};

// Everything that the path loop reads.
struct SceneData {
  const GeometryData* geometries;
  const InstanceData* instances;
  const LightData* lights;
  const MaterialData* materials;
  const void* accel;  // the device's own acceleration structure over the instances
  uint32_t geometry_count, instance_count, light_count, material_count;
  CameraData camera;
  Float3 ambient;     // radiance of scattered rays that leave the scene
  Float3 background;  // radiance of camera rays that leave the scene
  float scene_epsilon;
  uint32_t path_seg_min, path_seg_max;
  uint32_t light_shading;  // 0 soft, 1 hard
  uint32_t width, height;
  uint64_t seed;  // seed of the image
};

// A plane of the film: sums over the samples of each pixel, 4 floats a pixel, rows from the top. Those beside the
// radiance are of the first hit; samples that hit nothing add nothing to them.
//   Radiance: RGB, and the squares of the luminance
//   Albedo: RGB, and the number of samples that hit something (coverage)
//   Normal: camera-space normal, and the depth (distance along the camera's axis)
enum Plane : uint32_t { kPlaneRadiance = 0, kPlaneAlbedo = 1, kPlaneNormal = 2 };
enum PlaneCount : uint32_t { kPlanes = 3 };

struct FilmData {
  float* plane[kPlanes];  // indexed by Plane; null for a plane that the film does not have
};

// Pixels x0 <= x < x1, y0 <= y < y1; rows from the top.
struct Tile {
  uint32_t x0, y0, x1, y1;
};
