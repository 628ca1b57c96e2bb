/// The command line against a small server of the test's own, and against files.
#include "tests/unit/cli/cli_fixture.hpp"

#include "host/cli/output.hpp"
#include "host/cli/sign_in.hpp"
#include "host/cli/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace talon::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(CliTest, WrongUseIsTwo) {
  EXPECT_EQ(talon({}), kWrongUse);
  EXPECT_EQ(talon({"frobnicate"}), kWrongUse);
  EXPECT_EQ(talon({"record", "get", "invoice"}), kWrongUse);
  EXPECT_EQ(talon({"version"}), kOk);
  EXPECT_EQ(talon({"--help"}), kOk);
}

TEST_F(CliTest, SignsInAndKeepsTheTokenForItsOwnerAlone) {
  exchange_.answers["POST /api/v1/session"] = {201, R"({"token":"t0k","expires_at":"2026-11-22T00:00:00Z"})"};
  const fs::path password = write("password", "hunter2\n");
  EXPECT_EQ(at_server({"login", "--email", "ann@example.com", "--password-file", password}), kOk)
      << err_.str();
  EXPECT_THAT(exchange_.requests.back(), HasSubstr(R"("password":"hunter2")"));
  EXPECT_EQ(fs::status(directory_ / "sign_in.json").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  exchange_.answers["GET /api/v1/me"] = {200, R"({"name":"Ann"})"};
  EXPECT_EQ(talon({"me"}), kOk) << err_.str();
  EXPECT_EQ(exchange_.headers["Authorization"], "Bearer t0k");
  EXPECT_EQ(out_.str(), "name  Ann\n");
}

TEST_F(CliTest, NeverSendsATokenToAnotherServer) {
  ASSERT_TRUE(write_sign_in(directory_ / "sign_in.json", {"https://elsewhere.example.com", "t0k"}));
  exchange_.answers["GET /api/v1/me"] = {200, "{}"};
  EXPECT_EQ(at_server({"me"}), kOk);
  EXPECT_EQ(exchange_.headers.count("Authorization"), 0U);
}

TEST_F(CliTest, RefusesAPasswordFileThatOthersCanRead) {
  const fs::path password = write("password", "hunter2\n", 0644);
  EXPECT_EQ(at_server({"login", "--email", "a@b", "--password-file", password}), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("chmod 600"));
  EXPECT_TRUE(exchange_.requests.empty());
}

TEST_F(CliTest, ListsRecordsAsATable) {
  exchange_.answers["GET /api/v1/invoices"] = {
      200,
      R"({"items":[{"id":"inv_1","net":{"amount":"12.30","currency":"EUR"}},
                   {"id":"inv_2","net":null}],"next":"abc"})"};
  EXPECT_EQ(at_server({"record", "list", "invoice", "--where", "state is issued", "--limit", "2"}), kOk)
      << err_.str();
  EXPECT_EQ(out_.str(), "id     net\ninv_1  12.30 EUR\ninv_2  \nmore: --cursor abc\n");
  EXPECT_THAT(exchange_.requests.back(), HasSubstr("limit=2&where=state%20is%20issued"));
  EXPECT_EQ(at_server({"--json", "record", "list", "invoices"}), kOk);
  EXPECT_THAT(out_.str(), HasSubstr(R"({"items":[{"id":"inv_1")"));
}

TEST_F(CliTest, SuggestsARecordType) {
  EXPECT_EQ(at_server({"record", "list", "invoce"}), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean \"invoice\"?"));
}

TEST_F(CliTest, TypesValuesByTheSchemaAndSendsAKey) {
  exchange_.answers["POST /api/v1/invoices"] = {201, R"({"id":"inv_1"})"};
  EXPECT_EQ(at_server({"record", "create", "invoice", "--set", "net=12.30 EUR", "--set", "count=3", "--set",
                       "is_final=yes", "--set", "note=3", "--key", "k1"}),
            kOk)
      << err_.str();
  EXPECT_THAT(
      exchange_.requests.back(),
      HasSubstr(R"({"net":{"amount":"12.30","currency":"EUR"},"count":3,"is_final":true,"note":"3"})"));
  EXPECT_EQ(exchange_.headers["Idempotency-Key"], "k1");
}

TEST_F(CliTest, ChangesTheVersionThatIsThere) {
  exchange_.answers["GET /api/v1/invoices/inv_1"] = {200, "{}"};
  exchange_.answers["PATCH /api/v1/invoices/inv_1"] = {200, R"({"id":"inv_1"})"};
  EXPECT_EQ(at_server({"record", "update", "invoice", "inv_1", "--set", "note=x"}), kOk) << err_.str();
  EXPECT_EQ(exchange_.headers["If-Match"], "\"7\"");
}

