/// Letters at the running daemon, over a real mail server with STARTTLS: invitations, new passwords, a
/// client's own administrator.
#include "tests/integration/people/house.hpp"
#include "tests/support/peers.hpp"

#include <sys/stat.h>
#include <filesystem>
#include <fstream>
#include <thread>

namespace talon::people {
namespace {

using support::MailServer;
using support::text_of;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kGood = "copper velvet nine rivers";

std::string settings_for(const MailServer& server, const std::string& more = {}) {
  return "mail:\n  server: localhost\n  port: " + std::to_string(server.port()) +
         "\n  authority: " + server.certificate() +
         "\n  user: talon\n  password: !secret smtp\n  from: Talon <talon@talon.test>\n"
         "  portal: https://billing.talon.test\n" +
         more;
}

/// What stands behind `name=` in a link, as a browser reads form data.
std::string in_link(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 1;
  const std::string encoded = text.substr(begin, text.find_first_of("& \r\n", begin) - begin);
  std::string value;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const bool is_escape = encoded[i] == '%' && i + 2 < encoded.size();
    if (is_escape) {
      value += static_cast<char>(std::stoi(encoded.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      value += encoded[i] == '+' ? ' ' : encoded[i];
    }
  }
  return value;
}

class Mail : public People {
 protected:
  explicit Mail(MailServer::Manner manner = MailServer::Manner::Takes) : People({}), server(manner) {
    std::ofstream(talon.config("talon.yaml"), std::ios::app) << settings_for(server);
    const std::string secret = talon.config("secrets/smtp");
    std::filesystem::create_directories(talon.config("secrets"));
    std::ofstream(secret) << "the mail password\n";
    ::chmod(secret.c_str(), 0600);
  }
  Answer invite(ApiClient& who, const std::string& name, const Json& roles,
                const Json& facts = Json::object(), const std::string& language = "en") {
    return command(who, "invite",
                   Json::object({{"email", name + "@talon.test"},
                                 {"name", name},
                                 {"roles", roles},
                                 {"facts", facts},
                                 {"language", language}}));
  }
  Answer take_up(const std::string& text, std::string_view password) const {
    return sign_in_with(Json::object(
        {{"email", in_link(text, "email")}, {"code", in_link(text, "code")}, {"password", password}}));
  }
  std::string party(const std::string& name) {
    const Answer made = admin->post("/api/v1/parties", Json::object({{"name", name}, {"is_client", true}}));
    EXPECT_EQ(made.status, 201) << made.text;
    return std::string(made.json["id"].string());
  }

  MailServer server;
};

TEST_F(Mail, AnInvitationGoesOutInThePersonsLanguageAndItsLinkWorksOnce) {
  const Answer invited = invite(*admin, "odile", Json::array({"accountant"}), Json::object(), "fr");
  ASSERT_EQ(invited.status, 200) << invited.text;
  EXPECT_EQ(invited.json["sent_to"].string(), "odile@talon.test");
  EXPECT_TRUE(invited.json["code"].is_null()) << "the link is in the letter alone";
  const auto letters = server.wait_for(1);
  ASSERT_EQ(letters.size(), 1U) << talon.log();
  EXPECT_TRUE(letters[0]["secure"].boolean()) << "over STARTTLS";
  EXPECT_EQ(letters[0]["to"].items().at(0).string(), "odile@talon.test");
  const std::string text = text_of(letters[0]);
  EXPECT_THAT(text, HasSubstr("Bonjour odile"));
  EXPECT_THAT(text, HasSubstr("https://billing.talon.test/#code="));
  EXPECT_THAT(talon.log(), Not(HasSubstr(in_link(text, "code"))));
  ASSERT_EQ(take_up(text, kGood).status, 201);
  EXPECT_EQ(take_up(text, "another phrase of mine").status, 401) << "replayed";
  EXPECT_EQ(logged("action is sign_in_refused", {"invitation_used"}), 1);
  EXPECT_EQ(sign_in("odile@talon.test", kGood).status, 201);
  // The letter's text is gone from the database; that it went out is not.
  const Answer kept = admin->get("/api/v1/mails?where=" + percent_encoded("state is sent"));
  EXPECT_EQ(kept.json["items"].items().size(), 1U) << kept.text;
  const auto stored = support::run_program(
      {"sqlite3", talon.data("talon.db"), "select count(*) from mails where text is not null"});
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->output, "0\n");
}

TEST_F(Mail, ANewPasswordIsAskedForWithoutTellingWhoIsKnown) {
  invite(*admin, "ann", Json::array({"accountant"}));
  ASSERT_EQ(take_up(text_of(server.wait_for(1).at(0)), kGood).status, 201);
  ApiClient ann(talon.port(), talon.sign_in("ann@talon.test", kGood));
  ApiClient anybody(talon.port());
  const auto ask = [&](const char* email) {
    return anybody.post("/api/v1/session/new_password", Json::object({{"email", email}}));
  };
  const Answer known = ask("ann@talon.test");
  const Answer unknown = ask("nobody@talon.test");
  EXPECT_EQ(known.status, 202) << known.text;
  EXPECT_EQ(unknown.status, 202);
  EXPECT_EQ(known.text, unknown.text);
  const auto letters = server.wait_for(2);
  ASSERT_EQ(letters.size(), 2U);
  const std::string text = text_of(letters[1]);
  EXPECT_THAT(text, HasSubstr("new password"));
  EXPECT_EQ(sign_in("ann@talon.test", kGood).status, 201) << "the old one holds until then";
  ASSERT_EQ(take_up(text, "another phrase of mine").status, 201);
  EXPECT_EQ(sign_in("ann@talon.test", kGood).status, 401);
  EXPECT_EQ(ann.get("/api/v1/me").status, 401) << "sessions of the lost password are over";
  EXPECT_EQ(take_up(text, "a third phrase of mine").status, 401);
  for (int i = 0; i < 5; ++i) ask("ann@talon.test");
  EXPECT_EQ(ask("ann@talon.test").status, 429) << "nobody's letter box is filled";
  EXPECT_EQ(logged("action is new_password_refused", {"no_such_user"}), 1);
}

TEST_F(Mail, AskingForALinkByAKnownAddressCannotBeHeard) {
  invite(*admin, "ann", Json::array({"accountant"}));
  ASSERT_EQ(take_up(text_of(server.wait_for(1).at(0)), kGood).status, 201);
  const std::string before = talon.security_epoch();
  ApiClient anybody(talon.port());
  ASSERT_EQ(anybody.post("/api/v1/session/new_password", Json::object({{"email", "ann@talon.test"}})).status,
            202);
  ASSERT_EQ(server.wait_for(2).size(), 2U);
  EXPECT_EQ(talon.security_epoch(), before) << "a `reset` on the event streams would tell who has an account";
}

TEST_F(Mail, AnAddressWithSignsOfItsOwnComesThroughTheLink) {
  ASSERT_EQ(invite(*admin, "a+b&c", Json::array({"accountant"})).status, 200);
  const std::string text = text_of(server.wait_for(1).at(0));
  EXPECT_EQ(in_link(text, "email"), "a+b&c@talon.test");
  EXPECT_EQ(take_up(text, kGood).status, 201);
}

TEST_F(Mail, WhoAsksTooOftenTakesNothingOfAnybodysLetters) {
  invite(*admin, "bob", Json::array({"accountant"}));
  ASSERT_EQ(take_up(text_of(server.wait_for(1).at(0)), kGood).status, 201);
  const auto ask = [&](const std::string& email, const std::string& address) {
    ApiClient client(talon.port());
    client.come_from(address);
    return client.post("/api/v1/session/new_password", Json::object({{"email", email}})).status;
  };
  for (int i = 0; i < 20; ++i) ask("nobody" + std::to_string(i) + "@talon.test", "127.0.0.9");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask("bob@talon.test", "127.0.0.9"), 429);
  EXPECT_EQ(ask("bob@talon.test", "127.0.0.1"), 202);
  EXPECT_EQ(server.wait_for(2).size(), 2U);
}

TEST_F(Mail, AClientsAdministratorBringsInPeopleOfThatClientAlone) {
  const std::string acme = party("Acme");
  const std::string bolt = party("Bolt");
  invite(*admin, "cora", Json::array({"client_admin"}), Json::object({{"client", Json::array({acme})}}));
  ASSERT_EQ(take_up(text_of(server.wait_for(1).at(0)), kGood).status, 201);
  ApiClient cora(talon.port(), talon.sign_in("cora@talon.test", kGood));
  const auto of = [&](const std::string& party_id) {
    return Json::object({{"client", Json::array({party_id})}});
  };
  EXPECT_EQ(invite(cora, "carl", Json::array({"client"}), of(acme)).status, 200);
  EXPECT_EQ(invite(cora, "zoe", Json::array({"client"}), of(bolt)).status / 100, 4) << "another client's";
  EXPECT_EQ(invite(cora, "zoe", Json::array({"client"})).status, 403) << "nobody's";
  EXPECT_EQ(invite(cora, "zoe", Json::array({"accountant"}), of(acme)).status, 403)
      << "a role that is not hers to give";
  EXPECT_EQ(invite(cora, "zoe", Json::array({"client"}),
                   Json::object({{"client", Json::array({acme})}, {"approval_limit", "1 EUR"}}))
                .status,
            403);
  EXPECT_EQ(logged("type is \"user\" and action is create", {"zoe"}), 0);
  const auto letters = server.wait_for(2);
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(take_up(text_of(letters[1]), kGood).status, 201);
  // Several parties of one account.
  invite(*admin, "duo", Json::array({"client"}), Json::object({{"client", Json::array({acme, bolt})}}));
  ASSERT_EQ(take_up(text_of(server.wait_for(3).at(2)), kGood).status, 201);
  ApiClient duo(talon.port(), talon.sign_in("duo@talon.test", kGood));
  ApiClient carl(talon.port(), talon.sign_in("carl@talon.test", kGood));
  EXPECT_EQ(duo.get("/api/v1/parties/" + bolt).status, 200);
  EXPECT_EQ(carl.get("/api/v1/parties/" + acme).status, 200);
  EXPECT_EQ(carl.get("/api/v1/parties/" + bolt).status, 404);
}

TEST_F(Mail, WhoSeesNoPeopleLearnsOfNoAddressAndNoLetterTellsIt) {
  const Json of_acme = Json::object({{"client", Json::array({party("Acme")})}});
  invite(*admin, "cora", Json::array({"client_admin"}), of_acme);
  ASSERT_EQ(take_up(text_of(server.wait_for(1).at(0)), kGood).status, 201);
  ApiClient cora(talon.port(), talon.sign_in("cora@talon.test", kGood));
  const Answer known = invite(cora, "cora", Json::array({"client"}), of_acme);
  EXPECT_EQ(known.status, 409) << "herself she sees";
  invite(*admin, "ann", Json::array({"accountant"}));
  ASSERT_EQ(take_up(text_of(server.wait_for(2).at(1)), kGood).status, 201);
  const Answer taken = invite(cora, "ann", Json::array({"client"}), of_acme);
  EXPECT_EQ(taken.status, 200) << taken.text;
  const Answer fresh = invite(cora, "carl", Json::array({"client"}), of_acme);
  ASSERT_EQ(fresh.status, 200) << fresh.text;
  EXPECT_EQ(taken.text, R"({"sent_to":"ann@talon.test"})");
  EXPECT_EQ(fresh.text, R"({"sent_to":"carl@talon.test"})");
  const auto letters = server.wait_for(3);
  ASSERT_EQ(letters.size(), 3U);
  EXPECT_EQ(letters[2]["to"].items().at(0).string(), "carl@talon.test");
}

TEST_F(Mail, AnInvitationSentAgainReplacesTheLetterThatWasLost) {
  ASSERT_EQ(invite(*admin, "ann", Json::array({"accountant"})).status, 200);
  const std::string first = text_of(server.wait_for(1).at(0));
  const Answer again = invite(*admin, "ann", Json::array({"accountant"}));
  ASSERT_EQ(again.status, 200) << again.text;
  const std::string second = text_of(server.wait_for(2).at(1));
  EXPECT_EQ(take_up(first, kGood).status, 401);
  EXPECT_EQ(take_up(second, kGood).status, 201);
  EXPECT_EQ(invite(*admin, "ann", Json::array({"accountant"})).status, 409) << "she has come";
}

class BusyMail : public Mail {
 protected:
  BusyMail() : Mail(MailServer::Manner::RefusesTheFirst) {}
};

TEST_F(BusyMail, ALetterThatIsNotTakenWaitsAndALaterLinkReplacesIt) {
  const Answer invited = invite(*admin, "ann", Json::array({"accountant"}));
  ASSERT_EQ(invited.status, 200) << invited.text;
  const std::string path = "/api/v1/users/" + std::string(invited.json["user"].string()) + "/send_link";
  const auto waiting = [&] {
    return admin->get("/api/v1/mails?where=" + percent_encoded("trouble is not empty"));
  };
  for (int tries = 0; tries < 600 && waiting().json["items"].items().empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(waiting().json["items"].items().at(0)["state"].string(), "waiting");
  EXPECT_THAT(waiting().text, HasSubstr("451"));
  ASSERT_EQ(admin->post(path, Json::object()).status, 200);
  const auto letters = server.wait_for(1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(take_up(text_of(letters[0]), kGood).status, 201);
}

class RudeMail : public Mail {
 protected:
  RudeMail() : Mail(MailServer::Manner::HangsUp) {}
};

TEST_F(RudeMail, ALetterThatWasTakenIsSentHoweverTheFarewellGoes) {
  ASSERT_EQ(invite(*admin, "ann", Json::array({"accountant"})).status, 200);
  ASSERT_EQ(server.wait_for(1).size(), 1U) << talon.log();
  const auto state = [&] {
    return admin->get("/api/v1/mails?fields=state,trouble,tries").json["items"].items().at(0);
  };
  for (int tries = 0; tries < 600 && state()["state"].string() == "waiting" && state()["trouble"].is_null();
       ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(state()["state"].string(), "sent") << state().to_string();
}

class LockedMail : public Mail {
 protected:
  LockedMail() : Mail(MailServer::Manner::KnowsNobody) {}
};

TEST_F(LockedMail, AWrongPasswordOfOursLosesNoLetter) {
  ASSERT_EQ(invite(*admin, "ann", Json::array({"accountant"})).status, 200);
  const auto letters = [&] {
    return admin->get("/api/v1/mails?where=" + percent_encoded("trouble is not empty"));
  };
  for (int tries = 0; tries < 600 && letters().json["items"].items().empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(letters().json["items"].items().at(0)["state"].string(), "waiting") << letters().text;
  EXPECT_THAT(letters().text, HasSubstr("sign-in (535)"));
  EXPECT_THAT(talon.log(), Not(HasSubstr("ann@talon.test")));
}

}  // namespace
}  // namespace talon::people
