// SPDX-License-Identifier: MIT
//! Asks the counter service: one request, one reply.
#pragma once

#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/codec/json/parse.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/message.hpp>

using Json = nlohmann::json;

/// What ends the program without a result, and with which code.
struct Failure : std::runtime_error {
    int exit_code;
    Failure(int code, const std::string& text) : std::runtime_error(text), exit_code(code) {}
};

/// What a client's connection has to say goes to stderr.
inline void log_to_stderr(crdt::system::LogLevel, const std::string& text) {
    std::cerr << text << "\n";
}

/// Nobody answers. The codes of refusals are the service's own, from 10 on.
constexpr int unreachable = 2;

inline void check(natsStatus status, const std::string& what) {
    if (status == NATS_OK) return;
    throw Failure(unreachable, what + ": " +
                                   (status == NATS_NO_RESPONDERS ? "no node of this cluster is up"
                                                                 : natsStatus_GetText(status)));
}

/// What a message says, which must be an object.
inline Json json_of(natsMsg* owned) {
    const crdt::nats::NatsMessage message(owned);
    auto parsed = crdt::json::parse(message.data());
    if (!parsed)
        throw Failure(unreachable, "an answer that is no JSON: " + parsed.error().to_string());
    if (!parsed->is_object()) throw Failure(unreachable, "an answer that is no JSON object");
    return *std::move(parsed);
}

/// A reply that says yes; throws if it says no.
inline Json accepted(Json reply) {
    if (!reply.value("ok", false))
        throw Failure(reply.value("code", 1), reply.value("text", "refused without a reason"));
    return reply;
}

class Client {
    crdt::nats::Connection& connection_;
    std::string cluster_;
    std::int64_t timeout_ms_;

  public:
    Client(crdt::nats::Connection& connection, std::string cluster, std::int64_t timeout_ms)
        : connection_(connection), cluster_(std::move(cluster)), timeout_ms_(timeout_ms) {}

    natsConnection* connection() const { return connection_.handle(); }

    /// Where `verb` is asked: of one node, or of any.
    std::string subject(const std::string& verb, const std::string& node = "") const {
        return "crdt." + cluster_ + (node.empty() ? ".svc." : ".node." + node + ".") + verb;
    }

    /// The node itself waits for `timeout_ms`; its answer has another second to arrive.
    Json ask(const std::string& verb, Json request, const std::string& node = "") const {
        request["timeout_ms"] = timeout_ms_;
        natsMsg* reply = nullptr;
        check(natsConnection_RequestString(&reply, connection(), subject(verb, node).c_str(),
                                           request.dump().c_str(), timeout_ms_ + 1000),
              verb);
        return accepted(json_of(reply));
    }
};
