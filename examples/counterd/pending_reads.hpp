// SPDX-License-Identifier: MIT
//! PendingReads: reads that wait until the state of this node contains everything in their session.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <crdt/replication/time.hpp>

#include "counters.hpp"
#include "request.hpp"
#include "token.hpp"

namespace counterd {

/// The pending reads, by the name of their counter. Each has a deadline. If a counter has changed,
/// only the reads of this counter are checked again.
class PendingReads {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;
    static constexpr Time never = Time::max();

  public:
    /// A read request that waits.
    struct Read {
        std::optional<Kind> kind;
        Token token;
        std::string reply;
        Time until;
        /// The size of the request. The memory of the read is proportional to it.
        std::size_t bytes;
    };

    static constexpr std::size_t max_size = 4096;
    /// The limit of the total size of all reads, in bytes.
    static constexpr std::size_t max_bytes = std::size_t{1} << 21U;

    std::size_t size() const { return size_; }
    /// Adds a read. Throws Error if there are too many or they are too large.
    void enter(const std::string& name, Read read) {
        if (size_ >= max_size || read.bytes > max_bytes - bytes_)
            throw Error(ErrorCode::temporarily_unavailable,
                        "too many pending requests at this node");
        const Time until = read.until;
        const std::size_t bytes = read.bytes;
        by_name_[name].push_back(std::move(read));
        look_at_ = std::min(look_at_, until);
        bytes_ += bytes;
        ++size_;
    }
    /// Records that a counter has changed, so that the next poll() checks its reads again.
    void note(const std::string& name) {
        if (by_name_.contains(name)) changed_.insert(name);
    }
    /// Records that all counters may have changed.
    void note_all() {
        for (const auto& [name, reads] : by_name_) changed_.insert(name);
    }

    std::optional<Time> next_deadline() const {
        return size_ == 0 ? std::nullopt : std::optional(look_at_);
    }
    /// Checks the reads of counters that have changed since the last poll(). Calls answer(name,
    /// read) for each one that can now be answered, and give_up(read) for each read after its
    /// deadline. Removes these reads.
    template <class Answer, class GiveUp>
    void poll(Time now, const Counters& counters, Answer&& answer, GiveUp&& give_up) {
        for (const std::string& name : std::exchange(changed_, {})) {
            const Snapshot snapshot(counters, name);
            erase_if(name, [&](const Read& read) {
                if (!read.token.is_satisfied_by(snapshot)) return false;
                answer(name, read);
                return true;
            });
        }
        if (now < look_at_) return;
        look_at_ = never;
        for (auto entry = by_name_.begin(); entry != by_name_.end();) {
            const std::string name = (entry++)->first;
            erase_if(name, [&](const Read& read) {
                if (read.until > now) {
                    look_at_ = std::min(look_at_, read.until);
                    return false;
                }
                give_up(read);
                return true;
            });
        }
    }

  private:
    std::map<std::string, std::vector<Read>> by_name_;
    std::set<std::string> changed_;
    std::size_t size_ = 0, bytes_ = 0;
    /// When poll() must look for expired reads: at the earliest deadline, or before it.
    Time look_at_ = never;

    template <class Done>
    void erase_if(const std::string& name, Done&& done) {
        const auto reads = by_name_.find(name);
        if (reads == by_name_.end()) return;
        std::erase_if(reads->second, [&](const Read& read) {
            if (!done(read)) return false;
            bytes_ -= read.bytes;
            --size_;
            return true;
        });
        if (reads->second.empty()) by_name_.erase(reads);
    }
};

}  // namespace counterd
