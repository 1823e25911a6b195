// SPDX-License-Identifier: MIT
#include "support/dot_stores.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/write_once.hpp>
#include <crdt/ostream.hpp>

#include "support/dots.hpp"

namespace dot_stores_tests {

using crdt::Dot;
using crdt::DotFun;
using crdt::DotMap;
using crdt::DotSet;
using crdt::DotStore;
using crdt::DotTuple;
using crdt::Max;
using crdt::Random;
using crdt::WriteOnce;
using support::Content;
using support::content_of;
using support::Dots;
using support::dots_of;
using support::joined;
using support::set_of;
using support::store_of;
using support::without;

using Rising = DotFun<Max<unsigned>>;
using Written = DotFun<WriteOnce<std::string>>;

static_assert(DotStore<DotSet<>> && DotStore<DotSet<int>>);
static_assert(DotStore<Rising> && DotStore<Written> && DotStore<DotFun<DotSet<>, int>>);
static_assert(DotStore<DotMap<int, DotSet<>>> && DotStore<DotMap<int, DotMap<int, Rising>>>);
static_assert(DotStore<DotTuple<DotSet<>>> && DotStore<DotTuple<DotSet<>, Rising, Written>>);

static_assert(!DotStore<int> && !DotStore<Dot<>> && !DotStore<crdt::DotRange<>>);
static_assert(!DotStore<Max<int>> && !DotStore<crdt::GSet<int>>);
static_assert(!DotStore<crdt::Causal<DotSet<>>> && !DotStore<crdt::AWSet<int>>,
              "a causal state has a context of its own, and so is not part of another");

// A digest has no keys, and no content that never changes.
static_assert(std::same_as<Written::Digest, DotSet<>>);
static_assert(std::same_as<DotMap<int, DotMap<int, Written>>::Digest, DotSet<>>);
static_assert(std::same_as<DotMap<int, Rising>::Digest, Rising::Digest>);

namespace {

constexpr support::Corner corner = support::corners[0];

template <class Store>
Content draw_content(Random& random) {
    Content content;
    for (const Dot<>& dot : corner.draw_dots(random)) {
        content[dot] = static_cast<unsigned>(random.below(support::StoreModel<Store>::stages(dot)));
    }
    return content;
}

Content only(Content content, const Dots& dots) {
    std::erase_if(content, [&](const auto& entry) { return !dots.contains(entry.first); });
    return content;
}

/// Returns the content of `theirs` that a store with `mine` lacks, if its context has `mine` and
/// `seen`.
Content missing_from(const Content& mine, const Dots& seen, Content theirs) {
    std::erase_if(theirs, [&](const auto& entry) {
        const auto known = mine.find(entry.first);
        return known == mine.end() ? seen.contains(entry.first) : entry.second <= known->second;
    });
    return theirs;
}

template <class Store>
typename Store::Digest digest_of(const Store& store) {
    typename Store::Digest digest{};
    store.add_digest_to(digest);
    return digest;
}

/// Calls check(mine, theirs, random) for random contents.
template <class Store, class Check>
void for_random_contents(Check check) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const Content mine = draw_content<Store>(random);
        const Content theirs = draw_content<Store>(random);
        check(mine, theirs, random);
    }
}

}  // namespace

#define ALL_STORES                                                                              \
    DotSet<>, Rising, Written, DotMap<int, DotSet<>>, DotMap<std::string, DotMap<int, Rising>>, \
        DotTuple<DotSet<>, Rising>, DotMap<std::string, DotTuple<Rising, DotMap<int, Written>>>

TEST_CASE_TEMPLATE("dot stores: dots_in() returns the common dots", Store, ALL_STORES) {
    for_random_contents<Store>([](const Content& mine, const Content&, Random& random) {
        const Store store = store_of<Store>(mine);
        const Dots present = dots_of(mine), wanted = corner.draw_dots(random);
        REQUIRE(content_of(store) == mine);
        REQUIRE(store.is_bottom() == mine.empty());
        REQUIRE(store.dots() == set_of(present));
        REQUIRE(store.dots_in(set_of(wanted)) ==
                set_of(without(present, without(present, wanted))));
    });
}

TEST_CASE_TEMPLATE("dot stores: remove() removes dots and their content", Store, ALL_STORES) {
    for_random_contents<Store>([](const Content& mine, const Content&, Random& random) {
        Store store = store_of<Store>(mine);
        const Dots removed = corner.draw_dots(random), left = without(dots_of(mine), removed);
        store.remove(set_of(removed));
        REQUIRE(content_of(store) == only(mine, left));
        REQUIRE(store.dots() == set_of(left));
        REQUIRE(store == store_of<Store>(only(mine, left)));
    });
}

