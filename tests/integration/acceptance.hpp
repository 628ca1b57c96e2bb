/// What tests against a running business share: its words, waiting, and files that are changed under it.
#pragma once

#include "tests/support/business.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

namespace talon::acceptance {

using support::Answer;
using support::ApiClient;
using support::Business;
using support::percent_encoded;
using ::testing::HasSubstr;
using ::testing::Not;

/// Asks again until it holds, or the time is over. @return whether it held.
inline bool soon(const std::function<bool()>& holds,
                 std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  do {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  } while (std::chrono::steady_clock::now() < end);
  return holds();
}

/// Replaces the first `from` of a file.
inline void edit(const std::string& path, const std::string& from, const std::string& to) {
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  std::ofstream(path) << text.replace(at, from.size(), to);
}

/// Changes one of the rules files of a business that runs.
inline void edit_rules(const Business& business, const std::string& file, const std::string& from,
                       const std::string& to) {
  edit(business.talon.config("policies/rules/" + file), from, to);
}

/// Opens a business without the shipped tests of its rules, which would refuse the changes that a test makes
/// to them.
inline void open_for_changes(Business& business) {
  std::filesystem::remove_all(business.talon.config("policies/tests"));
  business.open();
}

}  // namespace talon::acceptance
