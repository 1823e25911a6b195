// SPDX-License-Identifier: MIT
//! KeyNumbers: a search by numbers finds what a search by strings finds, whatever happened before.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/detail/branchless.hpp>
#include <crdt/detail/key_numbers.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/random.hpp>

#include "support/failing_new.hpp"

namespace {

using crdt::Random;

/// Strings that share more or fewer first bytes, some of them zero bytes or above 127.
std::string random_key(Random& random, std::size_t prefix) {
    static constexpr char alphabet[] = {'\0', 'a', 'b', '\x7f', '\x80', '\xff'};
    std::string key(random.below(4) == 0 ? random.below(prefix + 1) : prefix, 'p');
    for (std::uint64_t i = random.below(12); i > 0; --i)
        key += alphabet[random.below(sizeof(alphabet))];
    return key;
}

/// A row of strings with numbers, as a leaf has them.
struct Row {
    std::vector<std::string> keys;
    crdt::detail::KeyNumbers<std::string> numbers;

    void check(const std::string& sought) const {
        const std::size_t expected = crdt::detail::count_before(keys.data(), keys.size(), sought);
        CHECK(numbers.count_before(keys.data(), keys.size(), sought) == expected);
        CHECK(numbers.count_before(keys.data(), keys.size(), std::string_view(sought)) == expected);
    }
    void insert(std::string key) {
        const auto place = std::lower_bound(keys.begin(), keys.end(), key);
        if (place != keys.end() && *place == key) return;
        const auto index = static_cast<std::size_t>(place - keys.begin());
        keys.insert(place, std::move(key));
        numbers.insert(keys.data(), keys.size(), index);
    }
    void erase(std::size_t index) {
        keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(index));
        numbers.erase(index);
    }
    void truncate(std::size_t size) {
        keys.resize(size);
        numbers.truncate(keys.data(), size);
    }
};

}  // namespace

TEST_CASE("KeyNumbers: a search finds the same as a comparison of strings") {
    for (const std::size_t prefix : {0U, 1U, 5U, 63U, 64U, 65U, 200U}) {
        CAPTURE(prefix);
        Random random(prefix + 1);
        Row row;
        for (int step = 0; step < 2000; ++step) {
            const std::uint64_t kind = random.below(40);
            if (kind == 0 && row.keys.size() > 60)
                row.truncate(row.keys.size() / 2);
            else if (kind == 1)
                row.numbers.renumber(row.keys.data(), row.keys.size());
            else if (kind < 10 && !row.keys.empty())
                row.erase(random.below(row.keys.size()));
            else
                row.insert(random_key(random, prefix));
            row.check(random_key(random, prefix));
            if (!row.keys.empty()) row.check(row.keys[random.below(row.keys.size())]);
        }
        CHECK(row.keys.size() > 30);
    }
}

TEST_CASE("KeyNumbers: a number is found in a row with gaps, and in one without") {
    const crdt::detail::KeyNumbers<std::uint64_t> numbers;
    constexpr std::uint64_t highest = ~std::uint64_t{0};
    for (const std::uint64_t gap : {1U, 2U, 3U, 100U}) {
        for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{7}, highest - 1000}) {
            Random random(gap);
            std::vector<std::uint64_t> keys;
            for (std::uint64_t key = first; keys.size() < 100 && key >= first;
                 key += 1 + random.below(gap)) {
                const auto check = [&](std::uint64_t sought) {
                    CHECK(numbers.count_before(keys.data(), keys.size(), sought) ==
                          crdt::detail::count_before(keys.data(), keys.size(), sought));
                };
                for (const std::uint64_t sought : {std::uint64_t{0}, key - 1, key, highest})
                    check(sought);
                keys.push_back(key);
                for (const std::uint64_t present : keys) check(present);
            }
        }
    }
}

TEST_CASE("KeyNumbers: without memory, a search compares strings") {
    Row row;
    for (int i = 0; i < 100; ++i) row.insert("key " + std::to_string(1000 + i));
    row.numbers = {};
    CHECK(support::fails_allocation(
        0, [&] { row.numbers.renumber(row.keys.data(), row.keys.size()); }));
    for (const std::string& key : row.keys) row.check(key);
    row.erase(50);
    row.insert("key 1100");
    row.check("key 1100");
}

TEST_CASE("ColumnMap: strings are found in maps of many leaves, whatever prefix they share") {
    for (const std::size_t prefix : {0U, 3U, 64U, 100U}) {
        Random random(prefix);
        crdt::ColumnMap<std::string, std::string> map;
        std::vector<std::string> keys;
        for (int i = 0; i < 3000; ++i) {
            std::string key = random_key(random, prefix) + std::to_string(random.below(5000));
            const auto place = map.lower_bound(key);
            if (place != map.end() && place.key() == key) continue;
            map.insert(place, key, key);
            keys.push_back(key);
        }
        CHECK(map.leaves().size() > 10);
        for (std::size_t i = 0; i + 1 < keys.size(); i += 2) {
            REQUIRE(map.contains(keys[i]));
            map.erase(map.find(keys[i]));
            CHECK(!map.contains(keys[i]));
            CHECK(map.find(keys[i + 1]).value() == keys[i + 1]);
        }
    }
}
