// SPDX-License-Identifier: MIT
//! Large states are answered piece by piece, from the state as it is when a piece is needed.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gmap.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/replication/slices.hpp>
#include <crdt/replication/transfer.hpp>

#include "support/clusters.hpp"
#include "support/failing_new.hpp"
#include "support/network.hpp"
#include "support/seeds.hpp"
#include "support/types.hpp"

namespace slices_tests {

using namespace crdt;
using namespace crdt::replication;
using support::second;

namespace {

/// The join of all slices, which are safe deltas of the state.
template <class L>
L joined(const L& state, std::size_t count) {
    Slices<L> slices;
    L all;
    for (L slice = slices.next(state, count); !slice.is_bottom();
         slice = slices.next(state, count)) {
        CHECK(slice.leq(state));
        all.merge(slice);
    }
    CHECK(slices.next(state, count).is_bottom());
    return all;
}

using Names = GMap<std::string, PNCounter<std::uint64_t>>;
using Table = ORMap<int, MVRegister<int, int>>;

Names add(Names& names, std::uint64_t number) {
    return names.update("name " + std::to_string(number),
                        [](auto& counter) { return counter.add(1U, 1); });
}
Table add(Table& table, std::uint64_t number) {
    return table.update(static_cast<int>(number), [](auto& value) { return value.assign(1, 1); });
}
AWSet<int> add(AWSet<int>& set, std::uint64_t number) {
    return set.insert("a", static_cast<int>(number));
}

}  // namespace

TEST_CASE("replication: the slices of a state of any type join to it") {
    support::for_each_type([](auto row) {
        using L = typename decltype(row)::state_type;
        const L state = support::sample<L>();
        for (const std::size_t count : {1U, 2U, 1000U}) CHECK(joined(state, count) == state);
    });
    using Both = Product<GSet<int>, GSet<int>>;
    Both both(GSet<int>{1, 2, 3}, GSet<int>{4, 5});
    CHECK(joined(both, 2) == both);
    CHECK(Slices<Table>::is_lazy);
    CHECK(Slices<Both>::is_lazy);
    CHECK_FALSE(Slices<MVRegister<int, int>>::is_lazy);
}

TEST_CASE(
    "replication: what is removed is in the last slice, and what is removed meanwhile in none") {
    AWSet<int> set;
    for (int i = 0; i < 10; ++i) set.insert("a", i);
    set.erase(3);
    AWSet<int> all;
    Slices<AWSet<int>> slices;
    all.merge(slices.next(set, 4));
    CHECK(all.size() == 4);
    const AWSet<int> removal = set.erase(1), later = set.erase(9);
    const AWSet<int> before = set.insert("a", -1);  // its place has passed
    for (AWSet<int> slice = slices.next(set, 4); !slice.is_bottom(); slice = slices.next(set, 4))
        all.merge(slice);
    // The rest is in the log: here these deltas.
    all.merge(removal);
    all.merge(later);
    all.merge(before);
    CHECK(all == set);
}

TEST_CASE_TEMPLATE("replication: a transfer of a state that changes is complete with the log", L,
                   Names, Table, AWSet<int>) {
    L state, peer, log;
    for (std::uint64_t i = 0; i < 5000; ++i) add(state, 7 * i);
    Transfer<L, Policy> transfer(state, digest(peer), 500);
    Random random(1);
    std::size_t pieces = 0;
    for (bool has_more = true; has_more; ++pieces) {
        const Changes<L> piece = transfer.piece(pieces + 1, 100000);
        has_more = piece.more_pieces;
        CHECK(Policy::cost(piece.delta) <= 1524);
        peer.merge(piece.delta);
        for (int i = 0; i < 20; ++i) log.merge(add(state, random.below(40000)));
        transfer.pop(state);
        REQUIRE(pieces < transfer.positions());
    }
    CHECK(transfer.is_done());
    CHECK(pieces >= 4);
    peer.merge(log);
    CHECK(peer == state);
}

TEST_CASE("replication: the first piece of a state of 300,000 names costs no more than a piece") {
    Names names;
    for (std::uint64_t i = 0; i < (support::few_cases ? 70000U : 300000U); ++i) add(names, i);
    Replicator<Names> replica(Epoch{1});
    replica.merge_local(names);
    replica.set_peers({"peer"}, Time{});
    replica.start(Time{});
    Message<Names> request;
    request.from_epoch = Epoch{2};
    request.digest = digest(Names{});
    const Time now{second};
    replica.on_message("peer", request, now);
    constexpr long many = 1 << 30;
    support::allocations_left = many;
    const auto sent = replica.on_tick(now);
    const long allocations = many - support::allocations_left;
    support::allocations_left = -1;
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].message.changes);
    CHECK(sent[0].message.changes->more_pieces);
    CHECK_FALSE(sent[0].message.answer_pending);
    // Two pieces of 65,536 ranges are made, each name with its text and its counter.
    CHECK(allocations < 1'000'000);
}

TEST_CASE("replication: a state that grows to more than twice its size begins its transfer again") {
    Names names;
    for (std::uint64_t i = 0; i < 70000; ++i) add(names, i);
    Options options;
    options.interval = options.ack_delay = std::chrono::milliseconds{1};
    options.message_limit = 20000;
    support::Network<Names> net(2, 1, options);
    net.replicas[0].merge_local(names);
    std::uint64_t number = 100000;
    net.run(second, [&] {
        if (net.replicas[1].state().size() == 0 || number > 300000) return;
        net.replicas[0].update([&](Names& state) {
            Names delta;
            for (int i = 0; i < 2000; ++i) delta.merge(add(state, ++number));
            return delta;
        });
    });
    net.run(20 * second);
    CHECK(net.converged());
    CHECK(net.silent());
}

}  // namespace slices_tests
