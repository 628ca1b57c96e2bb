/// Builds trees from yaml-cpp's events: its own tree would let duplicate keys pass and read `no` as false.
#include "host/config/yaml.hpp"

#include "host/config/text.hpp"
#include "host/config/yaml_quick.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <istream>
#include <streambuf>
#include <tuple>
#include <unordered_map>

namespace talon::config {

namespace {

constexpr std::size_t kMistakesMax = 100;  // of one file: more would not be read by anyone

/// Ends the reading from inside yaml-cpp; the mistake was noted.
struct Stop {};

/// A stream over borrowed text.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin =
        const_cast<char*>(text.data());  // streambuf takes no const; nothing is ever put back into it
    setg(begin, begin, begin + text.size());
  }
};

/// Turns yaml-cpp's marks (0-based, columns in bytes) into places (1-based, columns in code points).
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\n') starts_.push_back(at + 1);
    }
  }
  Place at(const YAML::Mark& mark) {
    const auto line = static_cast<std::size_t>(std::max(mark.line, 0));
    const auto column = static_cast<std::size_t>(std::max(mark.column, 0));
    if (line != line_ || column < column_) {
      line_ = line;
      column_ = points_ = 0;
    }
    if (line < starts_.size()) {
      // Counts on from the last mark: a line may be the whole file, and marks come in order.
      const std::string_view before = text_.substr(starts_[line]).substr(0, column);
      points_ += count_code_points(before.substr(column_));
      column_ = before.size();
    }
    return {static_cast<uint32_t>(line + 1), static_cast<uint32_t>(points_ + 1)};
  }
  /// The text from `mark` to the end.
  std::string_view from(const YAML::Mark& mark) const {
    const auto line = static_cast<std::size_t>(std::max(mark.line, 0));
    const std::size_t start = line < starts_.size() ? starts_[line] : text_.size();
    return text_.substr(std::min(start + static_cast<std::size_t>(std::max(mark.column, 0)), text_.size()));
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;  ///< of lines, in bytes
  std::size_t line_ = 0;             ///< of the last mark
  std::size_t column_ = 0;           ///< of the last mark, in bytes
  std::size_t points_ = 0;           ///< of the last mark, in code points
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(Document& document, Mistakes& mistakes, Places& places)
      : document_(document), mistakes_(mistakes), places_(places) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (has_document_) stop(mark, "a second document starts here; a file holds one");
    has_document_ = true;
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    mistake(mark,
            "anchor &" + name.substr(0, 40) + ": anchors and aliases are not read; write the value out");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    mistake(mark, "aliases are not read; write the value out");
    take(Node{.place = places_.at(mark)});
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    take(Node{.place = places_.at(mark)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    last_scalar_ = mark;
    Node node{.kind = Node::Kind::Scalar, .place = places_.at(mark), .text = value};
    node.is_quoted = tag == "!";
    if (tag == "!secret") {
      node.tag = tag;
      if (value.empty()) mistake(mark, "!secret names a secret, as in !secret smtp_password");
    } else if (!tag.empty() && tag != "?" && tag != "!") {
      refuse_tag(mark, tag);
    }
    take(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, Node::Kind::Sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, Node::Kind::Map);
  }
  void OnMapEnd() override { close(); }

  /// yaml-cpp takes a quote that is never closed for one that ends with the file.
  void check_last_quote() {
    std::string_view rest = places_.from(last_scalar_);
    if (rest.starts_with('!')) rest.remove_prefix(std::min(rest.find(' '), rest.size()));
    rest.remove_prefix(std::min(rest.find_first_not_of(" \r\n"), rest.size()));
    if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return;
    const char quote = rest[0];
    for (std::size_t at = 1; at < rest.size(); ++at) {
      if (rest[at] == '\\' && quote == '"') {
        ++at;
      } else if (rest[at] == quote) {
        if (quote == '"' || at + 1 == rest.size() || rest[at + 1] != quote) return;
        ++at;
      }
    }
    mistake(last_scalar_, "the quote that opens here is never closed");
  }

 private:
  struct Frame {
    Node node;
    Node key;
    bool has_key = false;
    bool is_key_refused = false;
    std::unordered_map<std::string, uint32_t> lines;  ///< of the keys that were read
  };

  void mistake(const YAML::Mark& mark, std::string message) {
    mistakes_.push_back({document_.file, places_.at(mark), std::move(message)});
    if (++count_ >= kMistakesMax) throw Stop{};
  }
  [[noreturn]] void stop(const YAML::Mark& mark, std::string message) {
    mistakes_.push_back({document_.file, places_.at(mark), std::move(message)});
    throw Stop{};
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    mistake(mark, "tag " + in_quotes(tag) + " is not known; the one tag is !secret NAME");
  }

  void open(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
    if (frames_.size() == static_cast<std::size_t>(kYamlDepthMax)) {
      stop(mark, "nested deeper than " + std::to_string(kYamlDepthMax) + " levels");
    }
    if (tag == "!secret" || (!tag.empty() && tag != "?" && tag != "!")) refuse_tag(mark, tag);
    frames_.emplace_back().node = Node{.kind = kind, .place = places_.at(mark)};
  }
  void close() {
    Node node = std::move(frames_.back().node);
    frames_.pop_back();
    take(std::move(node));
  }
  /// Gives a finished node to the map or sequence that it stands in.
  void take(Node node) {
    if (frames_.empty()) {
      document_.root = std::move(node);
    } else if (Frame& frame = frames_.back(); frame.node.kind == Node::Kind::Sequence) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      take_key(frame, std::move(node));
    } else {
      if (!frame.is_key_refused) frame.node.entries.emplace_back(std::move(frame.key), std::move(node));
      frame.has_key = false;
    }
  }
  void take_key(Frame& frame, Node key) {
    frame.has_key = true;
    frame.is_key_refused = true;
    const Place place = key.place;
    const auto refuse = [&](std::string message) {
      mistakes_.push_back({document_.file, place, std::move(message)});
      if (++count_ >= kMistakesMax) throw Stop{};
    };
    if (!key.is_scalar() || !key.tag.empty()) return refuse("a key is one word or quoted text");
    if (key.text == "<<" && !key.is_quoted) return refuse("merge keys are not read; write the entries out");
    const auto [first, is_new] = frame.lines.try_emplace(key.text, key.place.line);
    if (!is_new) {
      return refuse("key " + in_quotes(key.text) + " stands twice; first on line " +
                    std::to_string(first->second));
    }
    frame.is_key_refused = false;
    frame.key = std::move(key);
  }

  Document& document_;
  Mistakes& mistakes_;
  Places& places_;
  std::vector<Frame> frames_;
  YAML::Mark last_scalar_;
  std::size_t count_ = 0;
  bool has_document_ = false;
};

