// SPDX-License-Identifier: MIT
//! The library's version, for the preprocessor.
#pragma once

#include <crdt/detail/cpp20.hpp>

#define CRDT_VERSION_MAJOR 0  ///< incremented for breaking changes
#define CRDT_VERSION_MINOR 1  ///< incremented for new features
#define CRDT_VERSION_PATCH 0  ///< incremented for fixes

/// The version as one number, for comparisons: 10203 for 1.2.3.
#define CRDT_VERSION (CRDT_VERSION_MAJOR * 10000 + CRDT_VERSION_MINOR * 100 + CRDT_VERSION_PATCH)
