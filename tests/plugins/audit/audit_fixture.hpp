/// The audit plugin on a fake host, for its tests.
#pragma once

#include "plugins/audit/entry.hpp"
#include "tests/support/source_model.hpp"
#include "tests/support/temporary_directory.hpp"

#include <talon/id.hpp>
#include <talon/testing/plugin_under_test.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace audit_tests {

using talon::Json;
using talon::Result;
using talon::Value;
using talon::testing::FakeHost;
using talon::testing::PluginUnderTest;

inline const talon::model::Model& model() {
  static const talon::model::Model kModel = talon::testing::source_model({"audit"});
  return kModel;
}

struct AuditTest : ::testing::Test {
  AuditTest() : host(model()) {
    host.settings = Json::object({{"directory", folder.file("audit")},
                                  {"checkpoint_entries", 5},
                                  {"checkpoint_seconds", 60},
                                  {"checkpoint_file", folder.file("checkpoints.jsonl")},
                                  {"checkpoint_command", ""},
                                  {"retention", "read/*=30d change/invoice=1y"},
                                  {"keep_personal", "note=10y"},
                                  {"trusted_keys", ""}});
    const Result<void> started = plugin.start();
    EXPECT_TRUE(started) << started.error().message;
  }

  /// An entry as the host writes it with a change.
  int64_t add_change(const std::string& principal) {
    const int64_t id = host.add("audit_entry", {});
    audit::Entry entry;
    entry.id = id;
    entry.at = host.clock.now_us();
    entry.kind = "change";
    entry.principal = principal;
    entry.type = "invoice";
    entry.record = 42;
    entry.action = "edit";
    entry.content = R"({"after":{"note":"b"},"before":{"note":"a"}})";
    audit::seal_content(entry);
    write(entry);
    return id;
  }
  /// The columns of an entry that is there, as the host writes them.
  void write(const audit::Entry& entry) {
    host.change("audit_entry", entry.id,
                {{"at", entry.at},
                 {"kind", entry.kind},
                 {"principal", entry.principal},
                 {"on_behalf_of", entry.on_behalf_of},
                 {"channel", entry.channel},
                 {"address", entry.address},
                 {"type", entry.type},
                 {"record", entry.record},
                 {"action", entry.action},
                 {"content", entry.content},
                 {"salt", entry.salt},
                 {"payload", entry.payload},
                 {"hash", entry.hash}});
  }
  audit::Entry entry(int64_t id) {
    talon::testing::FakeRecord& record = *host.store().find("audit_entry", id);
    audit::Entry entry;
    entry.id = id;
    entry.at = record.value("at").integer();
    entry.record = record.value("record").integer();
    entry.seq = record.value("seq").integer();
    for (const auto& [name, member] :
         std::initializer_list<std::pair<const char*, std::string audit::Entry::*>>{
             {"kind", &audit::Entry::kind},
             {"principal", &audit::Entry::principal},
             {"type", &audit::Entry::type},
             {"action", &audit::Entry::action},
             {"content", &audit::Entry::content},
             {"salt", &audit::Entry::salt},
             {"payload", &audit::Entry::payload},
             {"hash", &audit::Entry::hash}}) {
      entry.*member = std::string(record.value(name).text());
    }
    return entry;
  }
  /// Behind the back of every rule, as somebody with the database would.
  void forge(const audit::Entry& entry) {
    talon::testing::FakeRecord& record = *host.store().find("audit_entry", entry.id);
    record.values["principal"] = Value(entry.principal);
    record.values["content"] = Value(entry.content);
    record.values["payload"] = Value(entry.payload);
    record.values["hash"] = Value(entry.hash);
  }
  /// Every entry by another principal, with hashes and chain that fit.
  void rewrite() {
    std::string chain;
    for (const int64_t id : host.ids("audit_entry")) {
      audit::Entry forged = entry(id);
      forged.principal = "usr_0000000000099";
      forged.hash = audit::digest(audit::canonical_text(forged));
      chain = audit::chain_link(chain, forged.hash);
      forge(forged);
      host.store().find("audit_entry", id)->values["chain"] = Value(chain);
    }
  }
  void add_changes(int count) {
    for (int i = 0; i < count; ++i) add_change("usr_0000000000001");
  }
  Result<void> read(const std::string& line) {
    const auto* table = plugin.table<talon_audit_v1>(TALON_AUDIT_V1);
    talon::boundary::StringWriter error;
    return talon::boundary::outcome(table->read(plugin.self(), talon::boundary::text(line), &error), error);
  }
  std::string read_line(int number) const {
    return Json::object({{"at", host.clock.now_us()},
                         {"principal", "usr_0000000000007"},
                         {"type", "invoice"},
                         {"records", talon::id_text("inv", number)}})
        .to_string();
  }
  void seal() {
    for (const char* job : {"take_in", "seal", "sign", "publish"}) {
      const Result<void> done = plugin.job(job);
      ASSERT_TRUE(done) << job << ": " << done.error().message;
    }
  }
  /// The problem that `verify` names; empty: everything holds.
  std::string problem() {
    const Result<std::string> verified = plugin.command("verify");
    return verified ? std::string() : verified.error().message;
  }
  std::vector<std::string> exported() {
    const Result<std::string> text = plugin.command("export");
    EXPECT_TRUE(text);
    std::vector<std::string> lines;
    std::istringstream in(text ? *text : std::string());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  /// What the offline verification says of these lines.
  Result<std::string> verify_lines(const std::vector<std::string>& lines, const std::string& key) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return plugin.command("verify",
                          Json::object({{"file", folder.write("export.jsonl", text)}, {"key", key}}), true);
  }
  /// The read log's file that lines go to.
  std::filesystem::path current_file() const {
    for (const auto& file : std::filesystem::directory_iterator(folder.file("audit")))
      if (file.path().extension() == ".jsonl" && file.is_regular_file()) return file.path();
    return {};
  }
  std::string key_file() const { return folder.file("audit/audit.pub"); }
  int64_t count(const std::string& kind) {
    int64_t found = 0;
    for (const int64_t id : host.ids("audit_entry"))
      found += host.text("audit_entry", id, "kind") == kind ? 1 : 0;
    return found;
  }

  talon::support::TemporaryDirectory folder;
  FakeHost host;
  PluginUnderTest plugin{host};
};

}  // namespace audit_tests
