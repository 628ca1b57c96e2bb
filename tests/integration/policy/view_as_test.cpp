/// Seeing what somebody sees, in their place, on a running installation: the same bytes, and logged as such.
#include "tests/integration/policy/office.hpp"

#include <set>

namespace talon::acceptance {
namespace {

using ::testing::AllOf;

class ViewAs : public Office {
 protected:
  void SetUp() override {
    Office::SetUp();
    people_ = {"clio", "bert", "ann", "vera", "tim", "otto"};
    business_.person("vera", "viewer");
    business_.person("tim", "time_only");
    business_.person("otto", "auditor");
    for (const std::string& name : people_) {
      const Answer found = business_.admin->get("/api/v1/users?where=" +
                                                percent_encoded("email is \"" + name + "@talon.test\""));
      ids_[name] = found.json["items"].items().at(0)["id"].string();
    }
  }
  Answer look(const std::string& name, const std::string& path) {
    return business_.admin->call("GET", path, "", "Talon-View-As: " + ids_[name] + "\r\n");
  }
  /// An answer without what is new in each: the request's id, a report's moment, and the sealed token of the
  /// next page or of the change feed.
  static std::string page(const Answer& answer) {
    std::string text = std::to_string(answer.status) + " " + answer.text;
    const std::vector<std::string> fresh = {"\"request_id\":\"", "\"generated_at\":\"", "\"next\":\""};
    for (const std::string& name : fresh) {
      const std::size_t at = text.find(name);
      if (at != std::string::npos) text.erase(at, text.find('"', at + name.size()) - at);
    }
    return text;
  }
  /// The simulated page is the real one. Meanwhile the log grows by what is read, so a page that changed
  /// between two real looks is looked at again.
  void expect_same(ApiClient& real, const std::string& name, const std::string& path) {
    std::string first;
    std::string simulated;
    const bool is_same = soon([&] {
      first = page(real.get(path));
      simulated = page(look(name, path));
      return first == simulated || page(real.get(path)) == first;
    });
    EXPECT_TRUE(is_same) << path << " never stands still";
    EXPECT_EQ(simulated, first) << name << " " << path;
    ++compared_;
    if (first.find("\"items\":[{") != std::string::npos) ++filled_;
  }
  int64_t entries(const std::string& where) {
    const Answer found =
        business_.admin->get("/api/v1/audit_entries?include=total&limit=1&where=" + percent_encoded(where));
    return found.json["total"].integer(-1);
  }

  std::vector<std::string> people_;
  std::map<std::string, std::string> ids_;
  int compared_ = 0;
  int filled_ = 0;
};

TEST_F(ViewAs, EveryListIsByteForByteWhatThePersonGets) {
  const Answer described = business_.admin->get("/openapi.json");
  ASSERT_EQ(described.status, 200);
  std::vector<std::string> lists;
  for (const auto& [path, item] : described.json["paths"].members()) {
    const bool is_list = item.find("get") != nullptr && path.find('{') == std::string::npos;
    // What a token or session is good for is the session's own; streams are refused.
    if (is_list && path != "/me" && path != "/events" && path.find("session") != 1) lists.push_back(path);
  }
  ASSERT_GE(lists.size(), 40U);
  for (const std::string& name : people_) {
    const auto real = business_.as(name);
    for (const std::string& list : lists) {
      const std::string path = list.starts_with("/api/") || list == "/openapi.json" ? list : "/api/v1" + list;
      expect_same(*real, name, path);
    }
    // Pages with a cursor, filters, single records, histories, reports.
    for (const std::string path :
         {"/api/v1/invoices?limit=1&include=total", "/api/v1/parties?limit=1&order=-number",
          "/api/v1/parties?where=is_client%20is%20on&fields=number", "/api/v1/reports/open_items",
          "/api/v1/reports/turnover?format=csv"}) {
      expect_same(*real, name, path);
    }
    for (const std::string& draft : drafts_) {
      expect_same(*real, name, "/api/v1/invoices/" + draft);
      expect_same(*real, name, "/api/v1/invoices/" + draft + "/history");
    }
  }
  EXPECT_GE(filled_, 40) << "of " << compared_;
}

TEST_F(ViewAs, TheLogSaysWhoLookedAndInWhosePlace) {
  const std::string admin(business_.admin->get("/api/v1/me").json["user"]["id"].string());
  ASSERT_EQ(look("clio", "/api/v1/invoices").status, 200);
  const std::string simulated = "kind is read and type is invoice and principal is \"" + admin +
                                "\" and on_behalf_of is \"" + ids_["clio"] + "\"";
  ASSERT_TRUE(soon([&] { return entries(simulated) == 1; }));
  EXPECT_EQ(entries(simulated + " and channel is api"), 1);
  EXPECT_EQ(entries("kind is read and principal is \"" + ids_["clio"] + "\""), 0)
      << "Clio saw nothing herself";
  const auto seen = talon({"audit", "seen-by", ids_["clio"]}, business_.admin->token());
  EXPECT_THAT(seen.output, Not(HasSubstr("inv_"))) << seen.output << seen.errors;
  const auto who = talon({"audit", "who-saw", "invoice/" + drafts_[0]}, business_.admin->token());
  EXPECT_THAT(who.output, AllOf(HasSubstr(admin), Not(HasSubstr(ids_["clio"]))));
  const auto review =
      talon({"policy", "review", "--json", "--user", "clio@talon.test"}, business_.admin->token());
  const auto answer = Json::parse(review.output);
  ASSERT_TRUE(answer) << review.errors;
  EXPECT_TRUE((*answer)["grants"].items().at(0)["last_used"].is_null()) << review.output;
}

TEST_F(ViewAs, IsRefusedWithoutTheRightAndTheTryIsLogged) {
  const auto ann = business_.as("ann");
  const Answer refused = ann->call("GET", "/api/v1/invoices", "", "Talon-View-As: " + ids_["clio"] + "\r\n");
  EXPECT_EQ(refused.status, 403) << refused.text;
  EXPECT_THAT(refused.text, HasSubstr("user.view_as"));
  EXPECT_EQ(entries("action is denied and principal is \"" + ids_["ann"] + "\""), 1);
  const Answer write = business_.admin->call("POST", "/api/v1/parties", R"({"name":"New"})",
                                             "Talon-View-As: " + ids_["ann"] + "\r\n");
  EXPECT_EQ(write.status, 403) << write.text;
}

TEST_F(ViewAs, TheCommandLineLooksAndDoesNotAct) {
  const auto real = talon({"record", "list", "invoices"}, business_.as("clio")->token());
  EXPECT_EQ(real.code, 0) << real.errors;
  const auto seen =
      talon({"--as", "clio@talon.test", "record", "list", "invoices"}, business_.admin->token());
  EXPECT_EQ(seen.code, 0) << seen.errors;
  EXPECT_EQ(seen.output, real.output);
  EXPECT_THAT(seen.output, AllOf(HasSubstr(drafts_[0]), Not(HasSubstr(drafts_[1]))));
  const auto report = talon({"report", "run", "open_items", "--as", ids_["clio"]}, business_.admin->token());
  EXPECT_EQ(report.output, talon({"report", "run", "open_items"}, business_.as("clio")->token()).output);
  const auto act = talon({"--as", "clio@talon.test", "record", "create", "party", "--set", "name=X"},
                         business_.admin->token());
  EXPECT_EQ(act.code, 5) << act.errors;
  const auto nobody =
      talon({"--as", "nobody@talon.test", "record", "list", "invoices"}, business_.admin->token());
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.errors, HasSubstr("there is no user nobody@talon.test"));
}

}  // namespace
}  // namespace talon::acceptance
