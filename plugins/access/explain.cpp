/// Why somebody may or may not: the same rules as the plan, without short cuts, with every line's value.
#include "authority.hpp"
#include "compile_parts.hpp"
#include "explain_text.hpp"

#include <talon/expression/parse.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <set>

namespace talon::access {

namespace {

using expression::Expression;
using expression::Truth;

std::string_view truth_name(Truth truth) {
  if (truth == Truth::True) return "true";
  return truth == Truth::False ? "false" : "unknown";
}

/// A value as a person reads it.
std::string show(const Value& value, const Expression& line, const ReadPath& read) {
  if (value.is_null()) return "(empty)";
  if (!value.is_integer()) return std::string(value.text());
  switch (line.type) {
    case model::FieldType::Boolean:
      return value.integer() != 0 ? "on" : "off";
    case model::FieldType::Decimal:
      return Decimal(value.integer(), line.scale).to_string();
    case model::FieldType::Ref:
      return id_text(line.prefix, value.integer());
    case model::FieldType::Timestamp:
      return Timestamp(value.integer()).to_string();
    case model::FieldType::Date: {
      const auto date = Date::unpack(value.integer());
      return date ? date->to_string() : std::to_string(value.integer());
    }
    case model::FieldType::Money: {
      const auto currency = Currency::parse(read(line.currency_path).text());
      if (!currency) return std::to_string(value.integer()) + " (minor units, no currency)";
      return Money(value.integer(), *currency).amount() + " " + std::string(currency->code());
    }
    default:
      return std::to_string(value.integer());
  }
}

/// One entry for each comparison below `tree`, as it is written, with the value on this record.
void add_lines(const Expression& tree, const Subject& subject, const ReadPath* read, int64_t today,
               Json& lines) {
  for (const Expression& child : tree.children) add_lines(child, subject, read, today, lines);
  if (tree.kind != Expression::Kind::Compare && tree.kind != Expression::Kind::HasRole) return;
  Json line = Json::object({{"line", expression::print(tree)}});
  const Expression folded = expression::fold(tree, subject.facts);
  if (tree.kind == Expression::Kind::HasRole) {
    const bool holds = folded.kind == Expression::Kind::Always;
    line.set("truth", holds ? "true" : "false");
  } else if (read != nullptr) {
    line.set("path", tree.path).set("value", show((*read)(tree.path), tree, *read));
    line.set("truth", truth_name(truth_of(folded, *read, today)));
    if (tree.operand.kind == expression::Operand::Kind::Path)
      line.set("other", show((*read)(tree.operand.text), tree, *read));
  }
  lines.push(std::move(line));
}

Json rule_json(const PlanRule& entry, const Subject& subject, const ReadPath* read, int64_t today) {
  const CompiledRule& rule = *entry.rule;
  Json lines = Json::array();
  add_lines(*rule.where.tree(), subject, read, today, lines);
  Json json = Json::object({{"rule", rule.id},
                            {"place", rule.place()},
                            {"effect", rule.effect == Effect::Deny ? "deny" : "allow"},
                            {"to", rule.audience()},
                            {"because", rule.because}});
  if (read != nullptr) json.set("truth", truth_name(truth_of(*entry.tree(), *read, today)));
  return json.set("lines", std::move(lines));
}

/// Reads the record's fields as the system does: whatever the asker may see.
class RecordReader {
 public:
  RecordReader(Host& host, std::string type, std::string id)
      : host_(host), type_(std::move(type)), id_(std::move(id)) {}

  /// Reads all `paths` at once. @errors NotFound: no such record.
  Result<void> fetch(std::vector<std::string> paths) {
    if (std::find(paths.begin(), paths.end(), "id") == paths.end()) paths.emplace_back("id");
    const auto found = host_.records().get(type_, id_, paths);
    if (!found && found.error().code == Code::NotFound)
      return not_found("there is no " + type_ + " " + echoed(id_) + "; name it by its id");
    TALON_TRY(const Record record, found);
    for (const std::string& path : paths) values_[path] = record.value(path);
    return {};
  }
  Value value(std::string_view path) const {
    const auto found = values_.find(path);
    return found == values_.end() ? Value() : found->second;
  }

 private:
  Host& host_;
  std::string type_;
  std::string id_;
  std::map<std::string, Value, std::less<>> values_;
};

void collect_paths(const Expression& tree, std::vector<std::string>& paths) {
  for (const Expression& child : tree.children) collect_paths(child, paths);
  const auto add = [&](const std::string& path) {
    if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  };
  if (tree.kind != Expression::Kind::Compare) return;
  add(tree.path);
  add(tree.currency_path);
  if (tree.operand.kind == expression::Operand::Kind::Path) add(tree.operand.text);
  add(tree.operand.currency_path);
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
    where.each_part(seen_, [&](const Expression& part) { collect_paths(part, paths); });
  }
  std::unordered_set<const void*> seen_;
};

std::string_view level_word(Level level) {
  switch (level) {
    case Level::Hidden:
      return "hidden";
    case Level::Masked:
      return "masked";
    case Level::ReadOnly:
      return "read_only";
    default:
      return "edit";
  }
}

}  // namespace

