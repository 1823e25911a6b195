// SPDX-License-Identifier: MIT
//! Everything that needs only the standard library: the data types, the lattices that they are made
//! of, and replication.
#pragma once

#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/min.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/show.hpp>
#include <crdt/version.hpp>
