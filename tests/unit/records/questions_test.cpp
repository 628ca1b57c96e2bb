/// Questions about rights: a record that is not there gets the answer of one that is out of sight.
#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

constexpr const char* kMadeUp = "pty_0000000000009";

class Questions : public RecordsTest {
 protected:
  Questions() {
    allow_all(kAnn, "party");
    acme_ = create(kAnn, "party", R"({"name":"Acme"})");
    bolt_ = create(kAnn, "party", R"({"name":"Bolt"})");
  }
  std::vector<bool> ask(const std::vector<Question>& questions) {
    const auto answers = records_->check(as(kCarl), questions);
    EXPECT_TRUE(answers) << answers.error().message;
    return answers ? *answers : std::vector<bool>();
  }
  bool ask(const std::string& action, const std::string& type, const std::string& id) {
    const Question question{action, type, id};
    const auto answer = records_->check(as(kCarl), question);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer && *answer;
  }

  std::string acme_;
  std::string bolt_;
};

TEST_F(Questions, ARightOverAllRecordsSaysNothingOfOneThatIsNotThere) {
  allow(kCarl, "view", "party");
  allow(kCarl, "edit", "party");
  for (const char* action : {"view", "edit"}) {
    EXPECT_TRUE(ask(action, "party", acme_)) << action;
    for (const char* id : {kMadeUp, "inv_0000000000009", "no id", "", "usr_0000000000001"})
      EXPECT_FALSE(ask(action, "party", id)) << action << " " << id;
  }
  EXPECT_EQ(ask({{"view", "party", kMadeUp},
                 {"edit", "party", acme_},
                 {"view", "party", bolt_},
                 {"edit", "party"},
                 {"edit", "party", kMadeUp},
                 {"delete", "party", acme_}}),
            std::vector<bool>({false, true, true, true, false, false}));
}

TEST_F(Questions, OneThatIsNotThereIsAsOneOutOfSightWhateverTheRule) {
  allow(kCarl, "view", "party", "name is Acme");
  allow(kCarl, "edit", "party");
  EXPECT_EQ(ask({{"edit", "party", acme_}, {"edit", "party", bolt_}, {"edit", "party", kMadeUp}}),
            std::vector<bool>({true, false, false}));
  allow(kCarl, "view", "party");
  allow(kCarl, "edit", "party", "name is Acme");
  EXPECT_EQ(ask({{"edit", "party", acme_},
                 {"edit", "party", bolt_},
                 {"edit", "party", kMadeUp},
                 {"view", "party", kMadeUp},
                 {"view", "party", bolt_}}),
            std::vector<bool>({true, false, false, false, true}));
}

TEST_F(Questions, ATypeWithoutRecordsHasNoneOfAnyId) {
  allow(kCarl, "view", "turnover");
  EXPECT_EQ(ask({{"view", "turnover"}, {"view", "turnover", "x"}, {"view", "turnover", acme_}}),
            std::vector<bool>({true, false, false}));
}

TEST_F(Questions, AnUnknownNameIsToldBackShort) {
  const std::string hostile = "vi\u202Eew\n" + std::string(9000, 'x');
  for (const Question& question : {Question{hostile, "party"}, Question{"view", hostile}}) {
    const auto answer = records_->check(as(kCarl), question);
    ASSERT_FALSE(answer);
    EXPECT_LT(answer.error().message.size(), 200U);
    EXPECT_THAT(answer.error().message, Not(HasSubstr("\u202E")));
    EXPECT_THAT(answer.error().message, Not(HasSubstr("\n")));
    EXPECT_THAT(answer.error().message, HasSubstr("\"vi\uFFFDew\uFFFDxx"));
  }
}

}  // namespace
}  // namespace talon::records
