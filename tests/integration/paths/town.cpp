/// Makes the town over the API, as people do; what no API makes is put in by the test's own connection.
#include "tests/integration/paths/town.hpp"

#include "host/model/load.hpp"

#include <talon/id.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace talon::paths {

namespace {

const Subject& of_role(const std::vector<Subject>& people, std::string_view role) {
  const auto found =
      std::find_if(people.begin(), people.end(), [&](const Subject& one) { return one.role == role; });
  EXPECT_NE(found, people.end()) << role;
  return *found;
}

}  // namespace

std::shared_ptr<const model::Model> shipped_model() {
  const std::filesystem::path source(TALON_SOURCE_DIR);
  auto loaded = model::load_model({.plugin_directories = {std::filesystem::path(TALON_BUILD_DIR) / "plugins"},
                                   .extensions_directory = {},
                                   .root = source});
  EXPECT_TRUE(loaded.refused.empty());
  return std::make_shared<const model::Model>(std::move(loaded.model));
}

Town::Town() : model_(shipped_model()) {
  const auto started = talon_.start();
  EXPECT_TRUE(started) << started.error().message;
  admin_ = std::make_unique<ApiClient>(talon_.port(), talon_.admin());
  company_ =
      make("parties", Json::object({{"number", "OWN"}, {"name", "Own Company"}, {"is_company", true}}));
  const Answer me = admin_->get("/api/v1/me");
  for (const char* role :
       {"viewer", "sales", "front_office", "accountant", "auditor", "time_only", "connector"}) {
    inside_.push_back(person(role, role, "", ""));
  }
  inside_.push_back({"admin", std::string(me.json["user"]["id"].string()), "", admin_->token()});
  sides_[0].name = "acme";
  sides_[1].name = "bolt";
  for (Side& side : sides_) {
    make_parties(side);
    make_people(side);
    make_documents(side);
    make_trade(side);
    make_franchise(side);
  }
  EXPECT_EQ(talon_.stop(), 0);
  {
    Database database(talon_.data("talon.db"));
    fill(database);
    mark(database);
    remember(database);
  }
  std::filesystem::copy(talon_.data(""), kept_.path() / "var", std::filesystem::copy_options::recursive);
  const auto again = talon_.start();
  EXPECT_TRUE(again) << again.error().message;
}

Town& Town::shared() {
  static Town town;
  return town;
}

const Subject& Town::acme(std::string_view role) const { return of_role(acme(), role); }
const Subject& Town::bolt(std::string_view role) const { return of_role(bolt(), role); }

std::string Town::key() { return "Idempotency-Key: town-" + std::to_string(++keys_) + "\r\n"; }

std::string Town::make(const std::string& path, const Json& body) {
  const Answer made = admin_->post("/api/v1/" + path, body, key());
  EXPECT_EQ(made.status / 100, 2) << path << " " << body.to_string() << ": " << made.text;
  return std::string(made.json["id"].string());
}

Answer Town::done(const std::string& path, const Json& body) {
  Answer answer = admin_->post("/api/v1/" + path, body, key());
  EXPECT_EQ(answer.status, 200) << path << ": " << answer.text;
  return answer;
}

Subject Town::person(const std::string& name, const std::string& role, const std::string& fact,
                     const std::string& party) {
  const std::string email = name + "@talon.test";
  Json facts = Json::object();
  if (!fact.empty()) facts.set(fact, party);
  const Json invitation = Json::object(
      {{"email", email}, {"name", "Person " + name}, {"roles", Json::array({role})}, {"facts", facts}});
  const Answer invited = admin_->post("/api/v1/plugins/access/commands/invite", invitation);
  EXPECT_EQ(invited.status, 200) << invited.text;
  ApiClient fresh(talon_.port());
  const Json password(support::RunningTalon::kPassword);
  const Answer taken =
      fresh.post("/api/v1/session",
                 Json::object({{"email", email}, {"code", invited.json["code"]}, {"password", password}}));
  EXPECT_EQ(taken.status, 201) << taken.text;
  return {role, std::string(taken.json["user"].string()), party, std::string(taken.json["token"].string())};
}

void Town::make_parties(Side& side) {
  const auto add = [&](const std::string& kind, Json fields) {
    fields.set("number", side.name + "-" + kind).set("name", side.name + " " + kind);
    fields.set("is_" + kind, true);
    if (kind != "partner") fields.set("partner", side.parties["partner"]);
    side.parties[kind] = make("parties", fields);
  };
  add("partner", Json::object());
  add("client", Json::object({{"country", "FR"}, {"iban", "FR7630006000011234567890189"}}));
  add("supplier", Json::object());
  add("franchisor", Json::object());
  add("franchisee", Json::object({{"franchisor", side.parties["franchisor"]}}));
  for (const char* kind : {"client", "supplier"})
    make("contacts", Json::object({{"party", side.parties[kind]}, {"last_name", "x"}}));
}

