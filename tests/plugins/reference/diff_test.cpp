/// A comparison of two sets says of every record what the reference says of it under each of them.
#include "plugins/access/diff.hpp"
#include "plugins/access/judge.hpp"
#include "tests/plugins/access/support.hpp"
#include "tests/plugins/reference/random_policy.hpp"
#include "tests/plugins/reference/stored_world.hpp"

#include <gtest/gtest.h>

namespace talon::reference {
namespace {

constexpr int kInvoicesCompared = 60;

std::shared_ptr<const access::CompiledSet> set_of(const std::vector<Document>& documents) {
  Mistakes mistakes;
  auto set = *access::Authority::prepare(write_documents(documents), *access::example_model(), mistakes);
  return mistakes.empty() ? set : nullptr;
}

/// One person under two sets.
class OnePerson {
 public:
  OnePerson(const Random& random, const access::TwoSets& sets, const Reference& before,
            const Reference& after, const StoredWorld& stored, const User& user)
      : random_(random), before_(before), after_(after), stored_(stored), user_(user) {
    comparison_ = access::compare_sets(sets, {person_of(user)}, today(),
                                       [&](std::string_view, std::string_view number) {
                                         return Result<std::optional<int64_t>>(stored.find_number(number));
                                       });
  }

  int64_t gained = 0;
  int64_t lost = 0;

  void check_records(const std::string& action) {
    for (const Record* record : random_.records) {
      const bool was = before_.may(user_, action, *record, kToday);
      const bool is = after_.may(user_, action, *record, kToday);
      const access::RightChange* change = find(action, "");
      const bool is_gained =
          change != nullptr && holds(change->after, *record) && !holds(change->before, *record);
      const bool is_lost =
          change != nullptr && holds(change->before, *record) && !holds(change->after, *record);
      gained += is_gained ? 1 : 0;
      lost += is_lost ? 1 : 0;
      ASSERT_EQ(is_gained, is && !was) << action << " " << record->id << " " << user_.email;
      ASSERT_EQ(is_lost, was && !is) << action << " " << record->id << " " << user_.email;
      if (change == nullptr) continue;
      ASSERT_TRUE(change->may_gain() || !is_gained) << action << " " << record->id;
      ASSERT_TRUE(change->may_lose() || !is_lost) << action << " " << record->id;
      // As a filter, without Unknown: what is counted.
      ASSERT_EQ(settled(access::both_of(change->after, access::is_not_true(change->before)), *record),
                is_gained);
      ASSERT_EQ(settled(access::both_of(change->before, access::is_not_true(change->after)), *record),
                is_lost);
    }
  }

  void check_field(const std::string& field) {
    for (const Record* record : random_.records) {
      const bool is_seen_in_both =
          before_.may(user_, "view", *record, kToday) && after_.may(user_, "view", *record, kToday);
      if (!is_seen_in_both) continue;
      const Level was = before_.level(user_, field, *record, kToday);
      const Level is = after_.level(user_, field, *record, kToday);
      const access::RightChange* change = find("see", field);
      const bool may_see = change != nullptr && holds(change->among, *record) &&
                           holds(change->after, *record) && !holds(change->before, *record);
      ASSERT_EQ(may_see, was == Level::Hidden && is != Level::Hidden)
          << field << " of " << record->id << " " << user_.email;
    }
  }

 private:
  const access::RightChange* find(const std::string& action, const std::string& field) const {
    for (const access::RightChange& change : comparison_.changes) {
      if (change.type == "invoice" && change.action == action && change.field == field) return &change;
    }
    return nullptr;
  }
  expression::Truth truth(const expression::Expression& condition, const Record& record) const {
    return access::truth_of(
        condition, [&](std::string_view path) { return stored_.values(record, {std::string(path)}).front(); },
        today().packed());
  }
  bool holds(const expression::Expression& condition, const Record& record) const {
    return truth(condition, record) == expression::Truth::True;
  }
  bool settled(const expression::Expression& condition, const Record& record) const {
    return holds(condition, record);
  }

  const Random& random_;
  const Reference& before_;
  const Reference& after_;
  const StoredWorld& stored_;
  const User& user_;
  access::Comparison comparison_;
};

TEST(Diff, SaysOfEveryRecordWhatTheReferenceSaysUnderEachSet) {
  int pairs = 0;
  int64_t gained = 0;
  int64_t lost = 0;
  for (uint32_t seed = 1; pairs < 60 && !HasFailure(); ++seed) {
    const Random random = random_installation(seed, kInvoicesCompared);
    std::vector<std::pair<std::string, std::string>> changed =
        random_installation(seed + 5000, kInvoicesCompared).files;
    // Every other time one file alone is another.
    if (seed % 2 == 0) {
      std::swap(changed[3], changed[0]);
      const auto rules = changed[0];
      changed = random.files;
      changed[3] = rules;
    }
    const auto before_documents = access::documents_of(random.files);
    const auto after_documents = access::documents_of(changed);
    const auto before = set_of(before_documents);
    const auto after = set_of(after_documents);
    if (before == nullptr || after == nullptr) continue;
    ++pairs;
    const StoredWorld stored(random.world, *access::example_model());
    const Reference reference_before(before_documents, *access::example_model(), random.world);
    const Reference reference_after(after_documents, *access::example_model(), random.world);
    for (const User& user : random.people) {
      OnePerson one(random, {*before, *after}, reference_before, reference_after, stored, user);
      for (const char* action : {"view", "edit", "approve"}) one.check_records(action);
      for (const std::string& field : asked_fields()) one.check_field(field);
      gained += one.gained;
      lost += one.lost;
    }
  }
  std::printf("compared %d pairs of sets: %lld rights gained, %lld lost\n", pairs,
              static_cast<long long>(gained), static_cast<long long>(lost));
  EXPECT_GT(gained, 1000);
  EXPECT_GT(lost, 1000);
}

TEST(Diff, ASetDoesNotDifferFromItself) {
  for (uint32_t seed = 1; seed < 20; ++seed) {
    const Random random = random_installation(seed, kInvoicesCompared);
    const auto set = set_of(access::documents_of(random.files));
    auto renamed = random.files;  // another file and other lines are no other rules
    renamed[3].first = "rules/other.yaml";
    renamed[3].second = "# moved\n" + renamed[3].second;
    const auto same = set_of(access::documents_of(renamed));
    if (set == nullptr || same == nullptr) continue;
    std::vector<access::Person> people;
    for (const User& user : random.people) people.push_back(person_of(user));
    const auto comparison = access::compare_sets({*set, *same}, people, today(), {});
    EXPECT_TRUE(comparison.changes.empty()) << "seed " << seed;
    EXPECT_FALSE(comparison.widens());
  }
}

}  // namespace
}  // namespace talon::reference
