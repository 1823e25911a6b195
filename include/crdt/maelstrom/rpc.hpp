// SPDX-License-Identifier: MIT
//! PendingCalls: the requests of a node that are neither answered nor timed out.
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/codec/expected.hpp>
#include <crdt/maelstrom/envelope.hpp>
#include <crdt/maelstrom/reply_buffer.hpp>
#include <crdt/system/error_code.hpp>

namespace crdt::maelstrom {

using system::ErrorCode;

/// The reason why a call has no result. If `code` is indefinite, such as a timeout, the receiver
/// may or may not have carried out the call.
struct RpcError {
    ErrorCode code = ErrorCode::timeout;  ///< the code of the answer, or timeout
    std::string text{};                   ///< a text for people
};

/// The result of a call: the body of the answer, or an error.
using RpcResult = Expected<Body, RpcError>;

/// The calls of a node that wait for an answer, by number. Each call is completed exactly once, by
/// an answer of its receiver or by a timeout.
class PendingCalls {
  public:
    /// A function that receives the result of a call.
    using Callback = std::function<void(const RpcResult&)>;

  private:
    struct Call {
        std::string dest;
        std::string expected;
        Time deadline;
        Callback done;
    };

    std::map<std::int64_t, Call> calls_;
    std::int64_t last_id_;

    /// Returns `body`, if its type is `expected`. If `body` is an error, returns the error. For any
    /// other body, returns the error `crash`, which is indefinite.
    static RpcResult read(const Body& body, std::string_view expected) {
        const auto type = body.text("type");
        if (type == expected) return body;
        RpcError error{ErrorCode::crash, std::string(body.text("text").value_or(""))};
        const auto code = body.integer("code");
        if (type == "error" && code) error.code = static_cast<ErrorCode>(static_cast<int>(*code));
        return error;
    }

  public:
    /// Makes an empty table. The first call gets the number `first` + 1.
    explicit PendingCalls(std::int64_t first) : last_id_(first) {}

    /// Sends a call of type `type` to `dest`. `write_fields` writes the other members of the body.
    /// When the answer arrives, complete() returns a function that runs `done`. If no answer
    /// arrives within `timeout`, expired() returns `done`.
    template <class WriteFields>
    void call(ReplyBuffer& out, std::string_view dest, std::string_view type,
              WriteFields&& write_fields, Duration timeout, Callback done) {
        const std::int64_t id = ++last_id_;
        calls_.emplace(id, Call{std::string(dest), std::string(type) + "_ok", out.now() + timeout,
                                std::move(done)});
        out.send(dest, type, [&](json::Writer& body) {
            body.member("msg_id").i64(id);
            write_fields(body);
        });
    }
    /// Completes the call that `answer` names. Returns a function that runs the callback of the
    /// call. The caller must run this function. If `answer` names no pending call, or its sender is
    /// not the receiver of the call, returns an empty function.
    std::function<void()> complete(const Envelope& answer) {
        const auto id = answer.body.integer("in_reply_to");
        const auto call = id ? calls_.find(*id) : calls_.end();
        if (call == calls_.end() || call->second.dest != answer.src) return {};
        const Call completed = std::move(calls_.extract(call).mapped());
        return [done = completed.done, result = read(answer.body, completed.expected)] {
            done(result);
        };
    }
    /// Removes the calls that have timed out at `now`, and returns their callbacks.
    std::vector<Callback> expired(Time now) {
        std::vector<Callback> expired;
        for (auto call = calls_.begin(); call != calls_.end();) {
            const auto next = std::next(call);
            if (call->second.deadline <= now)
                expired.push_back(std::move(calls_.extract(call).mapped().done));
            call = next;
        }
        return expired;
    }
    /// Returns the time when the next call times out, or nothing if no call is pending.
    std::optional<Time> next_deadline() const {
        std::optional<Time> next;
        for (const auto& [id, call] : calls_)
            if (!next || call.deadline < *next) next = call.deadline;
        return next;
    }
};

}  // namespace crdt::maelstrom
