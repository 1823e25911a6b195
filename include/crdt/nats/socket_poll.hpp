// SPDX-License-Identifier: MIT
//! SocketPoll: reads and writes the socket of a connection in the thread that owns the connection.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <thread>

#include <sys/epoll.h>
#include <unistd.h>

#include <crdt/nats/handle.hpp>

namespace crdt::nats::detail {

/// The event loop of one connection, as the C library needs it. The library calls attach() with
/// each new socket, after connecting and after reconnecting. Its other threads send pings and close
/// broken sockets.
///
/// Threads  receive() and send() are for the owner; the callbacks are for any thread
class SocketPoll {
    /// The socket, in an epoll set of its own. The set stays when the socket is replaced.
    int set_;
    std::atomic<int> socket_{-1};
    std::atomic<bool> has_output_{false}, awaits_room_{false};
    std::thread::id owner_ = std::this_thread::get_id();

  public:
    SocketPoll() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (set_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    }
    SocketPoll(const SocketPoll&) = delete;
    SocketPoll& operator=(const SocketPoll&) = delete;
    ~SocketPoll() { ::close(set_); }

    /// A file descriptor for poll(2). It is readable while receive() or send() has work.
    int file() const { return set_; }

    /// Makes the library use this loop. This object must outlive the connection.
    void use(natsOptions* settings) {
        expect_ok(
            natsOptions_SetEventLoop(settings, this, attach, watch_input, watch_output, detach),
            "NATS");
        // The library then starts no thread that flushes after 1 ms.
        expect_ok(natsOptions_SetSendAsap(settings, true), "NATS");
        expect_ok(natsOptions_SetIOBufSize(settings, read_size), "NATS");
    }

    /// Reads what has arrived, up to a limit, so that a flood does not stop the owner's other work.
    void receive(natsConnection* connection) {
        for (int reads = 0; reads < max_reads && has_input(); ++reads)
            natsConnection_ProcessReadEvent(connection);
    }
    /// Writes what was published. What the socket has no room for remains until it has.
    void send(natsConnection* connection) {
        if (!has_output_) return;
        natsConnection_ProcessWriteEvent(connection);
        if (has_output_ != awaits_room_) await_room(has_output_);
    }
    /// Returns whether published bytes wait for room in the socket.
    bool has_output() const { return has_output_; }

  private:
    /// With TLS it must be at least the 16 KiB of a record, since a rest inside the TLS library
    /// would not make the socket readable.
    static constexpr int read_size = 1 << 17;
    static constexpr int max_reads = 8;

    /// Also if the peer has closed the socket. The library must read to find that out.
    bool has_input() const {
        epoll_event event{};
        return ::epoll_wait(set_, &event, 1, 0) == 1 && (event.events & ~unsigned{EPOLLOUT}) != 0;
    }
    bool control(int operation, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        return ::epoll_ctl(set_, operation, socket_, &event) == 0;
    }
    void await_room(bool awaits) {
        awaits_room_ = awaits;
        control(EPOLL_CTL_MOD, awaits ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }

    static SocketPoll& self(void* data) { return *static_cast<SocketPoll*>(data); }

    static natsStatus attach(void** data, void* loop, natsConnection*, natsSock socket) {
        SocketPoll& me = self(*data = loop);
        me.socket_ = static_cast<int>(socket);
        me.has_output_ = me.awaits_room_ = false;
        return me.control(EPOLL_CTL_ADD, EPOLLIN) || me.control(EPOLL_CTL_MOD, EPOLLIN) ? NATS_OK
                                                                                        : NATS_ERR;
    }
    static natsStatus watch_input(void* data, bool is_watched) {
        SocketPoll& me = self(data);
        if (is_watched) return NATS_OK;  // since attach()
        me.control(EPOLL_CTL_DEL, 0);
        me.socket_ = -1;
        me.has_output_ = false;
        return NATS_OK;
    }
    /// The owner calls send() in its turn. For output of another thread the owner must wake up.
    static natsStatus watch_output(void* data, bool is_watched) {
        SocketPoll& me = self(data);
        me.has_output_ = is_watched;
        if (is_watched && std::this_thread::get_id() != me.owner_) me.await_room(true);
        return NATS_OK;
    }
    static natsStatus detach(void*) { return NATS_OK; }
};

}  // namespace crdt::nats::detail
