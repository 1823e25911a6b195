// SPDX-License-Identifier: MIT
//! The workers: each has a client and at most one pending operation.
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
        const Call* call = nullptr;  ///< of the pending operation; null if there is none
        std::size_t operation = 0;   ///< its index in the history
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
    void replace_client(Worker& worker);

  public:
    Workers(const RunOptions& options, Nodes& nodes, const Clock& clock, History& history,
            Random random);

    /// Opens the clients of all workers.
    void begin();

    /// Is any worker free?
    bool any_free() const;
    /// Is every worker free?
    bool all_free() const;

    /// Starts the next operation on a random free worker.
    void invoke_one();
    /// Starts a final read on every worker.
    void read_finally();

    /// Receives a message for the client of a worker.
    void receive(const Envelope& message);
    /// Ends the operations that have timed out.
    void expire();
    /// Returns the time of the next timeout.
    std::optional<Micros> next_due() const;
};

}  // namespace cluster
