// SPDX-License-Identifier: MIT
//! Wire: what messages are on their way, and what may become of them there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/expected.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/message_serializer.hpp>

namespace crdt::sim {

/// One message, as a frame.
struct Parcel {
    std::string frame;
    /// Whoever takes it for good is wrong: it was changed on its way, or is of another version.
    bool is_bad = false;
};

/// Messages travel in binary, in frames.
template <class L>
struct Wire {
    using Message = replication::Message<L>;

    static constexpr std::uint64_t cluster = 0xC1;

    /// As a replica of the next version of frames writes it, or of this one.
    static Parcel write(const Message& message, bool next_version) {
        const auto spoken = static_cast<std::uint8_t>(frame::version + (next_version ? 1 : 0));
        return {frame::encode(binary::encode_value(message), cluster, spoken), next_version};
    }

    /// Flips some bits, or cuts the end off.
    static void damage(Parcel& parcel, crdt::Random& random) {
        std::string& bytes = parcel.frame;
        parcel.is_bad = true;
        if (random.below(3) == 0) return bytes.resize(random.below(bytes.size()));
        const std::size_t first = random.below(8 * bytes.size());
        for (std::size_t bit = first; bit < 8 * bytes.size() && bit < first + 32; ++bit) {
            if (bit == first || random.below(4) == 0)
                bytes[bit / 8] ^= static_cast<char>(1U << (bit % 8));
        }
    }

    static Expected<Message> read(std::string_view bytes) {
        const auto payload = frame::decode(bytes, cluster);
        if (!payload) return payload.error();
        return binary::try_decode_value<Message>(*payload);
    }

    /// For diagrams.
    static std::string describe(const Message& message) {
        std::string text;
        if (message.changes)
            text += "changes " + std::to_string(message.changes->first) + ".." +
                    std::to_string(message.changes->last) + " of " +
                    std::to_string(part_count(message.changes->delta)) + " parts ";
        if (message.ack) text += "ack " + std::to_string(*message.ack) + ' ';
        if (message.changes && message.changes->requests_answer()) text += "whole ";
        if (message.digest) text += "digest ";
        if (message.sketch) text += "sketch ";
        if (message.wants_digest) text += "wants digest ";
        return text;
    }
};

}  // namespace crdt::sim
