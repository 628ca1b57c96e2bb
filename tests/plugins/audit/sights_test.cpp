/// "Who saw this" and "what did they see" against a plain count over all lines.
#include "tests/plugins/audit/audit_fixture.hpp"

#include <talon/id_list.hpp>

#include <map>
#include <random>

namespace audit_tests {
namespace {

struct Sights : AuditTest {
  struct Line {
    int64_t at;
    std::string user;
    std::vector<int> records;
  };
  std::vector<Line> lines;

  void read_at_random(std::mt19937& random) {
    Line line{host.clock.now_us(), talon::id_text("usr", 1 + static_cast<int64_t>(random() % 4)), {}};
    std::vector<int64_t> ids;
    for (int record = 0; record < 6; ++record) {
      if (random() % 3 != 0) continue;
      line.records.push_back(record);
      ids.push_back(record + 1);
    }
    std::string records;
    talon::append_ids(records, "inv", ids);
    ASSERT_TRUE(read(Json::object({{"at", line.at},
                                   {"principal", line.user},
                                   {"channel", "api"},
                                   {"action", "view"},
                                   {"type", "invoice"},
                                   {"records", records}})
                         .to_string()));
    lines.push_back(std::move(line));
    host.clock.advance(std::chrono::milliseconds(random() % 500));
  }
  /// reads by the name in `column`.
  std::map<std::string, int64_t> ask(const std::string& command, const Json& args, const char* column) {
    const Result<std::string> text = plugin.command(command, args);
    EXPECT_TRUE(text) << text.error().message;
    std::map<std::string, int64_t> reads;
    std::istringstream in(text ? *text : std::string());
    for (std::string line; std::getline(in, line);) {
      const Result<Json> row = Json::parse(line);
      reads[std::string((*row)[column].string())] += (*row)["reads"].integer();
    }
    return reads;
  }
};

TEST_F(Sights, AreTheSetOfWhatWasDeliveredForAnyPeriod) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 10; ++i) read_at_random(random);
    seal();
  }
  for (int trial = 0; trial < 60; ++trial) {
    const int64_t from = lines[random() % lines.size()].at;
    const int64_t to = from + static_cast<int64_t>(random() % 30'000'000);
    const int record = static_cast<int>(random() % 6);
    std::map<std::string, int64_t> users;
    std::map<std::string, int64_t> records;
    const std::string user = talon::id_text("usr", 1 + static_cast<int64_t>(random() % 4));
    for (const Line& line : lines) {
      if (line.at < from || line.at > to) continue;
      for (const int seen : line.records) {
        if (seen == record) ++users[line.user];
        if (line.user == user) ++records[talon::id_text("inv", seen + 1)];
      }
    }
    const Json period = Json::object({{"from", talon::Timestamp(from).to_string()},
                                      {"to", talon::Timestamp(to).to_string()},
                                      {"record", "invoice/" + talon::id_text("inv", record + 1)},
                                      {"user", user}});
    EXPECT_EQ(ask("who_saw", period, "user"), users);
    EXPECT_EQ(ask("seen_by", period, "record"), records);
  }
}

TEST_F(Sights, LikeReadsOfABatchAreOneRowOfTheIndex) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(read(read_line(3)));
  seal();
  ASSERT_EQ(host.ids("audit_sight").size(), 1U);
  EXPECT_EQ(host.value("audit_sight", host.ids("audit_sight")[0], "reads"), Value(int64_t{50}));
  const Result<std::string> csv =
      plugin.command("who_saw", Json::object({{"record", talon::id_text("inv", 3)}, {"format", "csv"}}));
  ASSERT_TRUE(csv);
  EXPECT_TRUE(csv->starts_with("user,type,channel,action,first,last,reads,name\r\nusr_0000000000007,"))
      << *csv;
  std::string shouted = talon::id_text("inv", 3);
  shouted.replace(shouted.find('0'), 1, "O");
  const Result<std::string> same =
      plugin.command("who_saw", Json::object({{"record", shouted}, {"format", "csv"}}));
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, *csv) << "an id is the same however it is written";
  const auto seen_by = [&](const std::string& user) {
    const Result<std::string> seen =
        plugin.command("seen_by", Json::object({{"user", user}, {"format", "csv"}}));
    return seen ? *seen : seen.error().message;
  };
  EXPECT_EQ(seen_by("usr_OOOOOOOOOOOO7"), seen_by("usr_0000000000007"));
  EXPECT_NE(seen_by("usr_0000000000007").find("inv_"), std::string::npos);
  const auto numbered = plugin.command("who_saw", Json::object({{"record", "invoice/INV-2026-00001"}}));
  ASSERT_FALSE(numbered);
  EXPECT_NE(numbered.error().message.find("talon record list"), std::string::npos)
      << numbered.error().message;
  EXPECT_FALSE(plugin.command("seen_by"));
}

