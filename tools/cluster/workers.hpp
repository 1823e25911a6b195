// SPDX-License-Identifier: MIT
//! The workers: each has one operation under way at most, and a client to do it with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clock.hpp"
#include "history.hpp"
#include "nodes.hpp"
#include "random.hpp"
#include "workload.hpp"

namespace cluster {

class Workers {
    struct Worker {
        std::string client;
        std::size_t node = 0;
        const Call* call = nullptr;  ///< of the operation under way; null when there is none
        std::size_t operation = 0;   ///< its place in the history
        std::int64_t msg_id = 0;
    };

    Nodes& nodes_;
    const Clock& clock_;
    History& history_;
    const Workload& workload_;
    Micros timeout_;
    CallSource calls_;
    Random random_;
    std::vector<Worker> workers_;
    std::size_t elements_attempted_ = 0;

    void invoke(std::size_t worker, CallSource::Next next, bool final_read);
    void complete(Worker& worker, Answer answer);
    void renew(Worker& worker);

  public:
    Workers(const RunOptions& options, Nodes& nodes, const Clock& clock, History& history,
            Random random);

    /// Opens every worker's client.
    void begin();

    /// Whether any worker, or every one, is free.
    bool any_free() const;
    bool all_free() const;

    /// Starts the next operation on a free worker, drawn at random.
    void invoke_one();
    /// Starts a final read on every worker.
    void read_finally();

    /// Takes a message to one of its clients.
    void receive(const Envelope& message);
    /// Times out what is late.
    void expire();
    /// When the next operation times out.
    std::optional<Micros> next_due() const;
};

}  // namespace cluster
