/// Plugins in folders of a test's own, and a Plugins that loads them.
#pragma once

#include "host/plugins/plugins.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace talon::plugins {

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every `from` becomes `to`, of the same length.
inline std::string replaced(std::string bytes, const std::string& from, const std::string& to) {
  int count = 0;
  for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + to.size())) {
    bytes.replace(at, from.size(), to);
    ++count;
  }
  EXPECT_GT(count, 0) << from;
  return bytes;
}

struct PluginsTest : ::testing::Test {
  static std::string probe() { return read_bytes(TALON_PROBES "/probe/libprobe.so"); }

  /// A folder with this library, and its spec.
  Spec install(const std::string& name, const std::string& bytes, const std::string& version = "1.0.0+probe",
               const std::string& folder = {}) {
    Spec spec;
    spec.name = name;
    spec.version = version;
    spec.folder = home.path() / (folder.empty() ? name : folder);
    spec.offers = {"talon.commands/1"};
    for (const char* command : {"version", "throw", "throw_number", "ask", "echo"}) {
      spec.commands.push_back({command, "", true});
    }
    home.write(spec.folder.filename().string() + "/lib" + name + ".so", bytes);
    std::filesystem::permissions(library_of(spec), std::filesystem::perms(0755));
    std::filesystem::permissions(spec.folder, std::filesystem::perms(0755));
    return spec;
  }
  static std::filesystem::path library_of(const Spec& spec) {
    return spec.folder / ("lib" + spec.name + ".so");
  }
  /// The probe under another name of the same length.
  Spec install_as(const std::string& name) {
    const std::string quoted("\0probe\0", 7);
    return install(name, replaced(probe(), quoted, std::string("\0", 1) + name + std::string("\0", 1)));
  }

  Result<std::string> run(const std::string& plugin, const std::string& command,
                          const Json& args = Json::object()) {
    std::string output;
    const Result<void> ran = plugins.run_command(nullptr, plugin, command, args, [&](std::string_view text) {
      output.append(text);
      return Result<void>();
    });
    if (!ran) return ran.error();
    return output;
  }
  std::string reason(const std::string& plugin) {
    const Result<Health> health = plugins.find(plugin);
    EXPECT_TRUE(health);
    if (!health) return "";
    EXPECT_EQ(health->state, State::Failed) << state_name(health->state);
    return health->reason;
  }

  support::TemporaryDirectory home;
  runtime::FixedClock clock{1795255200000000};
  Plugins plugins{{home.path() / "data", &clock, nullptr, nullptr, {}, 5000}};
};

}  // namespace talon::plugins
