// SPDX-License-Identifier: MIT
//! Checkers: they decide whether a run was valid. For an invalid run they give all reasons.
#include "checker.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace cluster {
namespace {

constexpr std::size_t shown_items = 10;
constexpr std::size_t shown_reasons = 50;

/// Returns a count and a list, such as "3 (7, 8, 9)". A long list is cut off.
template <class Items>
std::string counted(const Items& items) {
    std::string text = std::to_string(items.size()) + " (";
    std::size_t shown = 0;
    for (const auto& item : items) {
        if (shown == shown_items) return text + ", ...)";
        text += (shown++ == 0 ? "" : ", ") + json(item).dump();
    }
    return text + ")";
}

std::string at(const Operation& read, const History& history) {
    return "at " + history.nodes[read.node] + " by worker " + std::to_string(read.worker);
}

bool is_ok(const Operation& operation) { return operation.outcome == Outcome::ok; }

bool is_final(const Operation& operation) { return operation.final_read && is_ok(operation); }

void check_protocol(const History& history, Verdict& verdict) {
    for (const auto& ended : history.exits) verdict.reasons.push_back(ended.node + " " + ended.how);
    for (const auto& error : history.protocol_errors)
        verdict.reasons.push_back(error.node + " wrote " + error.reason + ": " + error.line);
}

void check_progress(const History& history, Verdict& verdict) {
    if (std::none_of(history.operations.begin(), history.operations.end(), is_ok))
        verdict.reasons.emplace_back("no operation was ok");
}

void check_availability(const History& history, double required, Verdict& verdict) {
    const double fraction = available_fraction(history);
    if (fraction < required)
        verdict.reasons.push_back("only " + json(fraction).dump() +
                                  " of all operations were ok, required: " + json(required).dump());
}

void check_final_reads(const History& history, Verdict& verdict) {
    std::vector<std::string> failed(history.workers, "was never invoked");
    for (const auto& operation : history.operations)
        if (operation.final_read)
            failed[operation.worker] = is_ok(operation) ? "" : "failed: " + operation.error;
    for (std::size_t worker = 0; worker < failed.size(); ++worker)
        if (!failed[worker].empty())
            verdict.reasons.push_back("the final read of worker " + std::to_string(worker) + " " +
                                      failed[worker]);
}

json final_results(const History& history) {
    json reads = json::array();
    for (const auto& operation : history.operations) {
        if (!is_final(operation)) continue;
        reads.push_back(
            {{"node", history.nodes[operation.node]},
             {"worker", operation.worker},
             {"value", operation.seen ? json(operation.seen->count) : operation.result}});
    }
    return reads;
}

bool final_reads_agree(const History& history) {
    const Operation* first = nullptr;
    for (const auto& operation : history.operations) {
        if (!is_final(operation)) continue;
        if (first == nullptr) first = &operation;
        const bool same = operation.seen ? operation.seen->has == first->seen->has
                                         : operation.result == first->result;
        if (!same) return false;
    }
    return true;
}

void check_counter(const History& history, Verdict& verdict) {
    std::int64_t definite = 0;
    std::vector<std::int64_t> unknown;
    for (const auto& operation : history.operations) {
        if (operation.type != "add" || operation.outcome == Outcome::fail) continue;
        const auto delta = operation.argument.get<std::int64_t>();
        if (is_ok(operation))
            definite += delta;
        else
            unknown.push_back(delta);
    }
    const SubsetSums sums(unknown);
    for (const auto& read : history.operations) {
        if (!is_final(read) || sums.contains(read.result.get<std::int64_t>() - definite)) continue;
        verdict.reasons.push_back(
            "the final read " + at(read, history) + " was " + read.result.dump() +
            "; acceptable: " + std::to_string(definite) +
            (unknown.empty() ? ""
                             : " plus the sum of any of the unknown adds " + counted(unknown)));
    }
    verdict.details["definite_sum"] = definite;
    verdict.details["unknown_adds"] = unknown;
}

std::set<std::size_t> acknowledged_numbers(const History& history) {
    std::set<std::size_t> elements;
    for (const auto& operation : history.operations)
        if (is_ok(operation) && operation.argument.is_number())
            elements.insert(operation.argument.get<std::size_t>());
    return elements;
}

void check_set_read(const Operation& read, const History& history, Verdict& verdict) {
    if (!read.seen->unexpected.empty())
        verdict.reasons.push_back(
            "a read " + at(read, history) +
            " had elements that were never added: " + counted(read.seen->unexpected));
    if (read.seen->duplicates > 0)
        verdict.reasons.push_back("a read " + at(read, history) + " had " +
                                  std::to_string(read.seen->duplicates) +
                                  " elements more than once");
}

void check_set(const History& history, Verdict& verdict) {
    const auto acknowledged = acknowledged_numbers(history);
    std::set<std::size_t> lost;
    for (const auto& read : history.operations) {
        if (!read.seen) continue;
        check_set_read(read, history, verdict);
        if (!read.final_read) continue;
        std::vector<std::size_t> missing;
        for (const auto element : acknowledged)
            if (!read.seen->contains(element)) missing.push_back(element);
        lost.insert(missing.begin(), missing.end());
        if (!missing.empty())
            verdict.reasons.push_back("the final read " + at(read, history) +
                                      " lacked acknowledged elements: " + counted(missing));
    }
    verdict.details["acknowledged"] = acknowledged.size();
    verdict.details["lost"] = lost;
}

void check_unique_ids(const History& history, Verdict& verdict) {
    std::map<std::string, std::size_t> times;
    for (const auto& operation : history.operations)
        if (is_ok(operation)) ++times[operation.result.dump()];
    std::vector<std::string> duplicates;
    for (const auto& [id, count] : times)
        if (count > 1) duplicates.push_back(id);
    if (!duplicates.empty())
        verdict.reasons.push_back("ids were given out more than once: " + counted(duplicates));
    verdict.details["distinct_ids"] = times.size();
    verdict.details["duplicate_ids"] = duplicates;
}

void check_echo(const History& history, Verdict& verdict) {
    for (const auto& operation : history.operations)
        if (is_ok(operation) && operation.result != operation.argument)
            verdict.reasons.push_back("the echo " + at(operation, history) + " of " +
                                      operation.argument.dump() + " was " +
                                      operation.result.dump());
}

/// Limits the number of reasons. A broken set may give one for each read.
void clip_reasons(Verdict& verdict) {
    auto& reasons = verdict.reasons;
    if (reasons.size() <= shown_reasons) return;
    const auto more = reasons.size() - shown_reasons;
    reasons.resize(shown_reasons);
    reasons.push_back("and " + std::to_string(more) + " more");
}

void check_workload(const History& history, Kind kind, Verdict& verdict) {
    switch (kind) {
        case Kind::echo: return check_echo(history, verdict);
        case Kind::unique_ids: return check_unique_ids(history, verdict);
        case Kind::counter: return check_counter(history, verdict);
        case Kind::set: return check_set(history, verdict);
    }
}

}  // namespace

