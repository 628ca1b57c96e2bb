/// The order of `requires`: a topological sort that names what is missing and who stands in a circle.
#include "host/model/load.hpp"

#include <algorithm>
#include <set>

namespace talon::model {

namespace {

/// Who is reached from `start` by `requires` and leads back to it: "a requires b requires a".
std::string cycle_text(const std::vector<Manifest>& manifests,
                       const std::set<std::string, std::less<>>& stuck, const std::string& start) {
  std::string text = start;
  std::string at = start;
  std::set<std::string> seen;
  while (seen.insert(at).second) {
    const auto manifest = std::find_if(manifests.begin(), manifests.end(),
                                       [&](const Manifest& other) { return other.name == at; });
    const auto next = std::find_if(manifest->requires_plugins.begin(), manifest->requires_plugins.end(),
                                   [&](const std::string& name) { return stuck.count(name) > 0; });
    if (next == manifest->requires_plugins.end()) break;
    at = *next;
    text += " requires " + at;
  }
  return text;
}

}  // namespace

std::vector<std::size_t> start_order(const std::vector<Manifest>& manifests, std::vector<Refused>& refused) {
  std::vector<std::size_t> by_name;
  for (std::size_t i = 0; i < manifests.size(); ++i) by_name.push_back(i);
  std::sort(by_name.begin(), by_name.end(),
            [&](std::size_t a, std::size_t b) { return manifests[a].name < manifests[b].name; });
  std::set<std::string, std::less<>> names;
  for (const Manifest& manifest : manifests) names.insert(manifest.name);

  std::vector<std::size_t> order;
  std::set<std::string, std::less<>> started;
  std::set<std::string, std::less<>> left_out;
  const auto leave_out = [&](std::size_t i, std::string reason) {
    left_out.insert(manifests[i].name);
    refused.push_back({manifests[i].name, std::move(reason), manifests[i].folder});
  };
  for (bool has_moved = true; has_moved;) {
    has_moved = false;
    for (const std::size_t i : by_name) {
      const Manifest& manifest = manifests[i];
      if (started.count(manifest.name) > 0 || left_out.count(manifest.name) > 0) continue;
      const std::string* waits_for = nullptr;
      for (const std::string& name : manifest.requires_plugins) {
        if (names.count(name) == 0 || left_out.count(name) > 0) {
          leave_out(i, names.count(name) == 0 ? "it requires " + name + ", which is not there"
                                              : "it requires " + name + ", which was refused");
          break;
        }
        if (started.count(name) == 0) waits_for = &name;
      }
      has_moved = has_moved || left_out.count(manifest.name) > 0;
      if (waits_for != nullptr || left_out.count(manifest.name) > 0) continue;
      started.insert(manifest.name);
      order.push_back(i);
      has_moved = true;
      break;  // from the start again, so that names break ties
    }
  }
  std::set<std::string, std::less<>> stuck;
  for (const std::size_t i : by_name) {
    if (started.count(manifests[i].name) == 0 && left_out.count(manifests[i].name) == 0)
      stuck.insert(manifests[i].name);
  }
  for (const std::size_t i : by_name) {
    if (stuck.count(manifests[i].name) > 0) {
      leave_out(i, "its requirements go in a circle: " + cycle_text(manifests, stuck, manifests[i].name));
    }
  }
  return order;
}

}  // namespace talon::model
