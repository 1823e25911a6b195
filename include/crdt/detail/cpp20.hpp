// SPDX-License-Identifier: MIT
//! Stops a compiler that is not in C++20 mode, with a one-line message. Every header of the
//! library includes this header, directly or through another header. So this check comes before
//! all code that needs C++20.
#pragma once

#if defined(_MSVC_LANG)
#if _MSVC_LANG < 202002L
#error "crdt needs C++20: compile with /std:c++20 or newer"
#endif
#elif __cplusplus < 202002L
#if defined(__GNUC__)
// After an #error, GCC and Clang go on and report each use of C++20, but they stop at a missing
// file. So the message is the name of a file that does not exist.
#include "crdt needs C++20: compile with -std=c++20 or newer"
#else
#error "crdt needs C++20: compile with -std=c++20 or newer"
#endif
#endif
