// SPDX-License-Identifier: MIT
//! Counters: the state of the service. It contains counters of two kinds by name, and the records
//! of requests with an id.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/bounded_counter.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/gmap.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/total.hpp>

#include "applied.hpp"

namespace counterd {

using Plain = crdt::ResettableCounter<ReplicaId>;
using Bounded = crdt::BoundedCounter<ReplicaId>;

}  // namespace counterd

/// Saves memory: the keys in the dot index of all counters would take a third of a node's memory.
template <>
inline constexpr bool crdt::removals_are_rare<counterd::Plain::lattice_type::store_type> = true;

namespace counterd {

/// Replica ids that were pruned lately, each with the generation that began with the pruning.
using Pruned = crdt::MapOf<ReplicaId, crdt::Max<std::uint64_t>>;
/// The id of the slots that replace those of pruned replicas.
inline constexpr ReplicaId successor = 1;

/// If `theirs`, returns the part of `counter` that `writers` have written, otherwise the rest.
/// `writers` are in order. A transfer of rights counts as written by both replicas.
Plain written_by(const Plain& counter, const std::vector<ReplicaId>& writers, bool theirs);
Bounded written_by(const Bounded& counter, const std::vector<ReplicaId>& writers, bool theirs);

/// Counters by name. If two replicas create a name concurrently with different kinds, there are two
/// counters, and a request without a kind means the plain one. Otherwise a name has one kind.
///
/// A request with an id counts once. add_all() makes its changes and its record in one delta, so a
/// replica with the record does not apply the request again. If two replicas apply it concurrently,
/// both write a record. A replica that has both records calls settle(). It keeps the changes of the
/// first record, and retracts the others: it adds their positions to the set of retracted
/// positions. A reset also undoes positions, so a reset and a retraction commute. The removal of a
/// record changes no value, so each replica may erase a record at any time.
class Counters
    : public crdt::Composed<
          Counters, crdt::Product<crdt::ORMap<std::string, Plain>, crdt::GMap<std::string, Bounded>,
                                  crdt::ORMap<std::string, Records>, Retracted, Pruned>> {
    static constexpr std::size_t plain = 0, bounded = 1, requests = 2, retracted = 3,
                                 pruned_ids = 4;

    const auto& plain_counters() const { return lattice().get<plain>(); }
    const auto& bounded_counters() const { return lattice().get<bounded>(); }
    /// The entries of plain counters, including those that were reset completely.
    const auto& plain_entries() const { return plain_counters().lattice().store(); }
    const auto& request_entries() const { return lattice().get<requests>().lattice().store(); }

    crdt::DotSet<ReplicaId> removed() const;
    Counters counts_written_by(const std::vector<ReplicaId>& writers, bool theirs) const;
    crdt::DotSet<ReplicaId> request_context_without(const std::vector<ReplicaId>& writers) const;
    crdt::Total plain_total(const std::string& name) const;

    /// Runs a mutator of the value at `key` in a map.
    template <std::size_t Part, class Mutator>
    Counters change(const std::string& key, Mutator&& mutator) {
        return mutate([&](auto& state) {
            return state.template apply<Part>([&](auto& map) { return map.update(key, mutator); });
        });
    }

    void expect_add(ReplicaId id, const Change& change) const;
    Counters add(ReplicaId id, Change& change);
    bool has_all_of(ReplicaId id, const Applied& applied) const;
    bool can_retract(ReplicaId id, const Applied& applied) const;
    Counters retract(ReplicaId id, ReplicaId writer, const Applied& applied);

  public:
    static constexpr std::string_view type_name = "counters";
    /// list() visits at most this number of counters.
    static constexpr std::size_t max_visited = 10'000;
    using id_type = ReplicaId;

    // These functions instantiate the maps of the state, so they are compiled only once, in
    // counters_lattice.cpp. So are the serializers below.
    Counters();
    Counters(const Counters&);
    Counters(Counters&&) noexcept;
    Counters& operator=(const Counters&);
    Counters& operator=(Counters&&) noexcept;
    ~Counters();
    bool merge(const Counters& other);
    Counters absorb(const Counters& other);
    bool leq(const Counters& other) const;

    bool contains(const std::string& name, Kind kind) const;
    /// Returns the kind of a counter, or nothing if no add was made or all adds were reset.
    std::optional<Kind> kind_of(const std::string& name) const;

    /// Returns 0 if the counter does not exist. Concurrent adds can exceed the 64 bits to which
    /// add() and add_bounded() are limited.
    crdt::Total total(const std::string& name, Kind kind) const;
    /// Returns the amount that `id` may subtract from a bounded counter.
    std::uint64_t rights(const std::string& name, ReplicaId id) const;

    /// Returns how many positions of each count of a plain counter are retracted.
    RetractedCounts retracted_at(const std::string& name) const;

    /// Returns the names of the bounded counters for which `id` has rights. O(state).
    std::vector<std::string> names_with_rights(ReplicaId id) const;

    /// The mutators return the delta. They throw std::overflow_error if a number would not fit, and
    /// std::out_of_range if a bounded counter would need more than the rights of `id`. The state is
    /// then unchanged.
    Counters add(ReplicaId id, const std::string& name, std::int64_t amount);
    Counters add_bounded(ReplicaId id, const std::string& name, std::int64_t amount);
    Counters transfer(ReplicaId from, ReplicaId to, const std::string& name, std::uint64_t amount);
    /// Transfers all rights of `from` to `to`, such as from an unconfirmed incarnation of a node to
    /// its lasting one.
    Counters hand_over(ReplicaId from, ReplicaId to, const std::string& name);
    Counters reset(ReplicaId id, const std::string& name);
    /// Makes several adds, all or none. If `request` is not empty, also records them for this
    /// request. Each counter may be named only once.
    Counters add_all(ReplicaId id, const std::string& request, Applied adds);
    /// Records that `id` has applied a request.
    Counters record(ReplicaId id, const std::string& request, Applied applied);

    /// The state of a request at this replica.
    enum class Progress {
        unknown,     ///< not applied, according to this state
        incomplete,  ///< applied by a replica, and not all of its changes have arrived here
        applied,     ///< applied, and this state contains the changes
        different    ///< its id was used for another request
    };
    /// Returns the state of `request`, which would change `wanted`.
    Progress progress_of(const std::string& request, const Applied& wanted) const;
    /// Returns a record of the request, or null if there is no record.
    const Applied* record_of(const std::string& request) const;
    /// Returns whether a request has records of several replicas, so that settle() is needed.
    bool is_contested(const std::string& request) const;
    /// Keeps one application of a request, and retracts the others. Keeps that of a pruned replica,
    /// otherwise the first one with changes that have all arrived here. Changes of bounded counters
    /// are retracted only if they were made by a replica for which `is_own` returns true. This uses
    /// rights of `id`. If `id` has too few rights, such an application is not retracted.
    Counters settle(ReplicaId id, const std::string& request,
                    const std::function<bool(ReplicaId)>& is_own);
    /// Removes the records of a request. No value changes.
    Counters erase_record(ReplicaId id, const std::string& request);

    /// Removes the slots of `id` from a counter that was reset completely.
    Counters compact(ReplicaId id, const std::string& name);

    /// A read-only view of one counter.
    crdt::View<Plain> plain_at(const std::string& name) const {
        return plain_counters().view(name);
    }
    const Bounded& bounded_at(const std::string& name) const {
        return bounded_counters().view(name);
    }

    /// Returns whether this growth of a state contains writes of `id`. A reset of writes of `id` by
    /// a peer does not count as a write of `id`.
    bool has_writes_of(ReplicaId id) const;

    // Pruning, in counters_pruning.cpp. See replication/pruning.hpp.

    /// Returns the replicas that were pruned lately. They only change when a generation begins.
    const Pruned& pruned() const { return lattice().get<pruned_ids>(); }
    /// Was this replica pruned lately? Rights that are transferred to a pruned replica are lost. A
    /// node that has just returned may still announce such an id as its own.
    bool is_pruned(ReplicaId id) const { return pruned().contains(id); }
    /// Returns the last generation in pruned(), or 0.
    std::uint64_t generation() const;
    /// Replaces pruned(). Throws nothing.
    void set_pruned(Pruned pruned);
    /// Drops the records of `writers`, as if they had not been received. `writers` are in order. If
    /// this throws, the object can only be assigned to or destroyed.
    void drop_records_of(const std::vector<ReplicaId>& writers);
    /// Returns the ids of all replicas that have written something. O(state).
    std::set<ReplicaId> writers() const;
    /// Does the same as the functions written_by() above, for all counters.
    Counters written_by(const std::vector<ReplicaId>& writers, bool theirs) const;
    /// Replaces what `writers` have written by `written`, of which records are ignored. If this
    /// throws, nothing changes. The records of requests are not copied.
    void replace_written_by(const std::vector<ReplicaId>& writers, const Counters& written);
    /// Returns a state with the same totals as this one, in slots of `successor` alone.
    /// Precondition: this state has only writes of `writers` and `successor`. Their rights of
    /// bounded counters are transferred to `survivor`. Throws std::overflow_error if a sum would
    /// not fit.
    Counters collapsed(const std::vector<ReplicaId>& writers, ReplicaId survivor) const;

    /// A page of a list: some counters in key order.
    struct Page {
        std::vector<CounterKey> keys{};
        /// The key after which the next page begins, if there may be a next page.
        std::optional<CounterKey> last{};
    };
    /// Returns at most `limit` counters after `after`, with names that begin with `prefix`, of one
    /// kind or both. A page ends early after max_visited counters, including counters that were
    /// reset and are not listed. So a page with few entries, or with none, may have a next page.
    Page list(std::string_view prefix, const std::optional<CounterKey>& after,
              std::optional<Kind> only, std::size_t limit) const;
    /// Returns the counters that a delta changes, except those from which it only removes: a
    /// removal has no names.
    std::vector<CounterKey> keys() const;
    /// Returns the kind of the counter that this delta of a mutator changes.
    Kind kind() const;
    /// Returns whether this delta removes anything.
    bool removes() const;
    /// Returns the counters of this state from which `delta` removes something. A counter may be
    /// listed several times.
    std::vector<CounterKey> keys_removed_by(const Counters& delta) const;
    /// Returns the counters of this state of which `delta` retracts positions. A counter may be
    /// listed several times.
    std::vector<CounterKey> keys_retracted_by(const Counters& delta) const;
    /// Calls visit(request, writer, record) for each record of a request.
    template <class Visit>
    void visit_records(Visit&& visit) const {
        for (const auto& [request, records] : request_entries())
            for (const auto& [dot, record] : records)
                visit(request, dot.replica, Records::content(record));
    }
    /// Returns the number of requests with a record.
    std::size_t request_count() const { return request_entries().size(); }
    /// Returns the number of counters, including those that were reset but not yet removed.
    std::size_t size() const;
};

}  // namespace counterd

template <>
struct crdt::Serializer<counterd::Counters> {
    static void write(auto& out, const counterd::Counters& state);
    static counterd::Counters read(auto& in);
};

// Compiled once, in counters_lattice.cpp.
extern template class crdt::ColumnMap<std::string, counterd::Plain::lattice_type::store_type>;
extern template class crdt::ColumnMap<std::string, counterd::Bounded>;
extern template class crdt::DotFun<counterd::Plain::Slot, counterd::ReplicaId>;
extern template class crdt::DotMap<std::string, counterd::Plain::lattice_type::store_type>;
extern template class crdt::MapOf<std::string, counterd::Bounded>;
