/// Decisions of a review, made into a patch and into calls.
#include "host/cli/policy_files.hpp"
#include "host/cli/review.hpp"
#include "host/cli/unified_diff.hpp"
#include "host/cli/yaml_edit.hpp"
#include "host/config/yaml.hpp"

#include <talon/date.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

namespace talon::cli {

namespace {

namespace fs = std::filesystem;

struct Decision {
  Place place;
  std::string user;   ///< usr_…
  std::string email;  ///< in small letters
  bool is_rule = false;
  std::string grant;  ///< the role, or the rule's id
  std::string at;     ///< FILE:LINE, or "record"
  std::string decide;
  std::string to;
  std::string until;

  uint32_t line() const {
    const std::size_t colon = at.rfind(':');
    return colon == std::string::npos ? 0 : static_cast<uint32_t>(std::atoi(at.c_str() + colon + 1));
  }
};

/// Why the decision says nothing that can be done; empty where it does.
std::string mistake_in(const Decision& decision) {
  if (decision.email.empty() && decision.user.empty()) return "name whom it is about: email or user";
  if (decision.grant.empty()) return "name what it is about: role or rule";
  if (decision.decide != "keep" && decision.decide != "narrow" && decision.decide != "remove")
    return "decide is keep, narrow or remove";
  if (decision.decide == "narrow" && decision.to.empty() == decision.until.empty())
    return "narrow takes one of: to: ROLE, until: DAY";
  if (decision.is_rule && !decision.to.empty()) return "a rule is narrowed by a day: until";
  if (!decision.until.empty() && !Date::parse(decision.until)) return "until is a day, as in 2026-12-31";
  return {};
}

std::vector<Decision> read_decisions(const std::string& file, Mistakes& mistakes) {
  std::vector<Decision> decisions;
  const Document document = config::read_yaml(file, file, mistakes);
  if (!mistakes.empty()) return decisions;
  const Node* list = document.root.find("decisions");
  if (list == nullptr || !list->is_sequence()) {
    mistakes.push_back({file, document.root.place, "expected \"decisions:\" with a list below it"});
    return decisions;
  }
  for (const Node& item : list->items) {
    Decision decision;
    decision.place = item.place;
    const std::map<std::string, std::string*, std::less<>> fields = {
        {"user", &decision.user},  {"email", &decision.email}, {"role", &decision.grant},
        {"rule", &decision.grant}, {"at", &decision.at},       {"decide", &decision.decide},
        {"to", &decision.to},      {"until", &decision.until}};
    for (const auto& [key, value] : item.entries) {
      const auto field = fields.find(key.text);
      if (field == fields.end())
        mistakes.push_back({file, key.place, "unknown word \"" + key.text + "\""});
      else
        *field->second = value.text;
      decision.is_rule = decision.is_rule || key.text == "rule";
    }
    decision.email = lower_case(decision.email);
    const std::string mistake = mistake_in(decision);
    if (!mistake.empty()) mistakes.push_back({file, item.place, mistake});
    decisions.push_back(std::move(decision));
  }
  return decisions;
}

/// One policy file: as it is, and as the decisions leave it.
struct File {
  std::string name;
  std::string before;
  std::string text;
};

/// Where a grant stands in a file: an item of a list of the person's entry.
struct Found {
  const Node* list = nullptr;
  std::size_t item = 0;
  bool is_grant = false;  ///< an item of `grants:`

