// SPDX-License-Identifier: MIT
//! RefillPlan: decides which peers are sent requests for rights of a bounded counter, and how many
//! rights to request.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <crdt/replication/time.hpp>

namespace counterd {

/// Plans the requests for rights of one counter. One peer at a time is sent a request, first the
/// peer that has the most rights according to the state of this node. If a peer does not answer
/// within `attempt`, the next peer is sent a request. A late answer still counts.
///
/// This class has no clock and sends nothing.
class RefillPlan {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;

    /// The peers that were not sent a request yet. The last one is next.
    std::vector<std::string> next_;
    std::optional<std::string> requested_;
    /// The peers that did not answer, and those that are down, which are sent no request.
    std::set<std::string> silent_;
    Time answer_due_{}, wait_until_{}, arrive_until_{};

  public:
    /// A peer, and its rights according to the state of this node.
    struct Peer {
        std::string node;
        std::uint64_t rights;
        bool is_down;
    };
    /// A request for rights.
    struct Transfer {
        std::string node;
        std::uint64_t amount;
    };
    enum class Verdict {
        open,        ///< rights may still arrive
        uncovered,   ///< all peers have answered, and do not have enough
        unreachable  ///< a peer that did not answer may have enough
    };

    /// How long a peer may take to answer.
    static constexpr Duration attempt = std::chrono::milliseconds{250};
    /// How long rights may take to arrive after the answer.
    static constexpr Duration arrival = std::chrono::milliseconds{500};

    /// How long to wait before the next plan, if rights are on their way between other nodes.
    static constexpr Duration pause = std::chrono::milliseconds{50};

    /// Makes a plan for `peers`. No request is sent before `begin`.
    explicit RefillPlan(std::vector<Peer> peers, Time begin = {})
        : wait_until_(begin), arrive_until_(begin) {
        std::stable_sort(peers.begin(), peers.end(),
                         [](const Peer& a, const Peer& b) { return a.rights < b.rights; });
        for (Peer& peer : peers) {
            if (peer.is_down)
                silent_.insert(std::move(peer.node));
            else
                next_.push_back(std::move(peer.node));
        }
    }

    /// Returns how many of its `rights` a peer transfers if `amount` is requested: this amount, and
    /// a quarter of the rest. So rights move to the nodes that use them, and few requests are
    /// needed.
    static std::uint64_t share(std::uint64_t rights, std::uint64_t amount) {
        return rights <= amount ? rights : amount + (rights - amount) / 4;
    }

    /// Returns the next request, if one is due. `missing` is the number of rights that are still
    /// needed, and must not be 0.
    std::optional<Transfer> next(std::uint64_t missing, Time now) {
        if (requested_ && now >= answer_due_)
            silent_.insert(*std::exchange(requested_, std::nullopt));
        if (requested_ || now < wait_until_ || next_.empty()) return std::nullopt;
        requested_ = std::move(next_.back());
        next_.pop_back();
        answer_due_ = now + attempt;
        return Transfer{*requested_, missing};
    }
    /// Records the answer of `node`: it has transferred `given` rights, which may be 0. Ignores
    /// nodes that were sent no request.
    void on_answer(const std::string& node, std::uint64_t given, std::uint64_t missing, Time now) {
        if (requested_ == node)
            requested_.reset();
        else if (silent_.erase(node) == 0)
            return;
        if (given > 0) arrive_until_ = now + arrival;
        if (given >= missing) wait_until_ = arrive_until_;
    }

    Verdict verdict(Time now) const {
        if (requested_ || !next_.empty() || now < arrive_until_) return Verdict::open;
        return silent_.empty() ? Verdict::uncovered : Verdict::unreachable;
    }
    /// Returns when the result of next() or verdict() may change.
    Time next_deadline(Time now) const {
        if (requested_) return answer_due_;
        if (!next_.empty()) return std::max(now, wait_until_);
        return std::max(now, arrive_until_);
    }
    /// Returns the names of the peers that did not answer, separated by commas.
    std::string silent() const {
        std::string text;
        for (const std::string& node : silent_) text += (text.empty() ? "" : ", ") + node;
        return text;
    }
};

}  // namespace counterd
