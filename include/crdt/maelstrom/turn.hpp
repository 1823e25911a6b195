// SPDX-License-Identifier: MIT
//! Turn: the message that passes the turn on. The turn is the task to write to a store.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include <crdt/codec/forms/ordered.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt::maelstrom {

/// Ids of nodes.
using NodeIds = std::set<std::string>;

/// The message that passes the turn to its receiver. The holder of the turn writes the changes of
/// several nodes to the store together; see TurnSchedule.
template <DecomposableLattice L>
struct Turn {
    /// The changes that are in the store.
    L stored;
    /// All other changes that the sender has. The sender has no proof that they are in the store.
    L unstored;
    /// The nodes that have contributed changes to `unstored`. Each of these nodes waits for the
    /// turn to come back.
    NodeIds contributors;
    /// The nodes that must receive the turn before the next write. Their changes are in `stored`,
    /// but these nodes have not received an acknowledgement yet.
    NodeIds awaiting;

    /// Are both messages equal?
    friend bool operator==(const Turn&, const Turn&) = default;
};

}  // namespace crdt::maelstrom

namespace crdt {

/// Writes {"version": 1, "stored": ..., "unstored": ..., "contributors": ["n0"], "awaiting": []}.
template <DecomposableLattice L>
struct Serializer<maelstrom::Turn<L>> {
    static constexpr std::uint64_t version = 1;

    static void write(auto& out, const maelstrom::Turn<L>& turn) {
        out.begin_struct();
        serialize(out.member("version"), version);
        serialize(out.member("stored"), turn.stored);
        serialize(out.member("unstored"), turn.unstored);
        write_ids(out.member("contributors"), turn.contributors);
        write_ids(out.member("awaiting"), turn.awaiting);
    }
    static maelstrom::Turn<L> read(auto& in) {
        expect_version(in.member("version"), version);
        maelstrom::Turn<L> turn;
        turn.stored = deserialize<L>(in.member("stored"));
        turn.unstored = deserialize<L>(in.member("unstored"));
        turn.contributors = read_ids(in.member("contributors"));
        turn.awaiting = read_ids(in.member("awaiting"));
        return turn;
    }

  private:
    static void write_ids(auto&& out, const maelstrom::NodeIds& ids) {
        serialize_ascending<std::string>(
            out, ids, [](const std::string& id) -> const std::string& { return id; });
    }
    static maelstrom::NodeIds read_ids(auto&& in) {
        maelstrom::NodeIds ids;
        deserialize_ascending<std::string>(
            in, [&](auto&, std::string id) { ids.insert(ids.end(), std::move(id)); });
        return ids;
    }
};

}  // namespace crdt
