// SPDX-License-Identifier: MIT
//! The serializers of the slots of texts, and of cursors.
#pragma once

#include <crdt/causal/dot_sequence.hpp>
#include <crdt/codec/forms/plain.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/sequence/cursor.hpp>

namespace crdt {}  // namespace crdt
