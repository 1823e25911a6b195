// SPDX-License-Identifier: MIT
//! Is this program built with AddressSanitizer? If so, tests run fewer seeds.
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

/// Returns `count`, or a tenth of it with sanitizers, where a seed takes 20 to 50 times as long.
constexpr std::uint64_t seeds(std::uint64_t count) { return sanitized ? count / 10 : count; }

}  // namespace support
