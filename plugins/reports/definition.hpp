/// A report's definition: what config/reports/*.yaml says, read and checked against the model.
#pragma once

#include <talon/document.hpp>
#include <talon/expression/tree.hpp>
#include <talon/model.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace talon::reports {

/// What a caller may give. Typed, so that it goes into the condition as a literal and as nothing else.
struct Parameter {
  enum class Type { Text, Integer, Date, Month, Choice, Ref };
  std::string name;
  Type type = Type::Text;
  model::Label label;
  bool is_required = false;
  std::vector<std::string> choices;  ///< of Choice
  std::string to;                    ///< of Ref: the record type
  std::string prefix;                ///< of Ref: its ids'
};

struct Column {
  std::string name;       ///< in the answer: the path, or the aggregate ("sum net")
  std::string path;       ///< of what is shown
  std::string aggregate;  ///< "sum net", or empty
  model::Label label;
  model::Field field;  ///< type, scale, prefix's type; a count is an Integer
};

struct Definition {
  std::string name;
  model::Label label;
  std::string type;  ///< record type or view
  std::vector<Parameter> parameters;
  expression::Expression where;  ///< with $NAME where a parameter stands
  std::vector<Column> columns;   ///< plain ones, or group keys and then aggregates
  bool is_grouped = false;
  std::vector<std::string> order;
};

/// Reads one file. @return nothing when it is not in force here (`plugin:` names one that is not loaded) or
/// has mistakes.
std::optional<Definition> read_definition(const Document& document, const model::Model& model,
                                          Mistakes& mistakes);

/// All of them, by name; two of one name are a mistake.
using Definitions = std::map<std::string, Definition, std::less<>>;
Definitions read_definitions(const std::vector<Document>& documents, const model::Model& model,
                             Mistakes& mistakes);

}  // namespace talon::reports
