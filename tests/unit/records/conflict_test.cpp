/// Unique keys that refuse a write: whose fault it is.
#include "host/records/conflict.hpp"

#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

TEST_F(RecordsTest, AnIdThatAnotherHostMadeTooIsNoFaultOfTheCaller) {
  const auto generation = Generation::make(model_);
  const auto told = [&](const char* constraint) {
    const std::string details = Json::object({{"constraint", constraint}}).to_string();
    return duplicate_error(*generation, {Code::AlreadyExists, "taken", details}).code;
  };
  EXPECT_EQ(told("audit_entries_pkey"), Code::Aborted);
  EXPECT_EQ(told("outbox_pkey"), Code::Aborted);
  EXPECT_EQ(told("parties_pkey"), Code::AlreadyExists);
}

}  // namespace
}  // namespace talon::records
