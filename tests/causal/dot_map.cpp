// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/random.hpp>

#include "support/dots.hpp"
#include "support/seeds.hpp"

namespace dot_map_tests {

using crdt::Dot;
using crdt::DotSet;
using crdt::Random;
using support::Dots;
using Set = crdt::AWSet<int>;

namespace {

const std::vector<std::string> ids{"replica a, with a long name", "b", ""};

/// An AWSet as plain containers.
struct Model {
    std::map<int, Dots> elements;
    Dots seen;

    Dots dots() const {
        Dots all;
        for (const auto& [element, dots] : elements) all.insert(dots.begin(), dots.end());
        return all;
    }
    void replace(int element, const Dots& dots) {
        elements.erase(element);
        if (!dots.empty()) elements[element] = dots;
        seen.insert(dots.begin(), dots.end());
    }
    void merge(const Model& other) {
        const Dots mine = dots(), theirs = other.dots();
        std::map<int, Dots> joined;
        const auto keep = [&](const Model& from, const Dots& there, const Dots& known) {
            for (const auto& [element, dots] : from.elements) {
                for (const Dot<>& dot : dots) {
                    if (there.contains(dot) || !known.contains(dot)) joined[element].insert(dot);
                }
            }
        };
        keep(*this, theirs, other.seen);
        keep(other, mine, seen);
        elements = joined;
        seen.insert(other.seen.begin(), other.seen.end());
    }
};

void check(const Set& set, const Model& model) {
    REQUIRE(support::dots_of(set.context()) == model.seen);
    REQUIRE(set.size() == model.elements.size());
    REQUIRE(support::dots_of(set.store().dots()) == model.dots());
    auto expected = model.elements.begin();
    for (const auto& [element, dots] : set.store()) {
        REQUIRE(element == expected->first);
        REQUIRE(support::dots_of(dots) == (expected++)->second);
    }
}

/// The elements that have any of `dots`.
void check_keys(const Set& set, const Model& model, const DotSet<>& dots) {
    std::set<int> found, expected;
    set.store().visit_keys(dots, [&](int element) { found.insert(element); });
    for (const auto& [element, of_element] : model.elements) {
        for (const Dot<>& dot : of_element) {
            if (dots.contains(dot)) expected.insert(element);
        }
    }
    REQUIRE(found == expected);
}

struct Replica {
    Set set{};
    Model model{};
};

void insert(Replica& replica, const std::string& id, int element) {
    const Dot<> dot = replica.set.context().next(id);
    replica.set.insert(id, element);
    replica.model.replace(element, {dot});
}

}  // namespace

TEST_CASE("DotMap: sets of up to a hundred elements agree with plain sets of dots") {
    for (std::uint64_t seed = 1; seed <= support::seeds(60); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const std::uint64_t elements = std::array{8U, 45U, 100U}[seed % 3];
        std::vector<Replica> replicas(ids.size());
        for (int step = 0; step < 300; ++step) {
            const std::size_t at = random.below(replicas.size());
            Replica& mine = replicas[at];
            const Replica& other = replicas[random.below(replicas.size())];
            const int element = static_cast<int>(random.below(elements));
            switch (random.below(8)) {
                case 0:
                case 1:
                case 2: insert(mine, ids[at], element); break;
                case 3:
                case 4:
                    mine.set.erase(element);
                    mine.model.replace(element, {});
                    break;
                case 5:
                    REQUIRE(difference(other.set, mine.set) ==
                            difference(other.set, digest(mine.set)));
                    mine.set.merge(difference(other.set, mine.set));
                    mine.model.merge(other.model);
                    break;
                case 6: {
                    const Set missing = difference(other.set, mine.set);
                    REQUIRE(mine.set.absorb(other.set) == missing);
                    mine.model.merge(other.model);
                    break;
                }
                default: {
                    const auto decoded =
                        crdt::binary::try_decode<Set>(crdt::binary::encode(other.set));
                    REQUIRE(decoded);
                    mine.set.merge(*decoded);
                    mine.model.merge(other.model);
                }
            }
            check(mine.set, mine.model);
            const std::string& id = ids[random.below(ids.size())];
            const std::uint64_t first = 1 + random.below(60);
            check_keys(mine.set, mine.model,
                       DotSet<>(crdt::DotRange<>{id, first, first + random.below(30)}));
        }
        for (Replica& replica : replicas) {
            for (const Replica& other : replicas) replica.set.merge(other.set);
        }
        for (const Replica& replica : replicas) REQUIRE(replica.set == replicas[0].set);
    }
}

TEST_CASE("DotMap: after most elements were erased, erasures by dots still find their elements") {
    Set a;
    for (int i = 0; i < 1000; ++i) a.insert("a", i);
    Set b = a;
    for (int i = 0; i < 1000; i += 2) a.erase(i);
    for (int i = 0; i < 3000; ++i) a.insert("a", 1 + 2 * (i % 500));
    b.merge(a);
    CHECK(b == a);
    CHECK(b.size() == 500);
    Set c = b;
    b.merge(c.clear());
    CHECK(b.empty());
    CHECK(b.store().dots().is_bottom());
}

TEST_CASE("DotMap: elements from decoded deltas share the ids of the map") {
    const std::string id = "the long id of a replica";
    Set writer, reader;
    for (int i = 0; i < 20; ++i) {
        const auto delta =
            crdt::binary::try_decode<Set>(crdt::binary::encode(writer.insert(id, i)));
        REQUIRE(delta);
        reader.merge(*delta);
    }
    const auto* const shared = std::prev(reader.store().end()).value().name_of(id);
    REQUIRE(shared != nullptr);
    int sharing = 0;
    for (const auto& [element, dots] : reader.store())
        sharing += dots.name_of(id)->shares(*shared) ? 1 : 0;
    CHECK(sharing >= 15);  // a map of a few elements has no index
    const auto whole = crdt::binary::try_decode<Set>(crdt::binary::encode(reader));
    REQUIRE(whole);
    const auto* const first = whole->store().begin().value().name_of(id);
    for (const auto& [element, dots] : whole->store()) CHECK(dots.name_of(id)->shares(*first));
}

TEST_CASE("DotMap: a map with one dot at two keys is refused") {
    using Map = crdt::DotMap<int, DotSet<>>;
    for (const int keys : {2, 30, 50}) {
        for (const std::uint64_t gap : {1U, 1000U}) {
            Map::Entries entries, twice;
            for (int i = 0; i < keys; ++i) {
                const std::uint64_t number = 1 + static_cast<std::uint64_t>(i) * gap;
                entries.push_back(i, DotSet<>{{"a", number}});
                twice.push_back(i, DotSet<>{{"a", i + 1 == keys ? 1 : number}});
            }
            const auto map = Map::checked(entries);
            REQUIRE(map);
            CHECK(map->size() == static_cast<std::size_t>(keys));
            CHECK_FALSE(Map::checked(twice));
        }
    }
    Map::Entries overlapping;
    overlapping.push_back(1, DotSet<>(crdt::DotRange<>{"a", 1, std::uint64_t{1} << 40U}));
    overlapping.push_back(2, DotSet<>{{"a", 7}});
    CHECK_FALSE(Map::checked(overlapping));
}

}  // namespace dot_map_tests
