// SPDX-License-Identifier: MIT
//! ReplyBuffer: collects the lines that a node will write. It drops replies that are too late.
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

/// Counts of messages that a node refused to process or to send, and of failed callbacks.
struct NodeStats {
    std::uint64_t bad_lines = 0;         ///< lines that are too long, no envelope, or no valid init
    std::uint64_t misdirected = 0;       ///< before init, with a wrong id, or an answer to no call
    std::uint64_t bad_requests = 0;      ///< requests answered with an error, or without a msg_id
    std::uint64_t late_replies = 0;      ///< replies not sent, because the client has given up
    std::uint64_t unknown_dests = 0;     ///< messages not sent: the receiver is not in the network
    std::uint64_t failed_callbacks = 0;  ///< callbacks that threw an exception
};

/// Collects the messages that a node will write, one per line. Maelstrom mutes a node for some
/// messages: a message before init, a message to a receiver outside the network, and a reply after
/// the client's timeout. The buffer drops such messages, because a muted node can send nothing
/// more.
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
    /// The JSON text with which each line begins.
    std::string head_;
    std::string lines_;
    json::Output json_{lines_, json::IllFormedUtf8::is_replaced};
    std::vector<Reply> replies_;

    /// Appends a line to `dest` with the body that `write_body` writes. If `write_body` throws,
    /// removes what was written, because half a line would mute the node. If the node has halted or
    /// `dest` is not in the network, appends nothing and returns false.
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
    /// Makes a buffer that drops all messages until set_members() is called.
    explicit ReplyBuffer(Log log) : log_(log) {}
    ReplyBuffer(const ReplyBuffer&) = delete;
    ReplyBuffer& operator=(const ReplyBuffer&) = delete;

    /// Sets the node's id and the other nodes.
    void set_members(std::string id, std::vector<std::string> peers) {
        id_ = std::move(id);
        peers_ = std::move(peers);
        head_ = "{\"src\":";
        json::append_quoted(head_, id_, json::IllFormedUtf8::is_replaced);
        head_ += ",\"dest\":";
    }
    /// Returns the id of the node. The id is empty before set_members().
    const std::string& id() const { return id_; }
    /// Returns the ids of the other nodes.
    const std::vector<std::string>& peers() const { return peers_; }
    /// Is `id` the id of another node?
    bool is_peer(std::string_view id) const {
        return std::find(peers_.begin(), peers_.end(), id) != peers_.end();
    }
    /// Is `id` the id of a client, of a service or of another node?
    bool is_known(std::string_view id) const {
        return is_client_id(id) || is_service_id(id) || is_peer(id);
    }

    /// Returns the log of refused messages.
    const Log& log() const { return log_; }
    /// Returns the counts of refused messages.
    NodeStats& stats() { return stats_; }
    /// Returns the counts of refused messages.
    const NodeStats& stats() const { return stats_; }
    /// Returns the time that reply() compares with the deadlines of replies.
    Time now() const { return now_; }
    /// Sets now().
    void set_now(Time now) { now_ = now; }

    /// Drops all collected messages, and all later messages.
    void halt() {
        halted_ = true;
        lines_.clear();
        replies_.clear();
    }
    /// Was halt() called?
    bool halted() const { return halted_; }

    /// Adds a message of type `type` to `dest`. `write_fields` receives a json::Writer, and writes
    /// the other members of the body.
    template <class WriteFields>
    void send(std::string_view dest, std::string_view type, WriteFields&& write_fields) {
        append(dest, [&](json::Writer& body) {
            body.member("type").string(type);
            write_fields(body);
        });
    }
    /// Adds a reply to the request `msg_id` of `dest`, with `type` and `write_fields` as in send().
    /// If now() is after `deadline`, drops the reply.
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

    /// Returns the collected lines, without the replies with a deadline before `now`. The caller
    /// writes the lines, and then clears the string.
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
