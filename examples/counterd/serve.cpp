// SPDX-License-Identifier: MIT
#include "serve.hpp"

#include "connect.hpp"
#include "daemon.hpp"
#include "host.hpp"

namespace counterd {

void serve(const Flags& flags, const JsonLog& log) {
    Host host(flags);
    const auto connection = connect(flags, log, host);
    if (!connection) return;
    Daemon daemon(flags, log, host, *connection);
    log(crdt::system::LogLevel::info, "serving");
    daemon.run();
    log(crdt::system::LogLevel::info, "left");
}

}  // namespace counterd
