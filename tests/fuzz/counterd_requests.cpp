// SPDX-License-Identifier: MIT
//! Fuzzes the input that the counter service reads from clients: requests, the sessions in them,
//! and the commands at the port of a node.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "counterd/answers.hpp"
#include "counterd/client_input.hpp"
#include "counterd/counters.hpp"
#include "counterd/errors.hpp"
#include "counterd/request.hpp"
#include "counterd/token.hpp"

using namespace counterd;

namespace {

/// Checks that the request is refused with a code for client errors and a text.
void expect_refusal(const std::optional<Error>& error) {
    if (error && (error->code() != ErrorCode::malformed_request || *error->what() == '\0'))
        std::abort();
}

const Counters& some_counters() {
    static const Counters counters = [] {
        Counters state;
        for (ReplicaId id = 1; id < 4; ++id) {
            state.add(id, "x", 5);
            state.add_bounded(id, "x", 5);
            state.transfer(id, id % 3 + 1, "x", 1);
        }
        state.reset(1, "x");
        state.add(2, "x", -7);
        Counters other = state;
        for (Counters* each : {&state, &other})
            each->add_all(each == &state ? 1 : 2, "q", {"add", "", {{"x", Kind::counter, 3}}});
        state.merge(other);
        state.settle(1, "q", [](ReplicaId) { return false; });
        return state;
    }();
    return counters;
}

/// Compares a session with a state, and joins the state into the session.
void use(Token token, const std::string& name) {
    const Snapshot snapshot(some_counters(), name);
    static_cast<void>(token.is_satisfied_by(snapshot));
    token.note(snapshot);
    const std::string text = token.text();
    if (text.size() > Token::longest) return;
    if (Token(name, text).text() != text) std::abort();
}

/// Reads the commands in these pieces. Returns a text of them, and of the error at the end.
std::string commands_in(std::initializer_list<std::string_view> pieces) {
    ClientInput input;
    std::string text;
    try {
        for (const std::string_view piece : pieces) {
            input.append(piece);
            while (const auto command = input.next())
                for (const std::string_view part :
                     {command->subject, command->reply, command->id, command->bytes})
                    text.append(part).append("|");
        }
    } catch (const ProtocolError& error) {
        text += error.what();
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Request::Members members{"name",       "kind",  "session", "timeout_ms", "delta",
                                   "ack",        "to",    "amount",  "after",      "prefix",
                                   "after_kind", "limit", "names",   "id",         "adds"};
    expect_refusal(error_of([&] {
        const Request request(bytes, members);
        const auto read = [&](auto&& member) { expect_refusal(error_of(member)); };
        read([&] { use(Token(request.name(), request.text("session")), request.name()); });
        read([&] { static_cast<void>(request.integer("delta", -5, 1'000'000)); });
        read([&] { static_cast<void>(request.integer("ack", 0, 1000, 0)); });
        read([&] { static_cast<void>(request.timeout()); });
        read([&] { static_cast<void>(request.kind("after_kind")); });
        read([&] { static_cast<void>(request.has("names") ? request.names().size() : 0); });
        read([&] {
            const std::string id = request.id();
            if (id.size() > Request::longest_id) std::abort();
            Applied work{"add", "", {}};
            std::set<std::string> names;
            if (request.has("adds"))
                for (const Request& add : request.adds())
                    if (names.insert(add.name()).second)
                        work.changes.push_back({add.name(), add.kind().value_or(Kind::counter),
                                                add.integer("delta", -5, 1'000'000)});
            static_cast<void>(some_counters().progress_of(id, work));
            Counters counters = some_counters();
            const auto error = error_of([&] { counters.add_all(1, id, work); });
            if (error
                    ? !(counters == some_counters())
                    : !id.empty() && counters.progress_of(id, work) == Counters::Progress::unknown)
                std::abort();
        });
        read([&] {
            const auto page = some_counters().list(
                request.prefix(), CounterKey{request.part_of_name("after"), Kind::counter},
                request.kind(), 1);
            for (const CounterKey& key : page.keys)
                if (!nlohmann::json::accept(entry_of(some_counters(), key))) std::abort();
        });
    }));
    // Reads the input as a session alone, too, because few random texts are valid requests with a
    // session.
    const std::string text(bytes);
    expect_refusal(error_of([&] { use(Token("x", text), "x"); }));
    // And as commands, which do not depend on the pieces in which they arrive.
    const std::size_t cut = size == 0 ? 0 : data[size / 2] % (size + 1);
    if (commands_in({bytes}) != commands_in({bytes.substr(0, cut), bytes.substr(cut)}))
        std::abort();
    return 0;
}
