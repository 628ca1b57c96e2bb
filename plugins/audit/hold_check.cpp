/// What callers write of a legal hold.
#include "hold_check.hpp"

#include "filter.hpp"
#include "principals.hpp"

#include <talon/date.hpp>
#include <talon/faults.hpp>
#include <talon/id.hpp>
#include <talon/model_lookup.hpp>
#include <talon/text.hpp>

namespace audit {

namespace {

using talon::Faults;
using talon::Json;
using talon::Query;
using talon::Records;
using talon::Result;
using talon::model::Kind;
using talon::model::RecordType;

/// What the hold says once the body is written; what the body leaves out stays.
struct Named {
  std::string type;
  std::string record;
  std::string user;
};

Result<Named> named_by(const Records& caller, const Json& args) {
  Named named;
  if (!args["id"].string().empty()) {
    TALON_TRY(const talon::Record stood,
              caller.get("audit_hold", args["id"].string(), {"type", "record", "user"}));
    named = {stood.text("type"), stood.text("record"), stood.text("user")};
  }
  for (const auto& [field, text] :
       {std::pair{"type", &named.type}, {"record", &named.record}, {"user", &named.user}}) {
    if (const Json* sent = args["body"].find(field)) *text = sent->string();
  }
  return named;
}

/// Whether the log tells of it: what is gone may have to be kept all the same.
Result<bool> stands_in_entries(const Records& caller, const std::string& where) {
  TALON_TRY(const auto found, caller.query({"audit_entry", {"id"}, where, {}, {}, {}, 1}));
  return !found.empty();
}

Result<void> judge_type(const Records& caller, const talon::model::Model& model, const std::string& type,
                        Faults& faults) {
  if (type.empty() || model.find(type) != nullptr) return {};
  TALON_TRY(const bool is_logged, stands_in_entries(caller, "type is " + talon::text_literal(type)));
  if (is_logged) return {};
  faults.add("/type", "no_such_type",
             "there is no record type " + talon::echoed(type) + "." +
                 talon::model::suggestion(type, talon::model::stored_types(model)));
  return {};
}

const RecordType* type_of_id(const talon::model::Model& model, std::string_view id) {
  for (const RecordType& type : model.types) {
    if (type.kind == Kind::Stored && talon::parse_id(id, type.prefix)) return &type;
  }
  return nullptr;
}

Result<void> judge_record(const Records& caller, const talon::model::Model& model, const Named& named,
                          Faults& faults) {
  if (named.record.empty()) return {};
  const std::string id = id_part(named.record);
  const RecordType* type = type_of_id(model, id);
  if (type == nullptr) {
    const RecordType* meant = model.find(named.type);
    faults.add("/record", "invalid_value",
               talon::echoed(named.record) +
                   " is no record's id; write it as `talon record list` shows it, as in " +
                   (meant != nullptr && !meant->prefix.empty() ? meant->prefix : "inv") + "_…");
    return {};
  }
  if (!named.type.empty() && named.type != type->name) {
    faults.add("/record", "other_type",
               id + " is a " + type->name + " and no " + std::string(talon::harmless(named.type, 60)) +
                   ": leave \"type\" out, or name the record of that type");
    return {};
  }
  const auto found = caller.get(type->name, id, {"id"});
  if (found) return {};
  if (found.error().code != talon::Code::NotFound) return found.error();
  TALON_TRY(const int64_t number, talon::parse_id(id));
  TALON_TRY(const bool is_logged, stands_in_entries(caller, "type is " + talon::text_literal(type->name) +
                                                                " and record is " + std::to_string(number)));
  if (!is_logged) {
    faults.add("/record", "no_such_record",
               "there is no " + type->name + " " + id + " that you may see, and the log tells of none");
  }
  return {};
}

Result<void> judge_user(const Records& caller, const std::string& user, Faults& faults) {
  if (user.empty()) return {};
  const auto principal = principal_named(caller, id_part(user));
  if (!principal) {
    const talon::Code code = principal.error().code;
    if (code != talon::Code::NotFound && code != talon::Code::InvalidArgument) return principal.error();
    faults.add("/user", "no_such_user", principal.error().message);
  } else if (*principal != id_part(user)) {
    faults.add("/user", "invalid_value",
               "a hold names people by id, which stays when their address goes: write " + *principal);
  }
  return {};
}

/// A day that is over, which holds nothing, as by a mistyped year.
void judge_day(const Json& until, talon::Date today, Faults& faults) {
  const auto day = talon::Date::parse(until.string());
  if (!day || day->packed() >= today.packed()) return;
  faults.add("/until", "invalid_value",
             "until is the last day of the hold, and " + day->to_string() +
                 " is over: it would hold nothing. One that may go is released (released=yes)");
}

}  // namespace

Result<void> check_hold(const Records& caller, const talon::model::Model& model, talon::Date today,
                        const Json& args) {
  // One that lets go of what it held is judged no more.
  if (args["body"]["released"].boolean()) return {};
  TALON_TRY(const Named named, named_by(caller, args));
  Faults faults;
  TALON_DO(judge_type(caller, model, named.type, faults));
  TALON_DO(judge_record(caller, model, named, faults));
  TALON_DO(judge_user(caller, named.user, faults));
  judge_day(args["body"]["until"], today, faults);
  return faults.outcome();
}

}  // namespace audit
