/// `talon policy review` on a running installation: who may run it, what it tells, and what becomes of
/// decisions.
#include "tests/integration/policy/office.hpp"

namespace talon::acceptance {
namespace {

using ::testing::AllOf;
using ::testing::IsEmpty;

class PolicyReview : public Office {
 protected:
  void SetUp() override {
    Office::SetUp();
    business_.person("vera", "viewer");
    business_.person("otto", "auditor");
    users_ = business_.talon.config("policies/users.yaml");
    write(users_,
          "users:\n"
          "  vera@talon.test:\n"
          "    roles: [employee]              # of the house\n"
          "    grants:\n"
          "      - {role: accountant, until: 2020-12-31, reason: covered a leave}\n"
          "    allow:\n"
          "      - export: invoice\n"
          "        id: vera-exports\n"
          "        because: For the yearly audit.\n");
    ASSERT_TRUE(
        soon([&] { return review()["grants"].to_string().find("vera-exports") != std::string::npos; }));
  }
  static void write(const std::string& file, const std::string& text) { std::ofstream(file) << text; }
  static std::string read(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  Json review(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"policy", "review", "--json"});
    const auto done = talon(more, business_.admin->token());
    EXPECT_EQ(done.code, 0) << done.errors;
    return done.code == 0 ? *Json::parse(done.output) : Json();
  }
  static Json grant_of(const Json& answer, const std::string& email, const std::string& grant) {
    for (const Json& one : answer["grants"].items()) {
      if (one["email"].string() == email && one["grant"].string() == grant) return one;
    }
    return {};
  }
  support::Finished apply(const std::string& decisions) {
    const std::string file = business_.talon.directory().file("decisions.yaml");
    write(file, decisions);
    return talon({"policy", "review", "--apply", file, "--config", business_.talon.config("talon.yaml")},
                 business_.admin->token());
  }

