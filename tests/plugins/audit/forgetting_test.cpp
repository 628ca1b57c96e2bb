/// Somebody is forgotten, payloads expire, holds win; and the chain holds all the same.
#include "tests/plugins/audit/audit_fixture.hpp"

#include <talon/id.hpp>

#include <map>

namespace audit_tests {
namespace {

using talon::Code;

struct Forgetting : AuditTest {
  /// A change of a user whose name stands beside the log, as the host writes it. @return the entry's id.
  int64_t add_person(int64_t user, const std::string& name) {
    const std::string salt = audit::new_salt();
    const std::string value = "\"" + name + "\"";
    const std::string hash = audit::hex(audit::sha256(salt, "\n", value));
    audit::Entry entry;
    entry.id = host.add("audit_entry", {});
    entry.at = host.clock.now_us();
    entry.kind = "access";
    entry.principal = "usr_0000000000001";
    entry.type = "user";
    entry.record = user;
    entry.action = "create";
    entry.content = R"({"after":{"name":{"$personal":")" + hash + R"("}},"version":1})";
    audit::seal_content(entry);
    write(entry);
    host.add("audit_value", {{"entry", entry.id},
                             {"type", "user"},
                             {"record", user},
                             {"path", "after.name"},
                             {"hash", hash},
                             {"salt", salt},
                             {"value", value}});
    return entry.id;
  }
  /// A personal value of a record beside a user, as the host writes it.
  void add_value(const std::string& type, int64_t record) {
    host.add("audit_value", {{"entry", add_change("usr_0000000000001")},
                             {"type", type},
                             {"record", record},
                             {"path", "after.address"},
                             {"hash", "h"},
                             {"salt", "s"},
                             {"value", "\"x\""}});
  }
  /// The journal of what the plugin itself records, which the real host writes with it.
  void journal(const std::string& type, const Json& after) {
    audit::Entry entry;
    entry.id = host.add("audit_entry", {});
    entry.at = host.clock.now_us();
    entry.kind = "change";
    entry.principal = "plugin:audit";
    entry.on_behalf_of = "usr_0000000000001";
    entry.type = type;
    entry.action = "create";
    entry.content = Json::object({{"after", after}}).to_string(Json::Keys::Sorted);
    audit::seal_content(entry);
    write(entry);
  }
  Result<std::string> erase(int64_t user) {
    return plugin.command("erase",
                          Json::object({{"subject", "user/" + host.id("user", user)}, {"why", "asked"}}));
  }
  void journal_erasure(int64_t user, int64_t values) {
    journal(
        "audit_erasure",
        Json::object(
            {{"type", "user"}, {"record", user}, {"subject", host.id("user", user)}, {"values", values}}));
  }
};

TEST_F(Forgetting, ErasedValuesAreGoneAndTheChainSaysByWhom) {
  const int64_t ann = host.add("user", {{"name", "Ann"}, {"email", "ann@x.test"}});
  const int64_t bob = host.add("user", {{"name", "Bob"}, {"email", "bob@x.test"}});
  const int64_t entry = add_person(ann, "Ann Secretname");
  add_person(bob, "Bob");
  seal();
  EXPECT_EQ(problem(), "");
  const Result<std::string> erased = erase(ann);
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_NE(erased->find("\"erased\":1"), std::string::npos) << *erased;
  ASSERT_EQ(host.ids("audit_erasure").size(), 1U);
  EXPECT_EQ(host.text("audit_erasure", host.ids("audit_erasure").front(), "about"),
            "user/" + host.id("user", ann));
  for (const int64_t id : host.ids("audit_value")) {
    EXPECT_EQ(host.text("audit_value", id, "value").find("Secretname"), std::string::npos);
  }
  // Without its entry the erasure is a theft; with it the chain says who and when.
  seal();
  EXPECT_NE(problem().find("no erasure in the log covers it"), std::string::npos) << problem();
  EXPECT_NE(problem().find(talon::id_text("aud", entry)), std::string::npos) << problem();
  journal_erasure(ann, 1);
  seal();
  const Result<std::string> verified = plugin.command("verify");
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_NE(verified->find(R"("erased":1)"), std::string::npos) << *verified;
  EXPECT_NE(verified->find("usr_0000000000001 (plugin:audit)"), std::string::npos) << *verified;
  const Result<std::string> again = erase(ann);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::NotFound);
  const Result<std::string> log = plugin.command("report");
  ASSERT_TRUE(log);
  EXPECT_NE(log->find("Bob"), std::string::npos);
  EXPECT_NE(log->find("erased_by"), std::string::npos);
}

TEST_F(Forgetting, AChangedOrMissingValueIsFound) {
  const int64_t ann = host.add("user", {{"name", "Ann"}, {"email", "ann@x.test"}});
  add_person(ann, "Ann");
  add_person(ann, "Anna");
  seal();
  const std::vector<int64_t> values = host.ids("audit_value");
  talon::testing::FakeRecord& value = *host.store().find("audit_value", values[0]);
  value.values["value"] = Value("\"Eve\"");
  EXPECT_NE(problem().find("after.name"), std::string::npos) << problem();
  // With a salt and hash of its own it fits itself, and no content names it.
  value.values["hash"] = Value(audit::hex(audit::sha256(value.value("salt").text(), "\n", "\"Eve\"")));
  EXPECT_NE(problem().find("was changed"), std::string::npos) << problem();
  host.store().erase("audit_value", values[0]);
  EXPECT_NE(problem().find("2 personal values are named"), std::string::npos) << problem();
}

TEST_F(Forgetting, WhatStandsBesideAUserIsErasedToo) {
  const int64_t ann = host.add("user", {{"name", "Ann"}, {"email", "ann@x.test"}});
  const std::string id = host.id("user", ann);
  add_person(ann, "Ann");
  const std::map<std::string, int64_t> beside = {
      {"session", host.add("session", {{"user", id}, {"address", "10.0.0.1"}})},
      {"mail", host.add("mail", {{"user", id}, {"address", "ann@x.test"}})},
      {"login_link",
       host.add("login_link", {{"user", id}, {"plugin", "oidc"}, {"issuer", "x"}, {"subject", "ann"}})}};
  for (const auto& [type, record] : beside) add_value(type, record);
  const Result<std::string> erased = erase(ann);
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_NE(erased->find(R"("erased":4)"), std::string::npos) << *erased;
  for (const int64_t value : host.ids("audit_value"))
    EXPECT_TRUE(host.value("audit_value", value, "value").is_null());
}

/// Renamed, say: what it keeps of the person would stay, and the erasure call itself done.
TEST_F(Forgetting, NothingIsErasedWhereATypeBesideUsersIsMissing) {
  const int64_t ann = host.add("user", {{"name", "Ann"}, {"email", "ann@x.test"}});
  add_person(ann, "Ann");
  for (const std::string type : {"session", "mail", "login_link"}) {
    talon::model::Model without = model();
    std::erase_if(without.types, [&](const auto& one) { return one.name == type; });
    host.store().set_model(without);
    const Result<std::string> refused = erase(ann);
    ASSERT_FALSE(refused) << type << ": " << *refused;
    EXPECT_EQ(refused.error().code, Code::FailedPrecondition);
    EXPECT_NE(refused.error().message.find("\"" + type + "\""), std::string::npos) << refused.error().message;
    for (const int64_t value : host.ids("audit_value"))
      EXPECT_FALSE(host.value("audit_value", value, "value").is_null()) << type;
    EXPECT_TRUE(host.ids("audit_erasure").empty()) << type;
  }
  host.store().set_model(model());
  EXPECT_TRUE(erase(ann));
}

TEST_F(Forgetting, AHoldWins) {
  const int64_t ann = host.add("user", {{"name", "Ann"}, {"email", "ann@x.test"}});
  add_person(ann, "Ann");
  const int64_t hold = host.add(
      "audit_hold",
      {{"reason", "Case 7"}, {"type", "user"}, {"record", host.id("user", ann)}, {"released", int64_t{0}}});
  const Result<std::string> refused = erase(ann);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("Case 7"), std::string::npos) << refused.error().message;
  host.change("audit_hold", hold, {{"released", int64_t{1}}});
  EXPECT_TRUE(erase(ann));
}

