/// What of the log is asked for.
#include "filter.hpp"

#include "principals.hpp"

#include <talon/date.hpp>
#include <talon/expression/parse.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

namespace audit {

namespace {

using talon::Json;
using talon::Result;

constexpr std::size_t kConditionBytesMax = 16'384;  // it goes into the log itself, whole

Result<int64_t> read_moment(const Json& args, const char* name, bool is_end) {
  constexpr std::size_t kDaySize = 10;  // 2026-11-21
  const std::string text(args[name].string());
  const bool is_day = text.size() == kDaySize;
  const auto at = talon::Timestamp::parse(is_day ? text + "T00:00:00Z" : text);
  if (!at)
    return talon::invalid(std::string(name) + ": " + talon::echoed(text) +
                          " is not a day or a moment, as in 2026-11-21 or 2026-11-21T10:00:00Z");
  return is_day && is_end ? at->us() + talon::kDayUs - 1 : at->us();
}

}  // namespace

Result<Period> read_period(const Json& args) {
  Period period;
  if (!args["from"].string().empty()) {
    TALON_TRY(period.from, read_moment(args, "from", false));
  }
  if (!args["to"].string().empty()) {
    TALON_TRY(period.to, read_moment(args, "to", true));
  }
  // It would have no entries, and "nothing" would look like an answer.
  if (period.to < period.from)
    return talon::invalid("the period ends (" + std::string(args["to"].string()) + ") before it begins (" +
                          std::string(args["from"].string()) + "): turn \"from\" and \"to\" round");
  return period;
}

std::string id_part(std::string_view record) {
  const std::size_t slash = record.find('/');
  return std::string(slash == std::string_view::npos ? record : record.substr(slash + 1));
}

Result<int64_t> record_number(std::string_view record) {
  auto id = talon::parse_id(id_part(record));
  if (id) return id;
  return talon::invalid(id.error().message +
                        "; a record is named TYPE/ID, as in invoice/inv_…: `talon record list TYPE --where "
                        "'number is \"…\"'` finds it");
}

std::string moment(int64_t at_us) { return talon::text_literal(talon::Timestamp(at_us).to_string()); }

Result<std::string> entry_condition(const talon::Records& caller, const Json& args) {
  std::string where;
  const auto add = [&](const std::string& condition) { where += (where.empty() ? "" : " and ") + condition; };
  for (const char* name : {"type", "action", "kind", "channel"}) {
    if (!args[name].string().empty())
      add(std::string(name) + " is " + talon::text_literal(args[name].string()));
  }
  if (!args["user"].string().empty()) {
    TALON_TRY(const std::string principal, principal_named(caller, args["user"].string()));
    const std::string user = talon::text_literal(principal);
    add("(principal is " + user + " or on_behalf_of is " + user + ")");
  }
  if (!args["record"].string().empty()) {
    TALON_TRY(const int64_t id, record_number(args["record"].string()));
    add("record is " + std::to_string(id));
  }
  talon::expression::Expression own;
  if (!args["where"].string().empty()) {
    // Read and printed anew: it stands beside other conditions, and ends none of them.
    TALON_TRY(own, talon::expression::parse(args["where"].string()));
    add("(" + talon::expression::print(own) + ")");
  }
  TALON_TRY(const Period period, read_period(args));
  if (period.from > 0) add("at >= " + moment(period.from));
  if (period.to < INT64_MAX) add("at <= " + moment(period.to));
  if (where.size() > kConditionBytesMax)
    return talon::invalid("what is asked for is longer than " + std::to_string(kConditionBytesMax) +
                          " bytes; ask in parts");
  // Last: it asks the log, and nobody makes it ask for what is refused all the same.
  TALON_DO(judge_principals(caller, own));
  return where;
}

}  // namespace audit
