/// Each line of "Meaning" in the design's page on policies, as far as the access plugin answers for it.
#include "tests/plugins/access/support.hpp"

#include <talon/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::access {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Date kMeantDay = *Date::of(2026, 12, 10);

/// The example's words with `files`, and somebody to be judged by them.
class Meaning : public ::testing::Test {
 protected:
  void load(const std::vector<std::pair<std::string, std::string>>& files) {
    set_ = prepared(example_with(files), *example_model());
  }

  Plan plan(const Person& person, std::string_view action, std::string_view type, Date day = kMeantDay) {
    return make_plan(*set_, make_subject(*set_, person, day, {}), action, type, day);
  }
  bool may(const Person& person, std::string_view action, std::string_view type,
           const std::map<std::string, Value, std::less<>>& values, Date day = kMeantDay) {
    return judge(plan(person, action, type, day), reader(values), day.packed()).is_allowed;
  }
  static ReadPath reader(const std::map<std::string, Value, std::less<>>& values) {
    return [&values](std::string_view path) {
      const auto found = values.find(path);
      return found == values.end() ? Value() : found->second;
    };
  }
  static Person somebody(const std::vector<std::string>& roles, const std::string& key = "sam@example.com") {
    Person person;
    person.id = 7;
    person.key = key;
    person.is_active = true;
    for (const std::string& role : roles) person.roles.push_back({role, {}});
    return person;
  }

  std::shared_ptr<const CompiledSet> set_;
};

TEST_F(Meaning, NothingIsAllowedUnlessAnAllowMatches) {
  load({{"rules/i.yaml", "invoice: {rules: [{allow: view, to: sales, when: [state is draft]}]}\n"}});
  EXPECT_TRUE(may(somebody({"sales"}), "view", "invoice", {{"state", "draft"}}));
  EXPECT_FALSE(may(somebody({"sales"}), "view", "invoice", {{"state", "sent"}}));
  EXPECT_FALSE(may(somebody({"sales"}), "view", "invoice", {}));
  EXPECT_FALSE(may(somebody({"sales"}), "edit", "invoice", {{"state", "draft"}}));
  EXPECT_FALSE(may(somebody({"viewer"}), "view", "invoice", {{"state", "draft"}}));
  EXPECT_FALSE(may(somebody({"sales"}), "view", "payment", {}));
}

TEST_F(Meaning, AMatchingDenyWinsOverEveryAllowAdminsAndPersonalOnesIncluded) {
  load({{"rules/i.yaml",
         "invoice:\n"
         "  rules:\n"
         "    - {allow: everything, to: admin}\n"
         "    - {deny: edit, to: viewer}\n"},
        {"users.yaml", "users: {sam@example.com: {allow: [{edit: invoice}]}}\n"}});
  EXPECT_TRUE(may(somebody({"admin"}), "edit", "invoice", {}));
  EXPECT_FALSE(may(somebody({"admin", "viewer"}), "edit", "invoice", {}));
  EXPECT_FALSE(may(somebody({"accountant"}), "edit", "invoice", {})) << "accountant includes viewer";
}

TEST_F(Meaning, APersonalAllowAddsForThatPersonAlone) {
  load(
      {{"users.yaml",
        "users:\n"
        "  sam@example.com: {allow: [{view: invoice, when: [state is draft]}], deny: [{export: invoice}]}\n"},
       {"rules/i.yaml", "invoice: {rules: [{allow: export, to: everyone}]}\n"}});
  EXPECT_TRUE(may(somebody({}), "view", "invoice", {{"state", "draft"}}));
  EXPECT_FALSE(may(somebody({}), "view", "invoice", {{"state", "sent"}}));
  EXPECT_FALSE(may(somebody({}), "export", "invoice", {}));
  EXPECT_FALSE(may(somebody({}, "eve@example.com"), "view", "invoice", {{"state", "draft"}}));
  EXPECT_TRUE(may(somebody({}, "eve@example.com"), "export", "invoice", {}));
}