TEST_F(Forgetting, AnotherUsersHoldKeepsWhatTheyWrote) {
  const int64_t ann = host.add("user", {{"name", "Ann"}, {"email", "ann@x.test"}});
  add_person(ann, "Ann");
  host.add("audit_hold", {{"reason", "Case 8"}, {"user", "usr_0000000000001"}, {"released", int64_t{0}}});
  const Result<std::string> kept = erase(ann);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_NE(kept->find(R"("erased":0,"kept":1)"), std::string::npos) << *kept;
  EXPECT_EQ(host.ids("audit_erasure").size(), 0U);
}

TEST_F(Forgetting, PayloadsExpireByClassAndTheChainHolds) {
  const int64_t old_read_count = 3;
  for (int i = 1; i <= old_read_count; ++i) ASSERT_TRUE(read(read_line(i)));
  add_change("usr_0000000000001");
  seal();
  host.clock.advance(std::chrono::hours(24 * 40));
  ASSERT_TRUE(read(read_line(9)));
  seal();
  const int64_t held = host.add("audit_hold", {{"reason", "all"}, {"released", int64_t{0}}});
  ASSERT_TRUE(plugin.job("expire"));
  EXPECT_EQ(host.ids("audit_expiry").size(), 0U);
  EXPECT_EQ(host.ids("audit_sight").size(), 4U);
  host.change("audit_hold", held, {{"released", int64_t{1}}});
  ASSERT_TRUE(plugin.job("expire"));
  int64_t emptied = 0;
  for (const int64_t id : host.ids("audit_entry"))
    emptied += host.value("audit_entry", id, "content").is_null() ? 1 : 0;
  EXPECT_EQ(emptied, old_read_count);
  EXPECT_EQ(host.ids("audit_sight").size(), 1U);
  ASSERT_EQ(host.ids("audit_expiry").size(), 1U);
  EXPECT_NE(problem().find("no expiry in the log covers it"), std::string::npos) << problem();
  const int64_t before = host.value("audit_expiry", host.ids("audit_expiry")[0], "before").integer();
  EXPECT_EQ(host.value("audit_expiry", host.ids("audit_expiry")[0], "entries"), Value(old_read_count));
  const auto journal_expiry = [&](int64_t entries) {
    journal("audit_expiry", Json::object({{"kind", "read"},
                                          {"type", "*"},
                                          {"before", talon::Timestamp(before).to_string()},
                                          {"except", ""},
                                          {"entries", entries}}));
    seal();
  };
  // An expiry covers as many as it says and no more.
  journal_expiry(old_read_count - 1);
  EXPECT_NE(problem().find("3 entries have lost their content, and the expiries in the log cover 2"),
            std::string::npos)
      << problem();
  journal_expiry(1);
  EXPECT_EQ(problem(), "");
  const Result<std::string> again = plugin.command("verify");
  EXPECT_NE(again->find(R"("expired":3)"), std::string::npos) << *again;
  // What was not due stays under watch.
  audit::Entry entry = this->entry(host.ids("audit_entry")[0]);
  host.store().find("audit_entry", entry.id)->values["content"] = Value();
  host.store().find("audit_entry", entry.id)->values["salt"] = Value();
  EXPECT_NE(problem(), "");
}

TEST_F(Forgetting, EveryFailingCallOfAnErasureCanBeRetried) {
  for (int64_t n = 1; n < 30; ++n) {
    const int64_t user = host.add("user", {{"name", "U"}, {"email", "u" + std::to_string(n) + "@x.test"}});
    for (int i = 0; i < 3; ++i) add_person(user, "U" + std::to_string(i));
    host.fail_nth(n);
    const bool is_done = static_cast<bool>(erase(user));
    const bool has_failed = host.has_failed();
    EXPECT_EQ(is_done, !has_failed);
    host.fail_nth(0);
    if (has_failed) {
      EXPECT_TRUE(erase(user));
    }
    for (const int64_t id : host.ids("audit_value"))
      EXPECT_TRUE(host.value("audit_value", id, "value").is_null());
    if (!has_failed) break;
  }
}

}  // namespace
}  // namespace audit_tests
