/// Sign-in and sign-out, who I am, my tokens, and questions about rights.
#include "host/http/api.hpp"
#include "host/http/exchange.hpp"
#include "host/http/problem.hpp"
#include "host/http/question_reader.hpp"

#include <talon/date.hpp>
#include <talon/expression/parse.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <set>

namespace talon::http {

namespace {

constexpr std::size_t kCredentialBytesMax = 1024;
constexpr std::string_view kAllowed = R"({"allowed":true})";
constexpr std::string_view kRefused = R"({"allowed":false})";

std::string words_of(const expression::Expression& where) {
  return where.kind == expression::Expression::Kind::Always ? std::string() : expression::print(where);
}

Json residuals(const std::vector<gate::Residual>& list) {
  Json out = Json::array();
  for (const gate::Residual& residual : list) {
    out.push(Json::object(
        {{"rule", residual.rule}, {"where", words_of(residual.where)}, {"place", residual.place}}));
  }
  return out;
}

std::string_view level_name(gate::Level level) {
  switch (level) {
    case gate::Level::Hidden:
      return "hidden";
    case gate::Level::Masked:
      return "masked";
    case gate::Level::ReadOnly:
      return "read_only";
    case gate::Level::Edit:
      return "edit";
  }
  return "hidden";
}

/// What every caller may know of their own rights. Rules, their conditions and their places name other
/// parties: a partner's file binds everybody.
Json rights_json(const gate::Decision& decision) {
  const gate::PlanTerms& plan = decision.plan();
  const char* verdict = decision.verdict() == gate::Decision::Verdict::Never    ? "never"
                        : decision.verdict() == gate::Decision::Verdict::Always ? "always"
                                                                                : "conditional";
  std::set<std::string_view> named;
  Json fields = Json::array();
  for (const gate::FieldRule& rule : plan.fields) {
    if (!named.insert(rule.field).second) continue;
    fields.push(Json::object({{"field", rule.field},
                              {"level", level_name(decision.static_level(rule.field))},
                              {"conditional", decision.is_level_conditional(rule.field)}}));
  }
  Json columns = plan.has_columns ? Json::array() : Json();
  for (const std::string& column : plan.columns) columns.push(column);
  return Json::object({{"verdict", verdict},
                       {"policy_set", plan.policy_set},
                       {"valid_until", instant(plan.valid_until_us)},
                       {"fields", std::move(fields)},
                       {"columns", std::move(columns)},
                       {"drill_down", plan.may_drill_down}});
}

/// The whole plan, for those who explain rules to others.
Json plan_json(const gate::Decision& decision) {
  const gate::PlanTerms& plan = decision.plan();
  Json fields = Json::array();
  for (const gate::FieldRule& rule : plan.fields) {
    fields.push(Json::object({{"field", rule.field},
                              {"level", level_name(rule.level)},
                              {"where", words_of(rule.where)},
                              {"place", rule.place}}));
  }
  return rights_json(decision)
      .set("deny", residuals(decision.denies().all()))
      .set("allow", residuals(plan.allows))
      .set("fields", std::move(fields));
}

}  // namespace

Result<Response> Api::sign_in(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(Json body, body_of(context.request));
  if (!body.is_object()) return invalid("the body is a JSON object");
  for (const auto& [name, value] : body.members()) {
    if (value.string().size() > kCredentialBytesMax) return invalid(echoed(name) + " is too long");
  }
  if (body["language"].is_null()) body.set("language", language_of(context.request));
  const bool is_code_text = body["code"].is_null() || body["code"].is_string();
  if (!body["email"].is_string() || !body["password"].is_string() || !is_code_text ||
      !body["language"].is_string()) {
    return invalid(
        R"(the body is {"email", "password"} and, where a code is asked for, "code"; and "language", )"
        "where the request's does not fit: texts, in quotes");
  }
  body.set("agent", agent_of(context.request));
  const auto issued = parts_.sessions->sign_in(body, context.call);
  if (!issued) return issued.error();
  Json answer = Json::object(
      {{"session", issued->id}, {"user", issued->user}, {"expires_at", instant(issued->expires_us)}});
  if (issued->missing != gate::Principal::Missing::Nothing) {
    const bool is_set_up = issued->missing == gate::Principal::Missing::Code;
    answer.set("second_factor", is_set_up ? "code" : "enrolment");
  }
  if (!body["cookie"].boolean()) answer.set("token", issued->token);
  Response response = json_response(201, answer);
  const bool is_secure = context.request.is_tls;
  const int64_t seconds = (issued->expires_us - parts_.clock->now_us()) / 1'000'000;
  return response.header("Set-Cookie", session_cookie(issued->token, is_secure, seconds));
}

Result<Response> Api::sign_out(Context& context) {
  TALON_DO(parts_.sessions->sign_out(context.call));
  Response response;
  response.status = 204;
  const bool is_secure = context.request.is_tls;
  return response.header("Set-Cookie", session_cookie("", is_secure, 0));
}

Result<Response> Api::me(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  const gate::Principal& principal = context.call.principal;
  const std::string id = id_text("usr", principal.user);
  // What a person may know about themselves does not hang on a rule.
  gate::Call own = context.call;
  own.principal.elevates.emplace_back("user.view");
  TALON_TRY(const Json user,
            parts_.records->get(own, "user", id, {"name", "email", "state", "language", "roles"}));
  Json answer = Json::object({{"user", user}});
  if (principal.session != 0) answer.set("session", id_text("ses", principal.session));
  Json factor =
      Json::object({{"set_up", principal.has_second_factor}, {"proved_at", instant(principal.proved_us)}});
  if (principal.missing != gate::Principal::Missing::Nothing) {
    factor.set("missing", principal.missing == gate::Principal::Missing::Code ? "code" : "enrolment");
    answer.set("second_factor", std::move(factor));
    return json_response(200, answer);
  }
  answer.set("second_factor", std::move(factor));
  TALON_TRY(const auto held, parts_.gate->decide(principal, "view", "user"));
  Json roles = Json::array();
  for (const std::string& role : held->plan().roles) roles.push(role);
  answer.set("roles", std::move(roles));
  answer.set("may", rights_of(context));
  return json_response(200, answer);
}

Json Api::rights_of(const Context& context) {
  Json types = Json::object();
  for (const model::RecordType& type : context.model().types) {
    if (type.kind == model::Kind::Child) continue;
    Json actions = Json::array();
    std::vector<std::string> names = type.base_actions;
    for (const model::Action& action : type.actions) names.push_back(action.name);
    for (const std::string& name : names) {
      const auto decision = parts_.gate->decide(context.call.principal, name, type.name);
      if (decision && (*decision)->verdict() != gate::Decision::Verdict::Never) actions.push(name);
    }
    if (!actions.items().empty()) types.set(type.name, std::move(actions));
  }
  return types;
}

Result<Response> Api::check(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_DO(expect_json(context.request));
  QuestionReader questions(context.request.body);
  TALON_DO(questions.read());
  TALON_TRY(const std::vector<bool> answers, parts_.records->check(context.call, questions.all()));
  Response response;
  response.header("Content-Type", "application/json");
  response.body.reserve(answers.size() * (kRefused.size() + 1) + 32);
  response.body = R"({"answers":[)";
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i > 0) response.body.push_back(',');
    response.body.append(answers[i] ? kAllowed : kRefused);
  }
  response.body += "]}";
  return response;
}

