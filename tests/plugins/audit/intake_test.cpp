/// Lines of the read log become entries of the log, each once and with its place.
#include "plugins/audit/line_reader.hpp"
#include "tests/plugins/audit/audit_fixture.hpp"

#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace audit_tests {
namespace {

using talon::Code;

TEST_F(AuditTest, ReadsAreTakenIntoTheChainOnceEach) {
  for (int i = 1; i <= 7; ++i) ASSERT_TRUE(read(read_line(i)));
  seal();
  EXPECT_EQ(count("read"), 7);
  seal();
  EXPECT_EQ(count("read"), 7);
  EXPECT_EQ(problem(), "");
  const int64_t first = host.ids("audit_entry").front();
  EXPECT_EQ(host.text("audit_entry", first, "principal"), "usr_0000000000007");
  EXPECT_EQ(host.text("audit_entry", first, "content"), R"({"records":"inv_0000000000001"})");
}

TEST_F(AuditTest, AReadThatNobodyTookInYetSurvivesAKill) {
  ASSERT_TRUE(read(read_line(1)));
  // What a killed process leaves is what is there now: another instance takes it in. Lines go from buffers
  // to files meanwhile.
  std::filesystem::create_directories(folder.file("copy"));
  for (const bool are_buffers : {true, false}) {
    for (const auto& file : std::filesystem::directory_iterator(folder.file("audit")))
      if (are_buffers == (file.path().extension() == ".buffer"))
        std::filesystem::copy(file.path(), folder.path() / "copy" / file.path().filename());
  }
  FakeHost other(model());
  other.settings = host.settings;
  other.settings.set("directory", folder.file("copy"));
  PluginUnderTest revived(other);
  ASSERT_TRUE(revived.start());
  ASSERT_TRUE(revived.job("take_in"));
  EXPECT_EQ(other.ids("audit_entry").size(), 1U);
}

TEST_F(AuditTest, ZerosAroundALineAreNoneOfIt) {
  plugin.stop();
  const std::string zeros(20'000, '\0');
  std::ofstream(folder.file("audit/reads-0000000000000000001-1.jsonl"))
      << zeros << read_line(1) << "\n"
      << read_line(2) << "\n{\"at\":17,\"prin" << zeros << read_line(3) << "\n"
      << read_line(4) << "\n"
      << zeros;
  ASSERT_TRUE(plugin.start());
  seal();
  ASSERT_EQ(count("read"), 5);
  const auto content = [this](std::size_t i) {
    return host.text("audit_entry", host.ids("audit_entry").at(i), "content");
  };
  for (const std::size_t whole : {0U, 1U, 3U, 4U})
    EXPECT_EQ(content(whole).find("torn"), std::string::npos) << whole;
  EXPECT_NE(content(2).find(R"(prin"})"), std::string::npos) << "what was cut short, and nothing of the next";
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, GigabytesOfNothingAreNeitherReadNorKeptInMemory) {
  plugin.stop();
  const std::string file = folder.file("audit/reads-0000000000000000001-1.jsonl");
  std::ofstream(file) << read_line(1) << "\n{\"at\":17,\"prin";
  std::filesystem::resize_file(file, std::uintmax_t{3} << 30U);
  std::ofstream(file, std::ios::app) << read_line(2) << "\n" << read_line(3) << "\n";
  std::filesystem::resize_file(file, std::uintmax_t{6} << 30U);
  ASSERT_TRUE(plugin.start());
  seal();
  EXPECT_EQ(count("read"), 4) << "with what is left of a line before the hole";
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(problem(), "");
  struct rusage used {};
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &used), 0);
  EXPECT_LT(used.ru_maxrss, 1 << 20) << "KiB";
}

TEST_F(AuditTest, OfALineWithoutAnEndTheBeginningIsKeptAsText) {
  plugin.stop();
  std::ofstream(folder.file("audit/reads-0000000000000000001-1.jsonl"))
      << read_line(1) << std::string(audit::LineReader::kLineBytesMax, ' ') << "x\n"
      << read_line(2) << "\n";
  ASSERT_TRUE(plugin.start());
  seal();
  const std::vector<int64_t> ids = host.ids("audit_entry");
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_EQ(host.text("audit_entry", ids[0], "content").find("{\"torn\":"), 0U)
      << "what follows is not left out";
  EXPECT_EQ(host.text("audit_entry", ids[1], "content").find("torn"), std::string::npos);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, ATornLineIsKeptAsTextAndStopsNothing) {
  plugin.stop();
  std::ofstream(folder.file("audit/reads-0000000000000000001-1.jsonl"))
      << read_line(1) << "\n{\"at\":17,\"prin";
  ASSERT_TRUE(plugin.start());
  seal();
  EXPECT_EQ(count("read"), 2);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, AReadGetsItsPlaceAsItIsTakenIn) {
  add_changes(2);
  ASSERT_TRUE(plugin.job("seal"));
  ASSERT_TRUE(read(read_line(1)));
  ASSERT_TRUE(read(read_line(2)));
  ASSERT_TRUE(plugin.job("take_in"));
  EXPECT_EQ(entry(host.ids("audit_entry").back()).seq, 4);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, WhoeverAsksGetsWhatWasReadUntilNow) {
  ASSERT_TRUE(read(read_line(1)));
  const Result<std::string> seen =
      plugin.command("who_saw", Json::object({{"record", talon::id_text("inv", 1)}}));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_NE(seen->find("usr_0000000000007"), std::string::npos) << *seen;
}

