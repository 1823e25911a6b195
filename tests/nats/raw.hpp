// SPDX-License-Identifier: MIT
//! Connections of a test to a server, without a node. A test can publish, receive, and record
//! denials.
#pragma once

#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/subscription.hpp>

#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace support {

inline void no_log(crdt::system::LogLevel, const std::string&) {}

/// Returns the URL for `user`. The password of a user is the user's name.
inline std::string url_of(const Server& server, const std::string& user) {
    return server.url(user + ":" + user + "@");
}

/// Returns a heartbeat with this incarnation. The incarnation 0 means that the node leaves.
inline std::string heartbeat(std::uint64_t incarnation) {
    return crdt::frame::encode(crdt::binary::encode_value(incarnation),
                               crdt::nats::Address("shop", "n1").cluster_id());
}

/// A server with permissions.conf; the password of each user is its name.
struct Permitting {
    TemporaryFolder folder;
    Server server;

    static std::string configuration(const fs::path& folder) {
        for (const std::string user : {"n1", "n2", "n3", "app", "reader", "orders", "billing"}) {
            std::string variable = user + "_PASSWORD";
            for (char& letter : variable) letter = static_cast<char>(std::toupper(letter));
            ::setenv(variable.c_str(), user.c_str(), 1);
        }
        fs::copy(environment("PERMISSIONS"), folder / "permissions.conf");
        return "include permissions.conf";
    }
    Permitting()
        : server(folder.path(), "s", free_ports(1).front(), configuration(folder.path())) {}
};

/// Returns the denials of the server, each as "USER publish SUBJECT" or "USER subscribe SUBJECT".
inline std::set<std::string> denials(const Server& server) {
    std::set<std::string> found;
    std::istringstream log(server.log());
    const std::regex violation(
        R"re((Publish|Subscription) Violation - User "([^"]*)", Subject "([^"]*)")re");
    std::smatch match;
    for (std::string line; std::getline(log, line);)
        if (std::regex_search(line, match, violation))
            found.insert(match.str(2) + (match.str(1) == "Publish" ? " publish " : " subscribe ") +
                         match.str(3));
    return found;
}

inline crdt::nats::Connection connect(const std::string& url) {
    crdt::nats::ConnectionOptions options;
    options.urls = {url};
    return crdt::nats::Connection(options, no_log);
}

/// The messages received on a subject, for this thread.
class Inbox {
    crdt::nats::Mailbox mailbox_;
    crdt::nats::Subscription subscription_;

  public:
    struct Item {
        std::string subject, reply, data;
    };
    std::vector<Item> items;

    Inbox(crdt::nats::Connection& connection, const std::string& subject)
        : subscription_(
              connection, mailbox_, subject, [this](const crdt::nats::NatsMessage& message) {
                  items.push_back({std::string(message.subject()), std::string(message.reply()),
                                   std::string(message.data())});
              }) {
        connection.flush(1000);
    }
    /// Waits for this number of messages.
    bool has(std::size_t count, std::chrono::milliseconds timeout = 5000ms) {
        return eventually(
            [&] {
                mailbox_.deliver();
                return items.size() >= count;
            },
            timeout);
    }
};

}  // namespace support
