// SPDX-License-Identifier: MIT
//! BoundedCounter: a counter that no replica can take below zero.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/detail/checked.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/total.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string, class Count = std::uint64_t>
class BoundedCounter : detail::Refused<detail::flaw_of_counter<Id>(), Id, Count> {};  // prints why

/// A counter that never goes below zero, although replicas subtract without coordination. Each
/// replica has rights: the amount that the replica may subtract. The additions of a replica, and
/// transfers to it, increase its rights. Its subtractions, and transfers to other replicas,
/// decrease its rights.
///
/// State       a PNCounter, and for each pair of replicas how many rights the first has transferred
///             to the second
/// Order       number by number;  join: the larger of each number;  bottom: no numbers
/// Concurrent  all operations count. If each replica subtracts and transfers only under its own id,
///             the total is never below zero
/// Units       amounts are whole numbers from 1 on. A number that does not fit a Count is an error,
///             except that total() returns the total even if it does not fit
/// Cost        memory for a PNCounter, and one number for each pair of replicas with a transfer;
///             add O(log n), subtract, transfer and rights O(n log n), value O(n), merge as MapOf
/// Errors      add, subtract and transfer throw std::invalid_argument for an amount below 1, and
///             std::overflow_error if a number would exceed Count; subtract and transfer throw
///             std::out_of_range for an amount beyond the rights; the state is then unchanged;
///             value throws std::overflow_error if the total exceeds Count
/// Threads     as a standard container
/// Source      Balegas et al.: Extending eventually consistent cloud databases for enforcing
///             numeric invariants (SRDS 2015); escrow: O'Neil (TODS 1986)
///
/// Example (tests/examples/bounded_counter.cpp):
///     crdt::BoundedCounter<> stock;
///     stock.add("a", 10);
///     stock.transfer("a", "b", 4);
///     stock.subtract("b", 3);  // stock.value() == 7, stock.rights("b") == 1
template <ReplicaId Id, UnsignedInteger Count>
class BoundedCounter<Id, Count>
    : public Composed<BoundedCounter<Id, Count>,
                      Product<PNCounter<Id, Count>, MapOf<Id, MapOf<Id, Max<Count>>>>> {
    static constexpr std::size_t used = 0, given = 1;

    static void expect_positive(Integer auto amount) {
        if (amount <= 0)
            detail::throw_or_abort<std::invalid_argument>(
                "BoundedCounter: expected an amount above 0");
    }
    void expect_rights(const Id& id, Integer auto amount) const {
        if (detail::magnitude(amount) > rights(id))
            detail::throw_or_abort<std::out_of_range>(
                "BoundedCounter: the amount exceeds the rights of the replica");
    }
    const auto& counts() const { return this->lattice().template get<used>().lattice(); }
    const auto& gifts() const { return this->lattice().template get<given>(); }

    template <std::size_t Part, class Mutate>
    BoundedCounter change(Mutate&& mutate) {
        return this->mutate([&](auto& state) { return state.template apply<Part>(mutate); });
    }

  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The type of totals and of rights.
    using value_type = Count;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "bounded_counter";

    /// Adds `amount` to the total and to the rights of `id`. Returns the delta. O(log n). Throws
    /// std::invalid_argument if `amount` is below 1, std::overflow_error if the slot would exceed
    /// Count; the state is then unchanged.
    BoundedCounter add(const Id& id, Integer auto amount) {
        expect_positive(amount);
        return change<used>([&](auto& counter) { return counter.add(id, amount); });
    }
    /// Subtracts `amount` from the total and from the rights of `id`. Returns the delta.
    /// O(n log n). Throws std::invalid_argument if `amount` is below 1, std::out_of_range if `id`
    /// has fewer rights, std::overflow_error if the slot would exceed Count; the state is then
    /// unchanged.
    BoundedCounter subtract(const Id& id, Integer auto amount) {
        expect_positive(amount);
        expect_rights(id, amount);
        return change<used>([&](auto& counter) { return counter.subtract(id, amount); });
    }
    /// Transfers `amount` of the rights of `from` to `to`. Returns the delta. O(n log n). Throws as
    /// subtract() does, and std::invalid_argument if `from` equals `to`; the state is then
    /// unchanged.
    BoundedCounter transfer(const Id& from, const Id& to, Integer auto amount) {
        expect_positive(amount);
        if (from == to)
            detail::throw_or_abort<std::invalid_argument>(
                "BoundedCounter::transfer: expected two different replicas");
        expect_rights(from, amount);
        return change<given>([&](auto& gifts) {
            return gifts.update(from, [&](auto& row) {
                return row.update(to, [&](Max<Count>& total) {
                    return total.advance(
                        detail::checked_add(total.value(), detail::magnitude(amount),
                                            "BoundedCounter::transfer: the sum would overflow"));
                });
            });
        });
    }

    /// Is a write of `id` in this state? O(log n).
    bool has_writes_of(const Id& id) const { return counts().contains(id) || gifts().contains(id); }
    /// Returns how much `id` may subtract, according to the writes that this state has. At the
    /// replica `id` itself the result is never too high. O(n log n).
    Count rights(const Id& id) const {
        detail::WideSum plus, minus;
        plus.add(counts().at(id).template get<0>().value());
        minus.add(counts().at(id).template get<1>().value());
        for (const auto& [giver, row] : gifts()) plus.add(row.at(id).value());
        for (const auto& [receiver, total] : gifts().at(id)) minus.add(total.value());
        return plus.less(minus).template clamp<Count>();
    }
    /// Returns the total of the writes that this state has, or 0 if the total is negative. The
    /// total is negative if subtractions arrived before the additions that gave the rights for
    /// these subtractions. O(n). Throws std::overflow_error if the total exceeds Count.
    Count value() const {
        return sum().template narrow<Count>("BoundedCounter::value: it does not fit");
    }
    /// Returns the total, even if it does not fit a Count. O(n).
    Total total() const { return detail::total_of(sum(), {}); }
    /// Returns how much `id` has subtracted so far. O(log n).
    Count subtracted(const Id& id) const { return counts().at(id).template get<1>().value(); }

  private:
    detail::WideSum sum() const {
        detail::WideSum plus, minus;
        for (const auto& [id, slot] : counts()) {
            plus.add(slot.template get<0>().value());
            minus.add(slot.template get<1>().value());
        }
        return plus.less(minus);
    }
};

}  // namespace crdt
