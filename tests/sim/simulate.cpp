// SPDX-License-Identifier: MIT
//! Runs seed after seed, of several types in turn: simulate [COUNT [FIRST]]. Of one that fails it
//! prints the space-time diagram and leaves a picture; simulate show SEED does so for any.
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

#include <crdt/sim/simulator.hpp>
#include <crdt/system/decimal.hpp>

#include "support/updates.hpp"

namespace {

/// Calls visit.operator()<L>(mutate) for the type of this seed.
template <class Visit>
auto with_type(std::uint64_t seed, Visit visit) {
    switch (seed % 4) {
        case 0: return visit.template operator()<support::Numbers>(support::insert_unique);
        case 1: return visit.template operator()<support::Words>(support::add_or_remove);
        case 2: return visit.template operator()<support::Counter>(support::add_one);
        default: return visit.template operator()<support::Counters>(support::count_or_reset);
    }
}

void to_string(std::uint64_t seed) {
    const auto diagram = [&](bool svg) {
        return with_type(
            seed, [&]<class L>(auto mutate) { return crdt::sim::diagram<L>(seed, mutate, svg); });
    };
    const auto report =
        with_type(seed, [&]<class L>(auto mutate) { return crdt::sim::simulate<L>(seed, mutate); });
    const std::string file = "seed-" + std::to_string(seed) + ".svg";
    std::cout << diagram(false) << "Trace " << std::hex << report.trace_hash << std::dec
              << ", as a picture: " << file << '\n';
    std::ofstream(file) << diagram(true);
}

int simulate(std::uint64_t count, std::uint64_t first) {
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t failures = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const auto report = with_type(
            seed, [&]<class L>(auto mutate) { return crdt::sim::simulate<L>(seed, mutate); });
        if (report.ok()) continue;
        if (++failures == 1) to_string(seed);
        std::cout << "seed " << seed << " failed: " << report.violation << '\n';
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::cout << count << " seeds, " << failures << " failed, "
              << static_cast<double>(count) / seconds.count() << " seeds a second\n";
    return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string first = argc > 1 ? argv[1] : "1000", second = argc > 2 ? argv[2] : "1";
    const auto count = crdt::system::decimal<std::uint64_t>(first);
    const auto seed = crdt::system::decimal<std::uint64_t>(second);
    if (argc > 3 || !seed || (!count && (first != "show" || argc != 3))) {
        std::cerr << "simulate [COUNT [FIRST]] | show SEED: in decimal digits\n";
        return 2;
    }
    if (count) return simulate(*count, *seed);
    to_string(*seed);
    return 0;
}
