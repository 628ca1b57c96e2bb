/// Real plugins on real records over SQLite: hello's action, the audit log's sealing and verification.
#include "host/model/load.hpp"
#include "host/plugins/plugins.hpp"
#include "host/storage/migrate.hpp"
#include "tests/support/fake_rights.hpp"
#include "tests/support/temporary_directory.hpp"

#include <talon/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <chrono>
#include <csignal>
#include <thread>

namespace talon::plugins {
namespace {

/// Allows everything to everybody.
class Everything : public gate::Authorizer {
 public:
  Result<std::string> plan(const Json&, std::string_view, std::string_view) override {
    return std::string(
        R"({"policy_set":"t","valid_until":0,"deny":[],"fields":[],"columns":null,"drill_down":true,)"
        R"("allow":[{"rule":"r","place":"t:1","where":""}]})");
  }
  Result<std::string> explain(std::string_view) override { return std::string("{}"); }
};

struct LiveTest : ::testing::Test {
  LiveTest() {
    const std::filesystem::path source(TALON_SOURCE_DIR);
    model::LoadedModel loaded = model::load_model(
        {.plugin_directories = {source / "plugins"}, .extensions_directory = {}, .root = source});
    model::RecordType probe;
    probe.name = probe.plural = probe.plugin = "probe";
    probe.kind = model::Kind::Virtual;
    probe.actions = {{.name = "tell"}};
    loaded.model.types.push_back(probe);
    model_ = std::make_shared<const model::Model>(std::move(loaded.model));
    storage::Options options;
    options.url = "sqlite:" + home.file("talon.db");
    const Result<void> migrated = storage::migrate(options, *model_);
    EXPECT_TRUE(migrated) << migrated.error().message;
    auto opened = storage::open(options);
    EXPECT_TRUE(opened);
    database = *std::move(opened);
    std::vector<Spec> specs;
    for (const char* name : {"audit", "hello"}) {
      const model::Manifest* manifest = loaded.find(name);
      EXPECT_NE(manifest, nullptr) << name;
      Spec spec = spec_of(*manifest, loaded.settings[name]);
      spec.folder = std::filesystem::path(TALON_BUILD_DIR) / "plugins" / name;
      if (spec.name == "audit") spec.settings.set("directory", home.file("audit"));
      specs.push_back(spec);
    }
    Spec& telling = specs.emplace_back();
    telling.name = "probe";
    telling.version = "1.0.0+probe";
    telling.folder = std::filesystem::path(TALON_PROBES) / "probe";
    telling.offers = {"talon.commands/1"};
    telling.commands = {{"tell", "tell", true, true}};
    plugins.load_all(std::move(specs));
    gate = std::make_unique<gate::Gate>(model_, [this] { return clock.now_us(); });
    gate->set_authorizer(std::make_shared<Everything>());
    records::Records::Parts parts;
    parts.model = model_;
    parts.database = database.get();
    parts.gate = gate.get();
    parts.actions = &plugins.action_runner();
    parts.read_log = &plugins.read_log();
    parts.now_us = [this] { return clock.now_us(); };
    parts.today = [this] { return clock.today(); };
    parts.signing_key = "test key";
    records = std::make_unique<records::Records>(std::move(parts));
    plugins.open(*records, *gate);
    plugins.start_all();
    for (const Health& health : plugins.health()) EXPECT_EQ(health.state, State::Ready) << health.reason;
    ada.principal.kind = gate::Principal::Kind::User;
    ada.principal.user = 7;
    ada.channel = "api";
  }
  ~LiveTest() override { plugins.stop_all(); }

  Result<std::string> run(const std::string& plugin, const std::string& command,
                          const Json& args = Json::object()) {
    std::string output;
    const Result<void> ran = plugins.run_command(&ada, plugin, command, args, [&](std::string_view text) {
      output.append(text);
      return Result<void>();
    });
    if (!ran) return ran.error();
    return output;
  }

