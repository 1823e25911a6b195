// SPDX-License-Identifier: MIT
//! The history of a run: all operations, faults, protocol errors and crashes, with their times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cluster {

using json = nlohmann::json;

/// Microseconds since the run began.
using Micros = std::int64_t;

constexpr double seconds(Micros time) { return static_cast<double>(time) / 1e6; }
constexpr Micros micros(double secs) { return static_cast<Micros>(secs * 1e6); }

/// ok: the operation took effect. fail: it certainly had no effect. info: the effect is unknown.
enum class Outcome { ok, fail, info };

constexpr const char* name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok: return "ok";
        case Outcome::fail: return "fail";
        case Outcome::info: return "info";
    }
    return "?";
}

/// The result of a read of a set. The elements of a run are 0, 1, 2, ..., so each needs only one
/// bit.
struct SetView {
    std::vector<bool> has;
    std::size_t count = 0;       ///< distinct expected elements
    std::size_t duplicates = 0;  ///< elements read more than once
    json unexpected = json::array();

    bool contains(std::size_t element) const { return element < has.size() && has[element]; }
};

struct Operation {
    std::size_t worker = 0;
    std::string client;
    std::size_t node = 0;
    std::string type;
    json argument;
    json result;
    std::optional<SetView> seen;
    Outcome outcome = Outcome::info;
    std::string error;
    Micros invoked = 0;
    Micros completed = 0;
    bool final_read = false;
};

enum class Fault { partition, kill, pause };

constexpr const char* name_of(Fault fault) {
    switch (fault) {
        case Fault::partition: return "partition";
        case Fault::kill: return "kill";
        case Fault::pause: return "pause";
    }
    return "?";
}

/// A fault that lasted from start to stop.
struct FaultPeriod {
    Fault fault;
    std::string what;
    Micros start;
    Micros stop;
};

struct ProtocolError {
    Micros time;
    std::string node;
    std::string reason;
    std::string line;
};

/// The unexpected exit of a node, or its failure to start.
struct UnexpectedExit {
    Micros time;
    std::string node;
    std::string how;
};

struct Flow {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
};

/// Counts of messages, made when they are sent. `servers` are messages of which neither end is a
/// client.
struct Traffic {
    Flow all, clients, servers;
    std::uint64_t dropped = 0;
};

struct History {
    std::vector<std::string> nodes;
    std::size_t workers = 0;
    std::vector<Operation> operations;
    std::vector<FaultPeriod> faults;
    std::vector<ProtocolError> protocol_errors;
    std::vector<UnexpectedExit> exits;
    Traffic traffic;
    Flow quiet_servers;  ///< between servers, from the heal to the final reads
    Micros ended = 0;
};

}  // namespace cluster
