// SPDX-License-Identifier: MIT
//! Watchers: the clients that watch counters, and the reports that are sent to them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/replication/time.hpp>

#include "answers.hpp"
#include "counters.hpp"
#include "request.hpp"

namespace counterd {

/// The counters that a client watches: those in `names`, or if there are no names, all counters
/// with the prefix. If `kind` is set, only counters of this kind.
struct Interest {
    std::string prefix{};
    std::optional<std::set<std::string>> names{};
    std::optional<Kind> kind{};

    std::size_t bytes() const {
        constexpr std::size_t each = 128;
        std::size_t sum = each + prefix.size();
        if (names)
            for (const std::string& name : *names) sum += each + name.size();
        return sum;
    }
    friend bool operator==(const Interest&, const Interest&) = default;
};

/// The watches of clients. Each has a subject on which changes are published. A watch ends 30 s
/// after its last renewal. Changes within 100 ms are reported together, and several changes of one
/// counter are reported as one. The total size of the reports in 100 ms is limited. The other
/// changes are reported later.
///
/// Cost    per changed counter, its own reports only
class Watchers {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;
    static constexpr Duration lifetime = std::chrono::milliseconds{30'000};
    static constexpr Duration pause = std::chrono::milliseconds{100};

    struct Watch {
        Interest interest{};
        Time until{};
        std::size_t bytes = 0;
    };
    /// The watches by subject.
    using Watches = std::map<std::string, Watch>;
    using Index = std::map<std::string, std::vector<const Watches::value_type*>, std::less<>>;

    Watches watches_;
    Index by_name_, by_prefix_;
    /// For each length, the number of prefixes that have this length.
    std::map<std::size_t, std::size_t> lengths_;
    std::size_t bytes_ = 0;
    std::set<CounterKey> changed_;
    /// The key where the last poll() stopped.
    CounterKey resume_at_{};
    Time last_report_{};

  public:
    static constexpr std::size_t max_size = 1000;
    /// The limit of the total size of all subjects, names and prefixes.
    static constexpr std::size_t max_bytes = std::size_t{1} << 24U;
    /// The limit of the total size of all reports in 100 ms.
    static constexpr std::size_t max_report_bytes = std::size_t{1} << 20U;

    std::size_t size() const { return watches_.size(); }
    /// Begins or renews a watch. Throws Error if there are too many watches, or if their names and
    /// prefixes are too large.
    void renew(const std::string& subject, Interest interest, Time now) {
        const auto watch = watches_.find(subject);
        const std::size_t before = watch == watches_.end() ? 0 : watch->second.bytes;
        const std::size_t bytes = subject.size() + interest.bytes();
        if ((watch == watches_.end() && size() >= max_size) || bytes_ - before + bytes > max_bytes)
            throw Error(ErrorCode::temporarily_unavailable, "too many watches at this node");
        if (watch != watches_.end() && watch->second.interest == interest)
            return void(watch->second.until = now + lifetime);
        if (watch != watches_.end()) erase(watch);
        const auto entry =
            watches_.emplace(subject, Watch{std::move(interest), now + lifetime, bytes}).first;
        bytes_ += bytes;
        for_each_place(entry->second.interest, [&](Index& index, const std::string& text) {
            auto& watching = index[text];
            if (&index == &by_prefix_ && watching.empty()) ++lengths_[text.size()];
            watching.push_back(&*entry);
        });
    }
    void note(const CounterKey& key) {
        if (!watches_.empty()) changed_.insert(key);
    }

    std::optional<Time> next_deadline() const {
        return changed_.empty() ? std::nullopt : std::optional(last_report_ + pause);
    }
    /// Sends all reports that are due by calling send(subject, entries). compose(key) must return
    /// the entry of a counter.
    template <class Compose, class Send>
    void poll(Time now, std::size_t max_payload, Compose&& compose, Send&& send) {
        if (!next_deadline() || now < *next_deadline()) return;
        last_report_ = now;
        for (auto watch = watches_.begin(); watch != watches_.end();) {
            const auto next = std::next(watch);
            if (watch->second.until < now) erase(watch);
            watch = next;
        }
        if (watches_.empty()) return changed_.clear();
        std::map<const std::string*, Entries> reports;
        std::size_t sent_bytes = 0;
        auto next = changed_.lower_bound(resume_at_);
        while (!changed_.empty() && sent_bytes < max_report_bytes) {
            if (next == changed_.end()) next = changed_.begin();
            std::optional<std::string> entry;
            sent_bytes += look_up_cost + lengths_.size() * look_up_cost;
            for_each_watching(*next, [&](const std::string& subject) {
                if (!entry) entry = compose(*next);
                Entries& report = reports.try_emplace(&subject, max_payload).first->second;
                if (!report.add(*entry)) {
                    send(subject, std::exchange(report, Entries(max_payload)));
                    report.add(*entry);
                }
                sent_bytes += entry->size();
            });
            next = changed_.erase(next);
        }
        resume_at_ = next == changed_.end() ? CounterKey{} : *next;
        for (const auto& [subject, report] : reports) send(*subject, report);
    }

  private:
    /// The cost of a look-up of a counter, in bytes: to compose this many bytes of reports takes as
    /// long.
    static constexpr std::size_t look_up_cost = 16;

    template <class Visit>
    void for_each_place(const Interest& interest, Visit&& visit) {
        if (!interest.names) return visit(by_prefix_, interest.prefix);
        for (const std::string& name : *interest.names) visit(by_name_, name);
    }
    void erase(Watches::iterator watch) {
        for_each_place(watch->second.interest, [&](Index& index, const std::string& text) {
            const auto place = index.find(text);
            if (place == index.end()) return;  // memory ran out in renew()
            std::erase(place->second, &*watch);
            if (!place->second.empty()) return;
            index.erase(place);
            const auto length = lengths_.find(text.size());
            if (&index == &by_prefix_ && length != lengths_.end() && --length->second == 0)
                lengths_.erase(length);
        });
        bytes_ -= watch->second.bytes;
        watches_.erase(watch);
    }
    /// Calls visit(subject) for each subject that watches the counter.
    template <class Visit>
    void for_each_watching(const CounterKey& key, Visit&& visit) const {
        const auto visit_at = [&](const Index& index, std::string_view text) {
            const auto place = index.find(text);
            if (place == index.end()) return;
            for (const auto* watch : place->second) {
                const auto& kind = watch->second.interest.kind;
                if (!kind || *kind == key.kind) visit(watch->first);
            }
        };
        visit_at(by_name_, key.name);
        for (const auto& [length, count] : lengths_)
            if (length <= key.name.size())
                visit_at(by_prefix_, std::string_view(key.name).substr(0, length));
    }
};

}  // namespace counterd
