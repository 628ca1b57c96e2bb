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

  /// Appends to `out`.
  void write(const model::RecordType& type, const std::string& alias, std::string_view path, int depth,
             std::string& out) const {
    const std::size_t dot = path.find('.');
    const model::Field* field = type.find_field(path.substr(0, dot));
    if (field == nullptr) return nothing(out);
    if (dot == std::string_view::npos) return write_own(type, alias, *field, depth, out);
    const model::RecordType* next = model_.find(field->to);
    if (field->type != model::FieldType::Ref || next == nullptr) return nothing(out);
    const std::string inner = alias + "_1";
    out += "(select ";
    write(*next, inner, path.substr(dot + 1), depth, out);
    out.append(" from \"").append(next->plural).append("\" as ").append(inner);
    out.append(" where ").append(inner).append(".id = ").append(alias);
    out.append(".\"").append(field->name).append("\")");
  }

 private:
  static void nothing(std::string& out) { out += kNothing; }

  void write_own(const model::RecordType& type, const std::string& alias, const model::Field& field,
                 int depth, std::string& out) const {
    if (field.computed.empty()) {
      out.append(alias).append(".\"").append(field.name).push_back('"');
      return;
    }
    auto condition = expression::parse(field.computed);
    if (!condition || depth >= kComputedDepthMax) return nothing(out);
    expression::Scope scope;
    scope.model = &model_;
    scope.type = &type;
    scope.internal = model::Internal::Named;
    if (!expression::check(*condition, scope, type.name).empty()) return nothing(out);
    Sql sql_text;
    const PathSql inner = [&](std::string_view path, std::string& sql) {
      write(type, alias, path, depth + 1, sql);
    };
    write_condition(*condition, inner, today_, dialect_, sql_text);
    const std::string text = inlined(sql_text, dialect_);
    out += dialect_ == Dialect::Sqlite ? text : "cast(cast(" + text + " as integer) as bigint)";
  }

  const model::Model& model_;
  int64_t today_;
  Dialect dialect_;
};

}  // namespace

PathSql path_sql_of(const model::Model& model, const model::RecordType& type, std::string_view alias,
                    int64_t today, Dialect dialect) {
  return [paths = Paths(model, today, dialect), &type, alias = std::string(alias)](
             std::string_view path, std::string& sql) { paths.write(type, alias, path, 0, sql); };
}

std::string path_text(const PathSql& path_sql, std::string_view path) {
  std::string text;
  path_sql(path, text);
  return text;
}

}  // namespace talon::storage
