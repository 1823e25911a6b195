// SPDX-License-Identifier: MIT
#include "counters.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "counts.hpp"

namespace counterd {

namespace {

/// Throws std::overflow_error if `amount` would move the total out of the range of 64 bits, or
/// further out. Concurrent adds can move the total out of the range. Adds that move it back are
/// then allowed.
void expect_range(const crdt::Total& total, std::int64_t amount) {
    if (amount > 0 ? total > highest - amount : amount < 0 && total < lowest - amount)
        throw std::overflow_error("the counter would overflow");
}
void expect_room(const Bounded& counter, ReplicaId id, std::uint64_t amount) {
    if (amount > room(counter, id))
        throw std::overflow_error("one node could subtract more than 2^63 - 1");
}

}  // namespace

crdt::DotSet<ReplicaId> Counters::removed() const {
    const auto& causal = plain_counters().lattice();
    return difference(causal.context(), causal.store().dots());
}

bool Counters::contains(const std::string& name, Kind kind) const {
    return kind == Kind::counter ? plain_counters().contains(name)
                                 : bounded_counters().contains(name);
}

std::optional<Kind> Counters::kind_of(const std::string& name) const {
    for (const Kind kind : {Kind::counter, Kind::bounded})
        if (contains(name, kind)) return kind;
    return std::nullopt;
}

crdt::Total Counters::total(const std::string& name, Kind kind) const {
    return kind == Kind::counter ? plain_total(name) : bounded_counters().view(name).total();
}

crdt::Total Counters::plain_total(const std::string& name) const {
    const Retracted& positions = lattice().get<retracted>();
    if (positions.is_bottom()) return plain_counters().view(name).total();
    crdt::Total total;
    for (const auto& [dot, slot] : plain_entries().at(name)) {
        total += left<0>(dot, slot, positions);
        total -= left<1>(dot, slot, positions);
    }
    return total;
}

std::uint64_t Counters::rights(const std::string& name, ReplicaId id) const {
    return bounded_counters().view(name).rights(id);
}

void Counters::expect_add(ReplicaId id, const Change& change) const {
    if (change.kind == Kind::counter || change.amount > 0)
        expect_range(total(change.name, change.kind), change.amount);
    if (change.kind == Kind::counter || change.amount == 0) return;
    if (change.amount > 0)
        expect_room(bounded_at(change.name), id, change.magnitude());
    else if (change.magnitude() > rights(change.name, id))
        throw std::out_of_range("the amount exceeds the rights of this node");
}

/// Makes one add and returns the delta. Sets the position of `change`. Precondition: expect_add()
/// has not thrown for this change.
Counters Counters::add(ReplicaId id, Change& change) {
    if (change.amount == 0) return {};
    if (change.kind == Kind::bounded) {
        Counters delta = this->change<bounded>(change.name, [&](auto& counter) {
            return change.amount > 0 ? counter.add(id, change.amount)
                                     : counter.subtract(id, change.magnitude());
        });
        change.end = counted(bounded_at(change.name), id, change.is_addition());
        return delta;
    }
    Counters delta = this->change<plain>(
        change.name, [&](auto& counter) { return counter.add(id, change.amount); });
    const auto written = delta.plain_entries().at(change.name).begin();
    change.slot = written->first.sequence;
    change.end = counted(written->second, change.is_addition());
    return delta;
}

std::vector<std::string> Counters::names_with_rights(ReplicaId id) const {
    std::vector<std::string> names;
    for (const auto& [name, counter] : bounded_counters())
        if (counter.rights(id) != 0) names.push_back(name);
    return names;
}

Counters Counters::add(ReplicaId id, const std::string& name, std::int64_t amount) {
    Change change{name, Kind::counter, amount};
    expect_add(id, change);
    return add(id, change);
}

Counters Counters::add_bounded(ReplicaId id, const std::string& name, std::int64_t amount) {
    Change change{name, Kind::bounded, amount};
    expect_add(id, change);
    return add(id, change);
}

Counters Counters::add_all(ReplicaId id, const std::string& request, Applied adds) {
    for (const Change& change : adds.changes) expect_add(id, change);
    Counters delta;
    bool is_first = true;
    for (Change& change : adds.changes) {
        if (std::exchange(is_first, false))
            delta = add(id, change);
        else
            delta.merge(add(id, change));
    }
    if (!request.empty()) delta.merge(record(id, request, std::move(adds)));
    return delta;
}

Counters Counters::transfer(ReplicaId from, ReplicaId to, const std::string& name,
                            std::uint64_t amount) {
    expect_room(bounded_counters().view(name), to, amount);
    return change<bounded>(name, [&](auto& counter) { return counter.transfer(from, to, amount); });
}

Counters Counters::hand_over(ReplicaId from, ReplicaId to, const std::string& name) {
    const std::uint64_t amount = from == to ? 0 : rights(name, from);
    return amount == 0 ? Counters() : transfer(from, to, name, amount);
}

Counters Counters::reset(ReplicaId id, const std::string& name) {
    Counters delta = change<plain>(name, [&](auto& counter) { return counter.reset(id); });
    // Each node compacts its own slots. The slots of the successor belong to no node, so a reset
    // compacts them.
    delta.merge(compact(successor, name));
    return delta;
}

Counters Counters::compact(ReplicaId id, const std::string& name) {
    if (contains(name, Kind::counter) || !plain_entries().contains(name)) return {};
    return change<plain>(name, [&](auto& counter) { return counter.compact(id); });
}

bool Counters::has_writes_of(ReplicaId id) const {
    bool has_record = false;
    visit_records([&](const auto&, ReplicaId writer, const auto&) { has_record |= writer == id; });
    return has_record || bounded_counters().has_writes_of(id) ||
           std::any_of(plain_entries().begin(), plain_entries().end(), [&](const auto& entry) {
               const auto& slots = entry.second;
               const auto own = slots.lower_bound(crdt::Dot<ReplicaId>{id, 0});
               return own != slots.end() && own->first.replica == id &&
                      !own->second.template get<0>().is_bottom();
           });
}

Counters::Page Counters::list(std::string_view prefix, const std::optional<CounterKey>& after,
                              std::optional<Kind> only, std::size_t limit) const {
    const std::string_view from = after ? std::max<std::string_view>(prefix, after->name) : prefix;
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

std::vector<CounterKey> Counters::keys() const {
    std::vector<CounterKey> keys;
    for (const auto& [name, entry] : plain_entries()) keys.push_back({name, Kind::counter});
    for (const auto& [name, entry] : bounded_counters()) keys.push_back({name, Kind::bounded});
    return keys;
}

Kind Counters::kind() const {
    return bounded_counters().size() == 0 ? Kind::counter : Kind::bounded;
}

bool Counters::removes() const { return !removed().is_bottom(); }

std::vector<CounterKey> Counters::keys_removed_by(const Counters& delta) const {
    std::vector<CounterKey> keys;
    plain_entries().visit_keys(delta.removed(), [&](const std::string& name) {
        keys.push_back({name, Kind::counter});
    });
    return keys;
}

std::size_t Counters::size() const { return plain_entries().size() + bounded_counters().size(); }

}  // namespace counterd
