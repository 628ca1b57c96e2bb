/// The settings file: defaults, every kind of mistake, and the file that ships.
#include "host/config/settings.hpp"

#include "host/config/yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <talon/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace talon::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Read {
  Settings settings;
  std::vector<std::string> lines;
};

Read read(std::string_view text) {
  Mistakes mistakes;
  Read out;
  out.settings = read_settings(read_yaml_text(text, "talon.yaml", mistakes), "/srv/talon", mistakes);
  for (const Mistake& mistake : mistakes) out.lines.push_back(mistake.to_string());
  return out;
}

TEST(Settings, DefaultsAreUsable) {
  const Read empty = read("");
  EXPECT_THAT(empty.lines, IsEmpty());
  EXPECT_EQ(empty.settings.listen.port, 8080);
  EXPECT_EQ(empty.settings.storage.url.text, "sqlite:talon.db");
  EXPECT_EQ(empty.settings.data, "/srv/talon/var");
  EXPECT_THAT(empty.settings.plugins.mandatory, ElementsAre("access", "audit"));
}

TEST(Settings, TheFileThatShipsIsRightAndSaysTheDefaults) {
  const auto shipped = read_settings(std::filesystem::path(TALON_SOURCE_DIR) / "config/talon.yaml");
  ASSERT_TRUE(shipped) << shipped.error().message;
  EXPECT_EQ(shipped->root, std::filesystem::path(TALON_SOURCE_DIR));
  EXPECT_EQ(shipped->listen.port, Settings().listen.port);
}

