// SPDX-License-Identifier: MIT
//! Tests the oracle itself: it detects each wrong type. The types have mistakes that were made
//! before.
#include "support/oracle.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/rwset.hpp>
#include <crdt/to_string.hpp>

#include "support/resettable_model.hpp"
#include "support/set_models.hpp"

namespace oracle_tests {

using crdt::AWSet;
using crdt::Causal;
using crdt::DotSet;
using crdt::ResettableCounter;

namespace {

/// A correct type. Each type below differs from it in one respect.
template <class Self, class Type>
struct Twin {
    Type right;

    using id_type = typename Type::id_type;
    using State = Causal<typename Type::store_type>;

    bool merge(const Self& other) { return right.merge(other.right); }
    Self reset(const id_type& id) { return of(right.reset(id)); }

    const auto& store() const { return right.lattice().store(); }
    const auto& context() const { return right.context(); }
    const auto& lattice() const { return right.lattice(); }
    static bool is_empty(const typename Type::store_type& store) { return Type::is_empty(store); }

    static Self of(Type right) {
        Self self;
        self.right = std::move(right);
        return self;
    }
    static Self of(State state) { return of(Type::from_lattice(std::move(state))); }

    friend bool operator==(const Self& a, const Self& b) { return a.right == b.right; }
    friend auto digest(const Twin& a) { return digest(a.right); }
    friend Self difference(const Twin& a, const crdt::DigestOf<Type>& digest) {
        return of(difference(a.right, digest));
    }
    friend std::string to_string(const Self& a) { return crdt::to_string(a.right); }
};

template <class Self>
struct SetTwin : Twin<Self, AWSet<int>> {
    using value_type = int;

    Self insert(const std::string& id, int element) {
        return this->of(this->right.insert(id, element));
    }
    Self erase(int element) { return this->of(this->right.erase(element)); }
    auto begin() const { return this->right.begin(); }
    auto end() const { return this->right.end(); }
};

struct RightSet : SetTwin<RightSet> {};

struct ForgetsRemoves : SetTwin<ForgetsRemoves> {
    bool merge(const ForgetsRemoves& other) {
        const bool grew = right.merge(other.right);
        *this = of(State(store()));
        return grew;
    }
};

struct RemovesWithoutDelta : SetTwin<RemovesWithoutDelta> {
    RemovesWithoutDelta erase(int element) {
        SetTwin::erase(element);
        return {};
    }
};

struct DeltaWithTheWholeContext : SetTwin<DeltaWithTheWholeContext> {
    DeltaWithTheWholeContext insert(const std::string& id, int element) {
        const auto delta = SetTwin::insert(id, element);
        return of(State(delta.store(), context()));
    }
};

struct ReusesDots : SetTwin<ReusesDots> {
    ReusesDots insert(const std::string& id, int element) {
        const ReusesDots delta = of(State({element, DotSet<>{store().dots().next(id)}}));
        merge(delta);
        return delta;
    }
};

struct KeepsItsOwnDots : SetTwin<KeepsItsOwnDots> {
    bool merge(const KeepsItsOwnDots& other) {
        DotSet<> mine, lost;
        for (const auto& [element, dots] : store()) {
            lost.merge(difference(other.store().at(element), dots));
        }
        const bool grew = right.merge(other.right);
        right.merge(AWSet<int>::from_lattice(State({}, lost)));
        return grew;
    }
};

struct DigestWithoutRemoves : SetTwin<DigestWithoutRemoves> {
    friend DigestWithoutRemoves difference(const DigestWithoutRemoves& a,
                                           const crdt::DigestOf<AWSet<int>>& digest) {
        return of(State(difference(a.lattice(), digest).store()));
    }
};

template <class Self>
struct CounterTwin : Twin<Self, ResettableCounter<>> {
    Self add(const std::string& id, std::int64_t amount) {
        return this->of(this->right.add(id, amount));
    }
    Self compact(const std::string& id) { return this->of(this->right.compact(id)); }
    std::int64_t value() const { return this->right.value(); }
};

struct RightCounter : CounterTwin<RightCounter> {};

struct ResetsWhatItHasNotSeen : CounterTwin<ResetsWhatItHasNotSeen> {
    ResetsWhatItHasNotSeen reset(const std::string&) {
        const auto delta = of(State({}, store().dots()));
        merge(delta);
        return delta;
    }
};

struct ResetsHalf : CounterTwin<ResetsHalf> {
    ResetsHalf reset(const std::string& id) {
        const auto delta = CounterTwin::reset(id);
        return of(State({}, difference(delta.context(), delta.store().dots())));
    }
};

struct CompactsTooEarly : CounterTwin<CompactsTooEarly> {
    CompactsTooEarly compact(const std::string& id) {
        DotSet<> own = intersection(store().dots(), DotSet<>({id, 1, 1000}));
        const auto delta = of(State({}, std::move(own)));
        merge(delta);
        return delta;
    }
};

template <class Model>
bool is_found() {
    return support::find_failure<Model>().has_value();
}

}  // namespace

TEST_CASE("oracle: correct types pass") {
    CHECK_FALSE(is_found<support::AddWinsModel<RightSet>>());
    CHECK_FALSE(is_found<support::OneResettableModel<RightCounter>>());
}

TEST_CASE("oracle: wrong sets are detected") {
    using support::AddWinsModel;
    CHECK(is_found<AddWinsModel<ForgetsRemoves>>());
    CHECK(is_found<AddWinsModel<RemovesWithoutDelta>>());
    CHECK(is_found<AddWinsModel<DeltaWithTheWholeContext>>());
    CHECK(is_found<AddWinsModel<ReusesDots>>());
    CHECK(is_found<AddWinsModel<KeepsItsOwnDots>>());
    CHECK(is_found<AddWinsModel<DigestWithoutRemoves>>());
    CHECK(is_found<AddWinsModel<crdt::RWSet<int>>>());
    CHECK(is_found<support::RemoveWinsModel<AWSet<int>>>());
}

TEST_CASE("oracle: wrong resets are detected") {
    using support::OneResettableModel;
    CHECK(is_found<OneResettableModel<ResetsWhatItHasNotSeen>>());
    CHECK(is_found<OneResettableModel<ResetsHalf>>());
    CHECK(is_found<OneResettableModel<CompactsTooEarly>>());
}

TEST_CASE("oracle: the shortest failure is printed with its seed") {
    const auto failure = support::find_failure<support::AddWinsModel<RemovesWithoutDelta>>();
    REQUIRE(failure);
    CHECK(failure->find("seed ") == 0);
    CHECK_MESSAGE(std::count(failure->begin(), failure->end(), '\n') <= 6, *failure);
}

}  // namespace oracle_tests
