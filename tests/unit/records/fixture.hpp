/// A small business on SQLite behind a real gate, with rules that a test writes as plans.
#pragma once

#include "host/records/records.hpp"
#include "host/storage/migrate.hpp"
#include "tests/support/temporary_directory.hpp"

#include <talon/id.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace talon::records {

/// Plans by "USER.ACTION.TYPE" ("7.view.invoice"); what is not there is an empty plan.
class FakeAuthorizer : public gate::Authorizer {
 public:
  std::map<std::string, std::string> plans;

  Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) override {
    const auto user = parse_id(principal["user"].string(), "usr");
    const auto found =
        plans.find(std::to_string(user ? *user : 0) + "." + std::string(action) + "." + std::string(type));
    return found == plans.end() ? std::string(R"({"policy_set":"test","deny":[],"allow":[],"fields":[]})")
                                : found->second;
  }
  Result<std::string> explain(std::string_view) override { return std::string("{}"); }
};

/// Keeps what it was given.
class FakeReadLog : public ReadLog {
 public:
  std::vector<Json> entries;
  bool is_broken = false;

  Result<void> read(const Json& entry) override {
    if (is_broken) return unavailable("the disk is full");
    entries.push_back(entry);
    return {};
  }
};

/// Runs a function of the test as the action's code.
class FakeActions : public ActionRunner {
 public:
  std::function<Result<std::string>(std::string_view id, const Json& input)> code;
  int runs = 0;

  Result<std::string> run(const Call&, const model::RecordType&, std::string_view id, std::string_view,
                          const Json& input) override {
    ++runs;
    return code(id, input);
  }
};

model::Model test_model();

class RecordsTest : public ::testing::Test {
 protected:
  RecordsTest();

  static Call as(int64_t user) {
    Call call;
    call.principal.kind = gate::Principal::Kind::User;
    call.principal.user = user;
    call.channel = "test";
    call.request_id = "req";
    return call;
  }
  static Call system() {
    Call call;
    call.principal.kind = gate::Principal::Kind::System;
    call.channel = "test";
    return call;
  }

  /// Lets `user` do `action` on `type` where `where` holds. @param fields  JSON list of field rules.
  void allow(int64_t user, const std::string& action, const std::string& type, const std::string& where = "",
             const std::string& fields = "[]");
  /// All of a type.
  void allow_all(int64_t user, const std::string& type);
  std::string create(int64_t user, const std::string& type, const std::string& body);
  /// The rows of a query as JSON texts, in order.
  Result<std::vector<std::string>> rows(const Call& call, QueryRequest request, PageEnd* end = nullptr);

  support::TemporaryDirectory directory_;
  std::unique_ptr<storage::Database> database_;
  std::shared_ptr<const model::Model> model_;
  std::shared_ptr<FakeAuthorizer> authorizer_ = std::make_shared<FakeAuthorizer>();
  std::unique_ptr<gate::Gate> gate_;
  FakeReadLog read_log_;
  FakeActions actions_;
  int64_t now_us_ = 1'780'000'000'000'000;
  std::unique_ptr<Records> records_;
};

}  // namespace talon::records
