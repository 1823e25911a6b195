// SPDX-License-Identifier: MIT
//! The only file of the core that throws and catches exceptions. It defines the behaviour of builds
//! without exceptions.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Throws `Exception(what)`, or aborts if exceptions are disabled.
template <class Exception>
[[noreturn]] inline void throw_or_abort([[maybe_unused]] const char* what) {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)  // the second is MSVC's
    throw Exception(what);
#else
    std::abort();
#endif
}

/// Runs an action that may fail, for example for lack of memory. Returns false if the action threw.
template <class Action>
bool attempt(Action&& action) noexcept {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
    try {
        action();
    } catch (...) {
        return false;
    }
#else
    action();
#endif
    return true;
}

/// Calls `undo` at the end of the scope, unless dismiss() was called. If an exception interrupts a
/// change, `undo` reverts the steps already made. `undo` must not throw.
template <class Undo>
class OnFailure {
    Undo undo_;
    bool is_armed_ = true;

  public:
    explicit OnFailure(Undo undo) : undo_(std::move(undo)) {}
    OnFailure(const OnFailure&) = delete;
    OnFailure& operator=(const OnFailure&) = delete;
    ~OnFailure() {
        if (is_armed_) undo_();
    }
    void dismiss() { is_armed_ = false; }
};

}  // namespace crdt::detail
