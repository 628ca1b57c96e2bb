/// The audit log of a running installation: what was tampered with is named.
#include "tests/support/business.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace talon::acceptance {
namespace {

using support::Answer;
using support::Business;
using ::testing::HasSubstr;

class AuditLog : public ::testing::Test {
 protected:
  void SetUp() override {
    business_.open();
    for (int i = 0; i < 5; ++i) business_.draft(*business_.admin, business_.acme);
    // All that was written is sealed at most a second later.
    for (int tries = 0; tries < 500 && (sql("select count(*) from audit_entries where seq is null") != "0" ||
                                        sql("select count(*) from audit_checkpoints") == "0");
         ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  std::string sql(const std::string& statement) {
    const auto run = support::run_program({"sqlite3", business_.talon.data("talon.db"), statement});
    if (!run) return run.error().message;
    std::string out = run->output.empty() ? run->errors : run->output;
    while (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
  }
  /// As somebody with the file would: without the triggers.
  void tamper(const std::string& statement) {
    const std::string names =
        sql("select name from sqlite_master where type = 'trigger' and tbl_name = 'audit_entries'");
    std::string drops;
    for (std::size_t at = 0; at < names.size();) {
      const std::size_t end = std::min(names.find('\n', at), names.size());
      drops += "drop trigger \"" + names.substr(at, end - at) + "\";";
      at = end + 1;
    }
    EXPECT_EQ(sql(drops + statement), "");
  }
  Answer verify() { return business_.admin->post("/api/v1/plugins/audit/commands/verify", Json::object()); }
  /// The export and its verification by the command line, without a server.
  support::Finished verify_file(const std::string& content) {
    const std::string file = business_.talon.directory().write("export.jsonl", content);
    auto run = support::run_program({std::string(TALON_BUILD_DIR) + "/bin/talon", "audit", "verify", file,
                                     "--key", business_.talon.data("audit/audit.pub")});
    EXPECT_TRUE(run) << (run ? "" : run.error().message);
    return run ? *run : support::Finished{};
  }

  Business business_;
};

TEST_F(AuditLog, IsWholeAfterHonestWork) {
  const Answer answer = verify();
  EXPECT_EQ(answer.status, 200) << answer.text;
}

TEST_F(AuditLog, TheDatabaseRefusesChangesToIt) {
  EXPECT_NE(sql("update audit_entries set principal = 'nobody'"), "");
  EXPECT_NE(sql("delete from audit_entries"), "");
}

TEST_F(AuditLog, AChangedByteIsNamed) {
  tamper(
      "update audit_entries set content = replace(content, '100.00', '900.00') where seq = "
      "(select max(seq) from audit_entries where content like '%100.00%')");
  EXPECT_THAT(verify().text, HasSubstr("content was changed"));
}

TEST_F(AuditLog, ADroppedRowIsNamed) {
  tamper("delete from audit_entries where seq = 4");
  EXPECT_THAT(verify().text, HasSubstr("missing"));
}

TEST_F(AuditLog, ACutTailIsNamed) {
  tamper("delete from audit_entries where seq > (select max(seq) from audit_checkpoints) - 2");
  EXPECT_THAT(verify().text, HasSubstr("cut off"));
}

TEST_F(AuditLog, AnExportedFileVerifiesWithoutAServerAndSoDoesItsTampering) {
  const Answer exported = business_.admin->post("/api/v1/plugins/audit/commands/export", Json::object());
  ASSERT_EQ(exported.status, 200) << exported.text;
  const support::Finished whole = verify_file(exported.text);
  EXPECT_EQ(whole.code, 0) << whole.output << whole.errors;
  std::string changed = exported.text;
  const std::size_t at = changed.find("100.00");
  ASSERT_NE(at, std::string::npos);
  changed[at] = '9';
  const support::Finished bad = verify_file(changed);
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.output + bad.errors, HasSubstr("content was changed"));
}

}  // namespace
}  // namespace talon::acceptance
