/// The host's tables as a plugin sees them: nothing that it hands over ends the host.
#include "host/plugins/host_tables.hpp"

#include "host/runtime/log.hpp"

#include <talon/boundary.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::plugins {
namespace {

TEST(HostTables, ALogLineOfAnyJsonIsWrittenAndEndsNothing) {
  std::vector<std::string> lines;
  runtime::log().set_sink([&](std::string_view line) { lines.emplace_back(line); });
  const HostServices services;
  Spec spec;
  spec.name = "careless";
  const HostTables tables(services, spec);
  const auto* log = static_cast<const talon_log_v1*>(
      tables.host()->table(tables.host()->self, boundary::text(TALON_LOG_V1)));
  ASSERT_NE(log, nullptr);
  const auto write = [&](std::string_view fields) {
    log->write(log->self, TALON_LOG_WARN, boundary::text("careless.spoke"), boundary::text(fields));
    return lines.empty() ? std::string() : lines.back();
  };
  EXPECT_THAT(write("[1,2]"), ::testing::HasSubstr(R"("fields":[1,2],"plugin":"careless")"));
  EXPECT_THAT(write("7"), ::testing::HasSubstr(R"("fields":7,"plugin":"careless")"));
  EXPECT_THAT(write("null"), ::testing::HasSubstr(R"("plugin":"careless")"));
  EXPECT_THAT(write(R"({"a":1})"), ::testing::HasSubstr(R"("a":1,"plugin":"careless")"));
  EXPECT_THAT(write("{"), ::testing::HasSubstr("plugin.log_line_refused"));
  runtime::log().set_sink({});
}

}  // namespace
}  // namespace talon::plugins
