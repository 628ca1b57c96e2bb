/// Conditions as SQL: one comparison, one piece of text, the same three values as in memory.
#include "host/storage/condition_sql.hpp"

#include <talon/expression/run.hpp>
#include <talon/json.hpp>

#include <charconv>

namespace talon::storage {

namespace {

using expression::Expression;
using expression::Operand;
using expression::Operator;

constexpr std::string_view kTrue = "(1 = 1)";
constexpr std::string_view kFalse = "(1 = 0)";
constexpr std::string_view kUnknown = "(1 = null)";
constexpr std::size_t kBindsMax = 16;  // longer lists travel as one array: one statement for every length

std::string_view sign_of(Operator op) {
  switch (op) {
    case Operator::Is:
      return " = ";
    case Operator::IsNot:
      return " <> ";
    case Operator::Less:
      return " < ";
    case Operator::LessEqual:
      return " <= ";
    case Operator::Greater:
      return " > ";
    case Operator::GreaterEqual:
      return " >= ";
    default:
      return {};
  }
}

/// Characters (not bytes) of valid UTF-8.
std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

class ConditionWriter {
 public:
  ConditionWriter(const PathSql& path_sql, int64_t today, Dialect dialect, Sql& sql)
      : path_sql_(path_sql), today_(today), dialect_(dialect), sql_(sql) {}

  void write(const Expression& condition) {
    switch (condition.kind) {
      case Expression::Kind::Always:
        text(kTrue);
        return;
      case Expression::Kind::All:
        return write_group(condition, " and ", kTrue);
      case Expression::Kind::Any:
        return write_group(condition, " or ", kFalse);
      case Expression::Kind::None:
        text("(not ");
        write_group(condition, " or ", kFalse);
        text(")");
        return;
      case Expression::Kind::Compare:
        return write_guarded(condition);
      case Expression::Kind::Named:
      case Expression::Kind::HasRole:
        text(kUnknown);
        return;
    }
  }

 private:
  void write_group(const Expression& group, std::string_view between, std::string_view empty) {
    if (group.children.empty()) return text(empty);
    write_span(group, 0, group.children.size(), between);
  }

  /// Halves, so that SQLite's limit on depth is never met by a long group.
  void write_span(const Expression& group, std::size_t from, std::size_t to, std::string_view between) {
    if (to - from == 1) return write(group.children[from]);
    const std::size_t middle = from + (to - from) / 2;
    text("(");
    write_span(group, from, middle, between);
    text(between);
    write_span(group, middle, to, between);
    text(")");
  }

  /// Amounts of different currencies are NULL.
  void write_guarded(const Expression& compare) {
    const Operand& operand = compare.operand;
    const bool is_path = operand.kind == Operand::Kind::Path;
    const bool has_amounts = is_path || !operand.values.empty();
    const bool is_guarded = compare.type == model::FieldType::Money && has_amounts &&
                            !(is_path && operand.currency_path == compare.currency_path);
    if (!is_guarded) return write_compare(compare);
    text("(case when ");
    path(compare.currency_path);
    text(" = ");
    if (is_path) {
      path(operand.currency_path);
    } else {
      bind(Value(operand.currency));
    }
    text(" then ");
    write_compare(compare);
    text(" end)");
  }

  void write_compare(const Expression& compare) {
    switch (compare.op) {
      case Operator::IsEmpty:
        return write_test(compare, " is null)");
      case Operator::IsNotEmpty:
        return write_test(compare, " is not null)");
      case Operator::BeforeToday:
        return write_day(compare, Operator::Less, 0);
      case Operator::AfterToday:
        return write_day(compare, Operator::Greater, 0);
      case Operator::WithinLastDays:
        return write_last_days(compare);
      default:
        break;
    }
    const Operand& operand = compare.operand;
    switch (operand.kind) {
      case Operand::Kind::Today:
        return write_day(compare, compare.op, operand.days);
      case Operand::Kind::Path:
        return write_paths(compare);
      case Operand::Kind::Literal:
        if (operand.values.empty()) return text(kUnknown);
        return write_literal(compare, operand.values.front());
      case Operand::Kind::List:
        if (operand.values.empty()) return text(kUnknown);
        return write_list(compare);
      default:
        return text(kUnknown);
    }
  }

  void write_literal(const Expression& compare, const Value& value) {
    if (compare.op == Operator::Contains) {
      text(dialect_ == Dialect::Sqlite ? "(instr(" : "(strpos(");
      path(compare.path);
      text(", ");
      bind(value);
      text(") > 0)");
    } else if (compare.op == Operator::StartsWith) {
      text("(substr(");
      path(compare.path);
      text(", 1, " + std::to_string(count_characters(value.text())) + ") = ");
      bind(value);
      text(")");
    } else if (compare.type == model::FieldType::Timestamp && compare.operand.is_day) {
      write_whole_day(compare, compare.op, value.integer());
    } else {
      write_bound(compare, compare.op, value);
    }
  }

