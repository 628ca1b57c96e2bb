/// Somebody with the database, or with an exported file, and no key: what they try is found or refused.
#include "tests/plugins/audit/audit_fixture.hpp"

#include <talon/utf8.hpp>

#include <filesystem>

namespace audit_tests {
namespace {

using talon::Code;

struct Tampering : AuditTest {
  void drop_checkpoints() {
    for (const int64_t id : host.ids("audit_checkpoint")) host.store().erase("audit_checkpoint", id);
  }
  void expect_nothing_is_signed(const std::string& why) {
    const std::size_t before = host.ids("audit_checkpoint").size();
    host.clock.advance(std::chrono::hours(1));
    const Result<void> sealed = plugin.job("seal");
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error().code, Code::DataLoss);
    EXPECT_NE(sealed.error().message.find(why), std::string::npos) << sealed.error().message;
    EXPECT_EQ(host.ids("audit_checkpoint").size(), before);
  }
};

TEST_F(Tampering, AHostSignsNoOtherHistoryThanTheOneItSigned) {
  add_changes(12);
  seal();
  rewrite();
  drop_checkpoints();
  add_changes(6);
  expect_nothing_is_signed("this host signed another history");
}

TEST_F(Tampering, AHostSignsNoLogThatWasCut) {
  add_changes(12);
  seal();
  drop_checkpoints();
  const std::vector<int64_t> ids = host.ids("audit_entry");
  for (std::size_t i = 9; i < ids.size(); ++i) host.store().erase("audit_entry", ids[i]);
  expect_nothing_is_signed("or a longer one");
}

TEST_F(Tampering, WhatIsNotWhatItsHashesSayIsNotSigned) {
  add_changes(12);
  seal();
  add_changes(3);
  ASSERT_TRUE(plugin.job("seal"));
  audit::Entry victim = entry(host.ids("audit_entry")[13]);
  victim.content = "{}";
  forge(victim);
  expect_nothing_is_signed("content was changed");
}

TEST_F(Tampering, ReadsAreSignedAsTheyWereTakenInWhateverTheDatabaseSaysSince) {
  add_changes(12);
  seal();
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  audit::Entry victim = entry(host.ids("audit_entry")[14]);
  ASSERT_EQ(victim.kind, "read");
  victim.principal = "usr_0000000000099";
  victim.hash = audit::digest(audit::canonical_text(victim));
  forge(victim);
  ASSERT_TRUE(plugin.job("sign"));
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 2U);
  EXPECT_NE(problem().find("place 15"), std::string::npos) << problem();
}

TEST_F(Tampering, ReadsOnAnotherHistoryThanTheOneTheyWereWrittenToAreNotSigned) {
  add_changes(12);
  seal();
  add_changes(2);
  ASSERT_TRUE(plugin.job("seal"));
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  std::string chain = host.text("audit_entry", host.ids("audit_entry")[11], "chain");
  for (std::size_t i = 12; i < 20; ++i) {  // all that is not signed yet, with hashes and chain that fit
    audit::Entry forged = entry(host.ids("audit_entry")[i]);
    forged.principal = "usr_0000000000099";
    forged.hash = audit::digest(audit::canonical_text(forged));
    chain = audit::chain_link(chain, forged.hash);
    forge(forged);
    host.store().find("audit_entry", forged.id)->values["chain"] = Value(chain);
  }
  expect_nothing_is_signed("place 14 of the audit log: this host went on from another entry");
}

TEST_F(Tampering, WhatAHostWroteLastIsNotCutAndTheRestNotForged) {
  add_changes(12);
  seal();
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  const std::vector<int64_t> ids = host.ids("audit_entry");
  host.store().erase("audit_entry", ids.back());
  expect_nothing_is_signed("place 17 of the audit log: this host wrote up to place 18");
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  expect_nothing_is_signed("place 17 of the audit log: this host went on from another entry");
}

TEST_F(Tampering, WhatAHostWroteLastIsNotCutAsAWhole) {
  add_changes(12);
  seal();
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  const std::vector<int64_t> ids = host.ids("audit_entry");
  for (std::size_t i = 18; i < ids.size(); ++i) host.store().erase("audit_entry", ids[i]);
  expect_nothing_is_signed("place 18 of the audit log: this host wrote up to place 24");
}

TEST_F(Tampering, WhatWasTakenInAndWhatWasSealedIsSignedTogether) {
  add_changes(12);
  seal();
  for (int round = 1; round <= 3; ++round) {
    add_changes(2);
    ASSERT_TRUE(plugin.job("seal"));
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(read(read_line(10 * round + i)));
    ASSERT_TRUE(plugin.job("take_in"));
  }
  add_changes(1);
  ASSERT_TRUE(plugin.job("seal"));
  ASSERT_TRUE(plugin.job("sign"));
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 2U);
  EXPECT_EQ(problem(), "");
  // After its start a host knows nothing of what it took in before, and signs on.
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  plugin.stop();
  ASSERT_TRUE(plugin.start());
  ASSERT_TRUE(plugin.job("sign"));
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 3U);
  EXPECT_EQ(problem(), "");
}