  std::string users_;
};

TEST_F(PolicyReview, TellsWhereEachGrantIsFromAndWhenItWasUsed) {
  const auto vera = business_.as("vera");
  ASSERT_EQ(vera->get("/api/v1/invoices").status, 200);
  ASSERT_TRUE(soon([&] {
    return grant_of(review(), "vera@talon.test", "viewer")["state"].string() == "used";
  })) << "the read log is taken in";
  const Json answer = review();
  const Json viewer = grant_of(answer, "vera@talon.test", "viewer");
  EXPECT_EQ(viewer["at"].string(), "record");
  EXPECT_EQ(viewer["last_use"].string(), "invoice.view");
  EXPECT_THAT(std::string(viewer["given_by"].string()), HasSubstr("usr_")) << "the administrator who invited";
  EXPECT_FALSE(viewer["given_at"].is_null());
  const Json exports = grant_of(answer, "vera@talon.test", "vera-exports");
  EXPECT_THAT(std::string(exports["at"].string()), HasSubstr("users.yaml:7"));
  EXPECT_EQ(exports["reason"].string(), "For the yearly audit.");
  EXPECT_EQ(exports["state"].string(), "new") << "the person is here since today";
  const Json leave = grant_of(answer, "vera@talon.test", "accountant");
  EXPECT_EQ(leave["proposal"].string(), "remove");
  EXPECT_THAT(std::string(leave["at"].string()), HasSubstr("users.yaml:5"));
  EXPECT_EQ(grant_of(answer, "root@talon.test", "admin")["state"].string(), "used");
  const Json issued = grant_of(answer, "root@talon.test", "admin");
  EXPECT_FALSE(issued["last_used"].is_null());
}

TEST_F(PolicyReview, IsForThoseWhomThePolicyLetsAndShowsThemWhatTheyMaySee) {
  const auto refused = talon({"policy", "review"}, business_.as("clio")->token());
  EXPECT_EQ(refused.code, 5) << refused.errors;
  EXPECT_EQ(talon({"policy", "review"}, business_.as("ann")->token()).code, 5);
  const auto auditor = talon({"policy", "review"}, business_.as("otto")->token());
  EXPECT_EQ(auditor.code, 0) << auditor.errors;
  EXPECT_THAT(auditor.output, AllOf(HasSubstr("vera@talon.test"), HasSubstr("proposal")));
  const auto csv =
      talon({"policy", "review", "--csv", "--user", "vera@talon.test"}, business_.admin->token());
  EXPECT_THAT(csv.output, AllOf(HasSubstr("user,email,name,kind,grant,at"), HasSubstr("vera-exports"),
                                Not(HasSubstr("clio@talon.test"))));
  // An accountant sees colleagues by name and without their address.
  edit(business_.talon.config("policies/rules/people.yaml"),
       "    - allow: [check, explain, review]\n      to: [",
       "    - allow: [check, explain, review]\n      to: [accountant, ");
  support::Finished colleague;
  ASSERT_TRUE(soon([&] {
    colleague = talon({"policy", "review", "--json"}, business_.as("ann")->token());
    return colleague.code == 0;
  })) << colleague.errors;
  EXPECT_THAT(colleague.output, AllOf(HasSubstr("vera-exports"), Not(HasSubstr("@talon.test"))));
}

TEST_F(PolicyReview, DecisionsBecomeAPatchAndCallsAndChangeNothing) {
  const std::string before = read(users_);
  const Json answer = review();
  const std::string vera(grant_of(answer, "vera@talon.test", "viewer")["user"].string());
  const auto done = apply(
      "decisions:\n"
      "  - {email: vera@talon.test, rule: vera-exports, at: \"users.yaml:7\", decide: remove}\n"
      "  - {email: Vera@talon.test, role: accountant, at: \"users.yaml:5\", decide: remove}\n"
      "  - {email: vera@talon.test, role: employee, at: \"users.yaml:3\", decide: keep}\n"
      "  - {user: " +
      vera +
      ", email: vera@talon.test, role: viewer, at: record, decide: narrow,"
      " to: employee}\n");
  ASSERT_EQ(done.code, 0) << done.errors;
  EXPECT_EQ(read(users_), before) << "nothing is changed by itself";
  EXPECT_THAT(done.output,
              AllOf(HasSubstr("# PATCH /api/v1/users/" + vera + "  If-Match: \"v"),
                    HasSubstr("\"role\":\"employee\""), HasSubstr("-      - export: invoice\n")));
  const std::string patch = business_.talon.directory().file("review.patch");
  write(patch, done.output);
  const auto patched = support::run_program({"patch", "-p1", "-d", "/", "-i", patch});
  ASSERT_TRUE(patched);
  ASSERT_EQ(patched->code, 0) << patched->output << patched->errors << done.output;
  EXPECT_EQ(read(users_),
            "users:\n"
            "  vera@talon.test:\n"
            "    roles: [employee]              # of the house\n"
            "    grants:\n"
            "      []\n"
            "    allow:\n"
            "      []\n");
  for (const char* command : {"check", "test"}) {
    const auto checked = talon({"policy", command, business_.talon.config("policies"), "--config",
                                business_.talon.config("talon.yaml")},
                               "x");
    EXPECT_EQ(checked.code, 0) << command << checked.output << checked.errors;
  }
  // The call as it was printed is one that the API takes.
  const Answer record = business_.admin->get("/api/v1/users/" + vera);
  const std::string text = done.output.substr(done.output.find("#   {") + 4);
  const Answer called =
      business_.admin->call("PATCH", "/api/v1/users/" + vera, text.substr(0, text.find('\n')),
                            "If-Match: " + record.headers.at("etag") + "\r\n");
  ASSERT_EQ(called.status, 200) << called.text;
  EXPECT_EQ(called.json["roles"].items()[0]["role"].string(), "employee");
}

TEST_F(PolicyReview, ADecisionThatCannotBeCarriedOutIsToldWithItsLine) {
  const auto unknown =
      apply("decisions:\n  - {email: vera@talon.test, role: sales, at: \"users.yaml:3\", decide: remove}\n");
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.errors, HasSubstr("decisions.yaml:2: no policy file gives sales to vera@talon.test"));
  EXPECT_THAT(unknown.output, IsEmpty());
  const auto nonsense = apply("decisions:\n  - {email: vera@talon.test, role: employee, decide: drop}\n");
  EXPECT_EQ(nonsense.code, 2);
  EXPECT_THAT(nonsense.errors, HasSubstr("decide is keep, narrow or remove"));
  // No such role: the patched set would not be one.
  const auto broken = apply(
      "decisions:\n  - {email: vera@talon.test, role: employee, at: \"users.yaml:3\", decide: narrow, to: "
      "king}\n");
  EXPECT_EQ(broken.code, 3);
  EXPECT_THAT(broken.output, HasSubstr("there is no role \"king\""));
}

}  // namespace
}  // namespace talon::acceptance
