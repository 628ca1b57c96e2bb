/// A house for tests: the five billing plugins over real records on an embedded database, with everything
/// allowed.
#pragma once

#include "host/model/load.hpp"
#include "host/plugins/plugins.hpp"
#include "host/records/records.hpp"
#include "host/storage/migrate.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <talon/id.hpp>

#include <memory>
#include <string>
#include <vector>

namespace talon {

/// Allows every user everything: what is tested here is what nobody may do.
class AllowEverything : public gate::Authorizer {
 public:
  Result<std::string> plan(const Json&, std::string_view, std::string_view) override {
    return std::string(
        R"({"policy_set":"all","deny":[],"allow":[{"rule":"all","place":"test:1","where":""}],"fields":[]})");
  }
  Result<std::string> explain(std::string_view) override { return std::string("{}"); }
};

class NoReadLog : public records::ReadLog {
 public:
  Result<void> read(const Json&) override { return {}; }
};

class House : public ::testing::Test {
 protected:
  House();
  ~House() override;

  /// As a user, with a key of its own each time.
  gate::Call call();
  /// @return the new record's id.
  std::string create(std::string_view type, const std::string& body);
  /// @param id  empty: an action on the type.
  Result<Json> act(std::string_view type, std::string_view id, std::string_view action,
                   const std::string& input = "{}");
  /// The same, where it must work.
  Json done(std::string_view type, std::string_view id, std::string_view action,
            const std::string& input = "{}");
  Json get(std::string_view type, std::string_view id);
  /// Ids of a type, in the order of creation.
  std::vector<std::string> ids(std::string_view type, std::string_view where = {});
  /// Hands the outbox's events of that name to a plugin, each twice, as a delivery may.
  void deliver(std::string_view plugin, std::string_view event);
  /// Runs a statement through the application's own connection.
  Result<void> sql(const std::string& text);

  support::TemporaryDirectory directory;
  runtime::FixedClock clock{1795255200000000};  // 2026-11-21T10:00:00Z
  std::shared_ptr<const model::Model> model;
  std::unique_ptr<storage::Database> database;
  std::unique_ptr<plugins::Plugins> plugins;
  std::unique_ptr<gate::Gate> gate;
  std::unique_ptr<records::Records> records;
  NoReadLog read_log;
  int keys = 0;
  std::string user;
  std::string company;
  std::string client;
};

}  // namespace talon
