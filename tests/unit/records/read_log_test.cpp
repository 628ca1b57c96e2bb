/// Every way to a value of a type with a read log leaves its entry; what the model does not know is not
/// shown.
#include "tests/unit/records/fixture.hpp"

#include <talon/id_list.hpp>

#include <algorithm>
#include <cctype>

namespace talon::records {
namespace {

class ReadLogged : public RecordsTest {
 protected:
  ReadLogged() {
    for (const char* type : {"party", "invoice", "user"}) allow_all(kAnn, type);
    allow(kAnn, "view", "audit_entry");
    owner_ = create(kAnn, "user", R"({"name":"Olga","email":"olga@example.com"})");
    acme_ = create(kAnn, "party", R"({"name":"Acme","owner":")" + owner_ + R"("})");
    invoice_ = create(kAnn, "invoice", R"({"client":")" + acme_ + R"(","net_total":"1.00"})");
    read_log_.entries.clear();
  }

  Result<std::vector<std::string>> list(const std::string& type, const std::vector<std::string>& fields,
                                        int64_t user = kAnn) {
    QueryRequest request;
    request.type = type;
    request.fields = fields;
    return rows(as(user), request);
  }
  Result<std::vector<std::string>> group(const std::string& type, const std::vector<std::string>& by,
                                         const std::vector<std::string>& aggregates = {"count"}) {
    QueryRequest request;
    request.type = type;
    request.group = by;
    request.aggregates = aggregates;
    return rows(as(kAnn), request);
  }
  /// Entries about `type`: the fields and the records of each.
  std::vector<std::string> logged(const std::string& type) {
    std::vector<std::string> found;
    for (const Json& entry : read_log_.entries) {
      if (entry["type"].string() == type)
        found.push_back(entry["fields"].to_string() + " " + std::string(entry["records"].string()));
    }
    read_log_.entries.clear();
    return found;
  }

