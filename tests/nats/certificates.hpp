// SPDX-License-Identifier: MIT
//! Certificates for servers and clients of a test.
#pragma once

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "server.hpp"

namespace support {

/// Generated certificates: of an authority, and of a server and a client that it signs.
inline void make_certificates(const fs::path& folder, const std::string& host) {
    const std::string command =
        "cd " + folder.string() +
        " && exec 2>certificates.log"
        " && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority"
        " -keyout ca.key -out ca.pem"
        " && for name in server client; do"
        " openssl req -newkey rsa:2048 -nodes -subj /CN=$name -keyout $name.key -out $name.csr"
        " && printf 'subjectAltName=" +
        host +
        "' >$name.ext"
        " && openssl x509 -req -days 2 -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
        " -extfile $name.ext -out $name.pem || exit 1; done";
    REQUIRE_MESSAGE(std::system(command.c_str()) == 0, read_file(folder / "certificates.log"));
}

/// The configuration of a server with these certificates.
inline std::string tls(const std::string& more = "") {
    return "tls { cert_file: server.pem, key_file: server.key, " + more + " }";
}

}  // namespace support
