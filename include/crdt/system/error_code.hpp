// SPDX-License-Identifier: MIT
//! ErrorCode: the reason why a request failed. It shows whether the operation may still have been
//! carried out.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/detail/cpp20.hpp>

namespace crdt::system {

/// The error codes of services, the same as in Maelstrom. Applications may use codes of 1000 and
/// above. is_definite() returns false for these codes.
enum class ErrorCode : int {
    timeout = 0,
    node_not_found = 1,
    not_supported = 10,
    temporarily_unavailable = 11,
    malformed_request = 12,
    crash = 13,
    abort = 14,
    key_does_not_exist = 20,
    key_already_exists = 21,
    precondition_failed = 22,
    txn_conflict = 30,
};

/// Returns true if the code guarantees that the operation was not and will not be carried out.
constexpr bool is_definite(ErrorCode code) {
    switch (code) {
        case ErrorCode::node_not_found:
        case ErrorCode::not_supported:
        case ErrorCode::temporarily_unavailable:
        case ErrorCode::malformed_request:
        case ErrorCode::abort:
        case ErrorCode::key_does_not_exist:
        case ErrorCode::key_already_exists:
        case ErrorCode::precondition_failed:
        case ErrorCode::txn_conflict: return true;
        default: return false;
    }
}

/// Returns the name of the code in Maelstrom's documentation, or "unknown" for any other number.
constexpr std::string_view name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::timeout: return "timeout";
        case ErrorCode::node_not_found: return "node-not-found";
        case ErrorCode::not_supported: return "not-supported";
        case ErrorCode::temporarily_unavailable: return "temporarily-unavailable";
        case ErrorCode::malformed_request: return "malformed-request";
        case ErrorCode::crash: return "crash";
        case ErrorCode::abort: return "abort";
        case ErrorCode::key_does_not_exist: return "key-does-not-exist";
        case ErrorCode::key_already_exists: return "key-already-exists";
        case ErrorCode::precondition_failed: return "precondition-failed";
        case ErrorCode::txn_conflict: return "txn-conflict";
    }
    return "unknown";
}

/// The exception that a request handler throws to answer with an error.
class RequestError : public std::runtime_error {
    ErrorCode code_;

  public:
    /// Makes an exception. `text` describes the error to a person.
    RequestError(ErrorCode code, const std::string& text) : std::runtime_error(text), code_(code) {}
    /// Returns the code of the answer.
    ErrorCode code() const noexcept { return code_; }
};

}  // namespace crdt::system
