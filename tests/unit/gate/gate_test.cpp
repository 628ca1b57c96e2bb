/// Keeping decisions: asked once, dropped at once, and nothing allowed when there is nobody to ask.
#include "host/gate/gate.hpp"
#include "tests/unit/expression/example_model.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace talon::gate {
namespace {

class FakeAuthorizer : public Authorizer {
 public:
  Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) override {
    ++asked;
    last = principal.to_string() + " " + std::string(action) + " " + std::string(type);
    if (fails) return internal("broken");
    return answer;
  }
  Result<std::string> explain(std::string_view question) override { return std::string(question); }

  int asked = 0;
  bool fails = false;
  std::string last;
  std::string answer = R"({"policy_set":"a","allow":[{"where":""}]})";
};

class Keeping : public ::testing::Test {
 protected:
  Keeping()
      : gate(std::make_shared<const model::Model>(expression::testing::example_model()),
             [this] { return now; }) {
    ann.kind = Principal::Kind::User;
    ann.user = 7;
    gate.set_authorizer(authorizer);
  }
  Decision::Verdict verdict(const Principal& principal, std::string_view action = "view",
                            std::string_view type = "invoice") {
    auto decision = gate.decide(principal, action, type);
    EXPECT_TRUE(decision) << decision.error().message;
    return (*decision)->verdict();
  }

  int64_t now = 1000;
  std::shared_ptr<FakeAuthorizer> authorizer = std::make_shared<FakeAuthorizer>();
  Gate gate;
  Principal ann;
};

TEST_F(Keeping, AsksOncePerPrincipalActionAndType) {
  EXPECT_EQ(verdict(ann), Decision::Verdict::Always);
  EXPECT_EQ(
      authorizer->last,
      R"({"kind":"user","user":"usr_0000000000007","session":"","roles":[],"plugin":"","on_behalf_of":""})"
      " view invoice");
  verdict(ann);
  ann.session = 99;  // another session of the same person is judged alike
  verdict(ann);
  EXPECT_EQ(authorizer->asked, 1);
  verdict(ann, "edit");
  verdict(ann, "view", "party");
  ann.token_roles = {"viewer"};
  verdict(ann);
  ann.on_behalf_of = 8;
  verdict(ann);
  ann.user = 9;
  verdict(ann);
  EXPECT_EQ(authorizer->asked, 6);
}

TEST_F(Keeping, ForgetsOnInvalidateAndAtATimeBoundary) {
  verdict(ann);
  gate.invalidate();
  authorizer->answer = R"({"valid_until":2000})";
  EXPECT_EQ(verdict(ann), Decision::Verdict::Never);
  now = 1999;
  verdict(ann);
  EXPECT_EQ(authorizer->asked, 2);
  now = 2000;
  authorizer->answer = R"({"allow":[{"where":""}]})";
  EXPECT_EQ(verdict(ann), Decision::Verdict::Always);
  EXPECT_EQ(authorizer->asked, 3);
}

/// A million people under ten thousand rules each would take terabytes.
TEST_F(Keeping, KeepsManySmallDecisionsAndNoMoreOfLargeOnesThanThereIsRoomFor) {
  constexpr int kPeople = 400;
  const auto asked_again = [&] {
    for (ann.user = 1; ann.user <= kPeople; ++ann.user) verdict(ann);
    const int before = authorizer->asked;
    for (ann.user = kPeople; ann.user > 0; --ann.user) verdict(ann);
    return authorizer->asked - before;
  };
  EXPECT_EQ(asked_again(), 0);
  gate.invalidate();
  authorizer->answer = R"({"policy_set":")" + std::string(1 << 20U, 'a') + R"(","allow":[{"where":""}]})";
  std::weak_ptr<const Decision> first;
  {
    ann.user = 1;
    first = *gate.decide(ann, "view", "invoice");
  }
  ASSERT_FALSE(first.expired());
  const int again = asked_again();
  EXPECT_TRUE(first.expired());
  EXPECT_GE(again, kPeople - 256);  // MiB
  EXPECT_LT(again, kPeople);
}

TEST_F(Keeping, AllowsNothingWhenTheAuthorizerIsMissingOrBroken) {
  authorizer->fails = true;
  EXPECT_EQ(gate.decide(ann, "view", "invoice").error().code, Code::Unavailable);
  authorizer->fails = false;
  authorizer->answer = "{";
  EXPECT_EQ(gate.decide(ann, "view", "invoice").error().code, Code::Internal);
  authorizer->answer = R"({"allow":[{"where":"colour is red"}]})";
  EXPECT_EQ(gate.decide(ann, "view", "invoice").error().code, Code::Internal);
  EXPECT_EQ(gate.decide(ann, "view", "dragon").error().code, Code::NotFound);
  gate.set_authorizer(nullptr);
  EXPECT_EQ(gate.decide(ann, "view", "invoice").error().code, Code::Unavailable);
  EXPECT_EQ(gate.explain("{}").error().code, Code::Unavailable);
}

