// What differs from tool to tool: here Catapult.
#ifndef TRIGFORGE_TARGET_H
#define TRIGFORGE_TARGET_H

#include "ac_types.h"

#include <cstdint>

#ifdef __SYNTHESIS__
#define TRIGFORGE_PRAGMA(text) _Pragma(#text)
#else
#define TRIGFORGE_PRAGMA(text)
#endif

// A new event enters at each clock cycle; how ports and arrays become registers stands in build.tcl.
#define TRIGFORGE_TOP              \
  TRIGFORGE_PRAGMA(hls_design top) \
  TRIGFORGE_PRAGMA(hls_pipeline_init_interval 1)
#define TRIGFORGE_PORT(array)
#define TRIGFORGE_PIPELINE
#define TRIGFORGE_REGISTERS(array)
#define TRIGFORGE_INLINE
#define TRIGFORGE_UNROLL TRIGFORGE_PRAGMA(hls_unroll yes)

#endif
