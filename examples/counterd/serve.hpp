// SPDX-License-Identifier: MIT
//! serve: the node, from its flags to its end.
#pragma once

#include "flags.hpp"
#include "json_log.hpp"

namespace counterd {

/// Serves until a signal ends it. Throws the error that ends it earlier.
void serve(const Flags& flags, const JsonLog& log);

}  // namespace counterd
