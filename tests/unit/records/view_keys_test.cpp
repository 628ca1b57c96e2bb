/// Views under rules that keep keys from somebody: the number of rows and their order tell nothing of those.
#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

class ViewKeys : public RecordsTest {
 protected:
  ViewKeys() {
    for (const char* type : {"party", "invoice"}) allow_all(kAnn, type);
    for (const char* name : {"Acme", "Bolt"}) {
      clients_.push_back(create(kAnn, "party", R"({"name":")" + std::string(name) + "\"}"));
      for (const char* currency : {"USD", "EUR", "EUR"}) post(clients_.back(), currency);
    }
  }
  void post(const std::string& client, const std::string& currency) {
    const std::string invoice =
        create(kAnn, "invoice",
               R"({"client":")" + client + R"(","currency":")" + currency + R"(","net_total":"100.00"})");
    EXPECT_TRUE(records_->act(as(kAnn), "invoice", invoice, "post", -1, Json()));
  }
  /// What Carl gets of all of the view, by these field rules and, unless it is empty, of these columns alone.
  std::vector<std::string> seen(const std::string& fields, const std::string& columns = "",
                                const std::string& where = "") {
    authorizer_->set_plan(kCarl, "view", "turnover",
                          R"({"policy_set":"t","deny":[],"fields":)" +
                              (fields.empty() ? "[]" : "[" + fields + "]") +
                              (columns.empty() ? "" : R"(,"columns":)" + columns) +
                              R"(,"allow":[{"rule":"r","place":"p:1","where":")" + where + R"("}]})");
    gate_->invalidate();
    QueryRequest request;
    request.type = "turnover";
    request.wants_total = true;
    PageEnd end;
    const auto listed = rows(as(kCarl), request, &end);
    EXPECT_TRUE(listed) << listed.error().message;
    if (!listed) return {};
    EXPECT_EQ(end.total, static_cast<int64_t>(listed->size()));
    return *listed;
  }

  std::vector<std::string> clients_;
};

TEST_F(ViewKeys, ThatAreNotGrantedTellNoRowsApart) {
  EXPECT_THAT(seen(""), SizeIs(4));
  const std::vector<std::string> merged = seen("", R"(["currency","net","count"])");
  ASSERT_THAT(merged, SizeIs(2));
  EXPECT_THAT(merged[0], ::testing::AllOf(HasSubstr("400.00"), HasSubstr("EUR"), HasSubstr("4")));
  EXPECT_THAT(merged[1], ::testing::AllOf(HasSubstr("200.00"), HasSubstr("USD")));
  EXPECT_THAT(seen("", R"(["count"])"), ElementsAre(HasSubstr("6")));
  EXPECT_THAT(seen("", R"(["count"])", "client is " + clients_[1]), ElementsAre(HasSubstr("3")))
      << "the rule's own condition holds for the rows below";
  EXPECT_THAT(seen("", R"(["count"])", "currency is CHF"), IsEmpty()) << "of no rows there is no group";
}

TEST_F(ViewKeys, ThatAreHiddenOrMaskedTellNoRowsApart) {
  EXPECT_THAT(seen(R"({"field":"client","level":"hidden","where":""})"), SizeIs(2));
  EXPECT_THAT(seen(R"({"field":"client","level":"masked","as":"last 4","where":""})"), SizeIs(2));
  for (const char* level : {R"("level":"hidden")", R"("level":"masked","as":"last 1")"}) {
    const std::vector<std::string> amounts =
        seen(R"({"field":"currency",)" + std::string(level) + R"(,"where":""})");
    EXPECT_THAT(amounts, SizeIs(2)) << "a row for each client";
    EXPECT_THAT(amounts, Each(Not(HasSubstr(".00")))) << "nothing is added up over currencies";
  }
}

TEST_F(ViewKeys, ThatAreSeenOnSomeRowsTellThoseApart) {
  post(clients_[0], "CHF");
  const std::vector<std::string> rows =
      seen(R"({"field":"client","level":"hidden","where":"currency in [USD, EUR]"})");
  EXPECT_THAT(rows, SizeIs(3)) << "one for each of two currencies, and Acme's";
  EXPECT_THAT(rows, ::testing::Contains(HasSubstr(clients_[0])).Times(1));
  // A condition on what is hidden itself.
  EXPECT_THAT(seen(R"({"field":"client","level":"hidden","where":"client is )" + clients_[1] + R"("})"),
              SizeIs(5));
}

}  // namespace
}  // namespace talon::records