  std::string owner_;
  std::string acme_;
  std::string invoice_;
};

TEST_F(ReadLogged, AValueThatIsSeenThroughALinkIsLogged) {
  create(kAnn, "party", R"({"name":"Bolt"})");  // links to nobody
  read_log_.entries.clear();
  ASSERT_TRUE(list("party", {"name", "owner.name", "owner.email"}));
  EXPECT_THAT(logged("user"), ElementsAre(R"(["name","email"] )" + owner_));
  ASSERT_TRUE(list("invoice", {"client.owner.name"}));
  EXPECT_THAT(logged("user"), ElementsAre(R"(["name"] )" + owner_));
  read_log_.is_broken = true;
  EXPECT_EQ(list("party", {"name", "owner.name"}).error().code, Code::Unavailable);
  read_log_.is_broken = false;
  // What is out of sight was not seen.
  allow(kCarl, "view", "party");
  allow(kCarl, "view", "user", "name is nobody");
  EXPECT_THAT(list("party", {"owner.name"}, kCarl)->front(), HasSubstr("null"));
  EXPECT_THAT(logged("user"), IsEmpty());
}

TEST_F(ReadLogged, AWriteThatShowsItsRecordNamesWhatItShows) {
  const auto fields_of = [&](const Result<Written>& written) {
    EXPECT_TRUE(written) << written.error().message;
    Json names = Json::array();
    for (const auto& [name, value] : written->record.members()) names.push(name);
    EXPECT_THAT(names.to_string(), HasSubstr("\"email\""));
    return names.to_string() + " " + owner_;
  };
  const auto nothing = records_->change(as(kAnn), "user", owner_, 1, Json::object());
  EXPECT_THAT(logged("user"), ElementsAre("[\"id\",\"version\"] " + owner_, fields_of(nothing)))
      << "nothing was changed, and all was shown";
  const auto named =
      records_->change(as(kAnn), "user", owner_, nothing->version, *Json::parse(R"({"name":"Ola"})"));
  EXPECT_THAT(logged("user"), ElementsAre(::testing::_, fields_of(named)));
  allow(kAnn, "view", "user", "", R"([{"field":"email","level":"hidden","where":""}])");
  const auto less = records_->change(as(kAnn), "user", owner_, named->version, Json::object());
  ASSERT_TRUE(less) << less.error().message;
  EXPECT_THAT(logged("user"), ElementsAre(::testing::_, Not(HasSubstr("email")))) << "what is not shown";
}

TEST_F(ReadLogged, AQuestionThroughALinkIsLogged) {
  QueryRequest request;
  request.type = "party";
  request.fields = {"name"};
  request.where = "owner.email starts with olg";
  ASSERT_TRUE(rows(as(kAnn), request));
  ASSERT_EQ(read_log_.entries.size(), 1U);
  EXPECT_EQ(read_log_.entries[0]["where"].string(), "owner.email starts with \"?\"");
  EXPECT_THAT(logged("user"), ElementsAre(R"(["email"] )"));
  request.where = "owner.email is nobody@example.com";  // nobody is shown, and that tells as much
  request.fields = {"owner.name"};
  ASSERT_TRUE(rows(as(kAnn), request));
  EXPECT_THAT(logged("user"), ElementsAre(R"(["email","name"] )"));
  request.where.clear();
  request.fields = {"name"};
  request.order = {"-owner.email"};
  ASSERT_TRUE(rows(as(kAnn), request));
  EXPECT_THAT(logged("user"), ElementsAre(R"(["email"] )"));
}

TEST_F(ReadLogged, AConditionStandsOnceHoweverManyTypesItAsksThrough) {
  QueryRequest request;
  request.type = "invoice";
  request.fields = {"number"};
  request.where = "client.owner.email is not empty and client.owner.name is not Nobody";
  ASSERT_TRUE(rows(as(kAnn), request));
  ASSERT_EQ(read_log_.entries.size(), 2U);
  EXPECT_EQ(read_log_.entries[0]["where"].string(), request.where);
  EXPECT_TRUE(read_log_.entries[1]["where"].is_null());
  EXPECT_EQ(read_log_.entries[1]["asked_with"].string(), "invoice");
  // Without an entry of its own type the first of the others has it.
  request.type = "party";
  request.fields = {"name"};
  request.where = "owner.email is not empty";
  read_log_.entries.clear();
  ASSERT_TRUE(rows(as(kAnn), request));
  ASSERT_EQ(read_log_.entries.size(), 1U);
  EXPECT_EQ(read_log_.entries[0]["where"].string(), request.where);
  EXPECT_TRUE(read_log_.entries[0]["asked_with"].is_null());
}

TEST_F(ReadLogged, WhatAnAnswerShowsThatNoQueryGivesIsLogged) {
  const auto log = [&](const std::string& type, const std::string& ids) {
    auto answer = Json::parse(R"({"a":1,"shown":[{"type":")" + type + R"(","records":[)" + ids +
                              R"(],"fields":["id","version"]}]})");
    EXPECT_TRUE(answer) << ids;
    const auto logged = records_->log_shown(as(kAnn), "explain", *answer);
    EXPECT_EQ(answer->find("shown") == nullptr, static_cast<bool>(logged)) << "it is for the host alone";
    return logged;
  };
  const auto quoted = [](const std::string& id) { return '"' + id + '"'; };
  ASSERT_TRUE(log("invoice", quoted(invoice_)));
  ASSERT_EQ(read_log_.entries.size(), 1U);
  EXPECT_EQ(read_log_.entries[0]["action"].string(), "explain");
  EXPECT_THAT(logged("invoice"), ElementsAre(R"(["id","version"] )" + invoice_));
  ASSERT_TRUE(log("party", quoted(acme_)));
  EXPECT_THAT(logged("party"), IsEmpty()) << "it has no read log";
  EXPECT_EQ(log("invoice", quoted(acme_)).error().code, Code::Internal);
  auto silent = Json::object({{"allowed", true}});  // of an authorizer that was built before answers said it
  const auto refused = records_->log_shown(as(kAnn), "explain", silent);
  ASSERT_FALSE(refused) << "what nobody logs is not told";
  EXPECT_EQ(refused.error().code, Code::Internal);
  EXPECT_THAT(refused.error().message, HasSubstr("shown"));
  // As pages are: a thousand a line, however many.
  std::string many;
  for (int64_t id = 1; id <= 2500; ++id) many += (id > 1 ? "," : "") + quoted(id_text("inv", id));
  ASSERT_TRUE(log("invoice", many));
  std::size_t records = 0;
  for (const Json& entry : read_log_.entries) {
    const auto ids = parse_ids(entry["records"].string());
    ASSERT_TRUE(ids);
    EXPECT_LE(ids->ids.size(), 1000U);
    records += ids->ids.size();
  }
  EXPECT_EQ(records, 2500U);
  read_log_.is_broken = true;
  EXPECT_EQ(log("invoice", quoted(invoice_)).error().code, Code::Unavailable);
}

TEST_F(ReadLogged, AGroupOfOneRecordIsARecord) {
  ASSERT_TRUE(group("invoice", {"id", "number", "net_total"}));
  EXPECT_THAT(logged("invoice"), ElementsAre(::testing::EndsWith("] " + invoice_)));
  EXPECT_THAT(group("invoice", {"number"}).error().message, HasSubstr(R"(group by "id" too)"));
  EXPECT_THAT(group("invoice", {}, {"max number"}).error().message, HasSubstr(R"(group by "id" too)"));
  EXPECT_THAT(group("user", {"email"}).error().message, HasSubstr(R"("email" tells of single users)"));
  EXPECT_THAT(group("party", {"owner.email"}).error().message, HasSubstr(R"(group by "owner.id" too)"));
  EXPECT_THAT(group("party", {"name"}, {"min owner.email"}).error().message, HasSubstr("owner.email"));
  EXPECT_TRUE(group("invoice", {"state"}));
  logged("");
  ASSERT_TRUE(group("party", {"owner", "owner.email"})) << "a link is as good as the id";
  EXPECT_THAT(logged("user"), ElementsAre(::testing::EndsWith("] " + owner_)));
  const std::string its_owner = R"(["name"] )" + owner_;
  ASSERT_TRUE(group("party", {"owner.name"}));
  EXPECT_THAT(logged("user"), ElementsAre(its_owner));
  ASSERT_TRUE(group("party", {"name"}, {"max owner.name"}));
  EXPECT_THAT(logged("user"), ElementsAre(its_owner));
  ASSERT_TRUE(group("party", {"owner.id", "owner.email"}));
  EXPECT_THAT(logged("user"), ElementsAre(::testing::EndsWith("] " + owner_)));
  const std::string other = create(kAnn, "user", R"({"name":"Olga","email":"other@example.com"})");
  create(kAnn, "party", R"({"name":"Bolt","owner":")" + other + R"("})");
  logged("");
  ASSERT_TRUE(group("party", {"owner.name"}));
  EXPECT_THAT(logged("user"), ElementsAre(R"(["name"] )")) << "no record by name, but a look";
}

TEST_F(ReadLogged, AGroupThatHasOneRecordByChanceIsThatRecord) {
  const std::string other = create(kAnn, "invoice", R"({"client":")" + acme_ + R"(","net_total":"2.00"})");
  std::string both;
  append_ids(both, "inv", std::vector<int64_t>{*parse_id(invoice_), *parse_id(other)});
  const auto asked = [&](const std::string& where, const std::vector<std::string>& by) {
    QueryRequest request;
    request.type = "invoice";
    request.where = where;
    request.group = by;
    request.aggregates = {"count"};
    read_log_.entries.clear();
    EXPECT_TRUE(rows(as(kAnn), request)) << where;
    EXPECT_EQ(read_log_.entries.size(), 1U);
    return std::string(read_log_.entries.at(0)["records"].string());
  };
  EXPECT_EQ(asked("", {"state"}), "");
  EXPECT_EQ(asked("", {"net_total", "state"}), both);
  for (const std::string& where :
       {"id is " + other, "id in [" + other + "]", std::string("net_total > 1.50 EUR")}) {
    EXPECT_EQ(asked(where, {"state", "net_total"}), other) << where;
    EXPECT_EQ(asked(where, {}), other) << where;
  }
  EXPECT_EQ(asked("net_total > 5 EUR", {}), "");
}

TEST_F(ReadLogged, WhoReadsAListsRowsHasReadTheirRecord) {
  const std::string lines = R"(,"lines":[{"text":"a"},{"text":"b"}]})";
  const std::string first = create(kAnn, "invoice", R"({"client":")" + acme_ + "\"" + lines);
  const std::string second = create(kAnn, "invoice", R"({"client":")" + acme_ + "\"" + lines);
  read_log_.entries.clear();
  std::string ids;
  append_ids(ids, "inv", std::vector<int64_t>{*parse_id(first), *parse_id(second)});
  const auto both = ElementsAre(::testing::EndsWith("] " + ids));
  ASSERT_EQ(list("invoice_line", {"text"})->size(), 4U);
  EXPECT_THAT(logged("invoice"), both);
  ASSERT_EQ(group("invoice_line", {"invoice"})->size(), 2U);
  EXPECT_THAT(logged("invoice"), both);
  ASSERT_EQ(group("invoice_line", {"id", "text"})->size(), 4U);
  EXPECT_THAT(logged("invoice"), both);
  ASSERT_EQ(group("invoice_line", {"text"})->size(), 2U);
  EXPECT_THAT(logged("invoice"), ElementsAre(::testing::EndsWith(R"(["text","count"] )")));
}