TEST_CASE_TEMPLATE("dot stores: absorb() adds new content and returns it", Store, ALL_STORES) {
    for_random_contents<Store>([](const Content& mine, const Content& theirs, Random& random) {
        const Dots seen = joined(dots_of(mine), corner.draw_dots(random));
        const Content novel = missing_from(mine, seen, theirs);
        Content expected = mine;
        for (const auto& [dot, stage] : novel) expected[dot] = stage;

        Store store = store_of<Store>(mine);
        const Store delta = store.absorb(store_of<Store>(theirs), set_of(seen));
        REQUIRE(content_of(delta) == novel);
        REQUIRE(delta.dots() == set_of(dots_of(novel)));
        REQUIRE(content_of(store) == expected);
        REQUIRE(store.dots() == set_of(dots_of(expected)));
    });
}

TEST_CASE_TEMPLATE(
    "dot stores: missing_at() a store or its digest returns what absorb() would return", Store,
    ALL_STORES) {
    for_random_contents<Store>([](const Content& mine, const Content& theirs, Random& random) {
        const Store store = store_of<Store>(mine), other = store_of<Store>(theirs);
        const Dots seen = joined(dots_of(theirs), corner.draw_dots(random));
        const Store missing = store.missing_at(other, set_of(seen));
        REQUIRE(content_of(missing) == missing_from(theirs, seen, mine));
        REQUIRE(missing.dots() == set_of(dots_of(content_of(missing))));
        REQUIRE(store.missing_at(digest_of(other), set_of(seen)) == missing);
    });
}

TEST_CASE_TEMPLATE("dot stores: leq_on_common() compares at the common dots", Store, ALL_STORES) {
    for_random_contents<Store>([](const Content& mine, const Content& theirs, Random&) {
        const bool expected = std::all_of(mine.begin(), mine.end(), [&](const auto& entry) {
            const auto other = theirs.find(entry.first);
            return other == theirs.end() || entry.second <= other->second;
        });
        REQUIRE(store_of<Store>(mine).leq_on_common(store_of<Store>(theirs)) == expected);
    });
}

TEST_CASE_TEMPLATE("dot stores: each dot is a part, and the parts join to the store", Store,
                   ALL_STORES) {
    for_random_contents<Store>([](const Content& mine, const Content&, Random&) {
        const Store store = store_of<Store>(mine);
        Store back;
        Content parts;
        store.template visit_parts_of<crdt::detail::ByParts>([&](const Store& part) {
            REQUIRE(part.dots().size() == 1);
            parts.merge(content_of(part));
            back.absorb(part, back.dots());
        });
        REQUIRE(parts == mine);
        REQUIRE(back == store);
        REQUIRE(store.template count_parts_of<crdt::detail::ByParts>() == mine.size());
    });
}

TEST_CASE_TEMPLATE(
    "dot stores: each stored range is visited once, and the ranges join to the store", Store,
    ALL_STORES) {
    for_random_contents<Store>([](const Content& mine, const Content&, Random&) {
        const Store store = store_of<Store>(mine);
        Store back;
        std::size_t count = 0;
        store.template visit_parts_of<crdt::detail::ByRanges>([&](const Store& range) {
            REQUIRE(range.dots().range_count() == 1);
            REQUIRE(range.dots_in(back.dots()).is_bottom());
            back.absorb(range, back.dots());
            ++count;
        });
        REQUIRE(back == store);
        REQUIRE(store.template count_parts_of<crdt::detail::ByRanges>() == count);
        REQUIRE(count <= mine.size());
    });
}

TEST_CASE_TEMPLATE("dot stores: equal content is equal, whatever happened before", Store,
                   ALL_STORES) {
    for_random_contents<Store>([](const Content& mine, const Content& theirs, Random&) {
        // The store had other dots, which are removed. The remaining dots were added in the
        // opposite order.
        Store store = store_of<Store>(only(theirs, without(dots_of(theirs), dots_of(mine))));
        for (auto entry = mine.rbegin(); entry != mine.rend(); ++entry) {
            const auto& [dot, stage] = *entry;
            store.absorb(support::StoreModel<Store>::one(dot, stage), store.dots());
        }
        store.remove(set_of(without(dots_of(theirs), dots_of(mine))));
        const Store expected = store_of<Store>(mine);
        REQUIRE(store == expected);
        REQUIRE(hash_value(store) == hash_value(expected));
        REQUIRE(store.dots() == expected.dots());
        const Store other = store_of<Store>(theirs);
        REQUIRE((expected == other) == (mine == theirs));
        REQUIRE((hash_value(expected) == hash_value(other)) == (mine == theirs));
    });
}

TEST_CASE("DotFun: each part of a content is a part of the store") {
    using Bounds = crdt::Product<Max<unsigned>, Max<unsigned>>;
    DotFun<Bounds> store({"a", 1}, Bounds(Max<unsigned>(3), Max<unsigned>(4)));
    store.absorb({{"a", 2}, Bounds()}, {});
    std::vector<DotFun<Bounds>> parts;
    store.visit_parts_of<crdt::detail::ByParts>(
        [&](const DotFun<Bounds>& part) { parts.push_back(part); });
    CHECK(store.count_parts_of<crdt::detail::ByParts>() == 3);
    CHECK(parts ==
          std::vector<DotFun<Bounds>>{{{"a", 1}, Bounds(Max<unsigned>(3), Max<unsigned>())},
                                      {{"a", 1}, Bounds(Max<unsigned>(), Max<unsigned>(4))},
                                      {{"a", 2}, Bounds()}});
}

