/// The review of grants (X-05): a seeded company, whose unused rights and risky pairs are all found.
#include "plugins/access/review.hpp"
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <talon/id.hpp>
#include <talon/testing/plugin_under_test.hpp>

#include <random>
#include <set>

namespace talon::access {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

constexpr int64_t kDayUs = 86'400'000'000;

/// A company by the shipped rules, with people, sessions and an audit log of the test's own.
class Review : public ::testing::Test {
 protected:
  Review() : host(*shipped_model()), plugin(host) {
    TALON_CHECK(static_cast<bool>(plugin.created()));
    TALON_CHECK(static_cast<bool>(plugin.start()));
  }

  int64_t ago(int64_t days) const { return host.clock.now_us() - days * kDayUs; }

  /// Somebody who came to the company 400 days ago.
  int64_t person(const std::string& name, const std::vector<std::string>& roles, int64_t seen_days_ago) {
    const int64_t user =
        host.add("user", {{"name", name}, {"email", name + "@talon.test"}, {"state", "active"}});
    host.change("user", user, {{"created_at", ago(400)}});
    int position = 0;
    for (const std::string& role : roles)
      host.add("user_role", {{"user", user}, {"role", role}, {"position", ++position}});
    host.add("session", {{"user", user}, {"last_seen_at", ago(seen_days_ago)}});
    return user;
  }
  struct Act {
    int64_t user;
    std::string type;
    std::string action;
    int64_t days;
  };
  void did(const Act& act, const std::string& in_place_of = {}) {
    acts.push_back(act);
    const bool is_read = act.action == "view" || act.action == "export";
    host.add("audit_entry", {{"at", ago(act.days)},
                             {"kind", is_read ? "read" : "change"},
                             {"principal", id_text("usr", act.user)},
                             {"on_behalf_of", in_place_of},
                             {"type", act.type},
                             {"action", act.action}});
  }
  void load(const std::string& users = "users: {}\n") {
    std::vector<Document> documents = shipped_documents();
    std::erase_if(documents, [](const Document& one) { return one.file.ends_with("/users.yaml"); });
    for (Document& document : documents_of({{"users.yaml", users}})) documents.push_back(std::move(document));
    const auto mistakes = plugin.load(documents, *shipped_model());
    ASSERT_TRUE(mistakes);
    EXPECT_THAT(lines_of(*mistakes), IsEmpty());
  }
  Json review(const Json& args = Json::object()) {
    const auto answer = plugin.command("review", args);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *Json::parse(*answer) : Json();
  }
  /// "name: grant" of all with that proposal.
  static std::vector<std::string> proposed(const Json& answer, const char* proposal) {
    std::vector<std::string> found;
    for (const Json& grant : answer["grants"].items()) {
      if (grant["proposal"].string() != proposal) continue;
      found.push_back(std::string(grant["name"].string()) + ": " + std::string(grant["grant"].string()));
    }
    return found;
  }
  static Json grant_of(const Json& answer, const std::string& name, const std::string& grant) {
    for (const Json& one : answer["grants"].items()) {
      if (one["name"].string() == name && one["grant"].string() == grant) return one;
    }
    return {};
  }

