/// `explain` tells what is enforced: the same verdict and level as the gate's, for random people, records and
/// actions (M-36).
#include "tests/plugins/access/support.hpp"
#include "tests/plugins/reference/random_policy.hpp"
#include "tests/plugins/reference/stored_world.hpp"

#include <gtest/gtest.h>
#include <talon/id.hpp>
#include <talon/testing/plugin_under_test.hpp>

namespace talon::reference {
namespace {

constexpr int kInvoicesExplained = 40;
const std::vector<std::string> kAsked = {"view", "edit", "approve", "create", "delete"};

/// The access plugin with the random people and records behind it.
class Installation {
 public:
  explicit Installation(const Random& random)
      : random_(random),
        host_(*access::example_model()),
        plugin_(host_),
        stored_(random.world, *access::example_model()) {
    TALON_CHECK(static_cast<bool>(plugin_.created()));
    TALON_CHECK(static_cast<bool>(plugin_.start()));
    host_.clock.advance(std::chrono::sys_days(std::chrono::year(2026) / 12 / 10).time_since_epoch() +
                        std::chrono::hours(12) - std::chrono::microseconds(host_.clock.now_us()));
    for (const char* type : {"partner", "franchise", "outlet", "client", "invoice"}) add_all(type);
    for (const User& user : random.people) add(user);
  }

  bool load() {
    const auto mistakes = plugin_.load(access::documents_of(random_.files), *access::example_model());
    return mistakes && mistakes->empty();
  }

  /// @return what explain says and what the gate does, as texts to be compared.
  std::pair<std::string, std::string> ask(const User& user, const std::string& action, const Record& record,
                                          const std::string& field) {
    const auto answer = plugin_.command("explain", Json::object({{"user", user.email},
                                                                 {"action", action},
                                                                 {"type", "invoice"},
                                                                 {"record", record.id},
                                                                 {"field", field}}));
    TALON_CHECK(static_cast<bool>(answer));
    const Json said = *Json::parse(*answer);
    const auto decision = decide(user, action);
    const std::vector<Value> values = stored_.values(record, decision->slots());
    std::vector<Cell> row;
    for (const Value& value : values) row.push_back(value.cell());
    int rule = -1;
    const bool is_allowed = decision->allows_row(row, today().packed(), &rule);
    static const char* const kLevels[] = {"hidden", "masked", "read_only", "edit"};
    const auto level = static_cast<std::size_t>(decision->level(field, row, today().packed()));
    const std::string place =
        rule < 0 ? std::string()
                 : (static_cast<std::size_t>(rule) < decision->denies().size()
                        ? decision->denies().all()[static_cast<std::size_t>(rule)]
                        : decision->allows()[static_cast<std::size_t>(rule) - decision->denies().size()])
                       .place;
    const std::string enforced = std::string(is_allowed ? "yes " : "no ") + kLevels[level] + " " + place;
    const std::string explained = std::string(said["allowed"].boolean() ? "yes " : "no ") +
                                  std::string(said["level"].string()) + " " +
                                  std::string(said["decided_by"]["place"].string());
    return {explained, enforced};
  }

 private:
  void add_all(const std::string& type) {
    for (const auto& [id, record] : random_.world) {
      if (record.type != type) continue;
      talon::testing::FakeRecord stored{type, {}};
      std::vector<std::string> names = {"created_by"};
      for (const model::Field& field : access::example_model()->find(type)->fields)
        names.push_back(field.name);
      const std::vector<Value> values = stored_.values(record, names);
      for (std::size_t i = 0; i < names.size(); ++i) stored.values[names[i]] = values[i];
      TALON_CHECK(host_.store().put(std::move(stored)) == *parse_id(id));
    }
  }

  void add(const User& user) {
    const int64_t id = host_.add(
        "user",
        {{"name", user.email}, {"email", user.email}, {"state", user.is_active ? "active" : "disabled"}});
    ids_[user.id] = id;
    TALON_CHECK(id == *parse_id(user.id));
    int64_t position = 0;
    for (const Grant& grant : user.roles) {
      ChangeSet::Fields fields = {{"user", id}, {"role", grant.role}, {"position", ++position}};
      if (!grant.from.empty()) fields.emplace_back("from", Date::parse(grant.from)->packed());
      if (!grant.until.empty()) fields.emplace_back("until", Date::parse(grant.until)->packed());
      rows_.emplace_back("user_role", fields);
    }
    for (const auto& [fact, values] : user.facts) {
      for (const std::string& value : values)
        rows_.emplace_back(
            "user_fact",
            ChangeSet::Fields{{"user", id}, {"fact", fact}, {"value", value}, {"position", ++position}});
    }
    if (ids_.size() < random_.people.size()) return;
    for (const auto& [type, fields] : rows_) host_.add(type, fields);
  }

  std::shared_ptr<const gate::Decision> decide(const User& user, const std::string& action) {
    auto& kept = decisions_[user.id + action];
    if (kept) return kept;
    const std::string principal =
        Json::object({{"kind", "user"}, {"user", user.id}, {"roles", Json::array()}}).to_string();
    const auto* table = plugin_.table<talon_authorizer_v1>(TALON_AUTHORIZER_V1);
    boundary::StringWriter out;
    boundary::StringWriter error;
    TALON_CHECK(table->plan(plugin_.self(), boundary::text(principal), boundary::text(action),
                            boundary::text(std::string_view("invoice")), &out, &error) == TALON_OK);
    const model::RecordType& type = *access::example_model()->find("invoice");
    kept = *gate::Decision::compile(*gate::read_plan(*Json::parse(out.text), *access::example_model(), type),
                                    *access::example_model(), type);
    return kept;
  }

  const Random& random_;
  talon::testing::FakeHost host_;
  talon::testing::PluginUnderTest plugin_;
  StoredWorld stored_;
  std::map<std::string, int64_t> ids_;
  std::vector<std::pair<std::string, ChangeSet::Fields>> rows_;
  std::map<std::string, std::shared_ptr<const gate::Decision>> decisions_;
};

TEST(Explain, AgreesWithEnforcementOnTenThousandRandomQuestions) {
  constexpr int kQuestions = 10000;
  int asked = 0;
  int allowed = 0;
  std::mt19937 random(1);
  for (uint32_t seed = 1; asked < kQuestions && !HasFailure(); ++seed) {
    const Random made = random_installation(seed, kInvoicesExplained);
    Installation installation(made);
    if (!installation.load()) continue;
    for (int i = 0; i < 400 && asked < kQuestions; ++i, ++asked) {
      const User& user = made.people[random() % made.people.size()];
      const std::string& action = kAsked[random() % kAsked.size()];
      const Record& record = *made.records[random() % made.records.size()];
      const std::string& field = asked_fields()[random() % asked_fields().size()];
      const auto [explained, enforced] = installation.ask(user, action, record, field);
      allowed += enforced[0] == 'y' ? 1 : 0;
      ASSERT_EQ(explained, enforced) << "seed " << seed << ": " << user.email << " " << action << " "
                                     << record.id << " " << field;
    }
  }
  std::printf("asked %d random questions (%d allowed)\n", asked, allowed);
  EXPECT_GT(allowed, kQuestions / 20);
}

}  // namespace
}  // namespace talon::reference
