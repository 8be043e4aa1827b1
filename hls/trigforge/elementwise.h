// Operators that work element by element.
#ifndef TRIGFORGE_ELEMENTWISE_H
#define TRIGFORGE_ELEMENTWISE_H

#include "target.h"

namespace trigforge {

// y = x, as y_t rounds and saturates: the one place where bits are dropped.
template <int count, typename x_t, typename y_t>
void quantize(const x_t x[], y_t y[]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = reaching<y_t>(x[i]);
}

// y = x, by way of a narrower format than that of the whole array.
template <int count, typename format_t, typename x_t, typename y_t>
void quantize_to(const x_t x[], y_t y[]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = format_t(reaching<format_t>(x[i]));
}

// y = scale * x + offset.
template <int count, typename scale_t, typename offset_t, typename x_t, typename y_t,
          typename scale_word, typename offset_word>
void affine(const x_t x[], y_t y[], const scale_word (&scale)[count],
            const offset_word (&offset)[count]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) {
    y_t sum = from_raw<scale_t>(scale[i]) * x[i];
    sum += y_t(from_raw<offset_t>(offset[i]));
    y[i] = sum;
  }
}

// y = a + b.
template <int count, typename a_t, typename b_t, typename y_t>
void add(const a_t a[], const b_t b[], y_t y[]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = a[i] + b[i];
}

// y = a - b.
template <int count, typename a_t, typename b_t, typename y_t>
void subtract(const a_t a[], const b_t b[], y_t y[]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = a[i] - b[i];
}

// y = a * b.
template <int count, typename a_t, typename b_t, typename y_t>
void multiply(const a_t a[], const b_t b[], y_t y[]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = a[i] * b[i];
}

// y = max(x, 0).
template <int count, typename x_t, typename y_t>
void relu(const x_t x[], y_t y[]) {
  TRIGFORGE_INLINE
  const x_t zero = from_raw<x_t>(0);
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = x[i] > zero ? y_t(x[i]) : from_raw<y_t>(0);
}

// y = x where x >= 0, else alpha * x.
template <int count, typename alpha_t, typename x_t, typename y_t>
void leaky_relu(const x_t x[], y_t y[], std::int64_t alpha) {
  TRIGFORGE_INLINE
  const x_t zero = from_raw<x_t>(0);
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) {
    y[i] = x[i] < zero ? y_t(from_raw<alpha_t>(alpha) * x[i]) : y_t(x[i]);
  }
}

// y = min(max(x, low), high).
template <int count, typename bound_t, typename x_t, typename y_t>
void clip(const x_t x[], y_t y[], std::int64_t low, std::int64_t high) {
  TRIGFORGE_INLINE
  const bound_t least = from_raw<bound_t>(low);
  const bound_t most = from_raw<bound_t>(high);
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) {
    y[i] = x[i] < least ? y_t(least) : x[i] > most ? y_t(most) : y_t(x[i]);
  }
}

// y = base + step * (number of thresholds that x reaches).
template <typename threshold_t, typename base_t, typename count_t, typename x_t, typename y_t,
          typename threshold_word, int count, int steps>
void threshold(const x_t x[], y_t y[], const threshold_word (&thresholds)[count][steps],
               std::int64_t base, std::int64_t step) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) {
    int reached = 0;
    TRIGFORGE_UNROLL
    for (int k = 0; k < steps; ++k) {
      if (!(x[i] < from_raw<threshold_t>(thresholds[i][k]))) ++reached;
    }
    y_t sum = from_raw<base_t>(step) * from_raw<count_t>(reached);
    sum += y_t(from_raw<base_t>(base));
    y[i] = sum;
  }
}

// y = x.
template <int count, typename x_t, typename y_t>
void copy(const x_t x[], y_t y[]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = x[i];
}

// y_i = x_(index_i).
template <typename x_t, typename y_t, typename index_word, int count>
void gather(const x_t x[], y_t y[], const index_word (&index)[count]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = x[index[i]];
}

// The same numbers for each event.
template <typename constant_t, typename y_t, typename word, int count>
void constant(y_t y[], const word (&values)[count]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = from_raw<constant_t>(values[i]);
}

// The index of the largest value of each row, of equal ones the first.
template <int rows, int length, typename x_t, typename y_t>
void arg_max(const x_t x[], y_t y[]) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int row = 0; row < rows; ++row) {
    int best = 0;
    x_t largest = x[row * length];
    TRIGFORGE_UNROLL
    for (int i = 1; i < length; ++i) {
      if (x[row * length + i] > largest) {
        largest = x[row * length + i];
        best = i;
      }
    }
    y[row] = from_raw<y_t>(best);
  }
}

}  // namespace trigforge

#endif
