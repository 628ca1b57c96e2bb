/// Questions about rights, read straight out of a request's body: a page of records asks hundreds at once.
#pragma once

#include "host/records/records.hpp"

#include <talon/json_reader.hpp>

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::http {

/// [QUESTION…] or {"questions": [QUESTION…]}, a QUESTION being {"action", "type", "id"} with members in any
/// order. Other members are passed over; an id that is null or left out asks about no record in particular.
class QuestionReader : private detail::JsonReader {
 public:
  /// @param body  UTF-8; outlives this.
  explicit QuestionReader(std::string_view body);
  QuestionReader(const QuestionReader&) = delete;  // the questions borrow from its texts and the body
  QuestionReader& operator=(const QuestionReader&) = delete;

  /// @errors InvalidArgument: not JSON, no list of questions, or more than kQuestionsMax.
  Result<void> read();
  /// Good as long as this and the body.
  const std::vector<records::Question>& all() const { return questions_; }

 private:
  Result<void> list();
  Result<void> question();
  Result<void> once(std::string_view& member, bool& is_there, std::string_view name);
  Error twice(std::string_view name) const;

  std::list<std::string> unescaped_;  // texts with escapes, which the body does not hold as they are meant
  std::vector<records::Question> questions_;
};

}  // namespace talon::http
