// SPDX-License-Identifier: MIT
//! The pruning of departed replicas from the counters.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

#include <crdt/replication/pruning_history.hpp>

#include "counters.hpp"
#include "counts.hpp"

namespace counterd {

namespace {

using Ids = std::vector<ReplicaId>;
using PlainStore = Plain::lattice_type::store_type;
using PlainMap = crdt::ORMap<std::string, Plain>;
using BoundedMap = crdt::GMap<std::string, Bounded>;
using RequestMap = crdt::ORMap<std::string, Records>;
using Counts = crdt::PNCounter<ReplicaId>::lattice_type;
using Count = crdt::Max<std::uint64_t>;
using Row = crdt::MapOf<ReplicaId, Count>;
using Gifts = crdt::MapOf<ReplicaId, Row>;
constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

bool contains(const Ids& ids, ReplicaId id) {
    return std::binary_search(ids.begin(), ids.end(), id);
}

Bounded bounded_of(Counts counts, Gifts gifts) {
    return Bounded::from_lattice(Bounded::lattice_type(
        crdt::PNCounter<ReplicaId>::from_lattice(std::move(counts)), std::move(gifts)));
}

PlainStore slots_of(const PlainStore& store, const Ids& writers, bool theirs) {
    PlainStore::Entries slots;
    for (const auto& [dot, slot] : store)
        if (contains(writers, dot.replica) == theirs) slots.push_back(dot, slot);
    return PlainStore(std::move(slots));
}
crdt::DotSet<ReplicaId> dots_of(const crdt::DotSet<ReplicaId>& dots, const Ids& writers,
                                bool theirs) {
    crdt::DotSet<ReplicaId> found;
    dots.visit([&](const crdt::DotRange<ReplicaId>& range) {
        if (contains(writers, range.replica) == theirs) found.add(range);
    });
    return found;
}

PlainMap part_of(const PlainMap& counters, const Ids& writers, bool theirs) {
    PlainMap::store_type::Entries entries;
    for (const auto& [name, store] : counters.store()) {
        PlainStore slots = slots_of(store, writers, theirs);
        if (!slots.is_bottom()) entries.push_back(name, std::move(slots));
    }
    return PlainMap::from_lattice(PlainMap::lattice_type(
        PlainMap::store_type(std::move(entries)), dots_of(counters.context(), writers, theirs)));
}
BoundedMap part_of(const BoundedMap& counters, const Ids& writers, bool theirs) {
    BoundedMap::lattice_type entries;
    for (const auto& [name, counter] : counters)
        entries.append(name, counterd::written_by(counter, writers, theirs));
    return BoundedMap::from_lattice(std::move(entries));
}

/// The numbers of a slot: added, subtracted, and how much of each was undone.
struct Numbers {
    std::array<std::uint64_t, 2> done{}, undone{};

