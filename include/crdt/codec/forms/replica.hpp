// SPDX-License-Identifier: MIT
//! Writes and reads ids of replicas. An id often occurs many times in a document, so the binary
//! codec writes a short string in full only once.
#pragma once

#include <concepts>
#include <string>

#include <crdt/causal/replica_name.hpp>
#include <crdt/codec/forms/standard.hpp>
#include <crdt/codec/serializer.hpp>

namespace crdt {

/// Writes the id of a replica.
template <Serializable Id>
void serialize_replica(auto&& out, const Id& id) {
    if constexpr (std::same_as<Id, std::string>)
        out.interned_string(id);
    else
        serialize(out, id);
}
/// Writes the id of a replica.
template <Serializable Id>
void serialize_replica(auto&& out, const SharedId<Id>& id) {
    serialize_replica(out, id.get());
}

/// Reads what serialize_replica() wrote.
template <Serializable Id>
Id deserialize_replica(auto&& in) {
    if constexpr (std::same_as<Id, std::string>)
        return in.interned_string();
    else
        return deserialize<Id>(in);
}
/// Reads the same as deserialize_replica(). If the reader supports it, all ids with the same number
/// share one string.
template <Serializable Id>
ReplicaName<Id> deserialize_name(auto&& in) {
    if constexpr (std::same_as<ReplicaName<Id>, SharedId<std::string>> &&
                  requires { in.shared_name(); })
        return in.shared_name();
    else
        return ReplicaName<Id>(deserialize_replica<Id>(in));
}

}  // namespace crdt
