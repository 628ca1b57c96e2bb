/// Extensions: fields that integrators add to record types in config/extensions/*.yaml. Inside host/model.
#pragma once

#include <talon/document.hpp>
#include <talon/model.hpp>

#include <set>
#include <string>
#include <vector>

namespace talon::model {

/// Adds the fields of each document ({extend: TYPE, fields: {…}}) to `model`. A document with a mistake adds
/// nothing.
void apply_extensions(Model& model, const std::vector<Document>& extensions, Mistakes& mistakes);

}  // namespace talon::model
