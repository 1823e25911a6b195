// SPDX-License-Identifier: MIT
//! Fuzzes the input that the counter service reads from clients: requests, and the sessions in
//! them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "counterd/answers.hpp"
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Request::Members members{"name",       "kind",  "session", "timeout_ms", "delta",
                                   "ack",        "to",    "amount",  "after",      "prefix",
                                   "after_kind", "limit", "names"};
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
            const auto page = some_counters().list(
                request.prefix(), CounterKey{request.part_of_name("after"), Kind::counter},
                request.kind(), 1);
            for (const CounterKey& key : page.keys)
                if (!Json::accept(entry_of(some_counters(), key))) std::abort();
        });
    }));
    // Reads the input as a session alone, too, because few random texts are valid requests with a
    // session.
    const std::string text(bytes);
    expect_refusal(error_of([&] { use(Token("x", text), "x"); }));
    return 0;
}
