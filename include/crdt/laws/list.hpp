// SPDX-License-Identifier: MIT
//! The list of laws: the name of each, and the consequence of a violation.
#pragma once

#include <array>
#include <string_view>

#include <crdt/detail/cpp20.hpp>

namespace crdt::laws {

/// The effect on replicas of a type that breaks a law.
enum class Consequence {
    diverges,  ///< replicas can differ permanently, or lose a change
    wastes,    ///< replicas converge, but more is sent, kept or compared than is needed
    misleads,  ///< replicas converge, but a caller is given a wrong answer, or an exception
};

/// Returns `consequence` in words, for a report.
constexpr std::string_view text_of(Consequence consequence) {
    switch (consequence) {
        case Consequence::diverges: return "replicas can diverge";
        case Consequence::wastes: return "replicas converge, but send or keep too much";
        case Consequence::misleads: return "replicas converge, but callers are misled";
    }
    return "";
}

/// A law.
struct Law {
    /// The name in reports and in docs/reference/laws.md.
    std::string_view name;
    /// The effect on replicas of a type that breaks it.
    Consequence consequence;
    /// The effect of a violation.
    std::string_view without;
};

/// All laws, in the order of docs/reference/laws.md. A test writes that page from this list.
inline constexpr std::array all_laws{
    // of one state
    Law{"merge is idempotent", Consequence::diverges,
        "A message that arrives twice changes the state twice."},
    Law{"bottom is the identity of merge", Consequence::diverges,
        "A new replica that receives the state of another does not have that state."},
    Law{"only the bottom is_bottom", Consequence::diverges,
        "A change that counts as empty is not sent, or an empty one is sent as a change."},
    Law{"the parts join to the state", Consequence::diverges,
        "Content that is in no part is lost when a state is sent in parts."},
    Law{"however its parts come, a state is as compact", Consequence::diverges,
        "Two replicas with equal states have different hashes, so they exchange the state again "
        "and again."},
    Law{"part_count counts the parts", Consequence::wastes,
        "Logs and messages are cut in the wrong places: they exceed their limits, or are cut too "
        "early."},
    Law{"bottom has no parts", Consequence::wastes,
        "Empty messages are sent, and an idle cluster keeps sending."},
    Law{"no part is redundant", Consequence::wastes, "Parts are sent that other parts contain."},
    Law{"every part is irreducible", Consequence::wastes,
        "A part contains more than the receiver lacks."},
    Law{"nothing differs from itself", Consequence::wastes,
        "Replicas with equal states send to each other all the time."},
    Law{"no state is in conflict with itself or with bottom", Consequence::diverges,
        "Receivers refuse lawful states, so nothing is replicated."},
    // of two states
    Law{"merge is commutative", Consequence::diverges,
        "Two replicas that receive the same changes in another order differ."},
    Law{"a.leq(b) iff a joined with b is b", Consequence::diverges,
        "A replica seems to have what it lacks, so that is not sent; or seems to lack what it "
        "has."},
    Law{"leq is reflexive and antisymmetric", Consequence::diverges,
        "Two different states count as one, and neither replica sends to the other."},
    Law{"a join is an upper bound", Consequence::diverges, "A merge loses a change."},
    Law{"merge returns whether the state grew", Consequence::diverges,
        "If merge denies a change, it is not forwarded. If merge reports one that is none, it is "
        "forwarded endlessly."},
    Law{"equal states have equal hashes", Consequence::wastes,
        "Replicas that compare hashes send each other states that are equal."},
    Law{"unequal states have unequal hashes", Consequence::diverges,
        "Replicas that compare hashes treat different states as equal. By chance this happens once "
        "in 2^64 pairs; here the hash ignores a member or an order."},
    Law{"a difference makes up for what is lacking", Consequence::diverges,
        "A replica that falls behind is sent less than it lacks."},
    Law{"a difference is the least", Consequence::wastes,
        "A difference contains more than the receiver lacks."},
    Law{"a difference by digest is the difference", Consequence::diverges,
        "A replica that sends its digest does not receive what it lacks."},
    Law{"digests have the order of states", Consequence::diverges,
        "A session accepts a replica that lacks what the client has seen, or refuses one that has "
        "it."},
    Law{"absorb joins as merge does", Consequence::diverges,
        "The state depends on which of the two functions the engine calls."},
    Law{"absorb returns the difference", Consequence::diverges,
        "What absorb leaves out is not forwarded. What it adds is sent to peers that have it."},
    Law{"conflicts is symmetric", Consequence::diverges,
        "One of two replicas refuses what the other joins."},
    // of three states
    Law{"merge is associative", Consequence::diverges,
        "Replicas that receive changes joined in different groups differ."},
    // of histories
    Law{"a mutator inflates", Consequence::diverges,
        "A merge with an older state undoes the change."},
    Law{"a delta makes the change", Consequence::diverges,
        "The delta does not make the same change at another replica."},
    Law{"a delta is optimal", Consequence::wastes,
        "Each change sends content that the receivers have. The state still converges."},
    Law{"a failed mutator changes nothing", Consequence::diverges,
        "A refused change stays at one replica, because no delta carries it to the others."},
    Law{"deltas join in any order, number and grouping", Consequence::diverges,
        "Messages that arrive late, twice or joined lead to another state."},
    Law{"any parts of a state are a safe delta", Consequence::diverges,
        "A message with some of the changes damages the state, or later messages do not repair "
        "it."},
    Law{"states of one history are not in conflict", Consequence::diverges,
        "Receivers refuse lawful states, so nothing is replicated."},
    Law{"lattice operations do not throw", Consequence::misleads,
        "An exception in merge stops the replica, or its message is dropped."},
    // of codecs, where the type has a Serializer
    Law{"binary: decode(encode(x)) is x", Consequence::diverges,
        "A receiver or a restarted replica has another state than was sent or stored."},
    Law{"binary: equal values have equal bytes", Consequence::wastes,
        "Replicas that compare bytes send each other states that are equal."},
    Law{"binary: size(x) is how many bytes x takes", Consequence::wastes,
        "Messages exceed their limit and are dropped by the transport."},
    Law{"binary: a value has one form", Consequence::misleads,
        "Changed bytes decode to a state without an error."},
    Law{"binary: what is cut off is refused", Consequence::diverges,
        "A part of a message is mistaken for the whole."},
};

/// Returns the law with that name. Returns nullptr if there is none, as for laws that a type adds.
constexpr const Law* find_law(std::string_view name) {
    for (const Law& law : all_laws) {
        if (law.name == name) return &law;
    }
    return nullptr;
}

}  // namespace crdt::laws
