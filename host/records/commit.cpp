/// The common end of every write.
#include "host/records/commit.hpp"

#include "host/records/conflict.hpp"
#include "host/records/denials.hpp"
#include "host/records/writer.hpp"
#include "host/runtime/digest.hpp"

#include <talon/expression/parse.hpp>
#include <talon/id.hpp>

namespace talon::records {

namespace {

/// Writes that take a number of the same counter wait on one connection (decisions 2).
std::string group_of(const Operations& operations) {
  for (const Operation& operation : operations.list) {
    if (operation.kind == Operation::Kind::Next) {
      return operation.type->type->name + "/" + std::to_string(operation.id);
    }
  }
  return {};
}

Json answer_of(const Commit& work, const Writer& writer) {
  if (!work.operations.answer.is_null()) {
    return writer.renames().apply(work.generation, work.operations.answer);
  }
  if (work.operations.list.empty()) return Json::object();
  const Operation& first = work.operations.list.front();
  if (first.kind == Operation::Kind::CreateAll) return Json::object();
  const int64_t id = writer.renames().real(first.id);
  return Json::object(
      {{"id", id_text(first.type->type->prefix, id)}, {"version", writer.version_of(*first.type, id)}});
}

void add_rights(const gate::Decision& decision, std::string& text) {
  const gate::PlanTerms& plan = decision.plan();
  text.append(plan.policy_set).append("\n").append(std::to_string(static_cast<int>(decision.verdict())));
  decision.denies().each(
      [&](const gate::Residual& deny) { text.append("\n").append(expression::print(deny.where)); });
  text.append("\n;");
  for (const gate::Residual& rule : plan.allows) text.append("\n").append(expression::print(rule.where));
  text.append("\n;");
  for (const gate::FieldRule& rule : plan.fields) {
    text.append("\n").append(rule.field).append(" ").append(std::to_string(static_cast<int>(rule.level)));
    if (rule.level == gate::Level::Masked) {
      text.append(" ").append(std::to_string(static_cast<int>(rule.mask.kind)));
      text.append(" ").append(std::to_string(rule.mask.count));
    }
    text.append(" ").append(expression::print(rule.where));
  }
  for (const std::string& column : plan.columns) text.append("\n").append(column);
}

/// Every write shows its record, also one that changed nothing: the entry names what the answer carries.
Result<void> log_answer(Records::Inside& inside, const Call& call, const model::RecordType& type,
                        const Json& answer) {
  if (!Records::Inside::keeps_read_log(call, type)) return {};
  TextArray shown;
  for (const auto& [name, value] : answer.members()) shown.push(name);
  return inside.log_read(call, type, {.fields = shown.json(), .records = std::string(answer["id"].string())});
}

/// Of the record that an action ran on, else of the first that was written.
int64_t version_of(const Commit& work, const Writer& writer) {
  const Acted* acted = work.rights.acted();
  if (acted != nullptr && acted->id != 0) return writer.version_of(*acted->type, acted->id);
  if (work.operations.list.empty()) return 0;
  const Operation& first = work.operations.list.front();
  return writer.version_of(*first.type, writer.renames().real(first.id));
}

}  // namespace

Result<std::string> hash_request(const Records::Inside& inside, const Call& call, std::string_view type,
                                 std::string_view id, std::string_view action, const Json& body) {
  if (call.idempotency_key.empty()) return std::string();
  // A token with other roles must not get the answer that its owner got.
  std::string text = call.principal.json()["roles"].to_string() + "\n";
  text.append(type).append("\n").append(id).append("\n").append(action).append("\n");
  body.write(text, Json::Keys::Sorted);
  std::string rights;
  for (const std::string_view right : {std::string_view("view"), action}) {
    TALON_TRY(const auto decision, inside.parts.gate->decide(call.principal, right, type));
    add_rights(*decision, rights);
  }
  return runtime::sha256_hex(text) + "/" + runtime::sha256_hex(rights);
}

Result<std::optional<Written>> replay(Records& records, Records::Inside& inside, const Call& call,
                                      const Repeatable& request) {
  std::optional<Written> written;
  if (call.idempotency_key.empty()) return written;
  std::optional<StoredAnswer> stored;
  TALON_DO(inside.parts.database->read([&](storage::Reader& reader) -> Result<void> {
    TALON_TRY(stored, stored_answer(reader, call, request.hash));
    return {};
  }));
  if (!stored) return written;
  const model::RecordType& type = request.type;
  TALON_TRY(const auto decision, inside.parts.gate->decide(call.principal, request.action, type.name));
  if (decision->verdict() == gate::Decision::Verdict::Never)
    return denied_by_rule("you may no longer " + request.action + " " + type.plural, {request.action, type});
  Json& answer = stored->answer;
  const std::string id(answer["id"].string());
  bool is_whole = stored->is_under_same_rights;
  if (is_whole && parse_id(id, type.prefix)) {
    const auto seen = records.get(call, type.name, id, fields_kept_apart(type, answer));
    if (!seen && seen.error().code != Code::NotFound) return seen.error();
    is_whole = static_cast<bool>(seen);
    if (is_whole) put_apart_back(*seen, answer);
    if (is_whole) TALON_DO(log_answer(inside, call, type, answer));
  }
  if (!is_whole) {
    Json rest = Json::object();
    for (const char* name : {"id", "version"}) {
      if (answer.find(name) != nullptr) rest.set(name, answer[name]);
    }
    answer = std::move(rest);
  }
  written = Written{std::move(answer), 0, true};
  written->version = written->record["version"].integer();
  return written;
}

Result<Written> commit(const Commit& work) {
  Written written;
  bool touched_security = false;
  const auto body = [&](storage::Transaction& transaction) -> Result<void> {
    Writer writer(work.inside, work.call, work.generation, work.rights, transaction);
    TALON_DO(writer.run(work.operations));
    touched_security = writer.touched_security();
    written.version = version_of(work, writer);
    written.record = Json();
    if (work.shown && work.operations.answer.is_null()) {
      auto record = read_record({work.inside, work.call, transaction, false}, *work.shown);
      if (!record && record.error().code != Code::NotFound) return std::move(record).error();
      if (record) written.record = *std::move(record);
    }
    // After the change the caller may no longer see the record; then the id and version are all of the
    // answer.
    if (written.record.is_null()) written.record = answer_of(work, writer);
    const Json kept =
        work.shown ? without_personal(*work.generation.model, *work.shown->main->type->type, written.record)
                   : written.record;
    return store_answer(work.inside, work.call, work.request_hash, kept, transaction);
  };
  auto done = work.inside.parts.database->write(work.lane, group_of(work.operations), body);
  if (!done) return duplicate_error(work.generation, std::move(done).error());
  if (touched_security) work.inside.parts.gate->invalidate();
  work.inside.note_commit();
  if (work.shown && written.record.find("id") != nullptr) {
    // The change is made: without the read log its values are not shown, but it must not look as if it had
    // failed.
    if (!log_answer(work.inside, work.call, *work.shown->main->type->type, written.record)) {
      written.record = Json::object({{"id", written.record["id"]}, {"version", written.version}});
    }
  }
  return written;
}

}  // namespace talon::records