Result<Question> read_question(const Json& json) {
  Question question;
  question.user = json["user"].string();
  question.action = json["action"].string();
  question.type = json["type"].string();
  question.record = json["record"].string();
  question.field = json["field"].string();
  if (const std::size_t slash = question.record.find('/'); slash != std::string::npos) {
    question.type = question.record.substr(0, slash);
    question.record = question.record.substr(slash + 1);
  } else if (question.type.empty()) {
    // TYPE[.FIELD]: any record of it.
    const std::size_t dot = question.record.find('.');
    question.type = question.record.substr(0, dot);
    question.record.erase(0, dot == std::string::npos ? question.record.size() : dot);
  }
  if (const std::size_t dot = question.record.find('.'); dot != std::string::npos) {
    question.field = question.record.substr(dot + 1);
    question.record.resize(dot);
  }
  if (!json["at"].string().empty()) {
    TALON_TRY(const Date at, Date::parse(json["at"].string().substr(0, 10)));
    question.at = at;
  }
  return question;
}

namespace {

Result<const model::RecordType*> check_question(const CompiledSet& set, const Question& question) {
  const model::RecordType* type = set.model->find(question.type);
  if (type == nullptr) {
    std::vector<std::string> names;
    for (const model::RecordType& known : set.model->types) names.push_back(known.name);
    return invalid("there is no record type " + echoed(question.type) + "." +
                   model::suggestion(question.type, names) +
                   " A record is named TYPE/ID, any record of a type TYPE");
  }
  if (!type->has_action(question.action)) {
    std::vector<std::string> names = type->base_actions;
    for (const model::Action& action : type->actions) names.push_back(action.name);
    return invalid(type->name + " has no action " + echoed(question.action) + "." +
                   model::suggestion(question.action, names));
  }
  if (!question.field.empty() && expand_field(*set.model, *type, question.field).empty()) {
    std::vector<std::string> names = model::field_names(*type);
    for (const model::ChildList& list : type->lists) names.push_back(list.name);
    return invalid(type->name + " has no field " + echoed(question.field) + "." +
                   model::suggestion(question.field, names));
  }
  return type;
}

/// Without a record: what might hold for some record. A deny without conditions holds for all.
Judgement possible(const Plan& plan) {
  Judgement judgement;
  for (const PlanRule& deny : plan.denies) {
    if (deny.text.empty() && judgement.decided_by == nullptr) judgement.decided_by = &deny;
  }
  judgement.is_allowed = judgement.decided_by == nullptr && !plan.allows.empty();
  // The widest first: one without conditions allows on any record.
  for (const PlanRule& allow : plan.allows) {
    const bool is_better = judgement.is_allowed && (judgement.decided_by == nullptr || allow.text.empty());
    if (is_better) judgement.decided_by = &allow;
    if (is_better && allow.text.empty()) break;
  }
  return judgement;
}

bool depends_on_record(const Plan& plan, const Judgement& judgement) {
  return judgement.is_allowed && (!plan.denies.empty() || !judgement.decided_by->text.empty());
}

Json without_json(const Plan& plan, const Judgement& judgement, const ReadPath& read, int64_t today) {
  Plan rest = plan;
  const CompiledRule* decided = judgement.decided_by->rule;
  const auto is_it = [&](const PlanRule& entry) { return entry.rule == decided; };
  std::erase_if(rest.denies, is_it);
  std::erase_if(rest.allows, is_it);
  const Judgement other = judge(rest, read, today);
  return Json::object({{"allowed", other.is_allowed},
                       {"rule", other.decided_by == nullptr ? "" : other.decided_by->rule->id},
                       {"place", other.decided_by == nullptr ? "" : other.decided_by->rule->place()}});
}

}  // namespace

