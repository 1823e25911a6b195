// SPDX-License-Identifier: MIT
//! Client: sends a request to the counter service and receives its reply.
#pragma once

#include <chrono>
#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/system/log.hpp>

using Json = nlohmann::json;

/// An error that ends the program. It has the exit code.
struct Failure : std::runtime_error {
    int exit_code;
    Failure(int code, const std::string& text) : std::runtime_error(text), exit_code(code) {}
};

/// Writes log lines of the connection to stderr.
inline void log_to_stderr(crdt::system::LogLevel, const std::string& text) {
    std::cerr << text << "\n";
}

/// The exit code if there is no reply. Error codes of the service begin at 10.
constexpr int unreachable = 2;

inline void check(natsStatus status, const std::string& what) {
    if (status == NATS_OK) return;
    throw Failure(unreachable, what + ": " +
                                   (status == NATS_NO_RESPONDERS ? "no node of this cluster answers"
                                                                 : natsStatus_GetText(status)));
}

/// Returns the JSON object of a message. Throws Failure for anything else.
inline Json json_of(natsMsg* owned) {
    const crdt::nats::NatsMessage message(owned);
    auto parsed = crdt::json::parse(message.data());
    if (!parsed) throw Failure(unreachable, "invalid reply: " + parsed.error().to_string());
    if (!parsed->is_object()) throw Failure(unreachable, "invalid reply, expected a JSON object");
    return *std::move(parsed);
}

/// Returns `reply` if it reports success. Otherwise throws its error as a Failure.
inline Json accepted(Json reply) {
    if (!reply.value("ok", false))
        throw Failure(reply.value("code", 1), reply.value("text", "error without a text"));
    return reply;
}

class Client {
    crdt::nats::Connection& connection_;
    std::string cluster_;
    std::int64_t timeout_ms_;

  public:
    /// If set, requests are sent to subjects that only accept names with this prefix and a slash.
    std::string within{};
    /// The beginning of the subjects on which this client receives replies.
    std::string inbox_prefix{"_INBOX"};

    Client(crdt::nats::Connection& connection, std::string cluster, std::int64_t timeout_ms)
        : connection_(connection), cluster_(std::move(cluster)), timeout_ms_(timeout_ms) {}

    /// Returns a new subject for replies.
    std::string inbox() const {
        natsInbox* made = nullptr;
        check(natsInbox_Create(&made), "inbox");
        const std::string inbox = made;
        natsInbox_Destroy(made);
        return inbox_prefix + inbox.substr(inbox.find('.'));
    }

    /// Returns a text that no other call returns, for the id of a request.
    std::string unique_id() const {
        const std::string made = inbox();
        return made.substr(made.rfind('.') + 1);
    }

    natsConnection* connection() const { return connection_.handle(); }
    /// Returns how long to wait for a reply. This is one second longer than the node may wait.
    std::chrono::milliseconds reply_timeout() const {
        return std::chrono::milliseconds(timeout_ms_ + 1000);
    }

    /// Returns the subject of requests with `verb` to `node`, or to any node if `node` is empty.
    std::string subject(const std::string& verb, const std::string& node = "") const {
        return "crdt." + cluster_ + (node.empty() ? ".svc." : ".node." + node + ".") +
               (within.empty() ? "" : within + ".") + verb;
    }

    /// Sends a request and waits for the reply.
    Json request(const std::string& verb, Json body, const std::string& node = "") const {
        body["timeout_ms"] = timeout_ms_;
        natsMsg* reply = nullptr;
        check(natsConnection_RequestString(&reply, connection(), subject(verb, node).c_str(),
                                           body.dump().c_str(), reply_timeout().count()),
              verb);
        return accepted(json_of(reply));
    }
};
