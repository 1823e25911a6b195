// SPDX-License-Identifier: MIT
//! A replicated counter for Maelstrom's protocol: g-counter and pn-counter workloads.

#include <crdt/gcounter.hpp>
#include <crdt/pncounter.hpp>

#include "options.hpp"
#include "serve.hpp"

// This function is compiled in pn_counter.cpp, because two small compilations are faster than a
// large one.
extern template int serve<crdt::PNCounter<>>(const Options& options);

int main(int argc, char** argv) {
    const Options options(argc, argv);
    return options.counter == "g" ? serve<crdt::GCounter<>>(options)
                                  : serve<crdt::PNCounter<>>(options);
}
