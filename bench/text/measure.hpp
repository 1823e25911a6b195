// SPDX-License-Identifier: MIT
//! Measures contenders in turns, and prints rows of figures.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace bench {

inline int rounds = 5;
inline bool is_tsv = false;

inline double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}
using Contenders = std::vector<std::function<void()>>;

/// The medians of the times of several contenders, which take turns, in milliseconds.
inline std::vector<double> race(const Contenders& contenders, int count = rounds) {
    std::vector<std::vector<double>> times(contenders.size());
    for (int i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < contenders.size(); ++j) {
            const double before = cpu_ms();
            contenders[j]();
            times[j].push_back(cpu_ms() - before);
        }
    }
    std::vector<double> medians;
    for (auto& each : times) {
        std::sort(each.begin(), each.end());
        medians.push_back(each[each.size() / 2]);
    }
    return medians;
}

inline void row(const std::string& name, double value, const char* unit,
                const std::string& note = "") {
    std::printf(is_tsv ? "%s\t%.6g\t%s\t%s\n" : "| %s | %.4g %s | %s |\n", name.c_str(), value,
                unit, note.c_str());
}
inline std::string per(double ms, std::size_t count) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g ns each", ms * 1e6 / static_cast<double>(count));
    return text;
}
inline void check(bool holds, const std::string& what) {
    if (holds) return;
    std::fprintf(stderr, "wrong result: %s\n", what.c_str());
    std::exit(1);
}

}  // namespace bench
