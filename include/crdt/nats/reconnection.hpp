// SPDX-License-Identifier: MIT
//! Reconnection: connects again, in a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <crdt/nats/connection_settings.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/system/fresh.hpp>

namespace crdt::nats::detail {

using ConnectionHandle = Handle<natsConnection, natsConnection_Destroy>;

/// Attempts to connect until a server accepts this client, or until two attempts in succession are
/// refused because of the user. Between attempts it pauses for 200 to 300 ms, so that the clients
/// of a server that comes back do not all connect at the same time.
///
/// Threads  the owner's; `connect` and `on_finished` run in the thread of this object
class Reconnection {
    std::function<ConnectionHandle()> connect_;
    std::function<void()> on_finished_;
    std::mutex mutex_;
    std::condition_variable ending_;
    bool ends_ = false, is_finished_ = false;
    ConnectionHandle made_;
    std::string refusal_;
    std::thread thread_;

    static std::chrono::milliseconds pause() {
        return std::chrono::milliseconds{reconnect_wait + system::fresh_number() % 100};
    }
    bool ends_within(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return ending_.wait_for(lock, time, [this] { return ends_; });
    }
    void finish(ConnectionHandle made, std::string refusal) {
        // First, since the owner must not wait after it has seen the result.
        on_finished_();
        const std::lock_guard lock(mutex_);
        made_ = std::move(made);
        refusal_ = std::move(refusal);
        is_finished_ = true;
    }
    void run() {
        for (int refusals = 0; refusals < 2;) {
            std::string refusal;
            try {
                return finish(connect_(), "");
            } catch (const NatsError& error) {
                if (error.status() == NATS_CONNECTION_AUTH_FAILED) refusal = error.what();
            } catch (const std::exception&) {
                // Without memory or threads, a later attempt may succeed.
            }
            refusals = refusal.empty() ? 0 : refusals + 1;
            if (refusals == 2) return finish(nullptr, refusal);
            if (ends_within(pause())) return;
        }
    }

  public:
    /// Starts. `connect` throws NatsError if it fails. Throws std::system_error if there is no
    /// thread.
    Reconnection(std::function<ConnectionHandle()> connect, std::function<void()> on_finished)
        : connect_(std::move(connect)),
          on_finished_(std::move(on_finished)),
          thread_([this] { run(); }) {}
    Reconnection(const Reconnection&) = delete;
    Reconnection& operator=(const Reconnection&) = delete;
    ~Reconnection() { stop(); }

    /// Whether a server has accepted or refused this client.
    bool is_finished() {
        const std::lock_guard lock(mutex_);
        return is_finished_;
    }
    /// Ends the attempts. Returns the connection, or null if there is none. Blocks while an attempt
    /// runs.
    ConnectionHandle stop() {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        ending_.notify_all();
        if (thread_.joinable()) thread_.join();
        return std::move(made_);
    }
    /// Why the servers refuse this client, or an empty text. Precondition: stop() was called.
    const std::string& refusal() const { return refusal_; }
};

}  // namespace crdt::nats::detail
