/// sync in a fake host: the real model, the real drivers as libraries, a real SQLite database as the source.
#pragma once

#include "host/config/yaml.hpp"
#include "host/model/load.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <talon/testing/plugin_under_test.hpp>

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <memory>
#include <string>
#include <vector>

namespace talon::sync_test {

/// The model of all manifests of this tree.
inline const model::Model& whole_model() {
  static const model::Model model = [] {
    model::ModelSources sources;
    sources.plugin_directories = {TALON_SOURCE_DIR "/plugins", TALON_SOURCE_DIR "/connectors"};
    sources.root = TALON_SOURCE_DIR;
    model::LoadedModel loaded = model::load_model(sources);
    EXPECT_TRUE(loaded.mistakes.empty()) << config::to_lines(loaded.mistakes);
    return loaded.model;
  }();
  return model;
}

/// A driver plugin, loaded from the build as the host does.
inline const talon_plugin& driver(const std::string& name) {
  void* library =
      dlopen((TALON_BUILD_DIR "/plugins/" + name + "/lib" + name + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) ADD_FAILURE() << dlerror();
  return *static_cast<const talon_plugin*>(dlsym(library, "talon_plugin_v1"));
}

class Harness {
 public:
  Harness() : host(whole_model()), odbc(host, driver("odbc")), http(host, driver("http")), sync(host) {
    for (auto* plugin : {&odbc, &http}) {
      const std::string name = plugin == &odbc ? "odbc" : "http";
      host.on_table(name, TALON_SOURCE_V1, plugin->table<talon_source_v1>(TALON_SOURCE_V1), plugin->self());
      host.on_table(name, TALON_SINK_V1, plugin->table<talon_sink_v1>(TALON_SINK_V1), plugin->self());
    }
    host.secrets["erp/database"] = folder.file("erp.db");
    EXPECT_TRUE(sync.start());
  }

  /// Runs SQL in the source's database.
  void sql(const std::string& text) const {
    const auto done = support::run_program({"sqlite3", folder.file("erp.db"), text});
    ASSERT_TRUE(done && done->code == 0) << (done ? done->errors : done.error().message);
  }
  /// Puts a mapping in force. @return the mistakes as text, empty when there is none.
  std::string load(const std::string& yaml) {
    Mistakes mistakes;
    const Document document = config::read_yaml_text(yaml, "config/connectors/test.yaml", mistakes);
    if (!mistakes.empty()) return config::to_lines(mistakes);
    const auto found = sync.load({document}, whole_model());
    return found ? config::to_lines(*found) : found.error().message;
  }
  /// Runs a command with "json": true. @return its answer; on an error {"error": MESSAGE, "code": N}.
  Json command(const std::string& name, const std::string& connector, const std::string& second = {}) {
    Json args = Json::object({{"connector", connector}, {"json", true}});
    if (!second.empty()) args.set("args", Json::array({Json(connector), Json(second)}));
    const auto answer = sync.command(name, args);
    if (!answer) {
      return Json::object(
          {{"error", answer.error().message}, {"code", static_cast<int>(answer.error().code)}});
    }
    const auto json = Json::parse(*answer);
    EXPECT_TRUE(json) << *answer;
    return json ? *json : Json();
  }
  /// The counts of a run, "created 3, rejected 1": what is not zero.
  std::string run(const std::string& connector = "erp", const std::string& command_name = "run") {
    const Json answer = command(command_name, connector);
    if (answer.find("error") != nullptr) return "error: " + std::string(answer["error"].string());
    std::string text;
    for (const auto& [name, count] : answer["counts"].members()) {
      if (count.integer() != 0) text += (text.empty() ? "" : ", ") + name + " " + std::string(count.digits());
    }
    return text;
  }
  /// Values of a field over all records of a type, in order of creation.
  std::vector<std::string> all(const std::string& type, const std::string& field) {
    std::vector<std::string> values;
    for (const int64_t id : host.ids(type)) {
      const Value value = host.value(type, id, field);
      values.push_back(value.is_integer() ? std::to_string(value.integer()) : std::string(value.text()));
    }
    return values;
  }

  support::TemporaryDirectory folder;
  testing::FakeHost host;
  testing::PluginUnderTest odbc;
  testing::PluginUnderTest http;
  testing::PluginUnderTest sync;
};

inline constexpr const char* kCustomers = R"(connector: erp
connection: {type: odbc, driver: sqlite, database: !secret erp/database}
streams:
  - name: customers
    source: {table: customers, key: id}
    cursor: {field: updated_at, lookback: 10m}
    page_rows: 3
    target: {type: party}
    map:
      external_system: {const: erp}
      external_id: id
      number: code
      name: {from: name, transform: trim, required: yes}
      email: {from: email, as: email, null_if: n/a, on_error: set_null_and_report}
      currency: {from: currency, as: currency, required: yes}
      credit_limit: credit_limit
      is_client: {const: yes}
)";

inline constexpr const char* kCustomerTable =
    "create table customers (id integer primary key, code text, name text, email text, currency text, "
    "credit_limit text, updated_at timestamp);";

}  // namespace talon::sync_test
