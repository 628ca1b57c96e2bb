/// An explanation's lines.
#include "explain_text.hpp"

#include <string_view>

namespace talon::access {

namespace {

/// What the rules for fields leave of one, whatever those for the record say.
std::string level_words(std::string_view level) {
  if (level == "edit") return " is kept from them by no rule for fields";
  return " is " + (level == "read_only" ? "read-only" : std::string(level));
}

/// The first words: of a field, what its level comes to; of any record, that it depends on which.
std::string verdict_of(const Json& answer) {
  const bool is_allowed = answer["allowed"].boolean();
  const std::string on_record = !is_allowed                             ? "NO"
                                : answer["depends_on_record"].boolean() ? "YES, if"
                                                                        : "YES";
  const std::string_view level = answer["level"].string();
  const std::string_view action = answer["action"].string();
  const bool is_write = action == "edit" || action == "create";
  const bool is_kept = level == "hidden" || (is_write && !level.empty() && level != "edit");
  if (!is_allowed || (!is_kept && level != "masked")) return on_record;
  std::string text = std::string(is_kept ? "NO" : "YES, masked") + "  " +
                     std::string(answer["field"].string()) + level_words(level);
  if (!answer["field_place"].string().empty()) text += ", " + std::string(answer["field_place"].string());
  return text + "\nthe record itself: " + on_record;
}

}  // namespace

std::string explain_text(const Json& answer) {
  std::string text = verdict_of(answer);
  const Json& rule = answer["decided_by"];
  const Json* is_active = answer.find("is_active");
  if (is_active != nullptr && !is_active->boolean()) {
    text += "  no rule counts for them: their invitation is not taken up, or they are disabled\n";
  } else if (rule.is_null()) {
    text += "  no rule allows it\n";
  } else {
    text += "  rule " + std::string(rule["rule"].string()) + ", " + std::string(rule["place"].string()) +
            " (" + std::string(rule["effect"].string()) + ", " + std::string(rule["to"].string()) + ")\n";
    for (const Json& line : rule["lines"].items()) {
      text += "     " + std::string(line["line"].string());
      if (line.find("value") != nullptr)
        text += "     " + std::string(line["path"].string()) + " = " + std::string(line["value"].string());
      if (line.find("truth") != nullptr) text += "     " + std::string(line["truth"].string());
      text += "\n";
    }
    if (!rule["because"].string().empty()) text += "     \"" + std::string(rule["because"].string()) + "\"\n";
  }
  if (const Json* without = answer.find("without")) {
    text += "without that rule it would be: " + std::string((*without)["allowed"].boolean() ? "YES" : "NO");
    if (!(*without)["place"].string().empty()) text += ", " + std::string((*without)["place"].string());
    text += ".   ";
  }
  if (const Json* who = answer.find("who_may")) {
    std::string names;
    for (const Json& name : who->items()) names += (names.empty() ? "" : ", ") + std::string(name.string());
    text += "Who may: " + (names.empty() ? "nobody" : names) + ".   ";
  }
  if (const Json* field = answer.find("level")) {
    text += std::string(answer["field"].string()) + level_words(field->string());
    if (!answer["field_place"].string().empty())
      text += " (" + std::string(answer["field_place"].string()) + ")";
    text += ".   ";
  }
  return text + "Policy set " + std::string(answer["policy_set"].string().substr(0, 12)) + ", loaded " +
         std::string(answer["loaded_at"].string()) + ".\n";
}

}  // namespace talon::access