  void write_bound(const Expression& compare, Operator op, const Value& value) {
    text("(");
    path(compare.path);
    text(sign_of(op));
    bind(value);
    text(")");
  }

  void write_test(const Expression& compare, std::string_view rest) {
    text("(");
    path(compare.path);
    text(rest);
  }

  /// Compares with another field.
  void write_paths(const Expression& compare) {
    text("(");
    path(compare.path);
    text(sign_of(compare.op));
    path(compare.operand.text);
    text(")");
  }

  /// Compares with today + days.
  void write_day(const Expression& compare, Operator op, int64_t days) {
    const int64_t day = expression::detail::shifted(today_, days);
    if (compare.type == model::FieldType::Timestamp) return write_whole_day(compare, op, day);
    write_bound(compare, op, Value(day));
  }

  /// A time and a whole day (UTC): before it, within it, after it.
  void write_whole_day(const Expression& compare, Operator op, int64_t day) {
    const int64_t start = expression::detail::start_us(day);
    const int64_t end = start + kDayUs;
    switch (op) {
      case Operator::Is:
        return write_between(compare, start, end - 1, " between ");
      case Operator::IsNot:
        return write_between(compare, start, end - 1, " not between ");
      case Operator::Less:
        return write_bound(compare, Operator::Less, Value(start));
      case Operator::LessEqual:
        return write_bound(compare, Operator::Less, Value(end));
      case Operator::Greater:
        return write_bound(compare, Operator::GreaterEqual, Value(end));
      case Operator::GreaterEqual:
        return write_bound(compare, Operator::GreaterEqual, Value(start));
      default:
        return text(kUnknown);
    }
  }

  void write_last_days(const Expression& compare) {
    const int64_t from = expression::detail::shifted(today_, -compare.operand.days);
    if (compare.type != model::FieldType::Timestamp) return write_between(compare, from, today_, " between ");
    const int64_t end = expression::detail::start_us(today_) + kDayUs;
    write_between(compare, expression::detail::start_us(from), end - 1, " between ");
  }

  void write_between(const Expression& compare, int64_t from, int64_t to, std::string_view between) {
    text("(");
    path(compare.path);
    text(between);
    bind(Value(from));
    text(" and ");
    bind(Value(to));
    text(")");
  }

  void write_list(const Expression& compare) {
    const std::vector<Value>& values = compare.operand.values;
    const bool is_not = compare.op == Operator::NotIn;
    text("(");
    path(compare.path);
    if (values.size() <= kBindsMax) {
      text(is_not ? " not in (" : " in (");
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) text(", ");
        bind(values[i]);
      }
    } else if (dialect_ == Dialect::Sqlite) {
      text(is_not ? " not in (select value from json_each(" : " in (select value from json_each(");
      bind(Value(joined(values, '[', ']')));
      text(")");
    } else {  // an array, unlike a sub-query, can use an index below an `or`
      text(is_not ? " <> all (cast(" : " = any (cast(");
      bind(Value(joined(values, '{', '}')));
      text(values.front().is_integer() ? " as bigint[])" : " as text[])");
    }
    text("))");
  }

  /// A JSON array, or PostgreSQL's array text: in both a text stands in quotes with \" and \\.
  static std::string joined(const std::vector<Value>& values, char open, char close) {
    if (values.front().is_integer()) return joined_integers(values, open, close);
    std::string all(1, open);
    for (const Value& value : values) {
      if (all.size() > 1) all += ',';
      if (open == '[') {
        write_json_string(all, value.text());
      } else {
        all += '"';
        for (const char c : value.text()) {
          if (c == '"' || c == '\\') all += '\\';
          all += c;
        }
        all += '"';
      }
    }
    all += close;
    return all;
  }

  /// Written in place: a list of partners' ids is most of what many rules cost as SQL.
  static std::string joined_integers(const std::vector<Value>& values, char open, char close) {
    constexpr std::size_t kEachMax = 21;  // its sign, 19 digits, and what stands before it
    std::string all(values.size() * kEachMax + 2, open);
    char* to = all.data();
    char* const end = to + all.size();
    for (const Value& value : values) {
      ++to;  // the opening bracket, or a comma
      to = std::to_chars(to, end, value.integer()).ptr;
      *to = ',';
    }
    *to = close;
    all.resize(static_cast<std::size_t>(to - all.data()) + 1);
    return all;
  }

  void bind(Value value) {
    sql_.text += '?';
    sql_.binds.push_back(std::move(value));
  }
  void text(std::string_view text) { sql_.text += text; }
  void path(std::string_view path) { path_sql_(path, sql_.text); }

  const PathSql& path_sql_;
  int64_t today_;
  Dialect dialect_;
  Sql& sql_;
};

}  // namespace

void write_condition(const Expression& condition, const PathSql& path_sql, int64_t today, Dialect dialect,
                     Sql& sql) {
  ConditionWriter(path_sql, today, dialect, sql).write(condition);
}

}  // namespace talon::storage
