// SPDX-License-Identifier: MIT
//! CRDT_NOINLINE: what happens seldom, or costs more than its call, is kept out of its callers.
#pragma once

#include <crdt/detail/cpp20.hpp>

#if defined(__GNUC__)
#define CRDT_NOINLINE [[gnu::noinline]]
#else
#define CRDT_NOINLINE
#endif