  support::TemporaryDirectory home;
  runtime::FixedClock clock{1795255200000000};
  std::shared_ptr<const model::Model> model_;
  std::unique_ptr<storage::Database> database;
  Plugins plugins{{home.path() / "data", &clock, nullptr, nullptr, {}, 5000}};
  std::unique_ptr<gate::Gate> gate;
  std::unique_ptr<records::Records> records;
  gate::Call ada;
};

TEST_F(LiveTest, AnActionsCodeRunsInItsPluginAndItsChangeIsSealedAndVerified) {
  const auto created = records->create(ada, "greeting", *Json::parse(R"({"name":"Ada"})"));
  ASSERT_TRUE(created) << created.error().message;
  const std::string id(created->record["id"].string());
  const auto said = records->act(ada, "greeting", id, "say", -1, Json::object());
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->record["text"].string(), "Hello, Ada!");
  const auto again = records->act(ada, "greeting", id, "say", -1, Json::object());
  EXPECT_FALSE(again);  // its state has moved, and it is frozen

  const Result<void> logged = plugins.read_log().read(
      Json::object({{"at", clock.now_us()}, {"principal", "usr_x"}, {"type", "greeting"}}).to_string());
  ASSERT_TRUE(logged) << logged.error().message;
  ASSERT_TRUE(plugins.run_job("audit", "take_in"));
  const Result<void> sealed = plugins.run_job("audit", "seal");
  ASSERT_TRUE(sealed) << sealed.error().message;
  const Result<std::string> verified = run("audit", "verify");
  ASSERT_TRUE(verified) << verified.error().message;
  const Result<Json> findings = Json::parse(*verified);
  ASSERT_TRUE(findings);
  EXPECT_TRUE((*findings)["ok"].boolean()) << *verified;
  EXPECT_EQ((*findings)["sealed"].integer(), 3) << *verified;
  EXPECT_EQ((*findings)["checkpoints"].integer(), 1) << *verified;
  const Result<std::string> exported = run("audit", "export");
  ASSERT_TRUE(exported) << exported.error().message;
  EXPECT_EQ(std::count(exported->begin(), exported->end(), '\n'), 6);
  ASSERT_TRUE(plugins.run_job("audit", "seal"));
}

TEST_F(LiveTest, WhatAnAnswerSaysThatItShowsIsInTheReadLogBeforeItGoesOn) {
  support::FakeReadLog log;
  records->set_read_log(&log);
  const auto tell = [&](const std::string& answer) {
    log.entries.clear();
    return run("probe", "tell", Json::object({{"answer", answer}}));
  };
  const auto shown = [](const std::string& items) { return R"("shown":[)" + items + "]}"; };
  const std::string ada_and_bob = id_text("usr", 7) + "\",\"" + id_text("usr", 8);
  const auto told = tell(R"({"names":["Ada","Bob"],)" +
                         shown(R"({"type":"user","records":[")" + ada_and_bob + R"("],"fields":["name"]})") +
                         "\n\n{\"a\" : 1}\n" + R"({"total":2.50,)" +
                         shown(R"({"type":"invoice","records":[")" + id_text("inv", 3) +
                               R"("],"fields":["client.name","net_total"]})"));
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(*told, "{\"names\":[\"Ada\",\"Bob\"]}\n\n{\"a\" : 1}\n{\"total\":2.50}")
      << "without what the host took";
  ASSERT_EQ(log.entries.size(), 2U);
  EXPECT_EQ(log.entries[0]["principal"].string(), id_text("usr", 7));
  EXPECT_EQ(log.entries[0]["channel"].string(), "api");
  EXPECT_EQ(log.entries[0]["action"].string(), "tell");
  EXPECT_EQ(log.entries[0]["fields"].to_string(), R"(["name"])");
  EXPECT_EQ(log.entries[1]["type"].string(), "invoice");
  EXPECT_EQ(log.entries[1]["records"].string(), id_text("inv", 3));
  EXPECT_TRUE(tell(R"({"names":[],"shown":[]})")) << "it shows nobody, and says so";
  EXPECT_THAT(log.entries, ::testing::IsEmpty());

  log.is_broken = true;
  const std::string one =
      "{" + shown(R"({"type":"user","records":[")" + id_text("usr", 7) + R"("],"fields":["name"]})");
  EXPECT_EQ(tell(one).error().code, Code::Unavailable) << "what cannot be logged is not shown";
  log.is_broken = false;
  const auto refused = [&](const std::string& answer) {
    const auto outcome = tell(answer);
    EXPECT_FALSE(outcome) << answer;
    return outcome ? "" : std::string(outcome.error().code == Code::Internal ? outcome.error().message : "");
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(refused(""), HasSubstr("no line"));
  EXPECT_THAT(refused(R"({"names":["Ada"]})"), HasSubstr("no line"));
  EXPECT_THAT(refused("Ada\n"), HasSubstr("not one JSON object a line"));
  EXPECT_THAT(refused(R"({"shown":"Ada"})"), HasSubstr("what it shows"));
  EXPECT_THAT(refused("{" + shown(R"("Ada")")), HasSubstr("no type of records"));
  EXPECT_THAT(refused("{" + shown(R"({"type":"probe","records":[],"fields":[]})")),
              HasSubstr("no type of records"));
  EXPECT_THAT(refused("{" + shown(R"({"type":"user"})")), HasSubstr("is a list of"));
  EXPECT_THAT(refused("{" + shown(R"({"type":"user","records":["inv_1"],"fields":[]})")),
              HasSubstr("names no user"));
  EXPECT_THAT(refused("{" + shown(R"({"type":"user","records":[],"fields":["nmae"]})")),
              HasSubstr("Did you mean \"name\"?"));
  // Offline nobody is shown anything by a host that keeps a log.
  std::string offline;
  ASSERT_TRUE(plugins.run_command(nullptr, "probe", "tell", Json::object({{"answer", "Ada"}}),
                                  [&](std::string_view text) {
                                    offline.append(text);
                                    return Result<void>();
                                  }));
  EXPECT_EQ(offline, "Ada");
}

