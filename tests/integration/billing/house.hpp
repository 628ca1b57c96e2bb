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

#include <atomic>
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
  Result<void> read(std::string_view) override { return {}; }
};

/// Undoes every n-th write after its work was done, as a lost connection at commit does.
class RollingBack : public storage::Database {
 public:
  RollingBack(std::unique_ptr<storage::Database> database, int every)
      : database_(std::move(database)), every_(every) {}
  storage::Dialect dialect() const override { return database_->dialect(); }
  Result<void> read(const storage::ReadWork& work) override { return database_->read(work); }
  Result<void> write(storage::Lane lane, std::string_view group, const storage::WriteWork& work) override;
  int undone() const { return undone_; }

 private:
  std::unique_ptr<storage::Database> database_;
  int every_;
  std::atomic<int> writes_ = 0;
  std::atomic<int> undone_ = 0;
};

/// Where a house keeps its data, and how often it fails.
struct HouseOptions {
  std::string url;          ///< empty: an SQLite file of its own
  int roll_back_every = 0;  ///< 0: never
  int64_t later_us = 0;     ///< after 2026-11-21 10:00 UTC: time goes on between two houses, and ids with it
};

/// Opened on a database that a house had before, it finds its company and client again.
class House {
 public:
  explicit House(const HouseOptions& options = {});
  ~House();
  House(const House&) = delete;
  House& operator=(const House&) = delete;

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
  /// Drafts and issues one invoice as user `person`, again and again until it is not undone. @return its
  /// number.
  std::string issue_one(int64_t person, const std::string& key);
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

 private:
  void open_database(const HouseOptions& options);
  std::string find_or_create(std::string_view type, std::string_view name, const std::string& body);
};

}  // namespace talon
