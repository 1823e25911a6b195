// SPDX-License-Identifier: MIT
//! The records of requests with an id. settle() retracts changes if several replicas have applied
//! one request.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "counters.hpp"
#include "counts.hpp"

namespace counterd {

Records Records::write(ReplicaId id, Applied applied) {
    return change({}, {context().next(id), crdt::WriteOnce(std::move(applied))});
}
Records Records::erase(const crdt::DotSet<ReplicaId>& dots) { return change(dots); }

Counters Counters::record(ReplicaId id, const std::string& request, Applied applied) {
    return change<requests>(
        request, [&](Records& records) { return records.write(id, std::move(applied)); });
}

/// Returns whether this state contains the changes of a record that `id` has written.
bool Counters::has_all_of(ReplicaId id, const Applied& applied) const {
    if (applied.verb != "add") return true;
    if (!applied.is_well_formed()) return false;
    return std::all_of(applied.changes.begin(), applied.changes.end(), [&](const Change& change) {
        if (change.amount == 0) return true;
        if (change.kind == Kind::bounded)
            return counted(bounded_at(change.name), id, change.is_addition()) >= change.end;
        const crdt::Dot<ReplicaId> dot{id, change.slot};
        const auto& slots = plain_entries().at(change.name);
        const auto slot = slots.find(dot);
        // If the slot was removed, its dot is in the context, and this state has contained the add.
        if (slot == slots.end()) return plain_counters().lattice().context().contains(dot);
        return counted(slot->second, change.is_addition()) >= change.end;
    });
}

const Applied* Counters::record_of(const std::string& request) const {
    const auto& records = request_entries().at(request);
    return records.is_bottom() ? nullptr : &Records::content(records.begin()->second);
}

Counters::Progress Counters::progress_of(const std::string& request, const Applied& wanted) const {
    Progress progress = Progress::unknown;
    for (const auto& [dot, record] : request_entries().at(request)) {
        const Applied& applied = Records::content(record);
        if (!applied.is_same_request(wanted)) return Progress::different;
        // The writes of a pruned replica are in the slots of the successor.
        if (is_pruned(dot.replica) || has_all_of(dot.replica, applied))
            progress = Progress::applied;
        if (progress == Progress::unknown) progress = Progress::incomplete;
    }
    return progress;
}

bool Counters::is_contested(const std::string& request) const {
    return request_entries().at(request).size() > 1;
}

/// Returns whether retract() would succeed.
bool Counters::can_retract(ReplicaId id, const Applied& applied) const {
    return std::all_of(applied.changes.begin(), applied.changes.end(), [&](const Change& change) {
        if (change.kind == Kind::counter) return true;
        return change.is_addition() ? change.magnitude() <= rights(change.name, id)
                                    : change.magnitude() <= room(bounded_at(change.name), id);
    });
}

/// Retracts the changes `applied`, which `writer` has made. For bounded counters, `id` makes the
/// opposite changes.
Counters Counters::retract(ReplicaId id, ReplicaId writer, const Applied& applied) {
    Counters delta;
    for (const Change& change : applied.changes) {
        if (change.amount == 0) continue;
        if (change.kind == Kind::counter) {
            const std::uint64_t first = change.end - change.magnitude() + 1;
            const CountId count{writer, change.slot, change.is_addition()};
            delta.merge(mutate([&](auto& state) {
                return state.template apply<retracted>([&](Retracted& positions) {
                    return positions.insert({count, first, change.end});
                });
            }));
        } else {
            delta.merge(this->change<bounded>(change.name, [&](auto& counter) {
                return change.is_addition() ? counter.subtract(id, change.magnitude())
                                            : counter.add(id, change.magnitude());
            }));
        }
    }
    return delta;
}

Counters Counters::settle(ReplicaId id, const std::string& request,
                          const std::function<bool(ReplicaId)>& is_own) {
    const auto records = request_entries().at(request);  // a copy, as the entry changes
    const auto has_departed = [&](const auto& entry) { return is_pruned(entry.first.replica); };
    // The changes of a pruned replica are in the slots of the successor, and cannot be retracted.
    auto first = std::find_if(records.begin(), records.end(), has_departed);
    const bool is_first_pruned = first != records.end();
    if (!is_first_pruned)
        first = std::find_if(records.begin(), records.end(), [&](const auto& entry) {
            return has_all_of(entry.first.replica, Records::content(entry.second));
        });
    if (first == records.end()) return {};
    const Applied& counted = Records::content(first->second);
    Counters delta;
    for (auto other = is_first_pruned ? records.begin() : std::next(first); other != records.end();
         ++other) {
        const Applied& applied = Records::content(other->second);
        const crdt::Dot<ReplicaId> dot = other->first;
        if (has_departed(*other) || !applied.is_same_request(counted)) continue;
        if (applied.verb == "add") {
            const bool is_allowed =
                applied.is_of_plain_counters() || (is_own(dot.replica) && can_retract(id, applied));
            if (!applied.is_well_formed() || !is_allowed) continue;
            delta.merge(retract(id, dot.replica, applied));
        }
        delta.merge(change<requests>(request, [&](Records& all) { return all.erase({dot}); }));
    }
    return delta;
}

Counters Counters::erase_record(ReplicaId id, const std::string& request) {
    return mutate([&](auto& state) {
        return state.template apply<requests>(
            [&](auto& records) { return records.erase(id, request); });
    });
}

RetractedCounts Counters::retracted_at(const std::string& name) const {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    RetractedCounts found;
    const Retracted& positions = lattice().get<retracted>();
    if (positions.is_bottom()) return found;
    for (const auto& [dot, slot] : plain_entries().at(name))
        for (const bool is_addition : {false, true}) {
            const CountId count{dot.replica, dot.sequence, is_addition};
            const std::uint64_t number =
                intersection(positions, Retracted(crdt::DotRange<CountId>{count, 1, most})).size();
            if (number > 0) found.append(count, crdt::Max<std::uint64_t>(number));
        }
    return found;
}

std::vector<CounterKey> Counters::keys_retracted_by(const Counters& delta) const {
    crdt::DotSet<ReplicaId> slots;
    delta.lattice().get<retracted>().visit([&](const crdt::DotRange<CountId>& range) {
        slots.add(crdt::Dot<ReplicaId>{std::get<0>(range.replica), std::get<1>(range.replica)});
    });
    std::vector<CounterKey> keys;
    plain_entries().visit_keys(slots, [&](const std::string& name) {
        keys.push_back({name, Kind::counter});
    });
    return keys;
}

}  // namespace counterd