TEST_F(Keeping, GivesAnElevatedRightAndNoOther) {
  authorizer->answer = "{}";
  ann.elevates = {"invoice.create"};
  EXPECT_EQ(verdict(ann, "create"), Decision::Verdict::Always);
  EXPECT_EQ(verdict(ann, "edit"), Decision::Verdict::Never);
  EXPECT_EQ(verdict(ann, "create", "party"), Decision::Verdict::Never);
  ann.elevates.clear();
  EXPECT_EQ(verdict(ann, "create"), Decision::Verdict::Never);  // what was elevated is not kept
  Principal plugin;
  plugin.kind = Principal::Kind::Plugin;
  plugin.plugin = "sync";
  plugin.elevates = {"party.edit"};
  authorizer->answer = R"({"allow":[{"where":""}]})";
  gate.invalidate();
  EXPECT_EQ(verdict(plugin, "edit", "party"), Decision::Verdict::Always);
  EXPECT_EQ(verdict(plugin, "view", "party"), Decision::Verdict::Never);
  plugin.elevates = {"*.view"};
  EXPECT_EQ(verdict(plugin, "view", "party"), Decision::Verdict::Always);
  EXPECT_EQ(verdict(plugin, "edit", "party"), Decision::Verdict::Never);
  EXPECT_EQ(verdict(Principal{}), Decision::Verdict::Never);
  Principal system;
  system.kind = Principal::Kind::System;
  EXPECT_EQ(verdict(system), Decision::Verdict::Always);
  EXPECT_EQ(plugin.name(), "plugin:sync");
  EXPECT_EQ(ann.name(), "usr_0000000000007");
  EXPECT_EQ(Principal{}.name(), "anonymous");
}

TEST_F(Keeping, JudgesAChildTypeAsItsParent) {
  verdict(ann, "view", "invoice_line");
  EXPECT_TRUE(authorizer->last.ends_with(" view invoice")) << authorizer->last;
}

TEST_F(Keeping, NeverKeepsWhatWasAnsweredForAnOlderSet) {
  class Slow : public FakeAuthorizer {
   public:
    explicit Slow(Gate& gate) : gate_(gate) {}
    Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) override {
      auto old = FakeAuthorizer::plan(principal, action, type);
      if (asked == 1) gate_.invalidate();  // the policy changes while the old answer is on its way
      return old;
    }

   private:
    Gate& gate_;
  };
  const auto slow = std::make_shared<Slow>(gate);
  gate.set_authorizer(slow);
  EXPECT_EQ(verdict(ann), Decision::Verdict::Always);
  slow->answer = "{}";
  EXPECT_EQ(verdict(ann), Decision::Verdict::Never);
  EXPECT_EQ(slow->asked, 2);
}

TEST(GateThreads, DecideWhileThePolicyChanges) {
  class Counting : public Authorizer {
   public:
    Result<std::string> plan(const Json&, std::string_view, std::string_view) override {
      return std::string(R"({"policy_set":")") + std::to_string(set.load()) +
             R"(","allow":[{"where":"state is draft"}]})";
    }
    Result<std::string> explain(std::string_view) override { return std::string(); }
    std::atomic<int> set{0};
  };
  Gate gate(std::make_shared<const model::Model>(expression::testing::example_model()),
            [] { return int64_t{0}; });
  const auto authorizer = std::make_shared<Counting>();
  gate.set_authorizer(authorizer);
  std::atomic<bool> is_over{false};
  std::atomic<int> told{0};  // the set that the gate has been told of
  std::atomic<int> stale{0};
  std::atomic<int> decided{0};
  std::vector<std::thread> threads;
  for (int64_t user = 1; user <= 3; ++user) {
    threads.emplace_back([&, user] {
      Principal principal;
      principal.kind = Principal::Kind::User;
      while (!is_over) {
        principal.user = user + principal.user % 50;
        const int before = told.load();
        const auto decision = gate.decide(principal, "view", "invoice");
        if (!decision || std::stoi((*decision)->plan().policy_set) < before) ++stale;
        ++decided;
      }
    });
  }
  for (int set = 1; set <= 500 || decided < 2000; ++set) {
    authorizer->set = set;
    gate.invalidate();
    told = set;
    std::this_thread::yield();
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stale, 0);
}

}  // namespace
}  // namespace talon::gate