TEST_F(Meaning, ADenyHoldsUnlessItIsFalse) {
  load({{"rules/i.yaml",
         "invoice:\n"
         "  rules:\n"
         "    - {allow: approve, to: everyone}\n"
         "    - {deny: approve, to: everyone, when: [created_by is user]}\n"}});
  EXPECT_FALSE(may(somebody({}), "approve", "invoice", {{"created_by", 7}}));
  EXPECT_FALSE(may(somebody({}), "approve", "invoice", {}));
  EXPECT_TRUE(may(somebody({}), "approve", "invoice", {{"created_by", 8}}));
}

TEST_F(Meaning, AFactThatIsMissingIsUnknown) {
  load({{"rules/i.yaml",
         "invoice:\n"
         "  rules:\n"
         "    - {allow: view, to: everyone, when: [amount <= user.approval_limit]}\n"
         "    - {allow: edit, to: everyone}\n"
         "    - {deny: edit, to: everyone, when: [amount > user.approval_limit]}\n"
         "    - {allow: print, to: everyone, when: [{none: [amount > user.approval_limit]}]}\n"}});
  const std::map<std::string, Value, std::less<>> values = {{"amount", 500}, {"currency", "EUR"}};
  Person person = somebody({});
  EXPECT_FALSE(may(person, "view", "invoice", values));
  EXPECT_FALSE(may(person, "edit", "invoice", values));
  EXPECT_FALSE(may(person, "print", "invoice", values)) << "none of an unknown is unknown";
  person.facts["approval_limit"] = {"10 EUR"};
  EXPECT_TRUE(may(person, "view", "invoice", values));
  EXPECT_TRUE(may(person, "edit", "invoice", values));
  EXPECT_TRUE(may(person, "print", "invoice", values));
  person.facts["approval_limit"] = {"10 USD"};
  EXPECT_FALSE(may(person, "view", "invoice", values)) << "other currencies are unknown";
}

TEST_F(Meaning, AListFactThatNamesARecordThatIsNotThereIsUnknownAsAWhole) {
  load({{"facts.yaml", "facts: {blocked: list of partner}\n"},
        {"rules/i.yaml",
         "invoice:\n"
         "  rules:\n"
         "    - {allow: [view, approve], to: sales}\n"
         "    - {allow: edit, to: sales, when: [partner not in user.blocked]}\n"
         "    - {deny: approve, to: everyone, when: [partner in user.blocked]}\n"}});
  Person person = somebody({"sales"});
  person.facts["blocked"] = {"N1", "N2"};
  const auto may_with = [&](const FindId& find_id, std::string_view action, int64_t partner) {
    const Subject subject = make_subject(*set_, person, kMeantDay, find_id);
    const std::map<std::string, Value, std::less<>> values = {{"partner", partner}};
    return judge(make_plan(*set_, subject, action, "invoice", kMeantDay), reader(values), kMeantDay.packed())
        .is_allowed;
  };
  const FindId all = [](std::string_view, std::string_view number) {
    return Result<std::optional<int64_t>>(number == "N1" ? 10 : 11);
  };
  const FindId first = [](std::string_view, std::string_view number) {
    return Result<std::optional<int64_t>>(number == "N1" ? std::optional<int64_t>(10) : std::nullopt);
  };
  EXPECT_TRUE(may_with(all, "approve", 12));
  EXPECT_TRUE(may_with(all, "edit", 12));
  EXPECT_FALSE(may_with(all, "approve", 11));
  EXPECT_FALSE(may_with(first, "approve", 11)) << "the second may be this one";
  EXPECT_FALSE(may_with(first, "edit", 11));
  EXPECT_TRUE(may_with(first, "view", 11));
  EXPECT_THAT(make_subject(*set_, person, kMeantDay, first).unresolved, ElementsAre("blocked: N2"));
  const FindId broken = [](std::string_view, std::string_view) -> Result<std::optional<int64_t>> {
    return unavailable("the database is away");
  };
  const Subject none = make_subject(*set_, person, kMeantDay, broken);
  ASSERT_TRUE(none.failure);
  EXPECT_EQ(none.failure->code, Code::Unavailable);
}

