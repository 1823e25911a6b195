// SPDX-License-Identifier: MIT
//! Texts and lists in the engine and in the simulator.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/list.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/replication/split.hpp>
#include <crdt/sim/simulator.hpp>
#include <crdt/text.hpp>

#include "support/network.hpp"
#include "support/sequence_model.hpp"

namespace sequence_engine_tests {

using namespace crdt;
using namespace crdt::replication;

namespace {

constexpr Duration second = std::chrono::milliseconds{1000};

template <class L, class Mutate>
void expect_convergence(Mutate mutate) {
    for (std::uint64_t seed = 1; seed <= support::seeds(60); ++seed) {
        CAPTURE(seed);
        const auto run = sim::simulate<L>(seed, [&](L& state, std::size_t replica, Random& random) {
            laws::Choices choices(random);
            return mutate(state, replica, choices);
        });
        CHECK_MESSAGE(run.ok(), run.violation);
    }
}

/// A text as it is after much editing: words at many places, every third one erased.
Text<> edited(const std::string& id, std::size_t words) {
    Text<> text;
    Random random(words);
    for (std::size_t i = 0; i < words; ++i) {
        text.insert(id, random.below(text.size() + 1), "several words ");
        if (i % 3 == 0) text.erase(random.below(text.size() - 10), 10);
    }
    return text;
}

}  // namespace

TEST_CASE("simulator: texts and lists converge under crashes, partitions and corruption") {
    expect_convergence<Text<std::size_t>>(support::write_to_sequence);
    expect_convergence<List<char, std::size_t>>(support::write_to_sequence);
    expect_convergence<ORMap<std::string, Text<std::size_t>>>(support::write_to_sequences);
    expect_convergence<ORMap<std::string, List<char, std::size_t>>>(support::write_to_sequences);
}

TEST_CASE("engine: the cost, the pieces and the count of a text are those of its ranges") {
    const Text<> text("ann", std::string(200'000, 'x'));
    CHECK(part_count(text) == 400'000);
    CHECK(range_count(text) < 1'000);  // one for each chunk of 256
    const Text<> other = edited("bob", 3'000);
    CHECK(range_count(other) < 12'000);
    std::size_t pieces = 0, largest = 0;
    Text<> joined;
    for (const Text<>& piece : split<SizeInBytes>(other, 4'000)) {
        ++pieces;
        largest = std::max(largest, SizeInBytes::cost(piece));
        joined.merge(piece);
    }
    CHECK(joined == other);
    CHECK(pieces > 5);
    CHECK(largest < 12'000);
}

TEST_CASE("engine: replicas with large texts resynchronise, and then exchange edits") {
    support::Network<Text<>, SizeInBytes> net(3, 3);
    net.replicas[0].merge_local(edited("ann", 2'000));
    net.replicas[1].merge_local(edited("bob", 2'000));
    net.run(30 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    for (int i = 0; i < 20; ++i) {
        const std::size_t replica = static_cast<std::size_t>(i) % 3;
        net.replicas[replica].update([&](Text<>& text) {
            return text.insert("r" + std::to_string(replica), text.size() / 2, "!");
        });
        net.run(second);
    }
    net.run(30 * second);
    CHECK(net.converged());
    CHECK(net.replicas[2].state().waiting() == 0);
}

}  // namespace sequence_engine_tests
