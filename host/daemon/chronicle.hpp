/// What happens to the installation itself, as entries of the audit log: its start and stop, its settings,
/// the documents that come into force.
#pragma once

#include "host/config/settings.hpp"
#include "host/daemon/documents.hpp"
#include "host/model/load.hpp"
#include "host/plugins/plugins.hpp"
#include "host/records/records.hpp"
#include "host/storage/database.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace talon::daemon {

/// @threads any.
class Chronicle {
 public:
  /// @param records, database, plugins  outlive this.
  Chronicle(records::Records& records, storage::Database& database, plugins::Plugins& plugins)
      : records_(records), database_(database), plugins_(plugins) {}

  /// The settings file and the plugins' settings, where they are not what the log says last.
  Result<void> settings(const config::Settings& settings, const model::LoadedModel& loaded);
  /// The documents that a plugin has taken: each file's digest and owner, and the hash of the set, where they
  /// are not what the log says last. The plugin tells whether they are in force ("documents.loaded") or wait
  /// until somebody puts them in force ("documents.waiting"). @return that word.
  Result<std::string_view> documents(const std::string& plugin, const HandedOver& handed);
  /// Notes documents that waited and are in force by now.
  Result<void> follow_waiting();
  /// Documents that were not taken, and why.
  Result<void> refused(const std::string& plugin, const Json& mistakes);
  Result<void> started(std::string_view version);
  Result<void> stopped();

 private:
  Result<void> write(std::string_view type, std::string_view action, Json content);
  /// Notes the state `after` with the one before it, unless they are the same.
  Result<void> write_changed(std::string_view type, std::string_view action, Json after);

  struct Noted {
    std::string action;
    Json after;
  };
  /// What the newest entry about `type` says that is by one of two actions.
  Result<Noted> newest(std::string_view type, std::string_view action, std::string_view or_action);
  Result<void> write_documents(std::string_view action, Json after);

  records::Records& records_;
  storage::Database& database_;
  plugins::Plugins& plugins_;
  std::mutex mutex_;
  std::map<std::string, Json> waiting_;  // by plugin: the documents that are not in force yet
};

}  // namespace talon::daemon