TEST_F(Meaning, APartnersFileHoldsForTheRecordsOfThatPartnerAlone) {
  load({{"rules/i.yaml", "invoice: {rules: [{allow: [view, send], to: everyone}]}\n"},
        {"partners/nordic.yaml",
         "for partner: nordic\n"
         "invoice:\n"
         "  rules:\n"
         "    - {deny: send, to: sales}\n"
         "  fields:\n"
         "    - {hide: amount, from: sales}\n"}});
  const std::map<std::string, Value, std::less<>> nordic = {{"partner", 10}, {"partner.number", "nordic"}};
  const std::map<std::string, Value, std::less<>> baltic = {{"partner", 11}, {"partner.number", "baltic"}};
  EXPECT_FALSE(may(somebody({"sales"}), "send", "invoice", nordic));
  EXPECT_TRUE(may(somebody({"sales"}), "send", "invoice", baltic));
  EXPECT_TRUE(may(somebody({"sales"}), "send", "invoice", {})) << "no partner is not Nordic";
  EXPECT_TRUE(may(somebody({"viewer"}), "send", "invoice", nordic));
  const Plan view = plan(somebody({"sales"}), "view", "invoice");
  EXPECT_EQ(level_of(view, "amount", reader(nordic), kMeantDay.packed()), Level::Hidden);
  EXPECT_EQ(level_of(view, "amount", reader(baltic), kMeantDay.packed()), Level::Edit);
  EXPECT_EQ(level_of(view, "amount", reader({}), kMeantDay.packed()), Level::Edit);
}

TEST_F(Meaning, APartnerMayBeNamedByIdToo) {
  const std::string id = id_text("par", 10);
  load({{"rules/i.yaml", "invoice: {rules: [{allow: send, to: everyone}]}\n"},
        {"partners/n.yaml", "for partner: " + id + "\ninvoice: {rules: [{deny: send, to: everyone}]}\n"}});
  EXPECT_FALSE(may(somebody({}), "send", "invoice", {{"partner", 10}}));
  EXPECT_TRUE(may(somebody({}), "send", "invoice", {{"partner", 11}}));
  EXPECT_TRUE(may(somebody({}), "send", "invoice", {}));
}

TEST_F(Meaning, AFieldHasTheLeastLevelThatAnyRuleGivesIt) {
  load({{"rules/c.yaml",
         "customer:\n"
         "  rules: [{allow: [view, edit], to: everyone}]\n"
         "  fields:\n"
         "    - {lock: iban, for: employee}\n"
         "    - {mask: iban, as: last 4, from: viewer}\n"
         "    - {hide: iban, from: client}\n"
         "    - {mask: phone, as: initials, from: everyone, except: accountant}\n"}});
  const auto level = [&](const std::vector<std::string>& roles, const char* field) {
    return level_of(plan(somebody(roles), "view", "customer"), field, reader({}), kMeantDay.packed());
  };
  EXPECT_EQ(level({"sales"}, "iban"), Level::ReadOnly);
  EXPECT_EQ(level({"viewer"}, "iban"), Level::Masked);
  EXPECT_EQ(level({"accountant", "client"}, "iban"), Level::Hidden) << "whatever else they hold";
  EXPECT_EQ(level({"admin"}, "iban"), Level::Edit);
  EXPECT_EQ(level({"admin"}, "phone"), Level::Masked);
  EXPECT_EQ(level({"chief_accountant"}, "phone"), Level::Edit) << "includes accountant";
}