std::string text_of(const char* file) {
  std::ifstream in(std::filesystem::path(TALON_SOURCE_DIR) / file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Keys of the schema, "listen.tls.key", without those that stand below names of the installation's own.
void collect_keys(const Json& schema, const std::string& above, std::vector<std::string>& keys) {
  for (const auto& [name, value] : schema["properties"].members()) {
    const std::string key = above + name;
    if (value["properties"].is_object())
      collect_keys(value, key + ".", keys);
    else
      keys.push_back(key);
  }
}

TEST(Settings, EachKeyStandsInTheFileThatShipsAndInTheReadme) {
  const auto schema = Json::parse(text_of("host/config/talon.schema.json"));
  ASSERT_TRUE(schema);
  std::vector<std::string> keys;
  collect_keys(*schema, "", keys);
  ASSERT_GE(keys.size(), 40U);
  const std::string file = text_of("config/talon.yaml");
  const std::string readme = text_of("config/README.md");
  for (const std::string& key : keys) {
    const std::string last = key.substr(key.rfind('.') + 1);
    EXPECT_THAT(file, HasSubstr(last + ":")) << key;
    EXPECT_THAT(readme,
                testing::AnyOf(HasSubstr(key), HasSubstr("." + last + "`"), HasSubstr("`" + last + "`")))
        << key;
  }
}

TEST(Settings, TheLimitsThatAreWrittenDownAreTheDefaults) {
  std::string file = text_of("config/talon.yaml");
  const std::size_t at = file.find("# limits:");
  ASSERT_NE(at, std::string::npos);
  std::string limits;
  std::istringstream lines(file.substr(at));
  for (std::string line; std::getline(lines, line) && line.starts_with("# ");)
    limits += line.substr(2) + "\n";
  const Read out = read(limits);
  EXPECT_THAT(out.lines, IsEmpty());
  const LimitSettings standard;
  EXPECT_EQ(out.settings.limits.workers, standard.workers);
  EXPECT_EQ(out.settings.limits.connections, standard.connections);
  EXPECT_EQ(out.settings.limits.queue, standard.queue);
  EXPECT_EQ(out.settings.limits.request_bytes, standard.request_bytes);
  EXPECT_EQ(out.settings.limits.idle_ms, standard.idle_ms);
  EXPECT_EQ(out.settings.limits.events_kept_ms, standard.events_kept_ms);
  const std::string readme = text_of("config/README.md");
  EXPECT_THAT(readme, HasSubstr("`workers` " + std::to_string(standard.workers) + ","));
  EXPECT_THAT(readme, HasSubstr("`connections` " + std::to_string(standard.connections) + " "));
  EXPECT_THAT(readme, HasSubstr("`queue` " + std::to_string(standard.queue) + ","));
}

TEST(Settings, ReadsWhatIsWritten) {
  const Read out = read(R"(
data: /var/lib/talon
time_zone: Europe/Paris
listen: {address: 0.0.0.0, port: 443, tls: {certificate: tls/a.pem, key: tls/a.key}, metrics: {port: 9090}}
storage: {url: !secret database_url, owner_url: !secret database_owner, pool: 20}
plugins: {directory: build/plugins, mandatory: access, settings: {invoicing: {grace_days: 7}}}
security: {session: {idle: 10m, absolute: 8h}}
limits: {request_size: 2MiB, idle: 5s}
secrets: {directory: /etc/talon/secrets, commands: {erp/password: [/usr/bin/pass, erp]}}
documents: {policies: /etc/talon/policies}
log: {level: debug}
)");
  EXPECT_THAT(out.lines, IsEmpty());
  EXPECT_EQ(out.settings.data, "/var/lib/talon");
  EXPECT_EQ(out.settings.listen.certificate, "/srv/talon/tls/a.pem");
  EXPECT_TRUE(out.settings.storage.url.is_secret);
  EXPECT_EQ(out.settings.plugins.settings.find("invoicing")->find("grace_days")->text, "7");
  EXPECT_EQ(out.settings.security.session_idle_ms, 600'000);
  EXPECT_EQ(out.settings.limits.request_bytes, 2 << 20);
  EXPECT_EQ(out.settings.limits.idle_ms, 5000);
  EXPECT_EQ(out.settings.secret_commands.at("erp/password").size(), 2U);
  EXPECT_EQ(out.settings.documents.at("policies"), "/etc/talon/policies");
  EXPECT_EQ(out.settings.log_level, "debug");
}

TEST(Settings, TellsAllMistakesAtOnceWithSuggestions) {
  const Read out = read(R"(lisen: {port: 1}
listen: {port: 80800, adress: x}
time_zone: Europe/Pari
log: {level: inof}
limits: {request_size: 1 MB, idle: 5 minutes}
plugins: {disabled: [audit]}
security: {session: {idle: 2d, absolute: 1h}}
storage: [x]
)");
  EXPECT_THAT(
      out.lines,
      ::testing::UnorderedElementsAre(
          "talon.yaml:1:1: unknown key \"lisen\" in the settings file. Did you mean \"listen\"?",
          "talon.yaml:2:16: \"port\" is at most 65535",
          "talon.yaml:2:23: unknown key \"adress\" in \"listen\". Did you mean \"address\"?",
          HasSubstr("talon.yaml:3:12: \"Europe/Pari\" is no time zone"),
          AllOf(HasSubstr("talon.yaml:4:14"), HasSubstr("Did you mean \"info\"?")),
          HasSubstr("talon.yaml:5:24: \"1 MB\" is not a size"),
          HasSubstr("talon.yaml:5:36: \"5 minutes\" is not a duration"),
          HasSubstr("talon.yaml:6:21: audit is mandatory"), HasSubstr("talon.yaml:7:21: \"idle\" is longer"),
          HasSubstr("talon.yaml:8:10: \"storage\" is a map")));
}

TEST(Settings, RefusesAPasswordInTheFile) {
  EXPECT_THAT(read("storage: {url: \"postgresql://talon:hunter2@db/talon\"}").lines,
              ElementsAre(AllOf(HasSubstr("!secret"), ::testing::Not(HasSubstr("hunter2")))));
  EXPECT_THAT(read("storage: {url: \"postgresql://talon@db:5432/talon\"}").lines, IsEmpty());
  EXPECT_THAT(read("storage: {url: \"mysql://db/talon\"}").lines, ElementsAre(HasSubstr("is no database")));
}

TEST(Settings, NeedsACertificateWithItsKey) {
  EXPECT_THAT(read("listen: {tls: {certificate: a.pem}}").lines,
              ElementsAre("talon.yaml:1:15: \"tls\" needs \"key\""));
}

TEST(Settings, StandsOnTheFolderAboveConfig) {
  EXPECT_EQ(settings_root("/srv/talon/config/talon.yaml"), "/srv/talon");
  EXPECT_EQ(settings_root("/etc/talon/talon.yaml"), "/etc/talon");
}

}  // namespace
}  // namespace talon::config
