/// What stands in an answer: whose rows, which total, which mask, by whose fields a child is judged.
#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

class Shown : public RecordsTest {
 protected:
  Shown() {
    for (const char* type : {"party", "invoice", "user"}) allow_all(kAnn, type);
    acme_ = create(kAnn, "party", R"({"name":"Acme"})");
    bolt_ = create(kAnn, "party", R"({"name":"Bolt"})");
  }
  std::string invoice(const std::string& client, const std::string& more = "") {
    return create(kAnn, "invoice", R"({"client":")" + client + "\"" + more + "}");
  }

  std::string acme_;
  std::string bolt_;
};

QueryRequest query_of(const std::string& type, const std::string& where,
                      const std::vector<std::string>& fields) {
  QueryRequest request;
  request.type = type;
  request.where = where;
  request.fields = fields;
  return request;
}

TEST_F(Shown, ATotalDoesNotPutTheCallersIdIntoTheRowFilter) {
  for (const std::string& client : {acme_, acme_, bolt_}) invoice(client, R"(,"note":"secret")");
  allow(kCarl, "view", "invoice", "client is " + acme_,
        R"([{"field":"note","level":"hidden","where":"state is draft"}])");
  QueryRequest request = query_of("invoice", "client is " + bolt_, {"client", "note"});
  request.wants_total = true;
  PageEnd end;
  const auto others = rows(as(kCarl), request, &end);
  ASSERT_TRUE(others) << others.error().message;
  EXPECT_THAT(*others, IsEmpty());
  EXPECT_EQ(end.total, 0);
  request.where = "client is " + acme_;
  EXPECT_EQ(rows(as(kCarl), request, &end)->size(), 2U);
  EXPECT_EQ(end.total, 2);
}

TEST_F(Shown, EachRecordHasItsOwnTotal) {
  for (const std::string& client : {acme_, acme_, bolt_}) invoice(client);
  QueryRequest request = query_of("invoice", "client is " + acme_, {"id"});
  request.wants_total = true;
  request.limit = 1;
  PageEnd end;
  ASSERT_TRUE(rows(as(kAnn), request, &end));
  EXPECT_EQ(end.total, 2);
  request.where = "client is " + bolt_;
  ASSERT_TRUE(rows(as(kAnn), request, &end));
  EXPECT_EQ(end.total, 1);
}

TEST_F(Shown, AMaskHoldsWhereItsOwnRuleDoes) {
  const std::string draft = invoice(acme_, R"(,"net_total":"12345.00")");
  const std::string issued = invoice(acme_, R"(,"net_total":"12345.00")");
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", issued, "post", -1, Json()));
  const auto mask = [](const std::string& as, const std::string& where) {
    return R"({"field":"net_total","level":"masked","as":"rounded )" + as + R"(","where":")" + where + "\"}";
  };
  const auto amounts = [&](const std::string& first, const std::string& second) {
    allow(kCarl, "view", "invoice", "", "[" + first + "," + second + "]");
    return *rows(as(kCarl), query_of("invoice", "", {"net_total"}));
  };
  const auto by_state = ElementsAre(HasSubstr(R"("12350.00")"), HasSubstr(R"("10000.00")"));
  EXPECT_THAT(amounts(mask("10", "state is draft"), mask("10000", "state is issued")), by_state);
  // Where both hold, the one that tells less: whatever their order, and also where no record matters.
  EXPECT_THAT(amounts(mask("10", ""), mask("10000", "state is issued")), by_state);
  EXPECT_THAT(amounts(mask("10", ""), mask("1000", "")), Each(HasSubstr(R"("12000.00")")));
}

TEST_F(Shown, AnAmountIsRoundedInItsOwnCurrency) {
  invoice(acme_, R"(,"currency":"KWD","net_total":"12345.678")");
  invoice(acme_, R"(,"currency":"JPY","net_total":"12345")");
  allow(kCarl, "view", "invoice", "",
        R"([{"field":"net_total","level":"masked","as":"rounded 1000","where":""}])");
  EXPECT_THAT(*rows(as(kCarl), query_of("invoice", "", {"net_total"})),
              ElementsAre(HasSubstr(R"("12000.000")"), HasSubstr(R"("12000")")));
}

