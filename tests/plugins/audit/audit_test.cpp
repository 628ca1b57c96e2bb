/// The audit plugin against the fake host: what is read, sealed, signed, verified, exported, and found out.
#include "tests/plugins/audit/audit_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace audit_tests {
namespace {

using talon::Code;

TEST_F(AuditTest, EveryEntryGetsItsPlaceAndTheChainHolds) {
  add_changes(12);
  seal();
  const std::vector<int64_t> ids = host.ids("audit_entry");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(host.value("audit_entry", ids[i], "seq"), Value(static_cast<int64_t>(i) + 1));
  }
  EXPECT_EQ(problem(), "");
  ASSERT_EQ(host.ids("audit_checkpoint").size(), 1U);
  add_changes(1);
  const Result<Json> found = Json::parse(*plugin.command("verify"));
  EXPECT_EQ((*found)["sealed"].integer(), 12);
  EXPECT_EQ((*found)["unsealed"].integer(), 1);
  EXPECT_EQ((*found)["checkpoints"].integer(), 1);
}

TEST_F(AuditTest, ACheckpointIsSignedAfterEnoughEntriesOrEnoughTime) {
  add_changes(1);
  seal();  // the first entry: the last checkpoint is long ago
  ASSERT_EQ(host.ids("audit_checkpoint").size(), 1U);
  add_changes(4);
  seal();
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 1U);
  add_changes(1);
  seal();
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 2U);
  add_changes(1);
  host.clock.advance(std::chrono::seconds(61));
  seal();
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 3U);
  host.clock.advance(std::chrono::seconds(61));
  seal();  // nothing new, nothing signed
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 3U);
  std::ifstream copies(folder.file("checkpoints.jsonl"));
  int lines = 0;
  for (std::string line; std::getline(copies, line);) ++lines;
  EXPECT_EQ(lines, 3);
}

TEST_F(AuditTest, AChangedByteIsFoundAtItsPlace) {
  add_changes(12);
  seal();
  const int64_t victim = host.ids("audit_entry")[6];
  host.store().find("audit_entry", victim)->values["content"] = Value("{}");
  EXPECT_NE(problem().find("place 7"), std::string::npos) << problem();
  EXPECT_NE(problem().find("content was changed"), std::string::npos) << problem();
}

TEST_F(AuditTest, AChangedEntryWithAFittingHashBreaksTheChain) {
  add_changes(12);
  seal();
  audit::Entry victim = entry(host.ids("audit_entry")[6]);
  victim.principal = "usr_0000000000099";
  victim.hash = audit::digest(audit::canonical_text(victim));
  forge(victim);
  EXPECT_NE(problem().find("place 7"), std::string::npos) << problem();
  EXPECT_NE(problem().find("does not follow"), std::string::npos) << problem();
}

TEST_F(AuditTest, ARewrittenChainContradictsItsSignature) {
  add_changes(12);
  seal();
  rewrite();
  EXPECT_NE(problem().find("place 12"), std::string::npos) << problem();
  EXPECT_NE(problem().find("not the one that was signed"), std::string::npos) << problem();
}

TEST_F(AuditTest, ADroppedRowAndACutTailAreCounted) {
  add_changes(12);
  seal();
  const std::vector<int64_t> ids = host.ids("audit_entry");
  host.store().erase("audit_entry", ids[11]);
  host.store().erase("audit_entry", ids[10]);
  EXPECT_NE(problem().find("place 11"), std::string::npos) << problem();
  EXPECT_NE(problem().find("2 were cut off"), std::string::npos) << problem();
  host.store().erase("audit_entry", ids[3]);
  EXPECT_NE(problem().find("place 4: 1 entry is missing"), std::string::npos) << problem();
}

TEST_F(AuditTest, AForeignCheckpointIsNotTrusted) {
  add_changes(12);
  seal();
  talon::testing::FakeRecord& checkpoint =
      *host.store().find("audit_checkpoint", host.ids("audit_checkpoint").front());
  checkpoint.values["key"] = Value(std::string(64, 'a'));
  EXPECT_NE(problem().find("not a trusted one"), std::string::npos) << problem();
}

