// SPDX-License-Identifier: MIT
//! A library that is preloaded into a node. It writes the node's calls to the file $RECORD, one
//! line each, in order: "received", "wrote", "syncing" and "synced" for a file, and "sent SUBJECT"
//! for a message to a server, or for messages to a client at the node's port, of which SUBJECT is
//! the first. The names like change0001x in the bytes follow. Each sync takes $SYNC_MS milliseconds
//! longer, and 6 seconds while the file $SLOW_IF exists. While the file $FAIL_IF exists, it fails.
#include <cerrno>
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

/// Returns the names in the bytes, each after a blank.
std::string names_in(const void* data, size_t size) {
    constexpr std::string_view begin = "change";
    constexpr size_t digits = 4;
    const std::string_view bytes(static_cast<const char*>(data), size);
    std::string names;
    for (size_t at = bytes.find(begin); at != bytes.npos; at = bytes.find(begin, at + 1)) {
        const std::string_view rest = bytes.substr(at, begin.size() + digits + 1);
        if (rest.find_first_not_of("0123456789", begin.size()) == rest.size() - 1 &&
            rest.ends_with('x'))
            names += ' ' + std::string(rest);
    }
    return names;
}
/// Records a call if there are names in the bytes.
void note_names(const std::string& what, const void* data, size_t size) {
    const std::string names = names_in(data, size);
    if (!names.empty()) note(what + names);
}
void note_sent(const std::string& subject, const void* data, int size) {
    note("sent " + subject + names_in(subject.data(), subject.size()) +
         names_in(data, static_cast<size_t>(size)));
}

/// The function that this one replaces.
template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// Returns whether the file exists that the variable names.
bool has(const char* variable) {
    const char* file = std::getenv(variable);
    return file != nullptr && ::access(file, F_OK) == 0;
}

int sync(long call, int file) {
    note("syncing");
    if (has("SLOW_IF")) ::sleep(6);
    static const char* const longer = std::getenv("SYNC_MS");
    if (longer != nullptr) ::usleep(static_cast<useconds_t>(1000 * std::atoi(longer)));
    if (has("FAIL_IF")) {
        errno = EIO;
        return -1;
    }
    const auto result = static_cast<int>(::syscall(call, file));
    note("synced");
    return result;
}

}  // namespace

extern "C" {

ssize_t send(int socket, const void* data, size_t size, int flags) {
    constexpr std::string_view message = "MSG ";
    const std::string_view bytes(static_cast<const char*>(data), size);
    if (bytes.starts_with(message)) {
        const std::size_t subject = message.size(), end = bytes.find(' ', subject);
        note("sent " + std::string(bytes.substr(subject, end - subject)) + names_in(data, size));
    }
    return ::sendto(socket, data, size, flags, nullptr, 0);
}
ssize_t recv(int socket, void* data, size_t size, int flags) {
    const ssize_t received = ::recvfrom(socket, data, size, flags, nullptr, nullptr);
    if (received > 0) note_names("received", data, static_cast<size_t>(received));
    return received;
}

ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
    note_names("wrote", data, size);
    return ::syscall(SYS_pwrite64, file, data, size, offset);
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
