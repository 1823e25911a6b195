// SPDX-License-Identifier: MIT
//! race: measures several contenders in turns, such as the library, a hand-written kernel and a
//! simple version.
//!
//! The speed of a machine changes from second to second. So the contenders of a case take turns,
//! round by round. The result of a contender is the median of its times.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace bench {

/// Returns the nanoseconds for which this thread has had a processor. So other programs disturb the
/// results less.
inline double processor_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// A contender. The time of `run` is measured, the time of `prepare` is not.
template <class Prepare, class Run>
struct Contender {
    const char* name;
    Prepare prepare;
    Run run;
    std::vector<double> nanoseconds{};

    void take_turn(std::size_t operations) {
        prepare();
        const double begin = processor_time();
        run();
        nanoseconds.push_back((processor_time() - begin) / static_cast<double>(operations));
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

/// Reports the time of the library as a multiple of the time of the merge that took turns with it.
inline void compare_with_merge(benchmark::State& state) {
    state.counters["ours / merge"] = state.counters["ours"] / state.counters["merge"];
    state.counters.erase("merge");
}

}  // namespace bench
