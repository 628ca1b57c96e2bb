/// Writing checked conditions down field by field, and reading them back.
#include "host/gate/residuals.hpp"

#include <string_view>
#include <utility>

namespace talon::gate {

namespace {

using expression::Expression;
using expression::Operand;

constexpr std::size_t kPackedMin = 64;  // fewer take little room as they are

class PackWriter {
 public:
  explicit PackWriter(std::string& out) : out_(out) {}

  /// Seven bits a byte, least first.
  void number(uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out_.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
    out_.push_back(static_cast<char>(value));
  }
  void text(std::string_view text) {
    number(text.size());
    out_ += text;
  }
  void value(const Value& value) {
    const int kind = value.is_integer() ? 1 : value.is_text() ? 2 : value.is_bytes() ? 3 : 0;
    number(static_cast<uint64_t>(kind));
    if (kind == 1) {
      number(static_cast<uint64_t>(value.integer()));
    } else if (kind != 0) {
      text(value.text());
    }
  }
  void operand(const Operand& operand) {
    number(static_cast<uint64_t>(operand.kind));
    text(operand.text);
    number((operand.is_quoted ? 1U : 0U) | (operand.is_day ? 2U : 0U));
    number(operand.texts.size());
    for (const std::string& each : operand.texts) text(each);
    text(operand.currency);
    number(static_cast<uint64_t>(operand.days));
    number(operand.values.size());
    for (const Value& each : operand.values) value(each);
    text(operand.currency_path);
  }
  void tree(const Expression& tree) {
    number(static_cast<uint64_t>(tree.kind));
    number(tree.children.size());
    for (const Expression& child : tree.children) this->tree(child);
    const bool has_words = tree.kind == Expression::Kind::Compare || tree.kind == Expression::Kind::Named ||
                           tree.kind == Expression::Kind::HasRole;
    if (!has_words) return;
    text(tree.path);
    number(tree.is_negated ? 1 : 0);
    number(static_cast<uint64_t>(tree.op));
    operand(tree.operand);
    number(static_cast<uint64_t>(tree.type));
    number(static_cast<uint64_t>(tree.scale));
    text(tree.prefix);
    text(tree.currency_path);
  }

 private:
  std::string& out_;
};

/// Reads what PackWriter wrote, and nothing else.
class PackReader {
 public:
  PackReader(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  uint64_t number() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
  }
  std::string text() {
    const auto size = static_cast<std::size_t>(number());
    at_ += size;
    return std::string(bytes_.substr(at_ - size, size));
  }
  Value value() {
    switch (number()) {
      case 1:
        return Value(static_cast<int64_t>(number()));
      case 2:
        return Value(text());
      case 3:
        return Value(Value::Bytes{text()});
      default:
        return Value();
    }
  }
  Operand operand() {
    Operand operand;
    operand.kind = static_cast<Operand::Kind>(number());
    operand.text = text();
    const uint64_t flags = number();
    operand.is_quoted = (flags & 1U) != 0;
    operand.is_day = (flags & 2U) != 0;
    operand.texts.resize(static_cast<std::size_t>(number()));
    for (std::string& each : operand.texts) each = text();
    operand.currency = text();
    operand.days = static_cast<int64_t>(number());
    operand.values.resize(static_cast<std::size_t>(number()));
    for (Value& each : operand.values) each = value();
    operand.currency_path = text();
    return operand;
  }
  Expression tree() {
    Expression tree;
    tree.kind = static_cast<Expression::Kind>(number());
    tree.children.resize(static_cast<std::size_t>(number()));
    for (Expression& child : tree.children) child = this->tree();
    const bool has_words = tree.kind == Expression::Kind::Compare || tree.kind == Expression::Kind::Named ||
                           tree.kind == Expression::Kind::HasRole;
    if (!has_words) return tree;
    tree.path = text();
    tree.is_negated = number() != 0;
    tree.op = static_cast<expression::Operator>(number());
    tree.operand = operand();
    tree.type = static_cast<model::FieldType>(number());
    tree.scale = static_cast<int>(number());
    tree.prefix = text();
    tree.currency_path = text();
    return tree;
  }

 private:
  std::string_view bytes_;
  std::size_t at_;
};

}  // namespace

void Residuals::add(Residual residual) {
  has_always_ = has_always_ || expression::is_always(residual.where);
  are_all_never_ = are_all_never_ && expression::is_never(residual.where);
  if (size() + 1 < kPackedMin) return few_.push_back(std::move(residual));
  for (const Residual& earlier : few_) pack(earlier);
  std::vector<Residual>().swap(few_);
  pack(residual);
}

void Residuals::shrink_to_fit() {
  few_.shrink_to_fit();
  bytes_.shrink_to_fit();
  starts_.shrink_to_fit();
}

std::vector<Residual> Residuals::all() const {
  std::vector<Residual> all;
  all.reserve(size());
  each([&](const Residual& residual) { all.push_back(residual); });
  return all;
}

void Residuals::pack(const Residual& residual) {
  starts_.push_back(static_cast<uint32_t>(bytes_.size()));
  PackWriter writer(bytes_);
  writer.text(residual.rule);
  writer.text(residual.place);
  writer.tree(residual.where);
}

Residual Residuals::unpacked(std::size_t place) const {
  PackReader reader(bytes_, starts_[place]);
  Residual residual;
  residual.rule = reader.text();
  residual.place = reader.text();
  residual.where = reader.tree();
  return residual;
}

}  // namespace talon::gate