TEST_F(AuditTest, AnExportVerifiesOfflineAndEveryTamperingIsFound) {
  add_changes(12);
  seal();
  const std::vector<std::string> lines = exported();
  ASSERT_EQ(lines.size(), 15U);  // header, 12 entries, a checkpoint, end
  const Result<std::string> good = verify_lines(lines, key_file());
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_NE(good->find("\"sealed\":12"), std::string::npos);

  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::vector<std::string> dropped = lines;
    dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(verify_lines(dropped, key_file())) << lines[i];
  }
  std::vector<std::string> changed = lines;
  changed[5].replace(changed[5].find("usr_0000000000001"), 17, "usr_0000000000002");
  Result<std::string> bad = verify_lines(changed, key_file());
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("place 5"), std::string::npos) << bad.error().message;
  std::vector<std::string> cut(lines.begin(), lines.begin() + 9);
  bad = verify_lines(cut, key_file());
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("cut"), std::string::npos) << bad.error().message;
  EXPECT_FALSE(verify_lines(lines, std::string(64, 'a')));
}

TEST_F(AuditTest, TheKeyIsForItsOwnerAloneAndStays) {
  struct stat info {};
  ASSERT_EQ(::stat(folder.file("audit/audit.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const std::string before = *plugin.command("key");
  plugin.stop();
  ASSERT_TRUE(plugin.start());
  EXPECT_EQ(*plugin.command("key"), before);
  plugin.stop();
  std::filesystem::permissions(folder.file("audit/audit.key"), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const Result<void> refused = plugin.start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("chmod 600"), std::string::npos);
}

TEST_F(AuditTest, EveryFailingCallCanBeRetriedAndDoublesNothing) {
  for (int64_t n = 1; n < 50; ++n) {
    add_changes(1);
    ASSERT_TRUE(read(read_line(static_cast<int>(n))));
    host.fail_nth(n);
    Result<void> done = plugin.job("take_in");
    if (done) done = plugin.job("seal");
    if (done) done = plugin.job("publish");
    const bool has_failed = host.has_failed();
    EXPECT_EQ(static_cast<bool>(done), !has_failed);
    host.fail_nth(0);
    seal();
    EXPECT_EQ(problem(), "");
    EXPECT_EQ(count("read"), n);
    if (!has_failed) break;
  }
}

TEST_F(AuditTest, TheLogIsFilteredByWhoAndWhat) {
  add_change("usr_0000000000001");
  add_change("usr_0000000000002");
  ASSERT_TRUE(read(read_line(3)));
  seal();
  const auto lines = [&](const Json& args) {
    const Result<std::string> text = plugin.command("log", args);
    EXPECT_TRUE(text) << text.error().message;
    return text ? std::count(text->begin(), text->end(), '\n') : -1;
  };
  EXPECT_EQ(lines(Json::object()), 3);
  EXPECT_EQ(lines(Json::object({{"user", "usr_0000000000002"}})), 1);
  EXPECT_EQ(lines(Json::object({{"kind", "read"}})), 1);
  EXPECT_EQ(lines(Json::object({{"from", "2026-11-21T00:00:00Z"}, {"limit", 2}})), 2);
  EXPECT_EQ(lines(Json::object({{"where", "kind is change"}, {"user", "usr_0000000000001"}})), 1);
  for (const char* where : {"kind is", "kind is read) or (seq > 0", "seq > 0 or"}) {
    EXPECT_FALSE(plugin.command("log", Json::object({{"where", where}}))) << where;
  }
}

TEST_F(AuditTest, AQuestionAboutNobodyIsAnErrorAndAnAddressIsWhoHasIt) {
  const int64_t ann = host.add("user", {{"name", "Ann"}, {"email", "ann@example.com"}, {"state", "active"}});
  host.add("user", {{"name", "New"}, {"email", "new@example.com"}, {"state", "active"}});
  add_change(talon::id_text("usr", ann));
  add_change("plugin:sync");
  seal();
  for (const char* command : {"seen_by", "log", "export", "report"}) {
    const auto ask = [&](const std::string& user) {
      return plugin.command(command, Json::object({{"user", user}, {"format", "jsonl"}}));
    };
    const auto by_id = ask(talon::id_text("usr", ann));
    const auto by_address = ask("Ann@Example.com");
    ASSERT_TRUE(by_address) << command << ": " << by_address.error().message;
    EXPECT_EQ(*by_address, *by_id) << command;
    EXPECT_EQ(by_id->empty(), std::string_view(command) == "seen_by") << command;
    const auto nothing = ask("new@example.com");
    ASSERT_TRUE(nothing) << "who is known and did nothing: an empty answer";
    EXPECT_TRUE(nothing->empty()) << *nothing;
    EXPECT_TRUE(ask("plugin:sync")) << command;
    for (const char* nobody : {"nobody@example.com", "clio", "usr_0000000000099", "plugin:snyc", "'"}) {
      EXPECT_FALSE(ask(nobody)) << command << " " << nobody;
    }
  }
}

TEST_F(AuditTest, AConditionOnAPrincipalWhomTheLogDoesNotKnowIsRefused) {
  const std::string ann = host.id("user", host.add("user", {{"name", "Ann"}, {"email", "ann@example.com"}}));
  add_change("plugin:mail");
  seal();
  const auto message = [&](const std::string& where) {
    const Result<std::string> log = plugin.command("log", Json::object({{"where", where}}));
    return log ? std::string("taken") : log.error().message;
  };
  using ::testing::HasSubstr;
  EXPECT_EQ(message("principal is \"plugin:mail\""), "taken");
  EXPECT_EQ(message("principal is \"" + ann + "\""), "taken") << "known, though they did nothing";
  EXPECT_EQ(message("principal is not \"mail\""), "taken") << "all the others";
  EXPECT_EQ(message("action is \"mail\""), "taken");
  EXPECT_THAT(message("principal is \"mail\""), HasSubstr("Did you mean \"plugin:mail\"?"));
  EXPECT_THAT(message("kind is change and (on_behalf_of is \"mail\" or kind is read)"),
              HasSubstr("plugin:mail"));
  EXPECT_THAT(message("principal in [\"plugin:mail\", \"nobody\"]"), HasSubstr("nothing of \"nobody\""));
  EXPECT_THAT(message("principal is \"ann@example.com\""), HasSubstr("write principal is " + ann));
}

TEST_F(AuditTest, APeriodThatCannotBeMeantIsRefused) {
  const auto message = [&](const char* from, const char* to) {
    const Result<std::string> log = plugin.command("log", Json::object({{"from", from}, {"to", to}}));
    return log ? std::string("taken") : log.error().message;
  };
  EXPECT_EQ(message("2026-11-21", "2026-11-21"), "taken");
  EXPECT_NE(message("2026-11-22", "2026-11-21").find("before it begins"), std::string::npos);
  EXPECT_NE(message("2026-11-31", "").find("from: \"2026-11-31\" is not a day"), std::string::npos);
  EXPECT_NE(message("", "tomorrow").find("to: \"tomorrow\" is not a day"), std::string::npos);
}

TEST_F(AuditTest, ARecordIsNamedAsEverywhereElse) {
  const int64_t user = host.add("user", {{"name", "Ann"}, {"email", "ann@example.com"}, {"state", "active"}});
  audit::Entry entry;
  entry.id = add_change("plugin:sync");
  entry.at = host.clock.now_us();
  entry.kind = "change";
  entry.principal = "plugin:sync";
  entry.type = "user";
  entry.record = user;
  entry.action = "edit";
  entry.content = R"({"after":{"state":"active"},"before":{"state":"invited"}})";
  audit::seal_content(entry);
  write(entry);
  seal();
  const std::string name = talon::id_text("usr", user);
  for (const char* command : {"log", "report"}) {
    const auto rows =
        plugin.command(command, Json::object({{"record", "user/" + name}, {"format", "jsonl"}}));
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_NE(rows->find("\"record\":\"" + name + "\""), std::string::npos) << *rows;
  }
  const auto extract = plugin.command("export", Json::object({{"type", "user"}, {"format", "csv"}}));
  EXPECT_NE(extract->find("," + name + ","), std::string::npos) << *extract;
}

}  // namespace
}  // namespace audit_tests
