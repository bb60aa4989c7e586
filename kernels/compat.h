// The only file that tests the compiler: what differs between the compilers and devices that build the kernels.
#pragma once

// NVRTC has the mathematical functions built in and no headers.
#if defined(__CUDACC_RTC__)
typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
typedef unsigned long long uintptr_t;
#define UINT32_MAX 0xffffffffu
#else
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

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

// Between the parameters and the body of a lambda: it is inlined.
#if defined(__CUDACC__) || defined(_MSC_VER)
#define PLOT_INLINE
#else
#define PLOT_INLINE __attribute__((always_inline))
#endif

// Where control cannot arrive, such as behind a switch that has a case for every kind.
#if defined(_MSC_VER) && !defined(__CUDACC__)
#define PLOT_UNREACHABLE() __assume(0)
#else
#define PLOT_UNREACHABLE() __builtin_unreachable()
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

// A function that is called from several places and too large to be inlined in all of them.
#if defined(__CUDACC__)
#define PLOT_CALLED_FN static PLOT_NOINLINE __device__
#else
#define PLOT_CALLED_FN static inline PLOT_NOINLINE
#endif

// All kernel code lives in this namespace. The same headers are compiled once per instruction set into one
// program: with one name for all, the linker would merge inline functions and templates of different sets.
#ifndef PLOT_VARIANT
#define PLOT_VARIANT plot_kernels
#endif

#if defined(_MSC_VER) && !defined(__CUDACC__)
#include <intrin.h>
#endif

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

// The bits in reverse order.
PLOT_FN uint32_t reverse_bits(uint32_t x) {
#if defined(__CUDACC__)
  return __brev(x);
#else
  x = ((x >> 1) & 0x55555555u) | ((x & 0x55555555u) << 1);
  x = ((x >> 2) & 0x33333333u) | ((x & 0x33333333u) << 2);
  x = ((x >> 4) & 0x0f0f0f0fu) | ((x & 0x0f0f0f0fu) << 4);
  x = ((x >> 8) & 0x00ff00ffu) | ((x & 0x00ff00ffu) << 8);
  return (x >> 16) | (x << 16);
#endif
}

#if defined(__CUDACC_RTC__)
// This compiler has no constant expression that is infinite.
#define kInfinity __int_as_float(0x7f800000)
#else
constexpr float kInfinity = HUGE_VALF;
#endif

// Path vertices whose random numbers are drawn together: two fill a SIMD register of the CPU; on a GPU, where each lane
// has its own path, numbers drawn ahead would only occupy registers.
#if defined(__CUDACC__)
constexpr uint32_t kVertexBatch = 1;
#else
constexpr uint32_t kVertexBatch = 2;
#endif

// Prefetches the cache line of an address that will be read soon.
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
