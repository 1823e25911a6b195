// SPDX-License-Identifier: MIT
//! Nothing in the engine costs the value of a number: what is kept as a range goes as a range.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/bag.hpp>
#include <crdt/codec/keyed_hash.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/replication/sketch.hpp>
#include <crdt/replication/split.hpp>

#include "support/network.hpp"
#include "support/seeds.hpp"

namespace ranges_tests {

using namespace crdt;
using namespace crdt::replication;
using support::Network;

namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
constexpr Duration second = std::chrono::milliseconds{1000};

/// Ranges of removed dots, near and far apart, up to the last dot there is.
DotSet<> any_ranges(crdt::Random& random) {
    DotSet<> dots;
    for (std::uint64_t count = 1 + random.below(20); count > 0; --count) {
        const std::string replica(1, static_cast<char>('a' + random.below(3)));
        const std::uint64_t first = 1 + (random.next() >> random.below(64));
        const std::uint64_t length = random.next() >> random.below(64);
        dots.add(DotRange<>{replica, first, length > greatest - first ? greatest : first + length});
    }
    return dots;
}

AWSet<std::string> removed(const DotSet<>& dots) {
    using State = AWSet<std::string>::lattice_type;
    return AWSet<std::string>::from_lattice(State({}, dots));
}

/// Two replicas that start with these connect, and fall silent.
template <class L, class Policy = SizeInBytes>
void expect_resync(const L& a, const L& b) {
    Network<L, Policy> net(2, 3);
    net.replicas[0].merge_local(a);
    net.replicas[1].merge_local(b);
    net.run(4 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    L joined = a;
    joined.merge(b);
    CHECK(net.replicas[0].state() == joined);
}

}  // namespace

TEST_CASE("ranges: a context of 2^63 removed dots is one of everything") {
    const auto state = removed(DotSet<>(DotRange<>{"x", 1, std::uint64_t{1} << 63U}));
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    CHECK(part_count(state) == std::min<std::uint64_t>(std::uint64_t{1} << 63U, most));
    CHECK(range_count(state) == 1);
    CHECK(SizeInBytes::cost(state) < 20);
    CHECK(split<SizeInBytes>(state, 10).size() == 1);
    CHECK(Sketch::of(state, {1}).bucket_difference(state).is_bottom());
    CHECK(Sketch().bucket_difference(state) == state);
    expect_resync(state, {});
    expect_resync(state, removed(DotSet<>(DotRange<>{"y", 3, greatest})));
}

TEST_CASE("ranges: a replica that is sent a context of 2^63 dots, then a sketch, goes on") {
    Replicator<AWSet<std::string>, std::string, SizeInBytes> replica(Epoch{1});
    replica.set_peers({"peer"}, Time{});
    replica.start(Time{});
    Message<AWSet<std::string>> message;
    message.from_epoch = replication::Epoch{7};
    message.changes =
        Changes<AWSet<std::string>>{removed(DotSet<>(DotRange<>{"x", 1, std::uint64_t{1} << 63U})),
                                    0, 1, TransferKind::difference};
    replica.on_message("peer", message, Time{Duration{1}});
    message.changes.reset();
    message.sketch = Sketch();
    replica.on_message("peer", message, Time{Duration{2}});
    std::size_t answers = 0;
    for (const auto& sent : replica.on_tick(Time{2 * second}))
        answers += sent.message.changes.has_value();
    CHECK(answers == 1);
}

TEST_CASE("ranges: a sketch is refused by a type that never requests by sketch") {
    Replicator<AWSet<std::string>> replica(Epoch{1});
    replica.set_peers({"peer"}, Time{});
    Message<AWSet<std::string>> message;
    message.from_epoch = replication::Epoch{7};
    message.sketch = Sketch();
    replica.on_message("peer", message, Time{Duration{1}});
    CHECK(replica.metrics().rejected == 1);
}

TEST_CASE("ranges: a bag of millions is sent as quickly as one of few") {
    Network<Bag<std::string>> net(2, 3);
    net.run(second);
    for (const std::size_t count :
         {std::size_t{4'000'000}, std::numeric_limits<std::size_t>::max() / 4}) {
        net.replicas[0].update([&](auto& bag) { return bag.insert("n0", "nail", count); });
        net.replicas[1].update([&](auto& bag) { return bag.insert("n1", "nail", count); });
    }
    net.replicas[0].update([](auto& bag) { return bag.erase("n0", "nail", 3'999'999); });
    net.run(4 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    CHECK(net.replicas[0].log().cost() == 0);
}

TEST_CASE("ranges: a set of thousands, of which millions were removed, goes in fragments") {
    using Set = AWSet<std::string, int>;
    Set set;
    for (int element = 0; element < 4000; ++element) {
        set.insert(1, std::to_string(element));
        // A thousand more of its dots are of removed elements.
        const std::uint64_t last = set.context().last(1);
        const DotSet<int> past(DotRange<int>{1, last + 1, last + 1000});
        set.merge(Set::from_lattice(Set::lattice_type({}, past)));
    }
    REQUIRE(part_count(set) == 4000 * 1001);
    const auto fragments = split<SizeInBytes>(set, 4096);
    CHECK(fragments.size() > 10);
    CHECK(fragments.size() < 100);
    Set joined;
    for (const auto& fragment : fragments) {
        CHECK(SizeInBytes::cost(fragment) <= 4096);
        joined.merge(fragment);
    }
    CHECK(joined == set);
    expect_resync(set, {});
}

TEST_CASE("ranges: whatever ranges there are, work goes by their number") {
    for (std::uint64_t seed = 0; seed < support::seeds(200); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        AWSet<std::string> a = removed(any_ranges(random)), b = removed(any_ranges(random));
        for (int i = 0; i < 5; ++i) {
            // Where the last dot is taken, a replica can add no more.
            if (a.context().last("a") < greatest) a.insert("a", std::to_string(random.below(9)));
            if (b.context().last("b") < greatest) b.insert("b", std::to_string(random.below(9)));
        }
        std::size_t ranges = 0;
        AWSet<std::string> back;
        decompose_by_ranges(a, [&](const AWSet<std::string>& range) {
            ++ranges;
            CHECK(range.leq(a));
            back.merge(range);
        });
        CHECK(back == a);
        CHECK(ranges == range_count(a));
        CHECK(ranges <= binary::encode_value(a).size());
        CHECK(part_count(a) >= ranges);
        const auto found = Sketch::of(b, {seed}).bucket_difference(a);
        CHECK(difference(a, b).leq(found));
        CHECK(found.leq(a));
        expect_resync(a, b);
    }
}

TEST_CASE("ranges: counts of parts saturate") {
    using Dots = DotSet<std::string>;
    const Dots all(DotRange<>{"x", 1, greatest});
    CHECK(part_count(all) == std::numeric_limits<std::size_t>::max());
    const MapOf<int, Dots> map{{1, all}, {2, all}, {3, Dots(DotRange<>{"y", 1, 2})}};
    CHECK(part_count(map) == std::numeric_limits<std::size_t>::max());
    CHECK(range_count(map) == 3);
    const Product<Dots, Dots, Dots> product(all, all, all);
    CHECK(part_count(product) == std::numeric_limits<std::size_t>::max());
    CHECK(range_count(product) == 3);
    const MapOf<int, Product<Dots, Dots>> nested{{1, Product(all, Dots())}, {2, Product(all, all)}};
    CHECK(part_count(nested) == std::numeric_limits<std::size_t>::max());
    CHECK(range_count(nested) == 3);
}

namespace graph {

/// A user's key with equal hashes for (1, 2) and (2, 1).
struct Edge {
    int from = 0, to = 0;
    friend auto operator<=>(const Edge&, const Edge&) = default;
    friend std::uint64_t hash_value(const Edge& edge) {
        return crdt::hash_value(edge.from) ^ crdt::hash_value(edge.to);
    }
};
/// The same without a form.
struct Formless {
    int from = 0, to = 0;
    friend auto operator<=>(const Formless&, const Formless&) = default;
    friend std::uint64_t hash_value(const Formless&) { return 7; }
};

}  // namespace graph

}  // namespace ranges_tests

template <>
struct crdt::Serializer<ranges_tests::graph::Edge> {
    static constexpr std::string_view type_name = "edge";
    static void write(auto& out, const ranges_tests::graph::Edge& edge) {
        serialize_tuple(out, edge.from, edge.to);
    }
    static ranges_tests::graph::Edge read(auto& in) {
        const auto [from, to] = deserialize_tuple<int, int>(in);
        return {from, to};
    }
};

namespace ranges_tests {

TEST_CASE("sketch: texts of one FNV-1a hash do not look alike") {
    const std::string first = "8yn0iYCKYHlIj4-BwPqk", second_text = "GReLUrM4wMqfg9yzV3KQ";
    GSet<std::string> a, b;
    for (int i = 0; i < 1000; ++i) {
        a.insert(std::to_string(i));
        b.insert(std::to_string(i));
    }
    a.insert(first);
    b.insert(second_text);
    expect_resync<GSet<std::string>, replication::Policy>(a, b);
    expect_resync(a, b);
    for (std::uint64_t key = 0; key < 1000; ++key)
        CHECK(keyed_hash(first, key) != keyed_hash(second_text, key));
}

TEST_CASE("sketch: a user's weak hash does no harm") {
    GSet<graph::Edge> a, b;
    GSet<graph::Formless> c, d;
    for (int i = 0; i < 1000; ++i) {
        a.insert({i, -i});
        b.insert({i, -i});
        c.insert({i, -i});
        d.insert({i, -i});
    }
    a.insert({1, 2});
    b.insert({2, 1});
    c.insert({1, 2});
    d.insert({2, 1});
    expect_resync<GSet<graph::Edge>, replication::Policy>(a, b);
    expect_resync<GSet<graph::Formless>, replication::Policy>(c, d);
}

TEST_CASE("keyed_hash: what the words of a form are can be read from it") {
    // Neighbours in a serializer without separators are distinguished.
    CHECK(keyed_hash(std::tuple<std::string, std::string>("ab", "c"), 1) !=
          keyed_hash(std::tuple<std::string, std::string>("a", "bc"), 1));
    CHECK(keyed_hash(std::string("a"), 1) != keyed_hash(std::string("a\0", 2), 1));
    CHECK(keyed_hash(std::string("a"), 1) != keyed_hash(std::string("a"), 2));
    // The same on every platform: pinned.
    CHECK(keyed_hash(std::string("crdt"), 7) == 5856512297645909183U);
}

}  // namespace ranges_tests