    Numbers() = default;
    template <class Slot>
    explicit Numbers(const Slot& slot)
        : done{slot.template get<0>().template get<0>().value(),
               slot.template get<0>().template get<1>().value()},
          undone{slot.template get<1>().template get<0>().value(),
                 slot.template get<1>().template get<1>().value()} {}
    std::uint64_t left(std::size_t sign) const {
        return done[sign] > undone[sign] ? done[sign] - undone[sign] : 0;
    }
    bool is_undone() const { return left(0) == 0 && left(1) == 0; }
    auto slot() const {
        using Slot = PlainStore::mapped_type;
        using Tally = crdt::Product<Count, Count>;
        return Slot(Tally(Count(done[0]), Count(done[1])),
                    Tally(Count(undone[0]), Count(undone[1])));
    }
};

/// Adds up all slots of a counter in slots of the successor. `context` gets their dots.
PlainStore collapsed(const PlainStore& store, const Retracted& retracted,
                     crdt::DotSet<ReplicaId>& context) {
    std::vector<std::pair<crdt::Dot<ReplicaId>, Numbers>> own;
    for (const auto& [dot, slot] : store)
        if (dot.replica == successor) own.emplace_back(dot, Numbers(slot));
    const auto with_room = [&](std::size_t sign, std::uint64_t amount) -> Numbers& {
        for (auto& [dot, numbers] : own)
            if (amount <= greatest - numbers.done[sign]) return numbers;
        own.emplace_back(context.next(successor), Numbers());
        context.add(own.back().first);
        return own.back().second;
    };
    for (const auto& [dot, slot] : store) {
        if (dot.replica == successor) continue;
        const std::array amounts{left<0>(dot, slot, retracted), left<1>(dot, slot, retracted)};
        for (const std::size_t sign : {std::size_t{0}, std::size_t{1}})
            if (amounts[sign] != 0) with_room(sign, amounts[sign]).done[sign] += amounts[sign];
    }
    PlainStore::Entries entries;
    for (const auto& [dot, numbers] : own)
        if (!numbers.is_undone()) entries.push_back(dot, numbers.slot());
    return PlainStore(std::move(entries));
}

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
    if (b > greatest - a) throw std::overflow_error("pruning: the sum does not fit");
    return a + b;
}

Bounded collapsed(const Bounded& counter, const Ids& writers, ReplicaId survivor) {
    const auto has_departed = [&](ReplicaId id) {
        return id == successor || contains(writers, id);
    };
    const auto renamed = [&](ReplicaId id) { return has_departed(id) ? successor : id; };
    std::uint64_t added = 0, subtracted = 0;
    for (const auto& [id, slot] : counter.lattice().get<0>().lattice()) {
        added = sum(added, slot.get<0>().value());
        subtracted = sum(subtracted, slot.get<1>().value());
    }
    Gifts gifts;
    for (const auto& [giver, row] : counter.lattice().get<1>()) {
        for (const auto& [receiver, amount] : row) {
            const ReplicaId from = renamed(giver), to = renamed(receiver);
            if (from == to) continue;
            const std::uint64_t total = sum(gifts.at(from).at(to).value(), amount.value());
            gifts.merge(Gifts{{from, Row{{to, Count(total)}}}});
        }
    }
    Counts counts;
    if (added != 0 || subtracted != 0)
        counts.append(successor, Counts::mapped_type(Count(added), Count(subtracted)));
    Bounded result = bounded_of(std::move(counts), std::move(gifts));
    // The survivor counts what it has subtracted in 64 bits. Rights beyond that stay behind.
    const std::uint64_t rights = std::min(result.rights(successor), greatest / 4);
    if (rights != 0) result.transfer(successor, survivor, rights);
    return result;
}

}  // namespace

Plain written_by(const Plain& counter, const Ids& writers, bool theirs) {
    return Plain::from_lattice(Plain::lattice_type(slots_of(counter.store(), writers, theirs),
                                                   dots_of(counter.context(), writers, theirs)));
}

Bounded written_by(const Bounded& counter, const Ids& writers, bool theirs) {
    Counts counts;
    for (const auto& [id, slot] : counter.lattice().get<0>().lattice())
        if (contains(writers, id) == theirs) counts.append(id, slot);
    Gifts gifts;
    for (const auto& [giver, row] : counter.lattice().get<1>()) {
        Row part;
        for (const auto& [receiver, amount] : row)
            if ((contains(writers, giver) || contains(writers, receiver)) == theirs)
                part.append(receiver, amount);
        gifts.append(giver, std::move(part));
    }
    return bounded_of(std::move(counts), std::move(gifts));
}

void Counters::set_pruned(Pruned pruned) {
    state().apply<pruned_ids>([&](Pruned& ids) {
        ids = std::move(pruned);
        return Pruned();
    });
}

/// Returns the context of the records without the dots of `writers` that have no record. A record
/// of a departed replica stays until it leaves the window.
crdt::DotSet<ReplicaId> Counters::request_context_without(const Ids& writers) const {
    const RequestMap& records = lattice().get<requests>();
    auto context = dots_of(records.context(), writers, false);
    context.merge(records.store().dots());
    return context;
}

