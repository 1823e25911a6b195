// SPDX-License-Identifier: MIT
//! A node's process: its pipes, its signals, its end.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace cluster {

/// What to run, and where.
struct Command {
    std::filesystem::path binary;
    std::vector<std::string> arguments;
    std::filesystem::path working_directory;
    std::filesystem::path log;  ///< where stderr is appended
};

/// A child with pipes on stdin and stdout that never block this side. Killed with its process
/// group when destroyed.
class Process {
    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string unsent_;
    std::string unread_;

    void flush();
    void close_output();

  public:
    /// Throws std::system_error if the process cannot be started.
    explicit Process(const Command& command);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Where to wait for output, -1 once it has ended.
    int output() const { return output_; }
    /// Where to wait for room, -1 if nothing is left to send.
    int blocked_input() const { return unsent_.empty() ? -1 : input_; }

    /// Sends bytes, keeping for later what the pipe does not take.
    void send(std::string_view bytes);
    /// Sends what was kept.
    void resume_sending() { flush(); }
    void close_input();

    /// Reads what is there and calls `on_line` for each whole line. A line longer than `max_line`
    /// is cut there and handed over as it is.
    void read_lines(const std::function<void(std::string_view)>& on_line);

    void signal(int number);

    /// How it ended, in words, once it has; asked again, nothing.
    std::optional<std::string> reap();

    static constexpr std::size_t max_line = std::size_t{64} << 20;
};

}  // namespace cluster
