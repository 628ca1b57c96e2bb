/// Records over HTTP: what is seen, versions, keys, errors.
#include "tests/unit/http/api_fixture.hpp"

#include <gmock/gmock.h>

namespace talon::http::test {
namespace {

using ::testing::HasSubstr;

class ApiRecords : public ApiTest {
 protected:
  ApiRecords() : user_(add_user("ann@example.org")), token_(sign_in("ann@example.org")) {
    allow_all(user_, "party");
    allow_all(user_, "invoice");
    party_ = id_of(call(token_, "POST", "/api/v1/parties", R"({"name":"Acme","iban":"FR76"})"));
  }
  static std::string id_of(const Answer& answer) {
    EXPECT_EQ(answer.status, 201) << answer.text;
    return std::string(answer.body["id"].string());
  }
  std::string invoice(const std::string& more = "") {
    return id_of(call(
        token_, "POST", "/api/v1/invoices",
        R"({"client":")" + party_ + R"(","net_total":{"amount":"12.30","currency":"EUR"})" + more + "}"));
  }

  int64_t user_;
  std::string token_;
  std::string party_;
};

TEST_F(ApiRecords, ARecordIsCreatedReadAndChangedByItsVersion) {
  const Answer made = call(token_, "POST", "/api/v1/parties", R"({"name":"Beta"})");
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.header("ETag"), "\"v1\"");
  const std::string address = made.header("Location");
  const Answer read = call(token_, "GET", address);
  EXPECT_EQ(read.body["name"].string(), "Beta");
  EXPECT_EQ(read.header("ETag"), "\"v1\"");
  EXPECT_EQ(call(token_, "GET", address, "", {{"If-None-Match", "\"v1\""}}).status, 304);
  EXPECT_EQ(call(token_, "PATCH", address, R"({"name":"Gamma"})").status, 428);
  const Answer changed = call(token_, "PATCH", address, R"({"name":"Gamma"})", {{"If-Match", "\"v1\""}});
  EXPECT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(changed.header("ETag"), "\"v2\"");
  const Answer stale = call(token_, "PATCH", address, R"({"name":"Delta"})", {{"If-Match", "\"v1\""}});
  EXPECT_EQ(stale.status, 412) << stale.text;
  for (const char* part : {"base", "theirs", "mine"})
    EXPECT_NE(stale.body.find(part), nullptr) << part << stale.text;
  EXPECT_EQ(call(token_, "DELETE", address, "", {{"If-Match", "v2"}}).status, 204);
  EXPECT_EQ(call(token_, "GET", address).status, 404);
}

TEST_F(ApiRecords, AListShowsItemsWithTagsAndPages) {
  for (int i = 0; i < 5; ++i) invoice(R"(,"note":"n)" + std::to_string(i) + "\"");
  Answer page =
      call(token_, "GET", "/api/v1/invoices?order=note&limit=2&include=total&fields=note,net_total");
  ASSERT_EQ(page.status, 200) << page.text;
  EXPECT_EQ(page.body["total"].integer(), 5);
  const Json& first = page.body["items"].items().at(0);
  EXPECT_EQ(first["note"].string(), "n0");
  EXPECT_EQ(first["etag"].string(), "\"v1\"");
  EXPECT_EQ(first["net_total"].to_string(), R"({"amount":"12.30","currency":"EUR"})");
  std::vector<std::string> notes;
  std::string next = "start";
  std::string cursor;
  while (!next.empty()) {
    page = call(token_, "GET", "/api/v1/invoices?order=note&limit=2&fields=note" + cursor);
    ASSERT_EQ(page.status, 200) << page.text;
    for (const Json& item : page.body["items"].items()) notes.emplace_back(item["note"].string());
    next = page.body["next"].string();
    cursor = "&cursor=" + next;
  }
  EXPECT_EQ(notes, (std::vector<std::string>{"n0", "n1", "n2", "n3", "n4"}));
}

TEST_F(ApiRecords, AFilterComesWithTheAddress) {
  invoice(R"(,"note":"yes")");
  invoice();
  const Answer found =
      call(token_, "GET", "/api/v1/invoices?where=note%20is%20yes%20and%20net_total%20%3E%2010%20EUR");
  ASSERT_EQ(found.status, 200) << found.text;
  EXPECT_EQ(found.body["items"].items().size(), 1U);
  EXPECT_GE(call(token_, "GET", "/api/v1/invoices?where=note%20isnt%20yes").status, 400);
}

