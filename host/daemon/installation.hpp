/// A running installation: every room made, joined and started in order, and stopped the other way round.
#pragma once

#include "host/config/secrets.hpp"
#include "host/config/settings.hpp"
#include "host/daemon/chronicle.hpp"
#include "host/daemon/documents.hpp"
#include "host/gate/gate.hpp"
#include "host/http/server.hpp"
#include "host/identity/browser_sign_in.hpp"
#include "host/identity/claims.hpp"
#include "host/identity/host_actions.hpp"
#include "host/identity/links.hpp"
#include "host/identity/removal.hpp"
#include "host/identity/second_factor.hpp"
#include "host/identity/sessions.hpp"
#include "host/jobs/scheduler.hpp"
#include "host/mail/mailer.hpp"
#include "host/model/load.hpp"
#include "host/plugins/plugins.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"
#include "host/runtime/metrics.hpp"
#include "host/runtime/seal.hpp"
#include "host/storage/database.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace talon::daemon {

/// @threads main, but for what its own threads do.
class Installation {
 public:
  /// @param program  the running program's path: plugins lie beside its folder unless the settings say
  /// otherwise.
  Installation(config::Settings settings, std::filesystem::path program);
  ~Installation();  ///< stops
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  /// From settings to serving.
  /// @errors InvalidArgument: settings, manifests or documents with mistakes (all of them in the message);
  ///         Unavailable: database, port; FailedPrecondition: a mandatory plugin is not there.
  Result<void> start();
  void stop();

  uint16_t port() const { return server_->port(); }
  /// The first administrator, where there are no users yet. @param person  {"email", "name", "password"}.
  Result<void> bootstrap(const Json& person);
  /// Says in the log that nobody can sign in, and what to do about it, where there are no users.
  void warn_without_people();

 private:
  Result<void> load_model();
  Result<void> open_storage();
  Result<void> make_rooms();
  void make_mail();
  void make_identity();
  /// What the policies make of roles that a login plugin hands out (Claims::Parts).
  Result<Json> fit_roles(const Json& args);
  Result<void> start_plugins();
  Result<void> start_serving();
  Result<std::string> setting_in_database(const std::string& name, const std::string& initial);
  /// Files that change and the security epoch that other hosts move.
  void watch(const std::stop_token& stop);
  /// Whether requests can be served. @return a word for what is worse than it should be; empty: nothing.
  Result<std::string> ready();
  void reload_changed(const std::vector<std::filesystem::path>& folders);
  void follow_epoch();

  config::Settings settings_;
  std::filesystem::path program_;
  config::Secrets secrets_;
  runtime::SystemClock clock_;
  runtime::Metrics metrics_;
  model::LoadedModel loaded_;
  std::shared_ptr<const model::Model> model_;
  std::vector<DocumentFolder> folders_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<plugins::Plugins> plugins_;
  std::unique_ptr<gate::Gate> gate_;
  std::unique_ptr<records::Records> records_;
  std::unique_ptr<Chronicle> chronicle_;
  std::unique_ptr<runtime::Sealer> sealer_;
  std::unique_ptr<mail::Mailer> mailer_;
  std::unique_ptr<identity::Links> links_;
  std::unique_ptr<identity::Removal> removal_;
  std::unique_ptr<identity::HostActions> actions_;
  std::unique_ptr<identity::SecondFactor> second_factor_;
  std::unique_ptr<identity::Claims> claims_;
  std::unique_ptr<identity::Sessions> sessions_;
  std::unique_ptr<identity::BrowserSignIn> browser_sign_in_;
  std::unique_ptr<jobs::Scheduler> scheduler_;
  int node_ = 0;  // of what this process gives ids
  std::unique_ptr<http::Server> server_;
  std::string epoch_;
  std::mutex refused_mutex_;
  std::set<std::string> refused_;  ///< plugins whose saved documents were not taken; by their name
  std::jthread watcher_;
  std::jthread epoch_watcher_;
};

}  // namespace talon::daemon
