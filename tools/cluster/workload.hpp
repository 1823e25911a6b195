// SPDX-License-Identifier: MIT
//! The workloads: the requests of clients, and the valid replies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history.hpp"
#include "random.hpp"

namespace cluster {

enum class Kind { echo, unique_ids, counter, set };

/// A request of clients, and the exact form of its reply.
struct Call {
    std::string_view type;
    std::string_view argument;     ///< the body's field that holds the argument; empty for none
    std::string_view result;       ///< the field of the reply that holds the result; empty for none
    bool (*accepts)(const json&);  ///< whether a result is of the right type
    bool has_effect;               ///< whether an unanswered call may have taken effect
};

struct Workload {
    std::string_view name;
    Kind kind;
    std::int64_t lowest = 0;  ///< the least argument of a counter's add
    std::int64_t highest = 0;
    std::optional<Call> write;
    std::optional<Call> read;

    bool has_final_read() const { return kind == Kind::counter || kind == Kind::set; }
};

/// All workloads.
const std::vector<Workload>& workloads();

/// Returns the workload of that name, or null.
const Workload* find_workload(std::string_view name);

/// Generates the calls of a run.
class CallSource {
    const Workload& workload_;
    Random random_;
    std::int64_t next_element_ = 0;

    json argument();

  public:
    struct Next {
        const Call* call;
        json argument;
    };

    CallSource(const Workload& workload, Random random) : workload_(workload), random_(random) {}
    Next next();
};

/// Returns the request body of a call.
json request_body(const Call& call, const json& argument, std::int64_t msg_id);

/// The outcome of an operation according to its reply.
struct Answer {
    Outcome outcome;
    json result;
    std::string error;
    bool ill_formed = false;  ///< the reply is invalid
};

Answer read_answer(const Call& call, const json& body);

/// Returns which of the elements 0, 1, 2, ..., `attempted` - 1 are in the list.
SetView view_of(const json& list, std::size_t attempted);

}  // namespace cluster
