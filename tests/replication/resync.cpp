// SPDX-License-Identifier: MIT
//! How replicas without a common state are resynchronised: by state, by digest, by sketch.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gmap.hpp>
#include <crdt/gset.hpp>
#include <crdt/lww_register.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/replication/sketch.hpp>
#include <crdt/resettable_counter.hpp>

#include "support/network.hpp"
#include "support/seeds.hpp"

namespace resync_tests {

using namespace crdt;
using namespace crdt::replication;
using support::Network;

namespace {

constexpr Duration second = std::chrono::milliseconds{1000};

GSet<int> numbers(int from, int to) {
    GSet<int> set;
    for (int i = from; i < to; ++i) set.insert(i);
    return set;
}

/// What a pair sent until it was silent, that began with these two states.
template <class L>
struct Resync {
    std::size_t messages = 0, parts = 0, digests = 0, sketches = 0, wholes = 0;

    Resync(const L& first, const L& second_state) {
        Network<L> net(2, 3);
        net.conditions.max_delay = std::chrono::milliseconds{5};
        net.replicas[0].merge_local(first);
        net.replicas[1].merge_local(second_state);
        net.run(4 * second);
        CHECK(net.converged());
        CHECK(net.silent());
        for (const auto& [at, from, to, message] : net.log) {
            ++messages;
            if (message.changes) parts += part_count(message.changes->delta);
            digests += message.digest.has_value();
            sketches += message.sketch || (message.changes && message.changes->sketch);
            wholes += message.changes && message.changes->requests_answer();
        }
    }
};

}  // namespace

static_assert(is_lossless<GCounter<>, DigestOf<GCounter<>>>);
static_assert(is_lossless<GMap<int, PNCounter<>>, DigestOf<GMap<int, PNCounter<>>>>);
static_assert(!is_lossless<AWSet<int>, DigestOf<AWSet<int>>>);
static_assert(!is_lossless<LWWRegister<int>, DigestOf<LWWRegister<int>>>);

TEST_CASE("sketch: it differs where states do, and what differs makes up for it") {
    const GSet<int> a = numbers(0, 1000), b = numbers(5, 1010);
    CHECK(Sketch::of(a, {7}) == Sketch::of(a, {7}));
    CHECK(Sketch::of(a, {7}) != Sketch::of(a, {8}));
    const GSet<int> found = Sketch::of(b, {7}).bucket_difference(a);
    CHECK(difference(a, b).leq(found));
    CHECK(found.leq(a));
    CHECK(part_count(found) < 120);  // 15 buckets of about 4
    CHECK(part_count(Sketch::of(b, {7, 2048}).bucket_difference(a)) < 20);
    CHECK(Sketch::of(a, {7}).bucket_difference(a).is_bottom());
    CHECK(Sketch().bucket_difference(a) == a);
}

TEST_CASE("replication: small states synchronise by state: one, what it lacks, and an ack") {
    const Resync<GSet<int>> resync(numbers(0, 100), numbers(50, 150));
    CHECK(resync.messages == 3);
    CHECK(resync.parts == 150);
    CHECK(resync.digests + resync.sketches == 0);
}

TEST_CASE("replication: causal states synchronise by digest") {
    AWSet<int> a, b;
    for (int i = 0; i < 100; ++i) {
        a.insert("a", i);
        b.insert("b", i);
    }
    const Resync<AWSet<int>> resync(a, b);
    CHECK(resync.parts == 200);
    CHECK(resync.digests == 2);
    CHECK(resync.wholes + resync.sketches == 0);
}

TEST_CASE("replication: large states synchronise by sketch, and equal ones send no more") {
    const Resync<GSet<int>> alike(numbers(0, 10000), numbers(0, 10000));
    CHECK(alike.parts == 0);
    CHECK(alike.sketches == 2);

    const Resync<GSet<int>> close(numbers(0, 10000), numbers(3, 10003));
    CHECK(close.parts >= 6);
    CHECK(close.parts < 400);  // six buckets of 40, one way, and what they lack the other

    const Resync<GSet<int>> apart(numbers(0, 10000), numbers(10000, 20000));
    CHECK(apart.parts == 20000);
}

TEST_CASE("replication: whole states larger than a message are answered when they are complete") {
    for (std::uint64_t seed = 1; seed <= (support::few_cases ? 3 : 20); ++seed) {
        CAPTURE(seed);
        Options options;
        options.message_limit = 100;
        Network<GSet<int>> net(2, seed, options);
        net.conditions = {static_cast<unsigned>(seed % 3 * 15), 10, std::chrono::milliseconds{50}};
        net.replicas[0].merge_local(numbers(0, 1000));
        net.replicas[1].merge_local(numbers(1000, 2000));
        net.run(60 * second);
        net.conditions = {};
        net.run(10 * second);
        CHECK(net.converged());
        CHECK(net.silent());
    }
}

TEST_CASE("replication: where a digest is too large for a message, a sketch takes its place") {
    using Counters = ORMap<std::string, ResettableCounter<>>;
    for (const std::size_t digest_limit : {std::size_t{1} << 19U, std::size_t{1000}}) {
        Options options;
        options.digest_limit = digest_limit;
        options.message_limit = 8192;
        Network<Counters, SizeInBytes> net(2, 5, options);
        for (std::size_t i = 0; i < 2; ++i) {
            Counters state;
            for (int key = 0; key < 600; ++key) {
                // Every third is of this replica alone, and many writers make the digest large.
                const std::string writer =
                    std::to_string(key % 3 == 2 ? i : 7) + std::to_string(key);
                if (key % 3 == 2 || i == 0)
                    state.update("name " + std::to_string(key),
                                 [&](auto& counter) { return counter.add(writer, key + 1); });
            }
            net.replicas[i].merge_local(state);
        }
        net.run(10 * second);
        CHECK(net.converged());
        CHECK(net.silent());
        CHECK(net.replicas[0].state().size() == 600);
        std::size_t digests = 0, sketches = 0;
        for (const auto& sent : net.log) {
            digests += sent.message.digest.has_value();
            sketches += sent.message.sketch.has_value();
            CHECK(binary::encode_value(sent.message).size() <= 2 * (1U << 19U));
            if (digest_limit > 1000) continue;
            CHECK(binary::encode_value(sent.message).size() <= 3 * options.message_limit);
        }
        CHECK((digests > 0) == (digest_limit > 1000));
        CHECK((sketches > 0) == (digest_limit == 1000));
    }
}

TEST_CASE("replication: by bytes, no message outgrows its limit, however long its parts") {
    Options options;
    options.message_limit = 4000;
    Network<GSet<std::string>, SizeInBytes> net(2, 5, options);
    net.run(2 * second);
    for (int i = 0; i < 100; ++i) {
        net.replicas[0].update(
            [&](auto& set) { return set.insert(std::to_string(i) + std::string(1000, 'x')); });
    }
    net.run(20 * second);
    net.restart(1);
    net.run(20 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    std::size_t most = 0;
    for (const auto& sent : net.log) most = std::max(most, binary::size(sent.message));
    CHECK(most > 3000);
    CHECK(most < 4100);
    CHECK(net.replicas[0].metrics().cost_sent > 100 * 1000);
}

TEST_CASE_TEMPLATE("replication: states that differ under one digest are found", L,
                   AWSet<std::string>, GMap<int, LWWRegister<std::string>>) {
    for (const bool duplicates : {false, true}) {
        Network<L> net(3, 3);
        for (std::size_t i = 0; i < 3; ++i) {
            // Replicas 0 and 1 write under one id, as from an old copy of one file.
            const std::string id =
                duplicates && i < 2 ? "duplicate" : "replica " + std::to_string(i);
            net.replicas[i].update([&](L& state) {
                if constexpr (std::is_same_v<L, AWSet<std::string>>)
                    return state.insert(id, std::to_string(i));
                else
                    return state.update(1, [&](auto& value) {
                        return value.assign({{1, 0}, id}, std::to_string(i));
                    });
            });
        }
        // The two never exchange what they wrote, as each has seen the dot: only the third one can.
        net.cut([](std::size_t from, std::size_t to) { return from < 2 && to < 2; });
        net.run(4 * second);
        std::uint64_t divergences = 0;
        for (const auto& replica : net.replicas) divergences += replica.metrics().divergences;
        CHECK((divergences > 0) == duplicates);
        CHECK(net.replicas[0].metrics().conflicts + net.replicas[1].metrics().conflicts == 0);
    }
}

}  // namespace resync_tests
