/// Proofs that need no log, and where checkpoints go.
#include "tests/plugins/audit/audit_fixture.hpp"

#include <talon/id.hpp>

#include <filesystem>
#include <fstream>

namespace audit_tests {
namespace {

struct Proofs : AuditTest {
  std::string prove(int64_t entry) {
    const Result<std::string> proof =
        plugin.command("prove", Json::object({{"entry", talon::id_text("aud", entry)}}));
    EXPECT_TRUE(proof) << proof.error().message;
    return proof ? *proof : std::string();
  }
  Result<std::string> check(const std::string& proof, const std::string& key) {
    return plugin.command("verify_proof",
                          Json::object({{"file", folder.write("proof.json", proof)}, {"key", key}}), true);
  }
};

TEST_F(Proofs, OneEntryIsProvedWithoutTheOthers) {
  add_changes(13);
  seal();
  for (const int64_t id : host.ids("audit_entry")) {
    const std::string proof = prove(id);
    const Result<std::string> checked = check(proof, key_file());
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_NE(checked->find(talon::id_text("aud", id)), std::string::npos);
  }
  const std::string proof = prove(host.ids("audit_entry")[4]);
  std::string changed = proof;
  changed.replace(changed.find("usr_0000000000001"), 17, "usr_0000000000002");
  EXPECT_FALSE(check(changed, key_file()));
  changed = proof;
  changed.replace(changed.find("\"seq\":5"), 7, "\"seq\":6");
  EXPECT_FALSE(check(changed, key_file()));
  EXPECT_FALSE(check(proof, std::string(64, 'a')));
  EXPECT_FALSE(check(proof, ""));
  for (const char* no_proof : {"{\"export\":\"talon-audit/2\"}\n", "{}\n{}\n", "[]"}) {
    const auto refused = check(no_proof, key_file());
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("`talon audit verify`"), std::string::npos) << no_proof;
  }
}

TEST_F(Proofs, GrowthIsProvedAndAnotherLogIsNoGrowth) {
  add_changes(6);
  seal();
  add_changes(7);
  seal();
  const Result<std::string> proof = plugin.command("consistency", Json::object({{"from", 6}}));
  ASSERT_TRUE(proof) << proof.error().message;
  ASSERT_TRUE(check(*proof, key_file())) << check(*proof, key_file()).error().message;
  std::string changed = *proof;
  const std::size_t at = changed.find("\"path\":[\"") + 9;
  changed[at] = changed[at] == '0' ? '1' : '0';
  EXPECT_FALSE(check(changed, key_file()));
  EXPECT_FALSE(plugin.command("consistency", Json::object({{"from", 5}})));
}

TEST_F(Proofs, ACopyElsewhereShowsThatTheLogWasCutOrRewritten) {
  add_changes(6);
  seal();
  std::ifstream file(folder.file("checkpoints.jsonl"));
  std::string copy;
  ASSERT_TRUE(std::getline(file, copy));
  const Json with = Json::object({{"checkpoints", copy + "\n"}});
  EXPECT_TRUE(plugin.command("verify", with));
  // Whoever holds the database can drop the tail and its checkpoint; not the copy.
  host.store().erase("audit_entry", host.ids("audit_entry").back());
  host.store().erase("audit_checkpoint", host.ids("audit_checkpoint").back());
  // … nor what the host remembers that it signed.
  EXPECT_NE(problem().find("1 were cut off"), std::string::npos) << problem();
  std::filesystem::remove(folder.file("audit/audit.signed"));
  EXPECT_NE(problem().find("no checkpoint signs"), std::string::npos) << problem();
  const Result<std::string> found = plugin.command("verify", with);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("1 were cut off"), std::string::npos) << found.error().message;
}

TEST_F(Proofs, AProgramTakesEachCheckpointOnceAndItsFailureHoldsUpNoSealing) {
  host.settings.set("checkpoint_command", "/nonexistent/witness");
  plugin.stop();
  ASSERT_TRUE(plugin.start());
  add_changes(6);
  ASSERT_TRUE(plugin.job("seal"));
  EXPECT_FALSE(plugin.job("publish"));
  ASSERT_TRUE(plugin.job("seal"));
  host.settings.set("checkpoint_command", "tee -a " + folder.file("witness.jsonl"));
  plugin.stop();
  ASSERT_TRUE(plugin.start());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(plugin.job("publish"));
  std::ifstream file(folder.file("witness.jsonl"));
  std::string line;
  int lines = 0;
  while (std::getline(file, line)) ++lines;
  EXPECT_EQ(lines, 1);
}

TEST_F(Proofs, MoreCheckpointsThanAreReadAtOnceAreAllExportedAndCompared) {
  constexpr int kMany = 120;
  for (int i = 0; i < kMany; ++i) {
    add_changes(1);
    host.clock.advance(std::chrono::seconds(61));
    ASSERT_TRUE(plugin.job("seal"));
  }
  ASSERT_EQ(host.ids("audit_checkpoint").size(), static_cast<std::size_t>(kMany));
  const std::string all = "\"checkpoints\":" + std::to_string(kMany);
  const Result<std::string> live = plugin.command("verify");
  ASSERT_TRUE(live) << live.error().message;
  EXPECT_NE(live->find(all), std::string::npos) << *live;
  const std::vector<std::string> lines = exported();
  EXPECT_EQ(lines.size(), 2U * kMany + 2U);
  const Result<std::string> offline = verify_lines(lines, key_file());
  ASSERT_TRUE(offline) << offline.error().message;
  EXPECT_NE(offline->find(all), std::string::npos) << *offline;
  // The last ones are compared like the first, and a copy stands once among them.
  const Json copies =
      Json::object({{"checkpoints", (*Json::parse(lines[2 * kMany]))["checkpoint"].to_string() + "\n"}});
  const Result<std::string> with_copy = plugin.command("verify", copies);
  ASSERT_TRUE(with_copy) << with_copy.error().message;
  EXPECT_NE(with_copy->find(all), std::string::npos) << *with_copy;
  host.store().erase("audit_entry", host.ids("audit_entry").back());
  EXPECT_NE(problem().find("1 were cut off"), std::string::npos) << problem();
}

TEST_F(Proofs, ARootThatWasNotSignedIsFound) {
  add_changes(6);
  seal();
  host.store().find("audit_checkpoint", host.ids("audit_checkpoint")[0])->values["root"] =
      Value(std::string(64, '0'));
  EXPECT_NE(problem().find("signature is wrong"), std::string::npos) << problem();
}

TEST_F(Proofs, AreOfEntriesAndSayHowTheyAreFound) {
  const std::string invoice = talon::id_text("inv", 7);
  const auto message = [&](const std::string& entry) {
    const auto proof = plugin.command("prove", Json::object({{"entry", entry}}));
    return proof ? std::string("proved") : proof.error().message;
  };
  EXPECT_NE(message(invoice).find("`talon audit log --record TYPE/" + invoice + "` shows"), std::string::npos)
      << message(invoice);
  for (const char* other : {"", "7", "invoice", "'"})
    EXPECT_NE(message(other).find("begin with aud_; `talon audit log` shows them"), std::string::npos)
        << message(other);
}

}  // namespace
}  // namespace audit_tests
