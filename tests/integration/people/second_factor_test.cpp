/// Second factors at the running daemon: once, by role, for sensitive acts, sealed at rest.
#include "tests/integration/people/house.hpp"

#include <liboath/oath.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

namespace talon::people {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Somebody's app: makes codes of a base-32 secret.
class App {
 public:
  explicit App(std::string_view secret) {
    char* raw = nullptr;
    std::size_t size = 0;
    EXPECT_EQ(oath_base32_decode(secret.data(), secret.size(), &raw, &size), OATH_OK);
    secret_.assign(raw, size);
    std::free(raw);
    step_ = static_cast<uint64_t>(std::time(nullptr) / 30) - 1;
  }
  /// The code of the step before now, then of now, then of the next: three that the daemon takes one by one.
  std::string next() { return code(step_++); }
  std::string code(uint64_t step) const {
    std::array<char, 7> out{};
    EXPECT_EQ(oath_hotp_generate(secret_.data(), secret_.size(), step, 6, false, OATH_HOTP_DYNAMIC_TRUNCATION,
                                 out.data()),
              OATH_OK);
    return out.data();
  }

 private:
  std::string secret_;
  uint64_t step_;
};

Json code_of(const std::string& code) { return Json::object({{"code", code}}); }

class SecondFactors : public People {
 protected:
  explicit SecondFactors(support::TalonOptions options = {}) : People(std::move(options)) {}
  /// Sets one up for whoever is signed in. @return the recovery codes.
  Json enrol(ApiClient& who) {
    const Answer begun = who.post("/api/v1/me/second_factor", Json::object());
    EXPECT_EQ(begun.status, 201) << begun.text;
    secret_ = begun.json["secret"].string();
    EXPECT_THAT(std::string(begun.json["uri"].string()), HasSubstr("otpauth://totp/Talon:"));
    app_ = std::make_unique<App>(secret_);
    const Answer confirmed = who.post("/api/v1/me/second_factor/confirm", code_of(app_->next()));
    EXPECT_EQ(confirmed.status, 200) << confirmed.text;
    return confirmed.json["recovery_codes"];
  }
  Answer sign_in_by_code(const std::string& email, const std::string& code,
                         const std::string& address = "127.0.0.1") const {
    return sign_in_with(
        Json::object({{"email", email}, {"password", RunningTalon::kPassword}, {"second_factor", code}}),
        address);
  }

  std::string secret_;
  std::unique_ptr<App> app_;
};

TEST_F(SecondFactors, ACodeIsGoodOnceTheSecondUseIsRefusedAndLoggedAndOthersAreUnaffected) {
  const std::string ann = person("ann", "accountant");
  person("bob", "accountant");
  const auto first = as("ann");
  const auto other = as("ann");
  const Json recovery = enrol(*first);
  EXPECT_EQ(recovery.items().size(), 10U);
  EXPECT_EQ(first->get("/api/v1/parties").status, 200) << "it was shown here just now";
  const Answer behind = other->get("/api/v1/parties");
  EXPECT_EQ(behind.status, 403) << "another open session has not shown it";
  EXPECT_EQ(behind.json["second_factor"].string(), "code");

  const std::string code = app_->next();
  EXPECT_EQ(sign_in_by_code("ann@talon.test", code).status, 201);
  const Answer again = sign_in_by_code("ann@talon.test", code);
  EXPECT_EQ(again.status, 401) << "the same code in its window";
  EXPECT_EQ(other->post("/api/v1/session/proof", code_of(code)).status, 401);
  EXPECT_EQ(sign_in_by_code("ann@talon.test", "000000", "127.0.0.9").status, 401);
  EXPECT_EQ(other->get("/api/v1/parties").status, 403);
  EXPECT_EQ(other->post("/api/v1/session/proof", code_of(app_->next())).status, 204);
  EXPECT_EQ(other->get("/api/v1/parties").status, 200);
  EXPECT_EQ(logged("action is second_factor_refused", {"code_used", ann}), 2);
  EXPECT_EQ(logged("action is second_factor_refused", {"code_wrong"}), 1);
  EXPECT_EQ(sign_in("bob@talon.test", RunningTalon::kPassword).status, 201);

  // A recovery code is good once too.
  const std::string spare(recovery.items()[3].string());
  EXPECT_EQ(sign_in_by_code("ann@talon.test", spare, "127.0.0.10").status, 201);
  EXPECT_EQ(sign_in_by_code("ann@talon.test", spare, "127.0.0.10").status, 401);
  const Answer kept = first->get("/api/v1/authenticators");
  ASSERT_EQ(kept.json["items"].items().size(), 1U) << kept.text;
  EXPECT_EQ(kept.json["items"].items()[0]["recovery_left"].integer(), 9);
  EXPECT_THAT(kept.text, Not(HasSubstr("secret")));
}

TEST_F(SecondFactors, TwoSignInsWithOneCodeAtTheSameMomentAreOne) {
  person("ann", "accountant");
  const auto ann = as("ann");
  enrol(*ann);
  const std::string code = app_->next();
  std::array<int, 4> status{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < status.size(); ++i) {
      threads.emplace_back([&, i] {
        status[i] = sign_in_by_code("ann@talon.test", code, "127.0.1." + std::to_string(i + 1)).status;
      });
    }
  }
  EXPECT_EQ(std::count(status.begin(), status.end(), 201), 1);
  EXPECT_EQ(std::count(status.begin(), status.end(), 401), 3);
}

