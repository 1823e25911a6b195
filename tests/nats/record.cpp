// SPDX-License-Identifier: MIT
//! A library that is preloaded into a node. It writes the node's calls to the file $RECORD, one
//! line each, in order: "synced" for a sync, and "sent SUBJECT" for a message to a server, or to a
//! client at the node's port. If the message contains a name with the word "change", the line ends
//! with " change". While the file $SLOW_IF exists, a sync takes 6 seconds.
#include <cstdlib>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

void note(const std::string& what) {
    static const int file =
        ::open(std::getenv("RECORD"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const std::string line = what + '\n';
    [[maybe_unused]] const auto written = ::write(file, line.data(), line.size());
}

void note_sent(const char* subject, const void* data, int size) {
    const std::string_view bytes(static_cast<const char*>(data), static_cast<std::size_t>(size));
    const bool has_change = bytes.find("change") != std::string_view::npos;
    note(std::string("sent ") + subject + (has_change ? " change" : ""));
}

/// The function that this one replaces.
template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int sync(long call, int file) {
    const char* slow = std::getenv("SLOW_IF");
    if (slow != nullptr && ::access(slow, F_OK) == 0) ::sleep(6);
    const auto result = static_cast<int>(::syscall(call, file));
    note("synced");
    return result;
}

}  // namespace

extern "C" {

ssize_t send(int socket, const void* data, size_t size, int flags) {
    constexpr std::string_view message = "MSG ";
    const std::string_view bytes(static_cast<const char*>(data), size);
    if (bytes.starts_with(message))
        note_sent(std::string(bytes.substr(message.size(),
                                           bytes.find(' ', message.size()) - message.size()))
                      .c_str(),
                  data, static_cast<int>(size));
    return ::sendto(socket, data, size, flags, nullptr, 0);
}

int fsync(int file) { return sync(SYS_fsync, file); }
int fdatasync(int file) { return sync(SYS_fdatasync, file); }

// The signatures of libnats. There a status is an enumeration.
int natsConnection_Publish(void* connection, const char* subject, const void* data, int size);
int natsConnection_PublishRequest(void* connection, const char* subject, const char* reply,
                                  const void* data, int size);

int natsConnection_Publish(void* connection, const char* subject, const void* data, int size) {
    note_sent(subject, data, size);
    static auto* const publish = next<decltype(natsConnection_Publish)>("natsConnection_Publish");
    return publish(connection, subject, data, size);
}
int natsConnection_PublishRequest(void* connection, const char* subject, const char* reply,
                                  const void* data, int size) {
    note_sent(subject, data, size);
    static auto* const publish =
        next<decltype(natsConnection_PublishRequest)>("natsConnection_PublishRequest");
    return publish(connection, subject, reply, data, size);
}
}