  const Node& node() const { return list->is_sequence() ? list->items[item] : *list; }
};

/// The node's own line, or that of its role or action: what a review names.
bool is_at(const Node& node, uint32_t line) {
  if (node.place.line == line) return true;
  return std::any_of(node.entries.begin(), node.entries.end(), [&](const NodeEntry& entry) {
    return entry.first.place.line == line || entry.second.place.line == line;
  });
}

std::vector<Found> grants_in(const Node& person, const Decision& decision) {
  std::vector<Found> found;
  const auto add = [&](const char* key, const auto& is_it) {
    const Node* list = person.find(key);
    if (list == nullptr) return;
    if (list->is_scalar() && is_it(*list)) found.push_back({list, 0, false});
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      if (is_it(list->items[i])) found.push_back({list, i, std::string_view(key) == "grants"});
    }
  };
  if (!decision.is_rule) {
    add("roles", [&](const Node& node) { return node.text == decision.grant; });
    add("grants", [&](const Node& node) {
      const Node* role = node.find("role");
      return role != nullptr && role->text == decision.grant;
    });
    return found;
  }
  for (const char* effect : {"allow", "deny"}) {
    add(effect, [&](const Node& node) {
      const Node* id = node.find("id");
      if (id != nullptr) return id->text == decision.grant;
      return is_at(node, decision.line());
    });
  }
  return found;
}

/// The entry of that person, wherever it stands in the document.
const Node* person_in(const Node& root, const std::string& email) {
  if (const Node* user = root.find("for user"); user != nullptr && lower_case(user->text) == email)
    return &root;
  const Node* users = root.find("users");
  if (users == nullptr || root.find("tests") != nullptr) return nullptr;
  for (const auto& [name, entry] : users->entries) {
    if (lower_case(name.text) == email) return &entry;
  }
  return nullptr;
}

Result<std::string> edited(const std::string& text, const Found& found, const Decision& decision) {
  if (decision.decide == "remove") return without_item(text, *found.list, found.item);
  if (!decision.until.empty()) {
    if (found.node().is_map()) return with_entry(text, found.node(), "until", decision.until);
    return failed_precondition("a role in `roles:` has no days; write it below `grants:`");
  }
  const Node* role = found.is_grant ? found.node().find("role") : &found.node();
  return with_scalar(text, *role, decision.to);
}

/// Carries one decision out on the files. @return NotFound: no file has that grant.
Result<void> carry_out(const Decision& decision, std::vector<File>& files) {
  for (File& file : files) {
    TALON_TRY(const Document document, config::read_yaml_text(file.text, file.name));
    const Node* person = person_in(document.root, decision.email);
    if (person == nullptr) continue;
    std::vector<Found> found = grants_in(*person, decision);
    if (found.empty()) continue;
    if (found.size() > 1) {
      std::erase_if(found, [&](const Found& one) { return !is_at(one.node(), decision.line()); });
    }
    if (found.size() != 1)
      return failed_precondition(decision.email + " has " + decision.grant + " more than once in " +
                                 file.name + "; \"at\" names the line");
    TALON_TRY(file.text, edited(file.text, found.front(), decision));
    return {};
  }
  return not_found("no policy file gives " + decision.grant + " to " + decision.email);
}

Result<std::vector<File>> read_files(const std::vector<std::string>& places) {
  std::vector<File> files;
  const auto read = [&](const fs::path& path) -> Result<void> {
    std::ifstream in(path, std::ios::binary);
    if (!in) return not_found("cannot read " + path.string());
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    files.push_back({path.string(), text, text});
    return {};
  };
  for (const std::string& place : places) {
    std::error_code error;
    if (!fs::is_directory(place, error)) {
      TALON_DO(read(place));
      continue;
    }
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(place, error)) {
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) TALON_DO(read(path));
  }
  return files;
}

/// As `patch -p1` and `git apply` find it from here.
std::string name_from_here(const std::string& file) {
  std::error_code error;
  const fs::path relative = fs::relative(file, fs::current_path(error), error);
  const std::string text = relative.string();
  return error || text.empty() || text.starts_with("..") ? file.substr(file.find_first_not_of('/')) : text;
}

/// The role rows of a person's record after the decisions. @return null where nothing changes.
Json rows_after(const Json& rows, const std::vector<const Decision*>& decisions) {
  Json out = Json::array();
  bool is_changed = false;
  for (const Json& held : rows.items()) {
    Json row = Json::object();
    for (const char* field : {"id", "role", "from", "until"}) {
      if (!held[field].is_null()) row.set(field, held[field]);
    }
    const auto decided = std::find_if(decisions.begin(), decisions.end(), [&](const Decision* decision) {
      return decision->grant == held["role"].string();
    });
    if (decided != decisions.end()) {
      is_changed = true;
      if ((*decided)->decide == "remove") continue;
      if (!(*decided)->to.empty())
        row.set("role", (*decided)->to);
      else
        row.set("until", (*decided)->until);
    }
    out.push(std::move(row));
  }
  return is_changed ? out : Json();
}

