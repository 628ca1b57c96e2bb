/// Answers about rights tell of records and of people whatever the asker may see: they are in the read log.
#include "tests/integration/policy/office.hpp"

#include <sstream>

namespace talon::acceptance {
namespace {

using Explained = Office;

TEST_F(Explained, WhoAsksWhyOrWhoIsAmongThoseWhoSaw) {
  business_.person("otto", "auditor");
  const auto otto = business_.as("otto");
  const std::string own(otto->get("/api/v1/me").json["user"]["id"].string());
  const std::string ann(business_.as("ann")->get("/api/v1/me").json["user"]["id"].string());
  const std::string invoice = "invoice/" + drafts_[0];
  const auto who_saw = [&](const std::string& record) {
    return business_.admin->post("/api/v1/plugins/audit/commands/who_saw", Json::object({{"record", record}}))
        .text;
  };
  const auto is_told = [&](const std::string& record, const std::string& by) {
    std::istringstream lines(who_saw(record));
    for (std::string line; std::getline(lines, line);) {
      if (line.find(own) != std::string::npos && line.find("\"" + by + "\"") != std::string::npos)
        return true;
    }
    return false;
  };
  EXPECT_FALSE(is_told(invoice, "explain"));
  const Json question =
      Json::object({{"user", "ann@talon.test"}, {"action", "approve"}, {"record", invoice}});
  const Answer explained = otto->post("/api/v1/plugins/access/commands/explain", question);
  ASSERT_EQ(explained.status, 200) << explained.text;
  EXPECT_THAT(explained.text, HasSubstr("\"value\""));
  EXPECT_EQ(explained.json.find("shown"), nullptr) << "it is for the host alone";
  EXPECT_TRUE(is_told(invoice, "explain")) << who_saw(invoice);
  EXPECT_TRUE(is_told("user/" + ann, "explain"));
  EXPECT_FALSE(is_told("user/" + ann, "who_can"));
  const Answer who = otto->post("/api/v1/plugins/access/commands/who_can",
                                Json::object({{"action", "view"}, {"record", invoice}}));
  ASSERT_EQ(who.status, 200) << who.text;
  EXPECT_THAT(who.text, HasSubstr(ann));
  EXPECT_TRUE(is_told("user/" + ann, "who_can")) << who_saw("user/" + ann);
  EXPECT_TRUE(is_told(invoice, "who_can")) << "who may tells what it is like";
}

}  // namespace
}  // namespace talon::acceptance
