/// A running talond with a small business in it: our company, two clients, one person per role.
#pragma once

#include "tests/support/running_talon.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace talon::support {

/// Makes parties, people and documents over the API, as people do.
class Business {
 public:
  explicit Business(TalonOptions options = {}) : talon(std::move(options)) {}

  /// Starts talond and signs the administrator in.
  void open();
  std::string party(const Json& fields);
  std::string person(const std::string& name, const std::string& role, const Json& facts = Json::object());
  /// A client for whoever signs in as NAME@talon.test.
  std::unique_ptr<ApiClient> as(const std::string& name) const;
  /// A draft of one line for `client`, made by `who`. @return its id.
  std::string draft(ApiClient& who, const std::string& client, const std::string& price = "100.00");
  /// Issues it with a fresh key.
  Answer issue(ApiClient& who, const std::string& invoice);
  /// A new idempotency key as a header line.
  std::string key();

  RunningTalon talon;
  std::unique_ptr<ApiClient> admin;
  std::string company;
  std::string acme;
  std::string bolt;

 private:
  int keys_ = 0;
};

}  // namespace talon::support
