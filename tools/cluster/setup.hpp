// SPDX-License-Identifier: MIT
//! Bringing nodes up: the init and topology requests, and the wait for their answers.
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
    void ask(std::size_t node, const std::string& request, json body);
    void fail(const Expected& expected, const std::string& how);

  public:
    Setup(Nodes& nodes, const Clock& clock, History& history)
        : nodes_(nodes), clock_(clock), history_(history) {}

    void init(std::size_t node);
    void topology(std::size_t node, const json& neighbours);

    /// Expects nothing more of a node that was killed.
    void abandon(std::size_t node);
    /// Lets a node that is paused take its time, and one that goes on the usual time from now.
    void pause(std::size_t node);
    void resume(std::size_t node);

    /// Takes a message to one of its clients.
    void receive(const Envelope& message);
    /// Gives up on answers that are late.
    void expire();
    bool done() const { return expected_.empty(); }
};

}  // namespace cluster
