// SPDX-License-Identifier: MIT
//! CounterStore: the counters of this node, replicated and, with a folder, durable.
#pragma once

#include <cstdint>
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

using crdt::replication::Duration;
using crdt::replication::Time;
using crdt::system::monotonic_now;
using Gossip = crdt::nats::Gossip<Counters>;

/// Makes all changes of the counters. Between a change and the following commit_if_due(), no
/// message may be sent to clients or peers.
///
/// Errors  the constructor and commit_if_due() throw crdt::store::FileError
class CounterStore {
    Gossip* gossip_;
    std::optional<crdt::store::Journal<Counters>> journal_;
    std::function<void(const CounterKey&)> on_change_;
    std::uint64_t removals_ = 0;
    /// Whether the journal lacks a change of the state.
    bool is_behind_ = false;

    void grow(const Counters& growth) {
        if (journal_) journal_->note(growth, monotonic_now());
        removals_ += growth.removes();
        for (const CounterKey& key : growth.keys()) {
            if (key.kind == Kind::counter)
                apply([&](Counters& counters) {
                    return counters.compact(gossip_->incarnation(), key.name);
                });
            on_change_(key);
        }
    }
    template <class Mutate>
    Counters apply(Mutate&& mutate) {
        Counters delta = gossip_->update(std::forward<Mutate>(mutate));
        if (!journal_ || delta.is_bottom()) return delta;
        const bool was_behind = std::exchange(is_behind_, true);
        journal_->persist(delta, [] {});
        is_behind_ = was_behind;
        return delta;
    }
    void catch_up() {
        if (!is_behind_) return;
        journal_->persist(counters(), [] {});
        is_behind_ = false;
    }

  public:
    /// `gossip` must outlive this. If `directory` is empty, nothing is stored. `trusted` means that
    /// the file is certainly not an old copy. `on_change` is called for each counter that may have
    /// changed.
    CounterStore(Gossip& gossip, const std::filesystem::path& directory, bool trusted,
                 std::function<void(const CounterKey&)> on_change)
        : gossip_(&gossip), on_change_(std::move(on_change)) {
        if (!directory.empty()) {
            journal_.emplace(directory, gossip.self().cluster(), gossip.self().node(),
                             gossip.incarnation());
            gossip.resume(journal_->incarnation(), journal_->release());
            if (trusted) gossip.confirm();
        }
        gossip.on_arrival([this](const Counters& changes) {
            for (const CounterKey& key : counters().keys_removed_by(changes)) on_change_(key);
        });
        gossip.on_growth([this](const Counters& growth) { grow(growth); });
        gossip.on_reincarnation([this](ReplicaId incarnation) {
            if (journal_) journal_->reincarnate(incarnation, counters());
        });
    }
    CounterStore(const CounterStore&) = delete;
    CounterStore& operator=(const CounterStore&) = delete;

    const Counters& counters() const { return gossip_->state(); }
    /// The number of times that peers have removed something. If this node never had the removed
    /// dots, the removal does not name a counter.
    std::uint64_t removals() const { return removals_; }

    /// Runs a delta-mutator that changes the counter `name`. Throws what the mutator throws. The
    /// change is durable after commit_if_due().
    template <class Mutate>
    void change(const std::string& name, Mutate&& mutate) {
        const Counters delta = apply(std::forward<Mutate>(mutate));
        // An unconfirmed incarnation may soon be abandoned, and rights under it would then be lost.
        apply([&](Counters& counters) {
            return counters.hand_over(gossip_->incarnation(), gossip_->lasting_incarnation(), name);
        });
        if (!delta.is_bottom()) on_change_({name, delta.kind()});
    }

    std::optional<Time> next_deadline() const {
        return journal_ ? journal_->next_deadline() : std::nullopt;
    }
    void commit_if_due(Time now) {
        catch_up();
        if (journal_) journal_->commit_if_due(counters(), now);
    }
    /// Commits all collected changes.
    void commit() {
        catch_up();
        if (journal_) journal_->commit(counters());
    }
    /// Makes the next commit write the whole state. Call it after an error between a change of the
    /// state and its journal entry.
    void rewrite() { is_behind_ = journal_.has_value(); }
};

}  // namespace counterd
