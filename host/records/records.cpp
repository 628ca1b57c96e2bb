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

Result<bool> is_allowed(Records::Inside& inside, const Generation& generation, storage::Reader& reader,
                        const Call& call, const Json& question) {
  TALON_TRY(const TypeInfo* info, Records::Inside::find_type(generation, question["type"].string()));
  const std::string action(question["action"].string());
  if (!info->type->has_action(action)) {
    return invalid(info->type->name + " has no action \"" + action + "\"");
  }
  TALON_TRY(const auto decision, inside.parts.gate->decide(call.principal, action, info->type->name));
  if (decision->verdict() != gate::Decision::Verdict::Conditional) {
    return decision->verdict() == gate::Decision::Verdict::Always;
  }
  if (question["id"].is_null() || info->type->kind != model::Kind::Stored) {
    const std::vector<Cell> nothing(decision->slots().size());
    return decision->allows_row(nothing, inside.parts.today());
  }
  const auto id = parse_id(question["id"].string(), info->type->prefix);
  if (!id) return false;
  storage::Sql sql{"select 1 from " + info->table + " as t where t.id = ? and ", {*id}};
  gate::write_row_filter(*decision, inside.path_sql(generation, *info, "t"), inside.parts.today(),
                         inside.dialect(), sql);
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
  Json answers = Json::array();
  TALON_DO(inside_->parts.database->read([&](storage::Reader& reader) -> Result<void> {
    answers = Json::array();
    for (const Json& question : questions.items()) {
      TALON_TRY(const bool allowed, is_allowed(*inside_, *generation, reader, call, question));
      answers.push(Json::object({{"allowed", allowed}}));
    }
    return {};
  }));
  return answers;
}

}  // namespace talon::records
