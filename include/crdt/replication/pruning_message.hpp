// SPDX-License-Identifier: MIT
//! PruningMessage: the messages between members that prune.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/pruning_history.hpp>

namespace crdt::replication {

namespace detail {

/// A state that selects what some writers have written itself.
template <class L>
concept SelectsWriters = requires(const L& state, const std::vector<typename L::id_type>& writers) {
    { state.written_by(writers, true) } -> std::same_as<L>;
};
/// A map from writers to their slots.
template <class L>
concept MapsWriters = requires(const L& state, const typename L::id_type& id) {
    { L::from_lattice(state.lattice()) } -> std::same_as<L>;
    state.lattice().begin()->first == id;
};

/// Returns the slots of `writers`, which are in order, if `theirs`; otherwise all others.
template <class L>
L select(const L& state, const std::vector<typename L::id_type>& writers, bool theirs) {
    if constexpr (SelectsWriters<L>) {
        return state.written_by(writers, theirs);
    } else {
        typename L::lattice_type selected;
        for (const auto& [writer, slot] : state.lattice()) {
            if (std::binary_search(writers.begin(), writers.end(), writer) == theirs)
                selected.append(writer, slot);
        }
        return L::from_lattice(std::move(selected));
    }
}

}  // namespace detail

/// A counter with one slot per writer, or a state with written_by(writers, theirs). That returns
/// what `writers` have written if `theirs`, and everything else if not. Several slots can be
/// collapsed into one.
template <class L>
concept Prunable = DecomposableLattice<L> &&(detail::SelectsWriters<L> || detail::MapsWriters<L>);

/// The kind of a pruning message.
enum class PruningKind : std::uint8_t {
    propose,  ///< requests the writes of these writers; a receiver that answers proposes nothing
              ///< itself until the commit
    report,   ///< the answer
    commit,   ///< replaces the slots of the writers by one slot
    done      ///< acknowledges the commit
};

/// A message between two members that prune.
template <Prunable L>
struct PruningMessage {
    /// The generations in which writers were pruned.
    using History = PruningHistory<typename L::id_type>;

    /// The kind of the message.
    PruningKind kind = PruningKind::propose;
    /// The generation of the sender. A commit begins it.
    Generation generation = 0;
    /// Numbers the proposals of one member. A report has the number of its proposal.
    std::uint64_t round = 0;
    /// The departed writers of a proposal, and of a report.
    std::vector<typename L::id_type> writers = {};
    /// The writes of these writers, or the one slot that replaces their slots.
    L written = {};
    /// Of a commit: the writers that were pruned lately, with those that it prunes.
    History history = {};

    /// Does a commit begin the last generation of its history?
    bool is_consistent() const {
        return kind != PruningKind::commit ||
               last_generation<typename L::id_type>(history) == generation;
    }
    /// The answer to a proposal.
    PruningMessage report(L theirs) const {
        return {PruningKind::report, generation, round, writers, std::move(theirs), {}};
    }

    /// Whether both messages are equal.
    friend bool operator==(const PruningMessage&, const PruningMessage&) = default;
};

}  // namespace crdt::replication