TEST_F(SecondFactors, AnEnforcedRoleReachesOnlyItsEnrolment) {
  const std::string path = talon.config("policies/rules/people.yaml");
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string before = "      # except: [admin, accountant]";
  const std::size_t at = text.find(before);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, before.size(), "      except: accountant");
  ASSERT_EQ(talon.stop(), 0);
  std::ofstream(path) << text;
  open();
  person("ann", "accountant");
  person("sam", "sales");
  const Answer signed_in = sign_in("ann@talon.test", RunningTalon::kPassword);
  ASSERT_EQ(signed_in.status, 201);
  EXPECT_EQ(signed_in.json["second_factor"].string(), "enrolment");
  ApiClient ann(talon.port(), std::string(signed_in.json["token"].string()));
  const Answer paths = admin->get("/openapi.json");
  int tried = 0;
  for (const auto& [route, methods] : paths.json["paths"].members()) {
    const bool is_own_account = route.starts_with("/session") || route.starts_with("/me");
    if (is_own_account || route.find('{') != std::string::npos) continue;
    for (const auto& [method, operation] : methods.members()) {
      if (method != "get" && method != "post") continue;
      const Answer refused =
          ann.call(method == "get" ? "GET" : "POST", "/api/v1" + route, method == "get" ? "" : "{}");
      EXPECT_EQ(refused.status, 403) << method << " " << route;
      EXPECT_EQ(refused.json["second_factor"].string(), "enrolment") << method << " " << route;
      ++tried;
    }
  }
  EXPECT_GT(tried, 60);
  EXPECT_EQ(ann.post("/api/v1/me/tokens", Json::object({{"name", "way out"}})).status, 403);
  EXPECT_EQ(ann.get("/api/v1/me").json["second_factor"]["missing"].string(), "enrolment");
  EXPECT_EQ(as("sam")->get("/api/v1/parties").status, 200) << "other roles go on";
  enrol(ann);
  EXPECT_EQ(ann.get("/api/v1/parties").status, 200);
  const Answer without = sign_in("ann@talon.test", RunningTalon::kPassword);
  EXPECT_EQ(without.json["second_factor"].string(), "code") << "the password alone is not enough from now on";
}

class StepUp : public SecondFactors {
 protected:
  StepUp()
      : SecondFactors(
            {.settings = "security: {step_up: {acts: [user.disable, authenticator.delete], fresh: 3s}}\n"}) {}
  /// Asks until the proof of the sign-in is too old.
  static Answer until_refused(const std::function<Answer()>& ask) {
    Answer answer = ask();
    while (answer.status / 100 == 2) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      answer = ask();
    }
    return answer;
  }
};

