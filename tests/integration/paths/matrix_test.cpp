/// Every path × every role × own, another's, absent: nothing of another party, and no difference between "not
/// yours" and "not there".
#include "tests/integration/paths/objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <set>

namespace talon::paths {
namespace {

using ::testing::IsEmpty;

/// Requests of a kind that are asked where the first was refused for want of any right to the type, and of
/// people inside, who see whole types.

class PathsMatrix : public ::testing::TestWithParam<std::string> {
 protected:
  const Subject& subject() const {
    for (const auto* people : {&town_.acme(), &town_.inside()}) {
      for (const Subject& one : *people) {
        if (one.role == GetParam()) return one;
      }
    }
    ADD_FAILURE() << GetParam();
    return town_.acme().front();
  }

  Answer ask(const Ask& one) {
    Answer answer = send(client_, one);
    ++asked_;
    EXPECT_LT(answer.status, 500) << one.method << " " << one.path << " " << one.body << ": " << answer.text;
    EXPECT_GT(answer.status, 0) << one.path;
    return answer;
  }

  void expect_nothing_foreign(const Ask& one, const Answer& answer) {
    if (!subject().is_outside()) return;
    EXPECT_THAT(leaks(town_, sight_, one, answer), IsEmpty())
        << GetParam() << ": " << one.method << " " << one.path << " " << one.body << "\n"
        << ::testing::PrintToString(answer.headers) << "\n"
        << answer.text.substr(0, 2000);
  }

  /// People inside see whole types; whether they see this one, the record's own address says.
  bool is_hidden(const http::Route& route, Chosen& there) {
    if (subject().is_outside() || route.type.empty()) return subject().is_outside();
    const model::RecordType& type = *town_.model().find(route.type);
    if (type.kind != model::Kind::Stored) return false;
    return client_.get("/api/v1/" + type.plural + "/" + there.id(type.name)).status == 404;
  }

  void compare(const http::Route& route, const Asker& asker, const Choice& choice) {
    Chosen probe(town_, choice, Chosen::As::There);
    if (!is_hidden(route, probe)) return;
    Chosen there(town_, choice, Chosen::As::There);
    Chosen not_there(town_, choice, Chosen::As::NotThere);
    const Asks about = asker.about(route, there);
    const Asks about_nothing = asker.about(route, not_there);
    ASSERT_EQ(about.size(), about_nothing.size());
    bool are_few = false;
    for (std::size_t i = 0; i < about.size() && (i < kFew || !are_few); ++i) {
      const Answer others = ask(about[i]);
      are_few = are_few || (i == 0 && others.status == 403);
      const Answer missing = ask(about_nothing[i]);
      expect_nothing_foreign(about[i], others);
      EXPECT_EQ(comparable(about[i], others, there.given()),
                comparable(about_nothing[i], missing, not_there.given()))
          << GetParam() << ": " << about[i].method << " " << about[i].path << " " << about[i].body;
      ++compared_;
    }
  }

  Town& town_ = Town::shared();
  std::shared_ptr<const http::Router> router_ = http::Router::make(town_.shared_model());
  Askers askers_{town_};
  Sight sight_{town_, subject()};
  ApiClient client_{town_.port(), subject().token};
  int asked_ = 0;
  int compared_ = 0;
};

TEST_P(PathsMatrix, NotYoursIsNotThereAndNothingOfOthersIsInAnyAnswer) {
  std::set<std::string> covered;
  for (const http::Route& route : router_->routes()) {
    const Asker* asker = askers_.find(route);
    ASSERT_NE(asker, nullptr) << route.pattern;
    if (!asker->elsewhere.empty()) continue;
    if (asker->about) {
      compare(route, *asker, last_hidden(town_, sight_));
      if (route.operation != http::Operation::List) compare(route, *asker, first_hidden(town_, sight_));
      Chosen own(town_, first_seen(town_, sight_), Chosen::As::There);
      for (const Ask& one : asker->about(route, own)) {
        if (!one.has_effect) expect_nothing_foreign(one, ask(one));
      }
    }
    if (asker->whole) {
      const Asks whole = asker->whole(route);
      bool are_few = !subject().is_outside();
      for (std::size_t i = 0; i < whole.size() && (i < kFew || !are_few); ++i) {
        const Answer answer = ask(whole[i]);
        are_few = are_few || (i == 0 && answer.status == 403);
        expect_nothing_foreign(whole[i], answer);
      }
    }
    covered.insert(route.method + " " + route.pattern);
  }
  for (const Ask& one : Askers::besides()) expect_nothing_foreign(one, ask(one));
  EXPECT_EQ(client_.get("/api/v1/me").status, 200)
      << "the session ended on the way; what followed says nothing";
  EXPECT_GT(covered.size() + 5, router_->routes().size());
  std::cout << GetParam() << ": " << covered.size() << " of " << router_->routes().size() << " paths, "
            << asked_ << " requests, " << compared_ << " pairs\n";
}

INSTANTIATE_TEST_SUITE_P(Roles, PathsMatrix,
                         ::testing::Values("client", "client_admin", "supplier", "partner", "franchisee",
                                           "franchisor", "viewer", "sales", "front_office", "accountant",
                                           "auditor", "time_only", "connector", "admin"),
                         [](const auto& role) { return role.param; });

}  // namespace
}  // namespace talon::paths
