/// Reports: the shipped definitions, mistakes with their places, rights, and what no value can do.
#include "host/config/yaml.hpp"
#include "host/model/load.hpp"
#include "plugins/reports/writer.hpp"

#include <talon/expression/parse.hpp>

#include <talon/testing/plugin_under_test.hpp>

#include <gtest/gtest.h>

#include <filesystem>

namespace talon::reports {
namespace {

using testing::FakeHost;
using testing::PluginUnderTest;

const std::filesystem::path kSource = TALON_SOURCE_DIR;

const model::Model& shipped_model() {
  static const model::Model model = [] {
    model::ModelSources sources;
    sources.plugin_directories = {kSource / "plugins"};
    sources.root = kSource;
    return model::load_model(sources).model;
  }();
  return model;
}

std::vector<Document> shipped() {
  Mistakes mistakes;
  auto documents = config::read_yaml_directory(kSource / "config/reports", "config/reports", mistakes);
  EXPECT_TRUE(mistakes.empty());
  return documents;
}

Mistakes mistakes_of(PluginUnderTest& plugin, const std::string& text) {
  Mistakes mistakes;
  const Document document = config::read_yaml_text(text, "r.yaml", mistakes);
  EXPECT_TRUE(mistakes.empty());
  const auto found = plugin.check({document}, shipped_model());
  EXPECT_TRUE(found);
  return found ? *found : Mistakes{};
}

class ReportsTest : public ::testing::Test {
 protected:
  ReportsTest() : host_(shipped_model()), plugin_(host_) {
    EXPECT_TRUE(plugin_.start());
    const auto mistakes = plugin_.load(shipped(), shipped_model());
    EXPECT_TRUE(mistakes);
    for (const Mistake& mistake : *mistakes) ADD_FAILURE() << mistake.to_string();
  }

  /// An issued invoice of 12.30 EUR. @return its id.
  int64_t invoice(int64_t client, const std::string& number, const std::string& reference = "") {
    return host_.add("invoice", {{"number", number},
                                 {"state", "issued"},
                                 {"client", client},
                                 {"currency", "EUR"},
                                 {"issue_date", 20261101},
                                 {"due_date", 20261201},
                                 {"gross_total", 1230},
                                 {"balance", 1230},
                                 {"reference", reference},
                                 {"settlement", "open"}});
  }
  Result<std::string> run(const std::string& name, Json params = Json::object(),
                          const char* format = "json") {
    return plugin_.command("run",
                           Json::object({{"name", name}, {"params", std::move(params)}, {"format", format}}));
  }

