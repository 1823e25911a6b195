// SPDX-License-Identifier: MIT
//! CRDT_NOINLINE: keeps a function out of its callers if it runs seldom or costs more than its
//! call.
#pragma once

#include <crdt/detail/cpp20.hpp>

#if defined(__GNUC__)
#define CRDT_NOINLINE [[gnu::noinline]]
#else
#define CRDT_NOINLINE
#endif
