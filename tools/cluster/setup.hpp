// SPDX-License-Identifier: MIT
//! Start of the nodes: init and topology requests, and their replies.
#pragma once

#include <map>
#include <string>

#include "clock.hpp"
#include "history.hpp"
#include "nodes.hpp"

namespace cluster {

class Setup {
    struct Expected {
        std::size_t node;
        std::string request;
        Micros deadline;
    };

    Nodes& nodes_;
    const Clock& clock_;
    History& history_;
    std::map<std::string, Expected> expected_;

    void set_deadline(std::size_t node, Micros deadline);
    void request(std::size_t node, const std::string& type, json body);
    void fail(const Expected& expected, const std::string& how);

  public:
    Setup(Nodes& nodes, const Clock& clock, History& history)
        : nodes_(nodes), clock_(clock), history_(history) {}

    void init(std::size_t node);
    void topology(std::size_t node, const json& neighbours);

    /// Stops waiting for the reply of a killed node.
    void abandon(std::size_t node);
    /// Stops the timeout of a paused node. resume() starts the timeout again.
    void pause(std::size_t node);
    void resume(std::size_t node);

    /// Receives a message for a client of the setup.
    void receive(const Envelope& message);
    /// Fails the run if a reply is late.
    void expire();
    bool done() const { return expected_.empty(); }
};

}  // namespace cluster
