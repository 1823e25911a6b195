// SPDX-License-Identifier: MIT
//! race: measures several contenders in turns, such as the library, a hand-written kernel and a
//! simple version.
//!
//! The speed of a machine changes from second to second. So the contenders of a case take turns,
//! round by round. The result of a contender is the median of its times.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace bench {

/// A contender. The time of `run` is measured, the time of `prepare` is not.
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

/// Runs the rounds of all contenders. Each turn has `operations` operations. Reports the
/// nanoseconds per operation of each contender under its name.
template <class... Contenders>
void race(benchmark::State& state, std::size_t operations, Contenders... contenders) {
    for (auto _ : state) (contenders.take_turn(operations), ...);
    (void(state.counters[contenders.name] = contenders.median()), ...);
}

}  // namespace bench
