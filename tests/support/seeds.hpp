// SPDX-License-Identifier: MIT
//! How many of their cases tests run. With sanitizers a case takes 20 to 50 times as long, so tests
//! run a part of them there. tools/nightly sanitizers runs all.
#pragma once

#include <cstdint>

namespace support {

#ifdef FEW_CASES
inline constexpr bool few_cases = true;
#else
inline constexpr bool few_cases = false;
#endif

/// Returns `count`, or a tenth of it if tests run a part of their cases.
constexpr std::uint64_t seeds(std::uint64_t count) { return few_cases ? count / 10 : count; }

}  // namespace support
