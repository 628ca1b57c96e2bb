/// How one's account, rights, reports, plugins and their commands are asked for.
#include "tests/integration/paths/askers.hpp"

#include <algorithm>
#include <set>

namespace talon::paths {

namespace {

using http::Operation;
using http::Route;
using model::FieldType;

using Input = std::function<Json(Objects&)>;

/// Inputs of type json, by TYPE.ACTION.FIELD: a manifest does not say what stands in them.
const std::map<std::string, Input>& json_inputs() {
  static const Input kInvoices = [](Objects& o) { return Json::array({o.id("invoice")}); };
  static const Input kAllocations = [](Objects& o) {
    return Json::array({Json::object({{"invoice", o.id("invoice")}, {"amount", "1.00"}})});
  };
  static const std::map<std::string, Input> kInputs = {
      {"invoice.draft.invoice",
       [](Objects& o) {
         return Json::object({{"client", o.id("party")}, {"company", o.id("party")}});
       }},
      {"invoice.issue_many.invoices", kInvoices},
      {"invoice.credit.lines",
       [](Objects& o) {
         return Json::array({Json::object({{"line", 1}, {"of", o.id("invoice")}})});
       }},
      {"payment.record.allocations", kAllocations},
      {"payment.allocate.allocations", kAllocations},
      {"delivery.receive.lines",
       [](Objects& o) {
         return Json::array({Json::object({{"line", 1}, {"of", o.id("delivery_line")}})});
       }},
  };
  return kInputs;
}

/// What commands take, by PLUGIN.COMMAND.
const std::map<std::string, Input>& command_inputs() {
  static const Input kNothing = [](Objects&) { return Json::object(); };
  static const Input kConnector = [](Objects& o) {
    return Json::object({{"connector", o.text("sync_run", "connector")}});
  };
  static const Input kQuestion = [](Objects& o) {
    return Json::object(
        {{"user", o.id("user")}, {"action", "view"}, {"type", "invoice"}, {"record", o.id("invoice")}});
  };
  static const Input kRecord = [](Objects& o) {
    return Json::object({{"record", "invoice/" + o.id("invoice")}});
  };
  static const std::map<std::string, Input> kInputs = {
      {"access.activate", kNothing},
      {"access.shadow", kNothing},
      {"access.check", kNothing},
      {"access.test", kNothing},
      {"access.diff",
       [](Objects& o) {
         return Json::object({{"users", o.id("user")}});
       }},
      {"access.table", kNothing},
      {"access.review",
       [](Objects& o) {
         return Json::object({{"users", Json::array({o.id("user")})}});
       }},
      {"access.explain", kQuestion},
      {"access.who_can", kQuestion},
      {"access.fit_roles",
       [](Objects&) {
         return Json::object({{"roles", Json::array({"client"})}});
       }},
      {"access.invite",
       [](Objects& o) {
         return Json::object({{"email", "new.person@talon.test"},
                              {"name", "New"},
                              {"roles", Json::array({"client"})},
                              {"facts", Json::object({{"client", Json::array({o.id("party")})}})}});
       }},
      {"access.measure_password",
       [](Objects&) {
         return Json::object({{"password", "a"}});
       }},
      {"access.set_password",
       [](Objects&) {
         return Json::object({{"password", "wrong"}, {"new", "x"}});
       }},
      {"access.reset_password",
       [](Objects& o) {
         return Json::object({{"user", o.id("user")}});
       }},
      {"access.bootstrap", kNothing},
      {"access.check_user", kNothing},
      {"audit.check_hold", kRecord},
      {"audit.check_settings", kNothing},
      {"audit.verify", kNothing},
      {"audit.export", kNothing},
      {"audit.log", kRecord},
      {"audit.who_saw", kRecord},
      {"audit.seen_by",
       [](Objects& o) {
         return Json::object({{"user", o.id("user")}});
       }},
      {"audit.report", kNothing},
      {"audit.prove",
       [](Objects& o) {
         return Json::object({{"entry", o.id("audit_entry")}});
       }},
      {"audit.consistency", kNothing},
      {"audit.verify_proof", kNothing},
      {"audit.erase", kRecord},
      {"audit.key", kNothing},
      {"invoicing.check",
       [](Objects& o) {
         return Json::object({{"invoice", o.id("invoice")}});
       }},
      {"invoicing.compose",
       [](Objects& o) {
         return Json::object({{"client", o.id("party")}});
       }},
      {"ldap.check_settings", kNothing},
      {"oidc.check_settings", kNothing},
      {"reports.list", kNothing},
      {"reports.run",
       [](Objects& o) {
         return Json::object(
             {{"name", "client_statement"}, {"params", Json::object({{"client", o.id("party")}})}});
       }},
      {"sync.list", kNothing},
      {"sync.check", kNothing},
      {"sync.status", kConnector},
      {"sync.rejects", kConnector},
      {"sync.plan", kConnector},
      {"sync.apply",
       [](Objects& o) {
         return Json::object({{"plan", o.id("sync_plan")}});
       }},
      {"sync.run", kConnector},
      {"sync.retry", kConnector},
      {"sync.reset", kConnector},
      {"sync.push", kConnector},
  };
  return kInputs;
}

}  // namespace

Json Askers::input_of(const model::RecordType& type, const model::Action& action, Objects& objects) const {
  Json input = Json::object();
  for (const model::Field& field : action.input) {
    const auto told = json_inputs().find(type.name + "." + action.name + "." + field.name);
    if (told != json_inputs().end())
      input.set(field.name, told->second(objects));
    else if (field.type == FieldType::Ref)
      input.set(field.name, objects.id(field.to));
    else if (field.type == FieldType::Date)
      input.set(field.name, "2026-11-20");
    else if (field.type == FieldType::Choice)
      input.set(field.name, field.choices.front());
    else if (field.type == FieldType::Text)
      input.set(field.name, field.name == "currency" ? "EUR" : "1.00");
  }
  return input;
}

void Askers::add_account() {
  const std::string account = "/api/v1/session";
  table_[Operation::SignIn] = {[account](const Route&, Objects& objects) {
    const Json wrong = Json::object({{"email", objects.text("user", "email")}, {"password", "not this one"}});
    return Asks{{"POST", account, wrong.to_string()}};
  }};
  table_[Operation::RequestPassword] = {[account](const Route&, Objects& objects) {
    const Json body = Json::object({{"email", objects.text("user", "email")}});
    return Asks{{"POST", account + "/new_password", body.to_string()}};
  }};
  table_[Operation::SignOut] = {
      {}, {}, "people/sessions_test.cpp; it ends what everything else is asked with"};
  const auto alone = [this](Operation operation, Ask ask) {
    table_[operation] = {{}, [ask = std::move(ask)](const Route&) { return Asks{ask}; }};
  };
  alone(Operation::SignInWays, {"GET", account + "/ways"});
  alone(Operation::SignInWith, {"GET", account + "/with/no_such_plugin?to=/"});
  alone(Operation::SignInReturn, {"GET", account + "/with/no_such_plugin/return?state=x&code=y"});
  alone(Operation::Me, {"GET", "/api/v1/me"});
  alone(Operation::Prove, {"POST", account + "/proof", R"({"password":7})"});
  alone(Operation::BeginSecondFactor, {"POST", "/api/v1/me/second_factor?x=1", "{}"});
  alone(Operation::ConfirmSecondFactor, {"POST", "/api/v1/me/second_factor/confirm", R"({"code":7})"});
  alone(Operation::RecoveryCodes, {"POST", "/api/v1/me/second_factor/recovery_codes", "{}"});
  table_[Operation::IssueToken] = {[](const Route&, Objects& objects) {
    const Json body = Json::object({{"name", "x"}, {"user", objects.id("user")}});
    return Asks{{"POST", "/api/v1/me/tokens", body.to_string(), "", true}};
  }};
  table_[Operation::RotateToken] = {[](const Route&, Objects& objects) {
    return Asks{{"POST", "/api/v1/me/tokens/" + objects.id("token") + "/rotate", "{}", "", true}};
  }};
  table_[Operation::RevokeToken] = {[](const Route&, Objects& objects) {
    return Asks{{"DELETE", "/api/v1/me/tokens/" + objects.id("token"), "", "", true}};
  }};
}

void Askers::add_access() {
  const auto each_right =
      [this](const std::function<void(const model::RecordType&, const std::string&)>& take) {
        for (const model::RecordType& type : town_.model().types) {
          if (type.kind == model::Kind::Child) continue;
          for (const std::string& action : type.base_actions) take(type, action);
          for (const model::Action& action : type.actions) take(type, action.name);
        }
      };
  table_[Operation::Check] = {[each_right](const Route&, Objects& objects) {
    Json questions = Json::array();
    each_right([&](const model::RecordType& type, const std::string& action) {
      if (type.kind != model::Kind::Stored) return;
      questions.push(Json::object({{"action", action}, {"type", type.name}, {"id", objects.id(type.name)}}));
    });
    return Asks{{"POST", "/api/v1/access/check", questions.to_string()}};
  }};
  table_[Operation::Plan] = {
      {}, [each_right](const Route&) {
        Asks asks;
        each_right([&](const model::RecordType& type, const std::string& action) {
          asks.push_back({"POST", "/api/v1/access/plan",
                          Json::object({{"action", action}, {"type", type.name}}).to_string()});
        });
        return asks;
      }};
  table_[Operation::Explain] = {[](const Route&, Objects& objects) {
    Asks asks;
    for (const char* type : {"invoice", "party", "timesheet_entry"}) {
      const Json body = Json::object(
          {{"user", objects.id("user")}, {"action", "view"}, {"type", type}, {"record", objects.id(type)}});
      asks.push_back({"POST", "/api/v1/access/explain", body.to_string()});
    }
    return asks;
  }};
}

void Askers::add_plugins() {
  table_[Operation::Reports] = {{}, [](const Route&) { return Asks{{"GET", "/api/v1/reports"}}; }};
  // What reports there are, and which of their parameters name a record, the administrator is told.
  ApiClient admin(town_.port(), town_.inside().back().token);
  const Json reports = admin.get("/api/v1/reports").json["reports"];
  table_[Operation::Report] = {
      [reports](const Route&, Objects& objects) {
        Asks asks;
        for (const Json& report : reports.items()) {
          for (const Json& parameter : report["parameters"].items()) {
            if (parameter["type"].string() != "ref") continue;
            const std::string path = "/api/v1/reports/" + std::string(report["name"].string()) + "?" +
                                     std::string(parameter["name"].string()) + "=" +
                                     objects.id(parameter["to"].string());
            for (const char* format : {"", "&format=json", "&format=csv"})
              asks.push_back({"GET", path + format});
          }
        }
        return asks;
      },
      [reports](const Route&) {
        Asks asks = {{"GET", "/api/v1/reports/no_such_report"}};
        for (const Json& report : reports.items()) {
          for (const char* format : {"json", "csv", "pdf"})
            asks.push_back(
                {"GET", "/api/v1/reports/" + std::string(report["name"].string()) + "?format=" + format});
        }
        return asks;
      }};
  const std::string base = "/api/v1/plugins";
  table_[Operation::Plugins] = {{}, [base](const Route&) { return Asks{{"GET", base}}; }};
  table_[Operation::Plugin] = {{}, [base](const Route&) {
                                 return Asks{{"GET", base + "/invoicing"}, {"GET", base + "/no_such_plugin"}};
                               }};
  table_[Operation::ControlPlugin] = {{}, [base](const Route& route) {
                                        return Asks{{"POST", base + "/no_such_plugin/" + route.action, "{}"}};
                                      }};
  table_[Operation::Command] = {[base, this](const Route&, Objects& objects) {
    Asks asks;
    for (const model::Command& command : town_.model().commands) {
      const auto told = command_inputs().find(command.plugin + "." + command.name);
      if (told == command_inputs().end()) continue;  // `untold` says so
      const std::string path = base + "/" + command.plugin + "/commands/" + command.name;
      asks.push_back({"POST", path, told->second(objects).to_string(), "", true});
    }
    return asks;
  }};
  table_[Operation::OpenApi] = {{}, [](const Route&) { return Asks{{"GET", "/api/v1/openapi.json"}}; }};
}

std::vector<std::string> Askers::untold(const http::Router& router) const {
  std::vector<std::string> names;
  for (const model::Command& command : router.model().commands) {
    const std::string name = command.plugin + "." + command.name;
    if (command_inputs().count(name) == 0) names.push_back("command " + name);
  }
  for (const model::RecordType& type : router.model().types) {
    for (const model::Action& action : type.actions) {
      for (const model::Field& field : action.input) {
        const std::string name = type.name + "." + action.name + "." + field.name;
        if (field.type == FieldType::Json && json_inputs().count(name) == 0) names.push_back("input " + name);
      }
    }
  }
  return names;
}

std::vector<std::string> Askers::idle(const http::Router& router) const {
  std::set<Operation> used;
  for (const Route& route : router.routes()) used.insert(route.operation);
  std::vector<std::string> names;
  for (const auto& [operation, asker] : table_) {
    if (used.count(operation) == 0)
      names.push_back("operation " + std::to_string(static_cast<int>(operation)));
  }
  for (const auto& [name, input] : command_inputs()) {
    const auto& commands = router.model().commands;
    const bool is_there = std::any_of(
        commands.begin(), commands.end(),
        [&, key = &name](const auto& command) { return command.plugin + "." + command.name == *key; });
    if (!is_there) names.push_back("command " + name);
  }
  return names;
}

}  // namespace talon::paths
