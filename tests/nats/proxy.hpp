// SPDX-License-Identifier: MIT
//! A proxy for a local port that can be partitioned.
#pragma once

#include <array>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server.hpp"

namespace support {

/// Forwards connections in a thread of its own. While it is partitioned, existing connections are
/// reset and new ones are refused.
class Proxy {
    using Link = std::pair<int, int>;

    Port port_, target_;
    std::atomic<bool> cut_{false}, ends_{false};
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
    /// Passes bytes on. Returns false if either end is closed.
    static bool pass(int from, int to) {
        std::array<char, 1 << 16> bytes;
        const ssize_t count = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
        return count > 0 &&
               ::send(to, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
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
            const bool is_open = (files[2 * i - 1].revents == 0 || pass(near, far)) &&
                                 (files[2 * i].revents == 0 || pass(far, near));
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
};

}  // namespace support
