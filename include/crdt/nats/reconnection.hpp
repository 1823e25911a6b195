// SPDX-License-Identifier: MIT
//! Reconnection: connects to a server again, in a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <crdt/nats/connection_settings.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/random.hpp>
#include <crdt/system/clock.hpp>

namespace crdt::nats::detail {

using ConnectionHandle = Handle<natsConnection, natsConnection_Destroy>;

/// Attempts to connect to the servers in rounds. A round is one attempt per server, in random
/// order. The attempts end when a server accepts this client, or when servers have refused its user
/// in two rounds in succession. Between rounds there is a pause of 200 to 300 ms. Its length is
/// random, so that the clients of a server that restarts do not all connect at the same time.
///
/// Threads  one thread, that of the owner; the functions of Actions run in the thread of this
///          object
class Reconnection {
  public:
    /// The functions of the owner that this object calls.
    struct Actions {
        /// Connects to the server with this number and returns the connection. Throws NatsError on
        /// failure.
        std::function<ConnectionHandle(std::size_t)> connect;
        /// Reports the reason why an attempt failed. Is called once for each different reason.
        std::function<void(const std::string&)> report;
        /// Wakes the owner, because is_finished() has become true. Must not throw.
        std::function<void()> wake;
    };

  private:
    Actions actions_;
    std::vector<std::size_t> servers_;
    /// The seed is the clock, because clients on different machines have different clocks.
    Random random_{static_cast<std::uint64_t>(system::monotonic_now().time_since_epoch().count())};
    bool pauses_;
    std::mutex mutex_;
    std::condition_variable ending_;
    bool ends_ = false, is_finished_ = false;
    ConnectionHandle made_;
    std::string refusal_;
    std::set<std::string> failures_;
    std::thread thread_;

    bool ends_within(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return ending_.wait_for(lock, time, [this] { return ends_; });
    }
    void finish(ConnectionHandle made) {
        const std::lock_guard lock(mutex_);
        made_ = std::move(made);
        is_finished_ = true;
        actions_.wake();
    }
    ConnectionHandle connect(std::size_t server) {
        try {
            return actions_.connect(server);
        } catch (const NatsError& error) {
            if (error.status() == NATS_CONNECTION_AUTH_FAILED) refusal_ = error.what();
            if (failures_.insert(error.what()).second) actions_.report(error.what());
        }
        return nullptr;
    }
    /// Runs one round. Returns false if the attempts have ended.
    bool run_round() {
        for (std::size_t i = servers_.size() - 1; i > 0; --i)
            std::swap(servers_[i], servers_[random_.below(i + 1)]);
        for (const std::size_t server : servers_) {
            if (ends_within({})) return false;
            if (ConnectionHandle made = connect(server)) return finish(std::move(made)), false;
        }
        return true;
    }
    void run() {
        for (int refusals = 0;;) {
            if (std::exchange(pauses_, true) &&
                ends_within(std::chrono::milliseconds{
                    reconnect_wait + static_cast<std::int64_t>(random_.below(100))}))
                return;
            refusal_.clear();
            try {
                if (!run_round()) return;
            } catch (const std::exception&) {
                // If the system is out of memory or threads, a later attempt may succeed.
            }
            refusals = refusal_.empty() ? 0 : refusals + 1;
            if (refusals == 2) return finish(nullptr);
        }
    }

  public:
    /// Starts a thread with attempts to connect to the servers 0 to `servers` - 1. If `pauses`,
    /// begins with a pause. Throws std::system_error if no thread can be made. Precondition:
    /// `servers` > 0.
    Reconnection(Actions actions, std::size_t servers, bool pauses)
        : actions_(std::move(actions)), servers_(servers), pauses_(pauses) {
        for (std::size_t i = 0; i < servers; ++i) servers_[i] = i;
        thread_ = std::thread([this] { run(); });
    }
    Reconnection(const Reconnection&) = delete;
    Reconnection& operator=(const Reconnection&) = delete;
    ~Reconnection() { stop(); }

    /// Have the attempts ended, because a server has accepted this client or servers have refused
    /// it?
    bool is_finished() {
        const std::lock_guard lock(mutex_);
        return is_finished_;
    }
    /// Ends the attempts. Returns the connection that was made, or null if none was made. If an
    /// attempt is running, blocks until it ends, for up to 2 s.
    ConnectionHandle stop() {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        ending_.notify_all();
        if (thread_.joinable()) thread_.join();
        return std::move(made_);
    }
    /// Returns why the servers refuse this client. Precondition: stop() has returned null, and
    /// is_finished() is true.
    const std::string& refusal() const { return refusal_; }
};

}  // namespace crdt::nats::detail
