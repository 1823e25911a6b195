// SPDX-License-Identifier: MIT
//! What a node is told about how to gossip, and how much to log.
#pragma once

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

    /// For one incarnation of a node.
    crdt::replication::Options replication() const {
        crdt::replication::Options options;
        options.epoch = crdt::system::fresh_number();
        options.interval = interval_ms * crdt::replication::milliseconds;
        options.ack_delay = ack_delay_ms * crdt::replication::milliseconds;
        return options;
    }
};
