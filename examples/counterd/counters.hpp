// SPDX-License-Identifier: MIT
//! Counters: the state of the service, counters of two kinds by their names.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/bounded_counter.hpp>
#include <crdt/gmap.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>

namespace counterd {

using ReplicaId = std::uint64_t;

/// A counter goes up and down and can be reset; a bounded one never goes below zero.
enum class Kind { counter, bounded };

/// Counters by name. A name is of one kind, unless two replicas made it at the same time with
/// different ones: then it is of both, and who does not say which means the counter.
class Counters
    : public crdt::Composed<
          Counters, crdt::Product<crdt::ORMap<std::string, crdt::ResettableCounter<ReplicaId>>,
                                  crdt::GMap<std::string, crdt::BoundedCounter<ReplicaId>>>> {
    static constexpr std::size_t plain = 0, bounded = 1;

    const auto& plain_counters() const { return lattice().get<plain>(); }
    const auto& bounded_counters() const { return lattice().get<bounded>(); }
    /// With entries of which all is undone.
    const auto& plain_entries() const { return plain_counters().lattice().store(); }

    template <std::size_t Part>
    Counters change(const std::string& name, auto mutator) {
        return mutate([&](auto& state) {
            return state.template apply<Part>(
                [&](auto& counters) { return counters.apply(name, mutator); });
        });
    }

    static std::uint64_t magnitude(std::int64_t amount) {
        return amount < 0 ? 0 - static_cast<std::uint64_t>(amount)
                          : static_cast<std::uint64_t>(amount);
    }
    /// Throws std::overflow_error if a total would leave the range of T.
    template <class T>
    static void expect_sum(T value, std::int64_t amount) {
        T sum{};
        if (__builtin_add_overflow(value, amount, &sum))
            throw std::overflow_error("the counter would overflow");
    }

    void take_matching(const auto& entries, Kind kind, std::string_view prefix,
                       std::string_view after, std::size_t limit, auto& found) const {
        auto entry = entries.lower_bound(std::max(prefix, after));
        for (; entry != entries.end() && limit > 0; ++entry) {
            const std::string& name = entry->first;
            if (!name.starts_with(prefix)) return;
            if (name == after || !contains(name, kind)) continue;
            found.emplace_back(name, kind);
            --limit;
        }
    }

  public:
    static constexpr std::string_view type_name = "counters";
    using id_type = ReplicaId;

    bool contains(const std::string& name, Kind kind) const {
        return kind == Kind::counter ? plain_counters().contains(name)
                                     : bounded_counters().contains(name);
    }
    /// None, if nothing was ever added to it, or all was reset.
    std::optional<Kind> kind_of(const std::string& name) const {
        for (const Kind kind : {Kind::counter, Kind::bounded})
            if (contains(name, kind)) return kind;
        return std::nullopt;
    }

    /// 0 where there is no such counter. Throws std::overflow_error if it does not fit.
    std::int64_t value(const std::string& name) const { return plain_counters().at(name).value(); }
    std::uint64_t bounded_value(const std::string& name) const {
        return bounded_counters().at(name).value();
    }
    /// How much `id` may take of a bounded counter.
    std::uint64_t rights(const std::string& name, ReplicaId id) const {
        return bounded_counters().at(name).rights(id);
    }

    /// All return the delta. They throw std::overflow_error if a number would not fit,
    /// std::out_of_range if a bounded counter would need more than the rights of `id`; the state is
    /// then unchanged.
    Counters add(ReplicaId id, const std::string& name, std::int64_t amount) {
        expect_sum(value(name), amount);
        return change<plain>(name, [&](auto& counter) { return counter.add(id, amount); });
    }
    Counters add_bounded(ReplicaId id, const std::string& name, std::int64_t amount) {
        if (amount == 0) return {};
        if (amount > 0) expect_sum(bounded_value(name), amount);
        return change<bounded>(name, [&](auto& counter) {
            return amount > 0 ? counter.add(id, amount) : counter.subtract(id, magnitude(amount));
        });
    }
    Counters transfer(ReplicaId from, ReplicaId to, const std::string& name, std::uint64_t amount) {
        return change<bounded>(name,
                               [&](auto& counter) { return counter.transfer(from, to, amount); });
    }
    /// All rights of an incarnation that may soon be left go to the one that is kept.
    Counters hand_over(ReplicaId from, ReplicaId to, const std::string& name) {
        const std::uint64_t amount = from == to ? 0 : rights(name, from);
        return amount == 0 ? Counters() : transfer(from, to, name, amount);
    }
    Counters reset(ReplicaId id, const std::string& name) {
        return change<plain>(name, [&](auto& counter) { return counter.reset(id); });
    }
    /// Lets go of what `id` added to a counter, if it was reset in whole.
    Counters compact(ReplicaId id, const std::string& name) {
        if (contains(name, Kind::counter) || !plain_entries().contains(name)) return {};
        return change<plain>(name, [&](auto& counter) { return counter.compact(id); });
    }

    /// This counter alone, of either kind; for sessions.
    Counters only(const std::string& name) const {
        using Plain = std::decay_t<decltype(plain_counters())>;
        using Bounded = std::decay_t<decltype(bounded_counters())>;
        const auto& causal = plain_counters().lattice();
        const auto& limited = bounded_counters().at(name);
        return from_lattice(
            crdt::Product(Plain::from_lattice(crdt::Causal(
                              std::decay_t<decltype(causal.store())>(name, causal.store().at(name)),
                              causal.context())),
                          Bounded::from_lattice({{name, limited}})));
    }

    /// Has `id` written anything of this? For what a state has grown by: a peer's reset of what
    /// `id` wrote is no such thing.
    bool has_writes_of(ReplicaId id) const {
        return bounded_counters().has_writes_of(id) ||
               std::any_of(plain_entries().begin(), plain_entries().end(), [&](const auto& entry) {
                   const auto& slots = entry.second;
                   const auto own = slots.lower_bound(crdt::Dot<ReplicaId>{id, 0});
                   return own != slots.end() && own->first.replica == id &&
                          !own->second.template get<0>().is_bottom();
               });
    }

    /// Names, with their kinds, in order: those behind `after` that begin with `prefix`, no more
    /// than `limit`. O(log n) for each, and each that was reset among them.
    std::vector<std::pair<std::string, Kind>> list(std::string_view prefix, std::string_view after,
                                                   std::size_t limit) const {
        std::vector<std::pair<std::string, Kind>> found;
        take_matching(plain_entries(), Kind::counter, prefix, after, limit, found);
        take_matching(bounded_counters(), Kind::bounded, prefix, after, limit, found);
        std::sort(found.begin(), found.end());
        if (found.size() > limit) found.resize(limit);
        return found;
    }
    /// The names that a delta tells of.
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& [name, entry] : plain_entries()) names.push_back(name);
        for (const auto& [name, entry] : bounded_counters()) names.push_back(name);
        return names;
    }
    /// How many there are, and how many that were reset and are not forgotten everywhere yet.
    std::size_t size() const { return plain_entries().size() + bounded_counters().size(); }
};

}  // namespace counterd
