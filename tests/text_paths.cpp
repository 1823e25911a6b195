// SPDX-License-Identifier: MIT
//! The short paths of Text, for text that is typed on and for erasures of it, against the general
//! path: on random histories, both lead to the same bytes, the same order and the same deltas.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/random.hpp>
#include <crdt/sequence/leaf_map.hpp>
#include <crdt/sequence/letters.hpp>
#include <crdt/sequence/text_diff.hpp>
#include <crdt/text.hpp>

namespace text_path_tests {

using crdt::Text;

namespace {

constexpr std::string_view letters[] = {
    "a", "b", "\xC3\xA9", "\xF0\x9F\x99\x82", "xyz", "\xCE\xB1\xCE\xB2"};

/// A user who mostly types on and erases beside the last edit, and sometimes goes elsewhere.
class Typist {
    std::string id_;
    std::size_t index_ = 0;

  public:
    explicit Typist(std::string id) : id_(std::move(id)) {}

    Text<> edit(Text<>& text, crdt::Random& random) {
        const std::size_t size = text.size();
        if (random.below(12) == 0) index_ = random.below(size + 1);
        index_ = (std::min)(index_, size);
        const std::size_t kind = random.below(10);
        if (kind < 2 && index_ > 0) return text.erase(--index_);
        if (kind == 2 && index_ < size)
            return text.erase(index_, 1 + random.below((std::min)(size - index_, std::size_t{9})));
        const std::string_view letter = letters[random.below(random.below(4) == 0 ? 6 : 2)];
        Text<> delta = text.insert(id_, index_, letter);
        index_ += text.size() - size;
        return delta;
    }
};

/// Makes the same state by the codec. Its columns were not typed, and its order is made at once.
Text<> read_again(const Text<>& text) {
    return *crdt::binary::try_decode<Text<>>(crdt::binary::encode(text));
}

void check_same(const Text<>& text, const Text<>& other) {
    REQUIRE(text == other);
    CHECK(crdt::binary::encode(text) == crdt::binary::encode(other));
    CHECK(hash_value(text) == hash_value(other));
    REQUIRE(text.str() == other.str());
    CHECK(text.waiting() == other.waiting());
    CHECK(text.utf16().size() == other.utf16().size());
    for (std::size_t i = 0; i <= text.size(); i += 7) {
        const auto cursor = text.cursor(i, crdt::Side::left);
        CHECK(cursor == other.cursor(i, crdt::Side::left));
        CHECK(text.index_of(cursor) == i);
        CHECK(other.index_of(cursor) == i);
        CHECK(text.bytes().offset_of(i) == other.bytes().offset_of(i));
    }
}

}  // namespace

TEST_CASE("Text: an edit beside the last one does the same as in a text that was just read") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        crdt::Random random(seed);
        Text<> text;
        Typist ann("ann");
        for (int i = 0; i < 150; ++i) {
            Text<> other = read_again(text);
            Typist same = ann;
            crdt::Random again = random;
            const Text<> delta = ann.edit(text, random);
            CHECK(delta == same.edit(other, again));
            if (i % 10 == 0) check_same(text, other);
        }
        check_same(text, read_again(text));
    }
}

TEST_CASE("Text: deltas of typing replicas lead to one state, one by one or joined, in any order") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        crdt::Random random(seed);
        Text<> texts[2];
        Typist typists[2] = {Typist("ann"), Typist("bob")};
        std::vector<Text<>> deltas;
        Text<> joined, in_order, shown, shuffled;
        for (int i = 0; i < 200; ++i) {
            const std::size_t who = random.below(2);
            deltas.push_back(typists[who].edit(texts[who], random));
            joined.merge(deltas.back());
            in_order.merge(
                *crdt::binary::try_decode_value<Text<>>(crdt::binary::encode_value(deltas.back())));
            // Here the order is kept up to date.
            std::string replayed = shown.str();
            shown.merge(deltas.back(), [&](const crdt::TextChange& change) {
                const auto at = [&](std::size_t index) {
                    return crdt::detail::utf8_prefix(replayed, index);
                };
                const std::size_t begin = at(change.index);
                replayed.replace(begin, at(change.index + change.erased) - begin, change.inserted);
            });
            REQUIRE(replayed == shown.str());
            if (random.below(20) == 0) texts[who].merge(texts[1 - who]);
        }
        for (std::size_t i = deltas.size(); i > 1; --i)
            std::swap(deltas[i - 1], deltas[random.below(i)]);
        for (const Text<>& delta : deltas) shuffled.merge(delta);
        texts[0].merge(texts[1]);
        check_same(texts[0], joined);
        check_same(texts[0], in_order);
        check_same(texts[0], shown);
        check_same(texts[0], shuffled);
        check_same(texts[0], read_again(texts[0]));
    }
}

