/// Words, dates, switches and condition lines out of document nodes.
#include "node_reader.hpp"

#include <talon/expression/parse.hpp>

namespace talon::access {

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = model::nearest(word, known);
  return near.empty() ? std::string() : ". Did you mean \"" + near + "\"?";
}

void NodeReader::mistake(Place place, std::string message) const {
  mistakes_.push_back({file_, place, std::move(message)});
}

Word NodeReader::scalar(const Node& node, std::string_view what) const {
  if (!node.is_scalar()) mistake(node.place, "expected " + std::string(what));
  return word(node);
}

std::vector<Word> NodeReader::words(const Node& node, std::string_view what) const {
  std::vector<Word> words;
  if (!node.is_sequence()) return {scalar(node, what)};
  for (const Node& item : node.items) words.push_back(scalar(item, what));
  return words;
}

bool NodeReader::is_map(const Node& node, std::string_view what) const {
  if (node.kind == Node::Kind::Null) return false;
  if (!node.is_map()) mistake(node.place, "expected " + std::string(what));
  return node.is_map();
}

bool NodeReader::is_entry(const Node& node, std::string_view what) const {
  if (node.kind == Node::Kind::Null) mistake(node.place, "an empty entry; expected " + std::string(what));
  return is_map(node, what);
}

bool NodeReader::is_sequence(const Node& node, std::string_view what) const {
  if (node.kind == Node::Kind::Null) return false;
  if (!node.is_sequence()) mistake(node.place, "expected " + std::string(what));
  return node.is_sequence();
}

bool NodeReader::boolean(const Node& node, bool otherwise) const {
  const std::string& text = node.text;
  if (text == "yes" || text == "on" || text == "true") return true;
  if (text == "no" || text == "off" || text == "false") return false;
  mistake(node.place, "expected yes or no");
  return otherwise;
}

std::optional<Date> NodeReader::date(const Node& node) const {
  const auto date = Date::parse(node.text);
  if (date) return *date;
  mistake(node.place, date.error().message);
  return std::nullopt;
}

void NodeReader::unknown_word(const Node& key, const std::vector<std::string>& known) const {
  const std::string near = suggestion(key.text, known);
  std::string expected;
  if (near.empty()) {
    for (const std::string& one : known) expected += (expected.empty() ? "; expected one of " : ", ") + one;
  }
  mistake(key.place, "unknown word \"" + key.text + "\"" + (near.empty() ? expected : near));
}

expression::Expression NodeReader::lines(const Node& node) const {
  if (node.is_sequence() && node.items.empty()) {
    mistake(node.place, "names no condition; leave it out for every record");
  }
  return all_of(node);
}

expression::Expression NodeReader::all_of(const Node& node) const {
  expression::Expression all;
  all.place = node.place;
  if (!node.is_sequence()) {
    all.children.push_back(line(node));
  } else {
    for (const Node& item : node.items) all.children.push_back(line(item));
  }
  all.kind = all.children.empty() ? expression::Expression::Kind::Always : expression::Expression::Kind::All;
  return all;
}

expression::Expression NodeReader::line(const Node& node) const {
  if (node.is_map()) return block(node);
  if (!node.is_scalar()) {
    mistake(node.place, "expected a condition: field, comparison, value, as in \"state is draft\"");
    return {};
  }
  auto parsed = expression::parse_line(node.text, node.place);
  if (parsed) return *std::move(parsed);
  // The parser knows the column inside the line where it gave up; a quoted scalar begins one column later.
  Place place = node.place;
  if (const auto details = Json::parse(parsed.error().details); details && !details->items().empty()) {
    place.line = static_cast<uint32_t>(details->items()[0]["line"].integer(place.line));
    place.column = static_cast<uint32_t>(details->items()[0]["column"].integer(place.column));
  }
  mistake(place, parsed.error().message);
  return {};
}

expression::Expression NodeReader::block(const Node& node) const {
  static const std::vector<std::string> kBlocks = {"any", "none", "all"};
  expression::Expression result;
  if (node.entries.size() != 1) {
    mistake(node.place, "expected one block, any: or none:, with its lines below it");
    return result;
  }
  const auto& [key, value] = node.entries[0];
  if (key.text != "any" && key.text != "none" && key.text != "all") {
    unknown_word(key, kBlocks);
    return result;
  }
  result = all_of(value);
  result.place = key.place;
  if (result.children.empty()) {
    mistake(key.place, "the block " + key.text + ": has no lines");
    return {};
  }
  if (key.text == "any") result.kind = expression::Expression::Kind::Any;
  if (key.text == "none") result.kind = expression::Expression::Kind::None;
  return result;
}

}  // namespace talon::access
