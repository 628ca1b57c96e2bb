/// Judges what each argument is, not what it says.
#include "arguments.hpp"

#include <talon/faults.hpp>

#include <string>

namespace talon::access {

Result<void> judge_kinds(const Json& args, std::initializer_list<std::string_view> texts,
                         std::initializer_list<std::string_view> lists) {
  Faults faults;
  const auto judge_text = [&](const Json& value, const std::string& pointer) {
    if (!value.is_string()) faults.add_value(pointer, "invalid_value", "is a text, in quotes");
  };
  for (const std::string_view name : texts) {
    const Json& value = args[name];
    if (!value.is_null()) judge_text(value, "/" + std::string(name));
  }
  for (const std::string_view name : lists) {
    const Json& value = args[name];
    const std::string pointer = "/" + std::string(name);
    if (!value.is_null() && !value.is_array())
      faults.add_value(pointer, "invalid_value", "is a list of texts, as in [\"a\", \"b\"]");
    for (std::size_t i = 0; i < value.items().size(); ++i)
      judge_text(value.items()[i], pointer + "/" + std::to_string(i));
  }
  return faults.outcome();
}

}  // namespace talon::access