TEST_F(ReadLogged, WhoReadsTheLogIsInTheLogOnceByWhatWasAskedFor) {
  QueryRequest request;
  request.type = "audit_entry";
  request.fields = {"action", "content"};
  request.where = "type is party";
  ASSERT_TRUE(rows(as(kAnn), request));
  ASSERT_EQ(read_log_.entries.size(), 1U);
  const Json& entry = read_log_.entries.front();
  EXPECT_EQ(entry["where"].string(), "type is party");
  EXPECT_THAT(logged("audit_entry"), ElementsAre(R"(["action","content"] )"));
}

TEST_F(ReadLogged, AValueLookedForInAPersonalFieldIsNotInTheLog) {
  const auto asked = [&](const std::string& type, const std::string& where) {
    QueryRequest request;
    request.type = type;
    request.fields = {"id"};
    request.where = where;
    read_log_.entries.clear();
    EXPECT_TRUE(rows(as(kAnn), request)) << where;
    return read_log_.entries.empty() ? "nothing" : std::string(read_log_.entries.front()["where"].string());
  };
  EXPECT_THAT(asked("user", "email is \"olga@example.com\" and name is Olga"),
              ::testing::AllOf(HasSubstr(R"(email is "?")"), HasSubstr("Olga"), Not(HasSubstr("olga@"))));
  EXPECT_THAT(asked("user", "email in [olga@example.com, x@example.com] or (email contains olga and id is " +
                                owner_ + ")"),
              ::testing::AllOf(HasSubstr(owner_), Not(HasSubstr("example")), Not(HasSubstr("olga"))));
  EXPECT_THAT(asked("invoice", "client.owner.email starts with olga"), Not(HasSubstr("olga")));
  EXPECT_THAT(asked("invoice", "client.name is Acme"), HasSubstr("client.name is Acme"));
}

