/// The SQL of a page, and the connection string: pure text, and hostile names.
#include "connectors/odbc/page_query.hpp"

#include <gtest/gtest.h>

namespace talon::odbc {
namespace {

PageRequest page_of(const char* json) {
  const auto parsed = Json::parse(json);
  const auto page = read_page_request(*parsed);
  EXPECT_TRUE(page) << page.error().message;
  return *page;
}

TEST(PageQuery, APageAfterAPositionIsARangeAndATieBreak) {
  std::vector<Parameter> parameters;
  const auto page = page_of(R"({"table":"orders","columns":["no"],"cursor":["updated_at","id"],
                                "position":["2026-01-01","7"],"limit":50})");
  EXPECT_EQ(page_sql(Dialect::MariaDb, page, parameters),
            "SELECT no, updated_at, id FROM orders WHERE updated_at >= ? AND (updated_at > ? OR id > ?) "
            "ORDER BY updated_at, id LIMIT 50");
  ASSERT_EQ(parameters.size(), 3u);
  EXPECT_EQ(parameters[2].column, "id");
  EXPECT_EQ(parameters[2].text, "7");
}

TEST(PageQuery, SinceIsInclusiveAndSettleHoldsBackTheYoungest) {
  std::vector<Parameter> parameters;
  const auto page =
      page_of(R"({"query":"SELECT * FROM o","columns":["id","updated_at"],"cursor":["updated_at","id"],
                                "since":"2026-01-01","settle_s":30})");
  EXPECT_EQ(page_sql(Dialect::PostgreSql, page, parameters),
            "SELECT id, updated_at FROM (SELECT * FROM o) source WHERE updated_at >= ? AND updated_at <= "
            "current_timestamp - interval '30 seconds' ORDER BY updated_at, id");
}

TEST(PageQuery, OtherDriversSayTheirOwnLimit) {
  std::vector<Parameter> parameters;
  const auto page = page_of(R"({"table":"t","columns":["id"],"cursor":["id"],"limit":5})");
  EXPECT_EQ(page_sql(Dialect::Generic, page, parameters),
            "SELECT id FROM t ORDER BY id FETCH FIRST 5 ROWS ONLY");
}

TEST(PageQuery, ChildrenComeByTheirParentsKeys) {
  std::vector<Parameter> parameters;
  const auto page = page_of(
      R"({"table":"lines","columns":["id","order_id"],"in":{"column":"order_id","values":["1","2"]}})");
  EXPECT_EQ(page_sql(Dialect::Sqlite, page, parameters),
            "SELECT id, order_id FROM lines WHERE order_id IN (?, ?)");
}

TEST(PageQuery, ANameThatIsNoNameIsRefused) {
  for (const char* json :
       {R"({"table":"t; DROP TABLE t","columns":["id"]})", R"({"table":"t","columns":["id, password"]})",
        R"({"table":"t","columns":["1x"]})", R"({"table":"a..b","columns":["id"]})",
        R"({"table":"t","columns":["id"],"cursor":["id) OR (1=1"]})", R"({"table":"t","columns":[]})",
        R"({"columns":["id"]})", R"({"table":"t","columns":["id"],"cursor":["id"],"position":["1","2"]})"}) {
    const auto page = read_page_request(*Json::parse(json));
    EXPECT_FALSE(page) << json;
  }
}

TEST(ConnectionString, ValuesWithSyntaxAreQuotedAndOptionsOverrideTheDefaults) {
  const auto connection = Json::parse(R"({"driver":"postgresql","server":"db","port":5432,"username":"u",
      "password":"p;DATABASE=x}","options":{"Fetch":"10"}})");
  const auto text = connection_string(*connection);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("PWD={p;DATABASE=x}}};"), std::string::npos) << *text;
  EXPECT_NE(text->find("UseDeclareFetch=1;Fetch=10;"), std::string::npos) << *text;
  EXPECT_NE(text->find("Protocol=7.4-0;"), std::string::npos);
  EXPECT_FALSE(connection_string(*Json::parse(R"({"server":"db"})")));
  EXPECT_FALSE(connection_string(*Json::parse(R"({"driver":"sqlite","options":{"a=b;c":"1"}})")));
}

}  // namespace
}  // namespace talon::odbc