Verdict judge(const History& history, const Workload& workload,
              std::optional<double> availability) {
    Verdict verdict;
    check_protocol(history, verdict);
    check_progress(history, verdict);
    if (availability) check_availability(history, *availability, verdict);
    if (workload.has_final_read()) {
        check_final_reads(history, verdict);
        verdict.details["final_reads"] = final_results(history);
        verdict.details["final_reads_agree"] = final_reads_agree(history);
    }
    check_workload(history, workload.kind, verdict);
    clip_reasons(verdict);
    return verdict;
}

SubsetSums::SubsetSums(const std::vector<std::int64_t>& terms) {
    std::int64_t highest = 0;
    for (const auto term : terms) (term < 0 ? lowest_ : highest) += term;
    reachable_.resize(static_cast<std::size_t>(highest - lowest_) + 1);
    reachable_[static_cast<std::size_t>(-lowest_)] = true;
    for (const auto term : terms) {
        const auto before = reachable_;
        for (std::size_t i = 0; i < before.size(); ++i) {
            const auto sum = static_cast<std::int64_t>(i) + term;
            if (before[i] && sum >= 0 && sum < std::ssize(before))
                reachable_[static_cast<std::size_t>(sum)] = true;
        }
    }
}

bool SubsetSums::contains(std::int64_t sum) const {
    if (sum < lowest_ || sum - lowest_ >= std::ssize(reachable_)) return false;
    return reachable_[static_cast<std::size_t>(sum - lowest_)];
}

double available_fraction(const History& history) {
    const auto total = history.operations.size();
    const auto ok = std::count_if(history.operations.begin(), history.operations.end(), is_ok);
    return total == 0 ? 1 : static_cast<double>(ok) / static_cast<double>(total);
}

}  // namespace cluster
