/// Makes a small business over the API.
#include "tests/support/business.hpp"

namespace talon::support {

void Business::open() {
  const auto started = talon.start();
  ASSERT_TRUE(started) << started.error().message;
  admin = std::make_unique<ApiClient>(talon.port(), talon.admin());
  company = party(Json::object({{"number", "OWN"}, {"name", "Own Company"}, {"is_company", true}}));
  acme = party(Json::object({{"number", "A-1"}, {"name", "Acme"}, {"is_client", true}}));
  bolt = party(Json::object({{"number", "B-1"}, {"name", "Bolt"}, {"is_client", true}}));
}

std::string Business::key() { return "Idempotency-Key: key-" + std::to_string(++keys_) + "\r\n"; }

std::string Business::party(const Json& fields) {
  const Answer made = admin->post("/api/v1/parties", fields, key());
  EXPECT_EQ(made.status, 201) << made.text;
  return std::string(made.json["id"].string());
}

std::string Business::person(const std::string& name, const std::string& role, const Json& facts) {
  const std::string user = talon.add_user(*admin, name + "@talon.test", Json::array({role}), facts);
  EXPECT_TRUE(user.starts_with("usr_")) << user;
  return user;
}

std::unique_ptr<ApiClient> Business::as(const std::string& name) const {
  const std::string token = talon.sign_in(name + "@talon.test");
  EXPECT_NE(token, "") << name;
  return std::make_unique<ApiClient>(talon.port(), token);
}

std::string Business::draft(ApiClient& who, const std::string& client, const std::string& price) {
  const Json line = Json::object({{"description", "Work"},
                                  {"quantity", "1"},
                                  {"price", price},
                                  {"vat_category", "S"},
                                  {"vat_rate", "20.00"}});
  const Json invoice = Json::object(
      {{"client", client}, {"company", company}, {"currency", "EUR"}, {"lines", Json::array({line})}});
  const Answer made = who.post("/api/v1/invoices/actions/draft", Json::object({{"invoice", invoice}}), key());
  EXPECT_LT(made.status, 300) << made.text;
  return std::string(made.json["id"].string());
}

Answer Business::issue(ApiClient& who, const std::string& invoice) {
  return who.post("/api/v1/invoices/" + invoice + "/issue", Json::object(), key());
}

}  // namespace talon::support
