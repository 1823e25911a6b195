// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/replica_name.hpp>

namespace replica_name_tests {

using Name = crdt::SharedId<std::string>;

static_assert(std::is_same_v<crdt::ReplicaName<std::uint64_t>, std::uint64_t>);
static_assert(
    std::is_same_v<crdt::ReplicaName<std::array<std::uint8_t, 16>>, std::array<std::uint8_t, 16>>);
static_assert(std::is_same_v<crdt::ReplicaName<std::string>, Name>);
static_assert(sizeof(crdt::Dot<>) == sizeof(void*) + sizeof(std::uint64_t));

TEST_CASE("SharedId: copies are one object, and equal ids are equal") {
    const std::vector<std::string> ids{"", "a", "b", "an id that needs allocated memory"};
    for (const std::string& left : ids) {
        for (const std::string& right : ids) {
            const Name a = left, b = right, copy = a;
            CHECK(copy.shares(a));
            CHECK(a.get() == left);
            CHECK((a == b) == (left == right));
            CHECK((a == right) == (left == right));
            CHECK((left == b) == (left == right));
            CHECK((a < b) == (left < right));
            CHECK((a < right) == (left < right));
            CHECK((left < b) == (left < right));
            CHECK((hash_value(a) == hash_value(b)) == (left == right));
            if (left != right) CHECK_FALSE(a.shares(b));
        }
    }
}

TEST_CASE("SharedId: an id outlives the object that it was copied from") {
    Name copy;
    {
        Name first = "an id that needs allocated memory";
        copy = first;
        first = "another";
    }
    CHECK(copy == "an id that needs allocated memory");
    Name moved = std::move(copy);
    CHECK(moved == "an id that needs allocated memory");
    CHECK(Name() == "");
    CHECK(Name().get().empty());
}

}  // namespace replica_name_tests
