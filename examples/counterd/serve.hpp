// SPDX-License-Identifier: MIT
//! serve: runs the node, from reading its flags to its end.
#pragma once

#include "flags.hpp"
#include "json_log.hpp"

namespace counterd {

/// Runs until a signal ends the node. Throws an error that ends it earlier.
void serve(const Flags& flags, const JsonLog& log);

}  // namespace counterd
