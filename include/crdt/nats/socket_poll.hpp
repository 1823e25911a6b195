// SPDX-License-Identifier: MIT
//! SocketPoll: reads and writes the socket of a connection in the thread that owns the connection.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <crdt/nats/handle.hpp>
#include <crdt/system/clock.hpp>

namespace crdt::nats::detail {

/// The event loop of one connection at a time, in the form that the C library supports. The library
/// calls attach() with the socket of each new connection. Threads of the library still send pings
/// and close broken sockets.
///
/// Threads  only the thread of the owner calls receive() and send(); any thread may call wake() and
///          the callbacks
class SocketPoll {
    /// set_ is an epoll set that contains the socket and the eventfd waking_. The set stays the
    /// same when the socket is replaced.
    int set_, waking_;
    std::atomic<int> socket_{-1};
    std::atomic<bool> has_output_{false}, awaits_room_{false};
    std::atomic<std::thread::id> owner_{};
    bool is_tls_;
    int low_water_ = 1;

  public:
    explicit SocketPoll(bool is_tls)
        : set_(::epoll_create1(EPOLL_CLOEXEC)),
          waking_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          is_tls_(is_tls) {
        if (set_ >= 0 && waking_ >= 0 && control(waking_, EPOLL_CTL_ADD, EPOLLIN)) return;
        const int error = errno;
        close_all();
        throw std::system_error(error, std::generic_category(), "the event loop of NATS");
    }
    SocketPoll(const SocketPoll&) = delete;
    SocketPoll& operator=(const SocketPoll&) = delete;
    ~SocketPoll() { close_all(); }

    /// Returns a file descriptor for poll(2). The descriptor is readable while receive() has work.
    /// If output waits for room in the socket, the descriptor is also readable when there is room.
    int file() const { return set_; }
    /// Makes file() readable until acknowledge() is called.
    void wake() { ::eventfd_write(waking_, 1); }
    /// Ends the effect of wake().
    void acknowledge() {
        eventfd_t count = 0;
        ::eventfd_read(waking_, &count);
    }

    /// Makes the library use this loop for a connection with `settings`. This object must outlive
    /// the connection.
    void use(natsOptions* settings) {
        expect_ok(
            natsOptions_SetEventLoop(settings, this, attach, watch_input, watch_output, detach),
            "NATS");
        // With this option the library does not start the thread that flushes after 1 ms.
        expect_ok(natsOptions_SetSendAsap(settings, true), "NATS");
        expect_ok(natsOptions_SetIOBufSize(settings, read_size), "NATS");
    }

    /// Reads the bytes that have arrived, for a limited time, so that a flood of messages does not
    /// stop the other work of the owner. In this time it can read several MiB. This is necessary,
    /// because the replies to pings may arrive behind that many bytes.
    void receive(natsConnection* connection) {
        owner_ = std::this_thread::get_id();
        const auto end = system::monotonic_now() + max_time;
        for (int reads = 0; reads < min_reads || system::monotonic_now() < end; ++reads) {
            const std::uint32_t events = ready();
            // When the library reads the end of the input, it drops the messages in its queues. So
            // if this call has read messages, it returns before the end, and the owner takes the
            // messages first.
            if (events == 0 || (reads > 0 && (events & at_end) != 0)) return;
            if (is_tls_ && (events & at_end) == 0 && !has_record()) return;
            natsConnection_ProcessReadEvent(connection);
        }
    }
    /// Writes the published messages. If the socket has no room for all, the rest is written by a
    /// later call, when the socket has room.
    void send(natsConnection* connection) {
        if (!has_output_) return;
        natsConnection_ProcessWriteEvent(connection);
        if (has_output_ != awaits_room_) await_room(has_output_);
    }
    /// Are there published bytes that are not written yet?
    bool has_output() const { return has_output_; }

  private:
    /// The size of a read. With TLS it must be at least 16 KiB, the size of a record. Otherwise the
    /// rest of a record would stay inside the TLS library, and would not make the socket readable.
    static constexpr int read_size = 1 << 17;
    static constexpr int min_reads = 8;
    static constexpr std::chrono::milliseconds max_time{4};
    static constexpr std::uint32_t input = EPOLLIN | EPOLLRDHUP,
                                   at_end = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

    void close_all() {
        if (set_ >= 0) ::close(set_);
        if (waking_ >= 0) ::close(waking_);
    }
    /// Returns the events of the socket, without EPOLLOUT. If the peer has closed the socket, the
    /// library detects this only when it reads. So the result includes the events of such a socket.
    std::uint32_t ready() const {
        std::array<epoll_event, 2> events{};
        const int count = ::epoll_wait(set_, events.data(), static_cast<int>(events.size()), 0);
        for (std::size_t i = 0; i < static_cast<std::size_t>((std::max)(count, 0)); ++i)
            if (events[i].data.fd != waking_) return events[i].events & ~std::uint32_t{EPOLLOUT};
        return 0;
    }
    /// Has a whole record of TLS arrived? If only a part has arrived, makes the socket readable
    /// only when the record is complete. The library must not read earlier, because it would block
    /// until the rest of the record arrives. If the peer has disappeared, it would block forever.
    bool has_record() {
        constexpr int header_size = 5;
        std::array<unsigned char, header_size> header{};
        if (::recv(socket_, header.data(), header.size(), MSG_PEEK | MSG_DONTWAIT) < 1) return true;
        int available = 0;
        ::ioctl(socket_, FIONREAD, &available);
        const int size =
            available < header_size ? header_size : header_size + header[3] * 256 + header[4];
        const bool is_whole = available >= header_size && available >= size;
        const int wanted = is_whole ? 1 : size;
        if (std::exchange(low_water_, wanted) != wanted)
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVLOWAT, &wanted, sizeof wanted);
        return is_whole;
    }
    bool control(int file, int operation, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.fd = file;
        return ::epoll_ctl(set_, operation, file, &event) == 0;
    }
    void await_room(bool awaits) {
        awaits_room_ = awaits;
        control(socket_, EPOLL_CTL_MOD, awaits ? input | EPOLLOUT : input);
    }

    static SocketPoll& self(void* data) { return *static_cast<SocketPoll*>(data); }

    static natsStatus attach(void** data, void* loop, natsConnection*, natsSock socket) {
        SocketPoll& me = self(*data = loop);
        me.socket_ = static_cast<int>(socket);
        me.has_output_ = me.awaits_room_ = false;
        me.low_water_ = 1;
        return me.control(me.socket_, EPOLL_CTL_ADD, input) ? NATS_OK : NATS_ERR;
    }
    static natsStatus watch_input(void* data, bool is_watched) {
        SocketPoll& me = self(data);
        if (is_watched) return NATS_OK;  // attach() has begun it
        me.control(me.socket_, EPOLL_CTL_DEL, 0);
        me.socket_ = -1;
        me.has_output_ = false;
        return NATS_OK;
    }
    /// Records whether the library has output. If the owner has made the output, the owner also
    /// calls send(). If another thread has made it, makes file() readable, so that the owner wakes
    /// up.
    static natsStatus watch_output(void* data, bool is_watched) {
        SocketPoll& me = self(data);
        me.has_output_ = is_watched;
        if (is_watched && std::this_thread::get_id() != me.owner_) me.await_room(true);
        return NATS_OK;
    }
    static natsStatus detach(void*) { return NATS_OK; }
};

}  // namespace crdt::nats::detail