TEST_F(Meaning, OnlyHidesAllOthersChildListsToo) {
  load({{"rules/i.yaml",
         "invoice:\n"
         "  rules: [{allow: view, to: everyone}]\n"
         "  fields:\n"
         "    - {only: [number, state, lines.text], for: client}\n"
         "    - {only: [number, amount], for: supplier}\n"
         "    - {hide: figures, from: sales}\n"}});
  const auto hidden = [&](const std::vector<std::string>& roles) {
    const Plan view = plan(somebody(roles), "view", "invoice");
    std::string names;
    for (const char* field :
         {"number", "state", "amount", "cost", "lines.text", "lines.cost", "created_by"}) {
      if (level_of(view, field, reader({}), kMeantDay.packed()) == Level::Hidden)
        names += std::string(names.empty() ? "" : " ") + field;
    }
    return names;
  };
  EXPECT_EQ(hidden({"client"}), "amount cost lines.cost created_by");
  EXPECT_EQ(hidden({"client", "supplier"}), "state amount cost lines.text lines.cost created_by");
  EXPECT_EQ(hidden({"sales"}), "cost lines.cost") << "a group reaches into child lists";
  EXPECT_EQ(hidden({"admin"}), "");
}

TEST_F(Meaning, AFieldRuleMayDependOnTheRecordAndHoldsUnlessFalse) {
  load({{"rules/i.yaml",
         "invoice:\n"
         "  rules: [{allow: [view, edit], to: everyone}]\n"
         "  fields: [{lock: amount, for: everyone, when: [state is sent]}]\n"}});
  const Plan edit = plan(somebody({}), "edit", "invoice");
  EXPECT_EQ(level_of(edit, "amount", reader({{"state", "sent"}}), kMeantDay.packed()), Level::ReadOnly);
  EXPECT_EQ(level_of(edit, "amount", reader({{"state", "draft"}}), kMeantDay.packed()), Level::Edit);
  EXPECT_EQ(level_of(edit, "amount", reader({}), kMeantDay.packed()), Level::ReadOnly);
}

TEST_F(Meaning, ColumnsOfAReportAreThoseOfItsRuleAndOthersAreHiddenWhereOnlyAnotherRuleGivesThem) {
  load({{"rules/r.yaml",
         "report:\n"
         "  rules:\n"
         "    - {allow: run, to: franchisor, when: [kind is turnover], columns: [month, outlet], drill down: "
         "no}\n"
         "    - {allow: run, to: sales, columns: [month, turnover_net]}\n"}});
  const Plan franchisor = plan(somebody({"franchisor"}), "run", "report");
  EXPECT_THAT(franchisor.columns, ElementsAre("month", "outlet"));
  EXPECT_FALSE(franchisor.may_drill_down);
  const Plan both = plan(somebody({"franchisor", "sales"}), "run", "report");
  EXPECT_THAT(both.columns, ElementsAre("month", "outlet", "turnover_net"));
  const std::map<std::string, Value, std::less<>> margin = {{"kind", "margin"}};
  const std::map<std::string, Value, std::less<>> turnover = {{"kind", "turnover"}};
  EXPECT_EQ(level_of(both, "outlet", reader(margin), kMeantDay.packed()), Level::Hidden);
  EXPECT_EQ(level_of(both, "outlet", reader(turnover), kMeantDay.packed()), Level::Edit);
  EXPECT_EQ(level_of(both, "turnover_net", reader(margin), kMeantDay.packed()), Level::Edit);
}

TEST_F(Meaning, AnotherRuleOpensNoWayDownFromTheRowsOfOneThatHasNone) {
  load({{"rules/r.yaml",
         "report:\n"
         "  rules:\n"
         "    - {allow: run, to: franchisor, when: [kind is turnover], drill down: no}\n"
         "    - {allow: run, to: sales, when: [kind is margin]}\n"
         "    - {allow: run, to: accountant}\n"}});
  const auto may_leave = [&](const std::vector<std::string>& roles) {
    return plan(somebody(roles), "run", "report").may_drill_down;
  };
  EXPECT_FALSE(may_leave({"franchisor"}));
  EXPECT_TRUE(may_leave({"sales"}));
  EXPECT_FALSE(may_leave({"franchisor", "sales"})) << "a row of turnover is given without a way down";
  EXPECT_TRUE(may_leave({"franchisor", "accountant"})) << "who gets every row with a way down has it";
}

