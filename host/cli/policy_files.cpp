/// Policy files for the commands that work without a server.
#include "host/cli/policy_files.hpp"

#include "host/cli/policies.hpp"
#include "host/config/yaml.hpp"

#include <talon/model_json.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <system_error>

namespace talon::cli {

namespace {

namespace fs = std::filesystem;

/// The files of a folder, or one file, as documents. @return InvalidArgument with all mistakes of form.
Result<std::vector<Document>> read_place(const std::string& place) {
  Mistakes mistakes;
  std::error_code error;
  std::vector<Document> documents;
  if (fs::is_directory(place, error)) {
    documents = config::read_yaml_directory(place, place, mistakes);
    if (documents.empty() && mistakes.empty()) return not_found(place + " has no YAML files");
  } else {
    documents.push_back(config::read_yaml(place, place, mistakes));
  }
  if (!mistakes.empty()) return config::mistakes_error(mistakes);
  return documents;
}

}  // namespace

bool lacks_settings(Session& session, const Offline& offline, bool has_places) {
  if (offline.settings_mistakes().empty()) return false;
  std::error_code error;
  const bool is_default = session.options.config == Options().config;
  if (has_places && is_default && !fs::exists(session.options.config, error)) return false;
  Json lines = Json::array();
  for (const Mistake& mistake : offline.settings_mistakes()) lines.push(mistake.to_string());
  show_mistakes(session, lines, kInvalidConfiguration);
  return true;
}

bool declares_roles(const std::vector<std::string>& places) {
  return std::any_of(places.begin(), places.end(), [](const std::string& place) {
    const auto documents = read_place(place);
    return documents && std::any_of(documents->begin(), documents->end(), [](const Document& document) {
             return document.root.find("roles") != nullptr;
           });
  });
}

std::vector<std::string> own_places(const Offline& offline) {
  std::vector<std::string> places;
  const model::Manifest* manifest = offline.loaded().find(kPolicyPlugin);
  if (manifest == nullptr) return places;
  for (const model::DocumentRoot& root : manifest->documents) {
    const auto other = offline.settings().documents.find(root.name);
    const bool is_moved = other != offline.settings().documents.end();
    places.push_back(
        (is_moved ? fs::path(other->second) : offline.settings().root / root.directory).string());
  }
  return places;
}

Mistakes passed_over(const Offline& offline) {
  Mistakes notes;
  Mistakes told_elsewhere;
  const auto& types = offline.loaded().model.types;
  const auto is_here = [&](const Node& name) {
    return std::any_of(types.begin(), types.end(),
                       [&](const model::RecordType& type) { return type.plugin == name.text; });
  };
  for (const std::string& place : own_places(offline)) {
    for (const Document& document : config::read_yaml_directory(place, place, told_elsewhere)) {
      const Node* plugin = document.root.find("plugin");
      if (plugin == nullptr) continue;
      for (const Node& name : plugin->is_sequence() ? plugin->items : std::vector<Node>{*plugin}) {
        if (is_here(name)) continue;
        notes.push_back({document.file, name.place,
                         "passed over: there is no plugin " + echoed(name.text) +
                             " here, so that nothing in this file is in force"});
        break;
      }
    }
  }
  return notes;
}

Result<Json> documents_json(const std::vector<std::string>& places) {
  std::vector<Document> all;
  for (const std::string& place : places) {
    TALON_TRY(std::vector<Document> documents, read_place(place));
    std::move(documents.begin(), documents.end(), std::back_inserter(all));
  }
  return Json::parse(write_documents(all));
}

Result<Json> ask_offline(Offline& offline, const std::string& command, Json args) {
  args.set("model", model::write_model(offline.loaded().model));
  std::string text;
  TALON_DO(offline.plugins().run_command(nullptr, kPolicyPlugin, command, args, [&](std::string_view piece) {
    text.append(piece);
    return Result<void>();
  }));
  return Json::parse(text);
}

int show_mistakes(Session& session, const Json& mistakes, int code) {
  if (session.options.is_json) {
    session.out() << Json::object({{"mistakes", mistakes}}).to_string() << "\n";
    return code;
  }
  for (const Json& mistake : mistakes.items()) session.out() << mistake.string() << "\n";
  return code;
}

}  // namespace talon::cli
