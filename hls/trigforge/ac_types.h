// ac_fixed: the vendor's, or a stand-in of the same meaning for C simulation.
#ifndef TRIGFORGE_AC_TYPES_H
#define TRIGFORGE_AC_TYPES_H

#ifdef TRIGFORGE_PORTABLE

#include "fixed.h"

constexpr trigforge::Rounding AC_TRN = trigforge::Rounding::floor;
constexpr trigforge::Rounding AC_TRN_ZERO = trigforge::Rounding::toward_zero;
constexpr trigforge::Rounding AC_RND = trigforge::Rounding::nearest_up;
constexpr trigforge::Rounding AC_RND_ZERO = trigforge::Rounding::nearest_zero;
constexpr trigforge::Rounding AC_RND_INF = trigforge::Rounding::nearest_away;
constexpr trigforge::Rounding AC_RND_MIN_INF = trigforge::Rounding::nearest_down;
constexpr trigforge::Rounding AC_RND_CONV = trigforge::Rounding::nearest_even;
constexpr trigforge::Overflow AC_WRAP = trigforge::Overflow::wrap;
constexpr trigforge::Overflow AC_SAT = trigforge::Overflow::saturate;
constexpr trigforge::Overflow AC_SAT_ZERO = trigforge::Overflow::saturate_zero;
constexpr trigforge::Overflow AC_SAT_SYM = trigforge::Overflow::saturate_symmetric;

template <int W, int I, bool S, trigforge::Rounding Q = AC_TRN, trigforge::Overflow O = AC_WRAP>
using ac_fixed = trigforge::fixed<W, I, S, Q, O>;

#else

#ifdef SYCL_LANGUAGE_VERSION
#include <sycl/ext/intel/ac_types/ac_fixed.hpp>
#else
#include <ac_fixed.h>
#endif

#include <cstdint>

namespace trigforge {

// The integer that the bits of x make.
template <int W, int I, bool S, ac_q_mode Q, ac_o_mode O>
std::int64_t raw(const ac_fixed<W, I, S, Q, O>& x) {
  const ac_int<W, S> bits = x.template slc<W>(0);
  return bits.to_int64();
}

// The number whose bits make this integer.
template <typename number_t>
number_t from_raw(std::int64_t raw) {
  number_t x = 0;
  x.set_slc(0, ac_int<number_t::width, true>(raw));
  return x;
}

// x, ready to be rounded to number_t: these types round away any number of bits.
template <typename number_t, typename x_t>
const x_t& reaching(const x_t& x) { return x; }

// x * 2^by: the same bits, another binary point.
template <int by, int W, int I, bool S, ac_q_mode Q, ac_o_mode O>
ac_fixed<W, I + by, S> shift(const ac_fixed<W, I, S, Q, O>& x) {
  ac_fixed<W, I + by, S> y = 0;
  y.set_slc(0, x.template slc<W>(0));
  return y;
}

}  // namespace trigforge

#endif

#endif
