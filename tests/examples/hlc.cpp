// SPDX-License-Identifier: MIT
#include <crdt/hlc.hpp>

int main() {
    crdt::HLC clock;
    clock.tick(1000);                           // the wall clock reads 1000
    clock.receive({1003, 7}, 1001, 50);         // a message from a replica a little ahead
    const auto time = clock.tick(1002).time();  // {1003, 8}: after both
    return time == crdt::HybridTime{1003, 8} ? 0 : 1;
}
