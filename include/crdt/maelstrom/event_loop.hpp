// SPDX-License-Identifier: MIT
//! run: runs a Node on file descriptors, in one thread, with poll(2).
#pragma once

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <crdt/maelstrom/line_buffer.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/system/clock.hpp>

namespace crdt::maelstrom {

/// The length of the longest line that the loop accepts, in bytes. Longer lines are skipped.
inline constexpr std::size_t max_line = std::size_t{1} << 24U;

namespace detail {

/// Writes all of `bytes` to `fd`. Returns false on failure, for example if the other end is closed.
inline bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            pollfd writable{fd, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/// Returns how many milliseconds poll(2) may wait for `deadline`, at most 500. The number is
/// rounded up, so that poll(2) does not return before `deadline`.
inline int poll_timeout(std::optional<Time> deadline, Time now) {
    constexpr std::chrono::milliseconds longest{500};
    if (!deadline) return static_cast<int>(longest.count());
    if (*deadline <= now) return 0;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now);
    return static_cast<int>((std::min)(wait, longest).count());
}

/// Returns the capacity of the pipe `fd` in bytes, or 64 KiB if the capacity is smaller. A read of
/// this size empties a full pipe.
inline std::size_t capacity_of(int fd) {
    const int size = ::fcntl(fd, F_GETPIPE_SZ);
    return (std::max)(static_cast<std::size_t>((std::max)(size, 0)), std::size_t{1} << 16U);
}

/// Writes the pending output of `node` to `fd`. Returns false if the node has halted or the output
/// is closed.
inline bool flush(Node& node, int fd) {
    std::string& lines = node.output(system::monotonic_now);
    const bool written = write_all(fd, lines);
    lines.clear();
    return written && !node.halted();
}

}  // namespace detail

/// Runs `node` until `input` ends. Returns the exit code: 0, or 1 if the output was closed or the
/// node halted. All lines of one read are answered in one write.
///
/// The process can be stopped for a while, and the timeouts of its clients continue in that time.
/// So the loop must never assume that a line has arrived later than it really has. A read returns
/// all lines in the pipe. These lines may have arrived at any time since the previous poll, so the
/// time of that poll counts as their arrival. To keep this time recent, the loop polls at least
/// twice per second, even if nothing is due.
inline int run(Node& node, int input = STDIN_FILENO, int output = STDOUT_FILENO) {
    std::signal(SIGPIPE, SIG_IGN);
    LineBuffer lines(max_line);
    std::vector<char> chunk(detail::capacity_of(input));
    Time last_look = system::monotonic_now();
    for (bool open = true; open;) {
        const Time look = system::monotonic_now();
        node.tick(look);
        if (!detail::flush(node, output)) return 1;

        pollfd readable{input, POLLIN, 0};
        const int ready = ::poll(&readable, 1, detail::poll_timeout(node.next_deadline(), look));
        if (ready < 0) continue;
        const Time arrived = std::exchange(last_look, look);
        if (ready == 0) continue;
        const ssize_t count = ::read(input, chunk.data(), chunk.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        open = count > 0;
        const Time now = system::monotonic_now();
        const auto receive = [&](std::string_view line) { node.receive(line, now, arrived); };
        if (open) {
            lines.feed({chunk.data(), static_cast<std::size_t>(count)}, receive,
                       [&] { node.skip_line(); });
        } else {
            lines.finish(receive);
        }
    }
    return detail::flush(node, output) ? 0 : 1;
}

}  // namespace crdt::maelstrom
