// SPDX-License-Identifier: MIT
//! States with values that are containers: a copy assignment that runs out of memory changes
//! nothing. The assignment of std::vector leaves a part of the new elements, or none.
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/gmap.hpp>
#include <crdt/gset.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/antichain.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/write_once.hpp>
#include <crdt/lww_register.hpp>
#include <crdt/mvregister.hpp>

#include "support/failing_new.hpp"
#include "support/out_of_memory.hpp"

namespace copies_out_of_memory_tests {

using namespace crdt;

using Words = std::vector<std::string>;

/// A set of words; one is below another that includes it.
struct Subset {
    Words words;
    bool leq(const Subset& other) const {
        return std::includes(other.words.begin(), other.words.end(), words.begin(), words.end());
    }
    friend auto operator<=>(const Subset&, const Subset&) = default;
    friend std::uint64_t hash_value(const Subset& set) { return detail::hash_of(set.words); }
};

namespace {

/// Returns equal words. A word of more than 15 letters takes memory of its own.
Words words(char letter, std::size_t count, std::size_t length) {
    return Words(count, std::string(length, letter));
}

template <class L>
void check_copies(const L& a, const L& b) {
    L joined = a;
    joined.merge(b);
    CHECK(!(joined == a));
    int failures = 0;
    support::fail_each_allocation(
        a, [&](L& state) { state = b; },
        [&](const L& state) {
            ++failures;
            CHECK(state == a);
        });
    CHECK(failures > 0);
    support::fail_each_allocation(
        a, [&](L& state) { state.merge(b); },
        [&](const L& state) {
            CHECK(a.leq(state));
            CHECK(state.leq(joined));
        });
}

}  // namespace

TEST_CASE(
    "memory: a copy of a state that runs out of memory changes nothing, if values are containers") {
    // The vector of the old state has room for some of the new words or for all. Its words have
    // not.
    for (const std::size_t room : {1U, 3U, 8U}) {
        CAPTURE(room);
        const Words before = words('a', room, 1), after = words('b', 3, 40);
        check_copies(WriteOnce(before), WriteOnce(after));
        check_copies(Max<Words>(before), Max<Words>(after));
        check_copies(Product(Max<int>(1), Max<Words>(before)),
                     Product(Max<int>(2), Max<Words>(after)));
        Antichain<Subset> mine, theirs;
        for (std::size_t i = 0; i < room; ++i)
            mine.insert({words(static_cast<char>('c' + i), 1, 1)});
        for (char letter = 'x'; letter <= 'z'; ++letter) theirs.insert({words(letter, 1, 40)});
        check_copies(mine, theirs);
        LWWRegister<Words> earlier, later;
        HLC clock;
        earlier.assign(clock, 1, "n1", before);
        later.assign(clock, 2, "n2", after);
        check_copies(earlier, later);
        MVRegister<Words> left, right;
        left.assign("n1", before);
        right.assign("n2", after);
        check_copies(left, right);
        check_copies(GSet<Words>{before}, GSet<Words>{after, words('c', 1, 40)});
        GMap<std::string, Max<Words>> map, other;
        map.update("key", [&](auto& value) { return value.advance(before); });
        other.update("key", [&](auto& value) { return value.advance(after); });
        check_copies(map, other);
    }
}

}  // namespace copies_out_of_memory_tests
