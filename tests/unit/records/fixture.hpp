/// A small business on SQLite behind a real gate, with rules that a test writes as plans.
#pragma once

#include "host/records/records.hpp"
#include "host/storage/migrate.hpp"
#include "tests/support/fake_rights.hpp"
#include "tests/support/temporary_directory.hpp"

#include <talon/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace talon::records {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

inline constexpr int64_t kAnn = 1;
inline constexpr int64_t kCarl = 2;

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

  /// What a plugin would say of a body; empty: nothing.
  std::function<Result<void>(const model::RecordType&, std::string_view id, const Json& body)> judge;
  Result<void> check(const Call&, const model::RecordType& type, std::string_view id,
                     const Json& body) override {
    return judge ? judge(type, id, body) : Result<void>();
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

  /// The first cell of what a statement gives.
  int64_t count(const std::string& sql) {
    int64_t value = -1;
    EXPECT_TRUE(database_->read([&](storage::Reader& reader) {
      return reader.rows({sql, {}}, [&](Row row) -> Result<void> {
        value = row[0].integer();
        return {};
      });
    }));
    return value;
  }

  support::TemporaryDirectory directory_;
  std::unique_ptr<storage::Database> database_;
  std::shared_ptr<const model::Model> model_;
  std::shared_ptr<support::FakeAuthorizer> authorizer_ = std::make_shared<support::FakeAuthorizer>();
  std::unique_ptr<gate::Gate> gate_;
  support::FakeReadLog read_log_;
  FakeActions actions_;
  int64_t now_us_ = 1'780'000'000'000'000;
  std::unique_ptr<Records> records_;
};

}  // namespace talon::records
