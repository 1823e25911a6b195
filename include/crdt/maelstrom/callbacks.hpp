// SPDX-License-Identifier: MIT
//! Callbacks: the actions that an application registers with a node.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/maelstrom/reply_buffer.hpp>

namespace crdt::maelstrom {

/// The actions of an application. An action runs either after init, before lines are written, or at
/// a deadline. If an action of before_flush() throws, the node halts. Exceptions of other actions
/// are counted and logged.
class Callbacks {
  public:
    /// A function that the node runs.
    using Action = std::function<void()>;
    /// A function that returns the time at which an action is due, or nothing if the action is not
    /// scheduled.
    using Deadline = std::function<std::optional<Time>()>;

  private:
    struct Timer {
        Deadline deadline;
        Action tick;
    };

    ReplyBuffer* out_;
    std::vector<Action> on_init_;
    std::vector<Action> before_flush_;
    std::vector<Timer> timers_;

    template <class Run, class OnError>
    static void attempt(Run&& run, OnError&& on_error) {
        try {
            run();
        } catch (const std::exception& error) {
            on_error(error.what());
        } catch (...) {
            on_error("unknown exception");
        }
    }

  public:
    /// Makes an object without actions. `out` counts and logs exceptions, and must outlive this
    /// object.
    explicit Callbacks(ReplyBuffer& out) : out_(&out) {}

    /// Adds an action for run_on_init().
    void on_init(Action action) { on_init_.push_back(std::move(action)); }
    /// Adds an action for run_before_flush().
    void before_flush(Action action) { before_flush_.push_back(std::move(action)); }
    /// Adds a timer. run_due_timers() runs `tick` if the time that deadline() returns has passed.
    void add_timer(Deadline deadline, Action tick) {
        timers_.push_back({std::move(deadline), std::move(tick)});
    }

    /// Runs `action`. If it throws, counts and logs the exception.
    template <class Run>
    void run(Run&& action) {
        attempt(action, [this](const char* error) {
            out_->log().warn_throttled(out_->stats().failed_callbacks,
                                       std::string("callback failed: ") + error);
        });
    }
    /// Runs all actions of on_init(), in the order in which they were added.
    void run_on_init() {
        for (const Action& action : on_init_) run(action);
    }
    /// Runs the actions of before_flush(). If an action throws, calls halt(text) with the text of
    /// the exception. When the node has halted, runs no further action.
    template <class Halt>
    void run_before_flush(Halt&& halt) {
        for (const Action& action : before_flush_) {
            if (!out_->halted()) attempt(action, halt);
        }
    }
    /// Runs the timers that are due.
    void run_due_timers() {
        for (const Timer& timer : timers_) {
            const std::optional<Time> due = timer.deadline();
            if (due && *due <= out_->now()) run(timer.tick);
        }
    }
    /// Returns the earliest deadline of all timers, or nothing if no timer is scheduled.
    std::optional<Time> next_deadline() const {
        std::optional<Time> next;
        for (const Timer& timer : timers_) {
            const std::optional<Time> due = timer.deadline();
            if (due && (!next || *due < *next)) next = due;
        }
        return next;
    }
};

}  // namespace crdt::maelstrom
