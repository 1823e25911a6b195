// SPDX-License-Identifier: MIT
//! Measures how far reads lag behind acknowledged operations. This is convergence as clients
//! observe it.
#include "lag.hpp"

#include <algorithm>
#include <utility>

#include "stats.hpp"

namespace cluster {
namespace {

/// After a partition, reads count as connected only after this time.
constexpr Micros settling = 2'000'000;

/// The sum of acknowledged adds over time.
class RunningSum {
    struct Entry {
        Micros time;
        std::int64_t sum;
    };
    std::vector<Entry> entries_;

  public:
    void add(Micros time, std::int64_t delta) {
        entries_.push_back({time, (entries_.empty() ? 0 : entries_.back().sum) + delta});
    }

    /// The sum of all adds acknowledged by `time`.
    std::int64_t sum_at(Micros time) const {
        const auto after =
            std::upper_bound(entries_.begin(), entries_.end(), time,
                             [](Micros t, const Entry& entry) { return t < entry.time; });
        return after == entries_.begin() ? 0 : std::prev(after)->sum;
    }

    /// Returns the time when the sum first exceeded `bound`, if it did so by `time`.
    std::optional<Micros> first_above(std::int64_t bound, Micros time) const {
        const auto entry =
            std::upper_bound(entries_.begin(), entries_.end(), bound,
                             [](std::int64_t b, const Entry& e) { return b < e.sum; });
        if (entry == entries_.end() || entry->time > time) return std::nullopt;
        return entry->time;
    }
};

bool is_read(const Operation& operation) {
    return operation.type == "read" && operation.outcome == Outcome::ok;
}

std::vector<const Operation*> acknowledged_adds(const History& history) {
    std::vector<const Operation*> adds;
    for (const auto& operation : history.operations)
        if (operation.type != "read" && operation.outcome == Outcome::ok)
            adds.push_back(&operation);
    std::sort(adds.begin(), adds.end(),
              [](const auto* a, const auto* b) { return a->completed < b->completed; });
    return adds;
}

struct Element {
    Micros acknowledged;
    std::size_t value;
};

/// The adds in the order of their acknowledgement.
std::vector<Element> acknowledged_elements(const History& history) {
    std::vector<Element> elements;
    for (const Operation* add : acknowledged_adds(history))
        elements.push_back({add->completed, add->argument.get<std::size_t>()});
    return elements;
}

/// For each node, the adds that it acknowledged, and the adds that all other nodes acknowledged.
struct Totals {
    std::vector<RunningSum> own, others;

    explicit Totals(const History& history)
        : own(history.nodes.size()), others(history.nodes.size()) {
        for (const Operation* add : acknowledged_adds(history)) {
            const auto delta = add->argument.get<std::int64_t>();
            for (std::size_t node = 0; node < own.size(); ++node)
                (node == add->node ? own : others)[node].add(add->completed, delta);
        }
    }

    /// Returns the largest part of a value read at a node that can come from other nodes.
    std::int64_t foreign(const Operation& read) const {
        return read.result.get<std::int64_t>() - own[read.node].sum_at(read.invoked);
    }
};

bool near_partition(const History& history, const ReadLag& read) {
    return std::any_of(history.faults.begin(), history.faults.end(), [&](const auto& fault) {
        return read.invoked >= fault.start && read.invoked <= fault.stop + settling;
    });
}

std::vector<FaultPeriod> partitions(const History& history) {
    std::vector<FaultPeriod> found;
    for (const auto& fault : history.faults)
        if (fault.fault == Fault::partition) found.push_back(fault);
    return found;
}

/// Checks whether a read shows all adds that were acknowledged by a given time.
class Completeness {
    const Totals* totals_;
    std::vector<Element> elements_;

  public:
    Completeness(const History& history, const Totals* totals)
        : totals_(totals),
          elements_(totals == nullptr ? acknowledged_elements(history) : std::vector<Element>{}) {}

