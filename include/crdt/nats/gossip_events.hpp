// SPDX-License-Identifier: MIT
//! GossipEvents: the callbacks of gossip over NATS.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>

namespace crdt::nats {

/// A decomposable lattice with replica ids of std::uint64_t, or without replica ids.
template <class L>
concept NumbersReplicas = DecomposableLattice<L> &&
    (!requires { typename L::id_type; } || std::same_as<typename L::id_type, std::uint64_t>);

/// The log line about a new incarnation.
inline std::string reincarnation_text(std::uint64_t before, std::uint64_t now) {
    return "peers have pruned incarnation " + std::to_string(before) +
           ", or have writes of it that this node lacks: an old copy of its state, or a duplicate "
           "node? Continuing as incarnation " +
           std::to_string(now);
}

/// The callbacks of a Gossip. Each is optional, and replaces the one before.
///
/// Errors  what a callback throws passes through Mailbox::deliver()
template <NumbersReplicas L>
class GossipEvents {
    std::function<void(const L&)> on_arrival_, on_growth_;
    std::function<void(std::uint64_t)> on_reincarnation_;
    std::function<void(const std::string&, replication::Generation)> on_generation_;
    std::function<void()> on_message_;

  public:
    /// Sets the callback for each received change. It runs before the change is joined, so the
    /// state still contains what the change removes.
    void on_arrival(std::function<void(const L&)> action) { on_arrival_ = std::move(action); }
    /// Sets the callback for each growth of the state by received changes.
    void on_growth(std::function<void(const L&)> action) { on_growth_ = std::move(action); }
    /// Sets the callback for a new incarnation of this replica. The incarnation changes if a peer
    /// has writes under the current incarnation that this state lacks.
    void on_reincarnation(std::function<void(std::uint64_t)> action) {
        on_reincarnation_ = std::move(action);
    }
    /// Sets the callback for each message of a peer in another generation. Its content is ignored.
    void on_generation(std::function<void(const std::string&, replication::Generation)> action) {
        on_generation_ = std::move(action);
    }
    /// Sets the callback for each message of a peer, which may acknowledge changes.
    void on_message(std::function<void()> action) { on_message_ = std::move(action); }

  protected:
    /// A change has arrived.
    void arrived(const L& delta) const {
        if (on_arrival_) on_arrival_(delta);
    }
    /// The state has grown.
    void grown(const L& delta) const {
        if (on_growth_) on_growth_(delta);
    }
    /// The replica has another incarnation.
    void reincarnated(std::uint64_t incarnation) const {
        if (on_reincarnation_) on_reincarnation_(incarnation);
    }
    /// A message of another generation has arrived.
    void other_generation(const std::string& from, replication::Generation generation) const {
        if (on_generation_) on_generation_(from, generation);
    }
    /// A message of a peer has arrived, and was processed.
    void message_received() const {
        if (on_message_) on_message_();
    }
};

}  // namespace crdt::nats