Place place_of(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
          static_cast<uint32_t>(count_code_points(before.substr(start)) + 1)};
}

/// What yaml-cpp does not refuse or says badly. @return false: do not even parse it.
bool check_bytes(std::string_view text, const std::string& file, Mistakes& mistakes) {
  const std::size_t before = mistakes.size();
  const auto mistake = [&](std::size_t at, std::string message) {
    mistakes.push_back({file, place_of(text, at), std::move(message)});
  };
  if (text.size() > kYamlBytesMax) {
    mistakes.push_back(
        {file, {1, 1}, "the file has " + std::to_string(text.size()) + " bytes; at most 1 MiB is read"});
    return false;
  }
  if (const auto at = find_bad_utf8(text)) {
    mistake(*at, "the file is not UTF-8 here; save it as UTF-8");
    return false;
  }
  if (const auto at = find_control_character(text)) mistake(*at, "control character");
  bool is_content = false;
  for (std::size_t at = 0; at < text.size() && mistakes.size() - before < kMistakesMax;) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t first = text.find_first_not_of(" ", at);
    if (first < end) {
      const bool is_blank = text.substr(at, end - at).find_first_not_of(" \t\r") == std::string_view::npos;
      if (text[first] == '\t' && !is_blank) mistake(first, "a tab in the indentation; indent with spaces");
      if (!is_content && text[first] == '%') mistake(first, "directives are not read");
      is_content = is_content || !(is_blank || text[first] == '#');
    }
    at = end + 1;
  }
  return mistakes.size() == before;
}

/// yaml-cpp's words with what a person can do about it.
std::string explained(const std::string& message) {
  static constexpr std::array<std::array<std::string_view, 2>, 5> kHints = {{
      {"illegal map value",
       "a second \": \" on one line, or a line indented deeper than its neighbours? Text with \": \" in it "
       "goes in quotes"},
      {"end of map not found", "is this line indented as its neighbours are, and has each entry its \": \"?"},
      {"end of sequence not found", "is this line indented as its neighbours are?"},
      {"end of map flow not found", "a closing } is missing"},
      {"end of sequence flow not found", "a closing ] is missing"},
  }};
  for (const auto& [words, hint] : kHints) {
    if (message == words) return "YAML: " + message + ". " + std::string(hint);
  }
  return "YAML: " + message;
}

}  // namespace

Document read_yaml_text(std::string_view text, std::string file, Mistakes& mistakes) {
  Document document{.file = std::move(file), .root = Node{.place = {1, 1}}};
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // some editors' mark of UTF-8
  if (!check_bytes(text, document.file, mistakes)) return document;
  if (std::optional<Node> root = read_yaml_quickly(text)) {
    document.root = *std::move(root);
    return document;
  }
  return read_yaml_slowly(text, std::move(document), mistakes);
}

Document read_yaml_slowly(std::string_view text, Document document, Mistakes& mistakes) {
  Places places(text);
  TreeBuilder builder(document, mistakes, places);
  const auto broken = [&](const YAML::Mark& mark, const std::string& message) {
    mistakes.push_back({document.file, places.at(mark), explained(message)});
  };
  try {
    TextBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
    builder.check_last_quote();
  } catch (const Stop&) {  // the mistake that ended the reading was noted where it was met
    return document;
  } catch (const YAML::Exception& exception) {
    broken(exception.mark, exception.msg);
  }
  return document;
}

Result<Document> read_yaml_text(std::string_view text, std::string file) {
  Mistakes mistakes;
  Document document = read_yaml_text(text, std::move(file), mistakes);
  if (!mistakes.empty()) return mistakes_error(std::move(mistakes));
  return document;
}

std::string to_lines(Mistakes mistakes) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.file, a.place.line, a.place.column) < std::tie(b.file, b.place.line, b.place.column);
  });
  std::string lines;
  for (const Mistake& mistake : mistakes) lines += (lines.empty() ? "" : "\n") + mistake.to_string();
  return lines;
}

Error mistakes_error(Mistakes mistakes) {
  std::string details = write_mistakes(mistakes);
  return {Code::InvalidArgument, to_lines(std::move(mistakes)), std::move(details)};
}

}  // namespace talon::config