TEST_F(ApiRecords, UnknownParametersFieldsAndBodiesAreRefused) {
  const Answer typo = call(token_, "GET", "/api/v1/invoices?limt=3");
  EXPECT_EQ(typo.status, 400);
  EXPECT_NE(typo.body["detail"].string().find("limit"), std::string_view::npos);
  for (const char* target : {"/api/v1/invoices?limit=0", "/api/v1/invoices?limit=501",
                             "/api/v1/invoices?limit=x", "/api/v1/invoices?limit=1&limit=2",
                             "/api/v1/invoices?include=all", "/api/v1/invoices?cursor=forged"}) {
    EXPECT_EQ(call(token_, "GET", target).status, 400) << target;
  }
  const Answer wrong = call(token_, "POST", "/api/v1/parties", R"({"nam":"x"})");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.body["errors"].items().at(0)["pointer"].string(), "/nam");
  EXPECT_EQ(wrong.header("Content-Type"), "application/problem+json");
  const Answer value = call(token_, "POST", "/api/v1/parties", R"({"name":7})");
  EXPECT_EQ(value.status, 422);
  const std::string words(value.body["errors"].items().at(0)["message"].string());
  EXPECT_EQ(words.find("name"), std::string::npos) << "the pointer names it: " << words;
  EXPECT_EQ(value.body["detail"].string(), "name: " + words) << "which stands alone";
  EXPECT_EQ(call(token_, "POST", "/api/v1/parties", "{").status, 400);
  EXPECT_EQ(call(token_, "POST", "/api/v1/parties", R"({"name":1,"name":2})").status, 400);
  Request form;
  form.method = "POST";
  form.target = "/api/v1/parties";
  form.body = "name=x";
  form.headers = {{"Authorization", "Bearer " + token_},
                  {"Content-Type", "application/x-www-form-urlencoded"}};
  ASSERT_TRUE(read_target(form));
  EXPECT_EQ(api_->handle(form).status, 400);
}

TEST_F(ApiRecords, AnotherPartysRecordAndAMissingOneGiveTheSameBytes) {
  const int64_t other = add_user("bob@example.org");
  const std::string bob = sign_in("bob@example.org");
  allow(other, "view", "party", "name is Beta");
  const Answer foreign = call(bob, "GET", "/api/v1/parties/" + party_);
  const Answer missing = call(bob, "GET", "/api/v1/parties/pty_0000000000009");
  const Answer garbage = call(bob, "GET", "/api/v1/parties/x");
  const Answer unruled = call(bob, "GET", "/api/v1/invoices/" + invoice());
  EXPECT_EQ(foreign.status, 404);
  EXPECT_EQ(foreign.text, missing.text);
  EXPECT_EQ(foreign.text, garbage.text);
  EXPECT_EQ(foreign.text, unruled.text);
  EXPECT_EQ(foreign.headers, missing.headers);
  EXPECT_EQ(call(bob, "PATCH", "/api/v1/parties/" + party_, R"({"name":"x"})", {{"If-Match", "v1"}}).status,
            404);
}

TEST_F(ApiRecords, FieldsOutsideTheRightsAreAbsent) {
  const int64_t other = add_user("bob@example.org");
  const std::string bob = sign_in("bob@example.org");
  allow(other, "view", "party", "", R"([{"field":"iban","level":"hidden","where":"","place":"test:2"}])");
  const Answer one = call(bob, "GET", "/api/v1/parties/" + party_);
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(one.body.find("iban"), nullptr);
  const Answer all = call(bob, "GET", "/api/v1/parties");
  EXPECT_EQ(all.text.find("iban"), std::string::npos);
  EXPECT_EQ(call(bob, "GET", "/api/v1/parties?order=iban").status, 400);
  EXPECT_EQ(call(bob, "GET", "/api/v1/parties?where=iban%20is%20FR76").status, 400);
}

