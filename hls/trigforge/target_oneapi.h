// What differs from tool to tool: here oneAPI for Altera FPGAs.
#ifndef TRIGFORGE_TARGET_H
#define TRIGFORGE_TARGET_H

#include "ac_types.h"

#include <cstdint>

// The kernel in `kernel.cpp` wraps the top function in pipes and is pipelined by itself.
#define TRIGFORGE_TOP
#define TRIGFORGE_PORT(array)
#define TRIGFORGE_PIPELINE
#define TRIGFORGE_REGISTERS(array)
#define TRIGFORGE_INLINE
#ifdef SYCL_LANGUAGE_VERSION
#define TRIGFORGE_UNROLL _Pragma("unroll")
#else
#define TRIGFORGE_UNROLL
#endif

#endif