TEST_F(Sights, AreToldWithThePeoplesNames) {
  std::vector<std::string> people;
  // More than are looked up at once.
  for (int n = 0; n < 230; ++n) {
    const std::string number = std::to_string(n);
    people.push_back(host.id(
        "user", host.add("user", {{"name", "Ann " + number}, {"email", "ann" + number + "@example.com"}})));
  }
  for (const std::string& principal : {people.front(), people.back(), std::string("plugin:sync")}) {
    ASSERT_TRUE(read(Json::object({{"at", host.clock.now_us()},
                                   {"principal", principal},
                                   {"channel", "api"},
                                   {"action", "view"},
                                   {"type", "invoice"},
                                   {"records", talon::id_text("inv", 3)}})
                         .to_string()));
  }
  for (const std::string& person : people) {
    ASSERT_TRUE(read(Json::object({{"at", host.clock.now_us()},
                                   {"principal", person},
                                   {"channel", "api"},
                                   {"action", "view"},
                                   {"type", "invoice"},
                                   {"records", talon::id_text("inv", 4)}})
                         .to_string()));
  }
  seal();
  const auto told = [&](int64_t record) {
    const Result<std::string> text =
        plugin.command("who_saw", Json::object({{"record", talon::id_text("inv", record)}}));
    EXPECT_TRUE(text) << text.error().message;
    std::map<std::string, std::string> names;
    std::istringstream in(text ? *text : std::string());
    for (std::string line; std::getline(in, line);) {
      const Result<Json> row = Json::parse(line);
      names[std::string((*row)["user"].string())] = (*row)["name"].string();
    }
    return names;
  };
  const std::map<std::string, std::string> few = {
      {people.front(), "Ann 0"}, {people.back(), "Ann 229"}, {"plugin:sync", ""}};
  EXPECT_EQ(told(3), few);
  const auto all = told(4);
  ASSERT_EQ(all.size(), people.size());
  for (std::size_t n = 0; n < people.size(); ++n) EXPECT_EQ(all.at(people[n]), "Ann " + std::to_string(n));
}

/// A name that the asker may not see is a refusal; what else fails leaves no answer that has some of the
/// names.
TEST_F(Sights, AreToldWithoutNamesWhereTheseAreRefusedAndNotWhereTheyFail) {
  const std::string ann = host.id("user", host.add("user", {{"name", "Ann"}, {"email", "ann@example.com"}}));
  ASSERT_TRUE(read(Json::object({{"at", host.clock.now_us()},
                                 {"principal", ann},
                                 {"channel", "api"},
                                 {"action", "view"},
                                 {"type", "invoice"},
                                 {"records", talon::id_text("inv", 3)}})
                       .to_string()));
  seal();
  const auto ask = [&] {
    return plugin.command("who_saw", Json::object({{"record", talon::id_text("inv", 3)}}));
  };
  int64_t last = 0;  // the call that asks for names
  do {
    host.before_nth(++last, [] {});
    ASSERT_TRUE(ask());
  } while (host.has_come());
  --last;
  for (int32_t code = TALON_CANCELLED; code <= TALON_UNAUTHENTICATED; ++code) {
    const auto failure = static_cast<talon::Code>(code);
    host.fail_nth(last, failure);
    const Result<std::string> answer = ask();
    ASSERT_TRUE(host.has_failed());
    if (failure == talon::Code::InvalidArgument || failure == talon::Code::PermissionDenied) {
      ASSERT_TRUE(answer) << code << ": " << answer.error().message;
      EXPECT_NE(answer->find("\"user\":\"" + ann + "\""), std::string::npos) << *answer;
      EXPECT_EQ(answer->find("Ann"), std::string::npos) << *answer;
    } else {
      ASSERT_FALSE(answer) << code << ": " << *answer;
      EXPECT_EQ(answer.error().code, failure);
    }
  }
}

}  // namespace
}  // namespace audit_tests
