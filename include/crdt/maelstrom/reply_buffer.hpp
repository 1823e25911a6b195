// SPDX-License-Identifier: MIT
//! ReplyBuffer: the lines that a node is about to write, replies that grow too old among them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/codec/json/writer.hpp>
#include <crdt/maelstrom/envelope.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/system/log.hpp>

namespace crdt::maelstrom {

using replication::Duration;
using replication::Time;
using system::clip;
using system::Log;
using system::LogLevel;

/// Counts of what a node refused to receive or to send.
struct NodeStats {
    std::uint64_t bad_lines = 0;      ///< not an envelope, or one line too long
    std::uint64_t misdirected = 0;    ///< before init, for another node, or from an unknown sender
    std::uint64_t bad_requests = 0;   ///< answered with an error
    std::uint64_t late_replies = 0;   ///< not sent: the client has given up
    std::uint64_t unknown_dests = 0;  ///< not sent: the receiver is not in the network
    std::uint64_t failed_callbacks = 0;  ///< ended by an exception
};

/// Collects messages to be written, one per line, and drops those that the network punishes. It
/// mutes a node that sends before its init, to a receiver outside the network, or a reply after the
/// client has given up.
class ReplyBuffer {
    struct Reply {
        std::size_t begin;
        std::size_t size;
        Time deadline;
    };

    Log log_;
    NodeStats stats_;
    std::string id_;
    std::vector<std::string> peers_;
    Time now_{};
    bool halted_ = false;
    /// The beginning of each line.
    std::string head_;
    std::string lines_;
    json::Output json_{lines_, json::IllFormedUtf8::is_replaced};
    std::vector<Reply> replies_;

    /// Appends a line with the body that `write_body` writes. If that throws, nothing is appended:
    /// half a line would mute the node. False if the receiver is not in the network.
    template <class WriteBody>
    bool append(std::string_view dest, WriteBody&& write_body) {
        if (halted_) return false;
        if (id_.empty() || !is_known(dest)) {
            log_.warn_throttled(stats_.unknown_dests, "not sent, receiver unknown: " + clip(dest));
            return false;
        }
        const std::size_t begin = lines_.size();
        try {
            lines_ += head_;
            json_.root().string(dest);
            lines_ += ",\"body\":";
            auto body = json_.root();
            body.begin_struct();
            write_body(body);
            json_.finish();
            lines_ += "}\n";
        } catch (...) {
            json_.abandon();
            lines_.resize(begin);
            throw;
        }
        return true;
    }

  public:
    /// Without an id it sends nothing.
    explicit ReplyBuffer(Log log) : log_(log) {}
    ReplyBuffer(const ReplyBuffer&) = delete;
    ReplyBuffer& operator=(const ReplyBuffer&) = delete;

    /// Sets the node's id and the other nodes.
    void set_members(std::string id, std::vector<std::string> peers) {
        id_ = std::move(id);
        peers_ = std::move(peers);
        head_ = "{\"src\":";
        json::detail::append_quoted(head_, id_, json::IllFormedUtf8::is_replaced);
        head_ += ",\"dest\":";
    }
    /// The id; empty before set_members().
    const std::string& id() const { return id_; }
    /// The other nodes.
    const std::vector<std::string>& peers() const { return peers_; }
    /// Is it the id of another node?
    bool is_peer(std::string_view id) const {
        return std::find(peers_.begin(), peers_.end(), id) != peers_.end();
    }
    /// Is it the id of a client, a service or another node?
    bool is_known(std::string_view id) const {
        return is_client_id(id) || is_service_id(id) || is_peer(id);
    }

    /// The log of what is refused.
    const Log& log() const { return log_; }
    /// Its counts.
    NodeStats& stats() { return stats_; }
    /// The same.
    const NodeStats& stats() const { return stats_; }
    /// The time that replies are held against.
    Time now() const { return now_; }
    /// Changes it.
    void set_now(Time now) { now_ = now; }

    /// Drops everything, now and from now on.
    void halt() {
        halted_ = true;
        lines_.clear();
        replies_.clear();
    }
    /// Was it halted?
    bool halted() const { return halted_; }

    /// Sends a message of this type; `write_fields` writes the other members of its body.
    template <class WriteFields>
    void send(std::string_view dest, std::string_view type, WriteFields&& write_fields) {
        append(dest, [&](json::Writer& body) {
            body.member("type").string(type);
            write_fields(body);
        });
    }
    /// The same for the reply to a message; dropped if it is too late by now.
    template <class WriteFields>
    void reply(std::string_view dest, std::string_view type, std::int64_t msg_id, Time deadline,
               WriteFields&& write_fields) {
        if (now_ > deadline) return log_.warn_throttled(stats_.late_replies, "late reply");
        const std::size_t begin = lines_.size();
        const bool appended = append(dest, [&](json::Writer& body) {
            body.member("in_reply_to").i64(msg_id);
            body.member("type").string(type);
            write_fields(body);
        });
        if (appended) replies_.push_back({begin, lines_.size() - begin, deadline});
    }

    /// The lines without the replies that are too late by `now`. The caller clears them.
    std::string& flush(Time now) {
        for (auto reply = replies_.rbegin(); reply != replies_.rend(); ++reply) {
            if (now <= reply->deadline) continue;
            lines_.erase(reply->begin, reply->size);
            log_.warn_throttled(stats_.late_replies, "late reply");
        }
        replies_.clear();
        return lines_;
    }
};

}  // namespace crdt::maelstrom
