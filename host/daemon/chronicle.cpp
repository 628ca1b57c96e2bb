/// What happens to the installation itself, as entries of the audit log.
#include "host/daemon/chronicle.hpp"

#include "host/runtime/digest.hpp"
#include "host/runtime/log.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>

namespace talon::daemon {

namespace {

/// Entries by name, so that a reader of the log finds the one before.
constexpr std::string_view kHost = "host";
constexpr std::string_view kPlugin = "host_plugin";
constexpr std::string_view kLoaded = "documents.loaded";
constexpr std::string_view kWaiting = "documents.waiting";

/// Whether this set is in force by what its plugin says. Empty: what was loaded last is.
bool is_of(std::string_view in_force, std::string_view set) { return in_force.empty() || in_force == set; }

/// Of large sets of documents the hash tells most differences.
bool is_same(const Json& a, const Json& b) {
  if (a["set"].string() != b["set"].string()) return false;
  return a.to_string(Json::Keys::Sorted) == b.to_string(Json::Keys::Sorted);
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Who owns a file on this machine: the nearest thing to who wrote it that a file tells.
class Owners {
 public:
  const std::string& of(uid_t user) {
    const auto [known, is_new] = names_.try_emplace(user);
    if (is_new) known->second = name_of(user);
    return known->second;
  }
  std::string of(const std::filesystem::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? of(info.st_uid) : std::string();
  }

 private:
  static std::string name_of(uid_t user) {
    struct passwd entry {};
    struct passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
      return found->pw_name;
    }
    return std::to_string(user);
  }

  std::map<uid_t, std::string> names_;
};

}  // namespace

Result<void> Chronicle::write(std::string_view type, std::string_view action, Json content) {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  call.channel = "host";
  return records_.note(call, {.kind = action.starts_with("documents.") ? "access" : "system",
                              .type = std::string(type),
                              .action = std::string(action),
                              .content = std::move(content)});
}

Result<Chronicle::Noted> Chronicle::newest(std::string_view type, std::string_view action,
                                           std::string_view or_action) {
  Noted noted;
  TALON_DO(database_.read([&](storage::Reader& reader) {
    return reader.rows({"select action, content from audit_entries where type = ? and record = 0 and action "
                        "in (?, ?) and content is not null order by id desc limit 1",
                        {type, action, or_action}},
                       [&](Row row) -> Result<void> {
                         TALON_TRY(const Json content, Json::parse(row[1].text()));
                         noted = {std::string(row[0].text()), content["after"]};
                         return {};
                       });
  }));
  return noted;
}

Result<void> Chronicle::write_changed(std::string_view type, std::string_view action, Json after) {
  TALON_TRY(Noted last, newest(type, action, action));
  if (is_same(last.after, after)) return {};
  return write(type, action, Json::object({{"before", std::move(last.after)}, {"after", std::move(after)}}));
}

Result<void> Chronicle::settings(const config::Settings& settings, const model::LoadedModel& loaded) {
  Json plugins = Json::object();
  // A setting that is a secret holds its name alone.
  for (const auto& [name, values] : loaded.settings) plugins.set(name, values);
  return write_changed(kHost, "settings.loaded",
                       Json::object({{"file", settings.file},
                                     {"sha256", runtime::sha256_hex(bytes_of(settings.file))},
                                     {"owner", Owners().of(settings.file)},
                                     {"plugins", std::move(plugins)}}));
}

Result<std::string_view> Chronicle::documents(const std::string& plugin, const HandedOver& handed) {
  Owners owners;
  Json files = Json::object();
  for (const HandedOver::File& file : handed.files)
    files.mutable_members().emplace_back(
        file.name, Json::object({{"sha256", file.sha256}, {"owner", owners.of(file.owner)}}));
  Json after = Json::object({{"plugin", plugin}, {"set", handed.set}, {"files", std::move(files)}});
  // Of a plugin that cannot be asked just now it is said later.
  const Result<std::string> in_force = plugins_.documents_in_force(plugin);
  const bool is_in_force = in_force && is_of(*in_force, handed.set);
  const std::lock_guard lock(mutex_);
  waiting_.erase(plugin);
  if (!is_in_force) waiting_.emplace(plugin, after);
  const std::string_view action = is_in_force ? kLoaded : kWaiting;
  TALON_DO(write_documents(action, std::move(after)));
  return action;
}

Result<void> Chronicle::follow_waiting() {
  const std::lock_guard lock(mutex_);
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto in_force = plugins_.documents_in_force(at->first);
    // A plugin that is being swapped is asked again.
    if (!in_force || !is_of(*in_force, at->second["set"].string())) {
      ++at;
      continue;
    }
    TALON_DO(write_documents(kLoaded, at->second));
    runtime::log().info(kLoaded, {{"plugin", at->first}});
    at = waiting_.erase(at);
  }
  return {};
}

/// What was in force stands beside what waits, too.
Result<void> Chronicle::write_documents(std::string_view action, Json after) {
  const std::string type = "host_documents_" + std::string(after["plugin"].string());
  TALON_TRY(Noted before, newest(type, kLoaded, kWaiting));
  if (before.action == action && is_same(before.after, after)) return {};
  if (before.action != kLoaded) {
    TALON_TRY(before, newest(type, kLoaded, kLoaded));
  }
  return write(type, action,
               Json::object({{"before", std::move(before.after)}, {"after", std::move(after)}}));
}

Result<void> Chronicle::refused(const std::string& plugin, const Json& mistakes) {
  return write("host_documents_" + plugin, "documents.refused",
               Json::object({{"plugin", plugin}, {"mistakes", mistakes}}));
}

Result<void> Chronicle::started(std::string_view version) {
  Json list = Json::object();
  for (const plugins::Health& health : plugins_.health()) {
    Json state = Json::object({{"version", health.version}, {"state", plugins::state_name(health.state)}});
    if (!health.reason.empty()) state.set("why", health.reason);
    list.set(health.name, std::move(state));
  }
  return write(kPlugin, "host.started", Json::object({{"version", version}, {"plugins", std::move(list)}}));
}

Result<void> Chronicle::stopped() { return write(kHost, "host.stopped", Json::object()); }

}  // namespace talon::daemon