TEST_F(CliTest, ExitCodesTellWhatKindOfErrorItWas) {
  const auto answers = [&](int status, const std::string& text) {
    exchange_.answers["POST /api/v1/invoices/inv_1/issue"] = {status, text};
    return at_server({"record", "do", "invoice", "inv_1", "issue"});
  };
  EXPECT_EQ(answers(403, R"({"code":"permission_denied","detail":"you may not issue"})"), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("you may not issue"));
  EXPECT_EQ(answers(503, ""), kLater);
  EXPECT_EQ(answers(429, ""), kLater);
  EXPECT_EQ(answers(422, R"({"detail":"no","errors":[{"pointer":"/day","message":"is required"}]})"),
            kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("/day: is required"));
  EXPECT_EQ(answers(401, "{}"), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("talon login"));
  EXPECT_EQ(answers(200, "not json"), kFailed);
  EXPECT_EQ(talon({"--server", "http://127.0.0.1:1", "me"}), kLater);
}

TEST_F(CliTest, TheHintUnderARefusalIsOfItsKind) {
  const auto hint = [&](int status, const std::string& text) {
    exchange_.answers["POST /api/v1/invoices/inv_1/issue"] = {status, text};
    at_server({"record", "do", "invoice", "inv_1", "issue"});
    const std::string all = err_.str();
    return all.substr(all.find('\n') + 1);
  };
  const auto denied = [](const std::string& detail, const std::string& more = {}) {
    return R"({"code":"permission_denied","detail":")" + detail + "\"" + more + "}";
  };
  EXPECT_THAT(hint(403, denied("show it first", R"(,"second_factor":"code")")),
              HasSubstr("session prove --code-file"));
  EXPECT_THAT(hint(403, denied("needs one", R"(,"second_factor":"enrolment")")),
              HasSubstr("second-factor begin"));
  EXPECT_THAT(hint(403, denied("give it", R"(,"proof":{"with":"password"})")),
              HasSubstr("session prove --password-file"));
  // What a rule has decided says so in data; its words say nothing about that.
  EXPECT_EQ(hint(403, denied("you may not issue inv_1")), "");
  EXPECT_THAT(hint(403, denied("no", R"(,"explain":{"action":"issue","type":"invoice","record":"inv_1"})")),
              HasSubstr("talon policy explain --user U --action issue --record invoice/inv_1 ("));
  EXPECT_THAT(hint(403, denied("no", R"(,"explain":{"action":"create","type":"invoice","field":"note"})")),
              HasSubstr("--action create --record invoice --field note ("));
  EXPECT_EQ(hint(401, R"({"code":"unauthenticated","detail":"the code is not right, or was used before"})"),
            "");
}

TEST_F(CliTest, PeopleAreNamedByAddressToo) {
  exchange_.answers["GET /api/v1/users"] = {200, R"({"items":[{"id":"usr_7"}]})"};
  exchange_.answers["POST /api/v1/users/usr_7/disable"] = {200, R"({"id":"usr_7"})"};
  EXPECT_EQ(at_server({"user", "disable", "ann@example.com"}), kOk) << err_.str();
  EXPECT_THAT(exchange_.requests.back(), HasSubstr("POST /api/v1/users/usr_7/disable"));
  exchange_.answers["GET /api/v1/users"] = {200, R"({"items":[]})"};
  EXPECT_EQ(at_server({"user", "show", "nobody@example.com"}), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("there is no user nobody@example.com"));
}

TEST_F(CliTest, TakesAnInvitationUp) {
  exchange_.answers["POST /api/v1/session"] = {201, R"({"token":"t0k","expires_at":"2026-11-22T00:00:00Z"})"};
  const fs::path password = write("password", "a new phrase\n");
  const fs::path code = write("code", "c0de\n");
  EXPECT_EQ(at_server({"login", "--email", "ann@example.com", "--password-file", password,
                       "--invitation-code-file", code}),
            kOk)
      << err_.str();
  EXPECT_THAT(exchange_.requests.back(), AllOf(HasSubstr(R"("code":"c0de")"), HasSubstr("a new phrase")));
}

TEST_F(CliTest, TheLogIsAskedForByWhoAndWhatAndShownShort) {
  exchange_.answers["POST /api/v1/plugins/audit/commands/log"] = {
      200, R"({"id":"aud_1","type":"invoice","record":"inv_1","action":"edit","content":{"a":1}})"};
  EXPECT_EQ(at_server({"audit", "log", "--record", "invoice/inv_1", "--user", "ann@example.com"}), kOk)
      << err_.str();
  EXPECT_THAT(exchange_.requests.back(),
              AllOf(HasSubstr(R"("record":"invoice/inv_1")"), HasSubstr(R"("user":"ann@example.com")")));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("inv_1"), testing::Not(HasSubstr("content"))));
}

