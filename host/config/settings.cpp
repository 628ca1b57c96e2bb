/// config/talon.yaml: every key known, every value checked at its place.
#include "host/config/settings.hpp"

#include "host/config/text.hpp"
#include "host/config/yaml.hpp"

#include <talon/loopback.hpp>
#include <talon/model.hpp>
#include <talon/visible.hpp>

#include <algorithm>
#include <system_error>

namespace talon::config {

namespace {

namespace fs = std::filesystem;

/// One section of the file; the paths in it stand on `root`.
struct Section {
  MapReader reader;
  const fs::path& root;

  void path(std::string_view key, fs::path& out) {
    std::string text;
    reader.text(key, text);
    if (!text.empty()) out = (root / text).lexically_normal();
  }
};

/// Reads the map under `key` with `read`, or nothing where it is missing.
template <typename Read>
void section(MapReader& parent, std::string_view key, const fs::path& root, Read read) {
  const Node* node = parent.map(key);
  if (node == nullptr) return;
  Section inside{MapReader(parent.report(), *node, "\"" + std::string(key) + "\""), root};
  read(inside);
  inside.reader.finish();
}

constexpr Range kPorts{0, 65535};
constexpr int64_t kSecond = 1000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kDay = 24 * kHour;

void read_listen(Section& in, ListenSettings& out) {
  in.reader.text("address", out.address);
  in.reader.integer("port", out.port, kPorts);
  section(in.reader, "tls", in.root, [&](Section& tls) {
    tls.path("certificate", out.certificate);
    tls.path("key", out.key);
    tls.reader.require("certificate");
    tls.reader.require("key");
  });
  in.reader.texts("trusted_proxies", out.trusted_proxies);
  section(in.reader, "metrics", in.root, [&](Section& metrics) {
    metrics.reader.text("address", out.metrics_address);
    metrics.reader.integer("port", out.metrics_port, kPorts);
    metrics.reader.require("port");
  });
}

/// A database address must not carry a password in the file.
void refuse_password(MapReader& reader, std::string_view key, const MaybeSecret& url) {
  if (url.is_secret) return;
  const std::size_t scheme = url.text.find("://");
  if (scheme == std::string::npos) return;
  const std::string_view rest = std::string_view(url.text).substr(scheme + 3);
  const std::size_t at = rest.substr(0, rest.find('/')).rfind('@');
  if (at == std::string_view::npos || rest.substr(0, at).find(':') == std::string_view::npos) return;
  reader.report().mistake(*reader.root().find(key),
                          "a password stands in the file. Write \"" + std::string(key) +
                              ": !secret NAME\" and put the whole address into the secret");
}

void read_storage(Section& in, StorageSettings& out) {
  in.reader.secret("url", out.url);
  in.reader.secret("owner_url", out.owner_url);
  in.reader.integer("pool", out.pool, {1, 200});
  refuse_password(in.reader, "url", out.url);
  refuse_password(in.reader, "owner_url", out.owner_url);
  const bool is_known = out.url.is_secret || out.url.text.starts_with("sqlite:") ||
                        out.url.text.starts_with("postgresql:") || out.url.text.starts_with("postgres:");
  if (!is_known) {
    in.reader.report().mistake(
        *in.reader.root().find("url"),
        in_quotes(out.url.text) + " is no database: sqlite:PATH or postgresql://HOST/NAME");
  }
}

void read_plugins(Section& in, PluginSettings& out) {
  in.path("directory", out.directory);
  in.reader.texts("mandatory", out.mandatory);
  in.reader.texts("disabled", out.disabled);
  if (const Node* settings = in.reader.map("settings")) out.settings = *settings;
  for (const std::string& name : out.disabled) {
    if (std::find(out.mandatory.begin(), out.mandatory.end(), name) == out.mandatory.end()) continue;
    in.reader.report().mistake(*in.reader.root().find("disabled"),
                               name + " is mandatory, so it cannot be disabled");
  }
}

void read_security(Section& in, SecuritySettings& out) {
  section(in.reader, "session", in.root, [&](Section& session) {
    session.reader.duration_ms("idle", out.session_idle_ms, {kSecond, 30 * kDay});
    session.reader.duration_ms("absolute", out.session_absolute_ms, {kSecond, 90 * kDay});
    if (out.session_idle_ms > out.session_absolute_ms) {
      session.reader.report().mistake(session.reader.root(),
                                      "\"idle\" is longer than \"absolute\", so it never counts");
    }
  });
  in.reader.duration_ms("token", out.token_ms_max, {kHour, 10 * 366 * kDay});
  in.reader.duration_ms("invitation", out.invitation_ms, {kHour / 60, 90 * kDay});
  in.reader.duration_ms("reset", out.reset_ms, {kHour / 60, 7 * kDay});
  in.reader.text("issuer", out.issuer);
  section(in.reader, "step_up", in.root, [&](Section& step_up) {
    step_up.reader.texts("acts", out.step_up_acts);
    if (const Node* acts = step_up.reader.root().find("acts")) out.step_up_place = acts->place;
    step_up.reader.duration_ms("fresh", out.step_up_fresh_ms, {kSecond, kDay});
  });
}

void read_mail(Section& in, MailSettings& out) {
  using Security = MailSettings::Security;
  in.reader.text("server", out.server);
  in.reader.integer("port", out.port, {1, 65535});
  const std::vector<std::string> words = {"starttls", "tls", "none"};
  if (const auto word = in.reader.word("security", words)) {
    out.security = *word == 0 ? Security::StartTls : *word == 1 ? Security::Tls : Security::None;
  }
  in.path("authority", out.authority);
  in.reader.text("user", out.user);
  in.reader.secret("password", out.password);
  in.reader.text("from", out.from);
  in.reader.text("portal", out.portal);
  in.path("letters", out.letters);
  for (const char* key : {"server", "from", "portal"}) in.reader.require(key);
  const auto at = [&](const char* key) -> const Node& {
    const Node* node = in.reader.root().find(key);
    return node != nullptr ? *node : in.reader.root();
  };
  if (out.security == Security::None && !is_loopback_host(out.server)) {
    in.reader.report().mistake(at("security"),
                               "without TLS mail goes to a server on this machine alone; links in it are "
                               "as good as passwords");
  }
  if (!out.password.text.empty() && !out.password.is_secret) {
    in.reader.report().mistake(at("password"),
                               "a password stands in the file. Write \"password: !secret NAME\"");
    out.password = {};
  }
  if (!out.portal.empty() && !out.portal.starts_with("https://") && !out.portal.starts_with("http://")) {
    in.reader.report().mistake(at("portal"),
                               in_quotes(out.portal) + " is no address, as in https://billing.example.com");
  }
  if (!out.from.empty() && (out.from.find('@') == std::string::npos || !one_line_fault(out.from).empty())) {
    in.reader.report().mistake(at("from"), in_quotes(out.from) + " is no e-mail address");
  }
}

void read_limits(Section& in, LimitSettings& out) {
  in.reader.bytes("request_size", out.request_bytes, {1024, 1 << 30});
  in.reader.integer("workers", out.workers, {1, 256});
  in.reader.integer("connections", out.connections, {1, 100'000});
  in.reader.integer("queue", out.queue, {1, 100'000});
  in.reader.duration_ms("idle", out.idle_ms, {kSecond, kHour});
  in.reader.duration_ms("events", out.events_kept_ms, {kHour, 3660 * kDay});
}

void read_secrets(Section& in, Settings& out) {
  in.path("directory", out.secrets_directory);
  const Node* commands = in.reader.map("commands");
  if (commands == nullptr) return;
  MapReader reader(in.reader.report(), *commands, "\"commands\"");
  for (const auto& [name, command] : commands->entries) {
    std::vector<std::string>& words = out.secret_commands[name.text];
    reader.texts(name.text, words);
    if (words.empty() || !words.front().starts_with('/')) {
      in.reader.report().mistake(command, "a command is [PROGRAM, ARGUMENT…] with the program's full path");
    }
  }
}

void read_time_zone(MapReader& reader, std::string& out) {
  reader.text("time_zone", out);
  static const fs::path kZones = "/usr/share/zoneinfo";  // where tzdata puts them on every Linux
  std::error_code error;
  const bool is_strange = out.empty() || out.find("..") != std::string::npos || out.front() == '/';
  if (is_strange ||
      (fs::exists(kZones, error) && !fs::is_regular_file(kZones / out, error) && out != "UTC")) {
    reader.report().mistake(*reader.root().find("time_zone"),
                            in_quotes(out) + " is no time zone, as in Europe/Paris");
    out = "UTC";
  }
}

}  // namespace

fs::path settings_root(const fs::path& path) {
  const fs::path folder = fs::absolute(path).lexically_normal().parent_path();
  return folder.filename() == "config" ? folder.parent_path() : folder;
}

Settings read_settings(const Document& document, const fs::path& root, Mistakes& mistakes) {
  Settings out;
  out.file = document.file;
  out.root = root;
  out.data = root / "var";
  out.secrets_directory = root / "config/secrets";
  out.extensions_directory = root / "config/extensions";
  out.mail.letters = root / "config/letters";
  Report report(document.file, mistakes);
  Section in{MapReader(report, document.root, "the settings file"), root};
  in.path("data", out.data);
  in.path("extensions", out.extensions_directory);
  in.path("portal", out.portal_directory);
  read_time_zone(in.reader, out.time_zone);
  section(in.reader, "listen", root, [&](Section& inside) { read_listen(inside, out.listen); });
  section(in.reader, "storage", root, [&](Section& inside) { read_storage(inside, out.storage); });
  section(in.reader, "plugins", root, [&](Section& inside) { read_plugins(inside, out.plugins); });
  section(in.reader, "security", root, [&](Section& inside) { read_security(inside, out.security); });
  section(in.reader, "mail", root, [&](Section& inside) { read_mail(inside, out.mail); });
  section(in.reader, "limits", root, [&](Section& inside) { read_limits(inside, out.limits); });
  section(in.reader, "secrets", root, [&](Section& inside) { read_secrets(inside, out); });
  section(in.reader, "log", root, [&](Section& log) {
    const std::vector<std::string> levels = {"debug", "info", "warn", "error"};
    if (const auto level = log.reader.word("level", levels)) out.log_level = levels[*level];
  });
  in.reader.text_map("documents", out.documents, "");
  if (out.documents.erase("") > 0) {
    report.mistake(*document.root.find("documents"),
                   "\"documents\" is a map, as in {policies: /etc/talon/policies}");
  }
  for (auto& [name, directory] : out.documents) directory = (root / directory).lexically_normal().string();
  in.reader.finish();
  return out;
}

Settings read_settings(const fs::path& path, const std::string& file, Mistakes& mistakes) {
  return read_settings(read_yaml(path, file, mistakes), settings_root(path), mistakes);
}

Result<Settings> read_settings(const fs::path& path) {
  Mistakes mistakes;
  Settings settings = read_settings(path, path.string(), mistakes);
  if (!mistakes.empty()) return mistakes_error(std::move(mistakes));
  return settings;
}

}  // namespace talon::config
