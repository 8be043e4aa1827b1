// The ports of tiny_dense, as the Verilator harness sees them.
#pragma once

#include "Vtiny_dense.h"

namespace design {

using Top = Vtiny_dense;

constexpr unsigned latency = 0;
constexpr unsigned input_width = 18;
constexpr unsigned output_width = 10;

// An element of an output: where it stands in a line of the output vectors.
struct Element {
  const char* name;
  unsigned low;
  unsigned width;
  bool is_signed;
};

constexpr Element outputs[] = {
    {"y[0]", 0, 5, false},
    {"y[1]", 5, 5, false},
};

inline void set_clock(Top&, bool) {}

template <typename Visit>
void for_inputs(Top& top, Visit visit) {
  visit(top.x, 0, 18);
}

template <typename Visit>
void for_outputs(const Top& top, Visit visit) {
  visit(top.y, 0, 10);
}

}  // namespace design
