// SPDX-License-Identifier: MIT
//! Frames over TCP between processes on one machine.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <crdt/codec/frame.hpp>
#include <crdt/system/decimal.hpp>

#include "../local_port.hpp"

/// A TCP connection that is used in one direction, for frames. Each frame begins with its length,
/// so next_frame() can split the received bytes into frames.
class Stream {
    int file_;
    std::string bytes_;  // received but not yet split into frames, or not yet sent

  public:
    explicit Stream(int file) : file_(file) { ::fcntl(file, F_SETFL, O_NONBLOCK); }
    Stream(Stream&& other) noexcept
        : file_(std::exchange(other.file_, -1)), bytes_(std::move(other.bytes_)) {}
    Stream& operator=(Stream&&) = delete;
    ~Stream() {
        if (file_ >= 0) ::close(file_);
    }
    int file() const { return file_; }
    std::size_t backlog() const { return bytes_.size(); }
    void queue(std::string_view frame) { bytes_ += frame; }

    /// Sends as many of the queued bytes as the kernel accepts. Returns false if the connection is
    /// broken.
    bool flush() {
        while (!bytes_.empty()) {
            const auto sent = ::send(file_, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
            if (sent < 0) return errno == EAGAIN;
            bytes_.erase(0, static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Receives the bytes that have arrived. Returns false if the connection has ended.
    bool fill() {
        char chunk[65536];
        const auto count = ::recv(file_, chunk, sizeof chunk, 0);
        if (count > 0) bytes_.append(chunk, static_cast<std::size_t>(count));
        return count > 0 || (count < 0 && errno == EAGAIN);
    }
    /// Removes the first frame from the received bytes and returns it, or returns nothing if the
    /// frame is not complete. If the length of the frame exceeds `limit`, throws std::length_error
    /// before any memory is allocated for the frame.
    std::optional<std::string> next_frame(std::size_t limit) {
        const auto length = crdt::frame::length(bytes_);
        if (length && (*length > limit || *length < crdt::frame::overhead))
            throw std::length_error("frame of " + std::to_string(*length) + " bytes");
        if (!length || bytes_.size() < *length) return std::nullopt;
        std::string frame = bytes_.substr(0, *length);
        bytes_.erase(0, *length);
        return frame;
    }
};

/// Sends frames to peers, over one connection for each peer. The first frame of a connection
/// contains the port of the sender.
class Network {
    static constexpr std::size_t frame_limit = std::size_t{1} << 20U;
    static constexpr std::size_t backlog_limit = std::size_t{1} << 22U;

    struct Incoming {
        Stream stream;
        std::optional<Port> from = {};
    };

    Port port_;
    std::uint64_t cluster_;
    Stream listener_{::socket(AF_INET, SOCK_STREAM, 0)};
    std::map<Port, Stream> outgoing_;
    std::vector<Incoming> incoming_;

    /// Returns the connection to a peer, or null if it cannot be made. Between processes of one
    /// machine, connect() does not block. In a network, use a non-blocking socket.
    Stream* connection(Port to) {
        if (const auto found = outgoing_.find(to); found != outgoing_.end()) return &found->second;
        const int file = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in there = address_of(to);
        const bool failed =
            ::connect(file, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0;
        Stream stream(file);  // closes the file in any case
        if (failed) return nullptr;
        stream.queue(crdt::frame::encode(std::to_string(port_), cluster_));
        return &outgoing_.emplace(to, std::move(stream)).first->second;
    }

    template <class Deliver>
    bool receive_from(Incoming& peer, Deliver& deliver) {
        const bool is_open = peer.stream.fill();
        while (const auto frame = peer.stream.next_frame(frame_limit)) {
            const auto payload = crdt::frame::decode(*frame, cluster_);
            if (!payload) return false;
            if (peer.from)
                deliver(*peer.from, *payload);
            else if (!(peer.from = crdt::system::decimal<Port>(*payload)))
                return false;
        }
        return is_open;
    }

  public:
    Network(Port port, std::uint64_t cluster) : port_(port), cluster_(cluster) {
        const int yes = 1;
        ::setsockopt(listener_.file(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const sockaddr_in here = address_of(port);
        if (::bind(listener_.file(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
            ::listen(listener_.file(), 16) != 0)
            throw std::system_error(errno, std::generic_category(), "port " + std::to_string(port));
    }

    /// Waits until standard input or a connection has input, or a connection can send queued bytes.
    /// Returns true if standard input has input.
    bool wait(int milliseconds) {
        std::vector<pollfd> files{{STDIN_FILENO, POLLIN, 0}, {listener_.file(), POLLIN, 0}};
        for (const Incoming& peer : incoming_) files.push_back({peer.stream.file(), POLLIN, 0});
        for (const auto& [to, stream] : outgoing_)
            if (stream.backlog() > 0) files.push_back({stream.file(), POLLOUT, 0});
        ::poll(files.data(), files.size(), milliseconds);
        return files.front().revents != 0;
    }

    /// Calls deliver(from, payload) for each frame that has arrived.
    template <class Deliver>
    void receive(Deliver deliver) {
        for (int file = 0; (file = ::accept(listener_.file(), nullptr, nullptr)) >= 0;)
            incoming_.push_back({Stream(file)});
        std::vector<Incoming> open;
        for (Incoming& peer : incoming_) {
            try {
                if (receive_from(peer, deliver)) open.push_back(std::move(peer));
            } catch (const std::length_error&) {  // not a peer: closes it
            }
        }
        incoming_ = std::move(open);
    }

    /// Sends a message. Drops it if too many bytes wait for the peer, so a peer that does not read
    /// costs about backlog_limit bytes. The replicator sends unacknowledged changes again.
    void send(Port to, std::string_view payload) {
        Stream* const stream = connection(to);
        if (!stream) return;
        if (stream->backlog() < backlog_limit)
            stream->queue(crdt::frame::encode(payload, cluster_));
        if (!stream->flush()) outgoing_.erase(to);
    }
    /// Sends the rest of queued messages.
    void flush() {
        for (auto peer = outgoing_.begin(); peer != outgoing_.end();)
            peer = peer->second.flush() ? std::next(peer) : outgoing_.erase(peer);
    }
};
