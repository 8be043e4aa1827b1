// Fixed-point numbers in machine words: what the vendors' types mean, without the vendors' headers.
//
// A number is raw * 2^-(W - I), raw an integer of W bits. Sums, differences and products are exact;
// only conversion drops bits, and it does so as the type that is converted to says.
// For C simulation with C++17; synthesis uses the types of the tool.
#ifndef TRIGFORGE_FIXED_H
#define TRIGFORGE_FIXED_H

#include <cstdint>
#include <type_traits>

namespace trigforge {

// How low bits are dropped.
enum class Rounding {
  floor,         // toward minus infinity
  toward_zero,
  nearest_up,    // ties toward plus infinity
  nearest_zero,  // ties toward zero
  nearest_away,  // ties away from zero
  nearest_down,  // ties toward minus infinity
  nearest_even   // ties to even
};

// What happens to a value outside the format.
enum class Overflow {
  wrap,               // high bits are dropped
  saturate,           // the nearest bound
  saturate_zero,      // zero
  saturate_symmetric  // the nearest bound, and the lower bound is minus the upper one
};

namespace detail {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

// The widest word: its sign is never reached by an exact value.
constexpr int widest = 126;

// A machine word for signed integers of this many bits.
template <int bits>
using word = std::conditional_t<(bits <= 32), std::int32_t,
                                std::conditional_t<(bits <= 64), std::int64_t, int128>>;

// The unsigned word of the same size.
template <typename word_t>
using unsigned_word = std::conditional_t<
    sizeof(word_t) == 4, std::uint32_t,
    std::conditional_t<sizeof(word_t) == 8, std::uint64_t, uint128>>;

constexpr int max(int a, int b) { return a > b ? a : b; }

// value * 2^-shift, rounded.
template <Rounding rounding, int shift, typename word_t>
constexpr word_t scaled(word_t value) {
  if constexpr (shift <= 0) {
    return static_cast<word_t>(value * (word_t{1} << -shift));
  } else {
    const word_t floor = static_cast<word_t>(value >> shift);
    if constexpr (rounding == Rounding::floor) return floor;
    const word_t rest = static_cast<word_t>(value - floor * (word_t{1} << shift));
    const word_t half = word_t{1} << (shift - 1);
    bool up = false;
    switch (rounding) {
      case Rounding::floor: break;
      case Rounding::toward_zero: up = value < 0 && rest != 0; break;
      case Rounding::nearest_up: up = rest >= half; break;
      case Rounding::nearest_zero: up = rest > half || (rest == half && value < 0); break;
      case Rounding::nearest_away: up = rest > half || (rest == half && value >= 0); break;
      case Rounding::nearest_down: up = rest > half; break;
      case Rounding::nearest_even: up = rest > half || (rest == half && (floor & 1) != 0); break;
    }
    return static_cast<word_t>(floor + (up ? 1 : 0));
  }
}

// raw brought into the range of a format of so many bits.
template <int width, bool is_signed, Overflow overflow, typename word_t>
constexpr word_t bounded(word_t raw) {
  const word_t high = static_cast<word_t>((word_t{1} << (width - (is_signed ? 1 : 0))) - 1);
  const word_t low = is_signed ? static_cast<word_t>(-high - 1) : word_t{0};
  if constexpr (overflow == Overflow::wrap) {
    if constexpr (!is_signed) return static_cast<word_t>(raw & high);
    // The sign bit moves to the top of the word and comes back as all bits above the format.
    constexpr int spare = static_cast<int>(8 * sizeof(word_t)) - width;
    typedef unsigned_word<word_t> bits;
    return static_cast<word_t>(static_cast<word_t>(static_cast<bits>(raw) << spare) >> spare);
  } else {
    const bool inside = low <= raw && raw <= high;
    if (overflow == Overflow::saturate_zero) return inside ? raw : word_t{0};
    const word_t floor =
        overflow == Overflow::saturate_symmetric && is_signed ? static_cast<word_t>(-high) : low;
    return raw < floor ? floor : raw > high ? high : raw;
  }
}

}  // namespace detail

template <int W, int I, bool S, Rounding R = Rounding::floor, Overflow O = Overflow::wrap>
class fixed {
  static_assert(W >= 1 && W <= detail::widest, "the C simulation computes in words of 126 bits");

 public:
  typedef detail::word<W + 1> word;
  static constexpr int width = W;

  constexpr fixed() : raw_(0) {}

  template <int W2, int I2, bool S2, Rounding R2, Overflow O2>
  constexpr fixed(const fixed<W2, I2, S2, R2, O2>& other) : raw_(converted<W2 - I2, W2>(other.raw())) {}

  template <int W2, int I2, bool S2, Rounding R2, Overflow O2>
  constexpr fixed& operator+=(const fixed<W2, I2, S2, R2, O2>& other) {
    return *this = *this + other;
  }

  constexpr word raw() const { return raw_; }

  static constexpr fixed from_raw(word raw) {
    fixed result;
    result.raw_ = raw;
    return result;
  }

