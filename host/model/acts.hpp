/// Acts by name, as settings write them: "TYPE.ACTION".
#pragma once

#include <talon/document.hpp>
#include <talon/model.hpp>

#include <string>
#include <vector>

namespace talon::model {

/// Notes every act that the model does not have, with the nearest name that it has.
/// @param file, place  where the list stands.
void check_acts(const Model& model, const std::vector<std::string>& acts, const std::string& file,
                Place place, Mistakes& mistakes);

}  // namespace talon::model
