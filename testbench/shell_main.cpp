// Drives a shell over the words of many events, with pauses on both sides.
//
//   harness --stimulus FILE --outcome FILE --stall PERCENT --settle CLOCKS [--threshold RAW]
//
// A line of the stimulus is a word in hexadecimal digits and a 1 where it is
// the last of its event. A line of the outcome is `in CYCLE` for each word that
// was taken, `out CYCLE WORD LAST ACCEPTED` for each word that left, or
// `register ADDRESS VALUE`. After so many clocks without a transfer the run is
// over. Exit code: 0 done, 2 a file or the register file is at fault.

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <verilated.h>

#include "shell.h"

namespace {

struct Word {
  std::uint64_t data;
  bool last;
};

// Marsaglia's xorshift32.
class Stalls {
 public:
  explicit Stalls(unsigned percent) : percent_(percent) {}

  bool stalled() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ % 100 < percent_;
  }

 private:
  std::uint32_t state_ = 0x9e3779b9;
  unsigned percent_;
};

void level(shell::Top& top, bool high) {
  top.aclk = high;
  top.eval();
}

bool write(shell::Top& top, unsigned address, std::uint32_t value) {
  top.s_axi_awaddr = address;
  top.s_axi_wdata = value;
  top.s_axi_wstrb = 15;
  top.s_axi_awvalid = 1;
  top.s_axi_wvalid = 1;
  top.s_axi_bready = 1;
  bool good = false;
  for (int clock = 0; clock < 8; ++clock) {
    level(top, false);
    if (top.s_axi_bvalid) good = top.s_axi_bresp == 0;
    const bool taken = top.s_axi_awready;
    level(top, true);
    if (taken) {
      top.s_axi_awvalid = 0;
      top.s_axi_wvalid = 0;
    }
  }
  return good;
}

bool read(shell::Top& top, unsigned address, std::uint32_t& value) {
  top.s_axi_araddr = address;
  top.s_axi_arvalid = 1;
  top.s_axi_rready = 1;
  bool good = false;
  for (int clock = 0; clock < 8; ++clock) {
    level(top, false);
    if (top.s_axi_rvalid) {
      good = top.s_axi_rresp == 0;
      value = top.s_axi_rdata;
    }
    const bool taken = top.s_axi_arready;
    level(top, true);
    if (taken) top.s_axi_arvalid = 0;
  }
  return good;
}

void stream(shell::Top& top, const std::vector<Word>& words, unsigned stall, std::uint64_t settle,
            std::ofstream& outcome) {
  Stalls stalls(stall);
  const std::uint64_t every_byte = (std::uint64_t{1} << (sizeof(top.s_axis_tdata))) - 1;
  std::size_t next = 0;
  bool offered = false;
  std::uint64_t quiet = 0;
  char line[80];
  for (std::uint64_t cycle = 0; quiet < settle; ++cycle) {
    const bool hold = stalls.stalled();
    const bool ready = !stalls.stalled();
    offered = next < words.size() && (offered || !hold);
    const Word word = offered ? words[next] : Word{0, false};
    top.s_axis_tdata = word.data;
    top.s_axis_tkeep = every_byte;
    top.s_axis_tlast = word.last;
    top.s_axis_tvalid = offered;
    top.m_axis_tready = ready;
    level(top, false);
    ++quiet;
    if (offered && top.s_axis_tready) {
      std::snprintf(line, sizeof line, "in %llu\n", static_cast<unsigned long long>(cycle));
      outcome << line;
      ++next;
      offered = false;
      quiet = 0;
    }
    if (ready && top.m_axis_tvalid) {
      std::snprintf(line, sizeof line, "out %llu %llx %d %d\n",
                    static_cast<unsigned long long>(cycle),
                    static_cast<unsigned long long>(top.m_axis_tdata), top.m_axis_tlast,
                    top.m_axis_tuser);
      outcome << line;
      quiet = 0;
    }
    level(top, true);
  }
  top.s_axis_tvalid = 0;
  top.m_axis_tready = 0;
}

int fault(const std::string& message) {
  std::cerr << "error: " << message << '\n';
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::string stimulus_path, outcome_path, threshold;
  unsigned stall = 0;
  std::uint64_t settle = 0;
  for (int index = 1; index + 1 < argc; index += 2) {
    const std::string option = argv[index], value = argv[index + 1];
    if (option == "--stimulus") {
      stimulus_path = value;
    } else if (option == "--outcome") {
      outcome_path = value;
    } else if (option == "--stall") {
      stall = static_cast<unsigned>(std::stoul(value));
    } else if (option == "--settle") {
      settle = std::stoull(value);
    } else if (option == "--threshold") {
      threshold = value;
    } else {
      return fault("unknown option " + option);
    }
  }
  std::ifstream stimulus(stimulus_path);
  if (!stimulus) return fault("cannot read the stimulus `" + stimulus_path + "`");
  std::vector<Word> words;
  Word word{};
  while (stimulus >> std::hex >> word.data >> word.last) words.push_back(word);
  if (!stimulus.eof()) return fault("stimulus line " + std::to_string(words.size() + 1));
  std::ofstream outcome(outcome_path);
  if (!outcome) return fault("cannot write `" + outcome_path + "`");

  shell::Top top;
  top.aresetn = 0;
  for (int clock = 0; clock < 2; ++clock) {
    level(top, false);
    level(top, true);
  }
  top.aresetn = 1;
  if (!threshold.empty()) {
    const auto raw = static_cast<std::uint32_t>(std::stol(threshold));
    if (!write(top, shell::threshold, raw)) return fault("the threshold was not written");
  }
  stream(top, words, stall, settle, outcome);
  for (const unsigned address : shell::registers) {
    std::uint32_t value = 0;
    if (!read(top, address, value)) {
      return fault("register " + std::to_string(address) + " did not answer");
    }
    char line[40];
    std::snprintf(line, sizeof line, "register %02x %08x\n", address, value);
    outcome << line;
  }
  top.final();
  return 0;
}
