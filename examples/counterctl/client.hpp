// SPDX-License-Identifier: MIT
//! Asks the counter service: one request, one reply.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <nats/nats.h>

using Json = nlohmann::json;

/// What ends the program without a result, and with which code.
struct Failure : std::runtime_error {
    int exit_code;
    Failure(int code, const std::string& text) : std::runtime_error(text), exit_code(code) {}
};

/// Nobody answers. The codes of refusals are the service's own, from 10 on.
constexpr int unreachable = 2;

inline void check(natsStatus status, const std::string& what) {
    if (status == NATS_OK) return;
    throw Failure(unreachable, what + ": " +
                                   (status == NATS_NO_RESPONDERS ? "no node of this cluster is up"
                                                                 : natsStatus_GetText(status)));
}

class Message {
    natsMsg* message_ = nullptr;

  public:
    Message() = default;
    Message(Message&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
    Message& operator=(Message&& other) noexcept {
        std::swap(message_, other.message_);
        return *this;
    }
    ~Message() { natsMsg_Destroy(message_); }

    natsMsg** out() { return &message_; }
    bool says_nobody_is_there() const { return natsMsg_IsNoResponders(message_); }
    Json json() const {
        const char* data = natsMsg_GetData(message_);
        Json reply = Json::parse(data, data + natsMsg_GetDataLength(message_), nullptr, false);
        if (!reply.is_object()) throw Failure(unreachable, "an answer that is no JSON object");
        return reply;
    }
};

/// A reply that says yes; throws if it says no.
inline Json accepted(Json reply) {
    if (!reply.value("ok", false))
        throw Failure(reply.value("code", 1), reply.value("text", "refused without a reason"));
    return reply;
}

class Client {
    natsConnection* connection_;
    std::string cluster_;
    std::int64_t timeout_ms_;

  public:
    Client(natsConnection* connection, std::string cluster, std::int64_t timeout_ms)
        : connection_(connection), cluster_(std::move(cluster)), timeout_ms_(timeout_ms) {}

    natsConnection* connection() const { return connection_; }

    /// Where `verb` is asked: of one node, or of any.
    std::string subject(const std::string& verb, const std::string& node = "") const {
        return "crdt." + cluster_ + (node.empty() ? ".svc." : ".node." + node + ".") + verb;
    }

    /// The node itself waits for `timeout_ms`; its answer has another second to arrive.
    Json ask(const std::string& verb, Json request, const std::string& node = "") const {
        request["timeout_ms"] = timeout_ms_;
        Message reply;
        check(natsConnection_RequestString(reply.out(), connection_, subject(verb, node).c_str(),
                                           request.dump().c_str(), timeout_ms_ + 1000),
              verb);
        return accepted(reply.json());
    }
};
