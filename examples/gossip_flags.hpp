// SPDX-License-Identifier: MIT
//! GossipFlags: the settings of gossip and of the log, for all nodes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <crdt/replication/options.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/system/fresh.hpp>
#include <crdt/system/log_level.hpp>

struct GossipFlags {
    std::uint64_t interval_ms = 800;
    std::uint64_t ack_delay_ms = 800;
    crdt::replication::OverlayOptions overlay;
    crdt::system::LogLevel log = crdt::system::LogLevel::warning;

    /// Returns a fresh epoch. Each run of a node needs one.
    static crdt::replication::Epoch epoch() {
        return crdt::replication::Epoch{crdt::system::fresh_number()};
    }
    crdt::replication::Options replication() const {
        crdt::replication::Options options;
        options.interval = std::chrono::milliseconds{interval_ms};
        options.ack_delay = std::chrono::milliseconds{ack_delay_ms};
        options.retry_limit = (std::max)(options.retry_limit, options.interval);
        return options;
    }
};
