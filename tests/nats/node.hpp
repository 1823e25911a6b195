// SPDX-License-Identifier: MIT
//! Nodes of the counter service, and a client.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/message.hpp>

#include "server.hpp"

namespace support {

using nlohmann::json;

inline std::string environment(const char* name) {
    const char* value = std::getenv(name);
    REQUIRE_MESSAGE(value != nullptr, name);
    return value;
}

/// 0 for success.
inline int code_of(const json& answer) {
    return answer.at("ok") == true ? 0 : answer.at("code").get<int>();
}

/// A counterd of the cluster "shop".
class Node : public Child {
    std::string name_;

    static std::vector<std::string> flags(const std::string& name,
                                          const std::vector<std::string>& urls,
                                          const std::vector<std::string>& more) {
        std::vector<std::string> words{"--cluster", "shop", "--node", name, "--log-level", "info"};
        for (const std::string& url : urls) words.insert(words.end(), {"--url", url});
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

  public:
    Node(const fs::path& folder, const std::string& name, const std::vector<std::string>& urls,
         const std::vector<std::string>& more = {})
        : Child(folder, name, environment("COUNTERD"), flags(name, urls, more)), name_(name) {
        start();
    }
    const std::string& name() const { return name_; }
};

/// Sends requests and waits for the replies.
class Client {
    crdt::nats::Connection connection_;

    static crdt::nats::ConnectionOptions options(const std::vector<std::string>& urls) {
        crdt::nats::ConnectionOptions options;
        options.urls = urls;
        return options;
    }

  public:
    explicit Client(const crdt::nats::ConnectionOptions& options)
        : connection_(options, [](auto, const auto&) {}) {}
    explicit Client(const std::vector<std::string>& urls) : Client(options(urls)) {}

    crdt::nats::Connection& connection() { return connection_; }

    /// Returns the reply, or nothing if no reply arrives in time. `where` is "svc" or "node.n1".
    std::optional<json> try_ask(const std::string& where, const std::string& verb,
                                const std::string& body,
                                std::chrono::milliseconds timeout = 2000ms) {
        natsMsg* answer = nullptr;
        const std::string subject = "crdt.shop." + where + "." + verb;
        if (natsConnection_Request(&answer, connection_.handle(), subject.c_str(), body.data(),
                                   static_cast<int>(body.size()), timeout.count()) != NATS_OK)
            return std::nullopt;
        return json::parse(crdt::nats::NatsMessage(answer).data());
    }
    /// Does the same, but fails if there is no reply.
    json ask(const std::string& where, const std::string& verb, const json& body) {
        const auto answer = try_ask(where, verb, body.dump());
        REQUIRE_MESSAGE(answer.has_value(), where, " ", verb, " ", body.dump());
        return *answer;
    }
    /// Returns the value at a node, or nothing if there is no reply.
    std::optional<json> value(const std::string& node, const std::string& name) {
        const auto answer = try_ask("node." + node, "read", json{{"name", name}}.dump(), 500ms);
        if (!answer || !answer->value("ok", false)) return std::nullopt;
        return answer->at("value");
    }
    /// Waits until any node answers shared requests.
    void expect_service() {
        REQUIRE(eventually([&] { return try_ask("svc", "status", "{}").has_value(); }));
    }
    /// Waits until each node has this number of members.
    void expect_members(const std::vector<std::string>& nodes, std::size_t others) {
        for (const std::string& node : nodes) {
            REQUIRE_MESSAGE(eventually([&] {
                                const auto status = try_ask("node." + node, "status", "{}", 500ms);
                                return status && status->at("members").size() == others;
                            }),
                            node);
        }
    }
};

}  // namespace support
