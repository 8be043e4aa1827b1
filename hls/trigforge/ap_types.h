// ap_fixed and ap_ufixed: the vendor's, or a stand-in of the same meaning for C simulation.
#ifndef TRIGFORGE_AP_TYPES_H
#define TRIGFORGE_AP_TYPES_H

#ifdef TRIGFORGE_PORTABLE

#include "fixed.h"

constexpr trigforge::Rounding AP_TRN = trigforge::Rounding::floor;
constexpr trigforge::Rounding AP_TRN_ZERO = trigforge::Rounding::toward_zero;
constexpr trigforge::Rounding AP_RND = trigforge::Rounding::nearest_up;
constexpr trigforge::Rounding AP_RND_ZERO = trigforge::Rounding::nearest_zero;
constexpr trigforge::Rounding AP_RND_INF = trigforge::Rounding::nearest_away;
constexpr trigforge::Rounding AP_RND_MIN_INF = trigforge::Rounding::nearest_down;
constexpr trigforge::Rounding AP_RND_CONV = trigforge::Rounding::nearest_even;
constexpr trigforge::Overflow AP_WRAP = trigforge::Overflow::wrap;
constexpr trigforge::Overflow AP_SAT = trigforge::Overflow::saturate;
constexpr trigforge::Overflow AP_SAT_ZERO = trigforge::Overflow::saturate_zero;
constexpr trigforge::Overflow AP_SAT_SYM = trigforge::Overflow::saturate_symmetric;

template <int W, int I, trigforge::Rounding Q = AP_TRN, trigforge::Overflow O = AP_WRAP>
using ap_fixed = trigforge::fixed<W, I, true, Q, O>;
template <int W, int I, trigforge::Rounding Q = AP_TRN, trigforge::Overflow O = AP_WRAP>
using ap_ufixed = trigforge::fixed<W, I, false, Q, O>;

#else

#include <ap_fixed.h>
#include <ap_int.h>

#include <cstdint>

namespace trigforge {

// The integer that the bits of x make.
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
std::int64_t raw(const ap_fixed<W, I, Q, O, N>& x) {
  ap_int<W> bits;
  bits.range(W - 1, 0) = x.range(W - 1, 0);
  return bits.to_int64();
}
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
std::int64_t raw(const ap_ufixed<W, I, Q, O, N>& x) {
  ap_uint<W> bits;
  bits.range(W - 1, 0) = x.range(W - 1, 0);
  return bits.to_int64();
}

// The number whose bits make this integer.
template <typename number_t>
number_t from_raw(std::int64_t raw) {
  number_t x;
  x.range(number_t::width - 1, 0) = ap_int<number_t::width>(raw);
  return x;
}

// The integer bits with which a number of I integer bits can be rounded to number_t.
template <int I, typename number_t>
constexpr int reach = I > number_t::iwidth - number_t::width + 2
                          ? I : number_t::iwidth - number_t::width + 2;

// x, ready to be rounded to number_t: these types refuse to round away more bits than a number has.
template <typename number_t, int W, int I, ap_q_mode Q, ap_o_mode O, int N>
ap_fixed<W - I + reach<I, number_t>, reach<I, number_t>> reaching(const ap_fixed<W, I, Q, O, N>& x) {
  return x;
}
template <typename number_t, int W, int I, ap_q_mode Q, ap_o_mode O, int N>
ap_ufixed<W - I + reach<I, number_t>, reach<I, number_t>> reaching(const ap_ufixed<W, I, Q, O, N>& x) {
  return x;
}

// x * 2^by: the same bits, another binary point.
template <int by, int W, int I, ap_q_mode Q, ap_o_mode O, int N>
ap_fixed<W, I + by> shift(const ap_fixed<W, I, Q, O, N>& x) {
  ap_fixed<W, I + by> y;
  y.range(W - 1, 0) = x.range(W - 1, 0);
  return y;
}
template <int by, int W, int I, ap_q_mode Q, ap_o_mode O, int N>
ap_ufixed<W, I + by> shift(const ap_ufixed<W, I, Q, O, N>& x) {
  ap_ufixed<W, I + by> y;
  y.range(W - 1, 0) = x.range(W - 1, 0);
  return y;
}

}  // namespace trigforge

#endif

#endif
