// SPDX-License-Identifier: MIT
//! Terminal: reads single keys from standard input, and shows whole screens on standard output.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "screen.hpp"

/// Sets the terminal to raw mode: it sends each key immediately and does not show it. The
/// destructor restores the previous mode.
class Terminal {
    termios before_{};
    std::string shown_;

    static void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
            if (count < 0 && errno != EINTR) return;
            if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

  public:
    /// Throws std::system_error if standard input is not a terminal.
    Terminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0)
            throw std::system_error(errno, std::generic_category(), "standard input");
        termios raw = before_;
        ::cfmakeraw(&raw);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        std::signal(SIGWINCH, [](int) {});  // ends poll(), so that the new size is used
        write("\x1B[?1049h\x1B[?7l");       // a second screen, on which long lines do not wrap
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal() {
        write("\x1B[?7h\x1B[?1049l");
        ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }

    static bool is_available() { return ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO); }
    static Size size() {
        winsize size{};
        if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return {};
        return {size.ws_row, size.ws_col};
    }
    /// Shows `frame`, a result of Screen::frame().
    void show(const std::string& frame) {
        if (frame != shown_) write(shown_ = frame);
    }
};
