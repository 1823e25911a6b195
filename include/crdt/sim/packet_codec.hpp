// SPDX-License-Identifier: MIT
//! PacketCodec: the messages of simulated replicas as frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/expected.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/sim/network.hpp>

namespace crdt::sim {

/// An encoded message.
struct Frame {
    std::string bytes;             ///< the frame
    bool is_next_version = false;  ///< whether a correct receiver rejects it
};

/// Corrupts the frame.
inline void corrupt(Frame& frame, crdt::Random& random) { corrupt(frame.bytes, random); }

/// Writes and reads messages in the binary codec, and describes their contents.
template <DecomposableLattice L>
struct PacketCodec {
    /// The messages.
    using Message = replication::Message<L>;

    /// The cluster id in all frames.
    static constexpr std::uint64_t cluster = 0xC1;

    /// Returns `message` as a frame of this version or, if `next_version` is true, of the next
    /// version.
    static Frame encode(const Message& message, bool next_version) {
        const auto version = static_cast<std::uint8_t>(frame::version + (next_version ? 1 : 0));
        return {frame::encode(binary::encode_value(message), cluster, version), next_version};
    }
    /// Returns the message, or the reason why the frame is rejected.
    static Expected<Message> decode(std::string_view bytes) {
        const auto payload = frame::decode(bytes, cluster);
        if (!payload) return payload.error();
        return binary::try_decode_value<Message>(*payload);
    }

    /// Whether the changes are a piece of a full state or of a bucket difference. Such a piece
    /// counts for every epoch of the receiver.
    static bool is_full_state(const Message& message) {
        return message.changes && message.changes->requests_answer();
    }

    /// Whether more changes follow when these changes are acknowledged.
    static bool has_more(const Message& message) {
        return message.changes && message.changes->more_pieces;
    }

    /// Returns a text about the message, for traces.
    static std::string describe(const Message& message) {
        std::string text;
        if (message.changes)
            text += "changes " + std::to_string(message.changes->first) + ".." +
                    std::to_string(message.changes->last) + " of " +
                    std::to_string(part_count(message.changes->delta)) + " parts ";
        if (message.ack) text += "ack " + std::to_string(*message.ack) + ' ';
        if (is_full_state(message)) text += "full state ";
        if (message.digest) text += "digest ";
        if (message.sketch) text += "sketch ";
        if (message.requests_digest) text += "digest request ";
        if (message.invites_request) text += "invitation ";
        if (message.answer_pending) text += "answer pending ";
        return text;
    }
};

}  // namespace crdt::sim
