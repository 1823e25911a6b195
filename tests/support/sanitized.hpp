// SPDX-License-Identifier: MIT
//! Is this program built with AddressSanitizer? It keeps freed memory, and needs more of the stack.
#pragma once

namespace support {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
inline constexpr bool sanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace support
