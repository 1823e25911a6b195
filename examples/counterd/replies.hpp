// SPDX-License-Identifier: MIT
//! Replies: sends the answers of a node, for success and for errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/nats/connection.hpp>

#include "answers.hpp"
#include "client_port.hpp"
#include "counters.hpp"
#include "errors.hpp"
#include "outbox.hpp"
#include "request.hpp"

namespace counterd {

/// Puts the answers of one node into its outbox. A request without a reply subject is not answered.
class Replies {
    crdt::nats::Connection* connection_;
    std::string node_;
    bool has_changed_ = false;

  protected:
    Outbox outbox_;
    /// The number of requests that were answered with an error, and of invalid requests without an
    /// answer.
    std::uint64_t errors_ = 0;

    Replies(crdt::nats::Connection& connection, ClientPort* port, std::string node)
        : connection_(&connection), node_(std::move(node)), outbox_(connection, port) {}

    /// Records that the current request has changed the state.
    void note_change() { has_changed_ = true; }

    /// Runs `action`. If it throws, answers with the error.
    template <class Action>
    void guard(const std::string& reply, Action&& action) {
        has_changed_ = false;
        const auto error = error_of(action);
        if (!error) return;
        try {
            // If the state has changed, the code must be `crash`, because all other codes guarantee
            // that the state is unchanged.
            fail(reply, has_changed_ ? ErrorCode::crash : error->code(), error->what());
        } catch (const std::bad_alloc&) {
            // No memory for an answer. The client times out and cannot determine whether its
            // request counts.
        }
    }
    void fail(const std::string& reply, ErrorCode code, const std::string& text) {
        ++errors_;
        if (reply.empty()) return;
        Answer answer;
        answer.put("ok", false).put("code", static_cast<int>(code));
        answer.put("text", text).put("node", node_);
        outbox_.put(reply, std::move(answer).text());
    }
    void succeed(const std::string& reply, Answer answer) {
        if (!reply.empty()) send(reply, text_of_success(std::move(answer)));
    }
    /// Returns the text that succeed() sends.
    std::string text_of_success(Answer answer) const {
        answer.put("node", node_).put("ok", true);
        return std::move(answer).text();
    }
    /// Answers with the counters of `page` as the member `name`, and with the members of `others`.
    /// If the message would be too long, leaves out the last counters.
    void succeed(const std::string& reply, const std::string& name, const Counters& counters,
                 const Counters::Page& page, Answer others = {}) {
        if (reply.empty()) return;
        send(reply, text_of_page(
                        name, page, [&](std::size_t i) { return entry_of(counters, page.keys[i]); },
                        std::move(others)));
    }
    /// Returns the text of the answer that the function above sends. `entry(i)` must return the
    /// entry of the key with index i.
    template <class EntryOf>
    std::string text_of_page(const std::string& name, const Counters::Page& page, EntryOf&& entry,
                             Answer others) const {
        Entries entries(connection_->max_payload());
        std::optional<CounterKey> last = page.last;
        for (std::size_t i = 0; i < page.keys.size(); ++i) {
            if (entries.add(entry(i))) continue;
            last = page.keys[i - 1];
            break;
        }
        if (last) others.put("after", last->name).put("after_kind", name_of(last->kind));
        others.put("more", last.has_value()).put("node", node_).put("ok", true);
        return entries.message(name, std::move(others));
    }
    /// Sends a report to a watcher.
    void report(const std::string& subject, const Entries& changes) {
        Answer others;
        others.put("node", node_);
        outbox_.put(subject, changes.message("changes", std::move(others)));
    }

    /// Sends an answer. If the answer is too long for the NATS server, which would drop it, sends
    /// an error instead.
    void send(const std::string& reply, std::string answer) {
        if (answer.size() > connection_->max_payload())
            return fail(reply, ErrorCode::crash,
                        "the answer has " + std::to_string(answer.size()) +
                            " bytes, more than the server accepts");
        outbox_.put(reply, std::move(answer));
    }
};

}  // namespace counterd
