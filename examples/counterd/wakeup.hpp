// SPDX-License-Identifier: MIT
//! Wakeup: lets a thread end the wait of another.
#pragma once

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace counterd {

/// A file descriptor for poll(2) that any thread can make readable.
class Wakeup {
    int file_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

  public:
    Wakeup() {
        if (file_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;
    ~Wakeup() { ::close(file_); }

    int file() const { return file_; }
    /// Makes the file readable. Any thread may call this function.
    void wake() const { ::eventfd_write(file_, 1); }
    /// Ends the effect of wake().
    void acknowledge() const {
        eventfd_t count = 0;
        ::eventfd_read(file_, &count);
    }
};

}  // namespace counterd
