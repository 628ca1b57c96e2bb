/// Records and their columns out of a JSON answer, with simdjson on demand: digits stay as the peer wrote
/// them.
#include "json_records.hpp"

#include <simdjson.h>

#include <cctype>
#include <charconv>

namespace talon::http_connector {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

/// Throws simdjson_error, as everything of simdjson here does; `read` and `scalar_at` catch it.
std::optional<std::string> text_of(ondemand::value value) {
  switch (ondemand::json_type(value.type())) {
    case ondemand::json_type::null:
      return std::nullopt;
    case ondemand::json_type::string:
      return std::string(std::string_view(value.get_string()));
    case ondemand::json_type::object:
      return std::string(trimmed(ondemand::object(value.get_object()).raw_json()));
    case ondemand::json_type::array:
      return std::string(trimmed(ondemand::array(value.get_array()).raw_json()));
    default:
      return std::string(trimmed(value.raw_json_token()));
  }
}

/// The value at `steps` from `value`; false: it is not there.
bool descend(ondemand::value& value, const std::vector<Path::Step>& steps) {
  for (const Path::Step& step : steps) {
    auto next = step.key.empty() ? value.at(step.index) : value.find_field_unordered(step.key);
    if (next.error() == simdjson::NO_SUCH_FIELD || next.error() == simdjson::INDEX_OUT_OF_BOUNDS ||
        next.error() == simdjson::INCORRECT_TYPE) {
      return false;
    }
    value = next.value();
  }
  return true;
}

Error not_json(const simdjson::simdjson_error& failure) {
  return invalid(std::string("the answer is not the JSON that was expected: ") + failure.what());
}

}  // namespace

Result<Path> parse_path(std::string_view text) {
  const auto bad = [&] {
    return invalid("\"" + std::string(text) +
                   "\" is not a path, as in $.results[*], $.properties.email or $.tags[0]");
  };
  if (text.empty() || text.front() != '$') return bad();
  Path path;
  std::size_t at = 1;
  while (at < text.size()) {
    if (path.is_every) return bad();
    if (text[at] == '.') {
      const std::size_t end = std::min(text.find_first_of(".[", at + 1), text.size());
      if (end == at + 1) return bad();
      path.steps.push_back({std::string(text.substr(at + 1, end - at - 1)), 0});
      at = end;
      continue;
    }
    const std::size_t end = text.find(']', at);
    if (text[at] != '[' || end == std::string_view::npos) return bad();
    const std::string_view inside = text.substr(at + 1, end - at - 1);
    if (inside == "*") {
      path.is_every = true;
    } else {
      std::size_t index = 0;
      const auto [stop, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
      if (error != std::errc() || stop != inside.data() + inside.size()) return bad();
      path.steps.push_back({"", index});
    }
    at = end + 1;
  }
  return path;
}

Result<RecordReader> RecordReader::make(std::string_view records, const std::vector<std::string>& columns) {
  RecordReader reader;
  TALON_TRY(reader.records_, parse_path(records));
  reader.width_ = columns.size();
  for (std::size_t column = 0; column < columns.size(); ++column) {
    TALON_TRY(const Path path, parse_path(columns[column]));
    std::size_t at = 0;
    for (const Path::Step& step : path.steps) {
      std::size_t next = 0;
      for (const auto& [known, child] : reader.nodes_[at].children) {
        if (known == step) next = child;
      }
      if (next == 0) {
        next = reader.nodes_.size();
        reader.nodes_.emplace_back();
        reader.nodes_[at].children.emplace_back(step, next);
      }
      at = next;
    }
    reader.nodes_[at].columns.push_back(column);
  }
  return reader;
}

/// One record's walk.
class RecordReader::Walk {
 public:
  explicit Walk(const RecordReader& reader)
      : reader_(reader), texts_(reader.width_), cells_(reader.width_), present_(reader.width_) {}

  const std::vector<bool>& present() const { return present_; }

  Row row(ondemand::value record) {
    for (auto& text : texts_) text.reset();
    visit(record, 0);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      cells_[i] = texts_[i] ? Cell(std::string_view(*texts_[i])) : Cell();
    }
    return Row(cells_.data(), cells_.size());
  }

 private:
  void visit(ondemand::value value, std::size_t at) {
    const Node& node = reader_.nodes_[at];
    if (!node.columns.empty()) {
      const std::optional<std::string> text = text_of(value);
      for (const std::size_t column : node.columns) {
        texts_[column] = text;
        present_[column] = true;
      }
      if (node.children.empty() || !text || (text->front() != '{' && text->front() != '[')) return;
      const simdjson::padded_string copy(*text);  // a column and its parts are both wanted: walk a copy
      ondemand::parser parser;
      ondemand::document document = parser.iterate(copy);
      visit_children(document.get_value(), node);
      return;
    }
    visit_children(value, node);
  }
  void visit_children(ondemand::value value, const Node& node) {
    const ondemand::json_type type = value.type();
    if (type == ondemand::json_type::object) {
      for (ondemand::field field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        for (const auto& [step, child] : node.children) {
          if (step.key == key) {
            visit(field.value(), child);
            break;
          }
        }
      }
    } else if (type == ondemand::json_type::array) {
      std::size_t index = 0;
      for (ondemand::value item : value.get_array()) {
        for (const auto& [step, child] : node.children) {
          if (step.key.empty() && step.index == index) {
            visit(item, child);
            break;
          }
        }
        ++index;
      }
    }
  }

  const RecordReader& reader_;
  std::vector<std::optional<std::string>> texts_;
  std::vector<Cell> cells_;
  std::vector<bool> present_;
};

Result<std::size_t> RecordReader::read(std::string_view body, const SourceSession::TakeRow& take,
                                       std::vector<bool>& present) const {
  try {
    const simdjson::padded_string padded(body);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(padded);
    ondemand::value at = document.get_value();
    if (!descend(at, records_.steps))
      return invalid("the answer has no list at the mapping's `records:` path");
    Walk walk(*this);
    if (!records_.is_every) {
      TALON_DO(take(walk.row(at)));
      present = walk.present();
      return std::size_t{1};
    }
    std::size_t count = 0;
    for (ondemand::value record : at.get_array()) {
      TALON_DO(take(walk.row(record)));
      ++count;
    }
    present = walk.present();
    return count;
  } catch (const simdjson::simdjson_error& failure) {
    return not_json(failure);
  }
}

Result<std::optional<std::string>> scalar_at(std::string_view body, const Path& path) {
  try {
    const simdjson::padded_string padded(body);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(padded);
    ondemand::value at = document.get_value();
    if (!descend(at, path.steps)) return std::optional<std::string>();
    return text_of(at);
  } catch (const simdjson::simdjson_error& failure) {
    return not_json(failure);
  }
}

}  // namespace talon::http_connector
