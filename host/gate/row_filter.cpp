/// A decision as SQL; a deny or a field rule holds unless it is false, an allow only when it is true.
#include "host/gate/row_filter.hpp"

#include <algorithm>

namespace talon::gate {

namespace {

using expression::Expression;
using expression::is_always;

constexpr std::size_t kTextPerRule = 160;  // most are shorter: the text grows at once, not piece by piece
constexpr std::size_t kBindsPerRule = 4;

/// Appends the condition with NULL read as true.
void write_unless_false(const Expression& where, const storage::PathSql& path_sql, int64_t today,
                        storage::Dialect dialect, storage::Sql& sql) {
  sql.text += "coalesce(";
  storage::write_condition(where, path_sql, today, dialect, sql);
  sql.text += ", true)";
}

/// (one₁ WORD one₂ …) in halves, as conditions are written: thousands of rules are no deeper than a dozen.
/// @param write  writes the one at a place.
template <typename Write>
void write_joined(std::size_t from, std::size_t count, const char* word, const Write& write,
                  storage::Sql& sql) {
  if (count == 1) return write(from);
  sql.text += "(";
  write_joined(from, count / 2, word, write, sql);
  sql.text += word;
  write_joined(from + count / 2, count - count / 2, word, write, sql);
  sql.text += ")";
}

}  // namespace

void write_row_filter(const Decision& decision, const storage::PathSql& path_sql, int64_t today,
                      storage::Dialect dialect, storage::Sql& sql) {
  if (decision.verdict() != Decision::Verdict::Conditional) {
    sql.text += decision.verdict() == Decision::Verdict::Always ? "(1 = 1)" : "(1 = 0)";
    return;
  }
  const std::vector<Residual>& allows = decision.allows();
  const Residuals& denies = decision.denies();
  const std::size_t rules = allows.size() + denies.size();
  sql.text.reserve(sql.text.size() + rules * kTextPerRule);
  sql.binds.reserve(sql.binds.size() + rules * kBindsPerRule);
  const bool is_open =
      std::any_of(allows.begin(), allows.end(), [](const Residual& allow) { return is_always(allow.where); });
  sql.text += "(";
  if (is_open) {
    sql.text += "(1 = 1)";
  } else {
    const auto write = [&](std::size_t place) {
      storage::write_condition(allows[place].where, path_sql, today, dialect, sql);
    };
    write_joined(0, allows.size(), " or ", write, sql);
  }
  if (denies.size() > 0) {
    sql.text += " and not ";
    const auto write = [&](std::size_t place) {
      denies.with(place, [&](const Residual& deny) {
        write_unless_false(deny.where, path_sql, today, dialect, sql);
      });
    };
    write_joined(0, denies.size(), " or ", write, sql);
  }
  sql.text += ")";
}

void write_level(const Decision& decision, std::string_view field, const storage::PathSql& path_sql,
                 int64_t today, storage::Dialect dialect, storage::Sql& sql) {
  const auto number = [&](const FieldRule& rule) {
    const int64_t masking = rule.level == Level::Masked ? &rule - decision.plan().fields.data() + 1 : 0;
    return std::to_string(static_cast<int64_t>(rule.level) + Decision::kLevels * masking);
  };
  sql.text += "cast(case";
  std::string otherwise = std::to_string(static_cast<int>(Level::Edit));
  for (const FieldRule* rule : decision.rules_of(field)) {
    if (is_always(rule->where)) {  // no later rule can lower it
      otherwise = number(*rule);
      break;
    }
    sql.text += " when ";
    write_unless_false(rule->where, path_sql, today, dialect, sql);
    sql.text += " then " + number(*rule);
  }
  if (sql.text.ends_with("cast(case")) sql.text += " when 1 = 0 then 0";  // a case needs one branch
  sql.text += " else " + otherwise + " end as bigint)";
}

}  // namespace talon::gate
