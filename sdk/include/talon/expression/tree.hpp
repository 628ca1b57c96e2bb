/// The one condition language, as a tree. Policies write one comparison per line; `where=`, views, reports
/// and mappings use the inline form: total > 100 EUR and (state is issued or client.country in [FR, BE]).
#pragma once

#include <talon/document.hpp>
#include <talon/model.hpp>
#include <talon/value.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace talon::expression {

/// Conditions are three-valued (SQL's): an empty field, a fact that the user lacks and a comparison of
/// different currencies are Unknown.
enum class Truth : uint8_t { False, True, Unknown };

enum class Operator : uint8_t {
  Is,     ///< also "="
  IsNot,  ///< also "!="
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  NotIn,
  IsEmpty,     ///< never Unknown
  IsNotEmpty,  ///< never Unknown
  StartsWith,
  Contains,
  WithinLastDays,  ///< date from today − N days to today, both included
  BeforeToday,
  AfterToday
};

/// The right side of a comparison.
struct Operand {
  enum class Kind {
    None,
    Literal,  ///< `text` as written; after `check`, `values[0]` typed. `parse` gives this for a field's name
              ///< too
    List,     ///< `texts`; after `check`, `values`
    Path,     ///< another field, `text`; `check` makes it of an unquoted literal that names one
    User,     ///< the signed-in user's id
    Fact,     ///< user.FACT: `text` is FACT; a list fact goes with In and NotIn
    Today,    ///< today + `days`
    Unknown   ///< the word `unknown`: what a folded fact becomes when the user lacks it
  };
  Kind kind = Kind::None;
  Place place;
  std::string text;
  bool is_quoted = false;  ///< of a Literal: "…" is always text, never the name of another field
  std::vector<std::string> texts;
  std::string currency;  ///< of a literal amount, "5000 EUR"; after `check` of a List of amounts too
  int64_t days = 0;      ///< of Today; of WithinLastDays the number of days
  // Filled by `check`:
  std::vector<Value> values;
  bool is_day = false;        ///< a date where the path is a Timestamp: the whole day, in UTC
  std::string currency_path;  ///< of a Path of money: where its currency stands
};

struct Expression {
  enum class Kind {
    Always,   ///< an empty condition: True
    All,      ///< and: children
    Any,      ///< or: children
    None,     ///< none of: children; of an Unknown, Unknown
    Compare,  ///< path, op, operand
    Named,    ///< `is NAME`: a named condition, resolved before `check`
    HasRole   ///< user has role NAME; folded before it is planned
  };
  Kind kind = Kind::Always;
  Place place;
  std::vector<Expression> children;
  std::string path;         ///< of Compare: field or link path; of Named and HasRole: the name
  bool is_negated = false;  ///< of Named and HasRole: "is not NAME"
  Operator op = Operator::Is;
  Operand operand;
  // Filled by `check`:
  model::FieldType type = model::FieldType::Text;  ///< of `path`
  int scale = 0;                                   ///< of a Decimal `path`
  std::string prefix;                              ///< of a Ref `path`: the id prefix, to print ids
  std::string currency_path;                       ///< of a Money `path`: where its currency stands
};

/// Calls `f` with each comparison of `tree`, in order.
template <typename F>
void each_comparison(const Expression& tree, const F& f) {
  if (tree.kind == Expression::Kind::Compare) f(tree);
  for (const Expression& child : tree.children) each_comparison(child, f);
}
/// Whether the outcome of one comparison changes from day to day.
inline bool reads_today(const Expression& compare) {
  return compare.op == Operator::WithinLastDays || compare.op == Operator::BeforeToday ||
         compare.op == Operator::AfterToday || compare.operand.kind == Operand::Kind::Today;
}

/// Calls `f` with the path of each field that `tree` compares, on either side; on the right after `check`.
template <typename F>
void each_path(const Expression& tree, const F& f) {
  each_comparison(tree, [&f](const Expression& compare) {
    f(compare.path);
    if (compare.operand.kind == Operand::Kind::Path) f(compare.operand.text);
  });
}

/// True for every record, as `always` is written.
inline bool is_always(const Expression& where) { return where.kind == Expression::Kind::Always; }
/// False for every record, as `fold` writes it: not (always).
inline bool is_never(const Expression& where) {
  return where.kind == Expression::Kind::None && where.children.size() == 1 &&
         is_always(where.children.front());
}

}  // namespace talon::expression
