// SPDX-License-Identifier: MIT
//! Makes the transactions of a trace in a sequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <crdt/causal/dot_set.hpp>

#include "traces.hpp"

namespace support {

/// Inserts a text, letter by letter if the sequence is a list.
template <class Seq>
Seq insert_text(Seq& sequence, const std::string& id, std::size_t index, const std::string& text) {
    if constexpr (requires { sequence.str(); }) return sequence.insert(id, index, text);
    Seq delta;
    if constexpr (!requires { sequence.str(); })
        for (const char letter : text) delta.merge(sequence.insert(id, index++, letter));
    return delta;
}

/// Lets the next dot of `agent` be the one after `used`, as if its earlier events were known.
template <class Seq>
void skip_to(Seq& sequence, const std::string& agent, std::uint64_t used) {
    if (sequence.context().last(agent) >= used) return;
    using Id = typename Seq::id_type;
    sequence.merge(
        Seq::from_lattice(typename Seq::lattice_type({}, crdt::DotSet<Id>({agent, used, used}))));
}

/// Makes the edits of a transaction. Returns the joined delta.
template <class Seq>
Seq run_transaction(Seq& sequence, const Transaction& transaction) {
    Seq delta;
    std::uint64_t used = transaction.first;
    for (const Edit& edit : transaction.edits) {
        if (edit.erased > 0) delta.merge(sequence.erase(edit.position, edit.erased));
        used += edit.erased;
        if (edit.inserted.empty()) continue;
        skip_to(sequence, transaction.agent, used);
        delta.merge(insert_text(sequence, transaction.agent, edit.position, edit.inserted));
        used += code_points(edit.inserted);
    }
    return delta;
}

/// Returns the delta of each transaction. A state exists as long as transactions need it. Calls
/// finish(state) for the states that have no children.
template <class Seq, class Finish>
std::vector<Seq> run_graph(const Trace& trace, Finish&& finish) {
    const std::size_t count = trace.transactions.size();
    std::vector<std::size_t> children(count);
    for (const Transaction& transaction : trace.transactions)
        for (const std::size_t parent : transaction.parents) ++children[parent];
    std::vector<Seq> states(count), deltas(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Transaction& transaction = trace.transactions[i];
        Seq& state = states[i];
        for (const std::size_t parent : transaction.parents) {
            const bool is_last = --children[parent] == 0;
            if (is_last && state.is_bottom())
                state = std::move(states[parent]);
            else
                state.merge(states[parent]);
            if (is_last) states[parent] = {};
        }
        if (state.context().last(transaction.agent) >= transaction.first) {
            deltas[i] = run_transaction(state, transaction);
        } else {
            // Earlier dots of the agent that the state lacks may not count as removed there.
            Seq working = state;
            deltas[i] = run_transaction(working, transaction);
            state.merge(deltas[i]);
        }
        if (children[i] == 0) finish(state);
    }
    return deltas;
}

}  // namespace support
