// The test bench: events from a file of integers, outputs held against another or written down.
//
//   csim STIMULUS EXPECTED         compare; the exit code is 1 when an integer differs
//   csim STIMULUS --write OUTPUTS  write what comes out
//   csim STIMULUS --time ROUNDS    run all events so many times and print the rate in processor time
#ifndef TRIGFORGE_TESTBENCH_H
#define TRIGFORGE_TESTBENCH_H

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "target.h"

namespace trigforge {

typedef std::vector<std::int64_t> Words;

// The raw values of one port, from and to the numbers that the design takes and gives.
template <typename number_t>
const std::int64_t* load(const std::int64_t* words, number_t x[], int count) {
  for (int i = 0; i < count; ++i) x[i] = from_raw<number_t>(words[i]);
  return words + count;
}
template <typename number_t>
std::int64_t* store(const number_t x[], std::int64_t* words, int count) {
  for (int i = 0; i < count; ++i) words[i] = raw(x[i]);
  return words + count;
}

// The integers of a file.
inline Words read_words(const char* path) {
  std::FILE* file = std::fopen(path, "r");
  if (file == nullptr) {
    std::fprintf(stderr, "cannot read %s\n", path);
    std::exit(2);
  }
  Words words;
  long long word = 0;
  while (std::fscanf(file, "%lld", &word) == 1) words.push_back(word);
  const bool complete = std::feof(file) != 0;
  std::fclose(file);
  if (!complete) {
    std::fprintf(stderr, "%s: value %zu is no integer\n", path, words.size());
    std::exit(2);
  }
  return words;
}

// Writes the integers, one event a line.
inline bool write_words(const char* path, const Words& words, std::size_t columns) {
  std::FILE* file = std::fopen(path, "w");
  if (file == nullptr) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::fprintf(file, "%lld%c", static_cast<long long>(words[i]), (i + 1) % columns ? ' ' : '\n');
  }
  return std::fclose(file) == 0;
}

// Runs `event(inputs, outputs)` for each event as the command line says; returns the exit code.
template <typename Event>
int testbench(int argc, char** argv, std::size_t inputs, std::size_t outputs, Event event) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s STIMULUS EXPECTED | --write OUTPUTS | --time ROUNDS\n", argv[0]);
    return 2;
  }
  const Words stimulus = read_words(argv[1]);
  if (stimulus.size() % inputs != 0) {
    std::fprintf(stderr, "%s: an event has %zu values\n", argv[1], inputs);
    return 2;
  }
  const std::size_t events = stimulus.size() / inputs;
  Words found(events * outputs);
  const bool timed = argc == 4 && std::strcmp(argv[2], "--time") == 0;
  const long rounds = timed ? std::strtol(argv[3], nullptr, 10) : 1;
  const std::clock_t start = std::clock();
  for (long round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < events; ++i) event(&stimulus[i * inputs], &found[i * outputs]);
  }
  if (timed) {
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    const double total = static_cast<double>(events) * static_cast<double>(rounds);
    std::printf("%.0f events per second\n", total / seconds);
    return 0;
  }
  if (argc == 4 && std::strcmp(argv[2], "--write") == 0) {
    if (write_words(argv[3], found, outputs)) return 0;
    std::fprintf(stderr, "cannot write %s\n", argv[3]);
    return 2;
  }
  const Words expected = read_words(argv[2]);
  if (expected.size() != found.size()) {
    std::fprintf(stderr, "%s: %zu values for %zu events\n", argv[2], expected.size(), events);
    return 2;
  }
  std::size_t different = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == expected[i]) continue;
    if (different == 0) {
      std::printf("mismatch: event %zu, value %zu: expected %lld, got %lld\n", i / outputs,
                  i % outputs, static_cast<long long>(expected[i]),
                  static_cast<long long>(found[i]));
    }
    ++different;
  }
  std::printf("%zu events, %zu different\n", events, different);
  return different == 0 ? 0 : 1;
}

}  // namespace trigforge

#endif