TEST_F(Meaning, GrantsAndRulesHoldOnWholeDays) {
  load({{"rules/i.yaml",
         "invoice:\n"
         "  rules:\n"
         "    - {allow: view, to: accountant}\n"
         "    - {allow: print, to: everyone, from: 2026-12-05, until: 2026-12-06}\n"},
        {"users.yaml",
         "users:\n"
         "  sam@example.com: {grants: [{role: accountant, from: 2026-12-01, until: 2026-12-31}]}\n"}});
  const Person sam = somebody({});
  EXPECT_FALSE(may(sam, "view", "invoice", {}, *Date::of(2026, 11, 30)));
  EXPECT_TRUE(may(sam, "view", "invoice", {}, *Date::of(2026, 12, 1)));
  EXPECT_TRUE(may(sam, "view", "invoice", {}, *Date::of(2026, 12, 31)));
  EXPECT_FALSE(may(sam, "view", "invoice", {}, *Date::of(2027, 1, 1)));
  EXPECT_FALSE(may(sam, "print", "invoice", {}, *Date::of(2026, 12, 4)));
  EXPECT_TRUE(may(sam, "print", "invoice", {}, *Date::of(2026, 12, 6)));
  EXPECT_FALSE(may(sam, "print", "invoice", {}, *Date::of(2026, 12, 7)));
  EXPECT_THAT(plan(sam, "print", "invoice").boundaries,
              ::testing::UnorderedElementsAre(*Date::of(2026, 12, 1), *Date::of(2027, 1, 1),
                                              *Date::of(2026, 12, 5), *Date::of(2026, 12, 7)));
}

TEST_F(Meaning, APlanEndsBeforeTheNextDayOnWhichSomethingChanges) {
  const Date today = *Date::of(2026, 12, 10);
  const int64_t noon = Timestamp::parse("2026-12-10T12:00:00Z")->us();
  const auto at = [](const char* text) { return Timestamp::parse(text)->us(); };
  EXPECT_EQ(valid_until({}, noon, today), 0);
  EXPECT_EQ(valid_until({*Date::of(2026, 12, 10), *Date::of(2026, 1, 1)}, noon, today), 0)
      << "past ones change nothing";
  EXPECT_EQ(valid_until({*Date::of(2027, 1, 1)}, noon, today), at("2026-12-31T10:00:00Z"))
      << "the easternmost zone";
  EXPECT_EQ(valid_until({*Date::of(2026, 12, 11)}, noon, today), at("2026-12-10T12:15:00Z"))
      << "zones begin on quarters";
}

TEST_F(Meaning, AGrantThatWouldCompleteAForbiddenSetDoesNotBegin) {
  load(
      {{"rules/p.yaml",
        "payment: {rules: [{allow: create, to: payment_clerk}, {allow: release, to: chief_accountant}]}\n"}});
  Person person = somebody({"payment_clerk"});
  person.roles.push_back({"chief_accountant", {*Date::of(2026, 12, 1), std::nullopt}});
  EXPECT_TRUE(may(person, "create", "payment", {}));
  EXPECT_FALSE(may(person, "release", "payment", {}));
}

TEST_F(Meaning, ATokenIsNarrowerThanItsOwner) {
  load({{"rules/i.yaml", "invoice: {rules: [{allow: view, to: viewer}, {allow: edit, to: accountant}]}\n"}});
  Person person = somebody({"accountant"});
  EXPECT_TRUE(may(person, "edit", "invoice", {}));
  person.token_roles = {"viewer"};
  EXPECT_FALSE(may(person, "edit", "invoice", {}));
  EXPECT_TRUE(may(person, "view", "invoice", {}));
  person.token_roles = {"admin"};
  EXPECT_FALSE(may(person, "view", "invoice", {})) << "a token adds nothing";
}

