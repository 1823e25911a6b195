// SPDX-License-Identifier: MIT
#include "counter_store.hpp"

#include <utility>

namespace counterd {

CounterStore::CounterStore(Gossip& gossip, const std::filesystem::path& directory, bool trusted,
                           std::function<void(const CounterKey&)> on_change)
    : gossip_(&gossip), on_change_(std::move(on_change)) {
    if (!directory.empty()) {
        journal_.emplace(directory, gossip.self().cluster(), gossip.self().node(),
                         gossip.incarnation());
        is_resumed_ = journal_->incarnation() != gossip.incarnation();
        gossip.resume(journal_->incarnation(), journal_->release());
        gossip.resume_generation(counters().generation());
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
CounterStore::~CounterStore() = default;

void CounterStore::change(const std::string& name, const Mutator& mutate) {
    const Counters delta = apply(mutate);
    // An unconfirmed incarnation may soon be abandoned, and rights under it would then be lost.
    apply([&](Counters& counters) {
        return counters.hand_over(gossip_->incarnation(), gossip_->lasting_incarnation(), name);
    });
    if (!delta.is_bottom()) on_change_({name, delta.kind()});
}

std::optional<Time> CounterStore::next_deadline() const {
    return journal_ ? journal_->next_deadline() : std::nullopt;
}
void CounterStore::commit_if_due(Time now) {
    catch_up();
    if (journal_) journal_->commit_if_due(counters(), now);
}
void CounterStore::commit() {
    catch_up();
    if (journal_) journal_->commit(counters());
}

void CounterStore::replace() {
    ++removals_;
    is_behind_ = false;
    if (journal_) journal_->reincarnate(gossip_->lasting_incarnation(), counters());
}

void CounterStore::grow(const Counters& growth) {
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
Counters CounterStore::apply(const Mutator& mutate) {
    Counters delta = gossip_->update(mutate);
    if (!journal_ || delta.is_bottom()) return delta;
    const bool was_behind = std::exchange(is_behind_, true);
    journal_->persist(delta, [] {});
    is_behind_ = was_behind;
    return delta;
}
void CounterStore::catch_up() {
    if (!is_behind_) return;
    journal_->persist(counters(), [] {});
    is_behind_ = false;
}

}  // namespace counterd
