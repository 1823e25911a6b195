// SPDX-License-Identifier: MIT
//! A proxy for a local port that can be partitioned.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server.hpp"

namespace support {

/// Forwards connections in a thread of its own. While it is partitioned, existing connections are
/// reset and new ones are refused. It can also close connections amid what the target sends.
class Proxy {
    using Link = std::pair<int, int>;

    Port port_, target_;
    std::atomic<bool> cut_{false}, ends_{false};
    /// How many bytes of the target are still passed on; negative if there is no limit.
    std::atomic<std::int64_t> rest_{-1};
    /// At the limit, the connection stays open, but nothing follows.
    std::atomic<bool> stalls_{false};
    std::vector<Link> links_;
    int listener_ = -1;
    std::thread thread_;

    void listen() {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int yes = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const sockaddr_in address = loopback(port_);
        ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        ::listen(listener_, 16);
    }
    void close_all() {
        for (const auto& [near, far] : std::exchange(links_, {})) {
            ::close(near);
            ::close(far);
        }
        if (listener_ >= 0) ::close(std::exchange(listener_, -1));
    }
    void connect() {
        const int near = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(target_);
        ::connect(far, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        links_.emplace_back(near, far);
    }
    /// Passes bytes on, and returns their number. It is 0 if either end is closed.
    static std::size_t pass(int from, int to, std::size_t limit = 1 << 16) {
        std::array<char, 1 << 16> bytes;
        const ssize_t got = ::recv(from, bytes.data(), std::min(limit, bytes.size()), MSG_DONTWAIT);
        const auto count = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        return ::send(to, bytes.data(), count, MSG_NOSIGNAL) == got ? count : 0;
    }
    /// Passes bytes of the target on. Returns 0 also where the connection is to be closed. Then
    /// there is no limit.
    std::size_t pass_back(int from, int to) {
        const std::int64_t limit = rest_;
        if (limit < 0) return pass(from, to);
        if (limit == 0 && stalls_) return 1;
        const std::size_t count = pass(from, to, static_cast<std::size_t>(limit));
        const std::int64_t rest = limit - static_cast<std::int64_t>(count);
        rest_ = rest == 0 && !stalls_ ? -1 : rest;
        return rest == 0 && !stalls_ ? 0 : count;
    }
    void run_once() {
        if (listener_ < 0) listen();
        std::vector<pollfd> files{{listener_, POLLIN, 0}};
        for (const auto& [near, far] : links_) {
            files.push_back({near, POLLIN, 0});
            files.push_back({far, POLLIN, 0});
        }
        ::poll(files.data(), files.size(), 20);
        if (files[0].revents != 0) connect();
        for (std::size_t i = (files.size() - 1) / 2; i > 0; --i) {
            const auto [near, far] = links_[i - 1];
            const bool is_open = (files[2 * i - 1].revents == 0 || pass(near, far) > 0) &&
                                 (files[2 * i].revents == 0 || pass_back(far, near) > 0);
            if (is_open) continue;
            ::close(near);
            ::close(far);
            links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(i - 1));
        }
    }
    void run() {
        while (!ends_) {
            if (!cut_) {
                run_once();
                continue;
            }
            close_all();
            std::this_thread::sleep_for(5ms);
        }
        close_all();
    }

  public:
    Proxy(Port port, Port target) : port_(port), target_(target), thread_([this] { run(); }) {}
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;
    ~Proxy() {
        ends_ = true;
        thread_.join();
    }

    void cut(bool is_cut) { cut_ = is_cut; }
    /// Closes a connection after this number of further bytes of the target. Then there is no
    /// limit.
    void close_after(std::int64_t bytes) { rest_ = bytes; }
    /// Passes nothing on after this number of further bytes of the target, until go_on().
    void stall_after(std::int64_t bytes) {
        stalls_ = true;
        rest_ = bytes;
    }
    void go_on() {
        rest_ = -1;
        stalls_ = false;
    }
    bool has_closed() const { return rest_ < 0; }
};

}  // namespace support
