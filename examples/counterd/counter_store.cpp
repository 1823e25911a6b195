// SPDX-License-Identifier: MIT
#include "counter_store.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

#include <crdt/store/journal.hpp>

namespace counterd {

CounterStore::CounterStore(Gossip& gossip, const std::filesystem::path& directory, bool trusted,
                           std::function<void(const CounterKey&)> on_change,
                           std::function<void()> on_written)
    : gossip_(&gossip), on_change_(std::move(on_change)) {
    if (!directory.empty()) {
        journal_ = std::make_unique<crdt::store::Journal<Counters>>(
            directory, gossip.self().cluster(), gossip.self().node(), gossip.incarnation());
        is_resumed_ = journal_->incarnation() != gossip.incarnation();
        gossip.resume(journal_->incarnation(), journal_->release());
        gossip.resume_generation(counters().generation());
        if (trusted) gossip.confirm();
        thread_.emplace([this] { write(); }, std::move(on_written));
    }
    own_.insert(gossip.lasting_incarnation());
    enter_records(counters(), monotonic_now());
    counters().visit_records([this](const std::string& request, ReplicaId, const Applied&) {
        if (counters().is_contested(request)) contested_.insert(request);
    });
    gossip.on_arrival([this](const Counters& changes) {
        for (const CounterKey& key : counters().keys_removed_by(changes)) on_change_(key);
    });
    gossip.on_growth([this](const Counters& growth) { grow(growth); });
    gossip.on_reincarnation([this](ReplicaId incarnation) {
        own_.insert(incarnation);
        reincarnate(incarnation);
    });
}
CounterStore::~CounterStore() = default;

void CounterStore::change(const std::vector<CounterKey>& keys, const Mutator& mutate) {
    own_.insert(gossip_->incarnation());
    const Counters delta = apply(mutate);
    if (delta.is_bottom()) return;
    enter_records(delta, monotonic_now());
    for (const CounterKey& key : keys) {
        // The node may soon abandon an unconfirmed incarnation. Rights of that incarnation would
        // then be lost, so they are transferred to the lasting one.
        if (key.kind == Kind::bounded)
            apply([&](Counters& counters) {
                return counters.hand_over(gossip_->incarnation(), gossip_->lasting_incarnation(),
                                          key.name);
            });
        on_change_(key);
    }
}

std::optional<Time> CounterStore::next_deadline() const {
    return journal_ ? journal_->next_deadline() : std::nullopt;
}
bool CounterStore::commit_if_due(Time now, bool is_loaded) {
    // To pass a commit to the other thread and back takes a part of this time.
    constexpr Duration slow = std::chrono::milliseconds{1};
    tidy(now);
    catch_up();
    if (!journal_ || !journal_->is_due(now)) return false;
    journal_->begin_commit(counters());
    is_committing_ = is_loaded && last_commit_ >= slow;
    if (is_committing_) {
        thread_->start();
    } else {
        write();
        journal_->end_commit();
    }
    return is_committing_;
}
void CounterStore::write() {
    const Time began = monotonic_now();
    journal_->write();
    last_commit_ = monotonic_now() - began;
}
void CounterStore::end_commit() {
    if (!is_committing_) return;
    thread_->wait();
    is_committing_ = false;
    journal_->end_commit();
}
void CounterStore::commit() {
    end_commit();
    catch_up();
    if (journal_) journal_->commit(counters());
}

void CounterStore::replace() {
    ++removals_;
    is_behind_ = false;
    reincarnate(gossip_->lasting_incarnation());
}
void CounterStore::reincarnate(std::uint64_t incarnation) {
    end_commit();
    if (journal_) journal_->reincarnate(incarnation, counters());
}

void CounterStore::grow(const Counters& growth) {
    if (journal_) journal_->note(growth, monotonic_now());
    removals_ += growth.removes();
    for (const CounterKey& key : growth.keys()) {
        if (key.kind == Kind::counter && !counters().contains(key.name, key.kind))
            apply([&](Counters& counters) {
                return counters.compact(gossip_->incarnation(), key.name);
            });
        on_change_(key);
    }
    for (const CounterKey& key : counters().keys_retracted_by(growth)) on_change_(key);
    enter_records(growth, monotonic_now());
    growth.visit_records([this](const std::string& request, ReplicaId, const Applied&) {
        if (counters().is_contested(request)) settle(request);
    });
}
void CounterStore::enter_records(const Counters& delta, Time now) {
    delta.visit_records([&](const std::string& request, ReplicaId writer, const Applied& applied) {
        window_.enter(request, own_.contains(writer), request.size() + applied.bytes(), now);
    });
}
/// Retracts all applications of a request but one. If this is not possible yet, tidy() tries it
/// again later.
void CounterStore::settle(const std::string& request) {
    if (must_not_settle_ && must_not_settle_()) return void(contested_.insert(request));
    const Counters delta = apply([&](Counters& counters) {
        return counters.settle(gossip_->incarnation(), request,
                               [this](ReplicaId writer) { return own_.contains(writer); });
    });
    for (const CounterKey& key : delta.keys()) on_change_(key);
    for (const CounterKey& key : counters().keys_retracted_by(delta)) on_change_(key);
    if (counters().is_contested(request))
        contested_.insert(request);
    else
        contested_.erase(request);
}
/// Erases the records of requests that have left the window, and tries again to settle the
/// contested requests.
void CounterStore::tidy(Time now) {
    constexpr std::size_t most_at_once = 1000;
    constexpr Duration settle_interval = std::chrono::milliseconds{500};
    const std::vector<std::string> left = window_.leave(now, most_at_once);
    if (!left.empty())
        apply([&](Counters& counters) {
            Counters delta;
            for (const std::string& request : left)
                delta.merge(counters.erase_record(gossip_->incarnation(), request));
            return delta;
        });
    if (contested_.empty() || now < settle_at_) return;
    settle_at_ = now + settle_interval;
    for (const std::string& request : std::set<std::string>(contested_)) settle(request);
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
