/// Three evaluators, one answer: the gate in memory, the gate as SQL, and the reference.
#include "host/gate/row_filter.hpp"
#include "tests/plugins/access/support.hpp"
#include "tests/plugins/reference/random_policy.hpp"
#include "tests/plugins/reference/stored_world.hpp"

#include <talon/id.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace talon::reference {
namespace {

constexpr int kInvoicesAgreed = 500;

int long_run() {
  const char* times = std::getenv("TALON_CONDITIONS");
  return times == nullptr ? 1 : std::max(1, std::atoi(times));
}

/// One random installation, judged for everybody in every way.
class Agreement {
 public:
  explicit Agreement(uint32_t seed)
      : seed_(seed), random_(random_installation(seed, kInvoicesAgreed)), model_(access::example_model()) {
    documents_ = access::documents_of(random_.files);
    Mistakes mistakes;
    set_ = *access::Authority::prepare(write_documents(documents_), *model_, mistakes);
    // Roles that may not be held together refuse a set as a whole; anything else is the generator's fault.
    for (const Mistake& mistake : mistakes) {
      is_refused_ = true;
      EXPECT_NE(mistake.message.find(" together"), std::string::npos) << mistake.to_string() << shown();
    }
  }

  bool is_refused() const { return is_refused_; }
  int64_t decisions = 0;
  int64_t levels = 0;
  int64_t allowed = 0;

  void compare() {
    const StoredWorld stored(random_.world, *model_);
    const Reference reference(documents_, *model_, random_.world);
    for (const User& user : random_.people) {
      const access::Subject subject =
          make_subject(*set_, person_of(user), today(), [&](std::string_view, std::string_view number) {
            return Result<std::optional<int64_t>>(stored.find_number(number));
          });
      for (const char* action : {"view", "edit", "approve"}) {
        const access::Plan plan = make_plan(*set_, subject, action, "invoice", today());
        const auto json = Json::parse(plan_json(*set_, plan, 0));
        auto read = gate::read_plan(*json, *model_, *model_->find("invoice"));
        ASSERT_TRUE(read) << read.error().message << shown();
        const auto decision = *gate::Decision::compile(*std::move(read), *model_, *model_->find("invoice"));
        judge(reference, stored, user, action, *decision);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }

 private:
  void judge(const Reference& reference, const StoredWorld& stored, const User& user, const char* action,
             const gate::Decision& decision) {
    const std::set<int64_t> by_sql = stored.selected(decision, today().packed());
    for (const Record* record : random_.records) {
      const bool expected = reference.may(user, action, *record, kToday);
      const std::vector<Value> values = stored.values(*record, decision.slots());
      std::vector<Cell> row;
      for (const Value& value : values) row.push_back(value.cell());
      const bool in_memory = decision.allows_row(row, today().packed());
      const bool in_sql = by_sql.count(*parse_id(record->id)) > 0;
      ++decisions;
      allowed += expected ? 1 : 0;
      ASSERT_EQ(in_memory, expected) << action << " " << record->id << " by " << user.email << shown();
      ASSERT_EQ(in_sql, expected) << "SQL: " << action << " " << record->id << " by " << user.email
                                  << shown();
    }
    if (action[0] != 'v' || !user.is_active) return;
    for (const std::string& field : asked_fields()) {
      const std::map<int64_t, int64_t> levels_by_sql = stored.levels(decision, field, today().packed());
      for (std::size_t i = 0; i < random_.records.size(); i += 7) {
        const Record& record = *random_.records[i];
        const std::vector<Value> values = stored.values(record, decision.slots());
        std::vector<Cell> row;
        for (const Value& value : values) row.push_back(value.cell());
        const int expected = static_cast<int>(reference.level(user, field, record, kToday));
        ++levels;
        ASSERT_EQ(static_cast<int>(decision.level(field, row, today().packed())), expected)
            << field << " of " << record.id << " for " << user.email << shown();
        ASSERT_EQ(levels_by_sql.at(*parse_id(record.id)), expected)
            << "SQL: " << field << " of " << record.id << " for " << user.email << shown();
      }
    }
  }

  std::string shown() const {
    std::string text = "\nseed " + std::to_string(seed_) + "\n";
    for (const auto& [file, content] : random_.files)
      text.append("--- ").append(file).append("\n").append(content);
    return text;
  }

  uint32_t seed_;
  Random random_;
  std::shared_ptr<const model::Model> model_;
  std::vector<Document> documents_;
  std::shared_ptr<const access::CompiledSet> set_;
  bool is_refused_ = false;
};

TEST(Agreement, MemorySqlAndTheReferenceDecideAlike) {
  int64_t decisions = 0;
  int64_t levels = 0;
  int64_t allowed = 0;
  const int64_t wanted = INT64_C(1000000) * long_run();
  for (uint32_t seed = 1; decisions < wanted && !HasFailure(); ++seed) {
    Agreement one(seed);
    if (one.is_refused()) continue;
    one.compare();
    decisions += one.decisions;
    levels += one.levels;
    allowed += one.allowed;
  }
  std::printf("compared %lld random decisions (%lld allowed) and %lld field levels three ways\n",
              static_cast<long long>(decisions), static_cast<long long>(allowed),
              static_cast<long long>(levels));
  EXPECT_GT(allowed, decisions / 50) << "the random policies allow too little to tell anything";
  EXPECT_LT(allowed, decisions * 9 / 10);
}

}  // namespace
}  // namespace talon::reference
