/// Questions about rights, read straight out of a request's body.
#include "host/http/question_reader.hpp"

#include <utility>

namespace talon::http {

namespace {

constexpr int kDeepMax = 64;  // as Json::parse reads

Error no_list() {
  return invalid("questions are a list of at most " + std::to_string(records::kQuestionsMax) +
                 " {action, type, id}");
}

}  // namespace

QuestionReader::QuestionReader(std::string_view body) : JsonReader(body, kDeepMax) {
  texts_.reserve(body.size());
}

Result<void> QuestionReader::read() {
  bool has_list = false;
  skip_space();
  if (peek() == '{') {
    TALON_DO(each_member([&](std::string_view name) -> Result<void> {
      if (name != "questions") return other();
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

template <typename Read>
Result<void> QuestionReader::each_member(const Read& read_one) {
  if (!take('{')) return mistake("expected a question in braces");
  skip_space();
  if (take('}')) return {};
  do {
    skip_space();
    if (peek() != '"') return mistake("expected a key in quotes");
    TALON_TRY(const std::string_view name, text());
    skip_space();
    if (!take(':')) return mistake("expected :");
    skip_space();
    TALON_DO(read_one(name));
    skip_space();
  } while (take(','));
  return take('}') ? Result<void>() : mistake("expected , or }");
}

Result<void> QuestionReader::list() {
  if (!take('[')) return no_list();
  skip_space();
  if (take(']')) return {};
  do {
    if (questions_.size() == records::kQuestionsMax) return no_list();
    skip_space();
    TALON_DO(question());
    skip_space();
  } while (take(','));
  return take(']') ? Result<void>() : mistake("expected , or ]");
}

Result<void> QuestionReader::question() {
  std::optional<std::string_view> action;
  std::optional<std::string_view> type;
  bool has_id = false;
  records::Question& question = questions_.emplace_back();
  TALON_DO(each_member([&](std::string_view name) -> Result<void> {
    if (name == "action") return once(action, name);
    if (name == "type") return once(type, name);
    if (name != "id") return other();
    if (std::exchange(has_id, true)) return mistake("the key \"id\" stands twice");
    return take("null") ? Result<void>() : once(question.id, name);
  }));
  question.action = action.value_or("");
  question.type = type.value_or("");
  return {};
}

Result<void> QuestionReader::once(std::optional<std::string_view>& member, std::string_view name) {
  if (member) return mistake("the key \"" + std::string(name) + "\" stands twice");
  if (peek() != '"') return mistake("\"" + std::string(name) + "\" is a text");
  TALON_TRY(member, text());
  return {};
}

Result<std::string_view> QuestionReader::text() {
  const std::size_t from = texts_.size();
  TALON_DO(read_string(texts_));
  return std::string_view(texts_).substr(from);
}

Result<void> QuestionReader::other() {
  Json passed_over;
  return JsonReader::read(passed_over, 0);
}

}  // namespace talon::http
