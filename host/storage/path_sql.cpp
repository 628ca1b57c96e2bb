/// Field paths as SQL: columns, links as scalar sub-queries, computed booleans as their conditions.
#include "host/storage/condition_sql.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

namespace talon::storage {

namespace {

constexpr int kComputedDepthMax = 8;  // computed fields that ask for computed fields
constexpr std::string_view kNothing = "(null)";

/// A manifest's text as an SQL literal. A question mark is written as its code: it stands for a bound value.
std::string sql_text(std::string_view text, Dialect dialect) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '?') {
      out += dialect == Dialect::Sqlite ? "' || char(63) || '" : "' || chr(63) || '";
      continue;
    }
    if (c == '\'') out += '\'';
    out += c;
  }
  return text.find('?') == std::string_view::npos ? out + "'" : "(" + out + "')";
}

/// The text with its values put in.
std::string inlined(const Sql& sql, Dialect dialect) {
  std::string out;
  auto value = sql.binds.begin();
  for (const char c : sql.text) {
    if (c != '?' || value == sql.binds.end()) {
      out += c;
    } else {
      out += value->is_integer() ? std::to_string(value->integer()) : sql_text(value->text(), dialect);
      ++value;
    }
  }
  return out;
}

class Paths {
 public:
  Paths(const model::Model& model, int64_t today, Dialect dialect)
      : model_(model), today_(today), dialect_(dialect) {}

  std::string sql(const model::RecordType& type, const std::string& alias, std::string_view path,
                  int depth) const {
    const std::size_t dot = path.find('.');
    const model::Field* field = type.find_field(path.substr(0, dot));
    if (field == nullptr) return std::string(kNothing);
    if (dot == std::string_view::npos) return own(type, alias, *field, depth);
    const model::RecordType* next = model_.find(field->to);
    if (field->type != model::FieldType::Ref || next == nullptr) return std::string(kNothing);
    const std::string inner = alias + "_1";
    return "(select " + sql(*next, inner, path.substr(dot + 1), depth) + " from \"" + next->plural +
           "\" as " + inner + " where " + inner + ".id = " + alias + ".\"" + field->name + "\")";
  }

 private:
  std::string own(const model::RecordType& type, const std::string& alias, const model::Field& field,
                  int depth) const {
    if (field.computed.empty()) return alias + ".\"" + field.name + "\"";
    auto condition = expression::parse(field.computed);
    if (!condition || depth >= kComputedDepthMax) return std::string(kNothing);
    expression::Scope scope;
    scope.model = &model_;
    scope.type = &type;
    if (!expression::check(*condition, scope, type.name).empty()) return std::string(kNothing);
    Sql sql_text;
    const PathSql inner = [&](std::string_view path) { return sql(type, alias, path, depth + 1); };
    write_condition(*condition, inner, today_, dialect_, sql_text);
    const std::string text = inlined(sql_text, dialect_);
    return dialect_ == Dialect::Sqlite ? text : "cast(cast(" + text + " as integer) as bigint)";
  }

  const model::Model& model_;
  int64_t today_;
  Dialect dialect_;
};

}  // namespace

PathSql path_sql_of(const model::Model& model, const model::RecordType& type, std::string_view alias,
                    int64_t today, Dialect dialect) {
  return [paths = Paths(model, today, dialect), &type, alias = std::string(alias)](std::string_view path) {
    return paths.sql(type, alias, path, 0);
  };
}

}  // namespace talon::storage
