/// Sets that wait: what widens rights now or later needs a second person, and an activation reaches every
/// host.
#include "plugins/access/diff.hpp"
#include "tests/plugins/access/plugin_fixture.hpp"

#include <thread>

namespace talon::access {
namespace {

const Date kDay = *Date::of(2026, 12, 10);

constexpr const char* kRolesFile =
    "roles:\n"
    "  admin: {may invite: [clerk]}\n"
    "  clerk: {}\n"
    "  nobody_yet: {}\n"
    "never together: [[admin, clerk]]\n";

std::vector<Document> rules_of(const std::string& rules, const std::string& more = "",
                               const std::string& roles = kRolesFile) {
  std::vector<std::pair<std::string, std::string>> files = {
      {"roles.yaml", roles}, {"rules/u.yaml", "user: {rules: [" + rules + "]}\n"}};
  if (!more.empty()) files.emplace_back("users.yaml", more);
  return documents_of(files);
}

Person clerk(bool is_active = true) {
  Person person;
  person.id = 7;
  person.key = "carl@example.com";
  person.is_active = is_active;
  person.roles.push_back({"clerk", {}});
  return person;
}

const std::string kSame = "{allow: edit, to: admin}, {allow: view, to: clerk}, {deny: edit, to: clerk}";

/// From "an admin edits, a clerk views", by one person who is a clerk.
bool widens(const std::vector<Document>& after, const Person& person = clerk(),
            const std::vector<Document>& before = rules_of(kSame)) {
  const auto from = prepared(before, *shipped_model());
  const auto to = prepared(after, *shipped_model());
  return may_widen({*from, *to}, {person}, kDay, {});
}

TEST(Widening, WhatIsTheSameOrLessWidensNothing) {
  EXPECT_FALSE(widens(rules_of(kSame)));
  EXPECT_FALSE(widens(rules_of("{allow: edit, to: admin}, {deny: edit, to: clerk}")));
}

TEST(Widening, ARightThatBeginsLaterIsARight) {
  EXPECT_TRUE(widens(rules_of(kSame + ", {allow: create, to: clerk, from: 2026-12-11}")));
  const std::string grant = "users: {carl@example.com: {grants: [{role: nobody_yet, from: 2027-01-01}]}}\n";
  const std::string rules = kSame + ", {allow: create, to: nobody_yet}";
  EXPECT_TRUE(widens(rules_of(rules, grant), clerk(), rules_of(rules)));
  const auto before = rules_of("{allow: view, to: clerk}, {deny: view, to: clerk, when: [name is Eve]}");
  EXPECT_TRUE(widens(
      rules_of("{allow: view, to: clerk}, {deny: view, to: clerk, when: [name is Eve], until: 2026-12-10}"),
      clerk(), before));
}

TEST(Widening, ARightOfARoleThatNobodyHoldsAndOfAnAccountThatSleepsIsARight) {
  EXPECT_TRUE(widens(rules_of(kSame + ", {allow: create, to: nobody_yet}")));
  const std::string personal = "users: {carl@example.com: {allow: [{create: user}]}}\n";
  EXPECT_TRUE(widens(rules_of(kSame, personal), clerk(false)));
}

TEST(Widening, WhoBringsInWhomAndWhatMayNotMeetIsARight) {
  const auto with = [](const std::string& roles) { return rules_of(kSame, "", roles); };
  EXPECT_TRUE(
      widens(with("roles: {admin: {may invite: [clerk]}, clerk: {may invite: [admin]}, nobody_yet: {}}\n"
                  "never together: [[admin, clerk]]\n")));
  EXPECT_TRUE(widens(with("roles: {admin: {may invite: [clerk]}, clerk: {}, nobody_yet: {}}\n")));
  EXPECT_FALSE(
      widens(with("roles: {nobody_yet: {}, clerk: {}, admin: {may invite: [clerk]}}\n"
                  "never together: [[clerk, admin]]\n")));
}

class OnCommand : public ::testing::Test {
 protected:
  OnCommand() : host(*shipped_model()) {
    host.settings = Json::object({{"activate", "on_command"}});
    plugin = std::make_unique<talon::testing::PluginUnderTest>(host);
    TALON_CHECK(static_cast<bool>(plugin->created()));
    user_ = host.add("user", {{"name", "Ann"}, {"email", "ann@example.com"}, {"state", "active"}});
    const auto mistakes = plugin->load(rules_of(kSame), *shipped_model());
    TALON_CHECK(mistakes && mistakes->empty());
    TALON_CHECK(static_cast<bool>(plugin->start()));
  }

