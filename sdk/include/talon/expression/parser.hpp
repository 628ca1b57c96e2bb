/// The grammar of conditions: recursive descent over tokens (see parse.hpp for its two entries).
#pragma once

#include <talon/expression/tokens.hpp>
#include <talon/expression/tree.hpp>

#include <charconv>
#include <optional>

namespace talon::expression::detail {

inline constexpr int kDepthMax = 32;          // nested parentheses; evaluation recurses as deep
inline constexpr int kComparisonsMax = 2000;  // what both databases take in one statement, with room
inline constexpr int64_t kDaysMax = 36600;    // a hundred years
inline constexpr std::string_view kReserved[] = {"always", "and", "empty", "in",      "is",  "none",
                                                 "not",    "or",  "today", "unknown", "user"};

inline bool is_reserved(std::string_view word) {
  for (const std::string_view reserved : kReserved) {
    if (word == reserved) return true;
  }
  return false;
}

inline bool is_number(std::string_view word) {
  if (!word.empty() && word[0] == '-') word.remove_prefix(1);
  return !word.empty() && word.find_first_not_of("0123456789.") == std::string_view::npos && word[0] != '.';
}

inline bool is_currency_code(std::string_view word) {
  return word.size() == 3 && word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

/// A path of lower-case names joined by dots; whether it leads anywhere, `check` says.
inline bool is_path(std::string_view word) {
  if (word.empty() || word.front() == '.' || word.back() == '.' ||
      word.find("..") != std::string_view::npos) {
    return false;
  }
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
  return word.find_first_not_of(kLetters) == std::string_view::npos && (word[0] < '0' || word[0] > '9');
}

class Parser {
 public:
  Parser(std::string_view text, const std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

  /// Everything in the inline form; an empty text is Always.
  Result<Expression> inline_form() {
    if (now().kind == Token::Kind::End) return Expression{};
    TALON_TRY(Expression expression, any(0));
    TALON_DO(end());
    return expression;
  }

  /// One comparison, `is [not] NAME` or `user has [not] role NAME`.
  Result<Expression> line() {
    if (now().kind == Token::Kind::End) return fail("the line is empty");
    TALON_TRY(Expression expression, comparison());
    TALON_DO(end());
    return expression;
  }

 private:
  Result<Expression> any(int depth) { return joined(depth, "or", Expression::Kind::Any); }

  /// Operands of one level joined by `word`; a single one stands for itself.
  Result<Expression> joined(int depth, std::string_view word, Expression::Kind kind) {
    if (depth > kDepthMax) return fail("the condition is nested too deeply");
    Expression group;
    group.kind = kind;
    group.place = now().place;
    do {
      const bool is_any = kind == Expression::Kind::Any;
      TALON_TRY(Expression child, is_any ? joined(depth, "and", Expression::Kind::All) : unary(depth));
      group.children.push_back(std::move(child));
    } while (accept(word));
    if (group.children.size() > 1) return group;
    Expression only = std::move(group.children.front());
    return only;
  }

  Result<Expression> unary(int depth) {
    const Place place = now().place;
    if (accept_symbol("(")) {
      TALON_TRY(Expression inner, any(depth + 1));
      if (!accept_symbol(")")) return fail("here a closing parenthesis is missing");
      return inner;
    }
    if (accept("always")) return leaf(Expression::Kind::Always, place);
    const bool is_not = is_word("not") && is_symbol("(", 1);
    const bool is_none = is_word("none") && is_word("of", 1);
    if (!is_not && !is_none) return comparison();
    at_ += is_none ? 2 : 1;
    Expression none = leaf(Expression::Kind::None, place);
    if (!accept_symbol("(")) return fail("after \"none of\" comes a list in parentheses");
    do {
      TALON_TRY(Expression child, any(depth + 1));
      none.children.push_back(std::move(child));
    } while (is_none && accept_symbol(","));
    if (!accept_symbol(")")) return fail("here a closing parenthesis is missing");
    return none;
  }

  Result<Expression> comparison() {
    start_ = now().place;
    if (++comparisons_ > kComparisonsMax) return fail("the condition has too many comparisons");
    if (is_word("is")) return named();
    if (is_word("user") && is_word("has", 1)) return role();
    Expression compare = leaf(Expression::Kind::Compare, start_);
    // `user` is a field too, of sessions, tokens and a user's own lists: on the left it is that one.
    const bool is_name = is_word("user") || !is_reserved(now().text);
    if (now().kind != Token::Kind::Word || !is_path(now().text) || !is_name) return unreadable();
    compare.path = take().text;
    TALON_DO(read_operator(compare));
    return compare;
  }

  Result<Expression> named() {
    Expression named = leaf(Expression::Kind::Named, take().place);
    named.is_negated = accept("not");
    TALON_TRY(named.path, name());
    return named;
  }

  Result<Expression> role() {
    Expression role = leaf(Expression::Kind::HasRole, take().place);
    ++at_;
    role.is_negated = accept("not");
    if (!accept("role")) return unreadable();
    TALON_TRY(role.path, name());
    return role;
  }

  Result<std::string> name() {
    if (now().kind != Token::Kind::Word || !is_path(now().text) || is_reserved(now().text))
      return unreadable();
    return take().text;
  }

  Result<void> read_operator(Expression& compare) {
    if (now().kind == Token::Kind::Symbol) return read_sign(compare);
    if (accept("is")) {
      const bool is_not = accept("not");
      if (accept("empty")) {
        compare.op = is_not ? Operator::IsNotEmpty : Operator::IsEmpty;
        return {};
      }
      compare.op = is_not ? Operator::IsNot : Operator::Is;
      return value(compare.operand);
    }
    if (is_word("in") || (is_word("not") && is_word("in", 1))) {
      compare.op = is_word("in") ? Operator::In : Operator::NotIn;
      at_ += is_word("in") ? 1 : 2;
      return is_symbol("[") ? list(compare.operand) : fact(compare.operand);
    }
    if (is_word("starts") && is_word("with", 1)) {
      at_ += 2;
      compare.op = Operator::StartsWith;
      return value(compare.operand);
    }
    if (accept("contains")) {
      compare.op = Operator::Contains;
      return value(compare.operand);
    }
    return read_time(compare);
  }

  /// `within last N days`, `before VALUE`, `after VALUE`.
  Result<void> read_time(Expression& compare) {
    if (is_word("within") && is_word("last", 1)) {
      at_ += 2;
      compare.op = Operator::WithinLastDays;
      TALON_TRY(compare.operand.days, days());
      return {};
    }
    if (!is_word("before") && !is_word("after")) return unreadable();
    const bool is_before = take().text == "before";
    compare.op = is_before ? Operator::Less : Operator::Greater;
    TALON_DO(value(compare.operand));
    if (compare.operand.kind == Operand::Kind::Today && compare.operand.days == 0) {
      compare.op = is_before ? Operator::BeforeToday : Operator::AfterToday;
      compare.operand = {};
    }
    return {};
  }

  Result<void> read_sign(Expression& compare) {
    static constexpr std::pair<std::string_view, Operator> kSigns[] = {
        {"=", Operator::Is},         {"!=", Operator::IsNot},  {"<", Operator::Less},
        {"<=", Operator::LessEqual}, {">", Operator::Greater}, {">=", Operator::GreaterEqual}};
    for (const auto& [sign, op] : kSigns) {
      if (!is_symbol(sign)) continue;
      ++at_;
      compare.op = op;
      return value(compare.operand);
    }
    return unreadable();
  }

  Result<void> value(Operand& operand) {
    operand.place = now().place;
    if (now().kind == Token::Kind::Quoted) {
      operand.kind = Operand::Kind::Literal;
      operand.is_quoted = true;
      operand.text = take().text;
      return {};
    }
    if (now().kind != Token::Kind::Word) return unreadable();
    if (is_word("user") || now().text.starts_with("user.")) return fact(operand);
    if (accept("unknown")) {
      operand.kind = Operand::Kind::Unknown;
      return {};
    }
    if (accept("today")) return today(operand);
    if (is_reserved(now().text)) return unreadable();
    operand.kind = Operand::Kind::Literal;
    operand.text = take().text;
    if (is_number(operand.text) && now().kind == Token::Kind::Word && is_currency_code(now().text)) {
      operand.currency = take().text;
    }
    return {};
  }

  /// `user`, `user.FACT` or, after `in`, the word `unknown`.
  Result<void> fact(Operand& operand) {
    operand.place = now().place;
    if (accept("unknown")) {
      operand.kind = Operand::Kind::Unknown;
      return {};
    }
    if (accept("user")) {
      operand.kind = Operand::Kind::User;
      return {};
    }
    const std::string word = now().kind == Token::Kind::Word ? now().text : std::string();
    if (!word.starts_with("user.") || !is_path(word) || word.find('.', 5) != std::string::npos) {
      return fail("a list is written [a, b], or user.FACT");
    }
    operand.kind = Operand::Kind::Fact;
    operand.text = take().text.substr(5);
    return {};
  }

  Result<void> today(Operand& operand) {
    operand.kind = Operand::Kind::Today;
    if (!is_word("+") && !is_word("-")) return {};
    const bool is_minus = take().text == "-";
    TALON_TRY(operand.days, days());
    if (is_minus) operand.days = -operand.days;
    return {};
  }

  /// `N days`.
  Result<int64_t> days() {
    int64_t count = -1;
    const std::string& word = now().text;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
    if (error != std::errc() || end != word.data() + word.size() || count < 0 || count > kDaysMax) {
      return fail("here a number of days is expected, at most " + std::to_string(kDaysMax));
    }
    ++at_;
    if (!accept("days") && !accept("day")) return fail("after the number comes the word \"days\"");
    return count;
  }

  Result<void> list(Operand& operand) {
    operand.kind = Operand::Kind::List;
    operand.place = take().place;
    do {
      if (now().kind != Token::Kind::Word && now().kind != Token::Kind::Quoted) {
        return fail("here a value of the list is missing; a list is written [a, b]");
      }
      const bool may_be_amount = now().kind == Token::Kind::Word && is_number(now().text);
      std::string item = take().text;
      if (may_be_amount && now().kind == Token::Kind::Word && is_currency_code(now().text)) {
        item += " " + take().text;
      }
      operand.texts.push_back(std::move(item));
    } while (accept_symbol(","));
    if (!accept_symbol("]")) return fail("here the list's closing bracket is missing");
    return {};
  }

  Result<void> end() {
    if (now().kind == Token::Kind::End) return {};
    if (now().kind == Token::Kind::Symbol && is_bracket(now().text[0])) {
      return fail("\"" + now().text + "\" is too much here");
    }
    return fail(
        "\"" + shorten(now().text) +
        "\" is too much here: join conditions by \"and\" or \"or\", put a text with spaces in quotes");
  }

  const Token& now(std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : tokens_.back();
  }
  /// The token here, and goes on.
  const Token& take() { return at_ + 1 < tokens_.size() ? tokens_[at_++] : tokens_.back(); }
  bool is_word(std::string_view word, std::size_t ahead = 0) const {
    return now(ahead).kind == Token::Kind::Word && now(ahead).text == word;
  }
  bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
    return now(ahead).kind == Token::Kind::Symbol && now(ahead).text == symbol;
  }
  bool accept(std::string_view word) {
    const bool is_here = is_word(word);
    if (is_here) ++at_;
    return is_here;
  }
  bool accept_symbol(std::string_view symbol) {
    const bool is_here = is_symbol(symbol);
    if (is_here) ++at_;
    return is_here;
  }
  static Expression leaf(Expression::Kind kind, Place place) {
    Expression expression;
    expression.kind = kind;
    expression.place = place;
    return expression;
  }
  /// At most 60 bytes, cut between characters.
  static std::string shorten(std::string_view text) {
    std::size_t length = std::min<std::size_t>(text.size(), 60);
    while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
      --length;
    return std::string(text.substr(0, length)) + (length < text.size() ? "…" : "");
  }
  Error fail(const std::string& message) const { return parse_error(now().place, message); }
  Error unreadable() const {
    return parse_error(start_, "cannot read \"" + shorten(text_) +
                                   "\". A condition is: field, comparison, value, as in \"state is draft\"");
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  int comparisons_ = 0;
  Place start_ = {1, 1};  // of the comparison that is being read
};

}  // namespace talon::expression::detail
