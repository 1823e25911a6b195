// SPDX-License-Identifier: MIT
//! The library's version, for the preprocessor.
#pragma once

#define CRDT_VERSION_MAJOR 0
#define CRDT_VERSION_MINOR 1
#define CRDT_VERSION_PATCH 0

/// One number to compare with: 10203 for 1.2.3.
#define CRDT_VERSION (CRDT_VERSION_MAJOR * 10000 + CRDT_VERSION_MINOR * 100 + CRDT_VERSION_PATCH)
