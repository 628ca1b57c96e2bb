/// What comes out of real drivers is what is in the database: decimals, microseconds, Unicode, NULLs, long
/// texts.
#include "connectors/odbc/source.hpp"
#include "tests/support/mariadb_server.hpp"
#include "tests/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace talon::odbc {
namespace {

using Texts = std::vector<std::optional<std::string>>;

struct Peer {
  Json connection;
  std::function<void(const std::string&)> run;  ///< SQL by the server's own tool
};

Peer sqlite_peer(const support::TemporaryDirectory& folder) {
  const std::string file = folder.file("peer.db");
  return {Json::object({{"driver", "sqlite"}, {"database", file}}), [file](const std::string& sql) {
            const auto done = support::run_program({"sqlite3", file, sql});
            ASSERT_TRUE(done && done->code == 0) << (done ? done->errors : done.error().message);
          }};
}
Peer postgres_peer() {
  auto& server = support::PostgresServer::shared();
  const std::string name = support::PostgresServer::name_of(server.new_database());
  return {Json::object({{"driver", "postgresql"},
                        {"server", "127.0.0.1"},
                        {"port", server.port()},
                        {"database", name},
                        {"username", "postgres"}}),
          [&server, name](const std::string& sql) {
            const auto done = server.sql(name, sql);
            ASSERT_TRUE(done) << done.error().message;
          }};
}
Peer mariadb_peer() {
  auto& server = support::MariadbServer::shared();
  const std::string name = server.new_database();
  return {Json::object({{"driver", "mariadb"},
                        {"server", "127.0.0.1"},
                        {"port", server.port()},
                        {"database", name},
                        {"username", "root"}}),
          [&server, name](const std::string& sql) {
            const auto done = server.sql(name, sql);
            ASSERT_TRUE(done) << done.error().message;
          }};
}

struct Page {
  std::vector<Texts> rows;
  Json end;
};

Result<Page> read(SourceSession& session, const std::string& request) {
  TALON_TRY(const Json json, Json::parse(request));
  Page page;
  TALON_TRY(page.end, session.read(json, [&](Row row) -> Result<void> {
    Texts texts;
    for (const Cell& cell : row) {
      texts.push_back(cell.is_null() ? std::nullopt : std::optional(std::string(cell.text())));
    }
    page.rows.push_back(std::move(texts));
    return {};
  }));
  return page;
}

std::unique_ptr<SourceSession> open(const Json& connection) {
  auto session = open_source(connection);
  EXPECT_TRUE(session) << session.error().message;
  return session ? std::move(*session) : nullptr;
}

/// The same content in every peer: id, decimal(18,4), varchar(10), text, timestamp(6), small decimal, date.
void fill(const Peer& peer, const std::string& types) {
  peer.run("create table facts (id bigint primary key, " + types + ")");
  peer.run(
      "insert into facts values (1, '-99999999999.1234', '0123456789', 'héé €𝄞', "
      "'2026-01-02 03:04:05.123456', '-999.99', '2026-02-28')");
  peer.run("insert into facts values (9007199254740993, NULL, NULL, NULL, NULL, NULL, NULL)");
  peer.run("insert into facts values (3, '0.0001', '', '', '2026-01-02 03:04:05', '-12.30', '0099-01-01')");
}

void expect_exact(const Peer& peer, const std::string& seconds_tail, const std::string& small) {
  const auto session = open(peer.connection);
  ASSERT_NE(session, nullptr);
  const auto page = read(
      *session, R"({"table":"facts","columns":["id","a","b","c","t","s","d"],"cursor":["id"],"limit":10})");
  ASSERT_TRUE(page) << page.error().message;
  const std::vector<Texts> expected = {
      {"1", "-99999999999.1234", "0123456789", "héé €𝄞", "2026-01-02 03:04:05.123456", "-999.99",
       "2026-02-28"},
      {"3", "0.0001", "", "", "2026-01-02 03:04:05" + seconds_tail, small, "0099-01-01"},
      {"9007199254740993", {}, {}, {}, {}, {}, {}}};
  EXPECT_EQ(page->rows, expected);
  EXPECT_TRUE(page->end["next"].is_null());
  EXPECT_EQ(page->end["faults"].items().size(), 0u);
  const auto after =
      read(*session, R"({"table":"facts","columns":["id"],"cursor":["id"],"position":["9007199254740992"]})");
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->rows, (std::vector<Texts>{{"9007199254740993"}}));
}

TEST(Drivers, SqliteGivesTextsDecimalsAndNullsExactly) {
  const support::TemporaryDirectory folder;
  const Peer peer = sqlite_peer(folder);
  fill(peer, "a text, b varchar(10), c text, t timestamp, s text, d date");
  expect_exact(peer, "", "-12.30");
}

