/// The shipped policies (config/policies): no mistakes, every role is tested, and the tests notice what is
/// taken away.
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::access {
namespace {

TEST(Shipped, HasNoMistakeAndItsTestsPass) {
  TestReport report;
  Mistakes mistakes;
  const auto set = Authority::prepare(shipped_documents(), *shipped_model(), mistakes, &report);
  EXPECT_THAT(lines_of(mistakes), testing::IsEmpty());
  EXPECT_GE(report.assertions, 300);
}

}  // namespace
}  // namespace talon::access
