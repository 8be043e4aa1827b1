// Constant matrices: y = W x + b.
#ifndef TRIGFORGE_DENSE_H
#define TRIGFORGE_DENSE_H

#include "target.h"

namespace trigforge {

// y = W x + b for each of `rows` rows of x.
//
// The sum is exact: y_t holds every result, and what a partial sum may carry beyond it is wrapped
// away again.
template <int rows, typename weight_t, typename bias_t, typename x_t, typename y_t,
          typename weight_word, typename bias_word, int outputs, int inputs>
void dense(const x_t x[], y_t y[], const weight_word (&weight)[outputs][inputs],
           const bias_word (&bias)[outputs]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int row = 0; row < rows; ++row) {
    TRIGFORGE_UNROLL
    for (int output = 0; output < outputs; ++output) {
      y_t sum = from_raw<bias_t>(bias[output]);
      TRIGFORGE_UNROLL
      for (int input = 0; input < inputs; ++input) {
        sum += from_raw<weight_t>(weight[output][input]) * x[row * inputs + input];
      }
      y[row * outputs + output] = sum;
    }
  }
}

}  // namespace trigforge

#endif
