// SPDX-License-Identifier: MIT
//! The cost of the decoders of all types, in both codecs. Memory is proportional to the input, and
//! the number of steps nearly so, whatever counts, lengths and numbers the input contains.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message_serializer.hpp>

#include "../support/types.hpp"
#include "counted.hpp"
#include "spent.hpp"

template <>
struct crdt::Serializer<Counted> {
    static void write(auto& out, const Counted& key) { serialize(out, key.value); }
    static Counted read(auto& in) { return {deserialize<std::uint64_t>(in)}; }
};

namespace decoders_tests {

using namespace crdt;

namespace {

/// The limit in bytes per byte of input. It includes memory that is freed before the decoder
/// returns.
constexpr std::size_t most = 400;

template <class Decode>
Cost cost_of(std::string_view input, Decode&& decode) {
    CAPTURE(input.size());
    spent = {};
    const bool accepted = decode(input);
    const Cost cost = spent;
    CAPTURE(accepted);
    CHECK(cost.bytes <= most * input.size() + 4096);
    return cost;
}

template <class T>
Cost cost_of_binary(std::string_view input) {
    return cost_of(input,
                   [](std::string_view bytes) { return bool(binary::try_decode_value<T>(bytes)); });
}
template <class T>
Cost cost_of_json(std::string_view input) {
    return cost_of(input,
                   [](std::string_view text) { return bool(json::try_decode_value<T>(text)); });
}

template <class T>
void check_bounded(std::string_view input) {
    cost_of_binary<T>(input);
}

void check_all(std::string_view input) {
    check_bounded<GSet<std::uint64_t>>(input);
    check_bounded<GSet<std::string>>(input);
    check_bounded<PNCounter<>>(input);
    check_bounded<AWSet<std::string>>(input);
    check_bounded<ORMap<std::string, ORMap<int, MVRegister<std::string>>>>(input);
    check_bounded<std::vector<std::vector<std::string>>>(input);
    check_bounded<replication::Message<AWSet<int>>>(input);
}

/// Checks that the cost per byte is nearly the same for a large and a small input. A search takes a
/// few more steps in the large one.
void check_linear(const Cost& small, std::size_t small_size, const Cost& large,
                  std::size_t large_size) {
    const double ratio = static_cast<double>(large_size) / static_cast<double>(small_size);
    CAPTURE(ratio);
    CAPTURE(small.comparisons);
    CAPTURE(large.comparisons);
    CHECK(static_cast<double>(large.comparisons) <=
          2.5 * ratio * static_cast<double>(small.comparisons + 100));
    CAPTURE(small.bytes);
    CAPTURE(large.bytes);
    CHECK(static_cast<double>(large.bytes) <= 2 * ratio * static_cast<double>(small.bytes + 1000));
}

template <class T>
void check_value(const T& small, const T& large) {
    const std::string less = binary::encode_value(small), more = binary::encode_value(large);
    check_linear(cost_of_binary<T>(less), less.size(), cost_of_binary<T>(more), more.size());
    CHECK(binary::try_decode_value<T>(more));
    const std::string less_text = json::encode_value(small), more_text = json::encode_value(large);
    check_linear(cost_of_json<T>(less_text), less_text.size(), cost_of_json<T>(more_text),
                 more_text.size());
}

/// `grow(state, i, size)` makes the i-th of `size` changes.
template <class L, class Grow>
void check_type(const std::string& name, Grow grow) {
    CAPTURE(name);
    const auto make = [&](std::uint64_t size) {
        L state;
        for (std::uint64_t i = 0; i < size; ++i) grow(state, i, size);
        return state;
    };
    const L small = make(1000), large = make(8000);
    check_value(small, large);
    check_value(digest(small), digest(large));
    using Message = replication::Message<L>;
    const auto message = [](const L& state) {
        Message result;
        auto& changes = result.changes.emplace();
        changes.delta = state;
        changes.first = 1;
        changes.last = 2;
        result.digest = digest(state);
        return result;
    };
    check_value(message(small), message(large));
}

/// Returns the i-th number below `size` in a scattered order.
Counted scattered(std::uint64_t i, std::uint64_t size) { return {i * 1009 % size}; }
Counted replica(std::uint64_t i) { return {i % 3}; }

template <class Set>
void check_set(const std::string& name) {
    check_type<Set>(name + ", ascending", [](Set& set, std::uint64_t i, std::uint64_t) {
        set.insert(replica(i), Counted{i});
    });
    check_type<Set>(name + ", descending", [](Set& set, std::uint64_t i, std::uint64_t size) {
        set.insert(replica(0), Counted{size - i});
    });
    check_type<Set>(name + ", scattered", [](Set& set, std::uint64_t i, std::uint64_t size) {
        set.insert(Counted{i}, scattered(i, size));
        if (i % 5 == 0) set.insert(replica(i), Counted{7});
    });
}

template <class Map>
void check_map(const std::string& name) {
    const auto grow = [](Map& map, std::uint64_t i, std::uint64_t size) {
        const auto mutate = [&](auto& set) { return set.insert(replica(i), scattered(i, size)); };
        const Counted key{scattered(i, size).value / 5};
        if constexpr (requires { map.update(replica(i), key, mutate); })
            map.update(replica(i), key, mutate);
        else
            map.update(key, mutate);
    };
    check_type<Map>(name, grow);
}

/// Points of the plane, in a partial order.
struct Point {
    Counted x, y;

