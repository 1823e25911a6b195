// SPDX-License-Identifier: MIT
//! The system under test: node processes, the network between them, services and client ends.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clock.hpp"
#include "history.hpp"
#include "network.hpp"
#include "options.hpp"
#include "process.hpp"
#include "services.hpp"

namespace cluster {

/// A temporary directory, removed by the destructor.
class TemporaryDirectory {
    std::filesystem::path path_;

  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }
};

class Nodes {
    struct Node {
        std::string name;
        Command command;
        std::unique_ptr<Process> process;
        bool muted = false;
    };

    const Clock& clock_;
    History& history_;
    TemporaryDirectory directory_;
    std::vector<Node> nodes_;
    Network network_;
    Services services_;
    std::set<std::string> clients_;
    std::size_t clients_opened_ = 0;
    std::function<void(const Envelope&)> on_client_message_;
    Micros next_reaping_ = 0;

    Node* find(std::string_view name);
    void on_line(Node& node, std::string_view line);
    std::string fault_of_destination(const std::string& dest);
    void mute(Node& node, std::string reason, std::string_view line);
    void wait(Micros until);
    void serve(Node& node);
    void serve_to_end(Node& node);
    void reap();
    void deliver();

  public:
    Nodes(const RunOptions& options, const Clock& clock, History& history, Random random);

    void on_client_message(std::function<void(const Envelope&)> f) {
        on_client_message_ = std::move(f);
    }

    void start(std::size_t node);
    /// Sends SIGKILL to a node. Its earlier output is still delivered.
    void kill(std::size_t node);
    void pause(std::size_t node);
    void resume(std::size_t node);
    Network& network() { return network_; }

    /// Returns the name of a new client. Nodes may reply to it until it is closed.
    std::string open_client();
    void close_client(const std::string& client) { clients_.erase(client); }

    /// Sends a message from a client.
    void send(Envelope message);

    /// Delivers messages until none is ready, or until the time `until`.
    void run(Micros until);

    /// Closes the stdin of every node. Then waits until all have ended, or until `deadline`.
    void stop(Micros deadline);
};

}  // namespace cluster
