// What differs from tool to tool: here Vitis HLS.
#ifndef TRIGFORGE_TARGET_H
#define TRIGFORGE_TARGET_H

#include "ap_types.h"

#include <cstdint>

#ifdef __SYNTHESIS__
#define TRIGFORGE_PRAGMA(text) _Pragma(#text)
#else
#define TRIGFORGE_PRAGMA(text)
#endif

// Ports are words of all elements, each with its valid signal; a new event enters at each clock cycle.
// Pipelining the top function unrolls every loop below it.
#define TRIGFORGE_TOP
#define TRIGFORGE_PORT(array)                                              \
  TRIGFORGE_PRAGMA(HLS ARRAY_RESHAPE variable=array type=complete dim=0) \
  TRIGFORGE_PRAGMA(HLS INTERFACE mode=ap_vld port=array)
#define TRIGFORGE_PIPELINE TRIGFORGE_PRAGMA(HLS PIPELINE II=1)
#define TRIGFORGE_REGISTERS(array) \
  TRIGFORGE_PRAGMA(HLS ARRAY_PARTITION variable=array type=complete dim=0)
#define TRIGFORGE_INLINE TRIGFORGE_PRAGMA(HLS INLINE)
#define TRIGFORGE_UNROLL

#endif
