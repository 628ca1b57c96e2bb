/// Non-interference: change any value that somebody may not see, and no byte of any answer changes: order,
/// counts, page ends and errors included. Two installations differ in nothing else and are asked the same.
#include "tests/integration/paths/changed_town.hpp"
#include "tests/integration/paths/objects.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>

namespace talon::paths {
namespace {

constexpr uint64_t kSeed = 20261122;
/// Requests of a kind that are asked where the first was refused for want of any right to the type.

struct Case {
  std::string role;
  std::string fields;  ///< of people inside: what they do not see, TYPE or TYPE.FIELD
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.role; }

/// What is made while they are asked has another id and another time on either side.
std::string without_new(const Town& town, const std::string& begun, std::string text) {
  for (std::size_t at = text.find('_'); at != std::string::npos; at = text.find('_', at + 1)) {
    if (at < 3 || text.size() < at + 14) continue;
    const auto id = parse_id(std::string_view(text).substr(at - 3, 17));
    if (!id) continue;
    bool is_old = false;
    for (const model::RecordType& type : town.model().types) {
      if (text.compare(at - 3, 3, type.prefix) != 0) continue;
      const auto& rows = town.rows(type.name);
      is_old = is_old || std::find(rows.begin(), rows.end(), *id) != rows.end();
    }
    // Ids that the test asks with are the same on both sides; new ones are later than the town.
    if (!is_old && *id > town.rows("session").back()) text.replace(at + 1, 13, 13, '*');
  }
  for (std::size_t at = text.find("Z\""); at != std::string::npos; at = text.find("Z\"", at + 1)) {
    const std::size_t from = text.rfind('"', at) + 1;
    if (at - from < begun.size() - 8 || text.compare(from, begun.size() - 1, begun, 0, begun.size() - 1) < 0)
      continue;
    text.replace(from, at - from, "now");
    at = from;
  }
  return text;
}

class PathsInterference : public ::testing::TestWithParam<Case> {
 protected:
  const Subject& subject() const {
    for (const auto* people : {&town_.acme(), &town_.inside()}) {
      for (const Subject& one : *people) {
        if (one.role == GetParam().role) return one;
      }
    }
    ADD_FAILURE() << GetParam().role;
    return town_.acme().front();
  }

  /// Starts both, the second with everything changed that the subject may not see.
  void open() {
    {
      Database database(changed_.data("talon.db"));
      std::istringstream words(GetParam().fields);
      const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
      changes_ = fields.empty() ? change_unseen(database, town_, subject(), sight_, kSeed)
                                : change_fields(database, town_, fields, kSeed);
    }
    for (support::RunningTalon* talon : {&plain_, &changed_}) {
      const auto started = talon->start();
      ASSERT_TRUE(started) << started.error().message;
    }
    one_ = std::make_unique<ApiClient>(plain_.port(), subject().token);
    other_ = std::make_unique<ApiClient>(changed_.port(), subject().token);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    begun_ = Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(now).count()).to_string();
  }

  void compare(const Asks& asks) {
    bool are_few = false;
    for (std::size_t i = 0; i < asks.size() && (i < kFew || !are_few); ++i) {
      const Ask& ask = asks[i];
      auto answered = std::async(std::launch::async, [&] { return send(*other_, ask); });
      Answer a = send(*one_, ask);
      Answer b = answered.get();
      for (Answer* answer : {&a, &b}) answer->headers.erase("content-length");  // times differ in length
      ++cases_;
      are_few = are_few || (i == 0 && a.status == 403);
      const std::string plain = without_new(town_, begun_, comparable(ask, a));
      const std::string changed = without_new(town_, begun_, comparable(ask, b));
      EXPECT_EQ(plain, changed) << GetParam().role << ": " << ask.method << " " << ask.path << " "
                                << ask.body;
    }
  }

  Town& town_ = Town::shared();
  std::shared_ptr<const http::Router> router_ = http::Router::make(town_.shared_model());
  Askers askers_{town_};
  Sight sight_{town_, subject()};
  support::RunningTalon plain_{{.data = town_.data()}};
  support::RunningTalon changed_{{.data = town_.data()}};
  std::unique_ptr<ApiClient> one_;
  std::unique_ptr<ApiClient> other_;
  std::string begun_;
  int changes_ = 0;
  int cases_ = 0;
};

TEST_P(PathsInterference, WhatMayNotBeSeenChangesNoByteOfAnyAnswer) {
  open();
  ASSERT_GT(changes_, 30);
  std::set<std::string> covered;
  const auto each = [&](const std::function<void(const http::Route&, const Asker&)>& take) {
    for (const http::Route& route : router_->routes()) {
      const Asker* asker = askers_.find(route);
      ASSERT_NE(asker, nullptr) << route.pattern;
      if (!asker->elsewhere.empty()) continue;
      take(route, *asker);
      covered.insert(route.method + " " + route.pattern);
    }
  };
  // First all that only reads, then what writes: about others', which is refused, then about their own.
  each([&](const http::Route& route, const Asker& asker) {
    if (asker.whole) compare(asker.whole(route));
  });
  const bool is_outside = subject().is_outside();
  each([&](const http::Route& route, const Asker& asker) {
    if (!asker.about) return;
    for (const Choice& choice : {last_hidden(town_, sight_), first_seen(town_, sight_)}) {
      Chosen chosen(town_, choice, Chosen::As::There);
      Asks asks = asker.about(route, chosen);
      if (!is_outside) std::erase_if(asks, [](const Ask& ask) { return ask.has_effect; });
      std::erase_if(asks, [](const Ask& ask) {  // what everything else is asked with stays
        return ask.has_effect && (ask.path.ends_with("/end_sessions") || ask.path.ends_with("/end"));
      });
      // Texts of hidden records are not there any more on the other side; lists were asked as a whole.
      if (route.operation != http::Operation::List) compare(asks);
    }
  });
  EXPECT_EQ(one_->get("/api/v1/users").status, 200)
      << "the session ended on the way; what followed says nothing";
  std::cout << GetParam().role << ": " << changes_ << " values changed, " << cases_ << " cases on "
            << covered.size() << " of " << router_->routes().size() << " paths\n";
}

constexpr const char* kSalesDoNotSee =
    "party.iban invoice.turnover invoice.snapshot delivery.bill_total delivery.payment_reference rate "
    "payment "
    "payment_allocation timesheet_entry.hourly_rate timesheet_entry.billed_as franchise_contract "
    "franchise_statement sales_record sync_run sync_reject sync_proposal sync_plan sync_delivery sync_state "
    "sync_ref";
constexpr const char* kTimeOnlyDoesNotSee =
    "party.iban party.city party.credit_limit party.note contact invoice invoice_line rate product "
    "customer_order delivery payment sales_record timesheet_entry.hourly_rate";

INSTANTIATE_TEST_SUITE_P(Roles, PathsInterference,
                         ::testing::Values(Case{"client_admin", ""}, Case{"supplier", ""},
                                           Case{"partner", ""}, Case{"franchisee", ""},
                                           Case{"franchisor", ""}, Case{"sales", kSalesDoNotSee},
                                           Case{"time_only", kTimeOnlyDoesNotSee}),
                         [](const auto& one) { return one.param.role; });

}  // namespace
}  // namespace talon::paths
