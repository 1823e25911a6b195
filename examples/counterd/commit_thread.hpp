// SPDX-License-Identifier: MIT
//! CommitThread: writes commits while the node continues.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace counterd {

/// A thread that writes one commit at a time. After a commit that has failed, there is no other.
///
/// Errors   the constructor throws std::system_error if the system has no thread
/// Threads  one thread, that of the owner
class CommitThread {
    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> write_, on_end_;
    std::exception_ptr error_;
    bool is_writing_ = false, is_over_ = false;
    std::thread thread_;

  public:
    /// For each commit, the thread calls `write`, and then `on_end`, which must not throw.
    CommitThread(std::function<void()> write, std::function<void()> on_end)
        : write_(std::move(write)), on_end_(std::move(on_end)), thread_([this] { run(); }) {}
    CommitThread(const CommitThread&) = delete;
    CommitThread& operator=(const CommitThread&) = delete;
    /// Blocks until the commit is written.
    ~CommitThread() {
        {
            const std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    /// Begins to write a commit. Precondition: wait() has returned since the last start().
    void start() {
        {
            const std::lock_guard lock(mutex_);
            is_writing_ = true;
        }
        changed_.notify_all();
    }
    bool is_writing() {
        const std::lock_guard lock(mutex_);
        return is_writing_;
    }
    /// Blocks until the commit is written. If `write` has thrown, each call throws the same.
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !is_writing_; });
        if (error_) std::rethrow_exception(error_);
    }

  private:
    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return is_writing_ || is_over_; });
            if (!is_writing_) return;
            lock.unlock();
            std::exception_ptr error;
            try {
                write_();
            } catch (...) {
                error = std::current_exception();
            }
            lock.lock();
            error_ = std::move(error);
            is_writing_ = false;
            changed_.notify_all();
            lock.unlock();
            on_end_();
            lock.lock();
        }
    }
};

}  // namespace counterd