TEST_F(CliTest, ADayEndsATokenAtItsEnd) {
  exchange_.answers["POST /api/v1/me/tokens"] = {201, R"({"id":"tok_1"})"};
  EXPECT_EQ(at_server({"token", "issue", "nightly", "--expires", "2027-01-01"}), kOk) << err_.str();
  EXPECT_THAT(exchange_.requests.back(), HasSubstr("2027-01-01T23:59:59Z"));
}

TEST_F(CliTest, RecoveryCodesStandOneALine) {
  exchange_.answers["POST /api/v1/me/second_factor/recovery_codes"] = {200,
                                                                       R"({"recovery_codes":["ab","cd"]})"};
  EXPECT_EQ(at_server({"second-factor", "recovery-codes"}), kOk) << err_.str();
  EXPECT_EQ(out_.str(), "recovery_codes  ab\n                cd\n");
  EXPECT_EQ(talon({"--version"}), kOk);
  EXPECT_THAT(out_.str(), HasSubstr("talon 0."));
}

TEST_F(CliTest, PassesArgumentsToPluginCommands) {
  exchange_.answers["POST /api/v1/plugins/sync/commands/plan"] = {200, "erp: 3 new\n"};
  EXPECT_EQ(at_server({"sync", "plan", "erp", "stream=customers"}), kOk) << err_.str();
  EXPECT_EQ(out_.str(), "erp: 3 new\n");
  EXPECT_THAT(exchange_.requests.back(), HasSubstr(R"({"stream":"customers","args":["erp"]})"));
  exchange_.answers["POST /api/v1/plugins/access/commands/invite"] = {200, R"({"user":"usr_1","code":"c"})"};
  EXPECT_EQ(at_server({"user", "invite", "a@b.example", "--name", "A", "--role", "client", "--fact",
                       "client=pty_1"}),
            kOk);
  EXPECT_THAT(exchange_.requests.back(), HasSubstr(R"("roles":["client"],"facts":{"client":["pty_1"]})"));
}

TEST_F(CliTest, WritesAReportToAFile) {
  exchange_.answers["GET /api/v1/reports/turnover"] = {200, "month,net\n202611,1.00\n"};
  const fs::path file = directory_ / "out.csv";
  EXPECT_EQ(at_server({"report", "run", "turnover", "--param", "year=2026", "--out", file}), kOk)
      << err_.str();
  EXPECT_EQ(fs::file_size(file), 22U);
  EXPECT_THAT(exchange_.requests.back(), HasSubstr("format=csv&year=2026"));
}

TEST_F(CliTest, ChecksAnInstallationWithNothingStarted) {
  const fs::path config =
      write("config/talon.yaml", "lisen: {}\nplugins: {directory: plugins, mandatory: []}\n");
  write("plugins/shop/plugin.yaml",
        "plugin: shop\nversion: 1.0.0\nsdk: 1\nrecords: {sale: {plural: sales}}\n");
  EXPECT_EQ(talon({"check", "--config", config}), kInvalidConfiguration);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr(config.string() + ":1:1: unknown key \"lisen\""),
                    HasSubstr("plugins/shop/plugin.yaml:4:17: record \"sale\" needs \"prefix\"")));
  EXPECT_EQ(err_.str(), "2 mistakes\n");
  fs::remove_all(directory_ / "plugins");
  write("config/talon.yaml", "plugins: {directory: plugins, mandatory: []}\n");
  EXPECT_EQ(talon({"check", "--config", config}), kOk) << out_.str();
  write("config/talon.yaml",
        "listen: {tls: {certificate: a.pem, key: a.key}}\n"
        "plugins: {directory: plugins, mandatory: [], disabled: [helo]}\n"
        "documents: {\n  policy: x}\n");
  EXPECT_EQ(talon({"check", "--config", config}), kInvalidConfiguration);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr(":1:15: " + (directory_ / "a.pem").string() + " cannot be read"),
                                HasSubstr(":2:56: there is no plugin \"helo\" to disable"),
                                HasSubstr(":4:11: no plugin owns documents named \"policy\"")));
  EXPECT_EQ(talon({"doctor", "--config", config}), kFailed);
  EXPECT_THAT(out_.str(), HasSubstr("wrong  configuration: "));
}

