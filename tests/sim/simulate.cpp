// SPDX-License-Identifier: MIT
//! Runs seed after seed, of several types in turn: simulate [COUNT [FIRST]]. For the first seed
//! that fails it prints the space-time diagram and draws a picture. simulate show SEED does so for
//! any.
#include <cstdint>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>

#include <crdt/sim/simulator.hpp>
#include <crdt/system/decimal.hpp>

#include "support/updates.hpp"
#include <space_time.hpp>

namespace {

/// Calls visit.operator()<L>(mutate) for the type of this seed.
template <class Visit>
auto with_type(std::uint64_t seed, Visit visit) {
    switch (seed % 8) {
        case 0:
        case 4: return visit.template operator()<support::Numbers>(support::insert_unique);
        case 1:
        case 5: return visit.template operator()<support::Words>(support::add_or_remove);
        case 2:
        case 6: return visit.template operator()<support::Counter>(support::count_one);
        case 3: return visit.template operator()<support::Counters>(support::count_or_reset);
        default: return visit.template operator()<support::Stock>(support::fill_or_take);
    }
}

/// Prints the run of a seed, and draws it into a file.
void show(std::uint64_t seed) {
    with_type(seed,
              [&]<class L>(auto mutate) {
                  crdt::sim::Simulator<L, decltype(mutate)> simulator(
                      crdt::sim::SimulationOptions::draw(seed), seed, mutate, /*keep_trace=*/true);
                  const auto report = simulator.run();
                  const std::string file = "seed-" + std::to_string(seed) + ".svg";
                  std::cout << pictures::draw_text(simulator.trace(), simulator.replica_count())
                            << "Trace " << std::hex << report.trace_hash << std::dec
                            << ", as a picture: " << file << '\n';
                  std::ofstream(file)
                      << pictures::SpaceTime(simulator.trace(), simulator.replica_count()).svg();
              });
}

int simulate(std::uint64_t count, std::uint64_t first) {
    const std::clock_t start = std::clock();
    std::uint64_t failures = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const auto report = with_type(
            seed, [&]<class L>(auto mutate) { return crdt::sim::simulate<L>(seed, mutate); });
        if (report.ok()) continue;
        if (++failures == 1) show(seed);
        std::cout << "seed " << seed << " failed: " << report.violation << '\n';
    }
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::cout << count << " seeds, " << failures << " failed, "
              << static_cast<double>(count) / seconds << " seeds per CPU second\n";
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
    show(*seed);
    return 0;
}