void Town::make_people(Side& side) {
  static constexpr std::array<std::array<const char*, 3>, 6> kPeople = {
      {{"client", "client", "client"},
       {"client_admin", "client", "client"},
       {"supplier", "supplier", "supplier"},
       {"partner", "partners", "partner"},
       {"franchisee", "franchisee", "franchisee"},
       {"franchisor", "franchisor", "franchisor"}}};
  for (const auto& [role, fact, kind] : kPeople) {
    side.people.push_back(person(side.name + "." + role, role, fact, side.parties[kind]));
    ApiClient self(talon_.port(), side.people.back().token);
    EXPECT_EQ(self.post("/api/v1/me/tokens", Json::object({{"name", "x"}})).status, 201);
  }
}

void Town::make_documents(const Side& side) {
  const auto draft = [&](const std::string& client) {
    const Json line = Json::object(
        {{"description", "Work"}, {"quantity", "1"}, {"price", "100.00"}, {"vat_rate", "20.00"}});
    const Json part =
        Json::object({{"kind", "charge"}, {"amount", "5.00"}, {"reason", "x"}, {"vat_rate", "20.00"}});
    const Json invoice = Json::object({{"client", client},
                                       {"company", company_},
                                       {"lines", Json::array({line, line})},
                                       {"allowances", Json::array({part})}});
    return std::string(
        done("invoices/actions/draft", Json::object({{"invoice", invoice}})).json["id"].string());
  };
  for (const char* kind : {"client", "franchisee"}) {
    const std::string& client = side.parties.at(kind);
    const std::string issued = draft(client);
    done("invoices/" + issued + "/issue", Json::object());
    if (kind == std::string_view("client")) {
      done("invoices/" + issued + "/credit", Json::object({{"reason", "x"}, {"amount", "12.00"}}));
      done("payments/actions/record",
           Json::object({{"client", client}, {"amount", "30.00"}, {"invoice", issued}, {"reference", "x"}}));
    }
    draft(client);
  }
  for (const char* state : {"draft", "submitted", "approved"}) {
    const std::string entry = make("timesheet_entries", Json::object({{"worker", inside_[5].user},
                                                                      {"client", side.parties.at("client")},
                                                                      {"day", "2026-11-02"},
                                                                      {"minutes", 60}}));
    if (state != std::string_view("draft")) done("timesheet_entries/" + entry + "/submit", Json::object());
    if (state == std::string_view("approved"))
      done("timesheet_entries/" + entry + "/approve", Json::object());
  }
  make("rates", Json::object({{"client", side.parties.at("client")},
                              {"per_hour", "80"},
                              {"cost_per_hour", "40"},
                              {"valid_from", "2026-01-01"}}));
}

void Town::make_trade(const Side& side) {
  const std::string product =
      make("products", Json::object({{"sku", side.name}, {"name", "x"}, {"price", "9"}}));
  const Json lines = Json::array(
      {Json::object({{"product", product}, {"description", "x"}, {"quantity", "2"}, {"price", "9.00"}})});
  for (const char* state : {"draft", "placed"}) {
    const std::string order =
        make("customer_orders",
             Json::object({{"client", side.parties.at("client")}, {"company", company_}, {"lines", lines}}));
    if (state == std::string_view("placed")) done("customer_orders/" + order + "/place", Json::object());
  }
  const std::string delivery = make(
      "deliveries_received",
      Json::object({{"supplier", side.parties.at("supplier")}, {"company", company_}, {"lines", lines}}));
  done("deliveries_received/" + delivery + "/receive", Json::object());
  make("greetings", Json::object({{"name", "x"}}));
  make("audit_holds", Json::object({{"reason", "x"}, {"released", true}}));
}

void Town::make_franchise(const Side& side) {
  const std::string contract =
      make("franchise_contracts", Json::object({{"number", side.name},
                                                {"franchisor", side.parties.at("franchisor")},
                                                {"franchisee", side.parties.at("franchisee")},
                                                {"valid_from", "2026-01-01"},
                                                {"percentage", "5"}}));
  done("franchise_contracts/" + contract + "/activate", Json::object());
  for (const char* day : {"2026-09-03", "2026-10-04"}) {
    make("sales_records",
         Json::object({{"franchisee", side.parties.at("franchisee")},
                       {"day", day},
                       {"net", Json::object({{"amount", "1000.00"}, {"currency", "EUR"}})}}));
  }
  done("franchise_statements/actions/compute",
       Json::object({{"contract", contract}, {"date", "2026-10-04"}}));
}

}  // namespace talon::paths
