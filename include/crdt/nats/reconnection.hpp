// SPDX-License-Identifier: MIT
//! Reconnection: connects again, in a thread of its own.
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

/// Attempts to connect to the servers, one after the other in random order, until one accepts this
/// client, or until it was refused in two rounds in succession because of its user. Between rounds
/// it pauses for 200 to 300 ms, so that the clients of a server that comes back do not all connect
/// at the same time.
///
/// Threads  the owner's; the functions of Actions run in the thread of this object
class Reconnection {
  public:
    /// What the owner does for this object.
    struct Actions {
        /// Connects to a server, given by its number. Throws NatsError if that fails.
        std::function<ConnectionHandle(std::size_t)> connect;
        /// An attempt failed for this reason. Each reason is reported once.
        std::function<void(const std::string&)> report;
        /// is_finished() has become true. Must not throw.
        std::function<void()> wake;
    };

  private:
    Actions actions_;
    std::vector<std::size_t> servers_;
    /// Clients on different machines have different clocks.
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
    /// Tries each server. Returns false if that is the end.
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
                // Without memory or threads, a later attempt may succeed.
            }
            refusals = refusal_.empty() ? 0 : refusals + 1;
            if (refusals == 2) return finish(nullptr);
        }
    }

  public:
    /// Starts, with a pause if `pauses`. There are `servers` of them, at least one. Throws
    /// std::system_error if there is no thread.
    Reconnection(Actions actions, std::size_t servers, bool pauses)
        : actions_(std::move(actions)), servers_(servers), pauses_(pauses) {
        for (std::size_t i = 0; i < servers; ++i) servers_[i] = i;
        thread_ = std::thread([this] { run(); });
    }
    Reconnection(const Reconnection&) = delete;
    Reconnection& operator=(const Reconnection&) = delete;
    ~Reconnection() { stop(); }

    /// Whether a server has accepted or refused this client.
    bool is_finished() {
        const std::lock_guard lock(mutex_);
        return is_finished_;
    }
    /// Ends the attempts. Returns the connection, or null if there is none. Blocks while an attempt
    /// runs, which takes up to 2 s.
    ConnectionHandle stop() {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        ending_.notify_all();
        if (thread_.joinable()) thread_.join();
        return std::move(made_);
    }
    /// Why the servers refuse this client. Precondition: stop() has returned null, and
    /// is_finished().
    const std::string& refusal() const { return refusal_; }
};

}  // namespace crdt::nats::detail