Result<Response> Api::explain(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(Json question, body_of(context.request));
  const std::string own = id_text("usr", context.call.principal.user);
  if (!question.is_object())
    return invalid("the body is {\"user\", \"action\", \"type\", \"record\", \"field\", \"at\"}");
  // The answer reads the record whatever the asker may see, so it is for those who explain to others.
  TALON_DO(require(context, "access", "explain"));
  if (const Json& user = question["user"]; user.is_null() || user == Json("")) question.set("user", own);
  TALON_TRY(const std::string text, parts_.gate->explain(question.to_string()));
  TALON_TRY(Json answer, Json::parse(text));
  TALON_DO(parts_.records->log_shown(context.call, "explain", answer));
  return json_response(200, answer);
}

Result<Response> Api::plan(Context& context) {
  TALON_DO(only_parameters(context.request, {}));
  TALON_TRY(const Json body, body_of(context.request));
  const model::RecordType* type = context.model().find(body["type"].string());
  if (type == nullptr || !type->has_action(body["action"].string())) {
    return invalid("the body is {\"action\", \"type\"} with names that the model has");
  }
  TALON_TRY(const auto decision,
            parts_.gate->decide(context.call.principal, body["action"].string(), type->name));
  const bool explains = static_cast<bool>(require(context, "access", "explain"));
  return json_response(200, explains ? plan_json(*decision) : rights_json(*decision));
}

}  // namespace talon::http
