// SPDX-License-Identifier: MIT
//! Stops a compiler that is not in C++20 mode, with one sentence. Every header of the library that
//! includes no other one of it includes this one, so that it comes before all that needs C++20.
#pragma once

#if defined(_MSVC_LANG)
#if _MSVC_LANG < 202002L
#error "crdt needs C++20: compile with /std:c++20 or newer"
#endif
#elif __cplusplus < 202002L
#if defined(__GNUC__)
// GCC and Clang go on after an #error, and report each use of C++20. They stop at a missing file.
#include "crdt needs C++20: compile with -std=c++20 or newer"
#else
#error "crdt needs C++20: compile with -std=c++20 or newer"
#endif
#endif
