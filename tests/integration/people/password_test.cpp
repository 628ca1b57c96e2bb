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

TEST_F(Passwords, AnInviterHandsOnFactsOfOneClientAndNothingElse) {
  person("sam", "sales");
  const auto sam = as("sam");
  const auto party = [&](const std::string& name, const char* kind) {
    const Answer made = admin->post("/api/v1/parties", Json::object({{"name", name}, {kind, true}}));
    EXPECT_EQ(made.status, 201) << made.text;
    return std::string(made.json["id"].string());
  };
  const std::string acme = party("Acme", "is_client");
  const std::string bolt = party("Bolt", "is_client");
  const std::string smith = party("Smith", "is_supplier");
  const auto invite = [&](ApiClient& who, const Json& facts) {
    return command(who, "invite",
                   Json::object({{"email", "pup@talon.test"},
                                 {"name", "Pup"},
                                 {"roles", Json::array({"client"})},
                                 {"facts", facts}}));
  };
  const auto of = [](const Json& clients) { return Json::object({{"client", clients}}); };
  EXPECT_EQ(invite(*sam, of(Json::array({acme, bolt}))).status, 403) << "a puppet of all clients";
  EXPECT_EQ(invite(*sam, of(Json::array({smith}))).status, 403) << "no client of ours";
  for (const auto& [fact, value] : std::vector<std::pair<std::string, std::string>>{
           {"approval_limit", "9999999 EUR"}, {"franchisor", acme}, {"partners", acme}}) {
    const Answer refused =
        invite(*sam, Json::object({{"client", Json::array({acme})}, {fact, Json::array({value})}}));
    EXPECT_EQ(refused.status, 403) << fact;
    EXPECT_THAT(refused.text, HasSubstr(fact));
  }
  EXPECT_EQ(logged("type is \"user\" and action is create", {"Pup"}), 0);
  EXPECT_EQ(invite(*sam, of(Json::array({acme}))).status, 200);
  const Answer switched = sam->call("PATCH", "/api/v1/parties/" + acme, R"({"allow_timesheet_access":false})",
                                    "If-Match: \"v1\"\r\n");
  EXPECT_EQ(switched.status, 403) << "who invites a client does not open the time sheets as well";
  EXPECT_EQ(command(*admin, "invite",
                    Json::object({{"email", "duo@talon.test"},
                                  {"name", "Duo"},
                                  {"roles", Json::array({"client"})},
                                  {"facts", of(Json::array({acme, bolt}))}}))
                .status,
            200)
      << "an administrator may";
}

TEST_F(Passwords, AnAddressIsToldToBeTakenToThoseAloneWhoMaySeeWhoseItIs) {
  const Answer acme = admin->post("/api/v1/parties", Json::object({{"name", "Acme"}, {"is_client", true}}));
  const Json of_acme = Json::object({{"client", Json::array({acme.json["id"]})}});
  person("cora", "client_admin", of_acme);
  person("sam", "sales");
  const auto invite = [&](ApiClient& who, const std::string& email) {
    return command(
        who, "invite",
        Json::object(
            {{"email", email}, {"name", "X"}, {"roles", Json::array({"client"})}, {"facts", of_acme}}));
  };
  const auto cora = as("cora");
  const Answer known = invite(*cora, "sam@talon.test");
  const Answer unknown = invite(*cora, "nobody@talon.test");
  EXPECT_EQ(known.status, 200) << known.text;
  EXPECT_EQ(unknown.status, 200) << unknown.text;
  const auto words = [](const Answer& answer) {
    std::string names;
    for (const auto& [name, value] : answer.json.members()) names += name + " ";
    return names + std::to_string(answer.json["code"].string().size());
  };
  EXPECT_EQ(words(known), words(unknown)) << known.text << unknown.text;
  EXPECT_EQ(sign_in("sam@talon.test", RunningTalon::kPassword).status, 201);
  EXPECT_EQ(sign_in_with(Json::object({{"email", "sam@talon.test"},
                                       {"code", known.json["code"]},
                                       {"password", "copper velvet nine rivers"}}))
                .status,
            401)
      << "and the code is good for nothing";
  EXPECT_EQ(invite(*as("sam"), "cora@talon.test").status, 409) << "who sees people is told";
  EXPECT_EQ(invite(*admin, "sam@talon.test").status, 409);
}

TEST_F(Passwords, AnAddressHasTheFormOfOneHoweverItIsWritten) {
  const std::string path = "/api/v1/users/" + person("bob", "accountant");
  const auto change = [&](const std::string& email) {
    const std::string match = "If-Match: " + admin->get(path).headers.at("etag") + "\r\n";
    return admin->call("PATCH", path, Json::object({{"email", email}}).to_string(), match).status;
  };
  for (const char* bad : {"bob", "@talon.test", "bob@", "a\r\nb@talon.test", "a b@talon.test",
                          "a\t@talon.test", "bob@talon", "bob@talon..test", "Bob <bob@talon.test>"}) {
    EXPECT_EQ(change(bad), 422) << bad;
    EXPECT_EQ(command(*admin, "invite",
                      Json::object({{"email", bad}, {"name", "X"}, {"roles", Json::array({"viewer"})}}))
                  .status,
              422)
        << "the same rule: " << bad;
  }
  EXPECT_EQ(change("Robert@Talon.Test"), 200);
  EXPECT_EQ(sign_in("robert@talon.test", RunningTalon::kPassword).status, 201);
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
