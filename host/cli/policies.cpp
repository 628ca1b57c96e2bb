/// Policies from files.
#include "host/cli/policies.hpp"

#include "host/cli/offline.hpp"
#include "host/cli/output.hpp"
#include "host/cli/policy_files.hpp"

#include <algorithm>
#include <optional>

namespace talon::cli {

namespace {

constexpr const char* kCurrent = "current";

Result<Json> ask_server(Session& session, const std::string& command, Json args) {
  return session.call({.method = "POST",
                       .path = std::string("/plugins/") + kPolicyPlugin + "/commands/" + command,
                       .body = std::move(args)});
}

std::string words(const Json& list) {
  std::string text;
  for (const Json& one : list.items()) text += (text.empty() ? "" : ", ") + std::string(one.string());
  return text;
}

std::size_t show_changes(Session& session, const Json& changes) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& change : changes.items()) {
    const std::string field(change["field"].string());
    const std::size_t more = static_cast<std::size_t>(change["people_count"].integer());
    std::string people = words(change["people"]);
    if (more > change["people"].items().size()) people += ", …";
    rows.push_back({std::string(change["effect"].string()), std::string(change["action"].string()),
                    std::string(change["type"].string()) + (field.empty() ? "" : "." + field),
                    change["records"].is_null() ? "" : std::to_string(change["records"].integer()),
                    std::to_string(more), people, words(change["rules"]), words(change["examples"])});
  }
  if (!rows.empty()) {
    print_table(session.out(), {"effect", "action", "on", "records", "people", "who", "rules", "examples"},
                rows);
  }
  return rows.size();
}

}  // namespace

int test_policies(Session& session, const std::vector<std::string>& places) {
  Offline offline(session.options.config);
  if (lacks_settings(session, offline, !places.empty())) return kInvalidConfiguration;
  offline.mistakes().clear();  // what is wrong elsewhere, `talon check` says
  offline.load_plugins();
  const auto documents = documents_json(places.empty() ? own_places(offline) : places);
  if (!documents) {
    session.err() << documents.error().message << "\n";
    return kInvalidConfiguration;
  }
  const auto answer = ask_offline(offline, "test", Json::object({{"documents", *documents}}));
  if (!answer) return session.fail(answer.error());
  const Json& mistakes = (*answer)["mistakes"];
  if (session.options.is_json) {
    session.out() << answer->to_string() << "\n";
  } else {
    for (const Json& mistake : mistakes.items()) session.out() << mistake.string() << "\n";
  }
  const auto failed = std::count_if(mistakes.items().begin(), mistakes.items().end(), [](const Json& one) {
    return one.string().find(": FAILED ") != std::string_view::npos;
  });
  const auto wrong = static_cast<std::ptrdiff_t>(mistakes.items().size()) - failed;
  session.err() << (*answer)["passed"].integer() << " passed, "
                << (failed == 0 ? 0 : (*answer)["failed"].integer()) << " failed";
  if (wrong > 0) session.err() << ", " << wrong << (wrong == 1 ? " mistake" : " mistakes");
  session.err() << "\n";
  // The rules alone, or one file of tests: what they name stands in files that were not given.
  if (wrong > 0 && !places.empty() && !declares_roles(places))
    session.err() << "no file of these declares roles: give the whole folder, as in talon policy test "
                     "config/policies\n";
  if (mistakes.items().empty()) return kOk;
  return wrong == 0 ? kFailed : kInvalidConfiguration;
}

int diff_policies(Session& session, const PolicyDiff& diff) {
  Json args = Json::object();
  bool needs_server = false;
  std::optional<Offline> offline;
  if (diff.is_offline) offline.emplace(session.options.config);
  const bool has_folders = diff.before != kCurrent && diff.after != kCurrent;
  if (offline && lacks_settings(session, *offline, has_folders)) return kInvalidConfiguration;
  for (const auto& [key, place] : {std::pair{"before", diff.before}, std::pair{"after", diff.after}}) {
    // Offline, those in force are the installation's own files.
    const bool is_current = place == kCurrent;
    if (is_current && !diff.is_offline) {
      needs_server = true;
      continue;
    }
    auto documents = documents_json(is_current ? own_places(*offline) : std::vector<std::string>{place});
    if (!documents) {
      session.err() << documents.error().message << "\n";
      return kInvalidConfiguration;
    }
    args.set(key, *std::move(documents));
  }
  if (diff.users != "all") {
    Json users = Json::array();
    std::string rest = diff.users + ",";
    for (std::size_t comma = rest.find(','); comma != std::string::npos; comma = rest.find(',')) {
      if (comma > 0) users.push(rest.substr(0, comma));
      rest.erase(0, comma + 1);
    }
    args.set("users", std::move(users));
  }
  Result<Json> answer = Error{Code::Unavailable, "not asked"};
  if (!diff.is_offline) answer = ask_server(session, "diff", args);
  const bool has_no_server = !answer && answer.error().code == Code::Unavailable;
  const bool is_by_files = has_no_server && !needs_server;
  if (is_by_files) {
    if (!diff.is_offline) session.err() << "no server answers: compared by role, without records\n";
    if (!offline) offline.emplace(session.options.config);
    if (lacks_settings(session, *offline, has_folders)) return kInvalidConfiguration;
    offline->load_plugins();
    answer = ask_offline(*offline, "diff", args);
  }
  if (!answer) return session.fail(answer.error());
  if (!(*answer)["mistakes"].is_null()) {
    return show_mistakes(session, (*answer)["mistakes"], kInvalidConfiguration);
  }
  const auto& failed = (*answer)["failed_tests"].items();
  const int code = failed.empty() ? kOk : kInvalidConfiguration;
  if (session.options.is_json) {
    session.show(*answer);
    return code;
  }
  const std::size_t count = show_changes(session, (*answer)["changes"]);
  const int64_t people = (*answer)["people"].integer();
  session.err() << count << (count == 1 ? " change" : " changes") << " for ";
  if (is_by_files)
    session.err() << "roles and people of users.yaml, compared without a server";
  else
    session.err() << people << (people == 1 ? " person" : " people");
  // What names a set is over its files' names too: a copy of those in force in another folder has another.
  const auto named = [&](const std::string& place, const char* key) {
    const bool is_in_force = place == kCurrent && !is_by_files && !diff.is_offline;
    return is_in_force ? "the policy set in force, " + std::string((*answer)[key].string()) : place;
  };
  session.err() << "; compared " << named(diff.before, "before") << " with " << named(diff.after, "after")
                << "\n";
  for (const Json& line : failed) session.out() << line.string() << "\n";
  if (!failed.empty()) {
    session.err() << failed.size() << (failed.size() == 1 ? " test" : " tests")
                  << " of the new set failed: it cannot be put in force as it is\n";
  }
  return code;
}

int show_shadow(Session& session) {
  const auto answer = ask_server(session, "shadow", Json::object());
  if (!answer) return session.fail(answer.error());
  if (session.options.is_json) return session.show(*answer);
  if ((*answer)["candidate"].string().empty()) {
    session.err() << "nothing waits; policy set " << (*answer)["in_force"].string()
                  << " is in force (saved files with a mistake do not wait: talon policy check)\n";
    return kOk;
  }
  const std::size_t count = show_changes(session, (*answer)["differences"]);
  session.err() << count << (count == 1 ? " difference" : " differences") << " so far; policy set "
                << (*answer)["candidate"].string() << " waits, " << (*answer)["in_force"].string()
                << " is in force\n";
  return kOk;
}

}  // namespace talon::cli
