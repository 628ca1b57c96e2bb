/// Actions: a declared move of the state, or a plugin's code that returns a change set.
#include "host/model/field_value.hpp"
#include "host/model/manifest.hpp"
#include "host/records/commit.hpp"
#include "host/records/denials.hpp"
#include "host/records/references.hpp"

#include <talon/faults.hpp>
#include <talon/id.hpp>
#include <talon/pointer.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::records {

namespace {

/// How often a code action runs anew when a version that it read has changed (decisions 1).
constexpr int kRunsMax = 5;

/// The action's input has the declared fields and no others.
Result<void> check_input(const model::Model& model, const model::Action& action, const Json& input) {
  Faults faults;
  if (!input.is_object() && !input.is_null()) return invalid("the body of an action is a JSON object");
  for (const auto& [name, value] : input.members()) {
    const auto field =
        std::find_if(action.input.begin(), action.input.end(),
                     [&, key = &name](const model::Field& known) { return known.name == *key; });
    if (field == action.input.end()) {
      faults.add(pointer_below("", name), "unknown_field", action.name + " takes no " + echoed(name));
    } else if (field->type != model::FieldType::Money || !value.is_string()) {
      const auto read = model::read_field(model, *field, value);
      if (!read) faults.add_value("/" + name, "invalid_value", read.error().message);
    }
  }
  for (const model::Field& field : action.input) {
    if (field.is_required && input[field.name].is_null())
      faults.add("/" + field.name, "required", action.name + " needs \"" + field.name + "\"");
  }
  return faults.outcome();
}

class ActionRun {
 public:
  ActionRun(Records& records, Records::Inside& inside, const Call& call,
            std::shared_ptr<const Generation> generation)
      : records_(records), inside_(inside), call_(call), generation_(std::move(generation)) {}

  Result<Written> run(const TypeInfo& type, const model::Action& action, std::string_view id, int64_t version,
                      const Json& input) {
    type_ = &type;
    action_ = &action;
    acted_.type = &type;
    acted_.action = action.name;
    Call elevated = call_;
    for (const std::string& right : action.elevates) elevated.principal.elevates.push_back(right);
    inner_ = elevated;
    inner_.idempotency_key.clear();  // the key is this action's, not that of what its code calls
    TALON_TRY(const std::string hash, hash_request(inside_, call_, type.type->name, id, action.name, input));
    TALON_TRY(const KeyInUse key, KeyInUse::take(inside_, call_));
    TALON_TRY(std::optional<Written> before,
              replay(records_, inside_, call_, {*type.type, action.name, hash}));
    if (before) return *std::move(before);
    TALON_DO(check_input(*generation_->model, action, input));
    for (int attempt = 1;; ++attempt) {
      // Judged anew each time: a stale version of the caller's own ends here, another's only runs the code
      // again.
      TALON_DO(judge(id, version));
      TALON_DO(judge_references(inside_, call_, *generation_, action.input, input));
      auto written = once(elevated, id, version, input, hash);
      const bool is_stale = !written && written.error().code == Code::Aborted;
      if (!is_stale || attempt == kRunsMax) return written;
    }
  }

 private:
  /// The verdict, the caller's version and the state, before any code runs; the writer checks all of it
  /// again.
  Result<void> judge(std::string_view id, int64_t version) {
    const std::string& type = type_->type->name;
    TALON_TRY(acted_.decision, inside_.parts.gate->decide(call_.principal, action_->name, type));
    if (action_->is_on_type) {
      if (!id.empty())
        return invalid(action_->name + " runs on " + type_->type->plural + ", not on one record");
      const std::vector<Cell> nothing(acted_.decision->slots().size());
      if (!acted_.decision->allows_row(nothing, inside_.parts.today())) {
        return denied_by_rule("you may not " + action_->name + " " + type_->type->plural,
                              {action_->name, *type_->type});
      }
      return inside_.parts.gate->require_proof(call_.principal, action_->name, type);
    }
    const auto number = parse_id(id, type_->type->prefix);
    if (!number) return no_such_record(*type_->type);
    acted_.id = *number;
    // Whoever cannot see the record gets the answer for one that is not there, whatever the action.
    TALON_TRY(const Json seen, records_.get(call_, type, id, {"id", "version"}));
    // Code may write before its change set is judged: it runs for nobody who may not.
    TALON_TRY(const bool is_allowed, allows_acted());
    if (!is_allowed) return denied_on_record({action_->name, *type_->type, acted_.id});
    TALON_DO(inside_.parts.gate->require_proof(call_.principal, action_->name, type));
    if (version < 0 || seen["version"].integer() == version) return {};
    return Error{Code::Aborted, std::string(id) + " was changed meanwhile; read it again",
                 Json::object({{"version", seen["version"]}, {"theirs", seen}}).to_string()};
  }

