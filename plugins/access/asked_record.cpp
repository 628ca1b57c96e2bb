/// The record that a question is about, and the rules that are judged on it.
#include "asked_record.hpp"

#include "compile.hpp"

#include <talon/date.hpp>
#include <talon/decimal.hpp>
#include <talon/expression/parse.hpp>
#include <talon/id.hpp>
#include <talon/money.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <unordered_set>

namespace talon::access {

namespace {

using expression::Expression;
using expression::Operand;

std::string_view truth_name(expression::Truth truth) {
  if (truth == expression::Truth::True) return "true";
  return truth == expression::Truth::False ? "false" : "unknown";
}

void add_path(const std::string& path, std::vector<std::string>& paths) {
  if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
}

/// The paths that the rules of a type read. What many rules say is looked at once.
class PathsOf {
 public:
  PathsOf(const CompiledSet& set, std::string_view type) {
    collect(set.policy_of(type));
    for (const auto& [person, by_type] : set.personal) collect(set.personal_of(person, type));
  }
  std::vector<std::string> paths;

 private:
  void collect(const TypePolicy* policy) {
    if (policy == nullptr) return;
    for (const CompiledRule& rule : policy->rules) collect(rule.where);
    for (const CompiledField& field : policy->fields) collect(field.where);
  }
  void collect(const Residue& where) {
    where.each_part(seen_, [&](const Expression& part) {
      expression::each_path(part, [&](const std::string& path) { add_path(path, paths); });
      expression::each_comparison(part, [&](const Expression& compare) {
        add_path(compare.currency_path, paths);
        add_path(compare.operand.currency_path, paths);
      });
    });
  }
  std::unordered_set<const void*> seen_;
};

}  // namespace

Result<void> AskedRecord::fetch(const CompiledSet& set) {
  if (!is_one()) return {};
  std::vector<std::string> paths = PathsOf(set, type_.name).paths;
  add_path("id", paths);
  const auto found = host_.records().get(type_.name, id_, paths);
  if (!found && found.error().code == Code::NotFound)
    return not_found("there is no " + type_.name + " " + echoed(id_) + "; name it by its id");
  TALON_TRY(const Record record, found);
  for (const std::string& path : paths) values_[path] = record.value(path);
  return {};
}

Value AskedRecord::value(std::string_view path) const {
  const auto found = values_.find(path);
  return found == values_.end() ? Value() : found->second;
}

/// The value at `path`, which `line` compares, as a person reads it.
std::string AskedRecord::show(const Expression& line, const std::string& path,
                              const std::string& currency_path) {
  const Value shown = value(path);
  if (shown.is_null()) return "(empty)";
  if (!shown.is_integer()) return std::string(shown.text());
  switch (line.type) {
    case model::FieldType::Boolean:
      return shown.integer() != 0 ? "on" : "off";
    case model::FieldType::Decimal:
      return Decimal(shown.integer(), line.scale).to_string();
    case model::FieldType::Ref:
      return id_text(line.prefix, shown.integer());
    case model::FieldType::Timestamp:
      return Timestamp(shown.integer()).to_string();
    case model::FieldType::Date: {
      const auto date = Date::unpack(shown.integer());
      return date ? date->to_string() : std::to_string(shown.integer());
    }
    case model::FieldType::Money: {
      const auto currency = Currency::parse(value(currency_path).text());
      if (!currency) return std::to_string(shown.integer()) + " (minor units, no currency)";
      return Money(shown.integer(), *currency).amount() + " " + std::string(currency->code());
    }
    default:
      return std::to_string(shown.integer());
  }
}

/// One entry for each comparison below `tree`, as it is written, with the value on this record.
void AskedRecord::add_lines(const Expression& tree, const Subject& subject, int64_t today, Json& lines) {
  for (const Expression& child : tree.children) add_lines(child, subject, today, lines);
  if (tree.kind != Expression::Kind::Compare && tree.kind != Expression::Kind::HasRole) return;
  Json line = Json::object({{"line", expression::print(tree)}});
  const Expression folded = expression::fold(tree, subject.facts);
  if (tree.kind == Expression::Kind::HasRole) {
    const bool holds = folded.kind == Expression::Kind::Always;
    line.set("truth", holds ? "true" : "false");
  } else if (is_judged()) {
    line.set("path", tree.path).set("value", show(tree, tree.path, tree.currency_path));
    line.set("truth", truth_name(truth_of(folded, reader(), today)));
    if (tree.operand.kind == Operand::Kind::Path)
      line.set("other", show(tree, tree.operand.text, tree.operand.currency_path));
  }
  lines.push(std::move(line));
}

Json AskedRecord::rule_json(const PlanRule& entry, const Subject& subject, int64_t today) {
  const CompiledRule& rule = *entry.rule;
  Json lines = Json::array();
  add_lines(*rule.where.tree(), subject, today, lines);
  Json json = Json::object({{"rule", rule.id},
                            {"place", rule.place()},
                            {"effect", rule.effect == Effect::Deny ? "deny" : "allow"},
                            {"to", rule.audience()},
                            {"because", rule.because}});
  if (is_judged()) json.set("truth", truth_name(truth_of(*entry.tree(), reader(), today)));
  return json.set("lines", std::move(lines));
}

void AskedRecord::add_shown(Json& shown) const {
  if (!is_one()) return;
  Json fields = Json::array();
  for (const auto& [path, value] : values_) fields.push(path);
  shown.push(Json::object(
      {{"type", type_.name}, {"records", Json::array({Json(id_)})}, {"fields", std::move(fields)}}));
}

}  // namespace talon::access
