/// The reference's reading of condition lines: texts in, one of three truths out.
#include "tests/plugins/reference/values.hpp"

namespace talon::reference {

namespace {

/// "FIELD OP VALUE" cut at the first operator that stands there; longer operators first.
struct Cut {
  std::string path;
  std::string op;
  std::string value;
};

Cut cut(const std::string& text) {
  static const std::vector<std::string> kOps = {"is not empty",
                                                "is empty",
                                                "within last",
                                                "before today",
                                                "after today",
                                                "starts with",
                                                "contains",
                                                "is not",
                                                "not in",
                                                "is",
                                                "in",
                                                "<=",
                                                ">=",
                                                "!=",
                                                "<",
                                                ">",
                                                "="};
  const std::size_t space = text.find(' ');
  const std::string rest = text.substr(space + 1);
  for (const std::string& op : kOps) {
    if (rest == op) return {text.substr(0, space), op, ""};
    if (rest.rfind(op + " ", 0) == 0) return {text.substr(0, space), op, rest.substr(op.size() + 1)};
  }
  std::abort();  // the generator writes no such line
}

std::vector<std::string> items_of(const std::string& list) {
  std::vector<std::string> items;
  std::string item;
  for (const char c : list.substr(1)) {
    if (c == ',' || c == ']') {
      items.push_back(trimmed(item));
      item.clear();
    } else {
      item.push_back(c);
    }
  }
  return items;
}

Truth of(bool is_true) { return is_true ? Truth::Yes : Truth::No; }

}  // namespace

Truth both(Truth a, Truth b) {
  if (a == Truth::No || b == Truth::No) return Truth::No;
  return a == Truth::Maybe || b == Truth::Maybe ? Truth::Maybe : Truth::Yes;
}

Truth opposite(Truth truth) {
  return truth == Truth::Maybe ? truth : truth == Truth::Yes ? Truth::No : Truth::Yes;
}

const Node* Reference::named(const char* part, const std::string& name) const {
  for (const Document& document : documents_) {
    const Node* all = document.root.find(part);
    if (all != nullptr && all->find(name) != nullptr) return all->find(name);
  }
  std::abort();
}

Truth Reference::lines(const Node& node, const Asked& asked) const {
  if (node.is_scalar()) return line(node.text, asked);
  if (node.is_sequence()) {
    Truth all = Truth::Yes;
    for (const Node& item : node.items) all = both(all, lines(item, asked));
    return all;
  }
  const auto& [word, block] = node.entries.front();
  if (word.text == "all") return lines(block, asked);
  // any: one of them; none: not one of them. "none of an unknown is unknown".
  Truth none = Truth::Yes;
  if (!block.is_sequence()) none = opposite(lines(block, asked));
  for (const Node& item : block.items) none = both(none, opposite(lines(item, asked)));
  return word.text == "none" ? none : opposite(none);
}

Truth Reference::line(const std::string& text, const Asked& asked) const {
  if (text.rfind("user has role ", 0) == 0) return of(asked.roles.count(text.substr(14)) > 0);
  if (text.rfind("user has not role ", 0) == 0) return of(asked.roles.count(text.substr(18)) == 0);
  if (text.rfind("is not ", 0) == 0) return opposite(lines(*named("conditions", text.substr(7)), asked));
  if (text.rfind("is ", 0) == 0) return lines(*named("conditions", text.substr(3)), asked);
  const Cut parts = cut(text);
  return compare(parts.path, parts.op, parts.value, asked);
}

const model::Field* Reference::field_at(const std::string& type, const std::string& path) const {
  const model::RecordType* at = model_.find(type);
  const std::size_t dot = path.find('.');
  const model::Field* field = at == nullptr ? nullptr : at->find_field(path.substr(0, dot));
  if (field == nullptr || dot == std::string::npos) return field;
  return field_at(field->to, path.substr(dot + 1));
}

std::optional<std::string> Reference::read(const Record& record, const std::string& path) const {
  const std::size_t dot = path.find('.');
  const std::string own = path.substr(0, dot);
  if (own == "id") return record.id;
  const auto found = record.fields.find(own);
  if (found == record.fields.end()) return std::nullopt;
  if (dot == std::string::npos) return found->second;
  const auto linked = world_.find(found->second);
  return linked == world_.end() ? std::nullopt : read(linked->second, path.substr(dot + 1));
}

Truth Reference::compare(const std::string& path, const std::string& op, const std::string& value,
                         const Asked& asked) const {
  const std::optional<std::string> left = read(asked.record, path);
  if (op == "is empty") return of(!left);
  if (op == "is not empty") return of(left.has_value());
  if (!left) return Truth::Maybe;
  if (op == "before today") return of(*left < asked.today);
  if (op == "after today") return of(*left > asked.today);
  if (op == "within last") {
    const std::string first = day_plus(asked.today, -std::stoi(value));
    return of(*left >= first && *left <= asked.today);
  }
  const model::Field& field = *field_at(asked.record.type, path);
  const bool is_money = field.type == model::FieldType::Money;
  const auto currency_at = [&](const std::string& of_path) {
    const std::size_t dot = of_path.rfind('.');
    const std::string head = dot == std::string::npos ? "" : of_path.substr(0, dot + 1);
    return read(asked.record, head + "currency").value_or("");
  };
  // What stands on the right: some texts, of which amounts end with their currency.
  std::vector<std::string> right;
  bool is_same_currency = false;
  const bool is_list = op == "in" || op == "not in";
  if (value.rfind("user.", 0) == 0) {
    right = fact_of(asked.user, value.substr(5));
    if (right.empty() || (!is_list && right.size() > 1)) return Truth::Maybe;
    if (is_money && right.front().find(' ') == std::string::npos) right.front() += " EUR";
  } else if (value == "user") {
    right = {asked.user.id};
  } else if (is_list) {
    right = items_of(value);
  } else if (value == "today") {
    right = {asked.today};
  } else if (value.rfind("today ", 0) == 0) {
    const int days = std::stoi(value.substr(8));
    right = {day_plus(asked.today, value[6] == '-' ? -days : days)};
  } else if (field_at(asked.record.type, value) != nullptr) {
    const std::optional<std::string> other = read(asked.record, value);
    if (!other) return Truth::Maybe;
    right = {*other};
    // Two amounts of one record have one currency, whether it is written or not.
    if (is_money) is_same_currency = true;
  } else {
    right = {value};
  }
  if (is_list) {
    bool is_in = false;
    for (const std::string& item : right) is_in = is_in || order(*left, item, field.type) == 0;
    return of(is_in == (op == "in"));
  }
  std::string wanted = right.front();
  if (is_money && !is_same_currency) {
    const std::size_t space = wanted.find(' ');
    const std::string currency = wanted.substr(space + 1);
    if (currency.empty() || currency != currency_at(path)) return Truth::Maybe;
    wanted.resize(space);
  }
  if (op == "starts with") return of(left->rfind(wanted, 0) == 0);
  if (op == "contains") return of(left->find(wanted) != std::string::npos);
  const int sign = order(*left, wanted, field.type);
  if (op == "is" || op == "=") return of(sign == 0);
  if (op == "is not" || op == "!=") return of(sign != 0);
  if (op == "<") return of(sign < 0);
  if (op == "<=") return of(sign <= 0);
  return op == ">" ? of(sign > 0) : of(sign >= 0);
}

}  // namespace talon::reference