  /// What the rules say of the action on the record as it is.
  Result<bool> allows_acted() const {
    bool is_allowed = acted_.decision->verdict() == gate::Decision::Verdict::Always;
    if (acted_.decision->verdict() != gate::Decision::Verdict::Conditional) return is_allowed;
    const gate::Decision* const decision = acted_.decision.get();
    TALON_DO(inside_.parts.database->read([&](storage::Reader& reader) {
      return allows_each(inside_, *generation_, {&decision, 1}, *type_, {&acted_.id, 1}, reader,
                         [&](int64_t, const std::vector<bool>& answers) { is_allowed = answers.front(); });
    }));
    return is_allowed;
  }

  Result<Written> once(const Call& elevated, std::string_view id, int64_t version, const Json& input,
                       const std::string& hash) {
    TALON_TRY(const Json changeset,
              action_->run == model::Run::Code ? from_code(id, input) : declared(id, version, input));
    TALON_TRY(Operations operations, read_operations(inside_, *generation_, changeset, Author::Code));
    for (Operation& operation : operations.list) {
      // What the caller had seen, not what the code happened to read: the transaction checks it.
      const bool is_own = acted_.id != 0 && operation.id == acted_.id && operation.type == type_;
      if (is_own && version >= 0) operation.version = version;
    }
    TALON_TRY(const Rights rights,
              Rights::prepare(inside_, elevated, *generation_, operations, Author::Code, &acted_));
    std::optional<RecordSelect> shown;
    if (acted_.id != 0) {
      auto select = build_record_select(inside_, call_, *type_, acted_.id, {});
      if (select) shown = *std::move(select);
    }
    return commit({inside_, elevated, *generation_, operations, rights, storage::Lane::Interactive, hash,
                   std::move(shown)});
  }

  Result<Json> from_code(std::string_view id, const Json& input) {
    if (inside_.parts.actions == nullptr)
      return unavailable("the plugin " + type_->type->plugin + " is not running");
    TALON_TRY(const std::string text,
              inside_.parts.actions->run(inner_, *type_->type, id, action_->name, input));
    return Json::parse(text);
  }

  /// {change: state → to, and the input's fields that the record has}, with its event.
  Result<Json> declared(std::string_view id, int64_t version, const Json& input) {
    Json set = Json::object();
    for (const auto& [name, value] : input.members()) {
      if (type_->column(name) >= 0) set.set(name, value);
    }
    const model::Field* state = type_->type->state_field();
    if (state != nullptr && !action_->to.empty()) set.set(state->name, action_->to);
    Json events = Json::array();
    if (!action_->to.empty()) {
      events.push(Json::object({{"event", type_->type->name + "." + action_->to},
                                {"type", type_->type->name},
                                {"record", id},
                                {"data", Json::object()}}));
    }
    return Json::object({{"operations", Json::array({Json::object({{"op", "change"},
                                                                   {"type", type_->type->name},
                                                                   {"id", id},
                                                                   {"version", version},
                                                                   {"set", std::move(set)}})})},
                         {"events", std::move(events)},
                         {"answer", Json()}});
  }

  Records& records_;
  Records::Inside& inside_;
  const Call& call_;
  std::shared_ptr<const Generation> generation_;
  const TypeInfo* type_ = nullptr;
  const model::Action* action_ = nullptr;
  Acted acted_;
  Call inner_;  ///< what the action's code calls with
};

}  // namespace

Result<Written> Records::act(const Call& call, std::string_view type, std::string_view id,
                             std::string_view action, int64_t version, const Json& input) {
  const auto generation = inside_->generation();
  TALON_TRY(const TypeInfo* info, Inside::find_type(*generation, type));
  const model::Action* found = info->type->find_action(action);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const model::Action& known : info->type->actions) names.push_back(known.name);
    const std::string near = model::nearest(action, names);
    return not_found(info->type->name + " has no action " + echoed(action) +
                     (near.empty() ? "" : ". Did you mean \"" + near + "\"?"));
  }
  if (call.principal.simulated_by != 0) return denied("who sees with another's eyes changes nothing");
  if (model::is_right_alone(*found))
    return failed_precondition(std::string(action) + " is a right and does nothing by itself");
  return ActionRun(*this, *inside_, call, generation).run(*info, *found, id, version, input);
}

}  // namespace talon::records