TEST_F(Meaning, ATokenWithFewerRolesKeepsWhatForbidsHidesAndLocks) {
  load({{"rules/i.yaml",
         "invoice:\n"
         "  rules:\n"
         "    - {allow: [view, edit], to: viewer}\n"
         "    - {allow: send, to: viewer, except: sales}\n"
         "    - {allow: delete, to: viewer, when: [user has role viewer], within: anything}\n"
         "    - {deny: edit, to: sales}\n"
         "  fields: [{lock: amount, for: sales}]\n"
         "scopes: {anything: [user has not role sales]}\n"},
        {"users/sam.yaml", "for user: sam@example.com\nallow: [{export: invoice}]\n"}});
  Person person = somebody({"viewer", "sales"});
  const auto check = [&](bool may_view, bool may_export) {
    EXPECT_EQ(may(person, "view", "invoice", {}), may_view);
    EXPECT_EQ(may(person, "export", "invoice", {}), may_export);
    for (const char* action : {"edit", "send", "delete"}) {
      EXPECT_FALSE(may(person, action, "invoice", {})) << action;
    }
    EXPECT_EQ(level_of(plan(person, "view", "invoice"), "amount", reader({}), kMeantDay.packed()),
              Level::ReadOnly);
  };
  check(true, true);
  person.token_roles = {"viewer"};
  check(true, false);
}

TEST_F(Meaning, WhoIsNotActiveMayNothing) {
  load({{"rules/i.yaml", "invoice: {rules: [{allow: view, to: everyone}]}\n"}});
  Person person = somebody({"admin"});
  person.is_active = false;
  EXPECT_FALSE(may(person, "view", "invoice", {}));
}

TEST_F(Meaning, SomebodyManagedInYamlTakesEverythingFromThere) {
  load({{"rules/i.yaml", "invoice: {rules: [{allow: view, to: viewer}, {allow: edit, to: sales}]}\n"},
        {"rules/u.yaml", "user: {rules: [{allow: edit, to: everyone}]}\n"},
        {"users/sam.yaml", "for user: sam@example.com\nmanaged: yaml\nroles: viewer\n"}});
  EXPECT_TRUE(may(somebody({"sales"}), "view", "invoice", {}));
  EXPECT_FALSE(may(somebody({"sales"}), "edit", "invoice", {}));
  EXPECT_FALSE(may(somebody({}), "edit", "user", {{"email", "sam@example.com"}}));
  EXPECT_TRUE(may(somebody({}), "edit", "user", {{"email", "eve@example.com"}}));
}

TEST_F(Meaning, EverythingThatCanNeverHoldIsLeftOutOfThePlan) {
  load({{"rules/i.yaml",
         "invoice:\n"
         "  rules:\n"
         "    - {allow: view, to: everyone, when: [partner in user.partners]}\n"
         "    - {allow: view, to: everyone, when: [user has role admin]}\n"
         "    - {deny: view, to: everyone, when: [user has role admin, state is sent]}\n"}});
  const Plan empty = plan(somebody({}), "view", "invoice");
  EXPECT_THAT(empty.allows, IsEmpty());
  EXPECT_THAT(empty.denies, IsEmpty());
  const Plan admin = plan(somebody({"admin"}), "view", "invoice");
  ASSERT_EQ(admin.allows.size(), 1U);
  EXPECT_EQ(admin.allows[0].text, "");
  EXPECT_EQ(admin.denies[0].text, "state is sent");
}

TEST_F(Meaning, AViewIsRunByWhoMayViewItsRows) {
  load({{"rules/v.yaml", "outlet_turnover: {rules: [{allow: view, to: sales, within: own partners}]}\n"}});
  Person person = somebody({"sales"});
  person.facts["partners"] = {id_text("par", 10)};
  EXPECT_TRUE(may(person, "run", "outlet_turnover", {{"partner", 10}}));
  EXPECT_FALSE(may(person, "run", "outlet_turnover", {{"partner", 11}}));
  EXPECT_FALSE(may(person, "export", "outlet_turnover", {{"partner", 10}}));
}

}  // namespace
}  // namespace talon::access
