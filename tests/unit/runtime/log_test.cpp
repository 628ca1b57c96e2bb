/// The log's lines, and that secrets never reach them.
#include "host/runtime/log.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace talon::runtime {
namespace {

struct Lines {
  explicit Lines(Level level = Level::Debug) : log(-1, level) {
    log.set_sink([this](std::string_view line) { texts.emplace_back(line); });
  }
  Log log;
  std::vector<std::string> texts;
};

TEST(Log, WritesOneJsonObjectPerEvent) {
  Lines lines;
  lines.log.info("invoice.issued", {{"invoice", "inv_1"}, {"gross", 1200}});
  ASSERT_EQ(lines.texts.size(), 1U);
  const auto json = Json::parse(lines.texts[0]);
  ASSERT_TRUE(json) << lines.texts[0];
  EXPECT_EQ((*json)["event"].string(), "invoice.issued");
  EXPECT_EQ((*json)["level"].string(), "info");
  EXPECT_EQ((*json)["gross"].integer(), 1200);
  EXPECT_FALSE((*json)["time"].string().empty());
}

TEST(Log, HidesSecretsAndPeopleAtAnyDepth) {
  Lines lines;
  lines.log.error("mail.failed",
                  {{"Password", "hunter2"},
                   {"api_token", "t0k"},
                   {"nested", Json::object({{"iban", "FR76"},
                                            {"list", Json::array({Json::object({{"email", "a@b"}})})}})},
                   {"holder", to_json(Secret("s3cr3t"))},
                   {"count", 2}});
  const std::string& line = lines.texts.at(0);
  for (const char* hidden : {"hunter2", "t0k", "FR76", "a@b", "s3cr3t"})
    EXPECT_EQ(line.find(hidden), std::string::npos) << line;
  EXPECT_NE(line.find("\"count\":2"), std::string::npos);
}

TEST(Log, EachHiddenWordHidesInEveryCaseAndInsideOtherWords) {
  const std::vector<std::string> words = {"password", "passphrase",  "token", "secret", "authorization",
                                          "cookie",   "credential",  "iban",  "bic",    "email",
                                          "phone",    "private_key", "card",  "birth"};
  for (const std::string& word : words) {
    std::string large = word;
    for (char& c : large) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const std::string& key : {word, large, "x_" + word + "2", "My" + large + "s"})
      EXPECT_TRUE(is_redacted_key(key)) << key;
    // The same letters are not the word.
    for (const std::string& key :
         {word.substr(1), word.substr(0, word.size() - 1), std::string(word.rbegin(), word.rend()),
          word.substr(2) + word.substr(0, 2)})
      EXPECT_FALSE(is_redacted_key(key)) << key;
  }
  for (const char* whole : {"legal_name", "first_name", "last_name", "full_name", "Full_Name"})
    EXPECT_TRUE(is_redacted_key(whole)) << whole;
  for (const char* shown : {"", "name", "my_full_name", "full_names", "status", "route", "mail", "bytes"})
    EXPECT_FALSE(is_redacted_key(shown)) << shown;
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  Lines lines(Level::Warn);
  lines.log.info("a.happened");
  lines.log.warn("b.happened");
  ASSERT_EQ(lines.texts.size(), 1U);
  EXPECT_FALSE(parse_level("loud"));
}

TEST(Log, CarriesTheRequestOfItsThread) {
  Lines lines;
  {
    const RequestScope scope("req_1");
    lines.log.info("a.happened");
  }
  lines.log.info("b.happened");
  EXPECT_NE(lines.texts.at(0).find("\"request\":\"req_1\""), std::string::npos);
  EXPECT_EQ(lines.texts.at(1).find("request"), std::string::npos);
}

TEST(Log, ControlCharactersCannotMakeASecondLine) {
  Lines lines;
  lines.log.info("a.happened", {{"text", "x\n{\"event\":\"forged\"}"}});
  EXPECT_EQ(lines.texts.at(0).find('\n'), std::string::npos);
}

/// A log into a file, read line by line.
struct Filed {
  support::TemporaryDirectory directory;
  std::string path = directory.file("talond.log");

  std::vector<std::string> events() const {
    std::ifstream in(path);
    std::vector<std::string> events;
    for (std::string line; std::getline(in, line);) {
      const auto json = Json::parse(line);
      EXPECT_TRUE(json) << line;
      if (json) events.emplace_back((*json)["event"].string());
    }
    return events;
  }
};

TEST(LateLines, StandBeforeWhateverComesAfterThem) {
  const Filed file;
  Log log;
  ASSERT_TRUE(log.open(file.path));
  log.info_soon("a.happened", {});
  log.info_soon("b.happened", {});
  log.warn("c.happened");
  EXPECT_EQ(file.events(), (std::vector<std::string>{"a.happened", "b.happened", "c.happened"}));
}

TEST(LateLines, SayTheirFactsAsOtherLinesDo) {
  Lines soon;
  soon.log.info_soon("a.happened",
                     {{"route", "/a\"b\n"}, {"bytes", INT64_MIN}, {"status", 200}, {"address", ""}});
  soon.log.info("b.happened", {{"route", "/a\"b\n"}, {"bytes", INT64_MIN}, {"status", 200}, {"address", ""}});
  ASSERT_EQ(soon.texts.size(), 2U);
  const auto facts = [](const std::string& line) { return line.substr(line.find("happened")); };
  EXPECT_EQ(facts(soon.texts[0]), facts(soon.texts[1]));
}

TEST(LateLines, AreWrittenWithoutAnythingAfterThem) {
  const Filed file;
  Log log;
  ASSERT_TRUE(log.open(file.path));
  for (std::size_t round = 1; round <= 3; ++round) {
    log.info_soon("a.happened", {});
    for (int tries = 0; tries < 5000 && file.events().size() < round; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_EQ(file.events().size(), round);
  }
}

TEST(LateLines, OfAllThreadsAreWholeAndNoneIsLostAtTheEnd) {
  constexpr int kThreads = 4;
  constexpr int kLines = 2000;
  const Filed file;
  {
    Log log;
    ASSERT_TRUE(log.open(file.path));
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&log, thread] {
        for (int line = 0; line < kLines; ++line) {
          if (line % 100 == 50)
            log.warn(std::to_string(thread) + " " + std::to_string(line));
          else
            log.info_soon(std::to_string(thread) + " " + std::to_string(line), {});
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::vector<int> next(kThreads, 0);
  for (const std::string& event : file.events()) {
    const auto thread = static_cast<std::size_t>(event[0] - '0');
    EXPECT_EQ(event, std::to_string(thread) + " " + std::to_string(next.at(thread)++));
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kLines));
}

TEST(Secret, PrintsStars) {
  std::ostringstream out;
  out << Secret("abc") << Personal<std::string>("Ann");
  EXPECT_EQ(out.str(), "******");
}

}  // namespace
}  // namespace talon::runtime
