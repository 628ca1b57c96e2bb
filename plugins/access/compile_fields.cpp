/// Field rules to compiled ones: names expanded, masks judged, `only` turned into hiding the others.
#include "compile_parts.hpp"

#include <algorithm>

namespace talon::access {

namespace {

using model::FieldType;

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 9 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Why `as` does not fit the field; empty when it does.
std::string mask_mistake(std::string_view as, const std::string& name, const model::Field& field) {
  const bool is_text = field.type == FieldType::Text;
  if (as == "initials") return is_text ? "" : "\"initials\" needs a text, and " + name + " is none";
  if (as == "year") {
    const bool is_day = field.type == FieldType::Date || field.type == FieldType::Timestamp;
    return is_day ? "" : "\"year\" needs a date, and " + name + " is none";
  }
  if (as.starts_with("last ") && is_number(as.substr(5))) {
    return is_text ? "" : "\"last N\" needs a text, and " + name + " is none";
  }
  if (as.starts_with("rounded ") && is_number(as.substr(8)) && as.substr(8) != "0") {
    const bool is_amount = field.type == FieldType::Integer || field.type == FieldType::Decimal ||
                           field.type == FieldType::Money;
    return is_amount ? "" : "\"rounded N\" needs a number or an amount, and " + name + " is none";
  }
  return "cannot mask as \"" + std::string(as) + "\". It is one of: last N, initials, year, rounded N";
}

/// The fields that the rule names, expanded; what it leaves out, for Only.
std::vector<std::string> expand(const Compiler& compiler, const model::RecordType& type,
                                const FieldRule& rule) {
  std::vector<std::string> fields;
  for (const Word& name : rule.fields) {
    const bool is_list = std::any_of(type.lists.begin(), type.lists.end(),
                                     [&](const model::ChildList& list) { return list.name == name.text; });
    // A name that is a field's and a group's takes the field along with the group; `only` keeps the field
    // alone.
    const bool is_one =
        rule.effect == FieldEffect::Only && field_of(compiler.model, type, name.text) != nullptr;
    std::vector<std::string> expanded =
        is_one ? std::vector<std::string>{name.text} : expand_field(compiler.model, type, name.text);
    const bool is_key = rule.effect == FieldEffect::Only && (name.text == "id" || name.text == "version");
    if (expanded.empty() && !is_list && !is_key) {
      compiler.mistake(name, type.name + " has no field or group \"" + name.text + "\"" +
                                 suggestion(name.text, field_names(compiler.model, type)));
    }
    fields.insert(fields.end(), expanded.begin(), expanded.end());
    if (is_list && rule.effect == FieldEffect::Hide) fields.push_back(name.text);
  }
  if (rule.effect != FieldEffect::Only) return fields;
  std::vector<std::string> others;
  for (const std::string& name : field_names(compiler.model, type)) {
    const bool is_kept = std::find(fields.begin(), fields.end(), name) != fields.end();
    if (!is_kept && field_of(compiler.model, type, name) != nullptr) others.push_back(name);
  }
  for (const model::ChildList& list : type.lists) {
    const bool is_kept = std::any_of(fields.begin(), fields.end(), [&](const std::string& field) {
      return field.starts_with(list.name + ".");
    });
    if (!is_kept) others.push_back(list.name);
  }
  return others;
}

}  // namespace

void add_field_rule(const Compiler& compiler, const model::RecordType& type, const FieldRule& rule,
                    const Standing& standing, TypePolicy& policy) {
  CompiledField compiled;
  static_cast<RuleHead&>(compiled) = rule_head(compiler, standing, rule.head, rule.because);
  compiled.effect = rule.effect == FieldEffect::Only ? FieldEffect::Hide : rule.effect;
  compiled.fields = expand(compiler, type, rule);
  if (rule.effect == FieldEffect::Only) {
    for (const Word& name : rule.fields) compiled.kept.push_back(name.text);
  }
  compiled.as = rule.as.text;
  compiled.partner = compiler.partner_number(standing.partner);
  compiled.bound = &bound_roles(compiler, rule.of, rule.except);
  compiled.where = residue(compiler, type, rule.when, Word(), standing.partner, rule.head.file);
  if (rule.effect == FieldEffect::Mask && !rule.as.text.empty()) {
    for (const std::string& name : compiled.fields) {
      const model::Field* field = field_of(compiler.model, type, name);
      const std::string mistake = field == nullptr ? std::string() : mask_mistake(rule.as.text, name, *field);
      if (mistake.empty()) continue;
      compiler.mistake(rule.as, mistake);
      break;
    }
  }
  policy.fields.push_back(std::move(compiled));
}

}  // namespace talon::access
