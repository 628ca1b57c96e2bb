/// Judging names of acts.
#include "host/model/acts.hpp"

#include <talon/model_lookup.hpp>

namespace talon::model {

void check_acts(const Model& model, const std::vector<std::string>& acts, const std::string& file,
                Place place, Mistakes& mistakes) {
  for (const std::string& act : acts) {
    const std::size_t dot = act.find('.');
    const RecordType* type = dot == std::string::npos ? nullptr : model.find(act.substr(0, dot));
    if (type != nullptr && type->has_action(act.substr(dot + 1))) continue;
    std::vector<std::string> names;
    for (const RecordType& known : model.types) {
      for (const std::string& action : known.base_actions) names.push_back(known.name + "." + action);
      for (const Action& action : known.actions) names.push_back(known.name + "." + action.name);
    }
    const std::string near = nearest(act, names);
    mistakes.push_back({file, place,
                        "there is no act \"" + act + "\"" +
                            (near.empty() ? std::string() : ". Did you mean \"" + near + "\"?")});
  }
}

}  // namespace talon::model
