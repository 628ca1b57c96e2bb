/// `talon policy table`: the pages of rights, printed or written into a folder.
#include "host/cli/output.hpp"
#include "host/cli/policies.hpp"
#include "host/cli/policy_files.hpp"

#include <talon/model.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

namespace talon::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndex = "README.md";

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// Removes pages of roles that are gone: files that begin as ours do and are none of `written`.
void remove_old_pages(const fs::path& directory, const std::string& mark,
                      const std::set<std::string>& written) {
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(directory, error)) {
    const std::string name = file.path().filename().string();
    const bool is_page = file.path().extension() == ".md" && first_line(file.path()) == mark;
    if (is_page && !written.contains(name)) fs::remove(file.path(), error);
  }
}

int write_pages(Session& session, const Json& pages, const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  std::set<std::string> written;
  std::string mark;
  for (const Json& page : pages.items()) {
    const std::string name(page["file"].string());
    const std::string_view text = page["text"].string();
    mark = text.substr(0, text.find('\n'));
    std::ofstream out(fs::path(directory) / name, std::ios::trunc);
    out << text;
    if (!out.flush()) {
      session.err() << "cannot write " << name << " into " << directory << "\n";
      return kFailed;
    }
    written.insert(name);
  }
  remove_old_pages(directory, mark, written);
  session.err() << written.size() << " pages in " << directory << "\n";
  return kOk;
}

}  // namespace

int show_rights(Session& session, const std::vector<std::string>& places, const RightsTable& table) {
  Offline offline(session.options.config);
  if (lacks_settings(session, offline, !places.empty())) return kInvalidConfiguration;
  offline.mistakes().clear();
  offline.load_plugins();
  const auto documents = documents_json(places.empty() ? own_places(offline) : places);
  if (!documents) {
    session.err() << documents.error().message << "\n";
    return kInvalidConfiguration;
  }
  const auto answer = ask_offline(offline, "table", Json::object({{"documents", *documents}}));
  if (!answer) return session.fail(answer.error());
  if (!(*answer)["mistakes"].is_null()) {
    return show_mistakes(session, (*answer)["mistakes"], kInvalidConfiguration);
  }
  Json pages = Json::array();
  for (const Json& page : (*answer)["pages"].items()) {
    const bool is_wanted = table.role.empty() || page["file"].string() == table.role + ".md";
    const bool is_shown =
        !table.directory.empty() || session.options.is_json || page["file"].string() != kIndex;
    if (is_wanted && is_shown) pages.push(page);
  }
  if (pages.items().empty()) {
    std::vector<std::string> roles;
    for (const Json& page : (*answer)["pages"].items()) {
      const std::string_view file = page["file"].string();
      if (file != kIndex) roles.emplace_back(file.substr(0, file.size() - std::string_view(".md").size()));
    }
    session.err() << "there is no role \"" << table.role << "\"." << model::suggestion(table.role, roles)
                  << "\n";
    return kWrongUse;
  }
  if (!table.directory.empty()) {
    if (!table.role.empty()) {
      session.err() << "--out writes all pages; leave --role out\n";
      return kWrongUse;
    }
    return write_pages(session, pages, table.directory);
  }
  if (session.options.is_json) return session.show(Json::object({{"pages", std::move(pages)}}));
  for (const Json& page : pages.items()) session.out() << page["text"].string() << "\n";
  return kOk;
}

}  // namespace talon::cli
