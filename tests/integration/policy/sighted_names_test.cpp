/// Who saw a record is told with people's names as far as who asks may see them, and not as the plugin does.
#include "tests/integration/policy/office.hpp"

#include <map>
#include <sstream>

namespace talon::acceptance {
namespace {

class SightedNames : public Office {
 protected:
  void SetUp() override {
    Office::SetUp();
    business_.person("otto", "auditor");
    otto_ = business_.as("otto");
    ASSERT_EQ(business_.as("clio")->get("/api/v1/invoices/" + drafts_[0]).status, 200);
    clio_ = of("clio", "id");
    ASSERT_EQ(otto_->get("/api/v1/invoices/" + drafts_[0]).status, 200);
    own_ = of("otto", "id");
  }
  std::string of(const std::string& name, const char* field) {
    return std::string(business_.as(name)->get("/api/v1/me").json["user"][field].string());
  }
  /// Names by user of those who saw the first invoice, as otto is told them.
  std::map<std::string, Json> told() {
    const Answer answer = otto_->post("/api/v1/plugins/audit/commands/who_saw",
                                      Json::object({{"record", "invoice/" + drafts_[0]}}));
    EXPECT_EQ(answer.status, 200) << answer.text;
    std::map<std::string, Json> names;
    std::istringstream lines(answer.text);
    for (std::string line; std::getline(lines, line);) {
      const auto row = Json::parse(line);
      EXPECT_TRUE(row) << line;
      if (row) names[std::string((*row)["user"].string())] = (*row)["name"];
    }
    return names;
  }
  /// Whether clio's and otto's own name come to be told so.
  void expect_told(const Json& clio, const Json& own) {
    std::map<std::string, Json> names;
    const bool is_so = soon([&] {
      names = told();
      return names.contains(clio_) && names.contains(own_) && names[clio_].to_string() == clio.to_string() &&
             names[own_].to_string() == own.to_string();
    });
    EXPECT_TRUE(is_so) << names[clio_].to_string() << " and " << names[own_].to_string();
  }
  /// Puts a rule for users' fields before the shipped ones.
  void add_rule(const std::string& rule) {
    const std::string shipped = "    - only: [name, state, language]\n";
    edit_rules(business_, "people.yaml", shipped, rule + shipped);
  }

  std::unique_ptr<ApiClient> otto_;
  std::string clio_;
  std::string own_;
};

TEST_F(SightedNames, AreToldToWhoMaySeeThem) { expect_told(of("clio", "name"), of("otto", "name")); }

TEST_F(SightedNames, AreNullWhereTheyAreHidden) {
  add_rule("    - hide: name\n      from: auditor\n");
  expect_told({}, {});
}

TEST_F(SightedNames, AreMaskedAsTheRuleSays) {
  add_rule("    - mask: name\n      as: initials\n      from: auditor\n");
  expect_told("c.", "o.");
}

TEST_F(SightedNames, AreNullOfThoseAloneWhoseNameIsHidden) {
  add_rule("    - hide: name\n      from: auditor\n      when:\n        - id is not user\n");
  expect_told({}, of("otto", "name"));
}

}  // namespace
}  // namespace talon::acceptance
