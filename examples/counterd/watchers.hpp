// SPDX-License-Identifier: MIT
//! Watchers: who is told of changes of counters.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <crdt/replication/options.hpp>

#include "request.hpp"

namespace counterd {

/// Which counters a client watches: these, or all whose names begin with the prefix.
struct Interest {
    std::string prefix{};
    std::optional<std::set<std::string>> names{};

    /// Those of `changed` that are watched.
    std::vector<std::string> among(const std::set<std::string>& changed) const {
        std::vector<std::string> found;
        if (names) {
            std::set_intersection(names->begin(), names->end(), changed.begin(), changed.end(),
                                  std::back_inserter(found));
        } else {
            for (auto name = changed.lower_bound(prefix);
                 name != changed.end() && name->starts_with(prefix); ++name)
                found.push_back(*name);
        }
        return found;
    }
};

/// Subjects that changes are published on, each until half a minute after it was last renewed.
/// Changes within a tenth of a second are told together.
class Watchers {
    using Time = crdt::replication::Time;
    static constexpr Time lifetime = 30'000 * crdt::replication::milliseconds;
    static constexpr Time pause = 100 * crdt::replication::milliseconds;

    struct Watch {
        Interest interest;
        Time until;
    };

    std::map<std::string, Watch> watches_;
    std::set<std::string> changed_;
    Time last_told_ = 0;

  public:
    static constexpr std::size_t most = 1000;
    /// Changes in a message.
    static constexpr std::ptrdiff_t most_changes = 500;

    std::size_t size() const { return watches_.size(); }
    /// Begins to tell, or goes on. Throws Error if there are too many.
    void renew(const std::string& subject, Interest interest, Time now) {
        if (watches_.size() >= most && !watches_.contains(subject))
            throw Error(ErrorCode::temporarily_unavailable, "too many watch already");
        watches_[subject] = {std::move(interest), now + lifetime};
    }
    void note(const std::string& name) {
        if (!watches_.empty()) changed_.insert(name);
    }

    std::optional<Time> next_deadline() const {
        return changed_.empty() ? std::nullopt : std::optional(last_told_ + pause);
    }
    /// Calls tell(subject, names), with no more than most_changes of them, for what is due.
    template <class Tell>
    void attend(Time now, Tell&& tell) {
        if (!next_deadline() || now < *next_deadline()) return;
        last_told_ = now;
        std::erase_if(watches_, [&](const auto& watch) { return watch.second.until < now; });
        const auto changed = std::exchange(changed_, {});
        for (const auto& [subject, watch] : watches_) {
            const auto names = watch.interest.among(changed);
            for (auto from = names.begin(); from != names.end();) {
                const auto to = from + std::min(names.end() - from, most_changes);
                tell(subject, std::vector(from, to));
                from = to;
            }
        }
    }
};

}  // namespace counterd
