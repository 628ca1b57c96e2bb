/// The plugin's settings as a struct.
#include "settings.hpp"

#include "signing.hpp"

#include <talon/model_lookup.hpp>
#include <talon/text.hpp>

#include <unistd.h>
#include <algorithm>
#include <filesystem>

namespace audit {

namespace {

namespace fs = std::filesystem;
using talon::Json;
using talon::Result;
using talon::SettingsFaults;

constexpr std::size_t kKeyDigits = 64;
/// Where run_command (push.hpp) looks for programs.
constexpr std::string_view kProgramFolders[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                                "/usr/bin",        "/sbin",          "/bin"};

bool is_public_key(std::string_view text) {
  return text.size() == kKeyDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Settings gather(const Json& json, SettingsFaults& faults) {
  Settings settings;
  // The host names its data directory beside the manifest's own settings; an absolute path stays as it is.
  const fs::path data(json["data_directory"].string());
  settings.directory = data / json["directory"].string();
  if (json["directory"].string().empty()) faults.add("directory", "is a folder's name, as in audit");
  settings.checkpoint_entries = json["checkpoint_entries"].integer(1000);
  settings.checkpoint_seconds = json["checkpoint_seconds"].integer(60);
  settings.checkpoint_file = json["checkpoint_file"].string();
  settings.checkpoint_command = json["checkpoint_command"].string();
  if (auto classes = read_retention(json["retention"].string()))
    settings.retention = *std::move(classes);
  else
    faults.add("retention", classes.error().message);
  if (auto classes = read_keep(json["keep_personal"].string()))
    settings.keep = *std::move(classes);
  else
    faults.add("keep_personal", classes.error().message);
  settings.trusted = words(json["trusted_keys"].string());
  for (const std::string& key : settings.trusted) {
    if (is_public_key(key)) continue;
    faults.add("trusted_keys", talon::echoed(key) +
                                   " is no public key: 64 digits 0 to 9 and a to f, as "
                                   "`talon audit key` prints them; several stand between spaces");
  }
  return settings;
}

void check_types(const std::vector<RetentionClass>& classes, const std::vector<std::string>& types,
                 std::string_view key, SettingsFaults& faults) {
  for (const RetentionClass& one : classes) {
    const bool is_known =
        one.type == "*" || types.empty() || std::find(types.begin(), types.end(), one.type) != types.end();
    if (is_known) continue;
    faults.add(key, "there is no record type " + talon::echoed(one.type) + "." +
                        talon::model::suggestion(one.type, types));
  }
}

/// @return why no checkpoint can be appended to it; empty: it can.
std::string trouble_with(const fs::path& file) {
  std::error_code error;
  if (fs::is_directory(file, error)) return file.string() + " is a folder; name a file in it";
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error))
    return "there is no folder " + folder.string() + ": make it, or mount what it is on";
  const fs::path written = fs::exists(file, error) ? file : folder;
  return ::access(written.c_str(), W_OK) == 0
             ? std::string()
             : written.string() +
                   " is not yours to write: check as the account that talond runs as, or change "
                   "its owner";
}

bool is_program(const std::string& word) {
  if (word.find('/') != std::string::npos) return ::access(word.c_str(), X_OK) == 0;
  return std::any_of(std::begin(kProgramFolders), std::end(kProgramFolders), [&](std::string_view folder) {
    return ::access((std::string(folder) + "/" + word).c_str(), X_OK) == 0;
  });
}

}  // namespace

Result<Settings> read_settings(const Json& json) {
  SettingsFaults faults("audit");
  Settings settings = gather(json, faults);
  TALON_DO(faults.outcome());
  return settings;
}

Result<void> check_settings(const Json& json, const std::vector<std::string>& types) {
  SettingsFaults faults("audit");
  const Settings settings = gather(json, faults);
  check_types(settings.retention, types, "retention", faults);
  check_types(settings.keep, types, "keep_personal", faults);
  std::error_code error;
  if (fs::exists(settings.directory, error) && !fs::is_directory(settings.directory, error))
    faults.add("directory", settings.directory + " is a file; the read log and the key need a folder");
  if (!settings.checkpoint_file.empty()) {
    const std::string trouble = trouble_with(settings.checkpoint_file);
    if (!trouble.empty()) faults.add("checkpoint_file", trouble);
  }
  const std::vector<std::string> command = words(settings.checkpoint_command);
  if (!command.empty() && !is_program(command.front())) {
    faults.add("checkpoint_command", "there is no program " + talon::echoed(command.front()) +
                                         " that can be run: install it, or write its path");
  }
  return faults.outcome();
}

}  // namespace audit