    bool holds(const Operation& read, Micros time) const {
        if (totals_ != nullptr)
            return totals_->others[read.node].sum_at(time) <= totals_->foreign(read);
        return std::all_of(elements_.begin(), elements_.end(), [&](const Element& element) {
            return element.acknowledged > time || read.seen->contains(element.value);
        });
    }
};

/// Returns the time when every node had answered a complete read that began between `from` and
/// `to`.
std::optional<Micros> all_complete(const History& history, const Completeness& completeness,
                                   Micros from, Micros to) {
    // Worker w reads node w modulo the number of nodes. If there are fewer workers than nodes, the
    // last nodes are never read.
    std::vector<bool> complete(std::min(history.workers, history.nodes.size()));
    std::size_t missing = complete.size();
    Micros last = from;
    for (const auto& read : history.operations) {
        const bool counts = is_read(read) && !read.final_read && read.invoked >= from &&
                            read.invoked < to && !complete[read.node];
        if (!counts || !completeness.holds(read, from)) continue;
        complete[read.node] = true;
        last = std::max(last, read.completed);
        if (--missing == 0) return last;
    }
    return std::nullopt;
}

bool only_grows(const Workload& workload) {
    return workload.kind == Kind::counter && workload.lowest >= 0;
}

json lags_json(const History& history) {
    std::vector<double> connected, all;
    for (const auto& read : counter_lags(history)) {
        const double ms = static_cast<double>(read.lag) / 1000;
        all.push_back(ms);
        if (!near_partition(history, read)) connected.push_back(ms);
    }
    return {{"lag_connected_ms", summary(std::move(connected))},
            {"lag_ms", summary(std::move(all))}};
}

json recoveries_json(const History& history, const Workload& workload) {
    json list = json::array();
    json longest;
    for (const auto& recovery : recoveries(history, workload)) {
        const json took = recovery.took ? json(seconds(*recovery.took)) : json();
        list.push_back({{"healed_s", seconds(recovery.healed)}, {"took_s", took}});
        if (!took.is_null() && (longest.is_null() || took > longest)) longest = took;
    }
    return {{"each", list}, {"max_s", longest}};
}

}  // namespace

std::vector<ReadLag> counter_lags(const History& history) {
    const Totals totals(history);
    std::vector<ReadLag> lags;
    for (const auto& read : history.operations) {
        if (!is_read(read)) continue;
        const auto unseen =
            totals.others[read.node].first_above(totals.foreign(read), read.invoked);
        lags.push_back({read.invoked, read.node, unseen ? read.invoked - *unseen : 0});
    }
    return lags;
}

std::vector<double> stable_latencies_ms(const History& history) {
    const auto elements = acknowledged_elements(history);
    std::vector<Micros> last_absent(elements.size());
    for (const auto& read : history.operations) {
        if (!is_read(read)) continue;
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (elements[i].acknowledged >= read.invoked) break;
            if (!read.seen->contains(elements[i].value)) last_absent[i] = read.invoked;
        }
    }
    std::vector<double> latencies;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        const auto missing = std::max<Micros>(last_absent[i] - elements[i].acknowledged, 0);
        latencies.push_back(static_cast<double>(missing) / 1000);
    }
    return latencies;
}

std::vector<Recovery> recoveries(const History& history, const Workload& workload) {
    if (workload.kind != Kind::set && !only_grows(workload)) return {};
    std::optional<Totals> totals;
    if (workload.kind == Kind::counter) totals.emplace(history);
    const Completeness completeness(history, totals ? &*totals : nullptr);

    const auto cuts = partitions(history);
    std::vector<Recovery> found;
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        const Micros healed = cuts[i].stop;
        const Micros until = i + 1 < cuts.size() ? cuts[i + 1].start : history.ended;
        const auto done = all_complete(history, completeness, healed, until);
        found.push_back({healed, done ? std::optional(*done - healed) : std::nullopt});
    }
    return found;
}

json convergence(const History& history, const Workload& workload) {
    if (workload.kind == Kind::set)
        return {{"stable_latency_ms", summary(stable_latencies_ms(history))},
                {"after_heal", recoveries_json(history, workload)}};
    if (!only_grows(workload)) return nullptr;
    json result = lags_json(history);
    result["after_heal"] = recoveries_json(history, workload);
    return result;
}

}  // namespace cluster
