// SPDX-License-Identifier: MIT
//! Replies: how a node answers, whether all went well or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include <crdt/nats/connection.hpp>

#include "answers.hpp"
#include "counters.hpp"
#include "errors.hpp"
#include "outbox.hpp"
#include "request.hpp"

namespace counterd {

/// Composes the answers of one node into its outbox. Who gave no subject for an answer gets none.
class Replies {
    crdt::nats::Connection* connection_;
    std::string node_;
    bool has_changed_ = false;

  protected:
    /// What is sent once the change that it reports is durable.
    Outbox outbox_;
    /// Requests that were answered with an error, or with nothing.
    std::uint64_t errors_ = 0;

    Replies(crdt::nats::Connection& connection, std::string node)
        : connection_(&connection), node_(std::move(node)), outbox_(connection) {}

    /// The request that is answered has changed something.
    void note_change() { has_changed_ = true; }

    /// Runs `action`, and answers with the error of whatever it throws.
    template <class Action>
    void guard(const std::string& reply, Action&& action) {
        has_changed_ = false;
        const auto error = error_of(action);
        if (!error) return;
        try {
            // All other codes say that nothing has happened.
            fail(reply, has_changed_ ? ErrorCode::crash : error->code(), error->what());
        } catch (const std::bad_alloc&) {
            // No answer: that leaves open whether anything has happened.
        }
    }
    void fail(const std::string& reply, ErrorCode code, const std::string& text) {
        ++errors_;
        if (reply.empty()) return;
        outbox_.put(
            reply,
            {{"ok", false}, {"code", static_cast<int>(code)}, {"text", text}, {"node", node_}});
    }
    void succeed(const std::string& reply, Json body) {
        if (reply.empty()) return;
        body["ok"] = true;
        body["node"] = node_;
        send(reply, text_of(body));
    }
    /// With those of the page that fit the answer, as its member `name`.
    void succeed(const std::string& reply, const std::string& name, const Counters& counters,
                 const Counters::Page& page) {
        if (reply.empty()) return;
        Entries entries(connection_->max_payload());
        std::optional<CounterKey> last = page.last;
        for (std::size_t i = 0; i < page.keys.size(); ++i) {
            if (entries.add(entry_of(counters, page.keys[i]))) continue;
            last = page.keys[i - 1];
            break;
        }
        Json others{{"ok", true}, {"node", node_}, {"more", last.has_value()}};
        if (last) {
            others["after"] = last->name;
            others["after_kind"] = name_of(last->kind);
        }
        send(reply, entries.message(name, others));
    }
    /// To one who watches.
    void report(const std::string& subject, const Entries& changes) {
        outbox_.put_text(subject, changes.message("changes", {{"node", node_}}));
    }

  private:
    /// What is too long for the server would never arrive.
    void send(const std::string& reply, std::string answer) {
        if (answer.size() > connection_->max_payload())
            return fail(reply, ErrorCode::crash,
                        "an answer of " + std::to_string(answer.size()) +
                            " bytes is longer than the server takes");
        outbox_.put_text(reply, std::move(answer));
    }
};

}  // namespace counterd