TEST_F(ApiRecords, AnActionThatNeedsAKeyRunsOncePerKey) {
  const std::string address = "/api/v1/invoices/" + invoice() + "/issue";
  EXPECT_EQ(call(token_, "POST", address, "{}").status, 400);
  const Answer first = call(token_, "POST", address, "{}", {{"Idempotency-Key", "k1"}});
  ASSERT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(first.header("Idempotent-Replayed"), "");
  const Answer again = call(token_, "POST", address, "{}", {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(again.status, 200) << again.text;
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(again.text, first.text);
  const Answer reused =
      call(token_, "POST", "/api/v1/invoices/" + invoice() + "/issue", "{}", {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(reused.status, 422) << reused.text;
}

TEST_F(ApiRecords, ADocumentIsCreatedUnderAKeyAndOnce) {
  allow_all(user_, "receipt");
  const std::string body = R"({"name":"first"})";
  const Answer bare = call(token_, "POST", "/api/v1/receipts", body);
  EXPECT_EQ(bare.status, 400) << bare.text;
  EXPECT_NE(bare.text.find("Idempotency-Key"), std::string::npos);
  const std::string made = id_of(call(token_, "POST", "/api/v1/receipts", body, {{"Idempotency-Key", "r1"}}));
  const Answer again = call(token_, "POST", "/api/v1/receipts", body, {{"Idempotency-Key", "r1"}});
  EXPECT_EQ(again.body["id"].string(), made);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  const std::string batch = R"([{"op":"create","body":{"name":"a"}},{"op":"create","body":{"name":"b"}}])";
  const Answer refused = call(token_, "POST", "/api/v1/receipts/batch", batch);
  ASSERT_EQ(refused.status, 200) << refused.text;
  for (const Json& item : refused.body.items()) EXPECT_EQ(item["status"].integer(), 400) << refused.text;
  for (int i = 0; i < 2; ++i) {
    const Answer done = call(token_, "POST", "/api/v1/receipts/batch", batch, {{"Idempotency-Key", "r2"}});
    for (const Json& item : done.body.items()) EXPECT_EQ(item["status"].integer(), 201) << done.text;
  }
  EXPECT_EQ(call(token_, "GET", "/api/v1/receipts").body["items"].items().size(), 3U);
}

TEST_F(ApiRecords, ADeclaredActionMovesTheStateAndFreezes) {
  const std::string address = "/api/v1/invoices/" + invoice();
  EXPECT_EQ(call(token_, "POST", address + "/post").status, 200);
  const Answer frozen = call(token_, "PATCH", address, R"({"note":"x"})", {{"If-Match", "v2"}});
  EXPECT_EQ(frozen.status, 409) << frozen.text;
  EXPECT_EQ(call(token_, "POST", address + "/post").status, 409);
  EXPECT_EQ(call(token_, "POST", address + "/erase").status, 404);
}

TEST_F(ApiRecords, ABatchAnswersEachItem) {
  const Answer answer =
      call(token_, "POST", "/api/v1/parties/batch",
           R"({"items":[{"op":"create","body":{"name":"A"}},{"op":"create","body":{"nam":"B"}},)"
           R"({"op":"change","id":")" +
               party_ + R"(","version":1,"body":{"name":"C"}},{"op":"delete","id":"pty_x","version":1}]})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  const Json& results = answer.body["results"];
  ASSERT_EQ(results.items().size(), 4U);
  EXPECT_EQ(results.items()[0]["status"].integer(), 201);
  EXPECT_EQ(results.items()[1]["status"].integer(), 422);
  EXPECT_EQ(results.items()[2]["status"].integer(), 200) << answer.text;
  EXPECT_EQ(results.items()[2]["record"]["name"].string(), "C");
  EXPECT_EQ(results.items()[3]["status"].integer(), 404);
  EXPECT_EQ(call(token_, "POST", "/api/v1/parties/batch", R"({"items":[]})").status, 400);
}

TEST_F(ApiRecords, ARecordIsFoundByItsExternalKey) {
  const std::string made = id_of(call(token_, "POST", "/api/v1/parties",
                                      R"({"name":"X","external_system":"crm","external_id":"a \"b\" 1"})"));
  const Answer found = call(token_, "GET", "/api/v1/parties/by-external/crm/a%20%22b%22%201");
  EXPECT_EQ(found.status, 200) << found.text;
  EXPECT_EQ(found.body["id"].string(), made);
  EXPECT_EQ(call(token_, "GET", "/api/v1/parties/by-external/crm/2").status, 404);
}

TEST_F(ApiRecords, TheChangeFeedTellsWhatMayBeSeen) {
  const std::string after(call(token_, "GET", "/api/v1/changes").body["next"].string());
  invoice();
  const Answer page = call(token_, "GET", "/api/v1/changes?types=invoice&after=" + after);
  ASSERT_EQ(page.status, 200) << page.text;
  ASSERT_EQ(page.body["changes"].items().size(), 1U);
  EXPECT_EQ(page.body["changes"].items()[0]["type"].string(), "invoice");
  add_user("bob@example.org");
  const std::string bob = sign_in("bob@example.org");
  EXPECT_EQ(call(bob, "GET", "/api/v1/changes?after=" + after).status, 400);  // another's place
}

TEST_F(ApiRecords, TheChangeFeedOfNothingIsRefusedForItWouldBeSilentForEver) {
  const auto asked = [&](const std::string& types) {
    const Answer answer = call(token_, "GET", "/api/v1/changes?types=" + types);
    EXPECT_EQ(answer.status, 400) << answer.text;
    const Answer stream = call(token_, "GET", "/api/v1/events?types=" + types);
    EXPECT_EQ(stream.status, 400) << stream.text;
    EXPECT_EQ(stream.body["detail"].string(), answer.body["detail"].string());
    return std::string(answer.body["detail"].string());
  };
  EXPECT_THAT(asked("invoice,invoices"), HasSubstr("types takes invoice, not invoices"));
  EXPECT_THAT(asked("invocie"), HasSubstr("there is no record type \"invocie\". Did you mean \"invoice\"?"));
  EXPECT_THAT(asked("user_role"), HasSubstr("ask for those of user"));
  EXPECT_THAT(asked("sign_in"), HasSubstr("read it again"));
}

TEST_F(ApiRecords, HistoryTellsWhoDidWhat) {
  const Answer history = call(token_, "GET", "/api/v1/parties/" + party_ + "/history");
  EXPECT_EQ(history.status, 200) << history.text;
}

TEST_F(ApiRecords, OtherMethodsAndAddressesAreRefused) {
  const Answer put = call(token_, "PUT", "/api/v1/parties/" + party_);
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(put.header("Allow"), "GET, PATCH, DELETE");
  EXPECT_EQ(call(token_, "GET", "/api/v1/nothing").status, 404);
  EXPECT_EQ(call(token_, "GET", "/api/v2/parties").status, 404);
  EXPECT_EQ(call("", "GET", "/openapi.json").status, 200);
}

}  // namespace
}  // namespace talon::http::test