TEST(Drivers, PostgresGivesTextsDecimalsAndNullsExactly) {
  const Peer peer = postgres_peer();
  fill(peer, "a numeric(18,4), b varchar(10), c text, t timestamp(6), s numeric(5,2), d date");
  expect_exact(peer, "", "-12.30");
}

TEST(Drivers, MariadbGivesTextsDecimalsAndNullsExactly) {
  const Peer peer = mariadb_peer();
  fill(peer, "a decimal(18,4), b varchar(10), c text, t datetime(6), s decimal(5,2), d date");
  expect_exact(peer, ".000000", "-12.30");
}

void expect_long_texts(const Peer& peer) {
  peer.run("create table texts (id bigint primary key, c text)");
  peer.run("insert into texts values (1, 'short'), (2, '" + std::string(5000, 'x') + "'), (3, '" +
           std::string(60000, 'y') + "€')");
  Json connection = peer.connection;
  const std::string request = R"({"table":"texts","columns":["id","c"],"cursor":["id"]})";
  const auto session = open(connection);
  ASSERT_NE(session, nullptr);
  const auto whole = read(*session, request);
  ASSERT_TRUE(whole) << whole.error().message;
  ASSERT_EQ(whole->rows.size(), 3u);
  EXPECT_EQ(whole->rows[1][1], std::string(5000, 'x'));
  EXPECT_EQ(whole->rows[2][1], std::string(60000, 'y') + "€");

  connection.set("max_field_bytes", 6000);
  const auto bounded = open(connection);
  ASSERT_NE(bounded, nullptr);
  const auto cut = read(*bounded, request);
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(cut->rows[1][1], std::string(5000, 'x'));
  EXPECT_EQ(cut->rows[2][1], std::nullopt) << "a cut text must never pass";
  ASSERT_EQ(cut->end["faults"].items().size(), 1u);
  const Json& fault = cut->end["faults"].items()[0];
  EXPECT_EQ(fault["row"].integer(-1), 2);
  EXPECT_EQ(fault["column"].string(), "c");
}

TEST(Drivers, SqliteLongTextsAreWholeOrNamed) {
  const support::TemporaryDirectory folder;
  expect_long_texts(sqlite_peer(folder));
}
TEST(Drivers, PostgresLongTextsAreWholeOrNamed) { expect_long_texts(postgres_peer()); }
TEST(Drivers, MariadbLongTextsAreWholeOrNamed) { expect_long_texts(mariadb_peer()); }

void expect_pages(const Peer& peer, const std::string& time_type) {
  peer.run("create table ticks (id bigint primary key, t " + time_type + ")");
  std::string insert = "insert into ticks values ";
  for (int i = 1; i <= 2500; ++i) {
    insert += (i == 1 ? "(" : ",(") + std::to_string(i) + ",'2026-01-02 03:04:0" + std::to_string(i / 1000) +
              ".123456')";
  }
  peer.run(insert);
  const auto session = open(peer.connection);
  ASSERT_NE(session, nullptr);
  std::string position = "null";
  int64_t seen = 0;
  int pages = 0;
  do {
    const auto page =
        read(*session, R"({"table":"ticks","columns":["id"],"cursor":["t","id"],"limit":700,"position":)" +
                           position + "}");
    ASSERT_TRUE(page) << page.error().message;
    for (const Texts& row : page->rows) EXPECT_EQ(*row[0], std::to_string(++seen));
    position = page->end["next"].to_string();
    ++pages;
  } while (position != "null");
  EXPECT_EQ(seen, 2500);
  EXPECT_EQ(pages, 4);
  const auto since =
      read(*session,
           R"({"table":"ticks","columns":["id"],"cursor":["t","id"],"since":"2026-01-02 03:04:02.123456"})");
  ASSERT_TRUE(since);
  EXPECT_EQ(since->rows.size(), 501u) << "the bound is inclusive, to the microsecond";
}

TEST(Drivers, SqlitePagesMeetWithoutGapOrOverlap) {
  const support::TemporaryDirectory folder;
  expect_pages(sqlite_peer(folder), "timestamp");
}
TEST(Drivers, PostgresPagesMeetWithoutGapOrOverlap) { expect_pages(postgres_peer(), "timestamp(6)"); }
TEST(Drivers, MariadbPagesMeetWithoutGapOrOverlap) { expect_pages(mariadb_peer(), "datetime(6)"); }

