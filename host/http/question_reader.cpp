/// Questions about rights, read straight out of a request's body.
#include "host/http/question_reader.hpp"

#include <talon/text.hpp>

#include <algorithm>
#include <utility>

namespace talon::http {

namespace {

constexpr int kDeepMax = 64;                // as Json::parse reads
constexpr std::size_t kQuestionBytes = 48;  // most are longer

Error no_list() {
  return invalid("questions are a list of at most " + std::to_string(records::kQuestionsMax) +
                 " {action, type, id}");
}

}  // namespace

QuestionReader::QuestionReader(std::string_view body) : JsonReader(body, kDeepMax) {
  questions_.reserve(std::min(records::kQuestionsMax, body.size() / kQuestionBytes + 1));
}

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
  bool has_action = false;
  bool has_type = false;
  bool has_id = false;
  records::Question& question = questions_.emplace_back();
  return each_member([&](std::string_view name) -> Result<void> {
    if (name == "action") return once(question.action, has_action, name);
    if (name == "type") return once(question.type, has_type, name);
    if (name != "id") return pass_over();
    if (!take("null")) return once(question.id.emplace(), has_id, name);
    return std::exchange(has_id, true) ? twice(name) : Result<void>();
  });
}

Error QuestionReader::twice(std::string_view name) const {
  return mistake("the key " + echoed(name) + " stands twice");
}

Result<void> QuestionReader::once(std::string_view& member, bool& is_there, std::string_view name) {
  if (std::exchange(is_there, true)) return twice(name);
  if (take_plain(member)) return {};
  if (peek() != '"') return mistake(echoed(name) + " is a text");
  std::string& kept = unescaped_.emplace_back();
  TALON_TRY(member, read_view(kept));
  return {};
}

}  // namespace talon::http
