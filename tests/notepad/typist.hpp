// SPDX-License-Identifier: MIT
//! Typist: a program on a terminal of its own. A test presses the keys.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "display.hpp"

namespace notepad_tests {

/// Starts a program on a pseudo-terminal. The destructor kills it.
class Typist {
    static constexpr std::size_t at_once = 256;

    int terminal_ = -1;
    pid_t pid_ = -1;

    static winsize to_winsize(const Size& size) {
        return {static_cast<unsigned short>(size.rows), static_cast<unsigned short>(size.columns),
                0, 0};
    }
    /// Receives what the program shows within `milliseconds`. Returns false if it shows nothing.
    bool receive(int milliseconds) {
        pollfd file{terminal_, POLLIN, 0};
        if (::poll(&file, 1, milliseconds) <= 0) return false;
        char bytes[4096];
        const auto count = ::read(terminal_, bytes, sizeof bytes);
        if (count > 0) display.receive({bytes, static_cast<std::size_t>(count)});
        return count > 0;
    }

  public:
    Display display;

    Typist(const std::vector<std::string>& command, const Size& size) : display(size) {
        winsize window = to_winsize(size);
        pid_ = ::forkpty(&terminal_, nullptr, nullptr, &window);
        if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
        if (pid_ == 0) {
            std::vector<char*> words;
            for (const std::string& word : command)
                words.push_back(const_cast<char*>(word.c_str()));
            words.push_back(nullptr);
            ::execv(words[0], words.data());
            ::_exit(127);
        }
    }
    Typist(const Typist&) = delete;
    Typist& operator=(const Typist&) = delete;
    ~Typist() {
        if (pid_ > 0) ::kill(pid_, SIGKILL), ::waitpid(pid_, nullptr, 0);
        ::close(terminal_);
    }

    void type(std::string_view keys) {
        for (; !keys.empty(); keys.remove_prefix(std::min(keys.size(), at_once))) {
            const std::string_view some = keys.substr(0, at_once);
            if (::write(terminal_, some.data(), some.size()) != static_cast<ssize_t>(some.size()))
                throw std::system_error(errno, std::generic_category(), "write to the terminal");
            // The program waits while nobody receives what it shows.
            while (receive(0)) {
            }
        }
    }
    void send_signal(int number) const { ::kill(pid_, number); }
    void resize(const Size& size) {
        display = Display(size);
        const winsize window = to_winsize(size);
        ::ioctl(terminal_, TIOCSWINSZ, &window);
    }
    /// Does the terminal show each line while it is typed, as for a shell?
    bool edits_lines() const {
        termios settings{};
        ::tcgetattr(terminal_, &settings);
        return (settings.c_lflag & ICANON) != 0 && (settings.c_lflag & ECHO) != 0;
    }
    /// Waits until condition() is true, for at most ten seconds. Returns what it is then.
    template <class Condition>
    bool wait_until(Condition&& condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        bool holds = condition();
        while (!holds && std::chrono::steady_clock::now() < end) {
            receive(50);
            holds = condition();
        }
        return holds;
    }
    /// Returns the text that is shown, once that is `text`, or after ten seconds.
    std::string text_after(std::string_view text) {
        wait_until([&] { return display.text() == text; });
        return display.text();
    }
    /// Waits for the end of the program, for at most ten seconds. Returns its exit code, or -1.
    int exit_code() {
        int status = -1;
        if (!wait_until([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) return -1;
        while (receive(0)) {
        }
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
};

}  // namespace notepad_tests
