// SPDX-License-Identifier: MIT
//! Ledger: the counters of this node, gossiped, and durable if there is a folder for them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <crdt/nats/gossip.hpp>
#include <crdt/store/journal.hpp>
#include <crdt/system/clock.hpp>

#include "counters.hpp"

namespace counterd {

using crdt::replication::milliseconds;
using crdt::replication::Time;
using crdt::system::monotonic_now;
using Gossip = crdt::nats::Gossip<Counters>;

/// Changes go through it. Nothing may be told, to clients or to peers, between a change and the
/// commit_if_due() that follows.
///
/// Errors  the constructor and commit_if_due() throw crdt::store::FileError
class Ledger {
    Gossip* gossip_;
    std::optional<crdt::store::Journal<Counters>> journal_;
    std::function<void(const std::string&)> on_change_;

    void grow(const Counters& growth) {
        if (journal_) journal_->note(growth, monotonic_now());
        for (const std::string& name : growth.names())
            change(name, [&](Counters& counters) {
                return counters.compact(gossip_->incarnation(), name);
            });
    }

    void keep(const Counters& delta) {
        if (journal_ && !delta.is_bottom()) journal_->persist(delta, [] {});
    }

  public:
    /// `gossip` must outlive this; `directory` may be empty. The file in it is `trusted` if it is
    /// known to be no old copy. `on_change` is told the names of counters that may have changed.
    Ledger(Gossip& gossip, const std::filesystem::path& directory, bool trusted,
           std::function<void(const std::string&)> on_change)
        : gossip_(&gossip), on_change_(std::move(on_change)) {
        if (!directory.empty()) {
            journal_.emplace(directory, gossip.self().cluster(), gossip.self().node(),
                             gossip.incarnation());
            gossip.resume(journal_->incarnation(), journal_->take());
            if (trusted) gossip.confirm();
        }
        gossip.on_growth([this](const Counters& growth) { grow(growth); });
        gossip.on_reincarnation([this](ReplicaId incarnation) {
            if (journal_) journal_->reincarnate(incarnation, counters());
        });
    }
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    const Counters& counters() const { return gossip_->state(); }

    /// Runs a delta-mutator of the counters, which changes this one. Throws what it throws. It is
    /// durable after commit_if_due().
    template <class Mutate>
    void change(const std::string& name, Mutate&& mutate) {
        keep(gossip_->update(std::forward<Mutate>(mutate)));
        // Rights of an incarnation that is soon left would be of no use to anybody.
        keep(gossip_->update([&](Counters& counters) {
            return counters.hand_over(gossip_->incarnation(), gossip_->lasting_incarnation(), name);
        }));
        on_change_(name);
    }

    std::optional<Time> next_deadline() const {
        return journal_ ? journal_->next_deadline() : std::nullopt;
    }
    void commit_if_due(Time now) {
        if (journal_) journal_->commit_if_due(counters(), now);
    }
    /// All that there is.
    void commit() {
        if (journal_) journal_->commit(counters());
    }
    /// Has the next commit write the whole state, as something failed between a change of it and
    /// the journal.
    void rewrite() {
        if (journal_) journal_->persist(counters(), [] {});
    }
};

}  // namespace counterd
