// The only file that tests the compiler: what differs between the compilers and devices that build the kernels.
#pragma once

#if defined(__CUDACC__)
#define PLOT_FN static __forceinline__ __device__
#define PLOT_METHOD __forceinline__ __device__
#elif defined(_MSC_VER)
#define PLOT_FN static __forceinline
#define PLOT_METHOD __forceinline
#else
#define PLOT_FN static inline __attribute__((always_inline))
#define PLOT_METHOD inline __attribute__((always_inline))
#endif

#if defined(_MSC_VER) && !defined(__CUDACC__)
#define PLOT_NOINLINE __declspec(noinline)
#define PLOT_LIKELY(x) (x)
#define PLOT_UNLIKELY(x) (x)
#else
#define PLOT_NOINLINE __attribute__((noinline))
#define PLOT_LIKELY(x) __builtin_expect(!!(x), 1)
#define PLOT_UNLIKELY(x) __builtin_expect(!!(x), 0)
#endif

// Older versions of this compiler contract a * b + c under /fp:precise, and have no option against it.
#if defined(_MSC_VER) && !defined(__clang__) && !defined(__CUDACC__)
#pragma fp_contract(off)
#endif

// All kernel code lives in this namespace. The same headers are compiled once per instruction set into one
// program: with one name for all, the linker would merge inline functions and templates of different sets.
#ifndef PLOT_VARIANT
#define PLOT_VARIANT plot_kernels
#endif

#if defined(_MSC_VER) && !defined(__CUDACC__)
#include <intrin.h>
#endif
#include <stdint.h>

namespace PLOT_VARIANT {

// Index of the lowest bit that is set; `bits` is not 0.
PLOT_FN uint32_t lowest_bit(uint32_t bits) {
#if defined(__CUDACC__)
  return (uint32_t)__ffs((int)bits) - 1;
#elif defined(_MSC_VER)
  unsigned long index;
  _BitScanForward(&index, bits);
  return index;
#else
  return (uint32_t)__builtin_ctz(bits);
#endif
}

// Asks for the cache line of an address that will be read soon.
PLOT_FN void prefetch(const void* address) {
#if defined(__CUDACC__)
  (void)address;
#elif defined(_MSC_VER)
#if defined(_M_X64)
  _mm_prefetch((const char*)address, _MM_HINT_T0);
#else
  __prefetch(address);
#endif
#else
  __builtin_prefetch(address);
#endif
}

}  // namespace PLOT_VARIANT
