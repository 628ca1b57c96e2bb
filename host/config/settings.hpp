/// The installation's settings, config/talon.yaml, as a checked struct.
#pragma once

#include "host/config/map_reader.hpp"

#include <talon/document.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace talon::config {

struct ListenSettings {
  std::string address = "127.0.0.1";
  int port = 8080;                           ///< 0: any free one
  std::filesystem::path certificate;         ///< PEM; empty: no TLS
  std::filesystem::path key;                 ///< PEM; with `certificate`
  std::vector<std::string> trusted_proxies;  ///< addresses and networks whose X-Forwarded-… are believed
  std::string metrics_address = "127.0.0.1";
  int metrics_port = -1;  ///< own listener of /metrics; −1: on the main one, for loopback callers
};

struct StorageSettings {
  /// "sqlite:PATH" (relative to the data directory) or "postgresql://…".
  MaybeSecret url = {"sqlite:talon.db", false};
  MaybeSecret owner_url;  ///< PostgreSQL: the role that migrates; empty: `url`'s
  int pool = 8;           ///< connections to PostgreSQL
};

struct PluginSettings {
  std::filesystem::path directory;                           ///< empty: ../plugins beside the running program
  std::vector<std::string> mandatory = {"access", "audit"};  ///< without these talond does not start
  std::vector<std::string> disabled;
  Node settings;  ///< {NAME: {KEY: VALUE}}; checked against the manifests by host/model
};

struct SecuritySettings {
  int64_t session_idle_ms = 30 * 60'000LL;
  int64_t session_absolute_ms = 12 * 3'600'000LL;
  int64_t token_ms_max = 366LL * 24 * 3'600'000;  ///< how long an API token holds at most
  int64_t invitation_ms = 7LL * 24 * 3'600'000;   ///< how long an invitation's link holds
  int64_t reset_ms = 3'600'000;                   ///< how long a link for a new password holds
  std::string issuer = "Talon";                   ///< as a person's app of one-time codes shows us
  /// Acts ("TYPE.ACTION") for which a person proves once more who they are, and how long a proof holds.
  std::vector<std::string> step_up_acts = {"authenticator.delete", "access.reset_password",
                                           "sign_in.issue_token"};
  std::optional<Place> step_up_place;  ///< of the list; nothing: it is the default one
  int64_t step_up_fresh_ms = 10 * 60'000LL;
};

struct MailSettings {
  enum class Security { StartTls, Tls, None };
  std::string server;  ///< empty: no mail is sent
  int port = 587;
  Security security = Security::StartTls;  ///< None: on this machine alone
  std::filesystem::path authority;         ///< PEM of an authority beside the system's
  std::string user;                        ///< empty: the server asks for none
  MaybeSecret password;
  std::string from;               ///< "Talon <talon@example.com>"
  std::string portal;             ///< where links lead, "https://billing.example.com"
  std::filesystem::path letters;  ///< an installation's own texts; default ROOT/config/letters
};

struct LimitSettings {
  int64_t request_bytes = 1 << 20;  ///< body of one request
  int workers = 32;                 ///< threads that run requests' work; most wait for a commit together
  int connections = 2000;
  int queue = 1000;          ///< requests that wait for a worker; beyond it 503
  int64_t idle_ms = 60'000;  ///< of a kept-alive connection
  int64_t events_kept_ms = int64_t{30} * 24 * 3600 * 1000;  ///< for change feeds, once subscribers have them
};

struct Settings {
  std::string file;  ///< "config/talon.yaml", as mistakes name it
  /// What relative paths stand on: the parent of the folder `config` that holds the file, else the file's own
  /// folder.
  std::filesystem::path root;
  std::filesystem::path data;  ///< databases, logs, copies of plugins; default ROOT/var
  std::string time_zone = "UTC";
  std::string log_level = "info";  ///< debug, info, warn, error
  ListenSettings listen;
  StorageSettings storage;
  PluginSettings plugins;
  SecuritySettings security;
  MailSettings mail;
  LimitSettings limits;
  std::filesystem::path secrets_directory;  ///< default ROOT/config/secrets
  std::map<std::string, std::vector<std::string>, std::less<>>
      secret_commands;                                        ///< name → program and arguments
  std::filesystem::path extensions_directory;                 ///< default ROOT/config/extensions
  std::filesystem::path portal_directory;                     ///< static files of the portal; empty: none
  std::map<std::string, std::string, std::less<>> documents;  ///< root name of a plugin → another directory
};

/// Reads and checks the settings; every mistake goes to `mistakes` and leaves its key at the default.
/// @param file  its name in mistakes.
Settings read_settings(const std::filesystem::path& path, const std::string& file, Mistakes& mistakes);
/// @return InvalidArgument with all mistakes (`mistakes_error`).
Result<Settings> read_settings(const std::filesystem::path& path);

/// As above from a document that was read already. @param root  what relative paths stand on.
Settings read_settings(const Document& document, const std::filesystem::path& root, Mistakes& mistakes);

/// What relative paths in the settings file at `path` stand on.
std::filesystem::path settings_root(const std::filesystem::path& path);

}  // namespace talon::config
