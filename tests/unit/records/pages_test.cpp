/// Pages: together they have all rows, also those that differ in what the caller cannot see.
#include "host/runtime/digest.hpp"
#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

using ::testing::SizeIs;

class Pages : public RecordsTest {
 protected:
  Pages() {
    for (const char* type : {"party", "invoice"}) allow_all(kAnn, type);
    const std::string acme = create(kAnn, "party", R"({"name":"Acme"})");
    for (const char* currency : {"USD", "EUR", "CHF"}) {
      const std::string invoice =
          create(kAnn, "invoice",
                 R"({"client":")" + acme + R"(","currency":")" + currency + R"(","net_total":"100.00"})");
      EXPECT_TRUE(records_->act(as(kAnn), "invoice", invoice, "post", -1, Json()));
    }
  }
  /// What Carl gets of a query, a row a page.
  std::vector<std::string> one_by_one(QueryRequest request) {
    request.limit = 1;
    std::vector<std::string> all;
    for (int page = 0; page < 10; ++page) {
      PageEnd end;
      const auto listed = rows(as(kCarl), request, &end);
      EXPECT_TRUE(listed) << listed.error().message;
      if (!listed) return all;
      all.insert(all.end(), listed->begin(), listed->end());
      if (end.next_cursor.empty()) return all;
      request.cursor = last_cursor_ = end.next_cursor;
    }
    return all;
  }
  static QueryRequest view() {
    QueryRequest request;
    request.type = "turnover";
    return request;
  }

  /// Carl gets these columns of the view.
  void granted(const std::vector<std::string>& columns) {
    Json names = Json::array();
    for (const std::string& name : columns) names.push(name);
    authorizer_->set_plan(kCarl, "view", "turnover",
                          R"({"policy_set":"t","deny":[],"fields":[],"columns":)" + names.to_string() +
                              R"(,"allow":[{"rule":"r","place":"p:1","where":""}]})");
    gate_->invalidate();
  }

  std::string last_cursor_;
};

TEST_F(Pages, OfAViewHaveTheRowsThatDifferInWhatIsSeen) {
  allow(kCarl, "view", "turnover");
  EXPECT_THAT(one_by_one(view()), SizeIs(3));
  granted({"client", "net", "count"});  // an amount's currency goes with the amount
  EXPECT_THAT(one_by_one(view()), SizeIs(3));
  allow(kCarl, "view", "turnover", "",
        R"([{"field":"currency","level":"hidden","where":"currency in [USD, EUR]"}])");
  EXPECT_THAT(one_by_one(view()), SizeIs(2));
  const std::string place = last_cursor_.substr(last_cursor_.find('.') + 1);
  EXPECT_THAT(*runtime::from_base64url(place), Not(HasSubstr("CHF"))) << "where the last page begins";
}

TEST_F(Pages, OfGroupsHaveEqualAmountsOfTwoCurrencies) {
  allow(kCarl, "view", "invoice");
  QueryRequest request;
  request.type = "invoice";
  request.group = {"net_total"};
  request.aggregates = {"count"};
  EXPECT_THAT(one_by_one(request), SizeIs(3));
}

TEST_F(Pages, AreInNoOrderOfFilesOrSums) {
  allow_all(kAnn, "deed");
  const std::string deed = create(kAnn, "deed", R"({"title":"House","scan":"c2Nhbg=="})");
  QueryRequest listed;
  listed.type = "deed";
  listed.fields = {"title", "scan"};
  listed.order = {"title"};
  EXPECT_THAT(*rows(as(kAnn), listed), SizeIs(1)) << "it is shown";
  listed.order = {"-scan"};
  EXPECT_THAT(rows(as(kAnn), listed).error().message, HasSubstr("nothing to sort by"));
  QueryRequest grouped;
  grouped.type = "deed";
  grouped.group = {"scan"};
  EXPECT_THAT(rows(as(kAnn), grouped).error().message, HasSubstr("nothing to group by"));
  grouped.group = {"title"};
  grouped.aggregates = {"max scan"};
  EXPECT_THAT(rows(as(kAnn), grouped).error().message, HasSubstr("nothing to add up"));
  grouped.aggregates = {"count"};
  grouped.order = {"-count"};
  const auto by_count = rows(as(kAnn), grouped);
  ASSERT_FALSE(by_count);
  EXPECT_THAT(by_count.error().message, HasSubstr("sort by what they are grouped by"));
}

}  // namespace
}  // namespace talon::records
