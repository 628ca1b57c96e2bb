/// Names and addresses of people: what nobody sees in them is refused on every way in, and what cannot be
/// read of the log is known.
#include "tests/integration/people/outside.hpp"

#include <talon/visible.hpp>

#include <sys/resource.h>
#include <csignal>

namespace talon::people {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Names : public People {
 protected:
  Answer make(const std::string& name, const std::string& email) const {
    return admin->post("/api/v1/users", Json::object({{"name", name}, {"email", email}}));
  }
  Answer invite(const std::string& name, const std::string& email) const {
    return command(*admin, "invite",
                   Json::object({{"email", email}, {"name", name}, {"roles", Json::array({"viewer"})}}));
  }
};

TEST_F(Names, AreOneLineOfVisibleCharactersOnEveryWay) {
  for (const char* bad : {"Ann\r\nBcc: x@y.z", "Ann\tLee", "Ann\u202Egnp.exe", "An\u200Bn", "Ann\u2028Lee"}) {
    for (const Answer& answer : {make(bad, "ann@talon.test"), invite(bad, "ann@talon.test")}) {
      EXPECT_EQ(answer.status, 422) << answer.text;
      const Json& fault = answer.json["errors"].items().at(0);
      EXPECT_EQ(fault["pointer"].string(), "/name") << answer.text;
      EXPECT_THAT(std::string(fault["message"].string()), HasSubstr("write it as one line of visible"));
      EXPECT_EQ(one_line_fault(fault["message"].string()), "");
    }
  }
  const std::string id = invited("ann", "viewer");
  const Answer user = admin->get("/api/v1/users/" + id);
  const Answer renamed =
      admin->call("PATCH", "/api/v1/users/" + id, Json::object({{"name", "A\nB"}}).to_string(),
                  "If-Match: \"" + std::string(user.json["version"].digits()) + "\"\r\n");
  EXPECT_EQ(renamed.status, 422) << renamed.text;
  EXPECT_EQ(admin->get("/api/v1/users/" + id).json["name"].string(), "ann");
  const Answer contact = admin->post("/api/v1/parties", Json::object({{"name", "Acme\nLtd"}}));
  EXPECT_EQ(contact.status, 422) << contact.text;
}

TEST_F(Names, AnAddressThatLooksLikeAnotherIsNobodys) {
  invited("ann", "viewer");
  for (const char* alike : {"an\u200Bn@talon.test", "ann@talon.\u00ADtest", "\u202Aann@talon.test"}) {
    for (const Answer& answer : {make("Ann", alike), invite("Ann", alike)}) {
      EXPECT_EQ(answer.status, 422) << answer.text;
      EXPECT_THAT(answer.text, HasSubstr("which nobody sees; leave it out"));
      EXPECT_THAT(answer.text, HasSubstr("U+"));
    }
  }
  EXPECT_EQ(admin->get("/api/v1/users?include=total&where=" + percent_encoded("name is Ann"))
                .json["total"]
                .integer(),
            0);
}

class FullDisk : public People {
 protected:
  FullDisk() { std::signal(SIGXFSZ, SIG_IGN); }  // talond takes it over: a write that is too long is an error
  ~FullDisk() override { std::signal(SIGXFSZ, SIG_DFL); }
  void limit(rlim_t bytes) const {
    rlimit sizes{bytes, RLIM_INFINITY};
    EXPECT_EQ(::prlimit(talon.pid(), RLIMIT_FSIZE, &sizes, nullptr), 0);
  }
};

TEST_F(FullDisk, IsToldByReadyzUntilTheReadLogIsWrittenAgain) {
  ApiClient anybody(talon.port());
  EXPECT_EQ(anybody.get("/readyz").status, 200);
  limit(1);
  // Lines of the first tenths of a second wait in buffers, which the disk has room for.
  Answer users = admin->get("/api/v1/users");
  while (users.status == 200) users = admin->get("/api/v1/users");
  const Answer told = anybody.get("/readyz");
  limit(RLIM_INFINITY);
  EXPECT_EQ(users.status, 503) << users.text;
  EXPECT_THAT(users.text, Not(HasSubstr(std::string(admin->token()))));
  EXPECT_EQ(told.status, 503);
  EXPECT_EQ(told.text, "not ready: read_log\n");
  EXPECT_EQ(anybody.get("/readyz").status, 200) << "nobody has read meanwhile";
  EXPECT_EQ(admin->get("/api/v1/users").status, 200);
}

TEST_F(Names, WhoMayNotRunACommandLearnsNothingOfWhatItNames) {
  const std::string id = person("vic", "viewer");
  const auto vic = as("vic");
  const Json there = Json::object({{"user", id}});
  const Json nowhere = Json::object({{"user", "usr_0000000000009"}});
  const Answer denied = command(*vic, "reset_password", nowhere);
  EXPECT_EQ(denied.status, 403) << denied.text;
  EXPECT_EQ(command(*vic, "reset_password", there).status, 403);
  EXPECT_EQ(command(*admin, "reset_password", nowhere).status, 422);
}

}  // namespace
}  // namespace talon::people