void Counters::drop_records_of(const Ids& writers) {
    const auto lost = dots_of(lattice().get<requests>().store().dots(), writers, true);
    auto kept = dots_of(lattice().get<requests>().context(), writers, false);
    state().apply<requests>([&](RequestMap& map) {
        auto records = std::move(map).release();
        records.fill([&](auto& store, auto& context) {
            store.remove(lost);
            context = std::move(kept);
        });
        map = RequestMap::from_lattice(std::move(records));
        return RequestMap();
    });
}

std::uint64_t Counters::generation() const {
    return crdt::replication::last_generation<ReplicaId>(pruned());
}

std::set<ReplicaId> Counters::writers() const {
    std::set<ReplicaId> found;
    plain_counters().context().visit_numbers(
        [&](ReplicaId id, std::uint64_t, std::uint64_t) { found.insert(id); });
    lattice().get<requests>().context().visit_numbers(
        [&](ReplicaId id, std::uint64_t, std::uint64_t) { found.insert(id); });
    for (const auto& [name, counter] : bounded_counters()) {
        for (const auto& [id, slot] : counter.lattice().get<0>().lattice()) found.insert(id);
        for (const auto& [giver, row] : counter.lattice().get<1>()) {
            found.insert(giver);
            for (const auto& [receiver, amount] : row) found.insert(receiver);
        }
    }
    found.erase(successor);
    return found;
}

/// Returns the part of written_by() that is not about requests or pruned replicas.
Counters Counters::counts_written_by(const Ids& writers, bool theirs) const {
    Counters result;
    result.state().apply<plain>([&](PlainMap& counters) {
        counters = part_of(plain_counters(), writers, theirs);
        return PlainMap();
    });
    result.state().apply<bounded>([&](BoundedMap& counters) {
        counters = part_of(bounded_counters(), writers, theirs);
        return BoundedMap();
    });
    result.state().apply<retracted>([&](Retracted& positions) {
        lattice().get<retracted>().visit([&](const crdt::DotRange<CountId>& range) {
            if (counterd::contains(writers, std::get<0>(range.replica)) == theirs)
                positions.add(range);
        });
        return Retracted();
    });
    return result;
}

Counters Counters::written_by(const Ids& writers, bool theirs) const {
    Counters result = counts_written_by(writers, theirs);
    if (theirs) return result;
    result.state().apply<requests>([&](RequestMap& records) {
        records = RequestMap::from_lattice(
            RequestMap::lattice_type(request_entries(), request_context_without(writers)));
        return RequestMap();
    });
    result.set_pruned(pruned());
    return result;
}

void Counters::replace_written_by(const Ids& writers, const Counters& written) {
    Counters next = counts_written_by(writers, false);
    next.merge(written);
    next.set_pruned(pruned());
    auto context = request_context_without(writers);
    // From here, nothing throws.
    state().apply<requests>([&](RequestMap& map) {
        auto records = std::move(map).release();
        records.fill([&](const auto&, auto& dots) { dots = std::move(context); });
        next.state().apply<requests>([&](RequestMap& moved) {
            moved = RequestMap::from_lattice(std::move(records));
            return RequestMap();
        });
        return RequestMap();
    });
    *this = std::move(next);
}

Counters Counters::collapsed(const Ids& writers, ReplicaId survivor) const {
    crdt::DotSet<ReplicaId> context = dots_of(plain_counters().context(), {successor}, true);
    PlainMap::store_type::Entries entries;
    for (const auto& [name, store] : plain_entries()) {
        PlainStore slots = counterd::collapsed(store, lattice().get<retracted>(), context);
        if (!slots.is_bottom()) entries.push_back(name, std::move(slots));
    }
    BoundedMap::lattice_type bounds;
    for (const auto& [name, counter] : bounded_counters())
        bounds.append(name, counterd::collapsed(counter, writers, survivor));
    Counters result;
    result.state().apply<plain>([&](PlainMap& counters) {
        counters = PlainMap::from_lattice(
            PlainMap::lattice_type(PlainMap::store_type(std::move(entries)), std::move(context)));
        return PlainMap();
    });
    result.state().apply<bounded>([&](BoundedMap& counters) {
        counters = BoundedMap::from_lattice(std::move(bounds));
        return BoundedMap();
    });
    return result;
}

}  // namespace counterd