TEST_F(CliTest, TheLogNamesInWhosePlaceSomebodyLookedAndTheKeyIsAWordAlone) {
  exchange_.answers["POST /api/v1/plugins/audit/commands/log"] = {
      200, R"({"id":"aud_1","principal":"usr_1","on_behalf_of":"usr_2","channel":"api"})"
           "\n"};
  EXPECT_EQ(at_server({"audit", "log"}), kOk) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("on_behalf_of"), HasSubstr("usr_2")));
  exchange_.answers["POST /api/v1/plugins/audit/commands/key"] = {200, "2422f8\n"};
  EXPECT_EQ(at_server({"audit", "key"}), kOk) << err_.str();
  EXPECT_EQ(out_.str(), "2422f8\n");
}

TEST_F(CliTest, WhoSawIsATableForPeopleAndLinesForPrograms) {
  std::string lines = R"({"user":"usr_1","type":"invoice","reads":3})";
  lines += "\n";
  for (int i = 0; i < 3000; ++i)
    lines += R"({"user":"a much longer name","type":"invoice","reads":1})"
             "\n";
  exchange_.answers["POST /api/v1/plugins/audit/commands/who_saw"] = {200, lines};
  EXPECT_EQ(at_server({"audit", "who-saw", "invoice/inv_1"}), kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("user                name  type     channel  action  first  last  reads\n"
                                    "usr_1                     invoice                                3\n"));
  EXPECT_THAT(exchange_.requests.back(), HasSubstr(R"("format":"jsonl")"));
  const std::string table = out_.str();
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 3002);
  EXPECT_EQ(at_server({"audit", "who-saw", "invoice/inv_1", "--format", "jsonl"}), kOk);
  EXPECT_EQ(out_.str(), lines);
  EXPECT_EQ(at_server({"--json", "audit", "who-saw", "invoice/inv_1"}), kOk);
  EXPECT_EQ(out_.str(), lines);
  EXPECT_EQ(at_server({"audit", "who-saw", "invoice/inv_1", "--format", "csv"}), kOk);
  EXPECT_THAT(exchange_.requests.back(), HasSubstr(R"("format":"csv")"));
  exchange_.answers["POST /api/v1/plugins/audit/commands/who_saw"] = {200, ""};
  EXPECT_EQ(at_server({"audit", "who-saw", "invoice/inv_1"}), kOk);
  EXPECT_EQ(out_.str(), "nothing\n");
}

TEST_F(CliTest, TheDoctorAsksWhetherTheServerServesAndSaysWhatToDo) {
  const auto config = write("config/talon.yaml", "plugins: {directory: plugins, mandatory: []}\n");
  fs::create_directories(directory_ / "plugins");
  exchange_.answers["GET /api/v1/me"] = {200, R"({"user":{"id":"usr_1"}})"};
  exchange_.answers["GET /readyz"] = {200, "ok\n"};
  EXPECT_EQ(at_server({"doctor", "--config", config}), kOk) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("ok     ready: serving\n"));
  exchange_.answers["GET /readyz"] = {200, "ok, degraded: documents\n"};
  EXPECT_EQ(at_server({"doctor", "--config", config}), kFailed);
  EXPECT_THAT(out_.str(),
              HasSubstr("wrong  ready: ok, degraded: documents: files that were saved last have "));
  exchange_.answers["GET /readyz"] = {503, "not ready: read_log\n"};
  EXPECT_EQ(at_server({"doctor", "--config", config}), kFailed);
  EXPECT_THAT(out_.str(), HasSubstr("wrong  ready: not ready: read_log: what must be logged"));
}

TEST(Output, ListsAndLabelsAreShownByTheirNames) {
  EXPECT_EQ(cell_text(*Json::parse(R"(["a","b"])")), "a, b");
  EXPECT_EQ(cell_text(*Json::parse(R"([{"name":"client","type":"ref"},{"name":"day"}])")), "client, day");
  EXPECT_EQ(cell_text(*Json::parse(R"({"en":"Open items","fr":"Factures ouvertes"})")), "Open items");
  EXPECT_EQ(cell_text(*Json::parse("[]")), "");
  EXPECT_EQ(cell_text(*Json::parse(R"([{"a":1}])")), R"([{"a":1}])");
}

TEST(Output, KeepsControlCharactersFromTheTerminal) {
  EXPECT_EQ(cell_text(Json("a\x1b[31mb\nc")), "a [31mb c");
  std::ostringstream out;
  print_table(out, {"name", "n"}, {{"Zoé", "1"}, {std::string(100, 'x'), "2"}});
  EXPECT_THAT(out.str(), HasSubstr("…  2\n"));
  out.str("");
  print_table(out, {"place"}, {{"/é" + std::string(80, 'x') + "/rules/a.yaml:12"}});
  EXPECT_THAT(out.str(), AllOf(HasSubstr("\n…x"), HasSubstr("x/rules/a.yaml:12\n")));
}

}  // namespace
}  // namespace talon::cli
