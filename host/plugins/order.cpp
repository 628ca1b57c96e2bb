/// Start order: depth first over the requirements.
#include "host/plugins/order.hpp"

#include <algorithm>

namespace talon::plugins {

namespace {

class Sorter {
 public:
  explicit Sorter(const std::vector<Spec>& specs) {
    for (const Spec& spec : specs) all_.emplace(spec.name, &spec);
  }

  Order sort() {
    for (const auto& [name, spec] : all_) {
      if (spec->is_enabled) visit(name);
    }
    return std::move(order_);
  }

 private:
  enum class Mark { Open, Done };

  /// @return false when `name` cannot start; the reason is in `refused` (but for a circle that is still
  /// open).
  bool visit(const std::string& name) {
    const auto mark = marks_.find(name);
    if (mark != marks_.end() && mark->second == Mark::Open) return refuse_circle(name);
    if (mark != marks_.end()) return order_.refused.count(name) == 0;
    marks_[name] = Mark::Open;
    path_.push_back(name);
    std::vector<std::string> needs = all_[name]->requires_plugins;
    std::sort(needs.begin(), needs.end());
    for (const std::string& need : needs) {
      const auto found = all_.find(need);
      if (found == all_.end()) {
        refuse(name, "it requires " + need + ", which is not installed");
      } else if (!found->second->is_enabled) {
        refuse(name, "it requires " + need + ", which is disabled");
      } else if (!visit(need)) {
        const auto why = order_.refused.find(need);
        refuse(name, "it requires " + need + ", which is refused" +
                         (why == order_.refused.end() ? std::string() : " (" + why->second + ")"));
      }
    }
    path_.pop_back();
    marks_[name] = Mark::Done;
    if (order_.refused.count(name) != 0) return false;
    order_.names.push_back(name);
    return true;
  }

  bool refuse_circle(const std::string& name) {
    std::string circle;
    const auto from = std::find(path_.begin(), path_.end(), name);
    for (auto member = from; member != path_.end(); ++member) circle += *member + " → ";
    for (auto member = from; member != path_.end(); ++member) {
      refuse(*member, "its requirements go round in a circle: " + circle + name);
    }
    return false;
  }

  void refuse(const std::string& name, const std::string& why) { order_.refused.emplace(name, why); }

  std::map<std::string, const Spec*> all_;
  std::map<std::string, Mark> marks_;
  std::vector<std::string> path_;
  Order order_;
};

}  // namespace

Order start_order(const std::vector<Spec>& specs) { return Sorter(specs).sort(); }

}  // namespace talon::plugins
