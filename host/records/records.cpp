/// The door itself: its parts, and questions about rights.
#include "host/records/records.hpp"

#include "host/gate/row_filter.hpp"
#include "host/records/inside.hpp"
#include "host/storage/condition_sql.hpp"

#include <talon/id.hpp>

namespace talon::records {

namespace {

/// Questions in one request (interfaces.md).
constexpr std::size_t kQuestionsMax = 500;

/// One question, with the plan that answers it: taken before the snapshot is opened, since the authorizer is
/// a plugin that may read for itself.
struct Question {
  const TypeInfo* type = nullptr;
  std::shared_ptr<const gate::Decision> decision;
  std::shared_ptr<const gate::Decision> seen;  ///< of "view"
  const Json* id = nullptr;
};

Result<Question> read_question(Records::Inside& inside, const Generation& generation, const Call& call,
                               const Json& json) {
  Question question;
  TALON_TRY(question.type, Records::Inside::find_type(generation, json["type"].string()));
  const std::string action(json["action"].string());
  const model::RecordType& type = *question.type->type;
  if (!type.has_action(action)) return invalid(type.name + " has no action \"" + action + "\"");
  TALON_TRY(question.decision, inside.parts.gate->decide(call.principal, action, type.name));
  question.id = &json["id"];
  question.seen = question.decision;
  const bool is_about_one = question.decision->verdict() == gate::Decision::Verdict::Conditional &&
                            !question.id->is_null() && action != "view";
  if (is_about_one) {
    TALON_TRY(question.seen, inside.parts.gate->decide(call.principal, "view", type.name));
  }
  return question;
}

Result<bool> is_allowed(Records::Inside& inside, const Generation& generation, storage::Reader& reader,
                        const Question& question) {
  const gate::Decision& decision = *question.decision;
  const TypeInfo& type = *question.type;
  if (decision.verdict() != gate::Decision::Verdict::Conditional) {
    return decision.verdict() == gate::Decision::Verdict::Always;
  }
  if (question.id->is_null() || type.type->kind != model::Kind::Stored) {
    const std::vector<Cell> nothing(decision.slots().size());
    return decision.allows_row(nothing, inside.parts.today());
  }
  const auto id = parse_id(question.id->string(), type.type->prefix);
  if (!id) return false;
  storage::Sql sql{"select 1 from " + type.table + " as t where t.id = ? and ", {*id}};
  gate::write_row_filter(decision, inside.path_sql(generation, type, "t"), inside.parts.today(),
                         inside.dialect(), sql);
  // A rule's condition says nothing about a record that the caller cannot see.
  if (question.seen != question.decision) {
    sql.text += " and ";
    gate::write_row_filter(*question.seen, inside.path_sql(generation, type, "t"), inside.parts.today(),
                           inside.dialect(), sql);
  }
  bool holds = false;
  TALON_DO(reader.rows(sql, [&](Row) -> Result<void> {
    holds = true;
    return {};
  }));
  return holds;
}

}  // namespace

Records::Records(Parts parts) : inside_(std::make_unique<Inside>(std::move(parts))) {
  TALON_CHECK(inside_->parts.database != nullptr && inside_->parts.gate != nullptr);
  TALON_CHECK(inside_->parts.now_us && inside_->parts.today);
  set_model(inside_->parts.model);
}

Records::~Records() = default;

void Records::set_model(std::shared_ptr<const model::Model> model) {
  inside_->set_generation(Generation::make(std::move(model)));
}

std::shared_ptr<const model::Model> Records::model() const { return inside_->generation()->model; }

void Records::set_actions(ActionRunner* actions) { inside_->parts.actions = actions; }

void Records::set_read_log(ReadLog* read_log) { inside_->parts.read_log = read_log; }

Result<Json> Records::check(const Call& call, const Json& questions) {
  if (!questions.is_array() || questions.items().size() > kQuestionsMax) {
    return invalid("questions are a list of at most " + std::to_string(kQuestionsMax) +
                   " {action, type, id}");
  }
  const auto generation = inside_->generation();
  std::vector<Question> read;
  for (const Json& json : questions.items()) {
    TALON_TRY(Question question, read_question(*inside_, *generation, call, json));
    read.push_back(std::move(question));
  }
  Json answers = Json::array();
  TALON_DO(inside_->parts.database->read([&](storage::Reader& reader) -> Result<void> {
    answers = Json::array();
    for (const Question& question : read) {
      TALON_TRY(const bool allowed, is_allowed(*inside_, *generation, reader, question));
      answers.push(Json::object({{"allowed", allowed}}));
    }
    return {};
  }));
  return answers;
}

}  // namespace talon::records
