/// What happens to the installation itself, as entries of the audit log: its start and stop, its settings,
/// the documents that come into force.
#pragma once

#include "host/config/settings.hpp"
#include "host/daemon/documents.hpp"
#include "host/model/load.hpp"
#include "host/plugins/plugins.hpp"
#include "host/records/records.hpp"
#include "host/storage/database.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace talon::daemon {

/// @threads any.
class Chronicle {
 public:
  /// @param records, database  outlive this.
  Chronicle(records::Records& records, storage::Database& database)
      : records_(records), database_(database) {}

  /// The settings file and the plugins' settings, where they are not what the log says last.
  Result<void> settings(const config::Settings& settings, const model::LoadedModel& loaded);
  /// The documents that a plugin has taken: each file's digest and owner, and the hash of the set, where they
  /// are not what the log says last. Whether they are in force or wait is the plugin's to tell.
  Result<void> documents(const std::string& plugin, const HandedOver& handed);
  /// Documents that were not taken, and why.
  Result<void> refused(const std::string& plugin, const Json& mistakes);
  Result<void> started(std::string_view version, const plugins::Plugins& plugins);
  Result<void> stopped();

 private:
  Result<void> write(std::string_view type, std::string_view action, Json content);
  /// Notes the state `after` with the one before it, unless they are the same.
  Result<void> write_changed(std::string_view type, std::string_view action, Json after);

  records::Records& records_;
  storage::Database& database_;
};

}  // namespace talon::daemon