  constexpr double to_double() const {
    double value = static_cast<double>(raw_);
    for (int bit = 0; bit < W - I; ++bit) value /= 2;
    for (int bit = 0; bit < I - W; ++bit) value *= 2;
    return value;
  }

 private:
  template <int frac, int bits, typename other_t>
  static constexpr word converted(other_t raw) {
    // Beyond so many bits only the sign of what is dropped matters.
    constexpr int down = frac - (W - I);
    constexpr int shift = down > bits + 2 ? bits + 2 : down;
    static_assert(bits - shift <= detail::widest, "the conversion needs words of more than 126 bits");
    typedef detail::word<detail::max(detail::max(bits, bits - shift), detail::max(W, shift)) + 2> wide;
    const wide rescaled = detail::scaled<R, shift>(static_cast<wide>(raw));
    return static_cast<word>(detail::bounded<W, S, O>(rescaled));
  }

  word raw_;
};

namespace detail {

// Two formats brought to one binary point: what sums and comparisons are made of.
template <int W1, int I1, bool S1, int W2, int I2, bool S2>
struct aligned {
  static constexpr bool is_signed = S1 || S2;
  static constexpr int frac = max(W1 - I1, W2 - I2);
  static constexpr int integer = max(I1 + (is_signed && !S1), I2 + (is_signed && !S2));
  static_assert(integer + frac < widest, "the sum needs words of more than 126 bits");
  typedef word<integer + frac + 2> wide;
  template <typename word_t> static constexpr wide left(word_t raw) {
    return static_cast<wide>(static_cast<wide>(raw) * (wide{1} << (frac - (W1 - I1))));
  }
  template <typename word_t> static constexpr wide right(word_t raw) {
    return static_cast<wide>(static_cast<wide>(raw) * (wide{1} << (frac - (W2 - I2))));
  }
};

}  // namespace detail

#define TRIGFORGE_TWO                                                                     \
  template <int W1, int I1, bool S1, Rounding R1, Overflow O1, int W2, int I2, bool S2, \
            Rounding R2, Overflow O2>
#define TRIGFORGE_OPERANDS \
  (const fixed<W1, I1, S1, R1, O1>& a, const fixed<W2, I2, S2, R2, O2>& b)

TRIGFORGE_TWO constexpr auto operator+ TRIGFORGE_OPERANDS {
  typedef detail::aligned<W1, I1, S1, W2, I2, S2> common;
  typedef fixed<common::integer + common::frac + 1, common::integer + 1, common::is_signed> result;
  return result::from_raw(static_cast<typename result::word>(common::left(a.raw()) + common::right(b.raw())));
}

TRIGFORGE_TWO constexpr auto operator- TRIGFORGE_OPERANDS {
  typedef detail::aligned<W1, I1, S1, W2, I2, S2> common;
  typedef fixed<common::integer + common::frac + 1, common::integer + 1, true> result;
  return result::from_raw(static_cast<typename result::word>(common::left(a.raw()) - common::right(b.raw())));
}

TRIGFORGE_TWO constexpr auto operator* TRIGFORGE_OPERANDS {
  typedef fixed<W1 + W2, I1 + I2, S1 || S2> result;
  typedef typename result::word word;
  return result::from_raw(static_cast<word>(static_cast<word>(a.raw()) * static_cast<word>(b.raw())));
}

TRIGFORGE_TWO constexpr bool operator< TRIGFORGE_OPERANDS {
  typedef detail::aligned<W1, I1, S1, W2, I2, S2> common;
  return common::left(a.raw()) < common::right(b.raw());
}

TRIGFORGE_TWO constexpr bool operator> TRIGFORGE_OPERANDS { return b < a; }

#undef TRIGFORGE_TWO
#undef TRIGFORGE_OPERANDS

template <int W, int I, bool S, Rounding R, Overflow O>
constexpr fixed<W + 1, I + 1, true> operator-(const fixed<W, I, S, R, O>& x) {
  typedef typename fixed<W + 1, I + 1, true>::word word;
  return fixed<W + 1, I + 1, true>::from_raw(static_cast<word>(-static_cast<word>(x.raw())));
}

// The integer that the bits of x make.
template <int W, int I, bool S, Rounding R, Overflow O>
constexpr std::int64_t raw(const fixed<W, I, S, R, O>& x) {
  static_assert(W <= 63, "a raw value has at most 63 bits");
  return static_cast<std::int64_t>(x.raw());
}

// The number whose bits make this integer.
template <typename number_t>
constexpr number_t from_raw(std::int64_t raw) {
  return number_t::from_raw(static_cast<typename number_t::word>(raw));
}

// x, ready to be rounded to number_t: these types round away any number of bits.
template <typename number_t, typename x_t>
constexpr const x_t& reaching(const x_t& x) { return x; }

// x * 2^by: the same bits, another binary point.
template <int by, int W, int I, bool S, Rounding R, Overflow O>
constexpr fixed<W, I + by, S> shift(const fixed<W, I, S, R, O>& x) {
  return fixed<W, I + by, S>::from_raw(x.raw());
}

}  // namespace trigforge

#endif
