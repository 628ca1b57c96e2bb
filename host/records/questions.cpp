/// Questions about rights: many of them cost one SELECT a decision.
#include "host/records/inside.hpp"
#include "host/records/records.hpp"
#include "host/records/rights.hpp"

#include <talon/id.hpp>

#include <map>
#include <vector>

namespace talon::records {

namespace {

using Verdict = gate::Decision::Verdict;

/// Questions in one request (interfaces.md).
constexpr std::size_t kQuestionsMax = 500;

/// One question, with the plans that answer it: taken before the snapshot is opened, since the authorizer is
/// a plugin that may read for itself.
struct Question {
  const TypeInfo* type = nullptr;
  std::shared_ptr<const gate::Decision> decision;
  /// Of "view", where the question is about one record: a rule's condition says nothing about a record that
  /// the caller cannot see. Else null.
  std::shared_ptr<const gate::Decision> seen;
  int64_t id = 0;  ///< 0: the question is about none, or about one that cannot be
  bool is_about_one = false;
};

Result<Question> read_question(Records::Inside& inside, const Generation& generation, const Call& call,
                               const Json& json) {
  Question question;
  TALON_TRY(question.type, Records::Inside::find_type(generation, json["type"].string()));
  const std::string action(json["action"].string());
  const model::RecordType& type = *question.type->type;
  if (!type.has_action(action)) return invalid(type.name + " has no action \"" + action + "\"");
  TALON_TRY(question.decision, inside.parts.gate->decide(call.principal, action, type.name));
  question.is_about_one = question.decision->verdict() == Verdict::Conditional && !json["id"].is_null() &&
                          type.kind == model::Kind::Stored;
  if (!question.is_about_one) return question;
  if (const auto id = parse_id(json["id"].string(), type.prefix)) question.id = *id;
  if (action != "view") {
    TALON_TRY(question.seen, inside.parts.gate->decide(call.principal, "view", type.name));
  }
  return question;
}

/// Without a record: as if all its fields were empty.
bool is_allowed_by_itself(const gate::Decision& decision, int64_t today) {
  if (decision.verdict() != Verdict::Conditional) return decision.verdict() == Verdict::Always;
  return decision.allows_row(std::vector<Cell>(decision.slots().size()), today);
}

/// What one decision is asked about: record → places in the list of questions.
struct Asked {
  const TypeInfo* type = nullptr;
  std::multimap<int64_t, std::size_t> places;
};
using Open = std::map<const gate::Decision*, Asked>;

/// Counts in `yes` which questions a decision answers with yes.
Result<void> ask(const Records::Inside& inside, const Generation& generation, storage::Reader& reader,
                 const gate::Decision& decision, const Asked& asked, std::vector<int>& yes) {
  std::vector<int64_t> ids;
  for (const auto& [id, place] : asked.places) {
    if (ids.empty() || ids.back() != id) ids.push_back(id);
  }
  return allows_each(inside, generation, decision, *asked.type, ids, reader,
                     [&](int64_t id, bool is_allowed) {
                       for (auto [at, end] = asked.places.equal_range(id); at != end; ++at)
                         yes[at->second] += is_allowed ? 1 : 0;
                     });
}

}  // namespace

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
  std::vector<int> needed(read.size(), 1);
  std::vector<int> settled(read.size());  // by what needs no record
  Open open;
  for (std::size_t i = 0; i < read.size(); ++i) {
    const Question& question = read[i];
    if (!question.is_about_one) {
      settled[i] = is_allowed_by_itself(*question.decision, inside_->parts.today()) ? 1 : 0;
      continue;
    }
    for (const gate::Decision* decision : {question.decision.get(), question.seen.get()}) {
      if (decision == nullptr || decision->verdict() == Verdict::Always) continue;
      Asked& asked = open[decision];
      asked.type = question.type;
      asked.places.emplace(question.id, i);
      if (decision != question.decision.get()) ++needed[i];
    }
  }
  std::vector<int> yes = settled;
  if (!open.empty()) {
    TALON_DO(inside_->parts.database->read([&](storage::Reader& reader) -> Result<void> {
      yes = settled;
      for (const auto& [decision, asked] : open)
        TALON_DO(ask(*inside_, *generation, reader, *decision, asked, yes));
      return {};
    }));
  }
  Json answers = Json::array();
  for (std::size_t i = 0; i < read.size(); ++i)
    answers.push(Json::object({{"allowed", yes[i] == needed[i]}}));
  return answers;
}

}  // namespace talon::records
