/// Reading the parts of a manifest: names, fields, actions, records and views. Inside host/model.
#pragma once

#include "host/config/map_reader.hpp"
#include "host/model/manifest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace talon::model {

/// What a field stands in: it decides which types and keys it may have.
enum class FieldPlace { Record, Child, Input, Setting };

/// snake_case, a letter first, at most 60 characters, no word of the condition language. Notes a mistake
/// otherwise.
bool check_name(config::Report& report, const Node& node, std::string_view what);

/// Reads `{en: …, fr: …}` and fills "en" in from `name`.
void read_label(config::MapReader& reader, std::string_view name, Label& label);

Field read_field(config::Report& report, const Node& name, const Node& node, FieldPlace place);
/// Fields under a map of them; keys are checked as names.
std::vector<Field> read_fields(config::MapReader& reader, std::string_view key, FieldPlace place);

/// One record of `records:`, and the types of its child lists, appended to `types`.
void read_record(config::Report& report, const Node& name, const Node& node, Manifest& out);
/// One view of `views:`.
void read_view(config::Report& report, const Node& name, const Node& node, Manifest& out);

std::vector<Action> read_actions(config::MapReader& reader);

}  // namespace talon::model