TEST(Drivers, AMissingColumnFailsByName) {
  const support::TemporaryDirectory folder;
  for (const Peer& peer : {sqlite_peer(folder), postgres_peer(), mariadb_peer()}) {
    peer.run("create table t (id bigint primary key)");
    const auto session = open(peer.connection);
    ASSERT_NE(session, nullptr);
    const auto page = read(*session, R"({"table":"t","columns":["id","gone"],"cursor":["id"]})");
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, Code::FailedPrecondition) << page.error().message;
    EXPECT_NE(page.error().message.find("gone"), std::string::npos) << page.error().message;
    const auto usable = read(*session, R"({"table":"t","columns":["id"],"cursor":["id"]})");
    EXPECT_TRUE(usable) << "the session goes on: " << usable.error().message;
  }
}

TEST(Drivers, TheFingerprintFollowsTheShape) {
  const Peer peer = postgres_peer();
  peer.run("create table t (id bigint primary key, v numeric(9,2))");
  const std::string request = R"({"table":"t","columns":["id","v"],"cursor":["id"]})";
  const auto before = open(peer.connection)->describe(*Json::parse(request));
  peer.run("alter table t alter v type numeric(9,4)");
  const auto after = open(peer.connection)->describe(*Json::parse(request));
  ASSERT_TRUE(before && after);
  EXPECT_EQ((*before)["columns"].items()[1]["type"].string(), "decimal(9,2)");
  EXPECT_NE((*before)["fingerprint"].string(), (*after)["fingerprint"].string());
}

TEST(Drivers, RowsThatTheCursorCannotReachAreTold) {
  const Peer peer = postgres_peer();
  peer.run("create table t (id bigint primary key, t timestamp); insert into t values (1, null), (2, now())");
  const auto page = read(*open(peer.connection), R"({"table":"t","columns":["id"],"cursor":["t","id"]})");
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->end["warnings"].items().size(), 1u);
}

TEST(Drivers, AFloatThatLostDigitsIsTold) {
  const support::TemporaryDirectory folder;
  const Peer peer = sqlite_peer(folder);
  peer.run(
      "create table t (id integer primary key, v decimal(18,4)); insert into t values (1, "
      "'99999999999999.1241')");
  const auto page = read(*open(peer.connection), R"({"table":"t","columns":["id","v"],"cursor":["id"]})");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->end["warnings"].items().size(), 1u);
}

void expect_stopped(const Peer& peer, const std::string& query) {
  Json connection = peer.connection;
  connection.set("statement_timeout_ms", 200);
  const auto session = open(connection);
  ASSERT_NE(session, nullptr);
  const auto started = std::chrono::steady_clock::now();
  const auto page = read(*session, query);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Code::Unavailable) << page.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(3));
}

TEST(Drivers, AStatementOverItsTimeIsCancelled) {
  expect_stopped(postgres_peer(), R"({"query":"SELECT 1 AS id, pg_sleep(5) AS s","columns":["id","s"]})");
  expect_stopped(mariadb_peer(), R"({"query":"SELECT 1 AS id, sleep(5) AS s","columns":["id","s"]})");
}

TEST(Drivers, AnUnreachablePeerIsUnavailable) {
  const auto session = open_source(Json::object({{"driver", "postgresql"},
                                                 {"server", "127.0.0.1"},
                                                 {"port", support::free_port()},
                                                 {"database", "x"}}));
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, Code::Unavailable) << session.error().message;
}

TEST(Sinks, AWriteThatHitsAnotherCountIsRolledBack) {
  const support::TemporaryDirectory folder;
  for (const Peer& peer : {sqlite_peer(folder), postgres_peer(), mariadb_peer()}) {
    peer.run("create table w (id bigint primary key, v varchar(20))");
    peer.run("insert into w values (1, 'old'), (2, 'old')");
    auto sink = open_sink(peer.connection);
    ASSERT_TRUE(sink) << sink.error().message;
    const auto both = (*sink)->send(*Json::parse(
        R"({"statement":"UPDATE w SET v = :v WHERE v = 'old'","parameters":{"v":"é:x"},"expect_rows":1})"));
    ASSERT_FALSE(both);
    EXPECT_EQ(both.error().code, Code::Aborted);
    const auto one = (*sink)->send(*Json::parse(
        R"({"statement":"UPDATE w SET v = :v WHERE id = :id","parameters":{"v":"é:x","id":"1"},
            "expect_rows":1})"));
    ASSERT_TRUE(one) << one.error().message;
    const auto page = read(*open(peer.connection), R"({"table":"w","columns":["id","v"],"cursor":["id"]})");
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->rows, (std::vector<Texts>{{"1", "é:x"}, {"2", "old"}}));
  }
}

}  // namespace
}  // namespace talon::odbc
