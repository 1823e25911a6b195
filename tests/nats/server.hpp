// SPDX-License-Identifier: MIT
//! NATS servers on free local ports.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "process.hpp"
#include <arpa/inet.h>

namespace support {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Port = std::uint16_t;

/// The path of nats-server; empty if it is not installed.
inline fs::path nats_server() {
    const char* variable = std::getenv("PATH");
    // Debian installs nats-server in a folder that is not in every user's PATH.
    std::istringstream folders(std::string(variable == nullptr ? "" : variable) + ":/usr/sbin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const fs::path file = fs::path(folder) / "nats-server";
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    return {};
}

inline sockaddr_in loopback(Port port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// Free ports.
inline std::vector<Port> free_ports(std::size_t count) {
    std::vector<int> sockets;
    std::vector<Port> ports;
    while (ports.size() < count) {
        sockets.push_back(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        REQUIRE(::bind(sockets.back(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        ::getsockname(sockets.back(), reinterpret_cast<sockaddr*>(&address), &size);
        ports.push_back(ntohs(address.sin_port));
    }
    for (const int file : sockets) ::close(file);
    return ports;
}

inline bool listens(Port port) {
    const int file = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    const bool yes =
        ::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(file);
    return yes;
}

/// Waits until `condition()` holds. Returns false after a timeout.
template <class Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds timeout = 10s) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

inline void write_file(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}
inline std::string read_file(const fs::path& file) {
    std::ifstream input(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(input), {}};
}

/// A process in a folder of the test, with a log beside it.
class Child {
    cluster::Command command_;
    std::unique_ptr<cluster::Process> process_;

  public:
    Child(const fs::path& folder, const std::string& name, const fs::path& binary,
          std::vector<std::string> arguments)
        : command_{binary, std::move(arguments), folder, folder / (name + ".log")} {}

    void start() { process_ = std::make_unique<cluster::Process>(command_); }
    void kill() { process_.reset(); }
    void signal(int number) { process_->signal(number); }
    std::string log() const { return read_file(command_.log); }
    /// Returns in words how the process ended, or an empty text if it still runs after ten seconds.
    std::string end() {
        std::optional<std::string> words;
        eventually([&] { return (words = process_->reap()).has_value(); });
        return words.value_or("");
    }
};

/// A server with its own configuration, besides its port.
class Server : public Child {
    Port port_;

    static std::vector<std::string> configure(const fs::path& folder, const std::string& name,
                                              Port port, const std::string& more) {
        const fs::path file = folder / (name + ".conf");
        write_file(file, "listen: 127.0.0.1:" + std::to_string(port) + "\nserver_name: " + name +
                             "\n" + more + "\n");
        return {"-c", file.string()};
    }

  public:
    Server(const fs::path& folder, const std::string& name, Port port, const std::string& more = "")
        : Child(folder, name, nats_server(), configure(folder, name, port, more)), port_(port) {
        start();
    }

    void start() {
        Child::start();
        REQUIRE_MESSAGE(eventually([this] { return listens(port_); }), log());
    }
    Port port() const { return port_; }
    std::string url(const std::string& user = "", const std::string& scheme = "nats") const {
        return scheme + "://" + user + "127.0.0.1:" + std::to_string(port_);
    }
};

}  // namespace support