TEST_F(StepUp, ASensitiveActAsksForAFreshProofAndATokenCannotGiveOne) {
  const std::string bob = person("bob", "sales");
  const auto turn = [&](const char* verb) {
    return admin->post("/api/v1/users/" + bob + "/" + verb, Json::object());
  };
  const Answer stale = until_refused([&] {
    const Answer disabled = turn("disable");
    if (disabled.status == 200) turn("enable");
    return disabled;
  });
  EXPECT_EQ(stale.status, 403) << stale.text;
  EXPECT_EQ(stale.json["proof"]["with"].string(), "password");
  EXPECT_EQ(admin->post("/api/v1/session/proof", Json::object({{"password", "wrong"}})).status, 401);
  EXPECT_EQ(turn("disable").status, 403);
  EXPECT_EQ(
      admin->post("/api/v1/session/proof", Json::object({{"password", RunningTalon::kPassword}})).status,
      204);
  EXPECT_EQ(turn("disable").status, 200);
  const Answer issued = admin->post("/api/v1/me/tokens", Json::object({{"name", "script"}}));
  ASSERT_EQ(issued.status, 201) << issued.text;
  ApiClient script(talon.port(), std::string(issued.json["token"].string()));
  EXPECT_EQ(script.post("/api/v1/users/" + bob + "/enable", Json::object()).status, 200)
      << "no sensitive act";
  EXPECT_EQ(script.post("/api/v1/users/" + bob + "/disable", Json::object()).status, 403);
  EXPECT_GE(logged("action is denied", {"user.disable"}), 2);
}

TEST_F(StepUp, WithASecondFactorThePasswordIsNoProof) {
  person("ann", "accountant");
  const auto ann = as("ann");
  enrol(*ann);
  const Answer stale =
      until_refused([&] { return ann->post("/api/v1/me/second_factor/recovery_codes", Json::object()); });
  EXPECT_EQ(stale.json["proof"]["with"].string(), "second_factor");
  EXPECT_EQ(ann->post("/api/v1/session/proof", Json::object({{"password", RunningTalon::kPassword}})).status,
            400);
  const Answer kept = ann->get("/api/v1/authenticators");
  const std::string path =
      "/api/v1/authenticators/" + std::string(kept.json["items"].items().at(0)["id"].string());
  const auto remove = [&] {
    return ann->call("DELETE", path, {}, "If-Match: " + ann->get(path).headers.at("etag") + "\r\n").status;
  };
  EXPECT_EQ(remove(), 403);
  EXPECT_EQ(ann->post("/api/v1/session/proof", code_of(app_->next())).status, 204);
  EXPECT_EQ(remove(), 204);
  EXPECT_EQ(sign_in("ann@talon.test", RunningTalon::kPassword).json["second_factor"].string(), "");
}

TEST_F(SecondFactors, SecretsAreSealedWithTheInstallationsKeyAndWithoutItNothingStarts) {
  person("ann", "accountant");
  enrol(*as("ann"));
  const auto stored =
      support::run_program({"sqlite3", talon.data("talon.db"),
                            "select secret from authenticators; select content from audit_entries"});
  ASSERT_TRUE(stored);
  EXPECT_THAT(stored->output, ::testing::StartsWith("v1."));
  EXPECT_THAT(stored->output, Not(HasSubstr(secret_)));
  const std::filesystem::path key = talon.data("installation.key");
  EXPECT_EQ(std::filesystem::status(key).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_EQ(talon.stop(), 0);
  std::filesystem::rename(key, talon.data("kept.key"));
  const auto without = talon.start();
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("another installation key"));
  std::filesystem::rename(talon.data("kept.key"), key);
  open();
  EXPECT_EQ(sign_in_by_code("ann@talon.test", app_->next()).status, 201);
}

}  // namespace
}  // namespace talon::people
