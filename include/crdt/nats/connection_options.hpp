// SPDX-License-Identifier: MIT
//! ConnectionOptions and ConnectionMetrics: the parameters and the counts of a connection.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <crdt/detail/cpp20.hpp>

namespace crdt::nats {

/// Servers, credentials and security of a connection.
struct ConnectionOptions {
    /// Servers of one cluster. The client connects to a random one, which sends the URLs of the
    /// others. A URL may contain a user and a password, or a token, with %XX for bytes that a URL
    /// cannot contain. All URLs must contain the same user and password, or the same token.
    std::vector<std::string> urls{"nats://127.0.0.1:4222"};
    /// The name of this client in the monitoring of the server.
    std::string name{};
    /// A file of NATS credentials. If empty, the credentials of the URL are used.
    std::string credentials{};
    /// A file of certificates of authorities that sign the servers' certificates. If this or
    /// `certificate` is set, TLS is required.
    std::string authorities{};
    /// A file of the client's certificate chain.
    std::string certificate{};
    /// A file of the private key of `certificate`.
    std::string key{};
    /// The beginning of the subjects on which this client receives replies, if not _INBOX.
    std::string inbox_prefix{};
    /// True if each message is sent at once. Otherwise the client collects messages for 1 ms.
    bool at_once = false;
    /// True if the owner reads and writes the socket, by Connection::receive() and send().
    /// Otherwise threads of the C library do, and the owner need not wait for Connection::file().
    bool owner_polls = false;
};

/// Counts since construction.
struct ConnectionMetrics {
    std::uint64_t reconnects = 0;     ///< connections made after the first one
    std::uint64_t slow_consumer = 0;  ///< times that received messages were dropped
    std::uint64_t refused = 0;        ///< other errors from the server, such as missing permissions
    std::uint64_t unsent = 0;         ///< messages that could not be sent
    std::uint64_t messages_in = 0;    ///< messages received
    std::uint64_t messages_out = 0;   ///< messages sent
    std::uint64_t bytes_in = 0;       ///< bytes of messages received
    std::uint64_t bytes_out = 0;      ///< bytes of messages sent
};

}  // namespace crdt::nats
