// The only file that tests the compiler: what differs between the compilers and devices that build the kernels.
#pragma once

#if defined(__CUDACC__)
#define PLOT_FN static __forceinline__ __device__
#elif defined(_MSC_VER)
#define PLOT_FN static __forceinline
#else
#define PLOT_FN static inline __attribute__((always_inline))
#endif
