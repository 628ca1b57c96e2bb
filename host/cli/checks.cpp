/// The checks of files, and how their mistakes are printed.
#include "host/cli/checks.hpp"

#include "host/cli/offline.hpp"
#include "host/cli/output.hpp"
#include "host/cli/policies.hpp"
#include "host/cli/policy_files.hpp"
#include "host/cli/settings_check.hpp"
#include "host/config/yaml.hpp"

#include <algorithm>
#include <iterator>

namespace talon::cli {

namespace {

/// Mistakes on standard output, one line each, or as JSON. @return 3 where there are any.
/// @param notes  what is right and worth knowing.
int report(Session& session, const Mistakes& mistakes, const std::string& good, const Mistakes& notes = {}) {
  if (!notes.empty()) session.err() << config::to_lines(notes) << "\n";
  if (session.options.is_json) {
    const auto list = Json::parse(write_mistakes(mistakes));
    session.out() << (list ? list->to_string() : std::string("[]")) << "\n";
  } else if (!mistakes.empty()) {
    session.out() << config::to_lines(mistakes) << "\n";
  }
  if (mistakes.empty()) {
    session.err() << good << "\n";
    return kOk;
  }
  session.err() << mistakes.size() << (mistakes.size() == 1 ? " mistake" : " mistakes") << "\n";
  return kInvalidConfiguration;
}

/// All that `talon check` looks at; mistakes are kept. @return how many documents there were.
std::size_t check_everything(Offline& offline) {
  check_secrets(offline);
  check_named(offline);
  std::size_t files = 0;
  if (offline.loaded().manifests.empty()) return files;
  offline.load_plugins();
  check_plugin_settings(offline);
  for (const model::Manifest& manifest : offline.loaded().manifests) {
    if (!manifest.documents.empty()) files += offline.check_documents(manifest.name);
  }
  return files;
}

/// What /readyz says, in words that tell what to do.
std::pair<bool, std::string> readiness(Client& client) {
  struct Word {
    std::string_view name;
    std::string_view remedy;
  };
  static constexpr Word kWords[] = {
      {"plugins", "a mandatory plugin does not run; `talon plugin list` names it and its reason"},
      {"read_log",
       "what must be logged when it is read cannot be written, as on a full disk; the server's log "
       "has the reason"},
      {"documents",
       "files that were saved last have mistakes, so that what was in force before them still is; "
       "`talon check` on the server's machine and the server's log name them"}};
  const auto answer = client.send({.path = "/readyz", .is_at_root = true});
  std::string said = answer ? answer->body : answer.error().details;
  while (said.ends_with('\n')) said.pop_back();
  if (said == "ok") return {true, "serving"};
  if (said.empty()) said = answer ? "no answer" : answer.error().message;
  for (const Word& word : kWords) {
    if (said.ends_with(": " + std::string(word.name))) said.append(": ").append(word.remedy);
  }
  return {false, said};
}

}  // namespace

int check_installation(Session& session) {
  Offline offline(session.options.config);
  const std::size_t files = check_everything(offline);
  const model::LoadedModel& loaded = offline.loaded();
  return report(session, offline.mistakes(),
                session.options.config + ": right. " + std::to_string(loaded.manifests.size()) +
                    " plugins, " + std::to_string(loaded.model.types.size()) + " record types, " +
                    std::to_string(files) + " documents",
                passed_over(offline));
}

int check_plugin_documents(Session& session, const std::string& plugin) {
  Offline offline(session.options.config);
  if (lacks_settings(session, offline, false)) return kInvalidConfiguration;
  if (offline.loaded().find(plugin) == nullptr) {
    return report(session, offline.mistakes(), "") == kOk
               ? session.fail(not_found("there is no plugin " + plugin + " in " +
                                        plugin_directory(offline.settings()).string()))
               : static_cast<int>(kInvalidConfiguration);
  }
  offline.mistakes().clear();  // what is wrong elsewhere, `talon check` says
  offline.load_plugins();
  const std::size_t files = offline.check_documents(plugin);
  return report(session, offline.mistakes(), std::to_string(files) + " files of " + plugin + ": right",
                plugin == kPolicyPlugin ? passed_over(offline) : Mistakes());
}

int run_offline(Session& session, const std::string& plugin, const std::string& command, const Json& args) {
  Offline offline(session.options.config);
  offline.mistakes().clear();
  offline.load_plugins();
  std::string text;
  const auto done =
      offline.plugins().run_command(nullptr, plugin, command, args, [&](std::string_view piece) {
        text.append(piece);
        return Result<void>();
      });
  const auto json = Json::parse(text);
  if (json && !session.options.is_json) {
    print_json(session.out(), *json);
  } else if (!text.empty()) {
    session.out() << text << (text.ends_with('\n') ? "" : "\n");
  }
  return done ? static_cast<int>(kOk) : session.fail(done.error());
}

int doctor(Session& session) {
  Json rows = Json::array();
  bool is_good = true;
  const auto row = [&](const char* what, bool is_right, const std::string& words) {
    rows.push(Json::object({{"what", what}, {"state", is_right ? "ok" : "wrong"}, {"detail", words}}));
    is_good = is_good && is_right;
  };
  {
    Offline offline(session.options.config);
    check_everything(offline);
    const Mistakes& mistakes = offline.mistakes();
    row("configuration", mistakes.empty(),
        mistakes.empty()
            ? session.options.config
            : mistakes.front().to_string() + " (all: talon check --config " + session.options.config + ")");
    std::error_code error;
    const auto data = offline.settings().data;
    const bool has_data = std::filesystem::exists(data, error);
    row("data", !has_data || std::filesystem::is_directory(data, error),
        data.string() + (has_data ? "" : " (made at the first start)"));
  }
  auto client = session.connect();
  if (!client) {
    row("sign-in", false, client.error().message);
  } else {
    const auto me = client->send({.path = "/me"});
    const bool is_there = me || me.error().code != Code::Unavailable;
    row("server", is_there, is_there ? client->server() : me.error().message);
    if (is_there) {
      const auto [is_ready, words] = readiness(*client);
      row("ready", is_ready, words);
    }
    if (is_there) row("sign-in", static_cast<bool>(me), me ? "signed in" : me.error().message);
  }
  if (session.options.is_json) {
    session.show(rows);
  } else {
    for (const Json& one : rows.items()) {  // whole: what to do about it stands at the end
      session.out() << (one["state"].string() == "ok" ? "ok     " : "wrong  ") << one["what"].string() << ": "
                    << cell_text(one["detail"]) << "\n";
    }
  }
  return is_good ? kOk : kFailed;
}

}  // namespace talon::cli
