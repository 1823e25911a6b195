// SPDX-License-Identifier: MIT
//! The engine's work for a message grows with the bytes of the message, not with the numbers in it.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/bag.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/gset.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/replication/size_in_bytes.hpp>

#include "spent.hpp"

namespace engine_tests {

using namespace crdt;
using namespace crdt::replication;

namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

/// Removed dots in `ranges` ranges, up to the greatest possible dot.
template <class Set>
Set removed(std::size_t ranges) {
    DotSet<> dots;
    const std::uint64_t step = greatest / (2 * ranges);
    for (std::uint64_t i = 0; i < ranges; ++i)
        dots.add(DotRange<>{"x", 2 * i * step + 1, (2 * i + 1) * step});
    return Set::from_lattice(typename Set::lattice_type({}, dots));
}

struct Input {
    std::size_t bytes;
    Cost cost;
};

/// Returns the cost to receive these changes, then a digest, a sketch or neither, and to send all
/// pending messages.
template <class L>
Input cost_of(const L& changes, const std::optional<DigestOf<L>>& digest, bool sketch) {
    Options options;
    options.message_limit = 4096;
    Replicator<L, std::string, SizeInBytes> engine(Epoch{1}, options);
    engine.set_peers({"peer", "other"}, Time{});
    engine.start(Time{});
    Message<L> first, second;
    first.from_epoch = second.from_epoch = replication::Epoch{7};
    first.to_epoch = second.to_epoch = engine.epoch();
    first.changes = Changes<L>{changes, 0, 1, TransferKind::difference};
    second.digest = digest;
    if (sketch) second.sketch = Sketch();
    const std::size_t bytes =
        binary::encode_value(first).size() + binary::encode_value(second).size();
    const Cost before = spent;
    engine.on_message("peer", first, Time{Duration{1}});
    engine.on_message("other", second, Time{Duration{2}});
    for (Time now{}; now < Time{std::chrono::milliseconds{60'000}};
         now += std::chrono::milliseconds{1000})
        engine.on_tick(now);
    return {bytes, {0, spent.allocations - before.allocations, spent.bytes - before.bytes}};
}

/// Checks that eight times the bytes cost about eight times as much.
template <class L, class Make>
void expect_near_linear(Make&& make) {
    for (const int kind : {0, 1, 2}) {
        CAPTURE(kind);
        const auto run = [&](std::size_t size) {
            const L changes = make(size);
            std::optional<DigestOf<L>> requested;
            if (kind == 1) requested = digest(make(size / 2));
            return cost_of<L>(changes, requested, kind == 2);
        };
        run(10);
        // Both need several messages. What fits into one costs less for each byte.
        const Input small = run(500), large = run(4000);
        const double growth = static_cast<double>(large.bytes) / static_cast<double>(small.bytes);
        CHECK(static_cast<double>(large.cost.bytes) <
              2 * growth * static_cast<double>(small.cost.bytes) + 1e6);
        CHECK(static_cast<double>(large.cost.allocations) <
              2 * growth * static_cast<double>(small.cost.allocations) + 1e4);
    }
}

}  // namespace

TEST_CASE("complexity: the engine's work for a message grows with the bytes of the message") {
    expect_near_linear<AWSet<std::string>>(
        [](std::size_t size) { return removed<AWSet<std::string>>(size); });
    expect_near_linear<Bag<std::string>>([](std::size_t size) {
        Bag<std::string> bag;
        for (std::size_t i = 0; i < size; ++i) bag.insert("x", std::to_string(i), 1U << 30U);
        return bag;
    });
    expect_near_linear<GSet<std::uint64_t>>([](std::size_t size) {
        GSet<std::uint64_t> set;
        for (std::size_t i = 0; i < size; ++i) set.insert(greatest - i * (greatest / size));
        return set;
    });
}

TEST_CASE("complexity: the engine's work does not grow with the numbers in a message") {
    const auto bytes_for = [](std::uint64_t last) {
        using Set = AWSet<std::string>;
        const Set state =
            Set::from_lattice(Set::lattice_type({}, DotSet<>(DotRange<>{"x", 1, last})));
        return cost_of<Set>(state, {}, true).cost.bytes;
    };
    bytes_for(2);
    const std::size_t few = bytes_for(2);
    for (const std::uint64_t last : {std::uint64_t{1} << 20U, std::uint64_t{1} << 40U, greatest})
        CHECK(bytes_for(last) < 2 * few + 1000);
}

}  // namespace engine_tests
