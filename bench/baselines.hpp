// SPDX-License-Identifier: MIT
//! The baselines: simple versions of the types, made with the standard containers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace baseline {

using U64 = std::uint64_t;

template <class Id>
struct GCounter {
    std::map<Id, U64> slots;

    void add(const Id& id, U64 amount) { slots[id] += amount; }
    void merge(const GCounter& other) {
        for (const auto& [id, count] : other.slots) {
            U64& mine = slots[id];
            mine = std::max(mine, count);
        }
    }
    GCounter absorb(const GCounter& other) {
        GCounter delta;
        for (const auto& [id, count] : other.slots) {
            U64& mine = slots[id];
            if (mine < count) delta.slots.emplace_hint(delta.slots.end(), id, mine = count);
        }
        return delta;
    }
    friend GCounter difference(const GCounter& a, const GCounter& b) {
        GCounter delta;
        for (const auto& [id, count] : a.slots) {
            const auto known = b.slots.find(id);
            if (known == b.slots.end() || known->second < count)
                delta.slots.emplace_hint(delta.slots.end(), id, count);
        }
        return delta;
    }
    U64 value() const {
        U64 total = 0;
        for (const auto& [id, count] : slots) total += count;
        return total;
    }
};

template <class Id>
struct PNCounter {
    GCounter<Id> up, down;

    void add(const Id& id, std::int64_t amount) {
        amount < 0 ? down.add(id, static_cast<U64>(-amount)) : up.add(id, static_cast<U64>(amount));
    }
    void merge(const PNCounter& other) {
        up.merge(other.up);
        down.merge(other.down);
    }
    std::int64_t value() const { return static_cast<std::int64_t>(up.value() - down.value()); }
};

template <class Element>
struct GSet {
    std::set<Element> elements;

    void insert(const Element& element) { elements.insert(element); }
    void merge(const GSet& other) { elements.insert(other.elements.begin(), other.elements.end()); }
};

/// An add-wins set: elements with their dots, and a version vector. A delta has the same form.
template <class Element, class Id>
struct AWSet {
    using Dots = std::set<std::pair<Id, U64>>;
    std::map<Element, Dots> entries;
    std::map<Id, U64> seen;

    void insert(const Id& id, const Element& element) { entries[element] = {{id, ++seen[id]}}; }
    void erase(const Element& element) { entries.erase(element); }
    bool has_seen(const std::pair<Id, U64>& dot) const {
        const auto last = seen.find(dot.first);
        return last != seen.end() && dot.second <= last->second;
    }
    void merge(const AWSet& other) {
        static const Dots none;
        const auto dots_of = [](const AWSet& set, const Element& element) -> const Dots& {
            const auto entry = set.entries.find(element);
            return entry == set.entries.end() ? none : entry->second;
        };
        for (auto entry = entries.begin(); entry != entries.end();) {
            const Dots& theirs = dots_of(other, entry->first);
            std::erase_if(entry->second, [&](const auto& dot) {
                return !theirs.contains(dot) && other.has_seen(dot);
            });
            entry = entry->second.empty() ? entries.erase(entry) : std::next(entry);
        }
        for (const auto& [element, dots] : other.entries) {
            for (const auto& dot : dots) {
                if (!has_seen(dot)) entries[element].insert(dot);
            }
        }
        for (const auto& [id, last] : other.seen) seen[id] = std::max(seen[id], last);
    }
    /// Merges a delta that contains only adds. It needs no walk through all entries.
    void merge_adds(const AWSet& delta) {
        for (const auto& [element, dots] : delta.entries) {
            for (const auto& dot : dots) {
                if (!has_seen(dot)) entries[element].insert(dot);
            }
        }
        for (const auto& [id, last] : delta.seen) seen[id] = std::max(seen[id], last);
    }
    /// Returns what the other side needs to make a difference.
    std::pair<std::map<Id, U64>, Dots> digest() const {
        std::pair<std::map<Id, U64>, Dots> result{seen, {}};
        for (const auto& [element, dots] : entries) result.second.insert(dots.begin(), dots.end());
        return result;
    }
    /// Calls visit(part) for each dot of each element.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for (const auto& [element, dots] : entries) {
            for (const auto& dot : dots) {
                AWSet part;
                part.entries[element] = {dot};
                part.seen.insert(dot);
                visit(part);
            }
        }
    }
    friend AWSet difference(const AWSet& a, const AWSet& b) {
        AWSet delta;
        delta.seen = a.seen;
        for (const auto& [element, dots] : a.entries) {
            for (const auto& dot : dots) {
                if (!b.has_seen(dot)) delta.entries[element].insert(dot);
            }
        }
        return delta;
    }
    AWSet absorb(const AWSet& other) {
        AWSet delta = difference(other, *this);
        merge(other);
        return delta;
    }
};

/// A map of counters, from which no key is removed.
template <class Key, class Id>
struct CounterMap {
    std::map<Key, PNCounter<Id>> counters;

    void add(const Key& key, const Id& id) { counters[key].add(id, 1); }
    void merge(const CounterMap& other) {
        for (const auto& [key, counter] : other.counters) counters[key].merge(counter);
    }
};

}  // namespace baseline
