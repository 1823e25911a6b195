// SPDX-License-Identifier: MIT
//! ConnectionOptions and ConnectionMetrics: the parameters and the counts of a connection.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <crdt/detail/cpp20.hpp>

namespace crdt::nats {

/// The servers, the credentials and the security of a connection.
struct ConnectionOptions {
    /// The URLs of servers of one cluster. The client connects to a random one of them. This server
    /// sends the URLs of the other servers. A URL may contain either a user and a password, or a
    /// token. In these, %XX stands for a byte that a URL cannot contain. Two URLs must not contain
    /// different users, passwords or tokens.
    std::vector<std::string> urls{"nats://127.0.0.1:4222"};
    /// The name of this client in the monitoring of the server.
    std::string name{};
    /// The path of a file of NATS credentials. If empty, the client uses the user or token of the
    /// URL.
    std::string credentials{};
    /// The path of a file with the certificates of the authorities that sign the certificates of
    /// the servers. If `authorities` or `certificate` is set, TLS is required.
    std::string authorities{};
    /// The path of a file with the certificate chain of the client.
    std::string certificate{};
    /// The path of a file with the private key for `certificate`.
    std::string key{};
    /// The beginning of the subjects on which this client receives replies. If empty, the client
    /// uses _INBOX.
    std::string inbox_prefix{};
    /// If true, the client sends each message immediately. Otherwise it collects messages for 1 ms.
    bool at_once = false;
    /// If true, the owner of the connection waits for Connection::file(), and calls receive() and
    /// send() to read and write the socket. Otherwise threads of the C library read and write it.
    bool owner_polls = false;
};

/// The counts of a Connection since its construction.
struct ConnectionMetrics {
    std::uint64_t reconnects = 0;     ///< connections made after the first one
    std::uint64_t slow_consumer = 0;  ///< how often the library began to drop received messages
    std::uint64_t refused = 0;        ///< other errors from the server, such as missing permissions
    std::uint64_t unsent = 0;         ///< messages that could not be sent
    std::uint64_t messages_in = 0;    ///< messages received
    std::uint64_t messages_out = 0;   ///< messages sent
    std::uint64_t bytes_in = 0;       ///< bytes of messages received
    std::uint64_t bytes_out = 0;      ///< bytes of messages sent
};

}  // namespace crdt::nats
