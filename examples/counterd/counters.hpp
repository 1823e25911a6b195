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

/// An index of all counters by dots would take a third of the memory of a node.
template <>
inline constexpr bool crdt::removals_are_rare<counterd::Plain::lattice_type::store_type> = true;

namespace counterd {

/// Replica ids that were pruned lately, each with the generation that began with the pruning.
using Pruned = crdt::MapOf<ReplicaId, crdt::Max<std::uint64_t>>;
/// The id of the slots that replace those of pruned replicas.
inline constexpr ReplicaId successor = 1;

/// Returns what `writers`, which are in order, have written if `theirs`; otherwise everything else.
/// A transfer of rights counts as written by both replicas.
Plain written_by(const Plain& counter, const std::vector<ReplicaId>& writers, bool theirs);
Bounded written_by(const Bounded& counter, const std::vector<ReplicaId>& writers, bool theirs);

/// Counters by name. A name has one kind, unless two replicas create it concurrently with different
/// kinds. Then there are two counters, and a request without a kind means the plain one.
///
/// A request with an id counts once. add_all() makes its changes and its record in one delta, so a
/// replica with the record does not apply the request again. If two replicas apply it concurrently,
/// both write a record. A replica that has both records calls settle(), which retracts the changes
/// of all but the first: their positions join the set of retracted positions. A reset undoes
/// positions, too, so a reset and a retraction commute. The removal of a record changes no value,
/// so each replica may erase a record at any time.
class Counters
    : public crdt::Composed<
          Counters, crdt::Product<crdt::ORMap<std::string, Plain>, crdt::GMap<std::string, Bounded>,
                                  crdt::ORMap<std::string, Records>, Retracted, Pruned>> {
    static constexpr std::size_t plain = 0, bounded = 1, requests = 2, retracted = 3,
                                 pruned_ids = 4;

    const auto& plain_counters() const { return lattice().get<plain>(); }
    const auto& bounded_counters() const { return lattice().get<bounded>(); }
    /// The entries, including those that were reset completely.
    const auto& plain_entries() const { return plain_counters().lattice().store(); }
    const auto& request_entries() const { return lattice().get<requests>().lattice().store(); }

    crdt::DotSet<ReplicaId> removed() const;
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

    // What instantiates the maps of the state is compiled once, in counters_lattice.cpp. So are the
    // serializers below.
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
    /// Returns the kind, or nothing if the counter was never added to or was reset completely.
    std::optional<Kind> kind_of(const std::string& name) const;

    /// Returns 0 if the counter does not exist. Concurrent adds can exceed the 64 bits to which
    /// add() and add_bounded() are limited.
    crdt::Total total(const std::string& name, Kind kind) const;
    /// The amount that `id` may subtract from a bounded counter.
    std::uint64_t rights(const std::string& name, ReplicaId id) const;

    /// How many positions of a plain counter are retracted, for each count.
    RetractedCounts retracted_at(const std::string& name) const;

    /// The bounded counters of which `id` may subtract something. O(state).
    std::vector<std::string> names_with_rights(ReplicaId id) const;

    /// The mutators return the delta. They throw std::overflow_error if a number would not fit, and
    /// std::out_of_range if a bounded counter would need more than the rights of `id`. The state is
    /// then unchanged.
    Counters add(ReplicaId id, const std::string& name, std::int64_t amount);
    Counters add_bounded(ReplicaId id, const std::string& name, std::int64_t amount);
    Counters transfer(ReplicaId from, ReplicaId to, const std::string& name, std::uint64_t amount);
    /// Transfers all rights of `from`, an unconfirmed incarnation, to `to`, the lasting one.
    Counters hand_over(ReplicaId from, ReplicaId to, const std::string& name);
    Counters reset(ReplicaId id, const std::string& name);
    /// Makes several adds, all or none, and records them for the request `request` unless that is
    /// empty. No counter may be named twice.
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
    /// Returns a record of the request, or null if there is none.
    const Applied* record_of(const std::string& request) const;
    /// Whether several replicas have applied a request, and not all but one have retracted it.
    bool is_contested(const std::string& request) const;
    /// Retracts all applications of a request but one: that of a pruned replica, or the first of
    /// those with changes that have arrived here. Changes of bounded counters are retracted only if
    /// they are those of a replica for which `is_own` is true. The rights of `id` are then used for
    /// it, and if it has too few of them, nothing is retracted.
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

    /// Whether this growth of a state contains writes of `id`. If a peer has reset what `id` wrote,
    /// that is no write of `id`.
    bool has_writes_of(ReplicaId id) const;

    // Pruning, in counters_pruning.cpp. See replication/pruning.hpp.

    /// The replicas that were pruned lately. It only changes when a generation begins.
    const Pruned& pruned() const { return lattice().get<pruned_ids>(); }
    /// Was this replica pruned lately? Rights that are transferred to it are lost. A node that has
    /// just returned may still announce it.
    bool is_pruned(ReplicaId id) const { return pruned().contains(id); }
    /// The last generation in pruned(), or 0.
    std::uint64_t generation() const;
    /// Replaces pruned().
    void set_pruned(const Pruned& pruned);
    /// Drops the records of `writers`, which are in order, as if they had not been received.
    void drop_records_of(const std::vector<ReplicaId>& writers);
    /// The ids of all replicas that have written something. O(state).
    std::set<ReplicaId> writers() const;
    /// See the functions of this name for counters.
    Counters written_by(const std::vector<ReplicaId>& writers, bool theirs) const;
    /// Returns a state with the same totals, all written by `successor`. This state is what
    /// `writers` and `successor` have written. Rights of bounded counters that none of them can use
    /// any more are transferred to `survivor`. Throws std::overflow_error if a sum would not fit.
    Counters collapsed(const std::vector<ReplicaId>& writers, ReplicaId survivor) const;

    /// Some counters, in key order.
    struct Page {
        std::vector<CounterKey> keys{};
        /// The key after which the next page begins, if there may be one.
        std::optional<CounterKey> last{};
    };
    /// Returns at most `limit` counters after `after`, with names that begin with `prefix`, of one
    /// kind or both. Counters that were reset are also visited. A page ends early after max_visited
    /// counters. So a page with fewer entries, even none, need not be the last one.
    Page list(std::string_view prefix, const std::optional<CounterKey>& after,
              std::optional<Kind> only, std::size_t limit) const;
    /// Returns the counters that a delta names. It does not name those from which it only removes.
    std::vector<CounterKey> keys() const;
    /// The kind of the counter that a mutator's delta changes.
    Kind kind() const;
    /// Whether a delta removes anything.
    bool removes() const;
    /// Returns the counters here from which `delta` removes something. A counter may be listed
    /// several times.
    std::vector<CounterKey> keys_removed_by(const Counters& delta) const;
    /// Returns the counters here of which `delta` retracts positions, perhaps several times.
    std::vector<CounterKey> keys_retracted_by(const Counters& delta) const;
    /// Calls visit(request, writer, record) for each record of a request.
    template <class Visit>
    void visit_records(Visit&& visit) const {
        for (const auto& [request, records] : request_entries())
            for (const auto& [dot, record] : records)
                visit(request, dot.replica, Records::content(record));
    }
    /// The number of requests with a record.
    std::size_t request_count() const { return request_entries().size(); }
    /// The number of counters, including those that were reset and that some replica has not yet
    /// removed.
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