  FakeHost host_;
  PluginUnderTest plugin_;
};

TEST_F(ReportsTest, RunsAsJsonWithColumnsAndAmounts) {
  const int64_t client = host_.add("party", {{"name", "Acme"}});
  invoice(client, "INV-1");
  const auto text = run("open_items");
  ASSERT_TRUE(text) << text.error().message;
  const auto json = Json::parse(*text);
  ASSERT_TRUE(json) << *text;
  EXPECT_EQ((*json)["report"].string(), "open_items");
  EXPECT_EQ((*json)["count"].integer(), 1);
  const Json& row = (*json)["rows"].items().at(0);
  EXPECT_EQ(row["number"].string(), "INV-1");
  EXPECT_EQ(row["client"].string(), host_.id("party", client));
  EXPECT_EQ(row["client.name"].string(), "Acme");
  EXPECT_EQ(row["gross_total"].to_string(), R"({"amount":"12.30","currency":"EUR"})");
  EXPECT_EQ(row["due_date"].string(), "2026-12-01");
}

TEST_F(ReportsTest, AParameterNarrowsAndAnOmittedOneDoesNot) {
  const int64_t one = host_.add("party", {{"name", "One"}});
  const int64_t two = host_.add("party", {{"name", "Two"}});
  invoice(one, "A");
  invoice(two, "B");
  const auto all = Json::parse(*run("client_statement"));
  EXPECT_EQ((*all)["count"].integer(), 2);
  const auto narrowed =
      Json::parse(*run("client_statement", Json::object({{"client", host_.id("party", two)}})));
  ASSERT_EQ((*narrowed)["count"].integer(), 1);
  EXPECT_EQ((*narrowed)["rows"].items()[0]["number"].string(), "B");
  EXPECT_EQ((*narrowed)["parameters"]["client"].string(), host_.id("party", two));
}

TEST_F(ReportsTest, AValueIsNeverMoreThanAValue) {
  const int64_t client = host_.add("party", {{"name", "One"}});
  invoice(client, "A");
  for (const char* attack :
       {"x or state is draft", "pty_1) or (state is draft", "\" or id is not empty", "user"}) {
    const auto refused = run("client_statement", Json::object({{"client", attack}}));
    ASSERT_FALSE(refused) << attack;
    EXPECT_EQ(refused.error().code, Code::InvalidArgument);
    EXPECT_NE(refused.error().details.find("/client"), std::string::npos);
  }
  EXPECT_FALSE(run("client_statement", Json::object({{"from", "yesterday"}})));
  EXPECT_FALSE(run("client_statement", Json::object({{"from", "2026-02-30"}})));
  EXPECT_FALSE(run("supplier_deliveries", Json::object({{"state", "draft"}})));
  EXPECT_FALSE(run("turnover", Json::object({{"from", "2026-13"}})));
  const auto unknown = run("client_statement", Json::object({{"clint", "x"}}));
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("client"), std::string::npos);
}

TEST_F(ReportsTest, FreeTextOfAnyKindStaysOneLiteral) {
  Definition definition;
  definition.name = "r";
  Parameter text;
  text.name = "t";
  definition.parameters = {text};
  expression::Expression where;
  where.kind = expression::Expression::Kind::Compare;
  where.path = "note";
  where.operand.kind = expression::Operand::Kind::Literal;
  where.operand.text = "$t";
  for (const char* value : {"a or b", "\"quoted\"", "[1, 2]", "$t", "\\", "empty", "user", "today",
                            "x) or (y is z", "5000 EUR"}) {
    const auto values = read_values(definition, Json::object({{"t", value}}));
    ASSERT_TRUE(values);
    const auto filled = with_values(where, *values);
    const auto back = expression::parse(expression::print(filled));
    ASSERT_TRUE(back) << value << ": " << expression::print(filled);
    EXPECT_EQ(back->kind, expression::Expression::Kind::Compare) << value;
    EXPECT_EQ(back->operand.text, value) << expression::print(filled);
  }
}

TEST_F(ReportsTest, CsvIsQuotedAndHarmlessToSpreadsheets) {
  const int64_t client = host_.add("party", {{"name", "=HYPERLINK(\"http://x\")"}});
  invoice(client, "A,1", "-5");
  const auto text = run("open_items", Json::object(), "csv");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_NE(text->find("\"A,1\""), std::string::npos) << *text;
  EXPECT_NE(text->find("\"'=HYPERLINK(\"\"http://x\"\")\""), std::string::npos) << *text;
  EXPECT_NE(text->find(",12.30,"), std::string::npos) << *text;
  EXPECT_TRUE(text->ends_with("\r\n"));
}

TEST_F(ReportsTest, WhoMaySeeNothingOfItHasNoSuchReport) {
  host_.deny("invoice.view");
  const auto refused = run("open_items");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::NotFound);
  EXPECT_EQ(run("nothing").error().code, Code::NotFound);
  const auto list = Json::parse(*plugin_.command("list"));
  bool has_timesheets = false;
  for (const Json& report : (*list)["reports"].items()) {
    EXPECT_NE(report["name"].string(), "open_items");
    has_timesheets = has_timesheets || report["name"].string() == "timesheets";
  }
  EXPECT_TRUE(has_timesheets);
}

TEST_F(ReportsTest, AFailingDatabaseIsSaidToBeOne) {
  invoice(host_.add("party", {{"name", "One"}}), "A");
  for (int64_t n = 1;; ++n) {
    host_.fail_nth(n);
    const auto text = run("open_items");
    if (!host_.has_failed()) {
      EXPECT_TRUE(text);
      break;
    }
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Code::Unavailable);
  }
}

TEST_F(ReportsTest, MistakesNameTheirPlaceAndARemedy) {
  const std::string head = "report: r\nfrom: invoice\n";
  auto found = mistakes_of(plugin_, head + "columns: [number, clint]\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].place.line, 3U);
  EXPECT_EQ(found[0].place.column, 19U);
  EXPECT_NE(found[0].message.find("client"), std::string::npos) << found[0].message;
  EXPECT_NE(
      mistakes_of(plugin_, "report: r\nfrom: invoces\ncolumns: [number]\n").at(0).message.find("invoice"),
      std::string::npos);
  EXPECT_NE(mistakes_of(plugin_, head + "columns: [gross_total]\n").at(0).message.find("currency"),
            std::string::npos);
  EXPECT_NE(mistakes_of(plugin_, head + "colums: [number]\n").at(0).message.find("columns"),
            std::string::npos);
  EXPECT_FALSE(mistakes_of(plugin_, head + "columns: [number]\nwhere: state is isued\n").empty());
  EXPECT_FALSE(mistakes_of(plugin_, head + "columns: [number]\nwhere: client is $client\n").empty());
  EXPECT_FALSE(mistakes_of(plugin_, head + "columns: [number]\nwhere: (state is\n").empty());
  EXPECT_FALSE(mistakes_of(plugin_, head + "columns: [number]\norder: [nothing]\n").empty());
  EXPECT_FALSE(mistakes_of(plugin_, head + "aggregates: [average net_total]\ngroup: [client]\n").empty());
  EXPECT_TRUE(
      mistakes_of(plugin_, head + "group: [client, currency]\naggregates: [count, sum net_total]\n").empty());
  EXPECT_TRUE(mistakes_of(plugin_, "report: r\nplugin: absent\nfrom: nothing\ncolumns: [x]\n").empty());
}

}  // namespace
}  // namespace talon::reports