/// The calls for roles that stand on people's records.
Result<Json> calls_for(Session& session, const std::vector<Decision>& decisions) {
  std::map<std::string, std::vector<const Decision*>> by_user;
  for (const Decision& decision : decisions) {
    if (decision.at == "record") by_user[decision.user].push_back(&decision);
  }
  Json calls = Json::array();
  for (const auto& [user, own] : by_user) {
    TALON_TRY(const Json record, session.call({.path = "/users/" + user}));
    Json rows = rows_after(record["roles"], own);
    if (rows.is_null()) return not_found(user + " does not hold " + own.front()->grant + " any more");
    calls.push(Json::object({{"method", "PATCH"},
                             {"path", "/api/v1/users/" + user},
                             {"if_match", "\"v" + std::to_string(record["version"].integer()) + "\""},
                             {"body", Json::object({{"roles", std::move(rows)}})}}));
  }
  return calls;
}

/// The patched set as the access plugin reads it: what is wrong with it, one mistake a line.
Result<Json> mistakes_of(Offline& offline, const std::vector<File>& files) {
  std::vector<Document> documents;
  for (const File& file : files) {
    TALON_TRY(Document document, config::read_yaml_text(file.text, file.name));
    documents.push_back(std::move(document));
  }
  TALON_TRY(const Json json, Json::parse(write_documents(documents)));
  offline.mistakes().clear();
  offline.load_plugins();
  TALON_TRY(const Json answer, ask_offline(offline, "test", Json::object({{"documents", json}})));
  return answer["mistakes"];
}

}  // namespace

int apply_review(Session& session, const PolicyReview& review) {
  Mistakes mistakes;
  std::vector<Decision> decisions = read_decisions(review.decisions, mistakes);
  if (!mistakes.empty()) {
    session.err() << config::to_lines(mistakes);
    return kWrongUse;
  }
  std::erase_if(decisions, [](const Decision& decision) { return decision.decide == "keep"; });
  Offline offline(session.options.config);
  if (lacks_settings(session, offline, !review.policies.empty())) return kInvalidConfiguration;
  auto files = read_files(review.policies.empty() ? own_places(offline) : review.policies);
  if (!files) return session.fail(files.error());
  // From the last line up, so that lines further up stay where a review saw them.
  std::stable_sort(decisions.begin(), decisions.end(),
                   [](const Decision& a, const Decision& b) { return a.line() > b.line(); });
  for (const Decision& decision : decisions) {
    if (decision.at == "record") continue;
    if (const auto done = carry_out(decision, *files); !done) {
      session.err() << review.decisions << ":" << decision.place.line << ": " << done.error().message << "\n";
      return kFailed;
    }
  }
  const auto wrong = mistakes_of(offline, *files);
  if (!wrong) return session.fail(wrong.error());
  if (!wrong->items().empty()) {
    session.err() << "with these decisions the policies would not hold:\n";
    return show_mistakes(session, *wrong, kInvalidConfiguration);
  }
  const auto calls = calls_for(session, decisions);
  if (!calls) return session.fail(calls.error());
  std::string patch;
  for (const File& file : *files) patch += unified_diff(name_from_here(file.name), file.before, file.text);
  if (session.options.is_json) return session.show(Json::object({{"patch", patch}, {"calls", *calls}}));
  for (const Json& call : calls->items()) {
    session.out() << "# " << call["method"].string() << " " << call["path"].string()
                  << "  If-Match: " << call["if_match"].string() << "\n#   " << call["body"].to_string()
                  << "\n";
  }
  session.out() << patch;
  session.err() << decisions.size() << " decisions: nothing is changed yet; `git apply` takes the patch, and "
                << calls->items().size() << " calls change records\n";
  return kOk;
}

}  // namespace talon::cli
