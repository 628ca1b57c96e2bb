/// Why somebody may or may not: the same rules as the plan, without short cuts, with every line's value.
#include "arguments.hpp"
#include "asked_record.hpp"
#include "authority.hpp"
#include "compile_parts.hpp"
#include "explain_text.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <set>

namespace talon::access {

namespace {

/// What an answer tells of people (docs/manifest.md, commands).
Json users_shown(Json ids, std::initializer_list<std::string_view> fields) {
  Json names = Json::array();
  for (const std::string_view field : fields) names.push(field);
  return Json::object({{"type", "user"}, {"records", std::move(ids)}, {"fields", std::move(names)}});
}

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
  TALON_DO(judge_kinds(json, {"user", "action", "type", "record", "field", "at"}));
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

  AskedRecord record(host_, *type, question.record);
  TALON_DO(record.fetch(*set));
  const ReadPath read = record.reader();

  Json answer = Json::object({{"user", id_text("usr", person.id)},
                              {"email", person.key},
                              {"action", question.action},
                              {"type", type->name},
                              {"record", question.record},
                              {"is_active", person.is_active}});
  Json rules = Json::array();
  for (const PlanRule& deny : plan.denies) rules.push(record.rule_json(deny, subject, day.packed()));
  for (const PlanRule& allow : plan.allows) rules.push(record.rule_json(allow, subject, day.packed()));
  const Judgement judgement = record.is_judged() ? judge(plan, read, day.packed()) : possible(plan);
  if (!record.is_judged()) answer.set("depends_on_record", depends_on_record(plan, judgement));
  answer.set("allowed", judgement.is_allowed);
  answer.set("decided_by", judgement.decided_by == nullptr
                               ? Json()
                               : record.rule_json(*judgement.decided_by, subject, day.packed()));
  if (judgement.decided_by != nullptr && record.is_judged()) {
    answer.set("without", without_json(plan, judgement, read, day.packed()));
  }
  Json people = Json::array({answer["user"]});
  if (!judgement.is_allowed && record.is_one()) {
    TALON_TRY(const Json who, who_can(question));
    Json names = Json::array();
    for (const Json& one : who["users"].items()) {
      names.push(one["email"]);
      people.push(one["user"]);
    }
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
  Json shown = Json::array({users_shown(std::move(people), {"email"})});
  record.add_shown(shown);
  answer.set("shown", std::move(shown));
  return answer.set("text", explain_text(answer));
}

Result<Json> Authority::who_can(const Question& question) {
  TALON_TRY(const std::shared_ptr<const CompiledSet> set, this->set());
  TALON_TRY(const model::RecordType* type, check_question(*set, question));
  const Date day = question.at ? *question.at : host_.today();
  AskedRecord record(host_, *type, question.record);
  TALON_DO(record.fetch(*set));
  const ReadPath read = record.reader();
  TALON_TRY(const std::vector<Person> people, people_.all());
  Json users = Json::array();
  Json ids = Json::array();
  for (const Person& person : people) {
    const Subject subject =
        make_subject(*set, person, day, [&](std::string_view of, std::string_view number) {
          return people_.find_id(*set->model, of, number);
        });
    if (subject.failure) return *subject.failure;
    const Plan plan =
        make_plan(*set, subject, question.action, type->name, day, record.is_one() ? &read : nullptr);
    const bool is_of_any = !record.is_judged();
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
    ids.push(user["user"]);
    users.push(std::move(user));
  }
  Json shown = Json::array({users_shown(std::move(ids), {"name", "email"})});
  record.add_shown(shown);
  return Json::object({{"action", question.action},
                       {"type", type->name},
                       {"record", question.record},
                       {"field", question.field},
                       {"users", std::move(users)},
                       {"shown", std::move(shown)},
                       {"policy_set", set->source.hash}});
}

}  // namespace talon::access
