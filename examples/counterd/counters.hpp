// SPDX-License-Identifier: MIT
//! Counters: the state of the service. It contains counters of two kinds by name.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
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

namespace counterd {

using ReplicaId = std::uint64_t;
using Plain = crdt::ResettableCounter<ReplicaId>;
using Bounded = crdt::BoundedCounter<ReplicaId>;

/// A plain counter can be negative and can be reset. A bounded counter never falls below zero.
enum class Kind { counter, bounded };
inline constexpr const char* name_of(Kind kind) {
    return kind == Kind::counter ? "counter" : "bounded";
}

/// A counter. If two nodes have created a name with different kinds, there are two counters.
struct CounterKey {
    std::string name{};
    Kind kind = Kind::counter;

    friend auto operator<=>(const CounterKey&, const CounterKey&) = default;
};

/// Counters by name. A name has one kind, unless two replicas create it concurrently with different
/// kinds. Then there are two counters, and a request without a kind means the plain one.
class Counters : public crdt::Composed<Counters, crdt::Product<crdt::ORMap<std::string, Plain>,
                                                               crdt::GMap<std::string, Bounded>>> {
    static constexpr std::size_t plain = 0, bounded = 1;

    static constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

    const auto& plain_counters() const { return lattice().get<plain>(); }
    const auto& bounded_counters() const { return lattice().get<bounded>(); }
    /// The entries, including those that were reset completely.
    const auto& plain_entries() const { return plain_counters().lattice().store(); }

    crdt::DotSet<ReplicaId> removed() const {
        const auto& causal = plain_counters().lattice();
        return difference(causal.context(), causal.store().dots());
    }

    template <std::size_t Part>
    Counters change(const std::string& name, auto mutator) {
        return mutate([&](auto& state) {
            return state.template apply<Part>(
                [&](auto& counters) { return counters.update(name, mutator); });
        });
    }

    static std::uint64_t magnitude(std::int64_t amount) {
        return amount < 0 ? 0 - static_cast<std::uint64_t>(amount)
                          : static_cast<std::uint64_t>(amount);
    }
    /// Throws std::overflow_error if `amount` would move the total out of the range, or further
    /// out. Concurrent adds can move it out; adds towards the range are then allowed.
    static void expect_range(const crdt::Total& total, std::int64_t amount) {
        if (amount > 0 ? total > highest - amount : amount < 0 && total < lowest - amount)
            throw std::overflow_error("the counter would overflow");
    }
    /// A replica counts what it has subtracted from a bounded counter in 64 bits. Throws
    /// std::overflow_error unless half of that range suffices for everything that the replica may
    /// subtract with `amount` more rights. The other half is for concurrent transfers to it. So no
    /// replica has rights that it cannot use.
    static void expect_room(const Bounded& counter, ReplicaId id, std::uint64_t amount) {
        const std::uint64_t subtracted = counter.subtracted(id), rights = counter.rights(id);
        if (subtracted > highest || rights > highest - subtracted ||
            amount > highest - subtracted - rights)
            throw std::overflow_error("one node could subtract more than 2^63 - 1");
    }

  public:
    static constexpr std::string_view type_name = "counters";
    /// list() visits at most this number of counters.
    static constexpr std::size_t max_visited = 10'000;
    using id_type = ReplicaId;

    bool contains(const std::string& name, Kind kind) const {
        return kind == Kind::counter ? plain_counters().contains(name)
                                     : bounded_counters().contains(name);
    }
    /// Returns the kind, or nothing if the counter was never added to or was reset completely.
    std::optional<Kind> kind_of(const std::string& name) const {
        for (const Kind kind : {Kind::counter, Kind::bounded})
            if (contains(name, kind)) return kind;
        return std::nullopt;
    }

    /// Returns 0 if the counter does not exist. Concurrent adds can exceed the 64 bits to which
    /// add() and add_bounded() are limited.
    crdt::Total total(const std::string& name, Kind kind) const {
        return kind == Kind::counter ? plain_counters().view(name).total()
                                     : bounded_counters().view(name).total();
    }
    /// The amount that `id` may subtract from a bounded counter.
    std::uint64_t rights(const std::string& name, ReplicaId id) const {
        return bounded_counters().view(name).rights(id);
    }

    /// The mutators return the delta. They throw std::overflow_error if a number would not fit, and
    /// std::out_of_range if a bounded counter would need more than the rights of `id`. The state is
    /// then unchanged.
    Counters add(ReplicaId id, const std::string& name, std::int64_t amount) {
        expect_range(total(name, Kind::counter), amount);
        return change<plain>(name, [&](auto& counter) { return counter.add(id, amount); });
    }
    Counters add_bounded(ReplicaId id, const std::string& name, std::int64_t amount) {
        if (amount == 0) return {};
        if (amount > 0) {
            expect_range(total(name, Kind::bounded), amount);
            expect_room(bounded_counters().view(name), id, magnitude(amount));
        }
        return change<bounded>(name, [&](auto& counter) {
            return amount > 0 ? counter.add(id, amount) : counter.subtract(id, magnitude(amount));
        });
    }
    Counters transfer(ReplicaId from, ReplicaId to, const std::string& name, std::uint64_t amount) {
        expect_room(bounded_counters().view(name), to, amount);
        return change<bounded>(name,
                               [&](auto& counter) { return counter.transfer(from, to, amount); });
    }
    /// Transfers all rights of `from`, an unconfirmed incarnation, to `to`, the lasting one.
    Counters hand_over(ReplicaId from, ReplicaId to, const std::string& name) {
        const std::uint64_t amount = from == to ? 0 : rights(name, from);
        return amount == 0 ? Counters() : transfer(from, to, name, amount);
    }
    Counters reset(ReplicaId id, const std::string& name) {
        return change<plain>(name, [&](auto& counter) { return counter.reset(id); });
    }
    /// Removes the slots of `id` from a counter that was reset completely.
    Counters compact(ReplicaId id, const std::string& name) {
        if (contains(name, Kind::counter) || !plain_entries().contains(name)) return {};
        return change<plain>(name, [&](auto& counter) { return counter.compact(id); });
    }

    /// A read-only view of one counter.
    crdt::View<Plain> plain_at(const std::string& name) const {
        return plain_counters().view(name);
    }
    const Bounded& bounded_at(const std::string& name) const {
        return bounded_counters().view(name);
    }

    /// Whether this growth of a state contains writes of `id`. If a peer has reset what `id` wrote,
    /// that is no write of `id`.
    bool has_writes_of(ReplicaId id) const {
        return bounded_counters().has_writes_of(id) ||
               std::any_of(plain_entries().begin(), plain_entries().end(), [&](const auto& entry) {
                   const auto& slots = entry.second;
                   const auto own = slots.lower_bound(crdt::Dot<ReplicaId>{id, 0});
                   return own != slots.end() && own->first.replica == id &&
                          !own->second.template get<0>().is_bottom();
               });
    }

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
              std::optional<Kind> only, std::size_t limit) const {
        const std::string_view from =
            after ? std::max<std::string_view>(prefix, after->name) : prefix;
        auto plain_entry = plain_entries().lower_bound(from);
        auto bounded_entry = bounded_counters().lower_bound(from);
        const auto is_within = [&](const auto& entry, const auto& end) {
            return entry != end && entry->first.starts_with(prefix);
        };
        Page page;
        for (std::size_t walked = 0;; ++walked) {
            const bool any_plain = is_within(plain_entry, plain_entries().end());
            const bool any_bounded = is_within(bounded_entry, bounded_counters().end());
            if (!any_plain && !any_bounded) {
                page.last.reset();
                return page;
            }
            if (page.keys.size() == limit || walked == max_visited) return page;
            const bool is_plain =
                any_plain && (!any_bounded || plain_entry->first <= bounded_entry->first);
            page.last = is_plain ? CounterKey{plain_entry->first, Kind::counter}
                                 : CounterKey{bounded_entry->first, Kind::bounded};
            const bool is_visible = (!after || *after < *page.last) &&
                                    (!only || *only == page.last->kind) &&
                                    (!is_plain || !Plain::is_empty(plain_entry->second));
            if (is_visible) page.keys.push_back(*page.last);
            if (is_plain)
                ++plain_entry;
            else
                ++bounded_entry;
        }
    }
    /// Returns the counters that a delta names. It does not name those from which it only removes.
    std::vector<CounterKey> keys() const {
        std::vector<CounterKey> keys;
        for (const auto& [name, entry] : plain_entries()) keys.push_back({name, Kind::counter});
        for (const auto& [name, entry] : bounded_counters()) keys.push_back({name, Kind::bounded});
        return keys;
    }
    /// The kind of the counter that a mutator's delta changes.
    Kind kind() const { return bounded_counters().size() == 0 ? Kind::counter : Kind::bounded; }
    /// Whether a delta removes anything.
    bool removes() const { return !removed().is_bottom(); }
    /// Returns the counters here from which `delta` removes something. A counter may be listed
    /// several times.
    std::vector<CounterKey> keys_removed_by(const Counters& delta) const {
        std::vector<CounterKey> keys;
        plain_entries().visit_keys(delta.removed(), [&](const std::string& name) {
            keys.push_back({name, Kind::counter});
        });
        return keys;
    }
    /// The number of counters, including those that were reset and that some replica has not yet
    /// removed.
    std::size_t size() const { return plain_entries().size() + bounded_counters().size(); }
};

}  // namespace counterd
