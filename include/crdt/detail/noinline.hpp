// SPDX-License-Identifier: MIT
//! CRDT_NOINLINE: prevents inlining of a function that runs rarely, or that takes much longer than
//! its call.
#pragma once

#include <crdt/detail/cpp20.hpp>

#if defined(__GNUC__)
#define CRDT_NOINLINE [[gnu::noinline]]
#else
#define CRDT_NOINLINE
#endif