TEST_F(Tampering, WhereAnotherHostSignsBetweenBothSignOn) {
  plugin.stop();
  const auto key_of = [&](const std::string& folder_of_host) {
    std::string key;
    std::ifstream(folder_of_host + "/audit.pub") >> key;
    return key;
  };
  const std::string here = folder.file("audit");
  const std::string there = folder.file("other");
  PluginUnderTest other{host};
  const auto start = [&](PluginUnderTest& which, const std::string& directory, const std::string& trusted) {
    host.settings.set("directory", directory).set("trusted_keys", trusted);
    ASSERT_TRUE(which.start());
  };
  start(other, there, key_of(here));
  start(plugin, here, key_of(there));
  add_changes(12);
  seal();
  const auto take_in = [&](int from) {
    for (int i = from; i < from + 6; ++i) ASSERT_TRUE(read(read_line(i)));
    ASSERT_TRUE(plugin.job("take_in"));
  };
  take_in(1);
  ASSERT_TRUE(other.job("sign"));
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 2U);
  take_in(11);
  const Result<void> signed_on = plugin.job("sign");
  ASSERT_TRUE(signed_on) << signed_on.error().message;
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 3U);
  EXPECT_EQ(problem(), "");
}

TEST_F(Tampering, AfterADatabaseWasRestoredWhatIsRememberedCountsNoMore) {
  add_changes(12);
  seal();
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  const std::vector<int64_t> ids = host.ids("audit_entry");
  for (std::size_t i = 12; i < ids.size(); ++i) host.store().erase("audit_entry", ids[i]);
  add_changes(8);
  ASSERT_TRUE(plugin.job("seal"));
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("take_in"));
  std::filesystem::remove(folder.file("audit/audit.signed"));
  const Result<void> signed_on = plugin.job("sign");
  ASSERT_TRUE(signed_on) << signed_on.error().message;
  EXPECT_EQ(problem(), "");
}

TEST_F(Tampering, ALastCheckpointOfSomebodyElseIsNotBuiltUpon) {
  add_changes(12);
  seal();
  host.store().find("audit_checkpoint", host.ids("audit_checkpoint").back())->values["root"] =
      Value(std::string(64, '0'));
  add_changes(3);
  expect_nothing_is_signed("signature is wrong");
}

TEST_F(Tampering, AHostThatLostItsMemorySignsOnFromTheLastTrustedCheckpoint) {
  add_changes(12);
  seal();
  std::filesystem::remove(folder.file("audit/audit.signed"));
  add_changes(6);
  seal();
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 2U);
  EXPECT_EQ(problem(), "");
}

TEST_F(Tampering, AnEntryIsEmptiedWholeOrNotAtAll) {
  add_changes(12);
  seal();
  talon::testing::FakeRecord& victim = *host.store().find("audit_entry", host.ids("audit_entry")[4]);
  for (const char* field : {"salt", "content"}) victim.values[field] = Value();
  victim.values["reason"] = Value("approved by the CFO");
  EXPECT_NE(problem().find("place 5"), std::string::npos) << problem();
  EXPECT_NE(problem().find("content was changed"), std::string::npos) << problem();
}

TEST_F(Tampering, WithheldContentsSayNothingAtAll) {
  add_changes(12);
  seal();
  std::vector<std::string> lines = exported();
  Json line = *Json::parse(lines[4]);
  Json entry = line["entry"];
  entry.set("salt", "").set("content", "").set("withheld", true).set("reason", "approved by the CFO");
  line.set("entry", std::move(entry));
  lines[4] = line.to_string();
  const Result<std::string> bad = verify_lines(lines, key_file());
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("content was changed"), std::string::npos) << bad.error().message;
}

TEST_F(Tampering, AnExportEndsWithWhatIsSigned) {
  add_changes(12);
  seal();
  add_changes(3);
  ASSERT_TRUE(plugin.job("seal"));  // sealed, and too few to be signed yet
  const std::vector<std::string> lines = exported();
  EXPECT_EQ(lines.size(), 15U);  // header, 12 entries, a checkpoint, end
  EXPECT_TRUE(verify_lines(lines, key_file()));
  // An entry more, with hashes and chain that fit, behind the last signature.
  audit::Entry forged = entry(host.ids("audit_entry")[12]);
  forged.chain = host.text("audit_entry", forged.id, "chain");
  std::vector<std::string> longer = lines;
  longer.back() = Json::object({{"entry", audit::export_json(forged)}}).to_string();
  longer.emplace_back(R"({"end":{"sealed":13}})");
  const Result<std::string> bad = verify_lines(longer, key_file());
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("place 13: no checkpoint signs"), std::string::npos)
      << bad.error().message;
}

TEST_F(Tampering, ALineThatIsTooLongEndsTheVerificationAndNotTheMemory) {
  add_changes(12);
  seal();
  std::vector<std::string> lines = exported();
  lines[3] = std::string(40 << 20, 'x');
  const Result<std::string> bad = verify_lines(lines, key_file());
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("line 4: not JSON"), std::string::npos) << bad.error().message;
}

TEST_F(Tampering, ReadsThatNoFieldTakesStopNothing) {
  const auto line_with = [&](const char* name, const std::string& text) {
    std::string line = read_line(1);
    line.pop_back();
    return line + ",\"" + name + "\":\"" + text + "\"}";
  };
  plugin.stop();
  std::ofstream(folder.file("audit/reads-0000000000000000001-1.jsonl"))
      << line_with("reason", "\xFF") << "\n"
      << line_with("where", "a is \xC2\x85") << "\n"
      << line_with("reason", "\\u0007 \\u0085") << "\n"
      << line_with("where", "caf\xC3");
  std::ofstream(folder.file("audit/reads-0000000000000000002-1.jsonl")) << read_line(2) << "\n";
  ASSERT_TRUE(plugin.start());
  seal();
  EXPECT_EQ(count("read"), 5);
  for (const int64_t id : host.ids("audit_entry")) {
    for (const char* field : {"reason", "content"}) {
      const std::string text = host.text("audit_entry", id, field);
      EXPECT_FALSE(talon::find_bad_utf8(text)) << text;
      EXPECT_FALSE(talon::find_control_character(text)) << text;
    }
  }
  EXPECT_EQ(problem(), "");
}

}  // namespace
}  // namespace audit_tests
