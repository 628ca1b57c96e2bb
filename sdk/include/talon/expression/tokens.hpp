/// The words of a condition: splits text into tokens that know their place.
#pragma once

#include <talon/document.hpp>
#include <talon/result.hpp>
#include <talon/utf8.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace talon::expression::detail {

inline constexpr std::size_t kConditionBytesMax = std::size_t{1}
                                                  << 20U;  // a plan with some 50,000 folded ids

struct Token {
  enum class Kind {
    Word,    ///< a field, a key word, a number, an unquoted text
    Quoted,  ///< "…", without the quotes and escapes
    Symbol,  ///< a run of < > = !, or one of ( ) [ ] ,
    End
  };
  Kind kind = Kind::End;
  std::string text;
  Place place;
};

inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
inline bool is_comparison_sign(char c) { return c == '<' || c == '>' || c == '=' || c == '!'; }
inline bool is_bracket(char c) { return c == '(' || c == ')' || c == '[' || c == ']' || c == ','; }
inline bool ends_word(char c) { return is_space(c) || is_comparison_sign(c) || is_bracket(c) || c == '"'; }

/// The mistake of a text, with its place in `details`.
inline Error parse_error(Place place, const std::string& message) {
  std::string details = "[{\"line\":" + std::to_string(place.line) +
                        ",\"column\":" + std::to_string(place.column) + ",\"message\":";
  write_json_string(details, message);
  return {Code::InvalidArgument, message, details + "}]"};
}

/// Reads tokens one by one.
class Tokenizer {
 public:
  Tokenizer(std::string_view text, Place origin) : text_(text), place_(origin) {}

  /// All tokens, the last one End.
  Result<std::vector<Token>> read() {
    if (text_.size() > kConditionBytesMax) return parse_error(place_, "the condition is too long");
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && is_space(text_[at_])) advance();
      Token token;
      token.place = place_;
      if (at_ >= text_.size()) {
        tokens.push_back(std::move(token));
        return tokens;
      }
      TALON_DO(read_one(token));
      tokens.push_back(std::move(token));
    }
  }

 private:
  Result<void> read_one(Token& token) {
    const char first = text_[at_];
    if (first == '"') return read_quoted(token);
    token.kind = Token::Kind::Symbol;
    if (is_bracket(first)) return take(token);
    if (is_comparison_sign(first)) {
      while (at_ < text_.size() && is_comparison_sign(text_[at_])) TALON_DO(take(token));
      return {};
    }
    token.kind = Token::Kind::Word;
    while (at_ < text_.size() && !ends_word(text_[at_])) TALON_DO(take(token));
    return {};
  }

  Result<void> read_quoted(Token& token) {
    token.kind = Token::Kind::Quoted;
    advance();
    while (at_ < text_.size()) {
      if (text_[at_] == '"') {
        advance();
        return {};
      }
      if (text_[at_] == '\\') {
        advance();
        if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\\')) {
          return parse_error(place_, "after \\ only \\ or \" may stand");
        }
      }
      TALON_DO(take(token));
    }
    return parse_error(token.place, "the text in quotes does not end");
  }

  /// Moves one character into the token.
  Result<void> take(Token& token) {
    const std::size_t length = utf8_sequence(text_, at_);
    if (length == 0) return parse_error(place_, "here is no UTF-8");
    if (text_[at_] == '\0') return parse_error(place_, "a condition cannot have a zero byte");
    token.text += text_.substr(at_, length);
    at_ += length - 1;
    advance();
    return {};
  }

  void advance() {
    if (text_[at_++] == '\n') {
      ++place_.line;
      place_.column = 1;
    } else {
      ++place_.column;
    }
  }

  std::string_view text_;
  Place place_;
  std::size_t at_ = 0;
};

}  // namespace talon::expression::detail
