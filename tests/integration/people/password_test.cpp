/// Passwords at the running daemon: guessing, weak ones, invitations.
#include "tests/integration/people/house.hpp"

namespace talon::people {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kRight = RunningTalon::kPassword;

class Passwords : public People {};

TEST_F(Passwords, AHundredBadPasswordsAreRefusedAndLoggedAndShutNobodyElseOut) {
  const std::string ann = person("ann", "accountant");
  person("bob", "accountant");
  const auto session = as("ann");
  int refused = 0;
  int delayed = 0;
  for (int i = 0; i < 100; ++i) {
    const Answer answer = sign_in("ann@talon.test", "wrong password " + std::to_string(i), "127.0.0.66");
    refused += answer.status == 401 ? 1 : 0;
    delayed += answer.status == 429 ? 1 : 0;
    if (answer.status != 429) continue;
    EXPECT_GT(std::stoi(answer.headers.at("retry-after")), 1);
    EXPECT_TRUE(answer.json["retryable"].boolean());
  }
  EXPECT_EQ(refused, 5) << "from the sixth on they wait";
  EXPECT_EQ(delayed, 95);
  EXPECT_EQ(sign_in("ann@talon.test", kRight, "127.0.0.66").status, 429) << "not even the right one";
  EXPECT_EQ(sign_in("ann@talon.test", kRight, "127.0.0.67").status, 201) << "the owner, from elsewhere";
  EXPECT_EQ(sign_in("bob@talon.test", kRight, "127.0.0.66").status, 201) << "others, from there";
  EXPECT_EQ(session->get("/api/v1/me").status, 200) << "open sessions go on";
  const std::string of_ann = " and type is \"user\" and address is \"127.0.0.66\" and channel is api";
  EXPECT_EQ(logged("kind is access and action is sign_in_refused" + of_ann, {ann}), 5);
  EXPECT_EQ(logged("kind is access and action is sign_in_throttled" + of_ann), 1);
}

TEST_F(Passwords, AnUnknownAddressIsAnsweredAsAWrongPasswordInEitherLanguage) {
  person("ann", "accountant");
  const Json wrong = Json::object({{"email", "ann@talon.test"}, {"password", "wrong password"}});
  const Json nobody = Json::object({{"email", "nobody@talon.test"}, {"password", "wrong password"}});
  for (const char* language : {"en", "fr"}) {
    const std::string header = std::string("Accept-Language: ") + language + "\r\n";
    Answer a = sign_in_with(wrong, "127.0.0.1", header);
    Answer b = sign_in_with(nobody, "127.0.0.1", header);
    EXPECT_EQ(a.status, 401);
    a.json.set("request_id", Json());
    b.json.set("request_id", Json());
    EXPECT_EQ(a.json.to_string(), b.json.to_string());
    EXPECT_THAT(a.text,
                HasSubstr(language == std::string("fr") ? "ne correspondent pas" : "do not fit together"));
    EXPECT_THAT(a.text, Not(HasSubstr("no_such_user")));
  }
}

TEST_F(Passwords, WeakOnesAreRefusedWithTheirReasonAndMeasured) {
  person("ann", "accountant");
  const auto ann = as("ann");
  const auto change = [&](std::string_view password) {
    return command(*ann, "set_password", Json::object({{"current", kRight}, {"password", password}}));
  };
  for (const auto& [password, code] : std::initializer_list<std::pair<const char*, const char*>>{
           {"short", "too_short"}, {"Password1234!", "common"}, {"ann@talon.test is me", "common"}}) {
    const Answer answer = change(password);
    EXPECT_EQ(answer.status, 422) << answer.text;
    EXPECT_EQ(answer.json["errors"].items().at(0)["pointer"].string(), "/password");
    EXPECT_THAT(answer.json["errors"].items().at(0)["code"].string(), ::testing::AnyOf(code, "personal"));
  }
  const Answer measured = command(*ann, "measure_password", Json::object({{"password", "Password1234!"}}));
  EXPECT_EQ(measured.status, 200) << measured.text;
  EXPECT_EQ(measured.json["strength"].integer(-1), 0);
  EXPECT_FALSE(measured.json["good"].boolean());
  EXPECT_EQ(sign_in("ann@talon.test", kRight).status, 201) << "nothing was changed";
  EXPECT_EQ(change("copper velvet nine rivers").status, 200);
  EXPECT_EQ(sign_in("ann@talon.test", kRight).status, 401);
  EXPECT_EQ(sign_in("ann@talon.test", "copper velvet nine rivers").status, 201);
}

TEST_F(Passwords, AReplayedInvitationIsRefusedAndLogged) {
  const Answer invited = command(
      *admin, "invite",
      Json::object({{"email", "carl@talon.test"}, {"name", "Carl"}, {"roles", Json::array({"accountant"})}}));
  ASSERT_EQ(invited.status, 200) << invited.text;
  const std::string carl(invited.json["user"].string());
  const auto take_up = [&](std::string_view password) {
    return sign_in_with(
        Json::object({{"email", "carl@talon.test"}, {"code", invited.json["code"]}, {"password", password}}));
  };
  EXPECT_EQ(take_up("Password1234!").status, 422) << "a weak password does not spend it";
  ASSERT_EQ(take_up("copper velvet nine rivers").status, 201);
  const Answer again = take_up("quite another good phrase");
  EXPECT_EQ(again.status, 401);
  EXPECT_THAT(again.text, Not(HasSubstr("invitation")));
  EXPECT_EQ(sign_in("carl@talon.test", "copper velvet nine rivers").status, 201) << "the owner's still holds";
  EXPECT_EQ(logged("action is sign_in_refused", {"invitation_used", carl}), 1);
}

TEST_F(Passwords, AnInviterHandsOnOnlyWhatTheyMay) {
  person("sam", "sales");
  const auto sam = as("sam");
  const auto invite = [&](const Json& roles) {
    return command(*sam, "invite",
                   Json::object({{"email", "x@talon.test"}, {"name", "Xenia"}, {"roles", roles}}));
  };
  EXPECT_EQ(invite(Json::array({"admin"})).status, 403);
  EXPECT_EQ(invite(Json::array({"client", "supplier"})).status, 403);
  EXPECT_EQ(invite(Json::array()).status, 422);
  const Answer misspelt = invite(Json::array({"clinet"}));
  EXPECT_EQ(misspelt.status, 422);
  EXPECT_THAT(misspelt.text, HasSubstr("Did you mean \\\"client\\\"?"));
  EXPECT_EQ(logged("type is \"user\" and action is create", {"x@talon.test"}), 0);
  EXPECT_EQ(invite(Json::array({"client"})).status, 200);
}

}  // namespace
}  // namespace talon::people
