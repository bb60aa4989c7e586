// The only translation unit of the CPU kernels. build.rs compiles it once per instruction set, with PLOT_VARIANT as the
// namespace and PLOT_ENTRY as the only symbol that the object exports.

#include "bvh_table.h"
#include "develop.h"
#include "queries.h"
#include "run.h"
#include "trace.h"
#ifdef PLOT_TESTING
#include "brute_force.h"
#include "probe.h"
#endif

namespace PLOT_VARIANT {

#ifdef PLOT_TESTING
static uint32_t trace_for_tests(TraceJob* job, uint32_t strategy) {
  const BruteForceTracer tracer = {job->scene};
  switch (strategy) {
    case kWrongNormals:
      return trace_tile<kWrongNormals>(job, CpuTracer{job->scene});
    case kLightsOnly:
      return trace_tile<kLightsOnly>(job, tracer);
    case kScatterOnly:
      return trace_tile<kScatterOnly>(job, tracer);
    default:
      return trace_tile<kBoth>(job, tracer);
  }
}

#else
static constexpr const Probe* kProbes = nullptr;
static constexpr uint32_t kProbeCount = 0;
static constexpr decltype(KernelTable::trace_for_tests) trace_for_tests = nullptr;
#endif

static uint32_t trace(TraceJob* job) { return trace_tile<kBoth>(job, CpuTracer{job->scene}); }

#define PLOT_STRING_(x) #x
#define PLOT_STRING(x) PLOT_STRING_(x)
static const KernelTable kKernelTable = {
    PLOT_STRING(PLOT_VARIANT), kProbes, kProbeCount, &kDevelopTable, trace, trace_for_tests, &kBvhTable, &kQueryTable,
};

}  // namespace PLOT_VARIANT

extern "C" const void* PLOT_ENTRY() { return &PLOT_VARIANT::kKernelTable; }
