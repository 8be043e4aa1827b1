// The ports of tiny_pipeline, as the Verilator harness sees them.
#pragma once

#include "Vtiny_pipeline.h"

namespace design {

using Top = Vtiny_pipeline;

constexpr unsigned latency = 3;
constexpr unsigned input_width = 7;
constexpr unsigned output_width = 7;

// An element of an output: where it stands in a line of the output vectors.
struct Element {
  const char* name;
  unsigned low;
  unsigned width;
  bool is_signed;
};

constexpr Element outputs[] = {
    {"probability[0]", 0, 6, false},
    {"class_2[0]", 6, 1, false},
};

inline void set_clock(Top& top, bool level) { top.clock = level; }

template <typename Visit>
void for_inputs(Top& top, Visit visit) {
  visit(top.x, 0, 7);
}

template <typename Visit>
void for_outputs(const Top& top, Visit visit) {
  visit(top.probability, 0, 6);
  visit(top.class_2, 6, 1);
}

}  // namespace design
