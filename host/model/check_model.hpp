/// Checks of a merged model against itself. Inside host/model.
#pragma once

#include "host/config/map_reader.hpp"
#include "host/model/manifest.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace talon::model {

/// Everything that the check of one type needs: where its words stand, and whose types it may name.
struct TypeContext {
  const Model& model;
  RecordType& type;
  const Node& node;  ///< of the type in its manifest
  config::Report& report;
  const std::set<std::string, std::less<>>&
      plugins;  ///< whose types it may name: its own, the host and `requires`
};

/// Fields, keys, lists, actions, freeze rule, partner paths and computed conditions of a type.
void check_type(const TypeContext& context);
void check_actions(const TypeContext& context);

/// Gives a view its fields, one for each column, and checks it. The source type must be complete.
void complete_view(const TypeContext& context);

/// The type `name`, or null after a mistake at `node`: not there (with a suggestion), or of a plugin that is
/// not in `requires`.
const RecordType* find_visible(const TypeContext& context, std::string_view name, const Node& node);

/// Checks a right, "TYPE.ACTION".
void check_right(const TypeContext& context, std::string_view right, const Node& node);

/// Parses and checks `text`, which stands at `node`, as a condition on `type`.
/// @param allow  what more may not stand in it; gets the path and whether today's date is read; a message
/// refuses it.
using ConditionRule = std::function<std::string(const std::string& path, bool reads_today)>;
void check_condition(const TypeContext& context, const RecordType& type, std::string_view text,
                     const Node& node, const ConditionRule& rule = {});

/// One field of a record, a child or an action's input, named `name` in its map `fields`.
void check_field(const TypeContext& context, const Field& field, const Node& node,
                 const std::vector<Field>& siblings);

}  // namespace talon::model
