// SPDX-License-Identifier: MIT
//! race: the library, the limit of the hardware and hand-written code, measured in turns.
//!
//! The speed of a machine changes from second to second. So the contenders of a case take turns,
//! round by round; the results are the median of each and their ratio.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace bench {

/// A contender: `run` is timed, `prepare` is not.
template <class Prepare, class Run>
struct Contender {
    const char* name;
    Prepare prepare;
    Run run;
    std::vector<double> nanoseconds{};

    void take_turn(std::size_t operations) {
        prepare();
        const auto begin = std::chrono::steady_clock::now();
        run();
        const std::chrono::duration<double, std::nano> spent =
            std::chrono::steady_clock::now() - begin;
        nanoseconds.push_back(spent.count() / static_cast<double>(operations));
    }
    double median() {
        const auto middle =
            nanoseconds.begin() + static_cast<std::ptrdiff_t>(nanoseconds.size() / 2);
        std::nth_element(nanoseconds.begin(), middle, nanoseconds.end());
        return *middle;
    }
};
template <class Prepare, class Run>
Contender(const char*, Prepare, Run) -> Contender<Prepare, Run>;

/// Runs the rounds of all contenders, of `operations` each, and reports the nanoseconds per
/// operation of each under its name.
template <class... Contenders>
void race(benchmark::State& state, std::size_t operations, Contenders... contenders) {
    for (auto _ : state) (contenders.take_turn(operations), ...);
    (void(state.counters[contenders.name] = contenders.median()), ...);
}

}  // namespace bench