TEST_CASE("Letters: text that is appended equals text that is put") {
    crdt::Random random(1);
    for (int round = 0; round < 200; ++round) {
        crdt::detail::Letters appended, put;
        std::uint64_t next = 1;
        for (int i = 0; i < 150; ++i) {
            if (random.below(15) == 0) next += random.below(40);
            const std::string_view text = letters[random.below(random.below(8) == 0 ? 6 : 2)];
            const std::uint64_t last = next + crdt::detail::code_points_of(text).size() - 1;
            if (!appended.append(next, last, text)) appended.put(next, text);
            put.put(next, text);
            if (random.below(5) == 0) {
                const std::uint64_t first = 1 + random.below(last);
                appended.erase(first, last);
                put.erase(first, last);
            }
            next = last + 1;
        }
        constexpr std::uint64_t most = (std::numeric_limits<std::uint64_t>::max)();
        std::string mine, theirs;
        appended.append_to(mine, 1, most);
        put.append_to(theirs, 1, most);
        REQUIRE(mine == theirs);
        for (std::uint64_t number = 1; number <= next; ++number) {
            REQUIRE(appended.contains(number) == put.contains(number));
            REQUIRE(appended.contains_all(number, number) == put.contains(number));
        }
    }
}

TEST_CASE("LeafMap: the leaf of each dot, as a map from numbers") {
    using crdt::detail::OrderTree;
    using crdt::detail::Span;
    crdt::Random random(1);
    for (int round = 0; round < 100; ++round) {
        OrderTree tree;
        crdt::detail::LeafMap leaves(tree);
        std::map<std::uint64_t, OrderTree::Leaf*> model;
        OrderTree::Leaf nodes[4];
        for (int i = 0; i < 60; ++i) {
            const Span span{1 + random.below(80), 1 + random.below(9), 2, true, false};
            OrderTree::Leaf* const leaf = &nodes[random.below(4)];
            leaves.set(span, leaf);
            for (std::uint64_t number = span.first; number <= span.last(); ++number)
                model[number] = leaf;
            for (std::uint64_t number = 1; number < 100; ++number) {
                const auto known = model.find(number);
                REQUIRE(leaves.find({2, number}) ==
                        (known == model.end() ? nullptr : known->second));
                REQUIRE(leaves.find({1, number}) == nullptr);
                if (known != model.end()) continue;
                const auto next = model.upper_bound(number);
                REQUIRE(leaves.next({2, number}, 90) ==
                        (next == model.end() || next->first > 90 ? 0 : next->first));
            }
        }
        constexpr std::uint64_t most = (std::numeric_limits<std::uint64_t>::max)();
        leaves.set({most - 3, 4, 2, true, false}, &nodes[0]);
        CHECK(leaves.find({2, most}) == &nodes[0]);
        CHECK(leaves.find({2, most - 4}) == nullptr);
    }
}

TEST_CASE("ColumnMap: floor() finds the same entry as upper_bound(), with any hint") {
    crdt::Random random(1);
    crdt::ColumnMap<std::uint64_t, int> map, other;
    for (int i = 0; i < 3000; ++i) {
        const std::uint64_t key = random.below(20'000);
        const auto place = map.lower_bound(key);
        if (place != map.end() && place.key() == key)
            map.erase(place);
        else
            map.insert(place, key, i);
        crdt::ColumnMap<std::uint64_t, int>::Hint hint;
        for (int j = 0; j < 20; ++j) {
            const std::uint64_t sought = j % 4 == 0 ? random.below(20'000) : key + random.below(30);
            const auto next = map.upper_bound(sought);
            const auto expected = next == map.begin() ? map.end() : std::prev(next);
            REQUIRE(map.floor(sought, hint) == expected);
            REQUIRE(map.floor(sought) == expected);
            other.floor(sought, hint);
        }
    }
}

}  // namespace text_path_tests
