/// The door's writing side: create, change, delete and change sets.
#include "host/records/commit.hpp"
#include "host/records/conflict.hpp"
#include "host/records/denials.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::records {

namespace {

using Kind = Operation::Kind;

/// What the caller gets to see of the record afterwards; nothing when they may not view the type.
std::optional<RecordSelect> shown_to(Records::Inside& inside, const Call& call, const TypeInfo& type,
                                     int64_t id) {
  auto select = build_record_select(inside, call, type, id, {});
  if (!select) return std::nullopt;
  return *std::move(select);
}

Result<const TypeInfo*> find_stored(const Generation& generation, std::string_view type) {
  TALON_TRY(const TypeInfo* info, Records::Inside::find_type(generation, type));
  if (info->type->kind != model::Kind::Stored) return invalid(std::string(type) + " has no records to write");
  return info;
}

/// One operation on an existing record; a text that is no id of the type names no record.
Result<Operation*> add_operation(Operations& operations, Kind kind, const TypeInfo& type,
                                 std::string_view id) {
  const auto number = parse_id(id, type.type->prefix);
  if (!number) return no_such_record(*type.type);
  Operation& operation = operations.list.emplace_back();
  operation.kind = kind;
  operation.type = &type;
  operation.id = *number;
  return &operation;
}

/// Whether every value of it may be set on some record at least.
bool may_set(const gate::Decision& decision, const Operation& operation) {
  const auto is_open = [&](const std::string& field) {
    return decision.static_level(field) >= gate::Level::Edit || decision.is_level_conditional(field);
  };
  const auto is_settable = [&](const TypeInfo& type, const std::vector<Setting>& set,
                               const std::string& list) {
    return std::all_of(set.begin(), set.end(), [&](const Setting& setting) {
      return is_open(list + type.columns[setting.column]->name);
    });
  };
  return decision.verdict() != gate::Decision::Verdict::Never &&
         is_settable(*operation.type, operation.set, "") &&
         std::all_of(operation.lists.begin(), operation.lists.end(), [&](const ChildRows& list) {
           return std::all_of(list.rows.begin(), list.rows.end(), [&](const ChildRow& row) {
             return is_settable(*list.type, row.set, list.type->list + ".");
           });
         });
}

/// What plugins say of the body. What is refused in any case they are not asked about: whoever may not write
/// learns nothing of what would be right.
Result<void> check_body(Records::Inside& inside, const Call& call, const Rights& rights,
                        const Operation& operation, const Json& body) {
  const model::RecordType& type = *operation.type->type;
  const bool is_new = operation.kind == Kind::Create;
  if (inside.parts.actions == nullptr) return {};
  if (!may_set(rights.decision(*operation.type, is_new ? "create" : "edit"), operation)) return {};
  const std::string id = is_new ? std::string() : id_text(type.prefix, operation.id);
  return inside.parts.actions->check(call, type, id, body);
}

}  // namespace

Result<Written> Records::create(const Call& call, std::string_view type, const Json& body) {
  const auto generation = inside_->generation();
  TALON_TRY(const TypeInfo* info, find_stored(*generation, type));
  TALON_TRY(const KeyInUse key, KeyInUse::take(*inside_, call));
  TALON_TRY(const std::string hash, hash_request(*inside_, call, type, "", "create", body));
  TALON_TRY(std::optional<Written> before, replay(*this, *inside_, call, {*info->type, "create", hash}));
  if (before) return *std::move(before);
  Operations operations;
  Operation& operation = operations.list.emplace_back();
  operation.kind = Kind::Create;
  operation.type = info;
  operation.id = inside_->new_id();
  TALON_TRY(const auto decision, inside_->parts.gate->decide(call.principal, "create", type));
  if (decision->verdict() == gate::Decision::Verdict::Never)
    return denied_by_rule("you may not create " + info->type->plural, {"create", *info->type});
  TALON_DO(inside_->parts.gate->require_proof(call.principal, "create", type));
  TALON_DO(read_body(*inside_, *generation, body, Author::Caller, operation));
  TALON_TRY(const Rights rights,
            Rights::prepare(*inside_, call, *generation, operations, Author::Caller, nullptr));
  TALON_DO(check_body(*inside_, call, rights, operation, body));
  return commit({*inside_, call, *generation, operations, rights, storage::Lane::Interactive, hash,
                 shown_to(*inside_, call, *info, operation.id)});
}

Result<Written> Records::change(const Call& call, std::string_view type, std::string_view id, int64_t version,
                                const Json& body) {
  const auto generation = inside_->generation();
  TALON_TRY(const TypeInfo* info, find_stored(*generation, type));
  Operations operations;
  TALON_TRY(Operation* const operation, add_operation(operations, Kind::Change, *info, id));
  operation->version = version;
  // Judged first: a record of another party answers as a missing one, whatever the body says.
  TALON_DO(get(call, type, id, {"id"}));
  TALON_DO(inside_->parts.gate->require_proof(call.principal, "edit", type));
  TALON_DO(read_body(*inside_, *generation, body, Author::Caller, *operation));
  TALON_TRY(const Rights rights,
            Rights::prepare(*inside_, call, *generation, operations, Author::Caller, nullptr));
  TALON_DO(check_body(*inside_, call, rights, *operation, body));
  auto written = commit({*inside_,
                         call,
                         *generation,
                         operations,
                         rights,
                         storage::Lane::Interactive,
                         {},
                         shown_to(*inside_, call, *info, operation->id)});
  if (!written && written.error().code == Code::Aborted) {
    return conflict_error(*this, call, {*info, id, version, body}, std::move(written).error());
  }
  return written;
}

Result<void> Records::remove(const Call& call, std::string_view type, std::string_view id, int64_t version) {
  const auto generation = inside_->generation();
  TALON_TRY(const TypeInfo* info, find_stored(*generation, type));
  Operations operations;
  TALON_TRY(Operation* const operation, add_operation(operations, Kind::Delete, *info, id));
  operation->version = version;
  // Whoever cannot see a record does not remove it, whatever a rule about removing says.
  TALON_DO(get(call, type, id, {"id"}));
  TALON_DO(inside_->parts.gate->require_proof(call.principal, "delete", type));
  TALON_TRY(const Rights rights,
            Rights::prepare(*inside_, call, *generation, operations, Author::Caller, nullptr));
  TALON_TRY(
      const Written written,
      commit(
          {*inside_, call, *generation, operations, rights, storage::Lane::Interactive, {}, std::nullopt}));
  static_cast<void>(written);
  return {};
}

Result<Json> Records::apply(const Call& call, const Json& changeset, storage::Lane lane, Row values) {
  const auto generation = inside_->generation();
  TALON_TRY(const Operations operations,
            read_operations(*inside_, *generation, changeset, Author::Code, values));
  TALON_TRY(const Rights rights,
            Rights::prepare(*inside_, call, *generation, operations, Author::Code, nullptr));
  TALON_TRY(Written written,
            commit({*inside_, call, *generation, operations, rights, lane, {}, std::nullopt}));
  return std::move(written.record);
}

}  // namespace talon::records
