/// Questions about rights, read straight out of a request's body.
#include "host/http/question_reader.hpp"

#include <talon/text.hpp>

#include <utility>

namespace talon::http {

namespace {

constexpr int kDeepMax = 64;  // as Json::parse reads

Error no_list() {
  return invalid("questions are a list of at most " + std::to_string(records::kQuestionsMax) +
                 " {action, type, id}");
}

}  // namespace

QuestionReader::QuestionReader(std::string_view body) : JsonReader(body, kDeepMax) {}

Result<void> QuestionReader::read() {
  bool has_list = false;
  skip_space();
  if (peek() == '{') {
    TALON_DO(each_member([&](std::string_view name) -> Result<void> {
      if (name != "questions") return pass_over();
      if (has_list) return mistake("\"questions\" stands twice");
      has_list = true;
      return list();
    }));
    if (!has_list) return no_list();
  } else {
    TALON_DO(list());
  }
  skip_space();
  return is_at_end() ? Result<void>() : mistake("unexpected text after the questions");
}

Result<void> QuestionReader::list() {
  if (peek() != '[') return no_list();
  return each_item(
      [&]() -> Result<void> { return questions_.size() == records::kQuestionsMax ? no_list() : question(); });
}

Result<void> QuestionReader::question() {
  std::optional<std::string_view> action;
  std::optional<std::string_view> type;
  bool has_id = false;
  records::Question& question = questions_.emplace_back();
  TALON_DO(each_member([&](std::string_view name) -> Result<void> {
    if (name == "action") return once(action, name);
    if (name == "type") return once(type, name);
    if (name != "id") return pass_over();
    if (std::exchange(has_id, true)) return mistake("the key \"id\" stands twice");
    return take("null") ? Result<void>() : once(question.id, name);
  }));
  question.action = action.value_or("");
  question.type = type.value_or("");
  return {};
}

Result<void> QuestionReader::once(std::optional<std::string_view>& member, std::string_view name) {
  if (member) return mistake("the key " + echoed(name) + " stands twice");
  if (peek() != '"') return mistake(echoed(name) + " is a text");
  std::string kept;
  TALON_TRY(const std::string_view text, read_view(kept));
  member = text.data() == kept.data() ? std::string_view(unescaped_.emplace_back(std::move(kept))) : text;
  return {};
}

}  // namespace talon::http