TEST_F(AuditTest, TheFirstPlacesAreGivenBySignatureOnly) {
  ASSERT_TRUE(read(read_line(1)));
  ASSERT_TRUE(plugin.job("take_in"));
  EXPECT_EQ(entry(host.ids("audit_entry").back()).seq, 0);
  ASSERT_TRUE(plugin.job("seal"));
  EXPECT_EQ(entry(host.ids("audit_entry").back()).seq, 1);
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 1U);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, AReadWhosePlaceAnotherHostGaveAwayIsTakenInAndSealedLater) {
  add_changes(1);
  seal();
  ASSERT_TRUE(read(read_line(1)));
  constexpr int kWrite = 3;  // after the lines taken in before, and the chain's end
  host.fail_nth(kWrite, Code::AlreadyExists);
  ASSERT_TRUE(plugin.job("take_in"));
  ASSERT_TRUE(host.has_failed());
  ASSERT_EQ(count("read"), 1);
  EXPECT_EQ(entry(host.ids("audit_entry").back()).seq, 0);
  seal();
  EXPECT_EQ(entry(host.ids("audit_entry").back()).seq, 2);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, WhereTheMachineIsNeverIdleTheLogCatchesUpAndIsSignedInTime) {
  add_changes(1);
  ASSERT_TRUE(plugin.job("seal"));
  for (int i = 1; i <= 20; ++i) ASSERT_TRUE(read(read_line(i)));
  ASSERT_TRUE(plugin.job("catch_up"));
  ASSERT_TRUE(plugin.job("seal"));
  EXPECT_EQ(entry(host.ids("audit_entry").back()).seq, 21);
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 1U);  // enough for one more, at an idle moment
  host.clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(plugin.job("seal"));
  EXPECT_EQ(host.ids("audit_checkpoint").size(), 2U);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, PlacesThatAnotherHostGaveAwayAreNoFailureOfTheSealer) {
  add_changes(2);
  constexpr int kWrite = 3;  // after the chain's end, and what is open
  host.fail_nth(kWrite, Code::AlreadyExists);
  ASSERT_TRUE(plugin.job("seal"));
  ASSERT_TRUE(host.has_failed());
  EXPECT_EQ(entry(host.ids("audit_entry").back()).seq, 0);
  ASSERT_TRUE(plugin.job("seal"));
  EXPECT_EQ(entry(host.ids("audit_entry").back()).seq, 2);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, ALineSaysEachThingOnceAndNamesRecordsByAListOfIds) {
  plugin.stop();
  std::ofstream(folder.file("audit/reads-0000000000000000001-1.jsonl"))
      << R"({"at":17,"records":"inv_0000000000001","records":""})"
      << "\n"
      << R"({"at":17,"records":["inv_0000000000001"]})"
      << "\n"
      << R"({"at":17,"records":"inv_0000000000002 1"})"
      << "\n"
      << R"({"at":17,"where":"a \"b\"","records" : "inv_000000000000\u0031 2","fields":["z"]})"
      << "\n";
  ASSERT_TRUE(plugin.start());
  seal();
  const std::vector<int64_t> ids = host.ids("audit_entry");
  ASSERT_EQ(ids.size(), 4U);
  EXPECT_EQ(entry(ids[0]).content,
            R"({"torn":"{\"at\":17,\"records\":\"inv_0000000000001\",\"records\":\"\"}"})");
  EXPECT_EQ(entry(ids[1]).content, R"({"torn":"{\"at\":17,\"records\":[\"inv_0000000000001\"]}"})");
  EXPECT_EQ(entry(ids[2]).content, R"({"torn":"{\"at\":17,\"records\":\"inv_0000000000002 1\"}"})");
  EXPECT_EQ(entry(ids[3]).content, R"({"fields":["z"],"records":"inv_0000000000001 2","where":"a \"b\""})");
  EXPECT_EQ(host.ids("audit_sight").size(), 2U);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditTest, AReadThatCannotBeAppendedIsRefused) {
  plugin.stop();
  const Result<void> refused = read(read_line(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Unavailable);
}

}  // namespace
}  // namespace audit_tests
