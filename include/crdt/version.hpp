// SPDX-License-Identifier: MIT
//! The library's version, for the preprocessor.
#pragma once

#define CRDT_VERSION_MAJOR 0
#define CRDT_VERSION_MINOR 1
#define CRDT_VERSION_PATCH 0
