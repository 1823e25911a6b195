// SPDX-License-Identifier: MIT
#include "serve.hpp"

#include "daemon.hpp"

namespace counterd {

void serve(const Flags& flags, const JsonLog& log) {
    Daemon daemon(flags, log);
    log(crdt::system::LogLevel::info, "serving");
    daemon.run();
    log(crdt::system::LogLevel::info, "left");
}

}  // namespace counterd
