// SPDX-License-Identifier: MIT
//! GossipFlags: the settings of all nodes for gossip and the log.
#pragma once

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

    /// A fresh epoch: one for each run of a node.
    static crdt::replication::Epoch epoch() {
        return crdt::replication::Epoch{crdt::system::fresh_number()};
    }
    crdt::replication::Options replication() const {
        crdt::replication::Options options;
        options.interval = std::chrono::milliseconds{interval_ms};
        options.ack_delay = std::chrono::milliseconds{ack_delay_ms};
        return options;
    }
};
