// SPDX-License-Identifier: MIT
//! EventQueue: events in the order of their times.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/replication/time.hpp>

namespace crdt::sim {

using replication::Time;

/// A queue of events in the order of their times. Events with the same time are popped in the order
/// in which they were pushed. So a program processes its events in the same order on every
/// platform.
template <class Event>
class EventQueue {
    /// An entry of the heap. The heap moves its entries, while the events stay in their slots.
    struct Entry {
        Time at;
        std::uint64_t number;
        std::size_t slot;
        bool operator<(const Entry& other) const {
            return std::pair(other.at, other.number) < std::pair(at, number);
        }
    };

    std::vector<Entry> heap_ = {};
    std::vector<Event> slots_ = {};
    std::vector<std::size_t> free_slots_ = {};
    std::uint64_t last_number_ = 0;

  public:
    /// An event and its time.
    struct Timed {
        Time at;      ///< when it happens
        Event event;  ///< what happens
    };

    /// Whether no event is left.
    bool empty() const { return heap_.empty(); }
    /// The number of events.
    std::size_t size() const { return heap_.size(); }
    /// The time of the next event, or nothing if the queue is empty.
    std::optional<Time> next_time() const {
        if (heap_.empty()) return std::nullopt;
        return heap_.front().at;
    }

    /// Adds an event. O(log n).
    void push(Time at, Event event) {
        std::size_t slot = slots_.size();
        if (free_slots_.empty()) {
            slots_.push_back(std::move(event));
        } else {
            slot = free_slots_.back();
            free_slots_.pop_back();
            slots_[slot] = std::move(event);
        }
        heap_.push_back({at, ++last_number_, slot});
        std::push_heap(heap_.begin(), heap_.end());
    }
    /// Removes the next event and returns it. Precondition: the queue is not empty. O(log n).
    Timed pop() {
        std::pop_heap(heap_.begin(), heap_.end());
        const Entry next = heap_.back();
        heap_.pop_back();
        free_slots_.push_back(next.slot);
        return {next.at, std::move(slots_[next.slot])};
    }
};

}  // namespace crdt::sim
