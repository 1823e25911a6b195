// SPDX-License-Identifier: MIT
//! Applied: the changes of a request with an id. Records: which replicas have applied the request.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/write_once.hpp>

namespace counterd {

using ReplicaId = std::uint64_t;
/// The smallest and the largest amount of an add.
inline constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min(),
                              highest = std::numeric_limits<std::int64_t>::max();

/// A plain counter can be negative and can be reset. A bounded counter never falls below zero.
enum class Kind : std::uint8_t { counter, bounded };
inline constexpr const char* name_of(Kind kind) {
    return kind == Kind::counter ? "counter" : "bounded";
}

/// A counter. If two nodes have created a name with different kinds, there are two counters.
struct CounterKey {
    std::string name{};
    Kind kind = Kind::counter;

    friend auto operator<=>(const CounterKey&, const CounterKey&) = default;
};

/// The change of one counter. Each replica has two counts for a counter: what it has added in
/// total, and what it has subtracted. The numbers from 1 to a count are its positions. So an add of
/// 5 takes five consecutive positions.
struct Change {
    std::string name{};
    Kind kind = Kind::counter;
    std::int64_t amount = 0;
    /// For an add to a plain counter, the sequence of the dot at which it was counted.
    std::uint64_t slot = 0;
    /// For an add, its last position.
    std::uint64_t end = 0;

    bool is_addition() const { return amount > 0; }
    std::uint64_t magnitude() const {
        const auto bits = static_cast<std::uint64_t>(amount);
        return amount < 0 ? 0 - bits : bits;
    }
    friend auto operator<=>(const Change&, const Change&) = default;
};

/// The changes that a replica has made for a request.
struct Applied {
    std::string verb{};
    /// The receiver of a transfer.
    std::string to{};
    std::vector<Change> changes{};

    /// Returns whether `other` comes from the same request. The kind is not compared, because a
    /// request without a kind can change counters of different kinds at two nodes.
    bool is_same_request(const Applied& other) const {
        return verb == other.verb && to == other.to &&
               std::equal(changes.begin(), changes.end(), other.changes.begin(),
                          other.changes.end(), [](const Change& a, const Change& b) {
                              return a.name == b.name && a.amount == b.amount;
                          });
    }
    /// Returns whether the positions of all adds are possible. A malicious node can send others.
    bool is_well_formed() const {
        return std::all_of(changes.begin(), changes.end(),
                           [](const Change& change) { return change.end >= change.magnitude(); });
    }
    bool is_of_plain_counters() const {
        return std::all_of(changes.begin(), changes.end(),
                           [](const Change& change) { return change.kind == Kind::counter; });
    }
    /// Returns about how many bytes of memory this takes.
    std::size_t bytes() const {
        std::size_t total = sizeof(Applied);
        for (const Change& each : changes) total += sizeof(Change) + each.name.size();
        return total;
    }
    friend auto operator<=>(const Applied&, const Applied&) = default;
};

}  // namespace counterd

template <>
struct crdt::Serializer<counterd::Kind> {
    static constexpr std::string_view type_name = "counterd_kind";
    static void write(auto& out, counterd::Kind kind) {
        out.boolean(kind == counterd::Kind::bounded);
    }
    static counterd::Kind read(auto& in) {
        return in.boolean() ? counterd::Kind::bounded : counterd::Kind::counter;
    }
};
template <>
struct crdt::Serializer<counterd::Change>
    : crdt::Members<&counterd::Change::name, &counterd::Change::kind, &counterd::Change::amount,
                    &counterd::Change::slot, &counterd::Change::end> {
    static constexpr std::string_view type_name = "counterd_change";
};
template <>
struct crdt::Serializer<counterd::Applied>
    : crdt::Members<&counterd::Applied::verb, &counterd::Applied::to, &counterd::Applied::changes> {
    static constexpr std::string_view type_name = "counterd_applied";
};

namespace counterd {

/// The records of one request id. If a replica has no record of another replica for a request, it
/// applies the request and writes its own record. So several replicas can write records of one
/// request concurrently.
class Records
    : public crdt::CausalType<Records, crdt::DotFun<crdt::WriteOnce<Applied>, ReplicaId>> {
  public:
    static constexpr std::string_view type_name = "counterd_records";

    Records write(ReplicaId id, Applied applied);
    /// Returns the content of a record. The content is empty if a malicious node has sent only a
    /// dot.
    static const Applied& content(const crdt::WriteOnce<Applied>& record) {
        static const Applied nothing{};
        return record.has_value() ? record.value() : nothing;
    }
    Records erase(const crdt::DotSet<ReplicaId>& dots);
};

/// Identifies a count of a plain counter: the dot of the replica's slot (replica and sequence), and
/// true for additions or false for subtractions.
using CountId = std::tuple<ReplicaId, std::uint64_t, bool>;
/// Positions that do not count in the value, because another replica counts the same request.
using Retracted = crdt::DotSet<CountId>;
/// For each count, how many of its positions are retracted.
using RetractedCounts = crdt::MapOf<CountId, crdt::Max<std::uint64_t>>;

}  // namespace counterd
