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

/// A state with a function written_by(), which selects the writes of some writers.
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

/// Returns the slots of `writers` if `theirs` is true, and all other slots if it is false.
/// Precondition: `writers` is sorted.
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

/// A state with a function replace_written_by().
template <class L>
concept ReplacesWriters = requires(L& state, const std::vector<typename L::id_type>& writers,
                                   const L& written) {
    state.replace_written_by(writers, written);
};

/// Replaces the slots of `writers` in `state` by `written`. If this throws, `state` is unchanged.
/// Precondition: `writers` is sorted.
template <class L>
void replace(L& state, const std::vector<typename L::id_type>& writers, const L& written) {
    if constexpr (ReplacesWriters<L>) {
        state.replace_written_by(writers, written);
    } else {
        L next = select(state, writers, false);
        next.merge(written);
        state = std::move(next);
    }
}

}  // namespace detail

/// A counter with one slot per writer, or a state with a function written_by(writers, theirs). If
/// `theirs` is true, this function returns what `writers` have written. Otherwise it returns
/// everything else. Several slots of a Prunable state can be collapsed into one.
///
/// A large state may also have a function replace_written_by(writers, written), which replaces what
/// `writers` (in order) have written by `written`, and changes nothing if it throws. Without it, a
/// pruning copies the state.
template <class L>
concept Prunable = DecomposableLattice<L> &&(detail::SelectsWriters<L> || detail::MapsWriters<L>);

/// The kind of a pruning message.
enum class PruningKind : std::uint8_t {
    propose,  ///< requests the writes of departed writers; a receiver that answers proposes nothing
              ///< itself until the commit
    report,   ///< the answer to a proposal
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
    /// The generation of the sender. In a commit: the generation that it begins.
    Generation generation = 0;
    /// The number of the proposal, counted at the member that proposes. A report has the number of
    /// its proposal.
    std::uint64_t round = 0;
    /// In a proposal and in a report: the departed writers.
    std::vector<typename L::id_type> writers = {};
    /// In a report: the writes of these writers. In a commit: the slot that replaces their slots.
    L written = {};
    /// In a commit: the writers that were pruned lately, including those that the commit prunes.
    History history = {};

    /// Returns false iff this is a commit that does not begin the last generation of its history.
    bool is_consistent() const {
        return kind != PruningKind::commit ||
               last_generation<typename L::id_type>(history) == generation;
    }
    /// Returns the answer to this proposal. `theirs` contains the writes of the writers.
    PruningMessage report(L theirs) const {
        return {PruningKind::report, generation, round, writers, std::move(theirs), {}};
    }

    /// Whether both messages are equal.
    friend bool operator==(const PruningMessage&, const PruningMessage&) = default;
};

}  // namespace crdt::replication
