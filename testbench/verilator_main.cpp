// Drives a design with one event each clock cycle and checks what comes out.
//
//   harness --stimulus FILE [--expected FILE] [--outputs FILE]
//
// A file holds one event on each line, as the hexadecimal digits of all input
// (or output) ports side by side, the first port in the lowest bits. Every
// difference from the expected outputs is printed with its event and element.
// Exit code: 0 equal (or nothing expected), 1 different, 2 a file is at fault.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <verilated.h>

#include "design.h"

namespace {

// A row of bits of any length, lowest word first.
class Bits {
 public:
  explicit Bits(unsigned width) : width_(width), words_((width + 63) / 64 + 1) {}

  std::uint64_t get(unsigned low, unsigned width) const {
    const unsigned offset = low % 64;
    std::uint64_t value = words_[low / 64] >> offset;
    if (offset + width > 64) value |= words_[low / 64 + 1] << (64 - offset);
    return width < 64 ? value & ((std::uint64_t{1} << width) - 1) : value;
  }

  // The bits must be zero before.
  void put(unsigned low, unsigned width, std::uint64_t value) {
    const unsigned offset = low % 64;
    words_[low / 64] |= value << offset;
    if (offset + width > 64) words_[low / 64 + 1] |= value >> (64 - offset);
  }

  void clear() { words_.assign(words_.size(), 0); }

  bool parse(const std::string& line) {
    clear();
    if (line.size() != digits()) return false;
    for (unsigned digit = 0; digit < digits(); ++digit) {
      const char c = line[line.size() - 1 - digit];
      const char* const all = "0123456789abcdef";
      const char* const found = c == '\0' ? nullptr : std::strchr(all, c);
      if (found == nullptr) return false;
      put(digit * 4, 4, static_cast<std::uint64_t>(found - all));
    }
    return true;
  }

  std::string print() const {
    std::string line(digits(), '0');
    for (unsigned digit = 0; digit < digits(); ++digit) {
      line[line.size() - 1 - digit] = "0123456789abcdef"[get(digit * 4, 4)];
    }
    return line;
  }

  bool operator==(const Bits& other) const { return words_ == other.words_; }

 private:
  unsigned digits() const { return (width_ + 3) / 4; }

  unsigned width_;
  std::vector<std::uint64_t> words_;
};

// Verilator makes a port of up to 64 bits an integer and a longer one an array of words.
template <typename Port>
void drive(Port& port, const Bits& bits, unsigned low, unsigned width) {
  port = static_cast<Port>(bits.get(low, width));
}

template <std::size_t words>
void drive(VlWide<words>& port, const Bits& bits, unsigned low, unsigned width) {
  for (unsigned at = 0; at < width; at += 32) {
    const unsigned part = width - at < 32 ? width - at : 32;
    port[at / 32] = static_cast<std::uint32_t>(bits.get(low + at, part));
  }
}

template <typename Port>
void sample(const Port& port, Bits& bits, unsigned low, unsigned width) {
  bits.put(low, width, port);
}

template <std::size_t words>
void sample(const VlWide<words>& port, Bits& bits, unsigned low, unsigned width) {
  for (unsigned at = 0; at < width; at += 32) {
    bits.put(low + at, width - at < 32 ? width - at : 32, port[at / 32]);
  }
}

std::int64_t value(const Bits& bits, const design::Element& element) {
  const unsigned spare = 64 - element.width;
  const std::uint64_t top = bits.get(element.low, element.width) << spare;
  return element.is_signed ? static_cast<std::int64_t>(top) >> spare
                           : static_cast<std::int64_t>(top >> spare);
}

void report(std::uint64_t event, const Bits& expected, const Bits& got) {
  for (const design::Element& element : design::outputs) {
    const std::int64_t wanted = value(expected, element);
    const std::int64_t found = value(got, element);
    if (wanted != found) {
      std::printf("mismatch: event %llu, %s: expected %lld, got %lld\n",
                  static_cast<unsigned long long>(event), element.name,
                  static_cast<long long>(wanted), static_cast<long long>(found));
    }
  }
}

int fault(const std::string& message) {
  std::cerr << "error: " << message << '\n';
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::string stimulus_path, expected_path, outputs_path;
  for (int index = 1; index + 1 < argc; index += 2) {
    const std::string option = argv[index];
    if (option == "--stimulus") {
      stimulus_path = argv[index + 1];
    } else if (option == "--expected") {
      expected_path = argv[index + 1];
    } else if (option == "--outputs") {
      outputs_path = argv[index + 1];
    } else {
      return fault("unknown option " + option);
    }
  }
  std::ifstream stimulus(stimulus_path);
  if (!stimulus) return fault("cannot read the stimulus `" + stimulus_path + "`");
  std::ifstream expected(expected_path);
  if (!expected_path.empty() && !expected) return fault("cannot read `" + expected_path + "`");
  std::ofstream outputs;
  if (!outputs_path.empty()) {
    outputs.open(outputs_path);
    if (!outputs) return fault("cannot write `" + outputs_path + "`");
  }

  design::Top top;
  Bits in(design::input_width), out(design::output_width), wanted(design::output_width);
  std::uint64_t events = 0, sampled = 0, mismatches = 0;
  std::string line;
  bool more = true;
  for (std::uint64_t cycle = 0; more || sampled < events; ++cycle) {
    more = more && std::getline(stimulus, line);
    if (more) {
      if (!in.parse(line)) return fault("stimulus line " + std::to_string(events + 1));
      design::for_inputs(top, [&](auto& port, unsigned low, unsigned width) {
        drive(port, in, low, width);
      });
      ++events;
    }
    design::set_clock(top, false);
    top.eval();
    // Just before the rising edge, the outputs belong to the event of `latency` cycles ago.
    if (cycle >= design::latency && sampled < events) {
      out.clear();
      design::for_outputs(top, [&](const auto& port, unsigned low, unsigned width) {
        sample(port, out, low, width);
      });
      if (outputs.is_open()) outputs << out.print() << '\n';
      if (!expected_path.empty()) {
        if (!std::getline(expected, line) || !wanted.parse(line)) {
          return fault("expected line " + std::to_string(sampled + 1));
        }
        if (!(out == wanted)) {
          report(sampled, wanted, out);
          ++mismatches;
        }
      }
      ++sampled;
    }
    design::set_clock(top, true);
    top.eval();
  }
  top.final();
  std::printf("%llu events, %llu different\n", static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(mismatches));
  return mismatches == 0 ? 0 : 1;
}
