// A plot's data, read by channel.
#pragma once

#include "lane.h"

namespace PLOT_VARIANT {

// Address of element i of a channel.
PLOT_FN const float* element(const GeometryData& g, Channel channel, uint32_t i) {
  const Attribute& attribute = g.attribute[(uint32_t)channel];
  return attribute.data + (uint64_t)i * attribute.stride;
}
// Element i is that of primitive i, or of node i for shapes that connect several: those of primitive k begin at k * step.
PLOT_FN float scalar(const GeometryData& g, Channel channel, uint32_t i) { return *element(g, channel, i); }
PLOT_FN Float3 vector(const GeometryData& g, Channel channel, uint32_t i) { return load3(element(g, channel, i)); }

// The channels that a shape's geometry is made of.
template <Channel... channels>
struct ChannelList {};

// Primitives are accessed in the order of a tree or of hits, which is random in memory. Not a lambda: compilers decide
// that it has no effect before they see the prefetch in it, and remove it.
template <Channel... channels>
PLOT_FN void prefetch_channels(ChannelList<channels...>, const GeometryData& g, uint32_t i) {
  (prefetch(element(g, channels, i * g.step)), ...);
}

// A point of a plot's surface, in the plot's coordinates.
struct LocalSurface {
  Float3 position;
  Float3 normal;    // outwards, or to the side of u x v; of any length unless `unit`
  Float3 tangent;   // along growing u, of any length
  float u, v;       // texture coordinates
  float magnitude;  // largest of the numbers that the point was computed from
  Float3 color;     // of the primitive at this point, linear RGB
  bool unit;        // the normal is a unit vector
};

PLOT_FN float largest_magnitude(Float3 a) { return max_f(fabsf(a.x), max_f(fabsf(a.y), fabsf(a.z))); }

// The bounds in a tree are slightly larger than those of the primitives, so that rays along a face and rounding in the
// shapes do not make a node miss a hit of its primitives.
PLOT_FN Bounds padded(const Bounds& b) {
  const Float3 size = max3(max3(b.lo, -b.lo), max3(b.hi, -b.hi));
  const Float3 pad = size * 2.4e-7f + splat(1e-30f);
  return {b.lo - pad, b.hi + pad};
}

}  // namespace PLOT_VARIANT