  /// What another host wrote.
  int64_t activated_elsewhere(const std::vector<Document>& documents, const std::string& state = "active") {
    host.clock.advance(std::chrono::seconds(1));
    return host.add("policy_activation", {{"policy_set", prepared(documents, *shipped_model())->source.hash},
                                          {"state", state},
                                          {"documents", write_documents(documents)}});
  }
  Result<std::string> planned_by() {
    const Json principal =
        Json::object({{"kind", "user"}, {"user", id_text("usr", user_)}, {"roles", Json::array()}});
    const auto* table = plugin->table<talon_authorizer_v1>(TALON_AUTHORIZER_V1);
    const std::string json = principal.to_string();
    boundary::StringWriter out;
    boundary::StringWriter error;
    TALON_DO(boundary::outcome(table->plan(plugin->self(), boundary::text(json), boundary::text("view"),
                                           boundary::text("user"), &out, &error),
                               error));
    TALON_TRY(const Json plan, Json::parse(out.text));
    return std::string(plan["policy_set"].string());
  }
  static std::string hash_of(const std::vector<Document>& documents) {
    return prepared(documents, *shipped_model())->source.hash;
  }

  talon::testing::FakeHost host;
  std::unique_ptr<talon::testing::PluginUnderTest> plugin;
  int64_t user_ = 0;
};

TEST_F(OnCommand, WhatIsActivatedOnOneHostHoldsOnTheOthers) {
  EXPECT_EQ(*planned_by(), hash_of(rules_of(kSame)));
  const auto next = rules_of("{allow: edit, to: admin}");
  activated_elsewhere(next);
  EXPECT_EQ(*planned_by(), hash_of(next));
}

TEST_F(OnCommand, TheOneThatWasAgreedToLastHolds) {
  const auto late = rules_of("{allow: edit, to: admin}");
  const int64_t asked = activated_elsewhere(late, "asked");
  const auto other = rules_of("{allow: view, to: admin}");
  activated_elsewhere(other);
  EXPECT_EQ(*planned_by(), hash_of(other));
  host.clock.advance(std::chrono::seconds(1));
  host.change("policy_activation", asked, {{"state", "active"}});
  EXPECT_EQ(*planned_by(), hash_of(late));
}

TEST_F(OnCommand, ASetThatCannotBeTakenUpAllowsNothingByTheOldOne) {
  host.add("policy_activation", {{"policy_set", "unknown"}, {"state", "active"}, {"documents", "[broken"}});
  EXPECT_EQ(planned_by().error().code, Code::Unavailable);
}

/// A set is put in force and taken back while plans are made: whoever got one of it does not keep it.
TEST(Settling, NoPlanOfASetThatWasTakenBackIsKept) {
  talon::testing::FakeHost fake(*shipped_model());
  const int64_t user = fake.add("user", {{"name", "Ann"}, {"email", "ann@example.com"}, {"state", "active"}});
  Host host(fake.raw());
  Authority authority(host);
  const auto loaded = authority.load(write_documents(rules_of(kSame)), *shipped_model());
  ASSERT_TRUE(loaded && loaded->empty());
  const Authority::Staged before = authority.in_force();
  const auto documents = rules_of("{allow: everything, to: everyone}");
  const Authority::Staged refused{prepared(documents, *shipped_model()), write_documents(documents)};
  const Json principal =
      Json::object({{"kind", "user"}, {"user", id_text("usr", user)}, {"roles", Json::array()}});
  std::atomic<bool> is_over = false;
  std::thread swapper([&] {
    while (!is_over) {
      authority.swap(refused, true);
      authority.swap(before, false);
    }
  });
  int passing = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto plan = Json::parse(*authority.plan(principal, "view", "user"));
    if ((*plan)["policy_set"].string() != refused.set->source.hash) continue;
    ++passing;
    ASSERT_NE((*plan)["valid_until"].integer(), 0) << "kept with no end";
  }
  is_over = true;
  swapper.join();
  EXPECT_GT(passing, 0);
}

}  // namespace
}  // namespace talon::access
