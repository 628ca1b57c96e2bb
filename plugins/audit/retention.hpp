/// How long things stay: classes of payloads, personal values, and the holds that win over both. Pure rules.
#pragma once

#include <talon/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

/// "read/*=2y": payloads of this kind and type expire after this time.
struct RetentionClass {
  std::string kind;  ///< or "*"
  std::string type;  ///< or "*"
  int64_t time_us = 0;
};

/// Reads KIND/TYPE=TIME words; TIME is a number with d, w, m (30 days) or y (365 days).
/// @errors InvalidArgument: naming each word that is none.
talon::Result<std::vector<RetentionClass>> read_retention(std::string_view text);
/// The same of TYPE=TIME words; `kind` stays empty.
talon::Result<std::vector<RetentionClass>> read_keep(std::string_view text);

/// A legal hold. Empty members mean any.
struct Hold {
  std::string type;
  int64_t record = 0;
  std::string user;
  std::string reason;

  /// Whether it keeps what `user` did to the record.
  bool holds(std::string_view of_type, int64_t of_record, std::string_view of_user) const;
};

}  // namespace audit