TEST_F(ReadLogged, AConditionThatIsAskedOverAndOverIsInTheLogToo) {
  const auto asked = [&](const std::string& type, const std::string& where) {
    QueryRequest request;
    request.type = type;
    request.where = where;
    request.aggregates = {"count"};
    read_log_.entries.clear();
    EXPECT_TRUE(rows(as(kAnn), request)) << where;
    return read_log_.entries.empty() ? "nothing" : std::string(read_log_.entries.front()["where"].string());
  };
  const std::string other = create(kAnn, "party", R"({"name":"Bolt"})");
  for (const std::string& client : {acme_, other, acme_})
    EXPECT_EQ(asked("invoice", "client is " + client), "client is " + client);
}

TEST_F(ReadLogged, AHistoryIsARead) {
  ASSERT_TRUE(records_->history(as(kAnn), "invoice", invoice_));
  const std::vector<std::string> entries = logged("invoice");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_THAT(entries[1], HasSubstr("net_total"));
  EXPECT_THAT(entries[1], ::testing::EndsWith("] " + invoice_));
  std::string shouted = invoice_;
  std::transform(shouted.begin() + 4, shouted.end(), shouted.begin() + 4, ::toupper);
  ASSERT_NE(shouted, invoice_);
  ASSERT_TRUE(records_->history(as(kAnn), "invoice", shouted));
  EXPECT_THAT(logged("invoice"), ::testing::Each(::testing::EndsWith("] " + invoice_)))
      << "an id is the same however it is written";
}

TEST_F(ReadLogged, ARepeatedRequestIsARead) {
  Call call = as(kAnn);
  call.idempotency_key = "again";
  const Json body = *Json::parse(R"({"client":")" + acme_ + R"(","net_total":"2.00"})");
  ASSERT_TRUE(records_->create(call, "invoice", body));
  read_log_.entries.clear();
  ASSERT_TRUE(records_->create(call, "invoice", body));
  EXPECT_THAT(logged("invoice"), ::testing::Contains(HasSubstr("net_total")));
}

TEST_F(ReadLogged, AnEntryShowsNothingThatTheModelDoesNotKnow) {
  const auto note = [&](const std::string& type, const std::string& content) {
    ASSERT_TRUE(records_->note(
        system(), {.kind = "system", .type = type, .action = "x", .content = *Json::parse(content)}));
  };
  note("vanished", R"({"after":{"salary":"100"}})");
  note("host", R"({"version":"7"})");
  note("", R"({"path":"8"})");
  note("party", R"({"after":{"name":"Acme","fax":"9","lines":[{"text":"10"}]}})");
  note("invoice", R"({"after":{"note":"11","lines":[{"text":"12","gone":"13"}]}})");
  QueryRequest request;
  request.type = "audit_entry";
  request.fields = {"content", "type"};
  request.where = "action is x";
  const auto shown = rows(as(kAnn), request);
  ASSERT_TRUE(shown) << shown.error().message;
  ASSERT_EQ(shown->size(), 5U);
  EXPECT_THAT((*shown)[0], ::testing::AllOf(HasSubstr("$withheld"), Not(HasSubstr("salary"))));
  EXPECT_THAT((*shown)[1], HasSubstr("7"));
  EXPECT_THAT((*shown)[2], HasSubstr("8"));
  EXPECT_THAT((*shown)[3], ::testing::AllOf(HasSubstr("Acme"), Not(HasSubstr("fax")), Not(HasSubstr("10"))));
  EXPECT_THAT((*shown)[4], ::testing::AllOf(HasSubstr("11"), HasSubstr("12"), Not(HasSubstr("gone"))));
}

}  // namespace
}  // namespace talon::records
