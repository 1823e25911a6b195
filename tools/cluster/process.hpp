// SPDX-License-Identifier: MIT
//! The process of a node: pipes, signals and exit.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace cluster {

/// A command, its folder and its log.
struct Command {
    std::filesystem::path binary;
    std::vector<std::string> arguments;
    std::filesystem::path working_directory;
    std::filesystem::path log;  ///< stderr is appended to it
};

/// A child with pipes on stdin and stdout that never block the parent. The destructor kills its
/// process group.
class Process {
    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string unsent_;
    std::string unread_;

    void flush();
    void close_output();

  public:
    /// Throws std::system_error if the process cannot start.
    explicit Process(const Command& command);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Returns the file descriptor of the output, or -1 after the end of the output.
    int output() const { return output_; }
    /// Returns the file descriptor to wait on until it can be written, or -1 if nothing is left to
    /// send.
    int blocked_input() const { return unsent_.empty() ? -1 : input_; }

    /// Sends bytes, and buffers the bytes that the pipe does not accept.
    void send(std::string_view bytes);
    /// Sends buffered bytes.
    void resume_sending() { flush(); }
    void close_input();

    /// Reads available output and calls `on_line` for each complete line. A line longer than
    /// `max_line` is passed on in part.
    void read_lines(const std::function<void(std::string_view)>& on_line);

    void signal(int number);

    /// If the child has ended, returns in words how it ended. Later calls return nothing.
    std::optional<std::string> reap();

    static constexpr std::size_t max_line = std::size_t{64} << 20;
};

}  // namespace cluster
