/// Rules that a test writes as plans, and a read log that keeps what it was given.
#pragma once

#include "host/records/records.hpp"

#include <talon/id.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace talon::support {

/// Plans by user, action and type; what is not there is an empty plan, which allows nothing.
class FakeAuthorizer : public gate::Authorizer {
 public:
  Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) override {
    if (before_plan) before_plan();
    // Nobody needs a second factor in these tests.
    if (type == "sign_in" && action == "without_second_factor") return std::string(kAll);
    const auto user = parse_id(principal["user"].string(), "usr");
    const std::lock_guard lock(mutex_);
    const auto found = plans_.find(key(user ? *user : 0, action, type));
    return found == plans_.end() ? std::string(kNothing) : found->second;
  }
  Result<std::string> explain(std::string_view question) override {
    TALON_TRY(const Json asked, Json::parse(question));
    Json shown = Json::array({shown_of("user", asked["user"], "email")});
    if (!asked["record"].string().empty())
      shown.push(shown_of(asked["type"].string(), asked["record"], "number"));
    return Json::object({{"asked", asked}, {"shown", std::move(shown)}}).to_string();
  }

  /// Lets `user` do `action` on `type` where `where` holds. @param fields  JSON list of field rules.
  /// @param valid_until  microseconds since 1970; 0: no boundary.
  void allow(int64_t user, std::string_view action, std::string_view type, const std::string& where,
             const std::string& fields, int64_t valid_until = 0) {
    const Json rule = Json::object({{"rule", "r"}, {"place", "test:1"}, {"where", where}});
    Json plan =
        Json::object({{"policy_set", "test"}, {"deny", Json::array()}, {"allow", Json::array({rule})}});
    plan.set("fields", *Json::parse(fields)).set("valid_until", valid_until);
    const std::lock_guard lock(mutex_);
    plans_[key(user, action, type)] = plan.to_string();
  }

  /// Answers with a plan as it is written.
  void set_plan(int64_t user, std::string_view action, std::string_view type, std::string plan) {
    const std::lock_guard lock(mutex_);
    plans_[key(user, action, type)] = std::move(plan);
  }

  void forbid(int64_t user, std::string_view action, std::string_view type) {
    const std::lock_guard lock(mutex_);
    plans_.erase(key(user, action, type));
  }

  std::function<void()> before_plan;  ///< set before the first question

 private:
  static constexpr std::string_view kAll =
      R"({"policy_set":"test","deny":[],"allow":[{"rule":"r","place":"test:1","where":""}],"fields":[]})";
  static constexpr std::string_view kNothing =
      R"({"policy_set":"test","deny":[],"allow":[],"fields":[],"roles":["viewer"]})";

  static Json shown_of(std::string_view type, Json record, std::string_view field) {
    return Json::object({{"type", type},
                         {"records", Json::array({std::move(record)})},
                         {"fields", Json::array({Json(field)})}});
  }
  static std::string key(int64_t user, std::string_view action, std::string_view type) {
    return std::to_string(user) + "." + std::string(action) + "." + std::string(type);
  }

  std::mutex mutex_;
  std::map<std::string, std::string> plans_;
};

class FakeReadLog : public records::ReadLog {
 public:
  Result<void> read(std::string_view entry) override {
    const std::lock_guard lock(mutex_);
    if (is_broken) return unavailable("the disk is full");
    TALON_TRY(Json json, Json::parse(entry));
    entries.push_back(std::move(json));
    return {};
  }

  std::vector<Json> entries;
  bool is_broken = false;

 private:
  std::mutex mutex_;
};

}  // namespace talon::support
