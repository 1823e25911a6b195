// SPDX-License-Identifier: MIT
//! The one place where the core throws, and what it does in builds without exceptions.
#pragma once

#include <cstdlib>
#include <stdexcept>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Throws `Exception(what)`; aborts where exceptions are switched off.
template <class Exception>
[[noreturn]] inline void raise([[maybe_unused]] const char* what) {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)  // the second is MSVC's
    throw Exception(what);
#else
    std::abort();
#endif
}

}  // namespace crdt::detail