TEST_F(Shown, AnAmountTellsNoCurrencyThatIsOutOfSight) {
  invoice(acme_, R"(,"currency":"USD","net_total":"100.00")");
  invoice(acme_, R"(,"currency":"EUR","net_total":"200.00")");
  for (const char* rule : {R"("level":"hidden","where":"")", R"("level":"masked","as":"last 4","where":"")",
                           R"("level":"hidden","where":"currency is USD")"}) {
    allow(kCarl, "view", "invoice", "", R"([{"field":"currency",)" + std::string(rule) + "}]");
    EXPECT_THAT(*rows(as(kCarl), query_of("invoice", "", {"net_total"})), Each(HasSubstr("XXX"))) << rule;
    for (const char* where : {"net_total > 50 USD", "net_total in [100 USD, 200 USD]"}) {
      const auto asked = rows(as(kCarl), query_of("invoice", where, {"id"}));
      ASSERT_FALSE(asked) << rule;
      EXPECT_EQ(asked.error().code, Code::InvalidArgument) << asked.error().message;
    }
    EXPECT_THAT(*rows(as(kCarl), query_of("invoice", "net_total is not empty", {"id"})), SizeIs(2));
  }
}

TEST_F(Shown, ARuleOnAChildsFieldIsJudgedByTheRecordThatItBelongsTo) {
  const std::string lines = R"(,"lines":[{"text":"a","net":"1.00"},{"text":"b","net":"2.00"}])";
  const std::string draft = invoice(acme_, lines);
  const std::string issued = invoice(acme_, lines);
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", issued, "post", -1, Json()));
  const auto nets = [&](const std::string& invoice, const std::string& where) {
    allow(kCarl, "view", "invoice", "",
          R"([{"field":"lines.net","level":"hidden","where":")" + where + R"("}])");
    return *rows(as(kCarl), query_of("invoice_line", "invoice is " + invoice, {"text", "net"}));
  };
  // A field that only the record has, and one that its lines have too: line 1 and invoice 1 are two things.
  for (const std::string& where : {std::string("state is draft"), "id is " + draft}) {
    EXPECT_THAT(nets(draft, where), ElementsAre(Not(HasSubstr("1.00")), Not(HasSubstr("2.00")))) << where;
    EXPECT_THAT(nets(issued, where), ElementsAre(HasSubstr("1.00"), HasSubstr("2.00"))) << where;
  }
}

TEST_F(Shown, AnAddressIsKeptInSmallLettersBecausePeopleAreOneByIt) {
  const std::string olga = create(kAnn, "user", R"({"name":"Olga","email":"Olga@Example.COM"})");
  EXPECT_EQ((*records_->get(as(kAnn), "user", olga, {"email"}))["email"].string(), "olga@example.com");
  EXPECT_EQ((*records_->get(as(kAnn), "user", olga, {"name"}))["name"].string(), "Olga");
}

TEST_F(Shown, AViewWithoutDrillDownIsLeftByNoKey) {
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", invoice(acme_), "post", -1, Json()));
  allow(kCarl, "view", "party");
  const auto with = [&](const char* drill_down) {
    authorizer_->set_plan(kCarl, "view", "turnover",
                          std::string(R"({"policy_set":"t","deny":[],"fields":[],"drill_down":)") +
                              drill_down + R"(,"allow":[{"rule":"r","place":"p:1","where":""}]})");
    gate_->invalidate();
  };
  with("true");
  EXPECT_THAT(*rows(as(kCarl), query_of("turnover", "", {"client.name"})), ElementsAre(HasSubstr("Acme")));
  with("false");
  EXPECT_EQ(rows(as(kCarl), query_of("turnover", "", {"client.name"})).error().code, Code::InvalidArgument);
  EXPECT_EQ(rows(as(kCarl), query_of("turnover", "client.name is Acme", {"net"})).error().code,
            Code::InvalidArgument);
  QueryRequest sorted = query_of("turnover", "", {"net"});
  sorted.order = {"client.name"};
  EXPECT_EQ(rows(as(kCarl), sorted).error().code, Code::InvalidArgument);
  EXPECT_EQ(rows(as(kCarl), query_of("turnover", "", {"client", "net"}))->size(), 1U);
}

TEST_F(Shown, AGateThatFailsOnTheWayToACurrencyEndsTheQueryAndNotTheHost) {
  invoice(acme_, R"(,"lines":[{"text":"a","net":"1.00"}])");
  allow(kCarl, "export", "invoice");
  allow(kCarl, "view", "invoice", "no condition");
  QueryRequest request = query_of("invoice_line", "", {"text", "net"});
  request.action = "export";
  EXPECT_EQ(rows(as(kCarl), request).error().code, Code::Internal);
}

}  // namespace
}  // namespace talon::records
