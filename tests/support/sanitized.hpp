// SPDX-License-Identifier: MIT
//! Is this built with AddressSanitizer? Then tests look at the code, and less for rare seeds.
#pragma once

#include <cstdint>

namespace support {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
inline constexpr bool sanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

/// A tenth of `count` under sanitizers, where each costs some twenty times as much.
constexpr std::uint64_t seeds(std::uint64_t count) { return sanitized ? count / 10 : count; }

}  // namespace support
