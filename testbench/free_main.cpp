// Drives a free-running shell clock by clock.
//
//   harness --stimulus FILE --outcome FILE --settle CLOCKS --threshold RAW
//
// A line of the stimulus is what stands at the inputs for one clock: a word in
// hexadecimal digits, valid, start and bc0. A line of the outcome is
// `out CYCLE WORD START LAST ACCEPTED OVERFLOW BUNCH` for each valid word, and
// `fault` at the end if the shell saw one. Exit code: 0 done, 2 a file is at
// fault.

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include <verilated.h>

#include "shell.h"

namespace {

void level(shell::Top& top, bool high) {
  top.clock = high;
  top.eval();
}

int fault(const std::string& message) {
  std::cerr << "error: " << message << '\n';
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::string stimulus_path, outcome_path;
  std::uint64_t settle = 0;
  long threshold = 0;
  for (int index = 1; index + 1 < argc; index += 2) {
    const std::string option = argv[index], value = argv[index + 1];
    if (option == "--stimulus") {
      stimulus_path = value;
    } else if (option == "--outcome") {
      outcome_path = value;
    } else if (option == "--settle") {
      settle = std::stoull(value);
    } else if (option == "--threshold") {
      threshold = std::stol(value);
    } else {
      return fault("unknown option " + option);
    }
  }
  std::ifstream stimulus(stimulus_path);
  if (!stimulus) return fault("cannot read the stimulus `" + stimulus_path + "`");
  std::ofstream outcome(outcome_path);
  if (!outcome) return fault("cannot write `" + outcome_path + "`");

  shell::Top top;
  top.threshold = static_cast<std::uint32_t>(threshold);
  top.reset = 1;
  for (int clock = 0; clock < 2; ++clock) {
    level(top, false);
    level(top, true);
  }
  top.reset = 0;
  std::uint64_t after = 0;
  for (std::uint64_t cycle = 0; after < settle; ++cycle) {
    std::uint64_t word = 0;
    bool valid = false, start = false, bc0 = false;
    if (after > 0 || !(stimulus >> std::hex >> word >> valid >> start >> bc0)) {
      if (after == 0 && !stimulus.eof()) return fault("stimulus line " + std::to_string(cycle + 1));
      word = 0;
      valid = start = bc0 = false;
      ++after;
    }
    top.in_data = word;
    top.in_valid = valid;
    top.in_start = start;
    top.in_bc0 = bc0;
    level(top, false);
    if (top.out_valid) {
      char line[96];
      std::snprintf(line, sizeof line, "out %llu %llx %d %d %d %d %u\n",
                    static_cast<unsigned long long>(cycle),
                    static_cast<unsigned long long>(top.out_data), top.out_start, top.out_last,
                    top.out_accept, top.out_overflow, static_cast<unsigned>(top.out_bunch));
      outcome << line;
    }
    level(top, true);
  }
  level(top, false);
  if (top.fault) outcome << "fault\n";
  top.final();
  return 0;
}
