// SPDX-License-Identifier: MIT
//! The list of laws, with the name of each law and the consequence of a violation.
#pragma once

#include <array>
#include <string_view>

#include <crdt/detail/cpp20.hpp>

namespace crdt::laws {

/// The effect on replicas if their type breaks a law.
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
    /// The effect on replicas if their type breaks the law.
    Consequence consequence;
    /// The effect of a violation as a sentence, such as "A merge loses a change."
    std::string_view without;
};

/// All laws, in the order of docs/reference/laws.md. A test writes that page from this list.
inline constexpr std::array all_laws{
    // Laws of one state:
    Law{"merge is idempotent", Consequence::diverges,
        "A message that arrives twice changes the state twice."},
    Law{"bottom is the identity of merge", Consequence::diverges,
        "A new replica that receives the state of another does not have that state."},
    Law{"is_bottom is true exactly for bottom", Consequence::diverges,
        "A change that counts as empty is not sent. An empty state that does not count as empty is "
        "sent as a change."},
    Law{"the parts join to the state", Consequence::diverges,
        "Content that is in no part is lost when a state is sent in parts."},
    Law{"the parts join to the same state in any order", Consequence::diverges,
        "Two replicas with equal states have different hashes, so they exchange the state again "
        "and again."},
    Law{"part_count counts the parts", Consequence::wastes,
        "Logs and messages are cut in the wrong places: they exceed their limits, or are cut too "
        "early."},
    Law{"bottom has no parts", Consequence::wastes,
        "Empty messages are sent, and an idle cluster keeps sending."},
    Law{"no part is redundant", Consequence::wastes,
        "Messages contain parts that repeat the content of other parts."},
    Law{"every part is irreducible", Consequence::wastes,
        "A part contains more than the receiver lacks."},
    Law{"difference(a, a) is bottom", Consequence::wastes,
        "Replicas with equal states never stop sending to each other."},
    Law{"no state is in conflict with itself or with bottom", Consequence::diverges,
        "Receivers refuse lawful states, so nothing is replicated."},
    // Laws of two states:
    Law{"merge is commutative", Consequence::diverges,
        "Two replicas that receive the same changes in another order differ."},
    Law{"a.leq(b) iff a joined with b is b", Consequence::diverges,
        "If leq is wrongly true, the receiver seems to have a change that it lacks, so the change "
        "is not sent."},
    Law{"leq is reflexive and antisymmetric", Consequence::diverges,
        "Two different states count as equal, so neither replica sends its state to the other."},
    Law{"a join is an upper bound", Consequence::diverges, "A merge loses a change."},
    Law{"merge returns whether the state grew", Consequence::diverges,
        "If merge returns false after a change, the change is not forwarded. If merge returns true "
        "without a change, the state is forwarded endlessly."},
    Law{"equal states have equal ranges", Consequence::wastes,
        "Replicas that compare sketches of their ranges send each other states that are equal."},
    Law{"equal states have equal hashes", Consequence::wastes,
        "Replicas that compare hashes send each other states that are equal."},
    Law{"unequal states have unequal hashes", Consequence::diverges,
        "Replicas that compare hashes treat different states as equal. By chance this happens once "
        "in 2^64 pairs; here the hash ignores a member or an order."},
    Law{"difference(a, b) joined with b is a joined with b", Consequence::diverges,
        "A replica that falls behind does not receive everything that it lacks."},
    Law{"a difference is minimal", Consequence::wastes,
        "A difference contains more than the receiver lacks."},
    Law{"difference(a, digest(b)) is difference(a, b)", Consequence::diverges,
        "A replica that sends its digest does not receive what it lacks."},
    Law{"digests are ordered as their states are", Consequence::diverges,
        "A session accepts a replica that lacks writes that the client has seen, or refuses a "
        "replica that has them all."},
    Law{"absorb joins as merge does", Consequence::diverges,
        "The state depends on which of the two functions the engine calls."},
    Law{"absorb returns the difference", Consequence::diverges,
        "If absorb returns too little, changes are not forwarded. If absorb returns too much, "
        "peers receive content that they have."},
    Law{"conflicts is symmetric", Consequence::diverges,
        "One of two replicas refuses a state that the other joins."},
    // Laws of three states:
    Law{"merge is associative", Consequence::diverges,
        "Replicas that receive changes joined in different groups differ."},
    // Laws of histories:
    Law{"a mutator inflates", Consequence::diverges,
        "A merge with an older state undoes the change."},
    Law{"a delta makes the change", Consequence::diverges,
        "The delta does not make the same change at another replica."},
    Law{"a delta is optimal", Consequence::wastes,
        "Each delta contains content that the receivers already have."},
    Law{"a failed mutator changes nothing", Consequence::diverges,
        "A refused change stays at one replica, because no delta carries it to the others."},
    Law{"deltas join in any order, number and grouping", Consequence::diverges,
        "Messages that arrive late, twice or joined with others lead to another state."},
    Law{"any parts of a state are a safe delta", Consequence::diverges,
        "A message with some of the changes damages the state, or later messages do not repair "
        "it."},
    Law{"states of one history are not in conflict", Consequence::diverges,
        "Receivers refuse lawful states, so nothing is replicated."},
    Law{"lattice operations do not throw", Consequence::misleads,
        "An exception in merge stops the replica, or its message is dropped."},
    // Laws of codecs, if the type has a Serializer:
    Law{"binary: decode(encode(x)) is x", Consequence::diverges,
        "A receiver or a restarted replica has another state than was sent or stored."},
    Law{"binary: equal values have equal bytes", Consequence::wastes,
        "Replicas that compare bytes send each other states that are equal."},
    Law{"binary: size(x) is the number of bytes of x", Consequence::wastes,
        "Messages exceed their limit and are dropped by the transport."},
    Law{"binary: a value has one form", Consequence::misleads,
        "Changed bytes decode to a state without an error."},
    Law{"binary: truncated bytes are refused", Consequence::diverges,
        "A part of a message is mistaken for the whole."},
};

/// Returns the law with that name, or nullptr if the list has no such law. Laws that a type adds
/// are not in the list.
constexpr const Law* find_law(std::string_view name) {
    for (const Law& law : all_laws) {
        if (law.name == name) return &law;
    }
    return nullptr;
}

}  // namespace crdt::laws