    bool leq(const Point& other) const { return x <= other.x && y <= other.y; }
    friend auto operator<=>(const Point&, const Point&) = default;
    [[maybe_unused]] friend std::uint64_t hash_value(const Point& point) {
        return hash_combine(hash_value(point.x), hash_value(point.y));
    }
};

}  // namespace

}  // namespace decoders_tests

template <>
struct crdt::Serializer<decoders_tests::Point> {
    static void write(auto& out, const decoders_tests::Point& point) {
        serialize_tuple(out, point.x, point.y);
    }
    static decoders_tests::Point read(auto& in) {
        auto [x, y] = deserialize_tuple<Counted, Counted>(in);
        return {x, y};
    }
};

namespace decoders_tests {

TEST_CASE("decoders: malicious bytes cost memory in proportion to their size") {
    const std::string huge = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01";
    for (const std::size_t size : {std::size_t{10}, std::size_t{1000}, std::size_t{100000}}) {
        for (const char filler : {'\0', '\1', '\2', '\x7F', '\xFF'}) {
            check_all(std::string(size, filler));
            check_all(huge + std::string(size, filler));
            check_all("\x80\x40" + std::string(size, filler));  // a list of 8,192
        }
        Random random(size);
        std::string noise;
        for (std::size_t i = 0; i < size; ++i) noise += static_cast<char>(random.below(4));
        check_all(noise);
    }
}

TEST_CASE("decoders: malicious text costs memory in proportion to its size") {
    const auto repeated = [](const std::string& text, std::size_t size) {
        std::string all;
        while (all.size() < size) all += text;
        return all;
    };
    for (const std::size_t size : {std::size_t{10}, std::size_t{1000}, std::size_t{30000}}) {
        for (const char* filler : {"0,", "[],", "[[", "{}, ", "\"\",", "null,", "[\"a\",1],",
                                   "[\"a\",1,18446744073709551615],", "[0,[[\"a\",1]]],", "\\u0000",
                                   "x", "\":1,\"", "{\"a\":", " "}) {
            CAPTURE(filler);
            const std::string inside = repeated(filler, size);
            for (const std::string& text :
                 {inside, '[' + inside + "0]", "[\"" + inside + "\"]", "{\"a" + inside + "\":1}",
                  "{\"context\":[" + inside + "0],\"store\":[" + inside + "0]}"}) {
                cost_of_json<GSet<std::uint64_t>>(text);
                cost_of_json<GSet<std::string>>(text);
                cost_of_json<PNCounter<>>(text);
                cost_of_json<AWSet<int>>(text);
                cost_of_json<ORMap<std::string, ORMap<int, MVRegister<std::string>>>>(text);
                cost_of_json<replication::Message<AWSet<int>>>(text);
                const std::string document =
                    "{\"state\":" + text + ",\"type\":\"gset<text>\",\"version\":2}";
                cost_of(document, [](std::string_view input) {
                    return bool(json::try_decode<GSet<std::string>>(input));
                });
            }
        }
    }
}

TEST_CASE("decoders: accepted input costs memory in proportion to its size, too") {
    GSet<std::uint64_t> dense;
    for (std::uint64_t i = 0; i < 10000; ++i) dense.insert(i);
    check_bounded<GSet<std::uint64_t>>(binary::encode_value(dense));
    check_bounded<std::vector<std::string>>(
        binary::encode_value(std::vector<std::string>(10000, std::string())));
}

TEST_CASE("decoders: one byte cannot make the decoder copy a long name") {
    for (const std::size_t length :
         {std::size_t{16}, std::size_t{127}, std::size_t{128}, std::size_t{2000}}) {
        CAPTURE(length);
        const std::string name(length, 'x');
        AWSet<std::uint64_t> set;
        RWSet<std::uint64_t> decided;
        Bag<std::uint64_t> bag;
        CausalContext<> dots;
        ORMap<std::uint64_t, MVRegister<bool>> map;
        GMap<std::uint64_t, LWWRegister<bool>> stamps;
        for (std::uint64_t i = 1; i <= 2000; ++i) {
            set.insert(name, i);
            decided.insert(name, i);
            bag.insert(name, i);
            dots.insert(Dot<>{name, 2 * i});
            map.update(i, [&](auto& value) { return value.assign(name, true); });
            stamps.update(i, [&](auto& value) { return value.assign({{i, 0}, name}, true); });
        }
        const auto check = [](const auto& state) {
            using T = std::decay_t<decltype(state)>;
            const std::string bytes = binary::encode_value(state);
            cost_of_binary<T>(bytes);
            CHECK(*binary::try_decode_value<T>(bytes) == state);
            CHECK(binary::size(state) == bytes.size());
        };
        check(set);
        check(decided);
        check(bag);
        check(dots);
        check(map);
        check(stamps);
    }
}

TEST_CASE("decoders: the cost does not depend on the values of numbers") {
    const std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
    for (const std::uint64_t last : {std::uint64_t{2}, std::uint64_t{1} << 20,
                                     std::uint64_t{1} << 40, std::uint64_t{1} << 63, end}) {
        CAPTURE(last);
        const auto check = [](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            const std::string bytes = binary::encode_value(value), text = json::encode_value(value);
            CHECK(cost_of_binary<T>(bytes).bytes <= 10000);
            CHECK(cost_of_json<T>(text).bytes <= 20000);
            CHECK(*binary::try_decode_value<T>(bytes) == value);
            CHECK(*json::try_decode_value<T>(text) == value);
        };
        const DotSet<> range(DotRange<>{"x", 1, last});
        const auto map = Causal<DotMap<int, DotSet<>>>(DotMap<int, DotSet<>>(7, range));
        check(range);
        check(Causal<DotSet<>>(DotSet<>(), range));
        check(map);
        check(digest(map));
        check(EWFlag<>::from_lattice(Causal<DotSet<>>(range)));
        GCounter<> counter;
        counter.add("x", last);
        check(counter);
        GSet<std::uint64_t> set;
        for (const std::uint64_t element : {std::uint64_t{1}, last}) set.insert(element);
        check(set);
        VersionVector<> versions;
        versions.advance_to("x", last);
        check(versions);
    }
    // A count, a length, a gap, the number of a name, or a number in a range: each has the greatest
    // possible value.
    const std::string huge = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01";
    for (const std::string before : {"", "\1", "\2", "\1\1", "\1\1\2", "\1\3", "\1\2\1", "\2\5"})
        check_all(before + huge + std::string(1000, '\1'));
}

TEST_CASE("decoders: the steps to read a type are nearly proportional to its bytes") {
    using Size = std::uint64_t;
    support::for_each_type<Counted>([](auto row) {
        using L = typename decltype(row)::large_type;
        check_type<L>(std::string(row.name),
                      [](L& state, Size i, Size) { support::grow<Counted>(state, i); });
    });
    check_type<BoundedCounter<Counted>>("BoundedCounter with transfers", [](auto& c, Size i, Size) {
        c.add(Counted{i}, 2);
        c.transfer(Counted{i}, Counted{i + 1}, 1);
    });
    check_type<PNCounter<Counted>>("PNCounter, down",
                                   [](auto& c, Size i, Size) { c.add(Counted{i}, -1); });
    check_type<GSet<std::string>>("GSet of text", [](auto& set, Size i, Size) {
        set.insert(std::string(40, 'x') + std::to_string(i));
    });
    check_type<TwoPhaseSet<Counted>>("TwoPhaseSet with erases", [](auto& set, Size i, Size) {
        set.insert(Counted{i});
        if (i % 2 == 0) set.erase(Counted{i});
    });
    check_set<AWSet<Counted, Counted>>("AWSet");
    check_set<RWSet<Counted, Counted>>("RWSet");
    check_set<Bag<Counted, Counted>>("Bag");
    check_map<ORMap<Counted, AWSet<Counted, Counted>>>("ORMap");
    check_map<RWMap<Counted, AWSet<Counted, Counted>>>("RWMap");
    check_type<ORMap<Counted, ORMap<Counted, ORMap<Counted, AWSet<Counted, Counted>>>>>(
        "ORMap, nested", [](auto& map, Size i, Size) {
            map.update(Counted{i / 100}, [&](auto& inner) {
                return inner.update(Counted{i / 10}, [&](auto& innermost) {
                    return innermost.update(
                        Counted{i}, [&](auto& set) { return set.insert(replica(i), Counted{1}); });
                });
            });
        });
    check_type<DWFlag<Counted>>("DWFlag, disabled", [](auto& all, Size i, Size) {
        DWFlag<Counted> one;
        one.disable(Counted{i});
        all.merge(one);
    });
    check_type<LWWRegister<std::string>>("LWWRegister of a long text",
                                         [](auto& all, Size i, Size size) {
                                             if (i == 0)
                                                 all.assign({{1, 1}, "a"}, std::string(size, 'x'));
                                         });
    check_type<CausalContext<Counted>>("CausalContext", [](auto& dots, Size i, Size) {
        dots.insert(Dot<Counted>{replica(i), 2 * i + 1});
    });
}

TEST_CASE("decoders: an Antichain has at most as many elements as can be compared in pairs") {
    using Antichain = Antichain<Point>;
    constexpr std::uint64_t limit = Antichain::max_size;
    const auto points = [](std::uint64_t size) {
        std::vector<Point> list;
        for (std::uint64_t i = 0; i < size; ++i) list.push_back({{i}, {size - i}});
        return list;
    };
    std::size_t most_comparisons = 0;
    for (const std::uint64_t size : {limit - 1, limit, limit + 1, 20 * limit, 100 * limit}) {
        CAPTURE(size);
        const std::string bytes = binary::encode_value(points(size));
        const Cost cost = cost_of_binary<Antichain>(bytes);
        CHECK(bool(binary::try_decode_value<Antichain>(bytes)) == (size <= limit));
        CHECK(cost_of_json<Antichain>(json::encode_value(points(size))).comparisons ==
              cost.comparisons);
        if (size == limit) most_comparisons = cost.comparisons;
        if (size > limit) CHECK(cost.comparisons < most_comparisons + 1000);
    }
    CHECK(most_comparisons < 5 * limit * limit);
    // The cost of many such numbers is proportional to their bytes.
    const auto many = [&](std::uint64_t size) {
        GMap<Counted, Antichain> map;
        for (std::uint64_t i = 0; i < size; ++i)
            map.update({i}, [&](Antichain& all) {
                for (const Point& point : points(100)) all.insert(point);
                return all;
            });
        return map;
    };
    check_value(many(5), many(40));
}

}  // namespace decoders_tests
