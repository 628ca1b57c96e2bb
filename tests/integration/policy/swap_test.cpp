/// The access plugin is swapped while people work: the new instance takes up the rules in force, from the
/// bytes that were kept of them, whatever lies in the folder meanwhile.
#include "tests/integration/policy/office.hpp"

#include <atomic>
#include <thread>

namespace talon::acceptance {
namespace {

/// Somebody who lists invoices all the while.
class Onlooker {
 public:
  explicit Onlooker(std::unique_ptr<ApiClient> who) : who_(std::move(who)) {}
  ~Onlooker() { stop(); }

  void stop() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int looks() const { return looks_; }
  int failed() const { return failed_; }
  int most() const { return most_; }

 private:
  void look() {
    const Answer answer = who_->get("/api/v1/invoices");
    if (answer.status != 200) ++failed_;
    most_ = std::max(most_.load(), static_cast<int>(answer.json["items"].items().size()));
    ++looks_;
  }

  std::unique_ptr<ApiClient> who_;
  std::atomic<bool> is_over_{false};
  std::atomic<int> looks_{0};
  std::atomic<int> failed_{0};
  std::atomic<int> most_{0};
  std::thread thread_{[this] {
    while (!is_over_) look();
  }};
};

/// What the audit log says of the policies, the newest first.
class Swap : public Office {
 protected:
  using Office::Office;

  Json entries() const {
    return business_.admin
        ->get("/api/v1/audit_entries?fields=action,content&order=-id&where=" +
              percent_encoded("type is host_documents_access"))
        .json["items"];
  }
  bool says(const std::string& action) const {
    return soon([&] {
      const Json found = entries();
      return !found.items().empty() && found.items()[0]["action"].string() == action;
    });
  }
  /// Of the newest change of a party: the set that it was judged by.
  std::string judged_by() const {
    const Answer made = business_.admin->post(
        "/api/v1/parties", Json::object({{"number", "N" + std::to_string(++parties_)}, {"name", "X"}}));
    EXPECT_EQ(made.status, 201) << made.text;
    const Answer newest =
        business_.admin->get("/api/v1/audit_entries?fields=policy_set&order=-id&limit=1&where=" +
                             percent_encoded("type is party and kind is change"));
    const auto& items = newest.json["items"].items();
    return items.empty() ? newest.text : std::string(items[0]["policy_set"].string());
  }
  /// Swaps often, and looks on. Everybody holds what they held.
  void swap_and_look() {
    const std::string set = judged_by();
    EXPECT_EQ(set.size(), 64U);
    Onlooker clio(business_.as("clio"));
    for (int i = 0; i < 10 || (clio.looks() < 20 && i < 1000); ++i) {
      const Answer restarted = business_.admin->post("/api/v1/plugins/access/restart", Json::object());
      ASSERT_LT(restarted.status, 300) << restarted.text;
    }
    clio.stop();
    EXPECT_EQ(clio.failed(), 0);
    EXPECT_EQ(clio.most(), 1) << "clients see what is issued, and no draft";
    EXPECT_EQ(judged_by(), set) << "the very set";
    EXPECT_EQ(business_.as("ann")->get("/api/v1/invoices").json["items"].items().size(), 3U);
  }

  std::string rules_ = business_.talon.config("policies/rules/invoicing.yaml");
  mutable int parties_ = 0;
};

TEST_F(Swap, TheRulesInForceAreTakenUpThoughTheFolderIsBroken) {
  edit(rules_, "    - allow: [view, export]\n", "    - allwo: [view, export]\n");
  ASSERT_TRUE(says("documents.refused")) << business_.talon.log();
  ASSERT_NO_FATAL_FAILURE(swap_and_look());
  EXPECT_TRUE(says("documents.refused")) << "nothing was loaded since";
  edit(rules_, "    - allwo: [view, export]\n", "    - allow: [export, view]\n");
  EXPECT_TRUE(says("documents.loaded")) << "and the new instance takes the mended files";
}

/// Where rules wait, they wait for the new instance too.
class SwapWhileRulesWait : public Swap {
 protected:
  SwapWhileRulesWait() : Swap("  settings: {access: {activate: on_command}}\n") {}
};

TEST_F(SwapWhileRulesWait, TheyAreNotInForceAndCanBePutInForce) {
  edit(rules_, "      when:\n        - state is issued\n    - allow: [view, export]\n",
       "    - allow: [view, export]\n");
  ASSERT_TRUE(says("documents.waiting")) << business_.talon.log();
  ASSERT_NO_FATAL_FAILURE(swap_and_look());
  const Answer done = business_.admin->post("/api/v1/plugins/access/commands/activate", Json::object());
  ASSERT_EQ(done.status, 200) << done.text;
  EXPECT_TRUE(
      soon([&] { return business_.as("clio")->get("/api/v1/invoices").json["items"].items().size() == 2U; }));
  EXPECT_TRUE(says("documents.loaded"));
  EXPECT_EQ(judged_by(), done.json["policy_set"].string());
}

}  // namespace
}  // namespace talon::acceptance
