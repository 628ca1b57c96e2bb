/// Which partners a record belongs to, for the rules of partners' own files.
#include "compile.hpp"

#include <talon/id.hpp>

namespace talon::access {

std::string partner_key(int64_t id) { return "#" + std::to_string(id); }

std::string partner_key(std::string_view number) {
  const auto id = parse_id(number);
  return id ? partner_key(*id) : "=" + std::string(number);
}

std::vector<std::string> partner_paths(const model::Model& model, const model::RecordType& type) {
  std::vector<std::string> paths;
  for (const std::string& path : type.partner_paths) {
    paths.push_back(path);
    const auto field = model::resolve_path(model, type, path);
    const model::RecordType* target = field ? model.find((*field)->to) : nullptr;
    if (target == nullptr || target->name == type.name) continue;
    for (const std::string& next : target->partner_paths) {
      if (next != "id") paths.push_back(path + "." + next);
    }
  }
  return paths;
}

std::string partner_number_path(const std::string& path) {
  return path == "id" ? "number" : path + ".number";
}

}  // namespace talon::access
