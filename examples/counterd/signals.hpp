// SPDX-License-Identifier: MIT
//! Signals: SIGTERM and SIGINT, received by a file descriptor.
#pragma once

#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

namespace counterd {

/// Blocks SIGTERM and SIGINT and receives them by a file descriptor. Construct it before any thread
/// starts, so that all threads block these signals.
class Signals {
    int file_;

  public:
    Signals() {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        file_ = ::signalfd(-1, &signals, SFD_CLOEXEC);
        if (file_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
    }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals() { ::close(file_); }

    int file() const { return file_; }
    /// Reads one signal.
    void consume() const {
        signalfd_siginfo ignored;
        [[maybe_unused]] const auto size = ::read(file_, &ignored, sizeof ignored);
    }
};

}  // namespace counterd
