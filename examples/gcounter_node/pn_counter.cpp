// SPDX-License-Identifier: MIT
//! The counter node of the pn-counter workload.

#include <crdt/pncounter.hpp>

#include "options.hpp"
#include "serve.hpp"

template int serve<crdt::PNCounter<>>(const Options& options);
