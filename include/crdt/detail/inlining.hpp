// SPDX-License-Identifier: MIT
//! CRDT_NOINLINE: prevents inlining of a function that runs rarely, or that takes much longer than
//! its call. CRDT_ALWAYS_INLINE: inlines a function that takes no longer than its call.
#pragma once

#include <crdt/detail/cpp20.hpp>

#if defined(__GNUC__)
#define CRDT_NOINLINE [[gnu::noinline]]
#define CRDT_ALWAYS_INLINE [[gnu::always_inline]] inline
#else
#define CRDT_NOINLINE
#define CRDT_ALWAYS_INLINE inline
#endif