Result<Json> Authority::explain(const Question& question) {
  TALON_TRY(const std::shared_ptr<const CompiledSet> set, this->set());
  TALON_TRY(const model::RecordType* type, check_question(*set, question));
  const auto id = parse_id(question.user, "usr");
  const auto found = id ? people_.by_id(*id) : people_.by_email(question.user);
  if (!found && found.error().code == Code::NotFound)
    return not_found("there is no user " + echoed(question.user) +
                     "; name one by e-mail address or id (usr_…)");
  TALON_TRY(const Person person, found);
  const Date day = question.at ? *question.at : host_.today();
  const FindId find_id = [&](std::string_view of, std::string_view number) {
    return people_.find_id(*set->model, of, number);
  };
  const Subject subject = make_subject(*set, person, day, find_id);
  if (subject.failure) return *subject.failure;
  const Plan plan = make_plan(*set, subject, question.action, type->name, day);

  RecordReader record(host_, type->name, question.record);
  const bool has_record = !question.record.empty();
  if (has_record) TALON_DO(record.fetch(PathsOf(*set, type->name).paths));
  const ReadPath read = [&](std::string_view path) { return record.value(path); };
  const ReadPath* reader = has_record || type->kind == model::Kind::Virtual ? &read : nullptr;

  Json answer = Json::object({{"user", id_text("usr", person.id)},
                              {"email", person.key},
                              {"action", question.action},
                              {"type", type->name},
                              {"record", question.record},
                              {"is_active", person.is_active}});
  Json rules = Json::array();
  for (const PlanRule& deny : plan.denies) rules.push(rule_json(deny, subject, reader, day.packed()));
  for (const PlanRule& allow : plan.allows) rules.push(rule_json(allow, subject, reader, day.packed()));
  const Judgement judgement = reader != nullptr ? judge(plan, read, day.packed()) : possible(plan);
  if (reader == nullptr) answer.set("depends_on_record", depends_on_record(plan, judgement));
  answer.set("allowed", judgement.is_allowed);
  answer.set("decided_by", judgement.decided_by == nullptr
                               ? Json()
                               : rule_json(*judgement.decided_by, subject, reader, day.packed()));
  if (judgement.decided_by != nullptr && reader != nullptr) {
    answer.set("without", without_json(plan, judgement, read, day.packed()));
  }
  if (!judgement.is_allowed && has_record) {
    TALON_TRY(const Json who, who_can(question));
    Json names = Json::array();
    for (const Json& one : who["users"].items()) names.push(one["email"]);
    answer.set("who_may", std::move(names));
  }
  if (!question.field.empty()) {
    const CompiledField* rule = nullptr;
    Level level = level_of(plan, question.field, read, day.packed(), &rule);
    answer.set("field", question.field).set("level", level_word(level));
    answer.set("field_rule", rule == nullptr ? "" : rule->id)
        .set("field_place", rule == nullptr ? "" : rule->place());
  }
  answer.set("rules", std::move(rules)).set("policy_set", set->source.hash);
  answer.set("loaded_at", Timestamp(loaded_at_us()).to_string());
  return answer.set("text", explain_text(answer));
}

Result<Json> Authority::who_can(const Question& question) {
  TALON_TRY(const std::shared_ptr<const CompiledSet> set, this->set());
  TALON_TRY(const model::RecordType* type, check_question(*set, question));
  const Date day = question.at ? *question.at : host_.today();
  RecordReader record(host_, type->name, question.record);
  if (!question.record.empty()) TALON_DO(record.fetch(PathsOf(*set, type->name).paths));
  const ReadPath read = [&](std::string_view path) { return record.value(path); };
  TALON_TRY(const std::vector<Person> people, people_.all());
  Json users = Json::array();
  for (const Person& person : people) {
    const Subject subject =
        make_subject(*set, person, day, [&](std::string_view of, std::string_view number) {
          return people_.find_id(*set->model, of, number);
        });
    if (subject.failure) return *subject.failure;
    const Plan plan =
        make_plan(*set, subject, question.action, type->name, day, question.record.empty() ? nullptr : &read);
    const bool is_of_any = question.record.empty() && type->kind != model::Kind::Virtual;
    const Judgement judgement = is_of_any ? possible(plan) : judge(plan, read, day.packed());
    if (!judgement.is_allowed) continue;
    const bool is_hidden =
        !question.field.empty() && level_of(plan, question.field, read, day.packed()) == Level::Hidden;
    if (is_hidden) continue;
    Json user = Json::object({{"user", id_text("usr", person.id)},
                              {"email", person.key},
                              {"name", person.name},
                              {"rule", judgement.decided_by->rule->id},
                              {"place", judgement.decided_by->rule->place()}});
    if (is_of_any && depends_on_record(plan, judgement)) {
      const std::string& condition = judgement.decided_by->text;
      user.set("if", condition.empty() ? "no deny holds" : condition);
    }
    users.push(std::move(user));
  }
  return Json::object({{"action", question.action},
                       {"type", type->name},
                       {"record", question.record},
                       {"field", question.field},
                       {"users", std::move(users)},
                       {"policy_set", set->source.hash}});
}

}  // namespace talon::access
