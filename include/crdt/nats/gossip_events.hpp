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

/// A decomposable lattice in which replica ids are std::uint64_t, or which has no replica ids.
template <class L>
concept NumbersReplicas = DecomposableLattice<L> &&
    (!requires { typename L::id_type; } || std::same_as<typename L::id_type, std::uint64_t>);

/// Returns the log line about a change from the incarnation `before` to the incarnation `now`.
inline std::string reincarnation_text(std::uint64_t before, std::uint64_t now) {
    return "peers have pruned incarnation " + std::to_string(before) +
           ", or have writes of it that this node lacks: an old copy of its state, or a duplicate "
           "node? Continuing as incarnation " +
           std::to_string(now);
}

/// The callbacks of a Gossip. Each callback is optional. A new callback replaces the old one for
/// the same event.
///
/// Errors  Mailbox::deliver() handles an exception of a callback like one of a message handler
template <NumbersReplicas L>
class GossipEvents {
    std::function<void(const L&)> on_arrival_, on_growth_;
    std::function<void(std::uint64_t)> on_reincarnation_;
    std::function<void(const std::string&, replication::Generation)> on_generation_;
    std::function<void(const std::string&, std::uint64_t)> on_incarnation_;
    std::function<void()> on_message_;

  public:
    /// Sets the callback for each received change. The callback runs before the change is joined,
    /// so it can read what the change will remove from the state.
    void on_arrival(std::function<void(const L&)> action) { on_arrival_ = std::move(action); }
    /// Sets the callback that runs when received changes make the state grow. The callback receives
    /// the delta that was new.
    void on_growth(std::function<void(const L&)> action) { on_growth_ = std::move(action); }
    /// Sets the callback that receives each new incarnation of this replica. The incarnation
    /// changes if peers have pruned it, or if a peer has writes under it that this state lacks.
    void on_reincarnation(std::function<void(std::uint64_t)> action) {
        on_reincarnation_ = std::move(action);
    }
    /// Sets the callback for each message of a peer in another generation. The callback receives
    /// the id of the peer and its generation. The changes in the message are not joined.
    void on_generation(std::function<void(const std::string&, replication::Generation)> action) {
        on_generation_ = std::move(action);
    }
    /// Sets the callback that runs when another node becomes a member or returns with another
    /// incarnation. The callback receives the name of the node and the incarnation. It runs for
    /// each incarnation, however soon the next one follows.
    void on_incarnation(std::function<void(const std::string&, std::uint64_t)> action) {
        on_incarnation_ = std::move(action);
    }
    /// Sets the callback that runs after each message of a peer. The message may have acknowledged
    /// changes.
    void on_message(std::function<void()> action) { on_message_ = std::move(action); }

  protected:
    /// Runs the callback of on_arrival().
    void arrived(const L& delta) const {
        if (on_arrival_) on_arrival_(delta);
    }
    /// Runs the callback of on_growth().
    void grown(const L& delta) const {
        if (on_growth_) on_growth_(delta);
    }
    /// Runs the callback of on_reincarnation().
    void reincarnated(std::uint64_t incarnation) const {
        if (on_reincarnation_) on_reincarnation_(incarnation);
    }
    /// Runs the callback of on_generation().
    void other_generation(const std::string& from, replication::Generation generation) const {
        if (on_generation_) on_generation_(from, generation);
    }
    /// Runs the callback of on_incarnation().
    void member_incarnation(const std::string& node, std::uint64_t incarnation) const {
        if (on_incarnation_) on_incarnation_(node, incarnation);
    }
    /// Runs the callback of on_message(). The message was processed.
    void message_received() const {
        if (on_message_) on_message_();
    }
};

}  // namespace crdt::nats
