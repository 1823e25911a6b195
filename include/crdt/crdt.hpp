// SPDX-License-Identifier: MIT
//! All data types, and the lattices and causal states that they are made of.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <crdt/awset.hpp>
#include <crdt/bag.hpp>
#include <crdt/bounded_counter.hpp>
#include <crdt/causal/causal.hpp>
#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/causal/version_vector.hpp>
#include <crdt/dwflag.hpp>
#include <crdt/ewflag.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gmap.hpp>
#include <crdt/gset.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/antichain.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/min.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/unit.hpp>
#include <crdt/lattice/write_once.hpp>
#include <crdt/lex_counter.hpp>
#include <crdt/list.hpp>
#include <crdt/lww_register.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>
#include <crdt/record.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/rwmap.hpp>
#include <crdt/rwset.hpp>
#include <crdt/text.hpp>
#include <crdt/to_string.hpp>
#include <crdt/total.hpp>
#include <crdt/two_phase_set.hpp>
#include <crdt/undo.hpp>
#include <crdt/version.hpp>
