/// How long things stay.
#include "retention.hpp"

#include <talon/date.hpp>
#include <talon/model_lookup.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace audit {

namespace {

using talon::Result;

constexpr int64_t kCountMax = 1000;

Result<int64_t> read_time(std::string_view text, const std::string& word) {
  int64_t count = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && count <= 100 * kCountMax; ++at) {
    count = count * 10 + (text[at] - '0');
  }
  const char unit = at + 1 == text.size() ? text[at] : ' ';
  const int64_t days = unit == 'd' ? 1 : unit == 'w' ? 7 : unit == 'm' ? 30 : unit == 'y' ? 365 : 0;
  if (at == 0 || days == 0 || count == 0 || count > 100 * kCountMax / days) {
    return talon::invalid(talon::echoed(word) + ": the time is a number and d, w, m or y, as in 90d or 10y");
  }
  return count * days * talon::kDayUs;
}

/// Every word; the mistakes of all are one error.
template <typename Take>
Result<void> each_word(std::string_view text, const Take& take) {
  std::string mistakes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    const Result<void> taken = end > 0 ? take(std::string(text.substr(0, end))) : Result<void>();
    if (!taken) mistakes.append(mistakes.empty() ? "" : "; ").append(taken.error().message);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return mistakes.empty() ? Result<void>() : talon::invalid(mistakes);
}

const std::vector<std::string>& kinds() {
  static const std::vector<std::string> kKinds = {"change", "read", "access", "system"};
  return kKinds;
}

}  // namespace

Result<std::vector<RetentionClass>> read_retention(std::string_view text) {
  std::vector<RetentionClass> classes;
  TALON_DO(each_word(text, [&](const std::string& word) -> Result<void> {
    const std::size_t slash = word.find('/');
    const std::size_t equals = word.find('=');
    if (slash == std::string::npos || equals == std::string::npos || equals < slash || slash == 0 ||
        equals == slash + 1) {
      return talon::invalid(talon::echoed(word) + " is not KIND/TYPE=TIME, as in read/*=2y");
    }
    RetentionClass one{word.substr(0, slash), word.substr(slash + 1, equals - slash - 1), 0};
    if (one.kind != "*" && std::find(kinds().begin(), kinds().end(), one.kind) == kinds().end()) {
      return talon::invalid(talon::echoed(word) + ": the kind is change, read, access, system or *." +
                            talon::model::suggestion(one.kind, kinds()));
    }
    TALON_TRY(one.time_us, read_time(std::string_view(word).substr(equals + 1), word));
    classes.push_back(std::move(one));
    return {};
  }));
  return classes;
}

Result<std::vector<RetentionClass>> read_keep(std::string_view text) {
  std::vector<RetentionClass> classes;
  TALON_DO(each_word(text, [&](const std::string& word) -> Result<void> {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      return talon::invalid(talon::echoed(word) + " is not TYPE=TIME, as in party=1y");
    RetentionClass one{{}, word.substr(0, equals), 0};
    TALON_TRY(one.time_us, read_time(std::string_view(word).substr(equals + 1), word));
    classes.push_back(std::move(one));
    return {};
  }));
  return classes;
}

bool Hold::holds(std::string_view of_type, int64_t of_record, std::string_view of_user) const {
  return (type.empty() || type == of_type) && (record == 0 || record == of_record) &&
         (user.empty() || user == of_user);
}

}  // namespace audit