TEST_CASE("DotFun: two contents of one dot that are written once are a conflict") {
    const Written fig({"a", 1}, WriteOnce<std::string>("fig")),
        kiwi({"a", 1}, WriteOnce<std::string>("kiwi"));
    CHECK(conflicts(fig, kiwi));
    CHECK_FALSE(conflicts(fig, fig));
    CHECK_FALSE(conflicts(fig, Written({"a", 2}, WriteOnce<std::string>("kiwi"))));
    using Map = DotMap<int, Written>;
    CHECK(conflicts(Map(1, fig), Map(1, kiwi)));
    CHECK_FALSE(conflicts(Map(1, fig), Map(1, fig)));
}

TEST_CASE("DotMap: a key is erased with the last dot of its store") {
    DotMap<std::string, DotSet<>> map("x", {{"a", 1}, {"a", 3}});
    map.absorb({"y", {{"a", 2}}}, map.dots());
    CHECK(map.dots() == DotSet<>{{"a", 1}, {"a", 2}, {"a", 3}});
    map.remove({{"a", 1}, {"a", 2}});
    CHECK(map.contains("x"));
    CHECK_FALSE(map.contains("y"));
    CHECK(map.size() == 1);
    CHECK(map.dots() == DotSet<>{{"a", 3}});
    map.remove({{"a", 3}});
    CHECK(map == DotMap<std::string, DotSet<>>());
    CHECK(map.dots().is_bottom());

    DotMap<int, DotMap<int, DotSet<>>> nested(1, {2, DotSet<>{{"a", 1}}});
    nested.remove({{"a", 1}});
    CHECK(nested.is_bottom());
}

TEST_CASE("DotMap: the keys of dots are found with and without an index") {
    for (const std::uint64_t keys : {1U, 3U, 4U, 5U, 40U}) {
        DotMap<int, DotSet<>> map;
        for (std::uint64_t dot = 1; dot <= 3 * keys; ++dot)
            map.absorb({static_cast<int>(dot % keys), DotSet<>{{"a", dot}}}, map.dots());
        for (std::uint64_t first = 1; first <= 3 * keys; ++first) {
            const crdt::DotRange<std::string> range{"a", first, first + 1};
            std::vector<int> found, expected;
            map.visit_keys(DotSet<>(range), [&](int key) { found.push_back(key); });
            for (const auto& [key, store] : map)
                if (store.contains({"a", first}) || store.contains({"a", first + 1}))
                    expected.push_back(key);
            std::sort(found.begin(), found.end());
            found.erase(std::unique(found.begin(), found.end()), found.end());
            CHECK(found == expected);
        }
        std::size_t visited = 0;
        map.visit_keys(DotSet<>{{"b", 1}}, [&](int) { ++visited; });
        CHECK(visited == 0);
    }
}

TEST_CASE("DotMap: an empty store makes no key") {
    CHECK(DotMap<int, DotSet<>>(1, {}).is_bottom());
    DotMap<int, DotSet<>> map;
    CHECK(map.absorb({1, {{"a", 1}}}, {{"a", 1}}).is_bottom());
    CHECK(map.size() == 0);
    CHECK(map.at(1).is_bottom());
    CHECK(map.size() == 0);
}

TEST_CASE("DotMap: the same dots at another key are another map, and a conflict") {
    const DotMap<int, DotSet<>> one(1, {{"a", 1}}), two(2, {{"a", 1}});
    CHECK_FALSE(one == two);
    CHECK(hash_value(one) != hash_value(two));
    CHECK(conflicts(one, two));
    CHECK_FALSE(conflicts(one, one));
    CHECK_FALSE(conflicts(one, DotMap<int, DotSet<>>(2, {{"a", 2}})));
}

TEST_CASE("DotTuple: the components are separate and share no dots") {
    const DotTuple<DotSet<>, Rising> product(DotSet<>{{"a", 1}}, {{"a", 2}, Max<unsigned>(1)});
    CHECK(product.get<0>() == DotSet<>{{"a", 1}});
    CHECK(product.get<1>().size() == 1);
    CHECK(product.dots() == DotSet<>{{"a", 1}, {"a", 2}});
    CHECK_FALSE(product == DotTuple<DotSet<>, Rising>(crdt::Part<0>{}, DotSet<>{{"a", 1}}));
    CHECK_FALSE(conflicts(product, product));
    CHECK(conflicts(product, DotTuple<DotSet<>, Rising>(crdt::Part<0>{}, DotSet<>{{"a", 2}})));
}

}  // namespace dot_stores_tests