  talon::testing::FakeHost host;
  talon::testing::PluginUnderTest plugin;
  std::vector<Act> acts;
};

TEST_F(Review, OfTwoHundredPeopleSixtyUnusedRightsAndNineRiskyPairsAreFound) {
  std::vector<std::string> unused;
  std::set<std::string> risky;
  std::string users = "users:\n";
  const std::vector<std::string> roles = {"sales", "accountant", "viewer", "front_office"};
  for (int i = 0; i < 200; ++i) {
    const std::string name = "p" + std::to_string(i);
    if (i < 40) {  // was not there for a third of a year
      const std::string& role = roles[static_cast<std::size_t>(i) % roles.size()];
      did({person(name, {role}, 120), "invoice", "view", 120});
      unused.push_back(name + ": " + role);
    } else if (i < 60) {  // there, and has one right beside the role that was never used
      did({person(name, {"viewer"}, 1), "invoice", "view", 1 + i % 89});
      users += "  " + name + "@talon.test: {allow: [{write_off: invoice, id: may-" + name + "}]}\n";
      unused.push_back(name + ": may-" + name);
    } else if (i < 69) {
      const int64_t user = person(name, {"sales", "accountant"}, 1);
      did({user, "invoice", "invoice.draft", 3});
      did({user, "invoice", "invoice.issue", 2});
      risky.insert(name);
    } else {  // the last day of the time in question is a use too
      did({person(name, {roles[static_cast<std::size_t>(i) % roles.size()]}, 1), "invoice", "view", i % 90});
    }
  }
  load(users);
  const Json answer = review();
  EXPECT_EQ(answer["people"].integer(), 200);
  EXPECT_EQ(unused.size(), 60U);
  EXPECT_THAT(proposed(answer, "remove"), UnorderedElementsAreArray(unused));
  std::set<std::string> told;
  for (const Json& grant : answer["grants"].items()) {
    if (grant["risks"].items().empty()) continue;
    EXPECT_EQ(grant["risks"].to_string(), "[\"risky together: accountant and sales\"]");
    EXPECT_EQ(grant["proposal"].string(), "narrow") << "it is used: nobody takes it away unasked";
    told.insert(std::string(grant["name"].string()));
  }
  EXPECT_EQ(told, risky);
}

TEST_F(Review, NothingThatWasUsedInTheTimeIsEverProposedForRemoval) {
  std::mt19937 random(20261122);
  const auto any = [&](int count) { return std::uniform_int_distribution<>(0, count - 1)(random); };
  const std::vector<std::string> roles = {"sales", "accountant", "viewer",    "front_office", "auditor",
                                          "admin", "client",     "time_only", "connector"};
  const std::vector<std::pair<std::string, std::string>> things = {{"invoice", "view"},
                                                                   {"invoice", "export"},
                                                                   {"invoice", "invoice.issue"},
                                                                   {"party", "edit"},
                                                                   {"party", "create"},
                                                                   {"payment", "payment.allocate"},
                                                                   {"rate", "delete"},
                                                                   {"customer_order", "edit"},
                                                                   {"timesheet_entry", "create"},
                                                                   {"delivery", "delivery.pay"},
                                                                   {"user", "edit"},
                                                                   {"audit_hold", "create"}};
  std::map<std::string, int64_t> ids;
  for (int i = 0; i < 150; ++i) {
    const std::string name = "p" + std::to_string(i);
    std::vector<std::string> held = {roles[static_cast<std::size_t>(any(9))]};
    if (any(3) == 0) held.push_back(roles[static_cast<std::size_t>(any(9))]);
    ids[name] = person(name, held, any(200));
    for (int use = any(6); use > 0; --use) {
      const auto& [type, action] = things[static_cast<std::size_t>(any(12))];
      did({ids[name], type, action, any(200)});
    }
  }
  load();
  const auto set = prepared(shipped_documents(), *shipped_model());
  const RoleGives gives = rights_of_roles(*set);
  int removed = 0;
  const Json answer = review();
  for (const Json& grant : answer["grants"].items()) {
    if (grant["proposal"].string() != "remove") continue;
    ++removed;
    const auto role = static_cast<std::size_t>(set->roles.find(grant["grant"].string()));
    for (const Act& act : acts) {
      const std::string action = act.action.substr(act.action.find('.') + 1);
      const bool is_use = act.user == ids[std::string(grant["name"].string())] && act.days <= 90 &&
                          gives[role]->rights.contains({act.type, action});
      EXPECT_FALSE(is_use) << grant.to_string() << " was used: " << act.type << "." << act.action;
    }
  }
  EXPECT_GE(removed, 20);
}

TEST_F(Review, ASimulationIsNobodysUse) {
  const int64_t ann = person("ann", {"viewer"}, 200);
  const int64_t root = person("root", {"admin"}, 200);
  did({ann, "invoice", "view", 200});
  did({root, "invoice", "view", 1}, id_text("usr", ann));
  load();
  EXPECT_THAT(proposed(review(), "remove"), UnorderedElementsAreArray({"ann: viewer", "root: admin"}));
}

TEST_F(Review, SaysWhereAGrantIsFromWhoGaveItAndWhenItEnds) {
  const int64_t ann = person("ann", {"accountant"}, 1);
  const int64_t root = person("root", {"admin"}, 1);
  host.change("user_role", ann + 1, {{"until", "2026-11-30"}});
  host.add("audit_entry", {{"at", ago(300)},
                           {"kind", "access"},
                           {"principal", id_text("usr", root)},
                           {"type", "user"},
                           {"record", ann},
                           {"action", "edit"},
                           {"content", R"({"after":{"roles":[{"role":"accountant"}]}})"}});
  load(
      "users:\n"
      "  Ann@talon.test:\n"
      "    grants:\n"
      "      - {role: viewer, until: 2026-10-01, reason: a leave}\n"
      "      - {role: auditor, from: 2026-12-24}\n"
      "    deny:\n"
      "      - export: invoice\n");
  const Json answer = review(Json::object({{"users", Json::array({"ann@talon.test"})}}));
  EXPECT_EQ(answer["people"].integer(), 1);
  const Json own = grant_of(answer, "ann", "accountant");
  EXPECT_EQ(own["at"].string(), "record");
  EXPECT_EQ(own["given_by"].string(), id_text("usr", root));
  EXPECT_THAT(own["given_at"].string(), HasSubstr("2026-01-25"));
  EXPECT_EQ(own["until"].string(), "2026-11-30");
  EXPECT_TRUE(own["ends_soon"].boolean());
  EXPECT_EQ(own["state"].string(), "untraced") << "rates are read without a read log";
  EXPECT_EQ(own["proposal"].string(), "keep");
  const Json over = grant_of(answer, "ann", "viewer");
  EXPECT_EQ(over["at"].string(), "users.yaml:4");
  EXPECT_EQ(over["state"].string(), "expired");
  EXPECT_EQ(over["proposal"].string(), "remove");
  EXPECT_EQ(over["reason"].string(), "a leave");
  EXPECT_EQ(grant_of(answer, "ann", "auditor")["state"].string(), "not_yet");
  EXPECT_EQ(grant_of(answer, "ann", "Ann@talon.test-deny-invoice")["state"].string(), "binds");
  const auto misspelt = plugin.command("review", Json::object({{"users", Json::array({"an@talon.test"})}}));
  ASSERT_FALSE(misspelt) << "it would read like somebody who holds nothing";
  EXPECT_EQ(misspelt.error().code, Code::InvalidArgument);
  EXPECT_THAT(misspelt.error().message, HasSubstr("\"an@talon.test\""));
}

TEST_F(Review, WhatWasGivenLatelyIsNotUnusedYet) {
  const int64_t ann = person("ann", {"viewer"}, 200);
  host.change("user", ann, {{"created_at", ago(20)}});
  person("bob", {"viewer", "no_such_role"}, 200);
  load();
  const Json answer = review();
  EXPECT_EQ(grant_of(answer, "ann", "viewer")["state"].string(), "new");
  EXPECT_THAT(proposed(answer, "remove"), UnorderedElementsAreArray({"bob: viewer", "bob: no_such_role"}));
  EXPECT_THAT(proposed(review(Json::object({{"unused_for", "10d"}})), "remove"),
              UnorderedElementsAreArray({"ann: viewer", "bob: viewer", "bob: no_such_role"}));
  for (const char* wrong : {"ninety", "0d", "90 days", "-1d"}) {
    EXPECT_EQ(plugin.command("review", Json::object({{"unused_for", wrong}})).error().code,
              Code::InvalidArgument)
        << wrong;
  }
}

TEST_F(Review, ARoleThatIsEnoughForAllThatWasUsedIsNamed) {
  std::vector<Document> documents = documents_of(
      {{"roles.yaml", "roles:\n  reader: {}\n  writer: {includes: [reader]}\n"},
       {"rules.yaml",
        "invoice:\n  rules:\n    - {allow: view, to: reader}\n    - {allow: [edit, delete], to: writer}\n"}});
  ASSERT_THAT(lines_of(*plugin.load(documents, *shipped_model())), IsEmpty());
  did({person("ann", {"writer"}, 1), "invoice", "view", 5});
  did({person("bob", {"writer"}, 1), "invoice", "edit", 5});
  const Json answer = review();
  EXPECT_EQ(grant_of(answer, "ann", "writer")["proposal"].string(), "narrow");
  EXPECT_EQ(grant_of(answer, "ann", "writer")["narrow_to"].string(), "reader");
  EXPECT_EQ(grant_of(answer, "bob", "writer")["proposal"].string(), "keep");
}

}  // namespace
}  // namespace talon::access
