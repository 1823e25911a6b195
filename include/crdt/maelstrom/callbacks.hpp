// SPDX-License-Identifier: MIT
//! Callbacks: what an application has a node run, and when.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/maelstrom/reply_buffer.hpp>

namespace crdt::maelstrom {

/// Actions to be run after init, before lines are written, and when their time has come. Nothing
/// that one throws ends the node, unless it was to be run before lines are written: then it halts.
class Callbacks {
  public:
    /// What is run.
    using Action = std::function<void()>;
    /// When: none for not at all.
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
    /// `out`, which must outlive this, counts and logs errors.
    explicit Callbacks(ReplyBuffer& out) : out_(&out) {}

    /// To be run by run_on_init().
    void on_init(Action action) { on_init_.push_back(std::move(action)); }
    /// To be run by run_before_flush().
    void before_flush(Action action) { before_flush_.push_back(std::move(action)); }
    /// To be run by run_due_timers(), once `deadline` has come.
    void add_timer(Deadline deadline, Action tick) {
        timers_.push_back({std::move(deadline), std::move(tick)});
    }

    /// Runs an action; an exception is counted and logged.
    template <class Run>
    void run(Run&& action) {
        attempt(action, [this](const char* error) {
            out_->log().warn_throttled(out_->stats().failed_callbacks,
                                       std::string("callback failed: ") + error);
        });
    }
    /// Runs all of them, in the order in which they were added.
    void run_on_init() {
        for (const Action& action : on_init_) run(action);
    }
    /// Runs them until one throws; then it calls halt(what it threw).
    template <class Halt>
    void run_before_flush(Halt&& halt) {
        for (const Action& action : before_flush_) {
            if (!out_->halted()) attempt(action, halt);
        }
    }
    /// Runs those that are due.
    void run_due_timers() {
        for (const Timer& timer : timers_) {
            const std::optional<Time> due = timer.deadline();
            if (due && *due <= out_->now()) run(timer.tick);
        }
    }
    /// Of the first timer that is due.
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
