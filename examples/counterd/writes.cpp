// SPDX-License-Identifier: MIT
//! The verbs of the service that change counters.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "answers.hpp"
#include "service.hpp"

namespace counterd {

namespace {

std::vector<CounterKey> keys_of(const Applied& work) {
    std::vector<CounterKey> keys;
    for (const Change& change : work.changes) keys.push_back({change.name, change.kind});
    return keys;
}

Answer marked(Answer answer, bool is_repeated) {
    if (is_repeated) answer.put("repeated", true);
    return answer;
}

}  // namespace

Kind Service::kind_to_change(const Request& request, const std::string& name) const {
    const auto present = counters().kind_of(name);
    const Kind kind = request.kind().value_or(present.value_or(Kind::counter));
    if (present && kind != *present && !counters().contains(name, kind))
        throw Error(ErrorCode::precondition_failed,
                    name + " exists with the kind " + name_of(*present));
    return kind;
}

bool Service::is_repeated(const std::string& id, const Applied& work) {
    using Progress = Counters::Progress;
    if (id.empty()) return false;
    switch (counters().progress_of(id, work)) {
        case Progress::unknown: return false;
        case Progress::applied:
            ++repeated_;
            gossip_->pass_on_relays();  // peers must not acknowledge less than this change
            return true;
        case Progress::incomplete:
            throw Error(ErrorCode::temporarily_unavailable,
                        "another node has applied this request, and this node does not have all "
                        "of its changes yet");
        case Progress::different: break;
    }
    throw Error(ErrorCode::precondition_failed, "the id was used for another request");
}

void Service::change_once(const std::string& id, Applied work, const Mutator& mutate) {
    const std::vector<CounterKey> keys = keys_of(work);
    store_->change(keys, [&](Counters& counters) {
        Counters delta = mutate(counters);
        if (!id.empty()) delta.merge(counters.record(replica(), id, std::move(work)));
        return delta;
    });
}

void Service::add(const Request& request, const std::string& reply) {
    if (request.has("adds")) return add_many(request, reply);
    const std::string name = request.name(), id = request.id();
    Applied work{"add", "", {{name, Kind::counter, request.integer("delta", lowest, highest)}}};
    const auto needed = static_cast<std::size_t>(request.integer("ack", 0, 1000, 0));
    const Time until = deadline_of(request);
    auto session = Token::of(request, name);
    static_cast<void>(request.kind());  // throws if it is invalid, for repeated requests, too
    const bool is_repeated = this->is_repeated(id, work);
    Kind& kind = work.changes.front().kind;
    kind = is_repeated ? counters().record_of(id)->changes.front().kind
                       : kind_to_change(request, name);
    if (!is_repeated && kind == Kind::bounded &&
        refills_.enter(request, reply, name, work.changes.front().amount, until))
        return;
    // The answer can have a longer session than the request, because its value is joined into the
    // session.
    expect_room_to_wait(needed, waiting_bytes(name, request.text("session"), reply) +
                                    (session ? Token::longest : 0));
    if (!is_repeated)
        store_->change({{name, kind}},
                       [&](Counters& counters) { return counters.add_all(replica(), id, work); });
    send_once_peers_have_it(
        reply, text_of_success(marked(shown(name, kind, std::move(session)), is_repeated)), needed,
        until);
}

void Service::add_many(const Request& request, const std::string& reply) {
    request.expect_without("adds", {"name", "delta", "kind", "session"});
    const std::string id = request.id();
    const auto needed = static_cast<std::size_t>(request.integer("ack", 0, 1000, 0));
    const Time until = deadline_of(request);
    Applied work{"add", "", {}};
    std::set<std::string> names;
    std::vector<std::optional<Token>> tokens;
    const std::vector<Request> adds = request.adds();
    for (const Request& add : adds) {
        const std::string name = add.name();
        if (!names.insert(name).second)
            throw Error(ErrorCode::malformed_request, "adds names a counter twice");
        static_cast<void>(add.kind());
        work.changes.push_back({name, Kind::counter, add.integer("delta", lowest, highest)});
        tokens.push_back(Token::of(add, name));
    }
    expect_room_to_wait(needed, connection_->max_payload() + reply.size());
    const bool is_repeated = this->is_repeated(id, work);
    if (is_repeated) {
        work = *counters().record_of(id);
    } else {
        for (std::size_t i = 0; i < adds.size(); ++i)
            work.changes[i].kind = kind_to_change(adds[i], work.changes[i].name);
        // If rights of several counters are missing, waits for those of one counter after the
        // other.
        for (const Change& change : work.changes)
            if (change.kind == Kind::bounded &&
                refills_.enter(request, reply, change.name, change.amount, until))
                return;
        store_->change(keys_of(work),
                       [&](Counters& counters) { return counters.add_all(replica(), id, work); });
    }
    const Counters::Page page{keys_of(work), std::nullopt};
    const auto entry = [&](std::size_t i) {
        Answer shown = open_entry_of(counters(), page.keys[i]);
        if (tokens[i]) {
            tokens[i]->note(Snapshot(counters(), page.keys[i].name));
            shown.put("session", tokens[i]->text());
        }
        return std::move(shown).text();
    };
    send_once_peers_have_it(
        reply, text_of_page("counters", page, entry, marked(Answer(), is_repeated)), needed, until);
}

void Service::transfer(const Request& request, const std::string& reply) {
    const std::string name = request.name(), to = request.text("to"), id = request.id();
    const std::int64_t amount = request.integer("amount", 1, highest);
    auto session = Token::of(request, name);
    static_cast<void>(request.kind());
    Applied work{"transfer", to, {{name, Kind::bounded, amount}}};
    const bool is_repeated = this->is_repeated(id, work);
    if (!is_repeated) {
        if (kind_in(request, name) != Kind::bounded)
            throw Error(ErrorCode::not_supported, "transfer: expected a bounded counter");
        const auto member = gossip_->members().all().find(to);
        if (member == gossip_->members().all().end())
            throw Error(ErrorCode::node_not_found,
                        "transfer: no other node is called '" + to + "'");
        // The rights would be lost if the receiver restarted without its state.
        if (member->second.is_down(monotonic_now()) ||
            counters().is_pruned(member->second.incarnation))
            throw Error(ErrorCode::temporarily_unavailable,
                        to + " is down or has just returned, so nothing is transferred to it");
        change_once(id, std::move(work), [&](Counters& counters) {
            return counters.transfer(replica(), member->second.incarnation, name,
                                     static_cast<std::uint64_t>(amount));
        });
    }
    succeed(reply, marked(shown(name, Kind::bounded, std::move(session)), is_repeated));
}

void Service::reset(const Request& request, const std::string& reply) {
    remove(request, reply, "reset");
}
void Service::erase(const Request& request, const std::string& reply) {
    remove(request, reply, "delete");
}
void Service::remove(const Request& request, const std::string& reply, const std::string& verb) {
    const std::string name = request.name(), id = request.id();
    auto session = Token::of(request, name);
    static_cast<void>(request.kind());
    Applied work{verb, "", {{name, Kind::counter}}};
    const bool is_repeated = this->is_repeated(id, work);
    if (!is_repeated) {
        if (kind_in(request, name) == Kind::bounded)
            throw Error(ErrorCode::not_supported, verb + ": expected a counter, not a bounded one");
        expect_no_pruning(verb);
        change_once(id, std::move(work),
                    [&](Counters& counters) { return counters.reset(replica(), name); });
    }
    succeed(reply, marked(shown(name, Kind::counter, std::move(session)), is_repeated));
}

}  // namespace counterd
