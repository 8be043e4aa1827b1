// Functions of one value as tables, and softmax, which is made of two.
#ifndef TRIGFORGE_TABLE_H
#define TRIGFORGE_TABLE_H

#include "target.h"

namespace trigforge {

// The entry for x; the first entry belongs to the raw value `first` of x.
template <typename value_t, typename x_t, typename word, int entries>
value_t entry(const x_t& x, const word (&table)[entries], std::int64_t first) {
  TRIGFORGE_INLINE
  return from_raw<value_t>(table[raw(x) - first]);
}

// y = f(x), f being given by its values in rising order of x.
template <int count, typename index_t, typename value_t, typename x_t, typename y_t, typename word,
          int entries>
void lookup(const x_t x[], y_t y[], const word (&table)[entries], std::int64_t first) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int i = 0; i < count; ++i) y[i] = entry<value_t>(index_t(x[i]), table, first);
}

// y_i = exp(x_i) / sum_j exp(x_j) for each row; the distance to the largest is what is looked up.
template <int rows, int length, typename index_t, typename exponential_t, typename sum_t,
          typename sum_index_t, typename inverse_t, typename x_t, typename y_t, typename exp_word,
          int exp_entries, typename inverse_word, int inverse_entries>
void softmax(const x_t x[], y_t y[], const exp_word (&exp_table)[exp_entries],
             std::int64_t exp_first, const inverse_word (&inverse_table)[inverse_entries],
             std::int64_t inverse_first) {
  TRIGFORGE_INLINE
  TRIGFORGE_UNROLL
  for (int row = 0; row < rows; ++row) {
    x_t largest = x[row * length];
    TRIGFORGE_UNROLL
    for (int i = 1; i < length; ++i) {
      if (x[row * length + i] > largest) largest = x[row * length + i];
    }
    exponential_t exponential[length];
    TRIGFORGE_REGISTERS(exponential)
    sum_t sum = from_raw<sum_t>(0);
    TRIGFORGE_UNROLL
    for (int i = 0; i < length; ++i) {
      const index_t distance = x[row * length + i] - largest;
      exponential[i] = entry<exponential_t>(distance, exp_table, exp_first);
      sum += exponential[i];
    }
    const sum_index_t index = sum;
    const inverse_t inverse =
        entry<inverse_t>(index, inverse_table, inverse_first);
    TRIGFORGE_UNROLL
    for (int i = 0; i < length; ++i) y[row * length + i] = exponential[i] * inverse;
  }
}

}  // namespace trigforge

#endif
