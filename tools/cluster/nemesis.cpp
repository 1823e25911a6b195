// SPDX-License-Identifier: MIT
//! The nemesis: it decides which fault happens when, and to which nodes. The cluster executes the
//! faults.
#include "nemesis.hpp"

#include <algorithm>
#include <utility>

namespace cluster {
namespace {

constexpr std::size_t majority(std::size_t count) { return count / 2 + 1; }

std::string listed(const std::vector<std::string>& names, std::size_t first, std::size_t last) {
    std::string text;
    for (std::size_t i = first; i < last; ++i) text += (i == first ? "" : " ") + names[i];
    return text;
}

}  // namespace

Cuts isolate_one(const std::vector<std::string>& shuffled) { return split(shuffled, 1); }

Cuts split(const std::vector<std::string>& shuffled, std::size_t size) {
    Cuts cuts;
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = size; j < shuffled.size(); ++j) {
            cuts.emplace(shuffled[i], shuffled[j]);
            cuts.emplace(shuffled[j], shuffled[i]);
        }
    }
    return cuts;
}

Cuts majorities_ring(const std::vector<std::string>& shuffled) {
    const std::size_t count = shuffled.size();
    const std::size_t majority_size = majority(count);
    Cuts cuts;
    for (std::size_t first = 0; first < count; ++first) {
        const auto& receiver = shuffled[(first + majority_size / 2) % count];
        for (std::size_t i = majority_size; i < count; ++i)
            cuts.emplace(shuffled[(first + i) % count], receiver);
    }
    return cuts;
}

Nemesis::Nemesis(std::vector<std::string> nodes, const std::vector<Fault>& faults, double interval,
                 Random random)
    : names_(std::move(nodes)), interval_(interval), random_(random) {
    for (const Fault fault : faults) schedules_.push_back({fault, 0, false, {}});
}

void Nemesis::begin(Micros now) {
    for (auto& schedule : schedules_) schedule.next = now + pause();
}

Micros Nemesis::pause() { return micros(2 * interval_ * random_.unit()); }

Nemesis::Schedule& Nemesis::earliest() {
    return *std::min_element(schedules_.begin(), schedules_.end(),
                             [](const auto& a, const auto& b) { return a.next < b.next; });
}

std::optional<Micros> Nemesis::next_due() {
    if (schedules_.empty()) return std::nullopt;
    return earliest().next;
}

FaultStep Nemesis::step() {
    Schedule& schedule = earliest();
    schedule.next += pause();
    return schedule.active ? stop(schedule) : start(schedule);
}

std::vector<FaultStep> Nemesis::heal() {
    std::vector<FaultStep> steps;
    for (auto& schedule : schedules_)
        if (schedule.active) steps.push_back(stop(schedule));
    return steps;
}

FaultStep Nemesis::start_partition() {
    const std::size_t count = names_.size();
    auto order = names_;
    random_.shuffle(order);
    const auto sides = [&](const char* kind, std::size_t size) {
        return FaultStep{Fault::partition,
                         true,
                         kind + (" " + listed(order, 0, size)) + " | " + listed(order, size, count),
                         split(order, size),
                         {}};
    };
    const std::size_t third = (count - 1) / 3;
    switch (random_.below(third > 0 ? 4 : 3)) {
        case 0: return sides("one", 1);
        case 1: return sides("majority", count / 2);
        case 2:
            return {Fault::partition,
                    true,
                    "majorities-ring " + listed(order, 0, count),
                    majorities_ring(order),
                    {}};
        default: return sides("minority-third", third);
    }
}

FaultStep Nemesis::start(Schedule& schedule) {
    schedule.active = true;
    if (schedule.fault == Fault::partition) return start_partition();
    const std::size_t count = names_.size();
    const std::size_t sizes[] = {1, std::max<std::size_t>(majority(count) - 1, 1), majority(count)};
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    random_.shuffle(order);
    order.resize(sizes[random_.below(3)]);

    std::string what;
    for (const auto node : order) what += (what.empty() ? "" : " ") + names_[node];
    schedule.nodes = order;
    return {schedule.fault, true, std::move(what), {}, std::move(order)};
}

FaultStep Nemesis::stop(Schedule& schedule) {
    schedule.active = false;
    return {schedule.fault, false, "", {}, std::exchange(schedule.nodes, {})};
}

}  // namespace cluster
