/// A small installation behind the API: people, parties and invoices on SQLite, a real gate, rules that a
/// test writes.
#pragma once

#include "host/http/api.hpp"
#include "host/identity/host_actions.hpp"
#include "host/storage/migrate.hpp"
#include "tests/support/fake_rights.hpp"
#include "tests/support/temporary_directory.hpp"

#include <talon/id.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace talon::http::test {

/// Runs "issue": sets the number.
class FakeActions : public records::ActionRunner {
 public:
  Result<std::string> run(const gate::Call& call, const model::RecordType& type, std::string_view id,
                          std::string_view action, const Json& input) override;
  /// No plugin judges what callers write.
  Result<void> check(const gate::Call&, const model::RecordType&, std::string_view, const Json&) override {
    return {};
  }
};

model::Model api_model();

struct Answer {
  int status = 0;
  Json body;
  std::string text;
  HeaderLines headers;
  std::string header(std::string_view name) const;
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest();
  ~ApiTest() override;

  /// Lets `user` do `action` on `type` where `where` holds. @param fields  JSON list of field rules.
  void allow(int64_t user, const std::string& action, const std::string& type, const std::string& where = "",
             const std::string& fields = "[]");
  void allow_all(int64_t user, const std::string& type);
  /// Makes an active user who signs in with that e-mail address and the password "right". @return the id.
  int64_t add_user(const std::string& email);
  /// A session's token.
  std::string sign_in(const std::string& email);
  Answer call(const std::string& token, const std::string& method, const std::string& target,
              const std::string& body = {}, Pairs headers = {});
  /// Sets a user's state, as an action would.
  void set_state(int64_t user, const std::string& state);
  /// Ends the sessions that began before now, as a new password does.
  void end_sessions(int64_t user);

  support::TemporaryDirectory directory_;
  runtime::FixedClock clock_{1'795'255'200'000'000};
  std::shared_ptr<const model::Model> model_;
  std::unique_ptr<storage::Database> database_;
  std::shared_ptr<support::FakeAuthorizer> authorizer_ = std::make_shared<support::FakeAuthorizer>();
  std::unique_ptr<gate::Gate> gate_;
  FakeActions actions_;
  support::FakeReadLog read_log_;
  std::unique_ptr<records::Records> records_;
  runtime::Sealer sealer_{runtime::Secret("a key that only this test has")};
  std::unique_ptr<identity::SecondFactor> second_factor_;
  identity::Links links_{{nullptr, &clock_, nullptr, {}}};  // no mail in these tests
  identity::Removal removal_{clock_};
  std::unique_ptr<identity::HostActions> host_actions_;
  std::unique_ptr<identity::Sessions> sessions_;
  std::map<std::string, int64_t> users_;
  std::function<void()>
      while_verifying_;  ///< somebody else's doing, before a right password is known to be right
  std::function<Result<std::string>()> ready_;  ///< empty: it is
  std::unique_ptr<Api> api_;
};

}  // namespace talon::http::test
