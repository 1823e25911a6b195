// SPDX-License-Identifier: MIT
//! ExitCode: the exit codes of counterd, which are those of <sysexits.h>.
#pragma once

#include <array>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include <sysexits.h>

#include <crdt/nats/handle.hpp>
#include <crdt/store/sqlite.hpp>

namespace counterd {

/// An exit code, and the reason for which a node ends with it.
struct ExitCode {
    int number;
    const char* meaning;
};
inline constexpr std::array exit_codes{
    ExitCode{EX_OK, "done: a signal ended the node, or the options are valid"},
    ExitCode{EX_USAGE, "a wrong option, or one is missing"},
    ExitCode{EX_UNAVAILABLE, "no NATS server could be reached within --wait"},
    ExitCode{EX_SOFTWARE, "an unexpected error"},
    ExitCode{EX_OSERR, "no memory, or a port is in use"},
    ExitCode{EX_IOERR, "the file of --data cannot be used, read or written"},
    ExitCode{EX_NOPERM, "a NATS server refuses this node: user, permissions or TLS"},
    ExitCode{EX_CONFIG, "an error in the file of --config"},
};

/// Returns the table of exit codes as text.
inline std::string exit_codes_text() {
    std::string text = "Exit codes:";
    for (const auto& [number, meaning] : exit_codes)
        text += "\n  " + std::to_string(number) + (number < 10 ? "   " : "  ") + meaning;
    return text;
}

/// Returns whether a later attempt to connect may succeed without a change of options. This is so
/// if no server was reached, or the connection was lost.
inline bool is_unreachable(const crdt::nats::NatsError& error) {
    switch (error.status()) {
        case NATS_NO_SERVER:
        case NATS_TIMEOUT:
        case NATS_IO_ERROR:
        case NATS_CONNECTION_CLOSED:
        case NATS_CONNECTION_DISCONNECTED:
        case NATS_STALE_CONNECTION: return true;
        default: return false;
    }
}

/// Returns the exit code for an exception that ends a node.
inline int exit_code_of(const std::exception& error) {
    if (dynamic_cast<const crdt::store::FileError*>(&error) != nullptr) return EX_IOERR;
    if (const auto* nats = dynamic_cast<const crdt::nats::NatsError*>(&error))
        return is_unreachable(*nats) ? EX_UNAVAILABLE : EX_NOPERM;
    if (dynamic_cast<const std::system_error*>(&error) != nullptr ||
        dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
        return EX_OSERR;
    return EX_SOFTWARE;
}

}  // namespace counterd
