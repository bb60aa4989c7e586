// All shapes, as one list: the only place where the kernels name them.
//
// A shape is a type with these members; `F` is one float, or several in SIMD.
//   kLeaf                      primitives in a leaf of the CPU's tree: 1, or 8, which are tested at once
//   Reads                      the channels that its geometry is made of
//   Packed<F>                  a primitive as tracers keep it: only members of type F or Vec<F>
//   bounds(g, i)               box around primitive i of a plot
//   pack(g, i, &packed)        false if the primitive has no extent: it cannot be hit
//   packed_bounds(packed)      the box again, if kLeaf is 8
//   distance(ray, packed)      the smallest t > 0 of a hit, infinite without one
//   locate(ray, packed, &hit)  sets face and coordinates of a hit of which t is known
//   surface(g, hit, ray)       the surface at a hit; the ray is in the plot's coordinates, too
//   reference(g, i, ray)       for the tests: the hit in double precision
// Tracers, trees, intersection programs and probes expand from the list.
#pragma once

#include "../core/math.h"
#include "parallelepiped.h"
#include "parallelogram.h"
#include "segment.h"
#include "sphere.h"
#include "tetrahedron.h"

#define PLOT_SHAPES(X) X(Sphere) X(Parallelogram) X(Parallelepiped) X(Tetrahedron) X(Segment)

// Those of which plain scenes consist: see kernels/optix/path_plain.cu.
#ifdef PLOT_PLAIN
#define PLOT_TRACED_SHAPES(X) X(Sphere) X(Parallelogram) X(Parallelepiped)
#else
#define PLOT_TRACED_SHAPES PLOT_SHAPES
#endif

namespace PLOT_VARIANT {

#define PLOT_COUNT(S) +1
static_assert(PLOT_SHAPES(PLOT_COUNT) == kShapeCount, "a shape of src/scene/shape.rs is missing in PLOT_SHAPES");
#undef PLOT_COUNT

// Calls visit(S()) with the type S of a shape: the only switch over shapes.
template <class Visit>
PLOT_FN auto with_shape(Shape shape, const Visit& visit) {
  switch (shape) {
#define PLOT_CASE(S) \
  case Shape::S:     \
    return visit(S());
    PLOT_TRACED_SHAPES(PLOT_CASE)
#undef PLOT_CASE
  }
  PLOT_UNREACHABLE();
}

template <class Visit>
PLOT_FN auto with_shape_of(const GeometryData& g, const Visit& visit) {
  return with_shape((Shape)g.shape, visit);
}

template <class S, class F = float>
using PackedOf = typename S::template Packed<F>;

// Floats of a packed primitive.
template <class S>
constexpr uint32_t kPackedFloats = sizeof(PackedOf<S>) / sizeof(float);

// Vectors of four floats of a packed primitive on a GPU.
template <class S>
constexpr uint32_t kPackedVectors = (kPackedFloats<S> + 3) / 4;

// Packs a primitive and computes its bounds. One that cannot be hit, because it has no extent or is not finite, is
// packed as NaN, which fails every comparison, and the function returns false.
template <class S>
PLOT_FN bool pack_primitive(const GeometryData& g, uint32_t i, PackedOf<S>* packed, Bounds* bounds) {
  *bounds = S::bounds(g, i);
  if (S::pack(g, i, packed) && is_finite(bounds->lo) && is_finite(bounds->hi)) return true;
  float* values = (float*)packed;
  for (uint32_t k = 0; k < kPackedFloats<S>; ++k) values[k] = bits_float(0x7fc00000u);
  return false;
}

}  // namespace PLOT_VARIANT
