// SPDX-License-Identifier: MIT
//! PeerFrames: sends frames to members and receives frames from members, in fragments.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/frame.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/fragments.hpp>
#include <crdt/nats/gossip_options.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats {

/// Sends payloads as frames to members, and joins the fragments that members send. Frames larger
/// than Reassembler::max_frame_size are dropped in both directions. They are counted, and the first
/// one of each member is logged.
///
/// Memory  one unfinished frame for each member
class PeerFrames {
    struct Peer {
        Reassembler reassembler;
        bool is_too_long_logged = false;
    };

    Connection* connection_;
    Address self_;
    std::string channel_;
    Connection::Log log_;
    GossipMetrics* metrics_;
    std::map<std::string, Peer> peers_;

  public:
    /// Uses the subjects crdt.CLUSTER.CHANNEL.TO.FROM. `connection` and `metrics` must outlive this
    /// object.
    PeerFrames(Connection& connection, Address self, Connection::Log log, GossipMetrics& metrics,
               std::string channel = "peer")
        : connection_(&connection),
          self_(std::move(self)),
          channel_(std::move(channel)),
          log_(std::move(log)),
          metrics_(&metrics) {}

    /// Sends `payload` as a frame to the node `to`.
    void send(const std::string& to, const std::string& payload) {
        const std::size_t size = payload.size() + frame::overhead;
        if (size > Reassembler::max_frame_size) return drop(to, "to", size);
        const std::string frame = frame::encode(payload, self_.cluster_id());
        metrics_->bytes_sent += frame.size();
        const std::string subject = self_.to_peer(to, channel_);
        fragment(frame, connection_->max_payload(),
                 [&](const std::string& part) { connection_->publish(subject, part); });
    }
    /// Adds a fragment of the member `from`. If it completes a frame, returns the bytes of the
    /// frame, which may be invalid. If more fragments must follow, or the frame is too long,
    /// returns nothing.
    std::optional<std::string> receive(const std::string& from, std::string_view fragment) {
        auto bytes = peers_[from].reassembler.add(fragment);
        if (!bytes) return std::nullopt;
        // Only a first fragment contains a length.
        const auto length = fragment.starts_with('\0') ? frame::length(*bytes) : std::nullopt;
        if (!length || *length <= Reassembler::max_frame_size) return bytes;
        drop(from, "from", *length);
        return std::nullopt;
    }
    /// Drops the unfinished frames of nodes for which is_member(name) is false.
    template <class IsMember>
    void keep_only(IsMember&& is_member) {
        std::erase_if(peers_, [&](const auto& entry) { return !is_member(entry.first); });
    }

  private:
    void drop(const std::string& peer, const char* direction, std::size_t size) {
        ++metrics_->too_long;
        if (std::exchange(peers_[peer].is_too_long_logged, true)) return;
        log_(system::LogLevel::error, std::string("frame ") + direction + ' ' + peer +
                                          " dropped: it has " + std::to_string(size) +
                                          " bytes, the limit is " +
                                          std::to_string(Reassembler::max_frame_size) +
                                          "; further ones are dropped without a log line");
    }
};

}  // namespace crdt::nats
