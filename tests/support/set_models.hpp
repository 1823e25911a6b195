// SPDX-License-Identifier: MIT
//! The common parts of the models of sets with insert, erase and reset.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <crdt/laws/choices.hpp>

#include "support/laws.hpp"
#include "support/oracle.hpp"

namespace support {

enum class Kind { add, remove, reset };

struct SetOp {
    Kind kind;
    int element;
    /// The elements to which the operation writes.
    int first = element, last = element;

    bool concerns(int other) const { return first <= other && other <= last; }
};

/// Calls the erase that the set has. Some sets need the id of the replica.
template <class Set>
Set run_on_set(Set& set, const typename Set::id_type& id, Kind kind,
               const typename Set::value_type& element) {
    if (kind == Kind::add) return set.insert(id, element);
    if (kind == Kind::reset) return set.reset(id);
    if constexpr (requires { set.erase(id, element); })
        return set.erase(id, element);
    else
        return set.erase(element);
}

/// For laws: some write.
inline constexpr auto write_to_set = [](auto& set, std::size_t replica,
                                        crdt::laws::Choices& choices) {
    using Set = std::remove_reference_t<decltype(set)>;
    using Element = typename Set::value_type;
    constexpr std::array kinds{Kind::add, Kind::remove, Kind::add, Kind::reset};
    const Kind kind = kinds[choices.below(kinds.size())];
    const auto number = choices.below(3);
    const auto id = replica_id<typename Set::id_type>(replica);
    if constexpr (std::is_integral_v<Element>)
        return run_on_set(set, id, kind, static_cast<Element>(number));
    else
        return run_on_set(set, id, kind, Element(number, 'x'));
};

/// Returns the elements of a set, by visit() or begin().
template <class Set>
std::set<typename Set::value_type> elements_of(const Set& set) {
    if constexpr (requires { set.begin(); }) {
        return {set.begin(), set.end()};
    } else {
        std::set<typename Set::value_type> elements;
        set.visit([&](const auto& element) { elements.insert(element); });
        return elements;
    }
}

template <class Set>
struct SetModel {
    using State = Set;
    using Op = SetOp;
    using Events = std::vector<Event<Op>>;
    using Known = support::Known;
    using Kind = support::Kind;
    static constexpr int element_count = 3;

    static Op draw(Random& random) {
        constexpr std::array kinds{Kind::add,    Kind::add,    Kind::add,    Kind::add,
                                   Kind::remove, Kind::remove, Kind::remove, Kind::reset};
        const Kind kind = kinds[random.below(kinds.size())];
        if (kind == Kind::reset) return {kind, 0, 0, element_count - 1};
        return {kind, static_cast<int>(random.below(element_count))};
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        return run_on_set(state, replica_name(replica), op.kind, op.element);
    }

    /// The last event replaces the writes that were current at its replica.
    void happen(const Events& events) {
        const auto& [replica, op, seen] = events.back();
        Known replaced;
        for (std::size_t i = 0; i < overwrites_.size(); ++i) {
            if (is_in_force(i, seen) && op.concerns(events[i].op.element)) replaced.add(i);
        }
        overwrites_.push_back(replaced);
    }

    /// Is event i received, and not replaced by a received event?
    bool is_in_force(std::size_t i, Known known) const {
        bool in_force = known.has(i);
        for (std::size_t j = 0; j < overwrites_.size(); ++j) {
            in_force = in_force && !(known.has(j) && overwrites_[j].has(i));
        }
        return in_force;
    }

    /// Returns the elements for which `is_present` returns true. Its argument is the kinds of the
    /// current writes.
    template <class IsPresent>
    std::set<int> elements_where(const Events& events, Known known, IsPresent is_present) const {
        std::set<int> result;
        for (int element = 0; element < element_count; ++element) {
            if (is_present(kinds_in_force(events, known, element))) result.insert(element);
        }
        return result;
    }
    std::vector<Kind> kinds_in_force(const Events& events, Known known, int element) const {
        std::vector<Kind> kinds;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const Op& op = events[i].op;
            if (op.kind != Kind::reset && op.element == element && is_in_force(i, known))
                kinds.push_back(op.kind);
        }
        return kinds;
    }

  private:
    std::vector<Known> overwrites_;
};

inline bool has_add(const std::vector<Kind>& writes) {
    return std::count(writes.begin(), writes.end(), Kind::add) > 0;
}
inline bool has_only_adds(const std::vector<Kind>& writes) {
    return has_add(writes) && std::count(writes.begin(), writes.end(), Kind::remove) == 0;
}

/// An element is in the set while it has a current insert.
template <class Set>
struct AddWinsModel : SetModel<Set> {
    using Base = SetModel<Set>;
    std::set<int> expected(const typename Base::Events& events, Known known) const {
        return this->elements_where(events, known, has_add);
    }
    static std::set<int> actual(const Set& set) { return elements_of(set); }
};

/// An element is in the set while it has current inserts and no current erase.
template <class Set>
struct RemoveWinsModel : AddWinsModel<Set> {
    using Base = SetModel<Set>;
    std::set<int> expected(const typename Base::Events& events, Known known) const {
        return this->elements_where(events, known, has_only_adds);
    }
};

/// A flag is a set of one element.
template <class Flag>
struct FlagModel : SetModel<Flag> {
    using Op = SetOp;

    static Op draw(Random& random) {
        constexpr std::array kinds{Kind::add, Kind::add, Kind::remove, Kind::remove, Kind::reset};
        return {kinds[random.below(kinds.size())], 0};
    }
    static Flag run(Flag& flag, std::size_t replica, const Op& op) {
        const std::string& id = replica_name(replica);
        if (op.kind == Kind::add) return flag.enable(id);
        if (op.kind == Kind::reset) return flag.reset(id);
        if constexpr (requires { flag.disable(id); })
            return flag.disable(id);
        else
            return flag.disable();
    }
    static bool actual(const Flag& flag) { return flag.enabled(); }
};

/// For the laws: a random write to a flag.
inline constexpr auto write_to_flag = [](auto& flag, std::size_t replica,
                                         crdt::laws::Choices& choices) {
    using Flag = std::remove_reference_t<decltype(flag)>;
    constexpr std::array kinds{Kind::add, Kind::remove, Kind::reset};
    return FlagModel<Flag>::run(flag, replica, {kinds[choices.below(kinds.size())], 0});
};

}  // namespace support