/// While it lives no file grows beyond a byte, as on a full disk.
class FullDisk {
 public:
  FullDisk() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit full = before_;
    full.rlim_cur = 1;
    ::setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before_{};
};

TEST_F(LiveTest, AReadLogThatCannotBeWrittenIsKnownAndKnownToWorkAgainThoughNobodyReads) {
  const std::string entry =
      Json::object({{"at", clock.now_us()}, {"principal", "usr_x"}, {"type", "greeting"}}).to_string();
  const auto read_until_refused = [&] {
    // Entries of the first tenths of a second wait in buffers, which the disk has room for.
    Result<void> read = plugins.read_log().read(entry);
    for (; read; read = plugins.read_log().read(entry))
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return read;
  };
  EXPECT_TRUE(plugins.read_log_works()) << "nothing was tried yet";
  Result<void> logged;
  Result<void> works;
  {
    const FullDisk full;
    logged = read_until_refused();
    works = plugins.read_log_works();
  }
  ASSERT_FALSE(logged);
  ASSERT_FALSE(works);
  EXPECT_EQ(works.error().code, Code::Unavailable);
  EXPECT_THAT(works.error().message, ::testing::HasSubstr("the read log cannot be written"));
  EXPECT_THAT(works.error().message, ::testing::Not(::testing::HasSubstr("/")));
  EXPECT_TRUE(plugins.read_log_works()) << "an entry of the host's own shows it";
  EXPECT_TRUE(plugins.read_log_works());
  {
    const FullDisk full;
    logged = read_until_refused();
  }
  ASSERT_FALSE(logged);
  ASSERT_TRUE(plugins.read_log().read(entry)) << "a reader's entry shows it as well";
  EXPECT_TRUE(plugins.read_log_works());
  ASSERT_TRUE(plugins.run_job("audit", "take_in"));
  ASSERT_TRUE(plugins.run_job("audit", "seal"));
  const Result<std::string> exported = run("audit", "export");
  ASSERT_TRUE(exported) << exported.error().message;
  std::size_t resumed = 0;
  for (std::size_t at = exported->find("read_log_resumed"); at != std::string::npos;
       at = exported->find("read_log_resumed", at + 1))
    ++resumed;
  EXPECT_EQ(resumed, 1U) << *exported;
}

}  // namespace
}  // namespace talon::plugins
